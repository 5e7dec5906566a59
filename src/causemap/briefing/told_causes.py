"""What a briefing says of the causes: verdicts, what they rest on, and what argues against them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from causemap.agents.clauses import moves
from causemap.agents.story import Story, test_words
from causemap.attribution.parts import at_floor
from causemap.attribution.verdict import agrees
from causemap.briefing.phrased import SMALL
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
from causemap.ranking import unusual_first
from causemap.records import Evidence, Rejected, Verdict
from causemap.words import leaders

# Below this a share of the move prints as nothing worth a sentence.
_WORTH_SAYING: Final = 0.05
# An unexplained share above this speaks against any explanation.
_MUCH: Final = 0.3
_TOGETHER: Final = 3
_TURNS: Final = 2
# What prints as nothing needs no word.
_ONE_PERCENT: Final = 0.005
# From here on a rival is no longer told as ruled out.
_STANDING: Final = 0.05


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
    # A window without a fall has none like it in a catalogue of falls.
    if found:
        yield from _analogues(story, tongue)


def _analogues(story: Story, tongue: Tongue) -> Iterator[Point]:
    """The nearest window of the past, then the further ones together."""
    causes = [past.primary for past in story.analogues]
    short = [tongue.past(k, cause, full=False) for k, cause in enumerate(causes)]
    full = [tongue.past(k, cause, full=True) for k, cause in enumerate(causes)]
    if short:
        fields = {"past": short[0], "past_full": full[0]}
        yield Point("analogue:nearest", "why", "analogue", 2.5, fields)
    if short[1:]:
        fields = {"past": tongue.findings(short[1:]), "past_full": tongue.findings(full[1:])}
        yield Point("analogue:further", "why", "analogue_more", 2.0, fields)


def _support(
    story: Story, group: AssetGroup, verdict: Verdict, tongue: Tongue, told: set[str]
) -> Iterator[Point]:
    """What a group's verdict rests on; a fact in ``told`` was told of another group before."""
    moved = {i.id for i in moves(story.dossier.evidence, group, story.dossier.scope.assets)}
    items = [i for i in story.measured_first(verdict.support) if i.id not in moved]
    first = items[:1] if items and items[0].id not in told else []
    rest = [i for i in items[1:] if i.id not in told]
    told.update(i.id for i in items)
    for item in first:
        fields = {
            "fact": tongue.fact(item),
            "fact_z": tongue.fact_z(item),
            "where": tongue.where(group),
        }
        yield Point(f"support:{group}:{item.id}", "why", "support_first", 30.0, fields, (item.id,))
    for place in range(0, len(rest), _TOGETHER):
        some = rest[place : place + _TOGETHER]
        fields = {
            "fact": tongue.fact(some[0]),
            "two": tongue.listed([tongue.fact(i) for i in some[:2]]),
            "facts": tongue.listed([tongue.fact(i) for i in some]),
            "facts_z": tongue.listed([tongue.fact_z(i) for i in some]),
            "where": tongue.where(group),
        }
        kind, name = "support_more" if place else "support", f"support:{group}:{some[0].id}"
        yield Point(name, "why", kind, 7.0 - place, fields, (some[0].id,), fuller=4.0)


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
    # One series can be measured under two names: the weakest cohort is one of the cohorts; and one
    # thing in two ways: over the window and over its last sessions.
    seen = {key for e in story.dossier.evidence if e.id in told for key in _sights(e)}
    topics: dict[Group, list[Evidence]] = {}
    for item in sorted(story.dossier.evidence, key=_plainest):
        # What is nothing but a distance in standard deviations tells a reader little.
        unusual = item.z is not None and abs(item.z) >= 1.0 and item.unit != "z"
        if unusual and seen.isdisjoint(_sights(item)):
            topics.setdefault(item.group, []).append(item)
            seen.update(_sights(item))
    for group, items in topics.items():
        some, more = items[:_TOGETHER], items[: 2 * _TOGETHER]
        fields = {
            "topic": tongue.topic(group),
            "facts": tongue.listed([tongue.fact(i) for i in some]),
            "facts_z": tongue.listed([tongue.fact_z(i) for i in some]),
            "more_z": tongue.listed([tongue.fact_z(i) for i in more]),
        }
        yield Point(f"detail:{group}", "why", "detail", 2.0, fields, (some[0].id,))


def _reading(item: Evidence) -> tuple[str, str, float]:
    return item.asset, item.unit, item.value


def _plainest(item: Evidence) -> tuple[bool, tuple[bool, float], str]:
    """The most unusual first; a part beyond two measures behind the part beyond one."""
    return item.metric.startswith("residual_"), unusual_first(item.z), item.id


def _sights(item: Evidence) -> tuple[tuple[object, ...], ...]:
    """What an item shows: its figure, and which side of an asset (its move, its part beyond beta).

    Others of the same asset may be about other things; they have no second name.
    """
    sides = {"change": item.metric.startswith("change"), "beyond": "residual" in item.metric}
    return (_reading(item), *((item.asset, side) for side, held in sides.items() if held))


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
    for group, cause in story.partless:
        fields = {"cause": tongue.cause(cause), "where": tongue.where(group)}
        ids = story.split_of(group)
        yield Point(f"no_part:{group}", "against", "no_part", 8.0, fields, ids)
    yield from _rejections(story, tongue)
    yield from _turns(story, tongue)
    yield from _unexplained(story, tongue)


def _unexplained(story: Story, tongue: Tongue) -> Iterator[Point]:
    """How much of each fall stays open; where the split of a fall tells it, not twice."""
    for group, verdict in falling(story):
        if verdict.residual.share > _MUCH:
            fields = {"where": tongue.where(group), "rest": f"{{s:{group}.residual|pct0}}"}
            ids, name = story.split_of(group), f"unexplained:{group}"
            told = f"shares:{group}"
            yield Point(name, "against", "unexplained", 9.0, fields, ids, told_by=told)


def _turns(story: Story, tongue: Tongue) -> Iterator[Point]:
    """Single items without which, or with which turned round, a verdict would be another."""
    place = 0
    for group, verdict in falling(story):
        for change in verdict.would_change[:_TURNS]:
            item = next(iter(story.items(change.evidence)), None)
            # That a fall would not be one, had it been a rise, is no news.
            if item is None or (item.metric == "change" and item.asset in GROUP_ASSETS[group]):
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
    if not (found or story.unreached or story.partless) and falling(story):
        verdicts = [verdict for _, verdict in falling(story)]
        open_ = all(undecided(v) for v in verdicts) and any(leaders(v) for v in verdicts)
        kind = "counter_none_open" if open_ else "counter_none"
        yield Point("counter", "against", kind, 20.0, {}, required=True)


def _against(item: Evidence, tongue: Tongue, *, z: bool = False) -> str:
    """A fact that argues against a cause; of what was written, a small share is called so."""
    fact = tongue.fact_z(item) if z else tongue.fact(item)
    small = item.unit == "ratio" and _ONE_PERCENT <= item.value < SMALL
    return tongue.only(fact) if small and item.group in ("text", "event_time") else fact


class _Rejection(NamedTuple):
    """A rival turned down: on which facts, by which test, and where it is left with much."""

    cause: Cause
    ids: tuple[str, ...]
    test: str
    odds: str


def _rejections(story: Story, tongue: Tongue) -> Iterator[Point]:
    """Each rejected rival once, with all the asset groups it was rejected for on the same facts.

    One that is left with a share worth naming is called less likely: it was not ruled out.
    """
    merged: dict[_Rejection, list[AssetGroup]] = {}
    for group, verdict in falling(story):
        held = dict(verdict.probabilities)
        for item in verdict.rejected:
            test = test_words(item)
            ids = _proof(story, item, tested=bool(test))
            odds = f"{{p:{group}.{item.cause}|pct0}}" if held[item.cause] >= _STANDING else ""
            if ids:
                merged.setdefault(_Rejection(item.cause, ids, test, odds), []).append(group)
    for place, (found, groups) in enumerate(merged.items()):
        test = tongue.test(found.test, f"{{q:{groups[0]}.why.{found.cause}|text}}")
        facts = _turned_down(story.items(found.ids), found.cause, tongue)
        fields = {
            "where": tongue.names([tongue.where(group) for group in groups]),
            "cause": tongue.cause(found.cause),
            "facts": f"{test if found.test else ''}{facts}",
            "p": found.odds,
        }
        # The mission's own three causes are what readers ask for first.
        asked = found.cause in ("rates_shock", "ai_rerating", "liquidation_cascade")
        weight = (14.0 if asked else 5.0) - 0.5 * place
        name, kind = (
            f"rejected:{found.cause}:{'+'.join(groups)}",
            "weaker" if found.odds else "rejected",
        )
        yield Point(name, "against", kind, weight, fields, found.ids)


def _proof(story: Story, item: Rejected, *, tested: bool) -> tuple[str, ...]:
    """Two facts that turned a rival down; of a test it failed, the facts that are of its kind."""
    found = story.items(item.evidence) if tested else story.measured_first(item.evidence)
    kind = found[0].metric if found else ""
    told = {_reading(i): i.id for i in reversed(found) if not tested or i.metric == kind}
    return tuple(i.id for i in found if i.id in told.values())[:2]


def _turned_down(items: Sequence[Evidence], cause: Cause, tongue: Tongue) -> str:
    """What has the sign expected of the rival speaks for it: of that there was too little."""
    against = [_against(i, tongue) for i in items if not agrees(i, cause)]
    short = [_against(i, tongue) for i in items if agrees(i, cause)]
    told = [tongue.listed(against)] if against else []
    return tongue.findings([*told, *([tongue.too_little(tongue.listed(short))] if short else [])])
