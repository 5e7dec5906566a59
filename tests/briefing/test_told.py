"""What an issue says: what was asked first, nothing twice, and rivals turned down for a reason."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from tests.briefing.conftest import CASES

from causemap.attribution.verdict import agrees
from causemap.briefing.compose import Order, brief
from causemap.briefing.ground import ground_of
from causemap.briefing.headline import headlines, preheaders
from causemap.briefing.points import points
from causemap.briefing.told_verdicts import short_reason
from causemap.briefing.tree import Issue
from causemap.causes import CAUSES
from causemap.closed_sets import Cause
from causemap.records import Report, Verdict
from causemap.reporting.diff import compare

Told = Callable[[str, str], list[tuple[str, str]]]


def _judged(report: Report, **causes: Cause | None) -> Report:
    """The report with these causes named of its groups, and none of them together."""
    verdicts = tuple((group, _named(verdict, causes[group])) for group, verdict in report.verdicts)
    return replace(report, verdicts=verdicts, verdict=_named(report.verdict, None))


def _named(verdict: Verdict, cause: Cause | None) -> Verdict:
    if cause is None:
        return replace(verdict, primary="mixed_unclear", abstained=True)
    shares = tuple((c, 0.6 if c == cause else 0.05) for c, _ in verdict.probabilities)
    return replace(verdict, primary=cause, abstained=False, probabilities=shares)


def test_a_headline_tells_the_moves_that_were_asked_about(
    report_of: Callable[[str], Report],
) -> None:
    """What was asked about comes first, however small its move; a fund not asked about is out."""
    seed = report_of("2026-02-seed")
    asked = replace(seed, scope=replace(seed.scope, assets=("GLD",)))
    assert any(option.startswith("Gold (GLD)") for option in headlines(asked))
    assert not any("Silver" in option for option in (*headlines(asked), *preheaders(asked)))


@pytest.mark.parametrize(("language", "mixed"), [("en", "ixed or unclear"), ("zh", "混合")])
def test_a_window_without_a_fall_has_moves_and_no_odds(
    report_of: Callable[[str], Report], language: str, mixed: str
) -> None:
    """'Mixed or unclear 100 %' would be an answer to a question that nobody can ask."""
    report = report_of("2023-autumn")
    calm = replace(report.verdict, primary="no_drawdown")
    calm_report = replace(report, verdict=calm)
    told = preheaders(calm_report, "zh" if language == "zh" else "en")
    assert told
    assert not any(mixed in option for option in told)


def test_groups_fell_for_different_reasons_only_with_two_causes(
    report_of: Callable[[str], Report],
) -> None:
    """One cause beside abstentions is told as such: the others' reasons are not known."""
    seed = report_of("2026-02-seed")
    two = _judged(seed, equity="ai_rerating", crypto="liquidation_cascade", metals=None)
    assert headlines(two)[0].endswith("fell for different reasons")
    # Even where one cause leads over all groups, no headline gives it to every group.
    assert seed.verdict.primary == "liquidation_cascade"
    assert headlines(seed)[0] == "Stocks, crypto and metals fell for different reasons"
    assert not any("liquidation" in option for option in headlines(seed))
    one = _judged(seed, equity=None, crypto="liquidation_cascade", metals=None)
    assert headlines(one)[0] == "Crypto: liquidation cascade at 60%; the rest unclear"
    assert headlines(one, "zh")[0] == "加密资产：连环清算（60%）；股票、贵金属原因不明"
    none = _judged(seed, equity=None, crypto=None, metals=None)
    assert headlines(none)[0].endswith("no single cause explains the fall")


@pytest.mark.parametrize("case", CASES)
def test_a_rival_is_turned_down_by_what_argues_against_it(
    case: str, report_of: Callable[[str], Report], everything_of: Told
) -> None:
    """What has the sign a rival needs is called too little; one left with much is not ruled out."""
    report = report_of(case)
    ground = ground_of(report, (), "2026-02-09")
    held = {(str(g), str(c)): p for g, v in report.verdicts for c, p in v.probabilities}
    texts: dict[str, list[str]] = {}
    for claim, text in everything_of(case, "en"):
        texts.setdefault(claim, []).append(text)
    for point in points(report, ground.story, (), "2026-02-09", ground.tongue):
        if not point.id.startswith("rejected:"):
            continue
        _, cause, groups = point.id.split(":")
        named = next(known for known in CAUSES if known == cause)
        items = [ground.evidence[key] for key in point.evidence]
        for text in texts[point.id]:
            assert ("too little for it" in text) == any(agrees(i, named) for i in items), text
            ruled_out = re.match(r"Not |It was not ", text) is not None
            assert ruled_out == all(held[g, cause] < 0.05 for g in groups.split("+")), text


def test_a_failed_test_is_told_with_the_facts_it_is_about(everything_of: Told) -> None:
    """A veto's words stand before its own measurement, not before whatever else argues against."""
    told = [text for case in CASES for _, text in everything_of(case, "en")]
    tested = [text for text in told if "no leadership cohort fell beyond its beta: " in text]
    assert tested
    assert not any("spread" in text.partition("beta: ")[2] for text in tested)


@pytest.mark.parametrize("case", CASES)
def test_an_unexplained_share_is_told_once(case: str, issue_of: Callable[..., Issue]) -> None:
    """Where the split of a fall tells it, no sentence repeats it; one of both always stands."""
    report_groups: dict[str, list[str]] = {}
    for said in issue_of(case, 600).said:
        kind, _, group = said.claim.partition(":")
        if kind in ("shares", "unexplained"):
            report_groups.setdefault(group, []).append(kind)
    assert report_groups
    assert all(len(kinds) == 1 for kinds in report_groups.values()), report_groups


def test_a_window_without_a_fall_is_near_no_fall(report_of: Callable[[str], Report]) -> None:
    """The catalogue holds falls alone: nothing in it is like a calm window."""
    seed = report_of("2026-02-seed")
    assert seed.analogues
    calm = tuple((g, replace(v, primary="no_drawdown")) for g, v in seed.verdicts)
    quiet = replace(seed, verdicts=calm, verdict=replace(seed.verdict, primary="no_drawdown"))
    issue = brief(quiet, Order(words=900, charts=False))
    assert not any(said.claim.startswith("analogue") for said in issue.said)


@pytest.mark.parametrize("case", CASES)
def test_no_internal_name_stands_in_an_issue(case: str, everything_of: Told) -> None:
    """Codes of series, the folder of the data and bare metric names are not for readers."""
    for claim, text in everything_of(case, "en"):
        assert not re.search(r"\b[A-Z]+_[A-Z0-9_]+: ", text), text
        assert "data directory" not in text
        # How a past window differs is told in the comparison's own words.
        assert "the mean z" not in text or claim.startswith("analogue")
        if claim.startswith("turn:"):
            assert not re.search(
                r"the (?:weight of the independent news that|share of the fall that)", text
            ), text
            assert "moved moved" not in text
            assert "move of" not in text or "moved the other way" not in text, text


def test_what_an_abstention_lacks_is_told_without_its_cause_again() -> None:
    """The cause that leads stands in the sentence with its odds already."""
    leads = "positioning unwind leads, but below the 45% needed to name a cause"
    assert short_reason(leads) == "below the 45% needed to name a cause"
    rests = f"{leads}; it rests in part on silver, not asked about, as one of its group"
    assert short_reason(rests).startswith("below the 45% needed")
    assert "silver" in short_reason(rests)
    apart = "rates shock and growth scare cannot be told apart on this evidence"
    assert short_reason(apart) == apart


def test_notes_of_the_window_come_before_those_that_led_up_to_it(
    report_of: Callable[[str], Report],
) -> None:
    """In a short issue what was out before the window gives way to what happened in it."""
    seed = report_of("2026-02-seed")
    ground = ground_of(seed, (), "2026-02-09")
    found = points(seed, ground.story, (), "2026-02-09", ground.tongue)
    weights = {p.id.removeprefix("note:"): p.weight for p in found if p.kind == "note"}
    days = {note.id: note.published[:10] for note in seed.notes if note.id in weights}
    before = [weights[key] for key, day in days.items() if day < seed.scope.start]
    inside = [weights[key] for key, day in days.items() if day >= seed.scope.start]
    assert before
    assert max(before) < min(inside)


def test_one_reading_under_two_names_is_told_once(report_of: Callable[[str], Report]) -> None:
    """The weakest cohort is one of the cohorts: its figure stands in one detail alone."""
    for case in CASES:
        report = report_of(case)
        ground = ground_of(report, (), "2026-02-09")
        found = points(report, ground.story, (), "2026-02-09", ground.tongue)
        ids = [key for point in found if point.id.startswith("detail:") for key in point.evidence]
        read = [(e.asset, e.unit, e.value) for e in map(ground.evidence.__getitem__, ids)]
        assert len(read) == len(set(read)), case


def test_a_changed_move_is_not_told_as_a_level(report_of: Callable[[str], Report]) -> None:
    """'The VIX went from +3.8 points to +7.4' would read as its level: both are moves."""
    before, now = report_of("2018-12-stocks"), report_of("2025-01-tech")
    moves = {f"evidence.{e.id}" for e in now.evidence if e.metric == "change"}
    told = [c.text for c in compare(before, now) if c.key in moves and " went from " in c.text]
    assert told
    assert all(text.startswith("the move of ") for text in told), told
