"""Politeness per host: a rate limit, and a circuit breaker that stops asking a host in trouble.

A process has one :data:`PROCESS` pacing for all its fetchers, whatever thread or event loop they
work in: several pages open at once must not ask a host more often than one. Hence the limiter of
our own: those of the libraries at hand belong to one event loop each.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from typing import Final

from causemap.tools.fetching.faults import FetchError

Clock = Callable[[], float]
# Requests a second. SEC asks for ten at most, FRED for 120 a minute.
RATE: Final = 4.0
RATES: Final = {"www.sec.gov": 5.0, "data.sec.gov": 5.0, "api.stlouisfed.org": 2.0}
FAILURES: Final = 4
COOL_DOWN: Final = 60.0
# A desk runs for weeks, and a host may ask for years.
LONGEST_REST: Final = 6 * 3_600.0


@dataclass(slots=True)
class Breaker:
    """Closed while a host answers; open after ``FAILURES`` faults in a row; then one probe."""

    clock: Clock
    failures: int = 0
    open_until: float = -math.inf
    probing: bool = False
    last: str = ""
    _lock: Lock = field(default_factory=Lock, repr=False)

    def admit(self, host: str) -> None:
        """Let a request through, or refuse it while the host rests.

        Raises:
            FetchError: the breaker is open, or a probe is already under way.
        """
        with self._lock:
            if self.failures < FAILURES:
                return
            wait = self.open_until - self.clock()
            if wait > 0 or self.probing:
                said = f"not asked for a while: {FAILURES} faults in a row, the last: {self.last}"
                raise FetchError(host, said, retry_after=max(wait, 0.0))
            self.probing = True

    def succeeded(self) -> None:
        """The host answered: closed again."""
        with self._lock:
            self.failures, self.probing = 0, False

    def failed(self, why: str, retry_after: float | None = None) -> None:
        """One more fault; rest as long as the host says, within the two bounds."""
        with self._lock:
            self.last = why
            self.failures, self.probing = self.failures + 1, False
            if self.failures >= FAILURES:
                rest = max(COOL_DOWN, min(retry_after or 0.0, LONGEST_REST))
                self.open_until = self.clock() + rest

    def abandoned(self) -> None:
        """The request was called off before an answer: a probe may be tried again."""
        self.probing = False


@dataclass(slots=True)
class Limiter:
    """``rate`` requests a second after a burst of a second's worth (at least one request).

    The generic cell rate algorithm (ITU-T I.371): ``_due`` is when the next request
    would come if all came evenly; one may be early by the burst.
    """

    rate: float
    clock: Clock
    _due: float = -math.inf
    _lock: Lock = field(default_factory=Lock, repr=False)

    def reserve(self) -> float:
        """Take the next place; the seconds to wait until it."""
        with self._lock:
            now = self.clock()
            due = max(self._due, now)
            self._due = due + 1.0 / self.rate
            return max(0.0, due - (max(1.0, self.rate) - 1.0) / self.rate - now)

    async def acquire(self) -> None:
        """Wait for the next place."""
        await asyncio.sleep(self.reserve())


@dataclass(slots=True)
class Pacing:
    """The breakers and limiters of all hosts; may be shared between threads."""

    clock: Clock = time.monotonic
    rate: float = RATE
    _breakers: dict[str, Breaker] = field(default_factory=dict)
    _limiters: dict[str, Limiter] = field(default_factory=dict)

    def breaker(self, host: str) -> Breaker:
        """The breaker of ``host``."""
        return self._breakers.setdefault(host, Breaker(self.clock))

    def limiter(self, host: str) -> Limiter:
        """The limiter of ``host``."""
        rate = min(self.rate, RATES.get(host, self.rate))
        return self._limiters.setdefault(host, Limiter(rate, self.clock))


PROCESS: Final = Pacing()
