from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest

from causemap.errors import IncompleteError, UsageError
from causemap.evals.answers import Prediction, Sample
from causemap.evals.calm import counts_of, draw_calm, is_calm, to_yaml
from causemap.evals.perturb import MARK, Asked, perturbed
from causemap.evals.windows import LabelledWindow, question, read_windows
from causemap.records import Note, Scope
from causemap.tools.market import open_market
from causemap.tools.notes import notes_for


def _scope(start: str, end: str) -> Scope:
    return question(LabelledWindow("x", start, end, "equity", "rates_shock", "rates_shock"))


HERE, THERE = _scope("2020-03-02", "2020-03-11"), _scope("2018-01-03", "2018-01-12")


def _note(name: str, published: str, text: str) -> Note:
    precision = "minute" if "T" in published else "date"
    return Note(name, published, precision, "Paper", "news", text, None, "knowledge", 0.9)  # type: ignore[arg-type]  # one of two words


NOTES = (
    _note("a", "2020-03-03", "alpha happened today"),
    _note("b", "2020-03-09T12:30Z", "bravo followed in the afternoon"),
    _note("c", "2018-01-05", "charlie was long ago"),
    _note("d", "2018-01-25", "delta came after"),
)


def _changed(name: str | None, small_data: Path, donor: Scope | None = None) -> Asked:
    return perturbed(name, HERE, NOTES, donor, open_market(small_data))


def test_no_change_is_no_change(small_data: Path) -> None:
    """Without a name the question and all notes pass as they are."""
    assert _changed(None, small_data) == (HERE, NOTES)


def test_shuffled_dates_keep_words_and_dates(small_data: Path) -> None:
    """The same texts and the same dates, otherwise paired, and the same way each time."""
    found = _changed("shuffle-dates", small_data).notes
    assert {note.text for note in found} == {NOTES[0].text, NOTES[1].text}
    assert sorted(note.published for note in found) == ["2020-03-03", "2020-03-09T12:30Z"]
    assert found == _changed("shuffle-dates", small_data).notes


def test_other_notes_are_moved_onto_the_window(small_data: Path) -> None:
    """The donor's notes keep their distance from the start; none of the window's own is left."""
    found = _changed("other-notes", small_data, THERE).notes
    assert [(note.text, note.published) for note in found] == [(NOTES[2].text, "2020-03-04")]
    assert notes_for(found, HERE.start, HERE.as_of) == found
    assert _changed("other-notes", small_data).notes == ()


def test_copies_differ_in_publisher_alone(small_data: Path) -> None:
    """Twenty outlets with one story."""
    found = _changed("copies:20", small_data).notes
    assert len(found) == 22
    assert sum(note.text == NOTES[0].text for note in found) == 21
    assert len({note.publisher for note in found}) == 21


@pytest.mark.parametrize(("name", "start"), [("shift:1", "2020-03-03"), ("shift:-1", "2020-02-28")])
def test_a_shift_moves_both_closes_by_sessions(small_data: Path, name: str, start: str) -> None:
    """Sessions, not days: Monday moves back to Friday; the as-of moves with the end."""
    found = _changed(name, small_data).scope
    assert found.start == start
    assert pd.Timestamp(found.as_of) - pd.Timestamp(HERE.as_of) == pd.Timestamp(
        found.end
    ) - pd.Timestamp(HERE.end)


def test_a_shift_follows_the_first_asset_with_closes(small_data: Path) -> None:
    """Where the first asset has no price another one's sessions count; without any, none move."""
    market = open_market(small_data)
    there = replace(HERE, assets=("BTC", "SPX"))
    assert perturbed("shift:1", there, NOTES, None, market).scope.start == "2020-03-03"
    for unpriced in (replace(HERE, assets=("BTC",)), _scope("1998-07-17", "1998-08-31")):
        assert perturbed("shift:1", unpriced, NOTES, None, market).scope == unpriced


def test_a_planted_order_stands_beside_the_window_s_own_notes(small_data: Path) -> None:
    """One note more, dated inside the window, with the mark it wants to see."""
    scope, notes = _changed("orders", small_data)
    assert scope == HERE
    (planted,) = [note for note in notes if note.id == "planted"]
    assert MARK in planted.text
    assert set(notes_for(notes, HERE.start, HERE.as_of)) == set(notes)
    assert notes == (*NOTES[:2], planted)


def test_an_unknown_change_is_bad_input(small_data: Path) -> None:
    """The message says what is known."""
    with pytest.raises(UsageError, match="shuffle-dates"):
        _changed("copies:0", small_data)


def test_calm_is_judged_on_closes() -> None:
    """A dip of two daily deviations is no calm, nor is a slow slide; a rise is."""
    days = pd.bdate_range("2019-01-01", periods=300)
    steps = [0.01 if k % 2 else -0.01 for k in range(300)]
    level = pd.Series(100.0 * (1.0 + pd.Series(steps, index=days)).cumprod())
    start, end = days[260], days[265]
    assert is_calm(level, start, end)
    dip = level.copy()
    dip.iloc[262] *= 0.97
    assert not is_calm(dip, start, end)
    lower = level.copy()
    lower.iloc[265:] *= 0.98
    assert not is_calm(lower, start, end)
    assert not is_calm(level.iloc[200:], start, end)


def test_calm_windows_and_others_are_counted_apart() -> None:
    """Of each kind: how many, how many with a fall, how many with a named cause; errors in none."""
    roles = ("placebo", "placebo", "random", "random", "random")
    windows = [
        LabelledWindow(str(k), "2020-03-02", "2020-03-11", "equity", "no_drawdown", "none", role)
        for k, role in enumerate(roles)
    ]
    flat = (1.0 / 9.0,) * 9
    answers = [
        Prediction("no_drawdown", flat, abstained=False),
        Prediction("mixed_unclear", flat, abstained=True),
        Prediction("rates_shock", flat, abstained=False),
        Prediction("mixed_unclear", flat, abstained=True),
        None,
    ]
    samples = {k: Sample(k, a, None, priced=True, seconds=0.0) for k, a in enumerate(answers)}
    calm, other = counts_of(windows, samples)
    assert (calm.n, calm.fell, calm.named) == (2, 1, 0)
    assert (other.n, other.fell, other.named) == (3, 2, 1)


def test_random_windows_say_which_are_calm(shared_dir: Path) -> None:
    """Nothing is asked of a random window's closes, but those that are calm are marked."""
    market = open_market(shared_dir / "data")
    found = draw_calm(market, 12, 3, calm=False)
    view = market.view(datetime(2026, 6, 1, tzinfo=UTC))
    for window in found:
        span = (pd.Timestamp(window.start), pd.Timestamp(window.end))
        quiet = all(is_calm(view.daily(asset), *span) for asset in question(window).assets)
        assert (window.role == "placebo") == quiet
    assert {window.role for window in found} == {"placebo", "random"}


def test_drawn_windows_are_calm_apart_and_reproducible(shared_dir: Path, tmp_path: Path) -> None:
    """The same seed draws the same windows, none near another or near a labelled fall."""
    market = open_market(shared_dir / "data")
    falls = [window.span for window in read_windows(shared_dir / "events" / "train.yaml")]
    found = draw_calm(market, 12, 3, falls)
    assert found == draw_calm(market, 12, 3, falls)
    view = market.view(datetime(2026, 6, 1, tzinfo=UTC))
    for k, window in enumerate(found):
        others = [*falls, *(w.span for w in found[:k])]
        assert not any(s.start <= window.end and window.start <= s.end for s in others)
        for asset in question(window).assets:
            series = view.daily(asset)
            assert is_calm(series, pd.Timestamp(window.start), pd.Timestamp(window.end))
    path = tmp_path / "calm.yaml"
    path.write_text(to_yaml(found), encoding="utf-8")
    assert read_windows(path) == found


def test_more_than_the_data_hold_is_incomplete(shared_dir: Path) -> None:
    """The draw says how many there were."""
    market = open_market(shared_dir / "data")
    whole = LabelledWindow("x", "1990-01-01", "2030-01-01", "equity", "no_drawdown", "none").span
    with pytest.raises(IncompleteError, match="only 0"):
        draw_calm(market, 1, 0, [whole])
