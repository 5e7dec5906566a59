"""What kind of question is asked: by the phrases, else by what stands bare in it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from causemap.agents.asset_words import GROUP_OF
from causemap.agents.chat_compared import of_past, of_windows
from causemap.agents.chat_found import strange
from causemap.agents.chat_intent_words import PATTERNS
from causemap.agents.chat_items import (
    Named,
    assets_in,
)
from causemap.agents.chat_terms import meaning
from causemap.agents.chat_topics import measure_in, unread
from causemap.agents.turns import Intent, Turn
from causemap.closed_sets import AssetGroup, Cause

# What a figure asked for comes before; "how big" is no question of doubt when a series is named.
_YIELDS_TO_LEVEL: Final = (None, "how_sure", "why_not", "refresh")
# Questions that a bare group ("and for crypto?") asks again.
_OF_GROUPS: Final = ("why", "why_not", "how_sure", "shares", "moves", "sources", "would_change")
# "It was the carry trade": a cause that the reader holds against the run's.
_CLAIMS: Final = re.compile(
    r"\b(?:it|this|that)(?: was|.s| is)\b|\b(?:was|is)(?:n.t)? (?:it|this|that)\b"
    r"|(?:这|那)?(?:就|肯定|明明)?是",
    re.IGNORECASE,
)
# "Did liquidations cause it": the measure's name stands for the cause.
_CAUSED: Final = re.compile(
    r"\b(?:caus|trigger|driv|drove|lead|led|lag|first|before|after(?!\W*$)|order|why)",
    re.IGNORECASE,
)
# "Did the dollar cause it": no cause of the closed set, but a thing that was measured.
_BLAMED: Final = re.compile(
    r"\b(?:caus\w+|trigger\w*|responsible|to blame|behind|due to|because of)\b", re.IGNORECASE
)
_SUM: Final = re.compile(r"\bhow (?:much|many|big|large)\b|\bsize\b|多少|多大|几个", re.IGNORECASE)
CARRIES_ON: Final = re.compile(
    r"\s*(?:and|or|also|what about|how about|then|那|和|还有)", re.IGNORECASE
)
_NAMED_CASE: Final = re.compile(r"\b(?:19|20)\d\d-\d\d-[a-z]+\b|\b20\d\d-autumn\b", re.IGNORECASE)
_SHORT: Final = 3
# "And beta?" after a term asks what that means.
MEANING: Final = "what does {} mean"
# "The three strongest pieces of evidence": what weighs most, not where it comes from.
_STRONGEST: Final = re.compile(
    r"\b(?:strongest|best|most important|key|main|top|biggest|single)\b.*"
    r"\b(?:evidence|facts?|proof|data ?points?|pieces?|support|indicators?|signals?)\b"
    r"|最(?:强|重要|有力|关键)的?(?:证据|依据|数据)|(?:证据|依据|数据).*最(?:强|重要|有力|关键)",
    re.IGNORECASE,
)
# "Why is funding stress rated so low": the cause named, not the one that leads.
_RATED: Final = re.compile(
    r"\bwhy (?:is|are|was|were|did you|do you)\b.*\b(?:rated?|ranked?|scored?|given|put|only at"
    r"|(?:so|that|this|too) (?:low|high|unlikely|likely|small|big))\b"
    r"|为什么.*(?:这么|那么)(?:低|高)",
    re.IGNORECASE,
)
# "How big was it against normal" asks for the deviations, not for another window.
_USUAL: Final = re.compile(r"\b(?:normal|usual|average|typical|ordinary)\b", re.IGNORECASE)
# "Why did bitcoin not fall": no cause is looked for, its move is the answer.
_HELD_UP: Final = re.compile(
    r"\bwhy\b.*(?:n.t|\bnot)\b.*\b(?:fall|drop|decline|sell off|crash|go down)\b"
    r"|为(?:什么|何|啥)(?:没|不)(?:有|怎么)?跌",
    re.IGNORECASE,
)
_WHY: Final = re.compile(
    r"\W*(?:(?:so|and|but)\W+)?\bwhy\b|\bhow come\b|为什么|为何|为啥", re.IGNORECASE
)
# Plain words of a short question on a figure, which the measures' names do not hold.
_ALSO: Final = frozenset(
    (
        "yield",
        "rate",
        "move",
        "level",
        "last",
        "number",
        "figure",
        "treasury",
        "bond",
        "note",
        "index",
        "stress",
        "pressure",
    )
)
_ASKS: Final = re.compile(
    r"\W*(?:did|do|does|was|is|are|were|has|have|what|how|and|why|which)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Read:
    """What stands in a question, before it is decided what is asked of it."""

    causes: tuple[Cause, ...]
    groups: tuple[AssetGroup, ...]
    near: Named
    others: tuple[str, ...]
    level: bool


def intent_of(text: str, read: Read, history: Sequence[Turn]) -> Intent | None:
    """The first pattern found, unless it is a meaning, a figure or a group that is asked for."""
    found = next((intent for intent, pattern in PATTERNS if pattern.search(text)), None)
    if found not in ("advice", "shares") and meaning(text, "en"):
        return "meaning"
    if _asks_figure(text, read, found):
        return "fact"
    if _STRONGEST.search(text) and found in (None, "sources", "why"):
        return "why_not" if read.causes else "groups"
    here = read.groups or (read.near.items and not of_past(text)) or not of_windows(text)
    if found == "compare" and not read.others and here:
        return _side_by_side(text, read, history)
    return _of_why(text, read, found) or found or _bare(text, read, history)


def _of_why(text: str, read: Read, found: Intent | None) -> Intent | None:
    """What a why asks that the phrases take for another question, or another for a why."""
    if found == "why" and read.causes and _RATED.search(text):
        return "why_not"
    if _HELD_UP.search(text) and read.near.items and not read.causes:
        return "fact"
    # "Why did it fall so much", "why did it fall when the bank failed": the why is asked.
    why = _WHY.match(text) if found == "when" else found == "moves" and _WHY.search(text)
    return "why" if why else None


def _side_by_side(text: str, read: Read, history: Sequence[Turn]) -> Intent | None:
    """What a comparison asks that names no other window: assets, measures or causes of this run."""
    if read.groups:
        return "moves" if len(read.groups) == 1 and len(assets_in(text)) > 1 else "groups"
    if read.near.items or read.causes:
        return _bare(text, read, history)
    return "moves" if _USUAL.search(text) else "compare"


def _asks_figure(text: str, read: Read, found: Intent | None) -> bool:
    """Whether a level, a measure by its name or a thing blamed is asked about, not a cause."""
    if read.level and found in _YIELDS_TO_LEVEL:
        return True
    if found == "why_not":
        blamed = any(item.asset not in GROUP_OF for item in read.near.items)
        return blamed and not read.causes and _BLAMED.search(text) is not None
    measured = bool(measure_in(text)) and found in (None, "moves", "when", "shares")
    asks = bool(read.near.items or _SUM.search(text) or assets_in(text))
    return measured and asks and _CAUSED.search(text) is None


def _beside_items(text: str, near: Named) -> bool:
    """Whether two or three words name beside the things what none of their measures does."""
    if len(text.split()) > _SHORT or _ASKS.match(text):
        return False
    said = strange(" ".join(item.said for item in near.items))
    return not near.exact and bool(strange(unread(text)) - said - _ALSO)


def _again(text: str, read: Read, last: Intent) -> Intent | None:
    """The last question's intent, where this one asks it of another window, term or group."""
    terms = last == "meaning" and meaning(MEANING.format(text), "en") != ""
    if terms or (read.others and last == "compare") or (read.groups and last in _OF_GROUPS):
        return last
    return None


def _bare(text: str, read: Read, history: Sequence[Turn]) -> Intent | None:
    """What a name without a question asks: the last question again, else about itself."""
    last = history[-1].intent if history and CARRIES_ON.match(text) else None
    if last is not None and (again := _again(text, read, last)):
        return again
    if read.others and _NAMED_CASE.search(text):
        return "compare"
    if read.causes and (not read.near.items or len(read.causes) > 1 or _CLAIMS.search(text)):
        return last if last in ("why_not", "how_sure", "why") else "why_not"
    # "Was it the S&P downgrade": what is named beside an asset is blamed, not the asset.
    if _CLAIMS.match(text) and not read.near.exact and strange(unread(text)):
        return "found"
    if read.near.items and (read.causes or not _beside_items(text, read.near)):
        return last if last in ("what_if", "sources") else "fact"
    # A group beside a word that is none of its names ("btc dominance") is not the group.
    plain = read.groups and not strange(text)
    of_group: Intent = "moves" if _SUM.search(text) else "why"
    return "why_not" if read.causes else of_group if plain else None
