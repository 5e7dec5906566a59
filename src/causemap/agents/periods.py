"""The one period a question means: days, weeks, months, quarters, ranges, read without a model.

What cannot exist (30 February), runs backwards or lies ahead is refused with one line; nothing is
guessed from half a date but the year, which is the latest past one.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from datetime import date, timedelta
from itertools import pairwise
from typing import Final

from causemap.agents.asset_words import spoken
from causemap.agents.dates_written import absolute, two_ways
from causemap.agents.subjects import names_no_time
from causemap.agents.time_parts import COUNT, MONTHS, TO, WEEKDAYS, Period, days_counted
from causemap.agents.time_words import Mention, mentions
from causemap.errors import UnclearQuestion, UsageError

_SINCE: Final = re.compile(r"(?:\bsince|\bfrom|自|从)\s*(?:the\s+)?$")
_WEEK_OF: Final = re.compile(r"\bweek\s+(?:of|from|starting|beginning)\s+(?:on\s+)?$")
_DAYS_TO: Final = re.compile(
    rf"\b(?:(?:{COUNT}\s+(?:trading\s+)?)(?=[dswm])|(?=week\b))(?P<u>day|session|week|month)s?"
    r"\s+(?:(?:up )?to|through|ending|ended)\s+(?:on\s+)?$"
)
HOLIDAY: Final = re.compile(
    r"\b(?:christmas|new year|thanksgiving|easter)\b(?:'s)?(?: (?:eve|day|week))?"
    r"|春节|清明节?|国庆节?|圣诞节?|感恩节|元旦"
)
# Times told by something that no calendar here holds: the days have to be named.
_UNDATED: Final = re.compile(
    r"\b(?:days?|weeks?|months?)\s+(?:before|after|following|ahead of)"
    r"\s+[\w' ]{1,40}?(?=\s+(?:in|of|on)\b|[^\w' ]|$)"
    # "After hitting a record" and "after all" tell of no time of their own.
    r"|\b(?:after|before|following|ahead of|since)\s+(?!\w+ing\b|all\b|that\b|this\b|it\b"
    r"|(?:the )?(?:start|beginning|end|middle|early|mid|late|last|first|second|third|fourth)\b)"
    r"[a-z][\w' ]{1,40}?(?=\s+(?:in|of|on|for)\b|[^\w' ]|$)"
    r"|\b(?:christmas|new year|thanksgiving|easter)\b(?:'s)?"
    r"|(?:春节|清明节?|国庆节?|圣诞节?|感恩节|元旦|大选|财报)(?:之?前后?|之?后|期间)"
)
_JOIN: Final = re.compile(r"^,?" + TO + r"(?:on\s+|the\s+)?$")
# Words beside a time that make another of it: a week after it, its weekend, before it.
_BEFORE: Final = re.compile(
    r"(?:\b(?:(?:\w+\s+)?(?:days?|weeks?|months?|sessions?)\s+)?"
    r"(?:before|after|until|till|by|prior to|following|ahead of|half of|quarter of|part of"
    r"|middle of|turn of|rest of|weekends?(?: (?:of|in|before|after))?|spring|summer|autumn|winter"
    r"|weeks? in|(?:mon|tues|wednes|thurs|fri|satur|sun)days? (?:of|in))\s+(?:the\s+|late\s+)?"
    r"|\b(?:early|mid|late|(?:start|beginning|middle|end) of)[\s-]+(?:the\s+)?"
    r"|\d[./-])$"
)
_AFTER: Final = re.compile(
    r"(?:\s+(?:high|peak|top|low|trough|bottom)s?\b|\s*(?:to|through|till|until)\s+the\s+\d"
    r"|[-/.'\u2019]\s?\d|\s*(?:之?前|之?后|以前|以后))"
)
_EVER_SINCE: Final = re.compile(r"\s*(?:以来|至今)")
_YEAR: Final = re.compile(r"\d{4}")
_IN_YEAR: Final = re.compile(r"\b(?:in|of|during|since|from|for|year|than|the)\s+$")
# The word that a year follows; of a number ("week 6 of 2018") what it counts.
_BESIDE_YEAR: Final = re.compile(
    r"(?:\b[a-z]+\s+)?\b\d+(?:st|nd|rd|th)?(?:\s+of|,)?\s+$"
    r"|\b(?:[a-z']+\s+(?=(?:day|week|eve|month|season)\b))?(?P<word>[a-z][a-z'\u2019]*)(?:\s+(?:of|in)\s+the\s+year|\s+of)?,?\s+$"
)
_NEAR: Final = 0.75
_ORDER: Final = re.compile(
    r"(?:after|before|following|ahead of|since)(?:[\s,]|\b(?:the|and|or)\b)*"
)
_WEEKDAY: Final = r"\b(" + "|".join(sorted(WEEKDAYS, key=len, reverse=True)) + r")\b"


def find_period(text: str, today: date) -> Period | None:
    """The period named in ``text`` as seen on ``today``; ``None`` when no time is named.

    Raises:
        UsageError: a day that does not exist, a range that runs backwards, the future.
        UnclearQuestion: two separate times, a day that can be read in two ways, or days told
            by something without a date here (a holiday, results).
    """
    lowered = absolute(text.lower(), today)
    if ask := two_ways(lowered):
        raise UnclearQuestion(ask)
    found = mentions(lowered, today)
    beside = _undated(lowered, today)
    if not found:
        if beside:
            raise _unclear(beside)
        return None
    period = _not_ahead(_innermost(_joined(lowered, found, today)), today)
    if period.kind == "span" and beside:
        raise _unclear(beside)
    _refuse_unread(lowered, found)
    _refuse_other_weekday(lowered, found, period)
    return period


def _undated(text: str, today: date) -> str:
    """A time told by what no calendar here holds; empty if there is none.

    "Since March" has a date, and "before gold" asks for an order, not for a time.
    """
    told = (found[0].strip() for found in _UNDATED.finditer(text))
    unread = (s for s in told if not (s.startswith("since") and mentions(s, today)))
    return next((said for said in unread if not _ORDER.fullmatch(spoken().sub("", said))), "")


def _unclear(said: str, hint: str = "") -> UnclearQuestion:
    return UnclearQuestion(
        f"I do not know the days of '{said}': {hint}name them, for example "
        "'on 27 January 2025' or 'from 2026-01-29 to 2026-02-05'."
    )


def _refuse_unread(text: str, found: list[Mention]) -> None:
    """Ask back where a word beside a time makes another time of it that is not understood."""
    for place, mention in enumerate(found):
        before, after = text[: mention.begin], text[mention.finish :]
        joined = place > 0 and _JOIN.match(text[found[place - 1].finish : mention.begin])
        unread = None if joined else _BEFORE.search(before)
        tail = _AFTER.match(after)
        if unread or tail:
            begin = unread.start() if unread else mention.begin
            end = mention.finish + (tail.end() if tail else 0)
            raise _unclear(text[begin:end].strip())
        if not joined:
            _refuse_unread_year(text, mention)


def _refuse_unread_year(text: str, mention: Mention) -> None:
    """Ask back where a year alone stands beside a word that may name a part of it.

    "Febuary 2018", "labor day 2020" and "week 6 of 2018" are no whole years; "the crash of 2008"
    and "bitcoin 2018" are.
    """
    said = text[mention.begin : mention.finish]
    beside = _BESIDE_YEAR.search(text[: mention.begin]) if _YEAR.fullmatch(said) else None
    word = (beside["word"] or "") if beside is not None else ""
    if beside is None or (word and names_no_time(word)):
        return
    month = difflib.get_close_matches(word, MONTHS, n=1, cutoff=_NEAR)
    hint = f"did you mean {month[0].capitalize()} {said}? Else " if month else ""
    raise _unclear(f"{beside[0].strip()} {said}", hint)


def other_weekday(text: str, period: Period) -> str:
    """The weekday that ``text`` names if its one day, ``period``, is another; else empty."""
    said = re.findall(_WEEKDAY, text.lower())
    if period.first != period.last or len(said) != 1:
        return ""
    return said[0].capitalize() if WEEKDAYS[said[0]] != period.first.weekday() else ""


def _refuse_other_weekday(text: str, found: list[Mention], period: Period) -> None:
    """Ask back where the weekday beside a date is not that day's ("Tuesday 16 March 2020")."""
    said = other_weekday(text, period) if len(found) == 1 and period.kind == "day" else ""
    if said and re.fullmatch(_WEEKDAY, text[found[0].begin : found[0].finish].strip(". ")) is None:
        raise UnclearQuestion(
            f"{period.first} was a {period.first:%A}, not a {said}: which day is meant? Write it "
            "as YYYY-MM-DD."
        )


def dated(text: str, today: date) -> tuple[Period, ...]:
    """The periods that ``text`` dates by itself, whatever the present day is; none of half a date.

    A year alone counts where a word of time stands before it: "above 2000" is no year.
    """
    lowered = absolute(text.lower(), today)
    found = [
        mention
        for mention in mentions(lowered, today, relative=False)
        if not _YEAR.fullmatch(lowered[mention.begin : mention.finish])
        or _IN_YEAR.search(lowered[: mention.begin])
    ]
    try:
        return tuple(_joined(lowered, found, today)) if found else ()
    except UsageError:
        return ()


def times_in(text: str, today: date, *, relative: bool = True) -> tuple[tuple[int, int], ...]:
    """Where ``text`` names a time, as stretches of it."""
    found = mentions(text.lower(), today, relative=relative)
    return tuple((m.begin, m.finish) for m in found)


def _joined(text: str, mentions: list[Mention], today: date) -> list[Period]:
    """Periods with ``A to B`` and ``since A`` put together."""
    for one, two in pairwise(mentions):
        if _JOIN.match(text[one.finish : two.begin]):
            return [_between(one, two, today)]
    first = mentions[0]
    period = _settled(first, today)
    before = text[: first.begin]
    after = text[first.finish :]
    if len(mentions) == 1 and (_SINCE.search(before) or _EVER_SINCE.match(after)):
        return [Period(period.first, max(period.first, today), "span")]
    if len(mentions) == 1 and _WEEK_OF.search(before):
        return [Period(period.first, period.first + timedelta(days=6), "span")]
    if len(mentions) == 1 and period.kind == "day" and (counted := _DAYS_TO.search(before)):
        begin = period.first - timedelta(days=days_counted(counted) - 1)
        return [Period(begin, period.first, "span")]
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
