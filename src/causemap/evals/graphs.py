"""Metrics of cause maps: cycles, time order, nodes, directed edges with signs, order of events."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from causemap.evals.answers import TracedNode


class Link(NamedTuple):
    """A directed edge with its sign (+1 or -1)."""

    source: str
    target: str
    sign: int


@dataclass(frozen=True, slots=True)
class EdgeScore:
    """Edges found against edges known.

    ``precision`` and ``recall`` ask for the direction, ``signs`` is the share of rightly directed
    edges with the right sign, ``turned`` counts edges found the wrong way round, ``distance`` is
    the structural Hamming distance (edges to add, remove or turn). ``None`` where nothing is there
    to divide by.
    """

    precision: float | None
    recall: float | None
    signs: float | None
    turned: int
    distance: int


def is_acyclic(edges: Iterable[tuple[str, str]]) -> bool:
    """Whether the directed graph has no cycle (a loop on one node is one)."""
    left = set(edges)
    while left:
        targets = {target for _, target in left}
        kept = {(source, target) for source, target in left if source in targets}
        if len(kept) == len(left):
            return False
        left = kept
    return True


def time_violations(nodes: Iterable[TracedNode], edges: Iterable[tuple[str, str]]) -> int:
    """Edges whose cause cannot have begun before its effect was seen: ``low(i) > high(j)``."""
    known = {node.id: node for node in nodes if node.low is not None and node.high is not None}
    return sum(
        (known[source].low or "") > (known[target].high or "")
        for source, target in edges
        if source in known and target in known
    )


def node_f1(found: Collection[str], known: Collection[str]) -> float | None:
    """F1 of a set of nodes; ``None`` where neither side has any. Repeats count once."""
    ours, theirs = set(found), set(known)
    if not ours and not theirs:
        return None
    return 2 * len(ours & theirs) / (len(ours) + len(theirs))


def edge_score(found: Iterable[Link], known: Iterable[Link]) -> EdgeScore:
    """Edges found against edges known; of repeated edges the last sign counts."""
    ours = {(edge.source, edge.target): edge.sign for edge in found}
    theirs = {(edge.source, edge.target): edge.sign for edge in known}
    right = ours.keys() & theirs.keys()
    turned = {pair for pair in ours.keys() - right if (pair[1], pair[0]) in theirs.keys() - right}
    missing = {pair for pair in theirs.keys() - right if (pair[1], pair[0]) not in turned}
    extra = ours.keys() - right - turned
    return EdgeScore(
        len(right) / len(ours) if ours else None,
        len(right) / len(theirs) if theirs else None,
        sum(ours[pair] == theirs[pair] for pair in right) / len(right) if right else None,
        len(turned),
        len(turned) + len(missing) + len(extra),
    )


def kendall_tau(first: Sequence[float], second: Sequence[float]) -> float | None:
    """Kendall's tau-b (ties on either side discounted); ``None`` where one side never varies.

    ``(C - D) / sqrt((C + D + T1)(C + D + T2))`` over pairs, with ``T`` the pairs tied on one side
    only (Kendall 1945).
    """
    agree = tied_first = tied_second = untied = 0
    for i in range(len(first)):
        for j in range(i):
            one, two = _sign(first[i] - first[j]), _sign(second[i] - second[j])
            agree += one * two
            untied += bool(one and two)
            tied_first += bool(not one and two)
            tied_second += bool(one and not two)
    size = math.sqrt((untied + tied_first) * (untied + tied_second))
    return agree / size if size else None


def _sign(value: float) -> int:
    return (value > 0) - (value < 0)


def first_places(groups: Iterable[Iterable[str]]) -> dict[str, int]:
    """The place of each node in an order of groups; a node named twice keeps its first."""
    places: dict[str, int] = {}
    for place, group in enumerate(groups):
        for node in group:
            places.setdefault(node, place)
    return places


def order_tau(found: Mapping[str, int], known: Mapping[str, int]) -> float | None:
    """Tau-b over the nodes that both orders place; ``None`` with fewer than two of them."""
    both = sorted(found.keys() & known.keys())
    return kendall_tau([found[node] for node in both], [known[node] for node in both])


def reaches(edges: Iterable[tuple[str, str]], source: str, targets: Collection[str]) -> bool:
    """Whether a directed path leads from ``source`` to one of ``targets``."""
    left, seen = list(edges), {source}
    while onward := {b for a, b in left if a in seen} - seen:
        seen |= onward
    return not seen.isdisjoint(targets)


def forward_share(edges: Iterable[tuple[str, str]], known: Mapping[str, int]) -> tuple[int, int]:
    """Edges between nodes that the known order sets apart: how many run forward, of how many."""
    placed = [(known[a], known[b]) for a, b in edges if a in known and b in known]
    apart = [(one, two) for one, two in placed if one != two]
    return sum(one < two for one, two in apart), len(apart)
