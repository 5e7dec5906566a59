"""Treasury par yields of the day, published the same evening (nominal and real).

Format seen: the yearly XML feed of nominal yields (2018). The feed of real yields has the same
shape with ``TC_10YEAR`` in place of ``BC_10YEAR``; it was never seen live here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

from causemap.tools.fetch import XML, Fetched, Request, params
from causemap.tools.sources.contract import Batch, Job, Observation, Span, daily, each
from causemap.tools.sources.strict import Strict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from causemap.tools.fetch import Fetcher

URL: Final = "https://home.treasury.gov/resource-center/data-chart-center/interest-rates/pages/xml"
NOMINAL: Final = {
    "UST3M": "BC_3MONTH",
    "UST2Y": "BC_2YEAR",
    "UST5Y": "BC_5YEAR",
    "UST10Y": "BC_10YEAR",
    "UST30Y": "BC_30YEAR",
}
REAL: Final = {"REAL10Y": "TC_10YEAR"}
FEEDS: Final = {"daily_treasury_yield_curve": NOMINAL, "daily_treasury_real_yield_curve": REAL}
_DATA: Final = "{http://schemas.microsoft.com/ado/2007/08/dataservices}"
_META: Final = "{http://schemas.microsoft.com/ado/2007/08/dataservices/metadata}"
_READ: Final = Strict("Treasury")

Curve = dict[date, dict[str, float]]


@dataclass(frozen=True, slots=True)
class Treasury:
    """The par yield curves, a year at a time."""

    deadline: float = 60.0
    name: str = "treasury"
    terms: str = "US government work, public domain"
    redistributable: bool = True
    series: tuple[str, ...] = (*NOMINAL, *REAL)

    async def pull(self, fetcher: Fetcher, span: Span) -> Batch:
        """Both curves for every year of the span."""
        return await each(self._jobs(fetcher, span), deadline=self.deadline)

    def _jobs(self, fetcher: Fetcher, span: Span) -> Iterator[Job]:
        for feed, columns in FEEDS.items():
            for year in range(span.first(*columns).year, span.now.year + 1):
                yield _year(self.name, fetcher, span, feed, year)


def _year(source: str, fetcher: Fetcher, span: Span, feed: str, year: int) -> Job:
    columns = FEEDS[feed]
    # In the first days of January the new year has no entry yet.
    may_be_empty = year == span.now.year and span.now.timetuple().tm_yday < 8

    async def read() -> Batch:
        query = params(data=feed, field_tdr_date_value=year)
        request = Request(source, URL, query, accept=XML, ttl=900.0)
        curve = await fetcher.read(request, lambda fetched: read_curve(fetched, columns))
        return Batch(_observations(span, source, curve, columns))

    return Job(tuple(columns), read, may_be_empty)


def _observations(
    span: Span, source: str, curve: Curve, columns: dict[str, str]
) -> tuple[Observation, ...]:
    return tuple(
        found
        for name in columns
        for found in daily(span, source, name, ((d, c.get(name)) for d, c in curve.items()))
    )


def read_curve(fetched: Fetched, columns: dict[str, str]) -> Curve:
    """Yields in percent by date; a maturity without a quote that day is left out."""
    curve: Curve = {}
    for row in _READ.tree(fetched).iter(f"{_META}properties"):
        stamp = row.findtext(f"{_DATA}NEW_DATE")
        texts = {name: row.findtext(f"{_DATA}{tag}") for name, tag in columns.items()}
        found = {name: _READ.number(text) for name, text in texts.items() if text}
        if not found and row.find(f"{_DATA}{next(iter(columns.values()))}") is None:
            raise _READ.wrong("none of the maturities is in the feed")
        curve[_READ.day(stamp)] = found
    return curve
