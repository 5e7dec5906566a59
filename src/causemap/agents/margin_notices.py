"""Exchange margin rises told by the notes, dated against the fall: response, or possible cause.

TAXONOMY rule 6: what is dated after a third of the fall answers it. The items are context: they
bear on links of the cause map and stand on the clock, but move no probability.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

import pandas as pd

from causemap.agents.bench import iso
from causemap.causes import BREAK_SHARE, GROUP_ASSETS
from causemap.closed_sets import AssetGroup
from causemap.records import Evidence, Marker, Note
from causemap.tools.market import MissingSeries
from causemap.tools.measures.metals import NoticeRole, NoticeTiming, notice_timing
from causemap.tools.measures.order import Market, close_times
from causemap.tools.news.stories import outlet, quality
from causemap.tools.news.timing import begun
from causemap.tools.notes import known_at
from causemap.tools.rounding import rounded

if TYPE_CHECKING:
    from causemap.agents.bench import Bench
    from causemap.tools.news.margins import MarginRise

_MARKETS: Final[dict[AssetGroup, Market]] = {"metals": "us_equity", "crypto": "crypto"}
# Notes within this time of a rise tell the same one.
_SAME: Final = timedelta(days=3)
_MOST: Final = 3
SAID: Final = "the share of the fall already made when a rise of exchange margins became known"
WORDS: Final = {
    NoticeRole.BEFORE_FALL: "it came first: a possible cause",
    NoticeRole.RESPONSE: "a response that may have added to the rest of the fall",
    NoticeRole.AFTER_FALL: "a response, after the low",
    NoticeRole.UNDECIDED: "daily closes do not tell which came first",
}


@dataclass(frozen=True, slots=True)
class Told:
    """A rise of margins as first told, and all outlets that told it."""

    note: Note
    rise: MarginRise
    outlets: frozenset[str]


class _Placed(NamedTuple):
    name: str
    timing: NoticeTiming


def add_margin_rises(bench: Bench, notes: tuple[Note, ...]) -> None:
    """Record each margin rise told for a market asked about, with its marker; or the gap."""
    for group in (g for g in _MARKETS if g in bench.scope.groups):
        told = rises(notes, group) if notes else []
        for one in told[:_MOST]:
            placed = _placed(bench, group, one)
            if placed is not None:
                _record(bench, group, one, placed)
        if group == "metals" and not told:
            why = "no dated note of the window tells of one"
            bench.gap("exchange margin rises on metals", "empty", why)
    if "metals" in bench.scope.groups:
        why = "no mints, transfers or premiums of gold tokens in the data directory"
        bench.gap("tokenised-gold flows", "not_covered", why)


def rises(notes: Iterable[Note], group: AssetGroup) -> list[Told]:
    """The rises for one market in time order, each once; recollections date nothing."""
    # Compiling its expressions takes longer than a run without notes has to spare.
    from causemap.tools.news.margins import margin_rise

    found: list[Told] = []
    for note in sorted(notes, key=lambda n: (known_at(n), n.id)):
        rise = margin_rise(note.text) if note.basis != "knowledge" else None
        if rise is None or group not in rise.groups:
            continue
        # A mention of what had been known is no second rise.
        if found and (rise.past or begun(note) - begun(found[-1].note) <= _SAME):
            last = found[-1]
            found[-1] = Told(last.note, last.rise, last.outlets | {outlet(note)})
        else:
            found.append(Told(note, rise, frozenset({outlet(note)})))
    return found


def _placed(bench: Bench, group: AssetGroup, told: Told) -> _Placed | None:
    """The rise on the fall of the group's first asset asked about that fell; None if none did."""
    asked = [asset for asset in bench.scope.assets if asset in GROUP_ASSETS[group]]
    since = None if told.rise.past else pd.Timestamp(begun(told.note))
    for name in asked or GROUP_ASSETS[group]:
        try:
            path = bench.series(name).loc[bench.start : bench.end]
        except MissingSeries:
            continue
        if len(path) < 2:
            continue
        times = close_times(pd.DatetimeIndex(path.index), _MARKETS[group])
        closes = pd.Series(path.to_numpy(), index=times)
        known = pd.Timestamp(known_at(told.note))
        found = notice_timing(since, known, closes, times[0], times[-1], BREAK_SHARE)
        if found is not None:
            return _Placed(name, found)
    return None


def _record(bench: Bench, group: AssetGroup, told: Told, placed: _Placed) -> None:
    note, timing = told.note, placed.timing
    known = max(iso(known_at(note)), bench.known_at((placed.name,), bench.end))
    item = Evidence(
        id=f"{bench.desk}.{group}.margin_rise_{note.published[:10].replace('-', '')}",
        desk=bench.desk,
        # As with dated events, what has no address rests on the text alone.
        family="event_time" if note.url else "text",
        group="context",
        metric="margin_rise",
        asset=placed.name,
        start=bench.scope.start,
        end=bench.scope.end,
        value=rounded(timing.done_low),
        unit="ratio",
        said=f"{SAID} ({WORDS[timing.role]})",
        observed_at=note.published,
        available_at=known,
        source="dated notes, daily closes",
        quality=quality(note),
        low=rounded(timing.done_low),
        high=rounded(timing.done_high),
        n=len(told.outlets),
        url=note.url,
    )
    bench.evidence.append(item)
    label = "reported: exchange margins raised"
    bench.markers.append(Marker(note.published, label, "note", (item.id,), note.id))
