"""Writers take turns, in whatever process they are."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

from causemap.errors import IncompleteError

PATIENCE: Final = 600.0


class WriterTurns:
    """A lock on a file: released by the system when its holder dies."""

    def __init__(self, path: Path) -> None:
        """The file is made when the lock is first taken."""
        self._folder = path.parent
        self._lock = FileLock(path)

    @contextmanager
    def mine(self) -> Iterator[None]:
        """Wait for the turn and hold it.

        Raises IncompleteError after ten minutes, or where the folder cannot be written.
        """
        try:
            self._lock.acquire(timeout=PATIENCE)
        except Timeout:
            raise IncompleteError(
                f"Another process has been writing to {self._folder} for {PATIENCE:.0f} s; "
                "wait for it or stop it."
            ) from None
        except OSError as fault:
            raise IncompleteError(
                f"The library folder {self._folder} cannot be written ({fault.strerror})."
            ) from fault
        try:
            yield
        finally:
            self._lock.release()

    @contextmanager
    def if_free(self) -> Iterator[bool]:
        """Hold the turn if nobody has it; whether it is held."""
        try:
            self._lock.acquire(timeout=0)
        except OSError:
            # Another's turn (a timeout is one of these), or a folder that cannot be written.
            yield False
            return
        try:
            yield True
        finally:
            self._lock.release()
