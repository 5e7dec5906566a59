"""What would change the verdict: recomputed without single items, never imagined."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from causemap.attribution.scoring import key_of
from causemap.attribution.verdict import by_pull, group_verdict
from causemap.causes import GROUP_WORDS, NAMES
from causemap.closed_sets import AssetGroup
from causemap.records import Decomposition, Evidence, Scope, Verdict, WouldChange

_TRIED: Final = 8
# What may as well have gone the other way: changes, what is left of one beyond its beta, means and
# parts of changes, spreads and rates paid. A share, a level, a count or an extreme may not.
_MOVES: Final = (
    *("change", "claim_change", "residual", "reaction_", "fomc_", "cpi_", "nfp_", "score"),
    *("funding_signature", "funding_before", "yields_and_dollar", "spread", "six_shock_"),
    *("two_shock_", "real_part", "breakeven_part", "front_end_part", "long_end_part"),
)
_SIGNED: Final = ("%", "bp", "bp_8h", "pp", "index", "z")


def without(evidence: Mapping[str, Evidence], dropped: Iterable[str]) -> dict[str, Evidence]:
    """The evidence, by key, less the items with the ids ``dropped``."""
    gone = set(dropped)
    return {key: item for key, item in evidence.items() if item.id not in gone}


def can_turn(item: Evidence) -> bool:
    """Whether the item measures a move, in figures, that could have had the other sign.

    What was written has no other way to move: it is there or it is not.
    """
    signed = item.z is not None or item.unit in _SIGNED
    return item.family != "text" and signed and item.metric.startswith(_MOVES)


def turned(item: Evidence) -> Evidence:
    """The same item with its sign turned round; for those alone that :func:`can_turn`."""
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
    pulls = [w for w in verdict.weighed if w.cause == verdict.ranked[0][0]]
    for item_id in (*by_pull(pulls, +1.0), *by_pull(pulls, -1.0))[:_TRIED]:
        item = next(e for e in evidence.values() if e.id == item_id)
        worlds = [(f"without {item.said}", without(evidence, (item_id,)))]
        if can_turn(item):
            other_way = {**evidence, key_of(item): turned(item)}
            worlds.append((f"had {item.said} moved the other way", other_way))
        for words, world in worlds:
            other = group_verdict(scope, group, world, parts).primary
            if item.group == "event_time" and (other, +1) in item.expected:
                # Without an event that failed its test the news alone would have to do: no cause
                # is named by a test that was not made.
                continue
            if other not in (verdict.primary, "no_drawdown"):
                text = f"{where}{words}, the verdict would be {NAMES[other]}"
                found.append(WouldChange(text, (item_id,), other))
                break
    return tuple(found)
