"""Tokens, money and time: reserved before a call, settled after it, per run and per day.

A call may start only if what is spent, what calls in flight have reserved, and its own
reservation stay within every limit; parallel calls can therefore not add up past it. A call that
turns out dearer than its reservation overshoots by that difference at most, and nothing starts
after it. Reservations are upper estimates, so that takes a server that counts otherwise.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, NamedTuple

from causemap.errors import ModelError
from causemap.llm.recording import on_disk, write_whole

if TYPE_CHECKING:
    from pathlib import Path

# Seconds to wait for another process that writes the day's record: it does so in milliseconds.
_PATIENCE: Final = 30.0


class BudgetSpent(ModelError):
    """A limit would be passed: no call is made, the best answer so far stands."""


class Cost(NamedTuple):
    """Tokens (prompt and completion) and US dollars."""

    tokens: int = 0
    usd: float = 0.0

    def plus(self, other: Cost) -> Cost:
        """Both together."""
        return Cost(self.tokens + other.tokens, self.usd + other.usd)

    def less(self, other: Cost) -> Cost:
        """This without the other."""
        return Cost(self.tokens - other.tokens, self.usd - other.usd)


@dataclass(frozen=True, slots=True)
class Limits:
    """What a run and a day may use; ``seconds`` counts from the run's first call."""

    run: Cost
    day: Cost
    seconds: float


class Day:
    """What has been used today (UTC), in a file that several processes may share."""

    def __init__(self, folder: Path, today: Callable[[], datetime] | None = None) -> None:
        self._folder = folder
        self._today = today or (lambda: datetime.now(UTC))

    @property
    def path(self) -> Path:
        """The file of the present day."""
        return self._folder / f"used-{self._today():%Y-%m-%d}.json"

    def hold(self, cost: Cost, within: Cost) -> Path | None:
        """Add a cost to the present day and return its file; ``None`` if that passes ``within``."""
        path = self.path
        return path if self._add(path, cost, within) else None

    def settle(self, path: Path, cost: Cost) -> None:
        """Correct a day's total by the difference between what was held and what was spent."""
        self._add(path, cost, None)

    def _add(self, path: Path, cost: Cost, within: Cost | None) -> bool:
        from filelock import FileLock, Timeout

        with on_disk():
            self._folder.mkdir(parents=True, exist_ok=True)
            try:
                with FileLock(f"{path}.lock", timeout=_PATIENCE):
                    total = _read(path).plus(cost)
                    if within is not None and _over(total, within):
                        return False
                    write_whole(path, json.dumps(total._asdict()))
            except Timeout as fault:
                raise ModelError(
                    f"another process holds the record of today's use, {path.name}"
                ) from fault
        return True

    def used(self) -> Cost:
        """The cost so far."""
        return _read(self.path)


def _read(path: Path) -> Cost:
    try:
        with on_disk(FileNotFoundError):
            raw = json.loads(path.read_text(encoding="utf-8"))
        return Cost(int(raw["tokens"]), float(raw["usd"]))
    except FileNotFoundError:
        return Cost()
    except (ValueError, KeyError, TypeError) as fault:
        raise ModelError(
            f"the record of today's use, {path.name}, is damaged; remove it"
        ) from fault


def _over(total: Cost, limit: Cost) -> bool:
    return total.tokens > limit.tokens or total.usd > limit.usd + 1e-9


@dataclass
class Budget:
    """The budget of one run; thread-safe."""

    limits: Limits
    day: Day | None = None
    clock: Callable[[], float] = time.monotonic
    spent: Cost = field(default_factory=Cost)
    reserved: Cost = field(default_factory=Cost)
    _began: float | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def seconds_left(self) -> float:
        """Seconds until the run's time is over; all of them before the first call."""
        if self._began is None:
            return self.limits.seconds
        return self.limits.seconds - (self.clock() - self._began)

    @contextmanager
    def reserve(self, cost: Cost) -> Iterator[Bill]:
        """Hold ``cost`` while a call runs; what the bill says in the end is what was spent.

        Raises :class:`BudgetSpent` if a limit would be passed.
        """
        held_on = self._hold(cost)
        bill = Bill()
        try:
            yield bill
        finally:
            self._settle(cost, bill.cost, held_on)

    def _hold(self, cost: Cost) -> Path | None:
        with self._lock:
            if self._began is None:
                self._began = self.clock()
            if self.seconds_left <= 0:
                raise BudgetSpent(f"the run's {self.limits.seconds:g} seconds are over")
            if _over(self.spent.plus(self.reserved).plus(cost), self.limits.run):
                raise BudgetSpent("the run's budget of tokens or money is spent")
            held_on = None if self.day is None else self.day.hold(cost, self.limits.day)
            if self.day is not None and held_on is None:
                raise BudgetSpent("the day's budget of tokens or money is spent")
            self.reserved = self.reserved.plus(cost)
            return held_on

    def _settle(self, held: Cost, cost: Cost, held_on: Path | None) -> None:
        with self._lock:
            self.reserved = self.reserved.less(held)
            self.spent = self.spent.plus(cost)
            if self.day is not None and held_on is not None:
                # A call over midnight is settled on the day that held it.
                self.day.settle(held_on, cost.less(held))


@dataclass
class Bill:
    """What a call really cost, filled in while the reservation is held."""

    cost: Cost = field(default_factory=Cost)

    def add(self, cost: Cost) -> None:
        """Add one attempt's cost."""
        self.cost = self.cost.plus(cost)
