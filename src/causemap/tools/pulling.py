"""Filling the data directory from all sources: concurrent, resumable, partial failure named.

Each source is merged to disk as soon as it has answered, then noted in ``pull_state.json``. A pull
that was killed leaves whole files; the next one within a few hours skips the sources already done.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from filelock import FileLock, Timeout

from causemap.errors import IncompleteError, SourceError, UsageError
from causemap.files import write_atomically
from causemap.tools.sources.contract import Batch, Missing, Source, Span
from causemap.tools.store import Store

if TYPE_CHECKING:
    from causemap.articles import Article
    from causemap.tools.fetch import Fetcher

State = Literal["ok", "partial", "failed"]
STATE_FILE: Final = "pull_state.json"
RESUME_WITHIN: Final = timedelta(hours=6)
FIRST_FILL: Final = timedelta(days=5 * 365)
# What a source may take beyond its own deadline before it is given up.
GRACE: Final = 15.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the reading of one source ended; ``added`` counts new values or rows per file."""

    source: str
    state: State
    at: str
    added: Mapping[str, int] = field(default_factory=dict)
    missing: tuple[Missing, ...] = ()


@dataclass(frozen=True, slots=True)
class PullState:
    """The last pull: when it began and ended, what was done, and each source's last outcome."""

    started: str = ""
    finished: str | None = None
    done: tuple[str, ...] = ()
    sources: Mapping[str, Outcome] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Wish:
    """What to pull: some sources or series only (none named: all), from a given day on."""

    sources: tuple[str, ...] = ()
    series: tuple[str, ...] = ()
    since: date | None = None


Progress = Callable[[Outcome], None]
# Puts articles into the library and says how many were new; SourceError when it cannot.
Shelve = Callable[[Sequence["Article"]], int]
LIBRARY: Final = "library"


async def pull(
    folder: Path,
    sources: Sequence[Source],
    fetcher: Fetcher,
    now: datetime,
    wish: Wish,
    progress: Progress,
    shelve: Shelve | None = None,
) -> tuple[Outcome, ...]:
    """Read the sources wished for and merge what they bring; one outcome a source, in their order.

    Articles go to ``shelve``; without one they are not kept.

    Raises:
        UsageError: an unknown source or series.
        IncompleteError: another pull is at work on the folder, it cannot be written, or a file in
            it is broken.
    """
    wanted = _chosen(sources, wish)
    try:
        with _lock(folder):
            return await _locked(folder, wanted, fetcher, now, wish, progress, shelve)
    except Timeout as fault:
        raise IncompleteError(f"another pull is filling {folder}; wait for it to end.") from fault
    except OSError as fault:
        # What a source fails with is a gap by now: this is the disk.
        raise IncompleteError(
            f"the data directory {folder} cannot be written ({fault.strerror}); the files in "
            "it are whole. Make room or name another with --data-dir, then run it again."
        ) from fault


def _lock(folder: Path) -> FileLock:
    folder.mkdir(parents=True, exist_ok=True)
    return FileLock(folder / ".pull.lock", timeout=0)


def _chosen(sources: Sequence[Source], wish: Wish) -> tuple[Source, ...]:
    known = {source.name for source in sources}
    fillable = {name for source in sources for name in source.series}
    for name in wish.sources:
        if name not in known:
            raise UsageError(f"{name!r} is no source; known are {', '.join(sorted(known))}.")
    for name in wish.series:
        if name not in fillable:
            raise UsageError(f"No source fills {name!r}; 'causemap data status' lists the series.")
    return tuple(
        source
        for source in sources
        if (not wish.sources or source.name in wish.sources)
        and (not wish.series or set(source.series) & set(wish.series))
    )


async def _locked(
    folder: Path,
    wanted: tuple[Source, ...],
    fetcher: Fetcher,
    now: datetime,
    wish: Wish,
    progress: Progress,
    shelve: Shelve | None,
) -> tuple[Outcome, ...]:
    store, journal = Store(folder), _Journal.opened(folder, now, resume=wish == Wish())
    begins = {} if wish.since else store.begins()
    span = Span(wish.since or (now - FIRST_FILL).date(), now, begins)
    waiting = [source for source in wanted if source.name not in journal.state.done]
    for name in journal.state.done:
        progress(journal.state.sources[name])
    tasks = [asyncio.create_task(_read(source, fetcher, span)) for source in waiting]
    try:
        # All are asked at once; what they bring is merged in their order, whoever is quicker, since
        # the first value of a day is the one kept.
        for task in tasks:
            source, batch = await task
            outcome = _merged(store, source, batch, now)
            if shelve is not None and batch.articles:
                # In a thread: loading the library must not use up the other sources' time.
                outcome = await asyncio.to_thread(_shelved, outcome, batch, shelve)
            journal.note(outcome)
            progress(outcome)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    journal.close(fetcher.clock())
    return tuple(journal.state.sources[source.name] for source in wanted)


async def _read(source: Source, fetcher: Fetcher, span: Span) -> tuple[Source, Batch]:
    try:
        async with asyncio.timeout(source.deadline + GRACE):
            return source, await source.pull(fetcher, span)
    except SourceError as fault:
        why = str(fault)
    except TimeoutError:
        why = f"no answer within {source.deadline:g} s"
    names = source.series or (source.name,)
    return source, Batch(missing=tuple(Missing(name, "failed", why) for name in names))


def _merged(store: Store, source: Source, batch: Batch, now: datetime) -> Outcome:
    merged = store.merge(batch)
    missing = (*batch.missing, *merged.missing)
    named = {m.what for m in missing}
    brought = {o.series for o in batch.observations}
    silent = tuple(
        Missing(name, "empty", "the source gave no value of the time asked for")
        for name in source.series
        if name not in brought and name not in named
    )
    every = tuple(dict.fromkeys((*missing, *silent)))
    state: State = "ok" if not every else "failed" if batch.empty else "partial"
    return Outcome(source.name, state, _iso(now), dict(merged.added), every)


def _shelved(outcome: Outcome, batch: Batch, shelve: Shelve) -> Outcome:
    """The outcome with what became of the articles; what the data directory got stays."""
    try:
        new = shelve(batch.articles)
    except SourceError as fault:
        gap = Missing("the article library", "failed", str(fault))
        state: State = "partial" if outcome.state == "ok" else outcome.state
        return replace(outcome, state=state, missing=(*outcome.missing, gap))
    added = {**outcome.added, LIBRARY: new} if new else outcome.added
    return replace(outcome, added=added)


@dataclass(slots=True)
class _Journal:
    """The state file, rewritten after each source."""

    path: Path
    state: PullState

    @classmethod
    def opened(cls, folder: Path, now: datetime, *, resume: bool) -> _Journal:
        """The journal of a new pull, or of the one that was broken off a short while ago."""
        path, last = folder / STATE_FILE, read_state(folder)
        recent = last.started and now - datetime.fromisoformat(last.started) < RESUME_WITHIN
        if resume and recent and last.finished is None:
            return cls(path, last)
        journal = cls(path, PullState(_iso(now), None, (), last.sources))
        journal._save()
        return journal

    def note(self, outcome: Outcome) -> None:
        """Keep an outcome; the rows it speaks of are on disk by now."""
        sources = {**self.state.sources, outcome.source: outcome}
        # A source that failed is worth another try when a broken-off pull goes on.
        done = self.state.done if outcome.state == "failed" else (*self.state.done, outcome.source)
        self.state = replace(self.state, done=done, sources=sources)
        self._save()

    def close(self, now: datetime) -> None:
        """The pull is over."""
        self.state = replace(self.state, finished=_iso(now))
        self._save()

    def _save(self) -> None:
        text = json.dumps(asdict(self.state), indent=1, sort_keys=True)
        write_atomically(self.path, text.encode())


def read_state(folder: Path) -> PullState:
    """What the state file says; an empty state when there is none or it cannot be read."""
    try:
        raw = json.loads((folder / STATE_FILE).read_bytes())
        sources = {
            name: Outcome(**{**o, "missing": tuple(Missing(**m) for m in o["missing"])})
            for name, o in raw["sources"].items()
        }
        done = tuple(name for name in raw["done"] if name in sources)
        datetime.fromisoformat(raw["started"])
        return PullState(raw["started"], raw["finished"], done, sources)
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return PullState()


def broken_off(outcomes: Iterable[Outcome]) -> tuple[Missing, ...]:
    """Everything that could not be had."""
    return tuple(m for outcome in outcomes for m in outcome.missing)


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")
