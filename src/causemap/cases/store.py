"""The bundled frozen cases: what makes the product work without a key and without a network.

A case is a dossier in ``cases/data/ID.json``. The index is read from the files themselves; the
title of a case is the question its scope holds. What people call the days of a case stands in
``names.json``, for finding it alone: no name enters a dossier.
"""

from __future__ import annotations

import difflib
import json
import re
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING, Final

from causemap.errors import UsageError

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable
    from pathlib import Path

    from causemap.records import Dossier

CASE_ID: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,79}")


@dataclass(frozen=True, slots=True)
class CaseEntry:
    """A line of the index; dates as in :class:`Scope`."""

    id: str
    title: str
    start: str
    end: str
    as_of: str
    groups: tuple[str, ...]


def list_cases() -> tuple[CaseEntry, ...]:
    """All bundled cases by id. Raises :class:`UsageError` for a damaged file."""
    files = sorted(_files().items())
    return tuple(_entry(case_id, file.read_text(encoding="utf-8")) for case_id, file in files)


def has_case(case_id: str) -> bool:
    """Whether a bundled case has this id."""
    return case_id in _files()


def case_named(text: str) -> str | None:
    """The case with this id, the only one whose id begins so, or the only one the text names.

    A name is one that the days of a case go by ("FTX", "the yen carry crash"), within any words.
    """
    ids = sorted(_files())
    begun = [text] if text in ids else [one for one in ids if text and one.startswith(text)]
    found = begun or [one for one, name in _names() if one in ids and name.search(text)]
    return found[0] if len(set(found)) == 1 else None


def _names() -> list[tuple[str, re.Pattern[str]]]:
    """What the days of each case are called."""
    file = resources.files("causemap.cases") / "names.json"
    held: dict[str, list[str]] = json.loads(file.read_text("utf-8")) if file.is_file() else {}
    return [(case_id, _whole(name)) for case_id, names in held.items() for name in names]


def _whole(name: str) -> re.Pattern[str]:
    """A Latin name or a number is read as a whole word."""
    words = r"[ -]".join(re.escape(word) for word in name.split())
    ends = (r"(?<![a-z\d./-])", r"(?![a-z\d%/]|[.-]\d)") if name.isascii() else ("", "")
    return re.compile(words.join(ends), re.IGNORECASE)


def load_case(case_id: str) -> Dossier:
    """The dossier of a bundled case. Raises :class:`UsageError` with the nearest ids if unknown."""
    from causemap.reporting.json_codec import load_dossier

    files = _files()
    if case_id not in files:
        raise UsageError(_unknown(case_id, sorted(files)))
    return load_dossier(files[case_id].read_text(encoding="utf-8"))


def load_case_file(path: Path) -> Dossier:
    """The dossier in a case file or in a report's JSON file outside the package."""
    from causemap.reporting.json_codec import load_dossier

    try:
        text = path.read_text(encoding="utf-8")
    except OSError as fault:
        raise UsageError(f"The file {path} cannot be read: {fault.strerror}.") from fault
    except UnicodeDecodeError as fault:
        raise UsageError(f"The file {path} is not UTF-8 text (byte {fault.start}).") from fault
    return load_dossier(text)


def _files() -> dict[str, Traversable]:
    folder = resources.files("causemap.cases") / "data"
    if not folder.is_dir():
        return {}
    return {
        file.name.removesuffix(".json"): file
        for file in folder.iterdir()
        if file.name.endswith(".json")
    }


def _entry(case_id: str, text: str) -> CaseEntry:
    try:
        scope = json.loads(text)["scope"]
        return CaseEntry(
            id=case_id,
            title=scope["question"] or f"{scope['start']} to {scope['end']}",
            start=scope["start"],
            end=scope["end"],
            as_of=scope["as_of"],
            groups=tuple(scope["groups"]),
        )
    except (json.JSONDecodeError, KeyError, TypeError) as fault:
        raise UsageError(f"The case file {case_id}.json is damaged: {fault!r}.") from fault


def _unknown(case_id: str, known: list[str]) -> str:
    named = case_named(case_id)
    near = [named] if named else difflib.get_close_matches(case_id, known, n=3, cutoff=0.4)
    lead = f"{named} is the one that goes by it" if named else f"The nearest are {', '.join(near)}"
    hint = f"{lead}." if near else "'causemap cases list' shows all."
    return f"There is no case {case_id!r:.80}. {hint}"
