"""Price levels told by the notes, held against the tape.

A note of another year, or one laid under a wrong date, tells levels that no price had in the months
of the window; what that makes of them is :mod:`causemap.agents.of_its_time`. Levels are read as in
articles (:mod:`causemap.tools.claims`); closes do not show the extremes inside a day, so only what
is far off counts against the notes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pandas as pd

from causemap.agents.bench import iso
from causemap.articles import Article
from causemap.records import Evidence, Note
from causemap.tools.claims import extract
from causemap.tools.claims.records import Amount
from causemap.tools.claims.tape import Window, prices
from causemap.tools.market import MissingSeries
from causemap.tools.news.dateline import Fit
from causemap.tools.news.stories import Story
from causemap.tools.notes import known_at
from causemap.tools.rounding import rounded

if TYPE_CHECKING:
    from causemap.agents.bench import Bench

# Closes looked at, from this long before the window on.
LOOK_BACK: Final = pd.Timedelta(days=60)
# Far off: as much beyond the closes' range, in log points of a price and in points of a yield.
FAR_PRICE: Final = 0.15
FAR_YIELD: Final = 0.5
_LEVELS: Final = (
    "levels_known",
    "the share of price levels told by the news that closes of these months come near",
    "dated notes, daily closes",
)


def hold_levels(bench: Bench, told: Iterable[Story]) -> Fit:
    """Test the levels that stories tell; what is found stands in the evidence as context."""
    notes = [story.note for story in told]
    tests = [test for note in notes for test in _tested(bench, note)]
    known = sum(test.known for test in tests)
    found = Fit(known, len(tests) - known)
    if tests:
        series = tuple(dict.fromkeys(name for test in tests for name in test.series))
        closed = bench.known_at(series, bench.end)
        bench.evidence.append(share_known(bench, _LEVELS, found, notes, closed))
    return found


class _Test(NamedTuple):
    """A level held against series, and whether one of them comes near."""

    series: tuple[str, ...]
    known: bool


def _tested(bench: Bench, note: Note) -> Iterator[_Test]:
    """Whether the tape knows each level the note tells of a series at hand."""
    since = f"{bench.start - LOOK_BACK:%Y-%m-%d}"
    for claim in extract(_article(note)):
        if claim.kind not in ("level", "threshold") or claim.amount is None or not claim.about:
            continue
        # A level of an earlier time that the text names is another matter.
        if claim.span is not None and claim.span.until < since:
            continue
        try:
            yield _held(bench, claim.about[0], claim.amount)
        except MissingSeries:
            # What cannot be held against anything speaks neither way.
            continue


def _article(note: Note) -> Article:
    return Article(
        id=note.id,
        url=None,
        publisher=note.publisher,
        title="",
        published=note.published,
        precision=note.precision,
        retrieved=note.published,
        available=note.published,
        language="",
        text=note.text,
    )


def _held(bench: Bench, name: str, amount: Amount) -> _Test:
    """Whether a level lies near the closes around the window; raises :class:`MissingSeries`."""
    found = prices(bench.view, name, Window(bench.start - LOOK_BACK, bench.end))
    near = any(_near(values, amount) for _, values in found)
    return _Test(tuple(series for series, _ in found), near)


def _near(values: pd.Series[float], amount: Amount) -> bool:
    lowest, highest = float(values.min()), float(values.max())
    if amount.unit in ("%", "bp"):
        scale = 100.0 if amount.unit == "bp" else 1.0
        low, high = amount.low / scale, amount.high / scale
        return lowest - FAR_YIELD <= high and low <= highest + FAR_YIELD
    if min(lowest, amount.low) <= 0.0:
        return True
    return bool(
        np.log(lowest / amount.high) <= FAR_PRICE and np.log(amount.low / highest) <= FAR_PRICE
    )


def share_known(
    bench: Bench, row: tuple[str, str, str], found: Fit, notes: Iterable[Note], later: str = ""
) -> Evidence:
    """How much of what notes tell is known, as context.

    ``row`` is the metric, its words and its source; ``later`` the time (ISO) from which what the
    notes were held against is known, where that is not before the last of them.
    """
    metric, said, source = row
    last = iso(max(known_at(note) for note in notes))
    return Evidence(
        id=f"{bench.desk}.news.{metric}",
        desk=bench.desk,
        family="text",
        group="context",
        metric=metric,
        asset="news",
        start=bench.scope.start,
        end=bench.scope.end,
        value=rounded(found.known / found.held),
        unit="ratio",
        said=said,
        observed_at=last,
        available_at=max(last, later),
        source=source,
        n=found.held,
    )
