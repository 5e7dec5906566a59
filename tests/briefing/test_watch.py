"""What to watch: dates that were scheduled, states to look for, and nothing of the past."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from causemap.briefing.compose import Order, brief
from causemap.briefing.gate import check
from causemap.briefing.tree import Issue, Part
from causemap.records import Marker, Report

IssueOf = Callable[..., Issue]
ReportOf = Callable[[str], Report]
AHEAD = (
    Marker("2026-02-11T13:30Z", "payrolls report", "nfp"),
    Marker("2026-02-13T13:30Z", "CPI release", "cpi"),
    Marker("2026-02-25T22:00Z", "Nvidia results", "earnings"),
    Marker("2026-03-18T18:00Z", "FOMC decision", "fomc"),
)


def part(issue: Issue, key: str) -> Part:
    """One part of an issue."""
    return next(part for part in issue.parts if part.key == key)


@pytest.mark.parametrize("words", [120, 350, 900])
def test_scheduled_dates_open_the_part(words: int, seed: Report) -> None:
    """The next date is told in a flash, all of them in a deep issue; the gate lets them pass."""
    report = replace(seed, upcoming=AHEAD)
    issue = brief(report, Order(words=words, charts=False))
    first = part(issue, "watch").said[0]
    assert first.text.startswith("Next on the calendar: payrolls report (11 February 2026)")
    assert ("FOMC decision (18 March 2026)" in first.text) == (words >= 350)
    assert check(issue, report) == ()


def test_a_date_of_another_day_is_refused(seed: Report) -> None:
    """A day that is not in the run's schedule does not pass the gate."""
    report = replace(seed, upcoming=AHEAD)
    issue = brief(report, Order(charts=False))
    bent = tuple(
        replace(
            p,
            said=tuple(
                replace(s, text=s.text.replace("13 February", "14 February")) for s in p.said
            ),
        )
        for p in issue.parts
    )
    assert check(replace(issue, parts=bent), report)


def test_chinese_names_the_dates(seed: Report) -> None:
    """Releases and companies have their Chinese names."""
    issue = brief(replace(seed, upcoming=AHEAD), Order(language="zh", charts=False))
    assert part(issue, "watch").said[0].text == (
        "接下来的日程：非农就业报告（2026年2月11日），CPI公布（2026年2月13日），"
        "英伟达财报（2026年2月25日），FOMC决议（2026年3月18日）。"
    )


def test_counterfactuals_argue_against_and_are_not_watched(case: str, issue_of: IssueOf) -> None:
    """What would have turned a verdict is of the past: it stands among what argues against."""
    issue = issue_of(case, 1500)
    watched = {said.claim.partition(":")[0] for said in part(issue, "watch").said}
    assert watched <= {"ahead", "next", "scenario"}
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
