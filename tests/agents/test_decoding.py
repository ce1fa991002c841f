"""Decoding in fixed shapes against decoding in the shapes that come; capture against a tape of operations."""

from __future__ import annotations

import copy
import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from step_gym.agents.decoding import CudaGraphs
from step_gym.agents.llm import LLMConfig, LLMPolicy
from step_gym.agents.row_cache import RowCache, bucket
from tests.agents.language_models import Talk, make_llm, make_model, make_tokenizer
from tests.agents.test_llm import plain_logprobs, played

FREE = LLMConfig(reply="action", max_new_tokens=9, list_actions=True)


class Tape(TorchDispatchMode):
    """What a CUDA graph is, on a CPU: operations recorded once, and done again on the very same tensors.

    As in a capture, Python does not run again, no value may be asked for, and nothing comes from outside.
    """

    captures = replays = 0

    def __init__(self) -> None:
        super().__init__()
        self._done: list[tuple[Any, Any, Any, Any]] = []

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        name = str(func)
        if "_local_scalar_dense" in name or "lift_fresh" in name or "nonzero" in name:
            raise RuntimeError(f"{name} during capture")
        result = func(*args, **(kwargs or {}))
        self._done.append((func, args, kwargs or {}, result))
        return result

    def replay(self) -> None:
        Tape.replays += 1
        # What autocast casts was recorded with the rest.
        with torch.autocast("cpu", enabled=False):
            for func, args, kwargs, kept in self._done:
                tensors = filter(torch.is_tensor, tree_leaves((args, kwargs)))
                given = {tensor.untyped_storage().data_ptr() for tensor in tensors}
                for new, old in zip(tree_leaves(func(*args, **kwargs)), tree_leaves(kept), strict=True):
                    if torch.is_tensor(old) and old.untyped_storage().data_ptr() not in given:
                        old.copy_(new)


def tape(work: Callable[[], Tensor]) -> Callable[[], Tensor]:
    """Capture as `CudaGraphs` does."""
    work()
    with Tape() as taped:
        output = work()
    Tape.captures += 1
    # Nothing but the replay may bring about a result.
    output.fill_(torch.nan)

    def replay() -> Tensor:
        taped.replay()
        return output

    return replay


def make(decoding: str, config: LLMConfig | None, **options: Any) -> LLMPolicy:
    """A policy; "tape" decodes in fixed shapes that are captured."""
    policy = make_llm(config, decoding="static" if decoding == "tape" else decoding, **options)
    policy.decoder.capture = tape if decoding == "tape" else None
    return policy


def episodes(policy: LLMPolicy) -> list[tuple[list[int], list[float]]]:
    """Tokens and log-probabilities of episodes of different lengths that end at different times, and others
    that begin meanwhile."""
    talks = [Talk(policy, seed, max_tokens=900) for seed in (0, 0, 1, 2, 3)]
    rows = played(policy, talks, 3)
    rows += played(policy, [talks[4], *talks[1:3]], 2)
    rows += played(policy, [Talk(policy, 8), talks[1], *(Talk(policy, seed) for seed in range(9, 15))], 4)
    rows += played(policy, talks[1:2], 5)
    return [(row.action_ids.tolist(), row.logprobs.tolist()) for row in rows]


@pytest.mark.parametrize("config", [None, FREE], ids=["choose", "action"])
@pytest.mark.parametrize("decoding", ["static", "tape"])
def test_samples_and_logprobs_are_those_of_the_shapes_that_come(
    decoding: str, config: LLMConfig | None
) -> None:
    expected, found = episodes(make("dynamic", config)), episodes(make(decoding, config))
    assert [tokens for tokens, _ in found] == [tokens for tokens, _ in expected]
    for (_, a), (_, b) in zip(found, expected, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-5)


@pytest.mark.parametrize("decoding", ["dynamic", "static", "tape"])
@pytest.mark.parametrize("options", [{}, {"lora_rank": 2}, {"precision": "bfloat16"}], ids=str)
def test_an_update_reaches_every_kept_step(decoding: str, options: dict[str, Any]) -> None:
    policy = make(decoding, FREE, **options)
    # The storage grows now, and not later.
    played(policy, [Talk(policy, seed) for seed in range(5)], 7)
    steps: dict[Any, Any] = {}
    for _ in range(3):
        rows = played(policy, [Talk(policy, seed) for seed in range(3)], 4)
        with torch.autocast("cpu", torch.bfloat16, enabled=policy.precision == "bfloat16"):
            plain = [plain_logprobs(policy, row) for row in rows]
        apart = np.concatenate([np.abs(row.logprobs - p) for row, p in zip(rows, plain, strict=True)])
        assert apart.mean() < 0.02 if "precision" in options else apart.max() < 1e-5
        optimizer = torch.optim.AdamW(policy.parameters(), lr=0.05, fused=True)
        (-policy.logprobs(rows).logprobs.sum()).backward()
        optimizer.step()
        # Weights that changed where they are need no new capture.
        now = dict(policy.decoder._steps)
        assert all(now[shape] is step for shape, step in steps.items())
        steps = now
    assert bool(steps) == (decoding != "dynamic")


def test_weights_that_moved_are_captured_anew() -> None:
    policy = make("tape", FREE)
    played(policy, [Talk(policy, seed) for seed in range(3)], 2)
    for weight in policy.model.parameters():
        weight.data = weight.data * 1.1
    policy.version += 1
    for row in played(policy, [Talk(policy, seed) for seed in range(3)], 3):
        np.testing.assert_allclose(row.logprobs, plain_logprobs(policy, row), atol=1e-5)


def test_few_shapes_are_captured_and_replayed_most_of_the_time() -> None:
    policy = make("tape", LLMConfig(reply="action", max_new_tokens=20))
    talks = [Talk(policy, seed, max_tokens=900) for seed in range(6)]
    played(policy, talks, 6)
    played(policy, [Talk(policy, seed, max_tokens=900) for seed in range(6, 12)], 6)
    captures, replays = Tape.captures, Tape.replays
    played(policy, [Talk(policy, seed, max_tokens=900) for seed in range(12, 18)], 6)
    assert Tape.captures - captures <= 3 and Tape.replays - replays > 60


def test_what_cannot_be_captured_runs_on_with_one_warning() -> None:
    def refuses(work: Callable[[], Tensor]) -> Callable[[], Tensor]:
        raise RuntimeError("operation not permitted when stream is capturing\nmore")

    policy = make("static", FREE)
    policy.decoder.capture = refuses
    with pytest.warns(
        UserWarning, match="cannot be captured as a CUDA graph .operation not permitted"
    ) as seen:
        rows = played(policy, [Talk(policy, seed) for seed in range(3)], 3)
    assert len(seen) == 1 and "\n" not in str(seen[0].message)
    for row in rows:
        np.testing.assert_allclose(row.logprobs, plain_logprobs(policy, row), atol=1e-5)


def test_cuda_graphs_need_cuda() -> None:
    with pytest.raises(ValueError, match="decoding='graph' on cpu: CUDA graphs need a CUDA device"):
        make_llm(decoding="graph")
    assert make_llm().decoding == "dynamic"


@pytest.mark.parametrize("attention", ["eager", "sdpa"])
@pytest.mark.parametrize("decoding", ["dynamic", "static"])
def test_every_attention_sees_the_same(decoding: str, attention: str) -> None:
    tokenizer = make_tokenizer()
    model = make_model(tokenizer)
    model.set_attn_implementation(attention)
    policy = LLMPolicy(model, tokenizer, FREE, decoding=decoding)  # pyright: ignore[reportArgumentType]
    for row in played(policy, [Talk(policy, seed) for seed in range(3)], 4):
        np.testing.assert_allclose(row.logprobs, plain_logprobs(policy, row), atol=1e-5)


def test_attention_without_masks_is_refused() -> None:
    tokenizer = make_tokenizer()
    model = make_model(tokenizer)
    model.config._attn_implementation = "flash_attention_2"
    with pytest.raises(ValueError, match="attn_implementation='flash_attention_2', which takes no mask"):
        LLMPolicy(model, tokenizer)


def test_rounded_weights_compute_what_autocast_computes() -> None:
    policy = make_llm(FREE, precision="bfloat16", lora_rank=2)
    request = Talk(policy, 0).request
    (completion,) = policy.act([request])
    ids = torch.tensor([request.prompt_ids.tolist()])
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        hidden = policy.model.get_base_model().get_decoder()(ids).last_hidden_state[0, -1]
    logits = policy.model.get_base_model().lm_head(hidden)
    first = logits.detach().log_softmax(0)[completion.action_ids[0]]
    # One forward pass of the same shape: nothing may differ but what attention under a mask rounds.
    assert float(first) == pytest.approx(float(completion.logprobs[0]), abs=0.02)


def test_capture_follows_the_steps_of_torchs_notes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Warm-up on a side stream that waits and is waited for, then capture into the pool of the last graph."""
    said: list[str] = []
    current = ["main"]

    class Stream:
        def __init__(self, name: str = "side") -> None:
            self.name = name

        def wait_stream(self, other: Stream) -> None:
            said.append(f"{self.name} waits for {other.name}")

    class Graph:
        def replay(self) -> None:
            said.append("replay")

        def pool(self) -> str:
            return "pool"

    @contextmanager
    def inside(name: str) -> Iterator[None]:
        current.append(name)
        yield
        current.pop()

    def graph(graph: Graph, pool: str | None, capture_error_mode: str) -> Any:
        return inside(f"capture into {pool}")

    for name, value in {
        "Stream": Stream,
        "current_stream": lambda: Stream("main"),
        "stream": lambda stream: inside(stream.name),
        "CUDAGraph": Graph,
        "graph": graph,
    }.items():
        monkeypatch.setattr(torch.cuda, name, value)

    def work() -> Tensor:
        said.append(current[-1])
        return torch.zeros(1)

    graphs = CudaGraphs()
    replay = graphs(work)
    warm_up = ["side waits for main", "side", "side", "side", "main waits for side"]
    assert said == [*warm_up, "capture into None"]
    said.clear()
    assert replay() is replay() and said == ["replay", "replay"]
    said.clear()
    another = graphs(work)
    assert said == [*warm_up, "capture into pool"]
    del replay, another
    gc.collect()
    said.clear()
    graphs(work)
    assert said[-1] == "capture into None", "a pool without a graph is gone"


# -- storage ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [*range(1, 70), 999, 1000, 1024, 1025, 5000])
def test_buckets_are_few_and_tight(number: int) -> None:
    assert number <= bucket(number) <= max(number, 1.25 * number + 1)
    assert bucket(bucket(number)) == bucket(number)
    assert len({bucket(n) for n in range(1025, 2049)}) == 4


def written(cache: RowCache, rows: int, width: int) -> None:
    """Every position of every row gets a number of its own."""
    cache.rows, cache.visible = rows, width
    cache.columns = torch.arange(width).expand(rows, width)
    numbers = torch.arange(rows * width, dtype=torch.float32).reshape(rows, 1, width, 1)
    for layer in range(2):
        cache.update(numbers + 1000 * layer, -numbers, layer)


def test_rows_are_arranged_in_place_and_storage_grows_and_shrinks() -> None:
    cache = RowCache(None, positions=2000)
    assert cache.arrange([0] * 5, [0] * 5, 90)
    written(cache, 5, 90)
    before = [tensor.clone() for pair in cache.stored for tensor in pair]
    places = [tensor.data_ptr() for pair in cache.stored for tensor in pair]
    sources, lengths = [3, 1, 0, 3], [7, 90, 50, 0]
    assert not cache.arrange(sources, lengths, 90)
    now = [tensor for pair in cache.stored for tensor in pair]
    assert [tensor.data_ptr() for tensor in now] == places
    for old, new in zip(before, now, strict=True):
        for row, (source, length) in enumerate(zip(sources, lengths, strict=True)):
            assert torch.equal(new[row, :, :length], old[source, :, :length])
    before = [tensor.clone() for tensor in now]
    assert cache.arrange([2, 2], [50, 20], 700)
    assert cache.size == (2, 768), "with the rows of before it would be too large"
    for old, (new, _) in zip(before[::2], cache.stored, strict=True):
        assert torch.equal(new[0, :, :50], old[2, :, :50]) and torch.equal(new[1, :, :20], old[2, :, :20])
    assert not cache.arrange([0], [50], 3)


def test_numbers_that_are_not_finite_do_not_outlive_their_weights() -> None:
    policy = make("static", FREE)
    weights = copy.deepcopy(policy.model.state_dict())
    requests = [Talk(policy, seed).request for seed in range(2)]
    with torch.no_grad():
        policy.model.model.layers[0].self_attn.v_proj.weight.fill_(torch.inf)
    for greedy in (True, False):
        acted = policy.act(requests, greedy=greedy)
        assert not np.isfinite(np.concatenate([completion.logprobs for completion in acted])).any()
    policy.model.load_state_dict(weights)
    for row in played(policy, [Talk(policy, seed) for seed in range(2)], 2):
        np.testing.assert_allclose(row.logprobs, plain_logprobs(policy, row), atol=1e-5)
