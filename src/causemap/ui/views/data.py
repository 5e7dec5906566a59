"""Data: how fresh each series is, what is missing, how the last pull ended, and pulling now."""

from __future__ import annotations

from datetime import UTC, datetime

import pandas as pd
import streamlit as st
from markupsafe import Markup

from causemap.errors import CausemapError
from causemap.reporting.tree import Line, Table
from causemap.tools.freshness import Freshness, freshness
from causemap.tools.market import open_market
from causemap.tools.pulling import Outcome, Wish, read_state
from causemap.tools.registry import REGISTRY
from causemap.tools.sources.catalogue import all_sources
from causemap.ui import markup, session
from causemap.ui.filling import Pulling
from causemap.words import clean, instant, number

_ORDER = {"missing": 0, "stale": 1, "fresh": 2}
_SIGNS = {"fresh": "\u2713 fresh", "stale": "\u25d4 stale", "missing": "\u25cb absent"}
_ENDED = {"ok": "\u2713 ok", "partial": "\u25d4 partial", "failed": "\u2715 failed"}
_COLUMNS = ("Source", "State", "New values", "Missing", "First reason", "When")
_NUMERIC = (False, False, True, True, False, False)
_TICK = 0.7


@st.cache_data(ttl=60, max_entries=4, show_spinner=False)
def _measured(folder: str, at: str) -> tuple[Freshness, ...]:
    """Freshness of every series; the same for all visitors of this server."""
    market = open_market(session.room().settings.data_dir)
    return freshness(market, datetime.fromisoformat(at)) if folder else ()


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
    try:
        _pull()
        rows = _measured(str(settings.data_dir), at)
    except CausemapError as fault:
        session.show(markup.notice(clean(str(fault), 400), "warn", "No market data."))
        return
    _counts(rows)
    st.dataframe(
        _frame(rows),
        hide_index=True,
        height=620,
        row_height=28,
        key="freshness",
        column_config={
            "What": st.column_config.TextColumn(width=220),
            "Last day": st.column_config.TextColumn(width=86),
            "Source": st.column_config.TextColumn(width=190),
            "Known fault": st.column_config.TextColumn(width=260),
        },
        placeholder="",
        alt="Freshness of every series of the registry.",
    )


def _frame(rows: tuple[Freshness, ...]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "Series": r.name,
                "What": r.said,
                "State": _SIGNS[r.state],
                "Last day": None if r.last is None else str(r.last),
                "Age, days": r.age_days,
                "Allowed, days": REGISTRY[r.name].max_age,
                "Holes": None if r.state == "missing" else r.holes,
                "Source": f"{r.provider} {REGISTRY[r.name].symbol}",
                "Known fault": REGISTRY[r.name].fault,
            }
            for r in sorted(rows, key=lambda r: (_ORDER[r.state], r.name))
        ]
    )


def _counts(rows: tuple[Freshness, ...]) -> None:
    cells = markup.join(
        Markup("<div><b>{}</b><span>{}</span></div>").format(
            sum(r.state == state for r in rows), _SIGNS[state]
        )
        for state in ("fresh", "stale", "missing")
    )
    session.show(Markup("<div class='cm-kpis'>{}</div>").format(cells))


def _pull() -> None:
    """Pull now, or watch the pull at work; how each source ended last time."""
    filler = session.room().filler
    standing = filler.standing()
    if standing.state == "running":
        _watched()
        return
    names = [source.name for source in all_sources(session.room().settings)]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.multiselect("Sources", names, placeholder="All sources", key="pull-sources")
        if st.button("Pull now", key="pull"):
            filler.start(Wish(sources=tuple(chosen)))
            st.rerun()
    if standing.said:
        session.show(markup.notice(clean(standing.said, 300), "warn", "The pull."))
    _last()


def _watched() -> None:
    filler = session.room().filler

    @st.fragment(run_every=_TICK)
    def rows() -> None:
        standing = filler.standing()
        if standing.state != "running":
            st.rerun()
        session.show(markup.notice(_far(standing), lead="Pulling."))
        if standing.outcomes:
            session.show(markup.table(_table(standing.outcomes), "Sources that have answered"))

    rows()
    if st.button("Stop the pull", key="pull-stop"):
        filler.stop()


def _far(standing: Pulling) -> str:
    answered = len(standing.outcomes)
    return (
        f"{answered} of {standing.asked} sources have answered; each is kept as soon as it has. "
        "You may leave this page."
    )


def _last() -> None:
    state = read_state(session.room().settings.data_dir)
    if not state.started:
        session.show(markup.notice("This folder has not been filled from its sources yet."))
        return
    end = f"finished {_time(state.finished)}" if state.finished else "broken off; the next goes on"
    with st.expander(f"Last pull: begun {_time(state.started)}, {end}"):
        session.show(markup.table(_table(tuple(state.sources.values())), "The last pull"))


def _time(iso: str) -> str:
    return instant(datetime.fromisoformat(iso).astimezone(UTC).strftime("%Y-%m-%dT%H:%MZ"))


def _table(outcomes: tuple[Outcome, ...]) -> Table:
    return Table(_COLUMNS, _NUMERIC, tuple(_row(outcome) for outcome in outcomes))


def _row(outcome: Outcome) -> tuple[Line, ...]:
    first = outcome.missing[0] if outcome.missing else None
    why = "" if first is None else f"{clean(first.what, 40)}: {clean(first.why, 140)}"
    cells = (
        outcome.source.replace("_", " "),
        _ENDED[outcome.state],
        number(sum(outcome.added.values()), 0),
        str(len(outcome.missing)),
        why,
        _time(outcome.at),
    )
    return tuple(Line(cell) for cell in cells)


page()
session.foot()
