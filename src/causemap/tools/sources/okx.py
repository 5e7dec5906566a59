"""OKX perpetual swaps: funding, open interest, liquidations, premium over the index, recent bars.

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

from causemap.tools.sources.candles import Candle, Print
from causemap.tools.sources.contract import BAR_HOURS, Batch, Job, Span, daily, each, joined
from causemap.tools.sources.strict import Strict
from causemap.tools.sources.venues import BARRED, FUNDED, Venue, interest_series, prints_of

if TYPE_CHECKING:
    from causemap.tools.fetch import Fetched, Fetcher

API: Final = "https://www.okx.com/api/v5"
OPEN_INTEREST: Final = interest_series("OKX")
LIQUIDATED: Final = {"long": "BTC_LIQ_LONG_BTC_OKX", "short": "BTC_LIQ_SHORT_BTC_OKX"}
BASIS: Final = "BTC_BASIS_BP_OKX"
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
        """Funding and recent bars; open interest, liquidations and basis by day."""
        return await each(_jobs(Venue(fetcher, span, self.name)), deadline=self.deadline)


def _jobs(venue: Venue) -> Iterator[Job]:
    for coin in FUNDED:
        yield venue.funding(coin, partial(_funding, venue, coin), 100)
    for name, coin in OPEN_INTEREST.items():
        page = partial(_interest, venue, coin)
        yield venue.interest(name, partial(venue.back, page, 100, name))
    yield Job(tuple(LIQUIDATED.values()), partial(_liquidations, venue))
    yield Job((BASIS,), partial(_basis, venue))
    for coin, file in BARRED:
        yield venue.recent_bars(coin, file, partial(_bars, venue, coin, f"{BAR_HOURS[file]}H"), 100)


async def _funding(venue: Venue, coin: str, before: int) -> list[Print]:
    return await venue.ask(
        f"{API}/public/funding-rate-history",
        read_funding,
        instId=f"{coin}-USDT-SWAP",
        after=before,
        limit=100,
    )


async def _interest(venue: Venue, coin: str, before: int) -> list[Print]:
    return await venue.ask(
        f"{API}/rubik/stat/contracts/open-interest-history",
        read_interest,
        instId=f"{coin}-USDT-SWAP",
        period="1H",
        end=before,
        limit=100,
    )


async def _liquidations(venue: Venue) -> Batch:
    contracts = await venue.ask(f"{API}/public/instruments", read_contracts, instType="SWAP")
    worth = contracts.get("BTC-USDT-SWAP")
    if worth is None:
        raise _READ.wrong("BTC-USDT-SWAP is not among the instruments")
    rows = await venue.back(partial(_forced, venue), 100, *LIQUIDATED.values())
    sums = coins_by_day(rows, worth, venue.span.now)
    return joined(
        Batch(daily(venue.span, venue.source, name, [(d, s[side]) for d, s in sums.items()]))
        for side, name in LIQUIDATED.items()
    )


async def _forced(venue: Venue, before: int) -> list[Liquidation]:
    return await venue.ask(
        f"{API}/public/liquidation-orders",
        read_liquidations,
        instType="SWAP",
        uly="BTC-USDT",
        state="filled",
        after=before,
        limit=100,
    )


async def _basis(venue: Venue) -> Batch:
    """Daily close of the perpetual over that of the index, in basis points."""
    swap = await _closes(venue, "history-candles", "BTC-USDT-SWAP")
    index = await _closes(venue, "history-index-candles", "BTC-USDT")
    values = [(day, (swap[day] / index[day] - 1) * 1e4) for day in sorted(swap.keys() & index)]
    return Batch(daily(venue.span, venue.source, BASIS, values))


async def _bars(venue: Venue, coin: str, bar: str, before: int) -> list[Candle]:
    return await venue.ask(
        f"{API}/market/history-candles",
        read_candles,
        instId=f"{coin}-USDT-SWAP",
        bar=bar,
        after=before,
        limit=100,
    )


async def _closes(venue: Venue, path: str, instrument: str) -> dict[date, float]:
    async def page(before: int) -> list[Print]:
        return await venue.ask(
            f"{API}/market/{path}",
            read_closes,
            instId=instrument,
            bar="1Dutc",
            after=before,
            limit=100,
        )

    return {row.at.date(): row.value for row in await venue.back(page, 100, BASIS)}


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
    return prints_of(_READ, _data(fetched), "fundingTime", "realizedRate")


def read_interest(fetched: Fetched) -> list[Print]:
    """Open interest in coins: time, contracts, coins, dollars."""
    rows = (_READ.cells(row, 3) for row in _data(fetched))
    return [Print(_READ.moment(cells[0]), _READ.number(cells[2])) for cells in rows]


def read_closes(fetched: Fetched) -> list[Print]:
    """Closes of finished candles of a swap or an index."""
    return [Print(_READ.moment(cells[0]), _READ.number(cells[4])) for cells in _finished(fetched)]


def read_candles(fetched: Fetched) -> list[Candle]:
    """Finished candles; volume and turnover stand in units of their own and are left out."""
    number = _READ.number
    return [
        Candle(_READ.moment(c[0]), number(c[2]), number(c[3]), number(c[4]), 0.0, 0.0)
        for c in _finished(fetched)
    ]


def _finished(fetched: Fetched) -> list[list[object]]:
    """Candles as arrays: time, open, high, low, close, ..., 1 when finished."""
    rows = (_READ.cells(row, 6) for row in _data(fetched))
    return [cells for cells in rows if cells[-1] == "1"]


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
