"""Window changes, robust z-scores and benchmark residuals without look-ahead.

Every function reads a series indexed by ascending timestamps. Nothing after ``end`` is read, and
every baseline stops at ``start``, so a measure made as of a date stays the same later.
"""

from __future__ import annotations

import math
from enum import StrEnum
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

MAD_TO_SIGMA = 1.4826
"""Scale that makes the median absolute deviation estimate a normal standard deviation."""
# How many trailing changes say what is usual, at most and at least (METHODS 1).
TRAILING = 750
LEAST_CHANGES = 200


class Kind(StrEnum):
    """How a change between two observations is measured."""

    LOG = "log"
    SIMPLE = "simple"
    DIFF = "diff"


class RobustZ(NamedTuple):
    """A window change, its robust z and the number of baseline changes behind it."""

    value: float
    z: float
    n: int


class Residual(NamedTuple):
    """Window return left after beta times the benchmark; returns are log fractions.

    ``n`` counts sessions in the window and ``move`` is the asset's own return.
    """

    beta: float
    residual: float
    z: float
    n: int
    move: float


class BaselineSplit(NamedTuple):
    """Rows of a series before (and at) a window start, and after it up to the end."""

    before: pd.DataFrame
    window: pd.DataFrame


def change(first: FloatArray, last: FloatArray, kind: Kind) -> FloatArray:
    """Return element-wise changes: log and simple as fractions, diff in the series' unit."""
    if kind is Kind.DIFF:
        return last - first
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = last / first
        return np.log(ratio) if kind is Kind.LOG else ratio - 1.0


def percent(log_move: float) -> float:
    """A log move as a simple move in percent: -0.10 in logs is a fall of 9.5 %."""
    return 100.0 * math.expm1(log_move)


def observations(series: pd.Series) -> pd.Series:
    """Return the finite observations as floats; the series itself where nothing is missing."""
    values = series if series.dtype == np.float64 else series.astype(float)
    finite = np.isfinite(values.to_numpy())
    return values if finite.all() else values[finite]


def rows_until(index: pd.Index, when: pd.Timestamp) -> int:
    """How many rows of an ascending index of times are dated ``when`` or earlier.

    Of days, the plain array is asked: ``index.searchsorted`` takes ten times as long.
    """
    if when.tz is not None:
        return int(index.searchsorted(when, side="right"))
    return int(index.values.searchsorted(when.to_datetime64(), side="right"))


def _position(series: pd.Series, when: pd.Timestamp) -> int:
    return rows_until(series.index, when) - 1


def window_change(
    series: pd.Series, start: pd.Timestamp, end: pd.Timestamp, kind: Kind
) -> float | None:
    """Return the change from the last observation <= start to the last one <= end.

    None when either bound has no observation, when none came after the start (what is not out yet
    has not stood still), or when a log or simple change is undefined. Staleness is the caller's
    concern: an old observation still counts here.
    """
    seen = observations(series)
    first, last = _position(seen, start), _position(seen, end)
    if first < 0 or last <= first:
        return None
    values = seen.to_numpy()
    moved = float(change(values[first : first + 1], values[last : last + 1], Kind(kind))[0])
    return moved if np.isfinite(moved) else None


def mad(values: FloatArray) -> float:
    """Return the median absolute deviation about the median."""
    return float(np.median(np.abs(values - np.median(values))))


def standardise(value: float, baseline: FloatArray) -> float | None:
    """Return (value - median) / (1.4826 MAD) of the baseline; None when the MAD is zero."""
    scale = MAD_TO_SIGMA * mad(baseline)
    if not scale > 0.0:
        return None
    return (value - float(np.median(baseline))) / scale


def robust_z(
    series: pd.Series,
    start: pd.Timestamp,
    end: pd.Timestamp,
    kind: Kind,
    *,
    window: int = TRAILING,
    minimum: int = LEAST_CHANGES,
) -> RobustZ | None:
    """Return the window change against trailing changes of the same length in rows.

    The baseline is the last ``window`` overlapping changes that end at or before ``start``
    (METHODS section 1). None when fewer than ``minimum`` exist or their MAD is zero.
    """
    kind = Kind(kind)
    seen = observations(series)
    first, last = _position(seen, start), _position(seen, end)
    length = last - first
    value = window_change(seen, start, end, kind)
    if value is None:
        return None
    past = seen.to_numpy()[: first + 1]
    baseline = change(past[:-length], past[length:], kind)[-window:]
    baseline = baseline[np.isfinite(baseline)]
    if baseline.size < minimum:
        return None
    z = standardise(value, baseline)
    return None if z is None else RobustZ(value, z, int(baseline.size))


def aligned(columns: dict[str, pd.Series]) -> pd.DataFrame:
    """Return the columns on the dates they all share, with only complete rows."""
    return pd.DataFrame(columns).astype(float).dropna()


class Common(NamedTuple):
    """Values on the dates that all series share: ``days`` (rows,) and ``values`` (rows, series)."""

    days: npt.NDArray[np.datetime64]
    values: FloatArray


def common(*series: pd.Series) -> Common:
    """The complete rows of :func:`aligned` as plain arrays; an index must ascend without repeats.

    A frame costs a millisecond to build and a desk aligns dozens of pairs.
    """
    known = [_finite(one) for one in series]
    days = known[0].days
    for other in known[1:]:
        days = np.intersect1d(days, other.days, assume_unique=True)
    rows = [one.values[np.searchsorted(one.days, days)] for one in known]
    return Common(days, np.column_stack(rows))


def _finite(series: pd.Series) -> Common:
    seen = observations(series)
    return Common(np.asarray(seen.index, dtype="datetime64[ns]"), seen.to_numpy(dtype=float))


def split(frame: pd.DataFrame, start: pd.Timestamp, end: pd.Timestamp) -> BaselineSplit:
    """Split rows into those up to ``start`` and those after it up to ``end``."""
    index = frame.index
    return BaselineSplit(frame[index <= start], frame[(index > start) & (index <= end)])


def covers(frame: pd.DataFrame, start: pd.Timestamp, end: pd.Timestamp) -> bool:
    """Whether complete rows come within a week of both bounds, so no part of a window is lost.

    A week spans the longest market closure in the data (11 to 17 September 2001).
    """
    slack = pd.Timedelta(days=7)
    before, window = split(frame, start, end)
    return (
        not before.empty
        and not window.empty
        and bool(start - before.index[-1] <= slack and end - window.index[-1] <= slack)
    )


class Rows(NamedTuple):
    """Rows of day-to-day moves: the baseline ends before ``start``, the window before ``stop``."""

    start: int
    stop: int


def window_rows(
    days: npt.NDArray[np.datetime64], start: pd.Timestamp, end: pd.Timestamp
) -> Rows | None:
    """Where a window's moves lie; ``None`` unless levels come within a week of both bounds.

    The test of :func:`covers` on plain dates.
    """
    first = int(np.searchsorted(days, start.to_datetime64(), side="right"))
    last = int(np.searchsorted(days, end.to_datetime64(), side="right"))
    slack = np.timedelta64(7, "D")
    if first == 0 or last <= first:
        return None
    near = (start.to_datetime64() - days[first - 1], end.to_datetime64() - days[last - 1])
    return Rows(first - 1, last - 1) if max(near) <= slack else None


def beta_residual(
    asset: pd.Series,
    benchmark: pd.Series,
    start: pd.Timestamp,
    end: pd.Timestamp,
    sessions: int = 120,
    *,
    all_hours: bool = False,
) -> Residual | None:
    """Return the asset's window return net of beta times the benchmark's (METHODS 2.4).

    Beta is least squares with intercept on daily log returns of the ``sessions`` common sessions
    ending at ``start``; z = residual / (s_e sqrt n) with s_e the sample standard deviation of the
    residuals (one degree of freedom). The intercept is not carried into the
    window. None with too little history, no benchmark
    variance, or a series that stops short of either bound by more than a week.

    An asset that trades at ``all_hours`` has moves while its benchmark is shut: its return is then
    taken between its own closes, and what came after the last common one counts as a session more.
    """
    levels = common(asset, benchmark)
    cut = window_rows(levels.days, start, end)
    if cut is None:
        return None
    moves = np.diff(np.log(levels.values), axis=0)
    past = moves[: cut.start][-sessions:]
    if len(past) < sessions:
        return None
    x, y = past[:, 1] - past[:, 1].mean(), past[:, 0] - past[:, 0].mean()
    spread = float(x @ x)
    if not spread > 0.0:
        return None
    beta = float(x @ y) / spread
    error = float(np.sqrt(np.sum((y - beta * x) ** 2) / (sessions - 1)))
    if not error > 0.0:
        return None
    inside = moves[cut.start : cut.stop]
    move, market = (float(total) for total in inside.sum(axis=0))
    count = len(inside)
    if all_hours:
        own = window_change(asset, start, end, Kind.LOG)
        if own is None:
            return None
        move = own
        count += int(_position(asset, end) > _position(asset, pd.Timestamp(levels.days[cut.stop])))
    left = move - beta * market
    return Residual(beta, left, left / (error * float(np.sqrt(count))), count, move)
