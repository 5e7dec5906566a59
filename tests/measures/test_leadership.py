from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from causemap.tools.measures.leadership import (
    MAG7,
    CohortResidual,
    Split,
    below_average,
    cohort_residual,
    duration_residual,
    equal_weight,
    index_hold,
    leadership,
    technology_split,
)
from causemap.tools.measures.stats import Residual

DAYS = pd.bdate_range("2024-01-01", periods=200)
START, END = DAYS[180], DAYS[190]


def panel() -> pd.DataFrame:
    """Index, real yield and a software fund with beta 1.2 and 10 % per point of real yield."""
    rng = np.random.default_rng(1)
    index, noise = rng.normal(0, 0.01, 200), rng.normal(0, 0.001, 200)
    real = rng.normal(0, 0.05, 200)
    real[181:191], noise[181:191] = 0.03, 0.0
    fund = 1.2 * index - 0.10 * real + noise
    return pd.DataFrame(
        {
            "SPX": 100 * np.exp(np.cumsum(index)),
            "REAL10Y": 2 + np.cumsum(real),
            "IGV": np.exp(np.cumsum(fund)),
        },
        index=DAYS,
    )


def member(name: str, z: float) -> CohortResidual:
    """A cohort member of which only name and z matter."""
    return CohortResidual(name, "SPX", Residual(1.0, 0.0, z, 5, 0.0), None)


class TestResiduals:
    """Cohort residuals before and after duration."""

    def test_duration_takes_its_part_out(self) -> None:
        """Ten days of +3 bp cost 3 % through duration, and nothing is left after it."""
        data = panel()
        found = cohort_residual(data, "IGV", START, END)
        assert found is not None
        assert found.after_duration is not None
        assert found.market.residual == pytest.approx(-0.03, abs=0.01)
        assert found.after_duration.residual == pytest.approx(0.0, abs=0.003)

    def test_what_is_left_after_duration_is_scored_by_its_sessions(self) -> None:
        """Z is the residual over the regression's error times the root of the ten sessions."""
        data = panel()
        found = duration_residual(data["IGV"], data["SPX"], data["REAL10Y"], START, END)
        assert found is not None
        steps = np.column_stack([np.log(data[["IGV", "SPX"]]), data["REAL10Y"]])
        past = np.diff(steps, axis=0)[60:180]
        past -= past.mean(axis=0)
        fit = np.linalg.lstsq(past[:, 1:], past[:, 0])[0]
        error = (past[:, 0] - past[:, 1:] @ fit).std(ddof=1)
        assert found.n == 10
        assert found.z == pytest.approx(found.residual / (error * 10**0.5))

    def test_a_cohort_is_made_of_what_can_be_measured(self) -> None:
        """With software alone at hand the cohort is software, and no half of tech is named."""
        found = leadership(panel(), START, END)
        assert [one.name for one in found.cohort] == ["IGV"]
        assert found.split is None

    def test_without_real_yields_only_the_market_step_is_made(self) -> None:
        """The second step is absent, not zero."""
        found = cohort_residual(panel().drop(columns="REAL10Y"), "IGV", START, END)
        assert found is not None
        assert found.after_duration is None

    def test_a_constant_real_yield_cannot_be_regressed_on(self) -> None:
        """Collinear regressors give no duration residual."""
        data = panel()
        still = pd.Series(2.0, index=DAYS)
        assert duration_residual(data["IGV"], data["SPX"], still, START, END) is None

    def test_a_total_return_fund_is_set_against_spy_while_it_lasts(self) -> None:
        """SPY replaces SPX where it covers the window, and not after it ended."""
        data = panel().assign(SPY=lambda f: f["SPX"] * 1.1)
        found = cohort_residual(data, "IGV", START, END)
        assert found is not None
        assert found.benchmark == "SPY"
        data.loc[DAYS[170] :, "SPY"] = np.nan
        later = cohort_residual(data, "IGV", START, END)
        assert later is not None
        assert later.benchmark == "SPX"

    def test_an_absent_cohort_member_is_none(self) -> None:
        """A column that is not there, or a basket of too few stocks, has no residual."""
        assert cohort_residual(panel(), "SMH", START, END) is None
        assert cohort_residual(panel(), "MAG7", START, END) is None


class TestBasket:
    """The equal-weight basket."""

    def test_mean_of_simple_returns(self) -> None:
        """Four stocks at +10, 0, 0 and -2 % make +2 %; a late joiner counts from its second day."""
        rows = [[100.0] * 4 + [np.nan], [110.0, 100.0, 100.0, 98.0, 50.0]]
        data = pd.DataFrame(rows, index=DAYS[:2], columns=list(MAG7[:5]))
        found = equal_weight(data, MAG7)
        assert found is not None
        assert found.to_list() == pytest.approx([1.02])

    def test_too_few_names_is_none(self) -> None:
        """Three columns are not a basket."""
        data = pd.DataFrame(1.0, index=DAYS, columns=list(MAG7[:3]))
        assert equal_weight(data, MAG7) is None


class TestBelowAverage:
    """The share of stocks below their average."""

    def test_share_and_ten_day_change(self) -> None:
        """Two of four stocks break below their average within ten days: half."""
        rising = np.linspace(100, 200, 200)
        falling = rising.copy()
        falling[195:] = 10.0
        data = pd.DataFrame({"A": rising, "B": rising, "C": falling, "D": falling}, index=DAYS)
        found = below_average(data, DAYS[-1], names=("A", "B", "C", "D"))
        assert found is not None
        assert (found.share, found.change, found.n) == (0.5, 0.5, 4)
        before = below_average(data, DAYS[190], names=("A", "B", "C", "D"))
        assert before is not None
        assert before.share == 0.0

    @pytest.mark.parametrize(("broke", "share", "change"), [(199, 0.5, 0.5), (189, 0.5, 0.0)])
    def test_the_last_session_and_the_tenth_before_it_are_compared(
        self, broke: int, share: float, change: float
    ) -> None:
        """A break on the last day counts now; one ten sessions before it had counted then."""
        rising = np.linspace(100, 200, 200)
        falling = np.where(np.arange(200) >= broke, 10.0, rising)
        data = pd.DataFrame({"A": rising, "B": rising, "C": falling, "D": falling}, index=DAYS)
        found = below_average(data, DAYS[-1], names=("A", "B", "C", "D"))
        assert found is not None
        assert (found.share, found.change) == (share, change)

    def test_stale_stocks_are_not_counted(self) -> None:
        """With fewer than four fresh stocks there is no share."""
        data = pd.DataFrame(np.linspace(1, 2, 200)[:, None] + np.zeros(4), index=DAYS)
        data.columns = pd.Index(["A", "B", "C", "D"])
        data.loc[DAYS[150] :, "D"] = np.nan
        assert below_average(data, DAYS[-1], names=("A", "B", "C", "D")) is None


class TestFlags:
    """Flags and splits."""

    @pytest.mark.parametrize(
        ("z", "last", "flag"), [(-2.0, 99.0, True), (-1.9, 99.0, False), (-2.0, 98.9, False)]
    )
    def test_leadership_breaks_while_the_index_holds(
        self, z: float, last: float, flag: bool
    ) -> None:
        """Both the worst z and the distance from the 20-session high must pass."""
        index = pd.Series([100.0] * 19 + [last], index=DAYS[:20])
        found = index_hold([member("SMH", z), member("IGV", 3.0)], index, DAYS[19])
        assert found is not None
        assert found.flag is flag

    def test_an_empty_cohort_or_short_index_is_none(self) -> None:
        """Nothing to compare is not the same as nothing broke."""
        index = pd.Series([100.0] * 19, index=DAYS[:19])
        assert index_hold([], index, DAYS[18]) is None
        assert index_hold([member("SMH", -3.0)], index, DAYS[18]) is None

    @pytest.mark.parametrize(
        ("semis", "software", "expected"),
        [
            (-5.9, 0.4, Split.SEMIS),
            (-0.5, -7.3, Split.SOFTWARE),
            (-1.8, -5.3, Split.SOFTWARE),
            (-2.8, -2.9, Split.BOTH),
            (-1.4, -1.2, Split.NEITHER),
        ],
    )
    def test_split_names_the_half_that_broke(
        self, semis: float, software: float, expected: Split
    ) -> None:
        """January 2025 is semiconductors, February 2026 software, March 2021 both."""
        assert technology_split(semis, software) is expected


class TestRealWindows:
    """Windows whose figures are known."""

    def test_deepseek_monday_and_the_software_week(self, shared_dir: Path) -> None:
        """24-27 January 2025: SMH -5.9 and IGV +0.4; 29 January - 5 February 2026: IGV -5.3."""
        data = pd.read_parquet(shared_dir / "data" / "market_daily.parquet")
        monday = leadership(data, pd.Timestamp("2025-01-24"), pd.Timestamp("2025-01-27"))
        z = {found.name: found.market.z for found in monday.cohort}
        assert (z["SMH"], z["IGV"]) == pytest.approx((-5.9, 0.4), abs=0.06)
        assert monday.split is Split.SEMIS
        assert monday.breadth is not None
        assert monday.breadth.residual.z > 0.0
        week = leadership(data, pd.Timestamp("2026-01-29"), pd.Timestamp("2026-02-05"))
        assert week.split is Split.SOFTWARE
        assert {found.name: found.market.z for found in week.cohort}["IGV"] == pytest.approx(
            -5.3, abs=0.06
        )

    def test_funds_that_ended_are_absent(self, shared_dir: Path) -> None:
        """After May 2026 only series that still run are measured and the split is a gap."""
        data = pd.read_parquet(shared_dir / "data" / "market_daily.parquet")
        found = leadership(data, pd.Timestamp("2026-06-01"), pd.Timestamp("2026-06-19"))
        assert {one.name for one in found.cohort} == {"NDX", "MAG7"}
        assert found.split is None
        assert found.breadth is None
