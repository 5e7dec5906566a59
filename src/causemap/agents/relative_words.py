"""Times counted from the present day: last week, three days ago, on Monday."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Final

from causemap.agents.time_parts import (
    COUNT,
    MONTH_WORD,
    WEEKDAY_WORD,
    WEEKDAYS,
    Period,
    days_counted,
    month_of,
    months_of,
)
from causemap.errors import UsageError

_HAN_COUNT: Final = "一二三四五六七八九十"
_WEEKS: Final = frozenset({"week", "周", "星期"})


def _week(today: date, back: int) -> Period:
    monday = today - timedelta(days=today.weekday() + 7 * back)
    return Period(monday, min(monday + timedelta(days=6), today), "span")


def _month_back(today: date, back: int) -> Period:
    index = today.year * 12 + today.month - 1 - back
    return month_of(index // 12, index % 12 + 1)


def _weekday(today: date, number: int, *, before_today: bool = False) -> date:
    back = (today.weekday() - number) % 7
    return today - timedelta(days=back or (7 if before_today else 0))


def _named_weekday(found: re.Match[str], today: date) -> Period:
    day = _weekday(today, WEEKDAYS[found["w"]], before_today=found["last"] is not None)
    return Period(day, day, "day")


def _count_back(found: re.Match[str], today: date) -> Period:
    days = days_counted(found)
    if days < 1:
        raise UsageError("A period of no days holds no fall; ask for one day or more.")
    return Period(today - timedelta(days=days), today, "span")


def _han_back(found: re.Match[str], today: date) -> Period:
    """The last two weeks, in Chinese."""
    said = found["n"]
    count = int(said) if said.isdecimal() else 2 if said == "两" else _HAN_COUNT.index(said) + 1
    days = {"周": 7, "星期": 7, "月": 30}.get(found["u"], 1) * count
    return Period(today - timedelta(days=days), today, "span")


def _days_ago(today: date, days: int) -> Period:
    day = today - timedelta(days=days)
    return Period(day, day, "day")


def _quarter_back(_: re.Match[str], today: date) -> Period:
    quarter = (today.month - 1) // 3
    return (
        months_of(today.year, 3 * quarter - 2, 3 * quarter)
        if quarter
        else months_of(today.year - 1, 10, 12)
    )


def _ahead(found: re.Match[str], today: date) -> Period:
    raise UsageError(
        f"'{found[0]}' lies in the future (it is {today}); ask about days that have passed."
    )


def _ago(found: re.Match[str], today: date) -> Period:
    span = _count_back(found, today)
    return Period(span.first, span.first, "day") if found["u"] == "day" else _week(span.first, 0)


_RelativeReader = Callable[["re.Match[str]", date], Period]
RELATIVE: Final[tuple[tuple[re.Pattern[str], _RelativeReader], ...]] = tuple(
    (re.compile(pattern), reader)
    for pattern, reader in (
        (
            r"\b(?:last|past|previous)\s+" + COUNT + r"\s+(?P<u>day|session|week|month|year)s?\b",
            _count_back,
        ),
        (
            r"\bpast\s+(?P<u>week|month)\b|(?:最近|过去|近)(?:一|1)?(?P<h>周|星期|个月)",
            lambda f, t: Period(
                t - timedelta(7 if (f["u"] or f["h"]) in _WEEKS else 30), t, "span"
            ),
        ),
        (
            r"(?:最近|过去|近)(?P<n>[两二三四五六七八九十]|\d{1,3})个?(?P<u>天|日|周|星期|月)",
            _han_back,
        ),
        (r"\b" + COUNT + r"\s+(?P<u>day|week)s?\s+ago\b", _ago),
        (r"\b(?:tomorrow|next (?:week|month|quarter|year))\b|明天|下周|下个?月", _ahead),
        (r"\b(?:last|previous)\s+quarter\b(?!\s+of\b)|上(?:个|一)?季度", _quarter_back),
        (
            r"\b(?:last|previous)\s+week(?:end)?\b(?!\s+(?:of|in)\s+"
            + MONTH_WORD
            + r")|(?<!上)上周|(?<!上)上星期",
            lambda _, t: _week(t, 1),
        ),
        (r"\bthis\s+week(?:end)?\b|本周|这周|这星期|这一周", lambda _, t: _week(t, 0)),
        (r"\b(?:last|previous)\s+month\b|上个?月", lambda _, t: _month_back(t, 1)),
        (r"\bthis\s+month\b|本月|这个月", lambda _, t: _month_back(t, 0)),
        (r"\b(?:last|previous)\s+year\b|去年", lambda _, t: months_of(t.year - 1, 1, 12)),
        (r"\bthis\s+year\b|今年", lambda _, t: months_of(t.year, 1, 12)),
        (r"\byesterday\b|昨[天日晚]", lambda _, t: _days_ago(t, 1)),
        (r"(?<!大)前天", lambda _, t: _days_ago(t, 2)),
        (r"\btoday\b|今天|今日", lambda _, t: _days_ago(t, 0)),
        (r"(?<!black )(?:\b(?P<last>last)\s+)?\b" + WEEKDAY_WORD, _named_weekday),
    )
)
