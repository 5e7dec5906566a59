"""The last gate: the finished issue against its run; one fault blocks the export.

Whatever was edited after composing is checked as if a stranger had written it: a sentence must
belong to a claim of the run, stand on its evidence, advise nothing, and cite a listed source.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from causemap.briefing.compose import EVERY_PART, next_close_of
from causemap.briefing.ground import Ground, faults, ground_of
from causemap.briefing.headline import figures, headlines, preheaders
from causemap.briefing.lint import advice, banned, overclaim
from causemap.briefing.points import points
from causemap.briefing.tree import HEADLINE, PREHEADER, Issue, Language, PartKey, Said
from causemap.briefing.voice import book_of
from causemap.errors import GateError
from causemap.llm.slots import SlotError
from causemap.records import Report
from causemap.reporting.diff import compare


@dataclass(frozen=True, slots=True)
class Finding:
    """One reason why an issue may not leave: where, and what is wrong."""

    where: str
    why: str


def check(
    issue: Issue, report: Report, previous: Report | None = None, *, words: tuple[str, ...] = ()
) -> tuple[Finding, ...]:
    """Everything wrong with an issue on ``report``; empty when it may be exported.

    ``words`` are those a house style bans.
    """
    changes = () if previous is None else compare(previous, report)
    close = next_close_of(report)
    ground = ground_of(report, changes, close, issue.language)
    every = points(report, ground.story, changes, close, ground.tongue)
    found = [
        *_sentences(issue, ground, {point.id for point in every}, words),
        *_parts(issue, {point.part for point in every}),
        *_heads(issue, report),
        *_sources(issue),
    ]
    if issue.as_of != report.scope.as_of:
        found.append(Finding("as of", "the issue names another as-of time than its run"))
    said = book_of(issue.language)["disclosures"]
    # What explains a term is none of those that have to stand there.
    if not {said["advice"], said["delay"]} <= set(issue.disclosures) or len(issue.disclosures) < 3:
        found.append(Finding("disclosures", "a disclosure is missing"))
    return tuple(found)


def require(issue: Issue, report: Report, previous: Report | None = None) -> None:
    """Raise :class:`GateError` naming the first faults, if there are any."""
    found = check(issue, report, previous)
    if found:
        told = "; ".join(f"{f.where}: {f.why}" for f in found[:3])
        more = f" (and {len(found) - 3} more)" if len(found) > 3 else ""
        raise GateError(f"The briefing may not be exported: {told}{more}.")


def _sentences(
    issue: Issue, ground: Ground, claims: set[str], words: tuple[str, ...]
) -> Iterator[Finding]:
    told = [said.claim for said in issue.said]
    for said in issue.said:
        if said.claim not in claims:
            yield Finding(said.text[:80], "no claim of the run says this")
            continue
        if told.count(said.claim) > 1:
            yield Finding(said.claim, "told twice")
        if not _is_filled(said, ground):
            yield from (Finding(said.text[:80], why) for why in faults(said, ground))
        for fault in (*advice(said.text), *banned(said.text, words)):
            yield Finding(said.text[:80], f"{fault.kind}: {fault.words}")


def _parts(issue: Issue, held: set[PartKey]) -> Iterator[Finding]:
    """No part denies what the run holds, and no verdict is told without its counter-evidence."""
    left_out = book_of(issue.language)["empty"]["left_out"]
    told = {part.key for part in issue.parts if part.said}
    for part in issue.parts:
        if part.key not in held or part.said:
            continue
        if part.empty != left_out:
            yield Finding(part.title, "its line says that the run has nothing to tell here; it has")
        if part.key == "against" and "why" in told and issue.length >= EVERY_PART:
            yield Finding(part.title, "causes are told and nothing that argues against them")


def _is_filled(said: Said, ground: Ground) -> bool:
    """Whether the text is exactly what its template fills to, and so passed the gate before."""
    try:
        filled = ground.tongue.fill(said.template, ground.ledger)
    except SlotError:
        return False
    return filled == said.text and not faults(said, ground)


def _heads(issue: Issue, report: Report) -> Iterator[Finding]:
    own = {*headlines(report, issue.language), *preheaders(report, issue.language)}
    for where, text, limit in (
        ("headline", issue.headline, HEADLINE),
        ("preheader", issue.preheader, PREHEADER),
    ):
        if not 0 < len(text) <= limit:
            yield Finding(where, f"{len(text)} characters, at most {limit} are shown")
        # The run's own headlines were held against the verdict they are about.
        bold = () if text in own else overclaim(text, report.verdict)
        for fault in (*advice(text), *bold):
            yield Finding(where, f"{fault.kind}: {fault.words}")
        for figure in _unknown_figures(text, report, issue.language):
            yield Finding(where, f"the figure {figure} is not in the run")


def _unknown_figures(text: str, report: Report, language: Language) -> Iterator[str]:
    """Figures of a headline that none of the run's own headlines holds."""
    known = {
        f
        for option in (*headlines(report, language), *preheaders(report, language))
        for f in figures(option)
    }
    yield from (figure for figure in figures(text) if figure not in known)


def _sources(issue: Issue) -> Iterator[Finding]:
    cited = {n for said in issue.said for n in said.sources}
    listed = [source.number for source in issue.sources]
    for number in sorted(cited - set(listed)):
        yield Finding("sources", f"[{number}] stands in the text and not in the list")
    for number in listed:
        if number not in cited:
            yield Finding("sources", f"[{number}] is listed and never used")
