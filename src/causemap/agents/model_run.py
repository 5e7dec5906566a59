"""A run's part for language models: readers beside desks, the sceptic, the writer, one repair.

Four stages at most, however many articles: what runs side by side is one stage. An answer without
the form asked for is asked for once more, beside the stage after it: readers and desks beside the
sceptic, the sceptic beside the writer, the writer in place of the repair. Each contribution is
optional: a call that fails leaves its place empty, is named in ``failures``, and the engine's own
form stands. What comes back is a dossier; from it the report follows without a server.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any, Final, cast

from langgraph.errors import NodeError
from langgraph.graph import END, START, StateGraph
from langgraph.runtime import Runtime
from langgraph.types import Send

from causemap.agents import extra_measures
from causemap.agents.conclude import story_of
from causemap.agents.desk_agents import DeskWord, ask_desk, table
from causemap.agents.model_state import (
    DESKS,
    Broken,
    ModelContext,
    ModelState,
    ordered,
    so_far,
    sound_findings,
)
from causemap.agents.readers import ask_reader, batches, claims_of
from causemap.agents.sceptic import ask_sceptic
from causemap.agents.told import check, sound
from causemap.agents.writer import repair, write
from causemap.closed_sets import Desk
from causemap.errors import ModelError, UsageError
from causemap.llm.client import Client
from causemap.llm.hearing import CallEvent
from causemap.llm.parsing import Unreadable
from causemap.model_records import ModelPart, ModelSentence
from causemap.records import Dossier, Report

if TYPE_CHECKING:
    from langgraph.graph.state import CompiledStateGraph

    from causemap.articles import Article
    from causemap.settings import ModelSettings
    from causemap.tools.market import AsOfView

LANGUAGES: Final = ("en", "zh")


_Step = Callable[[ModelState, ModelContext, Unreadable | None], Coroutine[Any, Any, ModelState]]


async def _read(state: ModelState, context: ModelContext, after: Unreadable | None) -> ModelState:
    number = state["batch"]
    sources = context.batches[number]
    answer = await ask_reader(context.client, number, sources, after)
    return {"claims": [(number, claims_of(answer, sources, context.dossier))]}


def _desk(desk: Desk) -> _Step:
    async def step(
        _state: ModelState, context: ModelContext, after: Unreadable | None
    ) -> ModelState:
        offered = context.view is not None and after is None
        word = await ask_desk(context.client, context.dossier, desk, offered=offered, after=after)
        return {"words": [word]}

    return step


async def _again(state: ModelState, context: ModelContext, _after: Unreadable | None) -> ModelState:
    """Second turns: of desks that asked for a measurement, and where an answer was broken."""
    parts = await asyncio.gather(
        _seconds(state, context),
        *(_once_more(one, state, context) for one in state.get("broken", [])),
    )
    return {
        "claims": [claim for part in parts for claim in part.get("claims", [])],
        "words": [word for part in parts for word in part.get("words", [])],
        "failures": [why for part in parts for why in part.get("failures", [])],
    }


async def _once_more(broken: Broken, state: ModelState, context: ModelContext) -> ModelState:
    """The stage again, told what was wrong with its answer; nothing is asked a third time."""
    step = _asked_again()[broken.stage]
    try:
        return await step({**state, "batch": broken.batch}, context, broken.fault)
    except ModelError as fault:
        return {"failures": [f"{broken.stage}: {broken.fault}; asked again: {fault}"]}


def _broken(state: ModelState, stage: str) -> Broken | None:
    return next((one for one in state.get("broken", []) if one.stage == stage), None)


async def _seconds(state: ModelState, context: ModelContext) -> ModelState:
    asking = [word for word in ordered(state.get("words", [])) if word.asked]
    if not asking or context.view is None:
        return {}
    view = await asyncio.to_thread(context.view)
    return {"words": await asyncio.gather(*(_second(word, context, view) for word in asking))}


async def _second(word: DeskWord, context: ModelContext, view: AsOfView) -> DeskWord:
    scope = context.dossier.scope
    measured, refused = await asyncio.to_thread(
        extra_measures.take, word.desk, scope, view, word.asked
    )
    said = tuple(f"desk {word.desk}: {why}" for why in refused)
    if not measured:
        return DeskWord(word.desk, failures=said)
    try:
        answer = await ask_desk(context.client, context.dossier, word.desk, measured=measured)
    except ModelError as fault:
        return DeskWord(word.desk, measured=measured, failures=(*said, str(fault)))
    return replace(answer, failures=said)


async def _sceptic(
    state: ModelState, context: ModelContext, after: Unreadable | None
) -> ModelState:
    dossier = so_far(state, context)
    report = context.judge(dossier)
    findings = sound_findings(dossier, report)
    return {"sceptic": await ask_sceptic(context.client, dossier, report, findings, after)}


async def _late(state: ModelState, context: ModelContext, _after: Unreadable | None) -> ModelState:
    """The sceptic once more, beside the writer, if its answer was broken."""
    broken = _broken(state, "sceptic")
    return {} if broken is None else await _once_more(broken, state, context)


async def _write(state: ModelState, context: ModelContext, after: Unreadable | None) -> ModelState:
    dossier = so_far(state, context)
    report = context.judge(dossier)
    findings = sound_findings(dossier, report)
    written = await write(context.client, dossier, report, findings, context.language, after)
    _, failed = _checked(written, dossier, report, context.language)
    return {"sentences": written, "failed": bool(failed)}


async def _repair(
    state: ModelState, context: ModelContext, _after: Unreadable | None
) -> ModelState:
    """Failed sentences once more; what fails again stays in, so that its loss is told.

    Where the writer's whole answer was broken, the account is asked for once more instead.
    """
    if (broken := _broken(state, "writer")) is not None:
        return await _once_more(broken, state, context)
    dossier = so_far(state, context)
    report = context.judge(dossier)
    kept, failed = _checked(state["sentences"], dossier, report, context.language)
    story, _ = story_of(dossier, report)
    again = await repair(context.client, story, failed, context.language)
    still, lost = _checked(again, dossier, report, context.language)
    return {"sentences": (*kept, *still, *lost_sentences(lost, failed, again))}


def lost_sentences(
    lost: Sequence[Any], failed: Sequence[Any], again: Sequence[ModelSentence]
) -> tuple[ModelSentence, ...]:
    """What is lost for good: repairs that failed, or the first tries where none came back."""
    return tuple(one.sentence for one in (lost if again else failed))


def _checked(
    written: Sequence[ModelSentence], dossier: Dossier, report: Report, language: str
) -> tuple[tuple[ModelSentence, ...], tuple[Any, ...]]:
    story, allowed = story_of(dossier, report)
    checked = check(written, story, allowed, language)
    fallen = {id(one.sentence) for one in checked.failed}
    return tuple(s for s in written if id(s) not in fallen), checked.failed


# --- the graph ------------------------------------------------------------------------------------


def _node(name: str, step: _Step) -> Any:
    """A stage as a node: a model's fault is its result, so the stages after it still run."""

    async def node(state: ModelState, *, runtime: Runtime[ModelContext]) -> ModelState:
        try:
            return await step(state, runtime.context, None)
        except Unreadable as fault:
            if name not in _asked_again():
                return {"failures": [f"{name}: {fault}"]}
            return {"broken": [Broken(name, state.get("batch", 0), fault)]}
        except ModelError as fault:
            return {"failures": [f"{name}: {fault}"]}

    return node


def _failure(name: str) -> Any:
    """A stage that breaks in any other way is named with the fault's kind."""

    async def handle(_state: ModelState, *, error: NodeError) -> ModelState:
        return {"failures": [f"{name}: {type(error.error).__name__}"]}

    return handle


def _fan(state: ModelState, runtime: Runtime[ModelContext]) -> list[Send | str]:
    reads = [Send("reader", {**state, "batch": n}) for n in range(len(runtime.context.batches))]
    desks = [name for name in DESKS if table(runtime.context.dossier, name)]
    return [*reads, *desks]


def _needs_repair(state: ModelState) -> str:
    return "repair" if state.get("failed") or _broken(state, "writer") else END


@cache
def _asked_again() -> dict[str, _Step]:
    """The stages whose broken answers are asked for once more."""
    desks: dict[str, _Step] = {desk: _desk(desk) for desk in DESKS}
    return {"reader": _read, **desks, "sceptic": _sceptic, "writer": _write}


@cache
def build_model_graph(
    node_timeout: float,
) -> CompiledStateGraph[ModelState, ModelContext, ModelState, ModelState]:
    """Compile the graph; ``node_timeout`` in seconds is a net under the calls' own deadlines."""
    graph: StateGraph[ModelState, ModelContext, ModelState, ModelState] = StateGraph(
        ModelState, context_schema=ModelContext
    )
    steps = _asked_again() | {"again": _again, "late": _late, "repair": _repair}
    for name, step in steps.items():
        graph.add_node(name, _node(name, step), timeout=node_timeout, error_handler=_failure(name))
    graph.add_conditional_edges(START, _fan, ["reader", *DESKS])
    for first in ("reader", *DESKS):
        graph.add_edge(first, "again")
        graph.add_edge(first, "sceptic")
    graph.add_edge("again", "writer")
    graph.add_edge("sceptic", "writer")
    graph.add_edge("sceptic", "late")
    graph.add_edge("late", END)
    graph.add_conditional_edges("writer", _needs_repair, ["repair", END])
    graph.add_edge("repair", END)
    return graph.compile()


def enrich(
    dossier: Dossier,
    model: ModelSettings | None,
    *,
    view: Callable[[], AsOfView] | None = None,
    articles: Sequence[Article] = (),
    heard: Callable[[CallEvent], None] = lambda _: None,
) -> Dossier:
    """The dossier with the models' part; never fails for a model's fault, but says it.

    ``view`` opens the as-of view for extra measurements (none without it); ``articles`` are read
    beside the dossier's notes; ``heard`` is told of every call as it goes on.
    Raises :class:`UsageError` where no model is set up.
    """
    if model is None:
        raise UsageError(
            "No language model is set up; set CAUSEMAP_MODEL (and CAUSEMAP_MODEL_URL for a server "
            "of your own), or leave --llm off."
        )
    return asyncio.run(_enriched(dossier, Client(model, heard=heard), view, articles))


async def _enriched(
    dossier: Dossier,
    client: Client,
    view: Callable[[], AsOfView] | None,
    articles: Sequence[Article],
) -> Dossier:
    asked = client.settings.language
    language = asked if asked in LANGUAGES else "en"
    read = batches(dossier.notes, articles, dossier.scope)
    context = ModelContext(client, dossier, read, view, language)
    graph = build_model_graph(2 * client.settings.deadline + 10)
    try:
        state = await graph.ainvoke({"failures": []}, context=context)
    finally:
        await client.close()
    made = so_far(cast("ModelState", state), context)
    story, allowed = story_of(made, context.judge(made))
    part = sound(made.model or ModelPart(), story, allowed)
    calls = tuple(sorted(client.calls, key=lambda call: (call.stage, call.agent)))
    failures = part.failures
    if language != asked:
        failures = (*failures, f"the account is in English: {asked} cannot be checked")
    told = replace(part, calls=calls, failures=failures, priced=client.priced)
    return replace(made, model=told)
