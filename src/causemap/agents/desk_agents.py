"""Desk agents: each reads its own table of measurements and says what it shows, in slots.

A desk's agent sees the engine's words and figures only. It may ask for a few further measurements
by function call; they are taken after all desks have spoken, so asking costs no extra turn in the
chain of calls.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pydantic import BaseModel, ConfigDict

from causemap.agents import extra_measures
from causemap.agents.tables import rows
from causemap.agents.told import normalised
from causemap.closed_sets import Desk
from causemap.llm.client import Ask
from causemap.llm.prompting import render
from causemap.model_records import Finding, Objection
from causemap.records import Dossier, Evidence

if TYPE_CHECKING:
    from causemap.llm.client import Client
    from causemap.llm.parsing import Unreadable
    from causemap.llm.prompting import Rendered

_ROWS: Final = 44
_FINDINGS, _DOUBTS, _OBJECTIONS = 3, 2, 1
_MOST_IDS: Final = 4


class Said(BaseModel):
    """A sentence with the ids it rests on."""

    model_config = ConfigDict(extra="forbid")
    text: str
    evidence: list[str]


class DeskView(BaseModel):
    """A desk agent's answer; reasoning stands first so that it comes first."""

    model_config = ConfigDict(extra="forbid")
    reasoning: str
    findings: list[Said]
    doubts: list[Said]
    objections: list[Said]


@dataclass(frozen=True, slots=True)
class DeskWord:
    """What one desk's agent contributed."""

    desk: Desk
    findings: tuple[Finding, ...] = ()
    objections: tuple[Objection, ...] = ()
    asked: tuple[tuple[str, str], ...] = ()
    measured: tuple[Evidence, ...] = ()
    failures: tuple[str, ...] = ()


def table(dossier: Dossier, desk: Desk) -> list[Evidence]:
    """The desk's own items, those outside the context group first, in ledger order."""
    own = [item for item in dossier.evidence if item.desk == desk]
    return sorted(own, key=lambda item: item.group == "context")[:_ROWS]


async def ask_desk(
    client: Client,
    dossier: Dossier,
    desk: Desk,
    *,
    measured: Sequence[Evidence] = (),
    offered: bool = False,
    after: Unreadable | None = None,
) -> DeskWord:
    """One turn of a desk's agent; raises :class:`causemap.errors.ModelError`.

    ``offered`` puts the measuring functions on the table, ``measured`` are answers to an earlier
    request (then nothing further is offered), ``after`` what was wrong with the answer before.
    """
    items = table(dossier, desk)
    prompt = _prompt(dossier, desk, items, measured, extra_measures.MOST if offered else 0)
    functions = extra_measures.tools() if offered else ()
    stage = 2 if measured else 1
    asked = Ask(f"desk.{desk}", stage, prompt, DeskView, 900, functions)
    answer = await client.ask(asked, after)
    known = {item.id for item in (*items, *measured)}
    view = answer.form or DeskView(reasoning="", findings=[], doubts=[], objections=[])
    agent = desk.replace("_", " ")
    return DeskWord(
        desk,
        findings=tuple(findings(agent, view, known)),
        objections=tuple(objections(agent, view.objections, known)),
        asked=answer.tools if offered else (),
        measured=tuple(measured),
    )


def _prompt(
    dossier: Dossier,
    desk: Desk,
    items: Sequence[Evidence],
    measured: Sequence[Evidence],
    tools: int,
) -> Rendered:
    scope = dossier.scope
    return render(
        "desk",
        desk=desk.replace("_", " "),
        tools=tools,
        most=_FINDINGS,
        start=scope.start,
        end=scope.end,
        as_of=scope.as_of,
        assets=", ".join(scope.assets),
        rows=rows(items),
        gaps=", ".join(gap.what for gap in dossier.gaps if gap.desk == desk),
        measured=rows(measured),
    )


def findings(agent: str, view: DeskView, known: set[str]) -> list[Finding]:
    """Findings and doubts that cite items of the table and no other."""
    made = [
        Finding(agent, "finding", normalised(said.text), tuple(said.evidence))
        for said in view.findings[:_FINDINGS]
    ]
    made += [
        Finding(agent, "doubt", normalised(said.text), tuple(said.evidence))
        for said in view.doubts[:_DOUBTS]
    ]
    return [f for f in made if f.evidence and known.issuperset(f.evidence)]


def objections(agent: str, said: Sequence[Said], known: set[str]) -> list[Objection]:
    """Objections that cite at least one item of the table."""
    return [
        Objection(agent, tuple(one.evidence[:_MOST_IDS]), normalised(one.text))
        for one in said[:_OBJECTIONS]
        if one.evidence and known.issuperset(one.evidence)
    ]
