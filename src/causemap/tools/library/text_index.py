"""BM25 over the text index, with the statistics of the past the question is asked in.

SQLite's own ``bm25()`` weighs a word by how often it stands in *all* rows: an article of next year
would move the order of last year's answers, and it scores every match (25 ms on 100,000 headlines).
Here the index gives the places of each term, and frequency, length and weight are counted up to
the as-of. Places are kept for the terms asked last.

Robertson, S. and Zaragoza, H. (2009), The probabilistic relevance framework: BM25 and beyond,
section 3.4, with the weight of a term log(1 + (N - n + 0.5) / (n + 0.5)), never negative.
"""

from __future__ import annotations

import math
import sqlite3
from collections import OrderedDict
from threading import Lock
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from causemap.tools.library.timeline import Ranked, Span, Timeline, ranked
from causemap.tools.library.words import terms

if TYPE_CHECKING:
    from numpy.typing import NDArray

K1: Final = 1.2
B: Final = 0.75
MAX_TERMS: Final = 24
# A term in more known articles than this says little and costs much: left out beside a rarer one.
COMMON: Final = 20_000
KEPT_TERMS: Final = 2_000


class Postings(NamedTuple):
    """Where a term stands: positions in time order and how often in each."""

    positions: NDArray[np.int64]
    counts: NDArray[np.int64]


class TextIndex:
    """Ranks the articles of a span of one timeline for words."""

    def __init__(self, timeline: Timeline) -> None:
        """The index is as old as its timeline; a new timeline gets a new index."""
        self._timeline = timeline
        self._lengths = np.concatenate([[0], np.cumsum(timeline.words)])
        self._kept: OrderedDict[str, Postings] = OrderedDict()
        self._lock = Lock()

    def search(self, link: sqlite3.Connection, query: str, span: Span, limit: int) -> Ranked:
        """The best articles for the query's terms; none that holds no term of it.

        Raises ``sqlite3.DatabaseError`` if the index is damaged.
        """
        named = dict.fromkeys(terms(query))
        asked = _rarer([self._postings(link, term) for term in list(named)[:MAX_TERMS]], span)
        total = np.zeros(span.high - span.low, dtype=np.float32)
        for postings in asked:
            self._score(postings, span, total)
        found = np.flatnonzero(total)
        return ranked(found + span.low, total[found], limit)

    def _score(self, postings: Postings, span: Span, total: NDArray[np.float32]) -> None:
        """Add one term's part to the scores of a span."""
        known = int(np.searchsorted(postings.positions, span.high))
        begin = int(np.searchsorted(postings.positions, span.low))
        if known == begin:
            return
        places, counts = postings.positions[begin:known], postings.counts[begin:known]
        weight = math.log(1 + (span.high - known + 0.5) / (known + 0.5))
        mean = max(float(self._lengths[span.high]) / span.high, 1.0)
        length = 1 - B + B * self._timeline.words[places] / mean
        total[places - span.low] += weight * counts * (K1 + 1) / (counts + K1 * length)

    def _postings(self, link: sqlite3.Connection, term: str) -> Postings:
        with self._lock:
            if term in self._kept:
                self._kept.move_to_end(term)
                return self._kept[term]
        found = self._placed(_numbers(link, term))
        with self._lock:
            self._kept[term] = found
            while len(self._kept) > KEPT_TERMS:
                self._kept.popitem(last=False)
        return found

    def _placed(self, numbers: NDArray[np.int64]) -> Postings:
        """Article numbers, one for each place, as positions in time order."""
        seqs, counts = np.unique(numbers, return_counts=True)
        # Numbers beyond the timeline were stored after it was read.
        inside = seqs < len(self._timeline.places)
        places = self._timeline.places[seqs[inside]]
        order = np.argsort(places)
        order = order[places[order] >= 0]
        return Postings(places[order], counts[inside][order])


def _rarer(asked: list[Postings], span: Span) -> list[Postings]:
    """Those that few articles known at the end of the span hold; all where there is none."""
    rare = [p for p in asked if int(np.searchsorted(p.positions, span.high)) <= COMMON]
    return rare or asked


def _numbers(link: sqlite3.Connection, term: str) -> NDArray[np.int64]:
    """The numbers of the articles a term stands in, one for each place."""
    # One text of all numbers: a row for each costs four times as much.
    row = link.execute("SELECT group_concat(doc) FROM term_place WHERE term = ?", [term]).fetchone()
    return np.fromstring(row[0] or "", dtype=np.int64, sep=",")
