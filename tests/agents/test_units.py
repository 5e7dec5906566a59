"""Every unit that occurs in a run is printed with the value, and no other way is accepted."""

from __future__ import annotations

import re
from functools import cache

import pytest

from causemap.agents.clauses import clause, turn_of
from causemap.agents.told_zh import fill_chinese
from causemap.agents.verifier import check_sentence
from causemap.briefing.phrased import phrase_of
from causemap.briefing.tongue_en import English
from causemap.briefing.tongue_zh import Chinese
from causemap.cases.store import list_cases, load_case
from causemap.llm.slots import Ledger, fill
from causemap.records import Evidence
from causemap.words import unit_of, value_of

# What stands beside a figure of each unit: in a sentence, in a table, in Chinese.
PRINTED = {
    "%": ("%", "%", "%"),
    "bp": (" bp", " bp", "个基点"),
    "bp_8h": (" bp per eight hours", " bp per 8 h", "个基点（每8小时）"),
    "pp": (" pp", " pp", "个百分点"),
    "points": (" points", " points", "点"),
    "z": (" standard deviations", "z ", "个标准差"),
    "usd": ("$", "$", "美元"),
    "usd_mn": ("$", "$", "美元"),
    "usd_bn": ("$", "$", "美元"),
    "level_pct": ("%", "%", "%"),
    "days": (" days", " days", "天"),
}
# Values that carry no unit: their names say what they are.
BARE = frozenset({"ratio", "corr", "count", "index"})
_UNIT = re.compile(
    r"(?<=\d)(?:%| bp per eight hours| bp| pp| points| standard deviations| days)"
    r"|\$| (?:b|m)illion"
)


@cache
def facts() -> tuple[Evidence, ...]:
    """The facts of all bundled cases, one of each unit, metric and sign."""
    found: dict[tuple[str, str, bool, bool], Evidence] = {}
    for entry in list_cases():
        for item in load_case(entry.id).evidence:
            key = (item.unit, re.sub(r"\d{6,}", "", item.metric), item.value > 0, item.z is None)
            found.setdefault(key, item)
    return tuple(found.values())


def said(item: Evidence, template: str) -> str:
    """A template about one item, filled."""
    return fill(template, Ledger({item.id: item}))


def test_all_units_of_the_bundled_cases_are_known() -> None:
    """No unit occurs that these tests say nothing about."""
    assert {unit_of(item) for item in facts()} <= set(PRINTED) | BARE
    assert len(facts()) > 150


def test_a_value_is_printed_with_its_unit_everywhere() -> None:
    """Sentences, tables and Chinese each name the unit of every fact."""
    for item in facts():
        english, table, chinese = PRINTED.get(unit_of(item), ("", "", ""))
        ledger = Ledger({item.id: item})
        if round(item.value, 1):
            assert english in said(item, f"{{{item.id}|value|auto}}"), item.id
            assert chinese in fill_chinese(f"{{{item.id}|value|auto}}", ledger), item.id
        # "The mean z of ..." has named it already.
        assert table in value_of(item) or " z " in item.said, item.id


def test_what_the_engine_says_of_a_fact_passes_the_gate() -> None:
    """The clauses of narrative and briefing bind, whatever the unit.

    The phrases that a briefing has for shares are bound by its own gate.
    """
    for item in facts():
        plain = phrase_of(item, "en") is None
        briefed = (English().fact(item), English().fact_z(item)) if plain else ()
        for words in (clause(item), *briefed):
            text = said(item, f"{words}.")
            assert check_sentence(text, (item,)) == (), text


def test_a_figure_without_its_unit_is_refused() -> None:
    """Dropping the unit of a value fails, for every unit that has one."""
    seen = set()
    for item in facts():
        text = said(item, f"{English().fact(item)}.")
        figure = said(item, f"{{{item.id}|value|auto}}").lstrip("-+")
        at = text.find(figure)
        if unit_of(item) in BARE or at < 0:
            continue
        for match in _UNIT.finditer(figure):
            dropped = f"{figure[: match.start()]}{figure[match.end() :]}"
            bare = text[:at] + dropped + text[at + len(figure) :]
            assert check_sentence(bare, (item,)), bare
            seen.add(unit_of(item))
    assert seen == set(PRINTED)


@pytest.mark.parametrize("wrong", ["%", " bp", " pp", " points", " standard deviations", " days"])
def test_a_figure_with_another_unit_is_refused(wrong: str) -> None:
    """No unit passes for another one; a share alone may be told in per cent."""
    for item in facts():
        text = said(item, f"{English().fact(item)}.")
        figure = said(item, f"{{{item.id}|value|auto}}").lstrip("-+")
        number = _UNIT.sub("", figure)
        own = PRINTED.get(unit_of(item), ("",))[0] == wrong
        if own or figure not in text or not number.strip("0.,"):
            continue
        if item.unit == "index" and wrong == " points":
            continue
        if "deviations" in wrong and item.z is not None and abs(item.z - item.value) < 0.06:
            continue
        swapped = text.replace(figure, f"{number}{wrong}", 1)
        assert check_sentence(swapped, (item,)), swapped


def test_a_move_is_said_with_a_verb_in_both_languages() -> None:
    """A change of an index or of money never stands "at" its size."""
    for item in facts():
        if not turn_of(item) or not round(item.value, 2):
            continue
        ledger = Ledger({item.id: item})
        assert " at " not in said(item, English().fact(item)), item.id
        assert "为" not in fill_chinese(Chinese().fact(item), ledger), item.id
