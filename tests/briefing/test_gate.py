"""The last gate: what was added or bent after composing does not leave."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from tests.briefing.conftest import edited

from causemap.briefing.gate import check, require
from causemap.briefing.lint import advice, overclaim
from causemap.briefing.tree import Issue, Said, Source
from causemap.errors import GateError
from causemap.records import Report

IssueOf = Callable[..., Issue]
ReportOf = Callable[[str], Report]


@pytest.mark.parametrize("voice", ["wire", "plain"])
def test_what_was_composed_passes(
    case: str, voice: str, issue_of: IssueOf, report_of: ReportOf
) -> None:
    """No false alarm on issues as they were written."""
    assert check(issue_of(case, 600, voice), report_of(case)) == ()


def with_said(issue: Issue, said: Said) -> Issue:
    """The issue with one more sentence in its first part."""
    first, *rest = issue.parts
    return replace(issue, parts=(replace(first, said=(*first.said, said)), *rest))


def test_an_added_sentence_blocks_the_export(seed: Report, issue_of: IssueOf) -> None:
    """A sentence of no claim of the run is named and refused."""
    issue = with_said(issue_of("2026-02-seed"), Said("made-up", "All is well.", ""))
    (found,) = check(issue, seed)
    assert "no claim" in found.why
    with pytest.raises(GateError, match="All is well"):
        require(issue, seed)


def first_move(issue: Issue) -> Said:
    """The sentence on the moves."""
    return issue.parts[0].said[0]


@pytest.mark.parametrize(
    ("old", "new"),
    [("2.4%", "3.4%"), ("lost 2.4%", "gained 2.4%"), ("2.4%", "2.4 bp"), ("2026", "2025")],
)
def test_a_bent_figure_blocks_the_export(
    seed: Report, old: str, new: str, issue_of: IssueOf
) -> None:
    """A changed value, direction, unit or date no longer stands on the evidence cited."""
    issue = issue_of("2026-02-seed")
    said = first_move(issue)
    assert old in said.text
    assert check(edited(issue, said.claim, said.text.replace(old, new, 1)), seed)


def test_an_edit_of_words_only_passes(seed: Report, issue_of: IssueOf) -> None:
    """A person may reword a sentence as long as it says the same."""
    issue = issue_of("2026-02-seed")
    said = first_move(issue)
    reworded = said.text.replace("From 29 January", "Measured from 29 January", 1)
    assert check(edited(issue, said.claim, reworded), seed) == ()


def test_advice_blocks_the_export(seed: Report, issue_of: IssueOf) -> None:
    """An edited sentence that tells readers what to do is refused."""
    issue = issue_of("2026-02-seed")
    said = first_move(issue)
    found = check(edited(issue, said.claim, said.text + " Investors should buy the dip."), seed)
    assert any("advice" in f.why for f in found)


def test_an_unused_or_unlisted_source_blocks_the_export(seed: Report, issue_of: IssueOf) -> None:
    """Numbers in the text and in the list answer each other both ways."""
    issue = issue_of("2026-02-seed")
    extra = Source(99, "t", "o", "p", "r")
    assert check(replace(issue, sources=(*issue.sources, extra)), seed)
    assert check(replace(issue, sources=issue.sources[1:]), seed)


@pytest.mark.parametrize(
    "headline",
    [
        "x" * 61,
        "",
        "Stocks fell because of software",
        "Silver −99.9%",
        "Time to buy silver",
    ],
)
def test_a_bad_headline_blocks_the_export(seed: Report, headline: str, issue_of: IssueOf) -> None:
    """Too long, empty, too sure, a figure of nobody's, advice: none leaves."""
    assert check(replace(issue_of("2026-02-seed"), headline=headline), seed)


def test_a_missing_disclosure_blocks_the_export(seed: Report, issue_of: IssueOf) -> None:
    """An issue without its disclosures is not exported."""
    assert check(replace(issue_of("2026-02-seed"), disclosures=()), seed)


@pytest.mark.parametrize(
    "text",
    [
        "You should sell your stocks now.",
        "Investors must buy the dip.",
        "We recommend gold here.",
        "Our price target is unchanged.",
        "It is time to buy bitcoin.",
        "Hold your position into the close.",
        "建议投资者逢低买入。",
        "目标价为八万美元。",
    ],
)
def test_advice_is_recognised(text: str) -> None:
    """Second-person advice, recommendations and targets, in both languages."""
    assert list(advice(text))


@pytest.mark.parametrize(
    "text",
    [
        "Forced selling explains part of the fall.",
        "Funds sold silver on Friday.",
        "A trader said: \u201cinvestors should buy the dip\u201d.",
        "The Fed held rates.",
        "Bitcoin holders sold 2,000 coins.",
    ],
)
def test_description_and_quotation_are_no_advice(text: str) -> None:
    """What markets did, and what a named source said, may be told."""
    assert not list(advice(text))


def test_certainty_needs_a_high_probability(seed: Report) -> None:
    """Words such as 'because' wait for the band 'very likely'."""
    assert list(overclaim("Stocks fell because of AI", seed.verdict))
    sure = replace(
        seed.verdict,
        primary="rates_shock",
        abstained=False,
        probabilities=(("rates_shock", 0.9), ("ai_rerating", 0.1)),
    )
    assert not list(overclaim("Stocks fell because of a rates shock", sure))
