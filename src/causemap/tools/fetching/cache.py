"""Answers kept on disk, keyed by source, address, as-of and code version.

One file holds one answer: a line of JSON about it, then the body. Only whole answers that a source
has read without complaint are stored. An entry is never shown to a run whose as-of lies before it
was written. In replay the folder is only read.
"""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from causemap._version import __version__
from causemap.files import write_atomically

FORMAT: Final = 1
KEPT: Final = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Entry:
    """What is kept about an answer; times are ISO 8601 in UTC."""

    url: str
    status: int
    content_type: str
    retrieved_at: str
    etag: str
    last_modified: str
    sha256: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Cache:
    """A folder of answers."""

    folder: Path
    version: str = f"{__version__}/{FORMAT}"

    def load(self, source: str, url: str, as_of: datetime | None) -> Entry | None:
        """The stored answer, or none when there is none, it is damaged, or it came too late."""
        try:
            head, _, body = self._path(source, url, as_of).read_bytes().partition(b"\n")
            entry = Entry(**json.loads(head), body=body)
            whole = hashlib.sha256(body).hexdigest() == entry.sha256
            late = as_of is not None and datetime.fromisoformat(entry.retrieved_at) > as_of
        except (OSError, ValueError, TypeError):
            return None
        return entry if whole and not late else None

    def store(self, source: str, url: str, as_of: datetime | None, entry: Entry) -> None:
        """Keep an answer, replacing an older one in one step; a full disk costs no answer."""
        about = asdict(entry)
        del about["body"]
        line = json.dumps(about, sort_keys=True).encode()
        with suppress(OSError):
            write_atomically(self._path(source, url, as_of), line + b"\n" + entry.body)

    def prune(self, now: datetime) -> int:
        """Remove entries not written for :data:`KEPT`; how many there were.

        A recording meant for replay is kept by pointing ``replay`` at a folder of its own.
        """
        old = (now - KEPT).timestamp()
        gone = 0
        for path in self.folder.glob("*.http"):
            # Another process may have been here first, or the folder may not be written.
            with suppress(OSError):
                if path.stat().st_mtime < old:
                    path.unlink()
                    gone += 1
        return gone

    def _path(self, source: str, url: str, as_of: datetime | None) -> Path:
        moment = "live" if as_of is None else as_of.isoformat()
        key = f"{source}\n{url}\n{moment}\n{self.version}"
        return self.folder / f"{hashlib.sha256(key.encode()).hexdigest()}.http"
