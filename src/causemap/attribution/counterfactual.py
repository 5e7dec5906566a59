"""What would change the verdict: recomputed without single items, never imagined."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from causemap.attribution.scoring import key_of
from causemap.attribution.verdict import group_verdict
from causemap.causes import NAMES
from causemap.closed_sets import AssetGroup
from causemap.records import Decomposition, Evidence, Scope, Verdict, WouldChange

_TRIED: Final = 8
GROUP_WORDS: Final[dict[AssetGroup, str]] = {
    "equity": "equities",
    "crypto": "crypto",
    "metals": "metals",
}


def without(evidence: Mapping[str, Evidence], dropped: Iterable[str]) -> dict[str, Evidence]:
    """The evidence, by key, less the items with the ids ``dropped``."""
    gone = set(dropped)
    return {key: item for key, item in evidence.items() if item.id not in gone}


def turned(item: Evidence) -> Evidence:
    """The same item with its sign turned round: what if it had moved the other way."""
    z = None if item.z is None else -item.z
    return replace(item, value=-item.value, z=z, low=None, high=None)


def would_change(
    scope: Scope,
    group: AssetGroup,
    evidence: Mapping[str, Evidence],
    parts: tuple[Decomposition, ...],
    verdict: Verdict,
) -> tuple[WouldChange, ...]:
    """Single items whose absence or reversal turns the verdict, strongest first."""
    if verdict.primary == "no_drawdown" or not verdict.weighed:
        return ()
    # Among several groups each sentence says whose verdict it is about.
    where = f"in {GROUP_WORDS[group]}, " if len(scope.groups) > 1 else ""
    found: list[WouldChange] = []
    for item_id in (*verdict.support, *verdict.counter_evidence)[:_TRIED]:
        item = next(e for e in evidence.values() if e.id == item_id)
        worlds = [(f"without {item.said}", without(evidence, (item_id,)))]
        # What was written has no other way to move: it is there or it is not.
        if item.family != "text":
            other_way = {**evidence, key_of(item): turned(item)}
            worlds.append((f"had {item.said} moved the other way", other_way))
        for words, world in worlds:
            other = group_verdict(scope, group, world, parts).primary
            if other not in (verdict.primary, "no_drawdown"):
                text = f"{where}{words}, the verdict would be {NAMES[other]}"
                found.append(WouldChange(text, (item_id,), other))
                break
    return tuple(found)
