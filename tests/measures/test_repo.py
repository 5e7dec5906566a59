"""SOFR over interest on reserves: the reading and its month ends."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from causemap.tools.measures.repo import Reserves, month_ends, repo_spread

DAYS = pd.bdate_range("2025-10-20", "2025-11-14")
START, END = pd.Timestamp("2025-10-27"), pd.Timestamp("2025-11-07")


def spread(**values: float) -> pd.Series:
    """Minus five everywhere but on the days named (``d1031``: 31 October)."""
    series = pd.Series(-5.0, index=DAYS)
    for name, value in values.items():
        series.loc[f"2025-{name[1:3]}-{name[3:]}"] = value
    return series


def above(value: float) -> dict[str, float]:
    """The same value on the last five days of the window."""
    return {f"d11{day:02d}": value for day in range(3, 8)}


@pytest.mark.parametrize(
    ("values", "reading"),
    [
        ({}, Reserves.AMPLE),
        ({"d1107": 0.0}, Reserves.AMPLE),
        ({"d1107": 0.1}, Reserves.UNSETTLED),
        (above(0.1), Reserves.LESS_AMPLE),
        ({**above(3.0), "d1105": 0.0}, Reserves.UNSETTLED),
        ({**above(3.0), "d1105": 10.0}, Reserves.STRESS),
        ({**above(3.0), "d1105": 9.9}, Reserves.LESS_AMPLE),
        ({"d1104": 12.0}, Reserves.STRESS),
        ({"d1031": 32.0}, Reserves.AMPLE),
        ({"d1027": 32.0}, Reserves.AMPLE),
        ({"d1110": 32.0}, Reserves.AMPLE),
    ],
)
def test_readings(values: dict[str, float], reading: Reserves) -> None:
    """Ample to zero, less ample above it for five days, stress from ten outside month ends."""
    found = repo_spread(spread(**values), START, END)
    assert found is not None
    assert found.reading == reading
    assert found.at == END


def test_the_peak_leaves_month_ends_out() -> None:
    """The highest other day and its date; none when only a month's end lies in the window."""
    found = repo_spread(spread(d1031=32.0, d1103=7.0), START, END)
    assert found is not None
    assert (found.peak_bp, found.peak_at) == (7.0, pd.Timestamp("2025-11-03"))
    only = repo_spread(spread(d1031=32.0), pd.Timestamp("2025-10-30"), pd.Timestamp("2025-10-31"))
    assert only is not None
    assert (only.peak_bp, only.peak_at, only.last_bp) == (None, None, 32.0)


def test_a_holiday_at_the_end_of_a_month() -> None:
    """The last value before it is the month's last; the newest value goes by the calendar."""
    days = pd.DatetimeIndex(["2024-03-27", "2024-03-28", "2024-04-01", "2024-04-30"])
    assert month_ends(days).tolist() == [False, True, False, True]
    assert month_ends(days[:2]).tolist() == [False, False]
    assert month_ends(days[:0]).empty


def test_nothing_in_the_window_is_nothing() -> None:
    """No value is no reading, not ample."""
    assert repo_spread(spread().loc[:"2025-10-27"], START, END) is None


@given(st.lists(st.floats(-50, 50), min_size=len(DAYS), max_size=len(DAYS)))
def test_later_values_change_nothing(values: list[float]) -> None:
    """What is read at the end of a window is the same whatever came after it."""
    whole = pd.Series(values, index=DAYS)
    assert repo_spread(whole, START, END) == repo_spread(whole.loc[:END], START, END)
