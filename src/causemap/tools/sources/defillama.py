"""DefiLlama: the supply of dollar stablecoins and the value locked in DeFi, by UTC day.

Format seen (trimmed): ``/stablecoins``, the present list. The histories ``/stablecoincharts/all``
and ``/v2/historicalChainTvl`` were never seen live here; they follow the documentation. When the
history cannot be had, the list still gives yesterday's supply.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING, Final

from causemap.errors import SourceError
from causemap.tools.fetch import Fetched, Request
from causemap.tools.sources.contract import Batch, Job, Span, daily, each
from causemap.tools.sources.strict import Strict

if TYPE_CHECKING:
    from causemap.tools.fetch import Fetcher

SUPPLY: Final = "STABLECOIN_SUPPLY_USD"
LOCKED: Final = "DEFI_TVL_USD"
HISTORY: Final = "https://stablecoins.llama.fi/stablecoincharts/all"
PRESENT: Final = "https://stablecoins.llama.fi/stablecoins?includePrices=true"
CHAINS: Final = "https://api.llama.fi/v2/historicalChainTvl"
# The list names every stablecoin on every chain.
MAX_BYTES: Final = 12_000_000
_READ: Final = Strict("DefiLlama")


@dataclass(frozen=True, slots=True)
class DefiLlama:
    """Two series of the whole market."""

    deadline: float = 60.0
    name: str = "defillama"
    terms: str = "https://defillama.com/terms"
    redistributable: bool = True
    series: tuple[str, ...] = (SUPPLY, LOCKED)

    async def pull(self, fetcher: Fetcher, span: Span) -> Batch:
        """Supply and value locked."""
        jobs = (
            Job((SUPPLY,), partial(self._supply, fetcher, span)),
            Job((LOCKED,), partial(self._locked, fetcher, span)),
        )
        return await each(jobs, deadline=self.deadline)

    async def _supply(self, fetcher: Fetcher, span: Span) -> Batch:
        history = Request(self.name, HISTORY, max_bytes=MAX_BYTES, ttl=3600.0)
        try:
            values = await fetcher.read(history, read_history)
        except SourceError:
            present = Request(self.name, PRESENT, max_bytes=MAX_BYTES, ttl=3600.0)
            yesterday = span.now.date() - timedelta(days=1)
            values = [(yesterday, await fetcher.read(present, read_yesterday))]
        return Batch(daily(span, self.name, SUPPLY, values))

    async def _locked(self, fetcher: Fetcher, span: Span) -> Batch:
        request = Request(self.name, CHAINS, max_bytes=MAX_BYTES, ttl=3600.0)
        return Batch(daily(span, self.name, LOCKED, await fetcher.read(request, read_locked)))


def read_history(fetched: Fetched) -> list[tuple[date, float]]:
    """Supply of all dollar-pegged coins by day."""
    return [
        (
            _READ.moment(_READ.at(row, "date"), per_second=1).date(),
            _READ.number(_READ.at(row, "totalCirculatingUSD", "peggedUSD")),
        )
        for row in _READ.rows(_READ.json(fetched))
    ]


def read_yesterday(fetched: Fetched) -> float:
    """Yesterday's supply: the sum over the dollar-pegged coins of the present list."""
    coins = _READ.rows(_READ.json(fetched), "peggedAssets")
    supplies = [
        _READ.number(_READ.at(coin, "circulatingPrevDay", "peggedUSD"))
        for coin in coins
        if _READ.at(coin, "pegType") == "peggedUSD"
    ]
    if not supplies:
        raise _READ.wrong("no dollar-pegged coin in the list")
    return sum(supplies)


def read_locked(fetched: Fetched) -> list[tuple[date, float]]:
    """Value locked by day, in dollars."""
    return [
        (
            _READ.moment(_READ.at(row, "date"), per_second=1).date(),
            _READ.number(_READ.at(row, "tvl")),
        )
        for row in _READ.rows(_READ.json(fetched))
    ]
