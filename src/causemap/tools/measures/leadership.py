"""Leadership: how far a cohort falls beyond what its beta and its duration explain."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

import numpy as np
import pandas as pd

from causemap.tools.measures.stats import (
    Residual,
    beta_residual,
    common,
    observations,
    window_rows,
)

MAG7 = ("NVDA", "AAPL", "AMZN", "META", "GOOGL", "MSFT", "TSLA")
STOCKS = (*MAG7, "AMD", "AVGO", "TSM", "MU", "INTC", "ORCL", "CRM", "NOW", "PLTR", "SNOW")
BASKET = "MAG7"
MINIMUM_NAMES = 4


class DurationResidual(NamedTuple):
    """Residual after the benchmark and the real 10-year yield, a log fraction."""

    residual: float
    z: float
    n: int


class CohortResidual(NamedTuple):
    """One cohort member against its benchmark, before and after duration."""

    name: str
    benchmark: str
    market: Residual
    after_duration: DurationResidual | None


class Breadth(NamedTuple):
    """Residual of equal weight against capitalisation weight."""

    benchmark: str
    residual: Residual


class BelowAverage(NamedTuple):
    """Share of stocks below their 50-day average, its 10-session change and stocks counted."""

    share: float
    change: float
    n: int


class Split(StrEnum):
    """Which half of the technology cohort was sold: semiconductors, software or both."""

    SEMIS = "semis"
    SOFTWARE = "software"
    BOTH = "both"
    NEITHER = "neither"


class IndexHold(NamedTuple):
    """The index's distance from its 20-session high (<= 0).

    ``flag`` marks leadership breaking while the index holds: the worst cohort member's residual
    z <= -2 within 1 % of the high.
    """

    from_high: float
    flag: bool


class Leadership(NamedTuple):
    """All leadership measures of a window; None marks one whose data are missing."""

    cohort: tuple[CohortResidual, ...]
    breadth: Breadth | None
    below_average: BelowAverage | None
    hold: IndexHold | None
    split: Split | None


def equal_weight(frame: pd.DataFrame, names: Sequence[str]) -> pd.Series | None:
    """Return the level of a daily rebalanced equal-weight basket of the columns present.

    A session counts with at least four names priced on it and on the session before. None when
    fewer than four columns are present.
    """
    present = [name for name in names if name in frame.columns]
    if len(present) < MINIMUM_NAMES:
        return None
    simple = frame[present].astype(float).pct_change(fill_method=None)
    mean = simple.mean(axis=1)[simple.count(axis=1) >= MINIMUM_NAMES]
    return (1.0 + mean).cumprod()


def duration_residual(
    asset: pd.Series,
    benchmark: pd.Series,
    real10: pd.Series,
    start: pd.Timestamp,
    end: pd.Timestamp,
    *,
    sessions: int = 120,
) -> DurationResidual | None:
    """Return the window return net of the benchmark and of the real 10-year yield change.

    Least squares with intercept on the ``sessions`` common sessions ending at ``start``; z as in
    ``beta_residual``. None with too little history, a short series or collinear regressors.
    """
    levels = common(asset, benchmark, real10)
    cut = window_rows(levels.days, start, end)
    if cut is None:
        return None
    steps = np.column_stack([np.log(levels.values[:, :2]), levels.values[:, 2]])
    moves = np.diff(steps, axis=0)
    past = moves[: cut.start][-sessions:]
    if len(past) < sessions:
        return None
    centred = past - past.mean(axis=0)
    fit, _, rank, _ = np.linalg.lstsq(centred[:, 1:], centred[:, 0])
    if rank < 2:
        return None
    error = float(np.std(centred[:, 0] - centred[:, 1:] @ fit, ddof=1))
    if not error > 0.0:
        return None
    totals = moves[cut.start : cut.stop].sum(axis=0)
    left = float(totals[0] - totals[1:] @ fit)
    count = cut.stop - cut.start
    z = left / (error * float(np.sqrt(count)))
    return DurationResidual(left, z, count)


def _benchmark(frame: pd.DataFrame, name: str, start: pd.Timestamp, end: pd.Timestamp) -> str:
    """Return the benchmark column: SPY for total-return series where it reaches, else SPX.

    Adjusted closes carry dividends, so a price index would leave them in the residual.
    """
    if name == "NDX" or "SPY" not in frame.columns:
        return "SPX"
    return "SPX" if window_rows(common(frame["SPY"]).days, start, end) is None else "SPY"


def cohort_residual(
    frame: pd.DataFrame, name: str, start: pd.Timestamp, end: pd.Timestamp
) -> CohortResidual | None:
    """Return one cohort member's residuals, or None when it cannot be measured.

    ``frame`` holds daily closes by canonical name; ``MAG7`` stands for the basket.
    """
    asset = equal_weight(frame, MAG7) if name == BASKET else frame.get(name)
    against = _benchmark(frame, name, start, end)
    if asset is None or against not in frame.columns:
        return None
    market = beta_residual(asset, frame[against], start, end)
    if market is None:
        return None
    real = frame.get("REAL10Y")
    later = None if real is None else duration_residual(asset, frame[against], real, start, end)
    return CohortResidual(name, against, market, later)


def breadth(frame: pd.DataFrame, start: pd.Timestamp, end: pd.Timestamp) -> Breadth | None:
    """Return the equal-weight residual (RSP against SPY, or SPX without it)."""
    found = cohort_residual(frame, "RSP", start, end)
    return None if found is None else Breadth(found.benchmark, found.market)


def below_average(
    frame: pd.DataFrame,
    end: pd.Timestamp,
    names: Sequence[str] = STOCKS,
    sessions: int = 50,
    lag: int = 10,
) -> BelowAverage | None:
    """Return the share of named stocks that close below their own ``sessions``-day average.

    Its change is over ``lag`` sessions. None with fewer than four stocks priced through ``end``.
    """
    now, earlier = [], []
    for name in names:
        if name not in frame.columns:
            continue
        prices = observations(frame[name])
        prices = prices[prices.index <= end]
        if len(prices) < sessions + lag or end - prices.index[-1] > pd.Timedelta(days=7):
            continue
        under = prices.to_numpy() < prices.rolling(sessions).mean().to_numpy()
        now.append(under[-1])
        earlier.append(under[-1 - lag])
    if len(now) < MINIMUM_NAMES:
        return None
    share, before = float(np.mean(now)), float(np.mean(earlier))
    return BelowAverage(share, share - before, len(now))


def index_hold(
    cohort: Sequence[CohortResidual], index: pd.Series, end: pd.Timestamp, sessions: int = 20
) -> IndexHold | None:
    """Return whether the worst cohort member breaks (z <= -2) within 1 % of the index's high."""
    seen = observations(index)
    recent = seen[seen.index <= end].to_numpy()[-sessions:]
    if not cohort or len(recent) < sessions:
        return None
    worst = min(member.market.z for member in cohort)
    high, last = float(recent.max()), float(recent[-1])
    return IndexHold(last / high - 1.0, worst <= -2.0 and last >= 0.99 * high)


def _spared(other_z: float, broken_z: float) -> bool:
    """Whether the other half is in line: above -1, or under half as deep as the broken one."""
    return other_z > -1.0 or other_z > 0.5 * broken_z


def technology_split(semis_z: float, software_z: float) -> Split:
    """Return which half broke: z <= -1.5 while the other is in line.

    Semiconductors alone point to capital spending or a competitor, software alone to disruption.
    """
    worst = min(semis_z, software_z)
    if worst > -1.5:
        return Split.NEITHER
    if not _spared(max(semis_z, software_z), worst):
        return Split.BOTH
    return Split.SEMIS if semis_z < software_z else Split.SOFTWARE


def leadership(
    frame: pd.DataFrame,
    start: pd.Timestamp,
    end: pd.Timestamp,
    names: Sequence[str] = ("SMH", "IGV", "NDX", "ARKK", BASKET),
) -> Leadership:
    """Return the leadership measures of a window from daily closes by canonical name."""
    found = (cohort_residual(frame, name, start, end) for name in names)
    cohort = tuple(member for member in found if member is not None)
    z = {member.name: member.market.z for member in cohort}
    both = "SMH" in z and "IGV" in z
    index = frame.get("SPX")
    return Leadership(
        cohort=cohort,
        breadth=breadth(frame, start, end),
        below_average=below_average(frame, end),
        hold=None if index is None else index_hold(cohort, index, end),
        split=technology_split(z["SMH"], z["IGV"]) if both else None,
    )
