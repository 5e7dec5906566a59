from __future__ import annotations

import math
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from causemap.tools.measures.crypto import (
    DAY,
    FOUR_HOURS,
    Tape,
    basis,
    cascade_speed,
    fall_progress,
    speed,
    weekend_share,
)
from causemap.tools.measures.funding import funding
from causemap.tools.measures.open_interest import (
    Quadrant,
    at_close,
    liquidations,
    onchain_liquidations,
    open_interest,
    quadrant,
    supply_change,
)

LATE = pd.Timestamp("2100-01-01", tz="UTC")


def at(text: str) -> pd.Timestamp:
    """A time in UTC."""
    return pd.Timestamp(text, tz="UTC")


def bars(values: list[float], first: str, hours: int = 4) -> pd.Series[float]:
    """A series on a regular grid of opening times."""
    return pd.Series(values, index=pd.date_range(at(first), periods=len(values), freq=f"{hours}h"))


# 100 at the start, down 10 to a low of 80 and back to 96 a day after the bar of the low.
CLOSES = [100.0, 98.0, 84.0, 90.0, 91.0, 92.0, 93.0, 94.0, 96.0, 97.0]
LOWS = [99.0, 97.0, 80.0, 85.0, 90.0, 91.0, 92.0, 93.0, 95.0, 96.0]


@pytest.fixture
def tape() -> Tape:
    """Ten four-hour bars; the first closes at 04:00 and is the start."""
    return Tape(bars(CLOSES, "2024-01-01 00:00"), bars(LOWS, "2024-01-01 00:00"))


class TestSpeed:
    """Concentration of a fall in time."""

    def test_hand_computed(self, tape: Tape) -> None:
        """Fall, deepest bar, share, worst close and retrace equal the figures worked by hand."""
        found = speed(tape, at("2024-01-01 04:00"), at("2024-01-02 16:00"), as_of=LATE)
        assert found is not None
        assert found.fall == pytest.approx(-0.20)
        assert found.low_at == found.worst_at == at("2024-01-01 08:00")
        assert found.deepest == pytest.approx(80 / 98 - 1)
        assert found.share == pytest.approx((1 - 80 / 98) / 0.20)
        assert found.worst == pytest.approx(math.log(84 / 98))
        assert found.retrace == pytest.approx((96 - 80) / (100 - 80))
        assert found.worst_z is None

    def test_bar_still_open_is_not_read(self, tape: Tape) -> None:
        """As of 11:59 the bar of the crash has not closed, so the fall is still 3 %."""
        found = speed(
            tape, at("2024-01-01 04:00"), at("2024-01-02 16:00"), as_of=at("2024-01-01 11:59")
        )
        assert found is not None
        assert found.fall == pytest.approx(-0.03)
        assert found.retrace is None

    def test_retrace_waits_for_its_bar(self, tape: Tape) -> None:
        """The close a day after the low is used only once that bar has closed."""
        ends = at("2024-01-01 04:00"), at("2024-01-02 08:00")
        early = speed(tape, *ends, as_of=at("2024-01-02 11:59"))
        late = speed(tape, *ends, as_of=at("2024-01-02 12:00"))
        assert early is not None
        assert late is not None
        assert early.retrace is None
        assert late.retrace == pytest.approx(0.8)

    def test_fall_after_a_rise_is_capped(self) -> None:
        """A drop larger than the fall from the start counts as all of it."""
        up = Tape(
            bars([100.0, 130.0, 99.0], "2024-01-01"), bars([100.0, 110.0, 95.0], "2024-01-01")
        )
        found = speed(up, at("2024-01-01 04:00"), at("2024-01-01 12:00"), as_of=LATE)
        assert found is not None
        assert found.share == 1.0

    def test_absent_bars_and_absent_fall(self, tape: Tape) -> None:
        """Outside the data, and on a rise, there is no speed."""
        up = Tape(bars([1.0, 2.0, 3.0], "2024-01-01"), bars([1.0, 1.5, 2.5], "2024-01-01"))
        assert speed(tape, at("2020-01-01"), at("2020-01-03"), as_of=LATE) is None
        assert speed(up, at("2024-01-01 04:00"), at("2024-01-01 12:00"), as_of=LATE) is None

    @pytest.mark.parametrize(("gaps", "measured"), [(1, True), (2, False)])
    def test_nine_bars_of_ten_are_enough(self, gaps: int, measured: bool) -> None:
        """A tape with a tenth of its bars missing is measured, with two tenths it is a gap."""
        series = bars([100.0 - k for k in range(10)], "2024-01-01")
        holed = series.drop(series.index[3 : 3 + gaps])
        times = pd.DatetimeIndex(series.index) + FOUR_HOURS
        found = speed(Tape(holed, holed), times[0], times[-1], as_of=LATE)
        assert (found is not None) is measured

    def test_no_fall_has_no_progress(self) -> None:
        """What rose throughout is not some way down."""
        series = bars([100.0, 101.0, 102.0], "2024-01-01")
        times = pd.DatetimeIndex(series.index) + FOUR_HOURS
        assert fall_progress(Tape(series, series), times[0], times[-1]) is None

    def test_hourly_bars_see_a_fall_spread_over_four_hours(self) -> None:
        """Four hourly drops of 5 from 100 are one fall of 20 within four hours."""
        closes = [100.0, 95.0, 90.0, 85.0, 80.0, 80.0]
        hourly = Tape(
            bars(closes, "2024-01-01", 1), bars(closes, "2024-01-01", 1), pd.Timedelta(hours=1)
        )
        found = speed(hourly, at("2024-01-01 01:00"), at("2024-01-01 06:00"), as_of=LATE)
        assert found is not None
        assert found.deepest == pytest.approx(-0.20)
        assert found.share == pytest.approx(1.0)
        assert found.worst == pytest.approx(math.log(0.8))

    def test_a_fall_in_the_first_bar_counts(self) -> None:
        """Twenty of twenty-one percent in the first four hours are nearly all of it."""
        series = bars([100.0, 80.0, 79.0, 79.0], "2024-01-01")
        times = pd.DatetimeIndex(series.index) + FOUR_HOURS
        found = speed(Tape(series, series), times[0], times[-1], as_of=LATE)
        assert found is not None
        assert (found.fall, found.deepest) == pytest.approx((-0.21, -0.20))
        assert found.share == pytest.approx(20 / 21)

    def test_fixed_span_ignores_what_came_before(self) -> None:
        """The 120 hours give one answer whether or not a crash came before them."""
        calm = [100.0] * 40 + [99.0, 97.0, 96.0]
        crash = [200.0, *calm[1:]]
        found = []
        for values in (calm, crash):
            series = bars(values, "2024-01-01")
            end = pd.DatetimeIndex(series.index)[-1] + FOUR_HOURS
            found.append(cascade_speed(Tape(series, series), end, as_of=LATE))
        assert found[0] is not None
        assert found[0].fall == pytest.approx(-0.04)
        assert found[0] == found[1]


class TestFunding:
    """Level, deepest print and flip of funding."""

    def test_a_flip_after_the_low_comes_with_all_of_the_fall_done(self, tape: Tape) -> None:
        """Shallow prints are listed, the flip is the first at -1 bp, after the fall was done."""
        start, end = at("2024-01-01 04:00"), at("2024-01-02 00:00")
        prints = bars([0.4e-4, -0.3e-4, -1.4e-4, -2e-4], "2024-01-01 00:00", 8)
        found = funding(prints, start, end, as_of=LATE, progress=fall_progress(tape, start, end))
        assert found is not None
        assert [p.at for p in found.negatives] == [
            at("2024-01-01 08:00"),
            at("2024-01-01 16:00"),
            at("2024-01-02 00:00"),
        ]
        assert [p.bp for p in found.negatives] == pytest.approx([-0.3, -1.4, -2.0])
        assert found.flip_at == at("2024-01-01 16:00")
        assert found.done_at_flip == 1.0
        assert found.before_bp == pytest.approx(0.4)
        assert found.deepest_z is None

    def test_an_early_flip_comes_with_little_of_the_fall_done(self, tape: Tape) -> None:
        """A clear flip after 15 % of the fall is placed there."""
        start, end = at("2024-01-01 04:00"), at("2024-01-02 00:00")
        prints = bars([1e-4, -3e-4], "2024-01-01 00:00", 8)
        found = funding(prints, start, end, as_of=LATE, progress=fall_progress(tape, start, end))
        assert found is not None
        assert found.done_at_flip == pytest.approx(3 / 20)

    def test_small_positive_prints_are_no_flip(self, tape: Tape) -> None:
        """Half a basis point is positive; without a flip no share of the fall is placed."""
        start, end = at("2024-01-01 04:00"), at("2024-01-02 00:00")
        prints = bars([1e-4, 0.5e-4, -0.2e-4], "2024-01-01 00:00", 8)
        found = funding(prints, start, end, as_of=LATE, progress=fall_progress(tape, start, end))
        assert found is not None
        assert [p.bp for p in found.negatives] == pytest.approx([-0.2])
        assert (found.flip_at, found.done_at_flip) == (None, None)

    def test_a_flip_before_any_bar_closed_comes_with_nothing_done(self, tape: Tape) -> None:
        """Funding that turned at the start itself led the fall."""
        start, end = at("2024-01-01 04:00"), at("2024-01-02 00:00")
        progress = fall_progress(tape, start, end)
        assert progress is not None
        prints = bars([-2e-4], "2024-01-01 04:00", 8)
        found = funding(prints, start, end, as_of=LATE, progress=progress.iloc[1:])
        assert found is not None
        assert found.done_at_flip == 0.0

    def test_prints_after_the_as_of_are_unknown(self) -> None:
        """Truncating the data and setting as_of give the same record."""
        prints = bars([0.5e-4, -1e-4, -4e-4], "2024-01-01 00:00", 8)
        stop = at("2024-01-01 08:00")
        start, end = at("2024-01-01 00:00"), at("2024-01-02 00:00")
        found = funding(prints, start, end, as_of=stop)
        assert found == funding(prints[prints.index <= stop], start, end, as_of=LATE)
        assert found is not None
        assert found.deepest.bp == pytest.approx(-1.0)

    def test_deepest_z_on_ninety_days(self) -> None:
        """The z of the deepest print uses the median and MAD of the 270 prints to the start."""
        values = np.random.default_rng(5).normal(1.0, 0.5, 400)
        values[-22:] += 2.0
        prints = bars([*(values * 1e-4), -9e-4], "2024-01-01", 8)
        start = pd.DatetimeIndex(prints.index)[-2]
        found = funding(prints, start, start, as_of=LATE)
        assert found is not None
        past, level = values[-270:], values[-22:].mean()
        mad = np.median(np.abs(past - np.median(past)))
        assert found.before_bp == pytest.approx(level)
        assert found.deepest_z == pytest.approx((-9 - np.median(past)) / (1.4826 * mad))

    def test_the_week_before_is_held_against_weeks_before_it(self) -> None:
        """The mean of 22 prints has the z of such means in the 90 days before it."""
        values = np.random.default_rng(7).normal(1.0, 0.5, 400)
        values[-22:] += 2.0
        prints = bars([*(values * 1e-4), -9e-4], "2024-01-01", 8)
        start = pd.DatetimeIndex(prints.index)[-2]
        found = funding(prints, start, start, as_of=LATE)
        assert found is not None
        past = values[-22 - 270 : -22]
        means = np.array([past[k : k + 22].mean() for k in range(len(past) - 21)])
        mad = np.median(np.abs(means - np.median(means)))
        said = (values[-22:].mean() - np.median(means)) / (1.4826 * mad)
        assert found.before_z == pytest.approx(said)
        # What came at the start or later moves neither the week nor what it is held against.
        later = prints.copy()
        later.iloc[-1] = 5e-4
        again = funding(later, start, start, as_of=LATE)
        assert again is not None
        assert (again.before_bp, again.before_z) == (found.before_bp, found.before_z)

    def test_a_short_record_gives_the_week_no_z(self) -> None:
        """Without 200 means of earlier weeks the level stands alone."""
        prints = bars([1e-4] * 100, "2024-01-01", 8)
        start = pd.DatetimeIndex(prints.index)[-2]
        found = funding(prints, start, start, as_of=LATE)
        assert found is not None
        assert found.before_bp == pytest.approx(1.0)
        assert found.before_z is None

    def test_progress_must_stop_at_the_as_of(self, tape: Tape) -> None:
        """A path that runs past the as-of time is refused, for its low is not known yet."""
        progress = fall_progress(tape, at("2024-01-01 04:00"), at("2024-01-02 00:00"))
        prints = bars([1e-4], "2024-01-01 08:00", 8)
        start, stop = at("2024-01-01 04:00"), at("2024-01-01 12:00")
        with pytest.raises(ValueError, match="as-of"):
            funding(prints, start, stop, as_of=stop, progress=progress)

    def test_no_print_no_record(self) -> None:
        """Without a print in the span there is no funding record."""
        prints = bars([1e-4], "2024-01-01", 8)
        assert funding(prints, at("2025-01-01"), at("2025-01-02"), as_of=LATE) is None


class TestOpenInterest:
    """Open interest in coins and its quadrant."""

    def test_dollars_fall_with_price_but_coins_rise(self) -> None:
        """OI down 10 % in dollars while price falls 20 % is 12.5 % more coins: new shorts."""
        oi, price = bars([100.0, 90.0], "2024-01-01", 24), bars([50.0, 40.0], "2024-01-01", 24)
        found = open_interest(oi, price, at("2024-01-01"), at("2024-01-02"))
        assert found is not None
        assert found.change == pytest.approx(0.125)
        assert found.worst_24h == pytest.approx(0.125)
        assert found.quadrant is Quadrant.NEW_SHORTS

    def test_stale_open_interest_is_a_gap(self) -> None:
        """A last figure two days old is not set against today's price."""
        oi, price = bars([100.0], "2024-01-01", 24), bars([50.0] * 4, "2024-01-01", 24)
        assert open_interest(oi, price, at("2024-01-01"), at("2024-01-03")) is None

    def test_a_figure_of_a_day_ago_is_stale(self) -> None:
        """It has to be under a day old: what was known 23 hours before still counts."""
        oi, price = bars([100.0], "2024-01-01", 24), bars([50.0], "2024-01-01", 24)
        assert open_interest(oi, price, at("2024-01-01"), at("2024-01-01 23:00")) is not None
        assert open_interest(oi, price, at("2024-01-01"), at("2024-01-02")) is None

    def test_the_worst_day_is_measured_from_a_figure_a_day_before(self) -> None:
        """A figure up to eight hours older will do; one twelve hours older is no daily change."""
        for age, worst in ((8, -0.5), (12, None)):
            opened = at("2024-01-02") - pd.Timedelta(hours=24 + age)
            index = pd.DatetimeIndex([opened, at("2024-01-01 20:00"), at("2024-01-02")])
            oi = pd.Series([200.0, 100.0, 100.0], index=index)
            price = pd.Series([50.0, 50.0, 50.0], index=index)
            found = open_interest(oi, price, at("2024-01-01 20:00"), at("2024-01-02"))
            assert found is not None
            assert found.worst_24h == worst

    @given(
        st.floats(-1, 1, allow_nan=False, allow_subnormal=False),
        st.floats(-1, 1, allow_nan=False, allow_subnormal=False),
    )
    def test_quadrant_is_total(self, price: float, coins: float) -> None:
        """Every finite pair has one quadrant, and both signs can be read back from it."""
        signs = {
            (-1, -1): Quadrant.LONG_LIQUIDATION,
            (-1, 1): Quadrant.NEW_SHORTS,
            (1, -1): Quadrant.SHORT_COVERING,
            (1, 1): Quadrant.NEW_LONGS,
        }
        key = (int(np.sign(price)), int(np.sign(coins)))
        assert quadrant(price, coins) is signs.get(key, Quadrant.UNCHANGED)

    def test_quadrant_refuses_a_missing_value(self) -> None:
        """A missing change is an error, not a quadrant."""
        with pytest.raises(ValueError, match="not finite"):
            quadrant(math.nan, -0.1)


class TestOnChain:
    """On-chain liquidations against their own past."""

    def test_rank_total_and_coverage(self) -> None:
        """Two bars of 5 and 6 rank second after an earlier pair of 20 and 1."""
        usd = bars([0.0, 20.0, 1.0, 0.0, 5.0, 6.0, 99.0], "2024-01-01 00:00")
        found = onchain_liquidations(usd, at("2024-01-01 16:00"), at("2024-01-02 00:00"))
        assert found is not None
        assert found.total_usd == 11.0
        # Earlier pairs: 20, 21, 1. Two of them are larger.
        assert (found.rank, found.n) == (3, 3)
        assert found.covered_to == at("2024-01-02 00:00")
        assert found.z is None

    def test_ended_series_is_a_gap(self) -> None:
        """A series that ended before the window has no total, not a total of zero."""
        usd = bars([1.0, 2.0], "2024-01-01")
        assert onchain_liquidations(usd, at("2024-02-01"), at("2024-02-03")) is None

    @given(st.integers(0, 2**32 - 1), st.integers(1, 12), st.floats(0, 1e9))
    def test_no_look_ahead(self, seed: int, length: int, shock: float) -> None:
        """Nothing after the end moves the record, and nothing inside it moves the baseline."""
        values = np.random.default_rng(seed).exponential(1e5, 300).tolist()
        usd = bars(values, "2024-01-01")
        opens = pd.DatetimeIndex(usd.index)
        start, end = opens[250], opens[250 + length]
        found = onchain_liquidations(usd, start, end)
        later = usd.copy()
        later[later.index >= end] = shock
        assert onchain_liquidations(later, start, end) == found
        assert onchain_liquidations(usd[usd.index < end], start, end) == found
        assert found is not None
        assert found.z is not None
        history = np.array(values[:250])
        sums = np.log1p(np.convolve(history, np.ones(length), "valid"))
        mad = np.median(np.abs(sums - np.median(sums)))
        expected = (np.log1p(found.total_usd) - np.median(sums)) / (1.4826 * mad)
        assert found.z == pytest.approx(expected, rel=1e-6)
        assert found.n == 250 - length + 1


class TestSmallMeasures:
    """Weekend, supply, basis, liquidations and dating."""

    def test_weekend_share(self) -> None:
        """Of a fall of 10 log points, 4 on Saturday, the weekend made 40 %."""
        days = bars([math.exp(x) for x in (0.0, -0.06, -0.10, -0.09)], "2024-01-04", 24)
        tape = Tape(days, days, DAY)
        found = weekend_share(tape, at("2024-01-05"), at("2024-01-08"))
        assert found == pytest.approx(0.4)

    def test_weekend_share_needs_a_fall(self) -> None:
        """A rising window has no share."""
        days = bars([1.0, 2.0, 3.0], "2024-01-04", 24)
        assert weekend_share(Tape(days, days, DAY), at("2024-01-05"), at("2024-01-07")) is None

    def test_supply_change(self) -> None:
        """Supply from 200 to 190 is -5 %; a value older than two days is a gap."""
        supply = bars([200.0, 190.0], "2024-01-01", 24)
        assert supply_change(supply, at("2024-01-01"), at("2024-01-02")) == pytest.approx(-0.05)
        assert supply_change(supply, at("2024-01-01"), at("2024-01-03 23:00")) is not None
        assert supply_change(supply, at("2024-01-01"), at("2024-01-04")) is None

    def test_basis(self) -> None:
        """A perpetual at 99.8 against spot 100 trades 20 bp under; one common time is no basis."""
        spot = bars([100.0, 100.0, 100.0], "2024-01-01", 24)
        perp = bars([100.1, 99.8, 100.05], "2024-01-01", 24)
        found = basis(perp, spot, at("2024-01-01"), at("2024-01-03"))
        assert found is not None
        assert found.deepest_bp == pytest.approx(-20.0)
        assert (found.deepest_at, found.n) == (at("2024-01-02"), 3)
        assert basis(perp[:1], spot, at("2024-01-01"), at("2024-01-03")) is None

    def test_liquidations(self) -> None:
        """Longs of 80 in 100 are 80 %; without prints, or open interest, nothing is made up."""
        prints = pd.DataFrame(
            {"long_usd": [30.0, 50.0], "short_usd": [15.0, 5.0]},
            index=pd.date_range(at("2024-01-01 12:00"), periods=2, freq="h"),
        )
        found = liquidations(prints, at("2024-01-01"), at("2024-01-02"), 2000.0)
        assert found is not None
        assert found == (100.0, 0.8, 0.05)
        bare = liquidations(prints, at("2024-01-01"), at("2024-01-02"), None)
        assert bare is not None
        assert bare.share_of_oi is None
        assert liquidations(None, at("2024-01-01"), at("2024-01-02"), 2000.0) is None
        assert liquidations(prints, at("2024-02-01"), at("2024-02-02"), 2000.0) is None
        # A print at the start belongs to what came before, one at the end to the window.
        inside = liquidations(prints, at("2024-01-01 12:00"), at("2024-01-01 13:00"), None)
        assert inside is not None
        assert inside.total_usd == 55.0

    def test_at_close(self) -> None:
        """A daily value dated the 1st is known at the end of the 1st."""
        daily = pd.Series([1.0], index=pd.DatetimeIndex(["2024-01-01"]))
        assert at_close(daily).index[0] == at("2024-01-02")


class Real(NamedTuple):
    """Real tapes and the labelled windows that carry crypto reference figures."""

    tape: Tape
    four_hours: pd.DataFrame
    hourly: pd.DataFrame
    daily: pd.DataFrame
    events: list[dict[str, Any]]


@pytest.fixture(scope="module")
def real(shared_dir: Path) -> Real:
    """Real bars and labelled windows, where they are at hand."""
    four = pd.read_parquet(shared_dir / "data" / "crypto_4h.parquet")
    hourly = pd.read_parquet(shared_dir / "data" / "crypto_1h.parquet")
    daily = pd.read_parquet(shared_dir / "data" / "crypto_daily.parquet")
    events = yaml.safe_load((shared_dir / "events" / "train.yaml").read_text(encoding="utf-8"))
    tape = Tape(four["BTC_CLOSE"], four["BTC_LOW"])
    return Real(tape, four, hourly, daily, events["events"])


class Ends(NamedTuple):
    """Start close and trough close of a labelled window."""

    start: pd.Timestamp
    trough: pd.Timestamp


def ends(event: dict[str, Any]) -> Ends:
    """The two closes, at the end of their UTC days."""
    window = event["window"]
    return Ends(at(window["start_close_utc"]) + DAY, at(window["trough_close_utc"]) + DAY)


def having(real: Real, key: str) -> list[dict[str, Any]]:
    """The labelled windows that carry a reference figure."""
    return [event for event in real.events if key in event["reference_measures"]]


class TestReferenceFigures:
    """The catalogue measured on the window itself plus a day, not on the fixed 120 hours."""

    @pytest.mark.parametrize(
        ("key", "field", "factor", "tolerance"),
        [
            ("btc_perp_low_pct", "fall", 100, 0.051),
            ("btc_worst4h_pct", "worst", 100, 0.051),
            ("btc_worst4h_z", "worst_z", 1, 0.051),
            ("btc_speed_share_4h", "share", 1, 0.0051),
            ("btc_retrace24h", "retrace", 1, 0.0051),
        ],
    )
    def test_speed(self, real: Real, key: str, field: str, factor: int, tolerance: float) -> None:
        """Speed on every window that has a reference figure equals it to its rounding."""
        wrong = {}
        events = having(real, key)
        for event in events:
            start, trough = ends(event)
            found = speed(real.tape, start, trough + DAY, as_of=LATE)
            value = math.nan if found is None else getattr(found, field) * factor
            if not abs(value - event["reference_measures"][key]) <= tolerance:
                wrong[event["id"]] = (value, event["reference_measures"][key])
        assert len(events) == 46
        assert wrong == {}

    @pytest.mark.parametrize(
        ("key", "after"), [("btc_funding_before_bp8h", 24), ("btc_funding_min_bp8h", 32)]
    )
    def test_funding(self, real: Real, key: str, after: int) -> None:
        """The seven-day level agrees, and the lowest print once the one at +24 h is let in."""
        wrong = {}
        events = having(real, key)
        for event in events:
            start, trough = ends(event)
            hours = pd.Timedelta(hours=after)
            prints = real.four_hours["BTC_FUNDING_8H"]
            found = funding(prints, start, trough, as_of=LATE, after=hours)
            assert found is not None
            value = found.before_bp if "before" in key else found.deepest.bp
            assert value is not None
            if abs(value - event["reference_measures"][key]) > 0.0051:
                wrong[event["id"]] = (value, event["reference_measures"][key])
        assert len(events) == 33
        assert wrong == {}

    def test_onchain(self, real: Real) -> None:
        """Aave totals agree when two days after the trough are counted in."""
        wrong = {}
        events = having(real, "aave_wbtc_liq_usd_mn")
        for event in events:
            start, trough = ends(event)
            found = onchain_liquidations(
                real.four_hours["AAVE_WBTC_LIQ_USD"], start, trough + 2 * DAY
            )
            assert found is not None
            expected = event["reference_measures"]["aave_wbtc_liq_usd_mn"]
            if abs(found.total_usd / 1e6 - expected) > 0.051:
                wrong[event["id"]] = (found.total_usd / 1e6, expected)
        assert len(events) == 31
        assert wrong == {}

    def test_open_interest_references_are_session_stale(self, real: Real) -> None:
        """All 28 coin references come from weekday-only OI against a later daily spot price."""
        oi, spot = real.daily["BTC_OI_COINM_USD"].dropna(), real.daily["BTC"]
        weekdays = oi[pd.DatetimeIndex(oi.index).day_of_week < 5]
        wrong = {}
        events = having(real, "btc_coinm_oi_coins_pct")
        for event in events:
            first, last = (stamp.tz_localize(None) - DAY for stamp in ends(event))
            held = [weekdays[weekdays.index <= day].iloc[-1] for day in (first, last + DAY)]
            coins = held[1] / held[0] * spot[first] / spot[last + DAY]
            expected = event["reference_measures"]["btc_coinm_oi_coins_pct"]
            if abs(100 * (coins - 1) - expected) > 0.051:
                wrong[event["id"]] = (100 * (coins - 1), expected)
        assert len(events) == 28
        assert wrong == {}

    def test_same_day_open_interest_shows_december_2021(self, real: Real) -> None:
        """Dated on the same day, coin OI fell by a quarter on 4 December 2021, not +19 %."""
        found = open_interest(
            at_close(real.daily["BTC_OI_COINM_USD"]),
            at_close(real.daily["BTC"]),
            at("2021-12-03"),
            at("2021-12-05"),
        )
        assert found is not None
        assert found.change == pytest.approx(-0.26, abs=0.01)
        assert found.worst_24h == pytest.approx(-0.33, abs=0.01)
        assert found.quadrant is Quadrant.LONG_LIQUIDATION


class TestFebruary2026:
    """The week to 5 February 2026 on real data."""

    START, TROUGH = at("2026-01-30"), at("2026-02-06")

    def test_funding_flip_came_after_the_low(self, real: Real) -> None:
        """Shallow prints of 1 and 2 February are listed; the flip is six hours after the low."""
        progress = fall_progress(real.tape, self.START, self.TROUGH + DAY)
        found = funding(
            real.four_hours["BTC_FUNDING_8H"],
            self.START,
            self.TROUGH,
            as_of=LATE,
            progress=progress,
        )
        assert found is not None
        assert found.deepest.bp == pytest.approx(-1.37, abs=0.01)
        assert found.flip_at == found.deepest.at == at("2026-02-06 08:00")
        low = at("2026-02-06 04:00")
        assert progress is not None
        assert progress[:low].iloc[-2] < progress[low] == 1.0
        assert found.done_at_flip == 1.0
        shallow = {p.at: round(p.bp, 1) for p in found.negatives if p.at < low}
        assert shallow[at("2026-02-02 08:00")] == -0.3
        assert shallow[at("2026-02-01 00:00")] == -0.3
        assert min(shallow.values()) == -0.6

    def test_two_legs_differ_in_speed(self, real: Real) -> None:
        """Over 120 hours the 31 January leg is fast and the 5 February leg is not."""
        january = cascade_speed(real.tape, at("2026-02-01"), as_of=LATE)
        february = cascade_speed(real.tape, self.TROUGH, as_of=LATE)
        assert january is not None
        assert february is not None
        assert january.share > february.share
        assert february.share < 0.45

    def test_hourly_bars_agree(self, real: Real) -> None:
        """On hourly bars the January leg made half of its fall in four hours, February did not."""
        hour = pd.Timedelta(hours=1)
        tape = Tape(real.hourly["BTC_CLOSE"], real.hourly["BTC_LOW"], hour)
        january = cascade_speed(tape, at("2026-02-01"), as_of=LATE)
        february = cascade_speed(tape, self.TROUGH, as_of=LATE)
        assert january is not None
        assert february is not None
        assert january.share >= 0.5
        assert february.share < 0.45

    def test_onchain_window_is_among_the_largest(self, real: Real) -> None:
        """No earlier week saw larger Aave liquidations, and the series ends with the window."""
        found = onchain_liquidations(real.four_hours["AAVE_WBTC_LIQ_USD"], self.START, self.TROUGH)
        assert found is not None
        assert found.total_usd == pytest.approx(130.4e6, rel=0.01)
        assert found.rank == 1
        assert found.covered_to == self.TROUGH

    def test_as_of_equals_truncation(self, real: Real) -> None:
        """Removing everything after the as-of time gives the same speed and funding."""
        stop = at("2026-02-03 10:00")
        closed = pd.DatetimeIndex(real.tape.close.index) + FOUR_HOURS <= stop
        cut = Tape(real.tape.close[closed], real.tape.low[closed])
        assert speed(cut, self.START, stop, as_of=LATE) == speed(
            real.tape, self.START, self.TROUGH, as_of=stop
        )
