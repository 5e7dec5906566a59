"""Slips of the pen: a word nobody knows that is nearly one a conversation is understood by."""

from __future__ import annotations

import difflib
import re
from functools import cache
from typing import Final

from causemap.agents.asset_words import WORDS
from causemap.agents.chat_found import known_words
from causemap.records import Report

_WORD: Final = re.compile(r"[A-Za-z]{5,}")
_NEAR: Final = 0.84
# Words that questions are understood by and that are slipped in most.
_SAID: Final = (
    "because behind balance biggest breakeven calibrated caused certain changed chart compare "
    "confident contradicts correlation credit different dollar driver evidence explain expected "
    "fallen funding gold happened headline inflation interest largest leverage liquidated "
    "liquidation liquidations missing moved nasdaq payrolls probability recession reserves risen "
    "second silver similar sources spread stablecoin stocks summary summarise tariff tariffs "
    "timeline treasury unexplained unusual volatility worst yield yields"
)


def mended(text: str, report: Report) -> str:
    """The question with such words put right; empty where there is none.

    A word that the run's own notes, claims or measures hold is no slip.
    """
    held = known_words(report)

    def right(found: re.Match[str]) -> str:
        word = found[0].lower()
        if word in held or word in _vocabulary():
            return found[0]
        near = difflib.get_close_matches(word, _starting(word[0]), n=1, cutoff=_NEAR)
        # Another form of a word that is known ("explained") is no slip.
        return near[0] if near and not word.startswith(near[0]) else found[0]

    again = _WORD.sub(right, text)
    return again if again != text else ""


@cache
def _vocabulary() -> frozenset[str]:
    assets = (part for word in WORDS for part in word.split() if part.isascii() and part.isalpha())
    return frozenset({*_SAID.split(), *assets})


@cache
def _starting(letter: str) -> tuple[str, ...]:
    return tuple(sorted(word for word in _vocabulary() if word.startswith(letter)))
