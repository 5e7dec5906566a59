"""The words of time a question may hold, as patterns with what they mean.

English and a little Chinese. Which of them count, and how they join, is :mod:`.periods`' affair.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

from causemap.agents.asset_words import spoken
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


@dataclass(frozen=True, slots=True)
class Mention:
    """A time found in the text at ``begin:finish``; ``resolve`` needs a year to become days."""

    begin: int
    finish: int
    year: int | None
    resolve: Callable[[int], Period]


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
_YEAR_PARTS: Final = {
    **dict.fromkeys(("early", "初"), (1, 4)),
    **dict.fromkeys(("start of", "beginning of"), (1, 3)),
    **dict.fromkeys(("mid", "中"), (5, 8)),
    "late": (9, 12),
    **dict.fromkeys(("end of", "底", "末"), (10, 12)),
}
_WEEKS: Final = frozenset({"week", "周", "星期"})
_ORDINALS: Final = {"first": 1, "second": 2, "third": 3, "fourth": 4, "last": 4, "final": 4} | {
    han: number for number, han in enumerate("一二三四", 1)
}
_HALVES: Final = {"first": 1, "second": 2, "上": 1, "下": 2}
_SEASONS: Final = {
    **dict.fromkeys(("spring", "春"), (3, 5)),
    **dict.fromkeys(("summer", "夏"), (6, 8)),
    **dict.fromkeys(("autumn", "fall", "秋"), (9, 11)),
}
_THIRDS: Final = {
    "early": (1, 10),
    "beginning of": (1, 10),
    "start of": (1, 10),
    "first half of": (1, 15),
    "mid": (11, 20),
    "middle of": (11, 20),
    "second half of": (16, 31),
    "late": (21, 31),
    "end of": (21, 31),
    "初": (1, 10),
    "上旬": (1, 10),
    "中旬": (11, 20),
    "底": (21, 31),
    "末": (21, 31),
    "下旬": (21, 31),
}

_M: Final = "(?P<m>" + "|".join(sorted(MONTHS, key=len, reverse=True)) + r")\b\.?"
_W: Final = "(?P<w>" + "|".join(sorted(WEEKDAYS, key=len, reverse=True)) + r")\b\.?"
_Y: Final = r"(?:[,\s]+(?:of\s+|in\s+)?(?P<y>(?:19|20)\d\d)\b)?"
_D: Final = r"(?P<d>\d{1,2})(?:st|nd|rd|th)?"
_E: Final = r"(?P<e>\d{1,2})(?:st|nd|rd|th)?"
TO: Final = r"\s*(?:\.{2,3}|-|–|—|~|to|and|until|till|through|至|到)\s*"
_PART: Final = "(?P<p>" + "|".join(p for p in _THIRDS if p.isascii()) + r")(?:\s+the\s+|[\s-]+)"
_HAN_PART: Final = "(?P<p>" + "|".join(p for p in _THIRDS if not p.isascii()) + ")"
COUNT: Final = r"(?P<n>\d{1,3}|" + "|".join(_NUMBERS) + ")"


def _day(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise UsageError(
            f"There is no day {year:04d}-{month:02d}-{day:02d}; check the date and ask again."
        ) from None


def _month(year: int, month: int, first: int = 1, last: int = 31) -> Period:
    length = calendar.monthrange(year, month)[1]
    return Period(date(year, month, first), date(year, month, min(last, length)), "span")


def _months(year: int, first: int, last: int) -> Period:
    return Period(date(year, first, 1), _month(year, last).last, "span")


def _one_day(found: re.Match[str], month: int) -> Callable[[int], Period]:
    def resolve(year: int) -> Period:
        day = _day(year, month, int(found["d"]))
        return Period(day, day, "day")

    return resolve


def _days_of_month(found: re.Match[str], month: int) -> Callable[[int], Period]:
    def resolve(year: int) -> Period:
        return Period(
            _day(year, month, int(found["d"])), _day(year, month, int(found["e"])), "range"
        )

    return resolve


def _month_number(found: re.Match[str]) -> int:
    text = found["m"]
    month = int(text) if text.isdecimal() else MONTHS[text]
    if not 1 <= month <= 12:
        raise UsageError(f"There is no month {month}; check the date and ask again.")
    return month


def _part_of_month(found: re.Match[str]) -> Callable[[int], Period]:
    first, last = _THIRDS[found["p"]]
    month = _month_number(found)
    return lambda year: _month(year, month, first, last)


def _whole_month(found: re.Match[str]) -> Callable[[int], Period]:
    month = _month_number(found)
    return lambda year: _month(year, month)


def _quarter(found: re.Match[str]) -> Callable[[int], Period]:
    quarter = int(found["q"]) if found["q"].isdecimal() else _ORDINALS[found["q"]]
    return lambda year: _months(year, 3 * quarter - 2, 3 * quarter)


def _season(found: re.Match[str]) -> Callable[[int], Period]:
    first, last = _SEASONS[found["s"]]
    return lambda year: _months(year, first, last)


def _week_of_month(found: re.Match[str]) -> Callable[[int], Period]:
    """Days 1 to 7 are a month's first week; its last is its last seven days."""
    month = _month_number(found)

    def resolve(year: int) -> Period:
        length = calendar.monthrange(year, month)[1]
        last = length if found["k"] == "last" else 7 * _ORDINALS[found["k"]]
        return _month(year, month, last - 6, last)

    return resolve


def _half(found: re.Match[str]) -> Callable[[int], Period]:
    half = int(found["h"]) if found["h"].isdecimal() else _HALVES[found["h"]]
    return lambda year: _months(year, 6 * half - 5, 6 * half)


def _part_of_year(found: re.Match[str]) -> Callable[[int], Period]:
    first, last = _YEAR_PARTS[found["p"]]
    return lambda year: _months(year, first, last)


def _whole_year(_: re.Match[str]) -> Callable[[int], Period]:
    return lambda year: _months(year, 1, 12)


_Reader = Callable[["re.Match[str]"], Callable[[int], Period]]
# "may" and "march" are also verbs: without a year they need a word of time before them.
_BARE_MONTH: Final = (
    r"(?:(?<=in )|(?<=since )|(?<=during )|(?<=of )|(?<=from )|(?<=to )|(?<=this )|(?<=last ))"
)
_DATED: Final[tuple[tuple[re.Pattern[str], _Reader], ...]] = tuple(
    (re.compile(pattern), reader)
    for pattern, reader in (
        (
            r"(?P<y>(?:19|20)\d\d)[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})(?!\d)",
            lambda f: _one_day(f, _month_number(f)),
        ),
        (
            r"(?:(?P<y>(?:19|20)\d\d)年)?(?P<m>\d{1,2})月(?P<d>\d{1,2})[日号]?"
            + TO
            + r"(?P<e>\d{1,2})[日号]",
            lambda f: _days_of_month(f, _month_number(f)),
        ),
        (
            r"(?:(?P<y>(?:19|20)\d\d)年)?(?P<m>\d{1,2})月(?P<d>\d{1,2})[日号]?",
            lambda f: _one_day(f, _month_number(f)),
        ),
        (r"(?:(?P<y>(?:19|20)\d\d)年)?(?P<m>\d{1,2})月" + _HAN_PART, _part_of_month),
        (r"(?:(?P<y>(?:19|20)\d\d)年)?(?P<m>\d{1,2})月份?", _whole_month),
        (
            r"\b" + _D + TO + _E + r"\s+(?:of\s+)?" + _M + _Y,
            lambda f: _days_of_month(f, _month_number(f)),
        ),
        (
            r"\b" + _M + r"\s*" + _D + TO + _E + r"(?![\d:])" + _Y,
            lambda f: _days_of_month(f, _month_number(f)),
        ),
        (r"\b" + _D + r"\s*(?:of\s+)?" + _M + _Y, lambda f: _one_day(f, _month_number(f))),
        (r"\b" + _M + r"\s*" + _D + r"(?![\d:])" + _Y, lambda f: _one_day(f, _month_number(f))),
        (
            r"\b(?P<k>first|second|third|fourth|last)\s+week\s+(?:of|in)\s+" + _M + _Y,
            _week_of_month,
        ),
        (r"\b" + _PART + _M + _Y, _part_of_month),
        (r"\b" + _M + r"[,\s]+(?:of\s+)?(?P<y>(?:19|20)\d\d)\b", _whole_month),
        (r"\b(?!may\b|march\b|mar\b)" + _M, _whole_month),
        (_BARE_MONTH + _M, _whole_month),
        (r"\bq(?P<q>[1-4])[\s,']*(?P<y>(?:19|20)\d\d)?\b", _quarter),
        (r"\b(?P<y>(?:19|20)\d\d)[\s-]*q(?P<q>[1-4])\b", _quarter),
        (r"\b(?P<q>first|second|third|fourth)\s+quarter(?:\s+of)?" + _Y, _quarter),
        (r"\b(?P<q>last|final)\s+quarter\s+of\s+(?P<y>(?:19|20)\d\d)\b", _quarter),
        (r"(?P<y>(?:19|20)\d\d)年第?(?P<q>[一二三四1-4])季度?", _quarter),
        (r"\b(?P<h>first|second)\s+half\s+of\s+(?P<y>(?:19|20)\d\d)\b", _half),
        (r"(?:(?P<y>(?:19|20)\d\d)年)?(?P<h>[上下])半年", _half),
        (r"\b(?P<s>spring|summer|autumn)(?:\s+of)?[,\s]+(?P<y>(?:19|20)\d\d)\b", _season),
        (r"\b(?P<y>(?:19|20)\d\d)\s+(?P<s>spring|summer|autumn)\b", _season),
        # "the fall of 2008" may be the decline: the season is one that something is in.
        (r"\b(?:in|during)\s+(?:the\s+)?(?P<s>fall)(?:\s+of)?\s+(?P<y>(?:19|20)\d\d)\b", _season),
        (r"(?P<y>(?:19|20)\d\d)年(?P<s>[春夏秋])[天季]?", _season),
        (r"(?P<y>(?:19|20)\d\d)年年?(?P<p>[初中底末])", _part_of_year),
        (r"\bh(?P<h>[12])(?:[\s,']*(?P<y>(?:19|20)\d\d))?\b", _half),
        (r"\b(?P<y>(?:19|20)\d\d)-(?P<m>\d\d)\b(?!-?\d)", _whole_month),
        (
            r"\b(?P<p>early|mid|late|(?:end|start|beginning) of)[\s-]+(?P<y>(?:19|20)\d\d)\b(?!-)",
            _part_of_year,
        ),
        (r"(?<!\d)(?P<y>(?:19|20)\d\d)年", _whole_year),
        (r"\b(?P<y>(?:19|20)\d\d)\b(?![-/.,]?\d)", _whole_year),
    )
)


def _week(today: date, back: int) -> Period:
    monday = today - timedelta(days=today.weekday() + 7 * back)
    return Period(monday, min(monday + timedelta(days=6), today), "span")


def _month_back(today: date, back: int) -> Period:
    index = today.year * 12 + today.month - 1 - back
    return _month(index // 12, index % 12 + 1)


def _weekday(today: date, number: int, *, before_today: bool = False) -> date:
    back = (today.weekday() - number) % 7
    return today - timedelta(days=back or (7 if before_today else 0))


def _named_weekday(found: re.Match[str], today: date) -> Period:
    day = _weekday(today, WEEKDAYS[found["w"]], before_today=found["last"] is not None)
    return Period(day, day, "day")


def days_counted(found: re.Match[str]) -> int:
    """The calendar days of "three weeks", one of the unit where no number stands before it."""
    said = found["n"] or "one"
    count = int(said) if said.isdecimal() else _NUMBERS[said]
    if found["u"] == "session":  # five of them make a week
        return -(-7 * count // 5)
    return {"day": 1, "week": 7, "month": 30, "year": 365}[found["u"]] * count


def _count_back(found: re.Match[str], today: date) -> Period:
    days = days_counted(found)
    if days < 1:
        raise UsageError("A period of no days holds no fall; ask for one day or more.")
    return Period(today - timedelta(days=days), today, "span")


def _days_ago(today: date, days: int) -> Period:
    day = today - timedelta(days=days)
    return Period(day, day, "day")


def _quarter_back(_: re.Match[str], today: date) -> Period:
    quarter = (today.month - 1) // 3
    return (
        _months(today.year, 3 * quarter - 2, 3 * quarter)
        if quarter
        else _months(today.year - 1, 10, 12)
    )


def _ahead(found: re.Match[str], today: date) -> Period:
    raise UsageError(
        f"'{found[0]}' lies in the future (it is {today}); ask about days that have passed."
    )


def _ago(found: re.Match[str], today: date) -> Period:
    span = _count_back(found, today)
    return Period(span.first, span.first, "day") if found["u"] == "day" else _week(span.first, 0)


_RelativeReader = Callable[["re.Match[str]", date], Period]
_RELATIVE: Final[tuple[tuple[re.Pattern[str], _RelativeReader], ...]] = tuple(
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
        (r"\b" + COUNT + r"\s+(?P<u>day|week)s?\s+ago\b", _ago),
        (r"\b(?:tomorrow|next (?:week|month|quarter|year))\b|明天|下周|下个?月", _ahead),
        (r"\b(?:last|previous)\s+quarter\b(?!\s+of\b)", _quarter_back),
        (
            r"\b(?:last|previous)\s+week(?:end)?\b(?!\s+(?:of|in)\s+"
            + _M
            + r")|(?<!上)上周|(?<!上)上星期",
            lambda _, t: _week(t, 1),
        ),
        (r"\bthis\s+week(?:end)?\b|本周|这周|这星期|这一周", lambda _, t: _week(t, 0)),
        (r"\b(?:last|previous)\s+month\b|上个?月", lambda _, t: _month_back(t, 1)),
        (r"\bthis\s+month\b|本月|这个月", lambda _, t: _month_back(t, 0)),
        (r"\b(?:last|previous)\s+year\b|去年", lambda _, t: _months(t.year - 1, 1, 12)),
        (r"\bthis\s+year\b|今年", lambda _, t: _months(t.year, 1, 12)),
        (r"\byesterday\b|昨[天日晚]", lambda _, t: _days_ago(t, 1)),
        (r"(?<!大)前天", lambda _, t: _days_ago(t, 2)),
        (r"\btoday\b|今天|今日", lambda _, t: _days_ago(t, 0)),
        (r"(?<!black )(?:\b(?P<last>last)\s+)?\b" + _W, _named_weekday),
    )
)
_ONLY_WEEKDAY: Final = re.compile(_W)
_BESIDE: Final = re.compile(r"[\s,(]*(?:the\s+)?")


def mentions(text: str, today: date, *, relative: bool = True) -> list[Mention]:
    """All times in ``text`` from left to right; earlier rules win where two overlap.

    Without ``relative`` times counted from ``today`` ("last week", "on Monday") are left out.
    """
    found: list[Mention] = []
    # The figures of an index's name are no year ("Russell 2000").
    taken = [match.span() for match in spoken().finditer(text)]
    for candidate in _candidates(text, today, relative=relative):
        spans = [*taken, *((m.begin, m.finish) for m in found)]
        if all(candidate.finish <= begin or end <= candidate.begin for begin, end in spans):
            found.append(candidate)
    found.sort(key=lambda m: m.begin)
    return [m for m in found if not _names_dated_day(text, m, found)]


def _names_dated_day(text: str, mention: Mention, others: list[Mention]) -> bool:
    """Whether a weekday only names the date beside it ("Saturday 31 January")."""
    return _ONLY_WEEKDAY.fullmatch(text[mention.begin : mention.finish]) is not None and any(
        _BESIDE.fullmatch(text[min(mention.finish, m.finish) : max(mention.begin, m.begin)])
        for m in others
        if m is not mention
    )


def _candidates(text: str, today: date, *, relative: bool) -> Iterator[Mention]:
    for words, read in _RELATIVE if relative else ():
        for match in words.finditer(text):
            period = read(match, today)
            yield Mention(match.start(), match.end(), today.year, _constant(period))
    for dated, reader in _DATED:
        for match in dated.finditer(text):
            year = match.groupdict().get("y")
            yield Mention(match.start(), match.end(), int(year) if year else None, reader(match))


def _constant(period: Period) -> Callable[[int], Period]:
    return lambda _: period
