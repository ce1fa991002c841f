"""Small policies, requests and rows that the tests of the agent share."""

from __future__ import annotations

import numpy as np

from step_gym.agents.policy import Request, TrainRow
from step_gym.agents.tiny import TinyConfig, TinyPolicy
from step_gym.agents.tokenizer import TinyTokenizer

TYPES = ("mug", "apple", "plate", "knife")
PLACES = ("countertop", "cabinet", "sinkbasin")


def texts() -> list[str]:
    """Formulaic game text over a few types and numbers."""
    lines = []
    for number in (1, 2, 12):
        for place in PLACES:
            lines.append(f"go to {place} {number}")
            for thing in TYPES:
                lines.append(f"take {thing} {number} from {place} 2")
                lines.append(
                    f"You arrive at {place} {number}. On the {place} {number}, "
                    f"you see a {thing} 2, and a mug 1."
                )
                lines.append(f"put a {thing} in {place}.")
    return lines


def make_policy(seed: int = 0, **options: object) -> TinyPolicy:
    """A policy of some 60,000 parameters."""
    tokenizer = TinyTokenizer.train(texts() * 3, vocab_size=400)
    config = TinyConfig(hidden_size=32, layers=2, heads=2, intermediate_size=48, max_new_tokens=7)
    return TinyPolicy.create(tokenizer, config, seed=seed, **options)


def make_requests(policy: TinyPolicy, count: int, seed: int = 0, free: bool = False) -> list[Request]:
    """Requests of very different prompt lengths and candidate sets; some prompts are equal."""
    rng = np.random.default_rng(seed)
    lines = texts()
    requests = []
    for _ in range(count):
        observations = rng.choice(lines, size=rng.integers(1, 6))
        prompt = [*policy.prompt_format.task(str(rng.choice(lines)))]
        for text in observations:
            prompt += policy.prompt_format.observation(str(text))
        candidates = [f"go to {p} {n}" for p in PLACES for n in range(1, int(rng.integers(2, 14)))]
        candidates += [f"take {t} 1 from cabinet 2" for t in TYPES] + ["look", "inventory"]
        chosen = rng.permutation(candidates)[: int(rng.integers(1, len(candidates)))]
        requests.append(Request(np.array(prompt, np.int32), None if free else [str(c) for c in chosen]))
    repeats = [
        Request(requests[int(i)].prompt_ids, r.candidates) for i, r in enumerate(requests[: count // 3])
    ]
    return requests + repeats


def make_rows(policy: TinyPolicy, count: int, seed: int = 0, free: bool = False) -> list[TrainRow]:
    """Rows of actions that the policy sampled, with advantages and weights of both sizes."""
    requests = make_requests(policy, count, seed, free)
    rng = np.random.default_rng(seed)
    return [
        TrainRow(
            prompt_ids=c.prompt_ids,
            action_ids=c.action_ids,
            candidates=r.candidates,
            logprobs=c.logprobs,
            advantage=float(rng.normal()),
            weight=float(rng.uniform(0.2, 1.0)),
            episode=index // 4,
        )
        for index, (r, c) in enumerate(zip(requests, policy.act(requests), strict=True))
    ]
