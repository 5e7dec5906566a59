"""Reading and writing the ledger: runs with their dossiers, follow-up turns, feedback.

A run is kept as its dossier, never as its report: the report is a pure function of the dossier, so
what a reader sees is always what the present program concludes from the frozen evidence.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, Literal, Self, get_args

from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.exc import SQLAlchemyError

from causemap.errors import IncompleteError, UsageError
from causemap.ledger.tables import FEEDBACK, RUNS, TURNS, connect, sqlite_url
from causemap.reporting.json_codec import dump_dossier, load_dossier
from causemap.words import clean

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    from sqlalchemy import Connection, Engine

    from causemap.records import Dossier
    from causemap.settings import Settings

RunState = Literal["running", "done", "stopped", "failed"]
FeedbackKind = Literal["wrong_cause", "wrong_number", "bad_source", "other"]

# Without letters that look alike; 12 of 31 are 59 bits, so that a link cannot be guessed.
_LETTERS: Final = "23456789abcdefghjkmnpqrstuvwxyz"
_ID_LENGTH: Final = 12
RUN_ID: Final = re.compile(rf"[{_LETTERS}]{{{_ID_LENGTH}}}")
_KIND: Final = re.compile(r"[a-z][a-z_]{0,23}")


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run as the history lists it; ``said`` is its outcome or fault in a few words."""

    id: str
    kind: str
    state: RunState
    title: str
    said: str
    created: str
    changed: str
    start: str
    end: str
    as_of: str


@dataclass(frozen=True, slots=True)
class TurnRow:
    """A follow-up question on a run and its answer (the caller's own JSON)."""

    at: str
    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class FeedbackRow:
    """What a reader objected to: ``claim`` is the sentence or evidence id, as shown."""

    run_id: str
    at: str
    claim: str
    kind: FeedbackKind
    text: str
    title: str
    start: str
    end: str
    as_of: str


def new_run_id() -> str:
    """A short random id that is safe in an address."""
    return "".join(secrets.choice(_LETTERS) for _ in range(_ID_LENGTH))


def open_ledger(settings: Settings) -> Ledger:
    """The ledger of ``settings``: ``home/ledger.sqlite``, or the database of ``ledger_url``.

    Raises:
        UsageError: the address or the folder cannot be used, or a newer program made the file.
        IncompleteError: the database does not open.
    """
    return Ledger(connect(settings.ledger_url or sqlite_url(settings.home / "ledger.sqlite")))


@dataclass(frozen=True, slots=True)
class Ledger:
    """An opened ledger; safe to share between threads, for it holds no state but the pool."""

    engine: Engine

    def save(
        self, dossier: Dossier, title: str, kind: str = "run", *, owner: str = "", said: str = ""
    ) -> str:
        """Keep a finished run and return its id."""
        run_id = self.begin(title, kind, owner=owner)
        self.finish(run_id, dossier, said=said)
        return run_id

    def begin(self, title: str, kind: str = "run", *, owner: str = "") -> str:
        """Keep a run that has been started, and return its id."""
        if not _KIND.fullmatch(kind):
            raise UsageError(f"{kind!r:.60} is no kind of run; use small letters, such as 'run'.")
        run_id, now = new_run_id(), _now()
        row = {"id": run_id, "kind": kind, "state": "running", "owner": owner, "said": ""}
        row |= {"title": clean(title, 200), "created": now, "changed": now}
        with self._write() as connection:
            connection.execute(insert(RUNS).values(**row, start="", end="", as_of=""))
        return run_id

    def finish(
        self, run_id: str, dossier: Dossier, *, said: str = "", state: RunState = "done"
    ) -> None:
        """Store what a started run found; ``state`` is ``stopped`` for a partial result."""
        scope = dossier.scope
        self._change(
            run_id,
            state=state,
            said=clean(said, 400),
            dossier=dump_dossier(dossier),
            start=scope.start,
            end=scope.end,
            as_of=scope.as_of,
        )

    def fail(self, run_id: str, why: str, state: RunState = "failed") -> None:
        """Close a run that has nothing to keep, with the reason in a sentence."""
        self._change(run_id, state=state, said=clean(why, 900))

    def rename(self, run_id: str, title: str) -> None:
        """Give a run another title."""
        named = clean(title, 200)
        if not named:
            raise UsageError("A title cannot be empty; write a few words.")
        self._change(run_id, title=named)

    def delete(self, run_id: str) -> None:
        """Remove a run with its follow-ups and feedback."""
        with self._write() as connection:
            gone = connection.execute(delete(RUNS).where(RUNS.c.id == run_id)).rowcount
        if not gone:
            raise _unknown(run_id)

    def load(self, run_id: str) -> Dossier:
        """The dossier of a run. Raises :class:`UsageError` if there is none."""
        with self._read() as connection:
            stored = connection.execute(select(RUNS.c.dossier).where(RUNS.c.id == run_id)).first()
        if stored is None:
            raise _unknown(run_id)
        if stored[0] is None:
            raise UsageError(f"The run {run_id} holds no result; ask its question again.")
        return load_dossier(stored[0])

    def row(self, run_id: str) -> RunRow:
        """The line of one run. Raises :class:`UsageError` if there is none."""
        with self._read() as connection:
            found = connection.execute(select(*_LISTED).where(RUNS.c.id == run_id)).mappings()
            row = found.first()
        if row is None:
            raise _unknown(run_id)
        return RunRow(**row)

    def runs(self, owner: str | None = None, limit: int = 200) -> tuple[RunRow, ...]:
        """Runs, newest first; those of one owner only when one is given."""
        query = select(*_LISTED).order_by(RUNS.c.created.desc(), RUNS.c.id).limit(limit)
        if owner is not None:
            query = query.where(RUNS.c.owner == owner)
        with self._read() as connection:
            return tuple(RunRow(**row) for row in connection.execute(query).mappings())

    def owns(self, run_id: str, owner: str) -> bool:
        """Whether the run was started by this owner; others may read it, not change it."""
        with self._read() as connection:
            found = connection.execute(select(RUNS.c.owner).where(RUNS.c.id == run_id)).scalar()
        return found == owner

    def add_turn(self, run_id: str, question: str, answer: str, *, owner: str = "") -> None:
        """Keep a follow-up and its answer with the run."""
        asked = clean(question, 2000)
        with self._write() as connection:
            _require(connection, run_id)
            connection.execute(
                insert(TURNS).values(
                    run_id=run_id, owner=owner, at=_now(), question=asked, answer=answer
                )
            )

    def turns(self, run_id: str, owner: str = "") -> tuple[TurnRow, ...]:
        """The follow-ups that one owner asked on a run, in order."""
        query = select(TURNS.c.at, TURNS.c.question, TURNS.c.answer).order_by(TURNS.c.id)
        query = query.where(TURNS.c.run_id == run_id, TURNS.c.owner == owner)
        with self._read() as connection:
            return tuple(TurnRow(*row) for row in connection.execute(query))

    def feedback(self, run_id: str, claim: str, kind: FeedbackKind, said: str = "") -> None:
        """Keep an objection to one claim of a run."""
        if kind not in get_args(FeedbackKind):
            known = ", ".join(get_args(FeedbackKind))
            raise UsageError(f"{kind!r:.60} is no kind of feedback; use {known}.")
        row = {"claim": clean(claim, 1000), "kind": kind, "text": clean(said, 2000)}
        with self._write() as connection:
            _require(connection, run_id)
            connection.execute(insert(FEEDBACK).values(run_id=run_id, at=_now(), **row))

    def feedback_rows(self) -> tuple[FeedbackRow, ...]:
        """All feedback in the order it came, each with its run's window."""
        query = (
            select(
                *(FEEDBACK.c[name] for name in ("run_id", "at", "claim", "kind", "text")),
                *(RUNS.c[name] for name in ("title", "start", "end", "as_of")),
            )
            .join(RUNS, RUNS.c.id == FEEDBACK.c.run_id)
            .order_by(FEEDBACK.c.id)
        )
        with self._read() as connection:
            return tuple(FeedbackRow(*row) for row in connection.execute(query))

    def feedback_export(self) -> str:
        """All feedback as JSON Lines: candidates for labelled evaluation windows."""
        names = FeedbackRow.__slots__
        rows = ({name: getattr(row, name) for name in names} for row in self.feedback_rows())
        return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)

    def add_file(self, content: str, title: str = "", *, owner: str = "") -> str:
        """Keep the dossier of a case or report file as a run; returns the new id."""
        dossier = load_dossier(content)
        return self.save(dossier, title or dossier.scope.question, "imported", owner=owner)

    def check(self) -> str:
        """``ok``, or what the database itself finds wrong with its file."""
        if self.engine.dialect.name != "sqlite":
            return "ok"
        with self._read() as connection:
            return str(connection.execute(text("PRAGMA integrity_check")).scalar_one())

    def backup(self, path: Path) -> None:
        """Write a consistent copy of a SQLite ledger to ``path``, which must not exist."""
        if self.engine.dialect.name != "sqlite":
            raise UsageError("Only a SQLite ledger is copied here; use the database's own dump.")
        if path.exists():
            raise UsageError(f"{path} exists already; name a new file.")
        with self._read() as connection:
            connection.execute(text("VACUUM INTO :path"), {"path": str(path)})

    def close(self) -> None:
        """Give the connections back."""
        self.engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.close()

    def _change(self, run_id: str, **values: str) -> None:
        with self._write() as connection:
            done = connection.execute(
                update(RUNS).where(RUNS.c.id == run_id).values(changed=_now(), **values)
            ).rowcount
        if not done:
            raise _unknown(run_id)

    @contextmanager
    def _write(self) -> Iterator[Connection]:
        with _named_faults(), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def _read(self) -> Iterator[Connection]:
        with _named_faults(), self.engine.connect() as connection:
            yield connection


_LISTED: Final = tuple(RUNS.c[name] for name in RunRow.__slots__)


def _require(connection: Connection, run_id: str) -> None:
    if connection.execute(select(RUNS.c.id).where(RUNS.c.id == run_id)).first() is None:
        raise _unknown(run_id)


def _unknown(run_id: str) -> UsageError:
    return UsageError(f"There is no run {clean(run_id, 40)!r}; the history lists those there are.")


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@contextmanager
def _named_faults() -> Iterator[None]:
    """Faults of the database as one line that repeats neither the statement nor its values."""
    try:
        yield
    except SQLAlchemyError as fault:
        raise IncompleteError(
            f"The ledger could not be read or written ({type(fault).__name__}); "
            "check the disk, or 'causemap doctor'."
        ) from None
