"""Dossiers made unrecognisable: other dates, and class words in place of assets' names.

A mask changes what could be recognised and nothing that was measured. Dates are moved by the same
37 years, or laid over another window, and stamps inside ids are numbered. Names of what is traded
(indices, funds, companies, coins, metals, oil, currencies, volatility indices) become a class word
and a letter, the same throughout a dossier. Yields and spreads keep theirs: a tenor is in every
table and tells no window from another.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from causemap.records import Dossier, Evidence

_YEARS: Final = 37
# Times that ids carry: macro.spx.cpi_20260114, btc.funding_2026020516, claims' 20260129_20260205.
_STAMP: Final = re.compile(r"(?<!\d)(?:19|20)\d{6}(?:\d{2})?(?!\d)")
_FAMILIES: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    ("stock index", ("S&P 500", "SPX", "SPY")),
    ("stock index", ("Nasdaq 100", "NDX", "QQQ")),
    ("stock index", ("RSP",)),
    ("coin", ("bitcoin", "Bitcoin", "BTC", "WBTC", "IBIT")),
    ("coin", ("ether", "Ether", "ETH")),
    ("coin", ("Solana", "SOL")),
    ("metal", ("gold (London fix)", "gold (GLD)", "gold", "Gold", "GOLD", "GLD")),
    ("metal", ("silver (SLV)", "silver (futures)", "silver", "Silver", "SILVER", "SLV")),
    ("oil price", ("crude oil (USO)", "USO", "WTI crude", "WTI", "crude oil")),
    ("oil price", ("Brent crude", "BRENT", "Brent")),
    ("currency index", ("dollar index", "DXY")),
    ("currency pair", ("dollar-yen", "USDJPY")),
    ("volatility index", ("VIX", "VVIX")),
    ("bond volatility index", ("MOVE index", "MOVE")),
    ("company basket", ("MAG7", "seven megacaps")),
    ("lender", ("Aave", "AAVE")),
)


@dataclass(frozen=True, slots=True)
class Names:
    """Which word stands for which name, in words and (lower case) in ids."""

    words: tuple[tuple[str, str], ...]

    def in_words(self, text: str) -> str:
        """``text`` with class words for names; longer names first, whole words only."""
        for name, word in self.words:
            text = re.sub(rf"(?<![A-Za-z]){re.escape(name)}(?![A-Za-z])", word, text)
        return text

    def in_id(self, key: str) -> str:
        """An id or metric with class words for the names among its parts."""
        said = {name.lower(): word.lower().replace(" ", "_") for name, word in self.words}
        return "".join(said.get(part, part) for part in re.split(r"([._])", key))


def names_of(dossier: Dossier) -> Names:
    """The names to mask: the known families, and every fund and company of the evidence."""
    from causemap.tools.registry import REGISTRY, STOCKS

    taken = {name for _, family in _FAMILIES for name in family}
    parts = {part for e in dossier.evidence for part in re.split(r"[-_]", e.asset)}
    traded = sorted(
        part for part in parts - taken if part in REGISTRY and REGISTRY[part].change == "log"
    )
    others = tuple(
        ("company", (part, STOCKS[part])) if part in STOCKS else ("fund", (part,))
        for part in traded
    )
    made = [
        (name, f"{word} {_letter(number)}")
        for number, (word, family) in enumerate((*_FAMILIES, *others))
        for name in family
    ]
    return Names(tuple(sorted(made, key=lambda pair: (-len(pair[0]), pair[0]))))


def _letter(number: int) -> str:
    """A, B, ... Z, AA, AB, ..."""
    return (_letter(number // 26 - 1) if number >= 26 else "") + chr(ord("A") + number % 26)


def without_names(dossier: Dossier) -> Dossier:
    """A dossier of evidence alone with every name of something traded masked.

    Tests of claims stay out: the level that a claim gives ("below 62,000") is a name too.
    """
    names = names_of(dossier)
    scope = dossier.scope
    return replace(
        dossier,
        scope=replace(
            scope, assets=tuple(names.in_words(asset) for asset in scope.assets), question=""
        ),
        evidence=tuple(
            _unnamed(item, names) for item in dossier.evidence if ".claim." not in item.id
        ),
    )


def _unnamed(item: Evidence, names: Names) -> Evidence:
    return replace(
        item,
        id=names.in_id(item.id),
        metric=names.in_id(item.metric),
        asset=names.in_words(item.asset),
        said=names.in_words(item.said),
        url=None,
    )


def without_dates(dossier: Dossier) -> Dossier:
    """A dossier of evidence alone, 37 years later and with no date of its own in any item."""
    scope = dossier.scope
    start, end, as_of = (_later(day) for day in (scope.start, scope.end, scope.as_of))
    return replace(
        dossier,
        scope=replace(scope, start=start, end=end, as_of=as_of, question=""),
        evidence=laid_over(dossier.evidence, start, end),
    )


def laid_over(evidence: Iterable[Evidence], start: str, end: str) -> tuple[Evidence, ...]:
    """Items laid over another window; stamps in ids become numbers in order of time."""
    items = tuple(evidence)
    number = _numbered(items)
    return tuple(_on(item, start, end, number) for item in items)


def _numbered(items: tuple[Evidence, ...]) -> Callable[[str], str]:
    stamps = sorted({stamp for item in items for stamp in _STAMP.findall(item.id + item.metric)})
    said = {stamp: str(number) for number, stamp in enumerate(stamps, 1)}
    return lambda text: _STAMP.sub(lambda match: said[match[0]], text)


def _on(item: Evidence, start: str, end: str, number: Callable[[str], str]) -> Evidence:
    seen = f"{end}T21:00Z"
    return replace(
        item,
        id=number(item.id),
        metric=number(item.metric),
        start=start,
        end=end,
        observed_at=seen,
        available_at=seen,
        url=None,
    )


def _later(stamp: str) -> str:
    """The same day and minute 37 years later; a leap day becomes the first of March."""
    day = date.fromisoformat(stamp[:10])
    leap = (day.month, day.day) == (2, 29)
    later = date(day.year + _YEARS, *((3, 1) if leap else (day.month, day.day)))
    return later.isoformat() + stamp[10:]
