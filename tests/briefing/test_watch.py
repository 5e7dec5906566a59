"""What to watch: states to look for, and nothing of the past."""

from __future__ import annotations

from collections.abc import Callable

from causemap.briefing.tree import Issue, Part
from causemap.records import Report

IssueOf = Callable[..., Issue]
ReportOf = Callable[[str], Report]


def part(issue: Issue, key: str) -> Part:
    """One part of an issue."""
    return next(part for part in issue.parts if part.key == key)


def test_counterfactuals_argue_against_and_are_not_watched(case: str, issue_of: IssueOf) -> None:
    """What would have turned a verdict is of the past: it stands among what argues against."""
    issue = issue_of(case, 1500)
    watched = {said.claim.partition(":")[0] for said in part(issue, "watch").said}
    assert watched <= {"next", "scenario"}
    assert "scenario" in watched
    turned = [said.claim for said in issue.said if said.claim.startswith("turn:")]
    assert set(turned) <= {said.claim for said in part(issue, "against").said}


def test_what_would_turn_a_verdict_is_told_of_its_group(issue_of: IssueOf) -> None:
    """Each such sentence names the group, and no share of a whole is said to move."""
    told = [s for s in issue_of("2026-02-seed", 1500).said if s.claim.startswith("turn:")]
    assert told
    for said in told:
        assert any(where in said.text for where in ("in equities", "in crypto", "in metals"))
        assert not said.text.startswith(("Had the share", "Had the part"))


def test_daily_issues_tell_a_state_to_watch(case: str, issue_of: IssueOf) -> None:
    """The triggers of a scenario stand there with their present state."""
    told = [s.text for s in issue_of(case, 350).said if s.claim.startswith("scenario:")]
    assert told
    assert all("(met)" in text or "(not met)" in text for text in told)
