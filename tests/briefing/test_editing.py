"""A person's edits: words, omissions and order; the gate reads the result again."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.briefing.conftest import CASES, _issue, _report

from causemap.briefing.editing import Edits, apply, left_out, moved, put_back, reworded
from causemap.briefing.gate import check
from causemap.briefing.tree import Issue
from causemap.records import Report

IssueOf = Callable[..., Issue]
CASE = "2026-02-seed"


def part_of(issue: Issue, key: str) -> tuple[str, ...]:
    """The claims told in a part, in order."""
    return next(tuple(s.claim for s in p.said) for p in issue.parts if p.key == key)


def test_no_edit_changes_nothing(seed: Report, issue_of: IssueOf) -> None:
    """Empty edits are false, and leave the issue as it is, sources and all."""
    issue = issue_of(CASE)
    assert not Edits()
    assert apply(issue, Edits(), seed) is issue
    assert apply(issue, Edits(order=("no such claim",)), seed) == issue


def test_a_reworded_sentence_is_judged(seed: Report, issue_of: IssueOf) -> None:
    """A figure that is not in the run is named by the gate; other words for the same are not."""
    issue = issue_of(CASE)
    first = next(issue.said)
    bad = apply(issue, reworded(Edits(), first.claim, "Bitcoin lost 77.7% on the day."), seed)
    assert any("77.7" in f"{f.where} {f.why}" for f in check(bad, seed))
    good = first.text.replace("From 29 January", "Measured from 29 January", 1)
    assert check(apply(issue, reworded(Edits(), first.claim, good), seed), seed) == ()
    sold = apply(issue, Edits(headline="Buy bitcoin now"), seed)
    assert sold.headline == "Buy bitcoin now"
    assert any(f.where == "headline" for f in check(sold, seed))


def test_a_dropped_sentence_takes_its_source_along(seed: Report, issue_of: IssueOf) -> None:
    """Sources are numbered anew, so that none is listed unused; put back, all is as before."""
    issue = issue_of(CASE)
    note = next(s for s in issue.said if s.claim.startswith("note:"))
    edits = left_out(Edits(), note.claim)
    short = apply(issue, edits, seed)
    assert note.claim not in [s.claim for s in short.said]
    assert len(short.sources) == len(issue.sources) - 1
    assert [source.number for source in short.sources] == list(range(1, len(short.sources) + 1))
    assert check(short, seed) == ()
    assert apply(issue, put_back(edits, note.claim), seed) == issue


def test_sentences_move_within_their_part(seed: Report, issue_of: IssueOf) -> None:
    """One place at a time, not past the ends, and never into another part."""
    issue = issue_of(CASE)
    before = part_of(issue, "why")
    edits = moved(Edits(), issue, before[0], 1)
    once = apply(issue, edits, seed)
    assert part_of(once, "why") == (before[1], before[0], *before[2:])
    assert check(once, seed) == ()
    back = apply(issue, moved(edits, once, before[0], -1), seed)
    assert back == issue
    assert apply(issue, moved(Edits(), issue, before[0], -1), seed) == issue
    last = moved(Edits(), issue, before[-1], 1)
    assert apply(issue, last, seed) == issue
    for key in ("happened", "against", "watch"):
        assert part_of(once, key) == part_of(issue, key)


def test_a_verdict_does_not_leave_without_what_argues_against_it(
    seed: Report, issue_of: IssueOf
) -> None:
    """Counter-evidence may be shortened, not dropped to the last sentence."""
    issue = issue_of(CASE)
    edits = Edits()
    claims = part_of(issue, "against")
    for claim in claims[1:]:
        edits = left_out(edits, claim)
    assert check(apply(issue, edits, seed), seed) == ()
    found = check(apply(issue, left_out(edits, claims[0]), seed), seed)
    assert [f.where for f in found] == ["What argues against"]


def test_an_emptied_part_says_that_it_was_left_out(seed: Report, issue_of: IssueOf) -> None:
    """It does not say that the run has nothing; an issue that does say so is blocked."""
    issue = issue_of(CASE)
    edits = Edits(dropped=part_of(issue, "watch"))
    short = apply(issue, edits, seed)
    (watch,) = [part for part in short.parts if part.key == "watch"]
    assert watch.texts == ("Left out of this issue.",)
    assert check(short, seed) == ()


@pytest.mark.parametrize("case", CASES)
def test_the_shortest_issue_denies_nothing(case: str, issue_of: IssueOf) -> None:
    """At sixty words a part cut for length says so, in both languages."""
    for language in ("en", "zh"):
        issue = issue_of(case, 60, "wire", language)
        assert check(issue, _report(case)) == ()


@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_edits_never_add(data: st.DataObject) -> None:
    """Whatever is dropped or moved: claims are a subset, sources resolve, words are the run's."""
    issue, report = _issue(CASE), _report(CASE)
    texts = {s.claim: s.text for s in issue.said}
    edits = Edits(dropped=tuple(data.draw(st.sets(st.sampled_from(sorted(texts))))))
    for claim in data.draw(st.lists(st.sampled_from(sorted(texts)), max_size=6)):
        edits = moved(edits, apply(issue, edits, report), claim, data.draw(st.integers(-3, 3)))
    made = apply(issue, edits, report)
    assert {s.claim: s.text for s in made.said} == {
        c: t for c, t in texts.items() if c not in edits.dropped
    }
    assert not [f for f in check(made, report) if f.where == "sources"]
