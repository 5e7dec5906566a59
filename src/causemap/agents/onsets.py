"""When each series' move of the window began, as an interval of closes (METHODS 4)."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from causemap.agents.bench import iso
from causemap.records import OnsetInterval
from causemap.tools.market import MissingSeries
from causemap.tools.measures.order import (
    Market,
    Onset,
    Side,
    close_times,
    find_onset,
    narrowed,
    standardised_moves,
)
from causemap.tools.measures.stats import rows_until
from causemap.tools.registry import REGISTRY

if TYPE_CHECKING:
    from causemap.agents.bench import Bench

_HISTORY: Final = 300
_DAY: Final = pd.Timedelta(days=1)
_BAR: Final = pd.Timedelta(hours=4)
_COINS: Final = ("BTC", "ETH")
_BARS_OF_HISTORY: Final = 90 * 6


def add_onset(bench: Bench, name: str) -> None:
    """Record when a series began the move that the window holds; nothing where none stands out.

    Only moves in the direction of the window's own change count: a jump the other way is not the
    start of a fall. Coins are dated by days, like the rest, and then narrowed to a four-hour bar,
    so that finer bars do not make them look early.
    """
    info = REGISTRY[name]
    try:
        series = bench.series(name)
    except MissingSeries:
        return
    first, last = (rows_until(series.index, when) for when in (bench.start, bench.end))
    recent = series.iloc[max(0, first - _HISTORY) : last]
    moves = standardised_moves(recent, bench.start, log=info.change == "log")
    if moves is None or last <= first:
        return
    # The bar of the start is kept: the first onset begins at its close.
    inside = moves.iloc[max(0, rows_until(moves.index, bench.start) - 1) :]
    side = _side(float(series.iloc[last - 1]) - float(series.iloc[first - 1]))
    market: Market = "crypto" if info.calendar == "utc_day" else "us_equity"
    closes = _closes(inside.index.to_numpy().astype("datetime64[ns]").tobytes(), market)
    timed = pd.Series(inside.to_numpy(), index=closes)
    found = find_onset(name, timed, closes[0], closes[-1], bar=_DAY, side=side)
    if found is not None and name in _COINS:
        found = _by_bars(bench, name, found, side)
    if found is not None:
        bench.onsets.append(OnsetInterval(name, iso(found.lo), iso(found.hi)))


@lru_cache(maxsize=16)
def _closes(days: bytes, market: Market) -> pd.DatetimeIndex:
    """The closing times of sessions, given in nanoseconds: most series of a window share theirs."""
    return close_times(pd.DatetimeIndex(np.frombuffer(days, "datetime64[ns]")), market)


def _side(moved: float) -> Side:
    """Which way a series went that moved so over the window."""
    if moved == 0.0:
        return "either"
    return "down" if moved < 0.0 else "up"


def _by_bars(bench: Bench, coin: str, found: Onset, side: Side) -> Onset:
    """The interval narrowed to the first abnormal four-hour bar inside it, if bars reach there."""
    try:
        bars = bench.view.bars(f"{coin}_CLOSE", "4h")
    except MissingSeries:
        return found
    closed = pd.Series(bars.to_numpy(), index=pd.DatetimeIndex(bars.index) + _BAR)
    opens = (bench.start + _DAY).tz_localize("UTC")
    known = closed.iloc[max(0, int(closed.index.searchsorted(opens)) - _BARS_OF_HISTORY) :]
    moves = standardised_moves(known.loc[: found.hi], opens)
    return found if moves is None else narrowed(found, moves, side)
