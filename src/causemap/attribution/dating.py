"""When each node of the cause map began: series by their onsets, shocks by dated events as well.

A shock begins with the first dated event that speaks for it, or with its leading series where that
had begun to move in a bar that closed before the event (METHODS 4). What came after a third of the
fall answers it and dates nothing (TAXONOMY, rule 6).
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from causemap.attribution.order import HOUR, Span, hours, span_of, third_done
from causemap.attribution.template import COHORT_ITEM, COHORT_LED, LEADS, MARKERS, MOVES, move_of
from causemap.causes import CHANNELS, GROUPS
from causemap.closed_sets import AssetGroup, Cause
from causemap.records import Dossier, Evidence, Marker, OnsetInterval

_DAY: Final = 24.0
_FRIDAY: Final = 4
_WEEK: Final = 7
_MAX_LEAD: Final = 3 * _DAY
# A dated event needs a note that is chiefly about the cause, in the eyes of one of its two readers
# at least, each of whom has half a say.
FIRM: Final = 0.3


def date_nodes(
    dossier: Dossier, shocks: Mapping[Cause, Sequence[AssetGroup]], moves: Iterable[str]
) -> dict[str, OnsetInterval]:
    """The onset of every node that can be dated; ``shocks`` with the groups that keep them."""
    found = {cause: shock_onset(cause, dossier, groups) for cause, groups in shocks.items()}
    nodes = found | {name: lead_onset(name, dossier) for name in (*CHANNELS, *moves)}
    return {name: onset for name, onset in nodes.items() if onset is not None}


def shock_onset(
    cause: Cause, dossier: Dossier, groups: Sequence[AssetGroup]
) -> OnsetInterval | None:
    """When a shock began: its first dated event, or its leading series if that moved before it.

    Of the ``groups`` that keep the shock the first keeps it most: its series lead.

    An event that comes after the leading series had moved, or more than three days before it (or
    before the window, where no series leads), is not the shock's time.
    """
    lead = lead_onset(cause, dossier, groups[:1])
    window = span_of(lead) or Span(hours(dossier.scope.start), hours(dossier.scope.end, late=True))
    marked = [at for at in _marked(cause, dossier) if _fits(at, window)]
    late = _answered(dossier, groups[:1])
    event = _first(at for at in marked if hours(at) <= late)
    if event is not None:
        point = OnsetInterval(cause, event, event)
        return point if lead is None else _together(point, lead)
    if lead is not None:
        return lead
    known = _first([*marked, *(at for at in _told(cause, dossier, groups) if _fits(at, window))])
    return None if known is None else _by_then(cause, known, dossier.scope.start)


def _first(times: Iterable[str]) -> str | None:
    return min(times, key=lambda at: (hours(at), at), default=None)


def _answered(dossier: Dossier, groups: Collection[AssetGroup]) -> float:
    """When the first asset of the groups had lost a third of its fall (hours; else never)."""
    ours = (path for path in dossier.paths if move_of(path.asset).group in groups)
    return min(third_done(ours).values(), default=math.inf)


def _by_then(cause: Cause, known: str, start: str) -> OnsetInterval:
    """From the window's start to an event that is not known to be the first of its kind.

    Too little followed it at once, or too much of the fall came before it: it only proves that the
    shock was at work by then. An event before the window is its own time.
    """
    return OnsetInterval(cause, min(known, start, key=hours), known)


def _together(event: OnsetInterval, lead: OnsetInterval) -> OnsetInterval:
    """The event's time, unless a bar of the series' move had closed before it: then the interval.

    Inside the first bar of a move nothing tells before from after, so the event stands. A bar that
    had closed before the event shows the shock at work already: it began with the series, and was
    there by the event at the latest.
    """
    if hours(event.low) <= _first_close(hours(lead.low)):
        return event
    end = min(event.high, lead.high, key=lambda at: hours(at, late=True))
    return replace(event, low=lead.low, high=end)


def _first_close(opened: float) -> float:
    """The close of the daily bar that opened then: a day later, after a Friday on Monday.

    A holiday counts as a session: the bar then seems to close early, which only widens a shock.
    """
    weekday = datetime.fromtimestamp((opened + _DAY) * HOUR, UTC).weekday()
    return opened + _DAY * (1 if weekday <= _FRIDAY else 1 + _WEEK - weekday)


def _fits(at: str, window: Span) -> bool:
    return window.lo - _MAX_LEAD <= hours(at) <= window.hi


def _marked(cause: Cause, dossier: Dossier) -> list[str]:
    """The times of markers that may date the shock; a date alone is the whole day.

    A marker must be of the shock's kinds and, where evidence is attached, that must speak for the
    shock; a note or results (of a bank, say) without such evidence date nothing.
    """
    ledger = {item.id: item for item in dossier.evidence}
    return [
        marker.at
        for marker in dossier.markers
        if marker.kind.lower() in MARKERS[cause] and _speaks(marker, cause, ledger)
    ]


def _told(cause: Cause, dossier: Dossier, groups: Iterable[AssetGroup]) -> list[str]:
    """The times of reported events that name the cause, though no marker stands for them.

    Some of the fall followed at once, which lets a verdict name the cause; or the event names it
    firmly and was over before the window, where no price could follow it.
    """
    ours, start = {f"{group} events" for group in groups}, hours(dossier.scope.start)
    events = (item for item in dossier.evidence if item.group == "event_time")
    named = [item for item in events if item.metric == cause and item.asset in ours]
    return [item.observed_at for item in named if _lets_name(item) or _was_over(item, start)]


def _lets_name(item: Evidence) -> bool:
    return item.value > 0 and item.quality > 0


def _was_over(item: Evidence, start: float) -> bool:
    return item.quality >= FIRM and hours(item.observed_at, late=True) <= start


def _speaks(marker: Marker, cause: Cause, ledger: Mapping[str, Evidence]) -> bool:
    items = [ledger[name] for name in marker.evidence if name in ledger]
    kind = marker.kind.lower()
    named = [(item, sign) for item in items for c, sign in item.expected if c == cause]
    if named:
        return any(sign * (i.value if i.z is None else i.z) > 0 for i, sign in named)
    if kind == "note" or not items:
        return kind not in ("note", "earnings")
    return any(item.value < 0 and (item.z is None or item.z <= -1.0) for item in items)


def lead_onset(
    node: str, dossier: Dossier, groups: Iterable[AssetGroup] = GROUPS
) -> OnsetInterval | None:
    """The onset recorded under the node's own name, else the earliest of its leading series.

    Series of the asset ``groups`` concerned go before those of others.
    """
    known = {o.name.upper(): o for o in dossier.onsets if span_of(o) is not None}
    own = known.get(node.upper()) or _cohort_onset(node, dossier, known)
    if own is not None:
        return replace(own, name=node)
    wanted = set(groups)
    leads = [name for name in LEADS.get(node, ()) if name in known]
    inside = [name for name in leads if name not in MOVES or MOVES[name].group in wanted]
    found = [known[name] for name in inside or leads]
    if not found:
        return None
    first = min(found, key=lambda o: (hours(o.high, late=True), hours(o.low), o.name))
    return replace(first, name=node)


def _cohort_onset(
    node: str, dossier: Dossier, known: Mapping[str, OnsetInterval]
) -> OnsetInterval | None:
    if node not in COHORT_LED:
        return None
    item = next((e for e in dossier.evidence if e.id == COHORT_ITEM), None)
    return None if item is None else known.get(item.asset.upper())
