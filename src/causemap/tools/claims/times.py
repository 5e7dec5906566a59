"""Days, months and years named in English and Chinese text, resolved against a publication date."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final, NamedTuple

from causemap.tools.claims.records import Span

_MONTHS: Final = {
    name: number
    for number in range(1, 13)
    for name in (calendar.month_name[number].lower(), calendar.month_abbr[number].lower())
} | {"sept": 9}
_MONTH: Final = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec)[a-z]{0,6}\.?"
_YEAR: Final = r"(?:19|20)\d\d"
_RANGE: Final = re.compile(
    rf"(?<![a-z])(?P<m1>{_MONTH}) (?P<d1>\d{{1,2}})(?:st|nd|rd|th)?(?:,? (?P<y1>{_YEAR}))?"
    rf"\s?(?:to|through|until|[-–—])\s?(?:(?P<m2>{_MONTH}) )?(?P<d2>\d{{1,2}})(?!\d)"
    rf"(?:st|nd|rd|th)?(?:,? (?P<y2>{_YEAR}))?"
)
_DAY: Final = re.compile(
    rf"(?<![a-z])(?:(?P<m1>{_MONTH}) (?P<d1>\d{{1,2}})(?!\d)(?:st|nd|rd|th)?"
    rf"|(?P<d2>\d{{1,2}}) (?P<m2>{_MONTH}))(?:,? (?P<y>{_YEAR}))?"
)
_ISO: Final = re.compile(rf"(?<!\d)(?P<y>{_YEAR})-(?P<m>\d\d)-(?P<d>\d\d)(?!\d)")
_PART: Final = r"(?:(?P<part>early|mid|late|the start of|the end of|end of)[- ])?"
_MONTHLY: Final = re.compile(
    rf"(?<![a-z])(?:(?:in|during|of|throughout|through|by|from) )?{_PART}"
    rf"(?P<m>{_MONTH})(?![a-z])(?!\s?\d{{1,2}}(?!\d))(?:,? (?P<y>{_YEAR}))?"
)
_YEARLY: Final = re.compile(
    rf"(?:(?P<part>early|mid|late)[- ]|(?:in|of|during|throughout|by)\s|\(|"
    rf"(?<=since )|(?=\d{{4}} (?:peaks?|highs?)\b))"
    rf"(?P<y>{_YEAR})(?![\d-])"
)
_ZH_RANGE: Final = re.compile(
    rf"(?:(?P<y1>{_YEAR})年)?(?P<m1>\d{{1,2}})月(?P<d1>\d{{1,2}})日?\s?[至到\-–—~]\s?"
    r"(?:(?P<m2>\d{1,2})月)?(?P<d2>\d{1,2})日"
)
_ZH_DAY: Final = re.compile(rf"(?:(?P<y>{_YEAR})年)?(?P<m>\d{{1,2}})月(?P<d>\d{{1,2}})日")
_ZH_MONTH: Final = re.compile(
    rf"(?:(?P<y>{_YEAR})年)?(?P<m>\d{{1,2}})月(?!\d)(?P<part>初|上旬|中旬|底|末|下旬)?"
)
_ZH_YEAR: Final = re.compile(rf"(?P<y>{_YEAR})年(?!\d)(?P<part>初|末|底|年初|年底)?")
_ZH_PARTS: Final = {"初": "early", "上旬": "early", "中旬": "mid", "年初": "early"}
_OVERNIGHT: Final = re.compile(r"\b(?:overnight|today|yesterday)\b|隔夜|今日|昨日|昨夜")
_DAYS: Final = (
    {name.lower(): day for day, name in enumerate(calendar.day_name)}
    | {name: day for day, name in enumerate("一二三四五六")}
    | {"日": 6, "天": 6}
)
_WEEKDAY: Final = re.compile(
    r"\bon (?:last )?(monday|tuesday|wednesday|thursday|friday|saturday|sunday)(?!s)|"
    r"(?:本?周|星期)([一二三四五六日天])(?![来个后同起致])"
)
_DAY_NEXT: Final = re.compile(
    rf",? (?:the )?(?:{_MONTH} \d|\d{{1,2}}(?:st|nd|rd|th)? (?:of )?{_MONTH})"
)
# A day of the coming week is meant as that, a later one as last year's.
_AHEAD: Final = timedelta(days=7)
_MAY: Final = re.compile(r"may\b", re.IGNORECASE)


class Timed(NamedTuple):
    """A span of days and where in the text it is named."""

    start: int
    end: int
    span: Span


def spans(text: str, published: str) -> tuple[Timed, ...]:
    """Every stretch of days that folded ``text`` names, longest reading first, in text order.

    A day or month without a year is the last one not after the week that follows ``published`` (an
    ISO date or time).
    Words such as "this week" name no days of their own and give nothing.
    """
    told = date.fromisoformat(published[:10])
    lower = text.lower()
    taken: list[Timed] = []
    for found in _readings(lower, told, text):
        if not any(found.start < t.end and t.start < found.end for t in taken):
            taken.append(found)
    return tuple(sorted(taken))


def _readings(lower: str, told: date, text: str) -> Iterator[Timed]:
    for pattern in (_RANGE, _ZH_RANGE):
        for match in pattern.finditer(lower):
            yield from _timed(match, _ranged(match, told))
    for pattern in (_ISO, _DAY, _ZH_DAY):
        for match in pattern.finditer(lower):
            day = _dated(match, told)
            yield from _timed(match, (day, day) if day else None)
    yield from _longer(lower, told, text)
    yield from _recent(lower, told)


def _longer(lower: str, told: date, text: str) -> Iterator[Timed]:
    """Months and years, or parts of them."""
    for pattern in (_MONTHLY, _ZH_MONTH):
        for match in pattern.finditer(lower):
            if not _is_verb(text, match) and _is_time(match):
                yield from _timed(match, _month(match, told), vague=True)
    for pattern in (_YEARLY, _ZH_YEAR):
        for match in pattern.finditer(lower):
            yield from _timed(match, _year(match), vague=True)


def _recent(lower: str, told: date) -> Iterator[Timed]:
    """Days counted from the publication: "on Friday", "overnight"."""
    for match in _WEEKDAY.finditer(lower):
        if _DAY_NEXT.match(lower, match.end()):
            continue  # "on Friday, 30 January" names the day itself
        back = (told.weekday() - _DAYS[match[1] or match[2]]) % 7
        day = told - timedelta(days=back)
        yield from _timed(match, (day, day))
    for match in _OVERNIGHT.finditer(lower):
        yield from _timed(match, (told - timedelta(days=1), told))


def _is_verb(text: str, match: re.Match[str]) -> bool:
    """Whether "may" is a verb: the month has a capital and a year or a part beside it."""
    if "m" not in match.groupdict() or not _MAY.match(match["m"] or ""):
        return False
    month = text[match.start("m") : match.end("m")]
    return not (month[:1].isupper() and (match["y"] or match["part"]))


def _is_time(match: re.Match[str]) -> bool:
    """A bare English month may name something else ("a March increase"): it needs a preposition."""
    word = match["m"]
    said = match.group()
    return word.isdecimal() or bool(match["part"] or match["y"]) or not said.startswith(word)


def _timed(
    match: re.Match[str], days: tuple[date, date] | None, *, vague: bool = False
) -> Iterator[Timed]:
    if days and days[0] <= days[1]:
        span = Span(days[0].isoformat(), days[1].isoformat(), vague)
        yield Timed(match.start(), match.end(), span)


def _number(month: str) -> int | None:
    if month.isdecimal():
        return int(month) if 1 <= int(month) <= 12 else None
    word = month.rstrip(".")
    return _MONTHS.get(word)


def _on(year: str | None, month: int | None, day: int, told: date) -> date | None:
    """The day of the given or the latest fitting year; ``None`` if the calendar has none.

    Only 29 February is not in every year, and in one of any nine.
    """
    if month is None:
        return None
    years = [int(year)] if year else range(told.year, told.year - 9, -1)
    days = (date(y, month, day) for y in years if _has(y, month, day))
    return next((d for d in days if year or d <= told + _AHEAD), None)


def _has(year: int, month: int, day: int) -> bool:
    return 1 <= month <= 12 and 1 <= day <= calendar.monthrange(year, month)[1]


def _ranged(match: re.Match[str], told: date) -> tuple[date, date] | None:
    parts = match.groupdict()
    last_year = parts.get("y2") or parts["y1"]
    first = _number(parts["m1"])
    last = _number(parts["m2"]) if parts["m2"] else first
    end = _on(last_year, last, int(parts["d2"]), told)
    if end is None:
        return None
    begin = _on(parts["y1"] or str(end.year), first, int(parts["d1"]), told)
    if begin is not None and begin > end and not parts["y1"]:
        begin = _on(str(end.year - 1), first, int(parts["d1"]), told)
    return None if begin is None else (begin, end)


def _dated(match: re.Match[str], told: date) -> date | None:
    parts = match.groupdict()
    month = parts.get("m") or parts.get("m1") or parts.get("m2") or ""
    day = parts.get("d") or parts.get("d1") or parts.get("d2") or "0"
    return _on(parts["y"], _number(month), int(day), told)


def _month(match: re.Match[str], told: date) -> tuple[date, date] | None:
    first = _on(match["y"], _number(match["m"]), 1, told)
    if first is None:
        return None
    last = calendar.monthrange(first.year, first.month)[1]
    part = _part(match["part"])
    begin, end = {"early": (1, 10), "mid": (10, 20), "late": (20, last)}.get(part, (1, last))
    return first.replace(day=begin), first.replace(day=end)


def _year(match: re.Match[str]) -> tuple[date, date]:
    year = int(match["y"])
    part = _part(match.groupdict().get("part"))
    begin, end = {"early": (1, 3), "mid": (5, 8), "late": (9, 12)}.get(part, (1, 12))
    return date(year, begin, 1), date(year, end, calendar.monthrange(year, end)[1])


def _part(word: str | None) -> str:
    if not word:
        return ""
    if word in ("early", "mid", "late"):
        return word
    return _ZH_PARTS.get(word, "early" if "start" in word else "late")
