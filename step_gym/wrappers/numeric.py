"""The view of a text world that numeric reinforcement learning libraries can read: arrays in, an index out.

Texts become hashed n-gram counts (Weinberger et al., 2009, arXiv 0902.2206); the action is an index into the
candidate actions. Nothing of any such library is imported here.
"""

from __future__ import annotations

import functools
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Any

import gymnasium
import numpy as np
from gymnasium.spaces import Box, Dict, Discrete

from step_gym.envs.core import Snapshot
from step_gym.wrappers.candidates import CandidateActions

OUTCOME_DISCOUNT, OUTCOME_STEPS, OUTCOME_UNIT = 0.5, 6, 16
"""`outcomes` holds the texts of this many steps, each counting as much less, in this part of one."""

_WORD = re.compile(r"\w+")


class NumericView(CandidateActions):
    """Arrays for observation, an index for action; `info` keeps what `CandidateActions` gives, and the texts.

    Action: `Discrete(limit)`, the position in `info["candidate_actions"]`. An index without a candidate costs
    a step, changes nothing, and is reported in `info["action_valid"]` and `info["action_error"]`;
    `action_masks()` says which have one. Observation, with `F = features` and `N = limit`:

    - `instruction`, `text`: `int8[F]`, signed counts of the words and word pairs, hashed to F numbers;
    - `history`: `int8[F]`, the same of all actions taken in this episode;
    - `candidates`: `int8[N, F]`, the same of each candidate, rows of zeros beyond the last;
    - `outcomes`: `int8[N, F]`, in sixteenths, what was read in the six steps after a candidate was last taken
      in this episode, each step counting half the one before: a memory of texts that were shown once;
    - `taken`: `float32[N, 2]`, log(1 + n), n being how often a candidate was taken in this episode, and how
      often in a state with the present `state_key`; below 23, which is that of nearly ten thousand million;
    - `mask`: `int8[N]`, 1 where there is a candidate.

    All texts are hashed alike, so that a word has the same place in every part. A screenshot is left out.
    `info["instruction"]` and `info["text"]` are the texts themselves. `info["is_success"]` is None at the end
    of an episode that the environment failed: Stable-Baselines3's `Monitor` requires the key, its logger
    skips None. A `restore` begins with an empty history.

    Args:
        env: An environment of this suite.
        limit: Number of actions, 1 to 256; candidates beyond are cut from the end and counted.
        features: Length of a hashed text, at least 8.
        templates: See `CandidateActions`.

    Raises:
        ValueError: For an argument out of its range.
    """

    def __init__(
        self,
        env: gymnasium.Env[Any, Any],
        limit: int = 64,
        features: int = 256,
        templates: Sequence[str] | None = None,
    ) -> None:
        gymnasium.utils.RecordConstructorArgs.__init__(
            self, limit=limit, features=features, templates=None if templates is None else list(templates)
        )
        super().__init__(env, limit, templates)
        if not isinstance(features, int) or features < 8:
            raise ValueError(f"features={features!r}: must be a whole number, at least 8")
        self.features = features
        self.action_space = Discrete(limit)
        text, table = (Box(-127, 127, shape, np.int8) for shape in ((features,), (limit, features)))
        self.observation_space = Dict(
            {
                "instruction": text,
                "text": text,
                "history": text,
                "candidates": table,
                "outcomes": table,
                "taken": Box(0.0, 23.0, (limit, 2), np.float32),
                "mask": Box(0, 1, (limit,), np.int8),
            }
        )
        self._forget()

    def _forget(self) -> None:
        """Begin an empty history."""
        self._candidates_now: list[str] = []
        self._state_key = ""
        self._history = np.zeros(self.features, np.int32)
        self._taken: Counter[tuple[str, str]] = Counter()
        self._steps = 0
        self._outcomes: dict[str, tuple[int, np.ndarray]] = {}

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
        """Begin an episode."""
        observation, info = super().reset(seed=seed, options=options)
        self._forget()
        return self._view(observation, info)

    def step(
        self, action: int | np.integer | np.ndarray
    ) -> tuple[dict[str, np.ndarray], float, bool, bool, dict[str, Any]]:
        """Take the candidate of an index; an array holds one number, as SB3's `predict` gives it."""
        index, candidates = int(np.asarray(action).item()), self._candidates_now
        chosen = candidates[index] if 0 <= index < len(candidates) else None
        # An empty action is malformed in every world: it costs a step and changes nothing.
        observation, reward, terminated, truncated, info = super().step("" if chosen is None else chosen)
        if chosen is not None:
            self._remember(chosen, observation["text"])
        elif info["status"] == "ok":
            info["action_error"] = f"index {index} has no action: there are {len(candidates)} candidates"
        if truncated:
            info.setdefault("is_success", None)
        view, info = self._view(observation, info)
        return view, float(reward), terminated, truncated, info

    def restore(self, snapshot: Snapshot) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
        """Go back to a snapshot of the environment inside, with an empty history; see `TaskEnv.restore`."""
        observation, info = super().restore(snapshot)
        self._forget()
        return self._view(observation, info)

    def action_masks(self) -> np.ndarray:
        """`bool[limit]`, True where the present state has a candidate; all True where it has none.

        The name is sb3-contrib's, whose `MaskablePPO` needs at least one True.
        """
        return self._mask() if self._candidates_now else np.ones(self.limit, bool)

    def _mask(self) -> np.ndarray:
        return np.arange(self.limit) < len(self._candidates_now)

    def _remember(self, action: str, text: str) -> None:
        """Count an action in, and what was read after it, for it and for those taken before."""
        self._history += hashed(action, self.features)
        self._taken[action, ""] += 1
        self._taken[action, self._state_key] += 1
        self._steps += 1
        self._outcomes[action] = self._steps, np.zeros(self.features, np.float32)
        read = hashed(text, self.features)
        for step, outcome in self._outcomes.values():
            if self._steps - step < OUTCOME_STEPS:
                outcome += OUTCOME_DISCOUNT ** (self._steps - step) * read

    def _view(
        self, observation: Mapping[str, Any], info: dict[str, Any]
    ) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
        candidates = self._candidates_now = info["candidate_actions"]
        self._state_key = info["state_key"]
        texts = np.zeros((self.limit, self.features), np.int8)
        outcomes = np.zeros((self.limit, self.features), np.int8)
        taken = np.zeros((self.limit, 2), np.float32)
        for number, action in enumerate(candidates):
            texts[number] = hashed(action, self.features)
            if action in self._outcomes:
                outcomes[number] = np.clip(np.rint(self._outcomes[action][1] * OUTCOME_UNIT), -127, 127)
                taken[number] = self._taken[action, ""], self._taken[action, self._state_key]
        view = {
            "instruction": hashed(observation["instruction"], self.features).copy(),
            "text": hashed(observation["text"], self.features).copy(),
            "history": np.clip(self._history, -127, 127).astype(np.int8),
            "candidates": texts,
            "outcomes": outcomes,
            "taken": np.log1p(taken),
            "mask": self._mask().astype(np.int8),
        }
        return view, {**info, "instruction": observation["instruction"], "text": observation["text"]}


@functools.lru_cache(maxsize=16_384)
def hashed(text: str, features: int) -> np.ndarray:
    """Signed counts of a text's lower-case words and pairs of neighbours: `int8[features]`, read-only.

    The place and sign of each word come from its BLAKE2b digest, equal in every process; the sign keeps the
    product of two texts unbiased where words share a place.
    """
    counts = np.zeros(features, np.int32)
    words = _WORD.findall(text.lower())
    for gram in (*words, *map(" ".join, zip(words, words[1:], strict=False))):
        place, sign = _place(gram)
        counts[place % features] += sign
    array = np.clip(counts, -127, 127).astype(np.int8)
    array.flags.writeable = False
    return array


@functools.lru_cache(maxsize=65_536)
def _place(gram: str) -> tuple[int, int]:
    number = int.from_bytes(blake2b(gram.encode("utf-8", "backslashreplace"), digest_size=8).digest(), "big")
    return number >> 1, 1 - 2 * (number & 1)
