"""The background runner: work goes on without the page that asked for it.

A page starts a run and gets its id; from then on every page, tab or later visit only asks how the
run stands. All shared state lives in one :class:`Runner` behind its lock, and everything handed
out is frozen.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Final, Literal

from causemap.errors import CausemapError, UnclearQuestion
from causemap.ui.questions import Question, measure

if TYPE_CHECKING:
    from causemap.agents.state import Progress
    from causemap.closed_sets import Desk
    from causemap.ledger import Ledger
    from causemap.records import Dossier
    from causemap.settings import Settings

DeskLineState = Literal["queued", "running", "ok", "empty", "failed"]
JobState = Literal["queued", "running", "done", "stopped", "failed", "asks"]

DESKS: Final[tuple[Desk, ...]] = ("macro", "earnings_news", "technicals", "crypto_structure")
# Desks compute on all cores already; a third run at once would only slow the first two.
_AT_ONCE: Final = 2
# Finished jobs stay listed this long (seconds), so that a page that polls sees how they ended.
_KEPT: Final = 3600.0


@dataclass(frozen=True, slots=True)
class DeskLine:
    """A row of progress."""

    desk: str
    state: DeskLineState
    seconds: float = 0.0
    said: str = ""


@dataclass(frozen=True, slots=True)
class Status:
    """How a run stands; ``said`` is a fault, a question back, or empty.

    ``stopping``: it was asked to stop, and its desks are ending what they are at.
    """

    run_id: str
    state: JobState
    desks: tuple[DeskLine, ...]
    seconds: float
    said: str = ""
    stopping: bool = False

    @property
    def over(self) -> bool:
        """Whether nothing more will happen."""
        return self.state not in ("queued", "running")


@dataclass(slots=True)
class _Job:
    """What the runner knows of a run; touched under the runner's lock only."""

    question: Question
    owner: str
    began: float
    stop: threading.Event = field(default_factory=threading.Event)
    desks: dict[str, DeskLine] = field(default_factory=dict)
    started: dict[str, float] = field(default_factory=dict)
    state: JobState = "queued"
    ended: float | None = None
    said: str = ""


@dataclass(frozen=True, slots=True)
class Runner:
    """Runs questions in threads and keeps their results in the ledger."""

    settings: Settings
    ledger: Ledger
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)
    _jobs: dict[str, _Job] = field(default_factory=dict, repr=False)
    _pool: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="run"), repr=False
    )

    def start(self, question: Question, owner: str, kind: str = "run") -> str:
        """Begin a run and return its id; the same question still running is not begun twice."""
        with self._lock:
            self._forget()
            for run_id, job in self._jobs.items():
                if (job.owner, job.question) == (owner, question) and job.ended is None:
                    return run_id
            run_id = self.ledger.begin(question.title, kind, owner=owner)
            job = _Job(question, owner, time.monotonic())
            self._jobs[run_id] = job
        future = self._pool.submit(self._work, run_id, job)
        future.add_done_callback(partial(self._ended, run_id))
        return run_id

    def warm(self) -> None:
        """Import what a run needs before the first one is asked for; returns at once."""
        self._pool.submit(_import_desks)

    def status(self, run_id: str) -> Status | None:
        """How a run stands, or ``None`` if this runner does not know it (any more)."""
        with self._lock:
            job = self._jobs.get(run_id)
            return None if job is None else _status(run_id, job, time.monotonic())

    def stop(self, run_id: str, owner: str) -> bool:
        """Ask a run to stop; what its desks have found is kept. Only its owner can."""
        with self._lock:
            job = self._jobs.get(run_id)
            if job is None or job.owner != owner or job.ended is not None:
                return False
            job.stop.set()
            return True

    def close(self) -> None:
        """Stop what runs and wait for the threads."""
        with self._lock:
            for job in self._jobs.values():
                job.stop.set()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _work(self, run_id: str, job: _Job) -> None:
        with self._lock:
            job.state = "running"
        try:
            found = measure(job.question, self.settings, job.stop, self._note(job))
            state: Literal["done", "stopped"] = "stopped" if job.stop.is_set() else "done"
            self.ledger.finish(run_id, found, said=_outcome(found), state=state)
            self._close_job(job, state)
        except UnclearQuestion as back:
            self.ledger.fail(run_id, str(back))
            self._close_job(job, "asks", str(back))
        except CausemapError as fault:
            self.ledger.fail(run_id, str(fault))
            self._close_job(job, "failed", str(fault))

    def _note(self, job: _Job) -> Callable[[Progress], None]:
        def note(event: Progress) -> None:
            now = time.monotonic()
            with self._lock:
                begun = job.started.setdefault(event.desk, now)
                spent = event.seconds or now - begun
                job.desks[event.desk] = DeskLine(event.desk, event.state, spent, event.said)

        return note

    def _close_job(self, job: _Job, state: JobState, said: str = "") -> None:
        with self._lock:
            job.state, job.said, job.ended = state, said, time.monotonic()

    def _ended(self, run_id: str, future: Future[None]) -> None:
        """A fault nobody named: the reader sees its kind, never its text."""
        fault = None if future.cancelled() else future.exception()
        with self._lock:
            job = self._jobs.get(run_id)
        if job is None or job.ended is not None:
            return
        kind = "the program ended" if fault is None else type(fault).__name__
        said = f"The run broke off ({kind}). Ask again; 'causemap doctor' looks for the reason."
        self._close_job(job, "failed", said)
        self.ledger.fail(run_id, said)

    def _forget(self) -> None:
        """Drop jobs that ended long ago; called under the lock."""
        now = time.monotonic()
        old = [i for i, job in self._jobs.items() if job.ended and now - job.ended > _KEPT]
        for run_id in old:
            del self._jobs[run_id]


def _import_desks() -> None:
    for module in ("graph", "conclude", "scope", "periods", *DESKS):
        import_module(f"causemap.agents.{module}")


def _status(run_id: str, job: _Job, now: float) -> Status:
    lines = tuple(_line(job, desk, now) for desk in (*DESKS, *_others(job)))
    seconds, stopping = (job.ended or now) - job.began, job.stop.is_set()
    return Status(run_id, job.state, lines, seconds, job.said, stopping)


def _others(job: _Job) -> tuple[str, ...]:
    """Stages beside the four desks, in the order they reported."""
    return tuple(desk for desk in job.desks if desk not in DESKS)


def _line(job: _Job, desk: str, now: float) -> DeskLine:
    line = job.desks.get(desk)
    if line is None:
        return DeskLine(desk, "queued")
    if line.state != "running":
        return line
    if job.ended is not None:
        return DeskLine(desk, "failed", line.seconds, "stopped before it was done")
    return DeskLine(desk, "running", now - job.started[desk], line.said)


def _outcome(dossier: Dossier) -> str:
    """The verdict in a few words, for the history."""
    from causemap.agents.conclude import conclude
    from causemap.reporting.answer import answered
    from causemap.words import percent

    said = answered(conclude(dossier))
    return said.label + ("" if said.probability is None else f", {percent(said.probability)}")
