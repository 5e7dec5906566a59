"""Results to files, whole or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from causemap.errors import UsageError
from causemap.files import write_atomically

if TYPE_CHECKING:
    from pathlib import Path


def check_target(path: Path) -> None:
    """Refuse a place that cannot be written before any work is done for it."""
    if path.is_dir():
        raise UsageError(f"{path} is a folder; name a file to write.")
    if not path.absolute().parent.is_dir():
        raise UsageError(f"The folder {path.parent} does not exist; make it first.")


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text with Unix line ends; see :func:`write_bytes`."""
    write_bytes(path, text.encode("utf-8"))


def write_bytes(path: Path, data: bytes) -> None:
    """Replace ``path`` in one step, so that no reader ever sees half a file.

    Raises :class:`UsageError` when the place cannot be written.
    """
    check_target(path)
    try:
        if path.exists() and not path.is_file():  # a device or a pipe is written, never replaced
            path.write_bytes(data)
        else:
            write_atomically(path, data)
    except OSError as fault:
        raise UsageError(f"{path} cannot be written: {fault.strerror}.") from fault
