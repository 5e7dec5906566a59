"""The start of each series' move as an interval.

A daily bar says only "between the last close and this one", and a closed market says only "at
the next open". What order such intervals prove is told by :mod:`causemap.attribution.order`.
"""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from causemap.tools.measures.stats import MAD_TO_SIGMA, mad, rows_until

CUSUM_ALLOWANCE: Final = 0.5
CUSUM_LIMIT: Final = 5.0
FIRST_CROSSING: Final = 2.0
NARROWING: Final = 3.0
SCALE_SESSIONS: Final = 250
MIN_SCALE_SESSIONS: Final = 60

Side = Literal["down", "up", "either"]
Market = Literal["us_equity", "crypto"]


class Onset(NamedTuple):
    """A start between two UTC times: no earlier than ``lo``, seen by ``hi``."""

    name: str
    lo: pd.Timestamp
    hi: pd.Timestamp


class _Run(NamedTuple):
    begin: int
    crossing: int
    seen: int


def close_times(dates: pd.DatetimeIndex, market: Market) -> pd.DatetimeIndex:
    """UTC closing times of daily bars: 16:00 New York for equities, 24:00 UTC for crypto."""
    plain = pd.DatetimeIndex(dates).normalize()
    if market == "crypto":
        return (plain + pd.Timedelta(days=1)).tz_localize("UTC")
    local = (plain + pd.Timedelta(hours=16)).tz_localize("America/New_York")
    return local.tz_convert("UTC")


def standardised_moves(
    levels: pd.Series[float], start: pd.Timestamp, *, log: bool = True
) -> pd.Series[float] | None:
    """Bar moves in robust deviations of the 250 moves up to ``start``.

    ``log`` for prices; False for yields and spreads (plain differences). Centre and scale (median
    and 1.4826 * median absolute deviation) are frozen at ``start``: later data cannot change them.
    None with fewer than 60 earlier moves or when these do not vary.
    """
    values = levels.to_numpy(np.float64)
    # Oil once closed below zero (20 April 2020); a log move does not exist there.
    known = values > 0.0 if log else ~np.isnan(values)
    moves = np.diff(np.log(values[known]) if log else values[known])
    index = levels.index[known][1:]
    stop = rows_until(index, start)
    past = moves[:stop][-SCALE_SESSIONS:]
    if len(past) < MIN_SCALE_SESSIONS:
        return None
    centre = float(np.median(past))
    scale = MAD_TO_SIGMA * mad(np.asarray(past, dtype=np.float64))
    return pd.Series((moves - centre) / scale, index=index) if scale > 0 else None


def find_onset(
    name: str,
    moves: pd.Series[float],
    start: pd.Timestamp,
    end: pd.Timestamp,
    *,
    bar: pd.Timedelta,
    side: Side = "either",
) -> Onset | None:
    """Onset of standardised ``moves`` (indexed by bar close) after ``start`` and up to ``end``.

    CUSUM with allowance 0.5 and limit 5 (Page 1954), starting from zero at ``start``: ``lo`` is
    the opening of the bar at which the crossing run left zero, ``hi`` the close of the first bar
    of the run with |move| >= 2, at the latest the crossing. A series that never reaches the limit
    falls back on its first |move| >= 2 alone, which is weaker: about one calm day in twenty passes
    it. None when neither happens.
    """
    known = moves.dropna()
    inside = _between(known, start, end)
    signed = _signed(np.asarray(inside, dtype=np.float64), side)
    run = _first_run(signed) or _first_large(signed)
    if run is None:
        return None
    opened = _opening(known, inside.index[run.begin], bar)
    return Onset(name, opened, pd.Timestamp(inside.index[run.seen]))


def narrowed(onset: Onset, moves: pd.Series[float], side: Side = "either") -> Onset:
    """The onset at the first bar of finer ``moves`` inside it that stands out (|move| >= 3).

    The finer bars place an onset that the coarse ones found and never find one themselves: more
    bars alone would make a series look early, and so would the limit of 2 for single bars, which
    one calm four-hour bar in twenty passes. Unchanged where no bar inside stands out.
    """
    known = moves.dropna()
    inside = _between(known, onset.lo, onset.hi)
    values = _signed(np.asarray(inside, dtype=np.float64), side)
    run = _first_large(values, NARROWING) if len(inside) else None
    if run is None:
        return onset
    hi = pd.Timestamp(inside.index[run.seen])
    position = int(known.index.searchsorted(hi))
    lo = pd.Timestamp(known.index[position - 1]) if position else onset.lo
    return onset._replace(lo=max(onset.lo, lo), hi=hi)


def _between(
    series: pd.Series[float], after: pd.Timestamp, until: pd.Timestamp
) -> pd.Series[float]:
    """The rows later than ``after``, up to ``until`` inclusive; the index ascends."""
    return series.iloc[rows_until(series.index, after) : rows_until(series.index, until)]


def _signed(values: npt.NDArray[np.float64], side: Side) -> tuple[npt.NDArray[np.float64], ...]:
    sides = {"up": (values,), "down": (-values,), "either": (values, -values)}
    return sides[side]


def _first_run(signed: tuple[npt.NDArray[np.float64], ...]) -> _Run | None:
    runs = [run for run in map(_cusum, signed) if run is not None]
    return min(runs, key=lambda run: run.crossing, default=None)


def _cusum(values: npt.NDArray[np.float64]) -> _Run | None:
    total, begin = 0.0, 0
    for i, value in enumerate(values):
        if total == 0.0:
            begin = i
        total = max(0.0, total + float(value) - CUSUM_ALLOWANCE)
        if total > CUSUM_LIMIT:
            large = np.flatnonzero(values[begin : i + 1] >= FIRST_CROSSING)
            return _Run(begin, i, begin + int(large[0]) if large.size else i)
    return None


def _first_large(
    signed: tuple[npt.NDArray[np.float64], ...], limit: float = FIRST_CROSSING
) -> _Run | None:
    hits = np.flatnonzero(np.max(np.vstack(signed), axis=0) >= limit)
    return _Run(*[int(hits[0])] * 3) if hits.size else None


def _opening(known: pd.Series[float], close: pd.Timestamp, bar: pd.Timedelta) -> pd.Timestamp:
    position = int(known.index.searchsorted(close))
    # The first bar of a series has no earlier close to begin from.
    return pd.Timestamp(known.index[position - 1]) if position else pd.Timestamp(close) - bar
