"""What a comparison names: another window of the past, or things of this run side by side."""

from __future__ import annotations

import re
from typing import Final

from causemap.agents.chat_found import strange
from causemap.agents.time_parts import MONTHS

_NAME: Final = re.compile(r"[A-Za-z][\w&'-]*|(?<![\d.])\d{3}(?![\d.%])")
_PAST: Final = re.compile(
    r"\b(?:windows?|past|before|history|historical\w*|times?|precedent\w*|analog\w*|similar|episodes?"
    r"|events?|cases?|crash\w*|(?:like|as|to|with|versus|vs) (?:this|that|it)|closest|nearest"
    r"|like)\b|以前|历史|类似|过去|上次",
    re.IGNORECASE,
)
_COMPARING: Final = re.compile(
    r"compar\w*|version|repeat\w*|echo|replay|similar\w*|analog\w*|differen\w*|seen|past|window|case"
    r"|event|episode|precedent\w*|history|historical\w*|look|nearest|crash\w*|sell\w*|previous"
    r"|closest?|thos|thes|them|they|earlier|resembl\w*|unlike"
    r"|another|versu|usual\w*|normal\w*|averag\w*|typical\w*|ordinary|wors\w*|better|bigger"
    r"|smaller|milder|than"
)


def names_in(text: str) -> tuple[str, ...]:
    """What a comparison names beside the words of comparing: an event by a name of its own.

    Three figures are one too: "312" is 12 March, "519" 19 May, by those who were there.
    """
    named = [
        word
        for word in _NAME.findall(text)
        if word.isdecimal()
        or (word.lower() not in MONTHS and any(not _COMPARING.fullmatch(w) for w in strange(word)))
    ]
    return tuple(dict.fromkeys(named))


def of_windows(text: str) -> bool:
    """Whether a comparison is with another window: it speaks of the past or names what it is."""
    return of_past(text) or bool(names_in(text))


def of_past(text: str) -> bool:
    """Whether a comparison speaks of the past."""
    return _PAST.search(text) is not None
