"""The pages behind feeds, as ``data pull`` and ``ingest`` tell of them."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from causemap.cli.delivery import say
from causemap.errors import SourceError

if TYPE_CHECKING:
    from causemap.articles import Article
    from causemap.settings import Settings
    from causemap.tools.fetch import Fetcher
    from causemap.tools.sources.behind import Unread as Page


def follow_announced(
    settings: Settings, entries: Sequence[Article], pages: int, quiet: bool
) -> None:
    """Read up to so many pages behind the entries of feeds that were just put in."""
    import asyncio

    from causemap.tools.fetching import opening
    from causemap.tools.library.shelving import waiting

    async def go() -> None:
        async with opening.open_fetcher(settings) as fetcher:
            await follow_pages(settings, fetcher, pages, quiet)

    try:
        waiting(settings).add(entries, datetime.now(UTC))
    except SourceError as fault:
        say(f"  {'pages':<15} none read: {fault}", quiet)
        return
    asyncio.run(go())


async def follow_pages(settings: Settings, fetcher: Fetcher, pages: int, quiet: bool) -> None:
    """Read up to so many of the pages that wait, with a line on how it went.

    Pages that cannot be read are named and are no fault of the pull: many stand behind a wall.
    """
    from causemap.tools.library.shelving import follow_waiting
    from causemap.tools.sources.behind import Unread, told

    def seen(page: Article | Page) -> None:
        # A line a page on a terminal only: in a file the sum is enough.
        if sys.stderr.isatty():
            how = f"not read, {page.why}" if isinstance(page, Unread) else f"read, {page.title:.80}"
            say(f"    {urlsplit(page.url or '').hostname}: {how}", quiet)

    try:
        found = await follow_waiting(settings, fetcher, pages, seen)
    except SourceError as fault:
        say(f"  {'pages':<15} the article library cannot keep them: {fault}", quiet)
        return
    if found is not None:
        say(f"  {'pages':<15} {told(found)}", quiet)
