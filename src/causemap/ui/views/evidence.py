"""Evidence: the whole ledger, to be sorted, filtered and opened to source and quoted span."""

from __future__ import annotations

from typing import Any

import streamlit as st

from causemap.ranking import unusual_first
from causemap.records import Evidence, Report
from causemap.ui import markup, session
from causemap.ui.tables import evidence_table
from causemap.words import clean, sentence_case, value_of


def page() -> None:
    """The page."""
    found = session.framed("Evidence")
    report = found.report
    shown = _filtered(report)
    session.show(
        markup.notice(
            f"{len(shown)} of {len(report.evidence)} items. Click a column to sort, a row to open "
            "it. z is robust; pull is the weight, in log-odds, on the leading cause of its group."
        )
    )
    if shown:
        _table(report, shown)
    session.foot(report)


def _filtered(report: Report) -> list[Evidence]:
    desk, words, order = st.columns([3, 2, 1], vertical_alignment="bottom")
    present = [d for d in session.DESK_NAMES if any(e.desk == d for e in report.evidence)]
    desks = desk.pills(
        "Desks",
        present,
        selection_mode="multi",
        format_func=session.DESK_NAMES.__getitem__,
        key="evidence-desks",
    )
    sought = words.text_input("Words", placeholder="yield, BTC, funding", key="evidence-words")
    by_z = order.checkbox("Largest |z| first", key="evidence-order")
    items = [e for e in report.evidence if (not desks or e.desk in desks) and _has(e, sought)]
    return sorted(items, key=lambda e: unusual_first(e.z)) if by_z else items


def _has(item: Evidence, sought: str | None) -> bool:
    text = f"{item.id} {item.asset} {item.said} {item.source}".lower()
    return all(word in text for word in clean(sought or "", 100).lower().split())


def _table(report: Report, shown: list[Evidence]) -> None:
    state: Any = st.dataframe(
        evidence_table(report, shown),
        hide_index=True,
        height=min(560, 37 + 28 * len(shown)),
        row_height=28,
        key="evidence-table",
        on_select="rerun",
        selection_mode="single-row",
        column_config={
            "No.": st.column_config.NumberColumn(width=46),
            "Value": st.column_config.NumberColumn(width=112),
            "z": st.column_config.NumberColumn(width=56),
            "Measure": st.column_config.TextColumn(width=330),
            "Asset": st.column_config.TextColumn(width=150),
            "Pull": st.column_config.NumberColumn(width=60),
            "Available": st.column_config.DatetimeColumn(format="D MMM YYYY, HH:mm [UTC]"),
            "Link": st.column_config.LinkColumn(width="medium"),
        },
        placeholder="",
        alt="The evidence ledger as a table; the same items can be chosen by number below it.",
    )
    rows = list(state.selection.rows)
    places = {e.id: k for k, e in enumerate(report.evidence, 1)}
    picked = st.selectbox(
        "Open an item by its number",
        [e.id for e in shown],
        index=None,
        format_func=lambda i: _named(report, i, places),
        key="evidence-open",
    )
    chosen = shown[rows[0]] if rows and rows[0] < len(shown) else report.find(picked or "")
    if chosen is not None:
        session.evidence_panel(report, chosen, "ledger")


def _named(report: Report, key: str, places: dict[str, int]) -> str:
    """An item's number, what it measures and its value."""
    item = report.find(key)
    if item is None:
        return key
    return f"{places[key]}  {sentence_case(clean(item.said, 120))}, {value_of(item)}"


page()
