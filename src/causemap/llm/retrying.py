"""The one owner of retries: which failures are tried again, when, and until when.

Tried again: 429 (after what ``Retry-After`` asks for), 408, 5xx, lost connections and timeouts, up
to three attempts within the call's deadline. Never any other 4xx. The pause doubles from half a
second with full jitter.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, TypeVar

import openai

from causemap.errors import ModelError

ATTEMPTS: Final = 3
_FIRST_PAUSE: Final = 0.5
_TOO_MANY: Final = 429
_REQUEST_TIMEOUT: Final = 408
Made = TypeVar("Made")


class Refused(ModelError):
    """The server will not do this call as asked; ``status`` is what it answered."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


def _jitter() -> float:
    return random.random()  # noqa: S311 - spreads retries in time, nothing secret


@dataclass(frozen=True, slots=True)
class Clock:
    """Time as a call sees it; a test puts its own in place."""

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    jitter: Callable[[], float] = _jitter


async def attempt(
    call: Callable[[float], Awaitable[Made]],
    deadline: float,
    clock: Clock,
    retried: frozenset[int] = frozenset(range(500, 600)),
) -> Made:
    """Make a call, again if it fails in passing, until ``deadline`` (of the clock).

    ``call`` is given the seconds that are left. Raises :class:`Refused` for a status that is not
    retried, else :class:`ModelError`.
    """
    for tried in range(1, ATTEMPTS + 1):
        left = deadline - clock.now()
        if left <= 0:
            raise ModelError("the call's time is over")
        try:
            return await asyncio.wait_for(call(left), left)
        except TimeoutError:
            raise ModelError("the server did not answer in time") from None
        except openai.APIError as fault:
            pause = _pause(fault, tried, clock, retried)
            if tried == ATTEMPTS or clock.now() + pause >= deadline:
                raise _given_up(fault, tried) from None
        await clock.sleep(pause)
    raise ModelError("no attempt was made")


def _pause(fault: openai.APIError, tried: int, clock: Clock, retried: frozenset[int]) -> float:
    """Seconds until the next attempt; raises what must not be tried again."""
    grown: float = _FIRST_PAUSE * 2 ** (tried - 1) * (0.5 + 0.5 * clock.jitter())
    if not isinstance(fault, openai.APIStatusError):
        return grown
    if fault.status_code == _TOO_MANY:
        return max(grown, _asked_for(fault))
    if fault.status_code == _REQUEST_TIMEOUT or fault.status_code in retried:
        return grown
    raise Refused(fault.status_code, f"the server answered {fault.status_code}") from None


def _asked_for(fault: openai.APIStatusError) -> float:
    """Seconds that ``Retry-After`` asks for; an unreadable one asks for nothing."""
    try:
        return max(0.0, float(fault.response.headers.get("retry-after", "0")))
    except ValueError:
        return 0.0


def _given_up(fault: openai.APIError, tried: int) -> ModelError:
    times = f"{tried} attempt{'' if tried == 1 else 's'}"
    if isinstance(fault, openai.APIStatusError):
        why = f"the server answered {fault.status_code} ({times})"
        return Refused(fault.status_code, why)
    if isinstance(fault, openai.APITimeoutError):
        return ModelError(f"the server did not answer in time ({times})")
    if isinstance(fault, openai.APIConnectionError):
        return ModelError(f"the server could not be reached ({times})")
    return ModelError(f"the server broke off with an error ({times})")
