"""What the library answers with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from causemap.articles import Article


@dataclass(frozen=True, slots=True)
class Added:
    """What became of the articles handed in.

    ``new`` were stored, ``known`` were in the library already, word for word; ``clustered`` of the
    new ones tell what an article in the library tells (near-duplicates and wire copies).
    """

    new: int = 0
    known: int = 0
    clustered: int = 0

    def __add__(self, other: Added) -> Added:
        """The counts of two batches together."""
        return Added(
            self.new + other.new, self.known + other.known, self.clustered + other.clustered
        )


@dataclass(frozen=True, slots=True)
class Hit:
    """A found article; ``score`` orders the hits of one query (no unit, higher is nearer).

    ``cluster`` is the same for articles that tell one text; only the best of a cluster is a hit.
    """

    article: Article
    score: float
    cluster: str


@dataclass(frozen=True, slots=True)
class Checkup:
    """The state of the library: counts, what is damaged (empty if nothing), what to do."""

    articles: int
    clusters: int
    with_vector: int
    in_chroma: int | None
    faults: tuple[str, ...]
    hints: tuple[str, ...] = ()

    @property
    def sound(self) -> bool:
        """Whether nothing is damaged."""
        return not self.faults


@dataclass(frozen=True, slots=True)
class Status:
    """What the library holds: counts, first and last publication, where and with which model."""

    articles: int
    clusters: int
    with_vector: int
    model: str
    first: str | None
    last: str | None
    folder: Path
