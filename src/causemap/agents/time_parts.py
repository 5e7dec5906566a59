"""Periods, and the names and numbers of the calendar that times are told with."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from causemap.errors import UsageError

PeriodKind = Literal["day", "span", "range"]


@dataclass(frozen=True, slots=True)
class Period:
    """Days ``first`` to ``last``, both included.

    ``kind`` says how it was named: one ``day``; a ``span`` with a name (a week, a month, a
    quarter), whose first day's own fall counts; or a ``range`` between two days given as closes.
    """

    first: date
    last: date
    kind: PeriodKind


MONTHS: Final = {
    name.lower(): number
    for names in (calendar.month_name, calendar.month_abbr)
    for number, name in enumerate(names)
    if name
} | {"sept": 9}
WEEKDAYS: Final = {
    name.lower(): number
    for names in (calendar.day_name, calendar.day_abbr)
    for number, name in enumerate(names)
    if name not in ("Sat", "Sun")  # both are words of their own
} | {"tues": 1, "thur": 3, "thurs": 3}
_NUMBERS: Final = {
    "a": 1,
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "ten": 10,
    "twelve": 12,
}
HAN_WEEKDAYS: Final = {"一": 0, "二": 1, "三": 2, "四": 3, "五": 4, "六": 5, "日": 6, "天": 6}
MONTH_WORD: Final = "(?P<m>" + "|".join(sorted(MONTHS, key=len, reverse=True)) + r")\b\.?"
WEEKDAY_WORD: Final = "(?P<w>" + "|".join(sorted(WEEKDAYS, key=len, reverse=True)) + r")\b\.?"
TO: Final = r"\s*(?:\.{2,3}|-|–|—|~|to|and|until|till|through|至|到)\s*"
COUNT: Final = r"(?P<n>\d{1,3}|" + "|".join(_NUMBERS) + ")"


def one_day(year: int, month: int, day: int) -> date:
    """The day of the calendar; what is none is refused."""
    try:
        return date(year, month, day)
    except ValueError:
        raise UsageError(
            f"There is no day {year:04d}-{month:02d}-{day:02d}; check the date and ask again."
        ) from None


def month_of(year: int, month: int, first: int = 1, last: int = 31) -> Period:
    """A month, or its days ``first`` to ``last``."""
    length = calendar.monthrange(year, month)[1]
    return Period(date(year, month, first), date(year, month, min(last, length)), "span")


def months_of(year: int, first: int, last: int) -> Period:
    """The months ``first`` to ``last`` of a year."""
    return Period(date(year, first, 1), month_of(year, last).last, "span")


def days_counted(found: re.Match[str]) -> int:
    """The calendar days of "three weeks", one of the unit where no number stands before it."""
    said = found["n"] or "one"
    count = int(said) if said.isdecimal() else _NUMBERS[said]
    if found["u"] == "session":  # five of them make a week
        return -(-7 * count // 5)
    return {"day": 1, "week": 7, "month": 30, "year": 365}[found["u"]] * count
