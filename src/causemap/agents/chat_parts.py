"""Answers that show a part of the run: what to watch, shares, moves, groups side by side."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from causemap.agents.asset_words import GROUP_OF, mentioned_assets
from causemap.agents.chat_day_answers import event_words
from causemap.agents.chat_phrases import say
from causemap.agents.chat_question import Asked
from causemap.agents.chat_said import Said, bullets, cite
from causemap.agents.chat_verdicts import cause_word, notes_beside, verdict_of, verdict_words
from causemap.agents.chat_words import GROUP_NAMES
from causemap.agents.names_zh import told_in
from causemap.agents.turns import Language
from causemap.attribution.parts import at_floor
from causemap.closed_sets import AssetGroup
from causemap.records import Node, Note, Report, Scenario, Scheduled, Verdict
from causemap.reporting.markdown import escape
from causemap.words import clean, day, domain, instant, number, onset, percent

_ORDER: Final = re.compile(
    r"\b(?:lead|led|lag\w*|first|ahead|before|after|follow\w*)\b|先|领先|滞后", re.IGNORECASE
)
_STATES: Final[dict[bool | None, str]] = {True: "met", False: "unmet", None: "unmeasured"}
_MOVES: Final = 12
_NOTED: Final = 6
_ITEMS: Final = 5


def watch(report: Report, asked: Asked) -> Said:
    """No forecast: the states the run says to watch, each condition with its present state."""
    head = say("watch", asked.language, as_of=instant(report.scope.as_of))
    dates = [_scheduled(one, asked.language) for one in report.ahead]
    lines = [*dates, *(_scenario(report, one, asked.language) for one in report.scenarios)]
    ids = tuple(key for s in report.scenarios for t in s.triggers for key in t.evidence)
    return Said((head, "\n".join(lines)), ids)


def _scheduled(one: Scheduled, language: Language) -> str:
    """A date that was announced before the as-of time; its address is of a fixed table."""
    what = escape(told_in(one.what, language))
    when, told = day(one.day, year=True), day(one.published, year=True)
    return say("scheduled", language, what=what, when=when, told=told, where=domain(one.url))


def _scenario(report: Report, held: Scenario, language: Language) -> str:
    said = [
        f"{escape(told_in(clean(t.text, 160), language))} ({say(_STATES[t.met], language)})"
        f"{cite(report, t.evidence)}"
        for t in held.triggers
    ]
    return f"- **{escape(told_in(clean(held.name, 80), language))}**: {'; '.join(said)}."


def shares(report: Report, asked: Asked) -> Said:
    """What part of each group's fall each cause accounts for, the unexplained part last."""
    language = asked.language
    lines = [
        f"- {GROUP_NAMES[group][language]}: {_split(verdict, language)}"
        for group, verdict in _groups(report, asked.groups)
        if verdict.contributions
    ]
    if not lines:
        return Said((say("no_shares", language),))
    return Said((say("shares", language), "\n".join(lines)), (), "contributions")


def _split(verdict: Verdict, language: Language) -> str:
    parts = sorted(verdict.contributions, key=lambda part: (-abs(part.share), part.cause))
    said = [f"{cause_word(p.cause, language)} {_whole(p.share, p.low, p.high)}" for p in parts]
    rest = verdict.residual
    least = f"{say('least', language)} " if at_floor(rest.share) else ""
    said.append(f"{say('rest', language)} {least}{_whole(rest.share, rest.low, rest.high)}")
    return "; ".join(said)


def _whole(share: float, low: float, high: float) -> str:
    return f"{percent(share)} ({number(low * 100, 0)}% \u2013 {number(high * 100, 0)}%)"


def _groups(report: Report, asked: Sequence[AssetGroup]) -> tuple[tuple[AssetGroup, Verdict], ...]:
    named = tuple(pair for pair in report.verdicts if pair[0] in asked)
    return named or report.verdicts


def moves(report: Report, asked: Asked) -> Said:
    """The assets' own moves over the window, the largest fall first."""
    held = [
        item
        for item in report.evidence
        if item.metric == "change" and item.unit == "%" and item.asset in GROUP_OF
    ]
    wanted = [item for item in held if not asked.groups or GROUP_OF[item.asset] in asked.groups]
    wanted.sort(key=lambda item: (item.value, item.id))
    text, ids = bullets(report, [item.id for item in wanted or held], asked.language, _MOVES)
    head = say("moves" if text else "no_fact", asked.language, what=say("thing", asked.language))
    return Said((head, text), ids, "paths")


def groups(report: Report, asked: Asked) -> Said:
    """The verdicts on the asset groups side by side, with what weighs most in each."""
    parts: list[str] = []
    ids: list[str] = []
    for group, verdict in _groups(report, asked.groups):
        text, cited = bullets(report, verdict.support, asked.language, 3)
        head = f"**{GROUP_NAMES[group][asked.language]}**: {verdict_words(verdict, asked.language)}"
        parts.append(f"{head}\n\n{text}" if text else head)
        ids += cited
    return Said(tuple(parts), tuple(ids))


def when(report: Report, asked: Asked) -> Said:
    """First abnormal moves in order, then the calendar."""
    language = asked.language
    dated = _asked_about(report, asked)
    dated.sort(key=lambda n: (n.onset.low, n.onset.high) if n.onset else ("", ""))
    lines = [
        f"- {onset(n.onset)}: {escape(n.label)}{cite(report, n.evidence[:1])}"
        for n in dated
        if n.onset is not None
    ]
    told = notes_beside(report, asked)
    parts = [told] if told else []
    parts += [f"{say('first', language)}\n\n" + "\n".join(lines)] if lines else []
    events = [
        f"- {instant(m.at)}: {escape(event_words(m.label, language))}{cite(report, m.evidence[:1])}"
        for m in report.markers[:_NOTED]
    ]
    if events:
        parts.append(f"{say('events', language)}\n\n" + "\n".join(events))
    ids = tuple(n.evidence[0] for n in dated if n.evidence)
    return Said(tuple(parts) or (say("no_when", language),), ids, "timeline")


def _asked_about(report: Report, asked: Asked) -> list[Node]:
    """The dated parts of the map, of several assets named theirs alone."""
    dated = [n for n in report.cause_map.nodes if n.onset is not None]
    named = set(mentioned_assets(asked.text).assets)
    items = {item.id for item in report.evidence if item.asset in named}
    moved = [n for n in dated if n.kind == "move"]
    own = [n for n in moved if items.intersection(n.evidence)]
    # Who led is told by the others' times.
    return moved if own and len(named) == 1 and _ORDER.search(asked.text) else own or dated


def sources(report: Report, asked: Asked) -> Said:
    """The sources behind the verdict's evidence, and the dated notes that were found."""
    verdict, language = verdict_of(report, asked.groups), asked.language
    ids = asked.items[:_MOVES] or (*verdict.support[:_ITEMS], *verdict.counter_evidence[:3])
    items = [item for key in ids if (item := report.find(key)) is not None]
    lines = [
        f"- {escape(told_in(i.said, language))}: {escape(i.source)}, {instant(i.available_at)}"
        f"{cite(report, (i.id,))}"
        for i in items
    ]
    found = [note for note in report.notes if note.basis != "knowledge"]
    told = [_told(n) for n in found[:_NOTED]]
    none = "recalled" if report.notes else "no_notes"
    head = _counted(report.notes, language) if told else say(none, language)
    # Where a figure or a name is asked about, the note that tells of it is its source.
    named = notes_beside(report, asked)
    parts = (say("sources", language), "\n".join(lines), head, "\n".join(told))
    return Said((named, *parts) if named else parts, tuple(item.id for item in items))


def _told(note: Note) -> str:
    """A note that was found, with its address where it has one."""
    line = f"- {instant(note.published)}, {escape(note.publisher)}: {escape(note.text)}"
    return f"{line} ({escape(note.url)})" if note.url else line


def _counted(notes: Sequence[Note], language: Language) -> str:
    recalled = sum(note.basis == "knowledge" for note in notes)
    publishers = len({note.publisher for note in notes})
    said = [say("notes_count", language, n=str(len(notes)), publishers=str(publishers))]
    said += [say("notes_recalled", language, recalled=str(recalled))] if recalled else []
    return " ".join([*said, say("notes", language)])
