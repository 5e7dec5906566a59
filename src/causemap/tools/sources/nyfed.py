"""New York Fed reference rates: SOFR with its percentiles and volume, and the fed funds rate.

Format seen: ``secured/sofr/search.json``. ``unsecured/effr/search.json`` has the same shape by its
documentation; it was never seen live here. A rate is published the next business morning.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from causemap.tools.fetch import JSON, Fetched, Request, params
from causemap.tools.sources.contract import Batch, Job, Span, daily, each
from causemap.tools.sources.strict import Strict

if TYPE_CHECKING:
    from datetime import date

    from causemap.tools.fetch import Fetcher

API: Final = "https://markets.newyorkfed.org/api/rates"
RATES: Final = {
    "secured/sofr": {
        "SOFR": "percentRate",
        "SOFR_P99": "percentPercentile99",
        "SOFR_VOLUME_BUSD": "volumeInBillions",
    },
    "unsecured/effr": {"EFFR": "percentRate"},
}
_READ: Final = Strict("New York Fed")


@dataclass(frozen=True, slots=True)
class NewYorkFed:
    """Reference rates by date."""

    deadline: float = 30.0
    name: str = "nyfed"
    terms: str = "https://www.newyorkfed.org/markets/reference-rates/terms-of-use"
    redistributable: bool = True
    series: tuple[str, ...] = tuple(n for fields in RATES.values() for n in fields)

    async def pull(self, fetcher: Fetcher, span: Span) -> Batch:
        """Every rate from its own first day."""

        def job(rate: str, fields: dict[str, str]) -> Job:
            async def read() -> Batch:
                since = span.first(*fields).isoformat()
                until = span.now.date().isoformat()
                url = f"{API}/{rate}/search.json"
                query = params(startDate=since, endDate=until)
                request = Request(self.name, url, query, accept=JSON, ttl=900.0)
                rows = await fetcher.read(request, lambda f: read_rates(f, fields))
                found = (daily(span, self.name, n, values) for n, values in rows.items())
                return Batch(tuple(o for each_of in found for o in each_of))

            return Job(tuple(fields), read)

        return await each((job(r, f) for r, f in RATES.items()), deadline=self.deadline)


def read_rates(
    fetched: Fetched, fields: dict[str, str]
) -> dict[str, list[tuple[date, float | None]]]:
    """Per series its dated values; rates in percent, volume in billions of dollars."""
    rows = _READ.rows(_READ.json(fetched), "refRates")
    days = [_READ.day(_READ.at(row, "effectiveDate")) for row in rows]
    return {
        name: [(day, _READ.number(_READ.at(row, key))) for day, row in zip(days, rows, strict=True)]
        for name, key in fields.items()
    }
