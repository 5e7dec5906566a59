"""Cause map: the drawing, a chosen part's evidence for and against, the same map in words."""

from __future__ import annotations

from typing import Any

import streamlit as st
from markupsafe import Markup

from causemap.records import CauseMap, Report
from causemap.reporting import content
from causemap.reporting.tree import Line, Table
from causemap.ui import map_chart, markup, session

_COLUMNS = ("From", "To", "Sign", "Link confidence", "Identified by", "For", "Against")
_NUMERIC = (False, False, False, True, False, True, True)


def page() -> None:
    """The page."""
    found = session.framed("Cause map")
    cause_map = found.report.cause_map
    if not cause_map.nodes:
        session.show(markup.notice("No cause map could be drawn from this evidence."))
        session.foot(found.report)
        return
    with st.container(key="map-parts"):
        _parts(found.report)
    rows = tuple(tuple(Line(c) for c in row) for row in map_chart.table_rows(cause_map))
    session.show(markup.table(Table(_COLUMNS, _NUMERIC, rows), "Links of the cause map"))
    session.foot(found.report)


def _parts(report: Report) -> None:
    """Drawing, key, a chosen part, and the words, which a narrow window shows first."""
    session.show(
        Markup("<p class='cm-cue'>The drawing is wider than this window: {}</p>").format(
            "swipe it sideways \u2192"
        )
    )
    with st.container(key="map"):  # on a narrow window the drawing scrolls in its own frame
        clicked = _drawing(report.cause_map)
    session.show(
        markup.notice(
            "A box's figure is the cause's probability (in its likeliest group); a link's is the "
            "confidence in that link alone, which sets its thickness too. Blue, the same "
            "way: moves with its source; orange, opposite: against it; dashed: no evidence backs "
            "the link. Click a part, or choose it below."
        )
    )
    _chosen(report, clicked)
    with st.container(key="map-words"):
        words = markup.panel(content.cause_map(report), title="The same map in words")
        session.show(Markup("<div class='cm-two'>{}</div>").format(words))


def _drawing(cause_map: CauseMap) -> str | None:
    """The interactive drawing; returns the key of the part that was clicked."""
    # Its tools repeat it as their names, so the parts themselves are told beside the drawing.
    alt = (
        f"Cause map of {len(cause_map.nodes)} boxes and {len(cause_map.edges)} links. The same map "
        "stands in words and as a table on this page."
    )
    state: Any = st.echarts_chart(
        map_chart.map_spec(cause_map),
        height=map_chart.height(cause_map),
        key="cause-map",
        on_select="rerun",
        renderer="svg",
        alt=alt,
    )
    selection = state.selection if state is not None else None
    return map_chart.picked(cause_map, selection.selected) if selection else None


def _chosen(report: Report, clicked: str | None) -> None:
    every = {part.key: part for part in map_chart.parts(report.cause_map)}
    keys = list(every)
    if clicked is not None and st.session_state.get("map-clicked") != clicked:
        st.session_state["map-clicked"] = clicked
        st.session_state["map-part"] = clicked
    chosen = st.selectbox(
        "Part of the map",
        keys,
        index=None,
        key="map-part",
        format_func=lambda key: every[key].said if key in every else key,
        placeholder="Choose a node or a link",
    )
    if chosen not in every:
        return
    part = every[chosen]
    left, right = st.columns(2)
    with left:
        said = content.pulls(report, "for", "Evidence for it", part.evidence)
        session.show(markup.panel(said))
        session.cited(report, part.evidence, f"map-for-{chosen}")
    with right:
        said = content.pulls(report, "against", "Evidence against it", part.counter)
        session.show(markup.panel(said))
        session.cited(report, part.counter, f"map-against-{chosen}")


page()
