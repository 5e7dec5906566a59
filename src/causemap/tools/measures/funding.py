"""Perpetual funding around a fall: its level before, its deepest print, and when it flipped.

Prints are indexed by settlement time; none later than ``as_of`` or the window is read.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import pandas as pd

from causemap.tools.measures.crypto import DAY, HISTORY, lowest_at, robust_scale

LEVEL_SPAN: Final = pd.Timedelta(days=7)
BASE_RATE_BP: Final = 1.0


class FundingPrint(NamedTuple):
    """One settled funding rate in basis points per eight hours."""

    at: pd.Timestamp
    bp: float


class Funding(NamedTuple):
    """Perpetual funding around a fall; rates in bp per 8 h, times are settlement times.

    ``before_bp`` is the mean of the seven days to the start, ``before_z`` that against the means
    of as many prints in the 90 days before these; ``deepest_z`` is robust too, on 90 days.
    ``flip_at`` is the first print at or below minus the base rate of 1 bp, so that shallow
    negative prints (all listed in ``negatives``) do not count as the flip. ``done_at_flip`` is the
    share of the fall done at that time, from closed bars (None without a fall to place it).
    """

    before_bp: float | None
    before_z: float | None
    deepest: FundingPrint
    deepest_z: float | None
    negatives: tuple[FundingPrint, ...]
    flip_at: pd.Timestamp | None
    done_at_flip: float | None


def _done_at(progress: pd.Series[float] | None, at: pd.Timestamp | None) -> float | None:
    if progress is None or at is None:
        return None
    known = progress[progress.index <= at]
    return float(known.iloc[-1]) if len(known) else 0.0


def _level_z(rates: pd.Series[float], level: pd.Series[float]) -> float | None:
    """The mean of a span in robust deviations of the means of as many prints that came before.

    Means are held against means, for they scatter less than prints; no history within the span.
    """
    first = level.index[0]
    past = rates[(rates.index >= first - HISTORY) & (rates.index < first)]
    means = past.rolling(len(level)).mean().dropna()
    scale = robust_scale(means)
    return None if scale is None else (float(level.mean()) - float(means.median())) / scale


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
    scale, before = robust_scale(past), float(level.mean()) if len(level) else None
    middle = float(past.median())
    deepest = FundingPrint(lowest_at(span), float(span.min()))
    negatives = tuple(
        FundingPrint(at, float(bp))
        for at, bp in zip(pd.DatetimeIndex(span.index), span.to_numpy(), strict=True)
        if bp < 0
    )
    flip = next((p.at for p in negatives if p.bp <= -BASE_RATE_BP), None)
    return Funding(
        before_bp=before,
        before_z=_level_z(rates, level) if len(level) else None,
        deepest=deepest,
        deepest_z=None if scale is None else (deepest.bp - middle) / scale,
        negatives=negatives,
        flip_at=flip,
        done_at_flip=_done_at(progress, flip),
    )
