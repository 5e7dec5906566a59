"""Kept runs: what was run, and a journal of samples that survives being killed at any moment.

A run is known by the hash of everything its answers depend on, so the same command finds its own
journal again and carries on. ``samples.jsonl`` is only ever appended to, a whole line at a time;
``results.json`` holds what a second run must reproduce byte for byte, seconds left out.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

from causemap.errors import UsageError
from causemap.evals.answers import Sample, dump_sample, load_sample
from causemap.evals.provenance import Circumstances, Identity
from causemap.reporting.output import write_text

if TYPE_CHECKING:
    from causemap.settings import Settings

# 2: calls to a model, accounts read again, prompts and limits; a record of 1 lacks them.
SCHEMA: Final = 2
_READABLE: Final = (1, 2)
_KEY: Final = re.compile(rb'"key": ?(\d+)')
_RUN_ID: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,80}")


@dataclass(frozen=True, slots=True)
class RunRow:
    """One kept run, as a list shows it."""

    id: str
    system: str
    events: str
    done: int
    asked: int
    started: str


@dataclass(frozen=True, slots=True)
class Run:
    """A kept run: its folder, what it is, and where its events and mapping files are."""

    folder: Path
    identity: Identity
    circumstances: Circumstances

    @property
    def id(self) -> str:
        """The name of the run."""
        return self.folder.name

    def samples(self) -> dict[int, Sample]:
        """The samples kept so far by key; a key written twice counts once, first come."""
        journal = self.folder / "samples.jsonl"
        if not journal.is_file():
            return {}
        kept: dict[int, Sample] = {}
        for line in journal.read_text(encoding="utf-8").split("\n")[:-1]:
            sample = load_sample(line)
            kept.setdefault(sample.key, sample)
        return kept

    def done(self) -> int:
        """How many samples are kept, counted by their keys alone: a list need not read them."""
        journal = self.folder / "samples.jsonl"
        if not journal.is_file():
            return 0
        lines = journal.read_bytes().split(b"\n")[:-1]
        return len({found[1] for line in lines if (found := _KEY.search(line))})

    @contextmanager
    def journal(self, again: Callable[[Sample], bool] | None = None) -> Iterator[IO[bytes]]:
        """The journal open for appending, by one process at a time; a torn last line is cut off.

        Samples that are to be asked ``again`` are taken out first.
        """
        # The lock is a file of its own: one on the journal would be lost when that is replaced.
        with (self.folder / "lock").open("wb") as turn:
            try:
                fcntl.flock(turn, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise UsageError(
                    f"The run {self.id} is being written by another process."
                ) from None
            if again is not None:
                self._forget(again)
            with (self.folder / "samples.jsonl").open("a+b") as file:
                file.seek(0)
                file.truncate(file.read().rfind(b"\n") + 1)
                yield file

    def _forget(self, again: Callable[[Sample], bool]) -> None:
        kept = [sample for sample in self.samples().values() if not again(sample)]
        text = "".join(dump_sample(sample) + "\n" for sample in kept)
        write_text(self.folder / "samples.jsonl", text)

    def write_results(self) -> str:
        """Write ``results.json`` and return its SHA-256; the bytes hold no time and no place."""
        lines = [dump_sample(sample, timed=False) for _, sample in sorted(self.samples().items())]
        head = json.dumps({"schema": SCHEMA, **asdict(self.identity)}, ensure_ascii=False)
        text = head[:-1] + ', "samples": [\n' + ",\n".join(lines) + "\n]}\n"
        write_text(self.folder / "results.json", text)
        return hashlib.sha256(text.encode()).hexdigest()


def append(file: IO[bytes], sample: Sample) -> None:
    """One sample to the journal, on the disk before this returns."""
    file.write((dump_sample(sample) + "\n").encode())
    file.flush()
    os.fsync(file.fileno())


def runs_folder(settings: Settings) -> Path:
    """Where runs are kept."""
    return settings.home / "evals"


def open_run(settings: Settings, identity: Identity, circumstances: Circumstances) -> Run:
    """The run of this identity, begun now or found again."""
    stem = re.sub(r"[^a-z0-9]+", "-", f"{identity.system}-{identity.events}".lower()).strip("-")
    folder = runs_folder(settings) / f"{stem[:48]}-{identity.digest[:10]}"
    record = folder / "run.json"
    if record.is_file():
        return _read(folder)
    folder.mkdir(parents=True, exist_ok=True)
    plain = {"schema": SCHEMA, "identity": asdict(identity), "circumstances": asdict(circumstances)}
    write_text(record, json.dumps(plain, indent=1, ensure_ascii=False) + "\n")
    return Run(folder, identity, circumstances)


def find_run(settings: Settings, name: str) -> Run:
    """The run called ``name``, or the latest of those whose name begins so."""
    if not _RUN_ID.fullmatch(name):
        raise UsageError(f"{name!r:.80} is no run id; see 'causemap eval list'.")
    known = [path.parent for path in sorted(runs_folder(settings).glob("*/run.json"))]
    near = [f for f in known if f.name == name] or [f for f in known if f.name.startswith(name)]
    if not near:
        raise UsageError(f"The run {name!r} is not known; see 'causemap eval list'.")
    return max(map(_read, near), key=lambda run: (run.circumstances.started, run.id))


def list_runs(settings: Settings) -> tuple[RunRow, ...]:
    """All kept runs, the latest first."""
    rows = []
    for path in runs_folder(settings).glob("*/run.json"):
        run = _read(path.parent)
        rows.append(
            RunRow(
                run.id,
                run.identity.system,
                run.identity.events,
                run.done(),
                run.identity.asked,
                run.circumstances.started,
            )
        )
    return tuple(sorted(rows, key=lambda row: (row.started, row.id), reverse=True))


def _read(folder: Path) -> Run:
    from pydantic import TypeAdapter, ValidationError

    try:
        raw = json.loads((folder / "run.json").read_text(encoding="utf-8"))
        if raw["schema"] not in _READABLE:
            raise UsageError(
                f"The run {folder.name} was kept by another version (schema {raw['schema']}): "
                f"remove its folder {folder}, or use that version."
            )
        identity = TypeAdapter(Identity).validate_python(raw["identity"])
        return Run(
            folder, identity, TypeAdapter(Circumstances).validate_python(raw["circumstances"])
        )
    except (OSError, ValueError, KeyError, TypeError, ValidationError) as fault:
        raise UsageError(f"the kept run {folder.name} cannot be read: {fault!r:.120}") from fault


def now_text() -> str:
    """The present in UTC, to the second."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
