"""Two rankings made one by their ranks: their scores have no common unit.

Cormack, G., Clarke, C. and Büttcher, S. (2009), Reciprocal rank fusion outperforms Condorcet and
individual rank learning methods, SIGIR. Hits with a score of zero must be gone before: they would
enter with the rank of an accident.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

# The constant of the paper.
DAMPING: Final = 60


def fuse(rankings: Iterable[Sequence[int]]) -> list[tuple[int, float]]:
    """Items with the sum of 1 / (60 + rank) over the rankings; best first, then smaller item."""
    scores: dict[int, float] = {}
    for ranking in rankings:
        for rank, item in enumerate(ranking, start=1):
            scores[item] = scores.get(item, 0.0) + 1 / (DAMPING + rank)
    return sorted(scores.items(), key=lambda pair: (-pair[1], pair[0]))
