"""The order that onset intervals prove, and no more: what overlaps is a tie and stays one.

Times are hours since 1970 in UTC. A date alone means the whole day, so a date can never prove
that one node began before another on the same day.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final, NamedTuple

from causemap.attribution.template import (
    CHANNEL_TO_MOVE,
    RESPONSES,
    STANDARD,
    move_of,
)
from causemap.causes import BREAK_SHARE, CHANNELS
from causemap.records import CauseMap, Evidence, Node, OnsetInterval, Path

HOUR: Final = 3600.0
_DAY: Final = 24.0
_DATE_LENGTH: Final = 10
_US_CLOSE: Final = 21.0


class Span(NamedTuple):
    """A start between two times: no earlier than ``lo``, seen by ``hi`` (hours, UTC)."""

    lo: float
    hi: float


class Arrow(NamedTuple):
    """A directed link between two node ids."""

    source: str
    target: str


def hours(iso: str, *, late: bool = False) -> float:
    """Hours since 1970 of an ISO date or time; a date is its first moment, or its last if late.

    Raises:
        ValueError: the text is not an ISO date or time.
    """
    at = datetime.fromisoformat(iso)
    aware = at if at.tzinfo is not None else at.replace(tzinfo=UTC)
    whole_day = len(iso) == _DATE_LENGTH
    return aware.timestamp() / HOUR + (_DAY if whole_day and late else 0.0)


def span_of(onset: OnsetInterval | None) -> Span | None:
    """The interval as hours; ``None`` without an onset or when its ends are the wrong way round."""
    if onset is None:
        return None
    span = Span(hours(onset.low), hours(onset.high, late=True))
    return span if span.lo <= span.hi else None


def precedes(first: Span, second: Span) -> bool:
    """Tell whether ``first`` was over before ``second`` could begin; an overlap proves nothing."""
    return first.hi <= second.lo and first.lo < second.lo


def may_cause(first: Span, second: Span) -> bool:
    """Tell whether time allows an arrow: ``first`` did not begin after ``second`` was seen."""
    return first.lo <= second.hi and not precedes(second, first)


def probability_before(first: Span, second: Span) -> float:
    """P(first < second), each uniform in its interval and independent of the other (METHODS 4)."""
    a, b, c, d = *first, *second
    if a == b:
        return 1.0 - _share_below(a, c, d)
    if c == d:
        return _share_below(c, a, b)
    area = (_area_below(d, a, b) - _area_below(c, a, b)) / ((b - a) * (d - c))
    return min(1.0, max(0.0, area))


def _share_below(point: float, low: float, high: float) -> float:
    if low == high:
        return 0.5 if point == low else float(point > low)
    return min(1.0, max(0.0, (point - low) / (high - low)))


def _area_below(point: float, low: float, high: float) -> float:
    inside = min(high, max(low, point)) - low
    return inside * inside / 2 + (high - low) * max(0.0, point - high)


def lag_days(first: Span, second: Span) -> tuple[float, float]:
    """Shortest and longest lag in days that the intervals allow if ``first`` came first."""
    low, high = (second.lo - first.hi) / _DAY, (second.hi - first.lo) / _DAY
    return round(max(0.0, low), 2), round(max(0.0, high), 2)


def earliest(spans: Mapping[str, Span], arrows: Sequence[Arrow]) -> dict[str, float]:
    """Earliest start of every node when no effect comes before its cause, even through others.

    ``arrows`` stand in the order causes before effects. A node that nothing dates has no entry.
    """
    known = {name: span.lo for name, span in spans.items()}
    for arrow in arrows:
        start = known.get(arrow.source)
        if start is not None:
            known[arrow.target] = max(known.get(arrow.target, -math.inf), start)
    return known


class Admission:
    """Lets arrows in while no effect is seen before its cause, near or through undated nodes.

    Arrows into a node are offered before arrows out of it. ``ends`` says for a channel when the
    moves that it may lead to had been seen: a later cause may not push the channel past them.
    """

    def __init__(self, spans: Mapping[str, Span], ends: Mapping[str, tuple[float, ...]]) -> None:
        self._spans = spans
        self._ends = ends
        self._starts = {name: span.lo for name, span in spans.items()}
        self._fed: set[str] = set()

    def allows(self, arrow: Arrow) -> bool:
        """Whether time allows the arrow beside those let in before."""
        start = self._starts.get(arrow.source)
        if start is None:
            return True
        target = self._spans.get(arrow.target)
        if target is not None and not may_cause(Span(start, start), target):
            return False
        begun = self._starts.get(arrow.target, -math.inf)
        ends = self._ends.get(arrow.target, ()) if arrow.target in self._fed else ()
        return not any(begun <= end < start for end in ends)

    def lets_in(self, arrow: Arrow) -> bool:
        """Let the arrow in if time allows it; tell whether it did."""
        allowed = self.allows(arrow)
        start = self._starts.get(arrow.source)
        if allowed and start is not None:
            self._starts[arrow.target] = max(self._starts.get(arrow.target, -math.inf), start)
            self._fed.add(arrow.target)
        return allowed


def order_groups(
    spans: Mapping[str, Span], arrows: Iterable[Arrow] = ()
) -> tuple[tuple[str, ...], ...]:
    """Dated names in groups of ties, in time order: each stands after all that precede it.

    Within a group nothing is proved. An effect never stands before its cause: ``arrows`` (causes
    before effects, on which time is feasible) can only push a name to a later group. Sources:
    METHODS 4, partial order.
    """
    links = tuple(arrows)
    known = earliest(spans, links)
    tight = {name: Span(known[name], max(known[name], span.hi)) for name, span in spans.items()}
    layer = _layers(links)
    level: dict[str, int] = {}
    # Narrowed starts never run backwards along an arrow, so no cause can land in a later group.
    for name in sorted(tight, key=lambda n: (tight[n].lo, n)):
        before = (level[one] for one in level if precedes(tight[one], tight[name]))
        level[name] = max(before, default=-1) + 1
    dated = sorted(tight, key=lambda n: (level[n], tight[n], layer.get(n, 0), n))
    return tuple(tuple(n for n in dated if level[n] == rank) for rank in sorted({*level.values()}))


class Step(NamedTuple):
    """Ties of a partial order; nodes of earlier steps proved to precede them all, and the rest."""

    nodes: list[Node]
    after: list[Node]
    beside: list[Node]


def proved_steps(cause_map: CauseMap, among: Collection[str] | None = None) -> list[Step]:
    """The dated nodes of a map (those ``among`` alone) as steps that say what time itself proves.

    A node stands in the first step because nothing is proved to precede it, not because it
    precedes the second: intervals of two steps may overlap. No links narrow an interval here.
    """
    nodes = {node.id: node for node in cause_map.nodes if among is None or node.id in among}
    spans = {key: span for key, node in nodes.items() if (span := span_of(node.onset)) is not None}
    steps: list[Step] = []
    for group in order_groups(spans):
        step = Step([nodes[key] for key in group], [], [])
        for node in (node for earlier in steps for node in earlier.nodes):
            proved = all(precedes(spans[node.id], spans[key]) for key in group)
            (step.after if proved else step.beside).append(node)
        steps.append(step)
    return steps


def _layers(arrows: Sequence[Arrow]) -> dict[str, int]:
    layer: dict[str, int] = {}
    for arrow in arrows:
        layer[arrow.target] = max(layer.get(arrow.target, 0), layer.get(arrow.source, 0) + 1)
    return layer


def third_done(paths: Iterable[Path]) -> dict[str, float]:
    """When each falling asset had lost a third of its fall, by the close of that day (hours)."""
    found: dict[str, float] = {}
    for path in paths:
        fall = 100.0 - min(path.values, default=100.0)
        for date, value in zip(path.dates, path.values, strict=True):
            if fall > 0 and 100.0 - value >= fall * BREAK_SHARE:
                crypto = move_of(path.asset).group == "crypto"
                found[path.asset] = hours(date) + (_DAY if crypto else _US_CLOSE)
                break
    return found


def ends_seen(spans: Mapping[str, Span], moves: Iterable[str]) -> dict[str, tuple[float, ...]]:
    """For each channel, when the dated ``moves`` that it may lead to had been seen (hours)."""
    dated = [(move_of(asset).group, spans[asset].hi) for asset in moves if asset in spans]
    return {
        name: tuple(
            end
            for link in CHANNEL_TO_MOVE
            for group, end in dated
            if link.source == name and link.target == group
        )
        for name in CHANNELS
    }


def answers(item: Evidence, thirds: Mapping[str, float]) -> bool:
    """Whether a margin, funding or halt item is dated after a third of the fall (TAXONOMY, rule 6).

    Such an item answers the fall and is no cause of it. ``thirds`` is from :func:`third_done`; an
    item on no falling asset is held against the earliest of them.
    """
    if not item.id.rpartition(".")[2].startswith(RESPONSES):
        return False
    third = thirds.get(item.asset, min(thirds.values(), default=math.inf))
    return hours(item.observed_at) > third


def timing_log_odds(first: Span, second: Span, usual: tuple[float, float]) -> float:
    """At most half a unit of log-odds for the order, less as much for an unusually long lag."""
    before = min(0.999, max(0.001, probability_before(first, second)))
    order = STANDARD * max(-1.0, min(1.0, math.log(before / (1.0 - before))))
    return order - (STANDARD if lag_days(first, second)[0] > usual[1] else 0.0)
