"""Two runs against each other: what was measured in both, and what changed on a refresh."""

from __future__ import annotations

from collections import Counter

from causemap.records import Evidence, Report
from causemap.words import asset_name, clean, number, sentence_case, value_of


def shared_rows(one: Report, other: Report) -> tuple[tuple[str, ...], ...]:
    """Measures that both runs hold, by falling distance of their z-scores."""
    theirs = {e.id: e for e in other.evidence}
    pairs = [(e, theirs[e.id]) for e in one.evidence if e.id in theirs]
    pairs.sort(key=lambda pair: (-_apart(*pair), pair[0].id))
    said = Counter(a.said for a, _ in pairs)
    return tuple(
        (_name(a, alone=said[a.said] == 1), value_of(a), _z(a), value_of(b), _z(b))
        for a, b in pairs
    )


def added_and_dropped(old: Report, new: Report) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Sentences that only the newer account has, and those that only the older one had."""
    before = [clean(s.text) for s in old.narrative.sentences]
    after = [clean(s.text) for s in new.narrative.sentences]
    return tuple(s for s in after if s not in before), tuple(s for s in before if s not in after)


def _apart(a: Evidence, b: Evidence) -> float:
    """How far apart two items are in z; items without z come last."""
    return -1.0 if a.z is None or b.z is None else abs(a.z - b.z)


def _name(item: Evidence, *, alone: bool) -> str:
    """What was measured, with the asset only where the words do not tell which."""
    said = sentence_case(clean(item.said, 120))
    return said if alone else f"{said} ({asset_name(item.asset)})"


def _z(item: Evidence) -> str:
    return "" if item.z is None else number(item.z, 1, signed=True)
