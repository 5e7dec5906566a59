from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from itertools import combinations, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from causemap.closed_sets import NodeKind
from causemap.records import CauseMap, Edge, Node, Report
from causemap.reporting import drawing
from causemap.reporting.layout import BOX_WIDTH, Rect, fit, lag_words, lay_out, text_width, wrap

SVG = "{http://www.w3.org/2000/svg}"


def parsed(svg: str) -> ET.Element:
    """The root of a drawing."""
    return ET.fromstring(svg)  # noqa: S314  the package's own output


@st.composite
def maps(draw: st.DrawFn) -> CauseMap:
    """Random maps: up to 7 nodes a layer, links forward between layers."""
    kinds: tuple[NodeKind, ...] = ("shock", "channel", "move")
    nodes = []
    for kind in kinds:
        for k in range(draw(st.integers(1, 7))):
            label = draw(st.text(st.characters(codec="utf-8"), max_size=60))
            nodes.append(
                Node(f"{kind}{k}", kind, label, probability=0.3 if kind == "shock" else None)
            )
    ends = [(a.id, b.id) for a in nodes for b in nodes if kinds.index(a.kind) < kinds.index(b.kind)]
    chosen = draw(st.lists(st.sampled_from(ends), unique=True, max_size=20))
    edges = tuple(
        Edge(a, b, draw(st.sampled_from((-1, 0, 1))), None, None, 0.5, (), (), "none")
        for a, b in chosen
    )
    return CauseMap(tuple(nodes), edges)


@settings(max_examples=60, deadline=None)
@given(maps())
def test_nothing_on_the_map_overlaps(cause_map: CauseMap) -> None:
    """Boxes and edge labels stand apart and inside the canvas, links on the sides that face."""
    plan = lay_out(cause_map)
    boxes = [Rect(b.x, b.y, BOX_WIDTH, b.height) for b in plan.boxes]
    labels = [c.spot for c in plan.curves if c.spot is not None]
    for one, other in combinations([*boxes, *labels], 2):
        assert not one.meets(other, 0.0)
    for rect in (*boxes, *labels):
        assert rect.x >= 0
        assert rect.x + rect.width <= plan.width
        assert rect.y >= 0
        assert rect.y + rect.height <= plan.height + 1
    for box in plan.boxes:
        assert all(text_width(line, 14) <= BOX_WIDTH - 32 for line in box.lines)
    places = {box.node.id: box for box in plan.boxes}
    for curve in plan.curves:
        source, target = places[curve.edge.source], places[curve.edge.target]
        (left, top), (right, bottom) = curve.start, curve.segments[-1][2]
        assert (left, right) == (source.x + BOX_WIDTH, target.x)
        assert source.y < top < source.y + source.height
        assert target.y < bottom < target.y + target.height
        if curve.spot is not None:
            assert curve.spot.width > text_width(curve.label, 11.5)


def test_a_fan_of_links_is_labelled_where_they_part() -> None:
    """Links that pass the middle column are labelled in their own lanes, one above the other."""
    shock = Node("s", "shock", "A shock", probability=0.5)
    channel = Node("c", "channel", "A channel")
    moves = tuple(Node(f"m{k}", "move", f"Asset {k} \u22121.0%") for k in range(9))
    edges = tuple(Edge("s", m.id, -1, None, None, 0.7, ("e",), (), "residual") for m in moves)
    plan = lay_out(CauseMap((shock, channel, *moves), edges))
    lanes = [curve.segments[1][2][1] for curve in plan.curves]
    spots = [curve.spot for curve in plan.curves]
    assert len(set(lanes)) == len(moves)
    for lane, spot in zip(lanes, spots, strict=True):
        assert spot is not None
        assert spot.y <= lane <= spot.y + spot.height
        assert plan.columns[1] <= spot.x
        assert spot.x + spot.width <= plan.columns[1] + BOX_WIDTH


@given(st.text(max_size=80), st.floats(20, 300))
def test_wrapped_text_fits(text: str, width: float) -> None:
    """No wrapped line is wider than allowed, and there are at most two."""
    lines = wrap(text, 14.0, width)
    assert len(lines) <= 2
    assert all(text_width(line, 14.0) <= width for line in lines)


def test_short_text_is_not_cut() -> None:
    """Text that fits stays whole; text that does not ends in an ellipsis."""
    assert fit("Margin calls", 14, 200) == "Margin calls"
    assert fit("Margin calls and more", 14, 60).endswith("\u2026")


def test_svg_is_well_formed_and_named(report: Report) -> None:
    """The drawing is one XML document with a title, a description, and nothing from outside."""
    svg = drawing.to_svg(report)
    assert svg is not None
    root = parsed(svg)
    assert root.find(f"{SVG}title") is not None
    assert "confidence 81%" in (root.findtext(f"{SVG}desc") or "")
    assert "prefers-color-scheme:dark" in svg
    assert "http" not in svg.replace("http://www.w3.org/2000/svg", "")


def test_edges_show_support_sign_and_confidence(report: Report) -> None:
    """Unsupported edges are dashed and say so; thickness follows confidence."""
    root = parsed(drawing.to_svg(report) or "")
    paths = [p for p in root.iter(f"{SVG}path") if (p.get("class") or "").startswith("edge")]
    assert len(paths) == len(report.cause_map.edges)
    assert sum("guess" in (p.get("class") or "") for p in paths) == 4
    texts = [t.text for t in root.iter(f"{SVG}text")]
    # A bare minus before a percentage would read as a fall, a share without evidence as measured.
    assert "same way, no evidence" in texts
    assert "opposite \u00b7 81% sure" in texts
    assert not any(re.match(r"[+\u2212\u00b1] ?\d", text or "") for text in texts)
    tips = [t.text or "" for p in paths for t in p.iter(f"{SVG}title")]
    assert any("opposite (sign \u2212), link confidence 81%" in tip for tip in tips)
    labels = {node.label for node in report.cause_map.nodes}
    assert all(tip.partition(" \u2192 ")[0] in labels for tip in tips)
    width = {
        e.confidence: float(p.get("stroke-width") or 0)
        for e, p in zip(report.cause_map.edges, paths, strict=True)
    }
    ordered = [width[c] for c in sorted(width)]
    assert all(a <= b for a, b in pairwise(ordered))
    assert ordered[0] < ordered[-1]


def test_hostile_labels_stay_text(hostile: Report) -> None:
    """A label cannot add an element or an attribute to the drawing."""
    root = parsed(drawing.to_svg(hostile) or "")
    tags = {element.tag.removeprefix(SVG) for element in root.iter()}
    assert tags <= {
        *("svg", "title", "desc", "style", "defs", "marker", "path", "rect", "text", "line", "g")
    }
    assert not [a for e in root.iter() for a in e.attrib if a.startswith("on")]


def test_empty_map_is_not_drawn(bare: Report) -> None:
    """No nodes, no drawing."""
    assert drawing.to_svg(bare) is None
    assert lay_out(bare.cause_map).boxes == ()


def test_text_form_lists_every_node_and_edge(report: Report) -> None:
    """The text equals the graph: one line per node and per edge, shocks by rank."""
    lines = drawing.map_lines(report.cause_map)
    assert len(lines) == len(report.cause_map.nodes) + len(report.cause_map.edges)
    assert lines[0] == "Shock: AI and tech re-rating, probability 52%, from 29 Jan."
    assert sum("no evidence" in line for line in lines) == 4
    assert any("Rates shock \u2192 Discount rate" in line and "1 against" in line for line in lines)


def test_links_inside_a_layer_are_drawn(report: Report) -> None:
    """A channel that feeds another channel gets its curve too."""
    inner = replace(report.cause_map.edges[0], source="margin_call", target="vol_target_cta")
    cause_map = replace(report.cause_map, edges=(inner,))
    assert len(lay_out(cause_map).curves) == 1


def test_dot_quotes_labels(report: Report) -> None:
    """DOT text escapes quotes, and marks unsupported edges."""
    first = replace(report.cause_map.nodes[0], label='say "no"\\')
    cause_map = replace(report.cause_map, nodes=(first, *report.cause_map.nodes[1:]))
    dot = drawing.to_dot(cause_map)
    assert '"say \\"no\\"\\\\ (52%)"' in dot
    assert dot.count("style=dashed") == 4
    assert dot.startswith("digraph")


def test_what_holds_for_one_group_or_has_no_link_is_said(report: Report) -> None:
    """A shock far likelier in one group says whose it is; what has no link to a move says so."""
    shock = Node(
        "a", "shock", "A shock", probability=0.57, by_group=(("equity", 0.57), ("crypto", 0.02))
    )
    close = Node(
        "b", "shock", "B shock", probability=0.3, by_group=(("equity", 0.3), ("crypto", 0.2))
    )
    lost = Node("c", "shock", "C shock")
    alone, fell = Node("GDX", "move", "Gold miners"), Node("SPX", "move", "S&P 500")
    edges = tuple(Edge(n, "SPX", -1, None, None, 0.3, (), (), "none") for n in ("a", "b"))
    drawn = CauseMap((shock, close, lost, alone, fell), edges, unlinked=("GDX",))
    lines = drawing.map_lines(drawn)
    assert lines[0] == "Shock: A shock, probability 57% at most (by group: equity 57%, crypto 2%)."
    assert lines[1] == "Shock: B shock, probability 30%."
    assert lines[2] == "Shock: C shock, no link found."
    assert lines[3] == "Asset move: Gold miners, no link found."
    beside = replace(drawn, nodes=(*drawn.nodes, Node("k", "channel", "Credit")))
    dead_end = replace(beside, edges=(*edges, replace(edges[0], source="c", target="k")))
    assert "Shock: C shock, no path to an asset move." in drawing.map_lines(dead_end)
    assert lines[4] == "Asset move: S&P 500."
    svg = drawing.to_svg(replace(report, cause_map=drawn)) or ""
    assert "57% equity" in svg
    assert "30% equity" not in svg
    assert svg.count("box move loose") == 1


@pytest.mark.parametrize(
    ("lag", "said"),
    [
        (None, "lag not known"),
        ((0.0, 1.0), "lag 0 to 1 days"),
        ((1.0, 1.0), "lag 1 day"),
        ((0.0, 0.0), "lag 0 days"),
        ((0.5, 2.0), "lag 0.5 to 2 days"),
    ],
)
def test_a_lag_is_said_as_people_say_it(lag: tuple[float, float] | None, said: str) -> None:
    """One day is no days."""
    edge = Edge("a", "b", 1, lag, None, 0.5, (), (), "none")
    assert lag_words(edge) == said
