"""The writer: the account in slots, and one repair of what failed the check."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from pydantic import BaseModel, ConfigDict

from causemap.agents.chat_words import CAUSE_ZH
from causemap.agents.story import Story, ledger_of
from causemap.agents.tables import claim_rows, finding_rows, rows, steps, told, weighty
from causemap.agents.told import Failure, normalised
from causemap.llm.client import Ask
from causemap.llm.prompting import language_name, render
from causemap.llm.slots import NUMBERS, SlotError, fill
from causemap.model_records import Finding, ModelSentence
from causemap.records import Dossier, Evidence, Report

if TYPE_CHECKING:
    from causemap.llm.client import Client
    from causemap.llm.parsing import Unreadable

MOST: Final = 10
_ROWS: Final = 32
_CITED: Final = 6


class Written(BaseModel):
    """One sentence."""

    model_config = ConfigDict(extra="forbid")
    section: str
    text: str
    evidence: list[str]


class Account(BaseModel):
    """The writer's answer."""

    model_config = ConfigDict(extra="forbid")
    reasoning: str
    sentences: list[Written]


async def write(
    client: Client,
    dossier: Dossier,
    report: Report,
    findings: Sequence[Finding],
    language: str,
    after: Unreadable | None = None,
) -> tuple[ModelSentence, ...]:
    """The account's sentences as written; raises :class:`causemap.errors.ModelError`."""
    prompt = render("writer", **_values(dossier, report, findings, language))
    answer = await client.ask(Ask("writer", 3, prompt, Account, 1_600), after)
    return sentences(answer.form)


def _values(
    dossier: Dossier, report: Report, findings: Sequence[Finding], language: str
) -> dict[str, object]:
    verdict_lines = [f"{group}: {told(verdict)}" for group, verdict in report.verdicts]
    if len(report.verdicts) > 1:
        verdict_lines.append(f"overall: {told(report.verdict)}")
    turned = [
        f"{group} {item.cause}: [{', '.join(item.evidence)}]"
        for group, verdict in report.verdicts
        for item in verdict.rejected[:4]
    ]
    return {
        "language": language_name(language),
        "causes_zh": "、".join(CAUSE_ZH.values()),
        "most": MOST,
        "start": report.scope.start,
        "end": report.scope.end,
        "verdicts": verdict_lines,
        "steps": steps(report),
        "rows": rows(_shown(report)),
        "rejected": turned,
        "findings": finding_rows(findings),
        "claims": claim_rows(dossier.claims, dossier),
    }


def _shown(report: Report) -> list[Evidence]:
    """The weighty items and those behind the steps of the map, each once."""
    nodes = {node.id: node for node in report.cause_map.nodes}
    steps = [name for group in report.cause_map.order for name in group if name in nodes]
    stepped = [key for name in steps for key in nodes[name].evidence[:2]]
    named = dict.fromkeys([*stepped, *(item.id for item in weighty(report, _ROWS))])
    return [item for key in named if (item := report.find(key)) is not None][:_ROWS]


def sentences(account: Account | None) -> tuple[ModelSentence, ...]:
    """What was written, with slots in their one form."""
    written = account.sentences[:MOST] if account else []
    return tuple(
        ModelSentence(w.section.strip(), normalised(w.text), tuple(w.evidence[:_CITED]))
        for w in written
    )


async def repair(
    client: Client, story: Story, failed: Sequence[Failure], language: str
) -> tuple[ModelSentence, ...]:
    """The failed sentences written again, with the exact values they may say."""
    prompt = render(
        "repair",
        language=language_name(language),
        failed=[
            {
                "section": one.sentence.section[:40],
                "template": one.sentence.template,
                "reasons": "; ".join(one.reasons),
                "allowed": allowed_values(one.sentence.evidence, story),
            }
            for one in failed
        ],
        probabilities=told(story.verdict),
    )
    answer = await client.ask(Ask("repair", 4, prompt, Account, 1_600))
    return sentences(answer.form)


def allowed_values(ids: Sequence[str], story: Story) -> str:
    """The slots of the cited items with what each would print."""
    ledger = ledger_of(story)
    made = []
    for key in ids:
        item = story.evidence.get(key)
        for name in NUMBERS[:2] if item is not None else ():
            slot = f"{{{key}|{name}|auto}}" if name == "value" else f"{{{key}|z|z1}}"
            try:
                made.append(f"{slot} prints {fill(slot, ledger)}")
            except SlotError:
                continue
    return "; ".join(made) or "no item of this run is cited: cite one from the table"
