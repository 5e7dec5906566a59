"""What a site asks of robots; respected for article pages, which no interface offers to us.

Rules are read as RFC 9309 has it: the groups of one's own name together, else those of all; the
longest pattern that fits decides, and an allowance wins over a ban of the same length. The standard
library's reader knows neither ``*`` and ``$`` in a pattern nor a byte order mark before the first
line, and so lets through what a site closes with them.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple
from urllib.parse import quote, urlsplit

from causemap.tools.fetching.faults import FetchError, Refused

MAX_BYTES: Final = 500_000
TYPES: Final = ("text/plain", "text/html", "")
# By this name a site may speak to the program, whatever its user agent is set to.
NAME: Final = "causemap"
_PRODUCT: Final = re.compile(r"[A-Za-z_-]*")
_OCTET: Final = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED: Final = re.compile(r"[A-Za-z0-9._~-]")
_ASCII: Final = "".join(map(chr, range(0x21, 0x7F)))


class Rule(NamedTuple):
    """A pattern of paths, and whether it opens or closes them."""

    pattern: str
    allows: bool


@dataclass(slots=True)
class Robots:
    """The rules of each site, read once in the life of a fetcher.

    ``read`` gives the text of a site's robots.txt, or raises :class:`FetchError`.
    """

    read: Callable[[str], Awaitable[str]]
    agent: str
    _rules: dict[str, tuple[Rule, ...]] = field(default_factory=dict)

    async def check(self, origin: str, url: str, host: str) -> None:
        """Refuse a page its site closes to robots (RFC 9309: 4xx allows all, 5xx nothing).

        Raises:
            Refused: the page is closed, or the rules could not be read.
        """
        if origin not in self._rules:
            self._rules[origin] = await self._site(origin, host)
        if not allowed(url, self._rules[origin]):
            raise Refused(host, "the site's robots.txt closes this page to programs")

    async def _site(self, origin: str, host: str) -> tuple[Rule, ...]:
        try:
            return rules_for(self.agent, await self.read(f"{origin}/robots.txt"))
        except FetchError as fault:
            if fault.status is None or fault.status >= 500 or fault.status == 429:
                raise Refused(host, "its robots.txt could not be read") from fault
            return ()


def rules_for(agent: str, text: str) -> tuple[Rule, ...]:
    """The rules of a robots.txt that hold for ``agent``, a user agent's full text."""
    product = _PRODUCT.match(agent)
    names = {NAME, product[0].lower() if product else ""} - {""}
    own: list[Rule] = []
    everyone: list[Rule] = []
    named_own = False
    for group, rules in _groups(text):
        if names & group:
            named_own = True
            own += rules
        elif "*" in group:
            everyone += rules
    return tuple(own if named_own else everyone)


def allowed(url: str, rules: tuple[Rule, ...]) -> bool:
    """Whether the longest pattern that fits a page's path and query opens it, or none fits."""
    parts = urlsplit(url)
    path = _normal(f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}")
    fitting = (rule for rule in rules if _fits(rule.pattern, path))
    best = max(fitting, key=lambda rule: (len(rule.pattern), rule.allows), default=None)
    return best is None or best.allows


def _groups(text: str) -> Iterator[tuple[frozenset[str], list[Rule]]]:
    """Names (in small letters) and rules of each group; lines of other kinds end none."""
    names: set[str] = set()
    rules: list[Rule] = []
    for key, value in _lines(text):
        if key == "user-agent":
            if rules:
                yield frozenset(names), rules
                names, rules = set(), []
            names.add(value.partition("/")[0].strip().lower())
        elif key in ("allow", "disallow") and names:
            # An empty pattern says nothing, and still ends the list of names.
            rules.append(Rule(_normal(value), key == "allow" or not value))
    yield frozenset(names), rules


def _lines(text: str) -> Iterator[tuple[str, str]]:
    for line in text.removeprefix("\ufeff").splitlines():
        key, _, value = line.partition("#")[0].partition(":")
        yield key.strip().lower(), value.strip()


def _fits(pattern: str, path: str) -> bool:
    """Whether a path begins as a pattern says: ``*`` is any text, a last ``$`` the path's end.

    Each part is looked for once, from where the one before ended: time linear in the path.
    """
    ends = pattern.endswith("$")
    first, *rest = pattern.removesuffix("$").split("*")
    if not path.startswith(first):
        return False
    at = len(first)
    if not rest:
        return not ends or at == len(path)
    *middle, last = rest
    for part in middle:
        found = path.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    return path.endswith(last, at) if ends else path.find(last, at) >= 0


def _normal(text: str) -> str:
    """Octets that need no escape written plainly, all others as ``%XX``."""

    def octet(match: re.Match[str]) -> str:
        plain = chr(int(match[1], 16))
        return plain if _UNRESERVED.fullmatch(plain) else match[0].upper()

    return _OCTET.sub(octet, quote(text, safe=_ASCII))
