"""Metals: bullion, silver against gold, miners as beta, and the dating of margin notices.

Prices are daily closes with ascending dates (or closing times); moves are log fractions. The
baseline of every beta ends at the window start and nothing after the end is read.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from causemap.tools.measures.stats import FloatArray, Residual, beta_residual

BETA_SESSIONS: Final = 120
HELD_Z: Final = -1.0
IN_LINE_Z: Final = 1.5
SQUEEZE_Z: Final = -2.0
SQUEEZE_DAY_SHARE: Final = 0.5


class PartialBetas(NamedTuple):
    """Miners regressed on gold and the index together; the residual is over the window."""

    gold_beta: float
    index_beta: float
    residual: float
    z: float


class MetalsReading(StrEnum):
    """What the metals numbers look like; the sign of cause needs dated evidence besides."""

    NO_FALL = "no_fall"
    BULLION_HELD = "bullion_held"
    MARGIN_SQUEEZE = "margin_squeeze"
    MINERS_BEYOND_BETA = "miners_beyond_beta"
    BETA_TO_GOLD = "beta_to_gold"


class MetalsVerdict(NamedTuple):
    """Numbers behind the reading.

    ``gold_z`` is the gold move over its 120-day daily sd times sqrt(n). ``worst_day_share`` is
    the largest daily silver fall over its fall to the lowest close. Margin squeeze: gold did not
    hold, silver residual z <= -2 and half or more of silver's fall on one day. Miners are
    in line with gold while their residual z is within 1.5. Thresholds are starting points.
    """

    reading: MetalsReading
    gold: float
    gold_z: float
    silver: Residual
    worst_day_share: float | None
    miners: Residual
    miners_partial: PartialBetas | None


class NoticeRole(StrEnum):
    """Where a notice stands to the fall."""

    BEFORE_FALL = "before_fall"
    RESPONSE = "response"
    UNDECIDED = "undecided"
    AFTER_FALL = "after_fall"


class NoticeTiming(NamedTuple):
    """Share of the fall done when a notice became known, and what that makes of the notice.

    ``done_low`` is from the last close at or before the earliest time it can have been known,
    ``done_high`` from the first close after the latest: a notice inside a bar is placed no better
    than its bar.
    """

    done_low: float
    done_high: float
    role: NoticeRole


class _Split(NamedTuple):
    """Log returns of the baseline and of the window."""

    past: FloatArray
    window: FloatArray


def _split(
    prices: pd.DataFrame, start: pd.Timestamp, end: pd.Timestamp, sessions: int
) -> _Split | None:
    """Log returns up to start and after it; None when either end has no close of its own."""
    known = prices.dropna()
    if known.empty or known.index[0] > start or known.index[-1] < end:
        return None
    logs = np.log(known.to_numpy(dtype=float))
    returns, dates = np.diff(logs, axis=0), known.index[1:]
    past = returns[dates <= start][-sessions:]
    window = returns[(dates > start) & (dates <= end)]
    return _Split(past, window) if len(past) == sessions and len(window) else None


def partial_betas(
    prices: pd.DataFrame,
    start: pd.Timestamp,
    end: pd.Timestamp,
    *,
    miners: str = "GDX",
    gold: str = "GLD",
    index: str = "SPX",
    sessions: int = BETA_SESSIONS,
) -> PartialBetas | None:
    """Regress miners on gold and the index at once, with an intercept that is not carried on."""
    parts = _split(prices[[miners, gold, index]], start, end, sessions)
    if parts is None:
        return None
    y, x = parts.past[:, 0], parts.past[:, 1:] - parts.past[:, 1:].mean(axis=0)
    if np.linalg.matrix_rank(x) < 2:
        return None
    betas = np.linalg.lstsq(x, y - y.mean(), rcond=None)[0]
    scale = float(np.std(y - x @ betas, ddof=2))
    totals = parts.window.sum(axis=0)
    rest = float(totals[0] - totals[1:] @ betas)
    z = rest / (scale * len(parts.window) ** 0.5)
    return PartialBetas(float(betas[0]), float(betas[1]), rest, z)


def worst_day_share(
    price: pd.Series[float], start: pd.Timestamp, end: pd.Timestamp
) -> float | None:
    """Largest one-day log fall over the fall from start to the lowest close; None if no fall."""
    known = price.dropna()
    before = known[known.index <= start]
    inside = known[(known.index > start) & (known.index <= end)]
    if before.empty or inside.empty or inside.min() >= before.iloc[-1]:
        return None
    logs = np.log(np.concatenate([[before.iloc[-1]], inside.to_numpy(dtype=float)]))
    fall = float(logs[0] - logs.min())
    return min(1.0, float(-np.diff(logs[: int(logs.argmin()) + 1]).min()) / fall)


def metals_verdict(
    prices: pd.DataFrame,
    start: pd.Timestamp,
    end: pd.Timestamp,
    *,
    gold: str = "GLD",
    silver: str = "SLV",
    miners: str = "GDX",
    index: str = "SPX",
) -> MetalsVerdict | None:
    """Read bullion, silver and miners together; None when one of the three is absent."""
    pair = beta_residual(prices[silver], prices[gold], start, end)
    stocks = beta_residual(prices[miners], prices[gold], start, end)
    together = _split(prices[[gold, silver, miners]], start, end, BETA_SESSIONS)
    if pair is None or stocks is None or together is None:
        return None
    past, window = together.past[:, 0], together.window[:, 0]
    move = float(window.sum())
    gold_z = move / (float(past.std(ddof=1)) * len(window) ** 0.5)
    day = worst_day_share(prices[silver], start, end)
    sudden = day is not None and day >= SQUEEZE_DAY_SHARE
    squeeze = gold_z < HELD_Z and pair.z <= SQUEEZE_Z and sudden
    return MetalsVerdict(
        reading=_reading(move, gold_z, stocks, squeeze=squeeze),
        gold=move,
        gold_z=gold_z,
        silver=pair,
        worst_day_share=day,
        miners=stocks,
        miners_partial=partial_betas(prices, start, end, miners=miners, gold=gold, index=index),
    )


def _reading(gold: float, gold_z: float, miners: Residual, *, squeeze: bool) -> MetalsReading:
    if gold >= 0 and miners.move >= 0:
        return MetalsReading.NO_FALL
    if squeeze:
        return MetalsReading.MARGIN_SQUEEZE
    if miners.z <= -IN_LINE_Z:
        return MetalsReading.MINERS_BEYOND_BETA
    return MetalsReading.BULLION_HELD if gold_z >= HELD_Z else MetalsReading.BETA_TO_GOLD


def notice_timing(
    earliest: pd.Timestamp | None,
    latest: pd.Timestamp,
    price: pd.Series[float],
    start: pd.Timestamp,
    end: pd.Timestamp,
    broken: float,
) -> NoticeTiming | None:
    """Place a margin notice on the fall from start to the lowest close by end (TAXONOMY rule 6).

    ``price`` is indexed by closing TIMES in UTC, as are all times; ``earliest`` is None where it
    is not known since when the notice was out. With the share ``broken`` of the fall done before
    it, a notice is a response and at most an amplifier of the rest. None without prices or a fall.
    """
    path = price[price.index <= end].dropna()
    before = path[path.index <= start]
    if before.empty or path.index[-1] <= start:
        return None
    path = path[path.index >= before.index[-1]]
    base, floor = float(path.iloc[0]), float(path.min())
    if floor >= base:
        return None
    done = (base - path.cummin()) / (base - floor)
    low = 0.0 if earliest is None else _done(done, earliest).low
    high = _done(done, latest).high
    return NoticeTiming(low, high, _role(low, high, broken))


class _Bounds(NamedTuple):
    """Share of the fall done at the closes on either side of a time."""

    low: float
    high: float


def _done(done: pd.Series[float], at: pd.Timestamp) -> _Bounds:
    known, later = done[done.index <= at], done[done.index > at]
    low = float(known.iloc[-1]) if len(known) else 0.0
    # At or before the start close nothing of the fall can have happened yet.
    high = float(later.iloc[0]) if len(later) and len(known) else low
    return _Bounds(low, high)


def _role(low: float, high: float, broken: float) -> NoticeRole:
    if low >= 1:
        return NoticeRole.AFTER_FALL
    if low >= broken:
        return NoticeRole.RESPONSE
    return NoticeRole.BEFORE_FALL if high < broken else NoticeRole.UNDECIDED
