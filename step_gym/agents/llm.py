"""A pretrained causal language model as a policy: any that transformers loads, whole or with LoRA adapters.

Tokens in, tokens out: what was sampled is kept as it was, and its log-probabilities are of the whole
distribution at temperature 1, or of the candidates' trie. Special tokens are not masked in free replies; an
end mark among them ends the reply. LoRA: Hu et al., arXiv 2106.09685.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from peft import PeftModel
from torch import Tensor, nn
from torch.optim.optimizer import register_optimizer_step_post_hook

from step_gym.agents import packing
from step_gym.agents.decoding import CudaGraphs, Decoder, output_logits
from step_gym.agents.policy import Decoding, Precision, Request, RowLogprobs, TrainRow
from step_gym.agents.policy_folder import SavedPolicy, read_policy, write_policy
from step_gym.agents.pretrained import (
    ActingCopy,
    check,
    compile_layers,
    load_pretrained,
    with_adapters,
    without_dropout,
)
from step_gym.agents.prompt_formats import SYSTEM, Reply, parse_reply, prompt_format
from step_gym.agents.sampling import (
    AllowedTokens,
    Choices,
    Draft,
    SamplingState,
    draw_tokens,
    padded,
    request_seeds,
)
from step_gym.agents.trie import TrieCache
from step_gym.agents.vision import Pictures
from step_gym.wrappers.completion import Completion


class _OptimizerSteps:
    """Steps of all optimizers of the process.

    torch counts the in-place changes of a tensor, but not those that a fused optimizer makes.
    """

    def __init__(self) -> None:
        self.count = 0
        register_optimizer_step_post_hook(self._add)

    def _add(self, *_: Any) -> None:
        self.count += 1


_OPTIMIZER_STEPS = _OptimizerSteps()


@dataclass(frozen=True, slots=True)
class LLMConfig:
    """How a language model is asked; saved with the policy.

    Attributes:
        reply: What it writes: one of the candidates ("choose"), free text with the action inside
            `<action>...</action>` ("action"), or a JSON object ("json"). A free reply ignores candidates.
        list_actions: Whether the prompt lists the admissible actions, where there are any.
        system: What the prompt begins with: a role, and how the world's actions are written.
        max_new_tokens: Longest free reply.
    """

    reply: Reply = "choose"
    list_actions: bool = False
    system: str = SYSTEM
    max_new_tokens: int = 64


class LLMPolicy(SamplingState):
    """A causal language model that acts and can be trained.

    Args:
        model: A causal language model of transformers with float32 weights, whose layers all attend to
            everything before them.
        tokenizer: Its tokenizer; of a model that reads pictures too, its processor.
        config: How it is asked.
        device: "cpu" or a CUDA device.
        precision: "bfloat16" computes in bfloat16 over float32 weights, "auto" does on CUDA.
        lora_rank: Rank of new LoRA adapters on every linear layer, for a model without adapters; 0 adds none,
            and trains all weights.
        gradient_checkpointing: Compute activations again in the backward pass, which saves memory.
        compiled: Compile the layers for training with torch.compile, once for all shapes; takes a minute or
            some at the start. The model's own layers stay compiled.
        decoding: How the tokens of replies are computed: in the shapes that come ("dynamic"), in few fixed
            shapes ("static"), or in those as captured CUDA graphs ("graph"); "auto" is "graph" on CUDA, else
            "dynamic". What is sampled is the same but for rounding.
        seed: Seed of new adapters and of the sampling generator.
        packed: Whether rows that are trained together share their prefixes.
        batch_tokens: Prompt tokens read at once when acting.
        cache_tokens: Positions of keys and values kept at most; requests beyond are answered in blocks.

    Raises:
        ValueError: The model is of a kind whose keys and values cannot be kept this way, or CUDA graphs are
            asked for on another device.

    Attributes:
        model: The model, wrapped by peft if it has adapters.
        version: Number of updates behind the weights.
        prompt_format: How instruction and observations become tokens.
        samples_exactly: False: batches of other shapes round differently.
        shares_prefixes: Whether rows that are trained together share their prefixes.
        pictures: The screenshots of its prompts, for a model that reads pictures.
        decoding: "dynamic", "static" or "graph", what "auto" stands for settled.
    """

    samples_exactly = False

    def __init__(
        self,
        model: Any,
        tokenizer: Any,
        config: LLMConfig | None = None,
        *,
        device: str | torch.device = "cpu",
        precision: Precision = "auto",
        lora_rank: int = 0,
        gradient_checkpointing: bool = False,
        compiled: bool = False,
        decoding: Decoding = "auto",
        seed: int = 0,
        packed: bool = True,
        batch_tokens: int | None = None,
        cache_tokens: int | None = None,
    ) -> None:
        self.config = config or LLMConfig()
        sees = hasattr(tokenizer, "image_processor")
        self._reader = tokenizer
        self.tokenizer = tokenizer.tokenizer if sees else tokenizer
        self.device = torch.device(device)
        if lora_rank and not isinstance(model, PeftModel):
            model = with_adapters(model, lora_rank, seed)
        self.model: Any = model.eval().to(self.device)
        # peft's wrapper only decides whether the adapters act; the layers that hold them are the model's own.
        self._network: Any = model.get_base_model() if isinstance(model, PeftModel) else model
        without_dropout(self._network)
        check(self._network, self.tokenizer)
        self._gradient_checkpointing = gradient_checkpointing
        if gradient_checkpointing:
            # The older name, which transformers 5.17 has, warns in later ones.
            name = "activation_checkpointing_enable"
            enable = getattr(self._network, name, self._network.gradient_checkpointing_enable)
            enable({"use_reentrant": False})
        if compiled:
            compile_layers(self._network)
        is_cuda = self.device.type == "cuda"
        self.precision: Precision = precision if precision != "auto" else "bfloat16" if is_cuda else "float32"
        if is_cuda and self.precision == "bfloat16":
            # What stays in float32 is the output layer, as large as several others; in full float32 it would
            # take longer than all of them. Set for the process, because the backward pass runs elsewhere.
            torch.set_float32_matmul_precision("high")
        self.shares_prefixes = packed
        self._pairs = packing.pairs_per_token(self._network.config.get_text_config().hidden_size)
        self.version = 0
        self.pictures = Pictures(self._network, tokenizer, self.device) if sees else None
        self.prompt_format = prompt_format(
            tokenizer,
            self.config.reply,
            list_actions=self.config.list_actions,
            system=self.config.system,
            picture_tokens=self.pictures.tokens if self.pictures else None,
        )
        self._end_ids = {self.prompt_format.parts.end_id, self.tokenizer.eos_token_id} - {None}
        self._tries = TrieCache(
            lambda action: self.prompt_format.action(action)[:-1], self.prompt_format.parts.end_id
        )
        self._generator = torch.Generator().manual_seed(seed)
        self._batch_tokens = batch_tokens or (2**17 if is_cuda else 2**12)
        self._cache_tokens = cache_tokens or (2**20 if is_cuda else 2**16)
        self.decoding = decoding if decoding != "auto" else "graph" if is_cuda else "dynamic"
        if self.decoding == "graph" and not is_cuda:
            raise ValueError(
                f"decoding='graph' on {device}: CUDA graphs need a CUDA device; 'static' has the same shapes"
            )
        self.decoder = self._new_decoder()
        self._weights: tuple[int, int, int] | None = None
        self._adapters_act = True

    def _new_decoder(self) -> Decoder:
        dtype = torch.bfloat16 if self.precision == "bfloat16" else None
        return Decoder(
            self._network,
            ActingCopy(self._network.get_decoder(), dtype),
            self.device,
            dtype,
            batch_tokens=self._batch_tokens,
            cache_tokens=self._cache_tokens,
            inputs=self._inputs,
            fixed=self.decoding != "dynamic",
            capture=CudaGraphs() if self.decoding == "graph" else None,
        )

    @property
    def has_adapters(self) -> bool:
        """Whether LoRA adapters are trained, and not the model's own weights."""
        return isinstance(self.model, PeftModel)

    @property
    def _pad_id(self) -> int:
        """Any token: what is padding follows from lengths, since the end mark often doubles as padding."""
        return self.prompt_format.parts.end_id

    def encode_action(self, action: str) -> tuple[int, ...]:
        """Tokens of a reply that says this action, with the end mark."""
        return self.prompt_format.action(action)

    # -- acting ------------------------------------------------------------------------------------

    def act(self, requests: Sequence[Request], *, greedy: bool = False) -> list[Completion]:
        """One completion per request, in order.

        Each request draws one seed from the policy's generator, in order. `greedy` takes the most probable
        token at each step and draws nothing. Raises `ValueError` for an empty prompt or candidate list.
        """
        drafts = [
            Draft(index, index, self._tries(candidates).root if candidates is not None else None)
            for index, candidates in enumerate(map(self._candidates, requests))
        ]
        for request in requests:
            if not len(request.prompt_ids):
                raise ValueError("an empty prompt: at least one token is needed")
        seeds = None if greedy else request_seeds(self._generator, len(requests))
        self._forget_old_weights()
        waiting = [draft for draft in drafts if not self._finished(draft)]
        rooms = {draft.index: self._room(requests[draft.index]) for draft in waiting}
        with torch.inference_mode(), self._computing():
            while waiting:
                block: list[Draft] = []
                width = room = 0
                for draft in waiting:
                    length = len(requests[draft.index].prompt_ids)
                    width, room = max(width, length), max(room, rooms[draft.index])
                    if block and (len(block) + 1) * (width + room) > self._cache_tokens:
                        break
                    block.append(draft)
                waiting = waiting[len(block) :]
                try:
                    self._write(block, [requests[draft.index].prompt_ids for draft in block], room, seeds)
                except BaseException:
                    # What was interrupted may hold tokens whose keys and values were never written.
                    self.decoder.forget()
                    raise
        return [self._completion(request, draft) for request, draft in zip(requests, drafts, strict=True)]

    def _write(
        self, drafts: list[Draft], prompts: list[np.ndarray], room: int, seeds: np.ndarray | None
    ) -> None:
        """Finish drafts: read their prompts, then choose and read token by token."""
        logits = self.decoder.begin([np.asarray(prompt, np.int32) for prompt in prompts], room)
        rows = [row for row, draft in enumerate(drafts) if not draft.unread]
        if rows:
            draw_tokens(logits[rows], [drafts[row] for row in rows], seeds)
        while rows := [row for row, draft in enumerate(drafts) if not self._finished(draft)]:
            logits = self.decoder.extend(rows, [drafts[row].unread for row in rows])
            for row in rows:
                drafts[row].unread = []
            draw_tokens(logits, [drafts[row] for row in rows], seeds)

    def _forget_old_weights(self) -> None:
        """Drop kept keys and values that other weights computed, whoever changed them."""
        changes = sum(parameter._version for parameter in self.model.parameters())
        weights = (self.version, _OPTIMIZER_STEPS.count, changes)
        if weights != self._weights:
            with torch.inference_mode(), self._computing():
                self.decoder.renew()
            if self.pictures is not None:
                self.pictures.forget()
            self._weights = weights

    def _candidates(self, request: Request | TrainRow) -> Sequence[str] | None:
        return request.candidates if self.config.reply == "choose" else None

    def _room(self, request: Request) -> int:
        candidates = self._candidates(request)
        if candidates is None:
            return self.config.max_new_tokens
        return max(map(len, self._tries(candidates).tokens()))

    def _finished(self, draft: Draft) -> bool:
        return draft.is_finished(self._end_ids, self.config.max_new_tokens)

    def _completion(self, request: Request, draft: Draft) -> Completion:
        candidates = self._candidates(request)
        if candidates is None:
            ended = draft.tokens[-1] in self._end_ids
            text = self.tokenizer.decode(draft.tokens[:-1] if ended else draft.tokens)
            action = parse_reply(text, self.config.reply)
        else:
            text = action = self._tries(candidates).action(draft.tokens)
        return Completion(
            action,
            prompt_ids=request.prompt_ids,
            action_ids=draft.tokens,
            logprobs=draft.logprobs,
            policy_version=self.version,
            text=text,
        )

    # -- training ----------------------------------------------------------------------------------

    def parameters(self) -> Iterator[nn.Parameter]:
        """The trainable weights: all of them, or those of the adapters."""
        return (parameter for parameter in self.model.parameters() if parameter.requires_grad)

    def micro_batches(self, rows: Sequence[TrainRow], max_tokens: int) -> Iterator[list[int]]:
        """Indices of rows in groups that `logprobs` computes as at most `max_tokens`, or of one row."""
        sequences = [np.concatenate((row.prompt_ids, row.action_ids[:-1])) for row in rows]
        if self.shares_prefixes:
            yield from packing.micro_batches(sequences, max_tokens, pairs=self._pairs)
            return
        group: list[int] = []
        for index in sorted(range(len(rows)), key=lambda i: len(sequences[i])):
            if group and (len(group) + 1) * len(sequences[index]) > max_tokens:
                yield group
                group = []
            group.append(index)
        if group:
            yield group

    def logprobs(self, rows: Sequence[TrainRow]) -> RowLogprobs:
        """Log-probabilities of the rows' actions under the present weights and the same masks as in `act`.

        Prefixes that rows share are read once (see `packing`); tokens behind an action's last choice are not
        read at all. Raises `ValueError` if an action is not in its row's candidates.
        """
        choices = Choices.of(rows, self._allowed)
        if not len(choices):
            return choices.row_logprobs(torch.zeros(0, 1, device=self.device))
        read = choices.read_lengths()
        reading = np.flatnonzero(read >= 0).tolist()
        sequences = [np.concatenate((rows[i].prompt_ids, rows[i].action_ids[: read[i]])) for i in reading]
        starts = np.array([len(rows[i].prompt_ids) for i in reading])
        of_choice = np.searchsorted(reading, choices.rows)
        before = starts[of_choice] + choices.places - 1
        self._network.train(self._gradient_checkpointing and torch.is_grad_enabled())
        with self._computing():
            if self.shares_prefixes:
                packed = packing.pack(sequences, pairs=self._pairs)
                hidden = packing.hidden_states(self._network, packed, self.device, self._inputs)
                index = np.array([packed.places[s][t] for s, t in zip(of_choice, before, strict=True)])
            else:
                ids, _ = padded(sequences, self._pad_id, self.device)
                # Causal attention never looks at what is on the right, so this needs no mask.
                hidden = self._network.get_decoder()(**self._inputs(ids), use_cache=False).last_hidden_state
                hidden = hidden.flatten(0, 1)
                index = of_choice * ids.shape[1] + before
            states = hidden.index_select(0, torch.from_numpy(index).to(self.device))
            logits = output_logits(self._network, states)
        self._network.eval()
        return choices.row_logprobs(logits)

    def _inputs(self, ids: Tensor) -> dict[str, Tensor]:
        """What the network reads for tokens: the tokens, or their embeddings where some show a picture."""
        return {"input_ids": ids} if self.pictures is None else {"inputs_embeds": self.pictures.embedded(ids)}

    def _allowed(self, row: TrainRow) -> Sequence[AllowedTokens]:
        candidates = self._candidates(row)
        if candidates is None:
            return [None] * len(row.action_ids)
        return self._tries(candidates).allowed(row.action_ids)

    def without_adapters(self) -> LLMPolicy:
        """The model before its adapters, in the same memory: the reference that a KL penalty is taken to.

        Raises `ValueError` if it has none.
        """
        if not self.has_adapters:
            raise ValueError("lora_rank=0: without adapters the model cannot be its own reference")
        other = copy.copy(self)
        other._adapters_act = False
        other.decoder = other._new_decoder()
        other._weights = None
        return other

    @contextmanager
    def _computing(self) -> Iterator[None]:
        """Precision, and whether the adapters act, for the time of a forward pass."""
        adapters = nullcontext() if self._adapters_act else self.model.disable_adapter()
        is_rounded = self.precision == "bfloat16"
        with adapters, torch.autocast(self.device.type, torch.bfloat16, enabled=is_rounded):
            yield

    # -- state -------------------------------------------------------------------------------------

    def save(self, folder: str | Path) -> None:
        """Write `policy.json` and what transformers reads: tokenizer and weights, or peft's adapters."""
        folder = Path(folder)
        self.model.save_pretrained(folder)
        self._reader.save_pretrained(folder)
        base = self._network.config.name_or_path if self.has_adapters else None
        write_policy(SavedPolicy(folder, "llm", self.version, asdict(self.config), base))

    @classmethod
    def load(cls, folder: str | Path, **options: Any) -> LLMPolicy:
        """Read what `save` wrote; `options` as in the constructor.

        Raises `ValueError` naming what is missing or wrong.
        """
        saved = read_policy(folder, "llm")
        model, tokenizer = load_pretrained(saved.base or folder, tokenizer=folder)
        if saved.base is not None:
            model = PeftModel.from_pretrained(model, folder, is_trainable=True)
        policy = cls(model, tokenizer, saved.config_as(LLMConfig), **options)
        policy.version = saved.version
        return policy

    @classmethod
    def from_pretrained(cls, path: str | Path, config: LLMConfig | None = None, **options: Any) -> LLMPolicy:
        """A policy from a model's folder or its name on the hub; `options` as in the constructor."""
        return cls(*load_pretrained(path), config, **options)
