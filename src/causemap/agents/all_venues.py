"""Open interest in coins over the three venues at hand, and liquidations, from live series.

Both lift the cap on a cascade (METHODS 3): it is then no longer inferred from the tape alone. A
data directory without these series is told of by the gaps it always had. Open interest needs every
venue over the whole window: a venue that joins or leaves inside it would look like a fall or rise.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd

from causemap.tools.market import MissingSeries
from causemap.tools.measures.open_interest import (
    Liquidations,
    at_close,
    liquidations,
    open_interest,
)

if TYPE_CHECKING:
    from causemap.agents.bench import Bench
    from causemap.closed_sets import Cause

_CASCADE: Final[tuple[Cause, ...]] = ("liquidation_cascade",)
_DAY: Final = pd.Timedelta(days=1)
VENUES: Final = tuple(f"BTC_OI_BTC_{venue}" for venue in ("BINANCE", "BYBIT", "OKX"))
_SIDES: Final = ("BTC_LIQ_LONG_BTC_OKX", "BTC_LIQ_SHORT_BTC_OKX")


def add_all_venues(bench: Bench) -> None:
    """Record liquidations and all-venue open interest; or their gaps."""
    _liquidations(bench)
    _open_interest(bench)


def _open_interest(bench: Bench) -> None:
    what = "all-venue open interest"
    if not any(bench.view.has(name) for name in VENUES):
        why = "only coin-margined contracts of one venue, which do not show the great liquidations"
        bench.gap(what, "not_covered", why, _CASCADE)
        return
    with bench.attempt(what, _CASCADE):
        price = bench.series("BTC")
        usd = _coins(bench) * price
        start, end = ((day + _DAY).tz_localize("UTC") for day in (bench.start, bench.end))
        found = open_interest(at_close(usd.dropna()), at_close(price), start, end)
        if found is None:
            bench.gap(what, "empty", "no common day of the venues at both ends", _CASCADE)
            return
        reads = found.quadrant.value.replace("_", " ")
        said = f"bitcoin's open interest in coins on three venues (reads as: {reads})"
        _add(bench, "btc.oi_coins", 100.0 * found.change, "%", said, VENUES)
        if found.worst_24h is not None:
            said = "bitcoin's open interest in coins on three venues in its worst day"
            _add(bench, "btc.oi_coins_24h", 100.0 * found.worst_24h, "%", said, VENUES)


def _coins(bench: Bench) -> pd.Series[float]:
    """The venues' coins together, on the days all have; raises :class:`MissingSeries`."""
    frame = pd.DataFrame({name: bench.series(name) for name in VENUES}).dropna()
    return pd.Series(frame.sum(axis=1).to_numpy(), index=frame.index)


def _liquidations(bench: Bench) -> None:
    what = "market-wide liquidations"
    if not all(bench.view.has(name) for name in _SIDES):
        why = (
            "no liquidation prints in the data directory, so neither their size nor how far one "
            "set off the next can be measured"
        )
        bench.gap(what, "not_covered", why, _CASCADE)
        return
    with bench.attempt(what, _CASCADE):
        found = liquidations(_prints(bench), bench.start, bench.end, _interest_usd(bench))
        if found is None:
            bench.gap(what, "empty", "OKX lists no liquidation in the window", _CASCADE)
            return
        _record(bench, found)
        why = (
            "one venue's list, a lower bound: neither the market's size nor how far one "
            "liquidation set off the next is seen"
        )
        bench.gap(what, "not_covered", why, _CASCADE)


def _prints(bench: Bench) -> pd.DataFrame:
    """Dollars closed by force on each day; every day of the window must be there.

    Raises:
        MissingSeries: a day is missing. Its sum would be too small without a word.
    """
    price = bench.series("BTC")
    longs, shorts = (bench.series(name) * price for name in _SIDES)
    frame = pd.DataFrame({"long_usd": longs, "short_usd": shorts}).dropna()
    days = pd.date_range(bench.start + _DAY, bench.end, freq="D")
    missing = days.difference(pd.DatetimeIndex(frame.index))
    if len(missing):
        why = f"no value of {missing[0]:%Y-%m-%d}; the public list reaches back a week at most"
        raise MissingSeries(_SIDES[0], "not_covered", why)
    return frame


def _interest_usd(bench: Bench) -> float | None:
    """OKX's own open interest in dollars at the start of the window, if known."""
    try:
        coins, price = bench.series(VENUES[-1]), bench.series("BTC")
    except MissingSeries:
        return None
    usd = (coins * price).dropna().loc[: bench.start]
    return None if usd.empty else float(usd.iloc[-1])


def _record(bench: Bench, found: Liquidations) -> None:
    total = found.total_usd / 1e6
    said = "bitcoin liquidations on OKX, a lower bound of the market's"
    _add(bench, "market.liquidations", total, "usd_mn", said, (*_SIDES, "BTC"))
    said = "the share of longs in bitcoin liquidations on OKX"
    _add(bench, "market.long_share", found.long_share, "ratio", said, _SIDES)
    if found.share_of_oi is not None:
        said = "bitcoin liquidations on OKX over its open interest at the start"
        inputs = (*_SIDES, VENUES[-1])
        _add(bench, "market.liquidations_of_oi", 100.0 * found.share_of_oi, "%", said, inputs)


def _add(
    bench: Bench, key: str, value: float, unit: str, said: str, inputs: tuple[str, ...]
) -> None:
    bench.add(key, value, unit, said, family="plumbing", inputs=inputs, asset="BTC")
