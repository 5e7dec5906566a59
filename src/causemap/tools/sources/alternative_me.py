"""The crypto fear and greed index of alternative.me, one value a UTC day (format seen)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Final

from causemap.tools.fetch import JSON, Fetched, Request, params
from causemap.tools.sources.contract import Batch, Job, Span, daily, each
from causemap.tools.sources.strict import Strict

if TYPE_CHECKING:
    from causemap.tools.fetch import Fetcher

URL: Final = "https://api.alternative.me/fng/"
INDEX: Final = "FEAR_GREED"
_READ: Final = Strict("alternative.me")


@dataclass(frozen=True, slots=True)
class AlternativeMe:
    """The index from its first day wanted."""

    deadline: float = 30.0
    name: str = "alternative_me"
    terms: str = "https://alternative.me/crypto/fear-and-greed-index/ (with attribution)"
    redistributable: bool = False
    series: tuple[str, ...] = (INDEX,)

    async def pull(self, fetcher: Fetcher, span: Span) -> Batch:
        """As many days as the span has."""
        job = Job((INDEX,), partial(self._index, fetcher, span))
        return await each((job,), deadline=self.deadline)

    async def _index(self, fetcher: Fetcher, span: Span) -> Batch:
        days = (span.now.date() - span.first(INDEX)).days + 1
        request = Request(self.name, URL, params(limit=days), accept=JSON, ttl=900.0)
        return Batch(daily(span, self.name, INDEX, await fetcher.read(request, read_index)))


def read_index(fetched: Fetched) -> list[tuple[date, float]]:
    """Values from 0 to 100 by day; the answer's own error field must be empty."""
    body = _READ.json(fetched)
    if _READ.at(body, "metadata", "error") is not None:
        raise _READ.wrong("the answer reports an error")
    found = []
    for row in _READ.rows(body, "data"):
        value = _READ.number(_READ.at(row, "value"))
        if not 0 <= value <= 100:
            raise _READ.wrong(f"{value:g} is not between 0 and 100")
        found.append((_READ.moment(_READ.at(row, "timestamp"), per_second=1).date(), value))
    return found
