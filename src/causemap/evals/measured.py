"""Dossiers measured once and kept, so that ablations and folds do not measure the same again.

A dossier is kept under the hash of the run's inputs (code, data, environment: ``Job.kept``) and of
its own question (scope, notes). What is read back is checked as any outside file; a damaged file is
measured again. A model's part is never kept here: it has records of its own.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from causemap.errors import UsageError

if TYPE_CHECKING:
    from causemap.records import Dossier, Note, Scope
    from causemap.settings import Settings
    from causemap.tools.market import AsOfView


def measure(
    scope: Scope,
    view: AsOfView,
    notes: tuple[Note, ...],
    settings: Settings,
    folder: Path | None = None,
) -> Dossier:
    """The dossier of a question without a model's part, from ``folder`` if it was kept there."""
    if folder is None:
        return _measured(scope, view, notes, settings)
    path = folder / _name(scope, notes)
    kept = _kept(path)
    if kept is not None:
        return kept
    return _keep(path, _measured(scope, view, notes, settings))


@lru_cache(maxsize=512)
def _name(scope: Scope, notes: tuple[Note, ...]) -> str:
    """The file name of a question's dossier: the hash of all that is asked."""
    asked = json.dumps([asdict(scope), [asdict(note) for note in notes]], sort_keys=True)
    return f"{hashlib.sha256(asked.encode()).hexdigest()[:24]}.json"


def _measured(scope: Scope, view: AsOfView, notes: tuple[Note, ...], settings: Settings) -> Dossier:
    from causemap.agents.graph import run

    return run(scope, view, notes, replace(settings, llm="off"))


def _keep(path: Path, dossier: Dossier) -> Dossier:
    from causemap.reporting.json_codec import dump_dossier
    from causemap.reporting.output import write_text

    # A failed desk may be a passing trouble of the machine; it is not kept as the answer.
    if not any(gap.kind == "failed" for gap in dossier.gaps):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_text(path, dump_dossier(dossier))
    return dossier


@lru_cache(maxsize=512)
def _read(path: Path, size: int, stamp: int) -> Dossier:
    del size, stamp
    from causemap.reporting.json_codec import load_dossier

    return load_dossier(path.read_text(encoding="utf-8"))


def _kept(path: Path) -> Dossier | None:
    try:
        found = path.stat()
        return _read(path, found.st_size, found.st_mtime_ns)
    except (OSError, UnicodeDecodeError, UsageError):
        return None
