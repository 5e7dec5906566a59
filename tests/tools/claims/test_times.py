from __future__ import annotations

import calendar
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from causemap.tools.claims.times import spans

TOLD = "2026-02-06"


def _days(text: str) -> list[tuple[str, str]]:
    return [(t.span.since, t.span.until) for t in spans(text, TOLD)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("From January 30 to February 2, 2026, gold", [("2026-01-30", "2026-02-02")]),
        ("(Jan 31–Feb 4, 2026)", [("2026-01-31", "2026-02-04")]),
        ("on Friday, 30 January", [("2026-01-30", "2026-01-30")]),
        ("on Tuesday", [("2026-02-03", "2026-02-03")]),
        ("in early February 2026", [("2026-02-01", "2026-02-10")]),
        ("from its late-2025 high", [("2025-09-01", "2025-12-31")]),
        ("in 2022", [("2022-01-01", "2022-12-31")]),
        ("a March increase may come", []),
        ("in November", [("2025-11-01", "2025-11-30")]),
        ("2026年1月30日", [("2026-01-30", "2026-01-30")]),
        ("1月30日至2月2日", [("2026-01-30", "2026-02-02")]),
        ("2026年初", [("2026-01-01", "2026-03-31")]),
        ("周二", [("2026-02-03", "2026-02-03")]),
        ("本周一同下跌", []),
        ("on 31 February", []),
        ("nothing here", []),
    ],
)
def test_times_are_resolved_against_publication(text: str, expected: list[tuple[str, str]]) -> None:
    """Days, months and years become days; what the calendar does not have becomes nothing."""
    assert _days(text) == expected


@given(day=st.dates(date(2005, 1, 1), date(2026, 2, 6)), form=st.sampled_from(range(4)))
def test_a_written_date_is_read_back(day: date, form: int) -> None:
    """A date with its year is read in each of its usual forms."""
    month = calendar.month_name[day.month]
    said = (
        f"on {month} {day.day}, {day.year}",
        f"on {day.day} {month} {day.year}",
        f"on {day.isoformat()}",
        f"在{day.year}年{day.month}月{day.day}日",
    )[form]
    assert (day.isoformat(), day.isoformat()) in _days(said)


@given(offset=st.integers(0, 360))
def test_a_date_without_a_year_is_never_far_ahead(offset: int) -> None:
    """A day named without a year is the last such day, at most a week after publication."""
    day = date.fromisoformat(TOLD) - timedelta(days=offset)
    for since, _ in _days(f"on {calendar.month_name[day.month]} {day.day}"):
        assert date.fromisoformat(since) <= date.fromisoformat(TOLD) + timedelta(days=7)


@given(st.text(max_size=200))
def test_any_text_gives_ordered_spans(text: str) -> None:
    """No text breaks the reader, and no span runs backwards."""
    for found in spans(text, TOLD):
        assert found.span.since <= found.span.until


@pytest.mark.parametrize(
    ("told", "text", "day"),
    [
        ("2026-02-06", "on February 29", "2024-02-29"),
        ("2024-02-25", "on February 29", "2024-02-29"),
        ("2024-02-20", "on February 29", "2020-02-29"),
        ("2026-02-06", "on February 13", "2026-02-13"),
        ("2026-02-06", "on February 14", "2025-02-14"),
    ],
)
def test_a_day_without_a_year_is_the_latest_that_was_not_far_ahead(
    told: str, text: str, day: str
) -> None:
    """The coming week's days are meant as such; 29 February is that of a leap year."""
    assert [t.span.since for t in spans(text, told)] == [day]
