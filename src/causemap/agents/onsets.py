"""When each series' move of the window began, as an interval of closes (METHODS 4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd

from causemap.agents.bench import iso
from causemap.records import OnsetInterval
from causemap.tools.market import MissingSeries
from causemap.tools.measures.order import (
    Onset,
    Side,
    close_times,
    find_onset,
    narrowed,
    standardised_moves,
)
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
    recent = series.iloc[-_HISTORY - len(series.loc[bench.start :]) :]
    moves = standardised_moves(recent, bench.start, log=info.change == "log")
    if moves is None:
        return
    dates = pd.DatetimeIndex(moves.index)
    closes = close_times(dates, "crypto" if info.calendar == "utc_day" else "us_equity")
    first = int(dates.searchsorted(bench.start, side="right")) - 1
    last = int(dates.searchsorted(bench.end, side="right")) - 1
    if first < 0 or last <= first:
        return
    side = _side(series, bench)
    moves.index = closes
    found = find_onset(name, moves, closes[first], closes[last], bar=_DAY, side=side)
    if found is not None and name in _COINS:
        found = _by_bars(bench, name, found, side)
    if found is not None:
        bench.onsets.append(OnsetInterval(name, iso(found.lo), iso(found.hi)))


def _side(series: pd.Series[float], bench: Bench) -> Side:
    """Which way the series went over the window."""
    moved = float(series.loc[: bench.end].iloc[-1]) - float(series.loc[: bench.start].iloc[-1])
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


__all__ = ["add_onset"]
