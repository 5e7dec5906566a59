"""The seam to the network: a feed's or page's address to articles.

Only :mod:`causemap.tools.fetch` opens addresses. Whoever brings it in gives this one function a
body; nothing else of the library changes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from causemap.errors import IncompleteError

if TYPE_CHECKING:
    from causemap.articles import Article
    from causemap.settings import Settings


def remote_articles(address: str, settings: Settings) -> Iterator[Article]:
    """The articles behind an ``http(s)`` address, a feed or a page.

    Raises:
        IncompleteError: this version has no fetcher.
    """
    del settings
    raise IncompleteError(
        f"{address:.200} cannot be fetched: this version reads files only. "
        "Save the page and give the file: causemap ingest page.html --published DATE"
    )
