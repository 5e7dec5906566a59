"""What may not stand in a briefing: advice, claims above the evidence, banned words.

Quoted words of an outside source are that source's: they are skipped where they are attributed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from causemap.records import Verdict
from causemap.words import cause_name

_QUOTED: Final = re.compile(r"\u201c[^\u201d]*\u201d|\u300c[^\u300d]*\u300d")
_ADVICE: Final = re.compile(
    r"\b(?:you|investors?|traders?|readers?|holders?|we)\s+"
    r"(?:should|ought|must|need to|may want to|might want to|could consider)\b"
    r"|\b(?:buy|sell|short|hold|accumulate|overweight|underweight|load up|stay (?:long|short|out))"
    r"\s+(?:the|this|that|these|your|more|some|now|bitcoin|gold|silver|stocks|equities|into|before)\b"
    r"|\b(?:we|i)\s+(?:recommend|suggest|advise|like|prefer)\b"
    r"|\bprice targets?\b|\btargets?\s+(?:of|at)\b|\bstop[- ]loss(?:es)?\b|\btake[- ]profits?\b"
    r"|\bgood (?:entry|time to)\b|\bbuying opportunity\b|\btime to (?:buy|sell|get)\b"
    r"|\bbuy the dip\b|\byour (?:portfolio|position|money|holdings)\b"
    r"|(?:建议|应该|应当|可以考虑|值得)(?:您|你|投资者)?(?:买入|卖出|加仓|减仓|抄底|做多|做空|持有|逢低)"
    r"|抄底良机|目标价|止损位|止盈位|逢低(?:买入|吸纳)",
    re.IGNORECASE,
)
_CERTAIN: Final = re.compile(
    r"\b(?:because|due to|thanks to|caused by|driven by|triggered by|sparked by|the reason|proves?|"
    r"proven|certainly|definitely|undoubtedly|clearly|guaranteed?)\b|因为|由于|导致|证明|肯定|必然",
    re.IGNORECASE,
)
# From here a cause may be named as the cause (the band "very likely").
_SURE: Final = 0.8


class Fault(NamedTuple):
    """One thing that may not be said, with the words at fault."""

    kind: str
    words: str


def advice(text: str) -> Iterator[Fault]:
    """Second-person advice, recommendations, targets."""
    for found in _ADVICE.finditer(_QUOTED.sub(" ", text)):
        yield Fault("advice", found[0])


def banned(text: str, words: Iterable[str]) -> Iterator[Fault]:
    """Words a house style does not want."""
    for word in words:
        if word and re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text, re.IGNORECASE):
            yield Fault("banned", word)


def overclaim(text: str, verdict: Verdict) -> Iterator[Fault]:
    """A headline that names a cause more firmly than its probability allows.

    Words of certainty need the band "very likely"; a cause named without a hedge or its
    probability needs the verdict's own primary cause.
    """
    held = dict(verdict.probabilities)
    top = 0.0 if verdict.abstained else max(held.values(), default=0.0)
    if top < _SURE:
        for found in _CERTAIN.finditer(text):
            yield Fault("overclaim", found[0])
    for cause, probability in verdict.probabilities:
        named = cause_name(cause).casefold() in text.casefold()
        if named and cause != verdict.primary and probability < 0.3 and "not " not in text.lower():
            yield Fault("overclaim", cause_name(cause))
