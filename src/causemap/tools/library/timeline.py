"""The articles in the order in which they became available: an as-of time is a slice.

Filtering inside a vector index costs more than the search (126 ms at 100,000 articles in Chroma).
Here vectors, times and lengths lie in arrays sorted by availability, so that "known at" and
"since" are two binary searches and everything after works on a contiguous part. What lies behind
the cut is not looked at, not even for a word's frequency: the answer for a past moment is the same
whatever was stored for later ones.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Positions = NDArray[np.int64]
    Scores = NDArray[np.float32]

# How many articles survive the pass over signs: with this many of 100,000 the exact nearest five
# are among them 98 times in 100.
KEEP: Final = 2_500


class Ranked(NamedTuple):
    """Positions with positive scores, best first."""

    positions: Positions
    scores: Scores


class Span(NamedTuple):
    """A half-open range of positions."""

    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Timeline:
    """Arrays of one length, sorted by (available, seq); never changed once made.

    ``vectors`` (articles, dimensions), zero where there is none: 102 MB at 100,000 articles of 256;
    ``signs`` whether each dimension is positive, 64 dimensions to a column. ``words`` counts an
    article's terms, ``places`` gives the position of an article's number, or -1.
    """

    seqs: NDArray[np.int64]
    available: NDArray[np.int64]
    words: NDArray[np.int64]
    vectors: NDArray[np.float32]
    signs: tuple[NDArray[np.uint64], ...]
    places: NDArray[np.int64]

    def __len__(self) -> int:
        """How many articles there are."""
        return len(self.seqs)

    def span(self, as_of: int, since: int | None = None) -> Span:
        """Positions available from ``since`` to ``as_of``, both included, in microseconds."""
        high = int(np.searchsorted(self.available, as_of, side="right"))
        low = 0 if since is None else int(np.searchsorted(self.available, since, side="left"))
        return Span(min(low, high), high)

    def nearest(self, vector: Scores, span: Span, limit: int) -> Ranked:
        """The articles of a span with the highest cosine, in two passes.

        The first compares signs, 32 bytes an article instead of 1,024, which is what keeps it in
        the processor's cache; the nearest :data:`KEEP` by it are scored on all dimensions. A span
        of no more articles than that is searched exactly.
        """
        if not self.vectors.shape[1]:
            return Ranked(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.float32))
        kept = self._alike(vector, span, max(KEEP, limit))
        # Not ``@``: its threads wait for each other longer than so small a product takes.
        exact = np.einsum("ij,j->i", self.vectors[kept], vector)
        return ranked(kept, exact, limit)

    def _alike(self, vector: Scores, span: Span, count: int) -> Positions:
        """At least ``count`` positions of a span that differ in the fewest signs (Hamming)."""
        if span.high - span.low <= count:
            return np.arange(span.low, span.high, dtype=np.int64)
        differing = np.zeros(span.high - span.low, dtype=np.uint16)
        for column, (word,) in zip(self.signs, signs_of(vector[None, :]), strict=True):
            differing += np.bitwise_count(column[span.low : span.high] ^ word)
        enough = np.searchsorted(np.cumsum(np.bincount(differing)), count)
        return np.flatnonzero(differing <= enough) + span.low

    def ranked_seqs(self, seqs: Sequence[int], scores: Sequence[float], limit: int) -> Ranked:
        """A ranking another index gave, in positions; articles unknown here are left out."""
        numbers = np.asarray(seqs, dtype=np.int64)
        known = (numbers > 0) & (numbers < len(self.places))
        given = np.asarray(scores, dtype=np.float32)[known]
        places: Positions = self.places[numbers[known]]
        return ranked(places[places >= 0], given[places >= 0], limit)


def ranked(positions: Positions, scores: Scores, limit: int) -> Ranked:
    """Best first, earlier position first among equals, zero scores dropped."""
    if len(scores) > limit:
        # Sorting all matches would cost more than finding them.
        least = np.partition(scores, len(scores) - limit)[len(scores) - limit]
        good = scores >= least
        positions, scores = positions[good], scores[good]
    order = np.lexsort((positions, -scores))[:limit]
    order = order[scores[order] > 0]
    return Ranked(positions[order], scores[order].astype(np.float32))


def signs_of(vectors: NDArray[np.floating]) -> tuple[NDArray[np.uint64], ...]:
    """The signs of (articles, dimensions) as bits: one array for each 64 dimensions."""
    bits = np.packbits(vectors > 0, axis=1)
    whole = np.pad(bits, ((0, 0), (0, -bits.shape[1] % 8))).view(np.uint64)
    return tuple(np.ascontiguousarray(column) for column in whole.T)


def load_timeline(link: sqlite3.Connection, model: str) -> Timeline:
    """Read the arrays from SQLite; vectors of another model are not read."""
    rows = link.execute(
        """
        SELECT a.seq, a.available_us, a.words, v.value FROM article a
        LEFT JOIN vector v ON v.model = ? AND v.seq = a.seq ORDER BY a.available_us, a.seq
        """,
        [model],
    ).fetchall()
    numbers = np.array([row[:3] for row in map(tuple, rows)], dtype=np.int64).reshape(-1, 3)
    vectors = _matrix([row[3] for row in rows])
    places = np.full(int(numbers[:, 0].max(initial=0)) + 1, -1, dtype=np.int64)
    places[numbers[:, 0]] = np.arange(len(numbers))
    seqs, available, words = (np.ascontiguousarray(column) for column in numbers.T)
    return Timeline(seqs, available, words, vectors, signs_of(vectors), places)


def _matrix(blobs: list[bytes | None]) -> NDArray[np.float32]:
    size = next((len(blob) for blob in blobs if blob), 0)
    zero = bytes(size)
    # A blob of another length (a model that changed its dimensions) counts as missing.
    joined = b"".join(blob if blob and len(blob) == size else zero for blob in blobs)
    stored = np.frombuffer(joined, dtype=np.float16).reshape(len(blobs), size // 2)
    return stored.astype(np.float32)
