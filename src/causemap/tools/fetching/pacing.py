"""Politeness per host: a rate limit, and a circuit breaker that stops asking a host in trouble."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from aiolimiter import AsyncLimiter

from causemap.tools.fetching.faults import FetchError

Clock = Callable[[], float]
# Requests a second. SEC asks for ten at most, FRED for 120 a minute.
RATE: Final = 4.0
RATES: Final = {"www.sec.gov": 5.0, "data.sec.gov": 5.0, "api.stlouisfed.org": 2.0}
FAILURES: Final = 4
COOL_DOWN: Final = 60.0


@dataclass(slots=True)
class Breaker:
    """Closed while a host answers; open after ``FAILURES`` faults in a row; then one probe."""

    clock: Clock
    failures: int = 0
    open_until: float = -math.inf
    probing: bool = False
    last: str = ""

    def admit(self, host: str) -> None:
        """Let a request through, or refuse it while the host rests.

        Raises:
            FetchError: the breaker is open, or a probe is already under way.
        """
        if self.failures < FAILURES:
            return
        wait = self.open_until - self.clock()
        if wait > 0 or self.probing:
            said = f"not asked for a while: {FAILURES} faults in a row, the last: {self.last}"
            raise FetchError(host, said, retry_after=max(wait, 0.0))
        self.probing = True

    def succeeded(self) -> None:
        """The host answered: closed again."""
        self.failures, self.probing = 0, False

    def failed(self, why: str, retry_after: float | None = None) -> None:
        """One more fault; rest as long as the host says, at least the cool-down."""
        self.last = why
        self.failures, self.probing = self.failures + 1, False
        if self.failures >= FAILURES:
            self.open_until = self.clock() + max(COOL_DOWN, retry_after or 0.0)

    def abandoned(self) -> None:
        """The request was called off before an answer: a probe may be tried again."""
        self.probing = False


@dataclass(slots=True)
class Pacing:
    """The breakers and limiters of all hosts, shared by everything that uses one fetcher."""

    clock: Clock = time.monotonic
    rate: float = RATE
    _breakers: dict[str, Breaker] = field(default_factory=dict)
    _limiters: dict[str, AsyncLimiter] = field(default_factory=dict)

    def breaker(self, host: str) -> Breaker:
        """The breaker of ``host``."""
        return self._breakers.setdefault(host, Breaker(self.clock))

    def limiter(self, host: str) -> AsyncLimiter:
        """The limiter of ``host``."""
        if host not in self._limiters:
            rate = min(self.rate, RATES.get(host, self.rate))
            self._limiters[host] = AsyncLimiter(max(1.0, rate), max(1.0, rate) / rate)
        return self._limiters[host]
