"""What the stages of a model run hand on, and how it becomes one dossier."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Annotated, Final, NamedTuple, TypedDict

from causemap.agents.conclude import assess, story_of
from causemap.agents.desk_agents import DeskWord
from causemap.agents.sceptic import SceptWord
from causemap.agents.told import sound
from causemap.attribution.objections import objected
from causemap.closed_sets import Desk
from causemap.llm.client import Client
from causemap.llm.parsing import Unreadable
from causemap.model_records import Finding, ModelPart, ModelSentence
from causemap.records import Claim, Dossier, Report

if TYPE_CHECKING:
    from causemap.agents.readers import Source
    from causemap.tools.market import AsOfView

DESKS: Final[tuple[Desk, ...]] = ("macro", "earnings_news", "technicals", "crypto_structure")


class Broken(NamedTuple):
    """An answer without the form asked for: whose (a stage and, of readers, which), and why."""

    stage: str
    batch: int
    fault: Unreadable


class ModelState(TypedDict, total=False):
    """What the stages hand on; lists are added up, so their order is put right afterwards."""

    claims: Annotated[list[tuple[int, tuple[Claim, ...]]], operator.add]
    words: Annotated[list[DeskWord], operator.add]
    sceptic: SceptWord
    sentences: tuple[ModelSentence, ...]
    failed: bool
    failures: Annotated[list[str], operator.add]
    broken: Annotated[list[Broken], operator.add]
    batch: int


@dataclass(frozen=True, slots=True)
class ModelContext:
    """What the stages are given."""

    client: Client
    dossier: Dossier
    batches: tuple[tuple[Source, ...], ...]
    view: Callable[[], AsOfView] | None
    language: str
    judged: dict[tuple[str, ...], Report] = field(default_factory=dict)

    def judge(self, dossier: Dossier) -> Report:
        """The report so far; judged again only when objections or measurements have come in."""
        known = {item.id for item in self.dossier.evidence}
        new = tuple(item.id for item in dossier.evidence if item.id not in known)
        key = (*objected(dossier), "+", *new)
        if key not in self.judged:
            part = dossier.model or ModelPart()
            heard = replace(part, sentences=(), findings=(), alternative=None)
            self.judged[key] = assess(replace(dossier, model=heard))
        return self.judged[key]


def ordered(words: Sequence[DeskWord]) -> list[DeskWord]:
    """Words in the fixed order of the desks."""
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
    return ordered(list(latest.values()))


def sound_findings(dossier: Dossier, report: Report) -> tuple[Finding, ...]:
    """What desks and sceptic said that passes the gate: the only words later prompts see."""
    story, allowed = story_of(dossier, report)
    part = sound(dossier.model or ModelPart(), story, allowed)
    rival = part.alternative
    if rival is None or not rival.template:
        return part.findings
    return (*part.findings, Finding("sceptic", "doubt", rival.template, rival.evidence))


def so_far(state: ModelState, context: ModelContext) -> Dossier:
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
