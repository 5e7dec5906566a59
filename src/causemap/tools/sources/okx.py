"""OKX perpetual swaps: funding, open interest, liquidations and the premium over the index.

Format seen: ``public/instruments`` (contract values). Funding, open interest, liquidation and
candle answers were never seen live over REST; they follow the documentation: ``{code, msg, data}``,
newest first. Liquidation sizes are in *contracts*: they count ``sz x ctVal`` coins. The public list
of liquidations goes back a week at most, so only days it covers whole are kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Final, Literal

from causemap.tools.fetch import Fetched, Request, params
from causemap.tools.sources.candles import Print, funding_of
from causemap.tools.sources.contract import (
    Batch,
    Job,
    Span,
    bar_key,
    closes_of_days,
    daily,
    each,
    joined,
)
from causemap.tools.sources.paging import backwards
from causemap.tools.sources.strict import Strict

if TYPE_CHECKING:
    from causemap.tools.fetch import Fetcher, Pairs

API: Final = "https://www.okx.com/api/v5"
FUNDED: Final = ("BTC", "ETH", "SOL")
OPEN_INTEREST: Final = {f"{coin}_OI_{coin}_OKX": coin for coin in ("BTC", "ETH")}
LIQUIDATED: Final = {"long": "BTC_LIQ_LONG_BTC_OKX", "short": "BTC_LIQ_SHORT_BTC_OKX"}
BASIS: Final = "BTC_BASIS_BP_OKX"
# The list of instruments alone is some 80 kB; the limit leaves room for its growth.
_READ: Final = Strict("OKX")


@dataclass(frozen=True, slots=True)
class Liquidation:
    """A forced order: which side was closed, and its size in contracts."""

    at: datetime
    side: Literal["long", "short"]
    contracts: float


@dataclass(frozen=True, slots=True)
class Okx:
    """USDT-margined swaps."""

    deadline: float = 120.0
    name: str = "okx"
    terms: str = "https://www.okx.com/help/terms-of-service"
    redistributable: bool = False
    series: tuple[str, ...] = (*OPEN_INTEREST, *LIQUIDATED.values(), BASIS)

    async def pull(self, fetcher: Fetcher, span: Span) -> Batch:
        """Funding in the 1-hour file; open interest, liquidations and basis by day."""
        venue = _Venue(fetcher, span, self.name)
        return await each(venue.jobs(), deadline=self.deadline)


@dataclass(frozen=True, slots=True)
class _Venue:
    fetcher: Fetcher
    span: Span
    source: str

    def jobs(self) -> Iterator[Job]:
        for coin in FUNDED:
            yield Job((f"{coin}_FUNDING_OKX",), partial(self.funding, coin))
        for name, coin in OPEN_INTEREST.items():
            yield Job((name,), partial(self.interest, name, coin))
        yield Job(tuple(LIQUIDATED.values()), self.liquidations)
        yield Job((BASIS,), self.basis)

    @property
    def now(self) -> int:
        return int(self.span.now.timestamp() * 1000)

    def request(self, path: str, query: Pairs) -> Request:
        return Request(self.source, f"{API}/{path}", query)

    async def funding(self, coin: str) -> Batch:
        async def read(before: int) -> list[Print]:
            query = params(instId=f"{coin}-USDT-SWAP", after=before, limit=100)
            request = self.request("public/funding-rate-history", query)
            return await self.fetcher.read(request, read_funding)

        start = self.span.millis(bar_key("crypto_1h", f"{coin}_FUNDING_OKX"))
        prints = await backwards(read, start, self.now, 100)
        return funding_of(self.span, self.source, coin, prints)

    async def interest(self, name: str, coin: str) -> Batch:
        async def read(before: int) -> list[Print]:
            query = params(instId=f"{coin}-USDT-SWAP", period="1H", end=before, limit=100)
            request = self.request("rubik/stat/contracts/open-interest-history", query)
            return await self.fetcher.read(request, read_interest)

        prints = await backwards(read, self.span.millis(name), self.now, 100)
        values = closes_of_days((p.at, p.value) for p in prints)
        return Batch(daily(self.span, self.source, name, values))

    async def liquidations(self) -> Batch:
        instruments = self.request("public/instruments", params(instType="SWAP"))
        worth = (await self.fetcher.read(instruments, read_contracts)).get("BTC-USDT-SWAP")
        if worth is None:
            raise _READ.wrong("BTC-USDT-SWAP is not among the instruments")

        async def read(before: int) -> list[Liquidation]:
            query = params(instType="SWAP", uly="BTC-USDT", state="filled", after=before, limit=100)
            request = self.request("public/liquidation-orders", query)
            return await self.fetcher.read(request, read_liquidations)

        start = self.span.millis(*LIQUIDATED.values())
        rows = await backwards(read, start, self.now, 100)
        sums = coins_by_day(rows, worth, self.span.now)
        return joined(
            Batch(daily(self.span, self.source, name, [(d, s[side]) for d, s in sums.items()]))
            for side, name in LIQUIDATED.items()
        )

    async def basis(self) -> Batch:
        """Daily close of the perpetual over that of the index, in basis points."""
        swap = await self._closes("market/history-candles", "BTC-USDT-SWAP")
        index = await self._closes("market/history-index-candles", "BTC-USDT")
        values = [(day, (swap[day] / index[day] - 1) * 1e4) for day in sorted(swap.keys() & index)]
        return Batch(daily(self.span, self.source, BASIS, values))

    async def _closes(self, path: str, instrument: str) -> dict[date, float]:
        async def read(before: int) -> list[Print]:
            query = params(instId=instrument, bar="1Dutc", after=before, limit=100)
            return await self.fetcher.read(self.request(path, query), read_closes)

        rows = await backwards(read, self.span.millis(BASIS), self.now, 100)
        return {row.at.date(): row.value for row in rows}


def coins_by_day(
    rows: list[Liquidation], worth: float, now: datetime
) -> dict[date, dict[str, float]]:
    """Coins liquidated per side on each day the list covers from midnight to midnight.

    The list starts somewhere inside its first day, and today is not over: both are left out.
    """
    if not rows:
        return {}
    day, found = rows[0].at.date() + timedelta(days=1), {}
    while day < now.date():
        found[day] = dict.fromkeys(LIQUIDATED, 0.0)
        day += timedelta(days=1)
    for row in rows:
        if row.at.date() in found:
            found[row.at.date()][row.side] += row.contracts * worth
    return found


def _data(fetched: Fetched) -> list[object]:
    """The rows of an answer whose own code says all is well."""
    body = _READ.json(fetched)
    if _READ.at(body, "code") != "0":
        raise _READ.wrong(f"code {_READ.at(body, 'code')!r:.20}")
    return _READ.rows(body, "data")


def read_funding(fetched: Fetched) -> list[Print]:
    """Realised funding rates, a fraction per interval."""
    return [
        Print(
            _READ.moment(_READ.at(row, "fundingTime")), _READ.number(_READ.at(row, "realizedRate"))
        )
        for row in _data(fetched)
    ]


def read_interest(fetched: Fetched) -> list[Print]:
    """Open interest in coins: time, contracts, coins, dollars."""
    rows = (_READ.cells(row, 3) for row in _data(fetched))
    return [Print(_READ.moment(cells[0]), _READ.number(cells[2])) for cells in rows]


def read_closes(fetched: Fetched) -> list[Print]:
    """Closes of finished candles: time, open, high, low, close, ..., 1 when finished."""
    rows = (_READ.cells(row, 6) for row in _data(fetched))
    return [
        Print(_READ.moment(cells[0]), _READ.number(cells[4])) for cells in rows if cells[-1] == "1"
    ]


def read_contracts(fetched: Fetched) -> dict[str, float]:
    """Coins per contract of the linear swaps."""
    rows = _data(fetched)
    return {
        _READ.text(_READ.at(row, "instId")): _READ.number(_READ.at(row, "ctVal"))
        for row in rows
        if _READ.at(row, "ctType") == "linear"
    }


def read_liquidations(fetched: Fetched) -> list[Liquidation]:
    """Forced orders; in net mode a sale closes a long position."""
    return [_liquidation(row) for family in _data(fetched) for row in _READ.rows(family, "details")]


def _liquidation(row: object) -> Liquidation:
    position, side = _READ.at(row, "posSide"), _READ.at(row, "side")
    if position not in ("long", "short", "net") or side not in ("buy", "sell"):
        raise _READ.wrong("a liquidation has neither side")
    long = position == "long" or (position == "net" and side == "sell")
    at = _READ.moment(_READ.at(row, "ts"))
    return Liquidation(at, "long" if long else "short", _READ.number(_READ.at(row, "sz")))
