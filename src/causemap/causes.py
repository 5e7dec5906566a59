"""The taxonomy as data: causes, channels, mission labels and plain names (TAXONOMY v1)."""

from __future__ import annotations

from typing import Final, get_args

from causemap.closed_sets import AssetGroup, Cause, Group, MissionLabel, Primary

CAUSES: Final[tuple[Cause, ...]] = get_args(Cause)
NAMED: Final[tuple[Cause, ...]] = tuple(c for c in CAUSES if c != "mixed_unclear")
GROUPS: Final[tuple[AssetGroup, ...]] = get_args(AssetGroup)

NAMES: Final[dict[Primary, str]] = {
    "rates_shock": "rates shock",
    "ai_rerating": "AI and tech re-rating",
    "liquidation_cascade": "liquidation cascade",
    "funding_stress": "funding stress",
    "growth_scare": "growth scare",
    "policy_geopolitics": "policy or geopolitics",
    "positioning_unwind": "positioning unwind",
    "crypto_idiosyncratic": "crypto-specific event",
    "mixed_unclear": "mixed or unclear",
    "no_drawdown": "no drawdown",
}

CHANNELS: Final[dict[str, str]] = {
    "discount_rate": "discount rate",
    "dollar": "dollar strength",
    "earnings_multiple": "earnings multiple",
    "credit_spread": "credit spreads",
    "dollar_funding": "dollar funding",
    "carry": "carry trades",
    "vol_target_cta": "vol-target and trend selling",
    "dealer_gamma": "dealer gamma",
    "margin_call": "margin calls",
    "liquidation_engine": "liquidation engines",
    "etf_flow": "ETF flows",
    "weekend_thin_book": "thin weekend book",
    "correlation_one_book": "one-book correlation",
}

GROUP_ASSETS: Final[dict[AssetGroup, tuple[str, ...]]] = {
    "equity": ("SPX", "NDX"),
    "crypto": ("BTC", "ETH"),
    "metals": ("GLD", "SLV"),
}

# The families of figures in which a cause shows itself (TAXONOMY, price signatures); no price is of
# policy's own kind.
SHOWN_IN: Final[dict[Cause, frozenset[Group]]] = {
    "rates_shock": frozenset({"rates"}),
    "ai_rerating": frozenset({"leadership"}),
    "liquidation_cascade": frozenset({"crypto_tape", "dollar_metals", "plumbing"}),
    "funding_stress": frozenset({"credit", "leadership", "dollar_metals", "plumbing"}),
    "growth_scare": frozenset({"rates", "leadership"}),
    "positioning_unwind": frozenset({"volatility", "dollar_metals"}),
    "crypto_idiosyncratic": frozenset({"crypto_tape"}),
}
# By this share of a fall prices have broken: what is dated later answers it (TAXONOMY, rule 6), and
# an event must be followed by as much of it (TAXONOMY, policy row).
BREAK_SHARE: Final = 1 / 3

# How a group is called in a sentence.
GROUP_WORDS: Final[dict[AssetGroup, str]] = {
    "equity": "equities",
    "crypto": "crypto",
    "metals": "metals",
}


def mission_label(primary: Primary) -> MissionLabel:
    """The mission's three labels plus ``other``, ``mixed`` and ``none`` (TAXONOMY, head)."""
    if primary == "rates_shock" or primary == "ai_rerating" or primary == "liquidation_cascade":
        return primary
    if primary == "mixed_unclear":
        return "mixed"
    return "none" if primary == "no_drawdown" else "other"
