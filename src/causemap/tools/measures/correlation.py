"""Correlation on several horizons, tests for a change, and contagion bias.

Daily crypto closes are at midnight UTC, three to four hours after the New York close; taking both
at equity session dates keeps weekends inside the crypto return of the next session.
"""

from __future__ import annotations

from statistics import NormalDist
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from causemap.tools.measures.stats import FloatArray, rows_until

HORIZONS: Final = (10, 20, 60)
COMPRESSION_LEVEL: Final = 0.7
CHANGE_THRESHOLD: Final = 2.6
BASELINE_SESSIONS: Final = 250


class Pair(NamedTuple):
    """Two series of log returns over the same sessions, with a common index and no gaps."""

    first: pd.Series[float]
    second: pd.Series[float]


class Interval(NamedTuple):
    """Lower and upper bound."""

    low: float
    high: float


class HorizonCorrelation(NamedTuple):
    """Correlation of the last ``n`` returns up to ``date``.

    ``effective_n`` corrects for serial correlation; ``interval`` is the Fisher interval at 95 %,
    None when it has no meaning (effective n of 3 or fewer, or a perfect correlation).
    """

    date: pd.Timestamp
    window: int
    n: int
    effective_n: float
    r: float
    interval: Interval | None


class CorrelationChange(NamedTuple):
    """A recent correlation against the stretch before it, ``z`` standard errors apart.

    ``adjusted`` is the recent correlation freed of the Forbes-Rigobon bias, equal to it when the
    first (source) series was no more volatile than before.
    """

    recent: HorizonCorrelation
    before: HorizonCorrelation
    z: float
    adjusted: float


class Compression(NamedTuple):
    """Is everything trading as one book: r >= 0.7 on two horizons and a change of z >= 2.6.

    ``z`` is that of the longest horizon at 0.7 or above, None when fewer than two are.
    """

    horizons: tuple[HorizonCorrelation, ...]
    passing: tuple[int, ...]
    z: float | None
    flagged: bool


class DownsideCorrelation(NamedTuple):
    """Correlation over the ``n`` sessions on which the first series fell."""

    r: float
    n: int
    interval: Interval | None


def paired_returns(first: pd.Series[float], second: pd.Series[float]) -> Pair:
    """Log returns of both price series over the sessions of ``first`` (the equity series).

    A session without a price of ``second`` loses the two returns that touch it: nothing is filled.
    """
    sessions = first.dropna()
    prices = pd.DataFrame({"first": sessions, "second": second.reindex(sessions.index)})
    returns = prices.map(np.log).diff().dropna()
    return Pair(returns["first"], returns["second"])


def _values(series: pd.Series[float]) -> FloatArray:
    return np.asarray(series, dtype=np.float64)


def pearson(x: FloatArray, y: FloatArray) -> float | None:
    """Pearson correlation in [-1, 1]; None below three points or when a series does not move."""
    if len(x) < 3 or np.ptp(x) == 0 or np.ptp(y) == 0:
        return None
    # Unit scale first: squares of very small moves would underflow.
    dx, dy = (x - x.mean()) / np.ptp(x), (y - y.mean()) / np.ptp(y)
    return float(np.clip(dx @ dy / np.sqrt((dx @ dx) * (dy @ dy)), -1, 1))


def effective_n(n: int, autocorrelation_x: float, autocorrelation_y: float) -> float:
    """Effective n = n (1 - rx ry) / (1 + rx ry), with first autocorrelations (Bartlett 1935)."""
    product = autocorrelation_x * autocorrelation_y
    return n * (1 - product) / (1 + product)


def fisher_interval(r: float, n: float, level: float = 0.95) -> Interval | None:
    """Interval of a correlation by Fisher's transform; None for n <= 3 or |r| = 1."""
    if n <= 3 or abs(r) >= 1:
        return None
    half = NormalDist().inv_cdf(0.5 + level / 2) / np.sqrt(n - 3)
    centre = np.arctanh(r)
    return Interval(float(np.tanh(centre - half)), float(np.tanh(centre + half)))


def fisher_change(r1: float, n1: float, r2: float, n2: float) -> float | None:
    """(atanh r1 - atanh r2) / sqrt(1/(n1-3) + 1/(n2-3)) for independent samples (Fisher 1921).

    None when a sample has n <= 3 or a correlation is exactly 1 or -1.
    """
    if min(n1, n2) <= 3 or max(abs(r1), abs(r2)) >= 1:
        return None
    return float((np.arctanh(r1) - np.arctanh(r2)) / np.sqrt(1 / (n1 - 3) + 1 / (n2 - 3)))


def forbes_rigobon(rho: float, delta: float) -> float:
    """Rho / sqrt(1 + delta (1 - rho^2)): correlation freed of the source's higher variance.

    ``delta`` = variance in crisis / variance in calm - 1 of the source series. Valid only without
    an omitted common factor and without feedback (Forbes and Rigobon 2002).

    Raises:
        ValueError: ``rho`` outside [-1, 1], or ``delta`` <= -1 (a variance is not negative).
    """
    if abs(rho) > 1 or delta <= -1:
        raise ValueError("rho must lie in [-1, 1] and delta above -1")
    return float(rho / np.sqrt(1 + delta * (1 - rho * rho)))


def correlation_at(pair: Pair, at: pd.Timestamp, window: int) -> HorizonCorrelation | None:
    """Correlation of the last ``window`` returns on or before ``at``; None when there are fewer."""
    first, second = pair.first.loc[:at], pair.second.loc[:at]
    if len(first) < window:
        return None
    return _horizon(first.index[-1], _values(first)[-window:], _values(second)[-window:])


def highest_correlation(
    pair: Pair, start: pd.Timestamp, end: pd.Timestamp, window: int
) -> HorizonCorrelation | None:
    """The highest :func:`correlation_at` of the sessions from ``start`` to ``end``, both included.

    The earliest of several as high; None where no session has ``window`` returns that move.
    """
    first, second = _values(pair.first), _values(pair.second)
    begin = int(pair.first.index.searchsorted(start, side="left"))
    stops = range(max(begin + 1, window), rows_until(pair.first.index, end) + 1)
    found = {
        stop: pearson(first[stop - window : stop], second[stop - window : stop]) for stop in stops
    }
    known = {stop: r for stop, r in found.items() if r is not None}
    if not known:
        return None
    stop = max(known, key=lambda one: known[one])
    last = slice(stop - window, stop)
    return _horizon(pair.first.index[stop - 1], first[last], second[last])


def correlations_at(
    pair: Pair, at: pd.Timestamp, windows: tuple[int, ...] = HORIZONS
) -> tuple[HorizonCorrelation, ...]:
    """:func:`correlation_at` on each horizon that the data allow, shortest first."""
    found = (correlation_at(pair, at, window) for window in sorted(windows))
    return tuple(one for one in found if one is not None)


def _horizon(date: pd.Timestamp, x: FloatArray, y: FloatArray) -> HorizonCorrelation | None:
    r = pearson(x, y)
    if r is None:
        return None
    rx, ry = pearson(x[1:], x[:-1]), pearson(y[1:], y[:-1])
    n = len(x)
    # Capped at n: opposite noise in two autocorrelations must not buy precision.
    size = float(n) if rx is None or ry is None else min(float(n), _safe_effective_n(n, rx, ry))
    return HorizonCorrelation(date, n, n, size, r, fisher_interval(r, size))


def _safe_effective_n(n: int, rx: float, ry: float) -> float:
    return float(n) if rx * ry <= -1 else effective_n(n, rx, ry)


def correlation_change(
    pair: Pair, at: pd.Timestamp, window: int, baseline: int = BASELINE_SESSIONS
) -> CorrelationChange | None:
    """Last ``window`` returns against the ``baseline`` returns before them (no overlap).

    The first series of the pair is the source for the Forbes-Rigobon variance ratio. None when
    the data are too short or a correlation cannot be tested.
    """
    x, y = (_values(s.loc[:at])[-window - baseline :] for s in pair)
    if len(x) < window + baseline:
        return None
    recent = correlation_at(pair, at, window)
    calm_end = pair.first.loc[:at].index[-window - 1]
    before = _horizon(calm_end, x[:baseline], y[:baseline])
    if recent is None or before is None:
        return None
    z = fisher_change(recent.r, recent.effective_n, before.r, before.effective_n)
    if z is None:
        return None
    delta = float(x[baseline:].var(ddof=1) / x[:baseline].var(ddof=1)) - 1
    # A calmer source would push the figure up, and quiet must not be read as contagion.
    return CorrelationChange(recent, before, z, forbes_rigobon(recent.r, max(0.0, delta)))


def compression(
    pair: Pair,
    at: pd.Timestamp,
    windows: tuple[int, ...] = HORIZONS,
    baseline: int = BASELINE_SESSIONS,
) -> Compression | None:
    """One-book flag: r >= 0.7 on at least two horizons, and the change test z >= 2.6.

    The test is read on the longest horizon at 0.7 or above, the one with most data. None when
    fewer than two horizons can be measured.
    """
    horizons = correlations_at(pair, at, windows)
    if len(horizons) < 2:
        return None
    passing = tuple(one.window for one in horizons if one.r >= COMPRESSION_LEVEL)
    if len(passing) < 2:
        return Compression(horizons, passing, z=None, flagged=False)
    change = correlation_change(pair, at, max(passing), baseline)
    z = None if change is None else change.z
    return Compression(horizons, passing, z, z is not None and z >= CHANGE_THRESHOLD)


def downside_correlation(pair: Pair, at: pd.Timestamp, window: int) -> DownsideCorrelation | None:
    """Correlation over the falling sessions of the first series among the last ``window``.

    Selecting on one series lowers a correlation by itself, so compare it only with the same
    measure on another date, never with the full-sample figure (Ang and Chen 2002).
    """
    x, y = (_values(s.loc[:at])[-window:] for s in pair)
    falls = x < 0
    r = pearson(x[falls], y[falls])
    if len(x) < window or r is None:
        return None
    n = int(falls.sum())
    return DownsideCorrelation(r, n, fisher_interval(r, n))


def ewma_correlation(pair: Pair, at: pd.Timestamp, decay: float = 0.94) -> float | None:
    """Zero-mean exponentially weighted correlation (RiskMetrics 1996), the stand-in for DCC.

    None with fewer than 20 returns or when a series does not move.
    """
    x, y = (_values(s.loc[:at]) for s in pair)
    weights = decay ** np.arange(len(x) - 1, -1, -1.0)
    scale = np.sqrt((weights @ (x * x)) * (weights @ (y * y)))
    if len(x) < 20 or scale == 0:
        return None
    return float(np.clip(weights @ (x * y) / scale, -1, 1))
