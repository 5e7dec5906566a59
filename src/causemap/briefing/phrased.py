"""Shares told as shares: a measured part of a fall in a phrase of its own, not "stood at 0.70".

The phrases stand in the phrase books (``facts``): a pattern of the measure's name and the phrase
with ``<value>`` in it. The words of the phrase stand for the measure's name when the finished
sentence is read back, so its figure is bound to the same item as before.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from typing import Final

from causemap.agents.chat_words import cause_zh
from causemap.agents.clauses import cause_words
from causemap.briefing.tree import Language
from causemap.briefing.voice import book_of
from causemap.causes import NAMES
from causemap.records import Evidence

_CAUSES: Final = {name: cause for cause, name in NAMES.items()}
_VALUE: Final = "<value>"
# Per cent below which a decimal is told.
_FEW: Final = 10.0
# A share of the news or of a fall under this counts against its cause.
SMALL: Final = 0.25
# A share outside of these bounds (a part that ran the other way) is no part of a whole.
_WHOLE: Final = {"ratio": 1.0, "%": 100.0}


def phrase_of(item: Evidence, language: Language) -> str | None:
    """The phrase for the item with ``<value>`` in it; ``None`` where it is not told as a share."""
    inside = 0.0 <= item.value <= _WHOLE.get(item.unit, -1.0)
    for pattern, phrase, any_value in _facts(language):
        found = pattern.fullmatch(item.said.strip())
        if found and (inside or (any_value and (_moves(item) or item.unit != "%"))):
            return _worded(phrase, found.groupdict(), language)
    return None


def thing_of(item: Evidence) -> str | None:
    """What an English sentence calls a share that it gives no figure of: 'the news that names ...'.

    ``None`` where its own name will do.
    """
    for pattern, phrase, *small in book_of("en")["things"]:
        if found := re.fullmatch(pattern, item.said.strip()):
            chosen = small[0] if small and item.value < SMALL else phrase
            return _worded(chosen, found.groupdict(), "en")
    return None


def _moves(item: Evidence) -> bool:
    """Whether a figure in per cent is a move rather than a share: only moves are standardised."""
    return item.unit == "%" and item.z is not None


def with_slots(item: Evidence, phrase: str) -> str:
    """The phrase with the item's value as a slot; a move, or a mean of moves, has its verb."""
    form = "lost_gained+auto" if _moves(item) else share_form(item)
    form = "fell_rose+z1" if item.unit == "z" else form
    return phrase.replace(_VALUE, f"{{{item.id}|value|{form}}}")


def share_form(item: Evidence) -> str:
    """How a share and its bounds are printed; a small one in per cent would print as nothing."""
    return "auto" if item.unit == "%" and item.value < _FEW else "pct0"


def renamed(items: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """The items told in a phrase, under the words that stand in the English phrase beside it."""
    told = [(item, phrase_of(item, "en")) for item in items]
    return tuple(replace(item, said=_name(phrase)) for item, phrase in told if phrase)


def _name(phrase: str) -> str:
    before, _, after = phrase.partition(_VALUE)
    return before.strip() or after.strip()


def _worded(phrase: str, parts: dict[str, str], language: Language) -> str:
    for name, part in parts.items():
        phrase = phrase.replace(f"<{name}>", _word(name, part, language))
    return phrase


def _word(name: str, part: str, language: Language) -> str:
    if name == "cause" and part in _CAUSES:
        cause = _CAUSES[part]
        return cause_zh(cause) if language == "zh" else cause_words(cause)
    names: dict[str, str] = book_of(language).get("names", {})
    return names.get(part, part)


@cache
def _facts(language: Language) -> tuple[tuple[re.Pattern[str], str, bool], ...]:
    """Pattern, phrase, and whether the phrase fits a figure that is no part of a whole too."""
    rows = book_of(language)["facts"]
    return tuple((re.compile(pattern), phrase, bool(more)) for pattern, phrase, *more in rows)
