"""Sources: what a sentence prints is what it cites, and no time is made up."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

from causemap.briefing.codec import dumps
from causemap.briefing.compose import Order, brief
from causemap.briefing.layout import blocks
from causemap.briefing.news import outlet_of, summary_of, told_notes
from causemap.briefing.tree import Issue
from causemap.llm.slots import cited
from causemap.records import Note, Report

IssueOf = Callable[..., Issue]
ReportOf = Callable[[str], Report]
NOTE = Note(
    "n1", "2026-01-30", "date", "Anthropic", "other", "A tool was released.", None, "found", 0.9
)


def test_no_source_claims_a_time_at_which_nobody_read_it(case: str, issue_of: IssueOf) -> None:
    """The run keeps no retrieval times: the word is left out, and the JSON says null."""
    issue = issue_of(case, 900)
    assert {source.retrieved for source in issue.sources} == {None}
    assert {s["retrieved"] for s in json.loads(dumps(issue))["sources"]} == {None}
    lines = [block.text + block.after for block in blocks(issue) if block.kind == "source"]
    assert lines
    assert not [line for line in lines if f", {issue.label('retrieved')} " in line]


def test_a_known_retrieval_time_is_printed(issue_of: IssueOf) -> None:
    """Where a source has one, its line says when it was read."""
    issue = issue_of("2025-01-tech")
    first = replace(issue.sources[0], retrieved="2025-01-28T09:30Z")
    told = replace(issue, sources=(first, *issue.sources[1:]))
    line = next(block for block in blocks(told) if block.kind == "source")
    assert line.after.endswith("read 28 Jan 2025, 09:30 UTC")


def test_a_sentence_cites_only_what_it_prints(
    case: str, issue_of: IssueOf, report_of: ReportOf
) -> None:
    """A fact dropped from a sentence takes its source number with it."""
    evidence = {item.id: item for item in report_of(case).evidence}
    issue = issue_of(case, 900)
    outlets = {source.number: source for source in issue.sources}
    checked = 0
    for said in issue.said:
        printed = [evidence[key] for key in cited(said.template)]
        if not printed or said.claim.startswith("note:"):
            continue
        checked += 1
        parts = {part for item in printed for part in item.source.split(", ")}
        assert 0 < len(said.sources) <= len(parts)
        for number in said.sources:
            source = outlets[number]
            names = {source.outlet.split(" ")[0], source.title.split(",")[0]}
            assert any(
                n in part or part.split(" ")[0] in _aliases(n) for part in parts for n in names
            )
    assert checked > 3


def _aliases(name: str) -> tuple[str, ...]:
    return {"Federal": ("FRED",), "On-chain": ("on",)}.get(name, (name,))


def test_dates_and_missing_counter_evidence_cite_no_prices(case: str, issue_of: IssueOf) -> None:
    """A scheduled date is no price, and what was not found stands on nothing."""
    for said in issue_of(case, 1500).said:
        if said.claim in ("calendar", "ahead", "next", "counter"):
            assert said.sources == ()


def test_a_note_without_an_address_is_its_publishers() -> None:
    """The outlet is the host of the address; without one, who published it."""
    assert outlet_of(NOTE) == "Anthropic"
    assert outlet_of(replace(NOTE, url="https://www.techlusive.in/hi/news/x")) == "techlusive.in"
    assert outlet_of(replace(NOTE, url="http://[broken")) == "Anthropic"


def test_a_summary_opens_no_quotation() -> None:
    """Quotation marks of an outside text are taken out: nobody's words are quoted."""
    said = summary_of(replace(NOTE, text='\u201cWe\u201d said "no" to \u300cit\u300d.'), 90)
    assert said == "We said no to it"


def test_a_note_that_advises_is_not_told(seed: Report) -> None:
    """A summary stands outside quotation marks, so advice in one would be the briefing's own."""
    first = told_notes(seed)[0]
    pushy = replace(first, text="Investors should buy the dip before the close.")
    notes = tuple(pushy if note.id == first.id else note for note in seed.notes)
    report = replace(seed, notes=notes)
    assert first.id not in {note.id for note in told_notes(report)}
    assert list(brief(report, Order(words=900, charts=False)).said)
