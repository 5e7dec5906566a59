"""Freezing a run: its dossier, with only what may be shown and cited, as one file.

A frozen case cites notes that were found and have an address; recollected ones may serve an
evaluation, but no reader can check them. The file replays to the same report, byte for byte.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from causemap.cases.store import CASE_ID
from causemap.errors import UsageError
from causemap.reporting.output import write_text
from causemap.tools.notes import MAX_NAME, clean_text

if TYPE_CHECKING:
    from pathlib import Path

    from causemap.records import Dossier, Evidence, Note


@dataclass(frozen=True, slots=True)
class Frozen:
    """A dossier fit to be shown, and how much was left out to make it so."""

    dossier: Dossier
    notes_left_out: int
    evidence_left_out: int


def citable(notes: Iterable[Note]) -> tuple[Note, ...]:
    """The notes that were found and have an address, in their order."""
    return tuple(note for note in notes if note.basis == "found" and note.url)


def freeze(dossier: Dossier, title: str = "") -> Frozen:
    """The dossier with citable notes only, under ``title`` (default: its question).

    Text evidence and markers that rest on a note left out go with it; so does text evidence
    without an address when any note is left out, for it may count the missing ones.
    """
    notes = citable(dossier.notes)
    kept = {note.id for note in notes}
    addresses = {note.url for note in notes}
    all_kept = len(notes) == len(dossier.notes)

    def stands(item: Evidence) -> bool:
        return item.family != "text" or item.url in addresses or (all_kept and item.url is None)

    evidence = tuple(item for item in dossier.evidence if stands(item))
    named = clean_text(title, MAX_NAME) or dossier.scope.question
    frozen = replace(
        dossier,
        scope=replace(dossier.scope, question=named),
        notes=notes,
        evidence=evidence,
        markers=tuple(m for m in dossier.markers if m.note is None or m.note in kept),
    )
    return Frozen(frozen, len(dossier.notes) - len(notes), len(dossier.evidence) - len(evidence))


def write_case(dossier: Dossier, case_id: str, out: Path) -> Path:
    """Write the dossier to ``out`` (a folder gets ``ID.json``) and return the file's path.

    Raises :class:`UsageError` for an id that is no file name or a place that cannot be written.
    """
    from causemap.reporting.json_codec import dump_dossier

    if not CASE_ID.fullmatch(case_id):
        raise UsageError(
            f"The id {case_id!r:.80} cannot name a case; use small letters, digits, '-', '.', '_'."
        )
    path = out / f"{case_id}.json" if out.is_dir() else out
    write_text(path, dump_dossier(dossier))
    return path
