"""The cause map for a screen: an interactive drawing, and what a chosen part of it stands on.

Places come from :mod:`causemap.reporting.layout`, so the drawing on the page, in the report and in
print is the same map.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from causemap.records import CauseMap, Edge, Node
from causemap.reporting.drawing import edge_line, node_line, node_names
from causemap.reporting.json_codec import Json
from causemap.reporting.layout import (
    BOX_WIDTH,
    Box,
    Curve,
    Point,
    lay_out,
    sign_mark,
    sign_words,
)
from causemap.ui.tones import MAP
from causemap.words import number, percent

_LANE: Final = "lane "
_BEND: Final = re.compile(rf"^{_LANE}\d ")
_STUB: Final = 24.0
_INSET: Final = 8.0
_BOX: Final = 174.0
_HEADS: Final = ("SHOCKS", "CHANNELS", "ASSET MOVES")


@dataclass(frozen=True, slots=True)
class Part:
    """A node or edge to choose: its key, its words, and the evidence for and against it."""

    key: str
    said: str
    evidence: tuple[str, ...]
    counter: tuple[str, ...]


def parts(cause_map: CauseMap) -> tuple[Part, ...]:
    """Everything on the map in reading order: nodes, then edges."""
    names = node_names(cause_map)
    nodes = [Part(n.id, node_line(n), n.evidence, ()) for n in cause_map.nodes]
    edges = [
        Part(edge_key(e), edge_line(e, names), e.evidence, e.counter_evidence)
        for e in cause_map.edges
    ]
    return (*nodes, *edges)


def edge_key(edge: Edge) -> str:
    """The key of an edge: its two ends."""
    return f"{edge.source} > {edge.target}"


def map_spec(cause_map: CauseMap) -> dict[str, Json]:
    """The map as an ECharts graph: boxes where the layout puts them, edges by sign and support."""
    plan, names = lay_out(cause_map), node_names(cause_map)
    links: list[Json] = [link for curve in plan.curves for link in _links(curve, names)]
    nodes: list[Json] = [_node(box) for box in plan.boxes]
    heads: list[Json] = [
        {
            "name": head,
            "x": x + BOX_WIDTH / 2,
            "y": 92.0,
            "symbolSize": 1,
            "itemStyle": {"color": "transparent"},
            "label": {"show": True, "color": MAP.soft, "fontSize": 11, "formatter": head},
            "tooltip": {"show": False},
        }
        for head, x in zip(_HEADS, plan.columns, strict=True)
    ]
    series: Json = {
        "type": "graph",
        "layout": "none",
        "roam": True,
        "scaleLimit": {"min": 0.5, "max": 3},
        "left": 110,
        "right": 110,
        "top": 16,
        "bottom": 26,
        "selectedMode": "single",
        "edgeSymbol": ["none", "arrow"],
        "edgeSymbolSize": [0, 9],
        "emphasis": {"lineStyle": {"width": 5}},
        "data": [*heads, *_lanes(plan.curves), *nodes],
        "links": links,
    }
    return {
        "tooltip": {"confine": True, "renderMode": "richText"},
        "animation": False,
        "aria": {"enabled": False},
        "series": [series],
    }


def picked(cause_map: CauseMap, selected: Sequence[Mapping[str, object]]) -> str | None:
    """The key of the part a click selected, from the chart's own account of places in its data."""
    series = _graph(map_spec(cause_map))
    known = {part.key for part in parts(cause_map)}
    for group in selected:
        held = series["links" if group.get("data_type") == "edge" else "data"]
        places = group.get("data_indices")
        for place in places if isinstance(places, list | tuple) else ():
            if not isinstance(held, list) or not isinstance(place, int) or place >= len(held):
                continue
            item = held[place]
            name = _BEND.sub("", str(item.get("name", ""))) if isinstance(item, dict) else ""
            if name in known:
                return name
    return None


def _graph(spec: dict[str, Json]) -> dict[str, Json]:
    series = spec["series"]
    first = series[0] if isinstance(series, list) else None
    return first if isinstance(first, dict) else {}


def height(cause_map: CauseMap) -> int:
    """Pixels for the drawing: as tall as its fullest column needs."""
    return int(min(900, max(360, lay_out(cause_map).height * 0.92)))


def _node(box: Box) -> Json:
    node: Node = box.node
    said = "\n".join(box.lines)
    if node.probability is not None:
        said += f"\n{percent(node.probability)}"
    return {
        "name": node.id,
        "x": box.x + BOX_WIDTH / 2,
        "y": box.middle,
        "value": node_line(node),
        "symbol": "rect",
        "symbolSize": [_BOX, 15.0 * (said.count("\n") + 1) + 14.0],
        # The symbol is what a click meets; the frame belongs to the label, which is never scaled.
        "itemStyle": {"color": MAP.box, "borderWidth": 0},
        "label": {
            "show": True,
            "formatter": said,
            "color": MAP.ink,
            "fontSize": 12,
            "lineHeight": 15,
            "width": _BOX - 14,
            "padding": [6, 7],
            "overflow": "break",
            "align": "center",
            "backgroundColor": MAP.box,
            "borderColor": MAP.ink if node.kind == "shock" else MAP.line,
            "borderWidth": 1.2,
            "borderRadius": 3,
            "borderType": "dashed" if box.dashed else "solid",
        },
        "tooltip": {"formatter": node_line(node)},
        "select": {"label": {"borderColor": MAP.up, "borderWidth": 2.5}},
    }


def _lanes(curves: Sequence[Curve]) -> list[Json]:
    """Ends and bends without a body: links meet the sides of the boxes, and pass between them.

    A link to a box itself would end in its middle, its arrowhead hidden beneath.
    """
    return [
        {
            "name": f"{_LANE}{k} {edge_key(curve.edge)}",
            "x": x,
            "y": y,
            "symbolSize": 0,
            "label": {"show": False},
            "tooltip": {"show": False},
        }
        for curve in curves
        for k, (x, y) in enumerate(_stops(curve))
    ]


def _stops(curve: Curve) -> tuple[Point, ...]:
    """Out of the source's side, along the lane the layout gives the link, to the target's side."""
    end = curve.segments[-1][2]
    if len(curve.segments) == 1:
        return (_beside(curve.start, end), _beside(end, curve.start))
    (left, level), (right, _), _ = (s[2] for s in curve.segments)
    return (
        _beside(curve.start, end),
        (curve.start[0] + _STUB, curve.start[1]),
        (left, level),
        (right, level),
        (end[0] - _STUB, end[1]),
        _beside(end, curve.start),
    )


def _beside(end: Point, other: Point) -> Point:
    """An end of a link at the box as drawn, which is a little narrower than in the layout."""
    inward = 1.0 if other[0] < end[0] else -1.0
    return (end[0] + inward * _INSET, end[1])


def _links(curve: Curve, names: dict[str, str]) -> list[Json]:
    edge, told = curve.edge, edge_line(curve.edge, names)
    stops = [f"{_LANE}{k} {edge_key(edge)}" for k in range(len(_stops(curve)))]
    if len(stops) == 2:
        return [_link(edge, told, (stops[0], stops[1]), curve.label)]
    plain: dict[str, Json] = {"symbol": ["none", "none"]}
    made = [
        _link(edge, told, ends, curve.label if k == 2 else "") | plain
        for k, ends in enumerate(pairwise(stops[:-1]))
    ]
    return [*made, _link(edge, told, (stops[-2], stops[-1]), "")]


def _link(edge: Edge, told: str, ends: tuple[str, str], text: str) -> dict[str, Json]:
    tone = MAP.up if edge.sign > 0 else MAP.down if edge.sign < 0 else MAP.flat
    return {
        "name": edge_key(edge),
        "source": ends[0],
        "target": ends[1],
        "value": round(edge.confidence, 3),
        "lineStyle": {
            "color": tone,
            "width": round(1.0 + 3.2 * edge.confidence, 2),
            "type": "solid" if edge.supported else "dashed",
            "opacity": 0.95,
        },
        "label": {
            "show": edge.supported and bool(text),
            "formatter": text,
            "fontSize": 11,
            "color": tone,
            # A link that crosses runs beneath the figure, not through it.
            "backgroundColor": MAP.box,
            "padding": [0, 2],
        },
        "tooltip": {"formatter": told},
    }


def table_rows(cause_map: CauseMap) -> tuple[tuple[str, ...], ...]:
    """The edges as rows: from, to, sign, confidence, identified by, evidence for and against."""
    names = node_names(cause_map)
    return tuple(
        (
            names.get(e.source, e.source),
            names.get(e.target, e.target),
            f"{sign_words(e)} ({sign_mark(e)})",
            percent(e.confidence),
            "no evidence (dashed)" if not e.supported else e.identification,
            number(len(e.evidence), 0),
            number(len(e.counter_evidence), 0),
        )
        for e in cause_map.edges
    )
