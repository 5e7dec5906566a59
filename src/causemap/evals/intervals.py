"""Intervals that respect episodes: whole episodes are resampled, never single windows.

Windows of one episode share their tape; treated as independent they make chance differences look
real three times too often (REQUIREMENTS F4).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

RESAMPLES: Final = 1000
LEVEL: Final = 0.95
# Normal quantiles of a two-sided test at 5 % and of a power of 80 %.
_POWER: Final = 1.959964 + 0.841621
# The share of windows on which two systems of like skill are right and wrong apart (F3).
DISCORDANT: Final = 0.25

Rows = npt.NDArray[np.int64]
Metric = Callable[[Rows], float]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with its 95 % interval; ends are ``None`` ("n/a") below two episodes."""

    value: float | None
    low: float | None
    high: float | None
    n: int


class Resampler:
    """Seeded draws of whole episodes, the same for every metric of a set of windows."""

    def __init__(self, episodes: Sequence[int], seed: int, resamples: int = RESAMPLES) -> None:
        names = sorted(set(episodes))
        numbers = np.asarray(episodes, dtype=np.int64)
        members = [np.flatnonzero(numbers == name) for name in names]
        rng = np.random.default_rng(seed)
        self.n = len(episodes)
        self.episodes = len(names)
        self.draws: list[Rows] = (
            []
            if len(names) < 2
            else [
                np.concatenate([members[k] for k in rng.integers(0, len(names), len(names))])
                for _ in range(resamples)
            ]
        )

    def estimate(self, metric: Metric, *, bounds: bool = True) -> Estimate:
        """A metric over rows, with the percentile interval of its resamples.

        ``metric`` may give NaN for rows it cannot be had on; such resamples are left out.
        Without ``bounds`` only the value is worked out.
        """
        if self.n == 0:
            return Estimate(None, None, None, 0)
        value = metric(np.arange(self.n))
        if math.isnan(value):
            return Estimate(None, None, None, self.n)
        found = np.array([metric(rows) for rows in self.draws if bounds])
        found = found[np.isfinite(found)]
        if found.size < 2:
            return Estimate(value, None, None, self.n)
        low, high = np.quantile(found, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
        return Estimate(value, float(low), float(high), self.n)


def mean_of(values: npt.NDArray[np.float64]) -> Metric:
    """The mean of per-window values as a metric over rows; NaN values are not counted."""

    def metric(rows: Rows) -> float:
        taken = values[rows]
        taken = taken[~np.isnan(taken)]
        return float(taken.mean()) if taken.size else math.nan

    return metric


def smallest_visible(n: int, discordant: float = DISCORDANT) -> float | None:
    """The smallest paired change of accuracy seen with 80 % power at 5 % (F3).

    ``2.80 sqrt(discordant / n)``; with windows in episodes, ``n`` is the number of episodes.
    """
    return None if n < 2 else _POWER * math.sqrt(discordant / n)


def lower_bound(right: int, n: int, level: float = LEVEL) -> float:
    """One-sided exact (Clopper-Pearson) lower bound of a share: 15 of 15 prove 0.82."""
    if right == 0:
        return 0.0
    low, high = 0.0, right / n
    for _ in range(60):
        middle = (low + high) / 2
        tail = sum(
            math.comb(n, k) * middle**k * (1 - middle) ** (n - k) for k in range(right, n + 1)
        )
        low, high = (middle, high) if tail < 1 - level else (low, middle)
    return low
