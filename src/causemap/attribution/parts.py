"""What a verdict's causes contributed to a fall (METHODS 3, layer 3).

The desk measures how much of the fall went with each cause's drivers. That something moved along
with credit spreads, say, does not make funding stress its cause: a cause that a rule forbids, or
that is too improbable to stand, has no part, and its share is unexplained. A cause that no driver
measures (a policy act, a hack, a positioning event) is known by its dated event: its part is what
the market did right after it, as far as the note is firmly about that cause. Events of the same
days share them, and all take from what the drivers leave, never from what stays unexplained.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Final

from causemap.causes import GROUP_ASSETS, NAMED
from causemap.closed_sets import AssetGroup, Cause
from causemap.records import Decomposition, Evidence, PartShare, Verdict

# Of every move at least this much stays unexplained (METHODS 3, layer 3).
UNEXPLAINED: Final = 0.10
_DIGITS: Final = 4
_ROUNDING: Final = 10.0**-_DIGITS
# A share below this prints as 0 %.
_PRINTS: Final = 0.005


def at_floor(share: float) -> bool:
    """Whether an unexplained share stands at its floor, where it is only known from below."""
    return share <= UNEXPLAINED + _ROUNDING


def without_part(
    verdicts: Iterable[tuple[AssetGroup, Verdict]], split: Sequence[Decomposition]
) -> Iterator[tuple[AssetGroup, Cause]]:
    """Named causes whose share of their group's fall, where one was split up, prints as zero."""
    assets = {parts.asset for parts in split}
    for group, verdict in verdicts:
        cause = verdict.primary
        if verdict.abstained or cause == "no_drawdown" or cause == "mixed_unclear":
            continue
        held = {part.cause: part.share for part in verdict.contributions}
        if assets & {*GROUP_ASSETS[group]} and abs(held.get(cause, 0.0)) < _PRINTS:
            yield group, cause


def parts_of_causes(
    measured: Decomposition,
    group: AssetGroup,
    evidence: Mapping[str, Evidence],
    causes: Collection[Cause],
) -> Decomposition:
    """The decomposition with parts of ``causes`` only: by drivers, else by dated events.

    ``evidence`` is keyed by fingerprint key.
    """
    kept = _without(measured, causes)
    known = {part.cause for part in measured.parts}
    events: dict[Cause, Evidence] = {
        cause: evidence[key]
        for cause in NAMED
        if cause in causes and cause not in known and (key := f"event_{group}.{cause}") in evidence
    }
    room = max(0.0, kept.residual - UNEXPLAINED)
    weights = {cause: _weight(item, events.values()) for cause, item in events.items()}
    claimed = sum(weights[cause] * item.value for cause, item in events.items())
    if room <= 0.0 or claimed <= 0.0:
        return kept
    scale = min(1.0, room / claimed)
    return _joined(kept, [_part(c, item, scale * weights[c]) for c, item in events.items()])


def as_judged(
    measured: Iterable[Decomposition], verdicts: Iterable[tuple[AssetGroup, Verdict]]
) -> tuple[Decomposition, ...]:
    """The decompositions with the parts of their group's verdict; none where nothing fell."""
    judged = dict(verdicts)
    found = ((parts, judged.get(_group_of(parts))) for parts in measured)
    return tuple(
        replace(
            parts,
            parts=tuple(PartShare(c.cause, c.share, c.low, c.high) for c in verdict.contributions),
            residual=verdict.residual.share,
            residual_low=verdict.residual.low,
            residual_high=verdict.residual.high,
        )
        for parts, verdict in found
        if verdict is not None and verdict.primary != "no_drawdown"
    )


def _group_of(parts: Decomposition) -> AssetGroup:
    return next(group for group, assets in GROUP_ASSETS.items() if parts.asset in assets)


def _without(parts: Decomposition, causes: Collection[Cause]) -> Decomposition:
    """Parts of other causes go to what is unexplained; its bounds are what those kept leave."""
    kept = tuple(part for part in parts.parts if part.cause in causes)
    gone = [part for part in parts.parts if part.cause not in causes]
    if not gone:
        return parts
    residual = parts.residual + sum(part.share for part in gone)
    lowest = max(UNEXPLAINED, 1.0 - sum(part.high for part in kept))
    highest = min(1.0, 1.0 - sum(part.low for part in kept))
    return replace(
        parts,
        parts=kept,
        residual=round(residual, _DIGITS),
        residual_low=round(min(residual, lowest), _DIGITS),
        residual_high=round(max(residual, highest), _DIGITS),
    )


def _weight(item: Evidence, events: Iterable[Evidence]) -> float:
    """How far an event is about its cause; those told of the same days share what followed."""
    crowd = sum(other.quality for other in events if _near(item, other))
    return item.quality / max(1.0, crowd)


def _near(one: Evidence, other: Evidence) -> bool:
    """Whether what followed two events is the same two closes, wholly or in part."""
    return abs(_weekday(one) - _weekday(other)) <= 1


def _weekday(item: Evidence) -> int:
    """The number of the event's weekday; an event of a weekend acts on Monday."""
    day = date.fromisoformat(item.observed_at[:10])
    # Ordinal 1 is a Monday.
    return 5 * ((day.toordinal() - 1) // 7) + min(day.weekday(), 5)


def _joined(parts: Decomposition, found: list[PartShare]) -> Decomposition:
    added = tuple(part for part in found if part.share > 0.0)
    taken = sum(part.share for part in added)
    spread = sum(part.high - part.share for part in added)
    residual = round(parts.residual - taken, _DIGITS)
    # What events have for certain is no longer unexplained.
    highest = parts.residual_high - sum(part.low for part in added)
    lowest = max(UNEXPLAINED, parts.residual_low - taken - spread)
    return replace(
        parts,
        parts=(*parts.parts, *added),
        residual=residual,
        residual_low=round(min(residual, lowest), _DIGITS),
        residual_high=round(max(residual, highest), _DIGITS),
    )


def _part(cause: Cause, item: Evidence, weight: float) -> PartShare:
    """An event's part; its bounds are those of what followed, for the days' usual noise."""
    low = item.value if item.low is None else item.low
    high = item.value if item.high is None else item.high
    share, low, high = (round(weight * value, _DIGITS) for value in (item.value, low, high))
    return PartShare(cause, share, low, high)
