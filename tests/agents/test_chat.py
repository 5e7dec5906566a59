"""A conversation over a frozen run: every intent in many phrasings, recomputed, cited, bounded."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from causemap.agents.chat import ChatAnswer, Turn, reply
from causemap.agents.chat_phrases import keys, pair
from causemap.agents.chat_question import read_question
from causemap.agents.conclude import conclude
from causemap.agents.turns import Intent
from causemap.agents.what_if import Change, recompute
from causemap.attribution.judge import judge, overall
from causemap.cases.store import load_case
from causemap.closed_sets import Cause
from causemap.records import Dossier, Note, Report
from causemap.words import percent

CASE = "2026-02-seed"


@cache
def run(case: str = CASE) -> tuple[Report, Dossier]:
    """A bundled case and its report."""
    dossier = load_case(case)
    return conclude(dossier), dossier


def ask(question: str, *history: Turn) -> ChatAnswer:
    """Put a question to the seed case."""
    return reply(*run(), question, history)


PHRASINGS: dict[Intent, tuple[str, ...]] = {
    "why": (
        "Why did it fall?",
        "what caused the drop",
        "Explain the sell-off please",
        "What happened?",
        "what was behind this",
        "reason for the fall?",
        "为什么下跌?",
        "下跌的原因是什么",
        "怎么回事",
    ),
    "why_not": (
        "Why not a rates shock?",
        "why wasn't it the Fed?",
        "Wasn't it just the Fed?",
        "did you rule out funding stress",
        "what about a recession?",
        "isn't it a liquidation cascade?",
        "which alternatives were rejected",
        "为什么不是利率冲击?",
        "怎么不是流动性危机",
        "难道不是加息吗",
    ),
    "what_if": (
        "What if yields had risen 20 bp?",
        "and if the 10-year had gone the other way?",
        "without the evidence on software",
        "Suppose bitcoin had not fallen",
        "ignore item 39",
        "what happens if you leave out gold",
        "如果收益率上升20个基点会怎样",
        "去掉软件股的证据",
        "假如比特币没有下跌",
    ),
    "compare": (
        "compare with 2022-06-all",
        "Is this similar to March 2020?",
        "has this happened before",
        "how is it different from last time",
        "和2022年相比呢",
        "历史上有类似的吗",
    ),
    "chart": (
        "show me the chart",
        "plot the correlation",
        "draw the cause map",
        "给我看图",
        "画出走势",
    ),
    "brief": (
        "brief me",
        "summarise this",
        "tl;dr",
        "give me the gist in short",
        "总结一下",
    ),
    "sources": (
        "what are your sources",
        "where does this come from",
        "how do you know",
        "list the evidence",
        "来源是什么",
        "有什么依据",
    ),
    "missing": (
        "what is missing?",
        "what don't you know",
        "any gaps in the data",
        "what are the blind spots",
        "缺少什么数据",
    ),
    "would_change": (
        "what would change your mind",
        "what would it take to flip the verdict",
        "what could prove this wrong",
        "什么会改变你的看法",
    ),
    "how_sure": (
        "how sure are you",
        "how likely is it",
        "what's the probability",
        "有多大把握",
        "概率是多少",
    ),
    "when": (
        "when did it start",
        "what moved first",
        "show the sequence of events",
        "什么时候开始的",
    ),
    "fact": ("and the VIX?", "the 10-year yield", "bitcoin", "比特币呢"),
    "refresh": ("any update today?", "refresh please", "what's the latest", "刷新一下", "最新情况"),
    "advice": (
        "should I buy the dip?",
        "is it time to sell now",
        "what to buy",
        "can we short it",
        "现在可以抄底吗",
        "应该买入吗",
    ),
    "help": ("hello", "thanks", "你好"),
}


@pytest.mark.parametrize(
    ("question", "intent"), [(q, intent) for intent, many in PHRASINGS.items() for q in many]
)
def test_a_question_is_understood_however_it_is_put(question: str, intent: Intent) -> None:
    """Each kind of question is recognised in plain English and Chinese."""
    assert read_question(question, run()[0]).intent == intent


def test_an_answer_is_in_the_language_of_the_question() -> None:
    """Chinese in, Chinese out; English otherwise."""
    han = re.compile(r"[\u3400-\u9fff]")
    for many in PHRASINGS.values():
        for question in many:
            assert bool(han.search(ask(question).text)) == bool(han.search(question))


def test_why_gives_the_verdict_with_its_evidence_for_and_against() -> None:
    """The leading cause, its figure and its items' places in the ledger are all there."""
    report, _ = run()
    said = ask("why did the metals fall?")
    metals = dict(report.verdicts)["metals"]
    assert "Liquidation cascade" in said.text
    assert percent(dict(metals.probabilities)["liquidation_cascade"]) in said.text
    assert set(said.evidence) <= {item.id for item in report.evidence}
    assert metals.support[0] in said.evidence
    place = [item.id for item in report.evidence].index(metals.support[0]) + 1
    assert f"\\[{place}\\]" in said.text


@pytest.mark.parametrize(
    ("question", "said"),
    [
        (
            "Why did metals fall?",
            "No measured link leads from a positioning unwind to any asset asked about in metals.",
        ),
        ("金属为什么下跌?", "没有实测的联系从仓位平仓通向所问的金属资产。"),
    ],
)
def test_why_says_that_a_named_cause_reaches_no_asset(question: str, said: str) -> None:
    """Nothing measured leads from what the metals verdict names to gold or silver."""
    report, dossier = run("2024-08-all")
    assert said in reply(report, dossier, question).text


def test_why_not_names_the_deciding_test() -> None:
    """The veto's own words stand with what they cite."""
    said = ask("why not a rates shock?")
    assert "2-year, 10-year and real yields fell or hardly moved" in said.text
    assert "macro.ust2y.change" in said.evidence


def test_why_not_of_the_leading_cause_says_that_it_leads() -> None:
    """Nothing is made up for a cause that was not turned down."""
    report, dossier = run("2022-06-all")
    said = reply(report, dossier, "why not a rates shock?")
    assert "leading reading" in said.text


def test_what_if_is_recomputed_by_the_engine() -> None:
    """The figures of the answer are those of judging the changed dossier."""
    report, dossier = run()
    said = ask("what if the 2-year yield had risen 30 bp?")
    items = tuple(
        replace(i, value=30.0, z=i.z * 30.0 / i.value)
        if i.id == "macro.ust2y.change" and i.z
        else i
        for i in dossier.evidence
    )
    world = replace(dossier, evidence=items)
    after = dict(overall(world, judge(world)).probabilities)
    before = dict(report.verdict.probabilities)
    cause: Cause = "rates_shock"
    assert f"| Rates shock | {percent(before[cause])} | {percent(after[cause])} |" in said.text
    assert after[cause] > before[cause]
    assert said.evidence == ("macro.ust2y.change",)
    assert said.chart is None  # the run's own chart would contradict the answer


def test_what_if_by_number_removes_that_item() -> None:
    """``ignore item N`` takes the Nth item of the ledger out, no other."""
    report, _ = run()
    key = "earnings_news.worst_cohort.residual"
    place = next(n for n, item in enumerate(report.evidence, 1) if item.id == key)
    said = ask(f"ignore item {place}")
    assert said.evidence == (key,)
    assert "Recomputed without: the weakest leadership cohort" in said.text


def test_what_if_without_a_named_item_asks_back() -> None:
    """Nothing is recomputed on a guess; the weightiest items are offered."""
    said = ask("what if it had been otherwise?")
    assert "Which measurement" in said.text
    assert "| --- |" not in said.text


def test_what_if_that_changes_nothing_says_so() -> None:
    """An item that already has the sign asked for is not counted as changed."""
    said = ask("what if bitcoin had fallen?")
    assert "Nothing was recomputed" in said.text


def test_what_if_turns_moves_alone() -> None:
    """A share of a fall has no other sign: it is said to be unchangeable, not made negative."""
    _, dossier = run()
    (share,) = [e.id for e in dossier.evidence if e.metric == "speed_share"]
    moves = [e.id for e in dossier.evidence if e.id == "technicals.btc.change"]
    for change in (Change("turn"), Change("force", -1.0)):
        assert recompute(dossier, [share], change) is None
    world = recompute(dossier, [share, *moves], Change("turn"))
    assert world is not None
    assert [item.id for item in world.changed] == moves


@settings(max_examples=30)
@given(st.sets(st.integers(0, len(run()[1].evidence) - 1), min_size=1, max_size=6))
def test_removing_items_is_judging_without_them(places: set[int]) -> None:
    """For any items: the world's verdicts are the engine's on the rest."""
    _, dossier = run()
    ids = [dossier.evidence[n].id for n in places]
    world = recompute(dossier, ids, Change("remove"))
    assert world is not None
    rest = replace(dossier, evidence=tuple(e for e in dossier.evidence if e.id not in ids))
    assert world.verdicts == judge(rest)


def test_compare_sets_two_runs_side_by_side() -> None:
    """With the other run at hand both verdicts and the largest differences are shown."""
    report, dossier = run()
    said = reply(report, dossier, "compare with 2022-06-all", other=lambda name: run(name)[0])
    assert "Rates shock" in said.text
    assert "7 Jun to 16 Jun 2022" in said.text
    assert "39.0 bp" in said.text


def test_a_second_measurement_of_the_window_is_told_by_its_changes() -> None:
    """Two runs on one window differ in what the comparison of reports finds."""
    report, dossier = run()
    first, *rest = report.verdict.probabilities
    shifted = (first[0], first[1] + 0.2)
    earlier = replace(report, verdict=replace(report.verdict, probabilities=(shifted, *rest)))
    said = reply(report, dossier, "compare with 2022-06-all", other=lambda _: earlier)
    assert "is less likely" in said.text


def test_compare_asks_before_bringing_another_run() -> None:
    """A window that is not at hand is offered, not made up."""
    said = ask("compare with 2011")
    assert said.action == "compare:2011"
    assert "shall I" in said.text


def test_newer_data_are_asked_for_before_anything_is_done() -> None:
    """A frozen run says where it ends and asks."""
    said = ask("what's the latest?")
    assert said.action == "refresh"
    assert "7 Feb 2026, 23:59 UTC" in said.text


def test_advice_is_declined() -> None:
    """What to buy is never said; what would change the reading is."""
    said = ask("should I buy bitcoin now?")
    assert "do not say what to buy" in said.text
    assert said.intent == "advice"


def test_a_chart_is_named_only_if_the_run_has_it() -> None:
    """The key is one the report has data for."""
    assert ask("show me the cause map").chart == "cause_map"
    assert ask("plot the correlation").chart == "correlation"
    report, dossier = run()
    bare = replace(report, paths=())
    said = reply(bare, dossier, "show me the price chart")
    assert said.chart is None
    assert "no data for that chart" in said.text


def test_a_follow_up_carries_on() -> None:
    """``and gold?`` after a what-if is a what-if about gold."""
    first = ask("without the software evidence")
    said = ask("and gold?", Turn("without the software evidence", first.intent))
    assert said.intent == "what_if"


def test_outside_text_is_escaped() -> None:
    """A note's markup, link and image come out as plain characters."""
    report, dossier = run()
    evil = "![x](https://evil.example/a.png) <img src=x onerror=1> **bold** [l](javascript:1)"
    note = Note("n", "2026-01-29", "date", "P<b>", "news", evil, None, "found", 0.9)
    said = reply(replace(report, notes=(note,)), dossier, "sources").text
    assert re.search(r"(?<!\\)!?\[", said.split("Dated notes")[1]) is None
    assert "<img" not in said.replace("\\<", "")
    assert "https://" not in said


@given(st.text(max_size=300))
def test_any_question_gets_an_answer_from_the_run(question: str) -> None:
    """No input breaks it, and whatever is cited is in the ledger."""
    report, _ = run()
    said = ask(question)
    assert said.text
    assert set(said.evidence) <= {item.id for item in report.evidence}


def test_every_phrase_has_the_same_places_in_both_languages() -> None:
    """A figure that is shown in English is shown in Chinese too."""
    for key in keys():
        english, chinese = pair(key)
        if english:
            assert set(re.findall(r"\{\w+\}", english)) == set(re.findall(r"\{\w+\}", chinese)), key


def test_recollected_notes_are_said_to_have_been_read() -> None:
    """Notes without a source are not shown, and not said to be missing either."""
    report, dossier = run()
    note = Note("n", "2026-01-30", "date", "x", "newswire", "remembered", None, "knowledge", 0.5)
    said = reply(replace(report, notes=(note,)), dossier, "sources").text
    assert "recollections without a source" in said
    assert "No dated notes" not in said
    assert "No dated notes" in reply(replace(report, notes=()), dossier, "sources").text
