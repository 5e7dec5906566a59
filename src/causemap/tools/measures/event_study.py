"""Daily event study: abnormal moves on dated events and the share of a fall they carry.

A daily move is the fallback for the 30-minute window of METHODS 2.2 (Kuttner 2001; Gurkaynak,
Sack and Swanson 2005): it also holds whatever else happened that day, and misses leaks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from causemap.tools.measures.stats import (
    MAD_TO_SIGMA,
    FloatArray,
    beta_residual,
    mad,
    observations,
)

IndexArray = npt.NDArray[np.int64]


class Timing(StrEnum):
    """When an event became known relative to the close of its date."""

    BEFORE_CLOSE = "before_close"
    AFTER_CLOSE = "after_close"


class DatedEvent(NamedTuple):
    """A dated event: its kind, calendar date and timing relative to the close."""

    kind: str
    date: pd.Timestamp
    timing: Timing = Timing.BEFORE_CLOSE


class EventMove(NamedTuple):
    """Abnormal log return on the session an event acted on.

    ``stacked`` counts the events that share the session: their moves cannot be told apart.
    """

    event: DatedEvent
    session: pd.Timestamp
    abnormal: float
    z: float
    stacked: int


class EventStudy(NamedTuple):
    """Scored events, and those without a session or without enough prior non-event days."""

    moves: tuple[EventMove, ...]
    unscored: tuple[DatedEvent, ...]


class KindShare(NamedTuple):
    """One kind's share of the window move, in [0, 1], and how many events it rests on."""

    kind: str
    share: float
    events: int


class Attribution(NamedTuple):
    """Shares of the window move by event kind; with ``unexplained`` they sum to one."""

    window_move: float
    shares: tuple[KindShare, ...]
    unexplained: float
    unscored: int


class EarningsReaction(NamedTuple):
    """A stock's first session after its results, in log returns, against beta times the index."""

    ticker: str
    session: pd.Timestamp
    move: float
    beta: float
    abnormal: float
    z: float


class _Baseline(NamedTuple):
    median: float
    scale: float


def session_of(index: pd.DatetimeIndex, event: DatedEvent) -> int | None:
    """Return the row of the first session that could react, or None past the last row.

    News before the close acts on its own date or the next session; news after it on the next.
    """
    if event.timing is Timing.BEFORE_CLOSE:
        row = int(index.searchsorted(event.date, side="left"))
    else:
        row = int(index.searchsorted(event.date, side="right"))
    return row if row < len(index) else None


def _baseline(returns: FloatArray, busy: IndexArray, row: int, prior: int) -> _Baseline | None:
    """Return median and robust scale of the last ``prior`` non-event sessions before ``row``."""
    rows = np.setdiff1d(np.arange(1, row), busy, assume_unique=True)[-prior:]
    if len(rows) < prior:
        return None
    sample = returns[rows]
    scale = MAD_TO_SIGMA * mad(sample)
    return _Baseline(float(np.median(sample)), scale) if scale > 0.0 else None


def event_study(
    target: pd.Series,
    events: Iterable[DatedEvent],
    prior: int = 60,
    *,
    after: pd.Timestamp | None = None,
) -> EventStudy:
    """Score the target's daily log return on each event's session, or on those ``after`` a date.

    The abnormal move is the return minus the median of the ``prior`` previous non-event sessions,
    and z divides it by 1.4826 times their MAD. Only rows up to the session itself are read.
    """
    levels = observations(target)
    index = pd.DatetimeIndex(levels.index)
    returns: FloatArray = np.diff(np.log(levels.to_numpy()), prepend=np.nan)
    dated = [(event, session_of(index, event)) for event in events]
    crowd = Counter(row for _, row in dated if row is not None)
    busy = np.array(sorted(crowd), dtype=np.int64)
    moves, unscored = [], []
    for event, row in dated:
        if after is not None and (event.date if row is None else index[row]) <= after:
            continue
        base = None if row is None else _baseline(returns, busy, row, prior)
        if row is None or base is None:
            unscored.append(event)
            continue
        abnormal = float(returns[row]) - base.median
        moves.append(EventMove(event, index[row], abnormal, abnormal / base.scale, crowd[row]))
    return EventStudy(tuple(moves), tuple(unscored))


def attribute(
    study: EventStudy,
    window_move: float,
    start: pd.Timestamp,
    end: pd.Timestamp,
) -> Attribution | None:
    """Return each kind's share of a window's log move: sum of abnormal moves over the move.

    Sessions after ``start`` up to ``end`` count. Events on one session split its move equally.
    A kind that pushed the other way gets no share; shares above one in total are scaled down to
    one, and what is left stays unexplained. None when the window did not move.
    """
    if window_move == 0.0:
        return None
    inside = [move for move in study.moves if start < move.session <= end]
    shares = []
    for kind in sorted({move.event.kind for move in inside}):
        own = [move for move in inside if move.event.kind == kind]
        total = sum(move.abnormal / move.stacked for move in own)
        shares.append(KindShare(kind, max(total / window_move, 0.0), len(own)))
    excess = max(sum(part.share for part in shares), 1.0)
    capped = tuple(part._replace(share=part.share / excess) for part in shares)
    left = max(1.0 - sum(part.share for part in capped), 0.0)
    missed = sum(start < event.date <= end for event in study.unscored)
    return Attribution(window_move, capped, left, missed)


def earnings_reaction(
    ticker: str, stock: pd.Series, index: pd.Series, event: DatedEvent, sessions: int = 120
) -> EarningsReaction | None:
    """Return the move of the first session after results, net of beta times the index.

    Beta and residual deviation come from the ``sessions`` sessions before it. None when the
    session is not in the data or the history is too short.
    """
    rows = pd.DatetimeIndex(observations(stock).index)
    row = session_of(rows, event)
    if row is None or row == 0:
        return None
    left = beta_residual(stock, index, rows[row - 1], rows[row], sessions)
    if left is None:
        return None
    return EarningsReaction(ticker, rows[row], left.move, left.beta, left.residual, left.z)
