"""The verdicts of an issue: what is found in which asset group, each cause told once."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from causemap.agents.clauses import moves
from causemap.agents.story import Story
from causemap.briefing.point import Point
from causemap.briefing.tongue import Fields, Tongue, Undecided
from causemap.closed_sets import AssetGroup, Cause
from causemap.records import Verdict
from causemap.words import leaders

Judged = tuple[AssetGroup, Verdict]

_ALONE: Final = 90.0
_AMONG: Final = 70.0


def shown(story: Story) -> tuple[Judged, ...]:
    """The groups that are told: those with prices over the window, or the only one asked about."""
    if len(story.verdicts) == 1:
        return story.verdicts
    return tuple(pair for pair in story.verdicts if moves(story.dossier.evidence, pair[0], ()))


def falling(story: Story) -> tuple[Judged, ...]:
    """The groups told that have a fall to explain."""
    return tuple(pair for pair in shown(story) if pair[1].primary != "no_drawdown")


def rests(verdict: Verdict) -> tuple[str, ...]:
    """The items a verdict rests on."""
    weighed = tuple(dict.fromkeys(w.evidence for w in verdict.weighed))
    return verdict.support[:3] or weighed[:3]


def overall_told(story: Story, tongue: Tongue) -> Iterator[Point]:
    """The verdict over several groups that fell."""
    verdict = story.verdict
    named = [cause for cause, _ in leaders(verdict)]
    if len(falling(story)) < 2 or verdict.primary == "no_drawdown" or not named:
        return
    kind = "overall_open" if undecided(verdict) else "overall"
    kind = kind if len(named) > 1 else "overall_alone"
    fields = _front("", named, tongue)
    yield Point("verdict:overall", "why", kind, 26.0, fields, rests(verdict))


def clusters(story: Story) -> list[list[Judged]]:
    """Groups of one finding together, the likeliest first, those without a named cause last."""
    found: dict[Cause | None, list[Judged]] = {}
    for group, verdict in sorted(falling(story), key=lambda pair: -_held(pair[1])):
        found.setdefault(_found(verdict), []).append((group, verdict))
    return sorted(found.values(), key=lambda some: undecided(some[0][1]))


def verdict_told(some: Sequence[Judged], tongue: Tongue, *, alone: bool) -> Point:
    """One finding with the groups it holds for; every length but the very shortest has room."""
    groups = [group for group, _ in some]
    name = f"verdict:{'+'.join(groups)}"
    weight = _ALONE if alone else _AMONG + _held(some[0][1])
    ids = tuple(dict.fromkeys(key for _, verdict in some for key in rests(verdict)))
    kind, fields = _worded(some, tongue)
    # The reason of an abstention belongs to it wherever there is room; a runner-up can wait.
    fuller = 24.0 if undecided(some[0][1]) else 12.0
    return Point(name, "why", kind, weight, fields, ids, required=True, fuller=fuller)


def calm_told(story: Story, tongue: Tongue) -> Iterator[Point]:
    """The groups with nothing to explain, in one sentence."""
    calm = [(g, v) for g, v in shown(story) if v.primary == "no_drawdown"]
    if calm:
        fields = {"where": tongue.names([tongue.where(group) for group, _ in calm])}
        ids = tuple(key for _, verdict in calm for key in verdict.support)
        only = not falling(story)
        name = f"verdict:{'+'.join(group for group, _ in calm)}"
        weight = _ALONE if only else 22.0
        yield Point(name, "why", "calm", weight, fields, ids, required=only)


def short_reason(reason: str) -> str:
    """An abstention's reason without the cause that leads, which is told with its odds."""
    found = re.match(r"[^;]+? leads, but (.+)", reason.strip())
    return (found[1] if found else reason.strip()).rstrip(".")


def undecided(verdict: Verdict) -> bool:
    """Whether no cause is named."""
    return verdict.abstained or verdict.primary == "mixed_unclear"


def _found(verdict: Verdict) -> Cause | None:
    if undecided(verdict) or verdict.primary == "no_drawdown":
        return None
    return verdict.primary


def _held(verdict: Verdict) -> float:
    return next((p for _, p in leaders(verdict)), 0.0)


def _worded(some: Sequence[Judged], tongue: Tongue) -> tuple[str, Fields]:
    group, verdict = some[0]
    cause = _found(verdict)
    if len(some) > 1 and cause is not None:
        return "agreed", {"told": tongue.agreed(cause, [g for g, _ in some])}
    if len(some) > 1:
        nearest = [next((c for c, _ in leaders(v)), None) for _, v in some]
        found = [
            Undecided(g, near, short_reason(v.reason))
            for (g, v), near in zip(some, nearest, strict=True)
        ]
        told, why = (tongue.undecided(found, reasons=reasons) for reasons in (False, True))
        return "undecided", {"told": told, "told_why": why}
    named = [c for c, _ in leaders(verdict)]
    fields = {"where": tongue.where(group), **_front(f"{group}.", named, tongue)}
    # Beside the odds of the cause that leads, only what it lacks is news.
    reason, key = (short_reason(verdict.reason), "short") if named else (verdict.reason, "reason")
    fields["reason"] = tongue.because(reason, f"{{q:{group}.{key}|text}}")
    if cause is not None:
        return ("judged" if len(named) > 1 else "judged_alone"), fields
    return ("open" if len(named) > 1 else "unknown"), fields


def _front(prefix: str, named: Sequence[Cause], tongue: Tongue) -> Fields:
    fields: Fields = {}
    for name, cause in zip(("first", "second"), named, strict=False):
        key = f"p:{prefix}{cause}"
        fields |= {
            name: tongue.cause(cause),
            f"{name}_p": f"{{{key}|pct0}}",
            f"{name}_band": f"{{{key}|a_band}}",
        }
    return fields
