from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from causemap.evals.folds import (
    Span,
    episode_spans,
    episodes,
    leave_one_episode_out,
    walk_forward,
)

_DAY = st.integers(0, 400).map(lambda n: date(2020, 1, 1) + timedelta(days=n))
_SPAN = st.tuples(_DAY, st.integers(1, 30)).map(
    lambda pair: Span(pair[0].isoformat(), (pair[0] + timedelta(days=pair[1])).isoformat())
)


def _overlap(one: Span, two: Span) -> bool:
    return one.start <= two.end and two.start <= one.end


@given(st.lists(_SPAN, max_size=12))
def test_windows_that_share_a_day_share_an_episode(spans: list[Span]) -> None:
    """No two overlapping windows are told apart, whatever their order in the file."""
    numbers = episodes(spans)
    for i, one in enumerate(spans):
        for j, two in enumerate(spans):
            if _overlap(one, two):
                assert numbers[i] == numbers[j]


@given(st.lists(_SPAN, min_size=1, max_size=12))
def test_an_episode_is_a_run_of_days_apart_from_all_others(spans: list[Span]) -> None:
    """Whole episodes do not overlap each other, so nothing is grouped without a chain of days."""
    whole = sorted(set(episode_spans(spans)))
    assert all(a.end < b.start for a, b in pairwise(whole))
    assert len(whole) == len(set(episodes(spans)))


@given(st.lists(_SPAN, min_size=1, max_size=12))
def test_every_window_is_answered_once_and_never_trained_on_itself(spans: list[Span]) -> None:
    """The folds cover all windows once, and no training window overlaps an answered one."""
    folds = list(leave_one_episode_out(spans))
    assert sorted(k for fold in folds for k in fold.test) == list(range(len(spans)))
    for fold in folds:
        assert sorted(fold.train + fold.test) == list(range(len(spans)))
        assert not any(_overlap(spans[i], spans[j]) for i in fold.train for j in fold.test)


def test_walking_forward_trains_on_the_past_only() -> None:
    """Every training window is over before the first answered one begins."""
    spans = [Span(f"2020-{m:02d}-01", f"2020-{m:02d}-09") for m in range(12, 0, -1)]
    folds = list(walk_forward(spans, least=3))
    assert len(folds) == 9
    for fold in folds:
        assert max(spans[k].end for k in fold.train) < min(spans[k].start for k in fold.test)


def test_windows_that_share_one_close_are_one_episode() -> None:
    """A window that begins on the close another ends with is not independent of it."""
    assert episodes([Span("2020-02-19", "2020-03-06"), Span("2020-03-06", "2020-03-20")]) == (0, 0)
