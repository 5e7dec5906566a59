"""What if: evidence removed or changed, and every probability computed again by the engine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from causemap.attribution.counterfactual import can_turn, turned
from causemap.attribution.judge import judge, overall
from causemap.closed_sets import AssetGroup
from causemap.records import Dossier, Evidence, Verdict

Kind = Literal["remove", "turn", "force", "set"]


@dataclass(frozen=True, slots=True)
class Change:
    """What to do to the items: ``force`` gives them the sign of ``value``, ``set`` its size too.

    Only moves are turned or forced (:func:`can_turn`). ``unit`` is that of ``value``; items in
    another unit are left alone.
    """

    kind: Kind
    value: float = 0.0
    unit: str = ""


@dataclass(frozen=True, slots=True)
class World:
    """The recomputed verdicts and the items as they were changed (removed ones as they were)."""

    verdict: Verdict
    verdicts: tuple[tuple[AssetGroup, Verdict], ...]
    changed: tuple[Evidence, ...]


def recompute(dossier: Dossier, ids: Sequence[str], change: Change) -> World | None:
    """Judge the dossier with the items ``ids`` changed; ``None`` if none of them can be."""
    wanted = set(ids)
    evidence: list[Evidence] = []
    changed: list[Evidence] = []
    for item in dossier.evidence:
        other = _changed(item, change) if item.id in wanted else item
        if other is not item:
            changed.append(other or item)
        if other is not None:
            evidence.append(other)
    if not changed:
        return None
    world = replace(dossier, evidence=tuple(evidence))
    verdicts = judge(world)
    return World(overall(world, verdicts), verdicts, tuple(changed))


def _changed(item: Evidence, change: Change) -> Evidence | None:
    """The item after the change: itself if it cannot be changed, ``None`` if it is removed."""
    if change.kind == "remove":
        return None
    if change.kind in ("turn", "force"):
        wanted = item.value * change.value < 0 if change.kind == "force" else item.value != 0
        return turned(item) if wanted and can_turn(item) else item
    return _scaled(item, change.value) if item.unit == change.unit and item.value else item


def _scaled(item: Evidence, value: float) -> Evidence:
    if value == item.value:
        return item
    z = None if item.z is None else item.z * value / item.value
    return replace(item, value=value, z=z, low=None, high=None)
