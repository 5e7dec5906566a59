"""Issues on bundled cases: length, parts, headline, sources, voices."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import urlsplit

import pytest

from causemap.briefing.compose import Order, brief, length_of
from causemap.briefing.ground import ground_of
from causemap.briefing.lint import advice
from causemap.briefing.points import points
from causemap.briefing.tree import HEADLINE, PARTS, PREHEADER, Issue
from causemap.briefing.voice import LANGUAGES, VOICES, House, voice_of
from causemap.cases.store import list_cases
from causemap.errors import UsageError
from causemap.records import Report
from causemap.words import leaders

IssueOf = Callable[..., Issue]
ReportOf = Callable[[str], Report]

LENGTHS = (60, 90, 120, 200, 350, 600, 900, 1500)


@pytest.mark.parametrize("words", LENGTHS)
def test_length_is_kept_within_ten_percent(case: str, words: int, issue_of: IssueOf) -> None:
    """Every budget is met within ten percent, unless the run has less to say."""
    issue = issue_of(case, words)
    everything = issue_of(case, 1500).words
    if everything >= words:
        assert abs(issue.words - words) <= words * 0.1
    else:
        assert issue.words <= words * 1.1


@pytest.mark.parametrize("entry", [entry.id for entry in list_cases()])
def test_every_bundled_case_makes_an_issue(entry: str, issue_of: IssueOf) -> None:
    """Each case gives a daily issue with all parts, a headline and sources that resolve."""
    issue = issue_of(entry)
    assert tuple(part.key for part in issue.parts) == PARTS
    assert all(part.said or part.empty for part in issue.parts)
    assert 0 < len(issue.headline) <= HEADLINE
    assert 0 < len(issue.preheader) <= PREHEADER
    cited = {n for said in issue.said for n in said.sources}
    assert cited == {source.number for source in issue.sources}


def test_no_sentence_is_cut_and_none_is_told_twice(case: str, issue_of: IssueOf) -> None:
    """Sentences are whole and each claim is told once."""
    issue = issue_of(case, 900)
    assert all(said.text[-1] in ".\u201d" for said in issue.said)
    claims = [said.claim for said in issue.said]
    assert len(claims) == len(set(claims))


def test_a_voice_changes_words_only(case: str, issue_of: IssueOf) -> None:
    """Both voices tell the same claims with the same slots; only the words between differ."""
    wire, plain = issue_of(case), issue_of(case, 350, "plain")
    slots = re.compile(r"\{[^{}]+\}")
    assert [said.claim for said in wire.said] == [said.claim for said in plain.said]
    assert [sorted(slots.findall(s.template)) for s in wire.said] == [
        sorted(slots.findall(s.template)) for s in plain.said
    ]
    assert wire.sources == plain.sources
    assert [s.text for s in wire.said] != [s.text for s in plain.said]
    assert abs(plain.words - 350) <= 35


def test_what_is_told_are_claims_of_the_run(
    case: str, issue_of: IssueOf, report_of: ReportOf
) -> None:
    """An issue reorders and drops; it never adds a claim."""
    report = report_of(case)
    ground = ground_of(report, (), "2026-02-09")
    known = {point.id for point in points(report, ground.story, (), "2026-02-09", ground.tongue)}
    assert {said.claim for said in issue_of(case, 1500).said} <= known


def test_the_briefing_advises_nothing(case: str, issue_of: IssueOf) -> None:
    """No issue tells anybody what to do."""
    assert not [fault for said in issue_of(case, 900).said for fault in advice(said.text)]


def test_the_verdict_stands_first_and_with_its_probability(issue_of: IssueOf) -> None:
    """What is found, and how sure it is, opens the part on causes."""
    first = issue_of("2025-01-tech").parts[1].said[0]
    assert "AI and tech re-rating" in first.text
    assert "%" in first.text
    overall = issue_of("2020-03-all").parts[1].said[0]
    assert "neither covers the whole fall" in overall.text


@pytest.mark.parametrize("voice", VOICES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_notes_are_summaries_of_the_outlet_they_link_to(
    voice: str, language: str, issue_of: IssueOf, report_of: ReportOf
) -> None:
    """A note is nobody's words: no quotation marks, no speaker, the outlet of its own address."""
    report = report_of("2026-02-seed")
    issue = issue_of("2026-02-seed", 1500, voice, language)
    held = {f"note:{note.id}": note for note in report.notes}
    sources = {s.number: s for s in issue.sources}
    told = [said for said in issue.said if said.claim in held]
    assert len(told) > 5
    for said in told:
        source, note = sources[said.sources[0]], held[said.claim]
        host = urlsplit(str(note.url)).hostname or ""
        assert not set("\u201c\u201d\u300c\u300d") & set(said.text)
        assert source.url == note.url
        assert source.outlet == host.removeprefix("www.")
        assert source.outlet in said.text
        if note.publisher not in note.text and note.publisher not in host:
            assert note.publisher not in said.text


def test_what_changed_is_told_from_two_reports(seed: Report, report_of: ReportOf) -> None:
    """With the report of the last issue at hand, the part on changes is written from both."""
    before = report_of("2026-01-software")
    issue = brief(seed, Order(words=600, charts=False), before)
    changed = next(part for part in issue.parts if part.key == "changed")
    assert changed.said
    same = brief(seed, Order(charts=False), seed)
    assert next(p for p in same.parts if p.key == "changed").texts == (
        "Nothing of weight changed since the last issue.",
    )


def test_a_run_without_prices_still_makes_an_issue(report_of: ReportOf) -> None:
    """An abstention for want of data is told as one, with empty parts said to be empty."""
    report = report_of("2025-01-tech")
    bare = replace(report, evidence=(), markers=(), paths=(), notes=(), analogues=())
    issue = brief(bare, Order(charts=False))
    happened = issue.parts[0]
    assert happened.texts == ("No move of the assets asked about could be measured.",)


@pytest.mark.parametrize("text", ["5", "9999", "long", "-1", ""])
def test_a_length_that_cannot_be_is_refused(text: str) -> None:
    """A length is one of three names or 60 to 1,500 words."""
    with pytest.raises(UsageError, match="60 to 1500"):
        length_of(text)


def test_a_house_style_with_a_banned_word_stops_the_issue(seed: Report) -> None:
    """A banned word in the finished text is named, with the claim it stands in."""
    house = House(base="wire", banned=("explanation",))
    with pytest.raises(UsageError, match="explanation"):
        brief(seed, Order(charts=False, house=house))


def test_a_house_phrase_is_used(report_of: ReportOf) -> None:
    """A replaced phrase words its point; facts stay."""
    report = report_of("2025-01-tech")
    house = House(base="wire", phrases={"next": (("Look again on <when>.",),)})
    told = [s.text for s in brief(report, Order(charts=False, house=house)).said]
    assert "Look again on 30 January 2025." in told


def test_an_unknown_voice_is_refused() -> None:
    """A voice that does not exist is named with those that do."""
    with pytest.raises(UsageError, match="wire, plain"):
        voice_of("shouting", "en")


def test_what_is_missing_begins_with_what_weakens_the_verdict(
    issue_of: IssueOf, report_of: ReportOf
) -> None:
    """A short list says that it is one, and of a fall in crypto names crypto's own gaps first."""
    issue = issue_of("2018-11-crypto", 120)
    (said,) = [said.text for said in issue.said if said.claim == "gaps"]
    assert said.endswith("and others.")
    report = report_of("2018-11-crypto")
    near = {cause for cause, _ in leaders(report.verdict)}
    first = said.split(": ")[1].split(",")[0]
    assert any(gap.what == first and near.intersection(gap.weakens) for gap in report.gaps)


def test_no_voice_that_ships_is_refused_for_its_length(issue_of: IssueOf) -> None:
    """Where the words of one built-in voice are longer, all of them tell less."""
    issues = [issue_of("2020-03-all", 100, voice=voice, language="zh") for voice in VOICES]
    assert all(issue.words <= 110 for issue in issues)
    assert len({tuple(said.claim for said in issue.said) for issue in issues}) == 1
