"""What to watch: states to look for, and nothing of the past."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from causemap.agents.conclude import conclude
from causemap.briefing.compose import Order, brief
from causemap.briefing.tree import Issue, Part
from causemap.records import Dossier, Marker, Report

IssueOf = Callable[..., Issue]
ReportOf = Callable[[str], Report]


def part(issue: Issue, key: str) -> Part:
    """One part of an issue."""
    return next(part for part in issue.parts if part.key == key)


def test_counterfactuals_argue_against_and_are_not_watched(case: str, issue_of: IssueOf) -> None:
    """What would have turned a verdict is of the past: it stands among what argues against."""
    issue = issue_of(case, 1500)
    watched = {said.claim.partition(":")[0] for said in part(issue, "watch").said}
    assert watched <= {"next", "ahead", "scenario"}
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


def test_a_date_announced_before_is_told_with_the_page_that_announced_it(
    issue_of: IssueOf, report_of: ReportOf
) -> None:
    """The next scheduled decision stands there, cited to the schedule."""
    (one,) = report_of("2026-02-seed").ahead
    issue = issue_of("2026-02-seed", 350)
    (said,) = [s for s in part(issue, "watch").said if s.claim.startswith("ahead:")]
    assert "FOMC decision (18 March 2026)" in said.text
    (number,) = said.sources
    source = issue.sources[number - 1]
    assert (source.url, source.published, source.outlet) == (
        one.url,
        "2024-08-09",
        "Federal Reserve",
    )


def test_a_marker_after_the_as_of_time_is_not_ahead(dossier: Dossier) -> None:
    """A meeting without notice that stands in the data later is told nowhere."""
    planted = Marker("2025-02-03T19:00Z", "FOMC decision", "fomc")
    issue = brief(
        conclude(replace(dossier, markers=(*dossier.markers, planted))),
        Order(words=1500, charts=False),
    )
    assert not [said for said in issue.said if "3 February 2025" in said.text]
