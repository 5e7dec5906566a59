"""Coinbase spot prices in dollars, by UTC day.

The REST candles (``[time, low, high, open, close, volume]``, newest first, at most 300) were never
seen live here; they follow the documentation of the exchange interface.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Final

from causemap.tools.fetch import Fetched, Request, params
from causemap.tools.sources.candles import Print
from causemap.tools.sources.contract import Batch, Job, Span, daily, each
from causemap.tools.sources.paging import backwards
from causemap.tools.sources.strict import Strict

if TYPE_CHECKING:
    from causemap.tools.fetch import Fetcher

API: Final = "https://api.exchange.coinbase.com/products"
SPOT: Final = {"BTC_SPOT_USD": "BTC-USD", "ETH_SPOT_USD": "ETH-USD"}
_DAYS: Final = 300
_READ: Final = Strict("Coinbase")


@dataclass(frozen=True, slots=True)
class Coinbase:
    """Daily closes of the dollar markets."""

    deadline: float = 30.0
    name: str = "coinbase"
    terms: str = "https://www.coinbase.com/legal/market_data"
    redistributable: bool = False
    series: tuple[str, ...] = tuple(SPOT)

    async def pull(self, fetcher: Fetcher, span: Span) -> Batch:
        """Both markets from their first day."""
        jobs = (Job((n,), partial(self._closes, fetcher, span, n)) for n in SPOT)
        return await each(jobs, deadline=self.deadline)

    async def _closes(self, fetcher: Fetcher, span: Span, name: str) -> Batch:
        async def read(before: int) -> list[Print]:
            end = datetime.fromtimestamp(before / 1000, UTC) - timedelta(milliseconds=1)
            start = max(end - timedelta(days=_DAYS - 1), datetime.fromtimestamp(first, UTC))
            query = params(granularity=86_400, start=start.isoformat(), end=end.isoformat())
            request = Request(self.name, f"{API}/{SPOT[name]}/candles", query)
            return await fetcher.read(request, read_closes)

        first = span.millis(name) // 1000
        now = int(span.now.timestamp() * 1000)
        rows = await backwards(read, first * 1000, now, _DAYS - 1)
        return Batch(daily(span, self.name, name, [(row.at.date(), row.value) for row in rows]))


def read_closes(fetched: Fetched) -> list[Print]:
    """Closing prices by opening time."""
    rows = (_READ.cells(row, 6) for row in _READ.rows(_READ.json(fetched)))
    return [Print(_READ.moment(c[0], per_second=1), _READ.number(c[4])) for c in rows]
