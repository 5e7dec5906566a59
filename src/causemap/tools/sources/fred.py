"""FRED and ALFRED, the St. Louis Fed's database: daily values and, with a key, their vintages.

Formats seen: ``series/observations`` JSON (with and without vintages) and the keyless
``fredgraph.csv``. With a key the JSON interface is asked; without one, or when it fails, the CSV.
``vintage_date`` is ignored by the interface with status 200, so ``realtime_start`` and
``realtime_end`` are used. Reserve balances (``WRBWFRBL``, H.4.1, Wednesday level) come the same
way; that series was never seen live here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final

from causemap.errors import SourceError
from causemap.tools.fetch import CSV, JSON, Fetched, Request, params
from causemap.tools.registry import REGISTRY
from causemap.tools.sources.contract import Batch, Job, Observation, Span, daily, each, midnight
from causemap.tools.sources.strict import Strict

if TYPE_CHECKING:
    from causemap.tools.fetch import Fetcher

SERIES: Final = {n: i.symbol for n, i in REGISTRY.items() if i.provider.startswith("FRED")}
API: Final = "https://api.stlouisfed.org/fred/series/observations"
GRAPH: Final = "https://fred.stlouisfed.org/graph/fredgraph.csv"
# A daily series since the 1940s is 430 kB as CSV; a heavily revised one is some MB as JSON.
MAX_BYTES: Final = 8_000_000
_READ: Final = Strict("FRED")
_TTL: Final = 900.0


@dataclass(frozen=True, slots=True)
class Fred:
    """Series of FRED by their canonical names; ``key`` is optional."""

    key: str | None = None
    deadline: float = 120.0
    name: str = "fred"
    terms: str = "https://fred.stlouisfed.org/legal/ (ICE, EIA and others keep their own rights)"
    redistributable: bool = False
    series: tuple[str, ...] = tuple(SERIES)

    async def pull(self, fetcher: Fetcher, span: Span) -> Batch:
        """Every series from its own first day."""

        def job(name: str) -> Job:
            async def read() -> Batch:
                values = await self._values(fetcher, name, span.first(name))
                return Batch(daily(span, self.name, name, values.items()))

            return Job((name,), read)

        return await each(map(job, self.series), deadline=self.deadline)

    async def _values(
        self, fetcher: Fetcher, name: str, since: date
    ) -> Mapping[date, float | None]:
        symbol = SERIES[name]
        if self.key is None:
            return await self._graph(fetcher, symbol, since)
        try:
            return await self._api(fetcher, symbol, since, self.key)
        except SourceError:
            return await self._graph(fetcher, symbol, since)

    async def _api(
        self, fetcher: Fetcher, symbol: str, since: date, key: str
    ) -> Mapping[date, float | None]:
        request = Request(
            self.name,
            API,
            params(series_id=symbol, file_type="json", observation_start=since.isoformat()),
            secrets=params(api_key=key),
            accept=JSON,
            max_bytes=MAX_BYTES,
            ttl=_TTL,
        )
        return {r.day: r.value for r in await fetcher.read(request, read_observations)}

    async def _graph(
        self, fetcher: Fetcher, symbol: str, since: date
    ) -> Mapping[date, float | None]:
        query = params(id=symbol, cosd=since.isoformat())
        request = Request(self.name, GRAPH, query, accept=CSV, max_bytes=MAX_BYTES, ttl=_TTL)
        return await fetcher.read(request, lambda fetched: read_graph(fetched, symbol))

    async def vintage(
        self, fetcher: Fetcher, symbol: str, as_of: datetime
    ) -> tuple[Observation, ...]:
        """The values of a series as they stood at ``as_of``, each with when it came out (ALFRED).

        Raises:
            SourceError: no key, or the answer cannot be had or read.
        """
        if self.key is None:
            raise SourceError("FRED: vintages need a key; set CAUSEMAP_FRED_KEY")
        query = params(
            series_id=symbol,
            file_type="json",
            realtime_start="1776-07-04",
            realtime_end=as_of.date().isoformat(),
        )
        secret = params(api_key=self.key)
        request = Request("alfred", API, query, secrets=secret, max_bytes=MAX_BYTES, ttl=_TTL)
        rows = await fetcher.read(request, read_observations)
        return as_known(rows, symbol, as_of)


@dataclass(frozen=True, slots=True)
class Vintage:
    """A value and the days (inclusive) between which it was the published one."""

    day: date
    value: float | None
    first: date
    last: date


def read_observations(fetched: Fetched) -> tuple[Vintage, ...]:
    """The rows of ``series/observations``; a dot is FRED's missing value."""
    return tuple(
        Vintage(
            _READ.day(_READ.at(row, "date")),
            _value(_READ.at(row, "value")),
            _READ.day(_READ.at(row, "realtime_start")),
            _READ.day(_READ.at(row, "realtime_end")),
        )
        for row in _READ.rows(_READ.json(fetched), "observations")
    )


def read_graph(fetched: Fetched, symbol: str) -> dict[date, float | None]:
    """The rows of ``fredgraph.csv``; an empty cell (or a dot) is a missing value."""
    rows = _READ.table(fetched)
    if not rows or set(rows[0]) != {"observation_date", symbol}:
        raise _READ.wrong(f"the columns are not observation_date and {symbol}")
    return {_READ.day(row["observation_date"]): _value(row[symbol]) for row in rows}


def _value(text: object) -> float | None:
    return None if text in ("", ".") else _READ.number(text)


def as_known(rows: Iterable[Vintage], symbol: str, as_of: datetime) -> tuple[Observation, ...]:
    """What was published by ``as_of``: per date the vintage then in force.

    A vintage dated a day counts from the end of that day in New York, so that none is known early.
    """
    found: dict[date, Observation] = {}
    for row in sorted(rows, key=lambda r: (r.day, r.first)):
        out = datetime.combine(row.first + timedelta(days=1), time(5), UTC)
        if out > as_of:
            continue
        if row.value is None or row.last < (as_of - timedelta(hours=29)).date():
            # Withdrawn before the as-of, or replaced by a missing value.
            found.pop(row.day, None)
        else:
            found[row.day] = Observation(symbol, "", midnight(row.day), out, row.value, "alfred")
    return tuple(found.values())
