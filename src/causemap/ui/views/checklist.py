"""Checklist: the risk-off page of any day, from a run over its last five sessions."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st
from markupsafe import Markup

from causemap.checklist import SECTIONS, Checklist, build_checklist, to_markdown
from causemap.errors import CausemapError
from causemap.reporting.tree import Line, Table
from causemap.ui import markup, session
from causemap.ui.questions import Question
from causemap.ui.watching import watch
from causemap.words import clean, number, sentence_case


def page() -> None:
    """The page."""
    st.title("Checklist", anchor=False)
    key = st.query_params.get("day_run")
    status = session.room().runner.status(key) if key else None
    _ask_for_a_day()
    if key is None:
        _nothing_yet()
    elif status is not None and not status.over:
        watch(key)
    elif status is not None and status.state in ("failed", "asks"):
        session.show(markup.notice(clean(status.said, 500), "warn", "No checklist."))
    else:
        _shown(key)


def _ask_for_a_day() -> None:
    if not session.room().has_data:
        session.show(
            markup.notice(
                "A day's page is measured on market data: start with 'causemap ui --data-dir DIR'.",
                "warn",
                "No data folder.",
            )
        )
        return
    with st.form("day", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        today = datetime.now(UTC).date()
        chosen = st.date_input("Day (today: the last on file)", today, max_value=today, width=260)
        pressed = st.form_submit_button("Measure the five sessions up to it")
    if not pressed:
        return
    text = chosen.isoformat() if chosen < today else ""
    st.query_params["day_run"] = session.ask(Question("day", text), "checklist")
    st.rerun()


def _nothing_yet() -> None:
    """Without a day's run, the run of the address read as a checklist, if there is one."""
    if session.run_key() is None:
        session.show(markup.notice("Choose a day, or open a run: its window fills this page too."))
        return
    found = session.subject()
    session.show(markup.bar_of(found.report, found.title))
    _fill(build_checklist(found.report), session.run_key() or "run")


def _shown(key: str) -> None:
    try:
        found = session.room().subject(clean(key, 40))
    except CausemapError as fault:
        session.show(markup.notice(clean(str(fault), 300), "warn"))
        return
    session.show(markup.bar_of(found.report, found.title))
    _fill(build_checklist(found.report), key)


def _fill(page_: Checklist, key: str) -> None:
    readings = markup.join(
        Markup("<div><span>{}</span><b>{}</b><span>{}</span></div>").format(
            sentence_case(r.horizon), sentence_case(r.state), sentence_case(clean(r.because, 1000))
        )
        for r in page_.readings
    )
    session.show(Markup("<div class='cm-kpis cm-three'>{}</div>").format(readings))
    session.show(Markup("<p class='cm-quiet'>Verdict: {}</p>").format(page_.verdict))
    left, right = st.columns(2, gap="large")
    for k, name in enumerate(SECTIONS):
        with left if k % 2 == 0 else right:
            session.show(_section(page_, name))
    gaps = [sentence_case(clean(gap, 200)) for gap in page_.gaps]
    items = markup.join(Markup("<li>{}</li>").format(gap) for gap in gaps)
    session.show(
        Markup(
            "<section class='cm-panel'><h2>Not measured ({})</h2>"
            "<div class='cm-two'><ul class='cm-lines'>{}</ul></div></section>"
        ).format(len(gaps), items)
    )
    st.download_button(
        "Markdown", to_markdown(page_), f"checklist-{page_.date}.md", on_click="ignore", key=key
    )


def _section(page_: Checklist, name: str) -> Markup:
    here = [row for row in page_.rows if row.section == name]
    if not here:
        body = Markup("<p class='cm-quiet'>Nothing could be measured here.</p>")
    else:
        rows = tuple(
            (
                Line(sentence_case(clean(r.said, 120))),
                Line(r.value),
                Line("" if r.z is None else number(r.z, 1, signed=True)),
                Line(r.state),
                Line(r.horizon),
            )
            for r in here
        )
        columns = ("What", "Value", "z", "State", "Horizon")
        body = markup.table(Table(columns, (False, True, True, False, False), rows), name)
    return Markup("<section class='cm-panel'><h2>{}</h2>{}</section>").format(name, body)


page()
session.foot()
