from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from causemap.tools.measures import absorption
from causemap.tools.measures import correlation as corr
from causemap.tools.measures.stats import FloatArray

rho = st.floats(-0.999, 0.999)
size = st.floats(4.0, 500.0)
vector = hnp.arrays(np.float64, 12, elements=st.floats(-1e6, 1e6, allow_subnormal=False))


def pair(n: int, mix: float, seed: int = 0, scale: float = 1.0) -> corr.Pair:
    """Draw normal returns with population correlation ``mix``."""
    rng = np.random.default_rng(seed)
    x, noise = rng.normal(0, 0.01 * scale, n), rng.normal(0, 0.01 * scale, n)
    index = pd.bdate_range("2020-01-01", periods=n)
    y = mix * x + np.sqrt(1 - mix * mix) * noise
    return corr.Pair(pd.Series(x, index=index), pd.Series(y, index=index))


def joined(first: corr.Pair, second: corr.Pair) -> corr.Pair:
    """Put two stretches one after the other."""
    index = pd.bdate_range("2020-01-01", periods=len(first.first) + len(second.first))
    both = (np.concatenate([a, b]) for a, b in zip(first, second, strict=True))
    x, y = (pd.Series(values, index=index) for values in both)
    return corr.Pair(x, y)


@pytest.fixture(scope="module")
def spx_btc(shared_dir: Path) -> corr.Pair:
    """Daily returns of the index and of bitcoin at equity sessions."""
    market = pd.read_parquet(shared_dir / "data" / "market_daily.parquet")
    crypto = pd.read_parquet(shared_dir / "data" / "crypto_daily.parquet")
    return corr.paired_returns(market["SPX"], crypto["BTC"])


class TestPairedReturns:
    """Sessions of two calendars."""

    def test_weekend_crypto_moves_fall_into_the_next_session(self) -> None:
        """Friday to Monday is one crypto return, weekend included."""
        equity = pd.Series([100.0, 101.0], index=pd.DatetimeIndex(["2026-01-30", "2026-02-02"]))
        crypto = pd.Series([80.0, 60.0, 50.0, 40.0], index=pd.date_range("2026-01-30", periods=4))
        found = corr.paired_returns(equity, crypto)
        assert found.second.tolist() == pytest.approx([np.log(0.5)])

    def test_a_missing_price_is_not_filled(self) -> None:
        """One missing close removes the two returns that touch it."""
        index = pd.bdate_range("2026-01-05", periods=5)
        equity = pd.Series([1.0, 2.0, 3.0, 4.0, 5.0], index=index)
        other = equity.copy()
        other.iloc[2] = np.nan
        assert list(corr.paired_returns(equity, other).first.index) == [index[1], index[4]]


class TestPearson:
    """The plain correlation."""

    def test_hand_computed(self) -> None:
        """(1,2,3) with (1,3,2) correlate at one half."""
        assert corr.pearson(np.array([1.0, 2, 3]), np.array([1.0, 3, 2])) == pytest.approx(0.5)

    @given(vector, vector)
    def test_bounded_and_symmetric(self, x: FloatArray, y: FloatArray) -> None:
        """A correlation lies in [-1, 1], does not depend on the order, and is 1 with itself."""
        r = corr.pearson(x, y)
        assume(r is not None)
        assert r is not None
        assert -1 <= r <= 1
        assert corr.pearson(y, x) == pytest.approx(r, abs=1e-12)
        assert corr.pearson(x, x) == pytest.approx(1)

    def test_a_series_that_does_not_move_has_no_correlation(self) -> None:
        """A constant gives None, not zero."""
        assert corr.pearson(np.ones(5), np.arange(5.0)) is None

    def test_moves_too_small_to_square_correlate_too(self) -> None:
        """Whichever of the two is tiny, its square is never taken."""
        moves = np.array([1.0, -2.0, 4.0])
        for one, two in ((1e-170, 1.0), (1.0, 1e-170), (1e-170, 1e-170)):
            assert corr.pearson(one * moves, two * moves) == pytest.approx(1)


class TestFisher:
    """Interval, change test and effective size."""

    def test_textbook_interval(self) -> None:
        """A correlation of 0.5 on n = 28 has the 95 % interval 0.156 to 0.736."""
        found = corr.fisher_interval(0.5, 28)
        assert found is not None
        assert found == pytest.approx((0.1556, 0.7355), abs=5e-4)

    def test_textbook_change(self) -> None:
        """0.8 against 0.5 on 28 each: (1.0986 - 0.5493) / sqrt(2/25) = 1.942."""
        found = corr.fisher_change(0.8, 28, 0.5, 28)
        assert found == pytest.approx(1.942, abs=1e-3)

    @given(rho, size, rho, size)
    def test_antisymmetric(self, r1: float, n1: float, r2: float, n2: float) -> None:
        """Swapping the samples turns the sign."""
        one, two = corr.fisher_change(r1, n1, r2, n2), corr.fisher_change(r2, n2, r1, n1)
        assert one is not None
        assert two is not None
        assert one == pytest.approx(-two)

    def test_undefined_cases_are_none(self) -> None:
        """Three observations or a perfect correlation allow no test."""
        assert corr.fisher_change(0.5, 3, 0.5, 50) is None
        assert corr.fisher_change(1.0, 50, 0.5, 50) is None
        assert corr.fisher_interval(1.0, 50) is None

    def test_effective_n_by_hand(self) -> None:
        """With n = 100, autocorrelations of one half leaves 100 * 0.75 / 1.25 = 60."""
        assert corr.effective_n(100, 0.5, 0.5) == pytest.approx(60)
        assert corr.effective_n(100, 0.5, 0.0) == 100

    def test_serial_correlation_of_both_widens_the_interval(self) -> None:
        """Slow-moving returns count for fewer observations, and never for more than there are."""
        noisy = pair(200, 0.5)
        smooth = corr.Pair(*(s.rolling(5).mean().dropna() for s in noisy))
        at = noisy.first.index[-1]
        plain, slow = corr.correlation_at(noisy, at, 100), corr.correlation_at(smooth, at, 100)
        assert plain is not None
        assert slow is not None
        assert slow.effective_n < 60 < plain.effective_n <= 100


class TestForbesRigobon:
    """Correlation freed of variance."""

    def test_published_form_by_hand(self) -> None:
        """0.8 with variance up fivefold (delta 4): 0.8 / sqrt(1 + 4 * 0.36) = 0.5121."""
        assert corr.forbes_rigobon(0.8, 4) == pytest.approx(0.51215, abs=1e-5)

    @given(rho, st.floats(1e-6, 1e4))
    def test_shrinks_and_keeps_the_sign(self, r: float, delta: float) -> None:
        """A higher source variance always shrinks the figure, and never turns it."""
        adjusted = corr.forbes_rigobon(r, delta)
        assert abs(adjusted) <= abs(r)
        assert adjusted * r >= 0

    @given(rho)
    def test_identity_without_a_change_of_variance(self, r: float) -> None:
        """Delta zero changes nothing."""
        assert corr.forbes_rigobon(r, 0) == r

    def test_impossible_variance_is_refused(self) -> None:
        """A delta of -1 would be a variance of zero."""
        with pytest.raises(ValueError, match="delta"):
            corr.forbes_rigobon(0.5, -1)


class TestChangeAndCompression:
    """One date against its past."""

    def test_higher_variance_alone_is_not_contagion(self) -> None:
        """One linear link with a wilder source: raw r jumps, the adjusted one does not."""
        rng = np.random.default_rng(3)
        x = np.concatenate([rng.normal(0, 0.01, 250), rng.normal(0, 0.05, 60)])
        y = 0.6 * x + rng.normal(0, 0.01, 310)
        index = pd.bdate_range("2020-01-01", periods=310)
        link = corr.Pair(pd.Series(x, index=index), pd.Series(y, index=index))
        found = corr.correlation_change(link, index[-1], 60)
        assert found is not None
        assert found.z > corr.CHANGE_THRESHOLD
        sizes = found.recent.effective_n, found.before.effective_n
        purged = corr.fisher_change(found.adjusted, sizes[0], found.before.r, sizes[1])
        assert purged is not None
        assert abs(purged) < 2
        assert found.before.date == index[249]

    def test_a_calmer_source_is_not_adjusted_upwards(self) -> None:
        """With less variance than before, the adjusted figure is the plain one."""
        found = corr.correlation_change(
            joined(pair(250, 0.4, 1, scale=5), pair(20, 0.6, 2)), pd.Timestamp("2030-01-01"), 20
        )
        assert found is not None
        assert found.adjusted == found.recent.r

    def test_compression_needs_level_and_change(self) -> None:
        """Raised to 0.95 from 0.2 is flagged; always at 0.95 is not; 0.2 is not."""
        late = pd.Timestamp("2030-01-01")
        jump = joined(pair(250, 0.2, 1), pair(60, 0.95, 2))
        raised, longest = corr.compression(jump, late), corr.correlation_change(jump, late, 60)
        always = corr.compression(pair(310, 0.95, 3), late)
        low = corr.compression(pair(310, 0.2, 4), late)
        assert raised is not None
        assert longest is not None
        assert raised.z == longest.z
        assert always is not None
        assert low is not None
        assert (raised.flagged, always.flagged, low.flagged) == (True, False, False)
        assert raised.passing == (10, 20, 60)
        assert low.z is None

    def test_later_returns_do_not_matter(self) -> None:
        """Everything measured at a date is the same with the future cut off."""
        full = pair(400, 0.5)
        at = full.first.index[320]
        cut = corr.Pair(full.first.loc[:at], full.second.loc[:at])
        assert corr.compression(full, at) == corr.compression(cut, at)
        assert corr.correlation_change(full, at, 20) == corr.correlation_change(cut, at, 20)

    def test_too_short_is_none(self) -> None:
        """Fewer returns than the window give None."""
        short = pair(9, 0.5)
        assert corr.correlations_at(short, short.first.index[-1]) == ()
        assert corr.compression(short, short.first.index[-1]) is None

    def test_downside_counts_falls_of_the_first_only(self) -> None:
        """Perfectly linked on falls, inverse on rises: the downside figure is 1 on the falls."""
        index = pd.bdate_range("2026-01-01", periods=6)
        x = pd.Series([-1.0, 2.0, -3.0, 4.0, -5.0, 6.0], index=index)
        found = corr.downside_correlation(corr.Pair(x, x.where(x < 0, -x)), index[-1], 6)
        assert found is not None
        assert found.r == pytest.approx(1)
        assert found.n == 3


class TestHighest:
    """The highest correlation of a window's sessions."""

    @given(st.integers(0, 10_000), st.integers(0, 45), st.integers(0, 45))
    def test_is_the_highest_of_the_sessions_one_by_one(
        self, seed: int, one: int, other: int
    ) -> None:
        """Asking each session alone and taking the highest gives the same, ends included."""
        both = pair(40, 0.3, seed)
        days = pd.bdate_range("2020-01-01", periods=46) - pd.Timedelta(days=3)
        start, end = days[min(one, other)], days[max(one, other)]
        sessions = [d for d in both.first.index if start <= d <= end]
        alone = [f for d in sessions if (f := corr.correlation_at(both, d, 10)) is not None]
        expected = max(alone, key=lambda found: found.r, default=None)
        assert corr.highest_correlation(both, start, end, 10) == expected

    def test_of_equals_the_earliest_counts(self) -> None:
        """Two series that are one correlate fully on each session: the first is told."""
        same = pair(30, 1.0)
        found = corr.highest_correlation(same, same.first.index[15], same.first.index[29], 10)
        assert found is not None
        assert found.date == same.first.index[15]

    def test_what_does_not_move_has_none(self) -> None:
        """A series that stands still has no correlation on any session."""
        moving = pair(30, 0.5)
        still = corr.Pair(moving.first, moving.second * 0.0)
        assert (
            corr.highest_correlation(still, still.first.index[0], still.first.index[29], 10) is None
        )


class TestEwma:
    """The exponentially weighted stand-in."""

    def test_equal_weights_in_the_limit(self) -> None:
        """With decay 1 it is the zero-mean correlation."""
        both = pair(50, 0.5)
        x, y = both.first.to_numpy(), both.second.to_numpy()
        found = corr.ewma_correlation(both, both.first.index[-1], decay=1.0)
        assert found == pytest.approx(x @ y / np.sqrt((x @ x) * (y @ y)))

    def test_recent_returns_weigh_more(self) -> None:
        """A turn of the last thirty sessions dominates two hundred before."""
        turned = joined(pair(200, 0.9, 1), pair(30, -0.9, 2))
        found = corr.ewma_correlation(turned, pd.Timestamp("2030-01-01"))
        assert found is not None
        assert found < -0.3


class TestAbsorption:
    """Variance on few eigenvectors."""

    def panel(self, returns: npt.NDArray[np.float64]) -> pd.DataFrame:
        """Prices of the columns of daily log returns."""
        logs = np.cumsum(0.01 * np.vstack([np.zeros(returns.shape[1]), returns]), axis=0)
        return pd.DataFrame(np.exp(logs), index=pd.bdate_range("2020-01-01", periods=len(logs)))

    def ratio(self, returns: npt.NDArray[np.float64], window: int) -> float:
        """The absorption ratio of the last ``window`` rows."""
        prices = self.panel(returns)
        found = absorption.absorption_shift(
            prices, prices.index[-1], window=window, short=2, long=len(returns) + 1 - window
        )
        assert found is not None
        return found.ratio

    def test_one_common_factor_absorbs_everything(self) -> None:
        """Ten multiples of one series lie on one eigenvector."""
        rng = np.random.default_rng(0)
        common = np.outer(rng.normal(size=300), np.arange(1.0, 11))
        apart = rng.normal(size=(20, 10))
        assert self.ratio(np.vstack([apart, common]), 300) == pytest.approx(1)
        assert self.ratio(np.vstack([common, apart]), 20) < 0.9

    @given(st.integers(2, 15), st.integers(0, 1000))
    def test_bounded_by_the_share_of_vectors(self, assets: int, seed: int) -> None:
        """The first k of N eigenvectors hold at least k/N of the variance, at most all."""
        ratio = self.ratio(np.random.default_rng(seed).normal(size=(70, assets)), 60)
        assert absorption.eigenvector_count(assets) / assets - 1e-9 <= ratio <= 1

    def test_one_eigenvector_for_every_five_assets(self) -> None:
        """A fifth of them, rounded, and at least one (Kritzman et al. 2011)."""
        counts = {2: 1, 5: 1, 7: 1, 8: 2, 10: 2, 12: 2, 13: 3, 53: 11}
        assert {n: absorption.eigenvector_count(n) for n in counts} == counts

    def test_recent_sessions_weigh_more(self) -> None:
        """Common moves in the last 100 of 500 sessions count for more than in the first 100."""
        late = np.random.default_rng(2).normal(size=(510, 5))
        early = late.copy()
        late[-100:] = late[-100:, :1]
        early[10:110] = early[10:110, :1]
        assert self.ratio(late, 500) > self.ratio(early, 500) + 0.1

    def test_a_common_shock_shifts_it_up(self) -> None:
        """Assets that begin to move together raise the standardised shift above 1."""
        rng = np.random.default_rng(1)
        returns = rng.normal(0, 0.01, (800, 6))
        returns[-15:] = rng.normal(0, 0.04, (15, 1))
        prices = pd.DataFrame(
            np.exp(np.cumsum(returns, axis=0)), index=pd.bdate_range("2020-01-01", periods=800)
        )
        found = absorption.absorption_shift(prices, prices.index[-1])
        assert found is not None
        assert found.shift > 1
        assert found.assets == 6
        assert absorption.absorption_shift(prices.iloc[:700], prices.index[-1]) is None


class TestRealData:
    """The anchor window in real prices."""

    @pytest.mark.parametrize(
        ("date", "window", "low", "high"),
        [
            ("2026-01-28", 10, 0.77, 0.83),
            ("2026-01-29", 10, 0.77, 0.84),
            ("2026-01-30", 10, 0.77, 0.83),
            ("2026-02-04", 10, 0.20, 0.21),
            ("2026-02-05", 10, 0.58, 0.59),
            ("2026-02-05", 20, 0.55, 0.56),
            ("2026-02-05", 60, 0.50, 0.51),
        ],
    )
    def test_spx_btc_of_the_anchor_window(
        self, spx_btc: corr.Pair, date: str, window: int, low: float, high: float
    ) -> None:
        """The published figures come back at session dates."""
        found = corr.correlation_at(spx_btc, pd.Timestamp(date), window)
        assert found is not None
        assert low <= found.r <= high

    def test_the_anchor_window_is_not_compressed(self, spx_btc: corr.Pair) -> None:
        """Above 0.7 on ten sessions only: no flag, and no significant change on twenty."""
        at = pd.Timestamp("2026-01-30")
        flag = corr.compression(spx_btc, at)
        change = corr.correlation_change(spx_btc, at, 20)
        assert flag is not None
        assert change is not None
        assert flag.passing == (10,)
        assert not flag.flagged
        assert abs(change.z) < corr.CHANGE_THRESHOLD
