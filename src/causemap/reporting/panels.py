"""Further charts of a report for the screen: days against assets, drivers, horizons, crypto.

As in :mod:`causemap.reporting.charts`: pure functions, ``None`` when there is nothing to show, a
text alternative and the rows behind each, no point after the as-of time.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from causemap.records import Evidence, Path, Report
from causemap.reporting import vega
from causemap.reporting.crypto import crypto_clock
from causemap.reporting.shares import Chart
from causemap.reporting.vega import Row, Spec
from causemap.words import asset_name, cause_name, day, figure_of, number, sentence_case

_SAID: Final[Spec] = {"field": "said", "type": "nominal"}
_CELL: Final = 30
_UP, _DOWN = "\u25b2", "\u25bc"
# Below this the window's own value and z are too near zero for a scale to be read from them.
_LEAST_Z: Final = 0.5
# Changes of the path and of the ledger are the same within this many per cent.
_SAME: Final = 0.05
_SIGNED: Final = 4.0
# From this rise on the blue is so deep that light figures are read on it better than black ones
# (4.5:1 either way); the orange of falls never is.
_DEEP: Final = 3.6
# Below this the tone is near that of a calm day, which is dark on a dark page.
_FAINT: Final = 2.25
_SCALE: Final = (
    "The tone is a one-day z: the move over the asset's usual day, as measured where the ledger "
    "holds the z of a day, else inferred from its shortest z by the square-root-of-time rule."
)
# Pixels of an axis with its title.
_AXIS: Final = 44
# What the figures beside the intervals of the gauge take, as a share of its widest span.
_ROOM: Final = 0.55
# More days than this leave no room for figures in the cells.
_SAID_DAYS: Final = 12
_TREND: Final = re.compile(r"\.trend_(1h|4h|1d)$")
_HORIZONS: Final = {"1h": "hours (1h bars)", "4h": "days (4h bars)", "1d": "months (daily)"}


def panel_charts(report: Report) -> tuple[Chart, ...]:
    """Every panel the report has data for."""
    made = (heat_map(report), driver_gauge(report), timeframes(report), crypto_clock(report))
    return tuple(chart for chart in made if chart is not None)


def heat_map(report: Report) -> Chart | None:
    """Each day's move of each asset in units of the asset's own usual day.

    A run keeps no daily history but the robust z of changes of an asset: that of the window, and of
    shorter spans that were told and tested. The usual day is that of the shortest span: its log
    change over its z, over the root of the number of days (square-root-of-time rule); median of the
    usual change taken as zero. So a day whose z the ledger holds has that z here too. Inferred from
    the window, on 187 series of the bundled windows it lies between 0.68 and 1.36 times the robust
    deviation measured on the daily history in nine of ten, with median 1.00. Assets whose z is near
    zero give no scale; their days stand as plain figures.
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
        title += f"{worst['said']}, one-day z {'' if worst['measured'] else 'about '}"
        title += number(_float(worst["z"]), 1 if worst["measured"] else 0)
    else:
        title = "Daily moves; the run holds no z to scale them by"
    height = _CELL * len({str(c["name"]) for c in cells})
    spec = vega.layered(_heat_layers(rows), height)
    table = tuple((str(c["name"]), str(c["date"]), _cell(c["move"]), _cell(c["z"])) for c in cells)
    alt = (
        f"Heat map of {len(cells)} asset days, orange for falls, blue for rises. {title}. {_SCALE}"
    )
    columns = ("Asset", "Day", "Move, %", "One-day z")
    return Chart("heat", title, alt, spec, columns, table, f"Figures in %. {_SCALE}")


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
        z = None if scale is None else round(math.log(after / before) / scale.of, 2)
        said = f"{number(move, 1, signed=True)}%"
        row: Row = {"name": asset_name(path.asset), "date": on, "day": day(on)}
        measured = scale is not None and scale.days == 1
        row |= {"brief": _brief(move), "measured": measured}
        found.append(row | {"move": round(move, 2), "z": z, "said": said})
    return found


def _brief(move: float) -> str:
    """The move to the whole per cent with its sign, for cells too small for more."""
    return number(move, 0, signed=True) if abs(move) > 0.5 else "0"


class _Scale(NamedTuple):
    """The log change that counts as one robust deviation of a day, and from how many days."""

    of: float
    days: int


def _daily_scale(report: Report, path: Path) -> _Scale | None:
    """An asset's usual day, from the shortest of its changes whose z the ledger holds."""
    found = [_scale_of(path, item) for item in report.evidence if item.asset == path.asset]
    return min((scale for scale in found if scale), key=lambda scale: scale.days, default=None)


def _scale_of(path: Path, item: Evidence) -> _Scale | None:
    """The scale of a change between two days of the path; ``None`` for any other measure."""
    places = {on[:10]: place for place, on in enumerate(path.dates)}
    first, last = places.get(item.start[:10]), places.get(item.end[:10])
    if item.z is None or abs(item.z) < _LEAST_Z or item.unit != "%" or not item.value > -100.0:
        return None
    if first is None or last is None or first >= last or not _is_change(path, first, last, item):
        return None
    scale = math.log1p(item.value / 100.0) / item.z / math.sqrt(last - first)
    return _Scale(scale, last - first) if math.isfinite(scale) and scale > 0 else None


def _is_change(path: Path, first: int, last: int, item: Evidence) -> bool:
    """Whether the item is the path's own change, not a residual or a move on another clock."""
    before, after = path.values[first], path.values[last]
    if not (0 < before < math.inf > after > 0):
        return False
    return abs((after / before - 1.0) * 100.0 - item.value) <= _SAME


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
            vega.figures() | {"color": ink}, [row for row in rows if _ink(row) == ink], x=x, y=y
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
    # A page takes the axis out of the height: few rows would run into each other.
    spec = vega.layered(_gauge_layers(rows), vega.ROW * len(rows) + _AXIS)
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
