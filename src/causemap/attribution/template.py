"""The fixed template of the cause map, as data: shocks -> channels -> moves (METHODS 4).

A window of a few days cannot discover a graph, so the possible links stand here and the evidence
of the window only scores them. Every link names its tests: a pattern of evidence ids, the sign
that would speak for the link, and how it is then identified. Thresholds are those of METHODS 2
and TAXONOMY v1; none is fitted to a window.

Signs: a shock and most channels are pressures, so a channel's ``+`` means more of it and ``-`` on
an asset means a fall. The earnings multiple, carry trades and ETF flows are quantities that shrink,
so they carry ``-`` from the shock and ``+`` to the asset.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Literal

from causemap.attribution.fingerprints import (
    CLIP,
    FAST,
    LIQUIDATED,
    MECHANICAL,
    WEAK,
    WEEKEND,
    WON_BACK,
)
from causemap.causes import BREAK_SHARE
from causemap.closed_sets import AssetGroup, Cause, Identification
from causemap.records import Evidence

STANDARD: Final = 0.5
SHOCK_FLOOR: Final = 0.10
MAX_SHOCKS: Final = 5
UNSUPPORTED_CAP: Final = 0.3


@dataclass(frozen=True, slots=True)
class EdgeTest:
    """One test: ``weight * clip((sign * x - at) / scale, -3, 3)`` log-odds for its link.

    ``x`` is the item's robust z, or its value where ``on`` says so. ``presence`` counts a dated
    item by being there; ``named`` takes dated event or text items that name the link's cause.
    ``{asset}`` in ``key`` is the move's series. A ``dated`` test supports a link only if both its
    ends have an onset; an ``own`` one takes items on the move's series alone; a ``one_sided`` one
    never speaks against (a release that passed quietly refutes nothing).
    """

    key: str
    sign: int
    kind: Identification
    at: float = 1.0
    scale: float = 1.0
    on: Literal["z", "value", "presence", "named"] = "z"
    weight: float = STANDARD
    dated: bool = False
    own: bool = False
    one_sided: bool = False

    def log_odds(self, item: Evidence, cause: Cause | None = None) -> float | None:
        """The item's pull on the link in log-odds; ``None`` where the test does not apply."""
        if self.on == "presence":
            return self.weight
        if self.on == "named":
            return self._named(item, cause)
        x = item.value if self.on == "value" else item.z
        return None if x is None else self._clipped((self.sign * x - self.at) / self.scale)

    def _named(self, item: Evidence, cause: Cause | None) -> float | None:
        sign = next((s for named, s in item.expected if named == cause), None)
        if sign is None or item.family not in ("event_time", "text"):
            return None
        if item.z is None:
            return self.weight if sign * item.value > 0 else -self.weight
        return self._clipped((sign * item.z - self.at) / self.scale)

    def _clipped(self, x: float) -> float:
        return self.weight * max(-CLIP, min(CLIP, x))


@dataclass(frozen=True, slots=True)
class Link:
    """A possible link; ``target`` is a channel or an asset group, ``lag`` the usual days.

    ``strength`` is the id of a measured share or elasticity, if there is one.
    """

    source: str
    target: str
    sign: int
    lag: tuple[float, float]
    tests: tuple[EdgeTest, ...]
    strength: str | None = None


@dataclass(frozen=True, slots=True)
class Move:
    """An asset whose move the map may explain."""

    group: AssetGroup
    name: str


def _share(key: str, at: float, scale: float, kind: Identification = "timing") -> EdgeTest:
    return EdgeTest(key, +1, kind, at, scale, on="value")


_NAMED: Final = EdgeTest("*", +1, "text", on="named")
# The asset fell after its channel began: weak, as anything that falls passes it.
_FELL: Final = EdgeTest("technicals.{asset}.change", -1, "timing", weight=WEAK, dated=True)

_RATES: Final = EdgeTest("macro.rates.score", +1, "sign")
_YIELDS_DOWN: Final = EdgeTest("macro.rates.score", -1, "sign")
_DOLLAR: Final = EdgeTest("macro.dxy.change", +1, "sign")
_CREDIT: Final = EdgeTest("macro.hy_oas.change", +1, "sign")
_VIX: Final = EdgeTest("technicals.vix.change", +1, "timing", 3.0, 2.0)
_FLOW: Final = EdgeTest("technicals.spx.vol_target_flow", -1, "timing", 10.0, 10.0, on="value")
_TREND: Final = EdgeTest("technicals.spx.trend_position_change", -1, "timing", 0.5, 0.5, on="value")
_YEN: Final = EdgeTest("macro.usdjpy.change", -1, "sign", 2.0)
_FUNDING: Final = EdgeTest("macro.dollar.funding_signature", +1, "sign")
_COHORT: Final = EdgeTest("earnings_news.worst_cohort.residual", -1, "residual", 1.5)
_BREADTH: Final = EdgeTest("earnings_news.rsp.residual", +1, "residual", 0.0)
_RESULTS: Final = EdgeTest("earnings_news.*.reaction_*", -1, "event", weight=0.3)
_CYCLICALS: Final = EdgeTest("earnings_news.cyclicals.residual", -1, "residual")
_OIL: Final = EdgeTest("macro.uso.change", -1, "sign")
_BANKS: Final = EdgeTest("earnings_news.kre.residual", -1, "residual")
_BANKS_OWN: Final = replace(_BANKS, own=True)
_SPEED: Final = _share("crypto_structure.btc.speed_share", FAST, 0.1)
_RETRACE: Final = _share("crypto_structure.btc.retrace_24h", WON_BACK, 0.15)
_ON_CHAIN: Final = EdgeTest("crypto_structure.aave.liquidations", +1, "timing", 4.0, 3.0)
_TOLD: Final = _share("earnings_news.told.liquidations", LIQUIDATED, LIQUIDATED, "text")
_WEEKEND: Final = _share("crypto_structure.btc.weekend_share", WEEKEND, 0.2)
_METALS: Final = _share("crypto_structure.metals.mechanical_share", MECHANICAL, 0.15, "residual")
_METALS_OWN: Final = replace(_METALS, own=True)
_MARGIN: Final = EdgeTest("*.margin*", +1, "event", on="presence")
_CORRELATED: Final = _share("technicals.spx_btc.corr_20d", 0.6, 0.15, "sign")
_ADJUSTED: Final = _share("technicals.spx_btc.forbes_rigobon", 0.5, 0.2, "sign")
# The Fisher z itself, so read as a value (METHODS 2.7).
_COMPRESSED: Final = EdgeTest("technicals.spx_btc.corr_change", +1, "sign", 2.6, on="value")
_ONE_BOOK: Final = (_CORRELATED, _ADJUSTED, _COMPRESSED)
_SOLD: Final = (_VIX, _FLOW, _TREND)
_FORCED: Final = (_SPEED, _RETRACE, _ON_CHAIN, _TOLD)
_ETF: Final = EdgeTest("crypto_structure.btc.etf_flow", -1, "timing")


def _event(kind: str) -> EdgeTest:
    """A scheduled release on which the index fell abnormally: a weak test of its own."""
    return EdgeTest(f"macro.spx.{kind}_*", -1, "event", 2.0, one_sided=True)


SHOCK_TO_CHANNEL: Final[tuple[Link, ...]] = (
    Link("rates_shock", "discount_rate", +1, (0, 1), (_RATES, _event("fomc"), _event("cpi"))),
    Link("rates_shock", "dollar", +1, (0, 2), (_DOLLAR,)),
    Link("ai_rerating", "earnings_multiple", -1, (0, 2), (_COHORT, _BREADTH, _RESULTS, _NAMED)),
    Link("liquidation_cascade", "liquidation_engine", +1, (0, 1), _FORCED),
    Link("liquidation_cascade", "margin_call", +1, (0, 3), (_METALS, _MARGIN)),
    Link("liquidation_cascade", "weekend_thin_book", +1, (0, 2), (_WEEKEND,)),
    Link("funding_stress", "credit_spread", +1, (0, 3), (_CREDIT, _BANKS, _NAMED)),
    Link("funding_stress", "dollar_funding", +1, (0, 3), (_FUNDING,)),
    Link("growth_scare", "credit_spread", +1, (0, 3), (_CREDIT,)),
    Link("growth_scare", "earnings_multiple", -1, (0, 3), (_YIELDS_DOWN, _CYCLICALS, _OIL, _NAMED)),
    Link("policy_geopolitics", "earnings_multiple", -1, (0, 2), (_NAMED,)),
    Link("policy_geopolitics", "credit_spread", +1, (0, 3), (_CREDIT, _NAMED)),
    Link("positioning_unwind", "carry", -1, (0, 2), (_YEN, _NAMED)),
    Link("positioning_unwind", "vol_target_cta", +1, (0, 3), _SOLD),
    Link("crypto_idiosyncratic", "etf_flow", -1, (0, 3), (_ETF,)),
    Link("crypto_idiosyncratic", "liquidation_engine", +1, (0, 1), (_ON_CHAIN, _TOLD)),
)

# Amplifiers whose evidence cannot tell shocks apart: linked from the likeliest shock alone.
SHARED: Final[dict[str, Link]] = {
    "vol_target_cta": Link("*", "vol_target_cta", +1, (0, 3), _SOLD),
    "correlation_one_book": Link("*", "correlation_one_book", +1, (0, 2), _ONE_BOOK),
    "dealer_gamma": Link("*", "dealer_gamma", +1, (0, 1), ()),
}
# Forced crypto selling and crypto events do not pass through the stock market's books.
NOT_SHARED: Final[tuple[Cause, ...]] = ("crypto_idiosyncratic", "liquidation_cascade")

_MONETARY: Final = _share("macro.{asset}.two_shock_monetary_share", 0.6, 0.3, "sign")
_REAL: Final = EdgeTest("macro.real10y.change", +1, "sign")
_OWN_RESIDUAL: Final = EdgeTest("earnings_news.{asset}.residual", -1, "residual")
_COIN_RESIDUAL: Final = EdgeTest("technicals.{asset}.residual", -1, "residual", 1.5)
_METAL_RESIDUAL: Final = EdgeTest("crypto_structure.{asset}.residual", -1, "residual", 2.0)
_COIN_SPEED: Final = _share("crypto_structure.{asset}.speed_share", FAST, 0.1)
_COIN_WEEKEND: Final = _share("crypto_structure.{asset}.weekend_share", WEEKEND, 0.2)
# Funding that turned after a third of the fall only confirms it (METHODS 2.6).
_FLIP: Final = EdgeTest(
    "crypto_structure.{asset}.done_at_flip",
    -1,
    "timing",
    -BREAK_SHARE,
    0.2,
    on="value",
    weight=WEAK,
)
_CREDIT_WIDE: Final = EdgeTest("macro.hy_oas.change", +1, "sign", 2.0, 1.5)

CHANNEL_TO_MOVE: Final[tuple[Link, ...]] = (
    Link(
        "discount_rate",
        "equity",
        -1,
        (0, 2),
        (_MONETARY, _FELL),
        "macro.{asset}.two_shock_monetary_share",
    ),
    Link("discount_rate", "crypto", -1, (0, 3), (_FELL,)),
    Link("discount_rate", "metals", -1, (0, 2), (_REAL, _FELL)),
    Link("dollar", "equity", -1, (0, 3), (_FELL,)),
    Link("dollar", "crypto", -1, (0, 3), (_FELL,)),
    Link("dollar", "metals", -1, (0, 2), (_DOLLAR, _FELL)),
    Link("earnings_multiple", "equity", +1, (0, 3), (_OWN_RESIDUAL, _FELL)),
    Link("credit_spread", "equity", -1, (0, 5), (_CREDIT_WIDE, _BANKS_OWN, _FELL)),
    Link("credit_spread", "crypto", -1, (0, 5), (_FELL,)),
    Link("dollar_funding", "equity", -1, (0, 3), (_FUNDING, _FELL)),
    Link("dollar_funding", "crypto", -1, (0, 3), (_FUNDING, _FELL)),
    Link("dollar_funding", "metals", -1, (0, 3), (_FUNDING, _FELL)),
    Link("carry", "equity", +1, (0, 3), (_YEN, _FELL)),
    Link("carry", "crypto", +1, (0, 3), (_FELL,)),
    Link("vol_target_cta", "equity", -1, (1, 3), (_FLOW, _TREND, _FELL)),
    Link("dealer_gamma", "equity", -1, (0, 1), (_FELL,)),
    Link(
        "margin_call",
        "metals",
        -1,
        (0, 3),
        (_METALS_OWN, _METAL_RESIDUAL, _FELL),
        "crypto_structure.metals.mechanical_share",
    ),
    Link("margin_call", "crypto", -1, (0, 3), (_FELL,)),
    Link(
        "liquidation_engine",
        "crypto",
        -1,
        (0, 1),
        (_COIN_SPEED, _COIN_RESIDUAL, _FLIP, _FELL),
        "crypto_structure.{asset}.mechanical_share",
    ),
    Link("etf_flow", "crypto", +1, (0, 5), (_FELL,)),
    Link("weekend_thin_book", "crypto", -1, (0, 2), (_COIN_WEEKEND, _FELL)),
    Link(
        "correlation_one_book",
        "crypto",
        -1,
        (0, 2),
        (*_ONE_BOOK, _FELL),
        "technicals.spx_btc.corr_20d",
    ),
)

# Links that pass no channel: a named event on the asset itself.
SHOCK_TO_MOVE: Final[tuple[Link, ...]] = (
    Link("crypto_idiosyncratic", "crypto", -1, (0, 2), (_COIN_RESIDUAL, _NAMED)),
    Link("policy_geopolitics", "equity", -1, (0, 2), (_NAMED,)),
    Link("policy_geopolitics", "crypto", -1, (0, 2), (_NAMED,)),
    Link("policy_geopolitics", "metals", -1, (0, 2), (_NAMED,)),
)
UNKNOWN_PATH: Final = Link("*", "*", -1, (0, 5), ())

# Nodes dated first of all by the cohort that lagged most.
COHORT_LED: Final = ("ai_rerating", "earnings_multiple")
COHORT_ITEM: Final = _COHORT.key

# The series whose onset dates a shock or a channel, where no event does.
LEADS: Final[dict[str, tuple[str, ...]]] = {
    "rates_shock": ("UST2Y", "UST10Y", "REAL10Y"),
    "ai_rerating": ("IGV", "SMH", "NDX", "MAG7", "ARKK"),
    "liquidation_cascade": ("BTC", "ETH", "SLV", "GLD"),
    "funding_stress": ("KRE", "HY_OAS"),
    "growth_scare": ("USO", "UST2Y", "UST10Y"),
    "policy_geopolitics": (),
    "positioning_unwind": ("USDJPY", "VIX"),
    "crypto_idiosyncratic": ("BTC", "ETH"),
    "discount_rate": ("UST2Y", "UST10Y", "REAL10Y"),
    "dollar": ("DXY",),
    "earnings_multiple": ("IGV", "SMH", "NDX", "MAG7", "ARKK"),
    "credit_spread": ("HY_OAS",),
    "carry": ("USDJPY",),
    "vol_target_cta": ("VIX",),
}

# Marker kinds that may date a shock; a note does so only through evidence that names the cause.
MARKERS: Final[dict[str, tuple[str, ...]]] = {
    "rates_shock": ("fomc", "cpi", "nfp", "note"),
    "ai_rerating": ("earnings", "note"),
    "liquidation_cascade": ("note",),
    "funding_stress": ("note",),
    "growth_scare": ("nfp", "note"),
    "policy_geopolitics": ("note",),
    "positioning_unwind": ("note",),
    "crypto_idiosyncratic": ("note",),
}

# Metrics that answer a fall: dated after a third of it they are no cause (TAXONOMY, rule 6).
RESPONSES: Final = ("margin", "funding_first_negative", "funding_flip", "funding_deepest", "halt")

MOVES: Final[dict[str, Move]] = {
    "SPX": Move("equity", "S&P 500"),
    "NDX": Move("equity", "Nasdaq 100"),
    "RSP": Move("equity", "Equal-weight S&P 500"),
    "IWM": Move("equity", "US small caps"),
    "SMH": Move("equity", "Semiconductors"),
    "IGV": Move("equity", "Software"),
    "ARKK": Move("equity", "Unprofitable tech"),
    "MAG7": Move("equity", "Magnificent Seven"),
    "KRE": Move("equity", "Regional banks"),
    "BTC": Move("crypto", "Bitcoin"),
    "ETH": Move("crypto", "Ether"),
    "SOL": Move("crypto", "Solana"),
    "GLD": Move("metals", "Gold (GLD)"),
    "SLV": Move("metals", "Silver (SLV)"),
    "GOLD": Move("metals", "Gold"),
    "SILVER": Move("metals", "Silver"),
    "GDX": Move("metals", "Gold miners"),
    "IBIT": Move("crypto", "Bitcoin fund (IBIT)"),
    "GOLD_FUT": Move("metals", "Gold futures"),
}


def move_of(asset: str) -> Move:
    """An asset's group and name; what is not listed is a perpetual or else a stock or a fund."""
    group: AssetGroup = "crypto" if asset.endswith("_PERP") else "equity"
    return MOVES.get(asset, Move(group, asset))
