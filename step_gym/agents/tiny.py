"""The embedded policy: a Llama of under a million parameters with its own tokenizer that picks candidates.

Log-probabilities are exact: at each token of the candidates' trie the softmax runs over the allowed tokens,
at temperature 1, in acting and in training.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from transformers import LlamaConfig, LlamaForCausalLM

from step_gym.agents.llama import Context, extend, read_prompts
from step_gym.agents.policy import Precision, Request, RowLogprobs, TrainRow
from step_gym.agents.policy_folder import SavedPolicy, check_model_config, read_policy, write_policy
from step_gym.agents.sampling import (
    AllowedTokens,
    Choices,
    Distinct,
    Draft,
    SamplingState,
    chunks,
    draw_tokens,
    padded,
    request_seeds,
)
from step_gym.agents.tokenizer import TinyTokenizer
from step_gym.agents.trie import TrieCache
from step_gym.wrappers.completion import Completion

_MODEL_CONFIG = (
    *("model_type", "vocab_size", "hidden_size", "intermediate_size"),
    *("num_hidden_layers", "num_attention_heads", "num_key_value_heads"),
)
"""What the `config.json` of a saved network must say."""


@dataclass(frozen=True, slots=True)
class TinyConfig:
    """Size of the network; the defaults make 0.7 million parameters with 1,024 tokens.

    Attributes:
        hidden_size: Width, a multiple of twice `heads`.
        layers: Number of decoder layers.
        heads: Attention heads.
        intermediate_size: Width inside the SwiGLU MLP.
        max_new_tokens: Longest free reply; actions chosen from candidates have no limit.
    """

    hidden_size: int = 128
    layers: int = 3
    heads: int = 4
    intermediate_size: int = 352
    max_new_tokens: int = 48


def _check_network(model: LlamaForCausalLM, tokenizer: TinyTokenizer) -> None:
    """Raise `ValueError` for what the lean forward pass leaves out."""
    config = model.config
    wanted = {
        "attention_bias": False,
        "mlp_bias": False,
        "hidden_act": "silu",
        "num_key_value_heads": config.num_attention_heads,
    }
    for name, value in wanted.items():
        if getattr(config, name) != value:
            raise ValueError(
                f"the network has {name}={getattr(config, name)!r}, a tiny policy is computed with "
                f"{value!r}: take a network of TinyPolicy.create, or LLMPolicy for any other"
            )
    if config.vocab_size < tokenizer.vocab_size:
        raise ValueError(
            f"the network has {config.vocab_size} embeddings, its tokenizer {tokenizer.vocab_size} tokens: "
            "they do not match"
        )


@dataclass(frozen=True, slots=True)
class TinyPromptFormat:
    """The instruction with an end mark, then each observation with the mark that asks for an action."""

    tokenizer: TinyTokenizer

    def task(self, instruction: str) -> Sequence[int]:
        """Tokens of the instruction and the end mark."""
        return (*self.tokenizer.encode(instruction), self.tokenizer.end_id)

    def observation(
        self, text: str, actions: Sequence[str] | None = None, picture: np.ndarray | None = None
    ) -> Sequence[int]:
        """Tokens of the text and the mark before an action; actions are not listed, pictures not read."""
        return (*self.tokenizer.encode(text), self.tokenizer.act_id)

    @property
    def answer_mark(self) -> Sequence[int]:
        """The mark before an action."""
        return (self.tokenizer.act_id,)


class TinyPolicy(SamplingState):
    """A small causal language model that acts and can be trained.

    Args:
        tokenizer: Its tokenizer.
        model: Its network, without biases, with as many key-value heads as heads and at least as many
            embeddings as the tokenizer has tokens.
        config: Sizes; only `max_new_tokens` is used beyond building the network.
        device: "cpu" or a CUDA device.
        precision: "float32", or "bfloat16" for autocast over float32 weights, which pays on a GPU and on CPUs
            with native bfloat16; "auto" is "bfloat16" on CUDA.
        seed: Seed of the sampling generator.
        batch_tokens: Prompt tokens read at once when acting; bounds memory and keeps the activations near the
            cache.

    Raises:
        ValueError: The network is one that `llama` would compute wrongly.

    Attributes:
        model: The network; weights are float32.
        version: Number of updates behind the weights.
        prompt_format: How instruction and observations become tokens.
        samples_exactly: Acting and training run the same two functions.
        shares_prefixes: Only equal prompts are read once.
    """

    samples_exactly = True
    shares_prefixes = False

    def __init__(
        self,
        tokenizer: TinyTokenizer,
        model: LlamaForCausalLM,
        config: TinyConfig | None = None,
        *,
        device: str | torch.device = "cpu",
        precision: Precision = "float32",
        seed: int = 0,
        batch_tokens: int | None = None,
    ) -> None:
        _check_network(model, tokenizer)
        self.tokenizer = tokenizer
        self.config = config or TinyConfig()
        self.device = torch.device(device)
        self.model = model.eval()
        self.model.to(self.device)  # pyright: ignore[reportArgumentType]
        is_cuda = self.device.type == "cuda"
        self.precision: Precision = precision if precision != "auto" else "bfloat16" if is_cuda else "float32"
        self.version = 0
        self.prompt_format = TinyPromptFormat(tokenizer)
        self._generator = torch.Generator().manual_seed(seed)
        self._batch_tokens = batch_tokens or (4_096 if self.device.type == "cpu" else 262_144)
        self._tries = TrieCache(tokenizer.encode, tokenizer.end_id)
        self._withheld = [tokenizer.pad_id, tokenizer.act_id]

    @classmethod
    def create(
        cls, tokenizer: TinyTokenizer, config: TinyConfig | None = None, *, seed: int = 0, **options: Any
    ) -> TinyPolicy:
        """A policy with fresh weights drawn from `seed`; `options` as in the constructor."""
        config = config or TinyConfig()
        if config.hidden_size % (2 * config.heads):
            raise ValueError(
                f"hidden_size={config.hidden_size} must be a multiple of twice heads={config.heads}"
            )
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            model = LlamaForCausalLM(
                LlamaConfig(
                    vocab_size=tokenizer.vocab_size,
                    hidden_size=config.hidden_size,
                    intermediate_size=config.intermediate_size,
                    num_hidden_layers=config.layers,
                    num_attention_heads=config.heads,
                    num_key_value_heads=config.heads,
                    max_position_embeddings=8_192,
                    initializer_range=config.hidden_size**-0.5,
                    tie_word_embeddings=True,
                    bos_token_id=None,
                    eos_token_id=tokenizer.end_id,
                    pad_token_id=tokenizer.pad_id,
                )
            )
            # At transformers' 0.02, meant for wide models, attention would start uniform, and finding the
            # goal's words in what is seen would take more demonstrations. Residual branches as in GPT-2.
            for name, weight in model.named_parameters():
                if name.endswith(("o_proj.weight", "down_proj.weight")):
                    weight.data.mul_((2 * config.layers) ** -0.5)
        return cls(tokenizer, model, config, seed=seed, **options)

    def encode_action(self, action: str) -> tuple[int, ...]:
        """Tokens of an action with the end mark, as `act` would write them."""
        return (*self.tokenizer.encode(action), self.tokenizer.end_id)

    # -- acting ------------------------------------------------------------------------------------

    def act(self, requests: Sequence[Request], *, greedy: bool = False) -> list[Completion]:
        """One completion per request, in order.

        With candidates the action is one of them; without, it is free text of at most `max_new_tokens`
        tokens. Each request draws one seed from the policy's generator, in order, so what is sampled does not
        depend on how requests are grouped inside. `greedy` takes the most probable token at each step and
        draws nothing. Raises `ValueError` for an empty prompt or candidate list.
        """
        prompts = Distinct()
        drafts: list[Draft] = []
        for index, request in enumerate(requests):
            root = None if request.candidates is None else self._tries(request.candidates).root
            drafts.append(Draft(index, prompts.add(request.prompt_ids), root))
        seeds = None if greedy else request_seeds(self._generator, len(requests))
        lengths = [len(prompt) for prompt in prompts.items]
        waiting = [draft for draft in drafts if not self._finished(draft)]
        waiting.sort(key=lambda draft: (lengths[draft.prompt], draft.prompt))
        with torch.inference_mode(), self._autocast():
            for block in chunks(waiting, lambda draft: lengths[draft.prompt], 16 * self._batch_tokens):
                self._write(block, prompts.items, seeds)
        return [self._completion(request, draft) for request, draft in zip(requests, drafts, strict=True)]

    def _write(self, drafts: list[Draft], prompts: list[np.ndarray], seeds: np.ndarray | None) -> None:
        """Finish drafts sorted by prompt: read their prompts, then choose and read token by token."""
        numbers = list(dict.fromkeys(draft.prompt for draft in drafts))
        parts = chunks([prompts[number] for number in numbers], len, self._batch_tokens)
        read = [read_prompts(self.model, *self._padded(part)) for part in parts]
        hidden, context = torch.cat([states for states, _ in read]), Context.stack([part for _, part in read])
        if len(drafts) > len(numbers):
            place_of = {number: place for place, number in enumerate(numbers)}
            index = torch.tensor([place_of[draft.prompt] for draft in drafts], device=self.device)
            hidden, context = hidden[index], context.select(index)
        contexts = [context]
        choosing = [place for place, draft in enumerate(drafts) if not draft.unread]
        if choosing:
            draw_tokens(self._logits(hidden[choosing]), [drafts[place] for place in choosing], seeds)
        while True:
            going = [place for place, draft in enumerate(drafts) if not self._finished(draft)]
            if not going:
                return
            if 2 * len(going) <= len(drafts):
                index = torch.tensor(going, device=self.device)
                contexts = [context.select(index) for context in contexts]
                drafts = [drafts[place] for place in going]
                going = list(range(len(drafts)))
            ids, lengths = self._padded([draft.unread for draft in drafts])
            states, new = extend(self.model, contexts, ids, lengths)
            contexts = [contexts[0], contexts[1].joined(new) if len(contexts) > 1 else new]
            for draft in drafts:
                draft.unread.clear()
            logits = self._logits(states[going, lengths[going] - 1])
            draw_tokens(logits, [drafts[place] for place in going], seeds)

    def _finished(self, draft: Draft) -> bool:
        return draft.is_finished((self.tokenizer.end_id,), self.config.max_new_tokens)

    def _completion(self, request: Request, draft: Draft) -> Completion:
        if request.candidates is None:
            ended = draft.tokens[-1] == self.tokenizer.end_id
            action = self.tokenizer.decode(draft.tokens[:-1] if ended else draft.tokens)
        else:
            action = self._tries(request.candidates).action(draft.tokens)
        return Completion(
            action,
            prompt_ids=request.prompt_ids,
            action_ids=draft.tokens,
            logprobs=draft.logprobs,
            policy_version=self.version,
        )

    # -- training ----------------------------------------------------------------------------------

    def parameters(self) -> Iterator[torch.nn.Parameter]:
        """The trainable weights."""
        return self.model.parameters()

    def micro_batches(self, rows: Sequence[TrainRow], max_tokens: int) -> Iterator[list[int]]:
        """Indices of rows in groups of similar length, prompts and actions at most `max_tokens` when padded.

        A group has at least one row. Rows with equal prompts come together and count their prompt once,
        because it is read once.
        """
        keys = [(len(row.prompt_ids), np.asarray(row.prompt_ids).tobytes()) for row in rows]
        group: list[int] = []
        prompts = longest = 0
        for index in sorted(range(len(rows)), key=keys.__getitem__):
            action = len(rows[index].action_ids)
            is_new = not group or keys[index] != keys[group[-1]]
            width = max(longest, action)
            if group and (prompts + is_new) * keys[index][0] + (len(group) + 1) * width > max_tokens:
                yield group
                group, prompts, is_new, width = [], 0, True, action
            group.append(index)
            prompts += is_new
            longest = width
        if group:
            yield group

    def logprobs(self, rows: Sequence[TrainRow]) -> RowLogprobs:
        """Log-probabilities of the rows' actions under the present weights and the same masks as in `act`.

        The rows form one batch: equal prompts are read once, and tokens behind an action's last choice are
            not read at all.
        Raises `ValueError` if an action is not in its row's candidates.
        """
        choices = Choices.of(rows, self._allowed)
        if not len(choices):
            return choices.row_logprobs(torch.zeros(0, self.tokenizer.vocab_size, device=self.device))
        prompts = Distinct()
        read_lengths = choices.read_lengths()
        reading = np.flatnonzero(read_lengths >= 0).tolist()
        owner = [prompts.add(rows[i].prompt_ids) for i in reading]
        read = [rows[i].action_ids[: read_lengths[i]] for i in reading]
        places = np.stack((np.searchsorted(reading, choices.rows), choices.places), 1)
        with self._autocast():
            logits = self._logits(self._states(prompts.items, owner, read, places))
        return choices.row_logprobs(logits)

    def _allowed(self, row: TrainRow) -> Sequence[AllowedTokens]:
        if row.candidates is not None:
            return self._tries(row.candidates).allowed(row.action_ids)
        for token in self._withheld:
            if token in row.action_ids:
                raise ValueError(f"token {token} cannot stand in a free reply")
        return [None] * len(row.action_ids)

    def _states(
        self, prompts: list[np.ndarray], owner: list[int], read: list[np.ndarray], choices: np.ndarray
    ) -> Tensor:
        """Hidden states before the choices, [choices, hidden]; `choices` are pairs of row and place."""
        hidden, context = read_prompts(self.model, *self._padded(prompts))
        if owner != list(range(len(prompts))):
            index = torch.tensor(owner, device=self.device)
            hidden, context = hidden.index_select(0, index), context.select(index)
        hidden = hidden[:, None]
        if any(map(len, read)):
            after, _ = extend(self.model, [context], *self._padded(read))
            hidden = torch.cat((hidden, after), 1)
        rows, places = torch.from_numpy(choices).to(self.device).unbind(1)
        return hidden[rows, places]

    # -- shared ------------------------------------------------------------------------------------

    def _logits(self, states: Tensor) -> Tensor:
        """Logits after hidden states, float32[r, vocabulary]; the withheld tokens have probability 0."""
        logits = self.model.lm_head(states).float()
        logits[:, self._withheld] = float("-inf")
        return logits

    def _padded(self, sequences: Sequence[Sequence[int] | np.ndarray]) -> tuple[Tensor, Tensor]:
        """Token sequences as int64[n, longest], padded on the right, and their lengths."""
        return padded(sequences, self.tokenizer.pad_id, self.device)

    def _autocast(self) -> AbstractContextManager[Any]:
        return torch.autocast(self.device.type, torch.bfloat16, enabled=self.precision == "bfloat16")

    # -- state -------------------------------------------------------------------------------------

    def save(self, folder: str | Path) -> None:
        """Write `policy.json` and what transformers reads: config, weights and `tokenizer.json`."""
        folder = Path(folder)
        self.model.save_pretrained(folder)
        self.tokenizer.save(folder)
        write_policy(SavedPolicy(folder, "tiny", self.version, asdict(self.config)))

    @classmethod
    def load(cls, folder: str | Path, **options: Any) -> TinyPolicy:
        """Read what `save` wrote; `options` as in the constructor.

        Raises `ValueError` naming what is missing or wrong.
        """
        saved = read_policy(folder, "tiny")
        try:
            check_model_config(folder, _MODEL_CONFIG)
            tokenizer = TinyTokenizer.load(folder)
            model = LlamaForCausalLM.from_pretrained(folder, dtype=torch.float32, local_files_only=True)
        except Exception as error:  # tokenizers, transformers and safetensors each raise kinds of their own
            reason = " ".join(str(error).split())[:200]
            raise ValueError(f"{folder} is damaged ({reason}): take another checkpoint") from error
        policy = cls(tokenizer, model, saved.config_as(TinyConfig), **options)
        policy.version = saved.version
        return policy
