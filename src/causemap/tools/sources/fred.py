"""FRED and ALFRED, the St. Louis Fed's database: daily values and, with a key, their vintages.

Formats seen: ``series/observations`` JSON (with and without vintages) and the keyless
``fredgraph.csv``. With a key the JSON interface is asked; without one, or when it fails, the CSV.
``vintage_date`` is ignored by the interface with status 200, so ``realtime_start`` and
``realtime_end`` are used. Reserve balances (``WRBWFRBL``, H.4.1, Wednesday level) come the same
way; that series was never seen live here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from itertools import zip_longest
from typing import TYPE_CHECKING, Final

from causemap.errors import SourceError
from causemap.tools.fetch import CSV, JSON, Fetched, Request, params
from causemap.tools.registry import REGISTRY
from causemap.tools.sources.contract import Batch, Job, Revision, Span, daily, each
from causemap.tools.sources.strict import Strict
from causemap.tools.vintages import REVISED

if TYPE_CHECKING:
    from causemap.tools.fetch import Fetcher

SERIES: Final = {n: i.symbol for n, i in REGISTRY.items() if i.provider.startswith("FRED")}
API: Final = "https://api.stlouisfed.org/fred/series/observations"
GRAPH: Final = "https://fred.stlouisfed.org/graph/fredgraph.csv"
# A daily series since the 1940s is 430 kB as CSV; a heavily revised one is some MB as JSON.
MAX_BYTES: Final = 8_000_000
_READ: Final = Strict("FRED")
_TTL: Final = 900.0
# Prints an answer: some 5 MB. The interface allows twice as many.
PAGE: Final = 50_000
MAX_PAGES: Final = 6
_DAY: Final = timedelta(days=1)


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
        """Every series from its own first day; with a key the prints of those that are revised."""
        return await each(self._jobs(fetcher, span), deadline=self.deadline)

    def _jobs(self, fetcher: Fetcher, span: Span) -> Iterator[Job]:
        for name in self.series:
            yield Job((name,), partial(self._daily, fetcher, name, span))
        if self.key is not None:
            for name in (n for n in REVISED if n in self.series):
                read = partial(self._prints, fetcher, name, span, self.key)
                yield Job((f"{name} vintages",), read)

    async def _daily(self, fetcher: Fetcher, name: str, span: Span) -> Batch:
        values = await self._values(fetcher, name, span.first(name))
        return Batch(daily(span, self.name, name, values.items()))

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

    async def _prints(self, fetcher: Fetcher, name: str, span: Span, key: str) -> Batch:
        """Every print of a series since the first day, each with when it came out (ALFRED)."""
        rows: list[Vintage] = []
        for page in range(MAX_PAGES):
            query = params(
                series_id=SERIES[name],
                file_type="json",
                observation_start=span.since.isoformat(),
                realtime_start="1776-07-04",
                realtime_end="9999-12-31",
                limit=PAGE,
                offset=page * PAGE,
            )
            request = Request(
                "alfred",
                API,
                query,
                secrets=params(api_key=key),
                max_bytes=MAX_BYTES,
                ttl=_TTL,
            )
            found = await fetcher.read(request, read_observations)
            rows += found
            if len(found) < PAGE:
                known = (r for r in revisions(name, rows) if r.known <= span.now)
                return Batch(revisions=tuple(known))
        raise SourceError(f"ALFRED: {name} has more than {MAX_PAGES * PAGE:,} prints")


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


def revisions(name: str, rows: Iterable[Vintage]) -> Iterator[Revision]:
    """The prints of a series in time order, and where one was taken back without another.

    A print dated a day counts from the end of that day in New York, so that none is known early.
    """
    ordered = sorted(rows, key=lambda row: (row.day, row.first))
    for row, following in zip_longest(ordered, ordered[1:]):
        yield Revision(name, row.day, _out(row.first), row.value)
        replaced = following is not None and following.day == row.day
        if row.last < date.max and not (replaced and following.first <= row.last + _DAY):
            yield Revision(name, row.day, _out(row.last + _DAY), None)


def _out(day: date) -> datetime:
    return datetime.combine(day + _DAY, time(5), UTC)
