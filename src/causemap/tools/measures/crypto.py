"""Crypto tape and plumbing: speed, funding, open interest, on-chain, supply, basis.

Bars are indexed by their OPENING time in UTC and known only once closed; prints and daily values
by the time they are known (`at_close` moves daily rows there). Nothing later than ``as_of`` or
the window end is read. Absent data give None, never zero. Moves are fractions unless named bp.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

FOUR_HOURS: Final = pd.Timedelta(hours=4)
DAY: Final = pd.Timedelta(days=1)
SPEED_SPAN: Final = pd.Timedelta(hours=120)
HISTORY: Final = pd.Timedelta(days=90)
LEVEL_SPAN: Final = pd.Timedelta(days=7)
MIN_HISTORY: Final = 200
MIN_COVERAGE: Final = 0.9
MAD_TO_SD: Final = 1.4826
BASE_RATE_BP: Final = 1.0
CROWDED_BP: Final = 3.0  # a level before the fall from which longs count as crowded
CONFIRMATION_SHARE: Final = 1 / 3


class Tape(NamedTuple):
    """Closes and lows of one contract, indexed by the opening time of bars of length ``bar``."""

    close: pd.Series[float]
    low: pd.Series[float]
    bar: pd.Timedelta = FOUR_HOURS


class Speed(NamedTuple):
    """How concentrated a fall was, on bars closing in (start, end].

    ``fall`` is the lowest low against the close at ``start``; ``deepest`` the deepest drop from a
    close to a low within four hours, and ``share`` = deepest / fall, capped at 1 (``capped``: the
    price had risen first). ``worst`` is the worst close-to-close log return over four hours,
    ``worst_z`` that over 1.4826 MAD of such returns in the 90 days before (not centred).
    ``retrace`` is the part of the fall won back 24 hours after the bar of the low; else None.
    """

    fall: float
    low_at: pd.Timestamp
    deepest: float
    deepest_at: pd.Timestamp
    share: float
    capped: bool
    worst: float
    worst_z: float | None
    retrace: float | None


class FundingPrint(NamedTuple):
    """One settled funding rate in basis points per eight hours."""

    at: pd.Timestamp
    bp: float


class Funding(NamedTuple):
    """Perpetual funding around a fall; rates in bp per 8 h, times are settlement times.

    ``before_bp`` is the mean of the seven days to the start and ``before_z`` its robust z on 90
    days. ``flip_at`` is the first print at or below minus the base rate of 1 bp, so that shallow
    negative prints (all listed in ``negatives``) do not count as the flip. ``done_at_*`` is the
    share of the fall done at that time, from closed bars. ``confirmation_only``: the flip came
    with a third of the fall or more done (None without a flip, or without a fall to place it).
    """

    before_bp: float | None
    before_z: float | None
    deepest: FundingPrint
    deepest_z: float | None
    negatives: tuple[FundingPrint, ...]
    flip_at: pd.Timestamp | None
    low_at: pd.Timestamp | None
    third_done_at: pd.Timestamp | None
    done_at_first_negative: float | None
    done_at_flip: float | None
    confirmation_only: bool | None


class Quadrant(StrEnum):
    """Who was trading, read from the signs of price and coin open interest."""

    LONG_LIQUIDATION = "long_liquidation"
    NEW_SHORTS = "new_shorts"
    SHORT_COVERING = "short_covering"
    NEW_LONGS = "new_longs"
    UNCHANGED = "unchanged"


class OpenInterest(NamedTuple):
    """Open interest in coins: log and simple change over the window, and the worst 24 hours."""

    change_log: float
    change: float
    worst_24h: float | None
    price_log: float
    quadrant: Quadrant


class OnChain(NamedTuple):
    """Liquidations of one window in USD, ranked among earlier windows of the same length.

    ``rank`` 1 is the largest of ``n`` earlier windows and this one; ``z`` is on log(1 + USD) and
    None where the MAD is nil (quiet history). ``covered_to`` tells a series that stops early.
    """

    total_usd: float
    peak_usd: float
    peak_at: pd.Timestamp
    rank: int
    n: int
    z: float | None
    covered_to: pd.Timestamp


class Basis(NamedTuple):
    """Perpetual over spot, in bp, at the ``n`` times in the window where both are known."""

    first_bp: float
    last_bp: float
    deepest_bp: float
    deepest_at: pd.Timestamp
    n: int


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


def _lowest_at(series: pd.Series[float]) -> pd.Timestamp:
    return pd.DatetimeIndex(series.index)[int(np.nanargmin(series.to_numpy()))]


def _path(tape: Tape, start: pd.Timestamp, end: pd.Timestamp) -> pd.DataFrame | None:
    """Closes and lows on the full bar grid; row 0 is the bar that closes at start."""
    bar = tape.bar
    opens = pd.date_range(start.floor(bar) - bar, end.floor(bar) - bar, freq=bar)
    path = pd.DataFrame({"close": tape.close, "low": tape.low}).loc[start - 2 * bar : end]
    path = path.reindex(opens)
    known = float(path.notna().all(axis=1).mean()) if len(path) > 1 else 0.0
    return None if known < MIN_COVERAGE or pd.isna(path["close"].iloc[0]) else path


def _robust_scale(history: pd.Series[float]) -> float | None:
    """1.4826 MAD, or None where the history is short or flat."""
    if len(history) < MIN_HISTORY:
        return None
    scale = MAD_TO_SD * float((history - history.median()).abs().median())
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
    floor, low_at = float(lows.min()), _lowest_at(lows)
    if floor >= base:
        return None
    steps = max(1, FOUR_HOURS // tape.bar)
    drops, opened = _drops(path, steps), path.index[1]
    moves = np.log(path["close"]).diff(steps)
    past = tape.close[(tape.close.index >= opened - HISTORY - tape.bar * steps)]
    past = np.log(past[past.index < opened].dropna()).diff(steps).dropna()
    scale, worst = _robust_scale(past), float(moves.min())
    ratio = float(drops.min()) / (floor / base - 1)
    return Speed(
        fall=floor / base - 1,
        low_at=low_at,
        deepest=float(drops.min()),
        deepest_at=_lowest_at(drops),
        share=min(1.0, ratio),
        capped=ratio > 1.0,
        worst=worst,
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


def _done_at(progress: pd.Series[float] | None, at: pd.Timestamp | None) -> float | None:
    known = None if progress is None or at is None else progress[progress.index <= at]
    return None if known is None else float(known.iloc[-1]) if len(known) else 0.0


def _first_at(progress: pd.Series[float] | None, share: float) -> pd.Timestamp | None:
    reached = None if progress is None else progress[progress >= share]
    return None if reached is None or reached.empty else pd.DatetimeIndex(reached.index)[0]


def funding(
    prints: pd.Series[float],
    start: pd.Timestamp,
    end: pd.Timestamp,
    *,
    as_of: pd.Timestamp,
    progress: pd.Series[float] | None = None,
    after: pd.Timedelta = DAY,
) -> Funding | None:
    """Level, deepest print and flip of funding against the fall it came with.

    ``prints`` are fractions per 8 h; those settled in [start, end + after) and by ``as_of`` are
    read. ``progress`` is from `fall_progress`. None without a print in that span; ValueError for a
    progress that knows bars closing after ``as_of``.
    """
    if progress is not None and progress.index[-1] > as_of:
        raise ValueError(f"the progress of the fall runs past the as-of time {as_of}")
    rates = prints[prints.index <= as_of].dropna() * 1e4
    span = rates[(rates.index >= start) & (rates.index < end + after)]
    if span.empty:
        return None
    past = rates[(rates.index > start - HISTORY) & (rates.index <= start)]
    level = past[past.index >= start - LEVEL_SPAN]
    scale, before = _robust_scale(past), float(level.mean()) if len(level) else None
    middle = float(past.median())
    deepest = FundingPrint(_lowest_at(span), float(span.min()))
    negatives = tuple(
        FundingPrint(at, float(bp))
        for at, bp in zip(pd.DatetimeIndex(span.index), span.to_numpy(), strict=True)
        if bp < 0
    )
    flip = next((p.at for p in negatives if p.bp <= -BASE_RATE_BP), None)
    done = _done_at(progress, flip)
    return Funding(
        before_bp=before,
        before_z=None if scale is None or before is None else (before - middle) / scale,
        deepest=deepest,
        deepest_z=None if scale is None else (deepest.bp - middle) / scale,
        negatives=negatives,
        flip_at=flip,
        low_at=_first_at(progress, 1.0),
        third_done_at=_first_at(progress, CONFIRMATION_SHARE),
        done_at_first_negative=_done_at(progress, negatives[0].at if negatives else None),
        done_at_flip=done,
        confirmation_only=None if done is None else done >= CONFIRMATION_SHARE,
    )


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
    return OpenInterest(change, float(np.expm1(change)), worst, move, quadrant(move, change))


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
    scale = _robust_scale(logs)
    return OnChain(
        total_usd=total,
        peak_usd=float(inside.max()),
        peak_at=_lowest_at(-inside),
        rank=1 + int((past > total).sum()),
        n=len(past),
        z=None if scale is None else float((np.log1p(total) - logs.median()) / scale),
        covered_to=pd.Timestamp(inside.index[-1]) + bar,
    )


def supply_change(usd: pd.Series[float], start: pd.Timestamp, end: pd.Timestamp) -> float | None:
    """Stablecoin supply change as a fraction; values two days old at an end count as absent."""
    first, last = (_last(usd, at, 2 * DAY) for at in (start, end))
    return None if first is None or last is None else last / first - 1


def basis(
    perp: pd.Series[float], spot: pd.Series[float], start: pd.Timestamp, end: pd.Timestamp
) -> Basis | None:
    """Perpetual against spot at common times in [start, end]; None without two of them."""
    bp = (1e4 * (perp / spot - 1)).dropna()
    bp = bp[(bp.index >= start) & (bp.index <= end)]
    if len(bp) < 2:
        return None
    return Basis(float(bp.iloc[0]), float(bp.iloc[-1]), float(bp.min()), _lowest_at(bp), len(bp))


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
