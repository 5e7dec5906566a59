"""What of notes and articles is put before a model's readers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from causemap.agents.readers import batches
from causemap.articles import Article
from causemap.cases.store import load_case
from causemap.records import Note

SCOPE = replace(
    load_case("2026-02-seed").scope, start="2026-02-02", end="2026-02-05", as_of="2026-02-07T10:00Z"
)


def article(published: str, available: str = "") -> Article:
    """An article told by its time alone."""
    return Article(
        id=published,
        url=None,
        publisher="P",
        title=f"Of {published}",
        published=published,
        precision="date" if len(published) == 10 else "minute",
        retrieved="2026-02-09T00:00Z",
        available=available or published,
        language="en",
        text="Stocks fell.",
    )


def note(day: int) -> Note:
    """A note of a day of January or, past 31, of February."""
    published = f"2026-01-{day:02d}" if day <= 31 else f"2026-02-{day - 31:02d}"
    return Note(
        id=f"n{day}",
        published=published,
        precision="date",
        publisher="P",
        kind="news",
        text=f"Note {day}",
        url=None,
        basis="found",
        confidence=0.5,
    )


@pytest.mark.parametrize(
    ("published", "available", "read"),
    [
        ("2026-02-06", "", True),
        # Its day ends after the as-of, though the texts compare the other way.
        ("2026-02-07", "", False),
        ("2026-02-07T10:00Z", "", True),
        ("2026-02-07T10:00Z", "2026-02-07T10:00:30Z", False),
        ("2026-02-07T09:00Z", "2026-02-07T18:30:00+08:00", False),
        ("2026-02-07T09:00Z", "2026-02-07T17:30:00+08:00", True),
    ],
)
def test_an_article_is_read_once_it_is_known(published: str, available: str, read: bool) -> None:
    """Moments are compared, not their spellings; a bare date counts from the end of its day."""
    assert bool(batches((), (article(published, available),), SCOPE)) is read


def test_of_many_texts_those_of_the_fall_are_read() -> None:
    """The days nearest to the window's end come first, and keep the order of time."""
    articles = tuple(article(f"2026-02-{day:02d}T12:00Z") for day in (1, 2, 3, 4, 5, 6))
    days = [*range(1, 37), *[36] * 10, 37]
    told = batches([note(day) for day in days], articles, SCOPE)
    assert [source.published for (source,) in told[1:]] == [
        f"2026-02-{day:02d}T12:00Z" for day in (3, 4, 5, 6)
    ]
    read = [source.published for source in told[0]]
    assert read == sorted(read)
    assert (len(read), read[0], read[-1]) == (40, "2026-01-08", "2026-02-06")
