"""Further charts of a report for the screen: days against assets, drivers, horizons, crypto.

As in :mod:`causemap.reporting.charts`: pure functions, ``None`` when there is nothing to show, a
text alternative and the rows behind each, no point after the as-of time.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from causemap.records import Evidence, Path, Report
from causemap.reporting import vega
from causemap.reporting.shares import Chart
from causemap.reporting.vega import Row, Spec
from causemap.words import asset_name, cause_name, day, figure_of, number, sentence_case

_SAID: Final[Spec] = {"field": "said", "type": "nominal"}
_CELL: Final = 30
_UP, _DOWN = "\u25b2", "\u25bc"
# Below this the window's own value and z are too near zero for a scale to be read from them.
_LEAST_Z: Final = 0.5
_SIGNED: Final = 4.0
# From this rise on the blue is so deep that light figures are read on it better than black ones
# (4.5:1 either way); the orange of falls never is.
_DEEP: Final = 3.6
# Below this the tone is near that of a calm day, which is dark on a dark page.
_FAINT: Final = 2.25
_SCALE: Final = (
    "The tone is a one-day z: the move over a usual day, which is inferred from the window's "
    "robust z by the square-root-of-time rule."
)
# What the figures beside the intervals of the gauge take, as a share of its widest span.
_ROOM: Final = 0.55
# More days than this leave no room for figures in the cells.
_SAID_DAYS: Final = 12
_FUNDING: Final = re.compile(r"\.funding_(\d{10})$")
_TREND: Final = re.compile(r"\.trend_(1h|4h|1d)$")
_HORIZONS: Final = {"1h": "hours (1h bars)", "4h": "days (4h bars)", "1d": "months (daily)"}


def panel_charts(report: Report) -> tuple[Chart, ...]:
    """Every panel the report has data for."""
    made = (heat_map(report), driver_gauge(report), timeframes(report), crypto_clock(report))
    return tuple(chart for chart in made if chart is not None)


def heat_map(report: Report) -> Chart | None:
    """Each day's move of each asset in units of the asset's own usual day.

    A run keeps one z per asset, that of the whole window. The usual day is inferred from it: the
    window's log change over its robust z, over the root of the number of days (square-root-of-time
    rule); median of the usual change taken as zero. On 187 series of the bundled windows it lies
    between 0.68 and 1.36 times the robust deviation measured on the daily history in nine of ten,
    with median 1.00. Assets whose z is near zero give no scale; their days stand as plain figures.
    """
    cells = [cell for path in report.paths for cell in _days(report, path)]
    if not cells:
        return None
    scaled = [c for c in cells if c["z"] is not None]
    rows: list[Row] = [
        c | {"tone": None if c["z"] is None else max(-_SIGNED, min(_SIGNED, _float(c["z"])))}
        for c in cells
    ]
    if scaled:
        worst = min(scaled, key=lambda c: _float(c["z"]))
        title = f"Hardest day against its own usual: {worst['name']} on {worst['day']}, "
        title += f"{worst['said']}, one-day z about {number(_float(worst['z']), 0)}"
    else:
        title = "Daily moves; the run holds no z to scale them by"
    height = _CELL * len({str(c["name"]) for c in cells})
    spec = vega.layered(_heat_layers(rows), height)
    table = tuple((str(c["name"]), str(c["date"]), _cell(c["move"]), _cell(c["z"])) for c in cells)
    alt = (
        f"Heat map of {len(cells)} asset days, orange for falls, blue for rises. {title}. {_SCALE}"
    )
    return Chart(
        "heat", title, alt, spec, ("Asset", "Day", "Move, %", "One-day z, inferred"), table
    )


def _float(value: object) -> float:
    return float(value) if isinstance(value, int | float) else math.nan


def _cell(value: object) -> float | None:
    return None if value is None else round(_float(value), 2)


def _days(report: Report, path: Path) -> list[Row]:
    scale = _daily_scale(report, path)
    found: list[Row] = []
    for k in range(1, len(path.dates)):
        before, after, on = path.values[k - 1], path.values[k], path.dates[k][:10]
        if f"{on}T20:00Z" > report.scope.as_of or not (0 < before < math.inf > after > 0):
            continue
        move = (after / before - 1.0) * 100.0
        z = None if scale is None else round(math.log(after / before) / scale, 2)
        said = f"{number(move, 1, signed=True)}%"
        row: Row = {"name": asset_name(path.asset), "date": on, "day": day(on)}
        found.append(row | {"move": round(move, 2), "z": z, "said": said})
    return found


def _daily_scale(report: Report, path: Path) -> float | None:
    """The log change that counts as one robust standard deviation of a day, from the ledger."""
    item = next(
        (e for e in report.evidence if e.asset == path.asset and e.metric == "change" and e.z), None
    )
    steps = len(path.dates) - 1
    if item is None or item.z is None or abs(item.z) < _LEAST_Z or steps < 1 or item.unit != "%":
        return None
    if not item.value > -100.0:
        return None
    scale = math.log1p(item.value / 100.0) / item.z / math.sqrt(steps)
    return scale if math.isfinite(scale) and scale > 0 else None


def _heat_layers(rows: Sequence[Row]) -> list[Spec]:
    days = sorted({str(r["date"]) for r in rows})
    every = len(days) // _SAID_DAYS + 1
    # Ticks are days as the rest of the page writes them; of many only every so many-th is named.
    x: Spec = {"field": "date", "type": "ordinal", "sort": list(days)}
    x["axis"] = {
        "title": None,
        "labelAngle": 0,
        "ticks": False,
        "labelOverlap": True,
        "values": list(days[::every]),
        "labelExpr": "utcFormat(utcParse(datum.value, '%Y-%m-%d'), '%-d %b')",
    }
    y = vega.named()
    colour: Spec = {
        "field": "tone",
        "type": "quantitative",
        "legend": {"title": ["one-day z", f"(ends at \u00b1{_SIGNED:.0f})"], "tickCount": 5},
    }
    # Orange to blue through the page's own ground: told apart by every common colour vision.
    colour["scale"] = {
        "domain": [-_SIGNED, 0, _SIGNED],
        "range": [vega.VERMILLION, vega.CALM, vega.BLUE],
        "interpolate": "rgb",
    }
    known = [r for r in rows if r["tone"] is not None]
    box: Spec = {"type": "rect", "cornerRadius": 1}
    boxes = vega.layer(box, known, x=x, y=y, color=colour)
    return [boxes, *_heat_figures(rows, x, y)] if len(days) <= _SAID_DAYS else [boxes]


def _heat_figures(rows: Sequence[Row], x: Spec, y: Spec) -> list[Spec]:
    """The moves as figures in their cells, muted where there is no tone."""
    inks = (vega.ON_FAINT, vega.ON_STRONG, vega.ON_BLUE, vega.MUTED)
    return [
        vega.layer(
            {"type": "text", "fontSize": 11, "color": ink},
            [row for row in rows if _ink(row) == ink],
            x=x,
            y=y,
            text=_SAID,
        )
        for ink in inks
    ]


def _ink(row: Row) -> str:
    if row["tone"] is None:
        return vega.MUTED
    tone = _float(row["tone"])
    if abs(tone) < _FAINT:
        return vega.ON_FAINT
    return vega.ON_BLUE if tone >= _DEEP else vega.ON_STRONG


def driver_gauge(report: Report) -> Chart | None:
    """Each driver's share of the targets' moves as a point with its 80 % interval."""
    rows: list[Row] = []
    for split in report.decompositions:
        name = asset_name(split.asset)
        rows += [
            _gauge(f"{name}: {cause_name(p.cause)}", p.share, p.low, p.high) for p in split.parts
        ]
        rows.append(
            _gauge(
                f"{name}: unexplained",
                split.residual,
                split.residual_low,
                split.residual_high,
                vega.GREY,
            )
        )
    if not rows or not all(math.isfinite(_float(r[k])) for r in rows for k in ("value", "low")):
        return None
    drivers = [r for r in rows if r["tone"] != vega.GREY]
    top = max(drivers, key=lambda r: _float(r["value"]), default=rows[0])
    title = f"Largest measured driver: {top['name']}, {top['said']}"
    spec = vega.layered(_gauge_layers(rows), 24 * len(rows))
    alt = f"Points with 80% intervals for {len(rows)} shares. {title}."
    table = tuple(
        (str(r["name"]), _cell(r["value"]), _cell(r["low"]), _cell(r["high"])) for r in rows
    )
    return Chart("gauge", title, alt, spec, ("Driver", "Share, %", "Low", "High"), table)


def _gauge(name: str, share: float, low: float, high: float, tone: str = vega.BLUE) -> Row:
    said = f"{number(share * 100, 0)}% ({number(low * 100, 0)} to {number(high * 100, 0)})"
    ends = sorted((low, high))
    return {
        "name": sentence_case(name),
        "value": round(share * 100, 2),
        "low": round(ends[0] * 100, 2),
        "high": round(ends[1] * 100, 2),
        "said": said,
        "tone": tone,
    }


def _gauge_layers(rows: Sequence[Row]) -> list[Spec]:
    low = min(0.0, *(_float(row["low"]) for row in rows))
    high = max(0.0, *(_float(row["high"]) for row in rows))
    step = 20 if high - low > 50 else 10
    x: Spec = vega.numeric("value")
    # Beyond the widest interval there is room for the figures, in a narrow window too.
    x["scale"] = {"domain": [low, high + _ROOM * (high - low or 1.0)], "nice": False}
    ticks = range(step * math.floor(low / step), math.floor(high) + 1, step)
    x["axis"] = {"title": "% of the move", "grid": True, "values": list(ticks)}
    y, colour = vega.named(), vega.plain_colour()
    whisker: Spec = {"type": "rule", "strokeWidth": 5, "opacity": 0.45}
    text: Spec = {"type": "text", "align": "left", "dx": 9, "fontSize": 11}
    return [
        vega.layer({"type": "rule", "color": vega.GREY}, [{"value": 0}], x=x),
        vega.layer(whisker, rows, x=x | {"field": "low"}, x2={"field": "high"}, y=y, color=colour),
        vega.layer({"type": "tick", "thickness": 3, "height": 15}, rows, x=x, y=y, color=colour),
        vega.layer(text, rows, x=x | {"field": "high"}, y=y, text=_SAID),
    ]


def timeframes(report: Report) -> Chart | None:
    """Where each asset stands against its average at three horizons: hours, days, months."""
    found = [(e, m[1]) for e in report.evidence if (m := _TREND.search(e.id)) and _finite(e)]
    if not found:
        return None
    order = tuple(_HORIZONS)
    found.sort(key=lambda pair: (pair[0].asset, order.index(pair[1])))
    rows: list[Row] = [
        {
            "name": f"{asset_name(e.asset)}, {_HORIZONS[horizon]}",
            "value": e.value,
            "zero": 0,
            "said": f"{_UP if e.value > 0 else _DOWN} {figure_of(e)}",
            "tone": vega.BLUE if e.value > 0 else vega.VERMILLION,
        }
        for e, horizon in found
    ]
    below = sum(e.value < 0 for e, _ in found)
    title = f"Below the moving average at {below} of {len(found)} horizons"
    x = vega.numeric("value", "% from the moving average")
    x["scale"] = {"zero": True, "nice": True, "padding": 56}
    y, colour = vega.named(), vega.plain_colour()
    bar: Spec = {"type": "bar", "height": 13}
    layers = [vega.layer(bar, rows, x=x, x2={"field": "zero"}, y=y, color=colour)]
    for side, align, shift in ((1, "left", 6), (-1, "right", -6)):
        text: Spec = {"type": "text", "align": align, "dx": shift, "fontSize": 11}
        there = [r for r in rows if (_float(r["value"]) > 0) == (side > 0)]
        layers.append(vega.layer(text, there, x=x, y=y, text=_SAID))
    spec = vega.layered(layers, vega.ROW * len(rows))
    alt = f"Bars for {len(rows)} horizons, signs shown by triangles. {title}."
    table = tuple((str(r["name"]), _cell(r["value"])) for r in rows)
    return Chart("timeframes", title, alt, spec, ("Asset and horizon", "From average, %"), table)


def _finite(item: Evidence) -> bool:
    return math.isfinite(item.value)


def crypto_clock(report: Report) -> Chart | None:
    """Bitcoin's path and its negative funding prints on one clock (UTC)."""
    path = next((p for p in report.paths if p.asset == "BTC" and len(p.dates) > 1), None)
    prints = [
        (at, e) for e in report.evidence if (at := _printed(e)) and f"{at}Z" <= report.scope.as_of
    ]
    if path is None or not prints:
        return None
    line: list[Row] = [
        {"date": d, "value": v}
        for d, v in zip(path.dates, path.values, strict=True)
        if f"{d[:10]}T20:00Z" <= report.scope.as_of and math.isfinite(v)
    ]
    bars: list[Row] = [{"date": f"{at}:00Z", "value": e.value, "zero": 0} for at, e in prints]
    deepest = min(prints, key=lambda pair: pair[1].value)
    title = f"Funding was negative at {len(prints)} prints, deepest of these "
    title += f"{figure_of(deepest[1])}"
    x = vega.dated("date", grid=False)
    price = vega.numeric("value", "Bitcoin, start close = 100")
    funding = vega.numeric("value", "funding, bp per 8 h", orient="right")
    low = min(0.0, *(e.value for _, e in prints))
    funding["scale"] = {"domain": [low * 3.0, 0], "nice": False}
    bar: Spec = {"type": "bar", "color": vega.VERMILLION, "width": 7, "opacity": 0.85}
    spec = vega.layered(
        [
            vega.layer(bar, bars, x=x, y=funding, y2={"field": "zero"}),
            vega.layer({"type": "line", "color": vega.BLUE, "point": True}, line, x=x, y=price),
        ],
        260,
    )
    spec["resolve"] = {"scale": {"y": "independent"}}
    alt = f"Bitcoin's path with {len(prints)} funding prints as bars on the same clock. {title}."
    table = tuple((f"{at} UTC", e.value, e.id) for at, e in sorted(prints, key=lambda p: p[0]))
    return Chart("crypto", title, alt, spec, ("Print", "bp per 8 h", "Evidence"), table)


def _printed(item: Evidence) -> str | None:
    """When a funding print was made, from its id, as ``2026-02-02T08:00``."""
    found = _FUNDING.search(item.id)
    if found is None or not _finite(item):
        return None
    try:
        return datetime.strptime(found[1], "%Y%m%d%H").strftime("%Y-%m-%dT%H:%M")  # noqa: DTZ007
    except ValueError:
        return None
