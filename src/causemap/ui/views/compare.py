"""Compare: two runs, or a run and one of its analogues, side by side."""

from __future__ import annotations

import streamlit as st
from markupsafe import Markup

from causemap.errors import CausemapError
from causemap.records import Report
from causemap.reporting import content
from causemap.reporting.diff import compare
from causemap.reporting.tree import Line, Section, Table
from causemap.ui import markup, session
from causemap.ui.comparing import added_and_dropped, shared_rows
from causemap.ui.egress import label
from causemap.ui.room import Subject
from causemap.words import clean, sentence

_COLUMNS = ("Measure", "This run", "z", "The other", "z")
_NUMERIC = (False, True, True, True, True)
_ROWS = 40
_TOLD = 10


def page() -> None:
    """The page."""
    found = session.framed("Compare")
    other = _other(found)
    session.show(markup.panel(content.analogues(found.report)))
    _nearest(found)
    if other is None:
        session.foot(found.report)
        return
    left, right = st.columns(2, gap="large")
    for place, column in ((found, left), (other, right)):
        with column:
            _side(place)
    _differences(found, other)
    _changes(found, other)
    rows = shared_rows(found.report, other.report)[:_ROWS]
    cells = tuple(tuple(Line(c) for c in row) for row in rows)
    head = Markup("<section class='cm-panel'><h2>{}</h2></section>").format(
        f"Measured in both, the widest apart first ({len(rows)} shown)"
    )
    session.show(head + markup.table(Table(_COLUMNS, _NUMERIC, cells), "Measured in both runs"))
    session.foot(found.report)


def _nearest(found: Subject) -> None:
    """Links to those of the nearest past windows that are bundled, to stand beside this run."""
    bundled = {(c.start, c.end): c.id for c in session.room().cases}
    here = [
        (n, bundled[n.start, n.end]) for n in found.report.analogues if (n.start, n.end) in bundled
    ]
    with st.container(horizontal=True, key="nearest"):
        for near, case in here:
            carried = session.address() | {"with": case}
            said = f"Compare with {clean(near.case, 60)}"
            st.page_link("views/compare.py", label=label(said, 80), query_params=carried)


def _differences(found: Subject, other: Subject) -> None:
    """How this run differs from the other: verdicts, probabilities, evidence, gaps, claims."""
    title = "How this run differs from the other"
    beside = _window(found) != _window(other)
    told = compare(other.report, found.report, beside=beside)[:_TOLD]
    lines = tuple(Line(sentence(change.text)) for change in told)
    session.show(markup.panel(Section(title, title, lines, None, "Nothing of weight differs.")))


def _changes(found: Subject, other: Subject) -> None:
    """What a second measurement of the same window added and dropped."""
    one, two = found.report, other.report
    if _window(found) != _window(other):
        return
    added, dropped = added_and_dropped(two, one)
    for title, said in (("Said here only", added), ("Said there only", dropped)):
        lines = tuple(Line(text) for text in said)
        session.show(markup.panel(Section(title, title, lines, None, "Nothing.")))


def _window(found: Subject) -> tuple[str, str]:
    return found.report.scope.start, found.report.scope.end


def _other(found: Subject) -> Subject | None:
    """The run to compare with, kept in the address."""
    cases = {c.id: f"{c.start} to {c.end}  {clean(c.title, 80)}" for c in session.room().cases}
    mine = {
        r.id: f"{r.start} to {r.end}  {clean(r.title, 80)} (your run)"
        for r in session.room().ledger.runs(session.owner())
        if r.start and r.id != found.key
    }
    choices = mine | cases
    named = st.query_params.get("with")
    keys = list(choices)
    chosen = st.selectbox(
        "Compare with",
        keys,
        index=keys.index(named) if named in choices else None,
        format_func=lambda k: choices.get(k, "another run"),
        placeholder="Choose a window",
    )
    wanted = chosen or named
    if not wanted:
        return None
    st.query_params["with"] = clean(wanted, 80)
    try:
        return session.room().subject(clean(wanted, 80))
    except CausemapError as fault:
        session.show(markup.notice(clean(str(fault), 300), "warn"))
        return None


def _side(found: Subject) -> None:
    report: Report = found.report
    session.show(Markup("<div class='cm-side'>{}</div>").format(markup.bar_of(report, found.title)))
    session.show(markup.verdict(report))
    session.show(markup.mechanism(report))
    session.show(markup.panel(content.gaps(report), 4))


page()
