"""A conversation about claims, figures and what a run has no verdict on; English and Chinese."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest

from causemap.agents.chat import ChatAnswer, reply
from causemap.agents.conclude import conclude
from causemap.cases.store import load_case
from causemap.records import Claim, Dossier, Report

LATE = Claim(
    text="CME margin hikes caused the fall in silver.",
    source="A paper",
    verdict="too_late",
    evidence=("technicals.slv.change",),
    why="the notice came after the first fall",
    kind="event",
    about=("MARGIN",),
)


@cache
def run() -> tuple[Report, Dossier]:
    """The seed case, with one claim more that came too late."""
    dossier = load_case("2026-02-seed")
    report = conclude(dossier)
    return replace(report, claims=(*report.claims, LATE)), dossier


def ask(question: str) -> ChatAnswer:
    """Put a question to that run."""
    return reply(*run(), question)


@pytest.mark.parametrize(
    "question",
    ["which claims are wrong?", "what did the articles get wrong", "哪些说法是错的?"],
)
def test_claims_that_do_not_hold_are_listed_with_their_measure(question: str) -> None:
    """Contradicted and too late ones, quoted, with the figure that decided; no supported one."""
    said = ask(question)
    assert said.intent == "claims"
    report = run()[0]
    failed = {c.text for c in report.claims if c.verdict in ("contradicted", "too_late")}
    shown = said.text.replace("\\", "")
    assert {c.text for c in report.claims if f"\u201c{c.text}\u201d" in shown} == failed
    contradicted = next(c for c in report.claims if c.verdict == "contradicted")
    item = report.find(contradicted.evidence[0])
    assert item is not None
    assert item.said in said.text
    assert set(LATE.evidence) <= set(said.evidence)


def test_claims_without_articles_or_without_a_fault_say_so() -> None:
    """Nothing tested and nothing failed are two answers."""
    report, dossier = run()
    none = replace(report, claims=())
    assert "No article's claims" in reply(none, dossier, "which claims are wrong?").text
    fine = replace(report, claims=tuple(c for c in report.claims if c.verdict == "supported"))
    assert "none is contradicted" in reply(fine, dossier, "which claims are wrong?").text


@pytest.mark.parametrize(
    "question",
    ["did CME margin hikes cause the silver fall?", "why did silver fall?", "金价为什么跌"],
)
def test_a_claim_found_too_late_speaks_against_the_reading(question: str) -> None:
    """No answer on the metals says that nothing speaks against it while such a claim stands."""
    said = ask(question)
    assert "Nothing measured speaks against it" not in said.text
    assert "没有发现反面的证据" not in said.text
    assert "CME margin hikes" in said.text
    assert "too late to be a cause" in said.text or "来得太晚" in said.text
    metals = dict(run()[0].verdicts)["metals"]
    assert set(metals.support[:2]) <= set(said.evidence)


@pytest.mark.parametrize(
    ("question", "item", "words"),
    [
        ("how big is the fed balance sheet?", "macro.fed_bs_musd.change", "does not hold"),
        ("美联储资产负债表有多大?", "macro.fed_bs_musd.change", "没有"),
        ("is the 10-year at 4.6%?", "macro.ust10y.change", "does not hold"),
        ("10年期收益率是4.6%吗", "macro.ust10y.change", "没有"),
        ("what was the oil price?", "macro.wti.change", "does not hold"),
        ("is the VIX at 30?", "technicals.vix.level", "What was measured"),
    ],
)
def test_a_figure_is_given_from_evidence_or_named_as_not_held(
    question: str, item: str, words: str
) -> None:
    """A series named comes before a word of a cause, and a change is not passed off as a level."""
    said = ask(question)
    assert said.intent == "fact"
    assert said.evidence == (item,)
    assert words in said.text


def test_a_series_the_run_does_not_hold_is_named() -> None:
    """What was not measured is said by its name, and no other answer is given."""
    said = ask("how big is the stablecoin supply?")
    assert (said.intent, said.evidence) == ("fact", ())
    assert "stablecoin supply" in said.text


def test_a_subject_without_a_verdict_is_not_answered_with_another() -> None:
    """Oil has no verdict here: its measure is given, the verdict on stocks is not."""
    said = ask("why did oil fall?")
    assert "no verdict on oil" in said.text
    assert "WTI" in said.text
    assert "%." not in said.text.split("\n")[0]


@pytest.mark.parametrize(
    "question",
    ["should I sell my bitcoin now?", "is it a good time to buy?", "我应该现在卖出比特币吗"],
)
def test_advice_is_declined_with_what_can_be_explained(question: str) -> None:
    """The answer names what the run explains and recommends nothing."""
    said = ask(question)
    assert said.intent == "advice"
    assert "I do not say what to buy" in said.text or "我不建议买卖" in said.text
    assert "29 Jan to 5 Feb 2026" in said.text
