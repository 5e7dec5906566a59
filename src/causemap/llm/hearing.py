"""What a client tells while it works: who asks, hears, has its answer, and what is spent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from causemap.llm.budget import Limits
    from causemap.model_records import ModelCall

CallState = Literal["asked", "streaming", "done", "failed"]


@dataclass(frozen=True, slots=True)
class Used:
    """What a run's calls have used so far; ``usd`` is ``None`` where no price is known."""

    calls: int
    tokens: int
    usd: float | None
    seconds: float
    limits: Limits


@dataclass(frozen=True, slots=True)
class CallEvent:
    """One step of one call.

    ``chars`` is how much of the answer has come in (streaming), ``call`` the finished call (done;
    one answered from the record is among them), ``why`` what went wrong (failed).
    """

    agent: str
    state: CallState
    used: Used
    chars: int = 0
    call: ModelCall | None = None
    why: str = ""
