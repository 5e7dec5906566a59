"""A report as one self-contained HTML page: no script, no request to anywhere, light and dark."""

from __future__ import annotations

from dataclasses import dataclass

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from causemap.records import Report
from causemap.reporting import answer, content
from causemap.reporting.charts import all_charts
from causemap.reporting.drawing import to_svg
from causemap.reporting.render import chart_svg
from causemap.reporting.shares import Cell, Chart
from causemap.words import (
    ADVICE,
    domain,
    instant,
    number,
    percent,
    true_minus,
    window,
)

# Sections beside which a chart stands; a chart that is named nowhere would not be shown.
_PLACES = {
    "contributions": ("contributions", "move-"),
    "course": ("paths", "timeline"),
    "measures": ("probabilities", "z", "correlation"),
}


@dataclass(frozen=True, slots=True)
class Figure:
    """A drawn chart for the page: markup, takeaway, text alternative and its data."""

    title: str
    alt: str
    svg: Markup
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str


def templates(package: str) -> Environment:
    """The page templates of a package: all text escaped, an unknown name is an error."""
    return Environment(
        loader=PackageLoader(package),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def to_html(report: Report) -> str:
    """The page as text; the same report gives the same bytes."""
    environment = templates("causemap.reporting")
    environment.filters |= {"percent": percent, "domain": domain, "minus": true_minus}
    charts = all_charts(report)
    drawn = to_svg(report)
    return environment.get_template("report.html.j2").render(
        title=answer.title(report),
        window=window(report.scope),
        as_of=instant(report.scope.as_of),
        assets=report.scope.assets,
        headline=answer.answered(report),
        mechanism=answer.mechanism(report),
        spread=answer.spread(report),
        ranked=answer.odds(report),
        section={part.key: part for part in content.sections(report)},
        drawing=_drawn(drawn) if drawn else None,
        figures={place: _figures(charts, keys) for place, keys in _PLACES.items()},
        advice=ADVICE,
    )


def _figures(charts: tuple[Chart, ...], keys: tuple[str, ...]) -> list[Figure]:
    """Drawn charts whose key is named, or begins with a named stem that ends in a hyphen."""
    stems = tuple(key for key in keys if key.endswith("-"))
    chosen = [c for c in charts if c.key in keys or (stems and c.key.startswith(stems))]
    return [_figure(chart) for chart in chosen]


def _figure(chart: Chart) -> Figure:
    rows = tuple(tuple(_cell(value) for value in row) for row in chart.rows)
    return Figure(chart.title, chart.alt, _drawn(chart_svg(chart)), chart.columns, rows, chart.note)


def _drawn(svg: str) -> Markup:
    return Markup(svg)  # noqa: S704  made by this package, which escapes its own text


def _cell(value: Cell) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else number(value, 0 if isinstance(value, int) else 2)
