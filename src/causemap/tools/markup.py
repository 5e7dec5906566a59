"""HTML as a tree, once its size is known to be that of a page: the one place that parses it.

Trees are walked by recursion and handed to extractors that do the same; a page nested a thousand
times, or of a hundred thousand tags, would end in a traceback or take minutes. So the parser's
events are counted first, which costs little and keeps nothing.
"""

from __future__ import annotations

import warnings
from collections.abc import Sized
from typing import TYPE_CHECKING, Final

from causemap.errors import SourceError

if TYPE_CHECKING:
    from bs4 import BeautifulSoup

MAX_DEPTH: Final = 250
# Elements and comments. Pages of the press have some 2,000; above this a tree takes seconds.
MAX_NODES: Final = 20_000
MAX_ATTRIBUTES: Final = 200


def parsed(page: str) -> BeautifulSoup:
    """The tree of a page.

    Raises:
        SourceError: nested too deeply, or of more elements than a page to read has.
    """
    from bs4 import BeautifulSoup, MarkupResemblesLocatorWarning, XMLParsedAsHTMLWarning

    check_size(page)
    # What a page looks like is the page's choice, and no news to the reader of a terminal.
    for told in (MarkupResemblesLocatorWarning, XMLParsedAsHTMLWarning):
        warnings.filterwarnings("ignore", category=told)
    return BeautifulSoup(page, "lxml")


def check_size(page: str) -> None:
    """Raise SourceError for a page that is too deep or too large to be looked at."""
    from lxml import etree

    parser = etree.HTMLParser(target=_Count(), recover=True)
    try:
        parser.feed(page.encode("utf-8", "replace"))
        parser.close()
    except etree.ParserError:
        # No element at all: there is nothing to count.
        return


class _Count:
    """A parser's target that keeps no tree."""

    def __init__(self) -> None:
        self.depth = self.nodes = 0

    def start(self, _tag: str, attributes: Sized) -> None:
        if len(attributes) > MAX_ATTRIBUTES:
            raise SourceError(f"a tag of the page has more than {MAX_ATTRIBUTES} attributes")
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise SourceError(f"the page's tags are nested more than {MAX_DEPTH} deep")
        self._one_more()

    def end(self, _tag: str) -> None:
        self.depth -= 1

    def comment(self, _text: str) -> None:
        self._one_more()

    def pi(self, _target: str, _data: str | None = None) -> None:
        self._one_more()

    def close(self) -> None:
        return None

    def _one_more(self) -> None:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise SourceError(f"the page has more than {MAX_NODES:,} tags")
