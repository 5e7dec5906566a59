from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from causemap.causes import CAUSES
from causemap.closed_sets import Cause
from causemap.evals import baselines
from causemap.evals.answers import Sample, from_shares
from causemap.evals.baselines import Headline, Majority, Template
from causemap.evals.compare import Answered
from causemap.evals.features import NAMES, price_features
from causemap.evals.logistic import Logistic
from causemap.evals.summary import to_markdown
from causemap.evals.systems import Example
from causemap.evals.windows import LabelledWindow, Wording, question
from causemap.records import Note, Scope
from causemap.tools.market import AsOfView, open_market


def _scope(start: str, end: str) -> Scope:
    return question(LabelledWindow("x", start, end, "equity", "rates_shock", "rates_shock"))


SCOPE = _scope("2020-03-02", "2020-03-11")


def _view(folder: Path, scope: Scope = SCOPE) -> AsOfView:
    return open_market(folder).view(datetime.fromisoformat(scope.as_of))


def _note(text: str) -> Note:
    return Note("n", "2020-03-03", "date", "Paper", "news", text, None, "knowledge", 0.9)


def test_the_majority_is_the_commonest_label_of_the_lessons(small_data: Path) -> None:
    """Soft labels are counted, with one pseudo-count for each cause."""
    view = _view(small_data)
    lessons = [
        Example(SCOPE, view, (), (("growth_scare", 1.0),), "growth_scare"),
        Example(SCOPE, view, (), (("growth_scare", 0.6), ("rates_shock", 0.4)), "growth_scare"),
    ]
    found = Majority().fit(lessons)(SCOPE, view, ())
    assert found.primary == "growth_scare"
    assert dict(zip(CAUSES, found.probabilities, strict=True))["growth_scare"] == pytest.approx(
        2.6 / 11.0
    )


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("The Fed raised rates as inflation and yields rose", "rates_shock"),
        ("Longs were liquidated as leverage and open interest fell", "liquidation_cascade"),
        ("交易所被盗，稳定币脱锚", "crypto_idiosyncratic"),
    ],
)
def test_headlines_name_what_their_words_name(small_data: Path, text: str, cause: str) -> None:
    """The keyword baseline reads both languages."""
    assert Headline()(SCOPE, _view(small_data), (_note(text),)).primary == cause


def test_without_a_headline_nothing_is_named(small_data: Path) -> None:
    """No note, or none with a known word, is an abstention."""
    for notes in ((), (_note("Nothing in particular"),)):
        found = Headline()(SCOPE, _view(small_data), notes)
        assert (found.primary, found.abstained) == ("mixed_unclear", True)


@pytest.mark.parametrize(
    ("seen", "primary"),
    [
        ({"SPX": 0.5, "NDX": -0.2}, "no_drawdown"),
        ({"SPX": -3.0, "HY_OAS": 6.0, "UST2Y": 2.0}, "funding_stress"),
        ({"SPX": -3.0, "UST2Y": 2.0, "UST10Y": 1.5}, "rates_shock"),
        ({"SPX": -3.0, "VIX": 8.0}, "positioning_unwind"),
        ({"SPX": -3.0, "NDX|SPX": -2.0}, "ai_rerating"),
        ({"SPX": -3.0, "UST2Y": -2.0, "UST10Y": -1.5}, "growth_scare"),
        ({"SPX": -3.0}, "policy_geopolitics"),
        ({}, "policy_geopolitics"),
    ],
)
def test_the_template_follows_its_rules_in_order(
    small_data: Path, monkeypatch: pytest.MonkeyPatch, seen: dict[str, float], primary: str
) -> None:
    """The first rule that holds names the cause; no price is never no drawdown."""
    monkeypatch.setattr(baselines, "price_features", lambda *_: seen)
    assert Template()(SCOPE, _view(small_data), ()).primary == primary


def test_features_that_cannot_be_had_are_absent(small_data: Path) -> None:
    """A series that is not in the data gives no feature, not a zero."""
    found = price_features(SCOPE, _view(small_data))
    assert {"SPX", "NDX", "UST10Y", "VIX", "NDX|SPX"} <= set(found)
    assert not {"UST2Y", "BTC", "HY_OAS", "BTC|SPX"} & set(found)
    assert set(found) <= set(NAMES)


@pytest.mark.parametrize("words", [False, True])
def test_a_logistic_learns_what_its_lessons_show(small_data: Path, words: bool) -> None:
    """Windows that carry their cause in one feature or word are told apart."""
    market = open_market(small_data)
    view = market.view(datetime(2022, 1, 1, tzinfo=UTC))
    lessons = []
    for month in range(1, 13):
        scope = _scope(f"2018-{month:02d}-05", f"2018-{month:02d}-15")
        up = price_features(scope, view)["UST10Y"] > 0
        cause: Cause = "rates_shock" if up else "growth_scare"
        text = f"yields {'jumped' if up else 'sank'} today "
        notes = tuple(_note(f"{text} item{k}") for k in range(30))
        lessons.append(Example(scope, view, notes, ((cause, 1.0),), cause))
    fitted = Logistic(words).fit(lessons * 10)
    right = [fitted(e.scope, e.view, e.notes).primary == e.label[0][0] for e in lessons]
    assert sum(right) >= 10


def test_the_table_says_whether_the_best_baseline_is_beaten() -> None:
    """A column a system, a row a figure, and a sentence either way."""
    windows = tuple(
        LabelledWindow(f"w{k}", f"{2000 + k}-01-03", f"{2000 + k}-01-10", "equity", cause, "other")
        for k, cause in enumerate(CAUSES[:6])
    )
    good = {k: from_shares({cause: 1.0}) for k, cause in enumerate(CAUSES[:6])}
    poor = {k: from_shares({"mixed_unclear": 1.0}) for k in range(6)}
    runs = [
        Answered(
            name,
            windows,
            {k: Sample(k, answer, None, priced=True, seconds=0.0) for k, answer in answers.items()},
            Wording(),
        )
        for name, answers in (("a", good), ("b", poor), ("c", poor))
    ]
    text = to_markdown(runs, ("rules", "majority", "price-only"), resamples=30)
    assert text.startswith("| figure | rules | majority | price-only |\n|---|---|---|---|\n")
    assert "Best baseline by top1: majority. top1: rules beats majority" in text
    assert "| errors | 0 | 0 | 0 |" in text


def test_a_baseline_without_a_figure_is_not_the_best() -> None:
    """On calm windows nothing is ranked: no figure is no zero, and the table still stands."""
    calm = (LabelledWindow("w", "2000-01-03", "2000-01-10", "equity", "no_drawdown", "none"),)
    answer = from_shares({"mixed_unclear": 1.0})
    samples = {0: Sample(0, answer, None, priced=True, seconds=0.0)}
    runs = [Answered(name, calm, samples, Wording()) for name in ("a", "b")]
    text = to_markdown(runs, ("rules", "majority"), resamples=30)
    assert "| multi-class Brier | n/a | n/a |" in text
    assert "Best baseline" not in text
