"""A note's time against the fall: how much was done before it, how much followed at once.

TAXONOMY rule 6 turns down what is dated after :data:`causemap.causes.BREAK_SHARE` of the fall; its
policy row asks that as much of the window's move lies in the event's own window (METHODS 2.2, daily
fallback).
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from causemap.records import Note

# An event acts on the first close after it and on the next one.
EVENT_CLOSES: Final = 2
# An event over a weekend or holiday still opens the window that begins with the last close.
_EVE: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Fall:
    """A target's closes from the start close to the low: UTC times and log prices.

    At least two closes, in time order, the last one below the first. ``usual`` is the robust
    standard deviation of the log move over :data:`EVENT_CLOSES` closes before the window.
    """

    closes: tuple[datetime, ...]
    levels: tuple[float, ...]
    usual: float | None = None

    @property
    def size(self) -> float:
        """The fall from the start close to the low, in log points (positive)."""
        return self.levels[0] - self.levels[-1]

    def over(self, when: datetime) -> bool:
        """Whether the low had been made by ``when``."""
        return when >= self.closes[-1]

    def done(self, when: datetime) -> float:
        """The share of the fall made by the last close up to ``when`` (0 before the window)."""
        last = bisect_right(self.closes, when) - 1
        return 0.0 if last < 0 else self._share(0, last)

    def follows(self, when: datetime) -> float:
        """The share of the fall made over the first two closes after ``when`` (0 to 1).

        Nothing follows an event more than a day before the window.
        """
        last = bisect_right(self.closes, when) - 1
        if last < 0 and self.closes[0] - when > _EVE:
            return 0.0
        base = max(0, last)
        return self._share(base, min(len(self.closes) - 1, base + EVENT_CLOSES))

    def _share(self, first: int, last: int) -> float:
        return min(1.0, max(0.0, (self.levels[first] - self.levels[last]) / self.size))


def begun(note: Note) -> datetime:
    """When the event of a note can have happened at the earliest: its minute, or its day's start.

    Whatever moved on the day of a note known by its date only may have followed it.
    """
    if note.precision == "minute":
        return datetime.fromisoformat(note.published)
    return datetime.combine(date.fromisoformat(note.published), time(0), UTC)
