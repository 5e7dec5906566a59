"""The model's form of a conversation: it says which question was asked; code gives the answer.

A model may recognise what phrases do not, and write one opening sentence in slots. The sentence
passes the same gate as the account's; where it does not, or the call fails, the deterministic form
answers alone. No figure, and no other sentence, is the model's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final, Literal

from pydantic import BaseModel, ConfigDict

from causemap.agents.chat import Headlines, answer
from causemap.agents.chat_question import Asked, read_question
from causemap.agents.conclude import story_of
from causemap.agents.tables import short_row, weighty
from causemap.agents.told import check, normalised
from causemap.agents.turns import INTENTS, ChatAnswer, Intent, Turn
from causemap.agents.what_if import Change
from causemap.causes import NAMED
from causemap.closed_sets import Cause
from causemap.errors import ModelError
from causemap.llm.calling import Ask
from causemap.llm.client import Client
from causemap.llm.prompting import language_name, render
from causemap.llm.slots import SlotError, cited
from causemap.model_records import ModelSentence
from causemap.records import Dossier, Report
from causemap.reporting.markdown import escape
from causemap.words import clean

if TYPE_CHECKING:
    from causemap.agents.chat_worlds import Other
    from causemap.settings import ModelSettings

ChangeKind = Literal["remove", "turn", "none"]
_ROWS: Final = 60
_EARLIER: Final = 4


class Understood(BaseModel):
    """The model's reading of a question."""

    model_config = ConfigDict(extra="forbid")
    intent: Intent
    causes: list[Cause]
    items: list[str]
    change: ChangeKind
    opening: str


def reply_with_model(
    report: Report,
    dossier: Dossier,
    question: str,
    model: ModelSettings,
    history: tuple[Turn, ...] = (),
    *,
    other: Other | None = None,
    headlines: Headlines | None = None,
    failed: Callable[[str], None] = lambda _: None,
) -> ChatAnswer:
    """As :func:`causemap.agents.chat.reply`, with a model to understand the question.

    ``failed`` is told why, where the model gave nothing and the rules answer alone.
    """
    asked = read_question(question, report, history)
    try:
        understood = asyncio.run(_understood(report, asked, question, model, history))
    except ModelError as fault:
        failed(str(fault))
        return answer(report, dossier, asked, other, headlines)
    asked = _merged(asked, understood, report)
    said = answer(report, dossier, asked, other, headlines)
    opening, ids = _opening(understood.opening, asked, report, dossier)
    if not opening:
        return said
    evidence = tuple(dict.fromkeys((*said.evidence, *ids)))
    return replace(said, text=f"{opening}\n\n{said.text}", evidence=evidence)


async def _understood(
    report: Report, asked: Asked, question: str, model: ModelSettings, history: Sequence[Turn]
) -> Understood:
    prompt = render(
        "chat",
        language=language_name(asked.language),
        intents=", ".join(INTENTS),
        causes=", ".join(NAMED),
        rows=[short_row(item) for item in weighty(report, _ROWS)],
        earlier="; ".join(clean(turn.question, 200) for turn in history[-_EARLIER:]) or "none",
        question=clean(question, 500),
    )
    client = Client(model)
    try:
        given = await client.insist(Ask("chat", 1, prompt, Understood, 400))
    finally:
        await client.close()
    if given.form is None:
        raise ModelError("no reading of the question")
    return given.form


def _merged(asked: Asked, read: Understood, report: Report) -> Asked:
    """What phrases found stays where the model adds nothing; a size or sign in figures is ours."""
    known = {item.id for item in report.evidence}
    items = tuple(key for key in read.items if key in known)
    causes = tuple(cause for cause in read.causes if cause in NAMED)
    change = asked.change
    open_ = change is None or change.kind == "remove"
    if read.intent == "what_if" and read.change != "none" and open_:
        change = Change(read.change)
    # Advice is declined, and a day kept apart from its window, whoever recognises it.
    intent = asked.intent if asked.intent in ("advice", "day") else read.intent
    return replace(
        asked,
        intent=intent,
        items=asked.items or items,
        causes=asked.causes or causes,
        change=change,
    )


def _opening(
    text: str, asked: Asked, report: Report, dossier: Dossier
) -> tuple[str, tuple[str, ...]]:
    """The opening sentence if it passes the gate; it must cite at least one item in a slot."""
    template = normalised(text)
    if not template:
        return "", ()
    try:
        ids = cited(template)
    except SlotError:
        return "", ()
    story, allowed = story_of(dossier, report)
    sentence = ModelSentence("mechanism", template, ids or asked.items[:1])
    checked = check([sentence], story, allowed, asked.language)
    if not checked.kept:
        return "", ()
    return escape(checked.kept[0].text), checked.kept[0].evidence
