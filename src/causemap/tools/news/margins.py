"""Rises of exchange margins in one text, English or Chinese: for which market, told as news or not.

A rise counts where a sentence says that the collateral asked for futures or perpetuals went up (or,
for coins, that the leverage allowed went down). Profit margins, margin calls, cuts of margins and
what is only feared, weighed or denied do not count. The text is only matched.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from causemap.closed_sets import AssetGroup
from causemap.tools.news.reading import SENTENCE, fields

# Margins of another kind, taken out before a rise is looked for.
_OTHER: Final = re.compile(
    r"\b(?:profit|operating|gross|net|ebitda?|interest|refin\w+|sales|processing|crush|thin|slim)"
    r"(?: \w+)? margins?\b|\bmargin (?:outlook|forecasts?|targets?|goals?|pressure|guidance|lending"
    r"|loans?|trading|debt|calls?|pairs?|accounts?|of (?:error|safety))\b|\bat the margin\b"
    r"|追加保证金|保证金(?:追缴|压力|交易)",
    re.IGNORECASE,
)
_UP: Final = (
    r"(?:rais(?:e|es|ed|ing)|hik(?:e|es|ed|ing)|increas(?:e|es|ed|ing)|lift(?:s|ed|ing)?"
    r"|boost(?:s|ed|ing)?|doubl(?:e|es|ed|ing)|tripl(?:e|es|ed|ing)|tighten(?:s|ed|ing)?|upped"
    r"|step(?:s|ped)? up)"
)
_HIKE: Final = r"margin(?: requirements?)? (?:hikes?|increases?|rises?)"
_MARGINS: Final = r"(?:margins?\b|(?:margin|collateral|performance[- ]bond) requirements?)"
_RISE: Final = re.compile(
    rf"\b{_UP} (?:[^\s.;]+ ){{0,7}}?{_MARGINS}"
    rf"|\b{_MARGINS}(?: [^\s.;]+){{0,9}}? (?:(?:were|was|are|is|been|be|being) {_UP}"
    rf"|(?:would |will |to )?(?:rise|go up|climb|double)\b|rose\b|went up\b"
    rf"|{_UP} (?:to|by|from)\b)"
    rf"|\b(?:announc|impos|order|unveil|introduc|issu|implement)\w* (?:[^\s.;]+ ){{0,6}}{_HIKE}\b"
    rf"|\b{_HIKE} (?:[^\s.;]+ ){{0,4}}(?:announced|imposed|ordered|effective|takes? effect)\b"
    rf"|\b(?:after|following|on|amid|since) (?:[^\s.;]+ ){{0,6}}{_HIKE}\b"
    r"|(?:上调|提高|调高|提升|上浮)[^。,;，；]{0,16}保证金"
    r"|保证金[^。,;，；]{0,14}(?:上调|提高|调高|提升|升至)",
    re.IGNORECASE,
)
_LEVERAGE: Final = re.compile(
    r"\b(?:cut|reduc|lower|cap|limit|slash|restrict)\w* (?:[^\s.;]+ ){0,5}leverage\b"
    r"|(?:下调|降低|限制)[^。,;，；]{0,10}杠杆|杠杆(?:倍数|上限)?[^。,;，；]{0,6}(?:下调|降至|降低)",
    re.IGNORECASE,
)
_VENUE: Final = re.compile(
    r"\b(?:cme|comex|nymex|exchanges?|clearing ?houses?|shfe|shanghai|multi commodity|mcx|lme|eurex"
    r"|binance|okx|okex|bybit|deribit|bitmex|hyperliquid|coinbase|kraken|ftx|huobi|bitfinex"
    r"|futures|contracts?|perpetuals?|swaps?)\b|交易所|上期所|上金所|芝商所|芝加哥商|币安|欧易|火币|期货|合约",
    re.IGNORECASE,
)
_METALS: Final = re.compile(
    r"\b(?:platinum|palladium|precious[- ]metals?)\b|沪银|沪金|金银|铂|钯", re.IGNORECASE
)
_ELSEWHERE: Final = re.compile(
    r"\b(?:crude|oil|gas|brent|wheat|corn|soy\w*|sugar|cocoa|coffee|cotton|copper|nickel|alumini?um"
    r"|lithium|iron ore|steel|cattle|hogs|power|electricity|treasury|bond|equity|index|stock)s?\b"
    r"|原油|天然气|螺纹|铁矿|焦煤|股指|国债|镍|碳酸锂",
    re.IGNORECASE,
)
# Before a rise in its clause: it is not told as done or ordered.
_UNREAL: Final = re.compile(
    r"(?:\b(?:may|might|could|consider\w*|mull\w*|weigh\w*|propos\w*|speculation|rumou?r\w*|urg\w+"
    r"|den(?:y|ied|ies)|not|never|without|if|unless|whether|likely to|call\w* (?:for|on)|fear\w*"
    r"|revers\w+|withdr[ae]w\w*|scrap\w*)\b|n't\b|可能|或将|考虑|否认|不会|没有|并未|如果|若|传闻|预计|拟)"
    r"[^.;,。；，]{0,60}$",
    re.IGNORECASE,
)
# Before a rise, or at its head: it is told as what came before something else.
_PAST: Final = re.compile(
    r"(?:\b(?:after|since|following|because|as|once|when)\b[^.:;,]{0,40}|"
    r"(?:由于|因为?|随着|自从|在)[^。；，]{0,14})$",
    re.IGNORECASE,
)
_PAST_HEAD: Final = re.compile(r"(?:after|following|on|amid|since)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class MarginRise:
    """The markets a rise is for; ``past``: told as something already known, so undated."""

    groups: frozenset[AssetGroup]
    past: bool


def margin_rise(text: str) -> MarginRise | None:
    """The first rise of exchange margins that a text tells, news of it before mentions."""
    found = sorted(_rises(text), key=lambda rise: rise.past)
    return found[0] if found else None


def _rises(text: str) -> Iterator[MarginRise]:
    about = _fields(text)
    for sentence in SENTENCE.split(_OTHER.sub(" ", text)):
        groups = _groups(sentence, about)
        tests = (_RISE, _LEVERAGE) if "crypto" in groups else (_RISE,)
        hits = [hit for test in tests if (hit := test.search(sentence)) is not None]
        if not hits or not groups or sentence.rstrip().endswith(("?", "？")):
            continue
        first = min(hits, key=lambda hit: hit.start())
        before = sentence[: first.start()]
        if not _UNREAL.search(before):
            past = bool(_PAST.search(before) or _PAST_HEAD.match(first[0]))
            yield MarginRise(groups, past)


def _groups(sentence: str, about: frozenset[AssetGroup]) -> frozenset[AssetGroup]:
    """The markets whose margins a sentence may tell of: its own, else those of the whole text."""
    if not _VENUE.search(sentence):
        return frozenset()
    own = _fields(sentence)
    return own or (frozenset() if _ELSEWHERE.search(sentence) else about)


def _fields(text: str) -> frozenset[AssetGroup]:
    metals: frozenset[AssetGroup] = frozenset({"metals"} if _METALS.search(text) else ())
    return (fields(text) | metals) - {"equity"}
