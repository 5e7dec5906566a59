"""A conversation over a frozen run: the run answers, nothing else is consulted.

The deterministic form stands on phrases in English and Chinese and, where they find nothing, on a
learned guess at the kind of question. A model, where one is set up, may only say which kind of
question was asked and phrase the answer in slots (:mod:`causemap.agents.chat_model`); the figures
are put in here in either form.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from causemap.agents import chat_answers as answers
from causemap.agents import chat_doubts as doubts
from causemap.agents.chat_claims import claims
from causemap.agents.chat_day_answers import on_days
from causemap.agents.chat_found import found
from causemap.agents.chat_mended import mended
from causemap.agents.chat_parts import groups, moves, shares, sources, watch, when
from causemap.agents.chat_phrases import say
from causemap.agents.chat_question import Asked, read_question
from causemap.agents.chat_said import Said
from causemap.agents.chat_terms import meaning
from causemap.agents.chat_trust import how_sure
from causemap.agents.chat_words import GROUP_NAMES
from causemap.agents.chat_worlds import Other, compare, what_if
from causemap.agents.turns import ChatAnswer, Intent, Language, Turn
from causemap.records import Dossier, Report
from causemap.reporting.markdown import escape

__all__ = ["ChatAnswer", "Turn", "answer", "reply"]

Headlines = Callable[[Report, Language], Sequence[str]]
# What a verdict of another group would be no answer to.
_JUDGED: Final[frozenset[Intent]] = frozenset(
    {"why", "why_not", "how_sure", "would_change", "against", "shares", "groups"}
)
_OPTIONS: Final = 3

_SIMPLE: Final[dict[Intent, Callable[[Report, Asked], Said]]] = {
    "why": answers.why,
    "why_not": doubts.why_not,
    "brief": answers.brief,
    "sources": sources,
    "missing": answers.missing,
    "would_change": doubts.would_change,
    "how_sure": how_sure,
    "when": when,
    "claims": claims,
    "fact": answers.fact,
    "refresh": answers.refresh,
    "advice": answers.advice,
    "against": doubts.against,
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
    headlines: Headlines | None = None,
) -> ChatAnswer:
    """Answer a question from the run alone.

    ``other`` gives the report of another window by a name in the question (a case id, a run id,
    a year), or ``None``; without it the run's own analogues are compared with. ``headlines``
    gives the run's own headlines, the best first.
    """
    asked = read_question(question, report, history)
    said = answer(report, dossier, asked, other, headlines)
    if said.intent != "found" or said.evidence:
        return said
    # A word that is nearly one the conversation knows is read as that, aloud.
    again = mended(asked.text, report)
    if not again:
        return said
    meant = read_question(again, report, history)
    told = answer(report, dossier, meant, other, headlines)
    if told.intent == "found" and not told.evidence:
        return said
    lead = say("read_as", asked.language, question=escape(again))
    return replace(told, text=f"{lead}\n\n{told.text}")


def answer(
    report: Report,
    dossier: Dossier,
    asked: Asked,
    other: Other | None,
    headlines: Headlines | None = None,
) -> ChatAnswer:
    """The answer to a question already understood."""
    said = _said(report, dossier, asked, other, headlines)
    text = "\n\n".join(part for part in said.parts if part)
    return ChatAnswer(asked.intent, text, _held(report, said.evidence), said.chart, said.action)


def _said(
    report: Report,
    dossier: Dossier,
    asked: Asked,
    other: Other | None,
    headlines: Headlines | None,
) -> Said:
    judged = {group for group, _ in report.verdicts}
    if asked.intent in _JUDGED and asked.groups and not judged.intersection(asked.groups):
        names = [GROUP_NAMES[group][asked.language].lower() for group in asked.groups]
        return answers.no_verdict(report, asked, names)
    if asked.days is not None:
        return on_days(report, asked.days, asked.items, asked.language)
    special: dict[Intent, Callable[[], Said]] = {
        "headline": lambda: _headline(report, asked, headlines),
        "what_if": lambda: what_if(report, dossier, asked),
        "compare": lambda: compare(report, asked, other),
    }
    if made := special.get(asked.intent):
        return made()
    return {**_SIMPLE, "chart": _chart}.get(asked.intent, _meant)(report, asked)


def _headline(report: Report, asked: Asked, headlines: Headlines | None) -> Said:
    """The run's own headlines: none is made up for the asking."""
    options = headlines(report, asked.language) if headlines is not None else ()
    if not options:
        return Said((say("no_headline", asked.language),))
    lines = "\n".join(f"- {escape(option)}" for option in options[:_OPTIONS])
    return Said((say("headlines", asked.language), lines), report.verdict.support[:_OPTIONS])


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
