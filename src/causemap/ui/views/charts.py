"""Charts: the window in pictures, each with its takeaway, its words and its data."""

from __future__ import annotations

import streamlit as st

from causemap.reporting.charts import Chart, all_charts
from causemap.reporting.panels import panel_charts
from causemap.ui import markup, session
from causemap.ui.charting import draw

# A few drawings at a time: a browser takes a while over a dozen of them.
_GROUPS = {
    "Prices and shares": ("paths", "contributions", "gauge", "heat"),
    "Asset by asset": ("move", "timeframes", "correlation"),
    "Time": ("timeline", "crypto"),
    "Weight": ("probabilities", "z"),
}
_ORDER = tuple(key for group in _GROUPS.values() for key in group)
# These need the whole width: many columns, or text beside the plot.
_WIDE = ("heat", "timeline", "z")
_CHOICE = "charts-group"
_KEPT = "charts-kept"
_ABSENT = {
    "paths": "Indexed paths: the run holds no price path.",
    "heat": "Heat map: the run holds no price path.",
    "contributions": "Contributions over all assets: no cause that stands has a measured part.",
    "gauge": "Drivers: no decomposition could be made.",
    "timeline": "Timeline: no dated event and no first abnormal move.",
    "correlation": "Correlation before and after: not measured for these assets.",
    "timeframes": "Horizons: no trend measure at any horizon.",
    "crypto": "Crypto on one clock: no bitcoin path with funding prints.",
}


def page() -> None:
    """The page."""
    found = session.framed("Charts")
    made = sorted((*all_charts(found.report), *panel_charts(found.report)), key=_place)
    here = {_stem(chart) for chart in made}
    shown = _GROUPS.get(_group(), _ORDER)
    made = [chart for chart in made if _stem(chart) in shown]
    half = [chart for chart in made if chart.key not in _WIDE]
    if len(half) > 1:
        for column, charts in zip(st.columns(2, gap="large"), _balanced(half), strict=True):
            with column:
                _drawn(charts)
    else:
        _drawn(half)
    _drawn([chart for chart in made if chart.key in _WIDE])
    missing = [said for key, said in _ABSENT.items() if key not in here and key in shown]
    if missing:
        session.show(markup.notice(" ".join(missing), lead="Not drawn."))
    session.foot(found.report)


def _group() -> str:
    """The charts chosen; a visitor who comes back from another page finds the same ones."""
    kept = st.session_state.get(_KEPT, next(iter(_GROUPS)))
    st.session_state.setdefault(_CHOICE, kept)  # the server drops it with the page it stands on
    named = st.segmented_control(
        "Charts", list(_GROUPS), key=_CHOICE, required=True, label_visibility="collapsed"
    )
    st.session_state[_KEPT] = named or kept
    return str(named or "")


def _drawn(charts: list[Chart]) -> None:
    for chart in charts:
        draw(chart, f"page-{chart.key}")


def _balanced(charts: list[Chart]) -> tuple[list[Chart], list[Chart]]:
    """Two columns in reading order, each next chart in the one that is shorter so far."""
    left, right = list[Chart](), list[Chart]()
    for chart in charts:
        (left if _height(left) <= _height(right) else right).append(chart)
    return left, right


def _height(charts: list[Chart]) -> float:
    """Pixels of the drawings and, about, of what stands above and below each."""
    heights = (chart.spec.get("height") for chart in charts)
    return sum(120.0 + (h if isinstance(h, int | float) else 0.0) for h in heights)


def _stem(chart: Chart) -> str:
    return chart.key.split("-", maxsplit=1)[0]


def _place(chart: Chart) -> int:
    return _ORDER.index(_stem(chart)) if _stem(chart) in _ORDER else len(_ORDER)


page()
