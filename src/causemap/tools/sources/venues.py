"""What the exchanges are all asked alike: funding, open interest, the premium, recent bars."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar

from causemap.tools.fetch import Request, params
from causemap.tools.sources.candles import Candle, Print, funding_of, premium_closes
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
    joined,
)
from causemap.tools.sources.paging import Dated, backwards

if TYPE_CHECKING:
    from causemap.tools.fetch import Fetched, Fetcher
    from causemap.tools.sources.strict import Strict

FUNDED: Final = ("BTC", "ETH", "SOL")
BARRED: Final[tuple[tuple[str, BarFile], ...]] = tuple(
    (coin, file) for coin in ("BTC", "ETH") for file in ("crypto_4h", "crypto_1h")
)
# Bars that stand in where Binance gives none (it answers not everywhere): enough for a fall under
# discussion, and a few dozen pages at most where a venue hands out a hundred at a time.
STAND_IN_DAYS: Final = 90
R = TypeVar("R", bound=Dated)
T = TypeVar("T")
# Rows earlier (or, of Binance, later) than a time in milliseconds: one page.
Page = Callable[[int], Awaitable[list[R]]]


def interest_series(venue: str) -> dict[str, str]:
    """The series of open interest of a venue and the coin each is of."""
    return {f"{coin}_OI_{coin}_{venue.upper()}": coin for coin in ("BTC", "ETH")}


@dataclass(frozen=True, slots=True)
class Venue:
    """An exchange being read for a span; ``source`` is its name."""

    fetcher: Fetcher
    span: Span
    source: str

    @property
    def now(self) -> int:
        """The end of the span in milliseconds."""
        return int(self.span.now.timestamp() * 1000)

    async def ask(self, url: str, read: Callable[[Fetched], T], **query: str | int) -> T:
        """One question, read by ``read``."""
        return await self.fetcher.read(Request(self.source, url, params(**query)), read)

    async def back(self, page: Page[R], size: int, *series: str) -> list[R]:
        """Rows back to where the first of the series begins, in time order."""
        return await backwards(page, self.span.millis(*series), self.now, size)

    def funding(self, coin: str, page: Page[Print], size: int) -> Job:
        """Funding of a coin in the 1-hour file."""
        name = f"{coin}_FUNDING_{self.source.upper()}"

        async def read() -> Batch:
            prints = await self.back(page, size, bar_key("crypto_1h", name))
            return funding_of(self.span, self.source, coin, prints)

        return Job((name,), read)

    def recent_bars(self, coin: str, file: BarFile, page: Page[Candle], size: int) -> Job:
        """Closes and lows of the last weeks, kept where a venue asked before gave none."""
        keys = [bar_key(file, f"{coin}_{what}") for what in ("CLOSE", "LOW")]

        async def read() -> Batch:
            first = max(self.span.millis(*keys), self.now - STAND_IN_DAYS * 86_400_000)
            rows = await backwards(page, first, self.now, size)
            pick = {"CLOSE": [(c.at, c.close) for c in rows], "LOW": [(c.at, c.low) for c in rows]}
            return joined(
                Batch(bars(self.span, self.source, f"{coin}_{what}", file, values))
                for what, values in pick.items()
            )

        return Job((f"{coin} {BAR_HOURS[file]}h bars",), read)

    def interest(self, name: str, prints: Callable[[], Awaitable[list[Print]]]) -> Job:
        """Open interest in coins at the end of each day."""

        async def read() -> Batch:
            values = closes_of_days((p.at, p.value) for p in await prints())
            return Batch(daily(self.span, self.source, name, values))

        return Job((name,), read)

    def premium(self, name: str, candles: Callable[[], Awaitable[list[Candle]]]) -> Job:
        """The daily close of the perpetual over its index, in basis points."""

        async def read() -> Batch:
            return premium_closes(self.span, self.source, name, await candles())

        return Job((name,), read)


def prints_of(strict: Strict, rows: Iterable[object], at: str, value: str) -> list[Print]:
    """Rows that are objects, by the names of their time (milliseconds) and their value."""
    return [
        Print(strict.moment(strict.at(row, at)), strict.number(strict.at(row, value)))
        for row in rows
    ]
