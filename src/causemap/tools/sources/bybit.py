"""Bybit linear perpetuals: funding, open interest in coins, premium over the index, recent bars.

None of these REST answers was seen live (only the stream and the list of instruments were); the
shapes are those of the v5 documentation: ``{retCode, retMsg, result: {list: [...]}}``, newest
first. Open interest of USDT contracts is in coins. Liquidations are told on the stream only.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from causemap.tools.sources.candles import Candle, Print
from causemap.tools.sources.contract import BAR_HOURS, Batch, Job, Span, each
from causemap.tools.sources.strict import Strict
from causemap.tools.sources.venues import BARRED, FUNDED, Venue, interest_series, prints_of

if TYPE_CHECKING:
    from causemap.tools.fetch import Fetched, Fetcher

API: Final = "https://api.bybit.com/v5/market"
OPEN_INTEREST: Final = interest_series("Bybit")
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
        """Funding and recent bars, open interest and basis by day."""
        return await each(_jobs(Venue(fetcher, span, self.name)), deadline=self.deadline)


def _jobs(venue: Venue) -> Iterator[Job]:
    for coin in FUNDED:
        yield venue.funding(coin, partial(_funding, venue, coin), 200)
    for name, coin in OPEN_INTEREST.items():
        page = partial(_interest, venue, coin)
        yield venue.interest(name, partial(venue.back, page, 200, name))
    premium = partial(_candles, venue, "premium-index-price-kline", "BTC", "D")
    yield venue.premium(BASIS, partial(venue.back, premium, 1000, BASIS))
    for coin, file in BARRED:
        candles = partial(_candles, venue, "kline", coin, f"{60 * BAR_HOURS[file]}")
        yield venue.recent_bars(coin, file, candles, 1000)


async def _funding(venue: Venue, coin: str, before: int) -> list[Print]:
    return await venue.ask(
        f"{API}/funding/history",
        read_funding,
        category="linear",
        symbol=f"{coin}USDT",
        endTime=before - 1,
        limit=200,
    )


async def _interest(venue: Venue, coin: str, before: int) -> list[Print]:
    return await venue.ask(
        f"{API}/open-interest",
        read_interest,
        category="linear",
        symbol=f"{coin}USDT",
        intervalTime="1d",
        endTime=before - 1,
        limit=200,
    )


async def _candles(venue: Venue, path: str, coin: str, interval: str, before: int) -> list[Candle]:
    return await venue.ask(
        f"{API}/{path}",
        read_candles,
        category="linear",
        symbol=f"{coin}USDT",
        interval=interval,
        end=before - 1,
        limit=1000,
    )


def _listed(fetched: Fetched) -> list[object]:
    """The rows of an answer whose own code says all is well."""
    body = _READ.json(fetched)
    if _READ.at(body, "retCode") != 0:
        raise _READ.wrong(f"code {_READ.at(body, 'retCode')!r:.20}")
    return _READ.rows(body, "result", "list")


def read_funding(fetched: Fetched) -> list[Print]:
    """Settled funding rates, a fraction per interval."""
    return prints_of(_READ, _listed(fetched), "fundingRateTimestamp", "fundingRate")


def read_interest(fetched: Fetched) -> list[Print]:
    """Open interest in coins."""
    return prints_of(_READ, _listed(fetched), "timestamp", "openInterest")


def read_candles(fetched: Fetched) -> list[Candle]:
    """Candles of prices or of the premium (fractions): start, open, high, low, close, ..."""
    number = _READ.number
    return [
        Candle(
            _READ.moment(cells[0]), number(cells[2]), number(cells[3]), number(cells[4]), 0.0, 0.0
        )
        for row in _listed(fetched)
        for cells in (_READ.cells(row, 5),)
    ]
