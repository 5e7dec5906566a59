"""Questions about an asset that is no target of its group: its own move beside its index's."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from causemap.agents.asset_words import GROUP_OF
from causemap.agents.clauses import moves
from causemap.agents.conclude import conclude
from causemap.agents.graph import run
from causemap.records import Report, Scope
from causemap.reporting.answer import answered, mechanism
from causemap.reporting.markdown import to_markdown
from causemap.settings import Settings
from causemap.tools.market import open_market

WINDOW = ("2025-01-24", "2025-01-27", "2025-01-29T23:59Z")


def _report(
    shared_dir: Path, assets: tuple[str, ...], window: tuple[str, str, str] = WINDOW
) -> Report:
    groups = tuple(dict.fromkeys(GROUP_OF[asset] for asset in assets))
    scope = Scope(*window, assets, groups)
    folder = shared_dir / "data"
    view = open_market(folder).view(datetime.fromisoformat(scope.as_of))
    return conclude(run(scope, view, (), Settings(data_dir=folder, home=folder)))


@pytest.fixture(scope="module")
def asked(shared_dir: Path) -> Report:
    """A question about one stock on the day it lost a sixth."""
    return _report(shared_dir, ("NVDA",))


@pytest.fixture(scope="module")
def group(shared_dir: Path) -> Report:
    """The same days asked about for the group's targets."""
    return _report(shared_dir, ("SPX", "NDX"))


def test_the_stock_comes_first_and_its_index_after(asked: Report) -> None:
    """The first sentence gives the stock's fall before those of the indexes."""
    first = asked.narrative.sentences[0].text
    assert first.index("Nvidia fell 17.0%") < first.index("the S&P 500 lost 1.5%")
    line = mechanism(asked)
    assert line is not None
    assert line.text.startswith(first)


def test_the_answer_says_what_the_index_explains_and_that_the_group_is_weighed(
    asked: Report,
) -> None:
    """What beta explains and what is the stock's own make up its move, and both are told."""
    found = {item.id: item for item in asked.evidence}
    implied, left, move = (
        found[key].value / 100.0
        for key in (
            "earnings_news.nvda.beta_implied",
            "earnings_news.nvda.residual",
            "technicals.nvda.change",
        )
    )
    assert (1.0 + implied) * (1.0 + left) == pytest.approx(1.0 + move, abs=1e-4)
    weighed, said = asked.narrative.sentences[1:3]
    assert weighed.text == "Causes are weighed for equities as a group, not for Nvidia alone."
    assert f"{100 * implied:.1f}%" in said.text
    assert {"earnings_news.nvda.beta_implied", "earnings_news.nvda.residual"} <= {*said.evidence}


def test_the_maps_link_to_the_stock_rests_on_its_own_residual(asked: Report) -> None:
    """The leading cause reaches the stock by what beta leaves of its fall, not by a guess."""
    into = {edge.source: edge for edge in asked.cause_map.edges if edge.target == "NVDA"}
    edge = into["earnings_multiple"]
    assert "earnings_news.nvda.residual" in edge.evidence
    assert edge.identification == "residual"
    assert edge.confidence > 0.5


def test_what_is_measured_of_the_stock_moves_no_probability(asked: Report, group: Report) -> None:
    """The question about the stock gets its group's probabilities, to the last digit."""
    assert asked.verdict.probabilities == group.verdict.probabilities
    weighed = {w.evidence for _, verdict in asked.verdicts for w in verdict.weighed}
    assert not any(".nvda." in key for key in weighed)


def test_a_question_about_the_targets_measures_and_says_no_more_than_before(group: Report) -> None:
    """Nothing of this is there where only targets of the group are asked about."""
    assert not any(item.metric == "beta_implied" for item in group.evidence)
    assert not any("weighed for" in s.text for s in group.narrative.sentences)


def test_a_stock_beside_its_index_keeps_the_index(asked: Report) -> None:
    """Asked with one index, the stock leads and the other index is not brought in."""
    found = moves(asked.evidence, "equity", ("SPX", "NVDA"))
    assert [item.asset for item in found] == ["NVDA", "SPX"]


def test_a_group_that_did_not_fall_leaves_the_stock_its_own_move(asked: Report) -> None:
    """Where only the stock fell, headline and answer say so, and nothing is said not to have."""
    calm = tuple(
        replace(item, value=0.1, z=0.1)
        if item.metric == "change" and item.asset in ("SPX", "NDX")
        else item
        for item in asked.evidence
    )
    report = conclude(replace(asked.dossier(), evidence=calm))
    told = " ".join(s.text for s in report.narrative.sentences)
    assert report.verdict.primary == "no_drawdown"
    assert "equities as a group, which did not fall, not for Nvidia alone." in told
    said = answered(report)
    assert said.label == "No cause named: Nvidia fell, its group did not"
    assert "none of them fell beyond the usual moves" in said.reason
    assert "no asset fell" not in to_markdown(report)


def test_where_nothing_fell_no_shares_analogues_or_odds_are_printed(asked: Report) -> None:
    """A window without a fall has nothing to split up, to compare or to rank."""
    calm = tuple(
        replace(item, value=0.1, z=0.1) if item.metric == "change" else item
        for item in asked.evidence
    )
    report = conclude(replace(asked.dossier(), evidence=calm))
    assert answered(report).label == "No drawdown to explain"
    assert report.analogues == ()
    page = to_markdown(report)
    assert "| Mixed or unclear |" not in page
    assert "| Unexplained |" not in page


def test_several_assets_are_weighed_beside_their_group_in_one_sentence(shared_dir: Path) -> None:
    """Two funds beside the index: one sentence on the group, each fund's parts, plain English."""
    report = _report(shared_dir, ("XLF", "SMH"), ("2010-01-19", "2010-02-08", "2010-02-10T23:59Z"))
    said = [s.text for s in report.narrative.sentences if s.section == "verdict"]
    weighed = [text for text in said if text.startswith("Causes are weighed")]
    assert weighed == [
        "Causes are weighed for equities as a group, not for financials and semiconductors alone."
    ]
    assert any(text.startswith("The part of financials' move that its beta") for text in said)


def test_the_first_screen_says_what_fell_and_what_has_no_price(
    group: Report, shared_dir: Path
) -> None:
    """Asked about indexes, their moves lead the answer; an asset without prices is named."""
    line = mechanism(group)
    assert line is not None
    assert line.text.startswith("From 24 January to 27 January 2025, the S&P 500 lost 1.5%")
    late = _report(shared_dir, ("SPX", "GLD"), ("2026-07-31", "2026-08-07", "2026-08-09T23:59Z"))
    line = mechanism(late)
    assert line is not None
    assert line.text.endswith("No prices cover the window for Gold (GLD).")
    told = " ".join(s.text for s in late.narrative.sentences)
    assert "unexplained share in metals" not in told


@pytest.fixture(scope="module")
def gold(shared_dir: Path) -> Report:
    """Gold alone, on the day when silver fell much further."""
    return _report(shared_dir, ("GLD",), ("2026-01-29", "2026-01-30", "2026-02-01T23:59Z"))


def test_asked_about_gold_the_fall_split_up_is_golds(gold: Report) -> None:
    """Silver fell furthest, but was not asked about."""
    assert [part.asset for part in gold.decompositions] == ["GLD"]
    line = mechanism(gold)
    assert line is not None
    assert line.text.startswith("From 29 January to 30 January 2026, the GLD gold fund lost 10.3%")


def test_evidence_of_another_metal_is_said_to_be_that_metals(gold: Report) -> None:
    """The verdict on metals rests on silver, and both the reason and the account say so."""
    assert "crypto_structure.slv.residual" in gold.verdict.support
    assert "rests in part on Silver (SLV), not asked about" in gold.verdict.reason
    told = " ".join(s.text for s in gold.narrative.sentences)
    assert "the SLV silver fund, which was not asked about, speaks for metals as a group" in told


def test_asked_about_both_metals_nothing_is_said_to_stand_in(shared_dir: Path) -> None:
    """With silver in the question the worst-hit metal is split up and no word of it is needed."""
    window = ("2026-01-29", "2026-01-30", "2026-02-01T23:59Z")
    both = _report(shared_dir, ("GLD", "SLV"), window)
    assert [part.asset for part in both.decompositions] == ["SLV"]
    assert "not asked about" not in both.verdict.reason
    assert not any("not asked about" in s.text for s in both.narrative.sentences)


def test_results_too_early_for_a_beta_are_on_the_calendar(shared_dir: Path) -> None:
    """Three weeks of prices measure no reaction; the day of the results is told all the same."""
    early = _report(shared_dir, ("AAPL",), ("2013-01-23", "2013-01-24", "2013-01-26T23:59Z"))
    assert [m.label for m in early.markers if m.kind == "earnings"] == ["Apple results"]
    labels = [node.label for node in early.cause_map.nodes]
    assert "Apple −12.4%" in labels


def test_bullion_of_other_hours_has_no_part_of_its_own_beside_the_funds(shared_dir: Path) -> None:
    """A fix or settlement hours before the funds' close is held against these by no slope."""
    window = ("2013-04-11", "2013-04-15", "2013-04-17T23:59Z")
    report = _report(shared_dir, ("GOLD", "SILVER", "GDX"), window)
    split = {item.asset for item in report.evidence if item.metric == "beta_implied"}
    assert split == {"GDX"}
    assert not any("silver fell short of its" in s.text for s in report.narrative.sentences)


def test_a_group_without_a_price_of_its_own_has_no_fall_to_account_for(shared_dir: Path) -> None:
    """Bullion rose while the funds' prices ended: no share, no rates shock is told of metals."""
    window = ("2026-07-20", "2026-07-31", "2026-08-02T23:59Z")
    report = _report(shared_dir, ("SPX", "BTC", "GOLD"), window)
    told = [s.text for s in report.narrative.sentences if s.section != "verdict"]
    assert not any("metals" in text for text in told)
    assert "Bitcoin" in report.verdict.reason or "bitcoin" in report.verdict.reason


def test_a_stock_on_the_map_has_its_name(asked: Report) -> None:
    """The node of a share is called what the account calls it, not by its ticker."""
    (node,) = (node for node in asked.cause_map.nodes if node.id == "NVDA")
    assert node.label.startswith("Nvidia ")
