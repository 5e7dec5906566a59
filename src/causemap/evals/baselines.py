"""Baselines a system must beat: the commonest cause, words of headlines, rules on a few numbers.

Their rules are set once from the taxonomy's wording and METHODS 2; none is tuned to a window.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from causemap.causes import CAUSES
from causemap.closed_sets import Cause
from causemap.evals.answers import Prediction, from_shares
from causemap.evals.features import price_features

if TYPE_CHECKING:
    from causemap.evals.systems import Example, System
    from causemap.records import Note, Scope
    from causemap.tools.market import AsOfView

_WORDS: Final[dict[Cause, tuple[str, ...]]] = {
    "rates_shock": (
        "fed ",
        "fomc",
        "powell",
        "yield",
        "treasur",
        "cpi",
        "inflation",
        "rate hike",
        "hawkish",
        "term premium",
        "加息",
        "收益率",
        "通胀",
    ),
    "ai_rerating": (
        "artificial intelligence",
        " ai ",
        "nvidia",
        "semiconductor",
        "chip",
        "software",
        "capex",
        "valuation",
        "earnings",
        "guidance",
        "tech ",
        "人工智能",
        "芯片",
        "估值",
    ),
    "liquidation_cascade": (
        "liquidat",
        "margin",
        "leverage",
        "open interest",
        "auto-deleverag",
        "funding rate",
        "perpetual",
        "爆仓",
        "强平",
        "保证金",
    ),
    "funding_stress": (
        "bank run",
        "bankruptcy",
        "default",
        "credit",
        "liquidity",
        "repo",
        "bail",
        "downgrade",
        "interbank",
        "spread",
        "违约",
        "流动性",
    ),
    "growth_scare": (
        "recession",
        "payroll",
        "jobs",
        "unemployment",
        "pmi",
        "ism",
        "slowdown",
        "growth",
        "virus",
        "pandemic",
        "衰退",
        "就业",
    ),
    "policy_geopolitics": (
        "tariff",
        "war ",
        "sanction",
        "attack",
        "election",
        "referendum",
        "president",
        "missile",
        "trade",
        "supreme court",
        "关税",
        "制裁",
    ),
    "positioning_unwind": (
        "carry",
        "short vol",
        "volatility",
        "hedge fund",
        "unwind",
        "quant",
        "crowded",
        "yen",
        "deleveraging",
        "套息",
    ),
    "crypto_idiosyncratic": (
        "hack",
        "exchange",
        "stablecoin",
        "withdrawal",
        "depeg",
        "token",
        "fork",
        "mining",
        "exploit",
        "被盗",
        "脱锚",
        "交易所",
    ),
}
# Laplace's one, so that a cause no word names keeps a small share.
_PSEUDO: Final = 1.0
_NAMED_SHARE: Final = 0.6


@dataclass(frozen=True, slots=True)
class Majority:
    """Always the label shares of the windows it was fitted on."""

    shares: tuple[tuple[Cause, float], ...] = ()

    def fit(self, examples: Sequence[Example]) -> System:
        """Count soft labels of other episodes, one pseudo-count each."""
        counts: dict[Cause, float] = dict.fromkeys(CAUSES, _PSEUDO)
        for example in examples:
            for cause, share in example.label:
                counts[cause] += share
        total = sum(counts.values())
        return Majority(tuple((cause, counts[cause] / total) for cause in CAUSES))

    def __call__(self, scope: Scope, view: AsOfView, notes: tuple[Note, ...]) -> Prediction:
        """The same answer to every question."""
        del scope, view, notes
        return from_shares(dict(self.shares))


@dataclass(frozen=True, slots=True)
class Headline:
    """Counts keywords in the notes of the window; the cause named most often wins."""

    def __call__(self, scope: Scope, view: AsOfView, notes: tuple[Note, ...]) -> Prediction:
        """Shares of keyword counts; without a note the answer is ``mixed_unclear``."""
        del scope, view
        counts: dict[Cause, float] = dict.fromkeys(CAUSES, _PSEUDO)
        for note in notes:
            text = f" {note.text.casefold()} "
            for cause, words in _WORDS.items():
                counts[cause] += sum(word in text for word in words)
        if max(counts.values()) == _PSEUDO:
            return from_shares({"mixed_unclear": 1.0})
        total = sum(counts.values())
        return from_shares({cause: count / total for cause, count in counts.items()})


@dataclass(frozen=True, slots=True)
class Template:
    """One rule after another on yields, credit, leadership, volatility and crypto prices."""

    def __call__(self, scope: Scope, view: AsOfView, notes: tuple[Note, ...]) -> Prediction:
        """The first rule that holds names the cause; nothing fallen is no drawdown."""
        del notes
        seen = price_features(scope, view)
        if _calm(scope, seen):
            return from_shares({"mixed_unclear": 1.0}, "no_drawdown")
        named = _crypto_rule(seen) if scope.groups == ("crypto",) else _stock_rule(seen)
        rest = (1.0 - _NAMED_SHARE) / (len(CAUSES) - 1)
        return from_shares({c: _NAMED_SHARE if c == named else rest for c in CAUSES})


def _calm(scope: Scope, seen: Mapping[str, float]) -> bool:
    moves = [seen[asset] for asset in scope.assets if asset in seen]
    return bool(moves) and min(moves) > -1.0


def _stock_rule(seen: Mapping[str, float]) -> Cause:
    yields = [seen[name] for name in ("UST2Y", "UST10Y", "REAL10Y") if name in seen]
    rates = sum(yields) / len(yields) if yields else 0.0
    if seen.get("HY_OAS", 0.0) >= 5.0:
        return "funding_stress"
    if rates >= 1.0:
        return "rates_shock"
    if seen.get("VIX", 0.0) >= 7.0 or seen.get("USDJPY", 0.0) <= -3.0:
        return "positioning_unwind"
    if seen.get("NDX|SPX", 0.0) <= -1.5 or seen.get("IGV|SPX", 0.0) <= -1.5:
        return "ai_rerating"
    return "growth_scare" if rates <= -1.0 else "policy_geopolitics"


def _crypto_rule(seen: Mapping[str, float]) -> Cause:
    if seen.get("SPX", 0.0) <= -2.0:
        return "policy_geopolitics"
    alone = seen.get("BTC|SPX", 0.0) <= -1.5 and seen.get("SPX", 0.0) > -1.0
    return "crypto_idiosyncratic" if alone else "liquidation_cascade"
