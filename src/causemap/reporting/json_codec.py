"""Reports and dossiers as JSON: one stable byte form, read back strictly.

The layout is the command line's contract: ``verdicts`` is an object keyed by asset group,
``probabilities``, ``expected`` and ``versions`` are objects, an edge has ``from`` and ``to``. All
other fields carry their record's name, so a dossier can be read back from a report's JSON.
"""

from __future__ import annotations

import json
import math
import unicodedata
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Final, NoReturn, TypeAlias, TypeVar

from causemap.errors import UsageError
from causemap.records import Dossier, Edge, Report

if TYPE_CHECKING:
    from pydantic import ValidationError

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
Read = TypeVar("Read", Dossier, Report)

# Tuples of (name, value) pairs in the records, objects in the JSON.
_OBJECTS: Final = frozenset({"verdicts", "probabilities", "expected", "versions", "by_group"})
_EDGE_KEYS: Final = {"source": "from", "target": "to"}
_CONTROLS: Final = frozenset({"Cc", "Cf", "Cs", "Co"})
_MAX_CHARS: Final = 64_000_000


def report_to_dict(report: Report) -> dict[str, Json]:
    """The report as plain JSON values, keys in a fixed order."""
    return _record(report)


def dossier_to_dict(dossier: Dossier) -> dict[str, Json]:
    """The dossier as plain JSON values, in the layout of :func:`report_to_dict`."""
    return _record(dossier)


def dumps(report: Report) -> str:
    """The report as JSON text: same report, same bytes; ends with a newline.

    Raises ``ValueError`` for a number that is not finite: absent is ``null``, never NaN.
    """
    return _text(report_to_dict(report))


def dump_dossier(dossier: Dossier) -> str:
    """The dossier as JSON text (a frozen case); raises as :func:`dumps` does."""
    return _text(dossier_to_dict(dossier))


def load_dossier(text: str) -> Dossier:
    """Read a dossier from its own JSON or from a report's; ``UsageError`` if it is neither."""
    return _validate(Dossier, _parse(text))


def load_report(text: str) -> Report:
    """Read a report back from its JSON; ``UsageError`` says what is wrong and where."""
    return _validate(Report, _parse(text))


def _record(record: object) -> dict[str, Json]:
    names = _EDGE_KEYS if isinstance(record, Edge) else {}
    plain: dict[str, Json] = {}
    for field in fields(record):  # type: ignore[arg-type]  # callers pass dataclass instances only
        value = getattr(record, field.name)
        if field.name == "model" and value is None:
            continue
        if field.name == "left_out" and not value:
            # What most runs do not have leaves the layout as it was before there was such a thing.
            continue
        plain[names.get(field.name, field.name)] = (
            {str(key): _plain(item) for key, item in value}
            if field.name in _OBJECTS
            else _plain(value)
        )
    return plain


def _plain(value: object) -> Json:
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str):
        # A lone surrogate cannot be written as UTF-8; it only ever comes from broken outside text.
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if is_dataclass(value):
        return _record(value)
    raise TypeError(f"no JSON form for {type(value).__name__}")


def _text(plain: dict[str, Json]) -> str:
    return json.dumps(plain, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def _parse(text: str) -> dict[str, Json]:
    if len(text) > _MAX_CHARS:
        raise UsageError(f"the file is too large ({len(text)} characters); nothing was read")
    try:
        raw = json.loads(text, parse_constant=_refuse_constant, parse_float=_finite)
    except (ValueError, RecursionError) as error:
        # Not only of its grammar: Python converts no integer of some thousand digits.
        raise UsageError(f"this is not a causemap JSON file: {error}") from error
    if not isinstance(raw, dict):
        raise UsageError("this is not a causemap JSON file: expected one object with a scope")
    return raw


def _refuse_constant(name: str) -> NoReturn:
    raise UsageError(f"the file holds {name} where a number is due; absent must be null")


def _finite(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise UsageError(f"the file holds {digits}, which is too large to be a number")
    return value


def _validate(kind: type[Read], raw: Mapping[str, Json]) -> Read:
    # pydantic costs about 100 ms to import and is needed for reading only.
    from pydantic import TypeAdapter, ValidationError

    try:
        return TypeAdapter(kind).validate_python(_restored(raw))
    except ValidationError as error:
        raise UsageError(
            f"this is not a causemap {kind.__name__.lower()}: {_where(error)}"
        ) from error


def _where(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"


def _without_controls(text: str) -> str:
    """A file may come from anybody: nothing in it moves a terminal, turns or begins a line."""
    spaced = (" " if c.isspace() else c for c in text)
    return "".join(c for c in spaced if unicodedata.category(c) not in _CONTROLS)


def _restored(raw: Json | Mapping[str, Json]) -> object:
    """Undo the two renamings of the JSON form: objects to pairs, ``from``/``to`` to edge ends."""
    if isinstance(raw, list):
        return [_restored(item) for item in raw]
    if isinstance(raw, str):
        return raw if raw.isprintable() else _without_controls(raw)
    if not isinstance(raw, Mapping):
        return raw
    edge = {"from", "to"} <= raw.keys()
    back = {"from": "source", "to": "target"} if edge else {}
    return {
        back.get(key, key): [(k, _restored(v)) for k, v in value.items()]
        if key in _OBJECTS and isinstance(value, Mapping)
        else _restored(value)
        for key, value in raw.items()
    }
