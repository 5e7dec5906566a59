"""A conversation about days, other times and levels: what the run holds of them, and no more."""

from __future__ import annotations

from functools import cache

import pytest

from causemap.agents.chat import ChatAnswer, Turn, reply
from causemap.agents.conclude import conclude
from causemap.cases.store import load_case
from causemap.records import Dossier, Report
from causemap.words import instant


@cache
def run(case: str) -> tuple[Report, Dossier]:
    """A bundled case and its report."""
    dossier = load_case(case)
    return conclude(dossier), dossier


def ask(question: str, case: str = "2026-02-seed", *earlier: str) -> ChatAnswer:
    """Put a question to a case, after others."""
    history: tuple[Turn, ...] = ()
    for before in earlier:
        said = reply(*run(case), before, history)
        history = (*history, Turn(before, said.intent, said.text))
    return reply(*run(case), question, history)


@pytest.mark.parametrize(
    "question",
    [
        "what happened on 30 January?",
        "what happened on Jan 30, 2026",
        "1/30/2026?",
        "30.01.2026?",
        "news of 2026-01-30",
        "what happened on Friday",
        "1月30日发生了什么",
    ],
)
def test_a_day_is_answered_with_what_is_dated_that_day(question: str) -> None:
    """Notes and events of the day, however it is written; no other day's, no verdict."""
    report = run("2026-02-seed")[0]
    said = ask(question)
    assert said.intent == "day"
    assert "metals break" in said.text
    others = [n for n in report.notes if n.published[:10] != "2026-01-30"]
    assert all(n.text[:40] not in said.text.replace("\\", "") for n in others)
    assert "Liquidation cascade** is" not in said.text


def test_a_day_s_answer_keeps_the_window_s_figures_apart() -> None:
    """The fall of the whole window stands under its own words, never as the day's."""
    said = ask("how much did gold fall on 30 January?").text
    head, whole = said.split("not that day:")
    item = run("2026-02-seed")[0].find("technicals.gld.change")
    assert item is not None
    assert "−10.9%" not in head
    assert "−10.9%" in whole


@pytest.mark.parametrize(
    ("question", "day"),
    [
        ("what did BTC do on 06/02/2026", "6 Feb 2026"),  # the other reading is 2 June
        ("what about 2 Feb?", "2 Feb 2026"),
    ],
)
def test_a_half_written_day_is_the_one_the_run_holds(question: str, day: str) -> None:
    """A day without a year, or with two readings, is read by the window."""
    assert f"Dated {day}" in ask(question).text


@pytest.mark.parametrize(
    "question",
    [
        "how much did apple fall on 3 February 2025",
        "what happened in 2017",
        "what did bitcoin do the week before",
        "how far had it recovered a week later",
        "what happened after",
        "and before that?",
        "what happened yesterday",
    ],
)
def test_other_times_are_not_answered_with_the_window_s(question: str) -> None:
    """Beyond the window nothing is shown but where the run's knowledge begins and ends."""
    said = ask(question)
    assert said.intent == "day"
    assert "29 Jan to 5 Feb 2026" in said.text
    assert said.evidence == ()


def test_days_are_counted_on_from_the_last_one_asked_about() -> None:
    """The next day's next day is two days on."""
    case = "2018-12-stocks"
    asked = ("what happened on 19 December?", "and the next day?")
    assert "20 Dec 2018" in ask(asked[1], case, asked[0]).text
    assert "21 Dec 2018" in ask("and the day after?", case, *asked).text
    assert "18 Dec 2018" in ask("and the day before that?", case, asked[0]).text


def test_a_holiday_is_asked_about() -> None:
    """No calendar of holidays is held, so none is guessed."""
    assert (
        "Which day is 'christmas eve'"
        in ask("what happened on Christmas Eve", "2018-12-stocks").text
    )


@pytest.mark.parametrize(
    "question",
    ["why did it fall in February 2026?", "what happened in February", "why did it fall in 2026?"],
)
def test_the_window_s_own_time_is_no_day(question: str) -> None:
    """A month or year that holds most of the window names the window."""
    assert ask(question).intent == "why"


def test_the_only_session_of_a_run_is_its_window() -> None:
    """A run of one day answers for that day."""
    assert ask("why did stocks fall on 10 October 2025?", "2025-10-all").intent == "why"


def test_the_worst_day_is_told_by_the_closes_of_the_run_s_path() -> None:
    """The closes stand in the run as its price chart draws them; no return is worked out."""
    path = next(path for path in run("2026-02-seed")[0].paths if path.asset == "NDX")
    steps = zip(path.values, path.values[1:], path.dates[1:], strict=False)
    before, close, worst = min(steps, key=lambda step: step[1] / step[0])
    said = ask("which day was the worst for the Nasdaq").text
    first = next(line for line in said.splitlines() if line.startswith("- "))
    assert first == f"- the Nasdaq 100, {instant(worst)}: {before:.1f} \u2192 {close:.1f}"


def test_a_day_of_what_has_no_path_is_not_ranked() -> None:
    """Of yields the run holds the move over the window alone."""
    said = ask("when did the 10-year yield move the most").text
    assert "does not rank its days" in said
    assert "Closes on paths" not in said


@pytest.mark.parametrize(
    ("question", "item"),
    [
        ("USDJPY level at the end", "macro.usdjpy.change"),
        ("where did the nasdaq close", "technicals.ndx.change"),
        ("gold price in dollars", "technicals.gld.change"),
    ],
)
def test_a_change_is_not_passed_off_as_a_level(question: str, item: str) -> None:
    """A level asked for by any of its words is said not to be held."""
    said = ask(question)
    assert "does not hold the level of" in said.text
    assert item in said.evidence


def test_a_release_is_measured_on_its_own_day() -> None:
    """The reaction to Friday's payrolls is not Monday's, though it is measured to Monday."""
    item = "macro.spx.nfp_20240802"
    assert item in ask("what happened on 2 August?", "2024-08-all").evidence
    assert item not in ask("what happened on 5 August?", "2024-08-all").evidence


def test_a_weekday_that_is_not_the_date_s_is_asked_about() -> None:
    """Which of the two is meant is not guessed."""
    assert "Which day is 'Friday'" in ask("what happened on Friday 9 March", "2023-03-all").text


def test_a_weekday_of_several_is_asked_about() -> None:
    """Two Thursdays lie in the window."""
    assert "Which day is 'Thursday'" in ask("what happened on Thursday?").text
