"""What argues for and against: evidence items with their figures and their pull on a cause."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain, zip_longest
from typing import Final

from causemap.attribution.parts import without_part
from causemap.attribution.reach import unreached
from causemap.attribution.verdict import SPEAKS_FROM
from causemap.causes import GROUP_WORDS
from causemap.closed_sets import AssetGroup
from causemap.records import Evidence, Report, Verdict
from causemap.reporting.answer import cause_label
from causemap.reporting.tree import Line, Section, refs
from causemap.words import amount, cause_name, clean, number, sentence_case, value_of

_Cited = tuple[Verdict, AssetGroup | None, Sequence[str]]
# A third of a fall after an event counts for its cause (TAXONOMY, policy row).
_MUCH: Final = 1.0 / 3.0
_HEADS: Final = ("What argues for", "What argues against")


def support(report: Report) -> Section:
    """What argues for, each item with the cause and group it argues about; groups take turns."""
    cited = [(v, group, v.support) for group, v in _judged(report)]
    return Section("support", _HEADS[0], _lines(report, cited))


def against(report: Report) -> Section:
    """What argues against, told likewise; named causes that reach no asset, or have no part."""
    cited = [(v, group, v.counter_evidence) for group, v in _judged(report)]
    found = Section("counter", _HEADS[1], _lines(report, cited))
    bare = unreached(report.cause_map, report.verdicts, report.scope.assets)
    paths = (
        f"No measured link leads from {cause_name(cause)} to any {group} asset asked about."
        for group, cause in bare
    )
    parts = (
        f"No measured part of the fall in {GROUP_WORDS[group]} goes with {cause_name(cause)}"
        f"{_but_an_event(report, group, cause)}."
        for group, cause in without_part(report.verdicts, report.decompositions)
    )
    return replace(found, lines=(*found.lines, *(Line(text) for text in (*paths, *parts))))


def _but_an_event(report: Report, group: AssetGroup, cause: str) -> str:
    """Of a cause whose drivers show nothing: whether the fall came right after its dated event."""
    event = report.find(f"earnings_news.event_{group}.{cause}")
    followed = event is not None and event.value >= _MUCH
    return ", though much of it followed at once on a dated event of it" if followed else ""


def _judged(report: Report) -> list[tuple[AssetGroup | None, Verdict]]:
    """The verdicts of the groups that fell, if there are several; else the one over all."""
    groups = [(group, v) for group, v in report.verdicts if v.weighed and v.ranked]
    return [*groups] if len(groups) > 1 else [(None, report.verdict)]


def _lines(report: Report, cited: Sequence[_Cited]) -> tuple[Line, ...]:
    columns = (list(_argued(report, *one)) for one in cited)
    return tuple(line for line in chain.from_iterable(zip_longest(*columns)) if line is not None)


def _argued(
    report: Report, verdict: Verdict, group: AssetGroup | None, ids: Sequence[str]
) -> Iterator[Line]:
    calm = verdict.primary == "no_drawdown" or not verdict.ranked
    cause = verdict.primary if calm else verdict.ranked[0][0]
    about = cause_label(cause) + ("" if group is None else f", {GROUP_WORDS[group]}")
    for identifier in ids:
        item = report.find(identifier)
        pull = None if item is None else pull_of(verdict, item)
        if item is not None and (pull is None or abs(pull) >= SPEAKS_FROM):
            said = _figure(verdict, item)
            yield Line(said, refs(report, (identifier,)), f"{about}:")


def pulls(report: Report, key: str, heading: str, ids: Sequence[str]) -> Section:
    """Evidence items with their figures and their pull on the leading cause."""
    found = [item for i in ids if (item := report.find(i)) is not None]
    lines = (Line(_figure(report.verdict, item), refs(report, (item.id,))) for item in found)
    return Section(key, heading, tuple(lines))


def _figure(verdict: Verdict, item: Evidence) -> str:
    said = f"{sentence_case(clean(item.said, 160))}: {value_of(item)}"
    if item.z is not None and item.unit != "z":
        said += f", {amount(item.z, 'z')}"
    pull = pull_of(verdict, item)
    speaks = pull is not None and abs(pull) >= SPEAKS_FROM
    return said + (f" (pull {number(pull or 0.0, 1, signed=True)})." if speaks else ".")


def pull_of(verdict: Verdict, item: Evidence) -> float | None:
    """The item's log-odds on the verdict's leading cause, where it was weighed for it."""
    if not verdict.ranked:
        return None
    lead = verdict.ranked[0][0]
    found = [w.log_odds for w in verdict.weighed if w.evidence == item.id and w.cause == lead]
    return sum(found) if found else None
