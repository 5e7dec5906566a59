"""The tables of the ledger and how an opened database is brought to their version."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import (
    Column,
    Engine,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    create_engine,
    event,
    func,
    insert,
    inspect,
    select,
)
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from causemap.errors import IncompleteError, UsageError

if TYPE_CHECKING:
    from sqlalchemy import Connection
    from sqlalchemy.engine.interfaces import DBAPIConnection
    from sqlalchemy.pool import ConnectionPoolEntry

VERSION: Final = 1
# A writer waits this long for another process before it gives up (milliseconds).
_BUSY: Final = 10_000

_META: Final = MetaData()

SCHEMA: Final = Table("ledger_schema", _META, Column("version", Integer, nullable=False))

RUNS: Final = Table(
    "runs",
    _META,
    Column("id", String(24), primary_key=True),
    Column("kind", String(24), nullable=False),
    Column("state", String(12), nullable=False),
    Column("owner", String(64), nullable=False),
    Column("title", String(400), nullable=False),
    Column("said", String(1000), nullable=False),
    Column("created", String(32), nullable=False),
    Column("changed", String(32), nullable=False),
    Column("start", String(10), nullable=False),
    Column("end", String(10), nullable=False),
    Column("as_of", String(32), nullable=False),
    Column("dossier", Text, nullable=True),
    Index("runs_by_owner", "owner", "created"),
)

TURNS: Final = Table(
    "turns",
    _META,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("run_id", ForeignKey("runs.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("owner", String(64), nullable=False),
    Column("at", String(32), nullable=False),
    Column("question", String(4000), nullable=False),
    Column("answer", Text, nullable=False),
)

FEEDBACK: Final = Table(
    "feedback",
    _META,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("run_id", ForeignKey("runs.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("at", String(32), nullable=False),
    Column("claim", String(2000), nullable=False),
    Column("kind", String(24), nullable=False),
    Column("text", String(4000), nullable=False),
)


def connect(url: str) -> Engine:
    """An engine on ``url`` with the ledger's tables in it.

    SQLite files are put into write-ahead mode, so that readers never wait for a writer.

    Raises:
        UsageError: the address cannot be used, or a newer version of the program made the file.
        IncompleteError: the database cannot be opened.
    """
    try:
        engine = create_engine(make_url(url), pool_pre_ping=True)
    except (ArgumentError, NoSuchModuleError, ImportError, ValueError):
        # The address may hold a password, so neither it nor a fault that quotes it is repeated.
        raise UsageError(
            "The ledger's address cannot be used; give for example "
            "sqlite:////path/ledger.sqlite or postgresql+psycopg://user@host/name "
            "(the latter needs the extra 'postgres')."
        ) from None
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
    try:
        _migrate(engine)
    except SQLAlchemyError as fault:
        engine.dispose()
        raise IncompleteError(
            f"The ledger cannot be opened ({type(fault).__name__}); "
            "check that its folder can be written and that the file is a ledger."
        ) from None
    return engine


def sqlite_url(path: Path) -> str:
    """The address of a ledger file; its folder is made if need be."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise UsageError(f"The folder {path.parent} cannot be made: {fault.strerror}.") from fault
    return f"sqlite:///{path}"


def _prepare_sqlite(raw: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
    cursor = raw.cursor()
    for pragma in (f"busy_timeout={_BUSY}", "journal_mode=WAL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _migrate(engine: Engine) -> None:
    """Make the tables in an empty database; refuse one that a newer version has changed."""
    with engine.connect() as connection:
        found = _version(connection)
    if found is None:
        with _alone(engine) as connection:
            # Another process that was first has made them meanwhile.
            found = _version(connection)
            if found is None:
                _META.create_all(connection)
                connection.execute(insert(SCHEMA).values(version=VERSION))
                return
    if found > VERSION:
        raise UsageError(
            f"The ledger has version {found}, this program knows {VERSION}; update causemap."
        )


@contextmanager
def _alone(engine: Engine) -> Iterator[Connection]:
    """A transaction that holds the right to write from its first statement, tables included.

    Python's SQLite driver begins one at the first row only: tables would come into being one by
    one, seen half made by another process and left so by one that is killed.
    """
    if engine.dialect.name != "sqlite":
        with engine.begin() as connection:
            yield connection
        return
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        yield connection
        connection.exec_driver_sql("COMMIT")


def _version(connection: Connection) -> int | None:
    """The version of the tables, or ``None`` where they have not been made to the end."""
    if not inspect(connection).has_table(SCHEMA.name):
        return None
    return connection.execute(select(func.max(SCHEMA.c.version))).scalar()
