"""Drawdown windows found in prices (TAXONOMY rule 1): from the local peak to the trough.

The start is the close of the local peak, the end the lowest close before half of the fall was
taken back. The prices decide the window; no cause is looked at, so no window is moved to fit one.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from datetime import date

RETRACE: Final = 0.5
# A dip smaller than this many daily standard deviations is noise: taking it back ends nothing.
NOISE: Final = 2.0
# Days given as closes are kept when the fall between them is this share of the deepest inside.
KEPT: Final = 2 / 3
_VOLATILITY_DAYS: Final = 250
_LEAST_DAYS: Final = 20


@dataclass(frozen=True, slots=True)
class Window:
    """Closes ``start`` to ``end`` (``YYYY-MM-DD``) of one asset.

    ``fall`` is the natural-log fall, positive when the price went down; ``score`` the fall in
    daily standard deviations of the asset before the window, ``None`` with too little history.
    """

    asset: str
    start: str
    end: str
    fall: float
    score: float | None


def day_window(asset: str, series: pd.Series[float], day: date) -> Window | None:
    """The session of ``day``: the close before it to its close.

    A day without a session (a weekend for shares) gives the closes on either side. ``None`` when
    the data do not reach both.
    """
    after = int(series.index.searchsorted(pd.Timestamp(day), side="left"))
    if after == 0 or after >= len(series):
        return None
    return _window(asset, series, after - 1, after)


def deepest_window(
    asset: str, series: pd.Series[float], first: date, last: date, *, closes: bool = False
) -> Window | None:
    """The deepest fall of ``asset`` within ``first`` .. ``last``.

    The close before ``first`` belongs to the period, so that the first day's own fall counts,
    unless ``closes``: then both days were given as closes, and they stay the window if most of the
    fall lies between them. Where nothing fell, the whole period is returned. ``None`` when the
    period holds fewer than two closes.
    """
    begin = int(series.index.searchsorted(pd.Timestamp(first), side="left"))
    stop = int(series.index.searchsorted(pd.Timestamp(last), side="right"))
    begin = begin if closes else max(begin - 1, 0)
    if stop - begin < 2:
        return None
    whole = _window(asset, series, begin, stop - 1)
    log_prices = np.log(series.to_numpy(dtype=float)[begin:stop])
    noise = NOISE * (_daily_sd(series, begin) or 0.0)
    spans = list(falls(log_prices.tolist(), noise))
    if not spans:
        return whole
    deepest = max(spans, key=lambda span: (span.depth, -span.peak))
    if closes and whole.fall >= KEPT * deepest.depth:
        return whole
    return _window(asset, series, begin + deepest.peak, begin + deepest.trough)


@dataclass(frozen=True, slots=True)
class Fall:
    """Positions of a peak and the trough after it, and the log depth between them."""

    peak: int
    trough: int
    depth: float


def falls(log_prices: Sequence[float], noise: float = 0.0) -> Iterator[Fall]:
    """Falls in time order, each ended by a new high or by taking back half of it.

    A fall no deeper than ``noise`` (log units) is not ended by being taken back.

    >>> from math import log
    >>> [(f.peak, f.trough) for f in falls([log(x) for x in (100, 90, 96, 80, 81)])]
    [(0, 1), (2, 3)]
    """
    peak = trough = 0
    for now in range(1, len(log_prices)):
        depth = log_prices[peak] - log_prices[trough]
        taken_back = log_prices[now] - log_prices[trough]
        new_high = log_prices[now] >= log_prices[peak]
        if new_high or (depth > noise and taken_back >= RETRACE * depth):
            if depth > 0:
                yield Fall(peak, trough, depth)
            peak = trough = now
        elif log_prices[now] < log_prices[trough]:
            trough = now
    depth = log_prices[peak] - log_prices[trough] if len(log_prices) else 0.0
    if depth > 0:
        yield Fall(peak, trough, depth)


def _window(asset: str, series: pd.Series[float], begin: int, end: int) -> Window:
    fall = math.log(float(series.iloc[begin]) / float(series.iloc[end]))
    deviation = _daily_sd(series, begin)
    return Window(
        asset,
        _iso(series.index[begin]),
        _iso(series.index[end]),
        fall,
        fall / deviation if deviation else None,
    )


def _daily_sd(series: pd.Series[float], before: int) -> float | None:
    """Standard deviation of the daily log changes up to position ``before`` (at most 250)."""
    values = series.to_numpy(dtype=float)[max(0, before - _VOLATILITY_DAYS) : before + 1]
    if len(values) < _LEAST_DAYS + 1:
        return None
    deviation = float(np.std(np.diff(np.log(values)), ddof=1))
    return deviation if deviation > 0 else None


def _iso(stamp: object) -> str:
    return str(pd.Timestamp(str(stamp)).date())
