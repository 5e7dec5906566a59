"""What travels along the graph, and what each run is given beside it."""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from typing import Annotated, Literal, TypedDict

from causemap.articles import Article
from causemap.closed_sets import Desk
from causemap.records import Claim, DeskReport, Evidence, Gap, Note, Scope
from causemap.settings import Settings
from causemap.tools.market import AsOfView

DeskState = Literal["running", "ok", "empty", "failed"]


@dataclass(frozen=True, slots=True)
class Progress:
    """One line of progress: a desk, or an agent of a model beside them, and what became of it.

    ``desk`` is a desk's name or an agent's row (:mod:`causemap.agents.model_progress`).
    """

    desk: Desk | str
    state: DeskState
    seconds: float
    said: str = ""


@dataclass(frozen=True, slots=True)
class RunContext:
    """What a run is given: the view, the notes, settings, where progress goes, the articles.

    Who holds ``turn`` computes; the others wait for it a little (:mod:`causemap.agents.graph`).
    """

    view: AsOfView
    settings: Settings
    notes: tuple[Note, ...] = ()
    progress: Callable[[Progress], None] = lambda _: None
    articles: tuple[Article, ...] = ()
    turn: Lock = field(default_factory=Lock)


class RunState(TypedDict, total=False):
    """State of the graph; desks write side by side, so their reports are added up.

    ``claims`` is written once, by the step after the desks.
    """

    scope: Scope
    reports: Annotated[list[DeskReport], operator.add]
    claims: ClaimsFound


@dataclass(frozen=True, slots=True)
class ClaimsFound:
    """The articles' claims with what they were tested with, or why there are none."""

    claims: tuple[Claim, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    gaps: tuple[Gap, ...] = ()
