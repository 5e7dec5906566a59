"""The words of a run's verdicts in a conversation, and the notes beside them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from causemap.agents.chat_found import note_line, notes_on
from causemap.agents.chat_phrases import say
from causemap.agents.chat_question import Asked
from causemap.agents.chat_words import BANDS_ZH, CAUSE_ZH
from causemap.agents.clauses import cause_words
from causemap.agents.names_zh import told_in
from causemap.agents.turns import Language
from causemap.closed_sets import AssetGroup, Primary
from causemap.records import Report, Verdict
from causemap.reporting.answer import cause_label
from causemap.reporting.markdown import escape
from causemap.words import band, leaders, percent, sentence

_NOTED: Final = 3


def cause_word(cause: Primary, language: Language) -> str:
    """A cause's plain name in a language."""
    return CAUSE_ZH[cause] if language == "zh" else cause_label(cause)


def in_a_sentence(cause: Primary, language: Language) -> str:
    """A cause's plain name as it stands within a sentence."""
    return cause_word(cause, language) if language == "zh" else cause_words(cause)


def verdict_of(report: Report, groups: Sequence[AssetGroup]) -> Verdict:
    """The verdict on the one group asked about, else the overall one."""
    found = [verdict for group, verdict in report.verdicts if group in groups]
    return found[0] if len(found) == 1 else report.verdict


def verdict_words(verdict: Verdict, language: Language) -> str:
    """The verdict, its hedge and its runner-up in one or two sentences."""
    ranked = leaders(verdict)
    told = told_in(verdict.reason, language)
    reason = escape(f"{told.rstrip('.')}。" if language == "zh" else sentence(told))
    if verdict.primary == "no_drawdown":
        return say("calm", language, reason=reason)
    if verdict.abstained or verdict.primary == "mixed_unclear":
        first = next(iter(ranked), None)
        close = _named("closest", first, language) if first else ""
        return f"{say('no_cause', language, reason=reason)} {close}".strip()
    held = dict(verdict.probabilities)[verdict.primary]
    lead = say(
        "leads",
        language,
        cause=cause_word(verdict.primary, language),
        hedge=hedge(held, language),
        p=percent(held),
    )
    second = next((pair for pair in ranked if pair[0] != verdict.primary), None)
    return f"{lead} {_named('next', second, language)}" if second else lead


def _named(key: str, pair: tuple[Primary, float], language: Language) -> str:
    return say(key, language, cause=cause_word(pair[0], language), p=percent(pair[1]))


def hedge(probability: float, language: Language) -> str:
    """The word that goes with a probability."""
    word = band(probability)
    return BANDS_ZH[word] if language == "zh" else word


def notes_beside(report: Report, asked: Asked) -> str:
    """What dated notes say of the names in a question that measures do not answer."""
    lines = [note_line(note) for note in notes_on(report, asked.text)[:_NOTED]]
    told = "\n".join(lines)
    return f"{say('found_note', asked.language)}\n\n{told}" if told else ""
