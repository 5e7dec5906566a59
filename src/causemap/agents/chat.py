"""A conversation over a frozen run: the run answers, nothing else is consulted.

The deterministic form stands on phrases in English and Chinese. A model, where one is set up, may
only say which kind of question was asked and phrase the answer in slots
(:mod:`causemap.agents.chat_model`); the figures are put in here in either form.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from causemap.agents import chat_answers as answers
from causemap.agents.chat_claims import claims
from causemap.agents.chat_found import found
from causemap.agents.chat_parts import groups, moves, shares, sources, watch, when
from causemap.agents.chat_phrases import say
from causemap.agents.chat_question import Asked, read_question
from causemap.agents.chat_said import Said
from causemap.agents.chat_terms import meaning
from causemap.agents.chat_worlds import Other, compare, what_if
from causemap.agents.turns import ChatAnswer, Intent, Turn
from causemap.records import Dossier, Report

__all__ = ["ChatAnswer", "Turn", "answer", "reply"]

_SIMPLE: Final[dict[Intent, Callable[[Report, Asked], Said]]] = {
    "why": answers.why,
    "why_not": answers.why_not,
    "brief": answers.brief,
    "sources": sources,
    "missing": answers.missing,
    "would_change": answers.would_change,
    "how_sure": answers.how_sure,
    "when": when,
    "claims": claims,
    "fact": answers.fact,
    "refresh": answers.refresh,
    "advice": answers.advice,
    "against": answers.against,
    "watch": watch,
    "shares": shares,
    "moves": moves,
    "groups": groups,
    "help": answers.help_,
}


def reply(
    report: Report,
    dossier: Dossier,
    question: str,
    history: tuple[Turn, ...] = (),
    *,
    other: Other | None = None,
) -> ChatAnswer:
    """Answer a question from the run alone.

    ``other`` gives the report of another window by a name in the question (a case id, a run id,
    a year), or ``None``; without it the run's own analogues are compared with.
    """
    return answer(report, dossier, read_question(question, report, history), other)


def answer(report: Report, dossier: Dossier, asked: Asked, other: Other | None) -> ChatAnswer:
    """The answer to a question already understood."""
    said = _said(report, dossier, asked, other)
    text = "\n\n".join(part for part in said.parts if part)
    return ChatAnswer(asked.intent, text, _held(report, said.evidence), said.chart, said.action)


def _said(report: Report, dossier: Dossier, asked: Asked, other: Other | None) -> Said:
    if asked.intent == "what_if":
        return what_if(report, dossier, asked)
    if asked.intent == "compare":
        return compare(report, asked, other)
    if asked.intent == "chart":
        return _chart(report, asked)
    if asked.intent in ("meaning", "found"):
        return _meant(report, asked)
    return _SIMPLE[asked.intent](report, asked)


def _meant(report: Report, asked: Asked) -> Said:
    """A term's meaning, else what the run holds on the words asked; failing both, what to ask."""
    told = meaning(asked.text, asked.language) if asked.intent == "meaning" else ""
    if told:
        return Said((told,))
    held = found(report, asked.text, asked.language)
    return held or Said((say("not_found", asked.language), say("help", asked.language)))


def _chart(report: Report, asked: Asked) -> Said:
    """The chart asked for if the run has data for it, else what it has."""
    from causemap.reporting.charts import all_charts
    from causemap.reporting.markdown import escape

    titles = {chart.key: chart.title for chart in all_charts(report)}
    if asked.chart == "cause_map" and report.cause_map.nodes:
        return Said((say("map", asked.language),), (), "cause_map")
    if asked.chart in titles:
        said = say("chart", asked.language, title=escape(titles[asked.chart]))
        return Said((said,), (), asked.chart)
    keys = ", ".join(["cause_map", *titles] if report.cause_map.nodes else titles)
    return Said((say("no_chart", asked.language, keys=keys),))


def _held(report: Report, ids: Sequence[str]) -> tuple[str, ...]:
    known = {item.id for item in report.evidence}
    return tuple(key for key in dict.fromkeys(ids) if key in known)
