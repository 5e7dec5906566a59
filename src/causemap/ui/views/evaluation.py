"""Evaluation: how often the system is right, by its evaluation files."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st
from markupsafe import Markup

from causemap.errors import UsageError
from causemap.evals.naming import LEAST_FOR_CALIBRATION
from causemap.reporting.tree import Line, Table
from causemap.ui import evaluation, markup, session
from causemap.ui.charting import draw
from causemap.ui.evaluation import Evaluation
from causemap.ui.scores import evaluation_of, kept_runs
from causemap.words import clean

if TYPE_CHECKING:
    from collections.abc import Callable

    from causemap.evals.store import RunRow

_NOTHING = Evaluation("", 0, (), ())


def page() -> None:
    """The page."""
    st.title("Evaluation", anchor=False)
    runs = _runs()
    if not runs:
        session.show(
            markup.notice(
                "Runs of 'causemap eval run' appear here by themselves (folder "
                f"{session.room().settings.home / 'evals'}); a file of theirs can be opened here.",
                lead="No evaluation at hand.",
            )
        )
        return
    left, right = st.columns(2)
    name = left.selectbox("Run", list(runs))
    against = right.selectbox("Against", [n for n in runs if n != name], index=None)
    run = _scored(name, runs[name])
    if run is None:
        return
    _one(run)
    other = _scored(against, runs[against]) if against else None
    if other is not None:
        _changed(run, other)


def _runs() -> dict[str, Callable[[], Evaluation]]:
    """Evaluations in the home folder, scored when chosen, and those opened in this session."""
    found: dict[str, Callable[[], Evaluation]] = {
        row.id: partial(_evaluation, row.id, row.done) for row in _kept()
    }
    for path in sorted((session.room().settings.home / "evals").glob("*.json")):
        _add(found, path.stem, _text(path))
    for given in st.file_uploader(
        "Open evaluation files", type="json", accept_multiple_files=True, max_upload_size=8
    ):
        _add(found, given.name, given.getvalue().decode("utf-8", "replace"))
    return found


def _kept() -> tuple[RunRow, ...]:
    try:
        return kept_runs(session.room().settings)
    except UsageError as fault:
        session.show(markup.notice(clean(str(fault), 300), "warn"))
        return ()


@st.cache_data(max_entries=32, show_spinner=False)
def _evaluation(run_id: str, done: int) -> Evaluation:
    """A kept run scored once for all visitors; one more answer makes it another."""
    return evaluation_of(session.room().settings, run_id) if done else _NOTHING


def _scored(name: str, scored: Callable[[], Evaluation]) -> Evaluation | None:
    try:
        with st.spinner("Scoring the answers of this run"):
            return scored()
    except UsageError as fault:
        session.show(markup.notice(f"{clean(name, 60)}: {clean(str(fault), 200)}", "warn"))
        return None


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return ""


def _add(found: dict[str, Callable[[], Evaluation]], name: str, text: str) -> None:
    try:
        run = evaluation.read_evaluation(text, name)
    except UsageError as fault:
        session.show(markup.notice(f"{clean(name, 60)}: {clean(str(fault), 200)}", "warn"))
        return
    found[run.name] = lambda: run


def _one(run: Evaluation) -> None:
    session.show(_figures(evaluation.headline(run), "cm-kpis cm-lead"))
    session.show(_figures(evaluation.further(run), "cm-kpis cm-grid"))
    columns, rows = evaluation.confusion(run)
    lines = tuple(tuple(Line(c) for c in row) for row in rows)
    table = Table(columns, (False, *(True,) * (len(columns) - 1)), lines)
    session.show(
        Markup(
            "<section class='cm-panel'><h2>Confusion: labels down, answers across</h2>{}</section>"
        ).format(markup.table(table, "Confusion matrix"))
    )
    if run.n < LEAST_FOR_CALIBRATION:
        said = f"Calibration is not informative below {LEAST_FOR_CALIBRATION} windows (n = {run.n})"
        session.show(markup.notice(f"{said}; read the band, not the points.", "warn"))
    left, right = st.columns(2, gap="large")
    for column, chart in (
        (left, evaluation.reliability_chart(run)),
        (right, evaluation.risk_coverage_chart(run)),
    ):
        with column:
            if chart is None:
                session.show(markup.notice("Too few windows for this chart."))
            else:
                draw(chart, f"evaluation-{chart.key}")


def _figures(pairs: tuple[tuple[str, str], ...], kind: str) -> Markup:
    cells = markup.join(
        Markup("<div><b>{}</b><span>{}</span></div>").format(said, name) for said, name in pairs
    )
    return Markup("<div class='{}'>{}</div>").format(kind, cells)


def _changed(run: Evaluation, other: Evaluation) -> None:
    rows = evaluation.changed(run, other)
    lines = tuple(tuple(Line(c) for c in row) for row in rows)
    table = Table(("Window", "Label", run.name, other.name), (False,) * 4, lines)
    body = markup.table(table, "Changed verdicts") if rows else markup.notice("None changed.")
    session.show(
        Markup("<section class='cm-panel'><h2>Changed verdicts ({})</h2>{}</section>").format(
            len(rows), body
        )
    )


page()
session.foot()
