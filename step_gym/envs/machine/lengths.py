"""How the children of a row or column share its length: whole pixels, to the last one."""

from __future__ import annotations

from step_gym.envs.machine.views import View


def aligned(start: int, spare: int, align: str) -> int:
    """Where a child begins that leaves `spare` pixels, by `align`: start, center or end."""
    return start + (spare // 2 if align == "center" else spare if align == "end" else 0)


def grow(lengths: list[int], children: tuple[View, ...], free: int) -> None:
    """Share free pixels out by `grow`, to the last pixel."""
    total = sum(child.style.grow for child in children)
    if not total:
        return
    passed = given = 0.0
    for i, child in enumerate(children):
        if child.style.grow:
            passed += child.style.grow
            share = int(free * passed / total - given)
            lengths[i] += share
            given += share


def shrink(lengths: list[int], soft: list[int], excess: int) -> None:
    """Take pixels from the longest of the `soft` ones, down to a common length."""
    room = sum(lengths[i] for i in soft) - excess
    for count, i in zip(range(len(soft), 0, -1), sorted(soft, key=lengths.__getitem__), strict=True):
        lengths[i] = max(min(lengths[i], room // count), 0)
        room -= lengths[i]


def justify(start: int, room: int, lengths: list[int], gap: int, how: str) -> tuple[int, int]:
    """Where the first child starts, and the gap between children; `how` is start, center, end or between."""
    spare = room - sum(lengths) - gap * (len(lengths) - 1)
    if spare <= 0 or how == "start":
        return start, gap
    if how == "between":
        return start, gap + spare // max(len(lengths) - 1, 1)
    return start + (spare // 2 if how == "center" else spare), gap
