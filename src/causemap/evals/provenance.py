"""What a run depends on (its identity) and what it merely happened in (its circumstances)."""

from __future__ import annotations

import hashlib
import json
import platform
import shutil
import subprocess
from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass
from functools import lru_cache
from importlib import metadata
from pathlib import Path
from typing import Final

import causemap

PACKAGE: Final = Path(causemap.__file__).parent
_CHECKOUT: Final = PACKAGE.parents[1]


@dataclass(frozen=True, slots=True)
class Identity:
    """Everything an answer depends on; equal identities must give equal bytes.

    Hashes are SHA-256. ``chosen`` are the ids asked, ``asked`` how many; ``questions`` hashes the
    scopes as they reach the system, as-of times included. ``prompts`` (``name@hash`` of each file)
    and ``limits`` (seconds, tokens and US dollars of a question) are of systems that ask a model.
    """

    system: str
    events: str
    asked: int
    chosen: tuple[str, ...]
    perturb: str | None
    out_of_fold: bool
    seed: int
    timeout: float
    version: str
    source: str
    environment: str
    lock: str | None
    events_hash: str
    mapping_hash: str | None
    donors_hash: str | None
    notes_hash: str | None
    data_hash: str
    questions: str
    model: str | None = None
    lessons_hash: str | None = None
    prompts: tuple[str, ...] = ()
    limits: tuple[tuple[str, float], ...] = ()

    @property
    def digest(self) -> str:
        """SHA-256 over all fields."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Circumstances:
    """Where and when a run was begun, and the files it names; no answer depends on these."""

    started: str
    commit: str | None
    dirty: bool | None
    python: str
    machine: str
    workers: int
    scheduler: str | None
    events_path: str
    mapping_path: str | None
    donors_path: str | None
    notes_path: str | None
    data_path: str
    lessons_path: str | None = None
    lesson_notes_path: str | None = None


def hash_files(paths: Iterable[Path]) -> str:
    """One hash over the names and contents of files."""
    whole = hashlib.sha256()
    for path in sorted(paths, key=lambda path: path.as_posix()):
        found = path.stat()
        whole.update(f"{path.name}\0{_digest(path, found.st_size, found.st_mtime_ns)}\n".encode())
    return whole.hexdigest()


@lru_cache(maxsize=2048)
def _digest(path: Path, size: int, stamp: int) -> str:
    """The hash of one file; a table of many runs asks for the same files again and again."""
    del size, stamp
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def source_hash(without: Collection[str] = ()) -> str:
    """The package's own code and data files, as imported; ``without`` names rooms left out."""
    kinds = {".py", ".json", ".md", ".yaml", ".toml", ".j2", ".npz"}
    files = [
        path
        for path in PACKAGE.rglob("*")
        if path.suffix in kinds
        and path.relative_to(PACKAGE).parts[0] not in without
        and path.is_file()
    ]
    return hash_files(files)


def environment_hash() -> str:
    """The names and versions of the installed distributions."""
    names = sorted(f"{d.name}=={d.version}".lower() for d in metadata.distributions())
    return hashlib.sha256("\n".join(dict.fromkeys(names)).encode()).hexdigest()


def lock_hash() -> str | None:
    """The lock file of a source checkout; ``None`` for an installed package."""
    lock = _CHECKOUT / "requirements.lock"
    return hash_files([lock]) if lock.is_file() else None


def commit() -> str | None:
    """The commit of a source checkout, or ``None``."""
    return _git("rev-parse", "HEAD") if (_CHECKOUT / ".git").exists() else None


def dirty() -> bool | None:
    """Whether tracked files differ from the commit; ``None`` outside a checkout."""
    if not (_CHECKOUT / ".git").exists():
        return None
    said = _git("status", "--porcelain", "--untracked-files=no")
    return None if said is None else bool(said)


def _git(*words: str) -> str | None:
    git = shutil.which("git")
    if git is None:
        return None
    done = subprocess.run(  # noqa: S603  fixed arguments, on the project's own checkout
        [git, "-C", str(_CHECKOUT), *words], capture_output=True, text=True, check=False, timeout=20
    )
    return done.stdout.strip() if done.returncode == 0 else None


def machine() -> str:
    """Processor kind and operating system, without a host name."""
    return f"{platform.system()} {platform.machine()}"
