"""What every view of a report says, in which order: one tree of sections, no layout.

All text here is cleaned but not escaped: escaping is the business of the format. Numbers in square
brackets (``refs``) are the places of evidence items in the report's ledger, counted from 1.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Final

from causemap.attribution.order import Step, proved_steps
from causemap.closed_sets import Cause, GapKind
from causemap.records import (
    Decomposition,
    Evidence,
    Gap,
    Node,
    Note,
    Report,
    Scheduled,
    Sentence,
    Trigger,
    WouldChange,
)
from causemap.reporting.answer import assets_said, cause_label, headline
from causemap.reporting.arguments import against, pull_of, pulls, support
from causemap.reporting.claims import claims
from causemap.reporting.drawing import KINDS, map_lines
from causemap.reporting.model_part import model_part
from causemap.reporting.shares import (
    how_pooled,
    pooled_groups,
    spoken,
    unexplained,
    unexplained_points,
)
from causemap.reporting.tree import Line, Section, Table, refs, tabled
from causemap.words import (
    DASH,
    DESKS,
    amount,
    asset_name,
    cause_name,
    clean,
    day,
    domain,
    instant,
    number,
    percent,
    safe_url,
    sentence,
    sentence_case,
    value_of,
    window,
)

__all__ = ["against", "headline", "pulls", "sections", "support"]

_PARTS: Final = "How much each explains"
# Names of what is missing for one and the same reason.
_NAMED: Final = 6
_SERIES: Final = re.compile(r"[A-Z][A-Z0-9_]+")
NO_GAPS: Final = "No gaps: every source and measure that was asked for answered."
_STATES: Final = {True: "met", False: "not met", None: "not measured"}
_GAPS: Final = {
    "empty": "nothing there",
    "stale": "out of date",
    "failed": "source failed",
    "not_covered": "not covered",
}


def sections(report: Report) -> tuple[Section, ...]:
    """All sections in reading order, verdict and figures aside."""
    return (
        groups(report),
        would_change(report),
        gaps(report),
        cause_map(report),
        contributions(report),
        account(report),
        rejected(report),
        against(report),
        support(report),
        claims(report),
        analogues(report),
        scenarios(report),
        notes(report),
        evidence(report),
        *filter(None, (model_part(report),)),
        method(report),
    )


def groups(report: Report) -> Section:
    """The verdict of each asset group asked about."""
    rows = []
    for group, verdict in report.verdicts:
        said = headline(verdict)
        held = "" if said.probability is None else percent(said.probability)
        name = Line(group.capitalize())
        rows.append((name, Line(said.label), Line(held), Line(said.second), Line(said.reason)))
    columns = ("Group", "Verdict", "Probability", "Next", "Why")
    table = tabled(columns, (False, False, True, False, False), rows)
    return Section("groups", "By asset group", (), table)


def would_change(report: Report) -> Section:
    """What would turn the verdict."""
    lines = tuple(Line(_turn(w), refs(report, w.evidence)) for w in report.verdict.would_change)
    empty = "No single item of evidence would turn the verdict."
    return Section("change", "What would change this", lines, None, empty)


def _turn(change: WouldChange) -> str:
    said, name = sentence(change.text), cause_name(change.primary)
    return said if name in said else f"{said} Then: {name}."


def gaps(report: Report) -> Section:
    """What could not be had, and which causes that weakens; one line for one reason.

    Series that lack for the same reason share it; each is named behind what it is for.
    """
    alike: dict[tuple[GapKind, str, tuple[Cause, ...]], dict[str, list[str]]] = {}
    for gap in report.gaps:
        series, why = _reason(gap)
        names = alike.setdefault((gap.kind, why, gap.weakens), {}).setdefault(series, [])
        if (said := clean(gap.what, 160)).lower() not in {name.lower() for name in names}:
            names.append(said)
    lines = (_gap(*key, by_series) for key, by_series in alike.items())
    return Section("gaps", "What is missing", tuple(lines), None, NO_GAPS)


def _reason(gap: Gap) -> tuple[str, str]:
    """The series whose lack makes a gap, and the reason without it."""
    series, colon, rest = gap.why.partition(": ")
    return (series, rest) if colon and _SERIES.fullmatch(series) else ("", gap.why)


def _gap(
    kind: GapKind, why: str, causes: tuple[Cause, ...], by_series: Mapping[str, Sequence[str]]
) -> Line:
    names = []
    for series, said in by_series.items():
        last = said[-1] if not series or series in said[-1] else f"{said[-1]} ({series})"
        names += [*said[:-1], last]
    weakens = ", ".join(cause_name(cause) for cause in causes)
    tail = f" Weakens: {weakens}." if weakens else ""
    more = [f"{len(names) - _NAMED} more"] if len(names) > _NAMED + 1 else names[_NAMED:]
    lead = sentence_case(_listed([*names[:_NAMED], *more]))
    return Line(f"{_GAPS[kind]}. {sentence(why)}{tail}", lead=f"{lead}:")


def cause_map(report: Report) -> Section:
    """The cause map as ordered text: the same nodes and edges as the drawing."""
    lines = [Line(text) for text in map_lines(report.cause_map)]
    steps = proved_steps(report.cause_map)
    if steps:
        line = "; then ".join(f"{_labels(step.nodes)}{_tie(step)}{_after(step)}" for step in steps)
        lines.append(Line(f"{line}.", lead="Order of onset:"))
    return Section("map", "Cause map", tuple(lines), None, "No cause map could be drawn.")


def _tie(step: Step) -> str:
    """A list reads as an order: where none is proved, that is said."""
    return ", too close together to say which led" if len(step.nodes) > 1 else ""


def _after(step: Step) -> str:
    """What a step is proved to come after, where that is not all that was named before it."""
    if not step.beside or not step.after:
        return " (each after some of these)" if step.beside else ""
    few = len(step.after) <= len(step.beside)
    return f" (after {_labels(step.after) if few else f'all but {_labels(step.beside)}'})"


def _labels(nodes: Sequence[Node]) -> str:
    """The nodes, shocks first, moves last."""
    ranked = sorted(nodes, key=lambda node: KINDS.index(node.kind))
    return _listed([clean(node.label, 80) for node in ranked])


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def contributions(report: Report) -> Section:
    """Shares of the move with intervals, the residual always last; of a fall alone."""
    verdict = report.verdict
    if verdict.primary == "no_drawdown":
        return Section("contributions", _PARTS, (), None, "Nothing fell that could be split up.")
    rows = [
        _share(cause_label(part.cause), part.share, part.low, part.high)
        for part in sorted(verdict.contributions, key=lambda part: -abs(part.share))
    ]
    rest = verdict.residual
    left = _share("Unexplained", rest.share, rest.low, rest.high)
    rows.append((left[0], Line(unexplained(rest.share)), left[2]))
    groups = pooled_groups(report)
    held = f"Share of the falls of {spoken(groups)}" if groups else "Share of the move"
    table = Table(("Part", held, "80% interval"), (False, True, True), tuple(rows))
    pooled = (Line(how_pooled(report), lead="Table:"),) if groups else ()
    lines = (*pooled, *(_split(parts) for parts in report.decompositions))
    return Section("contributions", _PARTS, lines, table)


def _split(parts: Decomposition) -> Line:
    """One target's move in percentage points, the residual last."""
    move = parts.move_pct
    said = [f"{cause_name(p.cause)} {amount(p.share * move, 'pp')}" for p in parts.parts]
    said.append(f"unexplained {unexplained_points(parts)}")
    return Line("; ".join(said) + ".", lead=f"{asset_name(parts.asset)} {amount(move, '%')}:")


def _share(name: str, share: float, low: float, high: float) -> tuple[Line, ...]:
    # Where no part was measured there is nothing that the rest could lie between.
    ends = f"{number(low * 100, 0)}% to {number(high * 100, 0)}%" if low < high else DASH
    return Line(name), Line(f"{number(share * 100, 0)}%"), Line(ends)


def account(report: Report) -> Section:
    """The narrative's sentences, but for those that a section of their own says in full."""
    told = _told_elsewhere(report)
    lines, last = [], ""
    for written in report.narrative.sentences:
        if written.section not in told:
            lead = "" if written.section == last else _part(written)
            lines.append(Line(clean(written.text), refs(report, written.evidence), lead))
            last = written.section
    dropped = len(report.narrative.dropped)
    if dropped:
        lines.append(Line(f"Sentences that failed verification and were dropped: {dropped}."))
    return Section("account", "The account", tuple(lines), None, "No sentence was written.")


def _told_elsewhere(report: Report) -> frozenset[str]:
    """Narrative sections whose matter the report also holds as records."""
    verdict = report.verdict
    held = {
        "gaps": report.gaps,
        "would_change": verdict.would_change,
        "counter": against(report).lines,
        "why_not": verdict.rejected,
        "watch": report.scenarios,
        "analogues": report.analogues,
        "claims": report.claims,
    }
    return frozenset(name for name, records in held.items() if records)


def _part(written: Sentence) -> str:
    return sentence_case(clean(written.section, 60).replace("_", " ")) + ":"


def rejected(report: Report) -> Section:
    """Causes not named, each with the test that speaks most against it; not all are ruled out."""
    lines = tuple(
        Line(sentence(item.why), refs(report, item.evidence), f"Why not {cause_name(item.cause)}?")
        for item in report.verdict.rejected
    )
    return Section("rejected", "Why not the alternatives", lines)


def analogues(report: Report) -> Section:
    """The nearest past windows and how they differ."""
    rows = [
        (
            Line(clean(near.case, 80)),
            Line(cause_label(near.primary)),
            Line(number(near.distance, 2)),
            Line(sentence(near.differs)),
        )
        for near in report.analogues
    ]
    columns = ("Window", "Cause", "Distance", "How it differs")
    table = tabled(columns, (False, False, True, False), rows)
    calm = report.verdict.primary == "no_drawdown"
    empty = "Nothing fell that past falls could be like." if calm else "None found."
    return Section("analogues", "Nearest past windows", (), table, empty)


def scenarios(report: Report) -> Section:
    """States to watch, each condition with its present state; not a forecast."""
    lines = [
        Line(
            "; ".join(f"{clean(t.text, 160)} ({_STATES[t.met]})" for t in s.triggers) + ".",
            refs(report, _trigger_ids(s.triggers)),
            f"{s.key}. {clean(s.name, 80)}:",
        )
        for s in report.scenarios
    ]
    lines += [Line(_scheduled(one), (), "Scheduled:") for one in report.ahead]
    empty = "No scenarios were assessed."
    return Section("scenarios", "States to watch (not forecasts)", tuple(lines), None, empty)


def _scheduled(one: Scheduled) -> str:
    """A date that was announced before the as-of time, and when it was."""
    when, told = day(one.day, year=True), day(one.published, year=True)
    return f"{one.what}, {when} (announced {told}, {domain(one.url)})."


def _trigger_ids(triggers: Sequence[Trigger]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(chain.from_iterable(t.evidence for t in triggers)))


def notes(report: Report) -> Section:
    """Outside items by time; what is only recollected is not shown as a source."""
    found = [note for note in report.notes if note.basis != "knowledge"]
    lines = tuple(
        Line(
            f"{clean(note.text, 400)} ({clean(note.publisher, 80)})",
            lead=f"{_published(note)}:",
            url=safe_url(note.url, report),
        )
        for note in sorted(found, key=lambda note: (note.published, note.id))
    )
    recalled = "The dated notes that were read are recollections without a source to show."
    empty = recalled if report.notes else "No dated notes were supplied."
    return Section("notes", "Dated notes", lines, None, empty)


def _published(note: Note) -> str:
    return instant(note.published if note.precision == "minute" else note.published[:10])


def evidence(report: Report) -> Section:
    """The whole ledger, numbered as cited."""
    rows = [_evidence_row(report, place, item) for place, item in enumerate(report.evidence, 1)]
    columns = ("No.", "Measure", "Value", "z", "Pull", "Window", "Available", "Source", "Desk")
    numeric = (True, False, True, True, True, False, False, False, False)
    empty = "The ledger is empty."
    return Section("evidence", "Evidence", (), tabled(columns, numeric, rows), empty)


def _evidence_row(report: Report, place: int, item: Evidence) -> tuple[Line, ...]:
    pull = pull_of(report.verdict, item)
    return (
        Line(str(place)),
        Line(sentence_case(clean(item.said, 160)), lead=clean(item.asset, 24)),
        Line(value_of(item)),
        Line("" if item.z is None else number(item.z, 1, signed=True)),
        Line("" if pull is None else number(pull, 1, signed=True)),
        Line(f"{clean(item.start, 16)} to {clean(_measured_to(item), 16)}"),
        Line(clean(item.available_at, 20)),
        Line(clean(item.source, 80), url=safe_url(item.url, report)),
        Line(DESKS[item.desk]),
    )


def _measured_to(item: Evidence) -> str:
    """The day of a change's last value, which may be out only for a day before the window's end."""
    return min(item.end, item.observed_at[:10]) if item.metric == "change" else item.end


def method(report: Report) -> Section:
    """Scope, versions, and what the figures are."""
    scope = report.scope
    assets = ", ".join(assets_said(report))
    partial = " The window ends in the running session." if scope.running else ""
    lines = [
        Line(f"Closes {window(scope)}; {assets}.{partial}", lead="Scope:"),
        Line(f"Nothing that became available after {instant(scope.as_of)} is used.", lead="As of:"),
        Line(
            "z is robust (median and median absolute deviation of past changes of the same "
            "length); pull is the weight of an item on the leading cause in log-odds.",
            lead="Figures:",
        ),
    ]
    if report.versions:
        named = (f"{clean(name, 40)} {clean(version, 40)}" for name, version in report.versions)
        lines.append(Line(f"{', '.join(named)}.", lead="Versions:"))
    return Section("method", "Method and scope", tuple(lines))
