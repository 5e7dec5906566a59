"""Binance futures: candles, funding, open interest in coins and the premium over the index.

Format seen: ``openInterestHist`` (hourly). Candles, funding and the premium index were never seen
live over REST; they follow the documentation (the stream's candle carries the same fields). Open
interest is kept by the exchange for about 30 days only, so it must be pulled at least monthly.
Liquidations are told on the (throttled) stream only: the list over REST ended on 2021-04-27, the
daily files with 2024-03-31.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from causemap.tools.sources.candles import Candle, Print, by_day, funding_of, on_the_hour
from causemap.tools.sources.contract import (
    BAR_HOURS,
    BarFile,
    Batch,
    Job,
    Span,
    bar_key,
    bars,
    daily,
    each,
    joined,
)
from causemap.tools.sources.paging import forwards
from causemap.tools.sources.strict import Strict
from causemap.tools.sources.venues import FUNDED, Venue, interest_series, prints_of

if TYPE_CHECKING:
    from causemap.tools.fetch import Fetched, Fetcher

API: Final = "https://fapi.binance.com"
CLOSES: Final = {f"{coin}_PERP": coin for coin in ("SOL", "BTCDOM", "BNB", "XRP", "DOGE")}
BTC_DAY: Final = ("BTC_PERP_QVOL", "BTC_PERP_LOW", "BTC_PERP_HIGH")
COINS_4H: Final = ("BTC", "ETH", "SOL", "BNB", "XRP", "DOGE", "ADA", "AVAX", "LINK", "BTCDOM")
COINS_1H: Final = ("BTC", "DOGE", "ETH", "HYPE", "SOL")
FUNDING_DAY: Final = ("BTC_FUNDING_8H_MEAN", "BTC_FUNDING_8H_MIN")
OPEN_INTEREST: Final = interest_series("Binance")
BASIS: Final = "BTC_BASIS_BP_BINANCE"
KEPT_DAYS: Final = 29
# The hourly file covers about a year; more would be hundreds of pages at the first fill.
HOURLY_DAYS: Final = 400
DAY: Final = 86_400_000
_READ: Final = Strict("Binance")


@dataclass(frozen=True, slots=True)
class Binance:
    """USDT-margined perpetuals."""

    deadline: float = 120.0
    name: str = "binance"
    terms: str = "https://www.binance.com/en/terms (no republication of raw data)"
    redistributable: bool = False
    series: tuple[str, ...] = (*CLOSES, *BTC_DAY, *FUNDING_DAY, *OPEN_INTEREST, BASIS)

    async def pull(self, fetcher: Fetcher, span: Span) -> Batch:
        """Daily series, the 4-hour and 1-hour files, funding, open interest and basis."""
        return await each(_jobs(Venue(fetcher, span, self.name)), deadline=self.deadline)


def _jobs(venue: Venue) -> Iterator[Job]:
    for coin in FUNDED:
        names = (*(FUNDING_DAY if coin == "BTC" else ()), f"{coin}_FUNDING_BINANCE")
        yield Job(names, partial(_funding, venue, coin))
    for name, coin in OPEN_INTEREST.items():
        yield venue.interest(name, partial(_interest, venue, name, coin))
    since = venue.span.millis(BASIS)
    yield venue.premium(BASIS, partial(_candles, venue, "BTC", "1d", since, "premiumIndexKlines"))
    yield Job(BTC_DAY, partial(_bitcoin_days, venue))
    for name, coin in CLOSES.items():
        yield Job((name,), partial(_closes, venue, name, coin))
    for coin in COINS_4H:
        yield Job((f"{coin} 4h bars",), partial(_bars, venue, coin, "crypto_4h"))
    for coin in COINS_1H:
        yield Job((f"{coin} 1h bars",), partial(_bars, venue, coin, "crypto_1h"))


async def _candles(
    venue: Venue, coin: str, interval: str, start: int, path: str = "klines"
) -> list[Candle]:
    async def page(begin: int) -> list[Candle]:
        return await venue.ask(
            f"{API}/fapi/v1/{path}",
            read_candles,
            symbol=f"{coin}USDT",
            interval=interval,
            startTime=begin,
            limit=1500,
        )

    return await forwards(page, start, 1500)


async def _bitcoin_days(venue: Venue) -> Batch:
    rows = await _candles(venue, "BTC", "1d", venue.span.millis(*BTC_DAY))
    pick = {
        "BTC_PERP_QVOL": [(c.at.date(), c.turnover) for c in rows],
        "BTC_PERP_LOW": [(c.at.date(), c.low) for c in rows],
        "BTC_PERP_HIGH": [(c.at.date(), c.high) for c in rows],
    }
    return joined(Batch(daily(venue.span, venue.source, n, v)) for n, v in pick.items())


async def _closes(venue: Venue, name: str, coin: str) -> Batch:
    rows = await _candles(venue, coin, "1d", venue.span.millis(name))
    return Batch(daily(venue.span, venue.source, name, [(c.at.date(), c.close) for c in rows]))


async def _bars(venue: Venue, coin: str, file: BarFile) -> Batch:
    start = venue.span.millis(bar_key(file, f"{coin}_CLOSE"))
    if file == "crypto_1h":
        start = max(start, venue.now - HOURLY_DAYS * DAY)
    rows = await _candles(venue, coin, f"{BAR_HOURS[file]}h", start)
    volume = "QVOL" if file == "crypto_4h" else "VOL"
    pick = {
        "CLOSE": [(c.at, c.close) for c in rows],
        "LOW": [(c.at, c.low) for c in rows],
        volume: [(c.at, c.turnover if volume == "QVOL" else c.volume) for c in rows],
    }
    return joined(
        Batch(bars(venue.span, venue.source, f"{coin}_{what}", file, values))
        for what, values in pick.items()
    )


async def _funding(venue: Venue, coin: str) -> Batch:
    hourly = bar_key("crypto_1h", f"{coin}_FUNDING_BINANCE")
    wanted = (hourly, *FUNDING_DAY, "crypto_4h:BTC_FUNDING_8H") if coin == "BTC" else (hourly,)

    async def page(begin: int) -> list[Print]:
        return await venue.ask(
            f"{API}/fapi/v1/fundingRate",
            read_funding,
            symbol=f"{coin}USDT",
            startTime=begin,
            limit=1000,
        )

    prints = await forwards(page, venue.span.millis(*wanted), 1000)
    batch = funding_of(venue.span, venue.source, coin, prints)
    return joined((batch, *_bitcoin_funding(venue, prints))) if coin == "BTC" else batch


def _bitcoin_funding(venue: Venue, prints: list[Print]) -> Iterator[Batch]:
    """The 4-hour column, and mean and lowest of the days that have their three prints."""
    four = [(on_the_hour(p.at), p.value) for p in prints]
    yield Batch(bars(venue.span, venue.source, "BTC_FUNDING_8H", "crypto_4h", four))
    days = {day: found for day, found in by_day(prints).items() if len(found) >= 3}
    mean = [(day, sum(found) / len(found)) for day, found in days.items()]
    lowest = [(day, min(found)) for day, found in days.items()]
    for name, values in zip(FUNDING_DAY, (mean, lowest), strict=True):
        yield Batch(daily(venue.span, venue.source, name, values))


async def _interest(venue: Venue, name: str, coin: str) -> list[Print]:
    async def page(begin: int) -> list[Print]:
        return await venue.ask(
            f"{API}/futures/data/openInterestHist",
            read_interest,
            symbol=f"{coin}USDT",
            period="1h",
            startTime=begin,
            limit=500,
        )

    oldest = venue.now - KEPT_DAYS * DAY
    return await forwards(page, max(oldest, venue.span.millis(name)), 500)


def read_candles(fetched: Fetched) -> list[Candle]:
    """Candles as arrays: open time, open, high, low, close, volume, close time, turnover ..."""
    number = _READ.number
    return [
        Candle(
            _READ.moment(cells[0]),
            number(cells[2]),
            number(cells[3]),
            number(cells[4]),
            number(cells[5]),
            number(cells[7]),
        )
        for row in _READ.rows(_READ.json(fetched))
        for cells in (_READ.cells(row, 8),)
    ]


def read_funding(fetched: Fetched) -> list[Print]:
    """Settled funding rates, a fraction per eight hours."""
    return prints_of(_READ, _READ.rows(_READ.json(fetched)), "fundingTime", "fundingRate")


def read_interest(fetched: Fetched) -> list[Print]:
    """Open interest in coins at each hour."""
    return prints_of(_READ, _READ.rows(_READ.json(fetched)), "timestamp", "sumOpenInterest")
