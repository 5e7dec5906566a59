"""Overnight repo against interest on reserves: how ample reserves are (METHODS 2.8).

The spread is SOFR minus IORB in basis points by date. At or under zero on the last day reserves are
ample; above zero on each of the last five days they are less ample; ten or more on a day that ends
no month is funding stress. Month ends are left out because dealers shrink their books there.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final, NamedTuple

import pandas as pd

STRESS_BP: Final = 10.0
DAYS_ABOVE: Final = 5


class Reserves(StrEnum):
    """What the spread reads as."""

    AMPLE = "ample"
    LESS_AMPLE = "less_ample"
    STRESS = "stress"
    UNSETTLED = "unsettled"


class RepoSpread(NamedTuple):
    """The last spread and its date, the highest of the window outside month ends, the reading."""

    last_bp: float
    at: pd.Timestamp
    peak_bp: float | None
    peak_at: pd.Timestamp | None
    reading: Reserves


def month_ends(index: pd.DatetimeIndex) -> pd.Series[bool]:
    """Whether each dated value is its month's last; the newest by the business calendar."""
    months = index.to_period("M")
    last = [months[i] != months[i + 1] for i in range(len(index) - 1)]
    if len(index):
        last.append(bool(pd.offsets.BMonthEnd().is_on_offset(index[-1])))
    return pd.Series(last, index=index, dtype=bool)


def repo_spread(
    spread_bp: pd.Series[float], start: pd.Timestamp, end: pd.Timestamp
) -> RepoSpread | None:
    """Read the spread over (start, end]; ``None`` without a value in it."""
    known = spread_bp.dropna().loc[:end]
    inside = known[known.index > start]
    if inside.empty:
        return None
    ends = month_ends(pd.DatetimeIndex(spread_bp.dropna().index)).reindex(inside.index)
    ordinary = inside[~ends.to_numpy(dtype=bool)]
    peak = None if ordinary.empty else float(ordinary.max())
    last = float(inside.iloc[-1])
    return RepoSpread(
        last_bp=last,
        at=pd.Timestamp(inside.index[-1]),
        peak_bp=peak,
        peak_at=None if ordinary.empty else pd.DatetimeIndex([ordinary.idxmax()])[0],
        reading=_reading(last, peak, known.iloc[-DAYS_ABOVE:]),
    )


def _reading(last: float, peak: float | None, recent: pd.Series[float]) -> Reserves:
    if peak is not None and peak >= STRESS_BP:
        return Reserves.STRESS
    if last <= 0:
        return Reserves.AMPLE
    above = len(recent) == DAYS_ABOVE and bool((recent > 0).all())
    return Reserves.LESS_AMPLE if above else Reserves.UNSETTLED
