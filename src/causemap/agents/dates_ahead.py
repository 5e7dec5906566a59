"""Scheduled dates after the as-of time: the next policy decision, releases and results.

Schedules are public in advance, but the calendar files hold what came to pass: an emergency
meeting, or a release put off, was in nobody's schedule. Only dates that follow the usual pattern
of their kind are told ahead; a release off its pattern is known a few days before at the most.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from causemap.agents.bench import iso
from causemap.records import Marker
from causemap.tools.market import MissingSeries
from causemap.tools.registry import REGISTRY

if TYPE_CHECKING:
    from causemap.tools.dated import CalendarEvent, EarningsDate
    from causemap.tools.market import AsOfView

_LABELS: Final = {"FOMC": "FOMC decision", "CPI": "CPI release", "NFP": "payrolls report"}
# Two meetings of the regular eight a year are at least five weeks apart.
_MEETINGS_APART: Final = timedelta(days=28)
_MEETING_DAYS: Final = (1, 2, 3)
# A release that was moved is announced anew; agencies do so about a week ahead.
_MOVED_KNOWN: Final = timedelta(days=5)
# The year's schedule is out long before; companies confirm a date about three weeks ahead.
_RELEASES: Final = timedelta(days=60)
_RESULTS: Final = timedelta(days=21)
_FRIDAY: Final = 4


def dates_ahead(view: AsOfView) -> tuple[Marker, ...]:
    """The next date of each kind of release, and the megacaps' results dates, as scheduled.

    Empty where the data directory has no calendar.
    """
    found: list[Marker] = []
    with suppress(MissingSeries):
        found += _releases(view.market.calendar, view.as_of)
    with suppress(MissingSeries):
        found += _results(view.market.results, view.as_of)
    return tuple(sorted(found, key=lambda marker: (marker.at, marker.label)))


def _releases(calendar: tuple[CalendarEvent, ...], as_of: datetime) -> Iterator[Marker]:
    for kind, label in _LABELS.items():
        dated = [event for event in calendar if event.kind == kind]
        ahead = [event for event in dated if as_of < event.at <= as_of + _RELEASES]
        # Only the next one: where that was in no schedule, none is told.
        for event in ahead[:1]:
            if _usual(event, dated) or (kind != "FOMC" and event.at - as_of <= _MOVED_KNOWN):
                yield Marker(iso(event.at), label, kind.lower())


def _usual(event: CalendarEvent, dated: Iterable[CalendarEvent]) -> bool:
    """Whether the date follows the pattern of its kind."""
    day = event.date
    if event.kind == "FOMC":
        near = [e for e in dated if e != event and abs(e.at - event.at) < _MEETINGS_APART]
        return not near and day.weekday() in _MEETING_DAYS
    if event.kind == "NFP":
        holiday = (day.month, day.day) in ((7, 2), (7, 3))
        return day.day <= 10 and (day.weekday() == _FRIDAY or holiday)
    return 10 <= day.day <= 16


def _results(results: tuple[EarningsDate, ...], as_of: datetime) -> Iterator[Marker]:
    for date in results:
        if as_of < date.at <= as_of + _RESULTS and date.ticker in REGISTRY:
            label = f"{REGISTRY[date.ticker].said} results"
            yield Marker(iso(date.at), label, "earnings")


__all__ = ["dates_ahead"]
