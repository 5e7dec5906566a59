"""The Briefing page: choose length and voice, read the preview, edit the headline, approve, export.

The briefing part of the program writes and checks the issue; this page only shows it, and nothing
leaves here that its gate has not passed.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

import streamlit as st
from markupsafe import Markup

from causemap.errors import CausemapError
from causemap.ui import markup, session
from causemap.ui.egress import allowed_links, to_html
from causemap.ui.keeping import downloads
from causemap.ui.room import Subject, has_part
from causemap.words import clean

if TYPE_CHECKING:
    from pathlib import Path

_PRESS: Final = "causemap.briefing.press"
_LENGTHS: Final = {"flash": "Flash, 120 words", "daily": "Daily, 350", "deep": "Deep, 900"}
_LANGUAGES: Final = {"en": "English", "zh": "Chinese"}
_VOICES: Final = ("wire", "plain")
_FORMS: Final = {
    "md": ("Markdown", "md", "text/markdown"),
    "email": ("E-mail", "eml", "message/rfc822"),
    "paste": ("Rich paste", "html", "text/html"),
    "pdf": ("PDF", "pdf", "application/pdf"),
    "json": ("JSON", "json", "application/json"),
}


def page() -> None:
    """The page."""
    found = session.framed("Briefing")
    if not has_part(_PRESS):
        session.show(
            markup.notice(
                "Briefings (lengths, voices, approval, e-mail and PDF) are not available in this "
                "build of the program. The run itself can be exported as it stands.",
                lead="Not available in this build.",
            )
        )
        downloads(found)
        session.foot(found.report)
        return
    try:
        _written(found)
    except CausemapError as fault:
        session.show(markup.notice(clean(str(fault), 500), "warn", "No briefing."))
    session.foot(found.report)


def _written(found: Subject) -> None:
    # Not every build has the part, so its modules are found by name.
    compose: Any = import_module("causemap.briefing.compose")
    press: Any = import_module(_PRESS)
    gate: Any = import_module("causemap.briefing.gate")
    shelf: Any = import_module("causemap.briefing.shelf").Shelf(_folder(found))
    first, second, third = st.columns(3)
    length = first.selectbox("Length", list(_LENGTHS), index=1, format_func=_LENGTHS.__getitem__)
    voice = second.selectbox("Voice", list(_VOICES))
    language = third.selectbox("Language", list(_LANGUAGES), format_func=_LANGUAGES.__getitem__)
    order = compose.Order(
        compose.length_of(length), voice, language, charts=False, run=clean(found.key, 40)
    )
    issue = _edited(press.issue_of(found.dossier, order))
    findings = gate.check(issue, found.report)
    for finding in findings:
        said = f"{clean(str(finding.where), 80)}: {clean(str(finding.what), 200)}"
        session.show(markup.notice(said, "bad", "May not leave."))
    issue = shelf.marked(issue)
    _review(found, shelf, issue, blocked=bool(findings))
    _preview(found, press.rendered(issue, "md").decode("utf-8"))
    if not findings:
        _export(press, issue)


def _edited(issue: Any) -> Any:
    """The issue under the headline that was chosen or typed."""
    options = [clean(h, 120) for h in issue.headlines]
    chosen = st.selectbox("Headline", options, accept_new_options=True, key="brief-headline")
    return replace(issue, headline=clean(chosen or issue.headline, 120))


def _folder(found: Subject) -> Path:
    """Where the issue of this run stands; the id is the ledger's own, never a typed path."""
    run_id = session.room().adopt(found, session.owner())
    return session.room().settings.home / "briefings" / "desk" / run_id


def _review(found: Subject, shelf: Any, issue: Any, *, blocked: bool) -> None:
    standing = shelf.standing(issue)
    kind = "" if standing.state != "draft" else "warn"
    session.show(markup.notice(clean(issue.review, 300), kind, f"{standing.state.capitalize()}."))
    run_id = session.room().adopt(found, session.owner())
    if blocked or not session.room().ledger.owns(run_id, session.owner()):
        return
    with (
        st.form("approve", border=False),
        st.container(horizontal=True, vertical_alignment="bottom"),
    ):
        name = st.text_input("Your name, as the reviewer", max_chars=80)
        pressed = st.form_submit_button("Approve this wording")
    if pressed:
        shelf.put(issue)
        shelf.approve(name, datetime.now(UTC).strftime("%Y-%m-%dT%H:%MZ"))
        st.rerun()


def _preview(found: Subject, text: str) -> None:
    safe = Markup(to_html(text, allowed_links(found.report)))  # noqa: S704  the egress filter's own
    session.show(
        Markup("<article class='cm-say cm-sheet' aria-label='Preview'>{}</article>").format(safe)
    )


def _export(press: Any, issue: Any) -> None:
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
