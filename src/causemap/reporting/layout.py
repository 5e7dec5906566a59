"""Where everything on the cause map stands: boxes in three columns, curves between them.

Pure geometry in pixels. A link that skips the middle column gets a lane of its own there, so no
curve runs through a box; ports on a box side are ordered by where their links come from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from causemap.records import CauseMap, Edge, Node
from causemap.words import clean, number, onset, percent

BOX_WIDTH: Final = 218.0
MARGIN: Final = 28.0
TOP: Final = 122.0
_ROW_GAP: Final = 24.0
_MAX_GAP: Final = 72.0
_LANE: Final = 22.0
_PAD: Final = 16.0
_LINE: Final = 18.0
_PILL: Final = 20.0
_NARROW: Final = frozenset(" .,:;|!'()[]ijlIft-/")
_WIDE: Final = frozenset("mwMW%@\u2212+=<>&")

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Box:
    """A node's rectangle with the lines of text that fit in it."""

    node: Node
    x: float
    y: float
    height: float
    lines: tuple[str, ...]
    when: str | None
    dashed: bool

    @property
    def middle(self) -> float:
        """Height of the box's centre line."""
        return self.y + self.height / 2


@dataclass(frozen=True, slots=True)
class Rect:
    """A label's rectangle; ``x``, ``y`` are its upper left corner."""

    x: float
    y: float
    width: float
    height: float

    def meets(self, other: Rect, gap: float = 3.0) -> bool:
        """Whether the two rectangles touch or come closer than ``gap``."""
        return (
            self.x < other.x + other.width + gap
            and other.x < self.x + self.width + gap
            and self.y < other.y + other.height + gap
            and other.y < self.y + self.height + gap
        )


@dataclass(frozen=True, slots=True)
class Curve:
    """A drawn edge: cubic segments (start, then three points each) and its label, if one fits."""

    edge: Edge
    start: Point
    segments: tuple[tuple[Point, Point, Point], ...]
    label: str
    spot: Rect | None


@dataclass(frozen=True, slots=True)
class Layout:
    """The whole map: size, column positions, boxes and curves."""

    width: float
    height: float
    columns: tuple[float, ...]
    boxes: tuple[Box, ...]
    curves: tuple[Curve, ...]


@dataclass(frozen=True, slots=True)
class _Slot:
    """A place in a column: a node, or the lane of an edge that passes by."""

    key: str
    node: Node | None
    order: float


@dataclass(frozen=True, slots=True)
class _Port:
    """One end of an edge at a box side."""

    edge: int
    other: float


def text_width(text: str, size: float) -> float:
    """An upper estimate of the width of ``text`` in pixels, for any common sans-serif font."""
    return size * sum(_advance(char) for char in text)


def _advance(char: str) -> float:
    if char in _NARROW:
        return 0.42
    if ord(char) > 0x2E80:
        return 1.05
    return 0.98 if char in _WIDE else 0.74 if char.isupper() else 0.65


def fit(text: str, size: float, width: float) -> str:
    """The text, cut with an ellipsis to be sure of standing inside ``width`` pixels."""
    if text_width(text, size) <= width:
        return text
    while text and text_width(text + "\u2026", size) > width:
        text = text[:-1]
    return text.rstrip() + "\u2026"


def wrap(text: str, size: float, width: float, lines: int = 2) -> tuple[str, ...]:
    """At most ``lines`` lines, none wider than ``width`` pixels; what is left over is cut."""
    done: list[str] = []
    rest = clean(text, 160).split(" ")
    while rest and len(done) < lines - 1:
        taken = rest[:1]
        while (
            len(taken) < len(rest) and text_width(" ".join(rest[: len(taken) + 1]), size) <= width
        ):
            taken = rest[: len(taken) + 1]
        done.append(fit(" ".join(taken), size, width))
        rest = rest[len(taken) :]
    return (*done, fit(" ".join(rest), size, width)) if rest else tuple(done)


def lay_out(cause_map: CauseMap) -> Layout:
    """Place every node and edge of the map; an empty map gives an empty layout."""
    nodes = {node.id: node for node in cause_map.nodes}
    edges = tuple(e for e in cause_map.edges if e.source in nodes and e.target in nodes)
    columns = _columns(cause_map, edges)
    gap = min(250.0, 150.0 + 6.0 * len(edges))
    lefts = tuple(MARGIN + k * (BOX_WIDTH + gap) for k in range(3))
    loose = _unsupported(nodes.values(), edges) | frozenset(cause_map.unlinked)
    boxes, lanes, bottom = _stack(columns, lefts, loose)
    curves = _curves(edges, boxes, lanes, lefts[1])
    width = lefts[2] + BOX_WIDTH + MARGIN
    return Layout(width, bottom, lefts, tuple(boxes.values()), curves)


def _unsupported(nodes: Iterable[Node], edges: Sequence[Edge]) -> frozenset[str]:
    proven = {end for e in edges if e.supported for end in (e.source, e.target)}
    return frozenset(n.id for n in nodes if n.kind == "channel" and n.id not in proven)


def _columns(cause_map: CauseMap, edges: Sequence[Edge]) -> tuple[tuple[_Slot, ...], ...]:
    """Shocks by probability, then channels and moves each at the mean height of their sources."""
    shocks = sorted(
        (n for n in cause_map.nodes if n.kind == "shock"),
        key=lambda n: (n.rank or 99, -(n.probability or 0.0)),
    )
    first = tuple(_Slot(n.id, n, k) for k, n in enumerate(shocks))
    kinds = {n.id: n.kind for n in cause_map.nodes}
    skipping = {
        k: e
        for k, e in enumerate(edges)
        if kinds[e.source] == "shock" and kinds[e.target] == "move"
    }
    place = {slot.key: slot.order for slot in first}
    channels = [n for n in cause_map.nodes if n.kind == "channel"]
    middle = [_Slot(n.id, n, _pull(n.id, edges, place, {}, k)) for k, n in enumerate(channels)]
    middle += [_Slot(f"lane {k}", None, place[e.source] + 0.01) for k, e in skipping.items()]
    middle.sort(key=lambda slot: slot.order)
    level = {slot.key: float(k) for k, slot in enumerate(middle)}
    # A link that skips the middle column arrives from its lane there.
    via = {k: level[f"lane {k}"] for k in skipping}
    moves = [n for n in cause_map.nodes if n.kind == "move"]
    last = [_Slot(n.id, n, _pull(n.id, edges, level, via, k)) for k, n in enumerate(moves)]
    return first, tuple(middle), tuple(sorted(last, key=lambda slot: slot.order))


def _pull(
    key: str, edges: Sequence[Edge], place: dict[str, float], via: dict[int, float], index: int
) -> float:
    """Mean height of what leads to a node; nodes that nothing leads to go last."""
    known = [
        via[k] if k in via else place[e.source]
        for k, e in enumerate(edges)
        if e.target == key and (k in via or e.source in place)
    ]
    return sum(known) / len(known) + 1e-3 * index if known else 90.0 + index


def _stack(
    columns: tuple[tuple[_Slot, ...], ...], lefts: tuple[float, ...], dashed: frozenset[str]
) -> tuple[dict[str, Box], dict[str, float], float]:
    """Boxes and lanes from the top down; shorter columns spread out, then stand centred."""
    heights = [[_height(slot.node) for slot in column] for column in columns]
    tallest = max(sum(h) + _ROW_GAP * max(0, len(h) - 1) for h in heights)
    boxes: dict[str, Box] = {}
    lanes: dict[str, float] = {}
    for column, sizes, x in zip(columns, heights, lefts, strict=True):
        gap = min(_MAX_GAP, (tallest - sum(sizes)) / max(1, len(sizes) - 1))
        y = TOP + (tallest - sum(sizes) - gap * max(0, len(sizes) - 1)) / 2
        for slot, height in zip(column, sizes, strict=True):
            if slot.node is None:
                lanes[slot.key] = y + height / 2
            else:
                boxes[slot.key] = _box(slot.node, x, y, height, slot.key in dashed)
            y += height + gap
    return boxes, lanes, TOP + tallest


def _height(node: Node | None) -> float:
    if node is None:
        return _LANE
    lines = len(_label(node)) + (node.onset is not None)
    return 2 * _PAD + _LINE * lines + (22.0 if node.probability is not None else 0.0) - 4.0


def _label(node: Node) -> tuple[str, ...]:
    return wrap(node.label, 14.0, BOX_WIDTH - 2 * _PAD)


def _box(node: Node, x: float, y: float, height: float, dashed: bool) -> Box:
    said = f"from {onset(node.onset)}".removesuffix(" UTC") if node.onset else None
    when = fit(said, 12.0, BOX_WIDTH - 2 * _PAD) if said else None
    return Box(node, x, y, height, _label(node), when, dashed)


def sign_mark(edge: Edge) -> str:
    """The edge's sign: plus, a true minus, or both."""
    return "+" if edge.sign > 0 else "\u2212" if edge.sign < 0 else "\u00b1"


def sign_words(edge: Edge) -> str:
    """The same in words: a minus before a percentage would read as a fall."""
    return "same way" if edge.sign > 0 else "opposite" if edge.sign < 0 else "either way"


def edge_label(edge: Edge) -> str:
    """What stands on an edge: which way it works and how sure it is, or that nothing backs it."""
    sure = f" \u00b7 {percent(edge.confidence)} sure" if edge.supported else ", no evidence"
    return sign_words(edge) + sure


def lag_words(edge: Edge) -> str:
    """The edge's lag interval in days, in words."""
    if edge.lag is None:
        return "lag not known"
    low, high = (number(days, 1 if days % 1 else 0) for days in edge.lag)
    if low == high:
        return f"lag {low} day{'' if low == '1' else 's'}"
    return f"lag {low} to {high} days"


def _curves(
    edges: Sequence[Edge], boxes: dict[str, Box], lanes: dict[str, float], middle_x: float
) -> tuple[Curve, ...]:
    sides = {k: _sides(boxes[e.source], boxes[e.target]) for k, e in enumerate(edges)}
    starts = _ports(edges, boxes, lambda k, e: (e.source, e.target, sides[k][0]), lanes)
    ends = _ports(edges, boxes, lambda k, e: (e.target, e.source, sides[k][1]), lanes)
    taken = [Rect(b.x, b.y, BOX_WIDTH, b.height) for b in boxes.values()]
    curves: list[Curve] = []
    for k, edge in enumerate(edges):
        lane = lanes.get(f"lane {k}")
        segments = _route(starts[k], ends[k], sides[k], lane, middle_x)
        label, spot = _labelled(edge, starts[k], segments, taken)
        if spot is not None:
            taken.append(spot)
        curves.append(Curve(edge, starts[k], segments, label, spot))
    return tuple(curves)


def _labelled(
    edge: Edge,
    start: Point,
    segments: tuple[tuple[Point, Point, Point], ...],
    taken: Sequence[Rect],
) -> tuple[str, Rect | None]:
    """The longest form of the edge's label that finds room; dashes still say what is left out."""
    whole = edge_label(edge)
    for label in (whole, sign_words(edge), sign_mark(edge)):
        spot = _spot(start, segments, label, taken)
        if spot is not None:
            return label, spot
    return whole, None


Side = Literal["left", "right"]


def _sides(source: Box, target: Box) -> tuple[Side, Side]:
    """Forward links go right to left side; links inside a column bow out on its inner side."""
    if source.x < target.x:
        return "right", "left"
    if source.x > target.x:
        return "left", "right"
    return ("left", "left") if source.node.kind == "move" else ("right", "right")


def _ports(
    edges: Sequence[Edge],
    boxes: dict[str, Box],
    ends: Callable[[int, Edge], tuple[str, str, Side]],
    lanes: dict[str, float],
) -> dict[int, Point]:
    """A point per edge on the side it uses, spread over the box in the order of the far ends."""
    groups: dict[tuple[str, Side], list[_Port]] = {}
    for k, edge in enumerate(edges):
        here, there, side = ends(k, edge)
        other = lanes.get(f"lane {k}", boxes[there].middle)
        groups.setdefault((here, side), []).append(_Port(k, other))
    points: dict[int, Point] = {}
    for (key, side), ports in groups.items():
        box = boxes[key]
        x = box.x + (BOX_WIDTH if side == "right" else 0.0)
        for place, port in enumerate(sorted(ports, key=lambda p: (p.other, p.edge)), 1):
            points[port.edge] = (x, box.y + box.height * place / (len(ports) + 1))
    return points


def _route(
    start: Point, end: Point, sides: tuple[Side, Side], lane: float | None, middle_x: float
) -> tuple[tuple[Point, Point, Point], ...]:
    if lane is None:
        return (_bend(start, end, sides),)
    inn, out = (middle_x, lane), (middle_x + BOX_WIDTH, lane)
    flat = ((inn[0] + 20, lane), (out[0] - 20, lane), out)
    return _bend(start, inn, ("right", "left")), flat, _bend(out, end, ("right", "left"))


def _bend(start: Point, end: Point, sides: tuple[Side, Side]) -> tuple[Point, Point, Point]:
    reach = max(46.0, abs(end[0] - start[0]) * 0.5)
    first = start[0] + (reach if sides[0] == "right" else -reach)
    second = end[0] + (reach if sides[1] == "right" else -reach)
    return (first, start[1]), (second, end[1]), end


def _spot(
    start: Point,
    segments: tuple[tuple[Point, Point, Point], ...],
    label: str,
    taken: Sequence[Rect],
) -> Rect | None:
    """The place on the curve nearest its middle where the label touches nothing else.

    A link that goes past the middle column carries it in its own lane, where no other link runs;
    in the fan it leaves by, nobody could tell whose it is.
    """
    width = text_width(label, 11.5) + 14.0
    inmost = sorted(range(len(segments)), key=lambda k: (abs(2 * k + 1 - len(segments)), k))
    for t in (0.5, 0.44, 0.56, 0.38, 0.62, 0.32, 0.68, 0.26, 0.74, 0.2, 0.8):
        for k in inmost:
            x, y = _at(segments[k - 1][2] if k else start, segments[k], t)
            rect = Rect(x - width / 2, y - _PILL / 2, width, _PILL)
            if not any(rect.meets(other) for other in taken):
                return rect
    return None


def _at(start: Point, segment: tuple[Point, Point, Point], t: float) -> Point:
    """The point at ``t`` of a cubic Bezier segment."""
    weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3)
    points = (start, *segment)
    return (
        sum(w * p[0] for w, p in zip(weights, points, strict=True)),
        sum(w * p[1] for w, p in zip(weights, points, strict=True)),
    )
