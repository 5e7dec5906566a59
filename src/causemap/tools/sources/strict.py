"""Reading answers strictly: what is not of the documented shape raises, and is never guessed."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Final
from xml.etree.ElementTree import Element, ParseError

from causemap.tools.fetching.faults import SchemaChanged

if TYPE_CHECKING:
    from causemap.tools.fetch import Fetched

# Exchanges write milliseconds; anything outside 2009 to 2100 is another unit or a fault.
_FIRST: Final = 1_230_000_000
_LAST: Final = 4_100_000_000


@dataclass(frozen=True, slots=True)
class Strict:
    """The reader of one source; its name stands in every complaint."""

    source: str

    def json(self, fetched: Fetched) -> object:
        """The body as JSON."""
        try:
            return json.loads(fetched.body)
        except (ValueError, RecursionError) as fault:
            raise self.wrong("the body is not JSON") from fault

    def table(self, fetched: Fetched) -> list[dict[str, str]]:
        """The body as CSV with a header line."""
        try:
            text = fetched.body.decode("utf-8-sig")
            rows = list(csv.DictReader(io.StringIO(text), strict=True))
        except (UnicodeDecodeError, csv.Error) as fault:
            raise self.wrong("the body is not a table") from fault
        if any(None in row or None in row.values() for row in rows):
            raise self.wrong("a line of the table is short or long")
        return rows

    def tree(self, fetched: Fetched) -> Element:
        """The body as XML, without document types or entities."""
        from defusedxml import DefusedXmlException
        from defusedxml.ElementTree import fromstring

        try:
            root = fromstring(fetched.body, forbid_dtd=True)
        except (ParseError, DefusedXmlException, ValueError) as fault:
            raise self.wrong("the body is not plain XML") from fault
        if root is None:
            raise self.wrong("the body is empty")
        return root

    def at(self, value: object, *path: str) -> object:
        """The value under a path of keys."""
        for key in path:
            if not isinstance(value, Mapping) or key not in value:
                raise self.wrong(f"no field {key!r}")
            value = value[key]
        return value

    def rows(self, value: object, *path: str) -> list[object]:
        """The list under a path of keys."""
        found = self.at(value, *path)
        if not isinstance(found, list):
            raise self.wrong(f"field {'.'.join(path) or 'body'!r} is not a list")
        return found

    def cells(self, row: object, least: int) -> list[object]:
        """A row that is a list of at least so many cells."""
        if not isinstance(row, list) or len(row) < least:
            raise self.wrong(f"a row has fewer than {least} cells")
        return row

    def text(self, value: object) -> str:
        """A text."""
        if not isinstance(value, str):
            raise self.wrong(f"{value!r:.40} is not a text")
        return value

    def number(self, value: object) -> float:
        """A finite number, also when written as a text."""
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            raise self.wrong(f"{value!r:.40} is not a number")
        try:
            found = float(value)
        except ValueError as fault:
            raise self.wrong(f"{value!r:.40} is not a number") from fault
        if not math.isfinite(found):
            raise self.wrong(f"{value!r:.40} is not a finite number")
        return found

    def day(self, value: object) -> date:
        """A date written YYYY-MM-DD, with or without a time behind it."""
        try:
            return date.fromisoformat(self.text(value)[:10])
        except ValueError as fault:
            raise self.wrong(f"{value!r:.40} is not a date") from fault

    def moment(self, value: object, *, per_second: int = 1000) -> datetime:
        """A time counted since 1970, by default in milliseconds."""
        seconds = self.number(value) / per_second
        if not _FIRST <= seconds <= _LAST:
            raise self.wrong(f"{value!r:.40} is not a time of this century")
        return datetime.fromtimestamp(seconds, UTC)

    def wrong(self, what: str) -> SchemaChanged:
        """The error to raise, naming the source."""
        return SchemaChanged(f"{self.source}: {what}; the format may have changed")
