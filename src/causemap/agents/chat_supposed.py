"""What a "what if" supposes of the measures it names, as a change that can be computed."""

from __future__ import annotations

import re
from typing import Final

from causemap.agents.what_if import Change

_UP: Final = (
    r"risen|rise|rose|rising|up\b|gained?|climbed|jumped|higher|added|widened|spiked|surged|soared"
    r"|strengthened|rallied|positive\b|涨|上升|上涨|升|走强|为正"
)
_DOWN: Final = (
    r"fallen|fall|fell|falling|down\b|lost|dropped|declined|lower|slid|narrowed|tightened|weakened"
    r"|plunged|crashed|collapsed|slumped|tumbled|sold off|negative\b|跌|下降|下跌|降|走弱|为负"
)
_SIZE: Final = re.compile(
    r"(?P<sign>[-\u2212+]?)(?P<size>\d+(?:\.\d+)?)\s?"
    r"(?P<unit>%|percent|per cent|bps?\b|basis points?|个?基点|pp\b)",
    re.IGNORECASE,
)
_OTHER: Final = re.compile(
    r"other way|opposite|revers|turned? round|instead|相反|反过来|反向", re.IGNORECASE
)
_MOVED: Final = (
    rf"{_UP}|{_DOWN}|blown|spiked|broken|cracked|exploded"
    r"|moved?|budged?|changed?|shifted|happened|existed"
)
_NEGATED: Final = re.compile(
    rf"(?:\bnot|n[o'\u2019]?t|\bnever)\s+(?:\w+ly\s+|been\s+|gone\s+|so much\s+)?(?:{_MOVED})"
    rf"|(?:没有?|不|未|别)\w?(?:{_UP}|{_DOWN}|动|变)",
    re.IGNORECASE,
)
# A move told by another's cannot be set: "fallen as much as chips".
_LIKE_ANOTHER: Final = re.compile(
    r"\bas (?:much|far|hard|little|badly|fast) as\b|\b(?:twice|half|double) (?:as|what|the)\b"
    r"|\bthe same as\b|和.{1,8}一样",
    re.IGNORECASE,
)
_LEFT_OUT: Final = re.compile(
    r"\bwithout\b|\bignor|\bdelet|\bstrip|\bscrap|\btake out\b|\bremov"
    r"|\bleav\w+ out|\bleft out|\bexclud|\bdrop(?:ping)? (?:the|item|#)"
    r"|\btak(?:e|ing) away|\bminus the|没有.{1,8}的话|去掉|不考虑|忽略|剔除|排除掉|拿掉",
    re.IGNORECASE,
)
_STILL: Final = re.compile(
    r"\b(?:stayed|remained|been|were|was|held|kept)\s+(?:flat|unchanged|steady|calm|still|stable|put"
    r"|the same|where)\b|\bunchanged\b|\bflat\b|不变|持平|稳定",
    re.IGNORECASE,
)


def supposed(text: str, *, turned_round: bool) -> Change | None:
    """The change, or ``None`` for a level, a multiple or an event, which none can be made of.

    ``turned_round`` where the things are named by a price that goes against what is measured.
    """
    if _LIKE_ANOTHER.search(text):
        return None
    # What had not risen or fallen had not moved: it is left out.
    moved = _NEGATED.sub(" ", text)
    up = re.search(_UP, moved, re.IGNORECASE)
    down = re.search(_DOWN, moved, re.IGNORECASE)
    size = _SIZE.search(moved)
    # The later verb is the supposed one: "yields fell; what if they had risen".
    sign = -1.0 if down and (not up or down.start() > up.start()) else 1.0
    sign = -sign if turned_round else sign
    if size and (up or down or size["sign"]):
        written = -1.0 if size["sign"] in ("-", "\u2212") else sign
        return Change("set", written * float(size["size"]), _unit(size["unit"]))
    if _OTHER.search(moved):
        return Change("turn")
    if (up or down) and not _LEFT_OUT.search(moved):
        return Change("force", sign)
    none = moved == text and not _LEFT_OUT.search(text) and not _STILL.search(text)
    return None if none else Change("remove")


def _unit(words: str) -> str:
    said = words.lower()
    if said == "pp":
        return "pp"
    return "%" if said in ("%", "percent", "per cent") else "bp"
