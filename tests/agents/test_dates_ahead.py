"""Dates ahead: what was in a schedule at the as-of time, and nothing that came as a surprise."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from causemap.agents.dates_ahead import dates_ahead
from causemap.tools.dated import CalendarEvent, EarningsDate
from causemap.tools.market import MissingSeries, open_market

NEW_YORK = ZoneInfo("America/New_York")


def event(kind: str, day: str, hour: int = 8, minute: int = 30) -> CalendarEvent:
    """A release at an hour of New York."""
    on = date.fromisoformat(day)
    at = datetime(on.year, on.month, on.day, hour, minute, tzinfo=NEW_YORK)
    return CalendarEvent(kind, at.astimezone(UTC), on, None)


def ahead(as_of: str, *found: CalendarEvent | EarningsDate) -> list[tuple[str, str]]:
    """Day and label of what is told ahead, from a calendar of those events."""
    dated = [f for f in found if isinstance(f, CalendarEvent)]
    market: Any = SimpleNamespace(
        calendar=tuple(sorted(dated, key=lambda e: e.at)),
        results=tuple(f for f in found if isinstance(f, EarningsDate)),
    )
    view: Any = SimpleNamespace(market=market, as_of=datetime.fromisoformat(f"{as_of}T23:59+00:00"))
    return [(marker.at[:10], marker.label) for marker in dates_ahead(view)]


def test_the_next_of_each_kind_is_told() -> None:
    """One decision, one price index, one payrolls report, in the order of their days."""
    told = ahead(
        "2026-04-15",
        event("FOMC", "2026-05-06", 14, 0),
        event("FOMC", "2026-06-17", 14, 0),
        event("NFP", "2026-05-08"),
        event("CPI", "2026-05-12"),
        event("CPI", "2026-04-10"),
    )
    assert told == [
        ("2026-05-06", "FOMC decision"),
        ("2026-05-08", "payrolls report"),
        ("2026-05-12", "CPI release"),
    ]


@pytest.mark.parametrize(
    ("as_of", "surprise", "around"),
    [
        ("2008-10-05", "2008-10-08", ("2008-09-16", "2008-10-29")),
        ("2020-02-28", "2020-03-03", ("2020-01-29", "2020-03-15", "2020-04-29")),
        ("2020-03-12", "2020-03-15", ("2020-03-03", "2020-04-29")),
    ],
)
def test_an_emergency_meeting_is_never_told_ahead(
    as_of: str, surprise: str, around: tuple[str, ...]
) -> None:
    """Nobody's schedule held it, though the calendar of what happened does."""
    meetings = [event("FOMC", day, 14, 0) for day in (surprise, *around)]
    assert ahead(as_of, *meetings) == []


@pytest.mark.parametrize(
    ("kind", "day", "early", "late"),
    [
        ("NFP", "2025-11-20", "2025-11-10", "2025-11-16"),
        ("CPI", "2025-10-24", "2025-10-10", "2025-10-20"),
        ("NFP", "2026-02-11", "2026-02-01", "2026-02-07"),
    ],
)
def test_a_release_put_off_is_known_a_few_days_before(
    kind: str, day: str, early: str, late: str
) -> None:
    """Its new day was announced late: weeks ahead it is not told, days ahead it is."""
    assert ahead(early, event(kind, day)) == []
    assert [found for found, _ in ahead(late, event(kind, day))] == [day]


def test_payrolls_before_a_holiday_are_usual() -> None:
    """On a Thursday before Independence Day they are as scheduled."""
    assert ahead("2025-06-10", event("NFP", "2025-07-03")) == [("2025-07-03", "payrolls report")]


def test_results_are_told_three_weeks_ahead() -> None:
    """A date is confirmed about three weeks before; further ahead it is nobody's schedule."""
    nvidia = EarningsDate("NVDA", date(2026, 2, 25), "AMC")
    assert ahead("2026-02-07", nvidia) == [("2026-02-25", "Nvidia results")]
    assert ahead("2026-01-20", nvidia) == []
    assert ahead("2026-02-25", nvidia) == []
    assert ahead("2026-02-07", EarningsDate("UNKNOWN", date(2026, 2, 25), "AMC")) == []


def test_without_a_calendar_nothing_is_told() -> None:
    """A data directory without the files has no dates ahead, and no fault."""

    class Bare:
        """A market whose files are missing."""

        @property
        def calendar(self) -> tuple[CalendarEvent, ...]:
            """No such file."""
            raise MissingSeries("macro_calendar", "not_covered", "no file")

        @property
        def results(self) -> tuple[EarningsDate, ...]:
            """No such file."""
            raise MissingSeries("megacap_earnings", "not_covered", "no file")

    view: Any = SimpleNamespace(market=Bare(), as_of=datetime(2026, 2, 7, tzinfo=UTC))
    assert dates_ahead(view) == ()


def test_real_calendars_tell_only_days_after_the_as_of(shared_dir: Path) -> None:
    """On real files: always ahead, at most one release of a kind, none of the surprises."""
    market = open_market(shared_dir / "data")
    for year in range(2006, 2026):
        as_of = datetime(year, 10, 6, tzinfo=UTC)
        told = dates_ahead(market.view(as_of))
        assert all(datetime.fromisoformat(marker.at) > as_of for marker in told)
        releases = [marker.label for marker in told if marker.kind != "earnings"]
        assert len(releases) == len(set(releases))
        assert "2008-10-08" not in {marker.at[:10] for marker in told}
