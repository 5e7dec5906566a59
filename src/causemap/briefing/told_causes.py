"""What a briefing says of the causes: verdicts, what they rest on, and what argues against them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from causemap.agents.clauses import moves
from causemap.agents.story import Story
from causemap.briefing.point import Point
from causemap.briefing.tongue import Tongue
from causemap.closed_sets import AssetGroup, Cause, Group
from causemap.records import Evidence, Verdict

# Below this a share of the move prints as nothing worth a sentence.
_WORTH_SAYING: Final = 0.05
# An unexplained share above this speaks against any explanation.
_MUCH: Final = 0.3
_TOGETHER: Final = 3


def causes_told(story: Story, tongue: Tongue) -> Iterator[Point]:
    """The verdicts, what they rest on, amplifiers, further facts, near windows of the past."""
    several = len(story.falling) > 1
    if several:
        yield from _overall(story, tongue)
        yield from _split(story, tongue)
    for group, verdict in story.verdicts:
        yield from _group_verdict(group, verdict, tongue, several=several)
        if verdict.primary != "no_drawdown":
            yield from _support(story, group, verdict, tongue)
            yield from _shares(story, group, verdict, tongue)
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


def _overall(story: Story, tongue: Tongue) -> Iterator[Point]:
    verdict = story.verdict
    named = [c for c, p in verdict.ranked if p > 0 and c != "mixed_unclear"][:2]
    if len(named) < 2:
        return
    kind = "overall_open" if _open(verdict) else "overall"
    yield Point(
        "verdict:overall",
        "why",
        kind,
        80.0,
        _front("", named, tongue),
        _rests(verdict),
        required=True,
    )


def _split(story: Story, tongue: Tongue) -> Iterator[Point]:
    """That the groups fell for different reasons, in one sentence."""
    seen = [(g, v) for g, v in story.verdicts if measured(story, g)]
    if len({_found(v) for _, v in seen if v.primary != "no_drawdown"}) < 2:
        return
    fields = {"findings": tongue.findings([(g, _found(v)) for g, v in seen])}
    yield Point("split", "why", "split", 79.0, fields, _rests(story.verdict), required=True)


def measured(story: Story, group: AssetGroup) -> bool:
    """Whether any price of the group covers the window; else nothing is known of a fall."""
    return bool(moves(story.dossier.evidence, group, ()))


def _found(verdict: Verdict) -> str | None:
    """The primary cause, or ``None`` where none is named."""
    return None if verdict.primary != "no_drawdown" and _open(verdict) else verdict.primary


def _open(verdict: Verdict) -> bool:
    return verdict.abstained or verdict.primary == "mixed_unclear"


def _front(prefix: str, named: Sequence[Cause], tongue: Tongue) -> dict[str, str]:
    fields: dict[str, str] = {}
    for name, cause in zip(("first", "second"), named, strict=False):
        key = f"p:{prefix}{cause}"
        fields |= {
            name: tongue.cause(cause),
            f"{name}_p": f"{{{key}|pct0}}",
            f"{name}_band": f"{{{key}|a_band}}",
        }
    return fields


def _rests(verdict: Verdict) -> tuple[str, ...]:
    weighed = tuple(dict.fromkeys(w.evidence for w in verdict.weighed))
    return verdict.support[:3] or weighed[:3]


def _group_verdict(
    group: AssetGroup, verdict: Verdict, tongue: Tongue, *, several: bool
) -> Iterator[Point]:
    fields = {"where": tongue.where(group)}
    weight = 34.0 if several else 90.0
    name = f"verdict:{group}"
    if verdict.primary == "no_drawdown":
        yield Point(name, "why", "calm", weight, fields, verdict.support, required=not several)
        return
    named = [c for c, p in verdict.ranked if p > 0 and c != "mixed_unclear"][:2]
    if len(named) < 2:
        fields["reason"] = f"{{q:{group}.reason|text}}"
        yield Point(name, "why", "unknown", weight, fields, _rests(verdict), required=not several)
        return
    fields |= _front(f"{group}.", named, tongue)
    fields["reason"] = f"{{q:{group}.reason|text}}"
    kind = "open" if _open(verdict) else "judged"
    yield Point(name, "why", kind, weight, fields, _rests(verdict), required=not several)


def _support(story: Story, group: AssetGroup, verdict: Verdict, tongue: Tongue) -> Iterator[Point]:
    moved = {i.id for i in moves(story.dossier.evidence, group, story.dossier.scope.assets)}
    items = [i for i in story.measured_first(verdict.support) if i.id not in moved]
    for place, item in enumerate(items):
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
    moved = {i.id for g, _ in story.verdicts for i in moves(story.dossier.evidence, g, ())}
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
    parts = [part for part in verdict.contributions if abs(part.share) >= _WORTH_SAYING]
    if not parts:
        return
    told = [tongue.share(p.cause, f"{{s:{group}.{p.cause}|pct0}}") for p in parts]
    fields = {
        "where": tongue.where(group),
        "shares": tongue.listed(told),
        "rest": f"{{s:{group}.residual|pct0}}",
    }
    yield Point(f"shares:{group}", "why", "shares", 7.0, fields, story.split_of(group))


# --- what argues against ------------------------------------------------------------------------


def doubts_told(story: Story, tongue: Tongue) -> Iterator[Point]:
    """Counter-evidence, rejected rivals, what stays unexplained."""
    yield from _counter(story, tongue)
    for group, cause in story.unreached:
        fields = {"cause": tongue.cause(cause), "where": tongue.where(group)}
        ids = tuple(item.id for item in story.moved(group))
        yield Point(f"no_path:{group}", "against", "no_path", 30.0, fields, ids, required=True)
    yield from _rejections(story, tongue)
    for group, verdict in story.falling:
        if verdict.residual.share > _MUCH:
            fields = {"where": tongue.where(group), "rest": f"{{s:{group}.residual|pct0}}"}
            ids = story.split_of(group)
            yield Point(f"unexplained:{group}", "against", "unexplained", 9.0, fields, ids)


def _counter(story: Story, tongue: Tongue) -> Iterator[Point]:
    moved = {i.id for g, _ in story.verdicts for i in moves(story.dossier.evidence, g, ())}
    items = story.measured_first(story.verdict.counter_evidence)
    items = [i for i in items if i.id not in moved]
    if items:
        fields = {
            "fact": tongue.fact(items[0]),
            "facts": tongue.listed([tongue.fact(i) for i in items[:3]]),
            "facts_z": tongue.listed([tongue.fact_z(i) for i in items[:3]]),
        }
        ids = tuple(i.id for i in items[:3])
        yield Point("counter", "against", "counter", 40.0, fields, ids, required=True)
    elif story.falling and not story.unreached:
        ids = _rests(story.verdict)
        yield Point("counter", "against", "counter_none", 20.0, {}, ids, required=True)


def _rejections(story: Story, tongue: Tongue) -> Iterator[Point]:
    """Each rejected rival once, with all the asset groups it was rejected for on the same facts."""
    merged: dict[tuple[Cause, tuple[str, ...]], list[AssetGroup]] = {}
    for group, verdict in story.falling:
        for item in verdict.rejected:
            found = story.measured_first(item.evidence)
            ids = tuple(i.id for i in found[:2])
            if ids:
                merged.setdefault((item.cause, ids), []).append(group)
    for place, ((cause, ids), groups) in enumerate(merged.items()):
        fields = {
            "where": tongue.names([tongue.where(group) for group in groups]),
            "cause": tongue.cause(cause),
            "facts": tongue.listed([tongue.fact(i) for i in story.items(ids)]),
        }
        # The mission's own three causes are what readers ask for first.
        asked = cause in ("rates_shock", "ai_rerating", "liquidation_cascade")
        weight = (14.0 if asked else 5.0) - 0.5 * place
        name = f"rejected:{cause}:{'+'.join(groups)}"
        yield Point(name, "against", "rejected", weight, fields, ids)
