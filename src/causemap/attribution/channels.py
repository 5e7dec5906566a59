"""What made a fall larger (amplifiers), and which kind of its cause it was (subtype).

A channel counts as an amplifier when its own evidence passes a threshold of METHODS 2 and it is not
how the named cause works anyway. Subtypes are told from figures alone; where only a text could
tell (a war, a hack), there is none.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from causemap.attribution.fingerprints import FAST, WEEKEND
from causemap.attribution.scoring import reading
from causemap.causes import BREAK_SHARE
from causemap.closed_sets import AssetGroup, Primary
from causemap.records import Evidence


class Sign(NamedTuple):
    """A channel's evidence: the item passes when ``sign * x >= sign * at``.

    ``x`` is the item's robust z, or its value where the threshold is about that (``raw``), and
    then its z must reach ``least_z`` if given.
    """

    channel: str
    key: str
    sign: int
    at: float
    groups: tuple[AssetGroup, ...] = ("equity", "crypto", "metals")
    raw: bool = False
    least_z: float | None = None


# High-yield spreads are wide from this z on.
WIDENED: Final = 2.0
# Flow: about 5 % of one day's S&P futures turnover, taken as 400 bn a day (an assumption).
SIGNS: Final = (
    Sign("discount_rate", "rates.score", +1, 1.0),
    Sign("dollar", "dxy.change", +1, 1.0),
    Sign("earnings_multiple", "worst_cohort.residual", -1, -1.5, ("equity",)),
    Sign("credit_spread", "hy_oas.change", +1, WIDENED),
    Sign("dollar_funding", "dollar.funding_signature", +1, 1.0),
    Sign("carry", "usdjpy.change", -1, -2.0),
    Sign("vol_target_cta", "spx.vol_target_flow", -1, -20.0, ("equity",), raw=True),
    Sign("margin_call", "slv.residual", -1, -3.0, ("metals",)),
    Sign("liquidation_engine", "btc.speed_share", +1, FAST, ("crypto",), raw=True),
    Sign("weekend_thin_book", "btc.weekend_share", +1, WEEKEND, ("crypto",), raw=True),
    # The compression flag: high on two horizons, and risen beyond noise (METHODS 2.7).
    Sign(
        "correlation_one_book",
        "spx_btc.compression",
        +1,
        2.0,
        ("equity", "crypto"),
        raw=True,
        least_z=2.6,
    ),
)
# How each cause works anyway; saying it made itself larger would say nothing.
_OWN: Final[dict[Primary, frozenset[str]]] = {
    "rates_shock": frozenset({"discount_rate"}),
    "ai_rerating": frozenset({"earnings_multiple"}),
    "liquidation_cascade": frozenset({"liquidation_engine", "margin_call"}),
    "funding_stress": frozenset({"credit_spread", "dollar_funding"}),
    "positioning_unwind": frozenset({"vol_target_cta", "carry"}),
}


def amplifiers(
    primary: Primary, group: AssetGroup, evidence: Mapping[str, Evidence]
) -> tuple[str, ...]:
    """Channels whose evidence passes, without those that are the cause itself at work."""
    if primary == "no_drawdown":
        return ()
    own = _OWN.get(primary, frozenset())
    return tuple(
        sign.channel
        for sign in SIGNS
        if group in sign.groups and sign.channel not in own and _passes(sign, evidence)
    )


def measured(channel: str, evidence: Mapping[str, Evidence]) -> Evidence | None:
    """The item that makes a channel an amplifier; ``evidence`` is keyed by fingerprint key."""
    return next((evidence.get(sign.key) for sign in SIGNS if sign.channel == channel), None)


def _passes(sign: Sign, evidence: Mapping[str, Evidence]) -> bool:
    x = _score(evidence, sign.key, raw=sign.raw)
    if x is None or sign.sign * x < sign.sign * sign.at:
        return False
    z = evidence[sign.key].z
    return sign.least_z is None or (z is not None and z >= sign.least_z)


def _score(evidence: Mapping[str, Evidence], key: str, *, raw: bool = False) -> float | None:
    item = evidence.get(key)
    return None if item is None else reading(item, raw=raw)


def subtype(primary: Primary, group: AssetGroup, evidence: Mapping[str, Evidence]) -> str | None:
    """The taxonomy's subtype where the figures tell it, else ``None``."""
    if primary == "rates_shock":
        return _rates_kind(evidence)
    if primary == "ai_rerating":
        return _rerating_kind(evidence)
    if primary == "funding_stress":
        return _funding_kind(evidence)
    if primary == "liquidation_cascade":
        return _cascade_kind(group, evidence)
    return None


def _cascade_kind(group: AssetGroup, evidence: Mapping[str, Evidence]) -> str | None:
    """In metals a margin call is named only where a notice of it came before the fall."""
    if group == "crypto":
        return "perp_cascade"
    early = any(
        key.rpartition(".")[2].startswith("margin") and item.value < BREAK_SHARE
        for key, item in evidence.items()
    )
    return "metals_margin" if group == "metals" and early else None


def _value(evidence: Mapping[str, Evidence], key: str) -> float | None:
    return evidence[key].value if key in evidence else None


def _rates_kind(evidence: Mapping[str, Evidence]) -> str | None:
    """Term premium if 2s10s widened by half of the 10-year's rise, else what carried the rise."""
    rise, front = _value(evidence, "ust10y.change"), _value(evidence, "ust2y.change")
    if rise is None or front is None or max(rise, front) <= 0.0:
        return None
    if rise > 0.0 and rise - front >= rise / 2.0:
        return "term_premium"
    if front >= rise:
        return "policy_path"
    real, breakeven = _value(evidence, "real10y.change"), _value(evidence, "be10y.change")
    if real is None or breakeven is None:
        return None
    return "real_yields" if real >= breakeven else "inflation"


def _rerating_kind(evidence: Mapping[str, Evidence]) -> str | None:
    """Software alone points to disruption, semiconductors alone to capital spending."""
    software, semis = (_score(evidence, f"{name}.residual") for name in ("igv", "smh"))
    if software is None or semis is None or min(software, semis) > -1.5:
        return None
    if semis > software / 2.0:
        return "disruption"
    return "capex_roi" if software > semis / 2.0 else "valuation"


def _funding_kind(evidence: Mapping[str, Evidence]) -> str | None:
    """Banks below their beta, else the dollar's signature, else credit that widened; or none."""
    banks = _score(evidence, "kre.residual")
    if banks is not None and banks <= -2.0:
        return "bank_run"
    dollar = _score(evidence, "dollar.funding_signature")
    if dollar is not None and dollar >= 1.0:
        return "dollar_funding"
    spread = evidence.get("hy_oas.change")
    wide = spread is not None and spread.z is not None and spread.z >= WIDENED
    return "credit_liquidity" if wide else None
