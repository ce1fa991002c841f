"""Group statistics that estimators share: values normalised within the group they belong to.

Conventions of GRPO (arXiv 2402.03300) as verl implements it; divisor and groups of one are made explicit.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

Singleton = Literal["zero", "value"]


def is_uniform_group(values: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """bool[k]: whether all values of the row's group are equal (true of a group of one).

    Args:
        values: float64[k].
        groups: [k], any sortable labels.
    """
    _, index = np.unique(groups, return_inverse=True)
    low = np.full(index.max(initial=-1) + 1, np.inf)
    high = -low
    np.minimum.at(low, index, values)
    np.maximum.at(high, index, values)
    return (low == high)[index]


def group_advantage(
    values: np.ndarray,
    groups: np.ndarray,
    *,
    divide_by_std: bool = True,
    ddof: int = 1,
    eps: float = 1e-6,
    singleton: Singleton = "zero",
) -> np.ndarray:
    """float64[k]: `(value - mean) / (std + eps)` over the value's group; 0 exactly where all are equal.

    Args:
        values: float64[k].
        groups: [k], any sortable labels.
        divide_by_std: False leaves out the division.
        ddof: The variance is divided by the group's size minus `ddof`; 0 (population) or 1 (unbiased).
        eps: Added to the standard deviation.
        singleton: What a group of one gets: "zero", or its own "value" (verl's mean 0 and deviation 1).
    """
    _, index, size = np.unique(groups, return_inverse=True, return_counts=True)
    values = np.asarray(values, dtype=np.float64)
    centred = values - (np.bincount(index, values, minlength=len(size)) / size)[index]
    centred[is_uniform_group(values, groups)] = 0.0
    if divide_by_std:
        squares = np.bincount(index, centred**2, minlength=len(size))
        centred /= np.sqrt(squares / np.maximum(size - ddof, 1))[index] + eps
    if singleton == "value":
        is_alone = (size == 1)[index]
        centred[is_alone] = values[is_alone]
    return centred
