"""Articles of our own and a library to put them in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from causemap.articles import Article
from causemap.tools.library import Library, open_library

RETRIEVED = "2026-06-01T00:00Z"


@pytest.fixture
def make() -> Callable[..., Article]:
    """Makes an article of the fields a test is about; its text is the title if none is given."""

    def article(
        key: str,
        title: str,
        published: str = "2026-02-03T12:00Z",
        *,
        text: str = "",
        publisher: str = "Example Times",
        url: str | None = None,
        retrieved: str = RETRIEVED,
    ) -> Article:
        return Article(
            id=key,
            url=url,
            publisher=publisher,
            title=title,
            published=published,
            precision="date" if len(published) == 10 else "minute",
            retrieved=retrieved,
            available=published,
            language="en",
            text=text or title,
        )

    return article


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    """An empty library."""
    opened = open_library(tmp_path / "library")
    yield opened
    opened.close()


TOPICS = (
    "Treasury yields climb as traders price out rate cuts",
    "Bitcoin slides while long positions are liquidated",
    "Chip makers lead the index lower after weak guidance",
    "Gold margin requirements raised after the sharp fall",
    "Dollar firms as haven demand returns to markets",
    "Bank lending survey shows tighter credit standards",
    "Oil exporters weigh deeper output curbs next month",
    "Software shares sink on fears about new AI tools",
    "Central bank minutes reveal split over balance sheet",
    "Stablecoin supply shrinks for a third straight week",
    "Euro area inflation cools more than forecast",
    "Payrolls surprise lifts the jobless rate debate",
)


@pytest.fixture
def shelf(library: Library, make: Callable[..., Article]) -> Library:
    """A library with twelve articles, one a month of 2025."""
    library.add(
        make(f"t{number}", title, f"2025-{number:02d}-05T12:00Z")
        for number, title in enumerate(TOPICS, start=1)
    )
    return library
