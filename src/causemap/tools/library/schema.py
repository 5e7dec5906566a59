"""The tables, their versions, and the connection every reader and writer opens.

Write-ahead logging lets readers go on while one process writes; a writer waits for another for
:data:`BUSY` seconds. Every change of the tables is one more entry of :data:`MIGRATIONS`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from causemap.errors import IncompleteError

if TYPE_CHECKING:
    from pathlib import Path

BUSY: Final = 30.0

MIGRATIONS: Final[tuple[tuple[str, ...], ...]] = (
    (
        """
        CREATE TABLE article (
            seq INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            url TEXT,
            publisher TEXT NOT NULL,
            title TEXT NOT NULL,
            published TEXT NOT NULL,
            precision TEXT NOT NULL CHECK (precision IN ('minute', 'date')),
            retrieved TEXT NOT NULL,
            available TEXT NOT NULL,
            language TEXT NOT NULL,
            text TEXT NOT NULL,
            published_us INTEGER NOT NULL,
            available_us INTEGER NOT NULL,
            hash TEXT NOT NULL,
            words INTEGER NOT NULL,
            cluster INTEGER NOT NULL REFERENCES article (seq),
            CHECK (available_us >= published_us)
        ) STRICT
        """,
        "CREATE INDEX article_available ON article (available_us, seq)",
        "CREATE INDEX article_url ON article (url) WHERE url IS NOT NULL",
        "CREATE INDEX article_cluster ON article (cluster)",
        """
        CREATE TABLE vector (
            model TEXT NOT NULL,
            seq INTEGER NOT NULL REFERENCES article (seq),
            value BLOB NOT NULL,
            PRIMARY KEY (model, seq)
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE band (
            key INTEGER NOT NULL,
            seq INTEGER NOT NULL REFERENCES article (seq),
            PRIMARY KEY (key, seq)
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE TABLE mark (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID",
        """
        CREATE VIRTUAL TABLE article_terms
        USING fts5 (terms, content = '', tokenize = 'unicode61 remove_diacritics 0')
        """,
        "CREATE VIRTUAL TABLE term_place USING fts5vocab (article_terms, 'instance')",
        "CREATE VIRTUAL TABLE term_count USING fts5vocab (article_terms, 'row')",
    ),
)


def connect(path: Path) -> sqlite3.Connection:
    """A connection with this house's pragmas, the tables brought to the present version.

    Raises :class:`IncompleteError` if the file is no library, is damaged or is of a later version.
    """
    with named_faults(path):
        link = sqlite3.connect(path, timeout=BUSY, isolation_level=None)
        link.row_factory = sqlite3.Row
        link.execute("PRAGMA journal_mode = WAL")
        # WAL with NORMAL loses nothing at the death of the process, only at that of the machine.
        link.execute("PRAGMA synchronous = NORMAL")
        link.execute("PRAGMA foreign_keys = ON")
        link.execute("PRAGMA cache_size = -65536")
        _migrate(link, path)
    return link


@contextmanager
def named_faults(path: Path) -> Iterator[None]:
    """What SQLite cannot do as one error that says whether the file or its place is at fault."""
    try:
        yield
    except sqlite3.OperationalError as fault:
        raise IncompleteError(
            f"The article library {path} cannot be used ({fault}); look whether its disk is full "
            "and its folder may be written, then do it again: what was stored before is kept."
        ) from fault
    except sqlite3.DatabaseError as fault:
        raise IncompleteError(
            f"The article library {path} cannot be read ({fault}); put a backup in its place "
            "(causemap library backup makes one) or move it away and ingest again."
        ) from fault


@contextmanager
def transaction(link: sqlite3.Connection) -> Iterator[None]:
    """All or nothing; the write lock is taken at once, so that no later step can find it gone."""
    link.execute("BEGIN IMMEDIATE")
    try:
        yield
        link.execute("COMMIT")
    finally:
        # Still open where the commit failed too; on a full disk SQLite may have closed it itself.
        if link.in_transaction:
            link.execute("ROLLBACK")


def _migrate(link: sqlite3.Connection, path: Path) -> None:
    if _version(link) == len(MIGRATIONS):
        return
    with transaction(link):
        # Read again under the lock: another process may have migrated meanwhile.
        version = _version(link)
        if version > len(MIGRATIONS):
            raise IncompleteError(
                f"The article library {path} has schema {version}, this program knows up to "
                f"{len(MIGRATIONS)}; update causemap."
            )
        for statement in (s for step in MIGRATIONS[version:] for s in step):
            link.execute(statement)
        link.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")


def _version(link: sqlite3.Connection) -> int:
    return int(link.execute("PRAGMA user_version").fetchone()[0])
