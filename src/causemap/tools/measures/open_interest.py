"""Plumbing of the coins: open interest in coins, forced closings on chain and off, supply.

Values are indexed by the time they are known (`at_close` moves daily rows there), sums per bar by
the bar's opening. Absent data give None, never zero.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

import numpy as np
import pandas as pd

from causemap.tools.measures.crypto import DAY, FOUR_HOURS, robust_scale


class Quadrant(StrEnum):
    """Who was trading, read from the signs of price and coin open interest."""

    LONG_LIQUIDATION = "long_liquidation"
    NEW_SHORTS = "new_shorts"
    SHORT_COVERING = "short_covering"
    NEW_LONGS = "new_longs"
    UNCHANGED = "unchanged"


class OpenInterest(NamedTuple):
    """Open interest in coins: its relative change over the window, and the worst 24 hours."""

    change: float
    worst_24h: float | None
    quadrant: Quadrant


class OnChain(NamedTuple):
    """Liquidations of one window in USD, ranked among earlier windows of the same length.

    ``rank`` 1 is the largest of ``n`` earlier windows and this one; ``z`` is on log(1 + USD) and
    None where the MAD is nil (quiet history). ``covered_to`` tells a series that stops early.
    """

    total_usd: float
    rank: int
    n: int
    z: float | None
    covered_to: pd.Timestamp


class Liquidations(NamedTuple):
    """Forced closings in USD; shares are fractions. Venues under-report: a lower bound."""

    total_usd: float
    long_share: float
    share_of_oi: float | None


def at_close(daily: pd.Series[float]) -> pd.Series[float]:
    """Move naive UTC dates to the end of their day, when a daily value is known."""
    known = pd.DatetimeIndex(daily.index).tz_localize("UTC") + DAY
    return pd.Series(daily.to_numpy(), index=known, name=daily.name)


def _log(series: pd.Series[float]) -> pd.Series[float]:
    return pd.Series(np.log(series.to_numpy()), index=series.index)


def quadrant(price_change: float, coin_change: float) -> Quadrant:
    """Name the price and open-interest quadrant; a change of exactly zero names none."""
    if not (np.isfinite(price_change) and np.isfinite(coin_change)):
        raise ValueError("a change is not finite; leave the quadrant out when data are missing")
    if price_change == 0 or coin_change == 0:
        return Quadrant.UNCHANGED
    if price_change < 0:
        return Quadrant.LONG_LIQUIDATION if coin_change < 0 else Quadrant.NEW_SHORTS
    return Quadrant.SHORT_COVERING if coin_change < 0 else Quadrant.NEW_LONGS


def _last(series: pd.Series[float], at: pd.Timestamp, oldest: pd.Timedelta) -> float | None:
    """The last value at or before a time, unless it is older than allowed."""
    known = series[(series.index <= at) & (series.index > at - oldest)].dropna()
    return float(known.iloc[-1]) if len(known) else None


def open_interest(
    oi_usd: pd.Series[float], price: pd.Series[float], start: pd.Timestamp, end: pd.Timestamp
) -> OpenInterest | None:
    """Open interest in coins, dlog OI_usd - dlog P; both of one time, under a day old, or None.

    A Friday figure carried into a weekend and set against a Sunday price turns falls into rises.
    """
    both = pd.DataFrame({"oi": oi_usd, "price": price}).dropna()
    coins, prices = _log(both["oi"] / both["price"]), _log(both["price"])
    ends = [_last(s, t, DAY) for s in (coins, prices) for t in (start, end)]
    if any(value is None for value in ends):
        return None
    coin0, coin1, price0, price1 = (float(value) for value in ends if value is not None)
    before = pd.DatetimeIndex(coins.index) - DAY
    earlier = coins.reindex(before, method="ffill", tolerance=2 * FOUR_HOURS)
    day = pd.Series(coins.to_numpy() - earlier.to_numpy(), index=coins.index)
    day = day[(day.index > start) & (day.index <= end)].dropna()
    change, move = coin1 - coin0, price1 - price0
    worst = float(np.expm1(day.min())) if len(day) else None
    return OpenInterest(float(np.expm1(change)), worst, quadrant(move, change))


def onchain_liquidations(
    usd: pd.Series[float], start: pd.Timestamp, end: pd.Timestamp, *, bar: pd.Timedelta = FOUR_HOURS
) -> OnChain | None:
    """Liquidations of bars closing in (start, end] against earlier windows closing by start.

    ``usd`` holds sums per bar by opening time. Only bars closed at ``start`` make the baseline.
    """
    known = usd.dropna()
    closes = pd.DatetimeIndex(known.index) + bar
    inside = known[(closes > start) & (closes <= end)]
    if inside.empty:
        return None
    past = known[closes <= start].rolling(len(inside)).sum().dropna()
    total, logs = float(inside.sum()), _log(past + 1)
    scale = robust_scale(logs)
    return OnChain(
        total_usd=total,
        rank=1 + int((past > total).sum()),
        n=len(past),
        z=None if scale is None else float((np.log1p(total) - logs.median()) / scale),
        covered_to=pd.Timestamp(inside.index[-1]) + bar,
    )


def supply_change(usd: pd.Series[float], start: pd.Timestamp, end: pd.Timestamp) -> float | None:
    """Stablecoin supply change as a fraction; values two days old at an end count as absent."""
    first, last = (_last(usd, at, 2 * DAY) for at in (start, end))
    return None if first is None or last is None else last / first - 1


def liquidations(
    prints: pd.DataFrame | None, start: pd.Timestamp, end: pd.Timestamp, oi_usd: float | None
) -> Liquidations | None:
    """Sum prints with columns long_usd and short_usd in (start, end]; None without prints."""
    if prints is None:
        return None
    rows = prints[(prints.index > start) & (prints.index <= end)].dropna()
    longs = float(rows["long_usd"].sum())
    total = longs + float(rows["short_usd"].sum())
    return Liquidations(total, longs / total, total / oi_usd if oi_usd else None) if total else None
