"""What a briefing can say of a run: its claims as points, each with an importance.

A point renders one record of the report (a move, a verdict, a rejected rival, a gap ...); nothing
else can be said. Its fields are fragments around slots (see :mod:`causemap.llm.slots`), so that no
writer types a figure; the words around them come from the phrase book of a voice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from causemap.agents.clauses import GROUP_WORDS, cause_words, clause, listed, moves
from causemap.agents.story import Story
from causemap.briefing.news import told_notes
from causemap.briefing.tree import PartKey
from causemap.causes import CHANNELS, GROUP_ASSETS
from causemap.closed_sets import AssetGroup, Cause, Group
from causemap.records import Evidence, Report, Verdict
from causemap.reporting.diff import Change

# Below this a share of the move prints as nothing worth a sentence.
_WORTH_SAYING: Final = 0.05
# An unexplained share above this speaks against any explanation.
_MUCH: Final = 0.3
_TOGETHER: Final = 3
_TOPICS: Final[dict[Group, str]] = {
    "rates": "rates",
    "credit": "credit",
    "dollar_metals": "the dollar and metals",
    "leadership": "market leadership",
    "volatility": "volatility",
    "crypto_tape": "the crypto tape",
    "plumbing": "market plumbing",
    "event_time": "dated events",
    "text": "the news",
    "context": "the wider picture",
}
_STATES: Final = {True: "met", False: "not met", None: "not measured"}


@dataclass(frozen=True, slots=True)
class Point:
    """A claim of the run: ``kind`` names its phrase, ``fields`` fill it, ``weight`` ranks it.

    ``fuller`` is how much more it weighs in each longer form (see :mod:`causemap.briefing.fit`);
    neighbours of one ``topic`` make a paragraph.
    """

    id: str
    part: PartKey
    kind: str
    weight: float
    fields: Mapping[str, str]
    evidence: tuple[str, ...] = ()
    required: bool = False
    fuller: float = 0.5
    topic: str = ""


def points(
    report: Report, story: Story, changes: tuple[Change, ...], next_close: str
) -> tuple[Point, ...]:
    """All points of a report in reading order; ids are unique."""
    found = (
        *_happened(report, story),
        *_why(story),
        *_against(story),
        *_changed(changes),
        *_watch(story, next_close),
        *_method(story),
    )
    return tuple({p.id: replace(p, topic=_topic(p)) for p in found}.values())


def _topic(point: Point) -> str:
    """What a point is about: an asset group, else its kind; a quoted note stands alone."""
    kind, _, rest = point.id.partition(":")
    if kind == "note":
        return point.id
    if kind in ("verdict", "support", "shares") and rest:
        return "overall" if rest == "overall" else f"group {rest.partition(':')[0]}"
    return {"split": "overall", "counter": "counter", "rejected": "rejected"}.get(kind, kind)


# --- what happened ------------------------------------------------------------------------------


def _happened(report: Report, story: Story) -> Iterator[Point]:
    yield from _moves(story)
    for place, note in enumerate(told_notes(report)):
        at = "date" if note.precision == "date" else "datetime"
        fields = {
            "when": f"{{t:note.{note.id}|{at}}}",
            "who": f"{{q:note.{note.id}.who|text}}",
            "quote": f"{{q:note.{note.id}|text}}",
        }
        yield Point(f"note:{note.id}", "happened", "note", 13.0 - 1.2 * place, fields)
    for place, marker in enumerate(story.dossier.markers):
        fields = {"what": f"{{q:marker.{place}|text}}", "when": f"{{t:marker.{place}|date}}"}
        if marker.evidence:
            yield Point(f"marker:{place}", "happened", "marker", 3.0, fields, marker.evidence)


def _moves(story: Story) -> Iterator[Point]:
    """The moves in question, one sentence for each window they were measured over."""
    windows: dict[tuple[str, str], list[Evidence]] = {}
    for group, _ in story.verdicts:
        for item in moves(story.dossier.evidence, group, story.dossier.scope.assets):
            windows.setdefault((item.start, item.end), []).append(item)
    for (start, end), items in windows.items():
        first, style = items[0].id, "day" if start[:4] == end[:4] else "date"
        leads = {_group_of(story, i): i for i in reversed(items)}
        fields = {
            "from": f"{{{first}|start|{style}}}",
            "to": f"{{{first}|end|date}}",
            "leads": listed([_plainly(i) for i in reversed(leads.values())]),
            "moves": listed([_plainly(i) for i in items]),
            "moves_z": listed([_fully(i) for i in items]),
        }
        ids = tuple(i.id for i in items)
        yield Point(
            f"move:{start}:{end}",
            "happened",
            "moved",
            100.0,
            fields,
            ids,
            required=True,
            fuller=8.0,
        )


def _group_of(story: Story, item: Evidence) -> AssetGroup:
    return next(group for group, _ in story.verdicts if item.asset in GROUP_ASSETS[group])


def _plainly(item: Evidence) -> str:
    """A fact without its distance in standard deviations, for short texts."""
    return _fully(item).split(f" ({{{item.id}|z|")[0]


def _fully(item: Evidence) -> str:
    """A fact as a clause with a verb; the narrative's own lists do without one."""
    return clause(item).replace("} at {", "} stood at {", 1)


# --- why ----------------------------------------------------------------------------------------


def _why(story: Story) -> Iterator[Point]:
    several = len(story.falling) > 1
    if several:
        yield from _overall(story)
        yield from _split(story)
    for group, verdict in story.verdicts:
        yield from _group_verdict(group, verdict, several=several)
        if verdict.primary != "no_drawdown":
            yield from _support(story, group, verdict)
            yield from _shares(group, verdict)
    yield from _amplifiers(story)
    yield from _details(story)
    for place, past in enumerate(story.analogues):
        fields = {
            "case": f"{{q:past.{place}.case|text}}",
            "from": f"{{t:past.{place}.start|date}}",
            "to": f"{{t:past.{place}.end|date}}",
            "differs": f"{{q:past.{place}.differs|text}}",
            "cause": cause_words(past.primary) if past.primary != "no_drawdown" else "no drawdown",
        }
        yield Point(f"analogue:{place}", "why", "analogue", 2.5 - 0.5 * place, fields)


def _overall(story: Story) -> Iterator[Point]:
    verdict = story.verdict
    named = [c for c, p in verdict.ranked if p > 0 and c != "mixed_unclear"][:2]
    if len(named) < 2:
        return
    kind = "overall_open" if _open(verdict) else "overall"
    yield Point(
        "verdict:overall", "why", kind, 80.0, _front("", named), _rests(verdict), required=True
    )


def _split(story: Story) -> Iterator[Point]:
    """That the groups fell for different reasons, in one sentence."""
    if len({_found(v) for _, v in story.verdicts}) < 2:
        return
    told = [f"{_found(v)} in {GROUP_WORDS[g]}" for g, v in story.verdicts]
    fields = {"findings": listed(told)}
    yield Point("split", "why", "split", 79.0, fields, _rests(story.verdict), required=True)


def _found(verdict: Verdict) -> str:
    if verdict.primary == "no_drawdown":
        return "nothing to explain"
    return "no single cause" if _open(verdict) else cause_words(verdict.primary)


def _open(verdict: Verdict) -> bool:
    return verdict.abstained or verdict.primary == "mixed_unclear"


def _front(prefix: str, named: Sequence[Cause]) -> dict[str, str]:
    fields: dict[str, str] = {}
    for name, cause in zip(("first", "second"), named, strict=False):
        key = f"p:{prefix}{cause}"
        fields |= {
            name: cause_words(cause),
            f"{name}_p": f"{{{key}|pct0}}",
            f"{name}_band": f"{{{key}|a_band}}",
        }
    return fields


def _rests(verdict: Verdict) -> tuple[str, ...]:
    weighed = tuple(dict.fromkeys(w.evidence for w in verdict.weighed))
    return verdict.support[:3] or weighed[:3]


def _group_verdict(group: AssetGroup, verdict: Verdict, *, several: bool) -> Iterator[Point]:
    fields = {"where": GROUP_WORDS[group]}
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
    fields |= _front(f"{group}.", named)
    fields["reason"] = f"{{q:{group}.reason|text}}"
    kind = "open" if _open(verdict) else "judged"
    yield Point(name, "why", kind, weight, fields, _rests(verdict), required=not several)


def _support(story: Story, group: AssetGroup, verdict: Verdict) -> Iterator[Point]:
    moved = {i.id for i in moves(story.dossier.evidence, group, story.dossier.scope.assets)}
    items = [i for i in story.items(verdict.support) if i.id not in moved]
    for place, item in enumerate(items):
        fields = {"fact": _plainly(item), "fact_z": _fully(item), "where": GROUP_WORDS[group]}
        kind = "support_first" if place == 0 else "support"
        weight = (30.0 if place == 0 else 8.0) - place
        yield Point(f"support:{group}:{item.id}", "why", kind, weight, fields, (item.id,))


def _amplifiers(story: Story) -> Iterator[Point]:
    named = [CHANNELS[key] for key in story.verdict.amplifiers if key in CHANNELS]
    if named:
        fields = {"channels": listed(named)}
        yield Point("amplifiers", "why", "amplified", 6.0, fields, _rests(story.verdict))


def _details(story: Story) -> Iterator[Point]:
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
                "topic": _TOPICS[group],
                "facts": listed([_plainly(i) for i in some]),
                "facts_z": listed([_fully(i) for i in some]),
            }
            kind = "detail" if place == 0 else "detail_more"
            ids = tuple(i.id for i in some)
            yield Point(f"detail:{group}:{place}", "why", kind, 2.0, fields, ids)


def _shares(group: AssetGroup, verdict: Verdict) -> Iterator[Point]:
    parts = [part for part in verdict.contributions if abs(part.share) >= _WORTH_SAYING]
    if not parts:
        return
    told = [f"{cause_words(p.cause)} explains {{s:{group}.{p.cause}|pct0}}" for p in parts]
    fields = {
        "where": GROUP_WORDS[group],
        "shares": listed(told),
        "rest": f"{{s:{group}.residual|pct0}}",
    }
    yield Point(f"shares:{group}", "why", "shares", 7.0, fields, _rests(verdict))


# --- what argues against ------------------------------------------------------------------------


def _against(story: Story) -> Iterator[Point]:
    yield from _counter(story)
    yield from _rejections(story)
    for group, verdict in story.falling:
        if verdict.residual.share > _MUCH:
            fields = {"where": GROUP_WORDS[group], "rest": f"{{s:{group}.residual|pct0}}"}
            ids = _rests(verdict)
            yield Point(f"unexplained:{group}", "against", "unexplained", 9.0, fields, ids)


def _counter(story: Story) -> Iterator[Point]:
    moved = {i.id for g, _ in story.verdicts for i in moves(story.dossier.evidence, g, ())}
    items = [i for i in story.items(story.verdict.counter_evidence) if i.id not in moved]
    # A distance in standard deviations alone tells a reader little: such items come last.
    items.sort(key=lambda item: item.unit == "z")
    if items:
        fields = {
            "fact": _plainly(items[0]),
            "facts": listed([_plainly(i) for i in items[:3]]),
            "facts_z": listed([_fully(i) for i in items[:3]]),
        }
        ids = tuple(i.id for i in items[:3])
        yield Point("counter", "against", "counter", 40.0, fields, ids, required=True)
    elif story.falling:
        ids = _rests(story.verdict)
        yield Point("counter", "against", "counter_none", 20.0, {}, ids, required=True)


def _rejections(story: Story) -> Iterator[Point]:
    """Each rejected rival once, with all the asset groups it was rejected for on the same facts."""
    merged: dict[tuple[Cause, tuple[str, ...]], list[AssetGroup]] = {}
    for group, verdict in story.falling:
        for item in verdict.rejected:
            found = sorted(story.items(item.evidence), key=lambda i: i.unit == "z")
            ids = tuple(i.id for i in found[:2])
            if ids:
                merged.setdefault((item.cause, ids), []).append(group)
    for place, ((cause, ids), groups) in enumerate(merged.items()):
        fields = {
            "where": listed([GROUP_WORDS[group] for group in groups]),
            "cause": cause_words(cause),
            "facts": listed([_plainly(i) for i in story.items(ids)]),
        }
        # The mission's own three causes are what readers ask for first.
        asked = cause in ("rates_shock", "ai_rerating", "liquidation_cascade")
        weight = (14.0 if asked else 5.0) - 0.5 * place
        name = f"rejected:{cause}:{'+'.join(groups)}"
        yield Point(name, "against", "rejected", weight, fields, ids)


# --- what changed, what to watch, method ---------------------------------------------------------


def _changed(changes: tuple[Change, ...]) -> Iterator[Point]:
    for place, change in enumerate(changes):
        yield Point(
            f"change:{change.key}",
            "changed",
            "change",
            18.0 - place,
            {"what": f"{{q:change:{change.key}|text}}"},
            change.evidence,
            required=place == 0,
        )


def _watch(story: Story, next_close: str) -> Iterator[Point]:
    for place, change in enumerate(story.verdict.would_change):
        fields = {"what": f"{{q:change.{place}|text}}"}
        yield Point(
            f"turn:{place}",
            "watch",
            "turn",
            16.0 - 3.0 * place,
            fields,
            change.evidence,
        )
    for scenario in story.scenarios:
        told = [
            f"{{q:{scenario.key}.{k}|text}} ({_STATES[trigger.met]})"
            for k, trigger in enumerate(scenario.triggers)
        ]
        ids = tuple(key for trigger in scenario.triggers for key in trigger.evidence)
        fields = {"name": f"{{q:{scenario.key}.name|text}}", "triggers": listed(told)}
        yield Point(f"scenario:{scenario.key}", "watch", "scenario", 5.0, fields, ids)
    if next_close:
        fields = {"when": "{w:next|date}"}
        yield Point("next", "watch", "next", 25.0, fields, required=True)


def _method(story: Story) -> Iterator[Point]:
    fields = {"as_of": "{w:as_of|datetime}"}
    yield Point("method", "method", "method", 22.0, fields, required=True)
    gaps = list(enumerate(story.dossier.gaps))
    gaps.sort(key=lambda pair: (not pair[1].weakens, pair[1].kind != "failed", pair[0]))
    names = [f"{{q:gap.{place}.what|text}}" for place, _ in gaps]
    if names:
        fields = {"first": names[0], "three": listed(names[:3]), "all": listed(names[:9])}
        yield Point("gaps", "method", "gaps", 20.0, fields, required=True)
    for rank, (place, gap) in enumerate(gaps):
        fields = {"what": names[rank], "why": f"{{q:gap.{place}.why|text}}"}
        if gap.why.strip():
            yield Point(f"gap:{place}", "method", "gap", 2.0 - 0.1 * rank, fields)
