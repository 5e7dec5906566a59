"""The seam to the network: a feed's or page's address to articles.

Only :mod:`causemap.tools.fetch` opens addresses. A feed of the feeds file is read as such; at any
other address its site's robots.txt is asked first, and what comes is a feed or a page by its first
tag, whatever type the server says.
"""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import urlsplit

from causemap.errors import IncompleteError, SourceError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from causemap.articles import Article
    from causemap.settings import Settings
    from causemap.tools.fetch import Fetched
    from causemap.tools.sources.feeds import Feed

_FEED: Final = re.compile(rb"<(?:\w+:)?(?:rss|feed|RDF|urlset)\b")
_COMMENT: Final = re.compile(rb"<!--.*?-->", re.DOTALL)
_FIRST_TAG: Final = re.compile(rb"<(?![?!])")


class Found(NamedTuple):
    """What an address gave, and whether it is a feed's."""

    articles: tuple[Article, ...]
    feed: bool


def remote_articles(
    address: str, settings: Settings, announced: Callable[[Article], None] | None = None
) -> Iterator[Article]:
    """The articles behind an ``http(s)`` address, a feed's entries or a page's text.

    ``announced`` is told each entry of a feed: there is a page behind it.

    Raises:
        UsageError: the feeds file cannot be read.
        IncompleteError: the address cannot be opened, or holds neither feed nor article.
    """
    from causemap.tools.sources.feeds import load_feeds

    feeds = load_feeds(settings.feeds_file)
    known = next((feed for feed in feeds if feed.url == address), None)
    try:
        found, feed = asyncio.run(_read(address, settings, known))
    except SourceError as fault:
        raise IncompleteError(f"{address:.200} could not be read: {fault}") from fault
    for article in found:
        yield article
        if feed and announced:
            announced(article)


async def _read(address: str, settings: Settings, known: Feed | None) -> Found:
    from causemap.tools.fetch import HTML, XML, Request
    from causemap.tools.fetching import opening
    from causemap.tools.sources.pages import MAX_BYTES

    request = Request(
        "feeds" if known else "pages",
        address,
        accept=(*XML, *HTML),
        max_bytes=MAX_BYTES,
        ttl=300.0,
        page=known is None,
    )

    def found(fetched: Fetched) -> Found:
        publisher = known.publisher if known else (urlsplit(address).hostname or "").lower()
        return Found(articles_of(fetched, publisher), is_feed(fetched.body))

    async with opening.open_fetcher(settings) as fetcher:
        return await fetcher.read(request, found)


def articles_of(fetched: Fetched, publisher: str) -> tuple[Article, ...]:
    """A feed's entries, or the one article of a page.

    Raises:
        SourceError: neither.
    """
    from causemap.tools.sources.feeds import as_article, read_entries
    from causemap.tools.sources.pages import article_of

    if not is_feed(fetched.body):
        return (article_of(fetched),)
    now = fetched.retrieved_at
    found: Sequence[Article] = [
        as_article(publisher.removeprefix("www."), entry, now)
        for entry in read_entries(fetched, now)
    ]
    if not found:
        raise SourceError("the feed holds no entry with a title, an address and a date")
    return tuple(found)


def is_feed(body: bytes) -> bool:
    """Whether the first tag of a document is that of RSS, Atom or a news sitemap.

    A document in UTF-16 counts too: its null bytes are left out.
    """
    head = _COMMENT.sub(b"", body[:4_000].replace(b"\0", b""))
    first = _FIRST_TAG.search(head)
    return first is not None and _FEED.match(head, first.start()) is not None
