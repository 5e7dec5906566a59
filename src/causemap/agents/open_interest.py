"""Open interest in coins, on what single venues show of it; never taken for the whole market's.

The coin-margined contracts of one venue do not show the great liquidations (METHODS 0.4), so both
venues' figures are context: they lift no cap and weigh on no cause.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd

from causemap.tools.market import MissingSeries
from causemap.tools.measures.open_interest import OpenInterest, at_close, open_interest

if TYPE_CHECKING:
    from causemap.agents.bench import Bench

_HOUR: Final = pd.Timedelta(hours=1)
_DAY: Final = pd.Timedelta(days=1)


def add_open_interest(bench: Bench) -> None:
    """Record the change of coin open interest on each venue that covers the window."""
    start, end = ((day + _DAY).tz_localize("UTC") for day in (bench.start, bench.end))
    what = "coin-margined open interest"
    with bench.attempt(what):
        oi, price = (at_close(bench.series(name)) for name in ("BTC_OI_COINM_USD", "BTC"))
        found = open_interest(oi, price, start, end)
        if found is None:
            bench.gap(what, "empty", "no figure less than a day old at both ends of the window")
        _record(bench, "coinm", "coin-margined", ("BTC_OI_COINM_USD", "BTC"), found)
    try:
        oi, price = (_hourly(bench, name, end) for name in ("BTC_OI_HL_USD", "BTC_CLOSE"))
    except MissingSeries:
        return
    venue = open_interest(oi, price, start, end)
    _record(bench, "hyperliquid", "Hyperliquid", ("BTC_OI_HL_USD", "BTC_CLOSE"), venue)


def _hourly(bench: Bench, name: str, end: pd.Timestamp) -> pd.Series[float]:
    """Hourly bars by the time they closed, where they reach the end of the window."""
    bars = bench.view.bars(name, "1h")
    closed = pd.Series(bars.to_numpy(), index=pd.DatetimeIndex(bars.index) + _HOUR)
    if closed.index[-1] < end - _HOUR:
        raise MissingSeries(name, "not_covered", "hourly bars do not reach over the window")
    return closed


def _record(
    bench: Bench, key: str, venue: str, inputs: tuple[str, ...], found: OpenInterest | None
) -> None:
    if found is None:
        return
    quadrant = found.quadrant.value.replace("_", " ")
    rows = [(f"{key}_oi", found.change, f"{venue} open interest in coins (reads as: {quadrant})")]
    if found.worst_24h is not None:
        rows.append((f"{key}_oi_24h", found.worst_24h, f"{venue} open interest in its worst day"))
    for metric, value, said in rows:
        bench.add(
            f"btc.{metric}",
            100.0 * value,
            "%",
            f"bitcoin's {said}",
            family="plumbing",
            inputs=inputs,
        )
