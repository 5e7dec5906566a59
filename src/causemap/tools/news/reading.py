"""Reading one text: which causes it names and how firmly, and which markets it is about.

Nothing here knows prices, windows or verdicts. Every sentence is held against the lexicon, where a
sentence of relief, denial or doubt counts for less; the words of the whole text are weighed as
learned from other sentences (:mod:`causemap.tools.news.words`). Each has half a say: the lexicon
knows what was thought of, the words what was written. The text is only matched, never run, shown
or fetched.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from causemap.causes import NAMED, NAMES
from causemap.closed_sets import AssetGroup, Cause
from causemap.tools.news.lexicon import Kind, Role, lexicon
from causemap.tools.news.surprises import Surprise, surprises
from causemap.tools.news.words import chances

# The lexicon's say; the rest is that of the learned words.
BY_LEXICON: Final = 0.5
# A text does not name what has less than this.
LEAST: Final = 0.1
SHARPNESS: Final = 1.5
# What is left of a sentence's weight when it tells of relief, denial or doubt.
RELIEVED: Final = 0.4
# A second and third kind that names the same cause adds a fifth of its weight.
REPEAT: Final = 0.2
# Where a sentence ends; a figure or an abbreviation of capitals ends none.
SENTENCE: Final = re.compile(r"(?<=[a-z0-9%)\"'][.;!?])\s+|(?<=[。；！？])")
_RELIEF: Final = re.compile(
    r"(?<!\w)(?:rall(?:y|ied|ies)|rebound\w*|recover(?:y|ed|s|ing)|relief|calm(?:ed|ing|s)"
    r"|eas(?:ed|es|ing) (?:fears?|concerns?|worries|tensions?|jitters|off)|fears? eas\w+|bounced?"
    r"|(?:shrugg?\w*|brush\w*) (?:off|aside)|den(?:y|ied|ies)|ruled out|unlikely"
    r"|no (?:sign|evidence|reason|need|fresh|single|new)|cooler|milder|record (?:high|close)s?"
    r"|all-time high|optimis\w+|upbeat|beat (?:estimates|expectations|forecasts)"
    r"|better than (?:expected|feared)|unfounded|downplay\w*|played down|dismiss\w*)(?!\w)"
    r"|反弹|缓解|回升|否认"
)
_CRYPTO: Final = re.compile(
    r"bitcoin|\bbtc\b|\bether\b|ethereum|crypto|digital (?:asset|currenc|coin|token)"
    r"|virtual currenc|altcoin|\btokens?\b|stablecoin|blockchain|solana|\bxrp\b|dogecoin|binance"
    r"|bitmex|bitfinex|bybit|\bftx\b|tether|mt\.? ?gox|\bcoins?\b|hash[- ]?(?:rate|power)"
    r"|decentrali[sz]ed|\busd[ct]\b|\bicos?\b|\bdefi\b|on-chain|coinglass|coinbase|grayscale|gbtc"
    r"|\bminers to\b|microstrategy|比特币|加密|以太坊|虚拟货币|数字货币|代币"
    r"|稳定币|币圈"
)
_EQUITY: Final = re.compile(
    r"stocks?\b|shares?\b|s&p|\bdow\b|nasdaq|wall street|equit|nikkei|stoxx|股"
)
_METALS: Final = re.compile(r"\bgold\b|silver|bullion|precious metal|comex|黄金|白银|贵金属")


@dataclass(frozen=True, slots=True)
class Reading:
    """What one text says: how far it names each cause (together at most 1), and its field.

    ``firmest`` holds the kind of event that names each cause most firmly, and what it is to a fall:
    a cause of it, a channel by which it spreads, or a response to it.
    """

    weights: tuple[tuple[Cause, float], ...]
    about: frozenset[AssetGroup]
    firmest: tuple[tuple[Cause, str, Role], ...] = ()

    @property
    def firmness(self) -> float:
        """How far the text names any cause, at most 1."""
        return min(1.0, sum(weight for _, weight in self.weights))

    def shares(self) -> dict[Cause, float]:
        """How the text divides between the causes it names (sums to 1; empty if it names none)."""
        return sharpened(dict(self.weights))


@lru_cache(maxsize=8192)
def read(text: str) -> Reading:
    """Read one cleaned text (a note, or a headline): half by the lexicon, half by its words."""
    told, learned, alarm = by_lexicon(text), chances(text), _alarm(text)
    held, known = dict(told.weights), {cause: (name, role) for cause, name, role in told.firmest}
    mixed = {
        c: BY_LEXICON * held.get(c, 0.0) + (1.0 - BY_LEXICON) * alarm * learned[c] for c in NAMED
    }
    named = tuple((c, round(weight, 4)) for c, weight in sorted(mixed.items()) if weight >= LEAST)
    return replace(
        told,
        weights=named,
        firmest=tuple((c, *known.get(c, (f"news of {NAMES[c]}", "cause"))) for c, _ in named),
    )


def by_lexicon(text: str) -> Reading:
    """What the kinds of events of the lexicon say alone: the firmest sets how much they say."""
    low = _plain(text)
    crypto = _CRYPTO.search(low) is not None
    found: dict[Cause, dict[str, float]] = defaultdict(dict)
    roles: dict[str, Role] = {}
    for sentence in SENTENCE.split(low):
        left = _left(sentence)
        told: tuple[Kind | Surprise, ...] = (*_told(sentence, crypto), *surprises(sentence))
        for kind in told:
            held = found[kind.cause].get(kind.name, 0.0)
            roles[kind.name] = kind.role if isinstance(kind, Kind) else "cause"
            found[kind.cause][kind.name] = max(held, left * kind.weight)
    added = {cause: _added(kinds.values()) for cause, kinds in sorted(found.items())}
    first = {cause: max(kinds, key=lambda k: (kinds[k], k)) for cause, kinds in found.items()}
    firmest = tuple(sorted((cause, name, roles[name]) for cause, name in first.items()))
    firm = min(1.0, max(added.values(), default=0.0))
    weights = tuple((cause, firm * share) for cause, share in sharpened(added).items())
    return Reading(weights, fields(text), firmest)


def sharpened(weights: Mapping[Cause, float]) -> dict[Cause, float]:
    """Shares that sum to 1; what is said more firmly gets more than its part (power 1.5)."""
    raised = {cause: weight**SHARPNESS for cause, weight in weights.items()}
    total = sum(raised.values())
    return {cause: value / total for cause, value in raised.items()} if total else {}


def _plain(text: str) -> str:
    return text.lower().replace("\u2019", "'")


def _left(sentence: str) -> float:
    return RELIEVED if _RELIEF.search(sentence) else 1.0


def _alarm(text: str) -> float:
    """What relief leaves of a text: the mean over its sentences."""
    found = [_left(sentence) for sentence in SENTENCE.split(_plain(text))]
    return sum(found) / len(found)


def _told(sentence: str, crypto: bool) -> tuple[Kind, ...]:
    """The kinds of the lexicon that the sentence tells; some speak of one field only."""
    on_coins = crypto and _CRYPTO.search(sentence) is not None
    return tuple(
        kind
        for kind in lexicon()
        if (kind.about == "any" or (kind.about == "crypto" and crypto) or not on_coins)
        and (kind.about != "crypto" or crypto)
        and kind.tells(sentence)
    )


def _added(weights: Iterable[float]) -> float:
    values = sorted(weights, reverse=True)
    return round(values[0] + REPEAT * sum(values[1:]), 4)


def fields(text: str) -> frozenset[AssetGroup]:
    """The markets a text speaks of."""
    low = _plain(text)
    tests: tuple[tuple[AssetGroup, re.Pattern[str]], ...] = (
        ("equity", _EQUITY),
        ("crypto", _CRYPTO),
        ("metals", _METALS),
    )
    return frozenset(group for group, words in tests if words.search(low))
