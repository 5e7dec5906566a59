"""The graph: four desks side by side, their reports put together as one dossier.

A desk that fails or overruns its time becomes a gap; the other desks' results stay. The handler
below is the one place of the code base where any exception is caught.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, Protocol

from langgraph.errors import NodeError
from langgraph.graph import END, START, StateGraph
from langgraph.runtime import Runtime

from causemap import __version__
from causemap.agents.state import DeskState, Progress, RunContext, RunState
from causemap.closed_sets import Cause, Desk
from causemap.records import DeskReport, Dossier, Gap, Note, Scope

if TYPE_CHECKING:
    from langgraph.graph.state import CompiledStateGraph

    from causemap.settings import Settings
    from causemap.tools.market import AsOfView

    Graph = CompiledStateGraph[RunState, RunContext, RunState, RunState]

DESKS: Final[tuple[Desk, ...]] = ("macro", "earnings_news", "technicals", "crypto_structure")
# What an absent desk can no longer decide.
_WEAKENS: Final[dict[Desk, tuple[Cause, ...]]] = {
    "macro": ("rates_shock", "growth_scare", "funding_stress"),
    "earnings_news": ("ai_rerating", "policy_geopolitics"),
    "technicals": ("positioning_unwind",),
    "crypto_structure": ("liquidation_cascade", "crypto_idiosyncratic"),
}


class _DeskNode(Protocol):
    async def __call__(self, state: RunState, *, runtime: Runtime[RunContext]) -> RunState: ...


def _desk_node(desk: Desk) -> _DeskNode:
    async def node(state: RunState, *, runtime: Runtime[RunContext]) -> RunState:
        context = runtime.context
        context.progress(Progress(desk, "running", 0.0))
        began = time.perf_counter()
        measure = import_module(f"causemap.agents.{desk}").measure
        report: DeskReport = await asyncio.to_thread(
            measure, state["scope"], context.view, context.settings, context.notes
        )
        seconds = time.perf_counter() - began
        done: DeskState = "ok" if report.evidence else "empty"
        gaps = len(report.gaps)
        found = f"{len(report.evidence)} facts, {gaps} gap{'' if gaps == 1 else 's'}"
        context.progress(Progress(desk, done, seconds, found))
        return {"reports": [report]}

    return node


def _desk_failure(desk: Desk) -> Callable[..., Coroutine[Any, Any, RunState]]:
    async def handle(
        _state: RunState, *, error: NodeError, runtime: Runtime[RunContext]
    ) -> RunState:
        fault = type(error.error).__name__
        why = f"the desk did not finish ({fault})"
        runtime.context.progress(Progress(desk, "failed", 0.0, why))
        gap = Gap(f"the {desk.replace('_', ' ')} desk", "failed", why, desk, _WEAKENS[desk])
        return {"reports": [DeskReport(desk, gaps=(gap,))]}

    return handle


def assemble(scope: Scope, reports: list[DeskReport], notes: tuple[Note, ...] = ()) -> Dossier:
    """One dossier from the desks' reports, in the fixed order of the desks."""
    ordered = sorted(reports, key=lambda report: DESKS.index(report.desk))
    return Dossier(
        scope=scope,
        evidence=tuple(e for report in ordered for e in report.evidence),
        gaps=tuple(dict.fromkeys(g for report in ordered for g in report.gaps)),
        markers=tuple(
            sorted((m for r in ordered for m in r.markers), key=lambda m: (m.at, m.kind, m.label))
        ),
        onsets=tuple(
            sorted((o for r in ordered for o in r.onsets), key=lambda o: (o.high, o.low, o.name))
        ),
        paths=tuple(p for report in ordered for p in report.paths),
        decompositions=tuple(d for report in ordered for d in report.decompositions),
        notes=notes,
        versions=(("causemap", __version__),),
    )


@cache
def build_graph(desk_timeout: float) -> Graph:
    """Compile the graph; ``desk_timeout`` in seconds bounds each desk."""
    graph: StateGraph[RunState, RunContext, RunState, RunState] = StateGraph(
        RunState, context_schema=RunContext
    )
    for desk in DESKS:
        # LangGraph hands the handler its error by name, which its own node types do not know.
        handler: Any = _desk_failure(desk)
        graph.add_node(desk, _desk_node(desk), timeout=desk_timeout, error_handler=handler)
        graph.add_edge(START, desk)
        graph.add_edge(desk, END)
    return graph.compile()


def run(
    scope: Scope,
    view: AsOfView,
    notes: tuple[Note, ...],
    settings: Settings,
    progress: Callable[[Progress], None] | None = None,
) -> Dossier:
    """Run the desks on a scope and return what they found, if only gaps."""
    context = RunContext(view, settings, notes, progress or (lambda _: None))
    graph = build_graph(settings.desk_timeout)
    state = asyncio.run(graph.ainvoke({"scope": scope, "reports": []}, context=context))
    dossier = assemble(scope, state["reports"], notes)
    if settings.llm == "auto" and settings.model is not None:
        from causemap.agents.model_run import enrich

        return enrich(dossier, settings.model, view=lambda: view)
    return dossier
