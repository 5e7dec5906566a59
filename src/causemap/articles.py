"""The article as it is kept: what the library stores, readers read and claims are quoted from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from causemap.closed_sets import Cause, ClaimVerdict


@dataclass(frozen=True, slots=True)
class Article:
    """A stored article: cleaned text (hidden parts removed) with its four times.

    ``published`` is what the page or feed says, ``retrieved`` when it was read, ``available`` the
    earliest moment it can have been known to a reader of the time (never before ``published``).
    """

    id: str
    url: str | None
    publisher: str
    title: str
    published: str
    precision: Literal["minute", "date"]
    retrieved: str
    available: str
    language: str
    text: str


@dataclass(frozen=True, slots=True)
class Claim:
    """A statement quoted from an article and tested against the tape.

    ``text`` are the article's own words (at ``start``:``end`` of the stored text), ``why`` the
    engine's, without a figure: figures stand in the evidence. ``about`` names what it is said of,
    ``cause`` the cause it gives.
    """

    text: str
    source: str
    verdict: ClaimVerdict
    evidence: tuple[str, ...]
    why: str = ""
    kind: str = ""
    about: tuple[str, ...] = ()
    cause: Cause | None = None
    article: str = ""
    start: int | None = None
    end: int | None = None
    published: str = ""
    url: str | None = None
