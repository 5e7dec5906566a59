from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from causemap.tools.measures import order
from causemap.tools.measures.order import Onset

DAY = pd.Timedelta(days=1)
T0 = pd.Timestamp("2026-01-28", tz="UTC")
hours = st.integers(0, 60)


def onset(name: str, lo: float, hi: float) -> Onset:
    """Onset between two hours of the first day."""
    return Onset(name, T0 + pd.Timedelta(hours=lo), T0 + pd.Timedelta(hours=hi))


def moves(values: list[float], start: pd.Timestamp = T0) -> pd.Series[float]:
    """Daily standardised moves from ``start``."""
    return pd.Series(values, index=pd.date_range(start, periods=len(values), freq="D"))


class TestCloseTimes:
    """Closing times in UTC."""

    def test_equity_close_follows_new_york_daylight_time(self) -> None:
        """16:00 in New York is 21:00 UTC in winter, 20:00 in summer; crypto closes at 24:00."""
        dates = pd.DatetimeIndex(["2026-01-30", "2026-07-30"])
        assert [t.hour for t in order.close_times(dates, "us_equity")] == [21, 20]
        assert order.close_times(dates, "crypto")[0] == pd.Timestamp("2026-01-31", tz="UTC")


class TestStandardisedMoves:
    """Moves in deviations known at the start."""

    def test_scale_is_frozen_at_the_start(self) -> None:
        """A crash after the start does not soften its own standardised size."""
        steps = np.tile([1.0, -1.0], 50)
        levels = pd.Series(100 + np.cumsum(steps), index=pd.date_range("2026-01-01", periods=100))
        levels.iloc[-1] = levels.iloc[-2] - 14.826
        found = order.standardised_moves(levels, levels.index[-2], log=False)
        assert found is not None
        assert found.iloc[-1] == pytest.approx((-14.826 - np.median(np.diff(levels[:-1]))) / 1.4826)

    def test_prices_below_zero_are_left_out_of_log_moves(self) -> None:
        """Oil once closed below zero: the move from the close before to the one after remains."""
        steps = 100 * np.exp(np.cumsum(np.tile([0.01, -0.02, 0.01], 40)))
        levels = pd.Series(steps, index=pd.date_range("2020-01-01", periods=120))
        levels.iloc[-2] = -37.0
        found = order.standardised_moves(levels, levels.index[-10])
        assert found is not None
        assert np.isfinite(found.to_numpy()).all()
        assert levels.index[-2] not in found.index

    def test_no_history_is_none(self) -> None:
        """Fewer than sixty earlier moves cannot give a scale."""
        assert order.standardised_moves(moves([1.0, 2.0, 3.0]), T0) is None


class TestFindOnset:
    """The start of a move as an interval."""

    def test_cusum_begins_where_its_run_began(self) -> None:
        """Moves 0, 2, 2, 2, 2 cross at the fourth 2; the run began, and was seen, at the first."""
        found = order.find_onset(
            "x", moves([0, 0, 2, 2, 2, 2]), T0, T0 + 5 * DAY, bar=DAY, side="up"
        )
        assert found == Onset("x", T0 + DAY, T0 + 2 * DAY)

    def test_slow_drift_is_seen_only_at_the_crossing(self) -> None:
        """Moves of 1.5 gain 1 a bar, cross 5 at the sixth bar, and none is large by itself."""
        found = order.find_onset("x", moves([0.0] + [1.5] * 8), T0, T0 + 9 * DAY, bar=DAY)
        assert found == Onset("x", T0, T0 + 6 * DAY)

    def test_falls_back_on_the_first_large_move(self) -> None:
        """A single 2.5 never reaches the limit, and is an onset all the same."""
        found = order.find_onset("x", moves([0, 0, -2.5, 0]), T0, T0 + 3 * DAY, bar=DAY)
        assert found == Onset("x", T0 + DAY, T0 + 2 * DAY)

    def test_side_ignores_the_other_direction(self) -> None:
        """A rise is no onset of a fall, and calm has none."""
        up = moves([0.0, 9.0, 0.0])
        assert order.find_onset("x", up, T0, T0 + 2 * DAY, bar=DAY, side="down") is None
        assert order.find_onset("x", moves([0, 1, -1]), T0, T0 + 2 * DAY, bar=DAY) is None

    def test_a_weekend_reaches_back_to_the_friday_close(self) -> None:
        """Equities that move on Monday may have begun any time since Friday."""
        dates = pd.DatetimeIndex(["2026-01-29", "2026-01-30", "2026-02-02"])
        closes = order.close_times(dates, "us_equity")
        series = pd.Series([0.0, 0.0, -8.0], index=closes)
        found = order.find_onset("SPX", series, closes[0], closes[2], bar=DAY, side="down")
        assert found == Onset("SPX", closes[1], closes[2])

    def test_earlier_moves_do_not_count(self) -> None:
        """Moves at or before the start leave the sum at zero."""
        series = moves([-4.9, -0.6, 0.0])
        assert order.find_onset("x", series, T0, T0 + 2 * DAY, bar=DAY, side="down") is None

    @given(
        st.lists(st.floats(-6, 6), min_size=2, max_size=25),
        st.lists(st.floats(-50, 50), max_size=10),
    )
    def test_a_cusum_onset_does_not_depend_on_later_data(
        self, seen: list[float], later: list[float]
    ) -> None:
        """What was found stays; more data never move, widen or withdraw it."""
        end = T0 + 60 * DAY
        before = order.find_onset("x", moves(seen), T0, end, bar=DAY)
        after = order.find_onset("x", moves(seen + later), T0, end, bar=DAY)
        inside = np.asarray(moves(seen).iloc[1:], dtype=np.float64)
        if order._first_run(order._signed(inside, "either")) is not None:
            assert after == before
        cut = order.find_onset("x", moves(seen + later), T0, moves(seen).index[-1], bar=DAY)
        assert cut == before


class TestNarrowed:
    """A coarse onset placed by finer bars."""

    def bars(self, values: list[float]) -> pd.Series[float]:
        """Four-hour moves closing from 04:00 on the first day."""
        first = T0 + pd.Timedelta(hours=4)
        return pd.Series(values, index=pd.date_range(first, periods=len(values), freq="4h"))

    def test_the_first_bar_that_stands_out_places_it(self) -> None:
        """Moves of -2.5 and -4 in one day: the second passes the limit and gives the interval."""
        found = order.narrowed(onset("x", 0, 24), self.bars([0, -2.5, -4, 0, 0, 0]), "down")
        assert (found.lo, found.hi) == (T0 + pd.Timedelta(hours=8), T0 + pd.Timedelta(hours=12))

    def test_the_other_direction_does_not_count(self) -> None:
        """A jump does not date a fall; without any bar the interval stays as it was."""
        whole = onset("x", 0, 24)
        assert order.narrowed(whole, self.bars([5, 0, 0, 0, 0, 0]), "down") == whole
        assert order.narrowed(whole, self.bars([]), "down") == whole

    @given(st.lists(st.floats(-9, 9), min_size=1, max_size=30), hours, hours)
    def test_never_leaves_the_coarse_interval(self, values: list[float], a: int, b: int) -> None:
        """Finer bars only narrow: they never find an onset outside."""
        whole = onset("x", min(a, b), max(a, b))
        found = order.narrowed(whole, self.bars(values))
        assert whole.lo <= found.lo <= found.hi <= whole.hi


def test_the_anchor_window_in_order(shared_dir: Path) -> None:
    """29 Jan software and bitcoin, 30 Jan gold, silver and semis, 5 Feb the index and VIX."""
    market = pd.read_parquet(shared_dir / "data" / "market_daily.parquet")
    crypto = pd.read_parquet(shared_dir / "data" / "crypto_daily.parquet")
    day = pd.Timestamp("2026-01-28")
    start = order.close_times(pd.DatetimeIndex([day]), "us_equity")[0]
    found: list[Onset] = []
    for name in ("BTC", "IGV", "SMH", "SPX", "GLD", "SLV", "VIX", "UST10Y"):
        frame = crypto if name == "BTC" else market
        series = order.standardised_moves(frame[name], day, log=name != "UST10Y")
        assert series is not None
        market_of: order.Market = "crypto" if name == "BTC" else "us_equity"
        series.index = order.close_times(pd.DatetimeIndex(series.index), market_of)
        side: order.Side = "up" if name in {"VIX", "UST10Y"} else "down"
        one = order.find_onset(name, series, start, start + 9 * DAY, bar=DAY, side=side)
        found.extend([one] if one else [])
    closed = {one.name: (one.hi - pd.Timedelta(minutes=1)).strftime("%d %b") for one in found}
    assert closed == {
        **dict.fromkeys(("BTC", "IGV"), "29 Jan"),
        **dict.fromkeys(("SMH", "GLD", "SLV"), "30 Jan"),
        **dict.fromkeys(("SPX", "VIX"), "05 Feb"),
    }
