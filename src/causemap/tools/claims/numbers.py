"""Numbers with units in English and Chinese text, as printed and with their last digit's size."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Final

from causemap.tools.claims.records import Amount, Unit

_FOLDED: Final = {
    **{code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)},
    **dict.fromkeys(map(ord, "‘’ʼ′"), ord("'")),
    **dict.fromkeys(map(ord, "“”„″"), ord('"')),
    **dict.fromkeys(map(ord, "\u00a0\u2009\u202f\u3000\t"), ord(" ")),
    **dict.fromkeys(map(ord, "−‐‑"), ord("-")),
}
_TIMES: Final = {
    "k": 1e3,
    "thousand": 1e3,
    "m": 1e6,
    "mn": 1e6,
    "million": 1e6,
    "b": 1e9,
    "bn": 1e9,
    "billion": 1e9,
    "tn": 1e12,
    "trillion": 1e12,
    "千": 1e3,
    "万": 1e4,
    "百万": 1e6,
    "亿": 1e8,
    "万亿": 1e12,
}
_UNITS: Final[dict[str, Unit]] = {
    "%": "%",
    "percent": "%",
    "per cent": "%",
    "pct": "%",
    "percentage points": "pp",
    "percentage point": "pp",
    "pp": "pp",
    "个百分点": "pp",
    "百分点": "pp",
    "basis points": "bp",
    "basis point": "bp",
    "bps": "bp",
    "bp": "bp",
    "个基点": "bp",
    "基点": "bp",
    "dollars": "usd",
    "dollar": "usd",
    "usd": "usd",
    "美元": "usd",
    "美金": "usd",
}
_DIGITS: Final = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_TIMES_RE: Final = (
    r"(?:k|thousand|mn|million|billion|bn|trillion|tn|m|b)(?![A-Za-z])|万亿|百万|[千万亿]"
)
_UNIT_RE: Final = (
    r"%|per ?cent(?!age)|pct(?![a-z])|percentage points?|pp(?![a-z])|basis points?|bps?(?![a-z])|"
    r"dollars?(?![a-z])|usd(?![a-z])|个?百分点|个?基点|美元|美金"
)
_ONE: Final = (
    rf"(?P<sign{{0}}>[-+])?(?P<cur{{0}}>US\$|\$|USD ?)?(?P<num{{0}}>{_DIGITS})"
    rf"(?:[ -]?(?P<times{{0}}>{_TIMES_RE}))?(?:[ -]?(?P<unit{{0}}>{_UNIT_RE}))?"
)
_AMOUNT: Final = re.compile(
    r"(?<![A-Za-z0-9_.,$])(?P<of>百分之)?"
    + _ONE.replace("{0}", "1")
    + r"(?:\s?(?P<link>to|and|or|[-–—~至到])\s?"
    + _ONE.replace("{0}", "2")
    + r")?(?![\d.,]*\d)",
    re.IGNORECASE,
)
_ROUGH: Final = re.compile(
    r"(?:about|around|roughly|approximately|nearly|almost|some|close to|circa|mid|~|约|大约|近|"
    r"接近|将近|大概)[ -]?(?:the )?(?:mid-)?$",
    re.IGNORECASE,
)
_MORE: Final = re.compile(
    r"(?:more than|over|at least|above|exceeding|超过?|逾|至少) ?$", re.IGNORECASE
)
_LESS: Final = re.compile(r"(?:less than|under|at most|不到) ?$", re.IGNORECASE)
_MID: Final = re.compile(r"\bmid-$", re.IGNORECASE)
_BETWEEN: Final = re.compile(r"\bbetween (?:about )?$", re.IGNORECASE)
_MOVED: Final = re.compile(
    r"(?:\bfrom (?:about |around |the |a |its |nearly |high of )*|从[约近]?)$", re.IGNORECASE
)
_ROUGH_AFTER: Final = re.compile(r"\s?(?:or so|左右|上下|附近)")


def fold(text: str) -> str:
    """``text`` with full-width forms, quotes, dashes and blanks made plain; offsets stay the same.

    One character always becomes one character, so a place in the folded text is the same place in
    the original.
    """
    return text.translate(_FOLDED)


def amounts(text: str) -> Iterator[Amount]:
    """Every number or range of folded ``text`` in order; a range takes its last part's unit.

    "$4,600-$4,900" is 4600 to 4900 usd with a last digit of 100 only if printed so: the last
    digit's size counts written digits, so 76,000 is exact to 1 and 0.7 to 0.1.
    """
    at = 0
    while match := _AMOUNT.search(text, at):
        ranged = match["num2"] is not None and _is_range(match, text)
        yield _amount(match, text, ranged=ranged)
        at = match.end() if ranged or match["num2"] is None else _first_end(match)


def _is_range(match: re.Match[str], text: str) -> bool:
    """Whether two numbers are one range: not "8 basis points to 4.21%", not "from 5 to 4"."""
    first, second = match["unit1"], match["unit2"]
    if first and (not second or _UNITS.get(first.lower()) != _UNITS.get(second.lower())):
        return False
    if match["link"] in ("and", "or") and not _BETWEEN.search(text[: match.start()]):
        return False
    moved = match["link"].lower() in ("to", "至", "到")
    return not (moved and _MOVED.search(text[max(0, match.start() - 16) : match.start()]))


def _first_end(match: re.Match[str]) -> int:
    return max(match.end(g) for g in ("num1", "times1", "unit1") if match[g])


def _amount(match: re.Match[str], text: str, *, ranged: bool) -> Amount:
    unit = _unit(match, ("unit2", "unit1") if ranged else ("unit1",))
    last = _times(match["times2"]) if ranged else None
    first = _times(match["times1"]) or last or 1.0
    low = _value(match["num1"], match["sign1"]) * first
    high = _value(match["num2"], match["sign2"]) * (last or first) if ranged else low
    step = _step(match["num2"] if ranged else match["num1"]) * (last or first)
    rough = bool(_ROUGH.search(text[max(0, match.start() - 20) : match.start()]))
    rough = rough or bool(_ROUGH_AFTER.match(text, match.end()))
    if not ranged and _MID.search(text[: match.start()]):
        # "The mid-90,000s" lie around the middle of that decade of numbers.
        tens = 10.0 ** math.floor(math.log10(low)) if low > 0 else 0.0
        low, high = low + 0.4 * tens, high + 0.6 * tens
    end = match.end() if ranged or match["num2"] is None else _first_end(match)
    side = _side(text[max(0, match.start() - 16) : match.start()])
    return Amount(match.start(), end, min(low, high), max(low, high), unit, step, rough, side)


def _side(lead: str) -> int:
    if _MORE.search(lead):
        return 1
    return -1 if _LESS.search(lead) else 0


def _unit(match: re.Match[str], groups: tuple[str, ...]) -> Unit:
    if match["of"]:
        return "%"
    for group in groups:
        if match[group]:
            word = match[group].lower()
            return _UNITS.get(word, "%")
    return "usd" if match["cur1"] or (len(groups) > 1 and match["cur2"]) else ""


def _times(word: str | None) -> float | None:
    return _TIMES[word.lower()] if word else None


def _value(digits: str, sign: str | None) -> float:
    return float(digits.replace(",", "")) * (-1.0 if sign == "-" else 1.0)


def _step(digits: str) -> float:
    return float(10.0 ** -len(digits.partition(".")[2]))
