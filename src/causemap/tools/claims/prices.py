"""Which amounts can be a subject's price: not counts, not sizes, not another thing's figures."""

from __future__ import annotations

import re
from typing import Final

from causemap.tools.claims.lexicon import (
    ABROAD,
    OTHERS,
    PREDICATES_EN,
    UNITS,
    UNPRICED,
    UNPRICED_OF,
    UNPRICED_ZH,
)
from causemap.tools.claims.records import Amount
from causemap.tools.claims.scene import Scene
from causemap.tools.claims.subjects import Subject, listed_before

_YIELDS: Final = frozenset({"UST2Y", "UST10Y", "UST30Y", "REAL10Y", "BE10Y", "HY_OAS"})
_POINTS: Final = frozenset({"SPX", "NDX", "DJI", "DXY", "VIX"})
# Groups, rates, and what the tape holds only as a fund: an index's points are no fund's price.
_NOT_PRICED: Final = frozenset(
    {"MAG7_PE", "OI", "FUNDING", "RESERVES", "SOFR_IORB", "GDX", "MAG7", "SMH", "IGV", "METALS"}
    | {"EWJ", "IWM", "KRE", "COPX", ABROAD}
)
# By what names a subject has a level: "stocks" have none, nor has the dollar against the yen.
_LEVELLED: Final = {
    "SPX": re.compile(r"S&P|SPX|标普", re.IGNORECASE),
    "NDX": re.compile(r"100|NDX", re.IGNORECASE),
    "DXY": re.compile(r"index|DXY|USDX|指", re.IGNORECASE),
    "VIX": re.compile(r"VIX|index|恐慌", re.IGNORECASE),
    "BE10Y": re.compile(r"break-?even", re.IGNORECASE),
    "BTC": re.compile(r"bitcoin|btc|cryptocurrency$|比特币|大饼", re.IGNORECASE),
}
# No listed price is this high; a bare million counts something.
_MOST: Final = 1e6
_REACH: Final = 130
# How far before a number or a name the words stand that make it a size or a quantity's.
_LEAD: Final = 60
# A new subject of one or two words before a verb, as opposed to "and then" or "and has".
_OTHER: Final = re.compile(
    r"(?:,|\band|\bbut)\s(?:and |but )?(?:the |its )?"
    r"(?!(?:it|they|then|later|also|even|now|again|has|have|had|was|were|is|are|\w+ly)\b)"
    r"[a-z]+(?: [a-z]+)?\s$",
    re.IGNORECASE,
)
_STOP: Final = re.compile(
    r"[;；。]|\b(?:as|while|after|because|when|whereas|target|fair value|"
    r"forecast\w*|estimate\w*|odds|options?|puts?|calls?|strike)\b",
    re.IGNORECASE,
)
_BRENT: Final = re.compile(r"(?:Brent |布伦特)$", re.IGNORECASE)
_RATE: Final = re.compile(
    r"\bto [\d.]+ ?(?:%|per ?cent|pct|basis points|bps?) from $", re.IGNORECASE
)
_VERBLESS: Final = re.compile(
    r"\b(?:at|to|from|on|in|by|amid|with|and|or|but|of|for|despite|is|are|was|were|be)\b|[,，]"
)
# "On weak demand to 60,000" gives why, "with volume at 60,000" gives the volume's figure.
_WHY: Final = re.compile(
    r"\b(?:on|amid|by|despite|after|from|following)(?: [\w-]+){0,3} $", re.IGNORECASE
)
_AT: Final = re.compile(
    r"^(?: (?:\w+ly|is|was|were|are|stood|still|now|already|again))*"
    r"(?: (?:at|to|of|worth|above|over|below|under|near|around|about|reach\w*|total\w*|topp\w+|"
    r"accounting for|exceed\w*|a|the|its|just|roughly|nearly))+ $",
    re.IGNORECASE,
)
_PRICE: Final = re.compile(r"\bprices?\b|价", re.IGNORECASE)
_LOST: Final = re.compile(
    r"(?<!back )\b(?:lost|los(?:es|ing)|shed(?:s|ding)?|g(?:ave|iv\w+) (?:up|back)|"
    r"gain(?:s|ed|ing)?|add(?:s|ed|ing)?|down|up)$|(?:跌|涨|下挫|回落|蒸发|缩水|攀升|反弹)[了去幅]?$",
    re.IGNORECASE,
)
_BY: Final = re.compile(
    r"(?: (?:by|of|around|about|roughly|nearly|almost|some|another|an?|as much as|at least|over|"
    r"more than))*\s|(?:超过?|逾|近|约|接近|将近)",
    re.IGNORECASE,
)
_OVER: Final = re.compile(r" (?:over|more than)\s$", re.IGNORECASE)


def priced(scene: Scene, amount: Amount) -> Subject | None:
    """The subject whose price an amount can be: the last one named before it."""
    chosen = listed_before(scene.subjects, amount.start, scene.text)
    if not chosen:
        return None
    subject = chosen[-1]
    gap = scene.text[subject.end : amount.start]
    if len(gap) > _REACH or _STOP.search(gap) or OTHERS.search(gap) or _moved_on(gap):
        return None
    if not _levelled(scene, subject) or UNITS.match(scene.text, amount.end):
        return None  # "a 24-month high" is no price of 24
    if is_size(scene.text[: amount.start]) or _of_quantity(scene, subject, gap):
        return None
    rate = not amount.unit and _RATE.search(scene.text[: amount.start])
    year = _is_year(amount, scene.text)
    return subject if not (rate or year) and _fits(subject.key, amount) else None


def is_size(lead: str) -> bool:
    """Whether what follows ``lead`` is the size of a move: "lost over", "plunged around".

    What something climbed over is a level, what it fell over is not.
    """
    lead = lead[-_LEAD:]
    words = {m.end(): str(m.lastgroup) for m in PREDICATES_EN.finditer(lead)}
    for at in (at for at in range(len(lead)) if _BY.fullmatch(lead, at)):
        if _LOST.search(lead[:at]):
            return True
        if words.get(at, "flat") != "flat":
            rises = words[at] in ("up", "aup") and " by " not in lead[at:]
            return not (rises and _OVER.search(lead[at:]))
    return False


def _levelled(scene: Scene, subject: Subject) -> bool:
    """Whether a subject has a level by the name it is given."""
    if subject.key in _NOT_PRICED:
        return False
    if subject.key == "WTI" and _BRENT.search(scene.text[: subject.start]):
        return False
    named = _LEVELLED.get(subject.key)
    return named is None or bool(named.search(scene.text[subject.start : subject.end]))


def _of_quantity(scene: Scene, subject: Subject, gap: str) -> bool:
    """Whether a figure is that of a quantity the subject has: its hash rate, margin, inventories.

    A clause without a verb goes on from the one before: "margin for gold rises to 7, silver to 9".
    """
    if _PRICE.search(gap):
        return False
    if _owned(scene.text, subject, gap):
        return True
    before = [s for s in scene.subjects if s.end <= subject.start]
    if not before or PREDICATES_EN.search(gap):
        return False
    between = scene.text[before[-1].end : subject.start]
    return not _STOP.search(between) and _owned(scene.text, before[-1], between)


def _owned(text: str, subject: Subject, gap: str) -> bool:
    if UNPRICED_OF.search(text[max(0, subject.start - 2 * _LEAD) : subject.start]):
        return True
    if UNPRICED_ZH.search(re.split("[,，、；]", gap)[-1]):
        return True
    for match in UNPRICED.finditer(gap):
        head, tail = gap[: match.start()], gap[match.end() :]
        if not (PREDICATES_EN.search(head) or _VERBLESS.search(head)):
            return True
        if _AT.match(tail) and not _WHY.search(head):
            return True
    return False


def _moved_on(gap: str) -> bool:
    """Whether another thing moves in between: "stocks sold off, and the yen rose past 150"."""
    words = [m.start() for m in PREDICATES_EN.finditer(gap)][1:]
    return any(_OTHER.search(gap[:at]) for at in words)


def _fits(key: str, amount: Amount) -> bool:
    if amount.high >= _MOST:
        return False
    if key in _YIELDS:
        return amount.unit == ("bp" if key == "HY_OAS" and amount.low >= 50 else "%")
    if amount.unit == "usd":
        return key not in _POINTS and amount.low > 0
    if amount.unit:
        return False
    return amount.low >= (10 if key in _POINTS else 20)


def _is_year(amount: Amount, text: str) -> bool:
    """Whether four bare digits can be a year: "1,950" cannot."""
    bare = not amount.unit and text[amount.start : amount.end].isdecimal()
    return bare and 1900 <= amount.low <= 2100
