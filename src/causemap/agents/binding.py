"""What a numeral or a word of direction in a text belongs to: its subject, its items, its verb."""

from __future__ import annotations

import re
from datetime import date, timedelta
from functools import lru_cache
from typing import Final, Literal, NamedTuple

from causemap.agents.allowance import Allowed, Quantity
from causemap.agents.reading import Horizon, Number, Reading, Subject, Turn, horizons_named
from causemap.closed_sets import AssetGroup
from causemap.records import Evidence
from causemap.words import unit_of

# What a value of a unit may be printed as, with the factor from the one to the other; millions
# are the printed unit of money. A unit that is not here may not be printed at all.
_PRINTED: Final[dict[str, dict[str, float]]] = {
    "%": {"%": 1.0},
    "level_pct": {"%": 1.0},
    "ratio": {"": 1.0, "%": 100.0},
    "share": {"": 1.0, "%": 100.0},
    "bp": {"bp": 1.0},
    "bp_8h": {"bp_8h": 1.0},
    "pp": {"pp": 1.0},
    "z": {"z": 1.0},
    "corr": {"": 1.0},
    "count": {"": 1.0},
    "index": {"": 1.0, "points": 1.0},
    "points": {"points": 1.0},
    "usd": {"usd": 1e-6},
    "usd_mn": {"usd": 1.0},
    "usd_bn": {"usd": 1e3},
    "days": {"days": 1.0},
    "hours": {"hours": 1.0},
}


ProblemKind = Literal[
    "unknown_id",
    "future",
    "uncited",
    "number",
    "unit",
    "sign",
    "level",
    "denial",
    "asset",
    "gap",
    "date",
    "window",
    "hedge",
    "overclaim",
    "advice",
]


class Problem(NamedTuple):
    """One reason why a sentence may not stand."""

    kind: ProblemKind
    detail: str


class Case(NamedTuple):
    """One text under check."""

    reading: Reading
    cited: tuple[Evidence, ...]
    allowed: Allowed


def parts(item: Evidence) -> set[str]:
    """The codes of an item's series, alone and in a pair."""
    return {item.asset, *re.split(r"[-_/+:|]", item.asset)}


def subject_of(at: int, case: Case) -> Subject | None:
    """Find the last thing named before ``at`` in its sentence, else the first after it."""
    left, right = sentence_bounds(at, case.reading.rest)
    near = [s for s in case.reading.subjects if left <= s.start < right]
    before = [s for s in near if s.start < at]
    if before:
        return before[-1]
    return near[0] if near else None


def sentence_bounds(at: int, text: str, stops: str = ".?!;") -> tuple[int, int]:
    """Where the sentence around ``at`` begins and ends; ``text`` is without names and numbers."""
    ends = _sentence_ends(text, stops)
    left = max((end for end in ends if end <= at), default=0)
    return left, min((end for end in ends if end > at), default=len(text))


@lru_cache(maxsize=64)
def _sentence_ends(text: str, stops: str) -> tuple[int, ...]:
    return tuple(m.end() for m in re.finditer(rf"[{stops}]\s", text))


def items_of(subject: Subject | None, case: Case) -> tuple[Evidence, ...]:
    """The cited items that a subject may stand for; none for a cause."""
    if subject is None or subject.kind in ("cause", "residual"):
        return ()
    if subject.kind == "item":
        return tuple(i for i in case.cited if i.said.strip().lower() == subject.key)
    words = case.reading.text[subject.start : subject.end].lower()
    return tuple(
        i for i in case.cited if subject.key in parts(i) or i.said.strip().lower() == words
    )


def owners(number: Number, subject: Subject, case: Case) -> tuple[Evidence, ...]:
    """List the subject's items that this very number can be about.

    A number in the bracket behind another belongs to the same item, and a number behind the word
    "beta" to a residual, any other to what is not one.
    """
    text = case.reading.text
    items = items_of(subject, case)
    lead = leading(number, case)
    if lead is not None:
        return tuple(item for item in items if prints(lead, item))
    if subject.kind != "asset" or subject.start > number.start:
        return items
    residual = "beta" in text[subject.end : number.start]
    return tuple(i for i in items if ("residual" in i.metric) == residual) or items


def leading(number: Number, case: Case) -> Number | None:
    """Find the number whose bracket this one stands in."""
    text = case.reading.text
    opened = text.rfind("(", 0, number.start)
    if opened < 0 or ")" in text[opened : number.start]:
        return None
    ended = [
        n for n in case.reading.numbers if n.end <= opened and not text[n.end : opened].strip()
    ]
    return ended[-1] if ended else None


def prints(number: Number, item: Evidence) -> bool:
    """Whether a number is the item's value in one of its units, whatever its sign."""
    factor = scale(number.unit, item)
    if factor is None:
        return False
    return abs(abs(number.value) - abs(item.value * factor)) <= number.half * 1.000001 + 1e-9


def scale(printed: str, item: Evidence) -> float | None:
    """Give the factor from an item's unit to a printed one; ``None`` if there is none."""
    return _PRINTED.get(unit_of(item), {}).get(printed)


def quantities(subject: Subject, at: int, case: Case) -> tuple[Quantity, ...]:
    """The verdict's figures of a cause in the asset group that ``at`` is about."""
    group = _group_at(at, case)
    return tuple(q for q in case.allowed.quantities if q.cause == subject.key and q.group == group)


def _group_at(at: int, case: Case) -> AssetGroup | None:
    """The group named nearest before, else after; one named before a semicolon holds behind it."""
    left, right = sentence_bounds(at, case.reading.rest)
    near = [g for g in case.reading.groups if left <= g.start < right]
    before = [g for g in near if g.start < at]
    if not near:
        left, _ = sentence_bounds(at, case.reading.rest, ".?!")
        before = [g for g in case.reading.groups if left <= g.start < at]
    named = before[-1:] or near[:1]
    return named[0].group if named else None


def turn_of(number: Number, case: Case) -> Turn | None:
    """Find the word of direction that governs a number: nothing else may stand between the two."""
    left, _ = sentence_bounds(number.start, case.reading.rest)
    turns = [t for t in case.reading.turns if left <= t.start and t.end <= number.start]
    if not turns:
        return None
    last = turns[-1]
    others: list[Number | Subject] = [*case.reading.numbers, *case.reading.subjects]
    if any(last.end <= other.start and other.end <= number.start for other in others):
        return None
    return last


def lasts(item: Evidence, length: Horizon) -> bool:
    """Whether a length is the item's own: in its name, its value or its window."""
    token = f"{length.length}{length.unit}"
    if re.search(rf"(?<![0-9]){token}(?![a-z0-9])", item.metric):
        return True
    if any((h.length, h.unit) == length[2:] for h in horizons_named(item.said)):
        return True
    if {"days": "d", "hours": "h"}.get(item.unit) == length.unit:
        return abs(item.value - length.length) <= 0.5
    start, end = date.fromisoformat(item.start[:10]), date.fromisoformat(item.end[:10])
    days = (start + timedelta(days=k + 1) for k in range((end - start).days))
    sessions = sum(day.weekday() < 5 for day in days)
    return length.unit == "d" and length.length in ((end - start).days, sessions)
