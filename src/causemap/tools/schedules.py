"""Decisions of the Federal Reserve that were scheduled before they were taken.

A calendar drawn up later cannot say what was scheduled: it holds meetings that nobody had announced
and the new date of what was moved. Here stand the schedules as they were published, each with the
day on which it was, so that an as-of time sees only what was out. Years whose schedule was not at
hand as it was published are not here, nor are CPI and payrolls: the statistics office moves its
dates, and of its calendars only the latest state is kept.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from causemap.records import Scheduled

FOMC: Final = "FOMC decision"
_PRESS: Final = "https://www.federalreserve.gov/newsevents"
_NAFCU: Final = "https://www.nafcu.org/newsroom/fomc-announces-tentative"


class Schedule(NamedTuple):
    """One published schedule: whose page it stands on, and the last day of each meeting.

    ``since`` is the meeting before its first: up to then another one, not held here, comes next.
    """

    published: str
    since: str
    outlet: str
    url: str
    days: tuple[str, ...]


def _days(year: int, days: str, after: str = "") -> tuple[str, ...]:
    """``"01-31 03-21"`` of a year; ``after`` is the first meeting of the year after it."""
    return tuple(f"{year}-{day}" for day in days.split()) + ((after,) if after else ())


def _fed(published: str, since: str, page: str, days: tuple[str, ...]) -> Schedule:
    return Schedule(published, since, "Federal Reserve", f"{_PRESS}/{page}.htm", days)


def _nafcu(published: str, since: str, year: int, days: tuple[str, ...]) -> Schedule:
    return Schedule(published, since, "NAFCU", f"{_NAFCU}-{year}-meeting-schedule", days)


SCHEDULES: Final = (
    _fed(
        "2006-07-20",
        "2006-12-12",
        "pressreleases/monetary20060720b",
        _days(2007, "01-31 03-21 05-09 06-28 08-07 09-18 10-31 12-11", "2008-01-30"),
    ),
    _fed(
        "2009-02-13",
        "2009-01-28",
        "press/monetary/20090213a",
        _days(2009, "03-18 04-29 06-24 08-12 09-23 11-04 12-16", "2010-01-27"),
    ),
    _fed(
        "2012-05-16",
        "2012-04-25",
        "pressreleases/monetary20120516b",
        _days(2012, "06-20 08-01 09-13 10-24 12-12")
        + _days(2013, "01-30 03-20 05-01 06-19 07-31 09-18 10-30 12-18", "2014-01-29"),
    ),
    _fed(
        "2016-06-28",
        "2016-12-14",
        "pressreleases/monetary20160628a",
        _days(2017, "02-01 03-15 05-03 06-14 07-26 09-20 11-01 12-13", "2018-01-31"),
    ),
    _nafcu(
        "2019-05-20",
        "2019-12-11",
        2020,
        _days(2020, "01-29 03-18 04-29 06-10 07-29 09-16 11-05 12-16", "2021-01-27"),
    ),
    _nafcu(
        "2020-07-07",
        "2020-12-16",
        2021,
        _days(2021, "01-27 03-17 04-28 06-16 07-28 09-22 11-03 12-15", "2022-01-26"),
    ),
    _fed(
        "2021-06-04",
        "2021-12-15",
        "pressreleases/monetary20210604a",
        _days(2022, "01-26 03-16 05-04 06-15 07-27 09-21 11-02 12-14", "2023-02-01"),
    ),
    _fed(
        "2024-08-09",
        "2024-12-18",
        "pressreleases/monetary20240809a",
        _days(2025, "01-29 03-19 05-07 06-18 07-30 09-17 10-29 12-10")
        + _days(2026, "01-28 03-18 04-29 06-17 07-29 09-16 10-28 12-09", "2027-01-27"),
    ),
    _fed(
        "2025-09-05",
        "2026-12-09",
        "pressreleases/monetary20250905a",
        _days(2027, "01-27 03-17 04-28 06-09 07-28 09-15 10-27 12-08", "2028-01-26"),
    ),
)
# Meetings called off, with the day on which that was said.
CALLED_OFF: Final = {"2020-03-18": "2020-03-15"}


def ahead(as_of: str) -> tuple[Scheduled, ...]:
    """The next decision that was on a schedule published before ``as_of`` (ISO); none if unknown.

    A schedule counts from the end of the day on which it was published.
    """
    today = as_of[:10]
    known = [one for one in SCHEDULES if one.published < today and one.since <= today]
    found = {
        day: one
        for one in known
        for day in one.days
        if day > today and CALLED_OFF.get(day, "9999") > today
    }
    if not found:
        return ()
    day = min(found)
    return (Scheduled(FOMC, day, found[day].published, found[day].outlet, found[day].url),)
