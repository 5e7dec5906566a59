"""What all sessions of one server share: settings, ledger, runner, and concluded reports.

Nothing in here belongs to a visitor; results are frozen records and the caches are locked.
"""

from __future__ import annotations

import argparse
import sys
import threading
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

from causemap.cases.store import CaseEntry, case_named, has_case, list_cases, load_case
from causemap.errors import UsageError
from causemap.ledger import Ledger, RunRow, open_ledger
from causemap.ledger.store import RUN_ID
from causemap.settings import Settings, load_settings
from causemap.ui.filling import Filler
from causemap.ui.questions import Question
from causemap.ui.runner import Runner, Status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from causemap.records import Dossier, Report

_KEPT: Final = 48
_LOST: Final = (
    "Its server ended while it was at work, or another server is still at it. Reload this page "
    "later, or ask again."
)


@dataclass(frozen=True, slots=True)
class Subject:
    """What a page is about: a stored run or a bundled case, concluded."""

    key: str
    title: str
    report: Report
    dossier: Dossier
    row: RunRow | None = None

    @property
    def stopped(self) -> bool:
        """Whether the run was stopped before its desks were done."""
        return self.row is not None and self.row.state == "stopped"


@dataclass(frozen=True, slots=True)
class Room:
    """Settings, ledger and runner of this server."""

    settings: Settings
    ledger: Ledger
    runner: Runner
    cases: tuple[CaseEntry, ...]
    filler: Filler
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)
    _made: dict[str, tuple[Dossier, Report]] = field(default_factory=dict, repr=False)

    def subject(self, key: str) -> Subject:
        """The run or case of this id. Raises :class:`UsageError` if there is none."""
        if has_case(key):
            dossier, report = self._concluded(key, stored=False)
            return Subject(key, report.scope.question, report, dossier)
        if not RUN_ID.fullmatch(key):
            raise UsageError("There is no such run; the history lists those there are.")
        row = self.ledger.row(key)
        dossier, report = self._concluded(key, stored=True)
        return Subject(key, row.title, report, dossier, row)

    def _concluded(self, key: str, *, stored: bool) -> tuple[Dossier, Report]:
        """A dossier never changes, so its report is kept; the oldest goes first."""
        with self._lock:
            if key in self._made:
                return self._made[key]
        from causemap.agents.conclude import conclude

        dossier = self.ledger.load(key) if stored else load_case(key)
        pair = (dossier, conclude(dossier))
        with self._lock:
            while len(self._made) >= _KEPT:
                del self._made[next(iter(self._made))]
            self._made[key] = pair
        return pair

    def other(self, name: str) -> Report | None:
        """The report of the bundled case that is named."""
        found = case_named(name)
        return self._concluded(found, stored=False)[1] if found else None

    def adopt(self, subject: Subject, owner: str) -> str:
        """The id under which remarks on the subject are kept; a case becomes the owner's run."""
        if subject.row is not None:
            return subject.key
        for row in self.ledger.runs(owner):
            if row.kind == "case" and row.title == subject.title and row.state == "done":
                return row.id
        return self.ledger.save(subject.dossier, subject.title, "case", owner=owner)

    def open_case(self, case_id: str, owner: str) -> str:
        """The owner's run of a bundled case, begun now if there is none yet."""
        title = next((c.title for c in self.cases if c.id == case_id), case_id)
        for row in self.ledger.runs(owner):
            if row.kind == "case" and row.title == title and row.state == "done":
                return row.id
        from causemap.ui.runner import _outcome

        dossier, _ = self._concluded(case_id, stored=False)
        return self.ledger.save(dossier, title, "case", owner=owner, said=_outcome(dossier))

    def standing(self, run_id: str) -> Status | None:
        """How a run stands; one that this server does not know and that ended without a result too.

        Such a run is of a server that ended in its midst, or was refused before this one began.
        """
        known = self.runner.status(run_id)
        if known is not None or not RUN_ID.fullmatch(run_id):
            return known
        try:
            row = self.ledger.row(run_id)
        except UsageError:
            return None
        if row.state == "running":
            return Status(run_id, "failed", (), 0.0, _LOST)
        return Status(run_id, "failed", (), 0.0, row.said) if row.state == "failed" else None

    def ask(self, question: Question, owner: str, kind: str = "run") -> str:
        """Begin a run in the background and return its id."""
        return self.runner.start(question, owner, kind)

    @property
    def has_data(self) -> bool:
        """Whether the data folder holds prices, so that new windows can be measured."""
        names = ("market_daily.parquet", "crypto_daily.parquet")
        return any((self.settings.data_dir / name).is_file() for name in names)


def open_room(arguments: Sequence[str] | None = None) -> Room:
    """The room of this server; ``arguments`` are the script's (``--data-dir DIR``)."""
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--data-dir", type=Path, default=None)
    known, _ = parser.parse_known_args(sys.argv[1:] if arguments is None else list(arguments))
    settings = load_settings(data_dir=known.data_dir)
    ledger = open_ledger(settings)
    runner = Runner(settings, ledger)
    runner.warm()
    return Room(settings, ledger, runner, list_cases(), Filler(settings))


def has_part(module: str) -> bool:
    """Whether an optional part of the program is there, by its module's name."""
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False
