from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from causemap.tools.measures.metals import (
    MetalsReading,
    NoticeRole,
    metals_verdict,
    notice_timing,
    partial_betas,
    worst_day_share,
)
from causemap.tools.measures.stats import beta_residual


def prices(gold: list[float], silver: list[float], miners: list[float]) -> pd.DataFrame:
    """121 days with known betas (silver 1.5, miners 2 on gold and 0.5 on SPX), then a window."""
    rng = np.random.default_rng(2)
    noise = rng.normal(size=(120, 4))
    noise -= noise.mean(axis=0)
    noise = np.linalg.qr(noise)[0] * np.sqrt(119) * 0.01
    calm_gold, index, own_silver, own_miners = noise.T
    past = {
        "GLD": calm_gold,
        "SLV": 1.5 * calm_gold + own_silver,
        "GDX": 2 * calm_gold + 0.5 * index + own_miners,
        "SPX": index,
    }
    tail = {"GLD": gold, "SLV": silver, "GDX": miners, "SPX": [-0.01] * len(gold)}
    logs = pd.DataFrame({k: np.concatenate([[0.0], past[k], tail[k]]).cumsum() for k in past})
    logs.index = pd.bdate_range("2024-01-01", periods=len(logs))
    return logs.apply(np.exp)


class Ends(NamedTuple):
    """Start and end of a window."""

    start: pd.Timestamp
    end: pd.Timestamp


def window(frame: pd.DataFrame) -> Ends:
    """The part after the 121 days."""
    dates = pd.DatetimeIndex(frame.index)
    return Ends(dates[120], dates[-1])


class TestBeta:
    """Miners and silver against gold."""

    def test_residual_by_hand(self) -> None:
        """Beta 2, gold -4 %, miners -10 %: residual -2 %, over sd of 1.118 % times root 2."""
        frame = prices([-0.03, -0.01], [0.0, 0.0], [-0.06, -0.04])
        found = beta_residual(frame["GDX"], frame["GLD"], *window(frame))
        assert found is not None
        assert found.beta == pytest.approx(2.0)
        assert found.move == pytest.approx(-0.10)
        assert found.residual == pytest.approx(-0.02)
        assert found.z == pytest.approx(-0.02 / (0.01 * np.sqrt(1.25) * np.sqrt(2)))
        assert found.n == 2

    def test_partial_betas_by_hand(self) -> None:
        """Gold 2 and SPX 0.5 together leave -10 + 8 + 1 = -1 % of the miners' fall."""
        frame = prices([-0.03, -0.01], [0.0, 0.0], [-0.06, -0.04])
        found = partial_betas(frame, *window(frame))
        assert found is not None
        assert (found.gold_beta, found.index_beta) == pytest.approx((2.0, 0.5))
        assert found.residual == pytest.approx(-0.01)
        assert found.z == pytest.approx(-0.01 / (0.01 * np.sqrt(119 / 118) * np.sqrt(2)), rel=1e-6)

    def test_two_betas_need_the_whole_history(self) -> None:
        """With one session less than asked for there are none."""
        frame = prices([-0.03, -0.01], [0.0, 0.0], [-0.06, -0.04])
        assert partial_betas(frame.iloc[1:], *window(frame)) is None

    def test_short_or_ended_series_is_a_gap(self) -> None:
        """Too little history, or a series that ended early, gives nothing."""
        frame = prices([-0.03, -0.01], [0.0, 0.0], [-0.06, -0.04])
        start, end = window(frame)
        assert metals_verdict(frame.iloc[1:], start, end) is None
        frame.loc[end, "GDX"] = np.nan
        assert metals_verdict(frame, start, end) is None

    @given(st.floats(-0.3, 0.3))
    def test_window_does_not_move_the_beta(self, move: float) -> None:
        """Whatever happens after the start, the beta stays that of the history."""
        frame = prices([move], [0.0], [3 * move])
        found = beta_residual(frame["GDX"], frame["GLD"], *window(frame))
        assert found is not None
        assert found.beta == pytest.approx(2.0)
        assert found.residual == pytest.approx(move, abs=1e-9)


class TestVerdict:
    """What the numbers are said to look like."""

    @pytest.mark.parametrize(
        ("gold", "silver", "miners", "reading"),
        [
            ([0.01, 0.01], [0.01, 0.01], [0.02, 0.02], MetalsReading.NO_FALL),
            ([0.0, -0.001], [0.0, 0.0], [0.0, -0.005], MetalsReading.BULLION_HELD),
            ([-0.02, -0.02], [-0.03, -0.03], [-0.04, -0.04], MetalsReading.BETA_TO_GOLD),
            ([-0.08, -0.02], [-0.30, -0.05], [-0.16, -0.04], MetalsReading.MARGIN_SQUEEZE),
            ([-0.02, -0.02], [-0.03, -0.03], [-0.10, -0.04], MetalsReading.MINERS_BEYOND_BETA),
        ],
    )
    def test_readings(
        self, gold: list[float], silver: list[float], miners: list[float], reading: MetalsReading
    ) -> None:
        """Each pattern of gold, silver and miners gets its own name."""
        frame = prices(gold, silver, miners)
        found = metals_verdict(frame, *window(frame))
        assert found is not None
        assert found.reading is reading

    def test_numbers_behind_a_squeeze(self) -> None:
        """Gold -10 % is 7 daily sds over two days; silver did 30 of 35 on one day."""
        frame = prices([-0.08, -0.02], [-0.30, -0.05], [-0.16, -0.04])
        found = metals_verdict(frame, *window(frame))
        assert found is not None
        assert found.gold_z == pytest.approx(-0.10 / (0.01 * np.sqrt(2)))
        assert found.worst_day_share == pytest.approx(30 / 35)
        assert found.reading is MetalsReading.MARGIN_SQUEEZE

    def test_slow_silver_fall_is_no_squeeze(self) -> None:
        """The same silver loss in equal daily steps lacks the signature."""
        frame = prices([-0.03] * 3, [-0.12] * 3, [-0.06] * 3)
        found = metals_verdict(frame, *window(frame))
        assert found is not None
        assert found.worst_day_share == pytest.approx(1 / 3)
        assert found.reading is not MetalsReading.MARGIN_SQUEEZE

    def test_rise_has_no_worst_day(self) -> None:
        """Without a fall there is no share of it."""
        rising = pd.Series([1.0, 1.1], index=pd.bdate_range("2024-01-01", periods=2))
        assert worst_day_share(rising, rising.index[0], rising.index[1]) is None


def utc(text: str) -> pd.Timestamp:
    """A time in UTC."""
    return pd.Timestamp(text, tz="UTC")


PATH = pd.Series(
    [100.0, 98.0, 80.0, 70.0, 75.0],
    index=pd.date_range("2024-01-01 21:00", periods=5, freq="D", tz="UTC"),
)
START, END = utc("2024-01-01 21:00"), utc("2024-01-05 21:00")


class TestNotice:
    """Response or cause, by the date."""

    @pytest.mark.parametrize(
        ("known", "low", "high", "role"),
        [
            ("2024-01-01 12:00", 0.0, 0.0, NoticeRole.BEFORE_FALL),
            ("2024-01-01 22:00", 0.0, 2 / 30, NoticeRole.BEFORE_FALL),
            ("2024-01-03 12:00", 2 / 30, 20 / 30, NoticeRole.UNDECIDED),
            ("2024-01-03 21:00", 20 / 30, 1.0, NoticeRole.RESPONSE),
            ("2024-01-04 22:00", 1.0, 1.0, NoticeRole.AFTER_FALL),
        ],
    )
    def test_role_follows_the_share_done(
        self, known: str, low: float, high: float, role: NoticeRole
    ) -> None:
        """From a third of the fall on a notice is a response; within a bar it is undecided."""
        found = notice_timing(utc(known), utc(known), PATH, START, END, 1 / 3)
        assert found is not None
        assert (found.done_low, found.done_high) == pytest.approx((low, high))
        assert found.role is role

    def test_a_day_is_an_interval_and_an_unknown_beginning_is_no_beginning(self) -> None:
        """A dated notice may have come before its day's close; one told as past any time before."""
        day = utc("2024-01-03"), utc("2024-01-03 23:59")
        found = notice_timing(*day, PATH, START, END, 1 / 3)
        assert found is not None
        assert (found.done_low, found.done_high) == pytest.approx((2 / 30, 1.0))
        past = notice_timing(None, utc("2024-01-03 22:00"), PATH, START, END, 1 / 3)
        assert past == (0.0, 1.0, NoticeRole.UNDECIDED)
        early = notice_timing(None, utc("2024-01-01 22:00"), PATH, START, END, 1 / 3)
        assert early is not None
        assert early.role is NoticeRole.BEFORE_FALL

    def test_nothing_to_place_it_on(self) -> None:
        """Without a fall, or without prices, there is no timing."""
        when = utc("2024-01-03")
        assert notice_timing(when, when, PATH.iloc[3:], utc("2024-01-04 21:00"), END, 1 / 3) is None
        assert notice_timing(when, when, PATH, utc("2023-01-01"), END, 1 / 3) is None

    @given(st.lists(st.floats(1, 100), min_size=2, max_size=12), st.integers(-1, 12))
    def test_shares_are_ordered_fractions(self, values: list[float], day: int) -> None:
        """The share done is a fraction, and never smaller after the announcement than before."""
        index = pd.date_range(START, periods=len(values), freq="D")
        price = pd.Series(values, index=index)
        when = START + pd.Timedelta(days=day, hours=3)
        found = notice_timing(when, when, price, START, index[-1], 1 / 3)
        assert (found is None) == (min(values) >= values[0])
        if found is not None:
            assert 0 <= found.done_low <= found.done_high <= 1


class Real(NamedTuple):
    """Real daily prices and labelled windows."""

    prices: pd.DataFrame
    events: list[dict[str, Any]]


@pytest.fixture(scope="module")
def real(shared_dir: Path) -> Real:
    """Real data, where they are at hand."""
    frame = pd.read_parquet(
        shared_dir / "data" / "market_daily.parquet", columns=["GLD", "SLV", "GDX", "SPX"]
    )
    events = yaml.safe_load((shared_dir / "events" / "train.yaml").read_text(encoding="utf-8"))
    return Real(frame, events["events"])


class TestReal:
    """The catalogue and the week to 5 February 2026."""

    def test_reference_figures(self, real: Real) -> None:
        """Beta, residual and z of GDX on GLD agree on all 63 windows that have them."""
        dates = pd.DatetimeIndex(real.prices.index)
        events = [e for e in real.events if "gdx_beta" in e["reference_measures"]]
        wrong = {}
        for event in events:
            keys = ("start_close_utc", "trough_close_utc")
            start, end = (dates[dates <= pd.Timestamp(event["window"][key])][-1] for key in keys)
            found = beta_residual(real.prices["GDX"], real.prices["GLD"], start, end)
            assert found is not None
            given_figures = event["reference_measures"]
            wanted = [given_figures[f"gdx_{k}"] for k in ("beta", "resid_pct", "resid_z")]
            values = [found.beta, 100 * found.residual, found.z]
            if not np.allclose(values, wanted, rtol=0, atol=[0.0051, 0.051, 0.051]):
                wrong[event["id"]] = (values, wanted)
        assert len(events) == 63
        assert wrong == {}

    def test_february_2026(self, real: Real) -> None:
        """Bullion fell, silver far more than its beta on one day, and miners only their beta."""
        found = metals_verdict(real.prices, pd.Timestamp("2026-01-29"), pd.Timestamp("2026-02-05"))
        assert found is not None
        assert found.reading is MetalsReading.MARGIN_SQUEEZE
        assert np.expm1(found.gold) == pytest.approx(-0.109, abs=0.001)
        assert np.expm1(found.silver.move) == pytest.approx(-0.368, abs=0.001)
        assert np.expm1(found.miners.move) == pytest.approx(-0.144, abs=0.001)
        assert found.miners.beta == pytest.approx(1.43, abs=0.01)
        assert found.miners.z == pytest.approx(0.3, abs=0.05)

    def test_margin_notice_of_30_january_2026_was_a_response(self, real: Real) -> None:
        """Announced after the crash of the 30th, with silver three quarters done."""
        silver = real.prices["SLV"].dropna()
        silver.index = pd.DatetimeIndex(silver.index).tz_localize("UTC") + pd.Timedelta(hours=21)
        when = utc("2026-01-30 23:00")
        found = notice_timing(
            when, when, silver, utc("2026-01-29 21:00"), utc("2026-02-05 21:00"), 1 / 3
        )
        assert found is not None
        assert found.role is NoticeRole.RESPONSE
        assert found.done_low == pytest.approx(0.77, abs=0.01)
