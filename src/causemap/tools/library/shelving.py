"""Articles of feeds into the library of the home folder, and the pages behind them."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Final

from causemap.errors import IncompleteError, SourceError
from causemap.tools.library.collection import Library, open_library

if TYPE_CHECKING:
    from causemap.articles import Article
    from causemap.settings import Settings
    from causemap.tools.fetch import Fetcher
    from causemap.tools.sources.behind import Followed, Seen
    from causemap.tools.sources.waiting import Waiting

# Pages read behind feeds in one pull, unless the user says otherwise.
PAGES: Final = 40


def home_library(settings: Settings) -> Library:
    """The library of the home folder, with the embedding model of the settings."""
    return open_library(
        settings.home / "library",
        embeddings=settings.embeddings,
        chroma_url=settings.chroma_url,
    )


def shelve(settings: Settings, articles: Sequence[Article], *, waits: bool = False) -> int:
    """Put articles into the library of the home folder, say how many were new.

    With ``waits`` the pages behind them are noted as to be read. SourceError when the library
    cannot be used.
    """
    try:
        with closing(home_library(settings)) as library:
            new = library.add(articles).new
    except IncompleteError as fault:
        raise SourceError(str(fault)) from fault
    if waits:
        waiting(settings).add(articles, datetime.now(UTC))
    return new


async def follow_waiting(
    settings: Settings, fetcher: Fetcher, pages: int, seen: Seen = lambda _: None
) -> Followed | None:
    """Read up to so many of the pages that wait into the library; none when none waits.

    Raises:
        SourceError: the library cannot keep them.
    """
    from causemap.tools.sources.behind import Bounds, follow

    held = waiting(settings)
    if not held.due(fetcher.clock()):
        return None
    return await follow(held, fetcher, Bounds(pages=pages), partial(shelve, settings), seen)


def waiting(settings: Settings) -> Waiting:
    """The pages that wait behind the feeds."""
    from causemap.tools.sources.waiting import Waiting

    return Waiting.opened(settings.home / "library" / "pages.json")
