"""How far the measured links of a cause map reach: which causes arrive, which channels act."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from causemap.causes import GROUP_ASSETS
from causemap.closed_sets import AssetGroup, Cause
from causemap.records import CauseMap, Edge, Verdict


def reached(start: str, edges: Iterable[Edge]) -> frozenset[str]:
    """Every node that a path of the edges leads to from ``start``, which is one of them."""
    links = [(edge.source, edge.target) for edge in edges]
    found, ahead = {start}, [start]
    while ahead:
        here = ahead.pop()
        fresh = {target for source, target in links if source == here} - found
        found |= fresh
        ahead += sorted(fresh)
    return frozenset(found)


def between(cause_map: CauseMap, starts: Iterable[str], ends: Iterable[str]) -> frozenset[str]:
    """Every node on a path of measured links from one of ``starts`` to one of ``ends``."""
    ahead = [edge for edge in cause_map.edges if edge.supported]
    back = [replace(edge, source=edge.target, target=edge.source) for edge in ahead]
    after = (reached(start, ahead) for start in starts)
    before = (reached(end, back) for end in ends)
    return frozenset().union(*after) & frozenset().union(*before)


def targets(group: AssetGroup, assets: Sequence[str]) -> tuple[str, ...]:
    """The group's assets that were asked about; all of them if none was."""
    return tuple(a for a in assets if a in GROUP_ASSETS[group]) or GROUP_ASSETS[group]


def unreached(
    cause_map: CauseMap,
    verdicts: Iterable[tuple[AssetGroup, Verdict]],
    assets: Sequence[str],
) -> tuple[tuple[AssetGroup, Cause], ...]:
    """Causes that a group's verdict names though no measured link leads to an asset of it."""
    solid = [edge for edge in cause_map.edges if edge.supported]
    return tuple(
        (group, verdict.primary)
        for group, verdict in verdicts
        if verdict.primary != "no_drawdown" and verdict.primary != "mixed_unclear"
        if not reached(verdict.primary, solid) & set(targets(group, assets))
    )


def adrift(cause_map: CauseMap) -> frozenset[str]:
    """Shocks from which no link, measured or not, leads to a move; falls that none leads to."""
    moves = {node.id for node in cause_map.nodes if node.kind == "move"}
    shocks = (node.id for node in cause_map.nodes if node.kind == "shock")
    ends = (name for name in shocks if not moves & reached(name, cause_map.edges))
    return frozenset((*cause_map.unlinked, *ends))


def acting(cause_map: CauseMap, channels: Iterable[str]) -> tuple[str, ...]:
    """Those of the channels from which a measured link leads on."""
    used = {edge.source for edge in cause_map.edges if edge.supported}
    return tuple(name for name in channels if name in used)
