"""Bybit linear perpetuals: funding, open interest in coins and the premium over the index.

None of these REST answers was seen live (only the stream and the list of instruments were); the
shapes are those of the v5 documentation: ``{retCode, retMsg, result: {list: [...]}}``, newest
first. Open interest of USDT contracts is in coins.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from causemap.tools.fetch import Fetched, Request, params
from causemap.tools.sources.candles import Candle, Print, funding_of, premium_closes
from causemap.tools.sources.contract import (
    Batch,
    Job,
    Span,
    bar_key,
    closes_of_days,
    daily,
    each,
)
from causemap.tools.sources.paging import backwards
from causemap.tools.sources.strict import Strict

if TYPE_CHECKING:
    from causemap.tools.fetch import Fetcher

API: Final = "https://api.bybit.com/v5/market"
FUNDED: Final = ("BTC", "ETH", "SOL")
OPEN_INTEREST: Final = {f"{coin}_OI_{coin}_BYBIT": coin for coin in ("BTC", "ETH")}
BASIS: Final = "BTC_BASIS_BP_BYBIT"
_READ: Final = Strict("Bybit")


@dataclass(frozen=True, slots=True)
class Bybit:
    """USDT-margined perpetuals."""

    deadline: float = 90.0
    name: str = "bybit"
    terms: str = "https://www.bybit.com/en/help-center/article/Terms-of-Service"
    redistributable: bool = False
    series: tuple[str, ...] = (*OPEN_INTEREST, BASIS)

    async def pull(self, fetcher: Fetcher, span: Span) -> Batch:
        """Funding in the 1-hour file, open interest and basis by day."""
        venue = _Venue(fetcher, span, self.name)
        return await each(venue.jobs(), deadline=self.deadline)


@dataclass(frozen=True, slots=True)
class _Venue:
    fetcher: Fetcher
    span: Span
    source: str

    def jobs(self) -> Iterator[Job]:
        for coin in FUNDED:
            yield Job((f"{coin}_FUNDING_BYBIT",), partial(self.funding, coin))
        for name, coin in OPEN_INTEREST.items():
            yield Job((name,), partial(self.interest, name, coin))
        yield Job((BASIS,), self.basis)

    @property
    def now(self) -> int:
        return int(self.span.now.timestamp() * 1000)

    async def funding(self, coin: str) -> Batch:
        async def read(before: int) -> list[Print]:
            query = params(category="linear", symbol=f"{coin}USDT", endTime=before - 1, limit=200)
            request = Request(self.source, f"{API}/funding/history", query)
            return await self.fetcher.read(request, read_funding)

        start = self.span.millis(bar_key("crypto_1h", f"{coin}_FUNDING_BYBIT"))
        prints = await backwards(read, start, self.now, 200)
        return funding_of(self.span, self.source, coin, prints)

    async def interest(self, name: str, coin: str) -> Batch:
        async def read(before: int) -> list[Print]:
            query = params(
                category="linear",
                symbol=f"{coin}USDT",
                intervalTime="1d",
                endTime=before - 1,
                limit=200,
            )
            request = Request(self.source, f"{API}/open-interest", query)
            return await self.fetcher.read(request, read_interest)

        prints = await backwards(read, self.span.millis(name), self.now, 200)
        values = closes_of_days((p.at, p.value) for p in prints)
        return Batch(daily(self.span, self.source, name, values))

    async def basis(self) -> Batch:
        async def read(before: int) -> list[Candle]:
            query = params(
                category="linear", symbol="BTCUSDT", interval="D", end=before - 1, limit=1000
            )
            request = Request(self.source, f"{API}/premium-index-price-kline", query)
            return await self.fetcher.read(request, read_premium)

        rows = await backwards(read, self.span.millis(BASIS), self.now, 1000)
        return premium_closes(self.span, self.source, BASIS, rows)


def _listed(fetched: Fetched) -> list[object]:
    """The rows of an answer whose own code says all is well."""
    body = _READ.json(fetched)
    if _READ.at(body, "retCode") != 0:
        raise _READ.wrong(f"code {_READ.at(body, 'retCode')!r:.20}")
    return _READ.rows(body, "result", "list")


def read_funding(fetched: Fetched) -> list[Print]:
    """Settled funding rates, a fraction per interval."""
    return [
        Print(
            _READ.moment(_READ.at(row, "fundingRateTimestamp")),
            _READ.number(_READ.at(row, "fundingRate")),
        )
        for row in _listed(fetched)
    ]


def read_interest(fetched: Fetched) -> list[Print]:
    """Open interest in coins."""
    return [
        Print(_READ.moment(_READ.at(row, "timestamp")), _READ.number(_READ.at(row, "openInterest")))
        for row in _listed(fetched)
    ]


def read_premium(fetched: Fetched) -> list[Candle]:
    """Premium candles: start, open, high, low, close (fractions; there is no volume)."""
    number = _READ.number
    return [
        Candle(
            _READ.moment(cells[0]), number(cells[2]), number(cells[3]), number(cells[4]), 0.0, 0.0
        )
        for row in _listed(fetched)
        for cells in (_READ.cells(row, 5),)
    ]
