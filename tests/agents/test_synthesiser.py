"""The narrative: fixed sections, only what is there, and nothing the gate would refuse."""

from __future__ import annotations

import dataclasses
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.facts import evidence_item

from causemap.agents.allowance import allow
from causemap.agents.clauses import clauses
from causemap.agents.synthesiser import write_narrative
from causemap.agents.verifier import verify
from causemap.causes import CAUSES, NAMED, mission_label
from causemap.closed_sets import AssetGroup, Cause, Family
from causemap.llm.slots import SLOT
from causemap.records import (
    Analogue,
    CauseMap,
    Contribution,
    Decomposition,
    Dossier,
    Edge,
    Evidence,
    Gap,
    Marker,
    Narrative,
    Node,
    OnsetInterval,
    Rejected,
    Residual,
    Scenario,
    Scope,
    Trigger,
    Verdict,
    Weighed,
    WouldChange,
)
from causemap.words import value_of

ORDER = (
    "verdict",
    "mechanism",
    "why_not",
    "counter",
    "unexplained",
    "timing",
    "gaps",
    "would_change",
    "watch",
    "analogues",
)
Verdicts = tuple[tuple[AssetGroup, Verdict], ...]


def item(key: str, value: float, unit: str, said: str = "", z: float | None = None) -> Evidence:
    """An item over the founding window; ``key`` is asset.metric."""
    asset, metric = key.split(".")
    return evidence_item(
        id=f"desk.{key.lower()}",
        metric=metric,
        asset=asset,
        value=value,
        unit=unit,
        said=said or f"{asset} measure",
        observed_at="2026-02-05T21:00Z",
        available_at="2026-02-06T00:00Z",
        z=z,
    )


EVIDENCE = (
    item("SPX.change", -2.4, "%", z=-1.9),
    item("BTC.change", -26.1, "%", z=-5.3),
    item("UST2Y.change", -6.0, "bp", z=-0.6),
    item("UST10Y.change", -3.0, "bp", z=-0.3),
    item("DXY.change", 1.6, "%", z=1.8),
    item("IGV.residual", -12.3, "%", z=-5.3),
    item("BTC.speed_share", 0.52, "ratio", "share of the fall in the deepest 4-hour bar"),
)
IDS = {e.id.removeprefix("desk."): e.id for e in EVIDENCE}


def shares(**given_shares: float) -> tuple[tuple[Cause, float], ...]:
    """Probabilities over the closed set; causes not named get zero."""
    return tuple((cause, given_shares.get(cause, 0.0)) for cause in CAUSES)


def judged(primary: Cause = "ai_rerating", share: float = 0.64) -> Verdict:
    """A verdict for one cause with every part filled."""
    second: Cause = "growth_scare" if primary != "growth_scare" else "ai_rerating"
    return Verdict(
        primary,
        mission_label(primary),
        shares(**{primary: share, second: 1 - share}),
        abstained=False,
        reason="the evidence fits it best",
        contributions=(Contribution(primary, 0.45, 0.3, 0.6),),
        residual=Residual(0.55, 0.4, 0.7),
        rejected=(
            Rejected(
                "liquidation_cascade", "half the fall was slow: 0.5", (IDS["btc.speed_share"],)
            ),
        ),
        counter_evidence=(IDS["dxy.change"],),
        support=(IDS["igv.residual"],),
        amplifiers=("margin_call",),
        would_change=(WouldChange("With the 10Y up 25 bp the verdict turns.", (), "rates_shock"),),
    )


ABSTAINED = Verdict(
    "mixed_unclear",
    "mixed",
    shares(liquidation_cascade=0.41, ai_rerating=0.33, mixed_unclear=0.26),
    abstained=True,
    reason="liquidation cascade leads, but below the 45% needed",
    support=(IDS["btc.speed_share"],),
)
CALM = Verdict(
    "no_drawdown", "none", shares(mixed_unclear=1.0), abstained=False, reason="nothing to explain"
)
MAP = CauseMap(
    (
        Node(
            "ai_rerating",
            "shock",
            "AI and tech re-rating",
            OnsetInterval("ai_rerating", "2026-01-29", "2026-01-29"),
            1,
            0.6,
            (IDS["igv.residual"],),
        ),
        Node("carry", "channel", "carry trades"),
        Node(
            "SPX",
            "move",
            "S&P 500",
            OnsetInterval("SPX", "2026-01-30", "2026-02-03"),
            2,
            None,
            (IDS["spx.change"],),
        ),
        Node(
            "BTC",
            "move",
            "Bitcoin",
            OnsetInterval("BTC", "2026-01-31", "2026-01-31"),
            2,
            None,
            (IDS["btc.change"],),
        ),
    ),
    (
        Edge("ai_rerating", "SPX", -1, None, None, 0.7, (IDS["igv.residual"],), (), "residual"),
        Edge("carry", "BTC", -1, None, None, 0.2, (), (), "none"),
    ),
    (("ai_rerating",), ("SPX", "BTC")),
)
DOSSIER = Dossier(
    Scope("2026-01-29", "2026-02-05", "2026-02-07", ("SPX", "BTC"), ("equity", "crypto")),
    EVIDENCE,
    (Gap("coin open interest", "not_covered", "no 4h history", "macro", ("funding_stress",)),),
    (Marker("2026-01-28T19:00Z", "FOMC", "fomc"),),
)
WATCH = (Scenario("A", "Normalisation", (Trigger("VIX below 20 and falling", None, ()),)),)
PAST = (
    Analogue("oct-2025", "2025-10-09", "2025-10-10", 1.2, "policy_geopolitics", "SPX fell less"),
)


def told(
    overall: Verdict, verdicts: Verdicts, dossier: Dossier = DOSSIER, cause_map: CauseMap = MAP
) -> Narrative:
    """The narrative after the gate."""
    draft = write_narrative(dossier, overall, verdicts, cause_map, WATCH, PAST)
    allowed = allow(dossier, overall, verdicts, cause_map, scenarios=WATCH, analogues=PAST)
    return verify(draft, dossier.evidence, dossier.scope.as_of, allowed)


def texts(narrative: Narrative, section: str) -> list[str]:
    """The sentences of one section."""
    return [s.text for s in narrative.sentences if s.section == section]


def test_sections_come_in_order_and_none_is_dropped() -> None:
    """A full run gives every section, in the fixed order, all past the gate."""
    found = told(judged(), (("equity", judged()), ("crypto", ABSTAINED)))
    assert found.dropped == ()
    assert tuple(dict.fromkeys(s.section for s in found.sentences)) == ORDER


def test_the_verdict_says_moves_cause_probability_and_runner_up() -> None:
    """The opening reads as written."""
    found = told(judged(), (("equity", judged()),))
    assert texts(found, "verdict") == [
        "From 29 January to 5 February 2026, the S&P 500 lost 2.4% (-1.9 standard deviations).",
        (
            "In equities, an AI and tech re-rating is a likely explanation at 64%, "
            "ahead of a growth scare at 36%."
        ),
    ]


def test_differing_groups_are_said_to_differ() -> None:
    """Where groups have different verdicts the split stands in words; where not, it does not."""
    split = told(ABSTAINED, (("equity", judged()), ("crypto", ABSTAINED)))
    assert any("part ways" in text for text in texts(split, "verdict"))
    agreed = told(judged(), (("equity", judged()), ("crypto", judged())))
    assert not any("part ways" in text for text in texts(agreed, "verdict"))


def test_a_group_without_a_price_does_not_part_ways() -> None:
    """Where no price covers the window there is no verdict that could differ from another's."""
    found = told(ABSTAINED, (("equity", judged()), ("metals", ABSTAINED)))
    assert not any("part ways" in text for text in texts(found, "verdict"))


def test_an_unexplained_share_at_its_floor_is_told_as_its_least() -> None:
    """What is kept back of every move is no measure: the share is that much at least."""
    floor = dataclasses.replace(judged(), residual=Residual(0.1, 0.1, 0.3))
    found = texts(told(floor, (("equity", floor),)), "unexplained")
    assert found[-1] == "The unexplained share in equities is at least 10%."
    above = texts(told(judged(), (("equity", judged()),)), "unexplained")
    assert above[-1] == "The unexplained share in equities is 55% (range 40% to 70%)."


def test_ties_are_said_as_ties() -> None:
    """Nodes of one step of the order are not put one before the other."""
    both: Verdicts = (("equity", judged()), ("crypto", judged()))
    steps = texts(told(judged(), both), "mechanism")
    assert steps[0].startswith("What weighed most: in equities ")
    assert steps[1].startswith("The chain starts with AI and tech re-rating:")
    assert "the S&P 500 and Bitcoin, too close together to say which led" in steps[2]


def test_the_chain_holds_no_rejected_cause_and_no_asset_beside_the_question() -> None:
    """A cause too improbable to stand starts no chain; an asset of another question is not told."""
    doubted = judged("growth_scare", 0.9)
    steps = texts(told(doubted, (("equity", doubted),)), "mechanism")
    assert steps[1] == "No order of transmission could be measured."
    assert not any("AI and tech" in step for step in steps)
    alone = texts(told(judged(), (("equity", judged()),)), "mechanism")
    assert not any("Bitcoin" in step for step in alone)


@pytest.mark.parametrize("family", ["text", "event_time"])
def test_what_weighed_most_is_said_of_the_heaviest_item_alone(family: Family) -> None:
    """A figure that stands in for heavier words of the news is one of what weighed."""
    share = item("NEWS.share", 0.4, "ratio", "the share of news")
    words = dataclasses.replace(share, family=family)
    dossier = dataclasses.replace(DOSSIER, evidence=(*EVIDENCE, words))
    led = dataclasses.replace(judged(), support=(words.id, IDS["igv.residual"]))
    steps = texts(told(led, (("equity", led),), dossier), "mechanism")
    assert steps[0].startswith("Among what weighed: in equities the software group fell short")


def test_a_step_comes_next_only_after_what_had_begun_before_it() -> None:
    """What overlaps the steps before it is told as after the rest of them."""
    wide = OnsetInterval("SPX", "2026-01-29", "2026-02-03")
    nodes = tuple(dataclasses.replace(n, onset=wide) if n.id == "SPX" else n for n in MAP.nodes)
    drawn = dataclasses.replace(MAP, nodes=nodes)
    both: Verdicts = (("equity", judged()), ("crypto", judged()))
    steps = texts(told(judged(), both, cause_map=drawn), "mechanism")
    assert steps[1].startswith("The chain starts with AI and tech re-rating and the S&P 500, too")
    assert steps[2].startswith("After AI and tech re-rating came Bitcoin, which lost ")


def test_what_weighed_in_several_groups_alike_is_said_once() -> None:
    """One figure that weighed most in two groups is told of both in one clause."""
    both: Verdicts = (("equity", judged()), ("crypto", judged()))
    first = texts(told(judged(), both), "mechanism")[0]
    assert first.startswith("What weighed most: in equities and crypto the software group fell")
    assert first.count("software") == 1


def test_a_pull_that_prints_as_nought_did_not_weigh() -> None:
    """A figure whose pull on the leading cause is next to nothing is not told as what weighed."""
    slight, heavy = IDS["igv.residual"], IDS["spx.change"]
    led = dataclasses.replace(
        judged(),
        support=(heavy, slight),
        weighed=(Weighed(heavy, "ai_rerating", 0.7), Weighed(slight, "ai_rerating", 0.04)),
    )
    assert texts(told(led, (("equity", led),)), "mechanism")[0].startswith(
        "What weighed most: in equities the S&P 500 lost 2.4%"
    )


def test_calm_stocks_are_not_told_as_what_made_coins_fall() -> None:
    """What speaks for a cause by an absence is neither what weighed nor how a shock began."""
    stocks, coin = IDS["spx.change"], IDS["btc.change"]
    led = dataclasses.replace(judged("crypto_idiosyncratic"), support=(stocks, coin))
    shock = dataclasses.replace(
        MAP.nodes[0],
        id="crypto_idiosyncratic",
        label="Crypto-specific event",
        evidence=(stocks, coin),
    )
    edge = dataclasses.replace(MAP.edges[0], source=shock.id, target="BTC")
    drawn = dataclasses.replace(
        MAP, nodes=(shock, *MAP.nodes[1:]), edges=(edge,), order=((shock.id,), ("BTC",))
    )
    steps = texts(told(led, (("crypto", led),), cause_map=drawn), "mechanism")
    assert steps[0].startswith("What weighed most: in crypto Bitcoin lost 26.1%")
    assert steps[1].startswith("The chain starts with crypto-specific event: Bitcoin lost 26.1%")


def test_moves_of_a_running_session_are_told_to_their_last_close() -> None:
    """Without a close of stocks on the last day their fall is told to the day before."""
    early = {"SPX": "2026-02-04", "BTC": "2026-02-05"}
    items = tuple(
        dataclasses.replace(one, observed_at=early[one.asset])
        if one.metric == "change" and one.asset in early
        else one
        for one in EVIDENCE
    )
    scope = dataclasses.replace(DOSSIER.scope, as_of="2026-02-06T00:00Z", partial=True)
    dossier = dataclasses.replace(DOSSIER, scope=scope, evidence=items)
    both: Verdicts = (("equity", judged()), ("crypto", judged()))
    first, second = texts(told(judged(), both, dossier), "verdict")[:2]
    assert first.startswith("From 29 January to 4 February 2026, the S&P 500 lost 2.4%")
    assert second.startswith("From 29 January to 5 February 2026, Bitcoin lost 26.1%")


def test_what_a_comma_opens_a_comma_closes() -> None:
    """Words with an afterthought are parted from their value; a name with brackets is not."""
    worst = item("BTC.worst_4h", -6.0, "%", "bitcoin's worst four hours, close to close")
    plain = item("VIX.level", 21.8, "index", "the last VIX close")
    assert clauses([worst], 1) == (f"{{{worst.id}|said|text}}, stood at {{{worst.id}|value|auto}}")
    assert "|text} stood at" in clauses([plain], 1)
    many = "the mean z of the 2-year, 10-year and real 10-year yields"
    listed = item("rates.score", 5.4, "z", many)
    assert "|text} stood at" in clauses([listed], 1)


def test_what_is_told_of_a_stretch_came_to_its_figure() -> None:
    """A move beyond beta, a part and a flow are no level at which anything stood."""
    for said in (
        "cyclicals against defensives beyond the pair's beta",
        "the part of Nvidia's move that its beta to the S&P 500 explains",
        "the modelled vol-target flow (estimate)",
    ):
        assert "|text} came to" in clauses([item("x.part", -5.6, "%", said)], 1)


def test_an_interval_that_prints_as_its_value_is_left_out() -> None:
    """'1.00 (range 1.00 to 1.00)' tells no more than 1.00, in a table or a sentence."""
    share = item("SLV.share", 1.0, "ratio", "the share")
    same = dataclasses.replace(share, low=0.999, high=1.0)
    wide = dataclasses.replace(share, value=0.9, low=0.8, high=1.0)
    assert "range" not in clauses([same], 1)
    assert value_of(same) == "1.00"
    assert "range" in clauses([wide], 1)
    assert value_of(wide) == "0.90 (0.80 to 1.00)"


def test_a_calendar_that_holds_more_says_so() -> None:
    """Six dates of seven are told as the first ones, six of six as the calendar."""
    days = tuple(Marker(f"2026-02-0{day}T13:30Z", "CPI", "cpi") for day in range(1, 8))
    for count, lead in ((6, "Dated event: "), (7, "Among the first dated events: ")):
        dossier = dataclasses.replace(DOSSIER, markers=days[:count])
        dates = texts(told(judged(), (("equity", judged()),), dossier), "timing")[-6:]
        assert all(text.startswith(lead) for text in dates)


def test_what_was_reported_stands_on_no_calendar() -> None:
    """A note's event is told as reported; a release beside it as on the calendar."""
    days = (
        Marker("2026-02-02", "reported: hawkish central bank", "note"),
        Marker("2026-02-03T13:30Z", "CPI release", "cpi"),
    )
    dossier = dataclasses.replace(DOSSIER, markers=days)
    dates = texts(told(judged(), (("equity", judged()),), dossier), "timing")[-2:]
    assert dates == [
        "Reported: hawkish central bank, 2 February 2026.",
        "Dated event: CPI release, 3 February 2026, 13:30 UTC.",
    ]


def test_why_not_a_rates_shock_is_always_answered() -> None:
    """The question stands even when the engine lists no rejection, and without any yield."""
    asked = texts(told(judged(), (("equity", judged()),)), "why_not")
    assert any(
        text.startswith("Why not a rates shock in equities? The 2-year Treasury yield fell 6 bp")
        for text in asked
    )
    bare = dataclasses.replace(
        DOSSIER, evidence=tuple(e for e in EVIDENCE if not e.asset.startswith("UST"))
    )
    asked = texts(told(judged(), (("equity", judged()),), bare), "why_not")
    assert any("No yield could be measured" in text for text in asked)


def test_a_rates_verdict_is_not_asked_why_not_rates() -> None:
    """The primary cause is never listed as turned down."""
    asked = texts(told(judged("rates_shock"), (("equity", judged("rates_shock")),)), "why_not")
    assert not any("Why not a rates shock" in text for text in asked)


def test_counter_evidence_is_given_or_said_to_be_absent() -> None:
    """The counter section is never silent."""
    found = told(judged(), (("equity", judged()),))
    assert texts(found, "counter") == [
        "Speaking against this reading: the dollar index gained 1.6% (1.8 standard deviations)."
    ]
    clean = dataclasses.replace(judged(), counter_evidence=())
    assert texts(told(clean, (("equity", clean),)), "counter") == ["Counter-evidence: none found."]


def test_no_drawdown_has_nothing_to_explain() -> None:
    """A calm window gets no mechanism, no alternatives and no residual."""
    found = told(CALM, (("equity", CALM),))
    assert "There is no drawdown to explain in equities." in texts(found, "verdict")
    assert not {"mechanism", "why_not", "counter", "unexplained", "timing"} & {
        s.section for s in found.sentences
    }


def test_an_onset_that_no_item_stands_behind_is_not_written_about() -> None:
    """A dated node without evidence would be a date that nobody can look up."""
    dated = OnsetInterval("carry", "2026-01-29", "2026-01-30")
    nodes = tuple(
        dataclasses.replace(node, onset=dated) if node.id == "carry" else node for node in MAP.nodes
    )
    drawn = dataclasses.replace(MAP, nodes=nodes)
    found = told(judged(), (("equity", judged()),), cause_map=drawn)
    timing = [s for s in found.sentences if s.section == "timing" and "First sign" in s.text]
    assert timing
    assert all(s.evidence and "carry" not in s.text for s in timing)


def test_missing_evidence_is_never_written_about() -> None:
    """With an empty ledger nothing is cited, nothing dropped, and the abstention is said."""
    empty = dataclasses.replace(DOSSIER, evidence=())
    verdict = dataclasses.replace(ABSTAINED, support=())
    found = told(verdict, (("equity", verdict),), empty, CauseMap((), ()))
    assert found.dropped == ()
    assert all(s.evidence == () for s in found.sentences)
    assert texts(found, "verdict")[0].startswith("In equities, no single cause can be named")


@pytest.mark.parametrize("cause", NAMED)
def test_every_cause_can_be_the_verdict(cause: Cause) -> None:
    """No cause's sentences are refused by the gate, at any band."""
    for share in (0.95, 0.7, 0.5):
        verdict = judged(cause, share)
        found = told(verdict, (("equity", verdict), ("crypto", verdict)))
        assert found.dropped == ()


@settings(max_examples=60, deadline=None)
@given(
    values=st.lists(st.floats(-60, 60).map(lambda x: round(x, 3)), min_size=6, max_size=6),
    share=st.floats(0.45, 0.99),
    bounds=st.tuples(st.floats(-0.5, 0.4), st.floats(0.4, 1.2)),
)
def test_no_numeral_is_typed_and_none_is_refused(
    values: list[float], share: float, bounds: tuple[float, float]
) -> None:
    """Templates hold no digit outside slots, and all that is printed passes the gate (E1)."""
    changed = tuple(
        dataclasses.replace(e, value=value, z=value / 7)
        for e, value in zip(EVIDENCE, values, strict=False)
    )
    dossier = dataclasses.replace(DOSSIER, evidence=(*changed, EVIDENCE[-1]))
    verdict = dataclasses.replace(
        judged(share=round(share, 4)), residual=Residual(0.4, bounds[0], bounds[1])
    )
    found = told(verdict, (("equity", verdict), ("crypto", ABSTAINED)), dossier)
    assert found.dropped == ()
    for sentence in found.sentences:
        assert not re.search(r"\d", SLOT.sub("", sentence.template))


def test_the_same_run_gives_the_same_words() -> None:
    """Nothing depends on order of hashing or on time."""
    verdicts: Verdicts = (("equity", judged()), ("crypto", ABSTAINED))
    assert told(judged(), verdicts) == told(judged(), verdicts)


def with_dollar(*, measured: bool) -> tuple[CauseMap, Dossier]:
    """The founding map with the dollar as a channel to the S&P 500, measured or guessed."""
    own = dataclasses.replace(EVIDENCE[4], id="macro.dxy.change")
    ids = (own.id,) if measured else ()
    link = Edge("dollar", "SPX", -1, None, None, 0.6, ids, (), "sign" if measured else "none")
    channel = Node("dollar", "channel", "Dollar strength", None, None, None, (own.id,))
    drawn = dataclasses.replace(MAP, nodes=(*MAP.nodes, channel), edges=(*MAP.edges, link))
    return drawn, dataclasses.replace(DOSSIER, evidence=(*EVIDENCE, own))


def test_an_amplifier_is_a_fact_only_where_a_measured_link_leads_on() -> None:
    """Measured or not, the sentence cites the channel's own item and nothing else."""
    strong = dataclasses.replace(judged(), amplifiers=("dollar",))
    said = {True: "What passed it on and made it larger", False: "What may have made it larger"}
    for measured, lead in said.items():
        drawn, dossier = with_dollar(measured=measured)
        found = told(strong, (("equity", strong),), dossier, drawn).sentences
        (one,) = [s for s in found if "made it larger" in s.text]
        assert one.text.startswith(lead)
        assert one.evidence == ("macro.dxy.change",)


def test_a_named_cause_that_reaches_no_asset_speaks_against_itself() -> None:
    """Without a measured way to an asset asked about, counter-evidence is never 'none found'."""
    cut = dataclasses.replace(MAP, edges=MAP.edges[1:])
    clean = dataclasses.replace(judged(), counter_evidence=())
    found = told(clean, (("equity", clean),), cause_map=cut)
    assert texts(found, "counter") == [
        "No measured link leads from an AI and tech re-rating to any asset asked about in equities."
    ]


def test_a_named_cause_without_a_measured_part_speaks_against_itself() -> None:
    """Where the fall was split up and nothing went with the cause, 'none found' is not said."""
    split = dataclasses.replace(
        DOSSIER, decompositions=(Decomposition("SPX", -2.4, (), 1.0, 0.9, 1.0),)
    )
    clean = dataclasses.replace(judged(), counter_evidence=(), contributions=())
    assert texts(told(clean, (("equity", clean),), dossier=split), "counter") == [
        "No measured part of the fall in equities goes with an AI and tech re-rating."
    ]


def test_what_has_no_link_stays_out_of_the_chain() -> None:
    """A node that no link joins to another is no part of how the fall came about."""
    fell = item("GDX.change", -14.4, "%", z=-3.1)
    miners = Node("GDX", "move", "Gold miners", None, None, None, (fell.id,))
    dossier = dataclasses.replace(DOSSIER, evidence=(*EVIDENCE, fell))
    drawn = dataclasses.replace(
        MAP, nodes=(*MAP.nodes, miners), order=(("GDX",), *MAP.order), unlinked=("GDX",)
    )
    steps = texts(told(judged(), (("equity", judged()),), dossier, drawn), "mechanism")
    assert steps[1].startswith("The chain starts with AI and tech re-rating:")
    assert not any("Gold miners" in step for step in steps)
    bare = dataclasses.replace(MAP, edges=MAP.edges[:1], unlinked=("BTC",))
    both: Verdicts = (("equity", judged()), ("crypto", judged()))
    steps = texts(told(judged(), both, DOSSIER, bare), "mechanism")
    assert [step for step in steps if "Bitcoin" in step] == ["No link was found to Bitcoin."]


def test_shares_cite_the_move_that_was_split_up() -> None:
    """What a group's shares rest on is the split of its own move, not what named the cause."""
    split = Decomposition("SPX", -2.4, (), 0.55, 0.4, 0.7)
    dossier = dataclasses.replace(DOSSIER, decompositions=(split,))
    found = told(judged(), (("equity", judged()),), dossier).sentences
    shares_told = [s for s in found if s.section == "unexplained"]
    assert len(shares_told) == 2
    assert {s.evidence for s in shares_told} == {(IDS["spx.change"],)}


def test_the_same_words_of_two_groups_say_which_group_they_are_of() -> None:
    """Two figures of one name are told apart; one alone needs no place in a single-group run."""
    words = "the weight of the independent news that falls on policy or geopolitics"
    news = [
        dataclasses.replace(
            item("X.policy", value, "ratio", words), id=f"desk.{g}", asset=f"{g} news"
        )
        for g, value in (("equity", 0.32), ("crypto", 0.21))
    ]
    both = clauses(news, 2)
    first, second = (f" in {group} stood at " for group in ("equities", "crypto"))
    assert both.index("{desk.equity|said|text}" + first) < both.index(second)
    assert " in " not in clauses(news[:1], 1).replace(words, "")
    assert " in equities stood at " in clauses(news[:1], 1, apart=True)
