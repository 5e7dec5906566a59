"""The cause map drawn: a self-contained SVG, Graphviz DOT, and the same map as ordered text."""

from __future__ import annotations

from typing import Final
from xml.sax.saxutils import escape

from causemap.attribution.reach import adrift
from causemap.closed_sets import NodeKind
from causemap.records import CauseMap, Edge, Node, Report
from causemap.reporting.layout import (
    BOX_WIDTH,
    MARGIN,
    Box,
    Curve,
    Layout,
    Point,
    edge_label,
    fit,
    lag_words,
    lay_out,
    sign_mark,
    sign_words,
    text_width,
)
from causemap.words import clean, instant, onset, percent, window

# From left to right, and as told.
KINDS: Final[tuple[NodeKind, ...]] = ("shock", "channel", "move")
_HEADS: Final = ("Shocks", "Channels", "Asset moves")
_NO_LINK: Final = "no link found"
_NO_PATH: Final = "no path to an asset move"
_SAID: Final = {"shock": "shock", "channel": "channel", "move": "asset move"}
_LEGEND: Final = 74.0
_PAD: Final = 16.0
_FONT: Final = "'Helvetica Neue',Helvetica,Arial,'Liberation Sans',sans-serif"

# Okabe-Ito blue and vermillion; the lighter pair keeps 3:1 against the dark card.
_CSS: Final = f"""
.cm text{{font-family:{_FONT};fill:#1f2933;font-variant-numeric:tabular-nums}}
.cm .card{{fill:#fbfbf9;stroke:#e3e3dd}}
.cm .box{{fill:#ffffff;stroke:#c5ccd3;stroke-width:1.2}}
.cm .shock{{stroke:#1f2933}}
.cm .loose{{stroke-dasharray:5 4}}
.cm .title{{font-size:19px;font-weight:700}}
.cm .sub,.cm .when,.cm .key{{font-size:12px;fill:#56616c}}
.cm .head{{font-size:12px;font-weight:700;letter-spacing:.08em;fill:#56616c}}
.cm .name{{font-size:14px;font-weight:700}}
.cm .prob{{font-size:12px;font-weight:700}}
.cm .rule{{stroke:#e3e3dd}}
.cm .track{{fill:#e6e9ec}}
.cm .bar{{fill:#1f2933}}
.cm .edge{{fill:none;stroke-linecap:round}}
.cm .guess{{stroke-dasharray:6 5}}
.cm .up{{stroke:#0072b2}} .cm .down{{stroke:#d55e00}} .cm .flat{{stroke:#6b7680}}
.cm .tip-up{{fill:#0072b2}} .cm .tip-down{{fill:#d55e00}} .cm .tip-flat{{fill:#6b7680}}
.cm .pill{{fill:#ffffff;stroke-width:1}}
.cm .sign{{font-size:11.5px;font-weight:700}}
@media (prefers-color-scheme:dark){{
.cm text{{fill:#e8eaed}}
.cm .card{{fill:#15191e;stroke:#2b323a}}
.cm .box{{fill:#1d232a;stroke:#46505a}}
.cm .shock{{stroke:#aab4bd}}
.cm .sub,.cm .when,.cm .key,.cm .head{{fill:#a3adb8}}
.cm .rule{{stroke:#2b323a}}
.cm .track{{fill:#313a43}} .cm .bar{{fill:#e8eaed}}
.cm .up{{stroke:#56b4e9}} .cm .down{{stroke:#e69f00}} .cm .flat{{stroke:#94a0ab}}
.cm .tip-up{{fill:#56b4e9}} .cm .tip-down{{fill:#e69f00}} .cm .tip-flat{{fill:#94a0ab}}
.cm .pill{{fill:#1d232a}}
}}
"""


def to_svg(report: Report) -> str | None:
    """The report's cause map as an SVG document, or ``None`` when it has no nodes."""
    if not report.cause_map.nodes:
        return None
    plan, names = lay_out(report.cause_map), node_names(report.cause_map)
    height = plan.height + _LEGEND + 14
    size = f'viewBox="0 0 {plan.width:.0f} {height:.0f}" width="{plan.width:.0f}"'
    parts = (
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} height="{height:.0f}" class="cm" '
            'role="img" aria-labelledby="cm-title cm-desc">'
        ),
        f'<title id="cm-title">{escape(_title(report))}</title>',
        f'<desc id="cm-desc">{escape(" ".join(map_lines(report.cause_map)))}</desc>',
        f"<style>{_CSS}</style>",
        f"<defs>{''.join(_arrow(tone) for tone in ('up', 'down', 'flat'))}</defs>",
        (
            f'<rect class="card" x=".5" y=".5" width="{plan.width - 1:.0f}" '
            f'height="{height - 1:.0f}" rx="10"/>'
        ),
        *_heading(report, plan),
        *(_line(curve, names) for curve in plan.curves),
        *(_draw_box(box) for box in plan.boxes),
        *(_pill(curve) for curve in plan.curves),
        *_legend(plan),
        "</svg>",
    )
    return "\n".join(parts) + "\n"


def _title(report: Report) -> str:
    return f"Cause map, {window(report.scope)}"


def _text(x: float, y: float, kind: str, text: str, anchor: str = "start") -> str:
    place = "" if anchor == "start" else f' text-anchor="{anchor}"'
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{kind}"{place}>{escape(text)}</text>'


def _arrow(tone: str) -> str:
    return (
        f'<marker id="cm-{tone}" markerUnits="userSpaceOnUse" markerWidth="11" markerHeight="10" '
        f'refX="9.5" refY="5" orient="auto"><path d="M0 .5L10.5 5L0 9.5Z" class="tip-{tone}"/>'
        "</marker>"
    )


def _heading(report: Report, plan: Layout) -> tuple[str, ...]:
    return (
        _text(MARGIN, 40, "title", _title(report)),
        _text(MARGIN, 60, "sub", f"Known up to {instant(report.scope.as_of)}; onset times in UTC"),
        _rule(plan, 76),
        *(
            _text(x, 102, "head", head.upper())
            for x, head in zip(plan.columns, _HEADS, strict=True)
        ),
    )


def _rule(plan: Layout, y: float) -> str:
    ends = f'x1="{MARGIN:.0f}" x2="{plan.width - MARGIN:.0f}"'
    return f'<line class="rule" {ends} y1="{y:.0f}" y2="{y:.0f}"/>'


def _tone(edge: Edge) -> str:
    return "up" if edge.sign > 0 else "down" if edge.sign < 0 else "flat"


def _line(curve: Curve, names: dict[str, str]) -> str:
    path = f"M{_xy(curve.start)}" + "".join(
        f"C{_xy(a)} {_xy(b)} {_xy(c)}" for a, b, c in _short(curve)
    )
    tone = _tone(curve.edge)
    kind = f"edge {tone}" + ("" if curve.edge.supported else " guess")
    thick = 1.2 + 4.3 * max(0.0, min(1.0, curve.edge.confidence))
    return (
        f'<path d="{path}" class="{kind}" stroke-width="{thick:.1f}" '
        f'marker-end="url(#cm-{tone})"><title>{escape(edge_line(curve.edge, names))}</title></path>'
    )


def _short(curve: Curve) -> tuple[tuple[Point, Point, Point], ...]:
    """The segments with the last point drawn back, so the arrow's tip touches the box."""
    *head, (a, b, c) = curve.segments
    back = -2.0 if b[0] < c[0] else 2.0
    return (*head, (a, b, (c[0] + back, c[1])))


def _xy(point: Point) -> str:
    return f"{point[0]:.1f} {point[1]:.1f}"


def _draw_box(box: Box) -> str:
    node = box.node
    loose = " loose" if box.dashed else ""
    y = box.y + _PAD + 11
    parts = [
        (
            f"<g><title>{escape(clean(node.label, 200))}</title>"
            f'<rect class="box {node.kind}{loose}" x="{box.x:.1f}" y="{box.y:.1f}" '
            f'width="{BOX_WIDTH:.0f}" height="{box.height:.1f}" rx="7"/>'
        )
    ]
    for line in box.lines:
        parts.append(_text(box.x + _PAD, y, "name", line))
        y += 18
    if box.when:
        parts.append(_text(box.x + _PAD, y, "when", box.when))
        y += 18
    if node.probability is not None:
        parts.append(_probability(box.x + _PAD, y, node))
    return "".join((*parts, "</g>"))


def _probability(x: float, y: float, node: Node) -> str:
    """A bar with the probability, and whose it is where the groups' lie apart."""
    probability = node.probability or 0.0
    said = percent(probability) + (f" {whose}" if (whose := _whose(node)) else "")
    track = BOX_WIDTH - 2 * _PAD - max(46.0, text_width(said, 12.0) + 10)
    filled = max(1.5, track * min(1.0, max(0.0, probability)))
    bar = '<rect class="{}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="8" rx="2"/>'
    return (
        bar.format("track", x, y - 6, track)
        + bar.format("bar", x, y - 6, filled)
        + _text(x + BOX_WIDTH - 2 * _PAD, y + 2, "prob", said, "end")
    )


def _whose(node: Node) -> str:
    """The group that gives a shock its probability, where another gives less than half of it."""
    most = max(node.by_group, key=lambda pair: pair[1], default=None)
    apart = most is not None and any(2 * p < most[1] for _, p in node.by_group)
    return most[0] if most is not None and apart else ""


def _pill(curve: Curve) -> str:
    if curve.spot is None:
        return ""
    r = curve.spot
    dashed = "" if curve.edge.supported else ' stroke-dasharray="3 2"'
    return (
        f'<rect class="pill {_tone(curve.edge)}" x="{r.x:.1f}" y="{r.y:.1f}" '
        f'width="{r.width:.1f}" height="{r.height:.1f}" rx="10"{dashed}/>'
        + _text(r.x + r.width / 2, r.y + 14, "sign", curve.label, "middle")
    )


def _legend(plan: Layout) -> tuple[str, ...]:
    y = plan.height + 32
    keys = (
        ("edge up", 3.5, "same way (+): moves with its source"),
        ("edge down", 3.5, "opposite (\u2212): moves against it"),
        ("edge flat guess", 1.8, "dashed: no evidence"),
    )
    parts, x = [_rule(plan, y)], MARGIN
    for kind, thick, said in keys:
        parts.append(
            f'<line class="{kind}" x1="{x:.0f}" x2="{x + 30:.0f}" y1="{y + 24:.0f}" '
            f'y2="{y + 24:.0f}" stroke-width="{thick}"/>'
        )
        parts.append(_text(x + 40, y + 28, "key", said))
        x += 40 + text_width(said, 12) + 22
    last = fit("thickness, % sure: confidence in the link", 12.0, plan.width - MARGIN - x)
    return (*parts, _text(x, y + 28, "key", last))


def map_lines(cause_map: CauseMap) -> tuple[str, ...]:
    """The map as text, shocks first by rank: one line per node, then one per edge, all of them."""
    nodes = sorted(cause_map.nodes, key=lambda n: (KINDS.index(n.kind), n.rank or 99))
    names = node_names(cause_map)
    place = {n.id: k for k, n in enumerate(nodes)}
    edges = sorted(
        cause_map.edges, key=lambda e: (place.get(e.source, 99), place.get(e.target, 99))
    )
    bare = dict.fromkeys(adrift(cause_map), _NO_PATH)
    ends = {end for edge in cause_map.edges for end in (edge.source, edge.target)}
    bare |= {name: _NO_LINK for name in bare if name not in ends}
    told = (node_line(node, bare.get(node.id, "")) for node in nodes)
    return (*told, *(edge_line(e, names) for e in edges))


def node_names(cause_map: CauseMap) -> dict[str, str]:
    """The label of each node by its id."""
    return {node.id: clean(node.label, 120) for node in cause_map.nodes}


def node_line(node: Node, lack: str = "") -> str:
    """A node in words: kind, label, probability (by group where they differ), lack and onset."""
    said = f"{_SAID[node.kind].capitalize()}: {clean(node.label, 120)}"
    if node.probability is not None:
        said += f", probability {percent(node.probability)}"
        each = ", ".join(f"{group} {percent(p)}" for group, p in node.by_group)
        said += f" at most (by group: {each})" if _whose(node) else ""
    said += f", {lack}" if lack else ""
    return said + (f", from {onset(node.onset)}." if node.onset else ".")


def edge_line(edge: Edge, names: dict[str, str]) -> str:
    """An edge in words: ends, sign, confidence, lag, and how it was identified."""
    source, target = (names.get(end, clean(end, 60)) for end in (edge.source, edge.target))
    basis = f"identified by {edge.identification}" if edge.supported else "no evidence"
    against = f", {len(edge.counter_evidence)} against" if edge.counter_evidence else ""
    way = f"{sign_words(edge)} (sign {sign_mark(edge)})"
    return (
        f"{source} \u2192 {target}: {way}, link confidence {percent(edge.confidence)}, "
        f"{lag_words(edge)}, {basis}{against}."
    )


def to_dot(cause_map: CauseMap) -> str:
    """The map in Graphviz DOT, left to right, one rank per layer."""
    lines = ["digraph causemap {", "  rankdir=LR;", '  node [shape=box, fontname="Helvetica"];']
    for kind in KINDS:
        inside = "; ".join(_quoted(n.id) for n in cause_map.nodes if n.kind == kind)
        lines.append(f"  {{ rank=same; {inside} }}")
    lines += [
        f"  {_quoted(n.id)} [label={_quoted(_dot_label(n))}"
        f"{', style=dashed' if n.id in cause_map.unlinked else ''}];"
        for n in cause_map.nodes
    ]
    lines += [f"  {_dot_edge(edge)}" for edge in cause_map.edges]
    return "\n".join((*lines, "}", ""))


def _dot_label(node: Node) -> str:
    tail = "" if node.probability is None else f" ({percent(node.probability)})"
    return clean(node.label, 120) + tail


def _dot_edge(edge: Edge) -> str:
    colour = {"up": "#0072B2", "down": "#D55E00", "flat": "#6B7680"}[_tone(edge)]
    style = "solid" if edge.supported else "dashed"
    return (
        f"{_quoted(edge.source)} -> {_quoted(edge.target)} [label={_quoted(edge_label(edge))}, "
        f'color="{colour}", style={style}, penwidth={1.2 + 4.3 * edge.confidence:.1f}];'
    )


def _quoted(text: str) -> str:
    safe = clean(text, 200).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{safe}"'
