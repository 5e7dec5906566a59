"""The Briefing page: choose length and voice, read, edit, approve, publish, export.

The briefing part of the program writes and checks the issue; this page only shows it, and nothing
leaves here that its gate has not passed.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Final, Literal

import streamlit as st
from markupsafe import Markup

from causemap.briefing import editing, gate, press
from causemap.briefing.compose import LONGEST, SHORTEST, Order
from causemap.briefing.editing import Edits
from causemap.briefing.shelf import Shelf
from causemap.briefing.tree import LENGTHS
from causemap.briefing.voice import LANGUAGES
from causemap.errors import CausemapError
from causemap.ui import markup, session
from causemap.ui.egress import allowed_links, to_html
from causemap.ui.room import Subject, has_part
from causemap.words import clean

if TYPE_CHECKING:
    from pathlib import Path

    from causemap.briefing.series import Format
    from causemap.briefing.tree import Issue, Language, Said
    from causemap.records import Dossier

_OWN: Final = "own"
_LENGTHS: Final = {
    "flash": f"Flash, {LENGTHS['flash']} words",
    "daily": f"Daily, {LENGTHS['daily']}",
    "deep": f"Deep, {LENGTHS['deep']}",
    _OWN: "A number of words",
}
_TOLD: Final = {"en": "English", "zh": "Chinese"}
_VOICES: Final[tuple[Literal["wire", "plain"], ...]] = ("wire", "plain")
_FORMS: Final[dict[Format, tuple[str, str, str]]] = {
    "md": ("Markdown", "md", "text/markdown"),
    "email": ("E-mail", "eml", "message/rfc822"),
    "paste": ("Rich paste", "html", "text/html"),
    "pdf": ("PDF", "pdf", "application/pdf"),
    "json": ("JSON", "json", "application/json"),
}


def page() -> None:
    """The page."""
    found = session.framed("Briefing")
    try:
        _written(found)
    except CausemapError as fault:
        session.show(markup.notice(clean(str(fault), 500), "warn", "No briefing."))
    session.foot(found.report)


def _written(found: Subject) -> None:
    order = _order()
    key = _edits_key(found, order)
    edits: Edits = st.session_state.get(key, Edits())
    composed = _issue(found.key, order, found.dossier)
    issue = editing.apply(composed, edits, found.report)
    shelf = Shelf(_folder(found))
    findings = gate.check(issue, found.report) if edits else ()
    issue = shelf.marked(issue)
    left, right = st.columns([3, 2], gap="medium")
    with right:
        _review(found, shelf, issue, blocked=bool(findings))
        _wording(composed, issue, edits, key)
        _export(issue, findings)
    with left:
        _preview(found, press.rendered(replace(issue, pictures=()), "md").decode("utf-8"))


def _order() -> Order:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        length = st.selectbox("Length", list(_LENGTHS), 1, format_func=_LENGTHS.__getitem__)
        words = LENGTHS.get(length, 0)
        if length == _OWN:
            words = st.number_input("Words", SHORTEST, LONGEST, 200, 10)
        voice = st.selectbox("Voice", list(_VOICES))
        language: Language = st.selectbox(
            "Language", list(LANGUAGES), format_func=lambda name: _TOLD.get(name, name)
        )
        charts = st.checkbox("With charts", help="Charts go into e-mail, PDF and paste.")
    return Order(int(words), voice, language, charts=charts)


@st.cache_data(max_entries=64, show_spinner=False)
def _issue(run: str, order: Order, _dossier: Dossier) -> Issue:
    """An issue is made once: a run never changes under its id."""
    return press.issue_of(_dossier, replace(order, run=clean(run, 40)))


def _edits_key(found: Subject, order: Order) -> str:
    return f"edits-{found.key}-{order.words}-{order.voice}-{order.language}"


def _wording(composed: Issue, issue: Issue, edits: Edits, key: str) -> None:
    """Headline and sentences as a person wants them; the gate judges what comes of it."""
    _heading("Wording")
    options = list(dict.fromkeys(clean(h, 120) for h in (composed.headline, *composed.headlines)))
    chosen = st.selectbox("Headline", options, accept_new_options=True, key=f"{key}-headline")
    headline = clean(chosen or "", 120)
    headline = "" if headline == composed.headline else headline
    if headline != edits.headline:
        _keep(key, replace(edits, headline=headline))
    said = {s.claim: s for s in composed.said}
    claim = st.selectbox(
        "Sentence",
        [s.claim for s in issue.said],
        index=None,
        format_func=lambda c: clean(said[c].text, 90) if c in said else c,
        placeholder="Choose a sentence to change, move or leave out",
        key=f"{key}-sentence",
    )
    if claim in said:
        _sentence(issue, said[claim], edits, key)
    _left_out(said, edits, key)
    if edits and st.button("Back to the program's wording"):
        del st.session_state[f"{key}-headline"]
        _keep(key, Edits())


def _sentence(issue: Issue, said: Said, edits: Edits, key: str) -> None:
    claim = said.claim
    with st.form(f"reword-{claim}", border=False):
        text = st.text_area(
            "In your words", edits.texts.get(claim, said.text), max_chars=600, height=110
        )
        if st.form_submit_button("Use this wording"):
            _keep(key, editing.reworded(edits, claim, clean(text, 600)))
    with st.container(horizontal=True, gap="small"):
        if st.button("Earlier", key="earlier"):
            _keep(key, editing.moved(edits, issue, claim, -1))
        if st.button("Later", key="later"):
            _keep(key, editing.moved(edits, issue, claim, 1))
        if st.button("Leave out", key="leave-out"):
            _keep(key, editing.left_out(edits, claim))


def _left_out(said: dict[str, Said], edits: Edits, key: str) -> None:
    dropped = [c for c in edits.dropped if c in said]
    if not dropped:
        return
    back = st.selectbox(
        f"Left out ({len(dropped)})",
        dropped,
        index=None,
        format_func=lambda c: clean(said[c].text, 90) if c in said else c,
        placeholder="Choose one to put back",
        key=f"{key}-dropped",
    )
    if back in said:
        _keep(key, editing.put_back(edits, back))


def _keep(key: str, edits: Edits) -> None:
    st.session_state[key] = edits
    st.rerun()


def _folder(found: Subject) -> Path:
    """Where the issue of this run stands; the id is the ledger's own, never a typed path."""
    run_id = session.room().adopt(found, session.owner())
    return session.room().settings.home / "briefings" / "desk" / run_id


def _review(found: Subject, shelf: Shelf, issue: Issue, *, blocked: bool) -> None:
    _heading("Review")
    standing = shelf.standing(issue)
    kind = "" if standing.state != "draft" else "warn"
    session.show(markup.notice(clean(issue.review, 300), kind, f"{standing.state.capitalize()}."))
    run_id = session.room().adopt(found, session.owner())
    if blocked or not session.room().ledger.owns(run_id, session.owner()):
        return
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%MZ")
    if standing.state == "approved" and st.button("Mark as published"):
        shelf.put(issue)
        shelf.publish(now)
        st.rerun()
    if standing.state == "draft":
        _approval(shelf, issue, now)


def _approval(shelf: Shelf, issue: Issue, now: str) -> None:
    with (
        st.form("approve", border=False),
        st.container(horizontal=True, vertical_alignment="bottom"),
    ):
        name = st.text_input("Your name, as the reviewer", max_chars=80)
        pressed = st.form_submit_button("Approve this wording")
    if not pressed:
        return
    try:
        shelf.put(issue)
        shelf.approve(name, now)
    except CausemapError as fault:  # told beside the button: the briefing stays on the page
        session.show(markup.notice(clean(str(fault), 300), "bad", "Not approved."))
        return
    st.rerun()


def _preview(found: Subject, text: str) -> None:
    safe = Markup(to_html(text, allowed_links(found.report)))  # noqa: S704  the egress filter's own
    session.show(
        Markup("<article class='cm-say cm-sheet' aria-label='Preview'>{}</article>").format(safe)
    )


def _export(issue: Issue, findings: tuple[gate.Finding, ...]) -> None:
    _heading("Export")
    for finding in findings:
        said = f"{clean(finding.where, 100)}: {clean(finding.why, 200)}"
        session.show(markup.notice(said, "bad", "May not leave."))
    if findings:
        return
    if issue.withheld:
        named = ", ".join(clean(name, 40) for name in issue.withheld)
        said = f"The charts draw series that may not be republished: {named}."
        session.show(markup.notice(said, "warn", "Before you pass it on."))
    with st.container(horizontal=True, gap="small"):
        for form, (said, ending, kind) in _FORMS.items():
            if form == "pdf" and not has_part("weasyprint"):
                continue
            st.download_button(
                said,
                partial(press.rendered, issue, form),
                f"briefing-{clean(issue.date, 10)}.{ending}",
                kind,
                on_click="ignore",
                key=f"brief-{form}",
            )


def _heading(text: str) -> None:
    session.show(Markup("<section class='cm-panel'><h2>{}</h2></section>").format(text))
