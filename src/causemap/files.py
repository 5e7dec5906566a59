"""Files written in one step (the old bytes or the new ones), and a user's files read whole."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from causemap.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path


def write_atomically(path: Path, data: bytes) -> None:
    """Write ``data`` beside ``path``, flush it to disk, then put it in place.

    A process that dies on the way leaves the old file untouched (and at most a hidden part file
    ending in ``.part``). Who may read the new one is what the user's mask says.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{os.urandom(8).hex()}.part")
    try:
        with part.open("xb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
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
        # Not by its size: a pipe has none, and a file may grow.
        with path.open("rb") as file:
            whole = file.read(most + 1)
    except OSError as fault:
        raise UsageError(f"{named} cannot be read: {fault.strerror}.") from fault
    if len(whole) > most:
        raise UsageError(f"{named} is larger than {most // 1_000_000} MB; split it.")
    return whole
