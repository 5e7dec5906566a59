"""The further falls of ``scripts/falls``: whole, told in time, their labels kept apart."""

from __future__ import annotations

from pathlib import Path

from causemap.evals.folds import episodes
from causemap.evals.windows import question, read_windows
from causemap.tools.notes import notes_for, read_notes

FOLDER = Path(__file__).resolve().parents[2] / "scripts" / "falls"


def test_every_fall_is_told_by_notes_of_its_time() -> None:
    """Each window has notes that were out by its as-of; the README counts what is there."""
    windows, notes = read_windows(FOLDER / "falls.yaml"), read_notes(FOLDER / "falls.jsonl")
    for window in windows:
        scope = question(window)
        heard = notes_for(notes, scope.start, scope.as_of)
        assert len(heard) >= 4, window.id
    said = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert f"{len(windows)} falls" in said
    assert f"{len(notes):,} notes" in said
    twice = sum(window.second_primary is not None for window in windows)
    assert f"{twice} windows taken up twice" in said
    pages = (FOLDER.parents[1] / "docs" / "evaluation.md").read_text(encoding="utf-8")
    found = len(set(episodes([window.span for window in windows])))
    assert f"{len(windows)} falls in {found} episodes" in pages


def test_notes_carry_no_window_or_label() -> None:
    """Notes are found by time and text alone: no line names a fall or a cause."""
    for line in (FOLDER / "falls.jsonl").read_text(encoding="utf-8").splitlines():
        assert '"event"' not in line
        assert '"cause"' not in line
