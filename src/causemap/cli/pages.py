"""Articles of feeds into the library, and the pages behind them: what pull and ingest share."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from causemap.cli.delivery import say
from causemap.errors import IncompleteError, SourceError

if TYPE_CHECKING:
    from causemap.articles import Article
    from causemap.settings import Settings
    from causemap.tools.fetch import Fetcher
    from causemap.tools.sources.behind import Unread as Page
    from causemap.tools.sources.waiting import Waiting


def shelve(settings: Settings, articles: Sequence[Article], *, waits: bool = False) -> int:
    """Put articles into the library of the home folder, say how many were new.

    With ``waits`` the pages behind them are noted as to be read. SourceError when the library
    cannot be used.
    """
    from causemap.cli.ingest import open_it

    try:
        with closing(open_it(settings)) as library:
            new = library.add(articles).new
    except IncompleteError as fault:
        raise SourceError(str(fault)) from fault
    if waits:
        _waiting(settings).add(articles, datetime.now(UTC))
    return new


def follow_announced(
    settings: Settings, entries: Sequence[Article], pages: int, quiet: bool
) -> None:
    """Read up to so many pages behind the entries of feeds that were just put in."""
    from causemap.tools.fetching import opening

    async def go() -> None:
        async with opening.open_fetcher(settings) as fetcher:
            await follow_pages(settings, fetcher, pages, quiet)

    _waiting(settings).add(entries, datetime.now(UTC))
    asyncio.run(go())


async def follow_pages(settings: Settings, fetcher: Fetcher, pages: int, quiet: bool) -> None:
    """Read up to so many of the pages that wait, with a line on how it went.

    Pages that cannot be read are named and are no fault of the pull: many stand behind a wall.
    """
    from causemap.tools.sources.behind import Bounds, Unread, follow, told

    def seen(page: Article | Page) -> None:
        # A line a page on a terminal only: in a file the sum is enough.
        if sys.stderr.isatty():
            how = f"not read, {page.why}" if isinstance(page, Unread) else f"read, {page.title:.80}"
            say(f"    {urlsplit(page.url or '').hostname}: {how}", quiet)

    waiting = _waiting(settings)
    if not waiting.due(fetcher.clock()):
        return
    try:
        found = await follow(waiting, fetcher, Bounds(pages=pages), partial(shelve, settings), seen)
    except SourceError as fault:
        say(f"  {'pages':<15} the article library cannot keep them: {fault}", quiet)
        return
    say(f"  {'pages':<15} {told(found)}", quiet)


def _waiting(settings: Settings) -> Waiting:
    from causemap.tools.sources.waiting import Waiting

    return Waiting.opened(settings.home / "library" / "pages.json")
