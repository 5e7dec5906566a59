"""What travels along the graph, and what each run is given beside it."""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Literal, TypedDict

from causemap.closed_sets import Desk
from causemap.records import DeskReport, Note, Scope
from causemap.settings import Settings
from causemap.tools.market import AsOfView

DeskState = Literal["running", "ok", "empty", "failed"]


@dataclass(frozen=True, slots=True)
class Progress:
    """One line of progress: a desk and what became of it."""

    desk: Desk
    state: DeskState
    seconds: float
    said: str = ""


@dataclass(frozen=True, slots=True)
class RunContext:
    """What a run is given: the as-of view, the notes, the settings and where progress goes."""

    view: AsOfView
    settings: Settings
    notes: tuple[Note, ...] = ()
    progress: Callable[[Progress], None] = lambda _: None


class RunState(TypedDict, total=False):
    """State of the graph; desks write side by side, so their reports are added up."""

    scope: Scope
    reports: Annotated[list[DeskReport], operator.add]


__all__ = ["DeskState", "Progress", "RunContext", "RunState"]
