"""A conversation about claims, figures and what a run has no verdict on; English and Chinese."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache

import pytest

from causemap.agents.chat import ChatAnswer, Turn, reply
from causemap.agents.chat_terms import meaning
from causemap.agents.chat_words import CAUSE_ZH
from causemap.agents.conclude import conclude
from causemap.agents.names_zh import told_in
from causemap.agents.turns import Intent
from causemap.cases.store import load_case
from causemap.causes import NAMED, NAMES
from causemap.closed_sets import Cause
from causemap.records import Claim, Dossier, Note, Report
from causemap.words import band, percent

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
    assert told_in(item.said, "en" if question.isascii() else "zh") in said.text
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
        ("what was the oil price?", "macro.uso.change", "does not hold"),
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
    said = ask("how large are the bank reserves?")
    assert (said.intent, said.evidence) == ("fact", ())
    assert "measured nothing of" in said.text
    assert "bank reserves" in said.text
    held = ask("how big is the stablecoin supply?")
    assert held.evidence == ("crypto_structure.stablecoins.change",)
    assert "does not hold the level of" in held.text


def test_a_subject_without_a_verdict_is_not_answered_with_another() -> None:
    """Oil has no verdict here: its measure is given, the verdict on stocks is not."""
    said = ask("why did oil fall?")
    assert "no verdict on oil" in said.text
    assert "crude oil (USO)" in said.text
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
    assert "29 Jan to 5 Feb 2026" in said.text or "2026年1月29日至2月5日" in said.text


FURTHER: dict[Intent, tuple[str, ...]] = {
    "watch": (
        "What happens next?",
        "What should I watch?",
        "Where will bitcoin be next week?",
        "What's next?",
        "Is this the bottom?",
        "Give me the bull case",
        "What would tell me that the fall is over?",
        "When is the next FOMC meeting?",
        "接下来会怎么样?",
        "下周看什么?",
    ),
    "meaning": (
        "What does z mean?",
        "What is AI re-rating?",
        "How do you compute the probabilities?",
        "Explain its usual pattern (its beta)",
        "什么是稳健z值?",
        "概率是怎么算出来的?",
    ),
    "shares": ("How much of the fall is unexplained?", "Show me the contributions", "未解释多少?"),
    "moves": (
        "What was the biggest loser?",
        "Which asset fell most?",
        "How unusual was this?",
        "软件股和芯片股哪个跌得更多?",
    ),
    "groups": (
        "why is the verdict for metals different?",
        "Compare equities and crypto",
        "金属和加密资产有什么不同?",
    ),
    "against": ("Argue against yourself", "what's the weakest point of your case?", "反面证据呢?"),
    "when": ("Did stocks fall before bitcoin?", "Did bitcoin lead stocks?", "When did it bottom?"),
    "why": (
        "Why did stocks fall after the Fed meeting?",
        "What about metals?",
        "What was the biggest driver of the fall?",
        "What is the most likely cause of the drop?",
    ),
    "missing": ("What are you missing?",),
    "why_not": ("You are wrong, it was the yen carry trade", "Did the Fed lead to this?"),
    "would_change": ("What would make you call it a rates shock?",),
    "compare": ("Is this a repeat of October 2025?", "How does this compare to April 2025?"),
    "fact": ("What was the correlation between BTC and the Nasdaq?", "爆仓规模有多大?"),
    "found": ("Was it the Warsh nomination?", "Were there ETF outflows?"),
    "help": ("Are you an AI?", "thank you"),
}


@pytest.mark.parametrize(
    ("question", "intent"), [(q, intent) for intent, many in FURTHER.items() for q in many]
)
def test_what_analysts_ask_next_is_understood(question: str, intent: Intent) -> None:
    """Outlook, terms, shares, sizes, groups, doubts and names are questions of their own."""
    assert ask(question).intent == intent


def test_no_forecast_is_made_but_what_to_watch_is_told() -> None:
    """Every scenario of the run with each condition's state, and a plain refusal before them."""
    report = run()[0]
    said = ask("Where will bitcoin be next week?").text
    assert said.startswith("I do not forecast")
    for scenario in report.scenarios:
        assert scenario.name in said
    conditions = [t for s in report.scenarios for t in s.triggers]
    assert said.count("(met)") == sum(t.met is True for t in conditions)
    assert said.count("(not met)") == sum(t.met is False for t in conditions)
    assert said.count("(not measured)") == sum(t.met is None for t in conditions)


@pytest.mark.parametrize("cause", NAMED)
def test_every_cause_has_a_meaning_in_both_languages(cause: Cause) -> None:
    """Asked by its plain name, the definition starts with it; no other cause's is given."""
    said = meaning(f"What is a {NAMES[cause]}?", "en")
    assert said.lower().startswith(f"**{NAMES[cause]}**".lower())
    assert meaning(f"什么是{CAUSE_ZH[cause]}?", "zh").startswith(f"**{CAUSE_ZH[cause]}**")


def test_the_words_for_probabilities_are_told_as_they_are_used() -> None:
    """The definition's thresholds are those the answers are worded by."""
    said = ask('What does "likely" mean?').text
    for word, least in re.findall(r"'([a-z ]+)' from (\d+)%", said):
        assert band(int(least) / 100) == word
        assert int(least) == 0 or band((int(least) - 1) / 100) != word
    assert "'very likely' from" in said


def test_a_name_is_looked_up_in_notes_claims_measures_and_gaps() -> None:
    """What a question names is found where the run holds it; other notes are not shown."""
    report = run()[0]
    said = ask("Was it the Warsh nomination?").text
    notes = [line for line in said.splitlines() if line.startswith("- ")]
    assert notes
    assert all("Warsh" in line for line in notes)
    gap = ask("Were there ETF outflows?").text
    assert "spot ETF flows" in gap
    assert all(note.text not in said for note in report.notes if "Warsh" not in note.text)


@pytest.mark.parametrize("question", ["How long did it last?", "Was it the Martians?", "qwertz"])
def test_what_the_run_does_not_hold_is_said(question: str) -> None:
    """No near-miss is shown as an answer."""
    assert "holds nothing on those words" in ask(question).text


def test_a_month_names_the_case_that_begins_in_it() -> None:
    """A month named in English or Chinese looks up the same window; a bare year stays a year."""
    asked: list[str] = []

    def other(name: str) -> Report | None:
        asked.append(name)
        return None

    report, dossier = run()
    for question in ("compare with April 2025", "和2025年4月相比"):
        assert reply(report, dossier, question, other=other).action is None
    reply(report, dossier, "compare with 2025", other=other)
    assert asked == ["2025-04", "2025-04", "2025"]


def test_what_had_not_fallen_had_not_moved() -> None:
    """A negated move leaves the measure out instead of asking for the move it already made."""
    said = ask("what if silver hadn't fallen").text
    assert said.startswith("Recomputed without: silver (SLV)")
    assert "Nothing was recomputed" not in ask("如果比特币没有下跌会怎样").text


def test_a_what_if_that_moves_nothing_has_no_table() -> None:
    """Two equal columns say less than one sentence."""
    said = ask("what if the dollar had not moved?").text
    assert "No probability moves" in said
    assert "| --- |" not in said


def test_a_group_s_answer_names_the_group() -> None:
    """A verdict on one of several groups says whose it is."""
    assert ask("why did silver fall?").text.startswith("Metals: ")


def test_a_bare_group_asks_the_last_question_again() -> None:
    """The words "and for crypto?" after a question of doubt is one about crypto."""
    report, dossier = run()
    first = ask("How sure are you?")
    said = reply(report, dossier, "and for crypto?", (Turn("How sure are you?", first.intent),))
    assert said.intent == "how_sure"
    held = dict(report.verdicts)["crypto"]
    assert percent(dict(held.probabilities)["liquidation_cascade"]) in said.text


def test_order_is_told_of_the_assets_asked_about() -> None:
    """Of two assets named the others are left out."""
    said = ask("Did bitcoin lead silver?").text.split("Dated events")[0]
    assert "Bitcoin" in said
    assert "Silver" in said
    assert "Semiconductors" not in said


def test_shares_are_the_verdicts_own() -> None:
    """Every group's parts and its unexplained rest, as the report has them."""
    report = run()[0]
    said = ask("how much is unexplained?").text
    for _, verdict in report.verdicts:
        assert f"unexplained {percent(verdict.residual.share)}" in said
        assert all(percent(part.share) in said for part in verdict.contributions)


@pytest.mark.parametrize(
    "question",
    ["为什么下跌?", "为什么不是利率冲击?", "黄金为什么跌?", "接下来会怎么样?", "跌得最多的是什么?"],
)
def test_chinese_answers_name_measures_in_chinese(question: str) -> None:
    """No English sentence stands in them but what articles said."""
    said = ask(question).text.split("文章对此")[0]
    assert re.search(r"[a-z]{3,} [a-z]{3,} [a-z]{3,}", said) is None, said


def test_a_group_without_a_fall_has_nothing_for_or_against() -> None:
    """What did not fall is told by its moves alone."""
    dossier = load_case("2023-03-all")
    said = reply(conclude(dossier), dossier, "Why did bitcoin fall?").text
    assert said.startswith("Crypto: No drawdown. Nothing to explain: bitcoin +11.4%")
    assert "speaks" not in said


@pytest.mark.parametrize("question", ["what is unexplained?", "what is the residual"])
def test_the_unexplained_share_is_a_figure_before_it_is_a_term(question: str) -> None:
    """Its meaning is given when the meaning is asked for."""
    assert ask(question).intent == "shares"
    assert ask("what does unexplained mean?").intent == "meaning"


def test_what_is_looked_up_is_escaped() -> None:
    """A note's markup, link and image come out as plain characters."""
    report, dossier = run()
    evil = "Zebras ![x](https://evil.example/a.png) <img src=x onerror=1> [l](javascript:1)"
    note = Note("n", "2026-01-29", "date", "P<b>", "news", evil, None, "found", 0.9)
    said = reply(replace(report, notes=(note,)), dossier, "Was it the zebras?").text
    assert "Zebras" in said
    assert re.search(r"(?<!\\)!?\[", said) is None
    assert "<img" not in said.replace("\\<", "")


def test_latin_names_are_found_in_chinese() -> None:
    """A ticker between Chinese words is the ticker."""
    said = ask("如果VIX没有上升?")
    assert said.evidence == ("technicals.vix.change",)


def test_a_chart_of_an_asset_is_that_of_prices() -> None:
    """Without a word for another chart an asset's own path is meant."""
    assert ask("Can you give me a chart of bitcoin?").chart == "paths"


@pytest.mark.parametrize("question", ["how much was liquidated?", "清算了多少?"])
def test_what_was_liquidated_is_a_measure_and_the_cascade_a_cause(question: str) -> None:
    """Sums are told where sums are asked for; the cause keeps its own answer and evidence."""
    report, dossier = run()
    told = "earnings_news.told.liquidations"
    assert told in reply(report, dossier, question).evidence
    cause = reply(report, dossier, "why not a liquidation cascade?")
    assert told in cause.evidence
    # What speaks for another group's cause does not speak for this one.
    assert "earnings_news.worst_cohort.residual" not in cause.evidence
