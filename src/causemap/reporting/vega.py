"""Building blocks of Vega-Lite specifications: theme, layers and marks, data always inline."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from causemap.reporting.json_codec import Json

Spec = dict[str, Json]
Row = dict[str, Json]

SCHEMA: Final = "https://vega.github.io/schema/vega-lite/v5.json"
INK: Final = "#1f2933"
MUTED: Final = "#56616c"
GRID: Final = "#e3e6e9"
BLUE: Final = "#0072b2"
VERMILLION: Final = "#d55e00"
GREY: Final = "#8a949e"
# The middle of a scale from falls to rises, and figures on its tones; a dark page has others.
CALM: Final = "#d8dbde"
ON_FAINT: Final = "#000000"
ON_STRONG: Final = "#010101"
ON_BLUE: Final = "#fefefe"
# The Okabe-Ito hues darkened until they also carry text on white (4.5:1); ink is for the index.
LINES: Final = (INK, BLUE, "#b34a00", "#00755a", "#a3407c", "#6b5bb5", "#8a5f0f")
DASHES: Final[tuple[tuple[int, int], ...]] = ((1, 0), (7, 3), (2, 2))
WIDTH: Final = 620
ROW: Final = 27
# Pixels of a browser's window below which charts show less: shorter figures and names.
NARROW: Final = 600
_FONT: Final = "Helvetica Neue, Helvetica, Arial, Liberation Sans, sans-serif"


def layered(layers: Sequence[Spec], height: int, width: int = WIDTH) -> Spec:
    """A whole specification out of layers that share their scales."""
    return {
        "$schema": SCHEMA,
        "width": width,
        "height": height,
        "padding": 6,
        "background": None,
        "layer": list(layers),
        "config": _theme(),
    }


def _theme() -> Spec:
    axis: Spec = {
        "labelColor": MUTED,
        "titleColor": MUTED,
        "gridColor": GRID,
        "domainColor": GRID,
        "tickColor": GRID,
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "labelLimit": 330,
    }
    title: Spec = {
        "anchor": "start",
        "frame": "group",
        "fontSize": 15,
        "color": INK,
        "offset": 12,
        "limit": 900,
    }
    return {
        "font": _FONT,
        "aria": False,
        "axis": axis,
        "legend": _legend(),
        "view": {"stroke": None},
        "title": title,
        "text": {"color": INK, "fontSize": 12},
    }


def _legend() -> Spec:
    return {
        "labelColor": MUTED,
        "titleColor": MUTED,
        "labelFontSize": 11,
        "titleFontSize": 11,
        "titleFontWeight": "normal",
    }


def layer(mark: Spec, rows: Sequence[Row], **channels: Json) -> Spec:
    """One layer: a mark over inline rows."""
    return {"data": {"values": list(rows)}, "mark": mark, "encoding": dict(channels)}


def numeric(field: str, title: str | None = None, **axis: Json) -> Spec:
    """A quantitative channel; the scale need not start at zero."""
    return {
        "field": field,
        "type": "quantitative",
        "scale": {"zero": False, "nice": True},
        "axis": {"title": title, **axis},
    }


def dated(field: str, **axis: Json) -> Spec:
    """A time channel in UTC, labelled as ``29 Jan``."""
    return {
        "field": field,
        "type": "temporal",
        "scale": {"type": "utc"},
        "axis": {"title": None, "format": "%-d %b", "grid": False, "labelOverlap": True, **axis},
    }


def stamp(at: datetime) -> int:
    """A time in UTC without a zone as the milliseconds that time scales count in."""
    return round(at.replace(tzinfo=UTC).timestamp() * 1000)


def midnights(first: datetime, last: datetime, most: int) -> list[Json]:
    """The midnights between two times as tick values; of more than ``most`` every so many-th."""
    start = datetime.combine(first.date(), datetime.min.time())
    step = (last - start).days // most + 1
    days = [start + timedelta(days=k) for k in range(0, (last - start).days + 1, step)]
    return [
        {"year": d.year, "month": d.month, "date": d.day, "utc": True} for d in days if d >= first
    ]


def named(field: str = "name") -> Spec:
    """A row per name, in the order of the data."""
    return {
        "field": field,
        "type": "nominal",
        "sort": None,
        "axis": {
            "title": None,
            "domain": False,
            "ticks": False,
            "labelPadding": 8,
            "labelLimit": by_width("178", "330"),
        },
    }


def by_width(narrow: str, wide: str) -> Spec:
    """One of two Vega expressions: in a narrow window of a browser, and anywhere else."""
    return {"expr": f"windowSize()[0] < {NARROW} ? {narrow} : {wide}"}


def figures(size: int = 11) -> Spec:
    """A text mark of the rows' ``said``, in narrow windows of their ``brief``."""
    return {"type": "text", "fontSize": size, "text": by_width("datum.brief", "datum.said")}


def plain_colour(field: str = "tone") -> Spec:
    """Colours that the rows carry themselves, without a legend."""
    return {"field": field, "type": "nominal", "scale": None, "legend": None}


def spread(places: Sequence[float], gap: float) -> list[float]:
    """The places moved apart as little as need be for neighbours to stand ``gap`` apart.

    Pools neighbours that overlap around their common mean (isotonic regression on
    ``place - k * gap``), so that the order stays and no label drifts to one side.
    """
    order = sorted(range(len(places)), key=lambda k: places[k])
    pools: list[list[float]] = []
    for rank, k in enumerate(order):
        pools.append([places[k] - rank * gap])
        while len(pools) > 1 and _mean(pools[-2]) > _mean(pools[-1]):
            last = pools.pop()
            pools[-1].extend(last)
    level = [_mean(pool) for pool in pools for _ in pool]
    moved = [0.0] * len(places)
    for rank, k in enumerate(order):
        moved[k] = level[rank] + rank * gap
    return moved


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
