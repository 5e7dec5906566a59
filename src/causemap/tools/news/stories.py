"""Independence: one story told often is one story, and outlets of one house are one outlet."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from urllib.parse import urlsplit

from causemap.records import Note

# Two texts are one story when the smaller shares this part of its content words with the larger.
SAME_STORY: Final = 0.6
_DAYS_APART: Final = 3
_WORD: Final = re.compile(r"[a-z0-9][a-z0-9.,%$-]*[a-z0-9%]|[\u4e00-\u9fff]")
_STOP: Final = frozenset(
    [
        "the",
        "a",
        "an",
        "of",
        "to",
        "in",
        "on",
        "at",
        "by",
        "for",
        "from",
        "with",
        "and",
        "or",
        "but",
        "as",
        "after",
        "before",
        "over",
        "under",
        "its",
        "his",
        "her",
        "their",
        "was",
        "were",
        "is",
        "are",
        "had",
        "has",
        "have",
        "that",
        "this",
        "it",
        "said",
        "says",
        "saying",
        "than",
        "then",
        "which",
        "who",
    ]
)
# Outlets that print each other's copy, or belong to one house.
_FAMILIES: Final[tuple[tuple[str, str], ...]] = (
    ("reuters", "reuters"),
    ("associated press", "ap"),
    ("bloomberg", "bloomberg"),
    ("dow jones", "dowjones"),
    ("wall street journal", "dowjones"),
    ("wsj", "dowjones"),
    ("marketwatch", "dowjones"),
    ("barron", "dowjones"),
    ("cnbc", "nbc"),
    ("nbc news", "nbc"),
    ("coindesk", "coindesk"),
    ("cointelegraph", "cointelegraph"),
    ("bbc", "bbc"),
    ("guardian", "guardian"),
    ("new york times", "nyt"),
    ("cnn", "cnn"),
    ("federal reserve", "fed"),
    ("white house", "white house"),
    ("truth social", "white house"),
)

# METHODS 3: official 1, press 0.8, aggregators 0.5, a single social source 0.2.
_QUALITY: Final = {
    "official": 1.0,
    "exchange": 1.0,
    "newswire": 0.8,
    "newspaper": 0.8,
    "crypto_press": 0.8,
    "social": 0.2,
}
_OTHER_QUALITY: Final = 0.5


@dataclass(frozen=True, slots=True)
class Story:
    """A note that stands for all that tell the same story, with the outlets that told it."""

    note: Note
    outlets: frozenset[str]


def outlet(note: Note) -> str:
    """The house behind a note: wire copy belongs to its wire, an outlet to its owner."""
    name = note.publisher.lower()
    for part, family in _FAMILIES:
        if part in name:
            return family
    if name:
        return re.sub(r"[^a-z0-9\u4e00-\u9fff]+", " ", name).strip()
    return (urlsplit(note.url or "").hostname or "").removeprefix("www.")


def quality(note: Note) -> float:
    """What a note counts for by the kind of its outlet, 0 to 1."""
    return _QUALITY.get(note.kind, _OTHER_QUALITY)


def stories(notes: Sequence[Note]) -> tuple[Story, ...]:
    """The notes, each story once: its first telling stands, later copies add only their outlets.

    An official item stands for its story even if the press was first to tell it.
    """
    kept: list[tuple[Note, frozenset[str], set[str]]] = []
    for note in notes:
        words = _words(note.text)
        for place, (other, bag, outlets) in enumerate(kept):
            if _near(note, other) and _alike(words, bag):
                outlets.add(outlet(note))
                if note.kind == "official" and other.kind != "official":
                    kept[place] = (note, words, outlets)
                break
        else:
            kept.append((note, words, {outlet(note)}))
    return tuple(Story(note, frozenset(outlets)) for note, _, outlets in kept)


def _words(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(text.lower())) - _STOP


def _alike(one: frozenset[str], two: frozenset[str]) -> bool:
    smaller = min(len(one), len(two))
    return smaller > 0 and len(one & two) >= SAME_STORY * smaller


def _near(one: Note, two: Note) -> bool:
    first, second = (date.fromisoformat(note.published[:10]) for note in (one, two))
    return abs((first - second).days) <= _DAYS_APART
