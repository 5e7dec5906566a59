"""Times that a calendar dates: a day, a month, a quarter, a season, a year, a part of one."""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable
from typing import Final

from causemap.agents.time_parts import MONTH_WORD, MONTHS, TO, Period, month_of, months_of, one_day
from causemap.errors import UsageError

_YEAR_PARTS: Final = {
    **dict.fromkeys(("early", "初"), (1, 4)),
    **dict.fromkeys(("start of", "beginning of"), (1, 3)),
    **dict.fromkeys(("mid", "中"), (5, 8)),
    "late": (9, 12),
    **dict.fromkeys(("end of", "底", "末"), (10, 12)),
}
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
_Y: Final = r"(?:[,\s]+(?:of\s+|in\s+)?(?P<y>(?:19|20)\d\d)\b)?"
_D: Final = r"(?P<d>\d{1,2})(?:st|nd|rd|th)?"
_E: Final = r"(?P<e>\d{1,2})(?:st|nd|rd|th)?"
_PART: Final = "(?P<p>" + "|".join(p for p in _THIRDS if p.isascii()) + r")(?:\s+the\s+|[\s-]+)"
_HAN_PART: Final = "(?P<p>" + "|".join(p for p in _THIRDS if not p.isascii()) + ")"


def _day_of_month(found: re.Match[str], month: int) -> Callable[[int], Period]:
    def resolve(year: int) -> Period:
        day = one_day(year, month, int(found["d"]))
        return Period(day, day, "day")

    return resolve


def _days_of_month(found: re.Match[str], month: int) -> Callable[[int], Period]:
    def resolve(year: int) -> Period:
        return Period(
            one_day(year, month, int(found["d"])), one_day(year, month, int(found["e"])), "range"
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
    return lambda year: month_of(year, month, first, last)


def _whole_month(found: re.Match[str]) -> Callable[[int], Period]:
    month = _month_number(found)
    return lambda year: month_of(year, month)


def _quarter(found: re.Match[str]) -> Callable[[int], Period]:
    quarter = int(found["q"]) if found["q"].isdecimal() else _ORDINALS[found["q"]]
    return lambda year: months_of(year, 3 * quarter - 2, 3 * quarter)


def _season(found: re.Match[str]) -> Callable[[int], Period]:
    first, last = _SEASONS[found["s"]]
    return lambda year: months_of(year, first, last)


def _week_of_month(found: re.Match[str]) -> Callable[[int], Period]:
    """Days 1 to 7 are a month's first week; its last is its last seven days."""
    month = _month_number(found)

    def resolve(year: int) -> Period:
        length = calendar.monthrange(year, month)[1]
        last = length if found["k"] == "last" else 7 * _ORDINALS[found["k"]]
        return month_of(year, month, last - 6, last)

    return resolve


def _half(found: re.Match[str]) -> Callable[[int], Period]:
    half = int(found["h"]) if found["h"].isdecimal() else _HALVES[found["h"]]
    return lambda year: months_of(year, 6 * half - 5, 6 * half)


def _part_of_year(found: re.Match[str]) -> Callable[[int], Period]:
    first, last = _YEAR_PARTS[found["p"]]
    return lambda year: months_of(year, first, last)


def _whole_year(_: re.Match[str]) -> Callable[[int], Period]:
    return lambda year: months_of(year, 1, 12)


Reader = Callable[["re.Match[str]"], Callable[[int], Period]]
# "may" and "march" are also verbs: without a year they need a word of time before them.
_BARE_MONTH: Final = (
    r"(?:(?<=in )|(?<=since )|(?<=during )|(?<=of )|(?<=from )|(?<=to )|(?<=this )|(?<=last ))"
)
DATED: Final[tuple[tuple[re.Pattern[str], Reader], ...]] = tuple(
    (re.compile(pattern), reader)
    for pattern, reader in (
        (
            r"(?P<y>(?:19|20)\d\d)[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})(?!\d)",
            lambda f: _day_of_month(f, _month_number(f)),
        ),
        (
            r"(?:(?P<y>(?:19|20)\d\d)年)?(?P<m>\d{1,2})月(?P<d>\d{1,2})[日号]?"
            + TO
            + r"(?P<e>\d{1,2})[日号]",
            lambda f: _days_of_month(f, _month_number(f)),
        ),
        (
            r"(?:(?P<y>(?:19|20)\d\d)年)?(?P<m>\d{1,2})月(?P<d>\d{1,2})[日号]?",
            lambda f: _day_of_month(f, _month_number(f)),
        ),
        (r"(?:(?P<y>(?:19|20)\d\d)年)?(?P<m>\d{1,2})月" + _HAN_PART, _part_of_month),
        (r"(?:(?P<y>(?:19|20)\d\d)年)?(?P<m>\d{1,2})月份?", _whole_month),
        (
            r"\b" + _D + TO + _E + r"\s+(?:of\s+)?" + MONTH_WORD + _Y,
            lambda f: _days_of_month(f, _month_number(f)),
        ),
        (
            r"\b" + MONTH_WORD + r"\s*" + _D + TO + _E + r"(?![\d:])" + _Y,
            lambda f: _days_of_month(f, _month_number(f)),
        ),
        (
            r"\b" + _D + r"\s*(?:of\s+)?" + MONTH_WORD + _Y,
            lambda f: _day_of_month(f, _month_number(f)),
        ),
        (
            r"\b" + MONTH_WORD + r"\s*" + _D + r"(?![\d:])" + _Y,
            lambda f: _day_of_month(f, _month_number(f)),
        ),
        (
            r"\b(?P<k>first|second|third|fourth|last)\s+week\s+(?:of|in)\s+" + MONTH_WORD + _Y,
            _week_of_month,
        ),
        (r"\b" + _PART + MONTH_WORD + _Y, _part_of_month),
        (r"\b" + MONTH_WORD + r"[,\s]+(?:of\s+)?(?P<y>(?:19|20)\d\d)\b", _whole_month),
        (r"\b(?!may\b|march\b|mar\b)" + MONTH_WORD, _whole_month),
        (_BARE_MONTH + MONTH_WORD, _whole_month),
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
