"""How sure, headlines, what was liquidated, what cannot be supposed, slips of the pen."""

from __future__ import annotations

import pytest
from tests.agents.test_chat_days import ask, run

from causemap.agents.chat import Turn, reply
from causemap.attribution.calibration import load_calibration
from causemap.attribution.reliability import Bin, load_reliability
from causemap.briefing.headline import headlines
from causemap.words import percent

SEED = "2026-02-seed"


def test_the_record_covers_every_probability_once() -> None:
    """Its bins touch, hold each window once, and hold as many as the fit was made on."""
    held = load_reliability()
    assert [b.low for b in held.bins[1:]] == [b.high for b in held.bins[:-1]]
    assert (held.bins[0].low, held.bins[-1].high) == (0.0, 1.0)
    assert sum(b.n for b in held.bins) == held.windows
    assert all(b.low <= b.mean <= b.high and 0 <= b.right <= b.n for b in held.bins)
    assert held.of(1.0) is held.bins[-1]
    assert held.of(0.0) is held.bins[0]
    assert load_calibration().weights  # the fit that the record is of comes with the package


def test_an_interval_holds_the_share_and_says_what_chance_allows() -> None:
    """Eight of eight prove no more than two thirds; sixty of seventy prove a low mean shy."""
    few = Bin(0.9, 1.0, 8, 8, 0.92)
    assert few.interval[0] == pytest.approx(0.676, abs=0.001)
    assert few.shy is None
    assert Bin(0.6, 0.75, 70, 62, 0.68).shy is True
    assert Bin(0.6, 0.75, 70, 20, 0.68).shy is False


@pytest.mark.parametrize(
    "question", ["is 96 % too high?", "is 96% justified", "96%是不是太高", "can I trust the 96 %?"]
)
def test_a_probability_is_named_and_held_against_its_record(question: str) -> None:
    """Whose it is in this run, and how often such ones were right in labelled falls."""
    said = ask(question)
    assert said.intent == "how_sure"
    assert said.text.startswith("96%")
    one = load_reliability().of(0.96)
    assert str(load_reliability().windows) in said.text
    assert percent(one.right / one.n) in said.text
    assert percent(one.mean) in said.text


def test_a_probability_of_no_cause_is_said_to_be_none_s() -> None:
    """A figure that the reader brings along is not taken for one of the run."""
    assert ask("is 77% too low?").text.startswith("No single cause is held at 77%")


def test_how_sure_tells_each_group_and_the_cause_asked_about() -> None:
    """The overall figure alone would hide what the groups' verdicts are."""
    said = ask("how likely is a rates shock?").text
    report = run(SEED)[0]
    for _, verdict in report.verdicts:
        assert percent(verdict.ranked[0][1]) in said
    assert f"Overall {percent(dict(report.verdict.probabilities)['rates_shock'])}" in said


@pytest.mark.parametrize(
    "question", ["write me a headline", "subject line?", "tweet", "给我一个标题"]
)
def test_headlines_are_the_briefing_s_own(question: str) -> None:
    """None is made up for the asking; without a maker of headlines that is said."""
    report, dossier = run(SEED)
    said = reply(report, dossier, question, headlines=headlines)
    language = "en" if question.isascii() else "zh"
    first = headlines(report, "en" if language == "en" else "zh")[0]
    assert said.intent == "headline"
    assert first in said.text.replace("\\", "")
    assert "causemap brief" in reply(report, dossier, question).text


def test_the_last_answer_is_given_again_in_another_language() -> None:
    """The words "in Chinese please" alone ask the last question again."""
    said = ask("in Chinese please", SEED, "why not a rates shock?")
    assert said.intent == "why_not"
    assert "利率冲击" in said.text


def test_what_was_liquidated_is_told_in_dollars_and_as_a_share() -> None:
    """The sum that stands in the evidence is shown, also where it alone is asked on."""
    held = "earnings_news.told.liquidations_usd"
    assert held in ask("how much was liquidated?").evidence
    assert held in ask("how many billions in dollars?", SEED, "how much was liquidated?").evidence
    assert ask("in dollars?", SEED, "how much was liquidated?").evidence[0] == held


@pytest.mark.parametrize("question", ["how many $ liquidated", "how much was liquidated?"])
def test_a_sum_that_was_not_measured_is_no_cause_s_probability(question: str) -> None:
    """Where no liquidations were measured that is said, with the gap."""
    said = ask(question, "2021-05-crypto")
    assert said.text.startswith("This run measured nothing of that")
    assert "market-wide liquidations" in said.text
    assert said.evidence == ()


def test_another_asset_s_liquidations_are_no_answer() -> None:
    """Ether's are not bitcoin's."""
    said = ask("how much ETH was liquidated")
    assert said.text.startswith("This run measured nothing of that")
    assert said.evidence == ()


@pytest.mark.parametrize(
    "question",
    [
        "what if VIX had stayed at 15",
        "what if gold had doubled",
        "what if the Fed had not cut rates on 15 March",
        "what if bitcoin were at 100k",
    ],
)
def test_what_cannot_be_supposed_is_not_recomputed(question: str) -> None:
    """A level, a multiple and an event are declined; nothing else is computed in their place."""
    said = ask(question)
    assert said.intent == "what_if"
    assert "Nothing was recomputed" in said.text
    assert "Recomputed" not in said.text.replace("Nothing was recomputed", "")


def test_prices_that_go_against_what_is_measured_are_turned_round() -> None:
    """A stronger yen is a lower dollar-yen; dearer bonds are lower yields."""
    assert "dollar-yen −3.0%" in ask("what if the yen had risen 3%?").text
    turned = ask("what if bonds had fallen?").text
    assert "the 10-year Treasury yield +3.0 bp" in turned
    assert "the 10-year Treasury yield +3.0 bp" in ask("what if yields had risen?").text


def test_a_narrow_name_takes_no_wider_one_with_it() -> None:
    """High-yield spreads are no Treasury yields."""
    said = ask("what if high yield spreads had not widened?", "2020-03-all")
    assert not any("ust" in key for key in said.evidence)
    assert "macro.hy_oas.change" in said.evidence
    assert ask("what was the real yield?").evidence == ("macro.real10y.change",)


def test_a_closest_cause_is_not_said_to_fit_worse() -> None:
    """Of a run that names no cause the likeliest one was not turned down for another."""
    said = ask("why not a liquidation cascade?", "2020-03-all").text
    assert "fits another cause better" not in said
    assert "comes closest here" in said
    assert "In crypto it leads" in said


def test_a_group_without_a_verdict_is_not_answered_with_another_s() -> None:
    """Stocks in a run of coins have moves here, and no cause."""
    for question in ("and what about stocks?", "how sure are you about stocks?"):
        said = ask(question, "2021-05-crypto")
        assert said.text.startswith("This run holds no verdict on equities")
        assert "technicals.spx.change" in said.evidence


@pytest.mark.parametrize(
    "question", ["what is the capital of France", "fear and greed index?", "btc dominance"]
)
def test_half_a_question_s_words_are_no_answer(question: str) -> None:
    """What names one word of several is about something else."""
    assert "holds nothing on those words" in ask(question, "2022-11-crypto").text


def test_a_thing_that_is_blamed_is_told_as_measured() -> None:
    """The dollar is no cause of the closed set: what it did is said, not what others were."""
    assert ask("did the dollar cause this?").evidence[0] == "macro.dxy.change"
    assert "Kevin Warsh" in ask("was it due to the Warsh pick?").text


def test_a_figure_s_note_is_its_source() -> None:
    """Where a figure of the news comes from is the note that tells it."""
    said = ask("where does the 19 billion figure come from?", "2025-10-all").text
    assert "CoinGlass" in said.split("Where the figures come from")[0]


def test_a_slip_of_the_pen_is_read_aloud() -> None:
    """A word nearly known is read as it where nothing else was understood, and that is said."""
    said = ask("what hapened to ethreum")
    assert said.text.startswith("Read as: what happened to ethereum")
    assert "Read as" not in ask("what did Anthropic do?").text
    assert "Read as" not in ask("qwertzuiop").text


def test_a_follow_up_keeps_the_last_question_s_things() -> None:
    """A bare "why?" after a question on gold is one about metals."""
    said = ask("why?", SEED, "and gold?")
    assert said.text.startswith("Metals: ")
    whole = ask("what is missing?", SEED, "and gold?")
    assert whole.text == ask("what is missing?").text


def test_two_windows_are_compared_by_their_moves_too() -> None:
    """Which was worse is asked of the moves, and of both windows named."""
    report, dossier = run("2021-05-crypto")
    history = (Turn("compare with 2022-11-crypto", "compare"),)
    other = {"2022-11-crypto": run("2022-11-crypto")[0], "2018-11": run("2018-11-crypto")[0]}
    said = reply(report, dossier, "which one was worse?", history, other=other.get)
    assert "bitcoin: −24.7% | −25.4%" in said.text
    both = reply(report, dossier, "more like 2022-11-crypto or 2018-11?", other=other.get)
    assert both.text.count("Cause | This window | The other") == 2


def test_a_name_of_no_window_is_said_to_be_none() -> None:
    """The nearest windows are not passed off as the event that was named."""
    said = ask("how does it compare to the GFC")
    assert "No bundled case is GFC" in said.text


def test_a_chart_beside_a_figure_shows_that_figure() -> None:
    """The chart of the most unusual measures stands only beside what it draws."""
    assert ask("and silver?").chart == "z"
    assert ask("how much was liquidated?").chart is None


def test_a_group_without_a_fall_has_no_share_of_a_cause() -> None:
    """Metals did not fall in January 2022: a rates shock has no share there, not one of nought."""
    said = ask("how likely is a rates shock?", "2022-01-all").text
    told = next(line for line in said.splitlines() if line.startswith("**Rates shock**"))
    assert "Equities" in told
    assert "Metals" not in told
