"""Progress of model calls as rows beside the desks': who asks, who has its answer, what is spent.

Each agent is one row of its own name (``reader_1``, ``macro_agent``, ``sceptic``, ``writer``,
``repair``), with the same states as a desk's. ``said`` is ready to show: the calls, tokens, money
and seconds of the run so far, each against its limit.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from causemap.agents.state import DeskState, Progress
from causemap.llm.hearing import CallEvent, CallState, Used

if TYPE_CHECKING:
    from causemap.llm.budget import Limits

# A stream tells of every few characters; a row changes once in this many.
_STEP: Final = 1_000
_STATES: Final[dict[CallState, DeskState]] = {
    "asked": "running",
    "streaming": "running",
    "done": "ok",
    "failed": "failed",
}


def row_of(agent: str) -> str:
    """An agent's row: ``reader.0`` is ``reader_1``, ``desk.macro`` is ``macro_agent``."""
    kind, _, which = agent.partition(".")
    if kind == "reader" and which.isdecimal():
        return f"reader_{int(which) + 1}"
    return f"{which}_agent" if kind == "desk" else agent


def spent(used: Used) -> str:
    """What a run has used, each figure against its limit; an unknown price is said."""
    limits: Limits = used.limits
    price = (
        "cost not known" if used.usd is None else f"about ${used.usd:.4f} of ${limits.run.usd:.2f}"
    )
    return (
        f"{used.calls} call{'' if used.calls == 1 else 's'}, "
        f"{used.tokens:,} of {limits.run.tokens:,} tokens, {price}, "
        f"{used.seconds:.0f} of {limits.seconds:.0f} s"
    )


def telling(progress: Callable[[Progress], None]) -> Callable[[CallEvent], None]:
    """A listener for a client that passes its events on as rows of progress."""
    shown: dict[str, int] = {}

    def heard(event: CallEvent) -> None:
        if event.state == "streaming":
            step = event.chars // _STEP
            if step <= shown.get(event.agent, 0):
                return
            shown[event.agent] = step
        else:
            shown.pop(event.agent, None)
        progress(_row(event))

    return heard


def _row(event: CallEvent) -> Progress:
    said = spent(event.used)
    if event.state == "streaming":
        said = f"{event.chars:,} characters so far; {said}"
    if event.state == "failed":
        said = f"{event.why}; {said}"
    seconds = 0.0 if event.call is None else event.call.seconds
    return Progress(row_of(event.agent), _STATES[event.state], seconds, said)
