"""What a run holds on a single day, or that it holds nothing beyond its window."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from causemap.agents.asset_words import GROUP_OF
from causemap.agents.chat_closes import closes_of, deepest, step_lines
from causemap.agents.chat_days import Days
from causemap.agents.chat_found import note_line
from causemap.agents.chat_phrases import say
from causemap.agents.chat_said import Said, bullets, cite, window_of
from causemap.agents.names_zh import told_in
from causemap.agents.turns import Language
from causemap.records import Evidence, Report
from causemap.reporting.markdown import escape
from causemap.words import day, instant, onset

_MOST: Final = 8
_DAY_OF: Final = re.compile(r"_(20\d\d)(\d\d)(\d\d)")


def on_days(report: Report, days: Days, items: Sequence[str], language: Language) -> Said:
    """What the run dates to the days asked about; beyond its window that it holds nothing."""
    if days.beyond:
        return Said((_beyond(report, days, language),))
    if days.ask:
        return Said((say("day_asked", language, window=window_of(report, language), ask=days.ask),))
    if not days.first:
        about = _assets(report, items)
        charted = {path.asset for path in report.paths}
        if (falls := deepest(report, about)) and (not about or charted & about):
            head = say("day_falls", language, window=window_of(report, language))
            return Said((head, step_lines(falls, language)), (), "paths")
        own = [i.id for i in report.evidence if i.metric == "change" and i.asset in _scope(report)]
        whole, cited = bullets(report, items or own, language, _MOST)
        head = say("day_which", language, window=window_of(report, language))
        return Said((head, whole), cited)
    at = _day_words(days)
    about = _assets(report, items)
    dated_then, first = _calendar(report, days, language), _first(report, days, about)
    notes = [
        note_line(n) for n in report.notes if _within(n.published, days) and _may_show(n.basis)
    ]
    then = [i.id for i in _measured(report, days) if not about or i.asset in about]
    text, ids = bullets(report, then, language, _MOST)
    parts = []
    told = (("events", dated_then), ("first", first), ("notes", notes[:_MOST]), ("fact", [text]))
    for key, lines in told:
        body = "\n".join(line for line in lines if line)
        parts += [f"{say(key, language)}\n\n{body}"] if body else []
    steps = closes_of(report, days.first, days.last, about)
    charted = {step.asset for step in steps}
    if closes := step_lines(steps if not about or charted & about else [], language):
        parts.append(closes)
    head = say("day" if parts else "day_none", language, day=at, window=window_of(report, language))
    whole, cited = bullets(report, items, language, _MOST)
    if whole:
        parts.append(f"{say('day_whole', language, window=window_of(report, language))}\n\n{whole}")
    return Said((head, *parts), (*ids, *cited))


def _assets(report: Report, items: Sequence[str]) -> set[str]:
    """What the items are of."""
    return {i.asset for key in items if (i := report.find(key)) is not None}


def _scope(report: Report) -> frozenset[str]:
    return frozenset(report.scope.assets)


def _beyond(report: Report, days: Days, language: Language) -> str:
    known = instant(report.scope.as_of)
    said = {"window": window_of(report, language), "as_of": known}
    if not days.first:
        return say("beyond", language, **said)
    return say("beyond_day", language, day=_day_words(days), **said)


def _day_words(days: Days) -> str:
    if days.last == days.first:
        return instant(days.first)
    return f"{day(days.first, year=True)} \u2013 {instant(days.last)}"


def _within(moment: str, days: Days) -> bool:
    return days.first <= moment[:10] <= days.last


def _may_show(basis: str) -> bool:
    return basis != "knowledge"


def _calendar(report: Report, days: Days, language: Language) -> list[str]:
    """Dated events of the days."""
    return [
        f"- {instant(m.at)}: {escape(event_words(m.label, language))}{cite(report, m.evidence[:1])}"
        for m in report.markers
        if _within(m.at, days)
    ]


def _first(report: Report, days: Days, about: set[str]) -> list[str]:
    """First abnormal moves that fall into the days, of the things asked about."""
    return [
        f"- {onset(n.onset)}: {escape(n.label)}{cite(report, n.evidence[:1])}"
        for n in report.cause_map.nodes
        if n.onset and _within(n.onset.low, days) and _within(n.onset.high, days)
        if not about or n.id in about
    ]


def event_words(label: str, language: Language) -> str:
    """A date's name; what was reported is told in the engine's own words."""
    return label if label.startswith("reported") else told_in(label, language)


def _measured(report: Report, days: Days) -> list[Evidence]:
    """Items measured within the days alone, not over the window."""
    whole = (report.scope.start[:10], report.scope.end[:10])
    earliest = _session_before(report, days.first)
    spanned = [i for i in report.evidence if (i.start[:10], i.end[:10]) != whole]
    return [
        item
        for item in spanned
        if (_within(own, days) if (own := _own_day(item)) else _inside(item, earliest, days))
    ]


def _own_day(item: Evidence) -> str:
    """The day in a measure's own name (a release, a payment of funding); empty without one."""
    found = _DAY_OF.search(item.metric)
    return f"{found[1]}-{found[2]}-{found[3]}" if found else ""


def _inside(item: Evidence, earliest: str, days: Days) -> bool:
    return earliest <= item.start[:10] and _within(item.end, days)


def _session_before(report: Report, first: str) -> str:
    """The last session before a day; coins' days count where nothing else is charted."""
    sessions = [p.dates for p in report.paths if GROUP_OF.get(p.asset) != "crypto"]
    known = {d[:10] for dates in sessions or [p.dates for p in report.paths] for d in dates}
    return max((d for d in known if d < first), default=first)
