"""Charts on a page: toned to the theme, with their text alternative and the rows behind them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import streamlit as st
from markupsafe import Markup

from causemap.reporting import vega
from causemap.reporting.charts import Chart, all_charts
from causemap.reporting.json_codec import Json
from causemap.reporting.tree import Line, Table
from causemap.ui import markup, session, tones
from causemap.words import number

if TYPE_CHECKING:
    from causemap.reporting.shares import Cell
    from causemap.ui.room import Subject

_SCHEMA: Final = "https://vega.github.io/schema/vega-lite/v6.json"
_FONT: Final = '"Source Sans", "Source Sans Pro", Helvetica, Arial, sans-serif'


def is_dark() -> bool:
    """Whether the visitor's page was dark when it was last laid."""
    return st.context.theme.type == "dark"


def on_page(chart: Chart, *, dark: bool) -> dict[str, Json]:
    """The chart's specification for a page: as wide as its place, its scale in the page's tones."""
    spec = tones.scaled(chart.spec, dark=dark)
    assert isinstance(spec, dict)  # noqa: S101  a chart's specification is an object
    config = spec.get("config")
    held = config if isinstance(config, dict) else {}
    # Specifications with text at a fixed place beside the plot keep their own width.
    wide: dict[str, Json] = {} if spec.get("width") != vega.WIDTH else {"width": "container"}
    room: dict[str, Json] = {
        "$schema": _SCHEMA,
        # Figures at the ends of bars are set in a font that is wider than the one measured.
        "padding": {"left": 2, "right": 20, "top": 4, "bottom": 4},
    }
    # The drawing has its words as a whole; its marks would be read out one by one without any.
    marks = held.get("mark")
    silent: dict[str, Json] = (marks if isinstance(marks, dict) else {}) | {"aria": False}
    axis = held.get("axis")
    apart: dict[str, Json] = (axis if isinstance(axis, dict) else {}) | {"labelSeparation": 6}
    own: dict[str, Json] = {"font": _FONT, "mark": silent, "axis": apart}
    return spec | wide | room | {"config": held | own, "background": "transparent"}


def draw(chart: Chart, key: str) -> None:
    """A chart under its takeaway, with its text alternative and its data."""
    session.show(Markup("<h2 class='cm-take'>{}</h2>").format(chart.title))
    st.vega_lite_chart(
        spec=on_page(chart, dark=is_dark()), theme=None, alt=chart.alt, key=f"chart-{key}"
    )
    if chart.note:
        session.show(Markup("<p class='cm-quiet cm-key'>{}</p>").format(chart.note))
    with st.expander("Show data"):
        session.show(markup.table(as_table(chart), chart.title))


def as_table(chart: Chart) -> Table:
    """The rows behind a chart."""
    numeric = tuple(
        all(not isinstance(row[k], str) for row in chart.rows) for k in range(len(chart.columns))
    )
    rows = tuple(tuple(Line(_cell(value)) for value in row) for row in chart.rows)
    return Table(chart.columns, numeric, rows)


def _cell(value: Cell) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else number(value, 0 if isinstance(value, int) else 2)


def draw_one(found: Subject, key: str, place: str) -> None:
    """The chart of this name, if the run has it."""
    if key == "cause_map":
        st.page_link(
            "views/cause_map.py", label="Open the cause map", query_params=session.address()
        )
        return
    chart = next((c for c in all_charts(found.report) if c.key == key), None)
    if chart is not None:
        draw(chart, f"{place}-{key}")
