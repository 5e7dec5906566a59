"""Binance futures: candles, funding, open interest in coins and the premium over the index.

Format seen: ``openInterestHist`` (hourly). Candles, funding and the premium index were never seen
live over REST; they follow the documentation (the stream's candle carries the same fields). Open
interest is kept by the exchange for about 30 days only, so it must be pulled at least monthly.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from causemap.tools.fetch import Fetched, Request, params
from causemap.tools.sources.candles import (
    Candle,
    Print,
    by_day,
    funding_of,
    on_the_hour,
    premium_closes,
)
from causemap.tools.sources.contract import (
    BAR_HOURS,
    BarFile,
    Batch,
    Job,
    Span,
    bar_key,
    bars,
    closes_of_days,
    daily,
    each,
    joined,
)
from causemap.tools.sources.paging import forwards
from causemap.tools.sources.strict import Strict

if TYPE_CHECKING:
    from causemap.tools.fetch import Fetcher

API: Final = "https://fapi.binance.com"
CLOSES: Final = {f"{coin}_PERP": coin for coin in ("SOL", "BTCDOM", "BNB", "XRP", "DOGE")}
BTC_DAY: Final = ("BTC_PERP_QVOL", "BTC_PERP_LOW", "BTC_PERP_HIGH")
COINS_4H: Final = ("BTC", "ETH", "SOL", "BNB", "XRP", "DOGE", "ADA", "AVAX", "LINK", "BTCDOM")
COINS_1H: Final = ("BTC", "DOGE", "ETH", "HYPE", "SOL")
FUNDED: Final = ("BTC", "ETH", "SOL")
FUNDING_DAY: Final = ("BTC_FUNDING_8H_MEAN", "BTC_FUNDING_8H_MIN")
OPEN_INTEREST: Final = {f"{coin}_OI_{coin}_BINANCE": coin for coin in ("BTC", "ETH")}
BASIS: Final = "BTC_BASIS_BP_BINANCE"
KEPT_DAYS: Final = 29
# The hourly file covers about a year; more would be hundreds of pages at the first fill.
HOURLY_DAYS: Final = 400
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
        venue = _Venue(fetcher, span, self.name)
        return await each(venue.jobs(), deadline=self.deadline)


@dataclass(frozen=True, slots=True)
class _Venue:
    fetcher: Fetcher
    span: Span
    source: str

    def jobs(self) -> Iterator[Job]:
        for coin in FUNDED:
            names = (*(FUNDING_DAY if coin == "BTC" else ()), f"{coin}_FUNDING_BINANCE")
            yield Job(names, partial(self.funding, coin))
        for name, coin in OPEN_INTEREST.items():
            yield Job((name,), partial(self.interest, name, coin))
        yield Job((BASIS,), self.basis)
        yield Job(BTC_DAY, self.bitcoin_days)
        for name, coin in CLOSES.items():
            yield Job((name,), partial(self.closes, name, coin))
        for coin in COINS_4H:
            yield Job((f"{coin} 4h bars",), partial(self.bars, coin, "crypto_4h"))
        for coin in COINS_1H:
            yield Job((f"{coin} 1h bars",), partial(self.bars, coin, "crypto_1h"))

    async def candles(
        self, coin: str, interval: str, start: int, path: str = "klines"
    ) -> list[Candle]:
        async def read(begin: int) -> list[Candle]:
            query = params(symbol=f"{coin}USDT", interval=interval, startTime=begin, limit=1500)
            request = Request(self.source, f"{API}/fapi/v1/{path}", query)
            return await self.fetcher.read(request, read_candles)

        return await forwards(read, start, 1500)

    async def bitcoin_days(self) -> Batch:
        rows = await self.candles("BTC", "1d", self.span.millis(*BTC_DAY))
        pick = {
            "BTC_PERP_QVOL": [(c.at.date(), c.turnover) for c in rows],
            "BTC_PERP_LOW": [(c.at.date(), c.low) for c in rows],
            "BTC_PERP_HIGH": [(c.at.date(), c.high) for c in rows],
        }
        return joined(Batch(daily(self.span, self.source, n, v)) for n, v in pick.items())

    async def closes(self, name: str, coin: str) -> Batch:
        rows = await self.candles(coin, "1d", self.span.millis(name))
        values = [(c.at.date(), c.close) for c in rows]
        return Batch(daily(self.span, self.source, name, values))

    async def basis(self) -> Batch:
        rows = await self.candles("BTC", "1d", self.span.millis(BASIS), "premiumIndexKlines")
        return premium_closes(self.span, self.source, BASIS, rows)

    async def bars(self, coin: str, file: BarFile) -> Batch:
        start = self.span.millis(bar_key(file, f"{coin}_CLOSE"))
        if file == "crypto_1h":
            start = max(start, int(self.span.now.timestamp() * 1000) - HOURLY_DAYS * 86_400_000)
        rows = await self.candles(coin, f"{BAR_HOURS[file]}h", start)
        volume = "QVOL" if file == "crypto_4h" else "VOL"
        pick = {
            "CLOSE": [(c.at, c.close) for c in rows],
            "LOW": [(c.at, c.low) for c in rows],
            volume: [(c.at, c.turnover if volume == "QVOL" else c.volume) for c in rows],
        }
        return joined(
            Batch(bars(self.span, self.source, f"{coin}_{what}", file, values))
            for what, values in pick.items()
        )

    async def funding(self, coin: str) -> Batch:
        hourly = bar_key("crypto_1h", f"{coin}_FUNDING_BINANCE")
        wanted = (hourly, *FUNDING_DAY, "crypto_4h:BTC_FUNDING_8H") if coin == "BTC" else (hourly,)

        async def read(begin: int) -> list[Print]:
            query = params(symbol=f"{coin}USDT", startTime=begin, limit=1000)
            request = Request(self.source, f"{API}/fapi/v1/fundingRate", query)
            return await self.fetcher.read(request, read_funding)

        prints = await forwards(read, self.span.millis(*wanted), 1000)
        batch = funding_of(self.span, self.source, coin, prints)
        return joined((batch, *self._bitcoin_funding(prints))) if coin == "BTC" else batch

    def _bitcoin_funding(self, prints: list[Print]) -> Iterator[Batch]:
        """The 4-hour column, and mean and lowest of the days that have their three prints."""
        four = [(on_the_hour(p.at), p.value) for p in prints]
        yield Batch(bars(self.span, self.source, "BTC_FUNDING_8H", "crypto_4h", four))
        days = {day: found for day, found in by_day(prints).items() if len(found) >= 3}
        mean = [(day, sum(found) / len(found)) for day, found in days.items()]
        lowest = [(day, min(found)) for day, found in days.items()]
        for name, values in zip(FUNDING_DAY, (mean, lowest), strict=True):
            yield Batch(daily(self.span, self.source, name, values))

    async def interest(self, name: str, coin: str) -> Batch:
        oldest = int(self.span.now.timestamp() * 1000) - KEPT_DAYS * 86_400_000

        async def read(begin: int) -> list[Print]:
            query = params(symbol=f"{coin}USDT", period="1h", startTime=begin, limit=500)
            request = Request(self.source, f"{API}/futures/data/openInterestHist", query)
            return await self.fetcher.read(request, read_interest)

        prints = await forwards(read, max(oldest, self.span.millis(name)), 500)
        values = closes_of_days((p.at, p.value) for p in prints)
        return Batch(daily(self.span, self.source, name, values))


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
    return [
        Print(
            _READ.moment(_READ.at(row, "fundingTime")), _READ.number(_READ.at(row, "fundingRate"))
        )
        for row in _READ.rows(_READ.json(fetched))
    ]


def read_interest(fetched: Fetched) -> list[Print]:
    """Open interest in coins at each hour."""
    return [
        Print(
            _READ.moment(_READ.at(row, "timestamp")), _READ.number(_READ.at(row, "sumOpenInterest"))
        )
        for row in _READ.rows(_READ.json(fetched))
    ]
