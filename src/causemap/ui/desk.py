"""The frame of every page: title, style, links that stay with the run, and the history."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import streamlit as st
from markupsafe import Markup

from causemap.ui import session, tones

_HERE: Final = Path(__file__).resolve().parent
# Not in a folder named "pages": the server would run those by itself, without this frame.
_PAGES: Final = (
    (
        "Run",
        (
            ("ask", "Ask"),
            ("cause_map", "Cause map"),
            ("evidence", "Evidence"),
            ("charts", "Charts"),
            ("claims", "Claims"),
            ("briefing", "Briefing"),
            ("compare", "Compare"),
        ),
    ),
    ("Desk", (("checklist", "Checklist"), ("evaluation", "Evaluation"), ("data", "Data"))),
    ("", (("settings", "Settings"),)),
)
_RECENT: Final = 8


def frame() -> None:
    """Lay the frame and run the page that the address names."""
    pages = {
        name: st.Page(_HERE / "views" / f"{name}.py", title=title, default=name == "ask")
        for _, group in _PAGES
        for name, title in group
    }
    chosen = st.navigation(list(pages.values()), position="hidden")
    # Two tabs, and whoever hears the page instead of seeing it, are told which one it is.
    titled = f"{chosen.title} - causemap"
    st.set_page_config(page_title=titled, layout="wide", page_icon=str(_HERE / "icon.svg"))
    st.html(f"<style>{(_HERE / 'style.css').read_text('utf-8')}\n{tones.style()}</style>")
    with st.sidebar:
        _links(pages)
        _history()
    chosen.run()


def _links(pages: dict[str, st.Page]) -> None:
    session.show(Markup("<div class='cm-brand'>causemap<small>why a market fell</small></div>"))
    carried = session.address()
    new = {"run": session.NEW}
    with st.container(key="nav-new"):
        st.page_link(pages["ask"], label="New question", query_params=new)
    for heading, group in _PAGES:
        if heading:
            session.show(Markup("<div class='cm-nav'>{}</div>").format(heading))
        for name, title in group:
            st.page_link(pages[name], label=title, query_params=carried)


def _history() -> None:
    rows = session.room().ledger.runs(session.owner(), _RECENT)
    if not rows:
        return
    session.show(Markup("<div class='cm-nav'>History</div>"))
    with st.container(key="nav-history"):
        for row in rows:
            session.run_link(row.title or "untitled", "views/ask.py", row.id)


frame()
