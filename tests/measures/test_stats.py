from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from causemap.tools.measures.stats import (
    Kind,
    aligned,
    beta_residual,
    covers,
    percent,
    robust_z,
    rows_until,
    split,
    window_change,
    window_rows,
)

DAYS = pd.bdate_range("2020-01-01", periods=400)
START, END = DAYS[350], DAYS[360]


def walk(seed: int) -> pd.Series[float]:
    """A lognormal walk on the business days of DAYS."""
    steps = np.random.default_rng(seed).normal(0.0, 0.01, len(DAYS))
    return pd.Series(100.0 * np.exp(np.cumsum(steps)), index=DAYS)


class TestWindowChange:
    """Changes between two bounds."""

    def test_each_kind_has_its_hand_computed_value(self) -> None:
        """From 100 to 80: log -0.2231, simple -0.2, difference -20."""
        series = pd.Series([100.0, 90.0, 80.0], index=DAYS[:3])
        found = [window_change(series, DAYS[0], DAYS[2], kind) for kind in Kind]
        assert found == pytest.approx([np.log(0.8), -0.2, -20.0])

    def test_bounds_between_sessions_take_the_last_value_before(self) -> None:
        """A weekend bound reads Friday; a missing value is skipped."""
        series = pd.Series(
            [1.0, np.nan, 3.0],
            index=pd.to_datetime(["2024-01-04", "2024-01-05", "2024-01-08"]),
        )
        found = window_change(
            series, pd.Timestamp("2024-01-06"), pd.Timestamp("2024-01-09"), Kind.DIFF
        )
        assert found == 2.0

    def test_no_observation_before_the_start_is_none(self) -> None:
        """A window older than the series has no change."""
        early = DAYS[0] - pd.Timedelta(days=9)
        assert window_change(walk(0), early, DAYS[3], Kind.LOG) is None

    def test_what_is_not_out_yet_has_not_stood_still(self) -> None:
        """Without an observation after the start there is no change, not one of zero."""
        series = walk(0)[: DAYS[5]]
        assert window_change(series, DAYS[5], DAYS[8], Kind.LOG) is None
        assert robust_z(series, DAYS[5], DAYS[8], Kind.LOG) is None
        assert window_change(series, DAYS[4], DAYS[8], Kind.LOG) is not None

    def test_a_negative_price_has_no_log_change(self) -> None:
        """WTI closed below zero in April 2020: a log change is absent, a difference is not."""
        series = pd.Series([18.27, -37.63], index=DAYS[:2])
        assert window_change(series, DAYS[0], DAYS[1], Kind.LOG) is None
        assert window_change(series, DAYS[0], DAYS[1], Kind.DIFF) == pytest.approx(-55.9)


class TestRobustZ:
    """Robust z: value, absences, invariance and no look-ahead."""

    def test_hand_computed_value(self) -> None:
        """Steps of 1, 2 and 3 have median 2 and MAD 1, so a step of 10 scores 8/1.4826."""
        steps = [1.0, 2.0, 3.0] * 100
        series = pd.Series(np.cumsum([*steps, 10.0]), index=DAYS[:301])
        found = robust_z(series, DAYS[299], DAYS[300], Kind.DIFF)
        assert found is not None
        assert found.z == pytest.approx(8.0 / 1.4826)
        assert (found.value, found.n) == (10.0, 299)

    def test_too_short_a_baseline_is_none(self) -> None:
        """199 trailing changes are refused, 200 are enough."""
        series = walk(1)
        assert robust_z(series, DAYS[199], DAYS[200], Kind.LOG) is None
        found = robust_z(series, DAYS[200], DAYS[201], Kind.LOG)
        assert found is not None
        assert found.n == 200

    def test_a_flat_baseline_is_none(self) -> None:
        """With a MAD of zero there is no scale to divide by."""
        series = pd.Series([1.0] * 300 + [2.0], index=DAYS[:301])
        assert robust_z(series, DAYS[299], DAYS[300], Kind.DIFF) is None

    def test_window_limits_the_baseline_to_the_latest_changes(self) -> None:
        """A wild past outside the trailing window leaves z as it is."""
        calm = walk(2)
        wild = calm.copy()
        wild.iloc[:50] *= 7.0
        found = [robust_z(s, START, END, Kind.LOG, window=250) for s in (calm, wild)]
        assert found[0] == found[1]

    @settings(deadline=None)
    @given(seed=st.integers(0, 10_000), factor=st.floats(1e-3, 1e3))
    def test_z_does_not_depend_on_the_unit(self, seed: int, factor: float) -> None:
        """Rescaling a series, percent to basis points say, leaves z unchanged."""
        series = walk(seed)
        for kind in Kind:
            plain = robust_z(series, START, END, kind)
            scaled = robust_z(series * factor, START, END, kind)
            assert plain is not None
            assert scaled is not None
            assert scaled.z == pytest.approx(plain.z, rel=1e-6, abs=1e-6)

    @settings(deadline=None)
    @given(seed=st.integers(0, 10_000), row=st.integers(361, 399), value=st.floats(1.0, 1e4))
    def test_nothing_after_the_end_is_read(self, seed: int, row: int, value: float) -> None:
        """Any value after the window may change and z stays to the last bit."""
        series = walk(seed)
        altered = series.copy()
        altered.iloc[row] = value
        assert robust_z(altered, START, END, Kind.LOG) == robust_z(series, START, END, Kind.LOG)
        assert robust_z(series[:END], START, END, Kind.LOG) == robust_z(
            series, START, END, Kind.LOG
        )

    @settings(deadline=None)
    @given(seed=st.integers(0, 10_000), first=st.floats(-0.5, 0.5), second=st.floats(-0.5, 0.5))
    def test_the_baseline_stops_at_the_start(self, seed: int, first: float, second: float) -> None:
        """Two window moves differ in z by their distance over one fixed scale."""
        base = walk(seed)
        found = []
        for move in (0.0, first, second):
            series = base.copy()
            series.iloc[351:361] = float(base.iloc[350]) * np.exp(move)
            scored = robust_z(series, START, END, Kind.LOG)
            assert scored is not None
            found.append(scored.z)
        left = (found[1] - found[0]) * second
        assert left == pytest.approx((found[2] - found[0]) * first, rel=1e-6, abs=1e-9)


class TestBetaResidual:
    """Residuals against a benchmark."""

    def test_recovers_a_known_beta_and_residual(self) -> None:
        """An asset that is 1.5 times the index and then drops 6 % more has that residual."""
        index = walk(3)
        noise = np.random.default_rng(4).normal(0.0, 0.001, len(DAYS))
        noise[351] = -0.06
        noise[352:] = 0.0
        asset = pd.Series(index.to_numpy() ** 1.5 * np.exp(np.cumsum(noise)), index=DAYS)
        found = beta_residual(asset, index, START, END)
        assert found is not None
        assert found.beta == pytest.approx(1.5, abs=0.03)
        assert found.residual == pytest.approx(-0.06, abs=0.002)
        assert found.n == 10

    def test_equals_numpy_least_squares(self) -> None:
        """Beta and deviation match polyfit on the 120 sessions that end at the start."""
        asset, index = walk(5), walk(6)
        y, x = (np.diff(np.log(s.to_numpy()))[230:350] for s in (asset, index))
        slope, intercept = np.polyfit(x, y, 1)
        error = np.std(y - slope * x - intercept, ddof=1)
        found = beta_residual(asset, index, START, END)
        assert found is not None
        assert found.beta == pytest.approx(slope)
        assert found.z == pytest.approx(found.residual / (error * np.sqrt(10)))

    def test_a_weekend_move_belongs_to_what_trades_on_weekends(self) -> None:
        """A coin flat to Friday that loses 6 % on Sunday has that residual, of one session more."""
        index = walk(5)
        noise = np.random.default_rng(1).normal(0.0, 0.001, len(index))
        noise[351:] = noise[350]
        asset = pd.Series(index.to_numpy() * np.exp(noise), index=DAYS)
        shut = DAYS[352] + pd.Timedelta(hours=12)
        sunday = pd.Series([float(asset.loc[DAYS[352]]) * 0.94], index=[shut])
        coin = pd.concat([asset.loc[: DAYS[352]], sunday])
        calm = beta_residual(coin, index, DAYS[350], shut)
        found = beta_residual(coin, index, DAYS[350], shut, all_hours=True)
        assert calm is not None
        assert found is not None
        assert (calm.n, found.n) == (2, 3)
        assert calm.residual == pytest.approx(0.0, abs=1e-3)
        assert found.residual == pytest.approx(calm.residual + np.log(0.94))
        assert found.move == pytest.approx(np.log(coin.iloc[-1] / coin.loc[DAYS[350]]))

    def test_a_series_that_ends_inside_the_window_is_none(self) -> None:
        """A stale asset is absent rather than measured on part of the window."""
        late = DAYS[380]
        assert beta_residual(walk(7)[: DAYS[365]], walk(8), START, late) is None

    @settings(deadline=None)
    @given(seed=st.integers(0, 10_000))
    def test_an_asset_that_is_the_index_has_no_deviation(self, seed: int) -> None:
        """No deviation, hence no z; one that merely moves with it in the window has its beta's."""
        index = walk(seed)
        assert beta_residual(index, index, START, END) is None
        wiggle = 0.01 * np.where(np.arange(len(DAYS)) <= 350, np.arange(len(DAYS)) % 2, 0.0)
        found = beta_residual(index * np.exp(wiggle), index, START, END)
        assert found is not None
        market = float(np.log(index[END] / index[START]))
        assert found.move == pytest.approx(market, abs=1e-12)
        assert found.residual == pytest.approx((1.0 - found.beta) * market, abs=1e-12)


def test_covers_needs_rows_near_both_bounds() -> None:
    """A week of slack on either side is allowed, more is not."""
    frame = aligned({"a": walk(9)})
    assert covers(frame, START, END)
    assert covers(frame, DAYS[350], DAYS[-1] + pd.Timedelta(days=7))
    assert not covers(frame, DAYS[350], DAYS[-1] + pd.Timedelta(days=8))
    assert not covers(frame, DAYS[0] - pd.Timedelta(days=1), END)


def test_covers_needs_a_level_within_a_week_before_the_start() -> None:
    """From 11 to 16 September 2001 the market was shut; an eighth day without a level is a gap.

    Frames of moves and plain dates are held to the same test.
    """
    index = pd.to_datetime(["2001-09-10", "2001-09-17", "2001-09-18"])
    gap = pd.to_datetime(["2001-09-01", "2001-09-17", "2001-09-18"])
    for days, start, end, held in (
        (index, "2001-09-16", "2001-09-18", True),
        (gap, "2001-09-08", "2001-09-18", True),
        (gap, "2001-09-09", "2001-09-18", False),
        (index, "2001-09-18", "2001-09-20", False),  # nothing came after the start
    ):
        frame, bounds = (
            pd.DataFrame({"a": 1.0}, index=days),
            (pd.Timestamp(start), pd.Timestamp(end)),
        )
        assert covers(frame, *bounds) is held
        assert (window_rows(days.to_numpy("datetime64[ns]"), *bounds) is not None) is held


def test_the_row_of_the_start_is_of_the_baseline() -> None:
    """The start's own row ends the past, the end's own row closes the window."""
    frame = pd.DataFrame({"a": [1.0, 2.0, 3.0, 4.0]}, index=DAYS[:4])
    cut = split(frame, DAYS[1], DAYS[2])
    assert cut.before["a"].tolist() == [1.0, 2.0]
    assert cut.window["a"].tolist() == [3.0]


def test_percent_of_a_log_move() -> None:
    """Half a price is -0.6931 in logs and -50 percent."""
    assert percent(-0.6931471805599453) == pytest.approx(-50.0)


def test_rows_until_a_time_count_days_and_bars_alike() -> None:
    """A row dated the very moment is known, with and without a zone."""
    for zone in (None, "UTC"):
        index = pd.date_range("2024-01-01", periods=3, tz=zone)
        asked = [index[0] - pd.Timedelta(hours=1), index[1], index[1] + pd.Timedelta(hours=1)]
        assert [rows_until(index, when) for when in asked] == [0, 2, 2]


class Case(NamedTuple):
    """A labelled window with the reference figures published for it."""

    start: pd.Timestamp
    end: pd.Timestamp
    figures: dict[str, float]


@pytest.fixture(scope="module")
def panel(shared_dir: Path) -> pd.DataFrame:
    """The daily market panel."""
    return pd.read_parquet(shared_dir / "data" / "market_daily.parquet")


@pytest.fixture(scope="module")
def cases(shared_dir: Path, panel: pd.DataFrame) -> list[Case]:
    """Labelled windows that begin inside the panel."""
    text = (shared_dir / "events" / "train.yaml").read_text(encoding="utf-8")
    found = [
        Case(
            pd.Timestamp(event["window"]["start_close_utc"]),
            pd.Timestamp(event["window"]["trough_close_utc"]),
            event["reference_measures"],
        )
        for event in yaml.safe_load(text)["events"]
    ]
    return [case for case in found if case.start >= panel.index[0]]


class TestReference:
    """Agreement with the published figures of the labelled windows."""

    @pytest.mark.parametrize(
        ("name", "asset", "benchmark"),
        [
            ("ndx", "NDX", "SPX"),
            ("smh", "SMH", "SPY"),
            ("igv", "IGV", "SPY"),
            ("rsp", "RSP", "SPY"),
            ("gdx", "GDX", "GLD"),
        ],
    )
    def test_every_residual_agrees(
        self, panel: pd.DataFrame, cases: list[Case], name: str, asset: str, benchmark: str
    ) -> None:
        """Beta, residual and z equal the reference to its rounding on all windows."""
        compared = [case for case in cases if f"{name}_beta" in case.figures]
        assert len(compared) == 63
        for case in compared:
            found = beta_residual(panel[asset], panel[benchmark], case.start, case.end)
            assert found is not None
            assert found.beta == pytest.approx(case.figures[f"{name}_beta"], abs=0.0051)
            assert 100 * found.residual == pytest.approx(
                case.figures[f"{name}_resid_pct"], abs=0.051
            )
            assert found.z == pytest.approx(case.figures[f"{name}_resid_z"], abs=0.051)

    @pytest.mark.parametrize(
        ("figure", "column", "kind", "close"),
        [
            ("z_spx", "SPX", Kind.LOG, 61),
            ("z_ndx", "NDX", Kind.LOG, 60),
            ("z_dxy", "DXY", Kind.LOG, 60),
            ("z_us2y", "UST2Y", Kind.DIFF, 59),
            ("z_us10y", "UST10Y", Kind.DIFF, 56),
            ("z_real10", "REAL10Y", Kind.DIFF, 61),
            ("z_gold", "GOLD_FUT", Kind.LOG, 58),
        ],
    )
    def test_z_agrees_on_sessions(
        self,
        *,
        panel: pd.DataFrame,
        cases: list[Case],
        figure: str,
        column: str,
        kind: Kind,
        close: int,
    ) -> None:
        """At least this many of 61 windows lie within 0.15; the rest mostly start on weekends."""
        agree = 0
        for case in cases:
            found = robust_z(panel[column], case.start, case.end, kind)
            if found is not None and figure in case.figures:
                agree += abs(found.z - case.figures[figure]) <= 0.15
        assert agree >= close


@pytest.mark.parametrize(
    ("start", "end", "rows"),
    [
        ("2024-01-03", "2024-01-05", (2, 4)),
        ("2023-12-31", "2024-01-05", None),  # nothing before it
        ("2024-01-05", "2024-01-07", None),  # nothing inside it
        ("2024-01-03", "2024-01-12", (2, 4)),  # a week past the last level
        ("2024-01-03", "2024-01-13", None),
    ],
)
def test_a_window_has_levels_within_a_week_of_both_ends(
    start: str, end: str, rows: tuple[int, int] | None
) -> None:
    """Moves count from the one after the start's level to that of the last level inside."""
    days = pd.date_range("2024-01-01", "2024-01-05").to_numpy().astype("datetime64[ns]")
    assert window_rows(days, pd.Timestamp(start), pd.Timestamp(end)) == rows
