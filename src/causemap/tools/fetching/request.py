"""What is asked for and what came: the records at the fetcher's boundary."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import urlencode

Pairs = tuple[tuple[str, str], ...]

MAX_BYTES: Final = 2_000_000
JSON: Final = ("application/json", "text/json", "application/javascript")
XML: Final = ("application/xml", "text/xml", "application/rss+xml", "application/atom+xml")
CSV: Final = ("text/csv", "application/csv", "text/plain", "application/octet-stream")
HTML: Final = ("text/html", "application/xhtml+xml")


@dataclass(frozen=True, slots=True)
class Fetched:
    """A whole answer; ``url`` is where it came from, without secret parameters."""

    status: int
    url: str
    body: bytes
    content_type: str
    retrieved_at: datetime
    from_cache: bool
    headers: Pairs = ()

    def header(self, name: str) -> str:
        """The first header of that name, or an empty text."""
        return next((value for key, value in self.headers if key == name), "")


@dataclass(frozen=True, slots=True)
class Request:
    """What to read. ``secrets`` are parameters that go on the wire and nowhere else.

    ``ttl`` is how many seconds a stored answer may serve without asking again. ``page`` marks an
    article page, for which robots.txt is respected. ``any_status`` hands 4xx answers on. What is
    not to ``keep`` is never stored (an address that carries a session's token).
    """

    source: str
    url: str
    params: Pairs = ()
    secrets: Pairs = ()
    headers: Pairs = ()
    accept: tuple[str, ...] = JSON
    max_bytes: int = MAX_BYTES
    ttl: float = 0.0
    as_of: datetime | None = None
    page: bool = False
    any_status: bool = False
    keep: bool = True

    @property
    def address(self) -> str:
        """The address with its open parameters."""
        return with_params(self.url, self.params)


def with_params(url: str, params: Pairs) -> str:
    """``url`` with more parameters, encoded."""
    if not params:
        return url
    return f"{url}{'&' if '?' in url else '?'}{urlencode(params)}"


def params(**given: str | int) -> Pairs:
    """Query parameters in the order written."""
    return tuple((name, str(value)) for name, value in given.items())
