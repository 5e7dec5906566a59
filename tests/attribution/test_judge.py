"""One verdict over asset groups: who has a say, how much, and what the groups together say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from causemap.attribution.judge import group_weights, judge, overall
from causemap.causes import CAUSES
from causemap.closed_sets import AssetGroup, Cause, Primary
from causemap.records import (
    Contribution,
    Dossier,
    Evidence,
    Rejected,
    Residual,
    Scope,
    Verdict,
    Weighed,
    WouldChange,
)

Make = Callable[..., Evidence]
GROUPS: tuple[AssetGroup, ...] = ("equity", "crypto", "metals")
SCOPE = Scope("2026-01-29", "2026-02-05", "2026-02-07T23:59Z", ("SPX", "BTC", "SLV"), GROUPS)
SAID = (Weighed("macro.rates.score", "rates_shock", 1.0),)


def _moves(make: Make, spx: float, btc: float, slv: float) -> Dossier:
    """A dossier of which only the three groups' standardised moves matter."""
    zs = {"spx": spx, "btc": btc, "slv": slv}
    items = (make(f"{name}.change", z, z, desk="technicals") for name, z in zs.items())
    return Dossier(SCOPE, tuple(items), ())


def _verdict(primary: Primary, shares: dict[Cause, float], **more: object) -> Verdict:
    """A group's verdict with these shares; what they leave is mixed."""
    left = 1.0 - sum(shares.values())
    probabilities = dict.fromkeys(CAUSES, 0.0) | {"mixed_unclear": left} | shares
    abstained = primary == "mixed_unclear"
    found = Verdict(primary, "other", tuple(probabilities.items()), abstained, "said", weighed=SAID)
    return replace(found, **more)  # type: ignore[arg-type]  # fields of the record


CALM = Verdict("no_drawdown", "none", (("mixed_unclear", 1.0),), abstained=False, reason="calm")
UNKNOWN = Verdict(
    "mixed_unclear", "mixed", (("mixed_unclear", 1.0),), abstained=True, reason="no price"
)


def _over(dossier: Dossier, **said: Verdict) -> Verdict:
    """The verdict over the groups named, in their fixed order."""
    return overall(dossier, tuple((group, said[group]) for group in GROUPS if group in said))


RATES = _verdict("rates_shock", {"rates_shock": 0.9})


def test_probabilities_are_weighed_by_the_moves_of_the_groups_that_fell(make: Make) -> None:
    """Stocks at 2 and coins at 4 deviations: a third and two thirds; a calm group has no say."""
    cascade = _verdict("liquidation_cascade", {"liquidation_cascade": 0.6})
    found = _over(_moves(make, -2.0, -4.0, 0.3), equity=RATES, crypto=cascade, metals=CALM)
    shares = dict(found.probabilities)
    assert shares["rates_shock"] == pytest.approx(0.9 / 3)
    assert shares["liquidation_cascade"] == pytest.approx(0.6 * 2 / 3)
    assert sum(shares.values()) == pytest.approx(1.0)


def test_a_record_day_of_one_asset_counts_six_deviations_at_most(make: Make) -> None:
    """Silver at 30 deviations weighs twice as much as stocks at 3, not ten times."""
    cascade = _verdict("liquidation_cascade", {"liquidation_cascade": 0.9})
    found = _over(_moves(make, -3.0, 0.0, -30.0), equity=RATES, metals=cascade)
    assert dict(found.probabilities)["liquidation_cascade"] == pytest.approx(0.6)


def test_weights_are_shares_of_the_falling_groups(make: Make) -> None:
    """They sum to one over what fell; where nothing did every group has the same."""
    assert group_weights(_moves(make, -2.0, -6.0, 1.0)) == {"equity": 0.25, "crypto": 0.75}
    assert group_weights(_moves(make, 1.0, 1.0, 1.0)) == dict.fromkeys(GROUPS, 1 / 3)
    alone = replace(_moves(make, 1.0, 1.0, 1.0), scope=replace(SCOPE, groups=("equity",)))
    assert group_weights(alone) == {"equity": 1.0}


def test_a_group_without_a_price_has_no_weight(make: Make) -> None:
    """What could not be measured has no share of the say; alone, it has all of it."""
    stocks = replace(_moves(make, -2.0, 0.0, 0.0), evidence=(make("spx.change", -2.0, -2.0),))
    assert group_weights(stocks) == {"equity": 1.0}
    assert group_weights(replace(stocks, evidence=())) == dict.fromkeys(GROUPS, 1 / 3)


@pytest.mark.parametrize(
    ("equity", "crypto", "primary"),
    [
        (0.90, {"growth_scare": 0.65, "rates_shock": 0.35}, "rates_shock"),  # 0.625 to 0.325
        (0.80, {"growth_scare": 1.00}, "mixed_unclear"),  # 0.50 to 0.40: no more than the lead
        (0.98, {"growth_scare": 0.92}, "mixed_unclear"),  # 0.49 to 0.46: over the bar, but a tie
        (0.50, {"growth_scare": 0.30, "rates_shock": 0.20}, "mixed_unclear"),  # 0.35: under it
        (0.30, {"growth_scare": 0.30}, "mixed_unclear"),  # 0.70 of it is mixed, which is no cause
    ],
)
def test_groups_that_differ_name_a_cause_only_if_the_mean_is_clear(
    make: Make, equity: float, crypto: dict[Cause, float], primary: Primary
) -> None:
    """The bar and the lead that one verdict needs are asked of the mean as well."""
    found = _over(
        _moves(make, -3.0, -3.0, 1.0),
        equity=_verdict("rates_shock", {"rates_shock": equity}),
        crypto=_verdict("growth_scare", crypto),
    )
    assert (found.primary, found.abstained) == (primary, primary == "mixed_unclear")
    assert found.reason == (
        "assets fell for different reasons (equity: rates shock; crypto: growth scare)"
    )


def test_a_mean_that_leads_well_but_below_the_bar_names_no_cause(make: Make) -> None:
    """0.425 for rates against 0.275 for funding: far enough ahead, yet under 0.45."""
    stocks = _verdict("rates_shock", {"rates_shock": 0.60, "funding_stress": 0.30})
    even: dict[Cause, float] = dict.fromkeys(
        ("growth_scare", "rates_shock", "funding_stress", "policy_geopolitics"), 0.25
    )
    found = _over(
        _moves(make, -3.0, -3.0, 1.0), equity=stocks, crypto=_verdict("growth_scare", even)
    )
    assert dict(found.probabilities)["rates_shock"] == pytest.approx(0.425)
    assert found.abstained


def test_what_speaks_for_and_against_is_that_of_all_groups_that_fell(make: Make) -> None:
    """Each item once, in the order of the groups."""
    one = replace(RATES, support=("a", "b"), counter_evidence=("x",), amplifiers=("dollar",))
    two = replace(RATES, support=("b", "c"), counter_evidence=("y", "x"), amplifiers=("dollar",))
    found = _over(_moves(make, -3.0, -3.0, 1.0), equity=one, crypto=two)
    assert found.support == ("a", "b", "c")
    assert found.counter_evidence == ("x", "y")
    assert found.amplifiers == ("dollar",)


def test_groups_that_agree_need_no_bar(make: Make) -> None:
    """Each was named by its own verdict; the mean of what they said adds no doubt."""
    found = _over(_moves(make, -3.0, -3.0, 1.0), equity=RATES, crypto=RATES)
    assert (found.primary, found.abstained) == ("rates_shock", False)
    assert found.reason == "all groups agree on rates shock"


def test_calm_unknown_and_lone_groups(make: Make) -> None:
    """Nothing fell: calm, by every move; nothing known: unknown; one fell: its verdict stands."""
    still, fell = _moves(make, 1.0, 1.0, 1.0), _moves(make, -3.0, 1.0, 1.0)
    quiet = _over(still, equity=UNKNOWN, crypto=CALM, metals=CALM)
    assert quiet.primary == "no_drawdown"
    assert quiet.support == tuple(item.id for item in still.evidence)
    assert all(f"the {name} " in quiet.reason for name in ("spx", "btc", "slv"))
    assert _over(still, equity=UNKNOWN, crypto=replace(UNKNOWN, reason="neither")) is UNKNOWN
    assert _over(fell, equity=RATES, crypto=CALM, metals=UNKNOWN) is RATES
    assert _over(still, equity=RATES) is RATES


def test_a_fall_that_is_none_among_so_many_assets_is_calm(make: Make) -> None:
    """-1.3 is a fall of one asset asked about and none of three: the level is family-wise."""
    found = _over(_moves(make, -1.3, 1.0, 1.0), equity=RATES, crypto=CALM, metals=CALM)
    assert found.primary == "no_drawdown"
    assert found.reason.endswith("for so many asked about together")
    assert dict(found.probabilities) == {c: float(c == "mixed_unclear") for c in CAUSES}
    assert found.support == tuple(f"technicals.{name}.change" for name in ("spx", "btc", "slv"))


def test_parts_are_weighed_and_their_bounds_hold_the_share(make: Make) -> None:
    """A half and a quarter at even weights make three eighths; the residual is the rest."""
    half, quarter = (
        replace(
            RATES,
            contributions=(Contribution("rates_shock", share, share - 0.1, share + 0.1),),
            residual=Residual(1 - share, 0.2, 0.8),
        )
        for share in (0.5, 0.25)
    )
    found = _over(_moves(make, -3.0, -3.0, 1.0), equity=half, crypto=quarter)
    (part,) = found.contributions
    assert (part.share, part.low, part.high) == pytest.approx((0.375, 0.275, 0.475))
    left = found.residual
    assert (left.share, left.low, left.high) == pytest.approx((0.625, 0.2, 0.8))


def test_only_what_no_group_is_put_down_to_is_rejected(make: Make) -> None:
    """A cause that one group names is no rejected rival; the first group's test is told."""
    growth = _verdict("growth_scare", {"growth_scare": 0.9})

    def turned_down(group: str, *causes: Cause) -> tuple[Rejected, ...]:
        return tuple(Rejected(cause, f"why in {group}", ("e",)) for cause in causes)

    found = _over(
        _moves(make, -3.0, -3.0, 1.0),
        equity=replace(RATES, rejected=turned_down("equity", "funding_stress", "growth_scare")),
        crypto=replace(growth, rejected=turned_down("crypto", "funding_stress", "rates_shock")),
    )
    assert [(r.cause, r.why) for r in found.rejected] == [
        ("funding_stress", "equity: why in equity")
    ]


def test_turns_alternate_from_the_heaviest_group_and_leave_out_what_is_said_anyway(
    make: Make,
) -> None:
    """Coins fell further: their first turn comes first, then the stocks' one."""
    anyway = WouldChange("said anyway", ("e",), "rates_shock")
    stocks = WouldChange("stocks", ("e",), "growth_scare")
    coins = tuple(WouldChange(f"coins {n}", ("e",), "growth_scare") for n in (1, 2))
    found = _over(
        _moves(make, -2.0, -4.0, 1.0),
        equity=replace(RATES, would_change=(anyway, stocks)),
        crypto=replace(RATES, would_change=coins),
    )
    assert [turn.text for turn in found.would_change] == ["coins 1", "stocks", "coins 2"]


def test_each_groups_verdict_says_its_kind_and_what_amplified_it(make: Make) -> None:
    """The 2-year led the 10-year up and the dollar rose: a policy path, amplified by the dollar."""
    items = [make(f"{y}.change", v, 3.5, group="rates") for y, v in (("ust2y", 60), ("ust10y", 40))]
    items += [make("real10y.change", 40.0, 3.5, group="rates"), make("rates.score", 3.5, 3.5)]
    items += [make("spx.change", -5.0, -3.0, desk="technicals"), make("dxy.change", 3.0, 3.0)]
    scope = replace(SCOPE, assets=("SPX",), groups=("equity",))
    ((_, found),) = judge(Dossier(scope, tuple(items), ()))
    assert (found.primary, found.subtype) == ("rates_shock", "policy_path")
    assert found.amplifiers == ("dollar",)
