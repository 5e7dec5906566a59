"""The parts every view of a report is made of: lines, tables, sections, citations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from causemap.records import Report


@dataclass(frozen=True, slots=True)
class Line:
    """A line or table cell: an optional bold lead, text, evidence numbers, a link to its source."""

    text: str
    refs: tuple[int, ...] = ()
    lead: str = ""
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A table; ``numeric`` says which columns hold figures."""

    columns: tuple[str, ...]
    numeric: tuple[bool, ...]
    rows: tuple[tuple[Line, ...], ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A headed part of the report; ``empty`` is said when it has neither lines nor table."""

    key: str
    title: str
    lines: tuple[Line, ...] = ()
    table: Table | None = None
    empty: str = "None found."


def refs(report: Report, ids: Sequence[str]) -> tuple[int, ...]:
    """Places in the ledger of the given evidence ids; an id that is not there gives none."""
    places = {item.id: place for place, item in enumerate(report.evidence, 1)}
    return tuple(places[i] for i in ids if i in places)


def tabled(
    columns: tuple[str, ...], numeric: tuple[bool, ...], rows: Sequence[tuple[Line, ...]]
) -> Table | None:
    """A table of the rows, or ``None`` when there are none."""
    return Table(columns, numeric, tuple(rows)) if rows else None
