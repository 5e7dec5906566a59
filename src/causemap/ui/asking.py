"""The Ask page: asking, watching, reading the answer, asking on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Final

import streamlit as st
from markupsafe import Markup

from causemap.errors import CausemapError
from causemap.records import Report
from causemap.reporting import answer, arguments, content
from causemap.reporting.tree import Section
from causemap.ui import markup, session
from causemap.ui.egress import label
from causemap.ui.following import conversation
from causemap.ui.given import ARTICLE_ENDINGS, Given, articles_of, notes_of
from causemap.ui.keeping import keep_controls
from causemap.ui.questions import Question, check_window, on_the_desk
from causemap.ui.room import Subject
from causemap.ui.runner import Status
from causemap.ui.watching import watch
from causemap.words import clean, day, true_minus

# Four that differ in kind: a split verdict, a rates week, a crypto break, a calm spell.
_EXAMPLES: Final = ("2026-02-seed", "2025-04-all", "2024-08-all", "2018-11-crypto")
_SHORT: Final = 6
# The window this session asked for last, and what the form shows before there is one.
_WINDOW: Final = "window-asked"
_FIRST_WINDOW: Final = Question(
    "window",
    start="2026-01-29",
    end="2026-02-05",
    assets=("SPX", "NDX", "BTC", "ETH", "gold", "silver"),
)


def page() -> None:
    """The run of the address, or the empty desk."""
    key = session.run_key()
    status = session.room().standing(key) if key else None
    if key is None:
        _empty_desk()
    elif status is not None and not status.over:
        _watch(key)
    elif status is not None and status.state in ("failed", "asks"):
        _failed(status)
    else:
        _answered()


def _empty_desk() -> None:
    st.title("Why did the market fall?", anchor=False)
    with st.container():  # inside a container the line stands here, not at the page's foot
        asked = st.chat_input(
            "Ask about a fall, for example: why did bitcoin fall in early February 2026?",
            max_chars=600,
        )
    if asked:
        _begin(Question("question", clean(asked, 600)))
    if not session.room().has_data:
        session.show(
            markup.notice(
                "New windows need market data: start with 'causemap ui --data-dir DIR', or fill "
                "the folder (see Data). The examples below need neither data, key nor network.",
                lead="No data folder yet.",
            )
        )
    session.show(markup.panel(Section("examples", "Examples", (), None, _NO_KEY)))
    titles = {case.id: case for case in session.room().cases}
    columns = st.columns(2)
    for place, case_id in enumerate(c for c in _EXAMPLES if c in titles):
        case = titles[case_id]
        with columns[place % 2]:
            apart = case.start[:4] != case.end[:4]
            closes = f"{day(case.start, year=apart)} to {day(case.end, year=True)}"
            said = f"{label(case.title, 90)}  \n{closes}"
            if st.button(said, key=f"case-{case_id}", width="stretch"):
                _open_case(case_id)
    with st.expander("A window by its two closes"):
        _window_form()
    with st.expander(f"All {len(titles)} bundled cases"):
        _all_cases()
    session.foot()


_NO_KEY: Final = "Real falls, frozen with their evidence; they open without a key or a network."


def _all_cases() -> None:
    cases = {case.id: case for case in session.room().cases}
    chosen = st.selectbox(
        "Case",
        list(cases),
        index=None,
        format_func=lambda i: f"{cases[i].start} to {cases[i].end}  {clean(cases[i].title, 90)}",
    )
    if chosen and st.button("Open the case"):
        _open_case(chosen)


def _window_form() -> None:
    with st.form("window", border=False):
        first, last, assets = st.columns([1, 1, 2])
        # One that could not be answered stands there again, to be mended.
        held = st.session_state.get(_WINDOW, _FIRST_WINDOW)
        start = first.date_input("Last close before the fall", date.fromisoformat(held.start))
        end = last.date_input("Close at its bottom", date.fromisoformat(held.end))
        named = assets.text_input("Assets, by name or word", ", ".join(held.assets))
        left, right = st.columns(2)
        notes = left.file_uploader("Notes of your own (JSON Lines)", "jsonl", max_upload_size=8)
        texts = right.file_uploader(
            "Articles to test against the tape",
            list(ARTICLE_ENDINGS),
            accept_multiple_files=True,
            max_upload_size=8,
        )
        if st.form_submit_button("Explain this window"):
            names = tuple(n.strip() for n in named.split(",") if n.strip())
            _begin_window(Question("window", "", str(start), str(end), names), notes, texts)


def _begin_window(question: Question, notes: Given | None, texts: Sequence[Given]) -> None:
    try:
        check_window(question)
    except CausemapError as fault:
        session.show(markup.notice(clean(str(fault), 400), "bad", "Not begun."))
        return
    try:
        given = replace(question, notes=notes_of(notes), articles=articles_of(texts, question.end))
    except CausemapError as fault:
        session.show(markup.notice(clean(str(fault), 400), "bad", "A file cannot be used."))
        return
    st.session_state[_WINDOW] = question
    _begin(given)


def _open_case(case_id: str) -> None:
    try:
        session.go_to(session.room().open_case(case_id, session.owner()))
    except CausemapError as fault:
        session.show(markup.notice(clean(str(fault), 400), "bad"))
        return
    st.rerun()


def _begin(question: Question) -> None:
    try:
        session.go_to(session.ask(question))
    except CausemapError as fault:
        session.show(markup.notice(clean(str(fault), 400), "bad"))
        return
    st.rerun()


def _watch(key: str) -> None:
    st.title("At work", anchor=False)
    _asked(key)
    watch(key)


def _asked(key: str) -> None:
    """What was asked, above what became of it."""
    asked = clean(session.room().ledger.row(key).title, 200)
    session.show(Markup("<div class='cm-bar'><span class='cm-asked'>{}</span></div>").format(asked))


def _failed(status: Status) -> None:
    st.title("Ask again" if status.state == "asks" else "No answer", anchor=False)
    _asked(status.run_id)
    lead = "A question back:" if status.state == "asks" else "The run ended without a result."
    session.show(markup.notice(clean(on_the_desk(status.said), 600), "warn", lead))
    with st.container():
        asked = st.chat_input("Ask with a time in it, such as 'bitcoin last week'", max_chars=600)
    if asked:
        _begin(Question("question", clean(asked, 600)))
    with st.expander("A window by its two closes"):
        _window_form()
    st.button("A new question", on_click=session.leave)
    session.foot()


def _answered() -> None:
    st.title("Answer", anchor=False)
    found = session.subject()
    report = found.report
    session.show(markup.bar_of(report, found.title))
    if found.stopped:
        session.show(session.STOPPED)
    _first_screen(found)
    _details(found)
    conversation(found)
    keep_controls(found)
    session.foot(report)


def _first_screen(found: Subject) -> None:
    """Verdict, mechanism, what would change it, gaps, then evidence: in this order."""
    report = found.report
    session.show(markup.verdict(report))
    session.show(
        Markup("<section class='cm-panel'><h2>Mechanism</h2>{}</section>").format(
            markup.mechanism(report, cited=False)
        )
    )
    line = answer.mechanism(report)
    if line is not None:
        session.cited(report, _ids(report, line.refs), "mechanism")
    left, right = st.columns(2)
    with left:
        _cited(report, content.would_change(report), "What would change my mind")
    with right:
        session.show(markup.panel(content.gaps(report), _SHORT))
    left, right = st.columns(2)
    with left:
        _cited(report, arguments.support(report))
    with right:
        _cited(report, arguments.against(report))


def _cited(report: Report, part: Section, title: str = "") -> None:
    """A section whose lines have their items beside them, to be opened."""
    heading = Markup("<section class='cm-panel'><h2>{}</h2></section>")
    session.show(heading.format(title or part.title))
    if not part.lines:
        session.show(markup.section(part))
    for place, line in enumerate(part.lines[:_SHORT]):
        key = f"{part.key}-{place}"
        session.cited(report, _ids(report, line.refs), key, said=markup.said(line, cited=False))
    left = len(part.lines) - _SHORT
    if left > 0:
        session.show(Markup("<p class='cm-quiet'>and {} more</p>").format(left))


def _ids(report: Report, refs: tuple[int, ...]) -> tuple[str, ...]:
    return tuple(report.evidence[n - 1].id for n in refs)


def _details(found: Subject) -> None:
    report = found.report
    names = ("The account", "Why not the others", "How much", "Past and watch", "All gaps")
    account, why_not, how_much, past, gaps = st.tabs(names)
    with account:
        session.show(_two_columns(markup.section(content.account(report))))
        _open_sentence(found)
    with why_not:
        session.show(_two_columns(markup.section(content.rejected(report))))
    with how_much:
        session.show(markup.section(content.contributions(report)))
    with past:
        session.show(markup.panel(content.analogues(report)))
        session.show(markup.panel(content.scenarios(report)))
        session.show(markup.panel(content.notes(report)))
    with gaps:
        session.show(markup.section(content.gaps(report)))


def _two_columns(fragment: Markup) -> Markup:
    return Markup("<div class='cm-two'>{}</div>").format(fragment)


def _open_sentence(found: Subject) -> None:
    """A sentence of the account with the items it stands on, the first one open, and objections."""
    said = found.report.narrative.sentences
    place = st.selectbox(
        "Open a sentence",
        range(len(said)),
        index=None,
        format_func=lambda k: true_minus(clean(said[k].text, 300)),
        placeholder="Choose a sentence for its evidence, or to object to it",
        key="account-sentence",
    )
    if place is None or place >= len(said):
        return
    sentence = said[place]
    session.cited(found.report, sentence.evidence, f"sentence-{place}", opened=True)
    session.objection(clean(sentence.text, 300), f"sentence-{place}")
