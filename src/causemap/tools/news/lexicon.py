"""The lexicon: kinds of market events, what tells them in English and Chinese, what they mean.

The words stand in ``lexicon.toml`` beside this module. A pattern ``a && b`` asks for both parts
anywhere in one sentence. Compiling all of them takes longer than reading a month of notes, so an
expression is compiled when a sentence first needs it: a second part where a first one was met.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final, Literal, get_args

from causemap.closed_sets import Cause

Role = Literal["cause", "channel", "response"]
About = Literal["any", "crypto", "other"]
_CAUSES: Final[tuple[Cause, ...]] = get_args(Cause)
_ROLES: Final[tuple[Role, ...]] = get_args(Role)
_ABOUT: Final[tuple[About, ...]] = get_args(About)
_MACRO: Final = re.compile(r"\{([a-z]+)\}")

# Expressions that a sentence must meet, all of them.
Pattern = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of event: the cause it names, how firmly, its role, and the patterns that tell it."""

    name: str
    cause: Cause
    weight: float
    role: Role
    about: About
    patterns: tuple[Pattern, ...]

    def tells(self, sentence: str) -> bool:
        """Whether any pattern is met in the lower-case ``sentence``."""
        return any(
            all(_compiled(part).search(sentence) for part in pattern) for pattern in self.patterns
        )


@cache
def _compiled(part: str) -> re.Pattern[str]:
    return re.compile(part)


@cache
def lexicon() -> tuple[Kind, ...]:
    """All kinds, in the order of the file."""
    text = resources.files(__package__).joinpath("lexicon.toml").read_text(encoding="utf-8")
    return read_lexicon(text)


def read_lexicon(text: str) -> tuple[Kind, ...]:
    """Parse a lexicon; raises :class:`ValueError` naming a kind that breaks the form."""
    raw = tomllib.loads(text)
    macros = raw.get("macros", {})
    return tuple(_kind(row, macros) for row in raw["kind"])


def _kind(row: Mapping[str, object], macros: Mapping[str, str]) -> Kind:
    name = str(row["name"])
    cause = next((c for c in _CAUSES if c == row.get("cause")), None)
    role = next((r for r in _ROLES if r == row.get("role", "cause")), None)
    about = next((a for a in _ABOUT if a == row.get("about", "any")), None)
    weight = float(str(row.get("weight")))
    if cause is None or role is None or about is None or not 0.0 < weight <= 1.0:
        raise ValueError(f"lexicon: kind {name!r} has an unknown cause, role, field or weight")
    english = _patterns(_texts(row, "en"), macros, lambda full: rf"(?<!\w)(?:{full})(?!\w)")
    chinese = _patterns(_texts(row, "zh"), macros, str.lower)
    return Kind(name, cause, weight, role, about, (*english, *chinese))


def _texts(row: Mapping[str, object], key: str) -> list[str]:
    found = row.get(key, [])
    return [str(item) for item in found] if isinstance(found, list) else []


def _patterns(
    texts: Iterable[str], macros: Mapping[str, str], bounded: Callable[[str], str]
) -> Iterator[Pattern]:
    """What stands alone as one expression of alternatives, then each ``a && b`` for itself.

    English words begin at a word boundary and end at one if they can; Chinese has none.
    """
    parts = [[_full(part, macros) for part in text.split(" && ")] for text in texts]
    if alone := [part[0] for part in parts if len(part) == 1]:
        yield (bounded("|".join(alone)),)
    yield from (tuple(map(bounded, part)) for part in parts if len(part) > 1)


def _full(part: str, macros: Mapping[str, str]) -> str:
    """The expression with its macros put in; a macro may use another one."""
    return _MACRO.sub(lambda m: macros[m[1]], _MACRO.sub(lambda m: macros[m[1]], part)).strip()
