"""Sources: what a sentence prints is what it cites, and no time is made up."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

from causemap.briefing.codec import dumps
from causemap.briefing.compose import Order, brief
from causemap.briefing.layout import blocks
from causemap.briefing.markdown import to_markdown
from causemap.briefing.news import outlet_of, summary_of, told_notes
from causemap.briefing.series_pages import page_of
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
        if said.claim in ("calendar", "next", "counter"):
            assert said.sources == ()


def test_a_note_without_an_address_is_its_publishers() -> None:
    """The outlet is whose site the address is on; without one, who published it."""
    assert outlet_of(NOTE) == "Anthropic"
    assert outlet_of(replace(NOTE, url="https://dealbook.nytimes.com/x")) == "The New York Times"
    assert outlet_of(replace(NOTE, url="https://notnytimes.com/x")) == "notnytimes.com"
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


def test_each_series_leads_to_its_own_page(case: str, issue_of: IssueOf) -> None:
    """Every series with a page is linked to it, in the order in which the title names them."""
    issue = issue_of(case, 900)
    series = [pair for source in issue.sources for pair in source.series]
    assert {page_of(name) for _, name in series} >= {page_of("Yahoo ^GSPC")}
    linked = [(t, u) for block in blocks(issue) for t, u in block.links if u]
    assert linked == [(shown, page_of(name)) for shown, name in series if page_of(name)]
    assert "(<https://finance.yahoo.com/quote/%5EGSPC/>)" in to_markdown(issue)


def test_the_page_of_a_series_is_of_the_registry_alone() -> None:
    """A series that the registry does not hold has no page, whatever it is called."""
    assert page_of("FRED H.15 DGS2") == "https://fred.stlouisfed.org/series/DGS2"
    assert page_of("Yahoo https://evil.example") is None
    assert page_of("FRED DGS2") is None
    assert page_of("on chain Aave WBTC") is None


def test_the_page_in_a_stored_issue_is_looked_up_again(issue_of: IssueOf) -> None:
    """An issue keeps names of series and no address of theirs: a changed name leads nowhere."""
    issue = issue_of("2025-01-tech")
    bent = tuple(
        replace(s, series=tuple((shown, "Yahoo evil.example") for shown, _ in s.series))
        for s in issue.sources
    )
    assert not [b for b in blocks(replace(issue, sources=bent)) if b.links]


def test_news_of_another_market_is_not_told(seed: Report) -> None:
    """A note on coins alone stands in no issue on metals; one on stocks or on nothing does."""
    first = told_notes(seed)[0]
    texts = ("An exchange halted withdrawals of bitcoin.", "Stocks fell.", "A law was passed.")
    notes = tuple(
        replace(first, id=f"x{k}", text=text, published="2026-01-30", url=f"https://x.org/{k}")
        for k, text in enumerate(texts)
    )
    metals = replace(seed, notes=notes, scope=replace(seed.scope, groups=("metals",)))
    assert [note.id for note in told_notes(metals)] == ["x1", "x2"]
    assert len(told_notes(replace(seed, notes=notes))) == 3
