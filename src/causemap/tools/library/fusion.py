"""Two rankings made one by their scores, each brought to the same scale.

A convex combination of scores, each scaled from the least it can be to the best found, as studied
by Bruch, S., Gai, S. and Ingber, A. (2023), An analysis of fusion functions for hybrid retrieval,
ACM TOIS (arXiv 2210.11934). Fusion by ranks alone was tried first: it gives the tenth of a weak
ranking what it gives the tenth of a strong one, and lost hits that vectors alone had found.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

# The weight of meaning against words: set once, not tuned on the benchmark's queries.
MEANING: Final = 0.8
WORDS: Final = 1 - MEANING
# The least a score can be: opposite direction for a cosine, no term in common for BM25.
LEAST_COSINE: Final = -1.0
LEAST_BM25: Final = 0.0


class Voice(NamedTuple):
    """One ranking: item to score (zero scores left out), the least score possible, its weight."""

    scores: Mapping[int, float]
    least: float
    weight: float


def fuse(voices: Iterable[Voice]) -> list[tuple[int, float]]:
    """Items with the weighted sum of (score - least) / (best - least); best first, then smaller.

    An item a voice does not name gets nothing from it.
    """
    total: dict[int, float] = {}
    for voice in voices:
        reach = max(voice.scores.values(), default=voice.least) - voice.least
        for item, score in voice.scores.items():
            part = voice.weight * (score - voice.least) / reach
            total[item] = total.get(item, 0.0) + part
    return sorted(total.items(), key=lambda pair: (-pair[1], pair[0]))
