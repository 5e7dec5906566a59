from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from causemap.tools.measures import timeframe as tf
from causemap.tools.measures.volatility import VixMove

HOUR = pd.Timedelta(hours=1)
DAY0 = pd.Timestamp("2025-01-01")
VIX_CALM = VixMove(16.0, 17.0, 18.0, DAY0, 1.5, DAY0)
VIX_JUMP = VixMove(16.0, 30.0, 37.0, DAY0, 20.0, DAY0)


def hourly(values: list[float]) -> pd.Series[float]:
    """Hourly bars in UTC."""
    index = pd.date_range("2025-10-10", periods=len(values), freq="h", tz="UTC")
    return pd.Series(values, index=index)


def daily(values: list[float]) -> pd.Series[float]:
    """Daily bars."""
    return pd.Series(values, index=pd.date_range(DAY0, periods=len(values), freq="D"))


def flush_of(values: list[float], fall_bars: int, lows: list[float] | None = None) -> tf.Flush:
    """Flush of a fall over the first bars, all bars known."""
    bars = hourly(values)
    low = None if lows is None else hourly(lows)
    found = tf.measure_flush(bars, bars.index[0], bars.index[fall_bars], bars.index[-1], lows=low)
    assert found is not None
    return found


RISING = [100 + 0.2 * i for i in range(200)]
CRASHED = [*RISING, *np.linspace(138, 80, 30).tolist()]
DIPPED = [*RISING, 138.0, 136.0]


class TestState:
    """State on one timeframe."""

    def test_rising_days_are_an_uptrend_at_a_high(self) -> None:
        """Above a rising average."""
        bars = daily(RISING)
        found = tf.timeframe_state(bars, "1d", bars.index[-1])
        assert found is not None
        assert found.trend == "up"
        assert found.distance == pytest.approx(RISING[-1] / np.mean(RISING[-60:]) - 1)

    def test_distance_by_hand(self) -> None:
        """At 100 for 195 days, at 120 on one and at 90 for the last four.

        The average of 60 is (55 * 100 + 120 + 4 * 90) / 60 = 299 / 3; ten days ago it was 100.
        """
        bars = daily([100.0] * 195 + [120.0] + [90.0] * 4)
        found = tf.timeframe_state(bars, "1d", bars.index[-1])
        assert found is not None
        assert found.distance == pytest.approx(90 * 3 / 299 - 1)
        assert found.trend == "down"

    @pytest.mark.parametrize(
        ("last", "trend"),
        [
            ([90.0] * 20 + [130.0], "sideways"),  # above an average that falls
            ([110.0] * 20 + [70.0], "sideways"),  # below one that rises
            ([100.0] * 20, "sideways"),  # on a flat one
            ([110.0] * 20, "up"),
            ([90.0] * 20, "down"),
        ],
    )
    def test_a_trend_needs_the_side_and_the_slope(self, last: list[float], trend: str) -> None:
        """Price and average have to point the same way."""
        bars = daily([100.0] * 100 + last)
        found = tf.timeframe_state(bars, "1d", bars.index[-1])
        assert found is not None
        assert found.trend == trend

    @pytest.mark.parametrize("bars", [None, daily([1.0] * 69)])
    def test_missing_or_short_bars_give_none(self, bars: pd.Series[float] | None) -> None:
        """No state is made up for a timeframe without bars."""
        assert tf.timeframe_state(bars, "1d", DAY0 + pd.Timedelta(days=68)) is None

    def test_a_stale_series_gives_none(self) -> None:
        """Six days without a daily bar is a gap."""
        bars = daily(RISING)
        assert tf.timeframe_state(bars, "1d", bars.index[-1] + pd.Timedelta(days=6)) is None

    @given(st.lists(st.floats(1, 1e6), min_size=75, max_size=90), st.integers(70, 74))
    def test_later_bars_do_not_matter(self, values: list[float], position: int) -> None:
        """A state at a bar is the same with the future cut off."""
        bars = daily(values)
        at = bars.index[position]
        found = tf.timeframe_state(bars, "1d", at)
        assert found is not None
        assert found == tf.timeframe_state(bars.loc[:at], "1d", at)


class TestFlush:
    """Speed and retrace."""

    def test_fast_fall_with_retrace(self) -> None:
        """100 to 90, of which 8 within four hours; 5 of 10 won back."""
        found = flush_of([100, 99, 98, 96, 94, 92, 90, 93, 95], 6)
        assert found.fall == pytest.approx(-0.10)
        assert found.share == pytest.approx(0.8)
        assert found.retrace == pytest.approx(0.5)
        assert not found.settled

    def test_without_lows_the_bar_after_the_low_is_the_first_won_back(self) -> None:
        """A close of 90 after 100, then 96, then 91: six of ten; 24 hours on it is settled."""
        values = [100.0, 95.0, 90.0, 96.0, *[91.0] * 23]
        found = flush_of(values, 4)
        assert found.retrace == pytest.approx(0.6)
        assert found.settled
        assert not flush_of(values[:-1], 4).settled

    def test_lows_are_the_true_extreme(self) -> None:
        """A wick to 80 that closes at 95 is the low, and its own close is part of the retrace."""
        found = flush_of([100, 99, 95, 94, 93], 4, lows=[99, 98, 80, 93, 92])
        assert found.fall == pytest.approx(-0.20)
        assert found.share == pytest.approx(1.0)
        assert found.retrace == pytest.approx(0.75)

    def test_a_low_is_held_against_earlier_closes_only(self) -> None:
        """A dip to 90 that closes at 120 fell from 100; the later 120 to 99 is the deeper fall."""
        found = flush_of([100, 99, 120, 100, 100], 4, lows=[99, 98, 90, 99, 99.5])
        assert found.fall == pytest.approx(99 / 120 - 1)

    def test_one_bar_of_four_hours_gives_the_same_span_as_four_of_one(self) -> None:
        """Even falls of 1 an hour: four hours hold 4 of 24 on either bar length."""
        one = hourly([100.0 - i for i in range(25)])
        four = one.iloc[::4]
        for bars in (one, four):
            found = tf.measure_flush(bars, bars.index[0], bars.index[-1], bars.index[-1])
            assert found is not None
            assert found.share == pytest.approx(4 / 24)
            assert found.retrace is None

    def test_bars_after_as_of_are_not_read(self) -> None:
        """A rebound in the future cannot confirm a flush today."""
        bars = hourly([100, 95, 90, 99])
        early = tf.measure_flush(bars, bars.index[0], bars.index[3], bars.index[2])
        assert early is not None
        assert early.retrace is None

    def test_daily_bars_and_no_fall_give_none(self) -> None:
        """Speed within four hours cannot be read from daily bars, nor without a fall."""
        days = daily([100.0, 90.0, 80.0, 70.0])
        assert tf.measure_flush(days, days.index[0], days.index[-1], days.index[-1]) is None
        up = hourly([1.0, 2.0, 3.0, 4.0])
        assert tf.measure_flush(up, up.index[0], up.index[-1], up.index[-1]) is None
        assert tf.measure_flush(None, up.index[0], up.index[-1], up.index[-1]) is None

    def test_opening_labels_become_closing_times(self) -> None:
        """The 20:00 four-hour bar is known at midnight."""
        bars = hourly([1.0])
        assert tf.closed_at(bars, "4h").index[0] == bars.index[0] + 4 * HOUR

    @given(st.lists(st.floats(1, 1000), min_size=3, max_size=40))
    def test_share_is_a_share(self, values: list[float]) -> None:
        """The fastest four hours are part of the whole fall and more than none of it."""
        bars = hourly(values)
        found = tf.measure_flush(bars, bars.index[0], bars.index[-1], bars.index[-1])
        if found is not None:
            assert 0 < found.share <= 1 + 1e-9
            assert found.fall < 0


class TestTrendBreak:
    """Daily damage."""

    def test_a_crash_through_everything_is_broken(self) -> None:
        """Below both averages, falling, below the old low."""
        bars = daily(CRASHED)
        found = tf.measure_trend_break(bars, bars.index[199], bars.index[-1])
        assert found is not None
        assert found.broken
        assert found.failed == 4

    def test_a_dip_is_not(self) -> None:
        """A dip above the averages breaks nothing, and each test says so."""
        bars = daily(DIPPED)
        found = tf.measure_trend_break(bars, bars.index[199], bars.index[-1])
        assert found is not None
        assert (found.failed, len(found.figures)) == (0, 4)

    def test_short_history_is_none(self) -> None:
        """A 120-day average needs its days and ten more for the slope."""
        bars = daily(RISING[:130])
        assert tf.measure_trend_break(bars, bars.index[100], bars.index[-1]) is not None
        assert tf.measure_trend_break(bars[:129], bars.index[100], bars.index[-1]) is None
        assert tf.measure_trend_break(None, bars.index[100], bars.index[-1]) is None

    def test_the_four_distances_by_hand(self) -> None:
        """A fall from 100 to 90 on the last of 150 days: averages of 5990/60 and 11990/120."""
        bars = daily([100.0] * 149 + [90.0])
        found = tf.measure_trend_break(bars, bars.index[148], bars.index[-1])
        assert found is not None
        assert found.broken
        by_hand = [90 * 60 / 5990 - 1, 90 * 120 / 11990 - 1, 5990 / 6000 - 1, -0.1]
        assert found.figures == pytest.approx(by_hand)


class TestAnswerAndRegime:
    """The written rules."""

    fast = tf.Flush(-0.1, 0.8, DAY0, 0.5, settled=True)
    slow = tf.Flush(-0.1, 0.3, DAY0, 0.5, settled=True)
    fresh = tf.Flush(-0.1, 0.8, DAY0, 0.1, settled=False)
    stuck = tf.Flush(-0.1, 0.8, DAY0, 0.1, settled=True)
    broken = tf.TrendBreak((-0.1, -0.1))
    whole = tf.TrendBreak((-0.1, 0.1))

    @pytest.mark.parametrize(
        ("flush", "trend", "answer"),
        [
            (fast, whole, "flush"),
            (slow, whole, "neither"),
            (fast, broken, "trend_break"),
            (None, broken, "trend_break"),
            (fresh, whole, None),
            (stuck, whole, "neither"),
            (None, whole, None),
            (fast, None, None),
        ],
    )
    def test_flush_or_break(
        self, flush: tf.Flush | None, trend: tf.TrendBreak | None, answer: str | None
    ) -> None:
        """The written rule on every combination, open where a deciding timeframe is missing."""
        assert tf.flush_or_break(flush, trend).answer == answer

    @pytest.mark.parametrize(
        ("flush", "trend", "vix", "credit", "name"),
        [
            (fast, whole, VIX_JUMP, None, "liquidity_shock"),
            (fast, broken, None, None, "liquidity_shock"),
            (slow, broken, VIX_JUMP, 6.0, "liquidity_shock"),
            (slow, broken, VIX_JUMP, 1.0, "volatility_event"),
            (slow, broken, VIX_CALM, 1.0, "trend_break"),
            (slow, whole, VIX_CALM, 1.0, "none"),
            (None, None, None, None, "none"),
        ],
    )
    def test_regime(
        self,
        flush: tf.Flush | None,
        trend: tf.TrendBreak | None,
        vix: VixMove | None,
        credit: float | None,
        name: str,
    ) -> None:
        """Liquidity shock, then volatility event, then trend break, then none."""
        answer = tf.flush_or_break(flush, trend)
        assert tf.name_regime(answer, vix=vix, credit_z=credit) == name

    @pytest.mark.parametrize(
        ("credit", "ratio", "jump", "name"),
        [
            (5.0, None, 0.0, "liquidity_shock"),
            (4.9, None, 0.0, "none"),
            (None, 2.5, 0.0, "volatility_event"),
            (None, 2.4, 0.0, "none"),
            (None, None, 8.0, "volatility_event"),
            (None, None, 7.9, "none"),
        ],
    )
    def test_the_bounds_of_the_regimes(
        self, credit: float | None, ratio: float | None, jump: float, name: str
    ) -> None:
        """Credit z of 5, daily volatility 2.5 times its past, a VIX of 16 up by half of it."""
        vix = VIX_CALM._replace(jump=jump)
        answer = tf.flush_or_break(self.slow, self.whole)
        found = tf.name_regime(answer, vix=vix, daily_vol_ratio=ratio, credit_z=credit)
        assert found == name


class TestRealData:
    """Known windows in real prices."""

    def answer(self, shared_dir: Path, start: str, end: str, as_of: str) -> tf.FlushOrBreak:
        """Answer for bitcoin between two UTC times."""
        bars = pd.read_parquet(shared_dir / "data" / "crypto_1h.parquet")
        days = pd.read_parquet(shared_dir / "data" / "crypto_daily.parquet")
        closes, lows = (tf.closed_at(bars[name], "1h") for name in ("BTC_CLOSE", "BTC_LOW"))
        first, last, known = (pd.Timestamp(t, tz="UTC") for t in (start, end, as_of))
        flush = tf.measure_flush(closes, first, last, known, lows=lows)
        broken = tf.measure_trend_break(
            days["BTC"], pd.Timestamp(start[:10]), pd.Timestamp(end[:10])
        )
        return tf.flush_or_break(flush, broken)

    def test_10_october_2025_was_a_flush(self, shared_dir: Path) -> None:
        """Nearly three quarters of the fall in four hours, more than half of it won back."""
        found = self.answer(shared_dir, "2025-10-09", "2025-10-11", "2025-10-12 12:00")
        assert found.answer == "flush"
        assert found.flush is not None
        assert found.flush.share == pytest.approx(0.73, abs=0.01)
        assert tf.name_regime(found) == "liquidity_shock"

    def test_5_february_2026_was_a_trend_break(self, shared_dir: Path) -> None:
        """Below every average on a lower low, and too slow for a flush."""
        found = self.answer(shared_dir, "2026-01-29", "2026-02-06", "2026-02-07 12:00")
        assert found.answer == "trend_break"
        assert found.flush is not None
        assert found.flush.share < tf.MIN_FLUSH_SHARE
