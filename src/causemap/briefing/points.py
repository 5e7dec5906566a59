"""What a briefing can say of a run: its claims as points, each with an importance.

A point renders one record of the report (a move, a verdict, a rejected rival, a gap ...); nothing
else can be said. Its fields are fragments around slots (see :mod:`causemap.llm.slots`), so that no
writer types a figure; the words around them come from the phrase book of a voice.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from causemap.agents.asset_words import GROUP_OF
from causemap.agents.clauses import moves
from causemap.agents.story import Story
from causemap.briefing.news import told_notes
from causemap.briefing.point import Point
from causemap.briefing.told_causes import causes_told, doubts_told
from causemap.briefing.told_verdicts import shown
from causemap.briefing.tongue import Missing, Tongue
from causemap.briefing.written import written_told
from causemap.causes import GROUP_ASSETS
from causemap.ranking import unusual_first
from causemap.records import Evidence, Report
from causemap.reporting.diff import Change
from causemap.tools.registry import REGISTRY
from causemap.words import leaders

# Scheduled dates of the window that are told.
_MARKERS: Final = 3
# What is missing and stands in one sentence at most.
_NAMED: Final = 9


def points(
    report: Report,
    story: Story,
    changes: tuple[Change, ...],
    next_close: str,
    tongue: Tongue,
) -> tuple[Point, ...]:
    """All points of a report in reading order; ids are unique."""
    found = (
        *_happened(report, story, tongue),
        *causes_told(story, tongue),
        *written_told(report, "why"),
        *doubts_told(story, tongue),
        *written_told(report, "against"),
        *_changed(changes, tongue),
        *_watch(report, story, next_close, tongue),
        *_method(story, tongue),
    )
    return tuple({p.id: replace(p, topic=_topic(p)) for p in found}.values())


def _topic(point: Point) -> str:
    """What a point is about: an asset group, else its kind; a quoted note stands alone."""
    kind, _, rest = point.id.partition(":")
    rest = rest.partition("+")[0]
    if kind == "note":
        return point.id
    if kind in ("verdict", "support", "shares") and rest:
        return "overall" if rest == "overall" else f"group {rest.partition(':')[0]}"
    return "dates" if kind in ("next", "ahead") else kind


# --- what happened ------------------------------------------------------------------------------


def _happened(report: Report, story: Story, tongue: Tongue) -> Iterator[Point]:
    yield from _moves(story, tongue)
    yield from _unpriced(story, tongue)
    notes = told_notes(report)
    # What was out before the window tells how things stood; what was out in it, what happened.
    ranked = sorted(notes, key=lambda note: note.published[:10] < report.scope.start)
    for note in notes:
        place = ranked.index(note)
        at = "day" if note.published[:4] == report.scope.end[:4] else "date"
        fields = {
            "when": f"{{t:note.{note.id}|{at}}}",
            "outlet": f"{{q:note.{note.id}.who|text}}",
            "summary": f"{{q:note.{note.id}|text}}",
        }
        yield Point(f"note:{note.id}", "happened", "note", 17.0 - 1.4 * place, fields)
    yield from _calendar(story, tongue)


def _calendar(story: Story, tongue: Tongue) -> Iterator[Point]:
    """The scheduled dates of the window on whose days prices moved most, in one sentence."""
    ranked: list[tuple[tuple[bool, float], int]] = []
    for place, marker in enumerate(story.dossier.markers):
        items = story.items(marker.evidence)
        # A note's own marker is told with the note, and with the event it is evidence of.
        if items and marker.note is None:
            ranked.append((min(unusual_first(item.z) for item in items), place))
    chosen = [place for _, place in sorted(ranked)[:_MARKERS]]
    if not chosen:
        return
    markers = story.dossier.markers
    told = {
        k: tongue.dated(
            tongue.event(markers[k].label, f"{{q:marker.{k}|text}}"), f"{{t:marker.{k}|date}}"
        )
        for k in chosen
    }
    ids = tuple(key for k in chosen for key in markers[k].evidence)
    fields = {"one": told[chosen[0]], "all": tongue.listed([told[k] for k in sorted(chosen)])}
    yield Point("calendar", "happened", "calendar", 4.0, fields, ids, fuller=3.0)


def _moves(story: Story, tongue: Tongue) -> Iterator[Point]:
    """The moves in question, one sentence for each window they were measured over."""
    windows: dict[tuple[str, str], list[Evidence]] = {}
    for group, _ in shown(story):
        for item in moves(story.dossier.evidence, group, story.dossier.scope.assets):
            windows.setdefault((item.start, item.end), []).append(item)
    for (start, end), items in windows.items():
        first, style = items[0].id, "day" if start[:4] == end[:4] else "date"
        # Where there is room for one of a group only, it is the move that was the least usual.
        likely = sorted(items, key=lambda i: unusual_first(i.z), reverse=True)
        leads = {GROUP_OF[i.asset]: i for i in likely}
        fields = {
            "from": f"{{{first}|start|{style}}}",
            "to": f"{{{first}|end|date}}",
            "leads": tongue.listed([tongue.fact(i) for i in items if i in leads.values()]),
            "moves": tongue.listed([tongue.fact(i) for i in items]),
            "moves_z": tongue.listed([tongue.fact_z(i) for i in items]),
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
            fuller=9.0,
        )


def _unpriced(story: Story, tongue: Tongue) -> Iterator[Point]:
    """The groups asked about of which no price covers the window: they are not passed over.

    A group that had no prices at all by then (coins in 2008) is no part of what happened.
    """
    priced = {group for group, _ in shown(story)}
    unborn = {gap.what for gap in story.dossier.gaps if gap.kind == "empty"}
    missing = [
        group
        for group, _ in story.verdicts
        if group not in priced and not {REGISTRY[a].said for a in GROUP_ASSETS[group]} <= unborn
    ]
    if missing:
        fields = {"where": tongue.names([tongue.where(group) for group in missing])}
        yield Point("unpriced", "happened", "unpriced", 50.0, fields, required=True)


# --- what changed, what to watch, method ---------------------------------------------------------


def _changed(changes: tuple[Change, ...], tongue: Tongue) -> Iterator[Point]:
    told = [(c, tongue.change(c)) for c in changes]
    for place, (change, fields) in enumerate((c, f) for c, f in told if f is not None):
        yield Point(
            f"change:{change.key}",
            "changed",
            "change",
            18.0 - place,
            fields,
            change.evidence,
            required=place == 0,
        )


def _watch(report: Report, story: Story, next_close: str, tongue: Tongue) -> Iterator[Point]:
    """The next close, what is scheduled, then what would show that the state of the world turns."""
    if next_close:
        fields = {"when": "{w:next|date}"}
        yield Point("next", "watch", "next", 25.0, fields, required=True)
    for place, one in enumerate(report.ahead):
        fields = {
            "what": tongue.event(one.what, f"{{q:ahead.{place}|text}}"),
            "when": f"{{t:ahead.{place}|date}}",
        }
        yield Point(f"ahead:{place}", "watch", "ahead", 24.0, fields)
    for place, scenario in enumerate(story.scenarios):
        ids = tuple(key for trigger in scenario.triggers for key in trigger.evidence)
        fields = tongue.scenario(scenario)
        weight = 32.0 if place == 0 else 16.0 - 4.0 * place
        yield Point(f"scenario:{scenario.key}", "watch", "scenario", weight, fields, ids)


def _method(story: Story, tongue: Tongue) -> Iterator[Point]:
    fields = {"as_of": "{w:as_of|datetime}"}
    yield Point("method", "method", "method", 22.0, fields, required=True)
    gaps = list(enumerate(story.dossier.gaps))
    near = {cause for _, verdict in story.falling for cause, _ in leaders(verdict)}
    gaps.sort(
        key=lambda pair: (
            near.isdisjoint(pair[1].weakens),
            not pair[1].weakens,
            pair[1].kind != "failed",
            pair[0],
        )
    )
    named = {gap.what: tongue.gap(Missing(place, gap)) for place, gap in reversed(gaps)}
    names = list(dict.fromkeys(named[gap.what] for _, gap in gaps))
    if names:
        fields = {
            "first": names[0],
            "three": tongue.some(names, 3),
            "all": tongue.some(names, _NAMED),
        }
        yield Point("gaps", "method", "gaps", 20.0, fields, required=True)
    alike: dict[str, list[Missing]] = {}
    for place, gap in gaps:
        if gap.why.strip():
            alike.setdefault(tongue.reason(gap), []).append(Missing(place, gap))
    for rank, some in enumerate(alike.values()):
        what = list(dict.fromkeys(named[one.gap.what] for one in some))
        fields = {
            "what": tongue.some(what, 3),
            "all": tongue.some(what, _NAMED),
            "why": tongue.lack(some[0]),
        }
        yield Point(f"gap:{some[0].place}", "method", "gap", 2.0 - 0.1 * rank, fields)
