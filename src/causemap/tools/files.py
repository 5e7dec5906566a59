"""Files written in one step (the old bytes or the new ones), and a user's files read whole."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from causemap.errors import UsageError


def write_atomically(path: Path, data: bytes) -> None:
    """Write ``data`` beside ``path``, flush it to disk, then put it in place.

    A process that dies on the way leaves the old file untouched (and at most a hidden part file
    ending in ``.part``).
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        part.chmod(0o644)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def read_whole(path: Path, most: int, what: str = "") -> bytes:
    """The bytes of a file of the user's, at most ``most``; ``what`` names its kind in a fault.

    Raises:
        UsageError: it is larger, or cannot be read.
    """
    named = f"{what} {path}" if what else f"{path}"
    try:
        if path.stat().st_size > most:
            raise UsageError(f"{named} is larger than {most // 1_000_000} MB; split it.")
        return path.read_bytes()
    except OSError as fault:
        raise UsageError(f"{named} cannot be read: {fault.strerror}.") from fault
