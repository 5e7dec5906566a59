"""The gate for model sentences: what passes, what falls, and requirement E2 on model narratives."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from functools import cache

import pytest

from causemap.agents.allowance import Allowed
from causemap.agents.clauses import clause
from causemap.agents.conclude import assess, story_of
from causemap.agents.story import Story, ledger_of
from causemap.agents.told import check, normalised
from causemap.agents.vocabulary import ALIASES, CODES
from causemap.cases.store import list_cases, load_case
from causemap.causes import CAUSES
from causemap.closed_sets import Cause
from causemap.llm.slots import ASSET_NAMES, asset_name, fill
from causemap.model_records import ModelSentence
from causemap.records import Evidence

CASES = [entry.id for entry in list_cases()][::2]
ITEM = "macro.ust10y.change"


@cache
def world(case: str = "2026-02-seed") -> tuple[Story, Allowed]:
    """The story of a bundled case and what may be said of it."""
    dossier = load_case(case)
    return story_of(dossier, assess(dossier))


def problems(
    template: str, *ids: str, section: str = "mechanism", case: str = "2026-02-seed"
) -> str:
    """Why a sentence falls; an empty text if it stands."""
    sentence = ModelSentence(section, normalised(template), ids or (ITEM,))
    story, allowed = world(case)
    checked = check([sentence], story, allowed)
    return "; ".join(reason for one in checked.failed for reason in one.reasons)


@pytest.mark.parametrize(
    "template",
    [
        f"{{{ITEM}|asset|name}} {{{ITEM}|value|fell_rose+auto}}.",
        f"{{ev:{ITEM}}} was the change in the 10-year Treasury yield.",
        f"The move of {{{ITEM}|said|text}} was small: {{{ITEM}|z|z1}}.",
        (
            f"Rates shock is {{p:equity.rates_shock|a_band}} explanation, for {{{ITEM}|said|text}} "
            f"{{{ITEM}|value|fell_rose}}."
        ),
        "The 10-year Treasury yield fell 3 bp.",
    ],
)
def test_an_honest_sentence_stands(template: str) -> None:
    """Slots in their long and short form, hedges from slots, even a true free figure."""
    assert problems(template) == ""


@pytest.mark.parametrize(
    ("template", "why"),
    [
        ("The 10-year Treasury yield fell 4 bp.", "number"),
        ("The 10-year Treasury yield rose 3 bp.", "sign"),
        ("The 10-year Treasury yield fell 3%.", "unit"),
        ("The 10-year Treasury yield rose.", "sign"),
        ("Bitcoin fell 3 bp.", "asset"),
        (f"{{{ITEM}|value|pct1}} says it.", "slot"),
        (f"{{{ITEM}|nothing|auto}} says it.", "slot"),
        ("{no.such.item|value|auto} says it.", "slot"),
        ("An open brace { says it.", "slot"),
        ("See https://evil.example for {ev:" + ITEM + "}.", "markup"),
        ("See evil.com for more on yields.", "markup"),
        ("**Yields** were calm.", "markup"),
        ("<b>Yields</b> were calm.", "markup"),
        ("Satoshi Nakamoto sold.", "name"),
        ("Evergrande was behind it.", "name"),
        ("Yields were calm, said Powell.", "name"),
        ("Доллар was calm.", "name"),
        ("Yields were calm and investors should know it.", "advice"),
        ("It was time to buy when yields were calm.", "advice"),
        ("Yields certainly were calm.", "overclaim"),
        ("A rates shock drove the fall.", "verb"),
        ("The fall was caused by funding stress.", "verb"),
        ("Funding stress may have triggered it.", "verb"),
        ("A rates shock is very likely.", "hedge"),
        ("", "length"),
        ("Yields were calm. " * 60, "length"),
    ],
)
def test_a_bad_sentence_falls_for_its_reason(template: str, why: str) -> None:
    """Each kind of fault is caught and named."""
    assert why in problems(template)


def test_a_sentence_needs_evidence_of_this_run() -> None:
    """No citation, an unknown one, or an unknown section: none of them stands."""
    story, allowed = world()
    bare = ModelSentence("mechanism", "Yields were calm.", ())
    forged = ModelSentence("mechanism", "Yields were calm.", ("[0]",))
    placed = ModelSentence("verdict", "Yields were calm.", (ITEM,))
    checked = check([bare, forged, placed], story, allowed)
    assert checked.kept == ()
    told = [one.reasons[0] for one in checked.failed]
    assert [why.partition(":")[0] for why in told] == ["uncited", "unknown_id", "section"]


def problems_at(odds: float, template: str) -> str:
    """Why a sentence falls when every group gives a liquidation cascade these odds."""
    story, allowed = world()
    cascade: Cause = "liquidation_cascade"
    rest: tuple[Cause, ...] = tuple(c for c in CAUSES if c != cascade)
    shares = tuple((c, (1.0 - odds) / len(rest)) for c in rest)
    verdicts = tuple(
        (group, replace(v, probabilities=((cascade, odds), *shares))) for group, v in story.verdicts
    )
    world_ = story._replace(verdict=verdicts[0][1], verdicts=verdicts)
    sentence = ModelSentence("mechanism", normalised(template), ("technicals.slv.change",))
    checked = check([sentence], world_, allowed)
    return "; ".join(reason for one in checked.failed for reason in one.reasons)


def test_a_likely_cause_may_be_said_to_have_driven_the_fall() -> None:
    """The verb follows the probability: plain where the cause is likely, hedged where possible."""
    plain = "A liquidation cascade drove the fall in metals."
    hedged = "A liquidation cascade may have driven the fall in metals."
    assert problems_at(0.7, plain) == ""
    assert "verb" in problems_at(0.5, plain)
    assert problems_at(0.5, hedged) == ""
    assert "verb" in problems_at(0.2, hedged)
    assert problems("A rates shock did not drive the fall.", ITEM) == ""


# --- requirement E2 on what a model writes -------------------------------------------------------


def truths(case: str) -> Iterator[tuple[str, Evidence]]:
    """True sentences with free figures, each with the item it is about."""
    story, _ = world(case)
    ledger = ledger_of(story)
    for item in story.evidence.values():
        if item.metric != "change" or item.asset not in ASSET_NAMES or item.unit not in ("%", "bp"):
            continue
        yield fill(f"{clause(item)}.", ledger), item
        dated = f"From {{{item.id}|start|day}} to {{{item.id}|end|date}}, {clause(item)}."
        yield fill(dated, ledger), item


def _stands(text: str, item: Evidence, case: str) -> bool:
    story, allowed = world(case)
    return bool(check([ModelSentence("mechanism", text, (item.id,))], story, allowed).kept)


def _value(text: str, _: Evidence, rng: random.Random) -> str:
    """The first figure of the move changed by at least two of its last digits."""

    def moved(match: re.Match[str]) -> str:
        step = 10 ** -len(match[0].partition(".")[2])
        return (
            f"{float(match[0]) + step * rng.choice((2, 5, 17)):.{len(match[0].partition('.')[2])}f}"
        )

    return re.sub(r"\d+(?:\.\d+)?(?=%| bp)", moved, text, count=1)


def _sign(text: str, _: Evidence, __: random.Random) -> str:
    pairs = {"fell": "rose", "rose": "fell", "lost": "gained", "gained": "lost"}
    pairs |= {"widened": "narrowed", "narrowed": "widened"}
    pairs |= {"flattened": "steepened", "steepened": "flattened"}
    return re.sub("|".join(pairs), lambda m: pairs[m[0]], text, count=1)


def _unit(text: str, _: Evidence, __: random.Random) -> str:
    swap = {"%": " bp", " bp": "%"}
    return re.sub(r"(?<=\d)(%| bp)", lambda m: swap[m[1]], text, count=1)


def _asset(text: str, item: Evidence, rng: random.Random) -> str:
    others = [name for code, name in ASSET_NAMES.items() if code != item.asset]
    own = asset_name(item.asset)
    return re.sub(re.escape(own), rng.choice(others), text, count=1, flags=re.IGNORECASE)


def _alias(text: str, item: Evidence, rng: random.Random) -> str:
    """The asset under another one's short name or code."""
    others = [word for word, code in ALIASES.items() if code != item.asset] + [
        code for code in CODES if code != item.asset
    ]
    own = asset_name(item.asset)
    return re.sub(re.escape(own), rng.choice(others), text, count=1, flags=re.IGNORECASE)


_FALLS = ("fell", "dropped", "declined", "slid", "tumbled", "plunged", "slumped", "sank", "eased")
_RISES = ("rose", "climbed", "gained", "rallied", "jumped", "advanced", "surged", "added", "soared")


def _verb(text: str, item: Evidence, rng: random.Random) -> str:
    """Any verb of the other direction, in the gate's list or not."""
    verb = r"\b(?:fell|rose|lost|gained|widened|narrowed|flattened|steepened)\b"
    return re.sub(verb, rng.choice(_RISES if item.value < 0 else _FALLS), text, count=1)


def _points(text: str, _: Evidence, rng: random.Random) -> str:
    """A percentage as points and basis points as one of them."""
    swap = {"%": (" pp", " percentage points", " points"), " bp": (" points", " pp", " percent")}
    return re.sub(r"(?<=\d)(%| bp)", lambda m: rng.choice(swap[m[1]]), text, count=1)


def _hundredfold(text: str, _: Evidence, __: random.Random) -> str:
    """Basis points and percentages taken for each other by their size too."""

    def moved(match: re.Match[str]) -> str:
        size = float(match[1]) * (100 if match[2] == "%" else 0.01)
        return f"{size:g}{' bp' if match[2] == '%' else '%'}"

    return re.sub(r"(\d+(?:\.\d+)?)(%| bp)", moved, text, count=1)


def _year(text: str, _: Evidence, rng: random.Random) -> str:
    return re.sub(r"\b20\d\d\b", lambda m: str(int(m[0]) + rng.choice((-1, 1, 10))), text, count=1)


def _denied(text: str, _: Evidence, rng: random.Random) -> str:
    lead = rng.choice(("It is not true that ", "It is wrong that ", "Hardly anyone saw that "))
    return lead + text[:1].lower() + text[1:]


def _date(text: str, _: Evidence, rng: random.Random) -> str:
    return re.sub(
        r"(?<=to )(\d+)(?= [A-Z])",
        lambda m: str(1 + (int(m[1]) + rng.choice((3, 7, 11))) % 28),
        text,
    )


def _window(text: str, item: Evidence, rng: random.Random) -> str:
    true = (date.fromisoformat(item.end) - date.fromisoformat(item.start)).days
    wrong = rng.choice([days for days in (2, 16, 45, 90) if abs(days - true) > true / 2])
    return f"Over {wrong} days, {text}"


MUTATIONS: dict[str, Callable[[str, Evidence, random.Random], str]] = {
    "value": _value,
    "sign": _sign,
    "unit": _unit,
    "asset": _asset,
    "date": _date,
    "window": _window,
    "alias": _alias,
    "verb": _verb,
    "points": _points,
    "hundredfold": _hundredfold,
    "year": _year,
    "denial": _denied,
}


@pytest.mark.slow
def test_true_sentences_raise_no_alarm() -> None:
    """Not one true sentence of a model falls, over half of the bundled cases."""
    told = [(text, item, case) for case in CASES for text, item in truths(case)]
    assert len(told) > 200
    assert [text for text, item, case in told if not _stands(text, item, case)] == []


@pytest.mark.slow
@pytest.mark.parametrize("kind", MUTATIONS)
def test_mutated_sentences_are_caught(kind: str) -> None:
    """At least 99 in 100 of each kind of mutant fall."""
    rng = random.Random(kind)  # noqa: S311 - test data, nothing secret
    mutants = [
        (changed, item, case)
        for case in CASES[::2]
        for text, item in truths(case)
        if (changed := MUTATIONS[kind](text, item, rng)) != text
    ]
    passed = [text for text, item, case in mutants if _stands(text, item, case)]
    assert len(mutants) >= 50
    assert len(passed) <= 0.01 * len(mutants), passed[:5]


# --- Chinese -------------------------------------------------------------------------------------


def chinese(template: str) -> tuple[str, str]:
    """The filled Chinese sentence, and why it falls."""
    story, allowed = world()
    checked = check([ModelSentence("mechanism", template, (ITEM,))], story, allowed, "zh")
    text = checked.kept[0].text if checked.kept else ""
    return text, "; ".join(reason for one in checked.failed for reason in one.reasons)


def test_a_chinese_sentence_is_printed_in_chinese() -> None:
    """Names, verbs, units, hedges and dates come out of the slots in Chinese."""
    told = (
        f"截至{{{ITEM}|end|date}},{{{ITEM}|asset|name}}{{{ITEM}|value|fell_rose+auto}},"
        "利率冲击{p:rates_shock|band}。"
    )
    assert chinese(told)[0] == "截至2026年2月5日,10年期美债收益率下降3个基点,利率冲击不太可能。"


@pytest.mark.parametrize(
    ("template", "why"),
    [
        ("收益率下跌3个基点。", "number"),
        ("收益率下跌三成。", "number"),
        ("收益率跌了。", "sign"),
        ("建议现在买入。", "advice"),
        ("这必然是原因。", "overclaim"),
        ("利率冲击导致了这一切。", "verb"),
        ("Powell说的。", "name"),
        ("见 https://evil.example 。", "markup"),
        (f"{{{ITEM}|value|auto}}.", "language"),
    ],
)
def test_a_bad_chinese_sentence_falls(template: str, why: str) -> None:
    """Outside slots no numeral, direction, certainty, cause verb, foreign name or address."""
    assert why in chinese(template)[1]
