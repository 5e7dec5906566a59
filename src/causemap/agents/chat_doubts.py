"""Answers to doubts: why not another cause, what speaks against, what would change the verdict."""

from __future__ import annotations

from dataclasses import replace

from causemap.agents.chat_claims import beside, names_margin
from causemap.agents.chat_found import found, held_stems, strange
from causemap.agents.chat_phrases import say
from causemap.agents.chat_question import Asked
from causemap.agents.chat_said import Said, bullets, cite
from causemap.agents.chat_verdicts import cause_word, hedge, in_a_sentence, notes_beside, verdict_of
from causemap.agents.chat_words import GROUP_NAMES
from causemap.agents.names_zh import told_in
from causemap.agents.turns import Language
from causemap.closed_sets import Cause, Primary
from causemap.records import Rejected, Report, Verdict, WouldChange
from causemap.reporting.markdown import escape
from causemap.words import percent, sentence, value_of


def why_not(report: Report, asked: Asked) -> Said:
    """The deciding test of each cause asked about, or every alternative turned down."""
    verdict, language = verdict_of(report, asked.groups), asked.language
    if not asked.causes:
        told = found(report, asked.text, language)
        if told is not None:
            return told
        lines = [
            f"- {cause_word(r.cause, language)}: {_tested(report, r, language)}"
            f"{cite(report, r.evidence)}"
            for r in verdict.rejected
        ]
        head = say("rejected_all" if lines else "none_rejected", language)
        if (names := strange(asked.text)) and not names & held_stems(report):
            head = f"{say('not_found', language)} {head}"
        ids = tuple(key for r in verdict.rejected for key in r.evidence)
        return Said((head, "\n".join(lines)), ids, "probabilities")
    parts: list[str] = []
    ids = ()
    for cause in asked.causes:
        said = _one_not(report, verdict, cause, language)
        parts += said.parts
        ids += said.evidence
    if notes := notes_beside(report, asked):
        parts.append(notes)
    told = beside(report, asked, asked.causes)
    # Of a notice that came too late its lateness is the answer.
    both = (*told.parts, *parts) if names_margin(asked) else (*parts, *told.parts)
    return Said(both, (*ids, *told.evidence), "probabilities")


def _tested(report: Report, test: Rejected, language: Language) -> str:
    """The test's words; in Chinese the names and values of what it read."""
    if language != "zh":
        return escape(sentence(test.why))
    items = [item for key in test.evidence if (item := report.find(key)) is not None]
    return "; ".join(f"{escape(told_in(i.said, language))} {value_of(i)}" for i in items)


def _one_not(report: Report, verdict: Verdict, cause: Primary, language: Language) -> Said:
    held = next((p for c, p in verdict.probabilities if c == cause), 0.0)
    name = cause_word(cause, language)
    ids = tuple(r for item in verdict.rejected if item.cause == cause for r in item.evidence)
    if cause == verdict.primary:
        head = say("is_leading", language, cause=name, p=percent(held))
        own = {w.evidence for _, v in report.verdicts for w in v.weighed if w.cause == cause}
        text, cited = bullets(report, [key for key in verdict.support if key in own], language)
        return Said((head, text), cited)
    if verdict.ranked and cause == verdict.ranked[0][0]:
        return _closest(report, verdict, cause, language)
    head = say("left_at", language, cause=name, hedge=hedge(held, language), p=percent(held))
    if leads := _leads_in(report, verdict, cause, language):
        head = f"{head} {leads}"
        text, cited = bullets(report, _pulls(report, cause), language)
        return Said((head, text), cited)
    test = next((item for item in verdict.rejected if item.cause == cause), None)
    if test is None:
        text, cited = bullets(report, _against(verdict, cause), language, 3)
        return Said((f"{head} {say('no_test', language)}", text), cited)
    if language == "zh":  # the test's own words are English
        text, cited = bullets(report, ids, language)
        return Said((f"{head} {say('test', language, why='')}", text), cited)
    why_text = escape(sentence(test.why))
    return Said((f"{head} {say('test', language, why=why_text)}{cite(report, ids)}",), ids)


def _closest(report: Report, verdict: Verdict, cause: Cause, language: Language) -> Said:
    """Of the likeliest cause of a verdict that names none: nothing turned it down."""
    told = told_in(verdict.reason, language)
    reason = escape(f"{told.rstrip('.')}。" if language == "zh" else sentence(told))
    held = dict(verdict.probabilities)[cause]
    name = cause_word(cause, language)
    head = say("closest_of", language, cause=name, p=percent(held), reason=reason)
    leads = _leads_in(report, verdict, cause, language)
    text, cited = bullets(report, _pulls(report, cause), language)
    return Said((f"{head} {leads}".strip(), text), cited)


def _pulls(report: Report, cause: Primary) -> tuple[str, ...]:
    """What speaks for a cause in any group, the strongest first, each measure once."""
    pulls = sorted(
        (w for _, v in report.verdicts for w in v.weighed if w.cause == cause and w.log_odds > 0),
        key=lambda w: (-w.log_odds, w.evidence),
    )
    said = {item.said: item.id for w in reversed(pulls) if (item := report.find(w.evidence))}
    return tuple(reversed(said.values()))


def _leads_in(report: Report, verdict: Verdict, cause: Primary, language: Language) -> str:
    """Where the overall verdict is meant, the groups that name the cause all the same."""
    if verdict is not report.verdict:
        return ""
    named = [
        say(
            "leads_in",
            language,
            group=GROUP_NAMES[group][language].lower(),
            p=percent(held.ranked[0][1]),
        )
        for group, held in report.verdicts
        if held.primary == cause
    ]
    return " ".join(named)


def _against(verdict: Verdict, cause: Primary) -> list[str]:
    pulls = [w for w in verdict.weighed if w.cause == cause and w.log_odds < 0]
    return [w.evidence for w in sorted(pulls, key=lambda w: (w.log_odds, w.evidence))]


def would_change(report: Report, asked: Asked) -> Said:
    """The recomputed single changes that turn the verdict."""
    verdict, language = verdict_of(report, asked.groups), asked.language
    turns = [t for t in verdict.would_change if not asked.causes or t.primary in asked.causes]
    if not turns and asked.causes:
        names = ", ".join(in_a_sentence(cause, language) for cause in asked.causes)
        tested = why_not(report, asked)
        return Said((say("no_turn_to", language, cause=names), *tested.parts), tested.evidence)
    if not turns:
        return Said((say("no_would", language),))
    lines = [f"- {_turning(report, t, language)}{cite(report, t.evidence)}" for t in turns]
    ids = tuple(key for turn in turns for key in turn.evidence)
    return Said((say("would", language), "\n".join(lines)), ids)


def against(report: Report, asked: Asked) -> Said:
    """What was measured against the verdicts, and the single changes that would turn them."""
    language = asked.language
    lines: list[str] = []
    ids: list[str] = []
    for group, verdict in report.verdicts:
        text, cited = bullets(report, verdict.counter_evidence, language)
        if text and (not asked.groups or group in asked.groups):
            lines.append(f"{GROUP_NAMES[group][language]}:\n\n{text}")
            ids += cited
    head = say("against" if lines else "no_against", language)
    turns = would_change(report, replace(asked, causes=()))
    return Said((head, *lines, *turns.parts), (*ids, *turns.evidence))


def _turning(report: Report, turn: WouldChange, language: Language) -> str:
    """What would turn the verdict; in Chinese the measures and the cause it would turn to."""
    if language != "zh":
        return escape(sentence(turn.text))
    items = [item for key in turn.evidence if (item := report.find(key)) is not None]
    names = "、".join(escape(told_in(i.said, language)) for i in items)
    return f"{names} \u2192 {cause_word(turn.primary, language)}"
