"""The closed sets of the records, as literal types."""

from __future__ import annotations

from typing import Literal

Cause = Literal[
    "rates_shock",
    "ai_rerating",
    "liquidation_cascade",
    "funding_stress",
    "growth_scare",
    "policy_geopolitics",
    "positioning_unwind",
    "crypto_idiosyncratic",
    "mixed_unclear",
]
Primary = Literal[
    "rates_shock",
    "ai_rerating",
    "liquidation_cascade",
    "funding_stress",
    "growth_scare",
    "policy_geopolitics",
    "positioning_unwind",
    "crypto_idiosyncratic",
    "mixed_unclear",
    "no_drawdown",
]
MissionLabel = Literal[
    "rates_shock", "ai_rerating", "liquidation_cascade", "other", "mixed", "none"
]
AssetGroup = Literal["equity", "crypto", "metals"]
Desk = Literal["macro", "earnings_news", "technicals", "crypto_structure"]
Family = Literal["prices", "plumbing", "event_time", "text"]
Group = Literal[
    "rates",
    "credit",
    "dollar_metals",
    "leadership",
    "volatility",
    "crypto_tape",
    "plumbing",
    "event_time",
    "text",
    "context",
]
GapKind = Literal["empty", "stale", "failed", "not_covered"]
NodeKind = Literal["shock", "channel", "move"]
Identification = Literal["event", "sign", "residual", "timing", "text", "none"]
ClaimVerdict = Literal["supported", "contradicted", "too_late", "single_source", "not_checkable"]
