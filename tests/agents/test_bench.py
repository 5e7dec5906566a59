"""What every desk shares: the one rounding of the house, and the window of a series."""

from __future__ import annotations

import math
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from causemap.agents.bench import Bench
from causemap.records import Scope
from causemap.tools.market import Market, open_market
from causemap.tools.rounding import rounded


@pytest.mark.parametrize(
    ("value", "printed"),
    [(-25.850412, -25.8504), (123456.7, 123457.0), (0.000123456789, 0.000123457), (-0.0, 0.0)],
)
def test_six_significant_digits(value: float, printed: float) -> None:
    """Large and small figures keep six digits, and zero has no sign."""
    assert rounded(value) == printed
    assert math.copysign(1.0, rounded(0.0 * value)) == 1.0


@given(st.floats(-1e-10, 1e-10))
def test_what_cancelling_sums_leave_is_zero(value: float) -> None:
    """A remainder of 1e-15 differs between machines, so a dossier must not carry it."""
    assert rounded(value) == 0.0


@given(st.floats(1e-6, 1e9), st.sampled_from((-1, 1)))
def test_rounding_is_close_and_repeats(value: float, sign: int) -> None:
    """Rounding moves a figure by at most half of its sixth digit, and once."""
    found = rounded(sign * value)
    assert found == pytest.approx(sign * value, rel=5.1e-6)
    assert rounded(found) == found


@given(st.integers(0, 12), st.integers(0, 12), st.sets(st.integers(1, 28), max_size=9))
def test_inside_are_the_closes_after_the_start_and_up_to_the_end(
    before: int, length: int, days: set[int]
) -> None:
    """The start close is the base and no part of the window; the end close is; gaps are allowed."""
    start, end = pd.Timestamp(2024, 2, 1 + before), pd.Timestamp(2024, 2, 1 + before + length)
    scope = Scope(f"{start:%Y-%m-%d}", f"{end:%Y-%m-%d}", "2024-03-01T00:00Z", (), ("equity",), "")
    bench = Bench("macro", scope, Market(Path()).view(pd.Timestamp("2024-03-01", tz="UTC")))
    index = pd.DatetimeIndex([pd.Timestamp(2024, 2, day) for day in sorted(days)])
    series = pd.Series(range(len(index)), index=index, dtype=float)
    expected = [value for at, value in zip(index, series, strict=True) if start < at <= end]
    assert list(bench.inside(series)) == expected


def test_a_market_that_was_shut_has_not_stood_still(shared_dir: Path) -> None:
    """Over a weekend stocks and yields have a gap each; bitcoin has its move."""
    view = open_market(shared_dir / "data").view(pd.Timestamp("2026-02-03", tz="UTC"))
    scope = Scope("2026-01-30", "2026-02-01", "2026-02-03T00:00Z", ("BTC",), ("crypto",), "")
    bench = Bench("macro", scope, view)
    found = {name: bench.change(name, "context") for name in ("SPX", "UST10Y", "BTC")}
    assert {name for name, item in found.items() if item is not None} == {"BTC"}
    assert {gap.kind for gap in bench.gaps} == {"empty"}
    # One reason, whichever the series: views tell such gaps together.
    reasons = {gap.why.partition(": ")[2] for gap in bench.gaps}
    assert reasons == {"no value inside the window was out yet"}


def test_a_change_is_dated_to_its_last_observation(shared_dir: Path) -> None:
    """To a Sunday the S&P 500's change is Friday's, and known on Friday."""
    view = open_market(shared_dir / "data").view(pd.Timestamp("2026-02-03", tz="UTC"))
    scope = Scope("2026-01-29", "2026-02-01", "2026-02-03T00:00Z", ("BTC",), ("crypto",), "")
    item = Bench("technicals", scope, view).change("SPX", "context")
    assert item is not None
    assert item.observed_at == "2026-01-30"
    assert item.available_at.startswith("2026-01-30")
