"""The tape of one perpetual: how fast a fall was, how it went on, and its basis to spot.

Bars are indexed by their OPENING time in UTC and known only once closed. Nothing later than the
window end is read, but for what was won back a day after the low: of that nothing later than
``as_of``. Absent data give None, never zero. Moves are fractions unless named bp.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from causemap.tools.measures.stats import MAD_TO_SIGMA, mad

FOUR_HOURS: Final = pd.Timedelta(hours=4)
DAY: Final = pd.Timedelta(days=1)
SPEED_SPAN: Final = pd.Timedelta(hours=120)
HISTORY: Final = pd.Timedelta(days=90)
MIN_HISTORY: Final = 200
MIN_COVERAGE: Final = 0.9


class Tape(NamedTuple):
    """Closes and lows of one contract, indexed by the opening time of bars of length ``bar``."""

    close: pd.Series[float]
    low: pd.Series[float]
    bar: pd.Timedelta = FOUR_HOURS


class Speed(NamedTuple):
    """How concentrated a fall was, on bars closing in (start, end].

    ``fall`` is the lowest low against the close at ``start``; ``deepest`` the deepest drop from a
    close to a low within four hours, and ``share`` = deepest / fall, capped at 1 (where the price
    had risen first). ``worst`` is the worst close-to-close log return over four hours,
    to the close of the bar that opened ``worst_at``; ``worst_z`` that over 1.4826 MAD of such
    returns in the 90 days before (not centred).
    ``retrace`` is the part of the fall won back 24 hours after the bar of the low; else None.
    """

    fall: float
    low_at: pd.Timestamp
    deepest: float
    share: float
    worst: float
    worst_at: pd.Timestamp
    worst_z: float | None
    retrace: float | None


class Basis(NamedTuple):
    """Perpetual over spot, in bp, at the ``n`` times in the window where both are known."""

    deepest_bp: float
    deepest_at: pd.Timestamp
    n: int


def lowest_at(series: pd.Series[float]) -> pd.Timestamp:
    """The time of the lowest value."""
    return pd.DatetimeIndex(series.index)[int(np.nanargmin(series.to_numpy()))]


def _path(tape: Tape, start: pd.Timestamp, end: pd.Timestamp) -> pd.DataFrame | None:
    """Closes and lows on the full bar grid; row 0 is the bar that closes at start."""
    bar = tape.bar
    opens = pd.date_range(start.floor(bar) - bar, end.floor(bar) - bar, freq=bar)
    path = pd.DataFrame({"close": tape.close, "low": tape.low}).loc[start - 2 * bar : end]
    path = path.reindex(opens)
    known = float(path.notna().all(axis=1).mean()) if len(path) > 1 else 0.0
    return None if known < MIN_COVERAGE or pd.isna(path["close"].iloc[0]) else path


def robust_scale(history: pd.Series[float]) -> float | None:
    """1.4826 MAD; None where the history is short or flat."""
    if len(history) < MIN_HISTORY:
        return None
    scale = MAD_TO_SIGMA * mad(np.asarray(history.dropna(), dtype=np.float64))
    return scale if scale > 0 else None


def _drops(path: pd.DataFrame, steps: int) -> pd.Series[float]:
    """Per bar, the deepest drop of its low under any close of the ``steps`` bars before it."""
    each = [path["low"] / path["close"].shift(k) - 1 for k in range(1, steps + 1)]
    return pd.concat(each, axis=1).min(axis=1).iloc[1:]


def _retrace(
    tape: Tape, at: pd.Timestamp, floor: float, base: float, as_of: pd.Timestamp
) -> float | None:
    later = at + DAY
    if later + tape.bar > as_of or pd.isna(tape.close.get(later, np.nan)):
        return None
    return (float(tape.close[later]) - floor) / (base - floor)


def speed(
    tape: Tape, start: pd.Timestamp, end: pd.Timestamp, *, as_of: pd.Timestamp
) -> Speed | None:
    """Measure how fast the fall between two times was; None without bars or without a fall."""
    path = _path(tape, start, min(end, as_of))
    if path is None:
        return None
    base, lows = float(path["close"].iloc[0]), path["low"].iloc[1:]
    floor, low_at = float(lows.min()), lowest_at(lows)
    if floor >= base:
        return None
    steps = max(1, FOUR_HOURS // tape.bar)
    drops, opened = _drops(path, steps), path.index[1]
    moves = np.log(path["close"]).diff(steps)
    past = tape.close[(tape.close.index >= opened - HISTORY - tape.bar * steps)]
    past = np.log(past[past.index < opened].dropna()).diff(steps).dropna()
    scale, worst = robust_scale(past), float(moves.min())
    fall, deepest = floor / base - 1, float(drops.min())
    return Speed(
        fall=fall,
        low_at=low_at,
        deepest=deepest,
        share=min(1.0, deepest / fall),
        worst=worst,
        worst_at=lowest_at(moves),
        worst_z=None if scale is None else worst / scale,
        retrace=_retrace(tape, low_at, floor, base, as_of),
    )


def cascade_speed(tape: Tape, trough_close: pd.Timestamp, *, as_of: pd.Timestamp) -> Speed | None:
    """Speed on the fixed 120 hours to the trough day's close, so window length cannot leak in."""
    return speed(tape, trough_close - SPEED_SPAN, trough_close, as_of=as_of)


def fall_progress(tape: Tape, start: pd.Timestamp, end: pd.Timestamp) -> pd.Series[float] | None:
    """Share of the fall done, indexed by bar CLOSE time: 0 at start, 1 from the low on."""
    path = _path(tape, start, end)
    if path is None or path["low"].iloc[1:].min() >= path["close"].iloc[0]:
        return None
    base, lows = float(path["close"].iloc[0]), path["low"].copy()
    lows.iloc[0] = base
    depth = (base - lows.cummin().ffill()).clip(lower=0)
    return pd.Series(
        (depth / depth.max()).to_numpy(), index=pd.DatetimeIndex(path.index) + tape.bar
    )


def weekend_share(tape: Tape, start: pd.Timestamp, end: pd.Timestamp) -> float | None:
    """Part of the log fall to the lowest close made on Saturday and Sunday (UTC); may be < 0."""
    path = _path(tape, start, end)
    if path is None:
        return None
    logs = np.log(path["close"].dropna())
    fall = logs[: logs.idxmin()].diff().dropna()
    if float(fall.sum()) >= 0:
        return None
    weekend = pd.DatetimeIndex(fall.index).day_of_week >= 5
    return float(fall[weekend].sum() / fall.sum())


def basis(
    perp: pd.Series[float], spot: pd.Series[float], start: pd.Timestamp, end: pd.Timestamp
) -> Basis | None:
    """Perpetual against spot at common times in [start, end]; None without two of them."""
    bp = (1e4 * (perp / spot - 1)).dropna()
    bp = bp[(bp.index >= start) & (bp.index <= end)]
    if len(bp) < 2:
        return None
    return Basis(float(bp.min()), lowest_at(bp), len(bp))
