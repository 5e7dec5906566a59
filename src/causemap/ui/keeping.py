"""Rename, delete, share and export a run."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import streamlit as st

from causemap.errors import CausemapError
from causemap.reporting import html, json_codec, markdown
from causemap.reporting.drawing import to_svg
from causemap.reporting.render import svg_png
from causemap.ui import markup, session
from causemap.words import clean

if TYPE_CHECKING:
    from causemap.ui.room import Subject


def keep_controls(found: Subject) -> None:
    """What can be done with the run; renaming and deleting are the owner's."""
    with st.expander("Share, export, rename, delete"):
        session.show(
            markup.notice(
                f"This page's address ends in ?run={found.key}. Whoever can reach this server can "
                "read the run by it; the history stays yours."
            )
        )
        downloads(found)
        if found.row is not None and session.room().ledger.owns(found.key, session.owner()):
            _owned(found)


def downloads(found: Subject) -> None:
    """The forms in which a run can be taken away."""
    report, name = found.report, f"causemap-{found.report.scope.end}"
    with st.container(horizontal=True, gap="small"):
        st.download_button(
            "Run file",
            lambda: json_codec.dump_dossier(found.dossier),
            f"{name}.case.json",
            "application/json",
            on_click="ignore",
        )
        st.download_button(
            "Report JSON",
            lambda: json_codec.dumps(report),
            f"{name}.json",
            "application/json",
            on_click="ignore",
        )
        st.download_button(
            "Markdown",
            lambda: markdown.to_markdown(report),
            f"{name}.md",
            "text/markdown",
            on_click="ignore",
        )
        st.download_button(
            "Page (HTML)",
            lambda: html.to_html(report),
            f"{name}.html",
            "text/html",
            on_click="ignore",
        )
        if report.cause_map.nodes:
            st.download_button(
                "Map (PNG)",
                lambda: svg_png(to_svg(report) or ""),
                f"{name}.png",
                "image/png",
                on_click="ignore",
            )


def _owned(found: Subject) -> None:
    with st.form("rename", border=False):
        named = st.text_input("Title", clean(found.title, 200), max_chars=200)
        if st.form_submit_button("Rename") and _done(
            lambda: session.room().ledger.rename(found.key, named)
        ):
            st.rerun()
    sure = st.checkbox("I want to delete this run, its follow-ups and its objections")
    if st.button("Delete the run", disabled=not sure) and _done(
        lambda: session.room().ledger.delete(found.key)
    ):
        session.leave()
        st.rerun()


def _done(change: Callable[[], None]) -> bool:
    """Make a change; a refusal is told where it was asked for, and the page stays to show it."""
    try:
        change()
    except CausemapError as fault:
        session.show(markup.notice(clean(str(fault), 300), "bad"))
        return False
    return True
