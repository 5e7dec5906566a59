"""The one period a question means: days, weeks, months, quarters, ranges, read without a model.

What cannot exist (30 February), runs backwards or lies ahead is refused with one line; nothing is
guessed from half a date but the year, which is the latest past one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, timedelta
from itertools import pairwise
from typing import Final

from causemap.agents.time_words import TO, Mention, Period, mentions
from causemap.errors import UnclearQuestion, UsageError

_SLASHED: Final = re.compile(r"\b(\d{1,2})/(\d{1,2})/((?:19|20)\d\d)\b")
_SINCE: Final = re.compile(r"(?:\bsince|\bfrom|自|从)\s*(?:the\s+)?$")
_WEEK_OF: Final = re.compile(
    r"\bweek\s+(?:of|from|starting|beginning|(?P<to>to|ending|ended))\s+(?:on\s+)?$"
)
# Times told by something that no calendar here holds: the days have to be named.
_UNDATED: Final = re.compile(
    r"\b(?:days?|weeks?|months?)\s+(?:before|after|following|ahead of)"
    r"\s+[\w' ]{1,40}?(?=\s+(?:in|of|on)\b|[^\w' ]|$)"
    r"|\b(?:after|before)\s+(?:the\s+|its\s+)?(?:earnings|results)\b"
    r"|\b(?:christmas|new year|thanksgiving|easter)\b(?:'s)?"
    r"|(?:春节|清明节?|国庆节?|圣诞节?|感恩节|元旦|大选|财报)(?:之?[前后]|期间)"
)
_JOIN: Final = re.compile(r"^,?" + TO + r"(?:on\s+|the\s+)?$")


def find_period(text: str, today: date) -> Period | None:
    """The period named in ``text`` as seen on ``today``; ``None`` when no time is named.

    Raises:
        UsageError: a day that does not exist, a range that runs backwards, the future.
        UnclearQuestion: two separate times, a day that can be read in two ways, or days told
            by something without a date here (a holiday, results).
    """
    lowered = _iso_days(text.lower())
    found = mentions(lowered, today)
    if not found:
        return None
    period = _not_ahead(_innermost(_joined(lowered, found, today)), today)
    if period.kind == "span" and (beside := _UNDATED.search(lowered)):
        raise UnclearQuestion(
            f"I do not know the days of '{beside[0].strip()}': name them, for example "
            "'on 27 January 2025' or 'from 2026-01-29 to 2026-02-05'."
        )
    return period


def times_in(text: str, today: date) -> tuple[tuple[int, int], ...]:
    """Where ``text`` names a time, as stretches of it."""
    return tuple((m.begin, m.finish) for m in mentions(text.lower(), today))


def _iso_days(text: str) -> str:
    """Rewrite 5/13/2026 to ISO; refuse 2/5/2026, which is February or May by country."""

    def iso(found: re.Match[str]) -> str:
        one, two, year = int(found[1]), int(found[2]), int(found[3])
        if one <= 12 and two <= 12 and one != two:
            raise UnclearQuestion(
                f"Is {found[0]} the day {year}-{one:02d}-{two:02d} or {year}-{two:02d}-{one:02d}? "
                "Write it as YYYY-MM-DD."
            )
        month, day = (one, two) if one <= 12 else (two, one)
        return f"{year}-{month:02d}-{day:02d}"

    return _SLASHED.sub(iso, text)


def _joined(text: str, mentions: list[Mention], today: date) -> list[Period]:
    """Periods with ``A to B`` and ``since A`` put together."""
    for one, two in pairwise(mentions):
        if _JOIN.match(text[one.finish : two.begin]):
            return [_between(one, two, today)]
    first = mentions[0]
    period = _settled(first, today)
    before = text[: first.begin]
    if len(mentions) == 1 and _SINCE.search(before):
        return [Period(period.first, max(period.first, today), "span")]
    if len(mentions) == 1 and (week := _WEEK_OF.search(before)):
        back = 6 if week["to"] else 0
        begin = period.first - timedelta(days=back)
        return [Period(begin, begin + timedelta(days=6), "span")]
    return [_settled(m, today) for m in mentions]


def _settled(mention: Mention, today: date) -> Period:
    """With the year given, or the latest year in which the period had begun by ``today``."""
    if mention.year is not None:
        return mention.resolve(mention.year)
    for year in (today.year, today.year - 1):
        period = _resolved(mention, year)
        if period is not None and period.first <= today:
            return period
    return mention.resolve(today.year - 1)


def _resolved(mention: Mention, year: int) -> Period | None:
    try:
        return mention.resolve(year)
    except UsageError:  # 29 February exists in some years only
        return None


def _between(one: Mention, two: Mention, today: date) -> Period:
    if two.year is None and one.year is not None:
        start = one.resolve(one.year)
        end = two.resolve(one.year)
        end = end if end.last >= start.first else two.resolve(one.year + 1)
    else:
        end = _settled(two, today)
        start = one.resolve(one.year if one.year is not None else end.last.year)
        if one.year is None and start.first > end.last:
            start = one.resolve(end.last.year - 1)
    closes = start.kind == "day" and end.kind == "day"
    return Period(start.first, end.last, "range" if closes else "span")


def _innermost(periods: Iterable[Period]) -> Period:
    """The one period that lies inside all others; two separate ones are asked about."""
    distinct = sorted(set(periods), key=lambda p: (p.last - p.first, p.first))
    inner = distinct[0]
    for outer in distinct[1:]:
        if not (outer.first <= inner.first and inner.last <= outer.last):
            raise UnclearQuestion(
                f"You name two times, {_said(inner)} and {_said(outer)}: which one is meant? "
                "For a range write 'from ... to ...'."
            )
    return inner


def _not_ahead(period: Period, today: date) -> Period:
    if period.first > period.last:
        raise UsageError(
            f"The range runs backwards ({period.first} to {period.last}); "
            f"turn it round: {period.last} to {period.first}."
        )
    if period.first > today or (period.kind == "range" and period.last > today):
        raise UsageError(
            f"{_said(period)} lies in the future (it is {today}); ask about days that have passed."
        )
    return Period(period.first, min(period.last, today), period.kind)


def _said(period: Period) -> str:
    one_day = period.first == period.last
    return f"{period.first}" if one_day else f"{period.first} to {period.last}"
