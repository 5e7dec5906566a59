"""Which pages behind feeds wait to be read, and which were asked before: a file of the library.

The file is written in one step after every change. If it is lost, pages are asked for once more;
the library knows their words and stores nothing twice.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from causemap.articles import Article
from causemap.errors import SourceError, UsageError
from causemap.files import write_atomically
from causemap.tools.library.moments import iso, moment_of

if TYPE_CHECKING:
    from causemap.tools.sources.behind import Unread

State = Literal["waiting", "done", "refused", "later"]
# After how long a page in each state is forgotten; a feed that still names it makes it wait again.
KEPT: Final[dict[State, timedelta]] = {
    "waiting": timedelta(days=4),
    "done": timedelta(days=30),
    "refused": timedelta(days=3),
    "later": timedelta(hours=1),
}
# Older news is not worth a visit: the feed's own words of it are kept anyway.
RECENT: Final = timedelta(days=4)
MAX_WAITING: Final = 500


@dataclass(frozen=True, slots=True)
class Row:
    """What became of an address; ``entry`` is what the feed said, while its page waits."""

    state: State
    at: datetime
    entry: Article | None = None


@dataclass(slots=True)
class Waiting:
    """The rows by address."""

    path: Path
    rows: dict[str, Row] = field(default_factory=dict)

    @classmethod
    def opened(cls, path: Path) -> Waiting:
        """What the file says; nothing when there is none or it cannot be read."""
        try:
            return cls(path, {url: _row(raw) for url, raw in json.loads(path.read_bytes()).items()})
        except (OSError, ValueError, TypeError, KeyError, AttributeError, UsageError):
            return cls(path)

    def add(self, entries: Iterable[Article], now: datetime) -> None:
        """Let the pages of recent entries wait that were not asked for lately."""
        self.rows = {u: row for u, row in self.rows.items() if now - row.at < KEPT[row.state]}
        for entry in entries:
            if entry.url and now - moment_of(entry.published) < RECENT:
                self.rows.setdefault(entry.url, Row("waiting", now, entry))
        newest = sorted(self.due(now), key=lambda e: moment_of(e.published), reverse=True)
        for entry in newest[MAX_WAITING:]:
            self.rows.pop(entry.url or "", None)
        self._save()

    def due(self, now: datetime) -> list[Article]:
        """The entries whose pages wait."""
        rows = (row for row in self.rows.values() if row.state == "waiting")
        return [r.entry for r in rows if r.entry and now - r.at < KEPT["waiting"]]

    def done(self, articles: Iterable[Article], now: datetime) -> None:
        """These pages are in the library."""
        self.rows |= {article.url: Row("done", now) for article in articles if article.url}
        self._save()

    def refused(self, page: Unread, now: datetime) -> None:
        """This page gave no text."""
        self.rows[page.url] = Row("later" if page.later else "refused", now)
        self._save()

    def _save(self) -> None:
        body = {
            url: {"state": r.state, "at": iso(r.at), "entry": r.entry and asdict(r.entry)}
            for url, r in self.rows.items()
        }
        try:
            write_atomically(self.path, json.dumps(body, ensure_ascii=False, indent=0).encode())
        except OSError as fault:
            raise SourceError(f"{self.path} cannot be written ({fault.strerror})") from fault


def _row(raw: dict[str, Any]) -> Row:
    if raw["state"] not in KEPT:
        raise ValueError(raw["state"])
    entry = Article(**raw["entry"]) if raw["entry"] else None
    return Row(raw["state"], moment_of(raw["at"]), entry)
