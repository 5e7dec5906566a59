from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from causemap.attribution.calibration import Calibration, load_calibration
from causemap.attribution.counterfactual import can_turn, turned, without
from causemap.attribution.judge import judge, overall
from causemap.attribution.scoring import Scores, Veto, by_key, score
from causemap.attribution.verdict import _judged, agrees, fall_threshold, group_verdict
from causemap.cases.store import load_case
from causemap.causes import CAUSES, NAMED
from causemap.closed_sets import Cause, Group
from causemap.records import Decomposition, Dossier, Evidence, PartShare, Scope, Verdict, Weighed
from causemap.reporting.answer import headline

Make = Callable[..., Evidence]
EQUITY = Scope("2026-01-29", "2026-02-05", "2026-02-07T23:59Z", ("SPX", "NDX"), ("equity",))


def _rates_shock(make: Make) -> list[Evidence]:
    yields = [make(f"{y}.change", 40.0, 3.5, group="rates") for y in ("ust2y", "ust10y", "real10y")]
    return [
        *yields,
        make("rates.score", 3.5, 3.5, group="rates"),
        make("spx.change", -5.0, -3.0, desk="technicals"),
        make("ndx.change", -6.0, -3.0, desk="technicals"),
        make("worst_cohort.residual", -1.0, -0.7, group="leadership"),
        make("hy_oas.change", 5.0, 0.2, group="credit"),
    ]


def test_yields_up_and_nothing_else_is_a_rates_shock(make: Make) -> None:
    """The identifiable class is identified, with its evidence and its rejected rivals."""
    verdict = group_verdict(EQUITY, "equity", by_key(_rates_shock(make)), ())
    assert verdict.primary == verdict.mission_label == "rates_shock"
    assert not verdict.abstained
    assert "macro.rates.score" in verdict.support
    assert {r.cause for r in verdict.rejected} >= {"ai_rerating", "funding_stress"}
    assert all(r.why and r.evidence for r in verdict.rejected)


def test_falling_yields_reject_a_rates_shock_with_the_yields(make: Make) -> None:
    """Why it was no rates shock is answered by the yields themselves."""
    items = [
        replace(item, value=-3.0, z=-0.3) if item.group == "rates" else item
        for item in _rates_shock(make)
    ]
    verdict = group_verdict(EQUITY, "equity", by_key(items), ())
    (why,) = [r for r in verdict.rejected if r.cause == "rates_shock"]
    assert "fell or hardly moved" in why.why
    assert "macro.ust10y.change" in why.evidence


def test_a_window_in_which_nothing_fell_names_no_cause(make: Make) -> None:
    """Prices alone decide that there is nothing to explain, however loud the rest."""
    items = [
        replace(item, value=0.4, z=0.2) if item.desk == "technicals" else item
        for item in _rates_shock(make)
    ]
    verdict = group_verdict(EQUITY, "equity", by_key(items), ())
    assert verdict.primary == "no_drawdown"
    assert verdict.mission_label == "none"
    assert not verdict.abstained
    assert verdict.rejected == ()
    assert verdict.reason.endswith("; none of them fell beyond the usual moves")


def test_without_any_evidence_no_cause_is_said_to_lead(make: Make) -> None:
    """A fall of which nothing else is measured keeps the prior, and the reason says so."""
    fall = make("spx.change", -5.0, None, desk="technicals")
    verdict = group_verdict(EQUITY, "equity", by_key([fall]), ())
    assert verdict.abstained
    assert verdict.reason == "nothing measured tells the causes apart; they keep their prior"
    assert headline(verdict).second == ""


def test_no_price_of_the_target_is_an_abstention_not_calm(make: Make) -> None:
    """A window before the data begins is unknown, never ``no_drawdown``."""
    items = [item for item in _rates_shock(make) if item.desk != "technicals"]
    verdict = group_verdict(EQUITY, "equity", by_key(items), ())
    assert (verdict.primary, verdict.abstained) == ("mixed_unclear", True)
    assert "no price" in verdict.reason


def test_a_cause_that_needs_a_dated_event_abstains_without_one(make: Make) -> None:
    """Policy has no price signature: prices that fit nothing else do not prove it."""
    items = [
        make("spx.change", -5.0, -3.0, desk="technicals"),
        make("rates.score", 0.2, 0.2, group="rates"),
        *(make(f"{y}.change", 1.0, 0.2, group="rates") for y in ("ust2y", "ust10y", "real10y")),
        make("worst_cohort.residual", -0.1, -0.1, group="leadership"),
        make("hy_oas.change", 1.0, 0.1, group="credit"),
        make("vix.change", 1.0, 0.5, group="volatility"),
        make("uso.change", 3.0, 1.0),
        make("cyclicals.residual", 1.0, 1.0, group="leadership"),
        make("kre.residual", 1.0, 1.0, group="credit"),
    ]
    keen = Calibration({}, {"policy_geopolitics": 1.0}, -9.0, 0.0, load_calibration().priors)
    verdict = group_verdict(EQUITY, "equity", by_key(items), (), keen)
    assert verdict.ranked[0][0] == "policy_geopolitics"
    assert verdict.abstained
    assert "dated event" in verdict.reason


def test_more_assets_need_a_bigger_fall() -> None:
    """The family-wise level holds: two assets -1.28, six -1.83."""
    assert fall_threshold(2) == pytest.approx(-1.2816, abs=1e-4)
    assert fall_threshold(6) == pytest.approx(-1.8339, abs=1e-4)


def test_contributions_come_from_the_decomposition_and_keep_their_residual(make: Make) -> None:
    """Shares and the unexplained rest are handed through untouched and sum to one."""
    parts = Decomposition("SPX", -5.0, (PartShare("rates_shock", 0.7, 0.5, 0.8),), 0.3, 0.2, 0.5)
    verdict = group_verdict(EQUITY, "equity", by_key(_rates_shock(make)), (parts,))
    assert sum(c.share for c in verdict.contributions) + verdict.residual.share == pytest.approx(
        1.0
    )
    assert verdict.residual.low == 0.2


def test_a_rejected_cause_has_no_part_of_the_fall(make: Make) -> None:
    """What went with credit spreads is no funding stress when that is vetoed or improbable."""
    parts = (PartShare("rates_shock", 0.5, 0.4, 0.6), PartShare("funding_stress", 0.3, 0.2, 0.4))
    split = Decomposition("SPX", -5.0, parts, 0.2, 0.1, 0.3)
    verdict = group_verdict(EQUITY, "equity", by_key(_rates_shock(make)), [split])
    assert [part.cause for part in verdict.contributions] == ["rates_shock"]
    assert verdict.residual.share == pytest.approx(0.5)


def test_a_cause_is_not_named_without_the_figures_that_decide_it(make: Make) -> None:
    """However much the news says rates, without yields no rates shock is named."""
    news = [
        replace(make("news_equity.rates_shock", 0.95, group="text", desk="earnings_news"), n=6),
        replace(make("event_equity.rates_shock", 1.0, group="event_time"), n=6),
    ]
    moves = [item for item in _rates_shock(make) if item.desk == "technicals"]
    bare = group_verdict(EQUITY, "equity", by_key([*moves, *news]), ())
    assert dict(bare.probabilities)["rates_shock"] > 0.6
    assert bare.primary == "mixed_unclear"
    assert "the figures that decide it are not at hand" in bare.reason
    full = group_verdict(EQUITY, "equity", by_key([*_rates_shock(make), *news]), ())
    assert full.primary == "rates_shock"


def test_parts_over_groups_are_weighed_as_the_groups_are(make: Make) -> None:
    """A quarter of a market's say is a quarter of its parts; parts and residual sum to one."""
    parts = (PartShare("rates_shock", 0.8, 0.7, 0.9),)
    scope = Scope("2026-01-29", "2026-02-05", "2026-02-07T23:59Z", (), ("equity", "crypto"))
    coins = make("btc.change", -9.0, -1.5, desk="technicals")
    evidence = (*_rates_shock(make), coins)
    split = Decomposition("NDX", -6.0, parts, 0.2, 0.1, 0.3)
    dossier = Dossier(scope, evidence, (), decompositions=(split,))
    found = overall(dossier, judge(dossier, load_calibration()))
    (part,) = found.contributions
    assert part.share == pytest.approx(0.8 * 3.0 / 4.5, abs=1e-3)
    assert found.residual.share == pytest.approx(1.0 - part.share)


def test_without_a_decomposition_everything_is_unexplained(make: Make) -> None:
    """No regression, no shares: the residual is the whole move."""
    verdict = group_verdict(EQUITY, "equity", by_key(_rates_shock(make)), ())
    assert verdict.contributions == ()
    assert verdict.residual.share == 1.0


def _dossier(items: list[Evidence], scope: Scope) -> Dossier:
    return Dossier(scope, tuple(items), ())


def test_the_verdict_over_groups_is_split_when_assets_fell_for_different_reasons(
    make: Make,
) -> None:
    """Equity in a rates shock, crypto in a cascade: the split is said and nobody is forced."""
    scope = replace(EQUITY, assets=("SPX", "NDX", "BTC", "ETH"), groups=("equity", "crypto"))
    crypto = [
        make("btc.change", -25.0, -5.0, desk="technicals", group="crypto_tape"),
        make("btc.speed_share", 0.9, desk="crypto_structure", group="crypto_tape"),
        make("btc.retrace_24h", 0.6, desk="crypto_structure", group="crypto_tape"),
        make("btc.mechanical_share", 0.9, desk="crypto_structure", group="crypto_tape"),
        make("told.liquidations", 0.9, desk="earnings_news", group="plumbing"),
    ]
    # Yields that rose would explain crypto too; here equities fell by credit and banks alone.
    equity = [
        make("spx.change", -6.0, -4.0, desk="technicals"),
        make("hy_oas.change", 150.0, 9.0, group="credit"),
        make("kre.residual", -15.0, -6.0, group="credit"),
        make("rates.score", -0.4, -0.4, group="rates"),
        make("worst_cohort.residual", 0.0, 0.0, group="leadership"),
        make("dollar.funding_signature", 4.0, 4.0, group="dollar_metals"),
        make("uso.change", 3.0, 1.0),
        make("cyclicals.residual", 1.0, 1.0, group="leadership"),
    ]
    dossier = _dossier([*crypto, *equity], scope)
    verdicts = judge(dossier)
    assert dict(verdicts)["equity"].primary == "funding_stress"
    found = overall(dossier, verdicts)
    assert sum(p for _, p in found.probabilities) == pytest.approx(1.0, abs=1e-6)
    if found.primary == "mixed_unclear":
        assert "different reasons" in found.reason
    open_ = [(g, replace(v, primary="mixed_unclear", abstained=True)) for g, v in verdicts]
    neither = overall(dossier, tuple(open_)).reason
    assert neither == "in none of the groups can a single cause be named"
    one = overall(dossier, (verdicts[0], open_[1])).reason
    assert one.startswith("no one cause holds in every group (equity: funding stress; crypto: ")


def test_one_group_is_its_own_overall_verdict(make: Make) -> None:
    """Asking about equities alone gives the equity verdict."""
    dossier = _dossier(_rates_shock(make), EQUITY)
    verdicts = judge(dossier)
    assert overall(dossier, verdicts) == verdicts[0][1]


def test_what_would_change_the_verdict_is_recomputed(make: Make) -> None:
    """Each counterfactual names an item and the verdict the engine gives without or against it."""
    dossier = _dossier(_rates_shock(make), EQUITY)
    verdict = judge(dossier)[0][1]
    asked = [change.text.split()[0] for change in verdict.would_change]
    assert asked
    assert set(asked) <= {"without", "had"}
    for change in verdict.would_change:
        assert change.primary != verdict.primary
        (item,) = change.evidence
        key = item.partition(".")[2]
        evidence = by_key(dossier.evidence)
        worlds = (without(evidence, (item,)), {**evidence, key: turned(evidence[key])})
        assert change.primary in {group_verdict(EQUITY, "equity", w, ()).primary for w in worlds}


@pytest.mark.parametrize(
    ("metric", "unit", "z", "turns"),
    [
        ("change", "%", -2.0, True),
        ("change", "usd_bn", -2.0, True),
        ("residual_5d", "%", None, True),
        ("reaction_20260129", "%", None, True),
        ("score", "z", 1.2, True),
        ("speed_share", "ratio", None, False),
        ("policy_geopolitics", "ratio", None, False),
        ("two_shock_monetary_share", "ratio", None, False),
        ("liquidations", "usd_mn", 4.0, False),
        ("liquidations_of_oi", "%", None, False),
        ("below_50d", "%", None, False),
        ("level", "index", None, False),
        ("worst_4h", "%", -6.0, False),
    ],
)
def test_only_a_move_can_have_gone_the_other_way(
    make: Make, metric: str, unit: str, z: float | None, turns: bool
) -> None:
    """A share, a level, an amount or an extreme has no other sign; nor has a text."""
    item = replace(make(f"x.{metric}", 1.0, z), unit=unit)
    assert can_turn(item) is turns
    assert not can_turn(replace(item, family="text"))


def test_no_share_of_a_fall_is_turned_round(make: Make) -> None:
    """What carries a cascade (speed, the part stocks leave) is left out, never made negative."""
    crypto = replace(EQUITY, assets=("BTC",), groups=("crypto",))
    tape = ("speed_share", "mechanical_share", "retrace_24h")
    shares = [
        replace(
            make(f"btc.{name}", 0.9, desk="crypto_structure", group="crypto_tape"),
            unit="ratio",
            said=name,
        )
        for name in tape
    ]
    fell = make("btc.change", -25.0, -5.0, desk="technicals", group="crypto_tape")
    verdict = judge(_dossier([*shares, fell], crypto))[0][1]
    assert set(verdict.support) == {item.id for item in shares}
    assert not [one.text for one in verdict.would_change if one.text.startswith("had ")]


def test_each_group_says_what_would_change_its_own_verdict(make: Make) -> None:
    """Among several groups a change names its group; none gives what is shown anyway."""
    dossier = load_case("2026-02-seed")
    verdicts = judge(dossier)
    shown = overall(dossier, verdicts)
    own = {turn.text: group for group, v in verdicts for turn in v.would_change}
    names = {"equity": "in equities, ", "crypto": "in crypto, ", "metals": "in metals, "}
    assert all(text.startswith(names[group]) for text, group in own.items())
    assert {turn.text for turn in shown.would_change} <= set(own)
    assert all(turn.primary != shown.primary for turn in shown.would_change)
    turning = {g for g, v in verdicts for t in v.would_change if t.primary != shown.primary}
    assert {own[turn.text] for turn in shown.would_change} == turning
    assert turning
    single = judge(_dossier(_rates_shock(make), EQUITY))[0][1]
    assert not any(turn.text.startswith("in ") for turn in single.would_change)


def test_no_cause_is_named_by_leaving_out_the_event_that_failed_it(make: Make) -> None:
    """Where the only dated event of a cause led nowhere, its absence is no reason for the cause."""
    news = [
        replace(
            make(f"news_equity.{cause}", 0.9 if cause == "policy_geopolitics" else 0.01),
            family="text",
            group="text",
            n=3,
            expected=((cause, 1),),
        )
        for cause in NAMED
    ]
    event = replace(
        make("event_equity.policy_geopolitics", 0.0, group="event_time"),
        family="event_time",
        expected=(("policy_geopolitics", 1),),
    )
    dossier = _dossier([*news, make("spx.change", -5.0, -4.0), event], EQUITY)
    verdict = judge(dossier)[0][1]
    assert verdict.abstained
    named = group_verdict(EQUITY, "equity", without(by_key(dossier.evidence), (event.id,)), ())
    assert named.primary == "policy_geopolitics"
    assert not [turn for turn in verdict.would_change if event.id in turn.evidence]


def test_the_order_of_evidence_does_not_matter(make: Make) -> None:
    """Shuffled evidence gives the same probabilities."""
    items = _rates_shock(make)
    one = judge(_dossier(items, EQUITY))[0][1]
    two = judge(_dossier(items[::-1], EQUITY))[0][1]
    assert one.probabilities == two.probabilities


def test_without_prices_the_news_is_ranked_but_no_cause_named(make: Make) -> None:
    """A window before the data begins: the news orders the causes, the verdict abstains."""
    news = [
        replace(
            make(f"news_equity.{cause}", 0.7 if cause == "funding_stress" else 0.03),
            family="text",
            group="text",
            n=3,
        )
        for cause in NAMED
    ]
    verdict = group_verdict(EQUITY, "equity", by_key(news), ())
    assert verdict.ranked[0][0] == "funding_stress"
    assert (verdict.primary, verdict.abstained) == ("mixed_unclear", True)
    assert "no price" in verdict.reason


def test_an_event_of_another_cause_does_not_decide(make: Make) -> None:
    """Policy may lead on the news, but only a dated event of policy lets it be named."""
    news = [
        replace(
            make(f"news_equity.{cause}", 0.9 if cause == "policy_geopolitics" else 0.01),
            family="text",
            group="text",
            n=3,
            expected=((cause, 1),),
        )
        for cause in NAMED
    ]
    fell = make("spx.change", -5.0, -4.0)

    def verdict(cause: Cause) -> Verdict:
        event = replace(
            make(f"event_equity.{cause}", 0.8, group="event_time"),
            family="event_time",
            expected=((cause, 1),),
        )
        return group_verdict(EQUITY, "equity", by_key([*news, fell, event]), ())

    assert verdict("policy_geopolitics").primary == "policy_geopolitics"
    other = verdict("rates_shock")
    assert other.abstained
    assert "no dated event of it" in other.reason


def test_without_prices_and_news_the_prior_is_kept() -> None:
    """Nothing at hand is no evidence for a mixture: the shares are those of the asset group."""
    verdict = group_verdict(EQUITY, "equity", {}, ())
    assert (
        verdict.reason
        == "no price of what was asked about covers the window; the causes keep their prior"
    )
    found = dict(verdict.probabilities)
    assert found["rates_shock"] > found["liquidation_cascade"] > 0.0
    assert found["mixed_unclear"] < 0.5


def test_the_right_sign_but_too_little_is_no_evidence_against(make: Make) -> None:
    """Yields that rose a little do not speak against a rates shock, those that fell do."""
    rates: tuple[tuple[Cause, int], ...] = (("rates_shock", +1),)
    items = [
        replace(item, expected=rates) if item.group == "rates" else item
        for item in _rates_shock(make)
    ]
    weak = [replace(i, z=0.4) if i.id == "macro.ust2y.change" else i for i in items]
    turned_round = [replace(i, z=-0.9) if i.id == "macro.ust2y.change" else i for i in items]
    verdicts = [
        group_verdict(EQUITY, "equity", by_key(found), ()) for found in (weak, turned_round)
    ]
    pulls = [w.log_odds for w in verdicts[0].weighed if w.evidence == "macro.ust2y.change"]
    assert pulls
    assert max(pulls) < 0
    assert "macro.ust2y.change" not in verdicts[0].counter_evidence
    assert "macro.ust2y.change" in verdicts[1].counter_evidence


def test_a_pull_that_prints_as_nothing_is_no_counter_evidence(make: Make) -> None:
    """An item that moves the odds by less than 0.05 argues nothing, in no view."""
    rates: tuple[tuple[Cause, int], ...] = (("rates_shock", +1),)
    items = [
        replace(item, expected=rates) if item.group == "rates" else item
        for item in _rates_shock(make)
    ]

    def counters(quality: float) -> tuple[str, ...]:
        held = [
            replace(i, z=-0.9, quality=quality) if i.id == "macro.ust2y.change" else i
            for i in items
        ]
        verdict = group_verdict(EQUITY, "equity", by_key(held), ())
        pulls = [w for w in verdict.weighed if w.evidence == "macro.ust2y.change"]
        assert any(w.log_odds < 0 and w.cause == "rates_shock" for w in pulls)
        return verdict.counter_evidence

    assert "macro.ust2y.change" in counters(1.0)
    assert "macro.ust2y.change" not in counters(0.01)


@pytest.mark.parametrize(("nearest", "said"), [(0.448, "just below"), (0.30, "but below")])
def test_a_lead_that_rounds_to_the_bar_is_just_below_it(
    make: Make, monkeypatch: pytest.MonkeyPatch, nearest: float, said: str
) -> None:
    """Printed as 45 % a lead would contradict "below the 45 % needed"."""
    rest = (1.0 - nearest) / 8.0
    shares = tuple((c, nearest if c == "rates_shock" else rest) for c in CAUSES)
    scored = score(by_key(_rates_shock(make)), "equity")
    monkeypatch.setattr(
        "causemap.attribution.verdict.score", lambda *_: replace(scored, probabilities=shares)
    )
    reason = group_verdict(EQUITY, "equity", by_key(_rates_shock(make)), ()).reason
    assert f"{said} the 45% needed to name a cause" in reason


def test_a_rejected_rival_says_what_was_too_little_of_it(make: Make) -> None:
    """Credit that widened, but not enough for funding stress, is called too little."""
    items = [
        replace(item, z=1.6, expected=(("funding_stress", +1),))
        if item.id == "macro.hy_oas.change"
        else item
        for item in _rates_shock(make)
    ]
    verdict = group_verdict(EQUITY, "equity", by_key(items), ())
    (why,) = [r for r in verdict.rejected if r.cause == "funding_stress"]
    assert "(z +1.6, too little for it)" in why.why


def test_support_of_a_target_not_asked_about_is_named(make: Make) -> None:
    """Gold's verdict that rests on silver says so; with silver asked about it does not."""
    items = [
        make("gld.change", -10.0, -12.0, desk="technicals", group="dollar_metals"),
        make("slv.change", -28.0, -21.0, desk="technicals", group="dollar_metals"),
        make("slv.residual", -16.0, -9.0, group="dollar_metals"),
        make("metals.mechanical_share", 1.0, group="dollar_metals"),
    ]
    scope = replace(EQUITY, assets=("GLD",), groups=("metals",))
    both = replace(scope, assets=("GLD", "SLV"))
    alone, paired = (group_verdict(s, "metals", by_key(items), ()) for s in (scope, both))
    assert alone.primary == paired.primary == "liquidation_cascade"
    assert alone.probabilities == paired.probabilities
    assert "rests in part on Silver (SLV), not asked about" in alone.reason
    assert "not asked about" not in paired.reason


def test_the_runner_up_is_answered_too(make: Make) -> None:
    """The nearest rival is the one whose rejection is asked for first."""
    keen = Calibration({}, {"ai_rerating": 2.0}, -9.0, 0.0, load_calibration().priors)
    verdict = group_verdict(EQUITY, "equity", by_key(_rates_shock(make)), (), keen)
    assert [cause for cause, _ in verdict.ranked[:2]] == ["rates_shock", "ai_rerating"]
    assert "ai_rerating" in {one.cause for one in verdict.rejected}


def _scores(
    probabilities: dict[Cause, float], weighed: tuple[Weighed, ...], *vetoes: Veto, **more: bool
) -> Scores:
    """Scores as the softmax would hand them on; what is left is shared by the other causes."""
    others = [cause for cause in CAUSES if cause not in probabilities]
    left = (1.0 - sum(probabilities.values())) / len(others)
    shares = tuple((cause, probabilities.get(cause, left)) for cause in CAUSES)
    return Scores("equity", shares, weighed, vetoes, more.get("capped", False))


@pytest.mark.parametrize(
    ("first", "second", "reason"),
    [
        (0.45, 0.30, ""),
        (0.44, 0.30, "rates shock leads, but below the 45% needed to name a cause"),
        (0.49, 0.38, ""),
        (0.49, 0.40, "rates shock and funding stress cannot be told apart on this evidence"),
    ],
)
def test_a_cause_is_named_from_45_percent_and_ten_points_ahead(
    make: Make, first: float, second: float, reason: str
) -> None:
    """Below either bar the verdict abstains and says which it was."""
    score = make("rates.score", 3.5, 3.5, group="rates")
    scores = _scores(
        {"rates_shock": first, "funding_stress": second}, (Weighed(score.id, "rates_shock", 1.0),)
    )
    found = _judged(scores, by_key([score]), None)
    assert found.abstained is bool(reason)
    assert found.primary == ("mixed_unclear" if reason else "rates_shock")
    assert found.reason == (reason or "the evidence fits rates shock best")


def test_only_items_weighed_for_a_cause_decide_and_support_it(make: Make) -> None:
    """Yields that spoke to another cause alone do not decide a rates shock, nor bear it out."""
    score = make("rates.score", 3.5, 3.5, group="rates")
    spread = make("hy_oas.change", 40.0, 3.0, group="credit")
    leads: dict[Cause, float] = {"rates_shock": 0.8}
    items = by_key([score, spread])
    other = (Weighed(score.id, "ai_rerating", 1.0), Weighed(spread.id, "rates_shock", 0.5))
    bare = _judged(_scores(leads, other), items, None)
    assert bare.abstained
    assert "the figures that decide it are not at hand" in bare.reason
    own = (Weighed(score.id, "rates_shock", 1.0), Weighed(spread.id, "funding_stress", 2.0))
    assert _judged(_scores(leads, own), items, None).support == (score.id,)


def test_a_cause_held_at_the_cap_says_so(make: Make) -> None:
    """A cascade without open interest or liquidations is told with what it lacks."""
    speed = make("btc.speed_share", 0.9, group="crypto_tape")
    weighed = (Weighed(speed.id, "liquidation_cascade", 1.5),)
    scores = _scores({"liquidation_cascade": 0.65}, weighed, capped=True)
    found = _judged(scores, by_key([speed]), None)
    assert found.reason.endswith("; held at the cap for want of open-interest and liquidation data")


@pytest.mark.parametrize(
    ("group", "value", "n", "named"),
    [("text", 0.9, 2, True), ("text", 0.9, 0, False), ("text", 0.0, 2, False), ("rates", 9, 2, 0)],
)
def test_where_no_event_was_dated_an_outlet_that_names_it_has_to_do(
    make: Make, group: Group, value: float, n: int, named: bool
) -> None:
    """A text that no outlet stands behind, that says nothing, or a price does not."""
    told = replace(
        make("news_equity.policy_geopolitics", value, group=group),
        n=n,
        expected=(("policy_geopolitics", 1),),
    )
    weighed = (Weighed(told.id, "policy_geopolitics", 1.0),)
    found = _judged(_scores({"policy_geopolitics": 0.8}, weighed), by_key([told]), None)
    assert found.abstained is not bool(named)


def test_agreement_is_with_the_sign_expected_of_that_cause(make: Make) -> None:
    """What another cause would show, or a move of nothing, is no agreement."""
    expected: tuple[tuple[Cause, int], ...] = (("rates_shock", +1), ("growth_scare", -1))
    item = replace(make("ust2y.change", 4.0, 0.4, group="rates"), expected=expected)
    assert agrees(item, "rates_shock")
    assert not agrees(item, "growth_scare")
    assert not agrees(item, "funding_stress")
    assert not agrees(replace(item, z=0.0), "rates_shock")
    assert not agrees(replace(item, z=None), "rates_shock")


def test_each_rejected_cause_is_answered_by_its_own_items(make: Make) -> None:
    """Its own veto first, then what spoke against it, the strongest first; never another's."""
    score = replace(make("rates.score", -1.0, -1.0, group="rates"), unit="z")
    cohort = make("worst_cohort.residual", 0.5, 0.5, group="leadership")
    spread = make("hy_oas.change", 5.0, 0.2, group="credit")
    banks = make("kre.residual", 1.0, 1.0, group="credit")
    weighed = (
        Weighed(spread.id, "growth_scare", 1.0),
        Weighed(cohort.id, "rates_shock", -0.3),
        Weighed(spread.id, "funding_stress", -0.4),
        Weighed(banks.id, "funding_stress", -0.9),
    )
    no_rates = Veto("rates_shock", "yields fell", (score.id,))
    no_tech = Veto("ai_rerating", "the cohort held", (cohort.id,))
    scores = _scores({"growth_scare": 0.8}, weighed, no_tech, no_rates)
    found = _judged(scores, by_key([score, cohort, spread, banks]), None)
    said = {one.cause: one for one in found.rejected}
    assert said["rates_shock"].evidence == (score.id, cohort.id)
    assert (
        said["rates_shock"].why
        == "yields fell: the rates z −1.0, the worst_cohort +0.5 bp (z +0.5)"
    )
    assert said["ai_rerating"].why.startswith("the cohort held: ")
    assert said["funding_stress"].evidence == (banks.id, spread.id)
    assert said["funding_stress"].why.startswith("against it: the kre ")


@pytest.mark.parametrize(("share", "stands"), [(0.16, True), (0.14, False)])
def test_a_part_of_the_fall_needs_a_cause_of_fifteen_percent(
    make: Make, share: float, stands: bool
) -> None:
    """A less probable cause has no part, and one that a rule forbids has none at any share."""
    parts = (PartShare("rates_shock", 0.7, 0.5, 0.8),)
    split = Decomposition("SPX", -5.0, parts, 0.3, 0.2, 0.5)
    score = make("rates.score", 3.5, 3.5, group="rates")
    weighed = (Weighed(score.id, "rates_shock", 1.0),)
    scores = _scores({"funding_stress": 0.5, "rates_shock": share}, weighed)
    found = _judged(scores, by_key([score]), split)
    assert bool(found.contributions) is stands
    forbidden = replace(scores, vetoes=(Veto("rates_shock", "yields fell", (score.id,)),))
    assert _judged(forbidden, by_key([score]), split).contributions == ()


def test_an_abstention_rests_on_nothing(make: Make) -> None:
    """Where no cause is named, none is said to rest on an asset that was not asked about."""
    items = [
        make("gld.change", -10.0, -12.0, desk="technicals", group="dollar_metals"),
        make("slv.residual", -16.0, -9.0, group="dollar_metals"),
    ]
    scope = replace(EQUITY, assets=("GLD",), groups=("metals",))
    rivals = Calibration({}, {"rates_shock": 2.0}, -9.0, 0.0, load_calibration().priors)
    found = group_verdict(scope, "metals", by_key(items), (), rivals)
    assert found.abstained
    assert found.support == ("macro.slv.residual",)
    assert "not asked about" not in found.reason
