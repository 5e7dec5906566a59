from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from causemap.tools.measures import volatility as vol

positive = st.floats(0.01, 2.0)


def prices(returns: list[float], start: str = "2024-01-01") -> pd.Series[float]:
    """Business-day prices from log returns, from 100."""
    index = pd.bdate_range(start, periods=len(returns) + 1)
    return pd.Series(100 * np.exp(np.cumsum([0.0, *returns])), index=index)


def two_regimes(calm: float = 0.005, wild: float = 0.03, n_wild: int = 25) -> pd.Series[float]:
    """Alternating moves of one size, then of a larger one."""
    signs = [(-1.0) ** i for i in range(300 + n_wild)]
    return prices([s * (calm if i < 300 else wild) for i, s in enumerate(signs)])


class TestRealisedVol:
    """Volatility that was."""

    def test_alternating_moves_have_the_hand_computed_deviation(self) -> None:
        """Sixty moves of +-1 % have sample deviations 0.01 sqrt(20/19) and 0.01 sqrt(60/59)."""
        found = vol.governing_vol(prices([0.01, -0.01] * 30))
        assert list(found) == [pytest.approx(0.01 * np.sqrt(20 / 19) * np.sqrt(252))]

    def test_governing_volatility_is_the_larger_of_the_two_windows(self) -> None:
        """After a calm return the 60-session figure, still high, governs."""
        closes = prices([0.03, -0.03] * 30 + [0.001, -0.001] * 10)
        last = np.diff(np.log(closes))[-60:]
        assert vol.governing_vol(closes).iloc[-1] == pytest.approx(last.std(ddof=1) * np.sqrt(252))

    def test_governing_volatility_is_known_once_both_windows_are(self) -> None:
        """Its sessions are those of the longer window, each with the larger figure."""
        closes = prices([0.03, -0.02, 0.01] * 15 + [0.001, -0.004] * 20)
        moves = np.diff(np.log(closes))
        ends = range(60, len(moves) + 1)
        larger = [max(moves[e - w : e].std(ddof=1) for w in (20, 60)) for e in ends]
        found = vol.governing_vol(closes)
        assert list(found.index) == list(closes.index[60:])
        assert list(found) == pytest.approx([one * np.sqrt(252) for one in larger])

    def test_a_stale_series_has_no_value(self) -> None:
        """A value six days old is a gap, and one five days old is not."""
        series = pd.Series([1.0], index=pd.DatetimeIndex(["2026-05-01"]))
        assert vol.value_at(series, pd.Timestamp("2026-05-06")) == 1.0
        assert vol.value_at(series, pd.Timestamp("2026-05-07")) is None


class TestVolTarget:
    """Leverage and flow of volatility-target funds."""

    def test_leverage_is_target_over_sigma_up_to_the_cap(self) -> None:
        """10 % target: 0.5 at 20 % volatility, capped at 1.5 below 6.67 %."""
        assert vol.vol_target_leverage(0.20, 0.10, 1.5) == pytest.approx(0.5)
        assert vol.vol_target_leverage(0.05, 0.10, 1.5) == 1.5

    def test_non_positive_volatility_is_refused(self) -> None:
        """Zero volatility is an error, never infinite leverage."""
        with pytest.raises(ValueError, match="positive"):
            vol.vol_target_leverage(0.0, 0.10, 1.5)

    @given(positive, positive, positive, positive)
    def test_leverage_never_rises_with_volatility(
        self, low: float, high: float, target: float, cap: float
    ) -> None:
        """More volatility asks for less or equal leverage, more target for more or equal."""
        low, high = min(low, high), max(low, high)
        calm = vol.vol_target_leverage(low, target, cap)
        assert vol.vol_target_leverage(high, target, cap) <= calm <= cap
        assert vol.vol_target_leverage(low, 2 * target, cap) >= calm

    def test_flow_is_assets_times_the_change_of_leverage(self) -> None:
        """Every estimate equals assets (L1 - L0) and is negative."""
        closes = two_regimes()
        start, end = closes.index[300], closes.index[-1]
        found = vol.vol_target_flow(closes, start, end)
        assert found is not None
        sigma = vol.governing_vol(closes)
        for flow, case in zip(found, vol.FLOW_GRID, strict=True):
            before, after = (min(case.cap, case.target / sigma[at]) for at in (start, end))
            assert flow == pytest.approx(case.assets_usd_bn * (after - before))
            assert flow < 0

    def test_the_assumptions_give_hand_computed_sales(self) -> None:
        """From 2 to 20 % volatility leverage falls 1.5 to 0.25, 1.75 to 0.5 and 2 to 0.75."""
        flows = [vol._flow(case, 0.02, 0.20) for case in vol.FLOW_GRID]
        assert flows == pytest.approx([-375.0, -500.0, -625.0])

    def test_prices_that_never_moved_have_no_leverage(self) -> None:
        """Volatility of zero is not known volatility."""
        closes = prices([0.0] * 80)
        assert vol.vol_target_flow(closes, closes.index[70], closes.index[-1]) is None

    def test_too_little_history_is_a_gap(self) -> None:
        """Fewer than sixty returns give no flow and no trend signal."""
        closes = prices([0.01, -0.01] * 20)
        end = closes.index[-1]
        assert vol.vol_target_flow(closes, closes.index[-5], end) is None
        assert vol.trend_signal(closes, end) is None


class TestTrend:
    """Signal and flip levels of trend followers."""

    def test_rising_prices_score_one_and_falling_minus_one(self) -> None:
        """A price above all averages scores 1, below all of them -1."""
        rising = prices([0.004, 0.002] * 140)
        falling = prices([-0.004, -0.002] * 140)
        up = vol.trend_signal(rising, rising.index[-1])
        down = vol.trend_signal(falling, falling.index[-1])
        assert up is not None
        assert down is not None
        assert (up.score, down.score) == (1.0, -1.0)
        assert vol.windows_flipped(up, down) == (20, 60, 120, 250)
        assert vol.windows_flipped(down, up) == ()
        assert vol.windows_flipped(up, up) == ()

    @given(st.integers(0, 10_000), st.sampled_from([1.001, 0.999]))
    def test_the_flip_level_is_where_the_side_changes(self, seed: int, side: float) -> None:
        """A next close just beyond the flip level stands on that side of its own average."""
        returns = np.random.default_rng(seed).normal(0, 0.01, 300)
        closes = prices(list(returns))
        signal = vol.trend_signal(closes, closes.index[-1])
        assert signal is not None
        for flip in signal.flips:
            following = np.append(closes.to_numpy()[-(flip.window - 1) :], flip.level * side)
            assert (following[-1] > following.mean()) == (side > 1)

    def test_later_prices_do_not_change_the_signal(self) -> None:
        """The signal of a date is the same with the future cut off."""
        closes = two_regimes()
        at = closes.index[305]
        assert vol.trend_signal(closes, at) == vol.trend_signal(closes.loc[:at], at)


class TestFlowLag:
    """Order of implied volatility and modelled selling."""

    @pytest.mark.parametrize(
        ("ahead", "lag", "in_band"), [(0, 1, True), (2, 3, True), (3, 4, False), (4, 5, False)]
    )
    def test_an_earlier_rise_of_implied_volatility_gives_a_longer_lag(
        self, ahead: int, lag: int, in_band: bool
    ) -> None:
        """One session of execution is built in; implied volatility k sessions ahead adds k."""
        closes = two_regimes(n_wild=10)
        shock = 301
        vix = pd.Series(15.0, index=closes.index)
        vix.iloc[shock - ahead :] += 10.0
        found = vol.flow_lag(vix, closes, closes.index[shock - 6], closes.index[shock + 6])
        assert found is not None
        assert (found.sessions, found.in_band) == (lag, in_band)

    @pytest.mark.parametrize(("behind", "lag"), [(1, 0), (4, -3), (5, -3)])
    def test_selling_ahead_of_implied_volatility_has_a_negative_lag(
        self, behind: int, lag: int
    ) -> None:
        """Down to three sessions, beyond which nothing is searched."""
        closes = two_regimes(n_wild=10)
        vix = pd.Series(15.0, index=closes.index)
        vix.iloc[301 + behind :] += 10.0
        found = vol.flow_lag(vix, closes, closes.index[295], closes.index[301 + behind])
        assert found is not None
        assert (found.sessions, found.in_band) == (lag, False)

    def test_a_lag_needs_twelve_sessions(self) -> None:
        """Ten sessions before the start and two from it on are enough, one from it on is not."""
        closes = two_regimes(n_wild=10)
        vix = pd.Series(15.0, index=closes.index)
        vix.iloc[301:] += 10.0
        days = closes.index
        assert vol.flow_lag(vix, closes, days[303], days[303]) is None
        found = vol.flow_lag(vix, closes, days[302], days[303])
        assert found is not None
        assert found.sessions == 1

    def test_a_lag_beyond_five_sessions_is_not_searched(self) -> None:
        """Implied volatility six sessions ahead of the selling fits no lag that is searched."""
        closes = two_regimes(n_wild=10)
        vix = pd.Series(15.0, index=closes.index)
        vix.iloc[296] = 40.0
        found = vol.flow_lag(vix, closes, closes.index[296], closes.index[303])
        assert found is not None
        assert found.correlation == pytest.approx(0.0, abs=1e-12)

    def test_no_rise_no_lag(self) -> None:
        """A flat implied volatility has nothing to lag."""
        closes = two_regimes(n_wild=10)
        vix = pd.Series(15.0, index=closes.index)
        assert vol.flow_lag(vix, closes, closes.index[295], closes.index[-1]) is None


class TestVixMove:
    """Implied volatility over a window."""

    vix = pd.Series([15.0, 16.0, 30.0, 22.0, 23.0], index=pd.bdate_range("2026-02-02", periods=5))

    def test_start_maximum_and_jump(self) -> None:
        """Start, highest close and largest one-session rise carry their dates."""
        found = vol.vix_move(self.vix, self.vix.index[0], self.vix.index[-1])
        assert found is not None
        assert (found.start, found.end, found.maximum, found.jump) == (15.0, 23.0, 30.0, 14.0)
        assert found.maximum_date == found.jump_date == self.vix.index[2]

    def test_a_series_that_ended_is_a_gap(self) -> None:
        """A window beyond the last value is not measured on old values."""
        assert vol.vix_move(self.vix, self.vix.index[-1], pd.Timestamp("2026-03-02")) is None


def test_volatility_ratio_uses_stretches_that_do_not_overlap() -> None:
    """Moves six times as large give a ratio of six, up to the sample correction."""
    closes = prices([0.005, -0.005] * 150 + [0.03, -0.03] * 10)
    expected = 6 * np.sqrt((20 / 19) / (250 / 249))
    assert vol.vol_ratio(closes) == pytest.approx(expected)
    assert vol.vol_ratio(closes.iloc[:100]) is None


class TestRealData:
    """Known windows in real prices."""

    def test_volmageddon_and_the_anchor_window(self, shared_dir: Path) -> None:
        """February 2018 asks for large sales; 28 Jan - 5 Feb 2026 for next to none."""
        market = pd.read_parquet(shared_dir / "data" / "market_daily.parquet")
        stamp = pd.Timestamp
        short_vol = vol.vol_target_flow(market["SPX"], stamp("2018-01-26"), stamp("2018-02-08"))
        anchor = vol.vol_target_flow(market["SPX"], stamp("2026-01-28"), stamp("2026-02-05"))
        assert short_vol is not None
        assert anchor is not None
        assert all(flow < -140 for flow in short_vol)
        assert all(abs(flow) < 2 for flow in anchor)

    def test_the_vix_of_the_anchor_window(self, shared_dir: Path) -> None:
        """The index closed at 21.77 on 5 Feb 2026, its highest of the window."""
        market = pd.read_parquet(shared_dir / "data" / "market_daily.parquet")
        found = vol.vix_move(market["VIX"], pd.Timestamp("2026-01-28"), pd.Timestamp("2026-02-05"))
        assert found is not None
        assert (found.start, found.maximum) == pytest.approx((16.35, 21.77))
