"""The article as it is kept: what the library stores, readers read and claims are quoted from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


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
