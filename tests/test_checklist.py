"""The daily risk-off page: rows, states, horizons and gaps from a report."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest
from tests.facts import evidence_item

from causemap.checklist import (
    PLACES,
    Checklist,
    Reading,
    build_checklist,
    state,
    to_json,
    to_markdown,
    to_text,
)
from causemap.records import CauseMap, Evidence, Gap, Narrative, Report, Scope, Verdict
from causemap.words import value_of


def fact(
    identifier: str, value: float, unit: str = "%", z: float | None = None, said: str = "it"
) -> Evidence:
    """An evidence item with a value and a z."""
    metric = identifier.rpartition(".")[2]
    return evidence_item(
        id=identifier,
        desk="technicals",
        group="context",
        metric=metric,
        value=value,
        unit=unit,
        said=said,
        source="s",
        z=z,
    )


VERDICT = Verdict(
    primary="liquidation_cascade",
    mission_label="liquidation_cascade",
    probabilities=(("liquidation_cascade", 0.62), ("mixed_unclear", 0.38)),
    abstained=False,
    reason="",
)
ABSTAINED = Verdict(
    "mixed_unclear", "mixed", (("mixed_unclear", 1.0),), abstained=True, reason="two causes tie."
)
SCOPE = Scope("2026-01-29", "2026-02-05", "2026-02-06T00:00Z", ("SPX",), ("equity",))
EVIDENCE = (
    fact("macro.ust10y.change", -3.0, "bp", -0.3, "the 10-year yield"),
    fact("macro.dxy.change", 1.6, "%", 1.8, "the dollar | index"),
    fact("technicals.btc.change", -26.0, "%", -5.3, "bitcoin"),
    fact("crypto_structure.btc.speed_share", 0.3, "ratio", None, "the worst four hours"),
    fact("technicals.spx_btc.corr_60d", 0.51, "corr", None, "60-session correlation"),
    fact("technicals.spx.regime_trend_break", -1.2, "%", None, "the S&P 500 regime"),
    fact("technicals.gone.metric", 1.0),
)
REPORT = Report(
    scope=SCOPE,
    verdict=VERDICT,
    verdicts=(("equity", ABSTAINED), ("crypto", VERDICT)),
    evidence=EVIDENCE,
    gaps=(Gap("SOFR", "not_covered", "no such series", "macro"),) * 2,
    cause_map=CauseMap((), ()),
    narrative=Narrative(()),
)


@pytest.fixture
def page() -> Checklist:
    """The page of the small report."""
    return build_checklist(REPORT)


@pytest.mark.parametrize(
    ("z", "risk_off", "word"),
    [
        (-5.0, -1, "extreme"),
        (-4.0, -1, "extreme"),
        (-2.5, -1, "stressed"),
        (-1.0, -1, "elevated"),
        (0.9, -1, "calm"),
        (3.0, -1, "eased"),
        (3.0, +1, "stressed"),
        (-3.0, +1, "eased"),
        (-3.0, 0, "stressed"),
        (3.0, 0, "stressed"),
    ],
)
def test_states_follow_z_in_the_risk_off_direction(z: float, risk_off: int, word: str) -> None:
    """Five robust deviations down are extreme for a price, three up are ease."""
    assert state(fact("a.b.change", 1.0, z=z), risk_off) == word


@pytest.mark.parametrize(
    ("value", "word"), [(0.8, "one book"), (0.51, "linked"), (0.0, "loose"), (-0.5, "opposed")]
)
def test_correlations_are_named_by_size(value: float, word: str) -> None:
    """From 0.7 two markets are one book; the word needs no z."""
    assert state(fact("a.b.corr_20d", value, "corr"), 0) == word


def test_without_a_yardstick_nothing_is_scored() -> None:
    """A missing z is said, never read as calm."""
    assert state(fact("a.b.change", -50.0), -1) == "not scored"


@pytest.mark.parametrize(
    ("metric", "value", "word"),
    [
        ("speed_share", 0.45, "flush"),
        ("speed_share", 0.32, "no flush"),
        ("below_50d", 64.7, "narrow"),
        ("trend_4h", -21.9, "below average"),
    ],
)
def test_a_few_measures_are_named_by_their_value(metric: str, value: float, word: str) -> None:
    """Shares and distances have thresholds of their own in place of a z."""
    assert state(fact(f"a.b.{metric}", value), +1) == word


def test_regimes_carry_their_own_name() -> None:
    """The regime is a state already."""
    assert state(fact("technicals.spx.regime_trend_break", -1.0), -1) == "trend break"
    assert state(fact("technicals.spx.regime_none", -1.0), -1) == "no special regime"


def test_rows_are_evidence_of_the_report_in_the_order_of_the_page(page: Checklist) -> None:
    """Every row names an evidence item; what the page has no place for stays out."""
    assert [row.evidence for row in page.rows] == [
        "macro.ust10y.change",
        "macro.dxy.change",
        "technicals.spx.regime_trend_break",
        "technicals.btc.change",
        "crypto_structure.btc.speed_share",
        "technicals.spx_btc.corr_60d",
    ]
    assert [row.section for row in page.rows[:3]] == ["Macro", "Macro", "Leadership"]


def test_each_horizon_reads_its_most_unusual_row(page: Checklist) -> None:
    """Days read the bitcoin fall; where nothing has a z the states are told."""
    hours, days, months = page.readings
    assert (days.horizon, days.state) == ("days", "extreme")
    assert "bitcoin" in days.because
    assert (hours.state, months.state) == ("no flush", "trend break, linked")
    assert "trend break" in months.because
    assert "linked" in months.because


def test_a_tier_is_told_by_its_most_unusual_row() -> None:
    """Of two extreme rows the one further out is named, whatever their order on the page."""
    spread = fact("macro.hy_oas.change", 59.0, "bp", 4.0, "the high-yield spread")
    vix = replace(fact("technicals.vix.change", 22.0, "index", 11.3, "the VIX"), asset="VIX")
    page = build_checklist(replace(REPORT, evidence=(spread, *EVIDENCE, vix)))
    days = page.readings[1]
    assert (days.state, days.because) == ("extreme", "the VIX +22.0 points")


@pytest.mark.parametrize(
    ("value", "z", "word"),
    [
        (0.31, -13.6, "calm"),
        (0.98, -0.5, "calm"),
        (-0.57, -9.0, "elevated"),
        (-1.02, -20.0, "stressed"),
        (-11.9, -60.0, "extreme"),
        (8.0, 40.0, "extreme"),
    ],
)
def test_funding_counts_in_steps_of_its_rule(value: float, z: float, word: str) -> None:
    """A positive print below the usual rate is nothing extreme, however still the rate was."""
    assert state(fact("a.btc.funding_deepest", value, "bp_8h", z), 0) == word


def test_an_index_level_is_no_change() -> None:
    """The same unit prints a sign and points for a change, neither for a level."""
    assert value_of(fact("a.vix.change", 22.0, "index")) == "+22.0 points"
    assert value_of(fact("a.vix.level", 38.6, "index")) == "38.6"


def test_a_horizon_without_evidence_says_so() -> None:
    """No evidence is not calm."""
    empty = build_checklist(Report(SCOPE, VERDICT, (), (), (), CauseMap((), ()), Narrative(())))
    assert {reading.state for reading in empty.readings} == {"not measured"}
    assert "Nothing could be measured here." in to_markdown(empty)
    assert "nothing could be measured here" in to_text(empty)


def test_the_verdict_is_the_reports(page: Checklist) -> None:
    """Cause and probability as the engine gave them, groups apart, abstention with its reason."""
    assert page.verdict == "liquidation cascade, 62%"
    assert page.by_group == (
        "equity: no single cause named (two causes tie)",
        "crypto: liquidation cascade, 62%",
    )


def test_calm_days_have_nothing_to_explain() -> None:
    """No drawdown names no cause."""
    calm = Verdict("no_drawdown", "none", (), abstained=False, reason="")
    said = build_checklist(Report(SCOPE, calm, (), (), (), CauseMap((), ()), Narrative(())))
    assert said.verdict.startswith("nothing to explain")


def test_gaps_are_named_once(page: Checklist) -> None:
    """Each missing source stands on the page one time."""
    assert page.gaps == ("SOFR: no such series",)
    assert "SOFR: no such series" in to_markdown(page)
    assert "SOFR: no such series" in to_text(page)


def test_the_terminal_page_stays_one_page() -> None:
    """With forty gaps the text counts the rest; Markdown names them all."""
    gaps = tuple(Gap(f"series {n}", "stale", "too old", "macro") for n in range(40))
    long = build_checklist(Report(SCOPE, VERDICT, (), (), gaps, CauseMap((), ()), Narrative(())))
    assert "Not measured (40)" in to_text(long)
    assert "and 28 more" in to_text(long)
    assert to_markdown(long).count("too old") == 40


def test_reasons_that_a_line_has_no_room_for_stand_below_their_state(page: Checklist) -> None:
    """A horizon with many unusual rows is no line of three hundred characters."""
    many = Reading("months", "narrow, trend break, linked", "; ".join(["bitcoin: trend break"] * 9))
    short = Reading("days", "elevated", "bitcoin \u22123.0%")
    lines = to_text(replace(page, readings=(short, many))).splitlines()[3:]
    assert lines[0] == "  days    elevated              bitcoin \u22123.0%"
    assert lines[1] == "  months  narrow, trend break, linked"
    told = lines[2 : lines.index("")]
    assert " ".join(line.strip() for line in told) == many.because
    assert all(line.startswith(" " * 10) and len(line) <= 80 for line in told)


def test_all_forms_hold_the_same_rows(page: Checklist) -> None:
    """Markdown, text and JSON show every value of the page."""
    again = json.loads(to_json(page))
    assert [row["evidence"] for row in again["rows"]] == [row.evidence for row in page.rows]
    for row in page.rows:
        assert row.value in to_markdown(page)
        assert row.value in to_text(page)


def test_table_cells_cannot_be_broken_open(page: Checklist) -> None:
    """A bar in a name is escaped, so the table keeps its columns."""
    assert "the dollar \\| index" in to_markdown(page)


def test_the_page_recommends_nothing(page: Checklist) -> None:
    """No word of advice stands in any form."""
    for text in (to_markdown(page), to_text(page)):
        assert not re.search(r"\b(buy|sell|hold|reduce|hedge|should|target)\b", text, re.IGNORECASE)


def test_places_are_distinct() -> None:
    """No evidence can stand on the page twice."""
    keys = [place.key for place in PLACES]
    assert len(keys) == len(set(keys))


def test_a_z_of_next_to_nothing_has_no_sign() -> None:
    """A tenth is what is printed, and a printed zero is neither above nor below."""
    small = replace(REPORT, evidence=(fact("macro.ust10y.change", -0.1, "bp", -0.04),))
    page = build_checklist(small)
    for text in (to_markdown(page), to_text(page)):
        assert "0.0" in text
        assert "\u22120.0" not in text
        assert "+0.0" not in text
