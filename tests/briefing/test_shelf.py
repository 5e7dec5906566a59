"""Review state, versions and corrections of an issue."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from tests.briefing.conftest import edited

from causemap.briefing.codec import digest
from causemap.briefing.corrections import candidates, corrected
from causemap.briefing.shelf import LOG, Shelf
from causemap.briefing.tree import Correction, Issue
from causemap.errors import UsageError
from causemap.records import Report

IssueOf = Callable[..., Issue]
ReportOf = Callable[[str], Report]

AT = "2026-02-08T09:00Z"


@pytest.fixture
def shelf(tmp_path: Path, issue_of: IssueOf) -> Shelf:
    """A shelf with one issue on it."""
    made = Shelf(tmp_path / "issue")
    made.put(issue_of("2025-01-tech"))
    return made


def test_an_issue_begins_as_a_draft(shelf: Shelf) -> None:
    """Until somebody approves it, every form carries the mark of a draft."""
    assert shelf.take().review == "Unreviewed draft"
    assert shelf.standing(shelf.take()).state == "draft"


def test_approval_needs_a_name_and_keeps_it(shelf: Shelf) -> None:
    """Who approved which wording, and when, is in the log and on the page."""
    with pytest.raises(UsageError, match="name"):
        shelf.approve("  ", AT)
    assert shelf.approve("Jane Doe", AT).review == "Reviewed by Jane Doe, 8 Feb 2026"
    (entry,) = shelf.log()
    assert (entry.name, entry.at, entry.version) == ("Jane Doe", AT, digest(shelf.take()))


def test_an_edit_voids_the_approval(shelf: Shelf) -> None:
    """Another wording is another version: it is a draft again."""
    issue = shelf.approve("Jane Doe", AT)
    said = next(issue.said)
    shelf.put(edited(issue, said.claim, said.text.replace("lost", "shed", 1)))
    assert shelf.take().review == "Unreviewed draft"
    with pytest.raises(UsageError, match="approved"):
        shelf.publish(AT)


def test_going_back_to_the_approved_wording_restores_it(shelf: Shelf) -> None:
    """The approval is of a wording, not of a moment."""
    issue = shelf.approve("Jane Doe", AT)
    said = next(issue.said)
    shelf.put(edited(issue, said.claim, "Another wording."))
    shelf.put(issue)
    assert shelf.standing(shelf.take()).state == "approved"


def test_only_an_approved_issue_is_published(shelf: Shelf) -> None:
    """Draft, approved, published: in this order and no other."""
    with pytest.raises(UsageError, match="approved"):
        shelf.publish(AT)
    shelf.approve("Jane Doe", AT)
    shelf.publish(AT)
    assert shelf.standing(shelf.take()).state == "published"


def later(report: Report, value: float) -> Report:
    """The same run with one evidence value revised."""
    changed = tuple(
        replace(e, value=value) if e.id == "technicals.spx.change" else e for e in report.evidence
    )
    return replace(report, evidence=changed)


def test_later_data_that_break_a_claim_make_a_candidate(
    issue_of: IssueOf, report_of: ReportOf
) -> None:
    """A revised figure that prints differently is found, with old and new wording."""
    report, issue = report_of("2025-01-tech"), issue_of("2025-01-tech")
    assert candidates(issue, report) == ()
    (found,) = [c for c in candidates(issue, later(report, -9.9)) if c.claim.startswith("move")]
    assert "9.9%" in found.now
    assert "9.9%" not in found.was


def test_a_revision_below_what_is_printed_is_none(issue_of: IssueOf, report_of: ReportOf) -> None:
    """A change that no reader could see is no correction."""
    report, issue = report_of("2025-01-tech"), issue_of("2025-01-tech")
    item = report.find("technicals.spx.change")
    assert item is not None
    assert candidates(issue, later(report, item.value + 0.001)) == ()


def test_a_claim_whose_evidence_is_gone_falls(issue_of: IssueOf, report_of: ReportOf) -> None:
    """Without its evidence a sentence cannot stand: the candidate takes it out."""
    report, issue = report_of("2025-01-tech"), issue_of("2025-01-tech")
    bare = replace(report, evidence=())
    found = candidates(issue, bare)
    assert found
    assert all(c.now == "" for c in found)
    gone = corrected(issue, found[0])
    assert found[0].claim not in {said.claim for said in gone.said}


def test_a_correction_is_visible_and_the_old_version_stays(
    shelf: Shelf, report_of: ReportOf
) -> None:
    """The note says what was wrong and when; the version it stood in is found by its hash."""
    report = report_of("2025-01-tech")
    issue = shelf.approve("Jane Doe", AT)
    old = digest(issue)
    candidate = candidates(issue, later(report, -9.9))[0]
    made = Correction(AT, candidate.claim, candidate.was, candidate.now, old)
    after = shelf.correct(made, corrected(issue, candidate))
    assert after.corrections == (made,)
    assert after.review == "Unreviewed draft"
    kept = shelf.version(old)
    assert candidate.was in {said.text for said in kept.said}
    assert candidate.now in {said.text for said in shelf.take().said}


def test_a_damaged_log_is_one_clear_line(shelf: Shelf) -> None:
    """A line that is no entry is named by its number."""
    (shelf.folder / LOG).write_text("{}\n", encoding="utf-8")
    with pytest.raises(UsageError, match="line 1"):
        shelf.take()


@pytest.mark.parametrize("version", ["../../etc/passwd", "", "zz", "0" * 64])
def test_a_version_is_asked_for_by_hash_only(shelf: Shelf, version: str) -> None:
    """No path and no unknown hash is followed."""
    with pytest.raises(UsageError, match="no version"):
        shelf.version(version)


def test_the_hash_does_not_depend_on_the_review_mark(issue_of: IssueOf) -> None:
    """Marking an issue as reviewed does not make it another wording."""
    issue: Issue = issue_of("2025-01-tech")
    assert digest(replace(issue, review="Reviewed by X")) == digest(issue)
