from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from causemap.attribution.calibration import PLAIN, Calibration, load_calibration
from causemap.attribution.fingerprints import (
    CLIP,
    FINGERPRINTS,
    STRONG,
    WEAK,
    Fingerprint,
    Threshold,
)
from causemap.attribution.scoring import (
    CASCADE_CAP,
    FORBIDDEN_CAP,
    SINGLE_SOURCE_CAP,
    VETO,
    by_key,
    discounted,
    key_of,
    log_odds,
    score,
    softmax,
    vetoes,
    weigh,
)
from causemap.causes import CAUSES, GROUPS, NAMED
from causemap.closed_sets import AssetGroup, Cause
from causemap.records import Evidence

Make = Callable[..., Evidence]
PRIORS = load_calibration().priors
EAGER = Calibration({"crypto_tape>liquidation_cascade": 3.0}, {}, -9.0, 0.0, PRIORS)


def pulled(item: Evidence, row: Fingerprint) -> float:
    """The pull of an item that can be read."""
    found = log_odds(item, row)
    assert found is not None
    return found


RATES = Fingerprint("ust2y.change", "rates_shock", +1, 0.5)


def test_a_move_of_one_robust_deviation_is_worth_nothing(make: Make) -> None:
    """At tau = 1 the log-likelihood ratio crosses zero, above it supports, below it opposes."""
    assert pulled(make("ust2y.change", 9.0, 1.0), RATES) == 0.0
    assert pulled(make("ust2y.change", 9.0, 3.0), RATES) == pytest.approx(1.0)
    assert pulled(make("ust2y.change", 9.0, -1.0), RATES) == pytest.approx(-1.0)


def test_the_pull_is_clipped_but_the_z_is_kept(make: Make) -> None:
    """A z of 40 pulls as far as a z of 4; the record keeps the 40."""
    item = make("ust2y.change", 90.0, 40.0)
    assert pulled(item, RATES) == pytest.approx(1.5)
    assert item.z == 40.0


def test_low_quality_pulls_less(make: Make) -> None:
    """A single social source at quality 0.2 pulls a fifth."""
    full = pulled(make("ust2y.change", 9.0, 2.0), RATES)
    weak = pulled(make("ust2y.change", 9.0, 2.0, quality=0.2), RATES)
    assert weak == pytest.approx(0.2 * full)


def test_a_threshold_metric_is_judged_by_its_value(make: Make) -> None:
    """The practice threshold is worth zero and one scale beyond it the weight."""
    row = Fingerprint(
        "btc.speed_share",
        "liquidation_cascade",
        +1,
        0.5,
        ("crypto",),
        Threshold(0.45, 0.1, raw=True),
    )
    assert pulled(make("btc.speed_share", 0.45), row) == pytest.approx(0.0)
    assert pulled(make("btc.speed_share", 0.55), row) == pytest.approx(0.5)
    assert pulled(make("btc.speed_share", 0.35), row) == pytest.approx(-0.5)


def test_repeats_within_a_group_are_discounted() -> None:
    """Max plus 0.3 of the rest, for and against kept apart (METHODS 3)."""
    assert discounted([1.0, 0.5, 0.5]) == pytest.approx(1.0 + 0.3 * 1.0)
    assert discounted([1.0, -0.5]) == pytest.approx(0.5)
    assert discounted([]) == 0.0


@given(st.lists(st.floats(-3, 3), max_size=8), st.floats(0, 3))
def test_one_more_supporting_item_never_lowers_a_score(pulls: list[float], more: float) -> None:
    """The discount keeps scores monotone in the evidence."""
    assert discounted([*pulls, more]) >= discounted(pulls) - 1e-12


@given(st.dictionaries(st.sampled_from(CAUSES), st.floats(-30, 30), min_size=9, max_size=9))
def test_probabilities_sum_to_one_in_a_fixed_order(totals: dict[Cause, float]) -> None:
    """Whatever the scores, probabilities are a distribution over the closed set."""
    found = softmax(totals)
    assert tuple(found) == CAUSES
    assert sum(found.values()) == pytest.approx(1.0, abs=1e-6)
    assert all(0.0 <= p <= 1.0 for p in found.values())


@pytest.mark.parametrize("group", GROUPS)
def test_priors_are_distributions_that_rule_nothing_out(group: AssetGroup) -> None:
    """Dirichlet smoothing leaves every cause possible in every group."""
    shares = load_calibration().prior(group)
    assert math.isclose(sum(shares.values()), 1.0, abs_tol=5e-4)  # rounded to four places
    assert min(shares.values()) > 0.0


def test_no_evidence_gives_the_prior() -> None:
    """With nothing measured the named causes stand to each other as their prior shares."""
    shares = {**dict.fromkeys(CAUSES, 0.1), "rates_shock": 0.2}
    fitted = replace(PLAIN, priors={"equity": shares})
    found = dict(score({}, "equity", fitted).probabilities)
    odds = found["rates_shock"] / found["funding_stress"]
    assert odds == pytest.approx(shares["rates_shock"] / shares["funding_stress"], rel=1e-4)


def test_falling_yields_forbid_a_rates_shock(make: Make) -> None:
    """TAXONOMY rule 5: all three yields under half a robust deviation, so the veto falls."""
    yields = [make(f"{y}.change", -3.0, -0.3) for y in ("ust2y", "ust10y", "real10y")]
    (veto,) = vetoes(by_key(yields), "equity")
    assert veto.cause == "rates_shock"
    assert veto.evidence == tuple(item.id for item in yields)


def test_one_rising_yield_lifts_the_veto(make: Make) -> None:
    """A real yield up by half a robust deviation is enough to keep the cause open."""
    moves = {"ust2y": -0.3, "ust10y": -0.3, "real10y": 0.5}
    items = by_key([make(f"{name}.change", 1.0, z) for name, z in moves.items()])
    assert vetoes(items, "equity") == ()


def test_one_yield_alone_forbids_nothing(make: Make) -> None:
    """The rule asks for all yields: without the 10-year there is no veto, without real ones it is.

    The reason names the yields that were at hand.
    """
    two, ten = (make(f"{y}.change", -1.0, -0.1, group="rates") for y in ("ust2y", "ust10y"))
    assert vetoes(by_key([two]), "equity") == ()
    (veto,) = vetoes(by_key([two, ten]), "equity")
    assert veto.why == "2-year and 10-year yields fell or hardly moved"


def test_without_yields_there_is_no_veto() -> None:
    """A missing yield is a gap, never a yield that did not move."""
    assert vetoes({}, "equity") == ()


def test_a_cohort_in_line_with_beta_forbids_a_rerating(make: Make) -> None:
    """TAXONOMY rule 5: the worst cohort residual above -0.5 is no re-rating."""
    item = make("worst_cohort.residual", -0.2, -0.4)
    assert [v.cause for v in vetoes(by_key([item]), "equity")] == ["ai_rerating"]
    assert vetoes(by_key([make("worst_cohort.residual", -9.0, -5.0)]), "equity") == ()


def test_a_trigger_that_explains_the_fall_makes_forced_selling_a_channel(make: Make) -> None:
    """TAXONOMY rule 4: a mechanical share under one half forbids the cascade."""
    item = make("btc.mechanical_share", 0.4)
    (veto,) = vetoes(by_key([item]), "crypto")
    assert veto.cause == "liquidation_cascade"
    assert vetoes(by_key([make("btc.mechanical_share", 0.5)]), "crypto") == ()


def test_a_veto_lowers_the_log_odds_by_three(make: Make) -> None:
    """The odds of the forbidden cause against a rival fall by exp(-3)."""
    rising = by_key([make("worst_cohort.residual", -9.0, -0.5)])
    barred = by_key([make("worst_cohort.residual", -9.0, -0.499)])
    odds = [
        dict(score(world, "equity", PLAIN).probabilities)["ai_rerating"]
        / dict(score(world, "equity", PLAIN).probabilities)["rates_shock"]
        for world in (rising, barred)
    ]
    assert math.log(odds[1] / odds[0]) == pytest.approx(VETO, abs=0.01)


def test_a_cascade_is_capped_while_liquidations_are_not_measured(make: Make) -> None:
    """Without open interest or liquidations the cascade is held at 0.65, and it is said."""
    strong = [
        make("btc.speed_share", 1.0),
        make("btc.retrace_24h", 0.9),
        make("btc.mechanical_share", 1.0),
        make("btc.residual", -30.0, -9.0),
    ]
    found = score(by_key(strong), "crypto", EAGER)
    assert found.capped
    assert dict(found.probabilities)["liquidation_cascade"] == pytest.approx(CASCADE_CAP, abs=1e-5)
    seen = score(by_key([*strong, make("market.liquidations", 9.0)]), "crypto", EAGER)
    assert not seen.capped
    assert dict(seen.probabilities)["liquidation_cascade"] > CASCADE_CAP
    # A dated notice of liquidations is a plumbing row (METHODS 3).
    assert not score(by_key([*strong, make("told.liquidations", 0.9)]), "crypto", EAGER).capped


def test_keys_drop_the_desk(make: Make) -> None:
    """A fingerprint key is the evidence id without its desk."""
    assert key_of(make("ust2y.change", 1.0)) == "ust2y.change"


def test_fingerprints_are_one_row_per_key_cause_and_group() -> None:
    """No item can be counted twice for the same cause and group."""
    rows = [(row.key, row.cause, group) for row in FINGERPRINTS for group in row.groups]
    assert len(rows) == len(set(rows))
    assert {abs(row.sign) for row in FINGERPRINTS} == {1}
    assert {row.weight for row in FINGERPRINTS} == {0.15, 0.3, 0.5}


def _news(make: Make, outlets: int) -> dict[str, Evidence]:
    """News of one market that speaks for policy alone, from so many outlets."""
    return by_key(
        [
            replace(
                make(f"news_equity.{cause}", 0.9 if cause == "policy_geopolitics" else 0.01),
                family="text",
                group="text",
                n=outlets if cause == "policy_geopolitics" else 0,
            )
            for cause in NAMED
        ]
    )


def test_a_cause_named_by_one_outlet_alone_is_capped_and_flagged(make: Make) -> None:
    """Two outlets, or a figure that bears it out, lift the cap; one outlet alone does not."""
    sure = Calibration({"text": 2.0}, {}, -9.0, 0.0, PRIORS)
    lone = score(_news(make, 1), "equity", sure)
    assert lone.single_source
    assert max(p for _, p in lone.probabilities) == pytest.approx(SINGLE_SOURCE_CAP, abs=1e-5)
    two = score(_news(make, 2), "equity", sure)
    assert not two.single_source
    assert dict(two.probabilities)["policy_geopolitics"] > SINGLE_SOURCE_CAP


def test_an_even_share_of_the_news_says_nothing(make: Make) -> None:
    """A ninth of the news is worth zero; twice as much speaks for as half speaks against."""
    row = next(row for row in FINGERPRINTS if row.key == "news_equity.rates_shock")
    pulls = [pulled(make("news_equity.rates_shock", share / 9), row) for share in (0.5, 1.0, 2.0)]
    assert pulls[1] == pytest.approx(0.0)
    assert pulls[2] == pytest.approx(-pulls[0])
    assert pulls[2] > 0


def test_tested_claims_move_a_cause_within_a_bound(make: Make) -> None:
    """Articles borne out speak for their cause, contradicted ones against it, by 0.3 at most."""
    rows = [row for row in FINGERPRINTS if row.key == "claims.ai_rerating"]
    pulls = [pulled(make("claims.ai_rerating", share), rows[0]) for share in (-1.0, 0.0, 1.0)]
    assert pulls == pytest.approx([-0.3, 0.0, 0.3])
    plain, told = (
        dict(score(world, "equity").probabilities)["ai_rerating"]
        for world in ({}, by_key([make("claims.ai_rerating", 1.0, group="text")]))
    )
    assert told > plain


def test_figures_overrule_the_news(make: Make) -> None:
    """News that shouts rates shock while every yield fell does not make one."""
    shout = _news(make, 5)
    loud = {
        key.replace("policy_geopolitics", "x")
        .replace("rates_shock", "policy_geopolitics")
        .replace("x", "rates_shock"): item
        for key, item in shout.items()
    }
    fallen = [make(f"{y}.change", -30.0, -3.0, group="rates") for y in ("ust2y", "ust10y")]
    world = {**loud, **by_key([*fallen, make("rates.score", -3.0, -3.0, group="rates")])}
    assert dict(score(loud, "equity").probabilities)["rates_shock"] > 0.4
    assert dict(score(world, "equity").probabilities)["rates_shock"] < 0.2


@pytest.mark.parametrize("weight", [0.0, 0.3, 1.0])
def test_no_fit_unlearns_a_veto(make: Make, weight: float) -> None:
    """However little a calibration makes of vetoes, what is forbidden is never likely."""
    names = ("ust2y", "ust10y", "real10y")
    fallen = by_key(make(f"{y}.change", -30.0, -3.0, group="rates") for y in names)
    item = make("news_equity.rates_shock", 0.9, group="text")
    shout = {"news_equity.rates_shock": replace(item, family="text", n=5)}
    fitted = Calibration({"text": 8.0, "veto": weight}, {}, -3.0, 0.0, PRIORS)
    found = score({**fallen, **shout}, "equity", fitted)
    chances = dict(found.probabilities)
    assert [veto.cause for veto in found.vetoes][:1] == ["rates_shock"]
    assert chances["rates_shock"] == pytest.approx(FORBIDDEN_CAP)
    assert sum(chances.values()) == pytest.approx(1.0)
    free = dict(score(shout, "equity", fitted).probabilities)
    assert free["rates_shock"] > 0.6


def test_a_missing_alternative_sign_says_nothing_against_a_cause(make: Make) -> None:
    """A calm yen is no evidence against an unwind of short volatility; a surging one is for it."""
    row = next(row for row in FINGERPRINTS if row.key == "usdjpy.change")
    assert row.against == 0.0
    assert pulled(make("usdjpy.change", 0.0, 0.0), row) == 0.0
    assert pulled(make("usdjpy.change", -6.0, -6.0), row) > 0.0


@pytest.mark.parametrize(
    ("key", "cause"),
    [("hy_oas.change", "funding_stress"), ("vix.change", "positioning_unwind")],
)
def test_the_chief_of_several_signs_says_less_when_missing_than_when_there(
    make: Make, key: str, cause: str
) -> None:
    """A bank run need not widen credit at once, so that calm credit argues weakly against it."""
    row = next(row for row in FINGERPRINTS if (row.key, row.cause) == (key, cause))
    calm, alarm = (pulled(make(key, z, z), row) for z in (-20.0, 20.0))
    assert calm == pytest.approx(-WEAK * CLIP)
    assert alarm == pytest.approx(STRONG * CLIP)


def test_a_dated_event_of_one_outlet_does_not_lift_its_cap(make: Make) -> None:
    """What the market did next is no second source for the outlet's word."""
    event = replace(
        make("event_equity.policy_geopolitics", 1.0), family="event_time", group="event_time", n=1
    )
    world = {**_news(make, 1), "event_equity.policy_geopolitics": event}
    found = score(world, "equity", Calibration({"text": 2.0}, {}, -9.0, 0.0, PRIORS))
    assert found.single_source
    assert max(p for _, p in found.probabilities) == pytest.approx(SINGLE_SOURCE_CAP, abs=1e-5)


def test_no_unit_stands_in_for_a_missing_z(make: Make) -> None:
    """Thirty basis points without a z are no thirty deviations: the row reads nothing."""
    assert log_odds(make("ust2y.change", 30.0), RATES) is None
    assert weigh(by_key([make("ust2y.change", 30.0)]), "equity") == ()
    assert pulled(make("rates.score", 3.0, unit="z"), RATES) == pytest.approx(1.0)


def test_liquidations_told_by_one_outlet_do_not_bear_out_its_word(make: Make) -> None:
    """A sum that was read and not measured is no figure that lifts the cap on a lone outlet."""
    told = replace(make("told.liquidations", 0.9, group="plumbing"), family="text", n=1)
    news = replace(make("news_crypto.liquidation_cascade", 0.9, group="text"), family="text", n=1)
    cells = Calibration({"text": 4.0, "plumbing": 4.0}, {}, -9.0, 0.0, PRIORS)
    assert score(by_key([told, news]), "crypto", cells).single_source
    assert not score(by_key([replace(told, n=2), news]), "crypto", cells).single_source


@pytest.mark.parametrize("order", [1, -1])
def test_two_vetoes_hold_together(make: Make, order: int) -> None:
    """What is cut from one forbidden cause goes to the allowed ones, not to the other."""
    fallen = [make(f"{y}.change", -30.0, -3.0, group="rates") for y in ("ust2y", "ust10y")]
    flat = make("worst_cohort.residual", 1.0, 0.5, group="leadership")
    told = [
        replace(make(f"news_equity.{cause}", share, group="text"), family="text", n=5)
        for cause, share in (("rates_shock", 0.5), ("ai_rerating", 0.45))
    ]
    fitted = Calibration({"text": 8.0, "veto": 0.0}, {}, -3.0, 0.0, PRIORS)
    found = score(by_key([*fallen, flat, *told][::order]), "equity", fitted)
    chances = dict(found.probabilities)
    assert {veto.cause for veto in found.vetoes} == {"rates_shock", "ai_rerating"}
    assert chances["rates_shock"] <= FORBIDDEN_CAP
    assert chances["ai_rerating"] <= FORBIDDEN_CAP
    assert sum(chances.values()) == pytest.approx(1.0)


def test_a_later_cap_does_not_lift_a_veto(make: Make) -> None:
    """The cascade held for want of data leaves a forbidden rates shock where it was."""
    fallen = [make(f"{y}.change", -30.0, -3.0, group="rates") for y in ("ust2y", "ust10y")]
    fast = make("btc.speed_share", 0.9, group="crypto_tape")
    told = replace(make("news_crypto.rates_shock", 0.9, group="text"), family="text", n=5)
    cells = {"text": 6.0, "veto": 0.0, "crypto_tape>liquidation_cascade": 6.0}
    found = score(
        by_key([*fallen, fast, told]), "crypto", Calibration(cells, {}, -9.0, 0.0, PRIORS)
    )
    chances = dict(found.probabilities)
    assert found.capped
    assert chances["liquidation_cascade"] == CASCADE_CAP
    assert chances["rates_shock"] <= FORBIDDEN_CAP
