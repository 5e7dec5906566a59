"""Dates to come: only those that were published before the as-of time."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pandas as pd
import pytest

from causemap.tools.dated import releases
from causemap.tools.schedules import CALLED_OFF, SCHEDULES, ahead

PLANNED = {day for one in SCHEDULES for day in one.days}
# Decisions between two meetings, taken without notice.
SURPRISES = ("2007-08-17", "2008-01-22", "2008-10-08", "2020-03-03", "2020-03-15")


def days(as_of: str) -> list[str]:
    """The days told as being ahead."""
    return [one.day for one in ahead(as_of)]


@pytest.mark.parametrize("day", SURPRISES)
def test_a_decision_without_notice_is_never_ahead(day: str) -> None:
    """The evening before it, the next date told is another one or none."""
    before = (pd.Timestamp(day) - pd.Timedelta(days=1)).strftime("%Y-%m-%dT23:59Z")
    assert day not in days(before)
    assert day not in PLANNED


@pytest.mark.parametrize("one", SCHEDULES, ids=lambda one: one.published)
def test_a_schedule_tells_nothing_before_it_is_out(one: tuple[str, str, str, str]) -> None:
    """On the day of its publication nothing rests on it yet; every date told is still to come."""
    told = ahead(f"{one[0]}T23:59Z")
    assert all(found.published < one[0] < found.day for found in told)


def test_a_meeting_called_off_is_told_until_it_was() -> None:
    """The meeting of 18 March 2020 stood on the schedule until the 15th."""
    assert days("2020-03-06T21:00Z") == ["2020-03-18"]
    assert days("2020-03-15T23:59Z") == ["2020-04-29"]


def test_no_date_is_told_where_a_schedule_is_not_at_hand() -> None:
    """Of 2011 none was read as it was published; that of 2017 does not speak of autumn 2016."""
    assert days("2011-08-08T23:59Z") == []
    assert days("2016-11-10T23:59Z") == []
    assert days("2016-12-20T23:59Z") == ["2017-02-01"]


def test_a_schedule_leaves_no_hole_behind_it() -> None:
    """No two neighbouring dates of a schedule lie further apart than meetings do."""
    for one in SCHEDULES:
        dates = [pd.Timestamp(day) for day in (one.since, *one.days)]
        assert all(20 < (b - a).days < 65 for a, b in pairwise(dates))


def test_what_was_scheduled_was_held(shared_dir: Path) -> None:
    """Every date up to March 2026 is one on which the committee decided, or was called off."""
    found = pd.read_parquet(shared_dir / "data" / "macro_calendar.parquet")
    held = {str(day)[:10] for day in found.loc[found["event"] == "FOMC_DECISION", "date"]}
    assert {day for day in PLANNED if day < "2026-04"} - set(CALLED_OFF) <= held


def test_a_release_on_a_wrong_day_is_read_on_its_own(shared_dir: Path) -> None:
    """The calendar's decision of May 2026 was on 29 April by the schedule; nothing else moves."""
    frame = pd.read_parquet(shared_dir / "data" / "macro_calendar.parquet")
    found = releases(frame)
    decisions = [str(event.date) for event in found if event.kind == "FOMC"]
    assert [day for day in decisions if day >= "2026"] == [
        day for one in SCHEDULES for day in one.days if "2026" <= day < "2027"
    ]
    assert len(found) == len(frame)
    given = pd.to_datetime(frame["date"]).dt.strftime("%Y-%m-%d")
    assert sorted({str(e.date) for e in found} ^ set(given)) == ["2026-04-29", "2026-05-06"]
    # A calendar pulled anew holds the right day beside the wrong one.
    right = frame[given == "2026-05-06"].assign(date=pd.Timestamp("2026-04-29"))
    assert releases(pd.concat([frame, right])) == found
