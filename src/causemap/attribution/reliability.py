"""How often the likeliest cause was right in measured falls, by how likely it was held.

``reliability.json`` is written by ``scripts/reliability.py`` from evaluations out of fold: every
window was asked with a fit that had not seen its episode. It decides nothing; it says what a
probability of this program has been worth.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final

_Z: Final = 1.96


@dataclass(frozen=True, slots=True)
class Bin:
    """Falls whose likeliest cause was held from ``low`` up to ``high``; ``mean`` of what was."""

    low: float
    high: float
    n: int
    right: int
    mean: float

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of the share right (Wilson)."""
        share, n = self.right / self.n, self.n
        middle = share + _Z * _Z / (2 * n)
        half = _Z * math.sqrt(share * (1 - share) / n + _Z * _Z / (4 * n * n))
        scale = 1 + _Z * _Z / n
        return max(0.0, (middle - half) / scale), min(1.0, (middle + half) / scale)

    @property
    def shy(self) -> bool | None:
        """Whether the probabilities were lower than the share right; ``None`` if by chance."""
        low, high = self.interval
        return None if low <= self.mean <= high else self.mean < low


@dataclass(frozen=True, slots=True)
class Reliability:
    """The bins from the least likely up, and how many falls they hold."""

    windows: int
    bins: tuple[Bin, ...]

    def of(self, probability: float) -> Bin:
        """The bin a probability of the likeliest cause falls into."""
        return next((b for b in self.bins if probability < b.high), self.bins[-1])


@cache
def load_reliability() -> Reliability:
    """The measured record that comes with the package."""
    text = resources.files(__package__).joinpath("reliability.json").read_text(encoding="utf-8")
    raw = json.loads(text)
    return Reliability(raw["windows"], tuple(Bin(**one) for one in raw["bins"]))
