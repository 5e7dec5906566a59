"""Reading a finished sentence: what it names, what it says moved, and every numeral in it.

Vocabulary and tokens only, no judgement: :mod:`causemap.agents.verifier` holds what is read
against the evidence. A text is read from its longest names down, so that "the equal-weight
S&P 500" is never read as "the S&P 500", and a digit inside a name is never read as a number.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Final, Literal, NamedTuple

from causemap.agents.vocabulary import (
    AFTER_RE,
    ALIASES,
    BAND_RE,
    CODES,
    DATE_RE,
    GROUP_RE,
    GROUPS,
    HORIZON_RE,
    MONTHS_SHORT,
    NUMBER_RE,
    SCALES,
    SPELT,
    SPELT_RE,
    TURN_RE,
    UNIT_RE,
    UNITS,
    WORDS_FREE,
)
from causemap.causes import NAMES
from causemap.closed_sets import AssetGroup
from causemap.llm.slots import ASSET_NAMES
from causemap.records import Evidence

Kind = Literal["item", "asset", "cause", "residual"]
Role = Literal["value", "low", "high", "n"]


class Subject(NamedTuple):
    """A thing named in the text: a cited measure, an asset, a cause or the unexplained part."""

    start: int
    end: int
    kind: Kind
    key: str


class Turn(NamedTuple):
    """A word of direction: sign -1, +1, or 0 for flat."""

    start: int
    end: int
    sign: int


class Number(NamedTuple):
    """A numeral: ``half`` is half of its last printed digit, in the scale of ``value``."""

    start: int
    end: int
    value: float
    signed: bool
    half: float
    unit: str
    role: Role


class Date(NamedTuple):
    """A date; parts that are not printed are ``None``. ``role`` is the side of a window."""

    start: int
    end: int
    year: int | None
    month: int | None
    day: int | None
    clock: str | None
    role: Literal["start", "end", "on"]


class Horizon(NamedTuple):
    """A length such as '20-day': ``unit`` is d, h, w or m."""

    start: int
    end: int
    length: int
    unit: str


class Group(NamedTuple):
    """An asset group named in the text; ``None`` stands for the whole market."""

    start: int
    end: int
    group: AssetGroup | None


class Reading(NamedTuple):
    """All that was found in a text; ``loose`` are digits and codes that nothing accounts for.

    ``rest`` is the text with names, quotes, dates, lengths and numbers blanked, offsets kept.
    """

    text: str
    subjects: tuple[Subject, ...]
    turns: tuple[Turn, ...]
    numbers: tuple[Number, ...]
    dates: tuple[Date, ...]
    horizons: tuple[Horizon, ...]
    groups: tuple[Group, ...]
    bands: tuple[tuple[int, str], ...]
    loose: tuple[str, ...]
    rest: str


def read(text: str, cited: Iterable[Evidence], quoted: Iterable[str]) -> Reading:
    """Read ``text``; ``cited`` gives the measures' names, ``quoted`` the engine's own words."""
    items = tuple(cited)
    blank = _Blank(text)
    subjects = tuple(_subjects(blank, items))
    engine = _quoted_spans(text, quoted, subjects)
    outside = [s for s in subjects if not _inside(s.start, engine)]
    for start, end in engine:
        blank.take(start, end)
    dates = tuple(_dates(blank))
    horizons = tuple(_horizons(blank))
    numbers = tuple(_numbers(blank))
    turns = tuple(_turns(blank, numbers))
    loose = tuple(re.findall(r"\S*\d\S*", blank.now) + _unknown_codes(blank))
    groups = tuple(
        Group(m.start(), m.end(), GROUPS[m.group(0).lower()]) for m in GROUP_RE.finditer(text)
    )
    bands = tuple((m.start(), m.group("band").lower()) for m in BAND_RE.finditer(blank.now))
    named = (text, tuple(outside), turns, numbers, dates, horizons, groups, bands, loose)
    return Reading(*named, blank.now)


class _Blank:
    """The text with what has been read blanked out, offsets kept."""

    def __init__(self, text: str) -> None:
        self.now = text

    def take(self, start: int, end: int) -> None:
        """Blank one span."""
        self.now = self.now[:start] + " " * (end - start) + self.now[end:]


def _inside(at: int, spans: Iterable[tuple[int, int]]) -> bool:
    return any(start <= at < end for start, end in spans)


def _quoted_spans(
    text: str, quoted: Iterable[str], subjects: tuple[Subject, ...]
) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    dates = [match.span() for match in DATE_RE.finditer(text)]
    lower = text.lower()
    for words in _folded(tuple(quoted)):
        at = lower.find(words) if len(words) > 1 else -1
        while at >= 0:
            end = at + len(words)
            names = [s for s in subjects if s.start < end and at < s.end]
            if _says_more(text, at, end, names) and not _cuts(at, end, dates):
                spans.append((at, end))
            at = lower.find(words, end)
    return spans


@lru_cache(maxsize=8)
def _folded(quoted: tuple[str, ...]) -> tuple[str, ...]:
    """The engine's own words as they are looked for, the same in each sentence of a report."""
    return tuple(raw.strip().rstrip(".").lower() for raw in quoted)


def _says_more(text: str, start: int, end: int, names: Sequence[Subject]) -> bool:
    """Whether a span holds a word beside the names of measures in it, if there are any."""
    if not names:
        return True
    rest = "".join(" " if _covered(k, names) else text[k] for k in range(start, end))
    return _WORD.search(rest) is not None


def _cuts(start: int, end: int, dates: Iterable[tuple[int, int]]) -> bool:
    """Whether a span is part of a longer date, as "December 2018" is of "3 December 2018"."""
    return any(a < end and start < b and (a < start or end < b) for a, b in dates)


def _covered(at: int, names: Iterable[Subject]) -> bool:
    return any(name.start <= at < name.end for name in names)


def assets_named(text: str) -> frozenset[str]:
    """Codes of the assets that a text names."""
    return frozenset(found.key for found in _fixed_subjects(text) if found.kind == "asset")


def horizons_named(text: str) -> tuple[Horizon, ...]:
    """Lengths such as '20-day' in a text that is not under check."""
    return tuple(_horizons(_Blank(text)))


def _subjects(blank: _Blank, items: tuple[Evidence, ...]) -> Iterator[Subject]:
    """Everything named, the longest name winning where two overlap, an asset before a measure."""
    found = [*_fixed_subjects(blank.now), *_cited_subjects(blank.now, items)]
    found.sort(key=lambda s: (s.start - s.end, s.kind != "asset", s.start))
    kept: list[Subject] = []
    for subject in found:
        if all(subject.end <= other.start or other.end <= subject.start for other in kept):
            kept.append(subject)
            blank.take(subject.start, subject.end)
    yield from sorted(kept)


@lru_cache(maxsize=256)
def _fixed_subjects(text: str) -> tuple[Subject, ...]:
    return tuple(
        Subject(*match.span(), *(_EXACT.get(match.group(0)) or _FOLDED[match.group(0).lower()]))
        for match in _FIXED_RE.finditer(text)
    )


def _cited_subjects(text: str, items: tuple[Evidence, ...]) -> Iterator[Subject]:
    for said in {item.said.strip() for item in items} - {""}:
        for match in re.finditer(rf"(?<!\w){re.escape(said)}(?!\w)", text, re.IGNORECASE):
            yield Subject(*match.span(), "item", said.lower())
    for asset in {item.asset for item in items} - {""}:
        for match in re.finditer(rf"(?<!\w){re.escape(asset)}(?!\w)", text):
            yield Subject(*match.span(), "asset", asset)


def _fixed_phrases() -> dict[str, tuple[Kind, str]]:
    phrases: dict[str, tuple[Kind, str]] = {"unexplained": ("residual", "unexplained")}
    phrases |= {name: ("cause", cause) for cause, name in NAMES.items() if cause != "no_drawdown"}
    phrases |= {code: ("asset", code) for code in CODES}
    phrases |= {words: ("asset", code) for words, code in ALIASES.items()}
    return phrases | {name: ("asset", code) for code, name in ASSET_NAMES.items()}


# Engine text with words beside a name is a phrase; a bare name is a label that figures belong to.
_WORD: Final = re.compile(r"[A-Za-z]{3,}")
_FIXED: Final = _fixed_phrases()
# Codes are read as printed ("MOVE" is an index, "move" is a word), names in any case.
_EXACT: Final = {words: named for words, named in _FIXED.items() if words.isupper()}
_FOLDED: Final = {words.lower(): named for words, named in _FIXED.items() if words not in _EXACT}
_LONGEST_FIRST: Final = sorted(_FIXED, key=lambda words: (-len(words), words))
_FIXED_RE: Final = re.compile(
    r"(?<!\w)(?:"
    + "|".join(re.escape(w) if w in _EXACT else f"(?i:{re.escape(w)})" for w in _LONGEST_FIRST)
    + r")(?!\w)"
)


def _dates(blank: _Blank) -> Iterator[Date]:
    for match in list(DATE_RE.finditer(blank.now)):
        got = match.groupdict()
        before = blank.now[: match.start()].rstrip().lower()
        blank.take(match.start(), match.end())
        if got["iso"]:
            year, month, day = (int(part) for part in got["iso"].split("-"))
            yield Date(*match.span(), year, month, day, got["clock"], _date_role(before))
            continue
        named = got["m1"] or got["m2"] or got["m3"]
        printed_year = got["y1"] or got["y2"] or got["y3"] or got["y4"]
        printed_day = got["d1"] or got["d2"]
        yield Date(
            *match.span(),
            int(printed_year) if printed_year else None,
            MONTHS_SHORT.index(named[:3]) + 1 if named else None,
            int(printed_day) if printed_day else None,
            got["clock"],
            _date_role(before),
        )


def _date_role(before: str) -> Literal["start", "end", "on"]:
    if re.search(r"\b(from|between|since)$", before):
        return "start"
    return "end" if re.search(r"\b(to|until|till|through|and)$", before) else "on"


def _horizons(blank: _Blank) -> Iterator[Horizon]:
    for match in list(HORIZON_RE.finditer(blank.now)):
        blank.take(*match.span())
        unit = (match.group("unit") or match.group("short")).lower()
        short = "d" if unit == "session" else unit[0]
        yield Horizon(*match.span(), int(match.group("n").replace("\u2212", "-")), short)


def _numbers(blank: _Blank) -> Iterator[Number]:
    found = [_number(match, blank.now) for match in NUMBER_RE.finditer(blank.now)]
    found += [_spelt(match, blank.now) for match in SPELT_RE.finditer(blank.now)]
    found.sort()
    # "bp per 8 hours" holds a figure that is part of its unit.
    found = [n for i, n in enumerate(found) if all(n.start >= m.end for m in found[:i])]
    for at, number in enumerate(found):
        blank.take(number.start, number.end)
        yield _with_role(number, found, at, blank.now)


def _number(match: re.Match[str], text: str) -> Number:
    digits = match.group("digits").replace(",", "")
    value = float(digits) * (-1.0 if match.group("sign") in ("-", "\u2212") else 1.0)
    half = 0.5 * 10.0 ** -len(digits.partition(".")[2])
    number = Number(*match.span(), value, bool(match.group("sign")), half, "", "value")
    return _with_unit(number, text, "usd" if match.group("cur") else "")


def _spelt(match: re.Match[str], text: str) -> Number:
    value = float(SPELT[match.group("word").lower()])
    number = Number(*match.span(), value, signed=False, half=0.5, unit="", role="value")
    return _with_unit(number, text, "")


def _with_unit(number: Number, text: str, currency: str) -> Number:
    match = UNIT_RE.match(text, number.end)
    name = next((n for i, (n, _) in enumerate(UNITS) if match and match.group(f"u{i}")), "")
    if name == "usd" and not currency and "dollar" not in (match.group(0).lower() if match else ""):
        # "128 billion" of what?
        unit, scale = "mixed", 1.0
    elif currency and name != "usd":
        # Bare dollars, or dollars of something else ("$5%"), which no evidence is measured in.
        unit, scale = ("usd", 1e-6) if match is None else ("mixed", 1.0)
    else:
        unit, scale = name, 1.0
    if match is None:
        return number._replace(unit=unit, value=number.value * scale, half=number.half * scale)
    size = match.group(0).strip(" -").lower().partition(" ")[0]
    scale = SCALES.get(size, 1e-6 if name == "usd" else scale)
    return number._replace(
        end=match.end(), unit=unit, value=number.value * scale, half=number.half * scale
    )


def _with_role(number: Number, found: list[Number], at: int, text: str) -> Number:
    if number.unit == "n" or re.search(r"\bn\s?=\s?$", text[: number.start]):
        return number._replace(role="n", unit="n")
    joins = (" to ", " and ", "\u2013")
    after = found[at + 1] if at + 1 < len(found) else None
    if after is not None and text[number.end : after.start] in joins:
        return number._replace(role="low", unit=number.unit or after.unit)
    if at and text[found[at - 1].end : number.start] in joins:
        return number._replace(role="high")
    return number


def _turns(blank: _Blank, numbers: tuple[Number, ...]) -> Iterator[Turn]:
    found = [
        Turn(*match.span(), {"down": -1, "up": 1, "flat": 0}[match.lastgroup or "flat"])
        for match in TURN_RE.finditer(blank.now)
    ]
    for number in numbers:
        match = AFTER_RE.match(blank.now, number.end)
        if match is not None:
            # "2.4% lower": stored as if it stood before its number, so one rule reads both.
            sign = -1 if match.lastgroup == "down" else 1
            found.append(Turn(number.start - 1, number.start, sign))
    yield from sorted(found)


def _unknown_codes(blank: _Blank) -> list[str]:
    codes = re.findall(r"\b[A-Z][A-Z0-9]{1,5}\b", blank.now)
    return [code for code in codes if code not in WORDS_FREE]
