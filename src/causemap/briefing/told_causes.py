"""What a briefing says of the causes: verdicts, what they rest on, and what argues against them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from causemap.agents.clauses import moves
from causemap.agents.story import Story
from causemap.attribution.parts import at_floor
from causemap.briefing.point import Point
from causemap.briefing.told_verdicts import (
    calm_told,
    clusters,
    falling,
    overall_told,
    shown,
    undecided,
    verdict_told,
)
from causemap.briefing.tongue import Tongue, Turning
from causemap.causes import GROUP_ASSETS
from causemap.closed_sets import AssetGroup, Cause, Group
from causemap.records import Evidence, Verdict

# Below this a share of the move prints as nothing worth a sentence.
_WORTH_SAYING: Final = 0.05
# An unexplained share above this speaks against any explanation.
_MUCH: Final = 0.3
_TOGETHER: Final = 3
_TURNS: Final = 2
# A share of the news or of a fall under this counts against its cause; what prints as nothing
# needs no word.
_SMALL: Final = 0.25
_ONE_PERCENT: Final = 0.005


def causes_told(story: Story, tongue: Tongue) -> Iterator[Point]:
    """The verdicts, what they rest on, amplifiers, further facts, near windows of the past."""
    found = clusters(story)
    yield from overall_told(story, tongue)
    told: set[str] = set()
    for some in found:
        yield verdict_told(some, tongue, alone=len(found) == 1)
        for group, verdict in some:
            yield from _support(story, group, verdict, tongue, told)
            yield from _shares(story, group, verdict, tongue)
    yield from calm_told(story, tongue)
    yield from _amplifiers(story, tongue)
    yield from _details(story, tongue)
    for place, past in enumerate(story.analogues):
        fields = {
            "case": f"{{q:past.{place}.case|text}}",
            "from": f"{{t:past.{place}.start|date}}",
            "to": f"{{t:past.{place}.end|date}}",
            "differs": f"{{q:past.{place}.differs|text}}",
            "cause": tongue.cause(past.primary),
        }
        yield Point(f"analogue:{place}", "why", "analogue", 2.5 - 0.5 * place, fields)


def _support(
    story: Story, group: AssetGroup, verdict: Verdict, tongue: Tongue, told: set[str]
) -> Iterator[Point]:
    """What a group's verdict rests on; a fact in ``told`` was told of another group before."""
    moved = {i.id for i in moves(story.dossier.evidence, group, story.dossier.scope.assets)}
    items = [i for i in story.measured_first(verdict.support) if i.id not in moved]
    for place, item in enumerate(items):
        if item.id in told:
            continue
        told.add(item.id)
        fields = {
            "fact": tongue.fact(item),
            "fact_z": tongue.fact_z(item),
            "where": tongue.where(group),
        }
        kind = "support_first" if place == 0 else "support"
        weight = (30.0 if place == 0 else 8.0) - place
        yield Point(f"support:{group}:{item.id}", "why", kind, weight, fields, (item.id,))


def _amplifiers(story: Story, tongue: Tongue) -> Iterator[Point]:
    """The amplifiers from which a measured link of the map leads on."""
    if named := story.acting:
        fields = {"channels": tongue.names([tongue.channel(key) for key in named])}
        ids = story.channel_items(named)
        yield Point("amplifiers", "why", "amplified", 6.0, fields, ids)


def _details(story: Story, tongue: Tongue) -> Iterator[Point]:
    """Unusual facts that no other point tells, a few to a sentence, for the longest issues."""
    moved = {i.id for g, _ in shown(story) for i in moves(story.dossier.evidence, g, ())}
    told = {key for _, v in story.verdicts for key in (*v.support, *v.counter_evidence)} | moved
    unusual = [e for e in story.dossier.evidence if e.id not in told and abs(e.z or 0.0) >= 1.0]
    topics: dict[Group, list[Evidence]] = {}
    for item in sorted(unusual, key=lambda e: (-abs(e.z or 0.0), e.id)):
        topics.setdefault(item.group, []).append(item)
    for group, items in topics.items():
        for place in range(0, len(items), _TOGETHER):
            some = items[place : place + _TOGETHER]
            fields = {
                "topic": tongue.topic(group),
                "facts": tongue.listed([tongue.fact(i) for i in some]),
                "facts_z": tongue.listed([tongue.fact_z(i) for i in some]),
            }
            kind = "detail" if place == 0 else "detail_more"
            ids = tuple(i.id for i in some)
            yield Point(f"detail:{group}:{place}", "why", kind, 2.0, fields, ids)


def _shares(story: Story, group: AssetGroup, verdict: Verdict, tongue: Tongue) -> Iterator[Point]:
    """How the fall of one asset of the group is split up; the asset is named."""
    parts = [part for part in verdict.contributions if abs(part.share) >= _WORTH_SAYING]
    target = _split_asset(story, group)
    if not parts or target is None:
        return
    told = [tongue.share(p.cause, f"{{s:{group}.{p.cause}|pct0}}") for p in parts]
    largest = max(parts, key=lambda part: part.share).cause
    fields = {
        "where": tongue.where(group),
        "whose": f"{{{target.id}|asset|name}}",
        "shares": tongue.listed(told),
        "rest": tongue.rest(f"{{s:{group}.residual|pct0}}", least=at_floor(verdict.residual.share)),
        "aside": tongue.aside(other=not undecided(verdict) and largest != verdict.primary),
    }
    yield Point(f"shares:{group}", "why", "shares", 7.0, fields, story.split_of(group))


def _split_asset(story: Story, group: AssetGroup) -> Evidence | None:
    """The measured move of the asset whose fall the verdict's shares split up."""
    split = [d.asset for d in story.dossier.decompositions if d.asset in GROUP_ASSETS[group]]
    found = {i.asset: i for i in story.dossier.evidence if i.metric == "change"}
    return next((found[asset] for asset in split if asset in found), None)


# --- what argues against ------------------------------------------------------------------------


def doubts_told(story: Story, tongue: Tongue) -> Iterator[Point]:
    """Counter-evidence, rejected rivals, what would turn a verdict, what stays unexplained."""
    yield from _counter(story, tongue)
    for group, cause in story.unreached:
        fields = {"cause": tongue.cause(cause), "where": tongue.where(group)}
        ids = tuple(item.id for item in story.moved(group))
        yield Point(f"no_path:{group}", "against", "no_path", 30.0, fields, ids, required=True)
    yield from _rejections(story, tongue)
    yield from _turns(story, tongue)
    for group, verdict in falling(story):
        if verdict.residual.share > _MUCH:
            fields = {"where": tongue.where(group), "rest": f"{{s:{group}.residual|pct0}}"}
            ids = story.split_of(group)
            yield Point(f"unexplained:{group}", "against", "unexplained", 9.0, fields, ids)


def _turns(story: Story, tongue: Tongue) -> Iterator[Point]:
    """Single items without which, or with which turned round, a verdict would be another."""
    place = 0
    for group, verdict in falling(story):
        for change in verdict.would_change[:_TURNS]:
            item = next(iter(story.items(change.evidence)), None)
            if item is None:
                continue
            kind, fields = tongue.turn(Turning(group, change, item))
            # A share of a whole has no other way to move.
            if kind == "turn_other" and item.unit == "ratio":
                continue
            name, weight = f"turn:{group}:{item.id}", max(2.0, 12.0 - 2.0 * place)
            yield Point(name, "against", kind, weight, fields, change.evidence)
            place += 1


def _counter(story: Story, tongue: Tongue) -> Iterator[Point]:
    """What argues against the reading of each group; the first has to be told."""
    moved = {i.id for g, _ in shown(story) for i in moves(story.dossier.evidence, g, ())}
    found: list[tuple[AssetGroup, list[Evidence]]] = []
    for group, verdict in falling(story):
        items = story.measured_first(verdict.counter_evidence)
        if kept := [item for item in items if item.id not in moved][:3]:
            found.append((group, kept))
    # What was measured stands before what was written, whatever group it is about.
    found.sort(key=lambda pair: pair[1][0].family == "text")
    for place, (group, items) in enumerate(found):
        fields = {
            "where": tongue.where(group),
            "fact": _against(items[0], tongue),
            "facts": tongue.listed([_against(i, tongue) for i in items]),
            "facts_z": tongue.listed([_against(i, tongue, z=True) for i in items]),
        }
        first, ids = place == 0, tuple(i.id for i in items)
        weight = 40.0 if first else 13.0 - place
        name = f"counter:{group}"
        yield Point(name, "against", "counter", weight, fields, ids, required=first)
    if not found and falling(story) and not story.unreached:
        yield Point("counter", "against", "counter_none", 20.0, {}, required=True)


def _against(item: Evidence, tongue: Tongue, *, z: bool = False) -> str:
    """A fact that argues against a cause; of what was written, a small share is called so."""
    fact = tongue.fact_z(item) if z else tongue.fact(item)
    small = item.unit == "ratio" and _ONE_PERCENT <= item.value < _SMALL
    return tongue.only(fact) if small and item.group in ("text", "event_time") else fact


def _rejections(story: Story, tongue: Tongue) -> Iterator[Point]:
    """Each rejected rival once, with all the asset groups it was rejected for on the same facts."""
    merged: dict[tuple[Cause, tuple[str, ...]], list[AssetGroup]] = {}
    for group, verdict in falling(story):
        for item in verdict.rejected:
            found = story.measured_first(item.evidence)
            ids = tuple(i.id for i in found[:2])
            if ids:
                merged.setdefault((item.cause, ids), []).append(group)
    for place, ((cause, ids), groups) in enumerate(merged.items()):
        fields = {
            "where": tongue.names([tongue.where(group) for group in groups]),
            "cause": tongue.cause(cause),
            "facts": tongue.listed([_against(i, tongue) for i in story.items(ids)]),
        }
        # The mission's own three causes are what readers ask for first.
        asked = cause in ("rates_shock", "ai_rerating", "liquidation_cascade")
        weight = (14.0 if asked else 5.0) - 0.5 * place
        name = f"rejected:{cause}:{'+'.join(groups)}"
        yield Point(name, "against", "rejected", weight, fields, ids)
