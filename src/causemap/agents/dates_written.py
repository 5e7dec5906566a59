"""Days and years as people write them, put into the forms :mod:`.time_words` reads.

Only what has one reading is rewritten; what has two is asked about by :mod:`.periods`.
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date
from typing import Final

_ALONE: Final = r"(?<![\d./-])"
_SLASHED: Final = re.compile(
    rf"{_ALONE}(?P<one>\d{{1,2}})(?P<s>[/.-])(?P<two>\d{{1,2}})(?P=s)(?P<y>(?:19|20)\d\d)(?!\d)"
)
_SHORT: Final = re.compile(rf"{_ALONE}\d{{1,2}}([/.])\d{{1,2}}\1\d\d(?![\d%])")
_PACKED: Final = re.compile(r"\b((?:19|20)\d\d)(0[1-9]|1[0-2])([0-2]\d|3[01])\b")
# "March '20" and "in '08": an apostrophe before two figures is a year's.
_APOSTROPHE: Final = re.compile(r"(?<![\w'\u2019])['\u2019](\d\d)(?![\d%]|\s?(?:bp|bn|pc)\b)")
_HAN_NUMBERS: Final = {
    **{han: number for number, han in enumerate("一二三四五六七八九十", 1)},
    "十一": 11,
    "十二": 12,
}
_HAN_FIGURES: Final = {
    **{han: str(number) for number, han in enumerate("零一二三四五六七八九")},
    **dict.fromkeys("〇○", "0"),
}
_HAN_YEAR: Final = re.compile(
    r"(?<![〇○零一二三四五六七八九])([一二][〇○零一二三四五六七八九]{3})(?=年)"
)
# Tens and ones before a day; what stands before it is its month.
_HAN_DAY: Final = re.compile(
    r"(?<=月)([二三]?十[一二三四五六七八九]?|[一二三四五六七八九])(?=[日号])"
)
_HAN_MONTH: Final = re.compile(r"(?<![一二三四五六七八九十第])(十[一二]?|[一二三四五六七八九])月")
# "In Jan 22" names a month of a year: nothing happens in a day of the month.
_MONTH_IN: Final = re.compile(
    r"\b(in (?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?) (\d\d)"
    r"(?!\s*(?:,?\s*(?:19|20)\d\d|[-\u2013/.:]\s?\d|to\b|and\b|st|nd|rd|th)|\d|%)",
    re.IGNORECASE,
)
_YEARS: Final[tuple[tuple[re.Pattern[str], int, str], ...]] = (
    (re.compile(r"(?<![目以之])前年"), 2, "年"),
    (re.compile(r"去年"), 1, "年"),
    (re.compile(r"今年"), 0, "年"),
    (re.compile(r"\bthe year before last\b", re.IGNORECASE), 2, ""),
    (re.compile(r"\blast year(?:['\u2019]s)?(?!\w)", re.IGNORECASE), 1, ""),
    (re.compile(r"\bthis year(?:['\u2019]s)?(?!\w)", re.IGNORECASE), 0, ""),
)


def absolute(text: str, today: date) -> str:
    """The text with years counted from ``today`` and days in figures made absolute."""
    for words, back, after in _YEARS:
        text = words.sub(f"{today.year - back}{after}", text)
    text = _HAN_YEAR.sub(lambda found: "".join(map(_HAN_FIGURES.__getitem__, found[1])), text)
    text = _HAN_MONTH.sub(lambda found: f"{_HAN_NUMBERS[found[1]]}月", text)
    text = _HAN_DAY.sub(lambda found: str(_tens(found[1])), text)
    text = _APOSTROPHE.sub(lambda found: _century(int(found[1]), today), text)
    text = _MONTH_IN.sub(lambda found: f"{found[1]} {_century(int(found[2]), today)}", text)
    text = _PACKED.sub(r"\1-\2-\3", text)
    return _SLASHED.sub(_iso, text)


def two_ways(text: str) -> str:
    """What to ask about a day in figures that can be read in more than one way; else empty."""
    if found := _SLASHED.search(text):
        one, two, year = int(found["one"]), int(found["two"]), found["y"]
        return (
            f"Is {found[0]} the day {year}-{one:02d}-{two:02d} or {year}-{two:02d}-{one:02d}? "
            "Write it as YYYY-MM-DD."
        )
    said = in_figures(text)
    return f"Which day is {said}? Write it as YYYY-MM-DD." if said else ""


def in_figures(text: str) -> str:
    """The first day in figures with more than one reading, as it is written; else empty."""
    found = _SLASHED.search(text) or _SHORT.search(text)
    return found[0] if found else ""


def readings(text: str) -> tuple[date, ...]:
    """The days that one written as 2/5/2026 may be; none if there is no such day in the text."""
    found = _SLASHED.search(text)
    if found is None:
        return ()
    one, two, year = int(found["one"]), int(found["two"]), int(found["y"])
    return tuple(
        date(year, month, day)
        for month, day in dict.fromkeys(((one, two), (two, one)))
        if 1 <= month <= 12 and 1 <= day <= monthrange(year, month)[1]
    )


def _century(year: int, today: date) -> str:
    return str(2000 + year if 2000 + year <= today.year else 1900 + year)


def _tens(han: str) -> int:
    """A number under forty in Chinese: 三, 十二, 二十, 三十一."""
    tens, ten, ones = han.rpartition("十")
    return (10 * _HAN_NUMBERS.get(tens, 1) if ten else 0) + _HAN_NUMBERS.get(ones, 0)


def _iso(found: re.Match[str]) -> str:
    """ISO for 5/13/2026; 2/5/2026, which is February or May by country, stays as it is."""
    one, two = int(found["one"]), int(found["two"])
    if one <= 12 and two <= 12 and one != two:
        return found[0]
    month, day = (one, two) if one <= 12 else (two, one)
    return f"{found['y']}-{month:02d}-{day:02d}"
