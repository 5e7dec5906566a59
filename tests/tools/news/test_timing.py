from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from causemap.records import Note
from causemap.tools.news.timing import Fall, begun

FIRST = datetime(2024, 3, 4, 21, tzinfo=UTC)
LEVELS = st.lists(st.floats(-1.0, 1.0), min_size=1, max_size=12)


def _fall(*levels: float) -> Fall:
    closes = tuple(FIRST + timedelta(days=n) for n in range(len(levels)))
    return Fall(closes, levels)


def test_what_is_done_grows_at_the_closes() -> None:
    """Between two closes nothing is known to have moved; before the window nothing was done."""
    fall = _fall(0.0, -0.1, -0.4)
    times = (timedelta(hours=h) for h in (-1, 1, 24, 47, 48))
    assert [round(fall.done(FIRST + t), 2) for t in times] == [0.0, 0.0, 0.25, 0.25, 1.0]


def test_the_low_ends_the_fall() -> None:
    """At the closing time of the low, and not a minute earlier, the fall is over."""
    fall = _fall(0.0, -0.1)
    assert fall.over(fall.closes[-1])
    assert not fall.over(fall.closes[-1] - timedelta(minutes=1))
    longer = _fall(0.0, -0.1, -0.2, -0.8)
    assert [longer.over(at) for at in longer.closes] == [False, False, False, True]


def test_two_closes_follow_an_event() -> None:
    """The day of the event and the next session count, later ones do not."""
    fall = _fall(0.0, -0.1, -0.2, -0.8)
    assert fall.follows(FIRST - timedelta(hours=2)) == pytest.approx(0.25)
    assert fall.follows(FIRST + timedelta(hours=30)) == pytest.approx(0.875)
    assert fall.follows(FIRST - timedelta(days=1)) == pytest.approx(0.25)
    assert fall.follows(FIRST - timedelta(days=1, minutes=1)) == 0.0


@given(LEVELS, st.integers(-50, 400))
def test_shares_stay_between_nothing_and_all(path: list[float], hours: int) -> None:
    """No path and no time gives a share outside zero to one."""
    fall = _fall(0.0, *path, min(0.0, *path) - 0.1)
    when = FIRST + timedelta(hours=hours)
    assert 0.0 <= fall.done(when) <= 1.0
    assert 0.0 <= fall.follows(when) <= 1.0


def test_a_note_known_by_its_date_begins_with_the_day() -> None:
    """What moved on that day may have followed it; a timed note begins at its minute."""
    note = Note("a", "2024-03-05", "date", "AP", "newswire", "text", None, "found", 0.9)
    assert begun(note) == datetime(2024, 3, 5, tzinfo=UTC)
    timed = Note("b", "2024-03-05T13:30Z", "minute", "AP", "newswire", "text", None, "found", 0.9)
    assert begun(timed) == datetime(2024, 3, 5, 13, 30, tzinfo=UTC)
