"""The graph: four desks side by side, then the articles' claims, put together as one dossier.

A desk, or the test of the claims, that fails or overruns its time becomes a gap; the other results
stay. The handlers below, and the threads that hand them their exceptions, are the one place of the
code base where any exception is caught.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from dataclasses import replace
from functools import cache, partial
from importlib import import_module
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any, Final, ParamSpec, Protocol, TypeVar

from langgraph.errors import NodeError, NodeTimeoutError
from langgraph.graph import END, START, StateGraph
from langgraph.runtime import Runtime

from causemap import __version__
from causemap.agents.lost import LOST_DESKS, broken_files
from causemap.agents.state import ClaimsFound, DeskState, Progress, RunContext, RunState
from causemap.closed_sets import Cause, Desk
from causemap.errors import CausemapError
from causemap.records import DeskReport, Dossier, Gap, Note, Scope

if TYPE_CHECKING:
    from langgraph.graph.state import CompiledStateGraph

    from causemap.articles import Article
    from causemap.settings import Settings
    from causemap.tools.market import AsOfView

    Graph = CompiledStateGraph[RunState, RunContext, RunState, RunState]
    Measure = Callable[[Scope, AsOfView, Settings, tuple[Note, ...]], DeskReport]

P = ParamSpec("P")
T = TypeVar("T")

DESKS: Final[tuple[Desk, ...]] = ("macro", "earnings_news", "technicals", "crypto_structure")
# Seconds a desk lets another compute alone. One interpreter runs one thread at a time: four that
# compute in turns of milliseconds take half as long again as one after another. A desk that waits
# for something, or is slow, holds nobody for longer than this.
PATIENCE: Final = 0.5
# What an absent desk can no longer decide.
_WEAKENS: Final[dict[Desk, tuple[Cause, ...]]] = {
    "macro": ("rates_shock", "growth_scare", "funding_stress"),
    "earnings_news": ("ai_rerating", "policy_geopolitics"),
    "technicals": ("positioning_unwind",),
    "crypto_structure": ("liquidation_cascade", "crypto_idiosyncratic"),
}


class _Node(Protocol):
    async def __call__(self, state: RunState, *, runtime: Runtime[RunContext]) -> RunState: ...


async def _beside(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """What ``work`` returns or raises, from a thread of its own that nobody has to wait for.

    The threads of :func:`asyncio.to_thread` are waited for at the end of the loop and of the
    process, so a desk that never returns would hold the answer that was given without it.
    """
    done: Future[T] = Future()
    # As running it can no longer be cancelled, so a late result is dropped without a fault.
    done.set_running_or_notify_cancel()

    def call() -> None:
        try:
            found = work(*args, **kwargs)
        except BaseException as fault:  # noqa: BLE001  # the node that waits for it raises it
            done.set_exception(fault)
        else:
            done.set_result(found)

    Thread(target=call, name="desk", daemon=True).start()
    return await asyncio.wrap_future(done)


def _in_turn(turn: Lock, work: Callable[[], T]) -> tuple[T, float]:
    """What ``work`` returns and its seconds; alone if the others end within :data:`PATIENCE`."""
    alone = turn.acquire(timeout=PATIENCE)
    began = time.perf_counter()
    try:
        return work(), time.perf_counter() - began
    finally:
        if alone:
            turn.release()


def _desk_node(desk: Desk) -> _Node:
    async def node(state: RunState, *, runtime: Runtime[RunContext]) -> RunState:
        context = runtime.context
        context.progress(Progress(desk, "running", 0.0))
        measure: Measure = import_module(f"causemap.agents.{desk}").measure
        work = partial(measure, state["scope"], context.view, context.settings, context.notes)
        report, seconds = await _beside(_in_turn, context.turn, work)
        done: DeskState = "ok" if report.evidence else "empty"
        gaps = len(report.gaps)
        found = f"{len(report.evidence)} facts, {gaps} gap{'' if gaps == 1 else 's'}"
        context.progress(Progress(desk, done, seconds, found))
        return {"reports": [report]}

    return node


def _reason(fault: BaseException) -> str:
    """Why a step ended early, in words for its reader."""
    if isinstance(fault, CausemapError):
        return str(fault)
    if isinstance(fault, TimeoutError | NodeTimeoutError):
        return "it took longer than it may"
    return "a fault inside the program"


def _desk_failure(desk: Desk) -> Callable[..., Coroutine[Any, Any, RunState]]:
    async def handle(
        _state: RunState, *, error: NodeError, runtime: Runtime[RunContext]
    ) -> RunState:
        why = f"the desk did not finish: {_reason(error.error)}"
        runtime.context.progress(Progress(desk, "failed", 0.0, why))
        gap = Gap(LOST_DESKS[desk], "failed", why, desk, _WEAKENS[desk])
        return {"reports": [DeskReport(desk, gaps=(gap,))]}

    return handle


async def _claims(state: RunState, *, runtime: Runtime[RunContext]) -> RunState:
    """Test the articles' claims on what the desks measured."""
    context = runtime.context
    dossier = assemble(state["scope"], state["reports"], context.notes)
    found = await _beside(tested_claims, dossier, context.articles, context.view)
    return {"claims": found}


async def _claims_failure(
    _state: RunState, *, error: NodeError, runtime: Runtime[RunContext]
) -> RunState:
    del runtime
    why = f"the articles' claims were not tested to the end: {_reason(error.error)}"
    gap = Gap("the claims of the articles", "failed", why, "earnings_news")
    return {"claims": ClaimsFound(gaps=(gap,))}


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
    return graph.compile()


@cache
def claims_graph(timeout: float) -> Graph:
    """The step after the desks, a graph of its own.

    An edge from all desks to it would wait for ever for a desk whose error was handled.
    """
    graph: StateGraph[RunState, RunContext, RunState, RunState] = StateGraph(
        RunState, context_schema=RunContext
    )
    handler: Any = _claims_failure
    graph.add_node("tested", _claims, timeout=timeout, error_handler=handler)
    graph.add_edge(START, "tested")
    graph.add_edge("tested", END)
    return graph.compile()


async def _invoked(scope: Scope, context: RunContext) -> RunState:
    """The desks' reports, then the claims of the articles, if there are any."""
    timeout = context.settings.desk_timeout
    begin: RunState = {"scope": scope, "reports": []}
    # The library types its answer as a plain dict of the state's keys.
    found: Any = await build_graph(timeout).ainvoke(begin, context=context)
    if context.articles:
        found = await claims_graph(timeout).ainvoke(found, context=context)
    state: RunState = found
    return state


def run(
    scope: Scope,
    view: AsOfView,
    notes: tuple[Note, ...],
    settings: Settings,
    progress: Callable[[Progress], None] | None = None,
    articles: tuple[Article, ...] = (),
) -> Dossier:
    """Run the desks on a scope and return what they found, if only gaps.

    Claims of ``articles`` are tested once the desks have measured.
    """
    context = RunContext(view, settings, notes, progress or (lambda _: None), articles)
    state = asyncio.run(_invoked(scope, context))
    dossier = assemble(scope, state["reports"], notes)
    found = _joined(dossier, state.get("claims", ClaimsFound()))
    found = replace(found, gaps=(*broken_files(view.market), *found.gaps))
    if settings.llm == "auto" and settings.model is not None:
        from causemap.agents.model_progress import telling
        from causemap.agents.model_run import enrich

        heard = telling(context.progress)
        return enrich(found, settings.model, view=lambda: view, articles=articles, heard=heard)
    return found


def tested_claims(dossier: Dossier, articles: tuple[Article, ...], view: AsOfView) -> ClaimsFound:
    """The articles' claims, tested on the tape and on what the dossier holds."""
    from causemap.tools.claims import check
    from causemap.tools.claims.checking import MAX_ARTICLES

    checked = check(articles, dossier.scope, view, dossier.evidence, dossier.notes)
    gaps: tuple[Gap, ...] = ()
    if checked.left_out:
        why = f"more than {MAX_ARTICLES} were given: the {checked.left_out} earliest were not read"
        gaps = (Gap("the claims of all articles", "not_covered", why, "earnings_news"),)
    return ClaimsFound(checked.claims, checked.evidence, gaps)


def _joined(dossier: Dossier, found: ClaimsFound) -> Dossier:
    return replace(
        dossier,
        evidence=(*dossier.evidence, *found.evidence),
        gaps=(*dossier.gaps, *found.gaps),
        claims=found.claims,
    )
