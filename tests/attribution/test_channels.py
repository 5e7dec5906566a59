from __future__ import annotations

from collections.abc import Callable

import pytest

from causemap.attribution.channels import SIGNS, amplifiers, subtype
from causemap.attribution.scoring import by_key
from causemap.causes import CHANNELS
from causemap.closed_sets import AssetGroup, Primary
from causemap.records import Evidence

Make = Callable[..., Evidence]


def test_every_channel_is_of_the_closed_list() -> None:
    """No amplifier outside the taxonomy's list can be named."""
    assert {sign.channel for sign in SIGNS} <= set(CHANNELS)


def test_a_channel_counts_from_its_threshold_on(make: Make) -> None:
    """The dollar amplifies at a z of 1 and not below; an absent dollar amplifies nothing."""
    found = [
        amplifiers("ai_rerating", "equity", by_key([make("dxy.change", 2.0, z)]))
        for z in (1.0, 0.9)
    ]
    assert found == [("dollar",), ()]
    assert amplifiers("ai_rerating", "equity", {}) == ()


def test_a_cause_does_not_amplify_itself(make: Make) -> None:
    """Rising yields are how a rates shock works; for a re-rating they are an amplifier."""
    world = by_key([make("rates.score", 2.0, 2.0)])
    assert amplifiers("rates_shock", "equity", world) == ()
    assert amplifiers("ai_rerating", "equity", world) == ("discount_rate",)


def test_nothing_amplifies_a_fall_that_was_none(make: Make) -> None:
    """A calm window has no amplifiers, whatever else moved."""
    assert amplifiers("no_drawdown", "equity", by_key([make("dxy.change", 9.0, 9.0)])) == ()


@pytest.mark.parametrize(
    ("y2", "y10", "real", "breakeven", "kind"),
    [
        (5.0, 30.0, 20.0, 10.0, "term_premium"),
        (40.0, 30.0, 20.0, 10.0, "policy_path"),
        (20.0, 30.0, 20.0, 10.0, "real_yields"),
        (20.0, 30.0, 5.0, 25.0, "inflation"),
        (-5.0, -3.0, 0.0, -3.0, None),
    ],
)
def test_the_curve_tells_the_kind_of_rates_shock(
    make: Make, y2: float, y10: float, real: float, breakeven: float, kind: str | None
) -> None:
    """TAXONOMY: half of the rise in 2s10s is term premium; else front end, real or inflation."""
    moves = {"ust2y": y2, "ust10y": y10, "real10y": real, "be10y": breakeven}
    world = by_key([make(f"{name}.change", value) for name, value in moves.items()])
    assert subtype("rates_shock", "equity", world) == kind


@pytest.mark.parametrize(
    ("software", "semis", "kind"),
    [
        (-5.3, -1.8, "disruption"),
        (0.4, -5.9, "capex_roi"),
        (-3.0, -3.0, "valuation"),
        (-1.0, 0.0, None),
    ],
)
def test_which_half_of_tech_broke_tells_the_kind_of_rerating(
    make: Make, software: float, semis: float, kind: str | None
) -> None:
    """Software alone is disruption, semiconductors alone capital spending, both valuation."""
    world = by_key([make("igv.residual", -9.0, software), make("smh.residual", -4.0, semis)])
    assert subtype("ai_rerating", "equity", world) == kind


def test_banks_tell_a_run_from_a_dollar_shortage(make: Make) -> None:
    """Regional banks under their beta is a bank run; the dollar signature a dollar shortage."""
    banks, dollar = make("kre.residual", -15.0, -4.0), make("dollar.funding_signature", 2.0, 2.0)
    assert subtype("funding_stress", "equity", by_key([banks, dollar])) == "bank_run"
    assert subtype("funding_stress", "equity", by_key([dollar])) == "dollar_funding"


def test_credit_stress_is_named_only_where_spreads_widened(make: Make) -> None:
    """Unmeasured or calm credit names no kind of funding stress; nothing is told by elimination."""
    calm = [make("kre.residual", -1.0, -0.5), make("dollar.funding_signature", -1.0, -1.0)]
    assert subtype("funding_stress", "equity", {}) is None
    assert subtype("funding_stress", "equity", by_key(calm)) is None
    for z, kind in ((1.9, None), (2.0, "credit_liquidity")):
        world = by_key([*calm, make("hy_oas.change", 80.0, z)])
        assert subtype("funding_stress", "equity", world) == kind


def test_only_a_text_can_tell_the_kind_of_policy() -> None:
    """Without figures that tell, there is no subtype."""
    assert subtype("policy_geopolitics", "equity", {}) is None


def test_one_book_takes_two_horizons_and_a_rise_beyond_noise(make: Make) -> None:
    """The amplifier is the compression flag: neither high correlation nor a jump alone sets it."""
    for horizons, z, flagged in ((2.0, 3.0, True), (1.0, 3.0, False), (3.0, 2.0, False)):
        item = make("spx_btc.compression", horizons, z, unit="count")
        found = amplifiers("rates_shock", "crypto", by_key([item]))
        assert ("correlation_one_book" in found) is flagged


def test_a_margin_call_is_named_only_where_its_notice_came_before_the_fall(make: Make) -> None:
    """A cascade of metals is no margin call by itself; coins have their engines."""
    early, late = make("slv.margin_notice", 0.2), make("slv.margin_notice", 0.6)
    told = [subtype("liquidation_cascade", "metals", by_key(e)) for e in ([early], [late], [])]
    assert told == ["metals_margin", None, None]
    assert subtype("liquidation_cascade", "crypto", {}) == "perp_cascade"


@pytest.mark.parametrize(
    ("cause", "group", "key", "value", "z", "channel"),
    [
        ("rates_shock", "equity", "worst_cohort.residual", -9.0, -1.5, "earnings_multiple"),
        ("rates_shock", "equity", "worst_cohort.residual", -9.0, -1.4, None),
        ("liquidation_cascade", "crypto", "btc.weekend_share", 0.4, None, "weekend_thin_book"),
        ("liquidation_cascade", "crypto", "btc.weekend_share", 0.39, None, None),
        ("growth_scare", "crypto", "btc.speed_share", 0.45, None, "liquidation_engine"),
        ("growth_scare", "crypto", "btc.speed_share", 0.44, None, None),
        ("rates_shock", "equity", "spx.vol_target_flow", -20.0, None, "vol_target_cta"),
        ("rates_shock", "equity", "spx.vol_target_flow", -19.0, None, None),
        ("rates_shock", "equity", "usdjpy.change", -4.0, -2.0, "carry"),
        ("rates_shock", "equity", "usdjpy.change", -4.0, -1.9, None),
        ("rates_shock", "metals", "slv.residual", -9.0, -3.0, "margin_call"),
        ("rates_shock", "metals", "slv.residual", -9.0, -2.9, None),
    ],
)
def test_each_channel_has_its_own_threshold(
    make: Make,
    cause: Primary,
    group: AssetGroup,
    key: str,
    value: float,
    z: float | None,
    channel: str | None,
) -> None:
    """At the threshold a channel amplifies, a step short of it it does not."""
    found = amplifiers(cause, group, by_key([make(key, value, z)]))
    assert found == (() if channel is None else (channel,))


def test_what_is_not_measured_names_no_kind(make: Make) -> None:
    """Without a breakeven the price of a rise is unknown; a growth scare of coins has no kind."""
    moves = {"ust2y": 20.0, "ust10y": 30.0, "real10y": 20.0}
    world = by_key([make(f"{name}.change", value) for name, value in moves.items()])
    assert subtype("rates_shock", "equity", world) is None
    assert subtype("growth_scare", "crypto", {}) is None
