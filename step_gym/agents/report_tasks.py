"""What the report says of tasks and budget: pure functions from the rate of each task round by round."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from step_gym.wrappers.success import MASTERED, RatePoint

SHARE_BINS = 7
"""Bins of a success share: exactly 0, four or five fifths between, exactly 1."""

BUCKETS = ("not seen before", "0 to 20 %", "20 to 40 %", "40 to 60 %", "60 to 80 %", "80 to 100 %")

Histories = Mapping[str, Sequence[RatePoint]]


def task_data(histories: Histories, instructions: Mapping[str, str]) -> dict[str, Any]:
    """Rows of the task table, the histogram of success at start and end, and tasks mastered by round.

    Args:
        histories: Rate points of each task in order of rounds, as `SuccessRecord.histories` gives them.
        instructions: Instruction by task id; a task without one is shown by its id.
    """
    rows = [
        _row(task_id, points, instructions.get(task_id, ""))
        for task_id, points in histories.items()
        if points
    ]
    became = sum(row["mastered"] not in (None, row["first_round"]) for row in rows)
    once = sum(row["rounds"] == 1 for row in rows)
    lead = f"{len(rows):,} tasks were played."
    if once < len(rows):
        lead += f" {became:,} rose above 60 % after their first round."
    if once:
        subject = "Each was" if once == len(rows) else "1 was" if once == 1 else f"{once:,} were"
        lead += f" {subject} played in one round only, which says nothing of a change."
    return {"rows": rows, "lead": lead, "windows": _windows(histories), "progress": _progress(histories)}


def _row(task_id: str, points: Sequence[RatePoint], instruction: str) -> dict[str, Any]:
    first, last = points[0], points[-1]
    mastered: int | None = None
    for point in points:
        if point.rate <= MASTERED:
            mastered = None
        elif mastered is None:
            mastered = point.round
    return {
        "id": task_id,
        "instruction": " ".join(instruction.split()),
        "rounds": len(points),
        "rollouts": sum(point.rollouts for point in points),
        "successes": sum(point.successes for point in points),
        "first": first.successes / first.rollouts,
        "last": last.successes / last.rollouts,
        "rate": last.rate,
        "first_round": first.round,
        "mastered": mastered,
    }


def share_bin(successes: int, rollouts: int) -> int:
    """The bin of a share: 0 and 1 have bins of their own, the rest lie in fifths (0, 0.2], ..., (0.8, 1)."""
    if successes == 0:
        return 0
    if successes == rollouts:
        return SHARE_BINS - 1
    return math.ceil(5 * successes / rollouts)


def _windows(histories: Histories) -> list[dict[str, Any]] | None:
    """Tasks by success share in the first and the last fifth of the rounds; None before the second round."""
    rounds = sorted({point.round for points in histories.values() for point in points})
    if len(rounds) < 2:
        return None
    length = math.ceil(len(rounds) / 5)
    windows = []
    for chosen in (rounds[:length], rounds[-length:]):
        counts = [0] * SHARE_BINS
        for points in histories.values():
            inside = [point for point in points if chosen[0] <= point.round <= chosen[-1]]
            if inside:
                counts[share_bin(sum(p.successes for p in inside), sum(p.rollouts for p in inside))] += 1
        name = f"round {chosen[0]}" if length == 1 else f"rounds {chosen[0]} to {chosen[-1]}"
        windows.append(
            {"name": name, "tasks": sum(counts), "shares": [count / sum(counts) for count in counts]}
        )
    return windows


def _progress(histories: Histories) -> list[dict[str, int]]:
    """Tasks seen and tasks mastered after each round."""
    by_round: dict[int, list[tuple[str, float]]] = {}
    for task_id, points in histories.items():
        for point in points:
            by_round.setdefault(point.round, []).append((task_id, point.rate))
    is_mastered: dict[str, bool] = {}
    mastered, progress = 0, []
    for round in sorted(by_round):
        for task_id, rate in by_round[round]:
            # Counted as they change: where every episode is a round, rounds are as many as episodes.
            mastered += (rate > MASTERED) - is_mastered.get(task_id, False)
            is_mastered[task_id] = rate > MASTERED
        progress.append({"round": round, "seen": len(is_mastered), "mastered": mastered})
    return progress


def bucket(rate: float | None) -> int:
    """Index into `BUCKETS` of the rate that a task had before a rollout: fifths [0, 0.2), ..., [0.8, 1]."""
    return 0 if rate is None else 1 + min(4, int(5 * rate))


def budget_data(histories: Histories) -> dict[str, Any] | None:
    """Rollouts by the task's rate before them, in all and by round; None without any."""
    counts: dict[int, list[int]] = {}
    rollouts, successes = [0] * len(BUCKETS), [0] * len(BUCKETS)
    for points in histories.values():
        before: float | None = None
        for point in points:
            index = bucket(before)
            counts.setdefault(point.round, [0] * len(BUCKETS))[index] += point.rollouts
            rollouts[index] += point.rollouts
            successes[index] += point.successes
            before = point.rate
    if not counts:
        return None
    totals = zip(BUCKETS, rollouts, successes, strict=True)
    return {
        "buckets": [{"name": name, "rollouts": played, "successes": won} for name, played, won in totals],
        "rounds": [{"round": round, "counts": counts[round]} for round in sorted(counts)],
    }
