"""Long histories of the exchanges, read page by page, forwards or backwards in time."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Final, Protocol, TypeVar

# More than this and the source is not moving on, or the span is not one for an interface.
MAX_PAGES: Final = 80


class Dated(Protocol):
    """A row with a time."""

    @property
    def at(self) -> datetime:
        """When, UTC."""


R = TypeVar("R", bound=Dated)


async def forwards(read: Callable[[int], Awaitable[list[R]]], start: int, size: int) -> list[R]:
    """Rows from ``start`` (milliseconds) on; ``read(start)`` gives a page of at most ``size``.

    A page that is not full is the last; so is one that brings nothing later than the page before.
    """
    found: dict[datetime, R] = {}
    for _ in range(MAX_PAGES):
        page = await read(start)
        found |= {row.at: row for row in page}
        last = max((_millis(row.at) for row in page), default=start)
        if len(page) < size or last < start:
            break
        start = last + 1
    return [found[at] for at in sorted(found)]


async def backwards(
    read: Callable[[int], Awaitable[list[R]]], start: int, now: int, size: int
) -> list[R]:
    """Rows back to ``start``; ``read(before)`` gives at most ``size`` rows earlier than that."""
    found: list[R] = []
    before = now
    for _ in range(MAX_PAGES):
        page = await read(before)
        found += page
        first = min((_millis(row.at) for row in page), default=before)
        if len(page) < size or first >= before or first <= start:
            break
        before = first
    return sorted(found, key=lambda row: row.at)


def _millis(at: datetime) -> int:
    return int(at.timestamp() * 1000)
