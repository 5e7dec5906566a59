"""Data: how fresh each series is, what is missing, and pulling now where that is possible."""

from __future__ import annotations

from datetime import UTC, datetime

import pandas as pd
import streamlit as st
from markupsafe import Markup

from causemap.errors import CausemapError
from causemap.ui import markup, session
from causemap.ui.freshness import Freshness, freshness
from causemap.ui.room import has_part
from causemap.words import clean, instant

_ORDER = {"failed": 0, "absent": 1, "stale": 2, "fresh": 3}
_SIGNS = {"fresh": "\u2713 fresh", "stale": "\u25d4 stale", "absent": "\u25cb absent"}


@st.cache_data(ttl=60, max_entries=4, show_spinner=False)
def _measured(folder: str, at: str) -> tuple[Freshness, ...]:
    """Freshness of every series; the same for all visitors of this server."""
    return freshness(session.room().settings.data_dir, datetime.fromisoformat(at)) if folder else ()


def page() -> None:
    """The page."""
    st.title("Data", anchor=False)
    settings = session.room().settings
    now = datetime.now(UTC)
    at = now.strftime("%Y-%m-%dT%H:%MZ")
    session.show(
        Markup("<p class='cm-quiet'>Folder {}, looked at {}.</p>").format(
            str(settings.data_dir), instant(at)
        )
    )
    _pull()
    try:
        rows = _measured(str(settings.data_dir), at)
    except CausemapError as fault:
        session.show(markup.notice(clean(str(fault), 400), "warn", "No market data."))
        return
    _counts(rows)
    frame = pd.DataFrame(
        [
            {
                "Series": r.name,
                "What": r.said,
                "State": _SIGNS.get(r.state, r.state),
                "Last value": r.last,
                "Age, days": r.age,
                "Allowed": r.allowed,
                "Holes": r.holes,
                "First": r.first,
                "Source": r.source,
                "Known fault": r.fault,
            }
            for r in sorted(rows, key=lambda r: (_ORDER.get(r.state, 9), r.name))
        ]
    )
    st.dataframe(
        frame,
        hide_index=True,
        height=620,
        row_height=28,
        key="freshness",
        placeholder="",
        alt="Freshness of every series of the registry.",
    )


def _counts(rows: tuple[Freshness, ...]) -> None:
    cells = markup.join(
        Markup("<div><b>{}</b><span>{}</span></div>").format(
            sum(r.state == state for r in rows), _SIGNS[state]
        )
        for state in ("fresh", "stale", "absent")
    )
    session.show(Markup("<div class='cm-kpis'>{}</div>").format(cells))


def _pull() -> None:
    if not has_part("causemap.tools.pull"):
        session.show(markup.notice("Pulling from here is not available in this build."))
        return
    session.show(
        markup.notice("Fill the folder with 'causemap data pull' in a terminal, then reload.")
    )


page()
