"""The cause map: a scored template, acyclic, in time order, every claim with its evidence."""

from __future__ import annotations

from dataclasses import replace
from graphlib import TopologicalSorter
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from causemap.attribution.cause_map import _shocks, build_map
from causemap.attribution.order import Span, precedes, span_of
from causemap.attribution.template import (
    CHANNEL_TO_MOVE,
    LEADS,
    MARKERS,
    MOVES,
    SHARED,
    SHOCK_TO_CHANNEL,
    SHOCK_TO_MOVE,
    EdgeTest,
)
from causemap.causes import CAUSES, CHANNELS, GROUPS, NAMED
from causemap.closed_sets import AssetGroup, Cause, Identification, Primary
from causemap.records import (
    CauseMap,
    Contribution,
    Decomposition,
    Dossier,
    Edge,
    Evidence,
    Marker,
    Node,
    OnsetInterval,
    PartShare,
    Path,
    Scope,
    Verdict,
)

SCOPE = Scope(
    "2026-01-29",
    "2026-02-05",
    "2026-02-07T21:00Z",
    ("SPX", "NDX", "BTC", "ETH", "GLD", "SLV"),
    GROUPS,
)
Pairs = tuple[tuple[AssetGroup, Verdict], ...]


def item(name: str, value: float = 0.0, z: float | None = None, asset: str = "") -> Evidence:
    """An item of the window; its asset is the middle part of its id."""
    desk, _, rest = name.partition(".")
    return Evidence(
        id=name,
        desk="macro",
        family="prices",
        group="context",
        metric=rest.rpartition(".")[2],
        asset=asset or rest.partition(".")[0].upper(),
        start=SCOPE.start,
        end=SCOPE.end,
        value=value,
        unit="%" if name.endswith("change") else "ratio",
        said=f"a measure of the {desk} desk",
        observed_at=SCOPE.end,
        available_at=SCOPE.end,
        source="test",
        z=z,
    )


def verdict(primary: Primary, *amplifiers: str, **probabilities: float) -> Verdict:
    """A verdict with these probabilities and nothing on the rest."""
    pairs = tuple((cause, probabilities.get(cause, 0.0)) for cause in CAUSES)
    return Verdict(primary, "other", pairs, abstained=False, reason="", amplifiers=amplifiers)


def onset(name: str, low: str, high: str) -> OnsetInterval:
    """An onset in the days of the window."""
    return OnsetInterval(name, f"2026-{low}", f"2026-{high}")


def edge(cause_map: CauseMap, source: str, target: str) -> Edge | None:
    """The edge between two nodes, if it is there."""
    return next((e for e in cause_map.edges if (e.source, e.target) == (source, target)), None)


def node(cause_map: CauseMap, name: str) -> Node:
    """The node with this id."""
    return next(n for n in cause_map.nodes if n.id == name)


FELL = (
    item("technicals.spx.change", -2.4, -1.9),
    item("technicals.ndx.change", -5.2, -2.6),
)
COHORT = item("earnings_news.worst_cohort.residual", -10.9, -5.3, "IGV")
BREADTH = item("earnings_news.rsp.residual", 1.9, 1.8)
NDX = item("earnings_news.ndx.residual", -2.0, -3.0)
AI: Pairs = (("equity", verdict("ai_rerating", ai_rerating=0.57, growth_scare=0.11)),)


def test_template_is_made_of_known_parts() -> None:
    """Every link of the template joins a cause, a channel and an asset group of the taxonomy."""
    assert {k.source for k in (*SHOCK_TO_CHANNEL, *SHOCK_TO_MOVE)} <= set(NAMED)
    assert {k.target for k in SHOCK_TO_CHANNEL} | {k.source for k in CHANNEL_TO_MOVE} == set(
        CHANNELS
    ) - {"dealer_gamma", "correlation_one_book"} | set(SHARED)
    assert {k.target for k in (*CHANNEL_TO_MOVE, *SHOCK_TO_MOVE)} <= set(GROUPS)
    assert set(MARKERS) == set(NAMED) <= set(LEADS)
    assert {m.group for m in MOVES.values()} == set(GROUPS)
    assert all(k.sign in (-1, 1) and k.lag[0] <= k.lag[1] for k in CHANNEL_TO_MOVE)


def test_every_way_to_an_asset_is_a_fall_of_it() -> None:
    """A pressure grows and lowers the asset; a quantity shrinks and lowers it with itself."""
    shrinks = {"earnings_multiple", "carry", "etf_flow"}
    into = (*SHOCK_TO_CHANNEL, *SHARED.values())
    assert all(link.sign == (-1 if link.target in shrinks else +1) for link in into)
    assert all(link.sign == (+1 if link.source in shrinks else -1) for link in CHANNEL_TO_MOVE)
    assert all(link.sign == -1 for link in SHOCK_TO_MOVE)
    links = (*into, *CHANNEL_TO_MOVE, *SHOCK_TO_MOVE)
    assert {test.sign for link in links for test in link.tests} == {-1, +1}


@pytest.mark.parametrize(
    ("test", "value", "z", "odds"),
    [
        (EdgeTest("*", +1, "sign"), 0.0, 3.0, 1.0),  # 0.5 * (3 - 1)
        (EdgeTest("*", -1, "sign"), 0.0, -9.0, 1.5),  # clipped at 3
        (EdgeTest("*", +1, "sign"), 0.0, -9.0, -1.5),
        (EdgeTest("*", +1, "sign"), 7.0, None, None),
        (EdgeTest("*", +1, "timing", 0.45, 0.1, on="value"), 0.65, None, 1.0),
        (EdgeTest("*", +1, "event", on="presence"), 0.0, None, 0.5),
    ],
)
def test_log_odds_by_hand(
    test: EdgeTest, value: float, z: float | None, odds: float | None
) -> None:
    """A test's pull is the clipped, weighted distance from its threshold."""
    found = test.log_odds(item("macro.x.change", value, z))
    assert found == (None if odds is None else pytest.approx(odds))


def test_named_items_speak_only_for_the_cause_they_name() -> None:
    """A dated text item supports the cause it expects, is against it by sign, else silent."""
    test = EdgeTest("*", +1, "text", on="named")
    note = replace(
        item("earnings_news.note.one", 1.0), family="text", expected=(("growth_scare", 1),)
    )
    assert test.log_odds(note, "growth_scare") == pytest.approx(0.5)
    assert test.log_odds(replace(note, value=-1.0), "growth_scare") == pytest.approx(-0.5)
    assert test.log_odds(note, "rates_shock") is None
    assert test.log_odds(replace(note, family="prices"), "growth_scare") is None


def test_confidence_by_hand() -> None:
    """Cohort z -5.3 gives 1.5, equal weight z 1.8 gives 0.9: sigmoid(2.4) times quality 0.8."""
    cause_map = build_map(Dossier(SCOPE, (*FELL, COHORT, replace(BREADTH, quality=0.8)), ()), AI)
    found = edge(cause_map, "ai_rerating", "earnings_multiple")
    assert found is not None
    assert found.confidence == pytest.approx(0.8 * 0.9168, abs=1e-3)
    assert found.evidence == (COHORT.id, BREADTH.id)
    assert found.identification == "residual"
    assert found.lag is None


def test_contradicting_items_are_counter_evidence() -> None:
    """An equal-weight index that fell too speaks against the re-rating's channel."""
    against = replace(BREADTH, z=-1.0)
    found = edge(
        build_map(Dossier(SCOPE, (*FELL, COHORT, against), ()), AI),
        "ai_rerating",
        "earnings_multiple",
    )
    assert found is not None
    assert found.evidence == (COHORT.id,)
    assert found.counter_evidence == (against.id,)


def test_the_right_sign_but_too_small_is_not_against_a_link() -> None:
    """A cohort that lagged by one deviation weakens its link and is no evidence against it."""
    small = replace(COHORT, z=-1.0)
    whole, found = (
        edge(
            build_map(Dossier(SCOPE, (*FELL, cohort, BREADTH), ()), AI),
            "ai_rerating",
            "earnings_multiple",
        )
        for cohort in (COHORT, small)
    )
    assert whole is not None
    assert found is not None
    assert found.counter_evidence == ()
    assert found.confidence < whole.confidence


def test_a_shock_whose_channel_is_contradicted_is_shown_as_doubtful() -> None:
    """With all tests against it the defining channel stays, unsupported and at 0.3 at most."""
    rates = item("macro.rates.score", -1.2, -1.2)
    pairs: Pairs = (("equity", verdict("mixed_unclear", rates_shock=0.3)),)
    cause_map = build_map(Dossier(SCOPE, (*FELL, rates), ()), pairs)
    found = edge(cause_map, "rates_shock", "discount_rate")
    assert found is not None
    assert found.confidence <= 0.3
    assert (found.supported, found.identification) == (False, "none")
    assert found.counter_evidence == (rates.id,)
    onward = edge(cause_map, "discount_rate", "SPX")
    assert onward is not None
    assert not onward.supported


def test_small_causes_are_left_out_but_the_likeliest_never() -> None:
    """The floor of 0.10 and the cap of five apply; the first stays even below the floor."""
    some = verdict("mixed_unclear", **dict.fromkeys(NAMED, 0.12))
    shocks = [n.id for n in build_map(Dossier(SCOPE, FELL, ()), (("equity", some),)).nodes][:6]
    assert len([s for s in shocks if s in NAMED]) == 5
    low = verdict("mixed_unclear", rates_shock=0.09, ai_rerating=0.08)
    kept = build_map(Dossier(SCOPE, FELL, ()), (("equity", low),)).nodes
    assert [n.id for n in kept if n.kind == "shock"] == ["rates_shock"]
    assert kept[0].rank == 1
    at = verdict("rates_shock", rates_shock=0.6, funding_stress=0.10, growth_scare=0.09)
    held = build_map(Dossier(SCOPE, FELL, ()), (("equity", at),)).nodes
    assert [n.id for n in held if n.kind == "shock"] == ["rates_shock", "funding_stress"]


def test_the_group_that_holds_a_cause_most_tells_its_share() -> None:
    """Crypto holds it at 0.7 and has a quarter of its own fall from it; equities' half is not told.

    The subtype is that of the first group that names the cause and knows its kind.
    """
    parts = (
        Contribution("rates_shock", 0.9, 0.8, 1.0),
        Contribution("growth_scare", 0.5, 0.4, 0.6),
    )
    equity = replace(verdict("growth_scare", growth_scare=0.4), contributions=parts, subtype="x_y")
    crypto = replace(
        verdict("growth_scare", growth_scare=0.7),
        contributions=(
            Contribution("rates_shock", 0.1, 0.0, 0.2),
            Contribution("growth_scare", 0.25, 0.2, 0.3),
        ),
    )
    (shock,) = _shocks((("equity", equity), ("crypto", crypto)))
    assert shock.groups == ("crypto", "equity")
    assert (shock.share, shock.probability) == (0.25, 0.7)
    assert shock.label == "Growth scare (x y)"


def test_nothing_fell_gives_an_empty_map() -> None:
    """No drawdown, no cause: the map is empty."""
    pairs: Pairs = (("equity", verdict("no_drawdown", mixed_unclear=1.0)),)
    assert build_map(Dossier(SCOPE, FELL, ()), pairs) == CauseMap((), ())


def test_a_group_that_did_not_fall_gets_no_arrow() -> None:
    """The calm group's assets stand in the map without a cause."""
    evidence = (*FELL, COHORT, BREADTH, item("technicals.gld.change", -0.2, -0.1))
    pairs: Pairs = (*AI, ("metals", verdict("no_drawdown", mixed_unclear=1.0)))
    cause_map = build_map(Dossier(SCOPE, evidence, ()), pairs)
    assert "GLD" in {n.id for n in cause_map.nodes}
    assert "GLD" not in {e.target for e in cause_map.edges}


def test_an_arrow_against_time_is_not_drawn() -> None:
    """A channel seen only after the move was over cannot have caused it; the reverse is drawn."""
    late = (
        onset("IGV", "02-04T21:00Z", "02-05T21:00Z"),
        onset("NDX", "01-29T21:00Z", "01-30T21:00Z"),
    )
    evidence = (*FELL, COHORT, BREADTH, NDX)
    cause_map = build_map(Dossier(SCOPE, evidence, (), onsets=late), AI)
    assert edge(cause_map, "earnings_multiple", "NDX") is None
    early = (replace(late[0], name="NDX"), replace(late[1], name="IGV"))
    found = edge(
        build_map(Dossier(SCOPE, evidence, (), onsets=early), AI), "earnings_multiple", "NDX"
    )
    assert found is not None
    assert found.lag == (5.0, 7.0)
    assert found.evidence[0] == NDX.id


def test_a_fall_supports_a_link_only_with_dates() -> None:
    """That an asset fell proves nothing of a channel unless both are known to be in order."""
    undated = edge(
        build_map(Dossier(SCOPE, (*FELL, COHORT, BREADTH), ()), AI), "earnings_multiple", "SPX"
    )
    assert undated is not None
    assert not undated.supported
    onsets = (
        onset("IGV", "01-29T21:00Z", "01-30T21:00Z"),
        onset("SPX", "02-02T21:00Z", "02-03T21:00Z"),
    )
    dossier = Dossier(SCOPE, (*FELL, COHORT, BREADTH), (), onsets=onsets)
    dated = edge(build_map(dossier, AI), "earnings_multiple", "SPX")
    assert dated is not None
    assert (dated.identification, dated.evidence) == ("timing", (FELL[0].id,))


def test_response_is_not_a_cause() -> None:
    """A margin rise after a third of the fall counts against margin calls as the cause's way."""
    days = ("2026-01-29", "2026-01-30", "2026-02-05")
    silver = item("technicals.slv.change", -36.8, -11.9)
    notice = replace(item("crypto_structure.slv.margin_rise", 1.0), observed_at="2026-01-29T15:00Z")
    pairs: Pairs = (("metals", verdict("liquidation_cascade", liquidation_cascade=0.6)),)

    def link(at: str) -> Edge:
        evidence = (silver, replace(notice, observed_at=at))
        paths = (Path("SLV", days, (100.0, 71.5, 63.2)),)
        cause_map = build_map(Dossier(SCOPE, evidence, (), paths=paths), pairs)
        found = edge(cause_map, "liquidation_cascade", "margin_call")
        assert found is not None
        return found

    before, after = link("2026-01-30T15:00Z"), link("2026-01-30T22:00Z")
    assert (before.evidence, before.identification) == ((notice.id,), "event")
    assert (after.evidence, after.counter_evidence) == ((), (notice.id,))
    assert after.confidence <= 0.3 < before.confidence


def test_an_amplifier_is_a_channel_without_evidence_too() -> None:
    """A channel named by the verdict stands in the map, dashed from the likeliest shock."""
    pairs: Pairs = (("equity", verdict("ai_rerating", "dealer_gamma", ai_rerating=0.6)),)
    cause_map = build_map(Dossier(SCOPE, (*FELL, COHORT), ()), pairs)
    found = edge(cause_map, "ai_rerating", "dealer_gamma")
    assert found is not None
    assert (found.supported, found.identification) == (False, "none")


def test_an_amplifier_that_no_shock_leads_to_in_the_template_is_not_drawn() -> None:
    """A re-rating does not move the dollar, so no link is guessed; with a rates shock one is."""
    amplified = verdict("ai_rerating", "dollar", ai_rerating=0.6)
    dossier = Dossier(SCOPE, (*FELL, COHORT), ())
    drawn = build_map(dossier, (("equity", amplified),))
    assert "dollar" not in {n.id for n in drawn.nodes}
    both = verdict("ai_rerating", "dollar", ai_rerating=0.6, rates_shock=0.2)
    found = edge(build_map(dossier, (("equity", both),)), "rates_shock", "dollar")
    assert found is not None
    assert not found.supported


def test_shares_stand_on_edges_where_the_way_is_single() -> None:
    """The share that the verdict leaves a cause is the strength of its only way, both links."""
    share = Contribution("ai_rerating", 0.46, 0.38, 0.54)
    pairs: Pairs = (
        ("equity", replace(verdict("ai_rerating", ai_rerating=0.57), contributions=(share,))),
    )
    part = Decomposition("NDX", -5.2, (PartShare("ai_rerating", 0.5, 0.4, 0.6),), 0.5, 0.4, 0.6)
    dossier = Dossier(SCOPE, (*FELL, COHORT, BREADTH, NDX), (), decompositions=(part,))
    cause_map = build_map(dossier, pairs)
    first, second = (
        edge(cause_map, "ai_rerating", "earnings_multiple"),
        edge(cause_map, "earnings_multiple", "NDX"),
    )
    assert first is not None
    assert second is not None
    assert (first.strength, second.strength) == (0.46, 0.46)


def shock_dossier(*markers: Marker, evidence: tuple[Evidence, ...] = ()) -> Dossier:
    """A rates window whose leading series moved on 30 January."""
    onsets = (onset("UST10Y", "01-29T21:00Z", "01-30T21:00Z"),)
    return Dossier(SCOPE, (*FELL, *evidence), (), markers=markers, onsets=onsets)


RATES: Pairs = (("equity", verdict("rates_shock", rates_shock=0.7)),)
REACTED = replace(item("macro.spx.cpi_20260130", -1.5, -2.5), family="event_time")


@pytest.mark.parametrize(
    ("marker", "low"),
    [
        (Marker("2026-01-28T19:00Z", "FOMC", "fomc"), "2026-01-28T19:00Z"),
        (Marker("2026-01-30T13:30Z", "CPI", "cpi", (REACTED.id,)), "2026-01-30T13:30Z"),
        (Marker("2026-01-20T13:30Z", "CPI", "cpi"), "2026-01-29T21:00Z"),  # long before
        (Marker("2026-02-04T13:30Z", "CPI", "cpi"), "2026-01-29T21:00Z"),  # after the series
        (Marker("2026-01-30T13:30Z", "results", "earnings"), "2026-01-29T21:00Z"),
        (Marker("2026-01-30T13:30Z", "a note", "note"), "2026-01-29T21:00Z"),
    ],
)
def test_onset_of_a_shock(marker: Marker, low: str) -> None:
    """A release of the shock's kind near its leading series dates it, anything else does not."""
    dossier = shock_dossier(marker, evidence=(REACTED,))
    found = node(build_map(dossier, RATES), "rates_shock").onset
    assert found is not None
    assert found.low == low


def test_a_release_that_markets_liked_does_not_date_the_shock() -> None:
    """Attached evidence that speaks against a fall disqualifies the marker."""
    rose = replace(REACTED, value=1.5, z=2.5)
    marker = Marker("2026-01-30T13:30Z", "CPI", "cpi", (rose.id,))
    found = node(build_map(shock_dossier(marker, evidence=(rose,)), RATES), "rates_shock").onset
    assert found is not None
    assert found.low == "2026-01-29T21:00Z"


def test_a_note_dates_the_cause_its_evidence_names() -> None:
    """A note with text evidence for a cause gives that cause its time."""
    note = replace(
        item("earnings_news.note.one", 1.0), family="text", expected=(("policy_geopolitics", 1),)
    )
    marker = Marker("2026-01-30T15:00Z", "a note", "note", (note.id,))
    pairs: Pairs = (("equity", verdict("policy_geopolitics", policy_geopolitics=0.6)),)
    cause_map = build_map(Dossier(SCOPE, (*FELL, note), (), markers=(marker,)), pairs)
    assert node(cause_map, "policy_geopolitics").onset == OnsetInterval(
        "policy_geopolitics", marker.at, marker.at
    )


# Random dossiers: ids that the template tests, moves, onsets of series and of shocks.
TESTED = (
    "macro.rates.score",
    "macro.dxy.change",
    "macro.hy_oas.change",
    "macro.usdjpy.change",
    "macro.uso.change",
    "macro.dollar.funding_signature",
    "macro.real10y.change",
    "macro.spx.fomc_20260130",
    "earnings_news.worst_cohort.residual",
    "earnings_news.rsp.residual",
    "earnings_news.ndx.residual",
    "earnings_news.kre.residual",
    "earnings_news.msft.reaction_20260129",
    "technicals.vix.change",
    "technicals.spx.vol_target_flow",
    "technicals.btc.residual",
    "technicals.spx_btc.corr_20d",
    "technicals.spx_btc.corr_change",
    "crypto_structure.btc.speed_share",
    "crypto_structure.btc.weekend_share",
    "crypto_structure.slv.residual",
    "crypto_structure.metals.mechanical_share",
    "crypto_structure.slv.margin_rise",
)
CHANGES = [f"technicals.{asset.lower()}.change" for asset in MOVES]
DATED = [*MOVES, "VIX", "DXY", "UST2Y", "HY_OAS", "USDJPY", *NAMED, "margin_call"]
numbers = st.floats(-12, 12)
quarters = st.integers(0, 27)


def clock(quarter: int) -> str:
    """A time in the window, by quarters of days."""
    return f"2026-02-{1 + quarter // 4:02d}T{6 * (quarter % 4):02d}:00Z"


@st.composite
def items(draw: st.DrawFn) -> tuple[Evidence, ...]:
    """Some tested measures and some moves, with any sign, size, quality and time."""
    found = []
    for name in draw(st.lists(st.sampled_from([*TESTED, *CHANGES]), unique=True, max_size=30)):
        base = item(name, draw(numbers), draw(st.none() | numbers))
        cause = draw(st.none() | st.sampled_from(NAMED))
        found.append(
            replace(
                base,
                quality=draw(st.floats(0, 1)),
                observed_at=clock(draw(quarters)),
                family=draw(st.sampled_from(("prices", "event_time", "text"))),
                expected=() if cause is None else ((cause, draw(st.sampled_from((-1, 1)))),),
            )
        )
    return tuple(found)


@st.composite
def dossiers(draw: st.DrawFn) -> Dossier:
    """A dossier with random evidence, onsets, markers and paths."""
    evidence = draw(items())
    names = draw(st.lists(st.sampled_from(DATED), unique=True, max_size=14))
    starts = [draw(quarters) for _ in names]
    onsets = tuple(
        OnsetInterval(name, clock(start), clock(min(27, start + draw(st.integers(0, 9)))))
        for name, start in zip(names, starts, strict=True)
    )
    kinds = st.sampled_from(("fomc", "CPI", "nfp", "earnings", "note"))
    ids = tuple(e.id for e in evidence)
    markers = tuple(
        Marker(clock(draw(quarters)), "m", draw(kinds), ids[:1] if draw(st.booleans()) else ())
        for _ in range(draw(st.integers(0, 3)))
    )
    days = ("2026-02-01", "2026-02-03", "2026-02-05")
    paths = (Path("SLV", days, (100.0, draw(st.floats(50, 110)), draw(st.floats(50, 110)))),)
    return Dossier(SCOPE, evidence, (), markers=markers, onsets=onsets, paths=paths)


@st.composite
def verdicts(draw: st.DrawFn) -> Pairs:
    """Verdicts of one to three groups, some with amplifiers, some with nothing to explain."""
    found: list[tuple[AssetGroup, Verdict]] = []
    for group in draw(st.lists(st.sampled_from(GROUPS), unique=True, min_size=1)):
        weights = {cause: draw(st.floats(0, 1)) for cause in CAUSES}
        total = sum(weights.values()) or 1.0
        named: dict[Cause, float] = {cause: w / total for cause, w in weights.items()}
        top = max(named, key=lambda cause: named[cause])
        primary: Primary = "no_drawdown" if draw(st.booleans()) else top
        amplifiers = draw(st.lists(st.sampled_from(tuple(CHANNELS)), unique=True, max_size=3))
        found.append((group, verdict(primary, *amplifiers, **named)))
    return tuple(found)


def spans_of(cause_map: CauseMap) -> dict[str, Span]:
    """The dated nodes."""
    return {n.id: span for n in cause_map.nodes if (span := span_of(n.onset)) is not None}


def after(cause_map: CauseMap, start: str) -> set[str]:
    """Every node downstream of ``start``."""
    found: set[str] = set()
    ahead = [start]
    while ahead:
        here = ahead.pop()
        new = {e.target for e in cause_map.edges if e.source == here} - found
        found |= new
        ahead += new
    return found


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(dossiers(), verdicts())
def test_map_is_acyclic_and_well_formed(dossier: Dossier, pairs: Pairs) -> None:
    """Unique nodes, edges between them once each, layers forward only, no cycle."""
    cause_map = build_map(dossier, pairs)
    kinds = {n.id: n.kind for n in cause_map.nodes}
    layer = ("shock", "channel", "move")
    assert len(kinds) == len(cause_map.nodes)
    ends = [(e.source, e.target) for e in cause_map.edges]
    assert len(set(ends)) == len(ends)
    assert all(layer.index(kinds[a]) < layer.index(kinds[b]) for a, b in ends)
    graph: dict[str, set[str]] = {}
    for a, b in ends:
        graph.setdefault(b, set()).add(a)
    tuple(TopologicalSorter(graph).static_order())


@settings(max_examples=150, deadline=None)
@given(dossiers(), verdicts())
def test_time_order_is_never_violated(dossier: Dossier, pairs: Pairs) -> None:
    """No node was seen before any node upstream of it, however far, could begin."""
    cause_map = build_map(dossier, pairs)
    dated = spans_of(cause_map)
    place = {name: k for k, group in enumerate(cause_map.order) for name in group}
    assert sorted(place) == sorted(dated)
    assert sum(map(len, cause_map.order)) == len(dated)
    for name, span in dated.items():
        for later in after(cause_map, name) & set(dated):
            assert span.lo <= dated[later].hi
            assert not precedes(dated[later], span)
            assert place[name] <= place[later]


@settings(max_examples=150, deadline=None)
@given(dossiers(), verdicts())
def test_edges_stand_on_evidence_of_the_dossier(dossier: Dossier, pairs: Pairs) -> None:
    """Cited ids exist, none is for and against at once, and what lacks support is marked so."""
    cause_map = build_map(dossier, pairs)
    known = {e.id for e in dossier.evidence}
    assert all(set(n.evidence) <= known for n in cause_map.nodes)
    for found in cause_map.edges:
        assert set(found.evidence) | set(found.counter_evidence) <= known
        assert not set(found.evidence) & set(found.counter_evidence)
        assert 0 <= found.confidence <= 1
        assert found.identification in get_args(Identification)
        assert found.supported == (found.identification != "none")
        assert found.supported or found.confidence <= 0.3
        assert found.lag is None or 0 <= found.lag[0] <= found.lag[1]


@settings(max_examples=50, deadline=None)
@given(dossiers(), verdicts(), st.randoms(use_true_random=False))
def test_map_does_not_depend_on_the_order_of_evidence(
    dossier: Dossier, pairs: Pairs, random: st.DataObject
) -> None:
    """The same facts in another order give the same map."""
    mixed = list(dossier.evidence)
    random.shuffle(mixed)  # type: ignore[attr-defined]  # hypothesis gives a random.Random
    assert build_map(replace(dossier, evidence=tuple(mixed)), pairs) == build_map(dossier, pairs)


def test_a_fall_without_a_link_is_named_as_such() -> None:
    """Gold miners fell with nothing linked to them; a rise needs no explanation."""
    miners = item("technicals.gdx.change", -14.4, -3.1)
    banks = item("technicals.kre.change", 0.7, 1.2)
    still = item("technicals.iwm.change", 0.0, 0.0)
    evidence = (*FELL, COHORT, BREADTH, NDX, miners, banks, still)
    asked = replace(SCOPE, assets=(*SCOPE.assets, "GDX", "KRE", "IWM"))
    cause_map = build_map(Dossier(asked, evidence, ()), AI)
    assert cause_map.unlinked == ("GDX",)
    assert {"GDX", "KRE"}.isdisjoint(e.target for e in cause_map.edges)
    # Of those that nobody asked about only what a link leads to is drawn.
    others = {n.id for n in build_map(Dossier(SCOPE, evidence, ()), AI).nodes}
    assert others.isdisjoint({"GDX", "KRE"})


def test_a_shock_carries_each_groups_own_probability() -> None:
    """Where groups differ the node says by whom; a single group needs no split."""
    split: Pairs = (
        ("equity", verdict("ai_rerating", ai_rerating=0.57)),
        ("crypto", verdict("mixed_unclear", ai_rerating=0.02, crypto_idiosyncratic=0.48)),
    )
    dossier = Dossier(SCOPE, (*FELL, COHORT, BREADTH), ())
    assert node(build_map(dossier, split), "ai_rerating").by_group == (
        ("equity", 0.57),
        ("crypto", 0.02),
    )
    assert node(build_map(dossier, AI), "ai_rerating").by_group == ()


def test_a_fall_that_nothing_links_is_tied_to_its_own_groups_cause() -> None:
    """Gold fell for what the metals verdict names, not for what is likeliest in equities."""
    gold = item("technicals.gld.change", -3.0, -2.0)
    scope = replace(SCOPE, assets=("SPX", "NDX", "GLD"), groups=("equity", "metals"))
    pairs: Pairs = (
        ("equity", verdict("growth_scare", growth_scare=0.8, positioning_unwind=0.1)),
        ("metals", verdict("positioning_unwind", positioning_unwind=0.5, growth_scare=0.2)),
    )
    cause_map = build_map(Dossier(scope, (*FELL, gold), ()), pairs)
    found = edge(cause_map, "positioning_unwind", "GLD")
    assert found is not None
    assert not found.supported
    assert edge(cause_map, "growth_scare", "GLD") is None


def test_a_named_cause_is_linked_though_another_explains_its_assets() -> None:
    """A cause that a verdict names has at least a dashed way to an asset of its group."""
    pairs: Pairs = (("equity", verdict("funding_stress", funding_stress=0.5, ai_rerating=0.4)),)
    cause_map = build_map(Dossier(SCOPE, (*FELL, COHORT, BREADTH, NDX), ()), pairs)
    assert edge(cause_map, "earnings_multiple", "NDX") is not None
    found = edge(cause_map, "funding_stress", "SPX")
    assert found is not None
    assert not found.supported


def test_yields_that_moved_before_the_release_carry_the_shock_to_early_falls() -> None:
    """Stocks fell before the release that marks the shock, and after its yields had begun."""
    onsets = (
        onset("UST10Y", "01-29T21:00Z", "02-03T21:00Z"),
        onset("SPX", "01-29T21:00Z", "02-02T21:00Z"),
    )
    rates = item("macro.rates.score", 3.0, 3.0)
    late = replace(REACTED, id="macro.spx.cpi_20260203")
    marker = Marker("2026-02-03T13:30Z", "CPI", "cpi", (late.id,))
    dossier = Dossier(SCOPE, (*FELL, rates, late), (), markers=(marker,), onsets=onsets)
    cause_map = build_map(dossier, RATES)
    assert edge(cause_map, "rates_shock", "discount_rate") is not None
    assert edge(cause_map, "discount_rate", "SPX") is not None


@pytest.mark.parametrize(("reaction", "low"), [(None, None), (-6.0, "2026-01-29T21:05Z")])
def test_results_date_a_rerating_by_their_reaction_alone(
    reaction: float | None, low: str | None
) -> None:
    """A bank's results, whose share is not followed, tell nothing of when technology fell."""
    items = () if reaction is None else (item("earnings_news.msft.reaction", reaction, -3.0),)
    marker = Marker("2026-01-29T21:05Z", "results", "earnings", tuple(i.id for i in items))
    dossier = Dossier(SCOPE, (*FELL, *items), (), markers=(marker,))
    found = node(build_map(dossier, AI), "ai_rerating").onset
    assert (None if found is None else found.low) == low


def test_a_channel_leads_to_the_groups_that_hold_its_shock() -> None:
    """Yields carried the fall of stocks; coins fell for a cause of their own."""
    scope = replace(SCOPE, assets=("SPX", "NDX", "BTC"), groups=("equity", "crypto"))
    evidence = (
        *FELL,
        item("technicals.btc.change", -9.0, -2.5),
        item("macro.rates.score", 3.0, 3.0, "UST10Y"),
    )
    pairs: Pairs = (
        ("equity", verdict("rates_shock", rates_shock=0.7)),
        ("crypto", verdict("crypto_idiosyncratic", crypto_idiosyncratic=0.7)),
    )
    cause_map = build_map(Dossier(scope, evidence, ()), pairs)
    assert edge(cause_map, "discount_rate", "SPX") is not None
    assert edge(cause_map, "discount_rate", "BTC") is None


def test_a_sector_nobody_asked_about_is_linked_by_its_own_evidence_alone() -> None:
    """Spreads widened for all: banks have a residual of their own, small caps have not."""
    evidence = (
        *FELL,
        item("technicals.iwm.change", -6.0, -2.5),
        item("technicals.kre.change", -14.0, -5.0),
        item("macro.hy_oas.change", 150.0, 6.0, "HY_OAS"),
        item("earnings_news.kre.residual", -9.0, -4.0, "KRE"),
    )
    pairs: Pairs = (("equity", verdict("funding_stress", funding_stress=0.8)),)
    cause_map = build_map(Dossier(SCOPE, evidence, ()), pairs)
    linked = {e.target for e in cause_map.edges if e.source == "credit_spread"}
    assert linked == {"SPX", "NDX", "KRE"}


def test_what_rose_a_little_is_given_no_cause() -> None:
    """The index is half a percent up while the Nasdaq fell: one arrow, to what fell."""
    up = (item("technicals.spx.change", 0.5, 0.2), FELL[1])
    cause_map = build_map(Dossier(SCOPE, up, ()), AI)
    assert {e.target for e in cause_map.edges if e.target in SCOPE.assets} == {"NDX"}


def test_a_shared_channel_is_drawn_for_the_groups_it_leads_to() -> None:
    """One book of stocks and coins leads to coins alone: a fall of stocks passes none of it.

    The evidence of a channel draws it though no verdict names it an amplifier.
    """
    coin = item("technicals.btc.change", -9.0, -2.5)
    vix = item("technicals.vix.change", 20.0, 9.0)
    named = verdict("ai_rerating", "correlation_one_book", ai_rerating=0.6)
    dossier = Dossier(SCOPE, (*FELL, COHORT, vix, coin), ())
    alone = build_map(dossier, (("equity", named), ("crypto", verdict("mixed_unclear"))))
    assert edge(alone, "ai_rerating", "correlation_one_book") is None
    assert edge(alone, "ai_rerating", "vol_target_cta") is not None
    both = build_map(
        dossier, (("equity", named), ("crypto", verdict("mixed_unclear", ai_rerating=0.4)))
    )
    assert edge(both, "ai_rerating", "correlation_one_book") is not None


def test_an_event_acts_directly_on_the_groups_that_hold_its_cause() -> None:
    """Tariffs struck stocks; coins fell for a cause of their own, and gold for nothing named."""
    event = replace(
        item("macro.event_equity.policy_geopolitics", 0.8),
        family="event_time",
        expected=(("policy_geopolitics", 1),),
    )
    dossier = Dossier(SCOPE, (*FELL, item("technicals.btc.change", -9.0, -2.5), event), ())
    pairs: Pairs = (
        ("equity", verdict("policy_geopolitics", policy_geopolitics=0.8)),
        ("crypto", verdict("crypto_idiosyncratic", crypto_idiosyncratic=0.8)),
    )
    cause_map = build_map(dossier, pairs)
    assert edge(cause_map, "policy_geopolitics", "SPX") is not None
    assert edge(cause_map, "policy_geopolitics", "BTC") is None
    quiet = replace(dossier, evidence=(*FELL, replace(event, value=-0.8)))
    dashed = [e for e in build_map(quiet, pairs[:1]).edges if e.target == "SPX"]
    assert dashed
    assert all(e.counter_evidence == () for e in dashed)


def test_a_cause_that_a_group_names_is_tied_to_that_groups_asset() -> None:
    """Real yields reach gold by themselves; the unwind that metals' verdict names does too."""
    evidence = (
        *FELL,
        item("technicals.gld.change", -3.0, -2.0),
        item("macro.rates.score", 3.0, 3.0, "UST10Y"),
        item("macro.real10y.change", 30.0, 3.0, "REAL10Y"),
    )
    pairs: Pairs = (
        ("equity", verdict("rates_shock", rates_shock=0.8)),
        ("metals", verdict("positioning_unwind", positioning_unwind=0.5, rates_shock=0.3)),
    )
    cause_map = build_map(Dossier(SCOPE, evidence, ()), pairs)
    assert edge(cause_map, "discount_rate", "GLD") is not None
    assert edge(cause_map, "positioning_unwind", "GLD") is not None
    assert edge(cause_map, "positioning_unwind", "SPX") is None


def test_each_cause_has_its_own_share_on_its_own_way() -> None:
    """Rates have a half and one way, a re-rating a quarter and one way: neither takes the other's.

    A cause with two ways has a share on none of them.
    """
    parts = (
        Contribution("rates_shock", 0.5, 0.4, 0.6),
        Contribution("ai_rerating", 0.25, 0.2, 0.3),
    )
    told = replace(verdict("rates_shock", rates_shock=0.5, ai_rerating=0.4), contributions=parts)
    evidence = (*FELL, COHORT, BREADTH, item("macro.rates.score", 3.0, 3.0, "UST10Y"))
    cause_map = build_map(Dossier(SCOPE, evidence, ()), (("equity", told),))
    rates, tech = (
        edge(cause_map, *ends)
        for ends in (("rates_shock", "discount_rate"), ("ai_rerating", "earnings_multiple"))
    )
    assert rates is not None
    assert tech is not None
    assert (rates.strength, tech.strength) == (0.5, 0.25)
    assert node(cause_map, "discount_rate").label == "Discount rate"
    dollar = item("macro.dxy.change", 3.0, 3.0, "DXY")
    two = build_map(Dossier(SCOPE, (*evidence, dollar), ()), (("equity", told),))
    split = edge(two, "rates_shock", "discount_rate")
    assert split is not None
    assert split.strength is None


def test_a_move_without_a_name_of_its_own_says_what_it_is() -> None:
    """A stock is called what its evidence calls it, with the size of the move."""
    scope = replace(SCOPE, assets=("AAPL",), groups=("equity",))
    stock = replace(item("technicals.aapl.change", -7.0, -3.0), said="apple")
    cause_map = build_map(Dossier(scope, (stock,), ()), AI)
    assert node(cause_map, "AAPL").label == "Apple −7.0%"


@pytest.mark.parametrize(
    ("source", "target", "key", "direction"),
    [
        ("rates_shock", "discount_rate", "macro.rates.score", +1),
        ("rates_shock", "dollar", "macro.dxy.change", +1),
        ("ai_rerating", "earnings_multiple", "earnings_news.worst_cohort.residual", -1),
        ("ai_rerating", "earnings_multiple", "earnings_news.rsp.residual", +1),
        ("ai_rerating", "earnings_multiple", "earnings_news.*.reaction_*", -1),
        ("liquidation_cascade", "liquidation_engine", "crypto_structure.btc.speed_share", +1),
        ("liquidation_cascade", "liquidation_engine", "crypto_structure.btc.retrace_24h", +1),
        ("liquidation_cascade", "liquidation_engine", "crypto_structure.aave.liquidations", +1),
        ("liquidation_cascade", "liquidation_engine", "earnings_news.told.liquidations", +1),
        ("liquidation_cascade", "margin_call", "crypto_structure.metals.mechanical_share", +1),
        ("liquidation_cascade", "weekend_thin_book", "crypto_structure.btc.weekend_share", +1),
        ("funding_stress", "credit_spread", "macro.hy_oas.change", +1),
        ("funding_stress", "credit_spread", "earnings_news.kre.residual", -1),
        ("funding_stress", "dollar_funding", "macro.dollar.funding_signature", +1),
        ("growth_scare", "earnings_multiple", "macro.rates.score", -1),
        ("growth_scare", "earnings_multiple", "earnings_news.cyclicals.residual", -1),
        ("growth_scare", "earnings_multiple", "macro.uso.change", -1),
        ("positioning_unwind", "carry", "macro.usdjpy.change", -1),
        ("positioning_unwind", "vol_target_cta", "technicals.vix.change", +1),
        ("positioning_unwind", "vol_target_cta", "technicals.spx.vol_target_flow", -1),
        ("positioning_unwind", "vol_target_cta", "technicals.spx.trend_position_change", -1),
        ("crypto_idiosyncratic", "etf_flow", "crypto_structure.btc.etf_flow", -1),
        ("discount_rate", "metals", "macro.real10y.change", +1),
        ("earnings_multiple", "equity", "earnings_news.{asset}.residual", -1),
        ("liquidation_engine", "crypto", "technicals.{asset}.residual", -1),
        ("liquidation_engine", "crypto", "crypto_structure.{asset}.done_at_flip", -1),
        ("margin_call", "metals", "crypto_structure.{asset}.residual", -1),
        ("correlation_one_book", "crypto", "technicals.spx_btc.corr_20d", +1),
    ],
)
def test_the_direction_that_speaks_for_a_link(
    source: str, target: str, key: str, direction: int
) -> None:
    """What the taxonomy says a shock does: oil falls, the yen rises (fewer to the dollar)."""
    (link,) = [
        k for k in (*SHOCK_TO_CHANNEL, *CHANNEL_TO_MOVE) if (k.source, k.target) == (source, target)
    ]
    (test,) = [one for one in link.tests if one.key == key]
    strong = test.log_odds(item(key, 99.0 * direction, 99.0 * direction))
    other = test.log_odds(item(key, -99.0 * direction, -99.0 * direction))
    assert strong is not None
    assert other is not None
    assert other < 0.0 < strong


def test_a_named_cause_reaches_its_group_though_it_is_linked_elsewhere() -> None:
    """A squeeze tied to gold by a dashed link is tied to the stocks that it is named for too."""
    scope = replace(SCOPE, assets=("NDX", "GLD"), groups=("equity", "metals"))
    gold = item("technicals.gld.change", -3.0, -2.0)
    pairs: Pairs = (
        ("equity", verdict("funding_stress", funding_stress=0.5, ai_rerating=0.4)),
        ("metals", verdict("mixed_unclear", funding_stress=0.4)),
    )
    cause_map = build_map(Dossier(scope, (*FELL, COHORT, BREADTH, NDX, gold), ()), pairs)
    assert edge(cause_map, "earnings_multiple", "NDX") is not None
    assert edge(cause_map, "funding_stress", "GLD") is not None
    assert edge(cause_map, "funding_stress", "NDX") is not None


def test_a_shock_without_a_link_is_tied_to_the_first_fall_of_its_group() -> None:
    """A growth scare at a tenth, of which nothing was measured, still has a dashed way."""
    cause_map = build_map(Dossier(SCOPE, (*FELL, COHORT, BREADTH, NDX), ()), AI)
    found = edge(cause_map, "growth_scare", "SPX")
    assert found is not None
    assert not found.supported
