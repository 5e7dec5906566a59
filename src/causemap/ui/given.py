"""Notes and articles that a reader hands in with a question; all of it is hostile until read."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

from causemap.errors import UsageError

if TYPE_CHECKING:
    from causemap.articles import Article
    from causemap.records import Note

_Read = TypeVar("_Read")
ARTICLE_ENDINGS: Final = ("txt", "md", "html", "htm", "jsonl")


class Given(Protocol):
    """An uploaded file."""

    @property
    def name(self) -> str:
        """The name its owner gave it."""
        ...

    def getvalue(self) -> bytes:
        """Its bytes."""
        ...


def notes_of(given: Given | None) -> tuple[Note, ...]:
    """The notes of a JSON Lines file. Raises :class:`UsageError` naming the line that is none."""
    if given is None:
        return ()
    from causemap.tools.notes import read_notes

    with tempfile.TemporaryDirectory(prefix="causemap-") as folder:
        path = Path(folder) / "notes.jsonl"
        path.write_bytes(given.getvalue())
        return _told_plainly(lambda: read_notes(path), folder)


def articles_of(given: Sequence[Given], day: str | None = None) -> tuple[Article, ...]:
    """The articles of text files; ``day`` dates those that state no date.

    A file's own name never becomes a path. Raises :class:`UsageError` for what cannot be read.
    """
    if not given:
        return ()
    from causemap.tools.claims.files import read_articles

    with tempfile.TemporaryDirectory(prefix="causemap-") as folder:
        names = []
        for place, file in enumerate(given, 1):
            ending = file.name.rpartition(".")[2].lower()
            if ending not in ARTICLE_ENDINGS:
                raise UsageError(f"File {place} is none of {', '.join(ARTICLE_ENDINGS)}.")
            path = Path(folder) / f"article-{place}.{ending}"
            path.write_bytes(file.getvalue())
            names.append(str(path))
        return _told_plainly(lambda: read_articles(names, day), folder)


def _told_plainly(read: Callable[[], _Read], folder: str) -> _Read:
    """What ``read`` gives; its fault names the file without the folder it was put into."""
    try:
        return read()
    except UsageError as fault:
        raise UsageError(str(fault).replace(f"{folder}/", "")) from fault
