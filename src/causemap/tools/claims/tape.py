"""Measurements that claims are tested with: changes, levels, crossings, extremes, correlations.

Everything is read through an as-of view, so nothing that was unknown then can enter. Values are
closes unless coins are asked for, of which there are intraday lows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from causemap.tools.market import AsOfView, Bar, MissingSeries
from causemap.tools.measures.correlation import correlation_at, paired_returns
from causemap.tools.measures.stats import Kind, robust_z
from causemap.tools.registry import REGISTRY

# Which series answers for a name: how it moved, and which prices its level may be read from.
MOVED: Final = {"GOLD": "GLD", "SILVER": "SLV", "SOL": "SOL_PERP", "EWJ": "EWJ"}
PRICED: Final[dict[str, tuple[str, ...]]] = {
    "GOLD": ("GOLD", "GOLD_FUT"),
    "SILVER": ("SILVER",),
    "SOL": ("SOL_PERP",),
}
COINS: Final = ("BTC", "ETH", "SOL")
BEFORE: Final = pd.Timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Window:
    """From the close of ``start`` to the close of ``end``; ``named`` when the text gives it."""

    start: pd.Timestamp
    end: pd.Timestamp
    named: bool = False


@dataclass(frozen=True, slots=True)
class Measured:
    """One measured figure with all that an evidence record needs."""

    metric: str
    asset: str
    value: float
    unit: str
    said: str
    start: pd.Timestamp
    end: pd.Timestamp
    observed: pd.Timestamp
    inputs: tuple[str, ...]
    z: float | None = None
    n: int | None = None
    low: float | None = None
    high: float | None = None
    known: pd.Timestamp | None = None


class Crossing(NamedTuple):
    """The first time a price was beyond a level, or the price that came nearest to it."""

    crossed: bool
    at: pd.Timestamp
    price: float


class Point(NamedTuple):
    """A value and its time."""

    at: pd.Timestamp
    value: float


def highest(values: pd.Series[float]) -> Point:
    """The highest value, the first of several."""
    return _point(values, int(values.to_numpy(dtype=np.float64).argmax()))


def lowest(values: pd.Series[float]) -> Point:
    """The lowest value, the first of several."""
    return _point(values, int(values.to_numpy(dtype=np.float64).argmin()))


def _point(values: pd.Series[float], row: int) -> Point:
    return Point(pd.Timestamp(values.index[row]), float(values.iloc[row]))


def day_before(values: pd.Series[float], at: pd.Timestamp) -> pd.Timestamp:
    """The close before that of ``at``."""
    return pd.Timestamp(values.index[max(0, int(values.index.searchsorted(at)) - 1)])


def moved(name: str) -> str:
    """The series whose change answers for ``name``."""
    return MOVED.get(name, name)


def said_of(series: str) -> str:
    """The plain name of a registered series."""
    return REGISTRY[series].said


def cut(view: AsOfView, series: str, window: Window) -> pd.Series[float]:
    """The closes of the window, its start close first; raises :class:`MissingSeries`."""
    values = view.require_fresh(series, window.end)
    before = values.loc[: window.start]
    found = values.loc[before.index[-1] if len(before) else window.start : window.end]
    if len(found) < 2:
        raise MissingSeries(series, "empty", "no two closes in the time the claim is about")
    return found


def change(view: AsOfView, name: str, window: Window) -> Measured:
    """The change over the window in the series' own unit, with its robust z."""
    series = moved(name)
    info = REGISTRY.get(series)
    if info is None:
        raise MissingSeries(name, "not_covered", "no series measures it")
    values = cut(view, series, window)
    first, last = float(values.iloc[0]), float(values.iloc[-1])
    log = info.change == "log"
    scored = robust_z(
        view.daily(series), values.index[0], values.index[-1], Kind.LOG if log else Kind.DIFF
    )
    return Measured(
        "claim_change",
        series,
        (last / first - 1) * 100 if log else (last - first) * info.scale,
        info.change_unit,
        f"the change of {info.said} over the claim's time",
        values.index[0],
        values.index[-1],
        values.index[-1],
        (series,),
        z=None if scored is None else scored.z,
        n=None if scored is None else scored.n,
    )


def drawdown(view: AsOfView, name: str, window: Window, base: Window | None) -> Measured:
    """The fall from the highest close of ``base`` (else the month before) to the lowest after."""
    series = moved(name)
    begin = base.start if base else window.start - BEFORE
    values = view.require_fresh(series, window.end).loc[begin : window.end]
    top = values.loc[: base.end if base else window.end]
    if len(top) < 1 or len(values) < 2:
        raise MissingSeries(series, "empty", "no closes around the high the claim counts from")
    peak = highest(top)
    after = values.loc[peak.at :]
    low = lowest(after)
    fall = (low.value / peak.value - 1) * 100
    said = f"the fall of {said_of(series)} from its highest to its lowest close"
    return Measured(
        "claim_drawdown", series, fall, "%", said, peak.at, low.at, low.at, (series,), n=len(after)
    )


def steepest(view: AsOfView, name: str, window: Window, sign: int) -> Measured:
    """The largest one-day move in the window: 24 hours to a low for coins, else close to close."""
    if name in COINS and sign < 0 and (found := _steepest_coin(view, name, window)):
        return found
    series = moved(name)
    values = cut(view, series, Window(window.start - pd.Timedelta(days=4), window.end))
    daily = (values.pct_change() * 100).dropna()
    at, move = lowest(daily) if sign < 0 else highest(daily)
    said = f"the largest one-day move of {said_of(series)}, close to close"
    before = day_before(values, at)
    return Measured("claim_day_move", series, move, "%", said, before, at, at, (series,))


def _steepest_coin(view: AsOfView, name: str, window: Window) -> Measured | None:
    """The deepest fall to a bar's low from the close 24 hours earlier."""
    for bar, hours in (("1h", 1), ("4h", 4)):
        found = _bars(view, name, bar, window)
        if found is None:
            continue
        lows, closes = found
        falls = (lows / closes.shift(24 // hours) - 1).dropna() * 100
        if falls.empty:
            continue
        at, fall = lowest(falls)
        said = f"the deepest 24-hour fall of {name} to an intraday low"
        end = at + pd.Timedelta(hours=hours)
        return Measured(
            "claim_day_move", name, fall, "%", said,
            at - pd.Timedelta(hours=24), at, at, (f"{name}_LOW",), known=end,
        )  # fmt: skip
    return None


def _bars(
    view: AsOfView, name: str, bar: str, window: Window
) -> tuple[pd.Series[float], pd.Series[float]] | None:
    """Lows and closes of a coin's bars that cover the window, or ``None``."""
    size: Bar = "1h" if bar == "1h" else "4h"
    begin = window.start.tz_localize("UTC")
    end = window.end.tz_localize("UTC") + pd.Timedelta(days=1)
    try:
        lows, closes = view.bars(f"{name}_LOW", size), view.bars(f"{name}_CLOSE", size)
    except MissingSeries:
        return None
    # A window may begin a day before the bars do.
    if lows.index[0] > begin + pd.Timedelta(days=2) or lows.index[-1] < begin:
        return None
    return lows.loc[begin:end], closes.loc[begin:end]


def prices(view: AsOfView, name: str, window: Window) -> list[tuple[str, pd.Series[float]]]:
    """The closes a level can be looked for in, from a month before the window on."""
    found: list[tuple[str, pd.Series[float]]] = []
    missing: MissingSeries | None = None
    for series in PRICED.get(name, (name,)):
        try:
            values = view.require_fresh(series, window.end)
        except MissingSeries as fault:
            missing = fault
            continue
        begin = window.start if window.named else window.start - BEFORE
        near = values.loc[begin : window.end]
        found.append((series, near if len(near) > 1 else values.loc[: window.end].iloc[-2:]))
    if not found and missing is not None:
        raise missing
    return found


def lows(view: AsOfView, name: str, window: Window) -> pd.Series[float] | None:
    """Intraday lows of a coin in the window (naive UTC bar openings), or ``None``."""
    if name not in COINS:
        return None
    for bar in ("1h", "4h"):
        found = _bars(view, name, bar, window)
        if found is not None and len(found[0]):
            return found[0].tz_localize(None)
    return None


def crossing(values: pd.Series[float], level: float, sign: int) -> Crossing:
    """The first value beyond ``level`` on the side of ``sign`` after one that was not."""
    beyond = (values - level) * sign > 0
    fresh = beyond & ~beyond.shift(1, fill_value=True)
    first = _point(values, int(fresh.to_numpy().argmax())) if fresh.any() else None
    at, price = first or (highest(values) if sign > 0 else lowest(values))
    return Crossing(bool(beyond.any()), at, price)


def priced(series: str, value: float, at: pd.Timestamp, said: str, **more: object) -> Measured:
    """A price or level of a series at a moment."""
    info = REGISTRY.get(series)
    yields = info is not None and info.unit == "bp"
    unit = "level_pct" if yields else "index" if series in _POINTS else "usd"
    metric = str(more.get("metric", "claim_level"))
    known = more.get("known")
    start = more.get("start", at)
    return Measured(
        metric, series, value, unit, said,
        pd.Timestamp(str(start)), at, at, (str(more.get("input", series)),),
        known=known if isinstance(known, pd.Timestamp) else None,
    )  # fmt: skip


_POINTS: Final = frozenset({"SPX", "NDX", "DXY", "VIX", "VVIX", "MOVE"})


def widest_day(values: pd.Series[float]) -> float:
    """The largest one-day move among closes, as a share: what an intraday print may lie outside."""
    daily = np.abs(values.pct_change().dropna().to_numpy(dtype=np.float64))
    return float(daily.max()) if daily.size else 0.0


def correlation(
    view: AsOfView, first: str, second: str, window: Window, sessions: int
) -> list[Measured]:
    """The correlation of daily returns over ``sessions`` at each session of the window."""
    one, two = moved(first), moved(second)
    if one in COINS or one.endswith("_PERP"):
        one, two = two, one
    begin = window.start - pd.Timedelta(days=400)
    pair = paired_returns(
        view.require_fresh(one, window.end).loc[begin : window.end],
        view.require_fresh(two, window.end).loc[begin : window.end],
    )
    days = [pd.Timestamp(day) for day in pair.first.loc[window.start : window.end].index]
    found = ((day, correlation_at(pair, day, sessions)) for day in days)
    said = f"the {sessions}-session correlation of {said_of(one)} and {said_of(two)}"
    return [
        Measured(
            f"claim_corr_{sessions}d", f"{one}-{two}", c.r, "corr", said, day, day, day,
            (one, two), n=c.n,
            low=None if c.interval is None else c.interval.low,
            high=None if c.interval is None else c.interval.high,
        )
        for day, c in found
        if c is not None
    ]  # fmt: skip
