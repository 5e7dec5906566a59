"""Briefings on a run in which a model wrote: its sentences are told, checked and disclosed."""

from __future__ import annotations

from dataclasses import replace

from causemap.agents.conclude import conclude
from causemap.briefing.compose import Order, brief
from causemap.briefing.gate import check
from causemap.cases.store import load_case
from causemap.model_records import ModelPart, ModelSentence
from causemap.records import Report

YIELD = "macro.ust10y.change"
TRUE = f"{{{YIELD}|asset|name}} {{{YIELD}|value|fell_rose+auto}} over the window."
FALSE = "The 10-year Treasury yield rose 99 bp."


def run(*templates: str) -> Report:
    """The anchor case with a model's sentences on the mechanism."""
    sentences = tuple(ModelSentence("mechanism", text, (YIELD,)) for text in templates)
    return conclude(replace(load_case("2026-02-seed"), model=ModelPart(sentences)))


def test_a_model_s_sentence_is_told_in_its_own_slots() -> None:
    """What the model wrote and the gate let stand is in the issue, which passes its own gate."""
    report = run(TRUE)
    issue = brief(report, Order(words=600, charts=False))
    (told,) = [said for said in issue.said if said.claim.startswith("model:")]
    assert told.text == "The 10-year Treasury yield fell 3 bp over the window."
    assert told.sources
    assert check(issue, report) == ()


def test_a_model_s_false_sentence_is_never_told() -> None:
    """What the run dropped is no claim of the run."""
    issue = brief(run(FALSE), Order(words=600, charts=False))
    assert not [said for said in issue.said if "99 bp" in said.text]


def test_the_disclosures_say_that_a_model_took_part() -> None:
    """Readers are told either way."""
    with_model = brief(run(TRUE), Order(charts=False)).disclosures
    without = brief(conclude(load_case("2026-02-seed")), Order(charts=False)).disclosures
    assert any("with the help of a language model" in line for line in with_model)
    assert any("no language model took part" in line for line in without)
