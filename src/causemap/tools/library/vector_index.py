"""When Chroma may be believed: what SQLite notes about the index, and the writer's turn.

Three marks stand in SQLite: up to which article the index has come, which process wrote last, and
in which folder. A reader whose client is older than the last writer opens a new one; an index that
is behind, busy, damaged or short of a vector is not asked, and the exact search answers.
"""

from __future__ import annotations

import shutil
import sqlite3
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from causemap.errors import SourceError
from causemap.tools.library.chroma_index import ChromaIndex, Near, slug
from causemap.tools.library.schema import transaction

if TYPE_CHECKING:
    from causemap.tools.library.embedding import Embedder, Vectors
    from causemap.tools.library.writer_turns import WriterTurns

BATCH: Final = 2_000


class VectorIndex:
    """The Chroma index of a library folder, or of a Chroma server."""

    def __init__(self, folder: Path, url: str, embedder: Embedder, turns: WriterTurns) -> None:
        """Chroma is not loaded before it is needed."""
        self._folder = folder
        self._url = url
        self._embedder = embedder
        self._turns = turns
        self._me = uuid.uuid4().hex
        self._chroma: ChromaIndex | None = None
        self._as_of_mark = ""
        self._verified = -1

    def nearest(
        self, link: sqlite3.Connection, vector: Vectors, limit: int, expected: int
    ) -> Near | None:
        """The nearest of all ``expected`` articles, or ``None`` if Chroma cannot be believed."""
        if int(_mark(link, self._key("seq")) or 0) < expected:
            return None
        with self._turns.if_free() as free:
            if not free:
                return None
            try:
                chroma = self._opened(link)
                if self._verified != expected:
                    if chroma.count() != expected:
                        return None
                    self._verified = expected
                return chroma.nearest(vector, limit)
            except SourceError:
                self._verified = -1
                return None

    def catch_up(self, link: sqlite3.Connection) -> None:
        """Give Chroma the vectors it does not have; the caller holds the writer's turn.

        A fault of Chroma is no fault of the library: the mark stays where it was, the exact search
        answers, and the next turn tries again.
        """
        done = int(_mark(link, self._key("seq")) or 0)
        try:
            while rows := _vectors_after(link, self._embedder.name, done):
                chroma = self._opened(link)
                self._claim(link)
                seqs = [row["seq"] for row in rows]
                vectors = np.stack([np.frombuffer(row["value"], np.float16) for row in rows])
                times = [row["available_us"] / 1e6 for row in rows]
                chroma.add(seqs, times, vectors.astype(np.float32))
                done = seqs[-1]
                _set_mark(link, self._key("seq"), str(done))
        except SourceError:
            self.close()

    def rebuild(self, link: sqlite3.Connection) -> None:
        """Start an empty index and fill it; the caller holds the writer's turn."""
        self.close()
        old = self._place(link)
        if self._url:
            ChromaIndex(old, self._url, self._embedder).drop()
        _set_mark(link, self._key("folder"), f"chroma-{uuid.uuid4().hex[:8]}")
        _set_mark(link, self._key("seq"), "0")
        shutil.rmtree(old, ignore_errors=True)
        self.catch_up(link)

    def count(self, link: sqlite3.Connection) -> int | None:
        """How many vectors Chroma holds; ``None`` if it does not answer."""
        if not self._url and not self._place(link).is_dir():
            return 0
        with self._turns.mine():
            try:
                return self._opened(link).count()
            except SourceError:
                return None

    def close(self) -> None:
        """Let go of the client."""
        if self._chroma is not None:
            self._chroma.close()
        self._chroma = None
        self._verified = -1

    def _opened(self, link: sqlite3.Connection) -> ChromaIndex:
        """A client that is not older than the last writer."""
        mark = f"{_mark(link, self._key('writer'))} {_mark(link, self._key('folder'))}"
        if mark != self._as_of_mark:
            self.close()
            self._as_of_mark = mark
        if self._chroma is None:
            self._chroma = ChromaIndex(self._place(link), self._url, self._embedder)
        return self._chroma

    def _claim(self, link: sqlite3.Connection) -> None:
        """Note that this process writes now; its own client stays."""
        if _mark(link, self._key("writer")) != self._me:
            _set_mark(link, self._key("writer"), self._me)
            self._as_of_mark = f"{self._me} {_mark(link, self._key('folder'))}"

    def _place(self, link: sqlite3.Connection) -> Path:
        return self._folder / (
            _mark(link, self._key("folder")) or f"chroma-{slug(self._embedder.name)}"
        )

    def _key(self, what: str) -> str:
        """Marks are kept apart for each model and server, and so are folders."""
        return f"chroma {what} {self._embedder.name} {self._url}".rstrip()


def _vectors_after(link: sqlite3.Connection, model: str, seq: int) -> list[sqlite3.Row]:
    return link.execute(
        "SELECT v.seq, v.value, a.available_us FROM vector v JOIN article a USING (seq) "
        "WHERE v.model = ? AND v.seq > ? ORDER BY v.seq LIMIT ?",
        [model, seq, BATCH],
    ).fetchall()


def _mark(link: sqlite3.Connection, name: str) -> str:
    row = link.execute("SELECT value FROM mark WHERE name = ?", [name]).fetchone()
    return str(row["value"]) if row else ""


def _set_mark(link: sqlite3.Connection, name: str, value: str) -> None:
    with transaction(link):
        link.execute("INSERT OR REPLACE INTO mark (name, value) VALUES (?, ?)", [name, value])
