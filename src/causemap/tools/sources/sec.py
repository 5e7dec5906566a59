"""SEC EDGAR: the latest 8-K filings, and results dates of the largest companies.

Format seen: the Atom list of current filings. ``submissions/CIK….json`` was never seen live here;
it follows the documentation: parallel lists under ``filings.recent``. A results date is an 8-K with
item 2.02; whether before the open or after the close comes from the time EDGAR accepted it. The
SEC asks for a user agent with a contact address and refuses others with status 403.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from functools import partial
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from causemap.tools.fetch import JSON, XML, Fetched, Request, params
from causemap.tools.sources.contract import Batch, Job, ResultDate, Span, each
from causemap.tools.sources.feeds import headline, read_entries
from causemap.tools.sources.strict import Strict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from causemap.tools.fetch import Fetcher

CURRENT: Final = "https://www.sec.gov/cgi-bin/browse-edgar"
SUBMISSIONS: Final = "https://data.sec.gov/submissions"
COMPANIES: Final = {
    "AAPL": 320193,
    "AMZN": 1018724,
    "AVGO": 1730168,
    "BRK-B": 1067983,
    "GOOG": 1652044,
    "JPM": 19617,
    "META": 1326801,
    "MSFT": 789019,
    "NVDA": 1045810,
    "TSLA": 1318605,
}
# Every filing since about the year 2000 of a large filer.
MAX_BYTES: Final = 6_000_000
_NEW_YORK: Final = ZoneInfo("America/New_York")
_OPEN: Final = time(9, 30)
_READ: Final = Strict("SEC")
_COLUMNS: Final = ("form", "items", "acceptanceDateTime")


@dataclass(frozen=True, slots=True)
class Sec:
    """Filings as headlines, results as dates."""

    deadline: float = 60.0
    name: str = "sec"
    terms: str = "US government work, public domain; https://www.sec.gov/privacy (fair access)"
    redistributable: bool = True
    series: tuple[str, ...] = ()
    companies: tuple[str, ...] = tuple(COMPANIES)

    async def pull(self, fetcher: Fetcher, span: Span) -> Batch:
        """The current list and every company's results."""
        return await each(self._jobs(fetcher, span), deadline=self.deadline)

    def _jobs(self, fetcher: Fetcher, span: Span) -> Iterator[Job]:
        yield Job(("SEC 8-K filings",), partial(self._filings, fetcher, span))
        for ticker in self.companies:
            read = partial(self._results, fetcher, span, ticker)
            yield Job((f"{ticker} results",), read, may_be_empty=True)

    async def _filings(self, fetcher: Fetcher, span: Span) -> Batch:
        query = params(action="getcurrent", type="8-K", count=100, output="atom")
        request = Request(self.name, CURRENT, query, accept=XML, ttl=300.0)
        entries = await fetcher.read(request, lambda f: read_entries(f, span.now))
        return Batch(headlines=tuple(headline("SEC EDGAR", entry) for entry in entries))

    async def _results(self, fetcher: Fetcher, span: Span, ticker: str) -> Batch:
        url = f"{SUBMISSIONS}/CIK{COMPANIES[ticker]:010d}.json"
        request = Request(self.name, url, accept=JSON, max_bytes=MAX_BYTES, ttl=3600.0)
        times = await fetcher.read(request, read_results)
        found = (result(ticker, at) for at in times if at <= span.now)
        return Batch(results=tuple(r for r in found if r.date >= span.since))


def read_results(fetched: Fetched) -> list[datetime]:
    """When each report of results (8-K, item 2.02) was accepted, UTC."""
    recent = _READ.at(_READ.json(fetched), "filings", "recent")
    columns = [_READ.rows(recent, name) for name in _COLUMNS]
    if len({len(column) for column in columns}) != 1:
        raise _READ.wrong("the columns differ in length")
    return [
        _moment(_READ.text(at))
        for form, items, at in zip(*columns, strict=True)
        if form == "8-K" and "2.02" in _READ.text(items).split(",")
    ]


def _moment(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError as fault:
        raise _READ.wrong(f"{text!r:.40} is not a time") from fault
    if found.tzinfo is None:
        raise _READ.wrong("a time has no zone")
    return found


def result(ticker: str, accepted: datetime) -> ResultDate:
    """The session the report belongs to: before the open, else counted as after the close."""
    local = accepted.astimezone(_NEW_YORK)
    day: date = local.date()
    return ResultDate(ticker, day, "BMO" if local.time() < _OPEN else "AMC")
