from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from causemap.records import Note
from causemap.tools.news.lexicon import lexicon, read_lexicon
from causemap.tools.news.reading import read
from causemap.tools.news.stories import outlet, stories
from causemap.tools.news.surprises import surprises

PHRASES = [
    (cause.strip(), text.strip())
    for cause, _, text in (
        line.partition("|")
        for line in (Path(__file__).parent / "phrases.txt").read_text("utf-8").splitlines()
        if line and not line.startswith("#")
    )
]


def _first(text: str) -> str:
    """The cause a text names most firmly."""
    return max(read(text).weights, key=lambda pair: pair[1], default=("none", 0.0))[0]


def _note(text: str, publisher: str = "Reuters", day: str = "2020-03-02", kind: str = "") -> Note:
    return Note(
        id=f"{publisher}{day}{text[:20]}",
        published=day,
        precision="date",
        publisher=publisher,
        kind=kind or "newswire",
        text=text,
        url=None,
        basis="found",
        confidence=0.9,
    )


def test_most_sentences_written_for_the_lexicon_are_read_as_their_cause() -> None:
    """Nine in ten of 124 sentences, which the lexicon was tuned on, name their cause first."""
    right = [cause for cause, text in PHRASES if _first(text) == cause]
    assert len(PHRASES) > 120
    assert len(right) >= 0.9 * len(PHRASES)


def test_every_kind_of_the_lexicon_can_be_told() -> None:
    """No kind is empty, and each has a weight of at most one."""
    assert len({kind.name for kind in lexicon()}) == len(lexicon())
    assert all(kind.patterns and 0 < kind.weight <= 1 for kind in lexicon())


def test_every_expression_of_the_lexicon_compiles() -> None:
    """Expressions are compiled when a sentence needs them; a broken one must not wait for that."""
    parts = {part for kind in lexicon() for pattern in kind.patterns for part in pattern}
    assert all(re.compile(part) for part in parts)


@pytest.mark.parametrize(
    ("sentence", "told"),
    [
        ("rain fell", True),
        ("the snowfall", False),
        ("snow", True),
        ("hail and ice", True),
        ("ice before the hail", True),
        ("hail", False),
        ("hail on rice", False),
        ("今天大雨", True),
        ("雷电", False),
        ("电闪，远处有雷", True),
    ],
)
def test_a_kind_is_told_by_any_word_or_by_both_parts_of_a_pair(sentence: str, told: bool) -> None:
    """English words stand by themselves, Chinese ones anywhere; both of a pair in any order."""
    (kind,) = read_lexicon(
        '[macros]\nfrozen = "ice"\n[[kind]]\nname = "weather"\ncause = "growth_scare"\n'
        'weight = 1.0\nen = ["rain", "hail && {frozen}", "snow"]\nzh = ["大雨", "雷 && 闪"]'
    )
    assert kind.tells(sentence) is told


def test_a_lexicon_with_an_unknown_cause_is_refused() -> None:
    """The kind at fault is named."""
    with pytest.raises(ValueError, match="odd one"):
        read_lexicon('[[kind]]\nname = "odd one"\ncause = "weather"\nweight = 1.0\nen = ["rain"]')


def test_a_text_that_tells_no_event_names_no_cause() -> None:
    """Silence is silence, not an even spread."""
    found = read("The museum opened a new wing on Tuesday.")
    assert found.weights == ()
    assert found.shares() == {}
    assert found.firmness == 0.0


def test_relief_counts_for_less_than_alarm() -> None:
    """The same event told as eased fears weighs less."""
    alarm = dict(read("Stocks fell on recession fears.").weights)["growth_scare"]
    relief = dict(read("Stocks rallied as recession fears eased.").weights)["growth_scare"]
    assert relief < 0.5 * alarm


def test_what_speaks_of_coins_is_no_news_of_banks() -> None:
    """A failed exchange is a crypto event, a failed bank a funding event."""
    coins = read("The crypto exchange halted withdrawals and filed for bankruptcy.").shares()
    banks = read("The bank collapsed after depositors fled and regulators seized it.").shares()
    assert max(coins, key=lambda c: coins[c]) == "crypto_idiosyncratic"
    assert max(banks, key=lambda c: banks[c]) == "funding_stress"


def test_the_markets_a_text_is_about_are_told() -> None:
    """Stocks, coins and metals, in either language."""
    assert read("Bitcoin fell with stocks.").about == {"equity", "crypto"}
    assert read("白银暴跌").about == {"metals"}


@pytest.mark.parametrize(
    ("sentence", "cause"),
    [
        ("payrolls grew 288,000 against a consensus near 173,000.", "rates_shock"),
        ("payrolls rose 142,000 against a 165,000 forecast.", "growth_scare"),
        ("the ism index came in at 47.2 against a 47.9 forecast.", "growth_scare"),
        ("core cpi rose 0.4% versus forecasts of 0.3%.", "rates_shock"),
        ("unemployment reached 4.3% against expectations of 4.1%.", "growth_scare"),
    ],
)
def test_figures_against_their_forecasts_are_read(sentence: str, cause: str) -> None:
    """The two numbers say which way a release surprised."""
    assert [found.cause for found in surprises(sentence)] == [cause]


def test_a_figure_in_line_with_its_forecast_is_no_surprise() -> None:
    """Equal numbers, cooler prices and absent forecasts say nothing."""
    assert surprises("payrolls rose 150,000 against a 150,000 forecast.") == ()
    assert surprises("cpi rose 0.1% against forecasts of 0.3%.") == ()
    assert surprises("payrolls rose 150,000 in may.") == ()


def test_one_story_told_twenty_times_is_one_story() -> None:
    """Copies of a text add their outlets, never a second story."""
    first = _note("The central bank raised its rate by half a point, more than most expected.")
    copies = [replace(first, id=f"copy{n}", publisher=f"Paper {n}") for n in range(20)]
    (one,) = stories([first, *copies])
    assert one.note == first
    assert len(one.outlets) == 21


def test_an_official_item_stands_for_its_story() -> None:
    """The press may be first to tell it; the act itself is what is kept."""
    text = "The central bank raised its rate by half a point, more than most expected."
    press, act = _note(text), _note(text, "Federal Reserve", kind="official")
    assert [story.note for story in stories([press, act])] == [act]


def test_the_same_words_weeks_apart_are_two_stories() -> None:
    """A new rise told in the words of the last one is news again."""
    first = _note("The central bank raised its rate by half a point.")
    assert len(stories([first, replace(first, id="later", published="2020-04-15")])) == 2


def test_copy_of_a_wire_belongs_to_the_wire() -> None:
    """Reuters via a local paper is Reuters; papers of one house are one outlet."""
    assert outlet(_note("x", "Reuters via The Age")) == outlet(_note("x", "Reuters"))
    assert outlet(_note("x", "Barron's")) == outlet(_note("x", "The Wall Street Journal"))
    assert outlet(_note("x", "The Independent")) != outlet(_note("x", "UPI"))


def test_a_word_within_a_word_tells_nothing() -> None:
    """Airline shares are no artificial-intelligence shares."""
    assert "ai_rerating" not in dict(read("Airline shares sank.").weights)
