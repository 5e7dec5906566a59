"""What a site asks of robots; respected for article pages, which no interface offers to us."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final
from urllib.robotparser import RobotFileParser

from causemap.tools.fetching.faults import FetchError, Refused

MAX_BYTES: Final = 500_000
TYPES: Final = ("text/plain", "text/html", "")


@dataclass(slots=True)
class Robots:
    """The rules of each site, read once in the life of a fetcher.

    ``read`` gives the text of a site's robots.txt, or raises :class:`FetchError`.
    """

    read: Callable[[str], Awaitable[str]]
    agent: str
    _rules: dict[str, RobotFileParser] = field(default_factory=dict)

    async def check(self, origin: str, url: str, host: str) -> None:
        """Refuse a page its site closes to robots (RFC 9309: 4xx allows all, 5xx nothing).

        Raises:
            Refused: the page is closed, or the rules could not be read.
        """
        if origin not in self._rules:
            self._rules[origin] = await self._site(origin, host)
        if not self._rules[origin].can_fetch(self.agent, url):
            raise Refused(host, "the site's robots.txt closes this page to programs")

    async def _site(self, origin: str, host: str) -> RobotFileParser:
        rules = RobotFileParser()
        try:
            rules.parse((await self.read(f"{origin}/robots.txt")).splitlines())
        except FetchError as fault:
            if fault.status is None or fault.status >= 500 or fault.status == 429:
                raise Refused(host, "its robots.txt could not be read") from fault
            rules.parse([])
        return rules
