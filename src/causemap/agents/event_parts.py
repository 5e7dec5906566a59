"""Parts of a fall by event study, beside those by regression (METHODS 2.2 and 3, layer 3).

A cause that no driver measures (a government act, a named crypto event) has its part by what
followed at once on its leading dated event, as firmly as the event names it. What drivers and
forced selling explain goes first; events share what that leaves, and a tenth stays unexplained.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from causemap.attribution.scoring import by_key
from causemap.causes import GROUP_ASSETS, NAMED
from causemap.closed_sets import Cause
from causemap.records import Decomposition, Evidence, PartShare
from causemap.tools.measures.shares import UNEXPLAINED

_DIGITS: Final = 4


def with_event_parts(parts: Decomposition, evidence: Iterable[Evidence]) -> Decomposition:
    """The decomposition with a part for each cause that only a dated event speaks for."""
    group = next(group for group, assets in GROUP_ASSETS.items() if parts.asset in assets)
    items, measured = by_key(evidence), {part.cause for part in parts.parts}
    events: dict[Cause, Evidence] = {
        cause: items[key]
        for cause in NAMED
        if cause not in measured and (key := f"event_{group}.{cause}") in items
    }
    room = max(0.0, parts.residual - UNEXPLAINED)
    claimed = sum(item.quality * item.value for item in events.values())
    if room <= 0.0 or claimed <= 0.0:
        return parts
    return _joined(parts, events, min(1.0, room / claimed))


def _joined(parts: Decomposition, events: Mapping[Cause, Evidence], scale: float) -> Decomposition:
    found = [_part(cause, item, scale) for cause, item in events.items()]
    added = tuple(part for part in found if part.share > 0.0)
    taken = sum(part.share for part in added)
    spread = sum(part.high - part.share for part in added)
    residual = round(parts.residual - taken, _DIGITS)
    # What events have for certain is no longer unexplained.
    highest = parts.residual_high - sum(part.low for part in added)
    return replace(
        parts,
        parts=(*parts.parts, *added),
        residual=residual,
        residual_low=round(max(UNEXPLAINED, parts.residual_low - taken - spread), _DIGITS),
        residual_high=round(max(residual, highest), _DIGITS),
    )


def _part(cause: Cause, item: Evidence, scale: float) -> PartShare:
    """An event's part; its bounds are those of what followed, for the days' usual noise."""
    weight = scale * item.quality
    low = item.value if item.low is None else item.low
    high = item.value if item.high is None else item.high
    share, low, high = (round(weight * value, _DIGITS) for value in (item.value, low, high))
    return PartShare(cause, share, low, high)


__all__ = ["with_event_parts"]
