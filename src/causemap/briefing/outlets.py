"""What an outlet is called: by the list of feeds where its site stands there, else by its host."""

from __future__ import annotations

from functools import cache

from causemap.tools.sources.feeds import load_feeds
from causemap.words import domain


def named(host: str) -> str:
    """The publisher that the host belongs to; the host itself where no list names one."""
    parts = host.split(".")
    sites = (".".join(parts[start:]) for start in range(len(parts) - 1))
    return next((_sites()[site] for site in sites if site in _sites()), host)


@cache
def _sites() -> dict[str, str]:
    hosts = {domain(feed.url): feed.publisher for feed in load_feeds()}
    # A host that delivers the feeds of several sites is none of them.
    return {h.removeprefix("rss."): who for h, who in hosts.items() if not h.startswith("feeds.")}
