"""What is read out of an article before anything is measured."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from causemap.closed_sets import Cause

Kind = Literal[
    "move",
    "level",
    "ahead",
    "threshold",
    "extreme",
    "correlation",
    "state",
    "event",
    "flow",
    "cause",
]
Unit = Literal["%", "pp", "bp", "usd", ""]


@dataclass(frozen=True, slots=True)
class Amount:
    """A number as printed: ``low`` .. ``high`` (equal for one number) in ``unit``.

    ``step`` is the size of the last printed digit; ``rough`` that it is said to be approximate
    (about, nearly, 约), ``side`` +1 that it is a minimum (more than), -1 a maximum (up to).
    ``start``/``end`` are character offsets.
    """

    start: int
    end: int
    low: float
    high: float
    unit: Unit
    step: float
    rough: bool = False
    side: int = 0


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of days named in a text, both ends included, as ISO dates.

    ``vague`` marks a month, a year or a part of one ("early February"), not days.
    """

    since: str
    until: str
    vague: bool = False


@dataclass(frozen=True, slots=True)
class ExtractedClaim:
    """One assertion of an article; ``text`` is the article's own words at ``start``:``end``.

    ``about`` names what it is said of (a pair for a correlation); ``direction`` is +1 up or high,
    -1 down or low, 0 held, ``None`` not said. ``span`` is the time the text gives, ``base`` the
    period of the high that a fall is counted from. ``years`` is the horizon of an extreme.
    ``single`` marks a statement the text itself rests on one source.
    """

    article: str
    start: int
    end: int
    text: str
    kind: Kind
    about: tuple[str, ...]
    direction: int | None = None
    amount: Amount | None = None
    span: Span | None = None
    base: Span | None = None
    cause: Cause | None = None
    years: float | None = None
    single: bool = False
