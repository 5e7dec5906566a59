"""The most unusual measurements of a report as bars of their robust z."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from causemap.ranking import unusual_first
from causemap.records import Evidence, Report
from causemap.reporting import vega
from causemap.reporting.shares import Chart
from causemap.reporting.vega import Row, Spec
from causemap.words import amount, asset_name, clean, figure_of, number, sentence_case

_MAX_ROWS: Final = 16
_LIMIT: Final = 8.0
# Where a bar that goes on beyond the chart is broken, from its end, in z.
_BREAK: Final = 0.55


def evidence_z(report: Report) -> Chart | None:
    """The window's most unusual measurements as robust z-scores; bars stop at 8, figures do not.

    What was measured over the time an article speaks of belongs to that claim alone.
    """
    scored = [e for e in report.evidence if e.z is not None and math.isfinite(e.z)]
    scored = [e for e in scored if not e.metric.startswith("claim_")]
    scored.sort(key=lambda e: (unusual_first(e.z), e.id))
    if not scored:
        return None
    names = _names(scored[:_MAX_ROWS])
    pairs = [(n, e, e.z) for n, e in zip(names, scored, strict=False) if e.z is not None]
    title = f"Most unusual: {pairs[0][0]}, {amount(pairs[0][2], 'z')}"
    rows = [_row(name, item, z) for name, item, z in pairs]
    spec = vega.layered(_layers(rows), vega.ROW * len(rows))
    table = tuple((name, round(z, 2), figure_of(e), e.id) for name, e, z in pairs)
    alt = f"Bars of {len(rows)} measurements by robust z-score. {title}."
    broken = any(abs(z) > _LIMIT for _, _, z in pairs)
    note = f"Bars end at z {number(_LIMIT, 0)}; those that go on are broken." if broken else ""
    return Chart("z", title, alt, spec, ("Measure", "z", "Value", "Evidence"), table, note)


def _row(name: str, item: Evidence, z: float) -> Row:
    return {
        "name": name,
        "zero": 0,
        "value": max(-_LIMIT, min(_LIMIT, z)),
        "broken": abs(z) > _LIMIT,
        "said": f"{amount(z, 'z')} \u00b7 {figure_of(item)}",
        "brief": amount(z, "z"),
        "tone": vega.BLUE if z > 0 else vega.VERMILLION,
    }


def _layers(rows: Sequence[Row]) -> list[Spec]:
    x: Spec = vega.numeric("value", "robust z (dashed: 2 either way)", tickCount=9)
    x["scale"] = {"domain": [-_LIMIT, _LIMIT], "nice": False}
    y = vega.named()
    guide: Spec = {"type": "rule", "strokeDash": [3, 3], "color": vega.GREY}
    bar: Spec = {"type": "bar", "height": 13, "cornerRadiusEnd": 2}
    # A gap as tall as the bar in the page's own ground, slanted as breaks are drawn.
    gap: Spec = {"type": "text", "text": "//", "fontSize": 17, "fontWeight": "bold"}
    gap["color"] = "#ffffff"
    breaks: list[Row] = [
        row | {"value": math.copysign(_LIMIT - _BREAK, _z(row))} for row in rows if row["broken"]
    ]
    return [
        vega.layer(guide, [{"value": -2}, {"value": 2}], x=x),
        vega.layer(bar, rows, x=x, x2={"field": "zero"}, y=y, color=vega.plain_colour()),
        vega.layer(gap, breaks, x=x, y=y),
        *(_figures(rows, side, x, y) for side in (1, -1)),
    ]


def _figures(rows: Sequence[Row], side: int, x: Spec, y: Spec) -> Spec:
    """Figures on the free side of zero, so that they need no room beside the plot."""
    there = [row for row in rows if (_z(row) > 0) == (side > 0)]
    mark: Spec = {"align": "right" if side > 0 else "left", "dx": -7 * side}
    return vega.layer(vega.figures() | mark, there, x=x | {"field": "zero"}, y=y)


def _z(row: Row) -> float:
    value = row["value"]
    return float(value) if isinstance(value, int | float) else math.nan


def _names(items: Sequence[Evidence]) -> list[str]:
    """Row names, told apart by the asset or the id where the plain name repeats."""
    said = [sentence_case(clean(e.said, 52)) for e in items]
    names = [
        s if said.count(s) == 1 else f"{s} ({asset_name(e.asset)})"
        for s, e in zip(said, items, strict=True)
    ]
    return [
        n if names.count(n) == 1 else f"{clean(n, 30)} [{clean(e.id, 40)}]"
        for n, e in zip(names, items, strict=True)
    ]
