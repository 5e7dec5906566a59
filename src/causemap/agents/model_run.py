"""A run's part for language models: readers beside desks, the sceptic, the writer, one repair.

Four stages at most, however many articles: what runs side by side is one stage. Each contribution
is optional: a call that fails leaves its place empty, is named in ``failures``, and the engine's
own form stands. What comes back is a dossier; from it the report follows without a server.
"""

from __future__ import annotations

import asyncio
import operator
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, Final, TypedDict, cast

from langgraph.errors import NodeError
from langgraph.graph import END, START, StateGraph
from langgraph.runtime import Runtime
from langgraph.types import Send

from causemap.agents import extra_measures
from causemap.agents.conclude import conclude, story_of
from causemap.agents.desk_agents import DeskWord, ask_desk, table
from causemap.agents.readers import Source, ask_reader, batches, claims_of
from causemap.agents.sceptic import SceptWord, ask_sceptic
from causemap.agents.told import check, sound
from causemap.agents.writer import repair, write
from causemap.closed_sets import Desk
from causemap.errors import ModelError, UsageError
from causemap.llm.client import Client
from causemap.records import Claim, Dossier, Finding, ModelPart, ModelSentence, Report

if TYPE_CHECKING:
    from langgraph.graph.state import CompiledStateGraph

    from causemap.articles import Article
    from causemap.settings import ModelSettings
    from causemap.tools.market import AsOfView

DESKS: Final[tuple[Desk, ...]] = ("macro", "earnings_news", "technicals", "crypto_structure")
LANGUAGES: Final = ("en", "zh")


class ModelState(TypedDict, total=False):
    """What the stages hand on; lists are added up, so their order is put right afterwards."""

    claims: Annotated[list[tuple[int, tuple[Claim, ...]]], operator.add]
    words: Annotated[list[DeskWord], operator.add]
    sceptic: SceptWord
    sentences: tuple[ModelSentence, ...]
    failed: bool
    failures: Annotated[list[str], operator.add]
    batch: int


@dataclass(frozen=True, slots=True)
class ModelContext:
    """What the stages are given."""

    client: Client
    dossier: Dossier
    batches: tuple[tuple[Source, ...], ...]
    view: Callable[[], AsOfView] | None
    language: str


_Step = Callable[[ModelState, ModelContext], Coroutine[Any, Any, ModelState]]


async def _read(state: ModelState, context: ModelContext) -> ModelState:
    number = state["batch"]
    sources = context.batches[number]
    answer = await ask_reader(context.client, number, sources)
    return {"claims": [(number, claims_of(answer, sources, context.dossier))]}


def _desk(desk: Desk) -> _Step:
    async def step(_state: ModelState, context: ModelContext) -> ModelState:
        offered = context.view is not None
        word = await ask_desk(context.client, context.dossier, desk, offered=offered)
        return {"words": [word]}

    return step


async def _again(state: ModelState, context: ModelContext) -> ModelState:
    """Second turns of the desks that asked for a measurement, side by side."""
    asking = [word for word in _ordered(state.get("words", [])) if word.asked]
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


async def _sceptic(state: ModelState, context: ModelContext) -> ModelState:
    dossier = _so_far(state, context)
    report = conclude(dossier)
    findings = _sound_findings(dossier, report)
    return {"sceptic": await ask_sceptic(context.client, dossier, report, findings)}


async def _write(state: ModelState, context: ModelContext) -> ModelState:
    dossier = _so_far(state, context)
    report = conclude(dossier)
    findings = _sound_findings(dossier, report)
    written = await write(context.client, dossier, report, findings, context.language)
    _, failed = _checked(written, dossier, report, context.language)
    return {"sentences": written, "failed": bool(failed)}


async def _repair(state: ModelState, context: ModelContext) -> ModelState:
    """Failed sentences once more; what fails again stays in, so that its loss is told."""
    dossier = _so_far(state, context)
    report = conclude(dossier)
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


# --- putting together -----------------------------------------------------------------------------


def _ordered(words: Sequence[DeskWord]) -> list[DeskWord]:
    return sorted(words, key=lambda word: DESKS.index(word.desk))


def _last_words(state: ModelState) -> list[DeskWord]:
    """One word a desk: the second turn where it said something, with what was measured for it."""
    latest: dict[Desk, DeskWord] = {}
    for word in state.get("words", []):
        before = latest.get(word.desk)
        kept = word if before is None or word.findings or word.objections else before
        both = (before, word) if before is not None else (word,)
        latest[word.desk] = replace(
            kept,
            measured=tuple(dict.fromkeys(item for one in both for item in one.measured)),
            failures=tuple(dict.fromkeys(why for one in both for why in one.failures)),
        )
    return _ordered(list(latest.values()))


def _sound_findings(dossier: Dossier, report: Report) -> tuple[Finding, ...]:
    """What desks and sceptic said that passes the gate: the only words later prompts see."""
    story, allowed = story_of(dossier, report)
    part = sound(dossier.model or ModelPart(), story, allowed)
    rival = part.alternative
    if rival is None or not rival.template:
        return part.findings
    return (*part.findings, Finding("sceptic", "doubt", rival.template, rival.evidence))


def _so_far(state: ModelState, context: ModelContext) -> Dossier:
    """The dossier with what the stages before have added."""
    words = _last_words(state)
    dossier = context.dossier
    told = [claim for _, claims in sorted(state.get("claims", [])) for claim in claims]
    known = {claim.text for claim in dossier.claims}
    held = {item.id for item in dossier.evidence}
    measured = [item for word in words for item in word.measured if item.id not in held]
    sceptic = state.get("sceptic", SceptWord())
    part = ModelPart(
        sentences=state.get("sentences", ()),
        findings=tuple(finding for word in words for finding in word.findings),
        objections=(*(o for word in words for o in word.objections), *sceptic.objections),
        alternative=sceptic.alternative,
        failures=(
            *sorted(state.get("failures", [])),
            *(f for word in words for f in word.failures),
        ),
        language=context.language,
    )
    return replace(
        dossier,
        claims=(*dossier.claims, *(claim for claim in told if claim.text not in known)),
        evidence=(*dossier.evidence, *measured),
        model=part,
    )


# --- the graph ------------------------------------------------------------------------------------


def _node(step: _Step) -> Any:
    async def node(state: ModelState, *, runtime: Runtime[ModelContext]) -> ModelState:
        return await step(state, runtime.context)

    return node


def _failure(name: str) -> Any:
    """A stage that fails is named with the fault's kind; a model's fault says why itself."""

    async def handle(_state: ModelState, *, error: NodeError) -> ModelState:
        fault = error.error
        why = str(fault) if isinstance(fault, ModelError) else type(fault).__name__
        return {"failures": [f"{name}: {why}"]}

    return handle


def _fan(state: ModelState, runtime: Runtime[ModelContext]) -> list[Send | str]:
    reads = [Send("read", {**state, "batch": n}) for n in range(len(runtime.context.batches))]
    desks = [name for name in DESKS if table(runtime.context.dossier, name)]
    return [*reads, *desks]


def _needs_repair(state: ModelState) -> str:
    return "repair" if state.get("failed") else END


@cache
def build_model_graph(
    node_timeout: float,
) -> CompiledStateGraph[ModelState, ModelContext, ModelState, ModelState]:
    """Compile the graph; ``node_timeout`` in seconds is a net under the calls' own deadlines."""
    graph: StateGraph[ModelState, ModelContext, ModelState, ModelState] = StateGraph(
        ModelState, context_schema=ModelContext
    )
    steps: dict[str, _Step] = {"read": _read, **{desk: _desk(desk) for desk in DESKS}}
    steps |= {"again": _again, "sceptic": _sceptic, "write": _write, "repair": _repair}
    for name, step in steps.items():
        graph.add_node(name, _node(step), timeout=node_timeout, error_handler=_failure(name))
    graph.add_conditional_edges(START, _fan, ["read", *DESKS])
    for first in ("read", *DESKS):
        graph.add_edge(first, "again")
        graph.add_edge(first, "sceptic")
    graph.add_edge("again", "write")
    graph.add_edge("sceptic", "write")
    graph.add_conditional_edges("write", _needs_repair, ["repair", END])
    graph.add_edge("repair", END)
    return graph.compile()


def enrich(
    dossier: Dossier,
    model: ModelSettings | None,
    *,
    view: Callable[[], AsOfView] | None = None,
    articles: Sequence[Article] = (),
    heard: Callable[[str, int], None] = lambda _agent, _chars: None,
) -> Dossier:
    """The dossier with the models' part; never fails for a model's fault, but says it.

    ``view`` opens the as-of view for extra measurements (none without it); ``articles`` are read
    beside the dossier's notes; ``heard`` is told which agent has how many characters so far.
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
    read = batches(dossier.notes, articles, dossier.scope.as_of)
    context = ModelContext(client, dossier, read, view, language)
    graph = build_model_graph(2 * client.settings.deadline + 10)
    try:
        state = await graph.ainvoke({"failures": []}, context=context)
    finally:
        await client.close()
    made = _so_far(cast("ModelState", state), context)
    story, allowed = story_of(made, conclude(made))
    part = sound(made.model or ModelPart(), story, allowed)
    calls = tuple(sorted(client.calls, key=lambda call: (call.stage, call.agent)))
    failures = part.failures
    if language != asked:
        failures = (*failures, f"the account is in English: {asked} cannot be checked")
    return replace(made, model=replace(part, calls=calls, failures=failures))
