from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from causemap.attribution.fingerprints import MEASURED
from causemap.tools.market import open_market
from causemap.tools.publication import known_from
from causemap.tools.registry import REGISTRY


@pytest.mark.parametrize(
    ("day", "known"),
    [
        ("2026-01-15", "2026-01-16"),
        # Friday before Martin Luther King's day: nothing is published on that Monday.
        ("2026-01-16", "2026-01-20"),
        ("2025-11-26", "2025-11-28"),
        # New Year's Day and the weekend behind it, over the turn of the year.
        ("2026-12-31", "2027-01-04"),
        # A Saturday's value is filed on Monday.
        ("2026-03-07", "2026-03-10"),
    ],
)
def test_what_comes_a_business_day_late_waits_for_weekends_and_holidays(
    day: str, known: str
) -> None:
    """A lag of one business day ends on the next day the Federal Reserve is open."""
    assert known_from(date.fromisoformat(day), 1, 15.0) == datetime.fromisoformat(f"{known}T15:00Z")


@given(st.dates(date(1990, 1, 1), date(2040, 1, 1)), st.integers(0, 3), st.floats(0.0, 30.0))
def test_nothing_is_known_before_its_lag(day: date, late: int, hours: float) -> None:
    """Holidays only ever make a value later, and a longer lag never makes it earlier."""
    known = known_from(day, late, hours)
    assert known >= datetime.combine(day, datetime.min.time(), UTC) + timedelta(
        days=late, hours=hours
    )
    assert known_from(day, late + 1, hours) > known
    assert known_from(day + timedelta(days=1), late, hours) >= known


def test_the_spot_price_of_oil_waits_for_its_publication_where_the_fund_does_not(
    tmp_path: Path,
) -> None:
    """On the evening of a day its fund's close is known, the spot price of a week before."""
    days = pd.bdate_range("2026-02-02", "2026-02-27", name="date")
    levels = pd.DataFrame({"WTI": 60.0, "BRENT": 65.0, "USO": 70.0}, index=days)
    levels.to_parquet(tmp_path / "market_daily.parquet")
    view = open_market(tmp_path).view(datetime(2026, 2, 26, 23, 0, tzinfo=UTC))
    assert view.daily("USO").index[-1] == pd.Timestamp("2026-02-26")
    for spot in ("WTI", "BRENT"):
        # Six business days, Presidents' Day on the 16th not among them.
        assert view.daily(spot).index[-1] == pd.Timestamp("2026-02-18")


def test_no_verdict_waits_for_a_series_that_comes_late() -> None:
    """What speaks for a cause is known by the next business day: at the low it is not stale."""
    late = {
        row.key
        for row in MEASURED
        if (found := REGISTRY.get(row.key.partition(".")[0].upper())) and found.business_days > 1
    }
    assert not late
