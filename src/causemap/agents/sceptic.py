"""The sceptic: the strongest rival reading, the item that would decide, one objection at most."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pydantic import BaseModel, ConfigDict

from causemap.agents.desk_agents import Said, objections
from causemap.agents.tables import claim_rows, finding_rows, pull_row, told, weighty
from causemap.agents.told import normalised
from causemap.closed_sets import Cause
from causemap.llm.client import Ask
from causemap.llm.prompting import render
from causemap.model_records import Alternative, Finding, Objection
from causemap.records import Dossier, Report

if TYPE_CHECKING:
    from causemap.llm.client import Client
    from causemap.llm.parsing import Unreadable

_ROWS: Final = 24


class SceptView(BaseModel):
    """The sceptic's answer."""

    model_config = ConfigDict(extra="forbid")
    reasoning: str
    alternative: Cause
    why: Said
    objections: list[Said]


@dataclass(frozen=True, slots=True)
class SceptWord:
    """What the sceptic contributed."""

    alternative: Alternative | None = None
    objections: tuple[Objection, ...] = ()


async def ask_sceptic(
    client: Client,
    dossier: Dossier,
    report: Report,
    findings: Sequence[Finding],
    after: Unreadable | None = None,
) -> SceptWord:
    """The sceptic's word on a judged run; raises :class:`causemap.errors.ModelError`."""
    items = weighty(report, _ROWS)
    known = {item.id for item in items}
    prompt = render(
        "sceptic",
        leading="; ".join(f"{group}: {verdict.primary}" for group, verdict in report.verdicts),
        ranked=told(report.verdict),
        rows=[pull_row(item, report.verdict) for item in items],
        findings=finding_rows(findings),
        claims=claim_rows(dossier.claims, dossier),
    )
    answer = await client.ask(Ask("sceptic", 2, prompt, SceptView, 700), after)
    view = answer.form
    if view is None:
        return SceptWord()
    made = tuple(objections("sceptic", view.objections, known))
    cited = tuple(view.why.evidence)
    leads = {verdict.primary for _, verdict in report.verdicts} | {"mixed_unclear"}
    if not cited or not known.issuperset(cited) or leads == {view.alternative}:
        return SceptWord(None, made)
    return SceptWord(Alternative(view.alternative, normalised(view.why.text), cited), made)
