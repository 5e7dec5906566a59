"""Answers about a frozen run, one function for each kind of question; figures are the run's own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from causemap.agents.chat_claims import beside, names_margin
from causemap.agents.chat_phrases import say
from causemap.agents.chat_question import LEVELS, Asked
from causemap.agents.chat_said import Said, cite
from causemap.agents.chat_words import BANDS_ZH, CAUSE_ZH, GROUP_NAMES
from causemap.agents.clauses import cause_words
from causemap.agents.names_zh import told_in
from causemap.agents.turns import Language
from causemap.attribution.reach import unreached
from causemap.causes import NAMES
from causemap.closed_sets import AssetGroup, Primary
from causemap.records import Evidence, Rejected, Report, Verdict, WouldChange
from causemap.reporting.answer import cause_label, mechanism, spread
from causemap.reporting.markdown import escape
from causemap.reporting.tree import Line
from causemap.words import (
    amount,
    band,
    instant,
    leaders,
    percent,
    sentence,
    true_minus,
    value_of,
    window,
)

_MOST: Final = 5


def cause_word(cause: Primary, language: Language) -> str:
    """A cause's plain name in a language."""
    return CAUSE_ZH[cause] if language == "zh" else cause_label(cause)


def _in_a_sentence(cause: Primary, language: Language) -> str:
    return cause_word(cause, language) if language == "zh" else cause_words(cause)


def bullet(report: Report, item: Evidence, language: Language) -> str:
    """One item of the ledger as a list line with its value, deviation and number."""
    z = "" if item.z is None or item.unit == "z" else f", {amount(item.z, 'z')}"
    said = escape(told_in(item.said, language))
    return f"- {said}: {value_of(item)}{z}{cite(report, (item.id,))}"


def bullets(
    report: Report, ids: Iterable[str], language: Language, most: int = _MOST
) -> tuple[str, tuple[str, ...]]:
    """List lines of up to ``most`` items that the run holds, and their ids."""
    items = [item for key in dict.fromkeys(ids) if (item := report.find(key)) is not None][:most]
    lines = [bullet(report, item, language) for item in items]
    return "\n".join(lines), tuple(item.id for item in items)


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


def why(report: Report, asked: Asked) -> Said:
    """Verdict, mechanism, what speaks for it and against it, and the unexplained rest."""
    if asked.left_out and not asked.groups:
        return _no_verdict(report, asked)
    verdict, language = verdict_of(report, asked.groups), asked.language
    parts = [say("no_rise", language)] if asked.rises else []
    parts.append(_of_group(report, verdict, language))
    if verdict.primary == "no_drawdown":
        text, cited = bullets(report, verdict.support, language)
        return Said((*parts, text), cited)
    ids: list[str] = []
    if verdict is report.verdict:
        told = _lines(report, language)
        parts += [f"{escape(true_minus(line.text))}{_places(line)}" for line in told]
        parts += _by_group(report, language)
    for key, listed in (("for", verdict.support), ("against", verdict.counter_evidence)):
        text, cited = bullets(report, listed, language, _MOST if key == "for" else 3)
        if text:
            parts.append(f"{say(key, language)}\n\n{text}")
            ids += cited
    bare = _no_paths(report, verdict, language)
    parts += bare
    claimed = beside(report, asked, (verdict.primary, *asked.causes))
    parts += claimed.parts
    ids += claimed.evidence
    if verdict.support and not verdict.counter_evidence and not bare and not claimed.parts:
        parts.append(say("no_against", language))
    if verdict.contributions:
        parts.append(say("residual", language, share=percent(verdict.residual.share)))
    return Said(tuple(parts), tuple(ids), "cause_map")


def _of_group(report: Report, verdict: Verdict, language: Language) -> str:
    """The verdict in words, with the group's name where it is one of several."""
    said = verdict_words(verdict, language)
    group = next((g for g, held in report.verdicts if held is verdict), None)
    if group is None or len(report.verdicts) < 2:
        return said
    return say("in_group", language, group=GROUP_NAMES[group][language], said=said)


def _no_paths(report: Report, verdict: Verdict, language: Language) -> list[str]:
    """The causes named by the verdict, or by any group's, that no measured link follows up."""
    shown = [(g, v) for g, v in report.verdicts if verdict is v or verdict is report.verdict]
    return [
        say(
            "no_path",
            language,
            cause=_in_a_sentence(cause, language),
            group=GROUP_NAMES[group][language].lower(),
        )
        for group, cause in unreached(report.cause_map, shown, report.scope.assets)
    ]


def _no_verdict(report: Report, asked: Asked) -> Said:
    """What was asked about has no verdict: say so, and give what was measured of it."""
    what, language = ", ".join(escape(name) for name in asked.left_out), asked.language
    assets = ", ".join(report.scope.assets)
    text, ids = bullets(report, asked.items, language)
    return Said((say("no_verdict_on", language, what=what, assets=assets), text), ids)


def _lines(report: Report, language: Language) -> list[Line]:
    # The mechanism is an English sentence; in Chinese the figures below say the same.
    found = (mechanism(report), spread(report)) if language == "en" else ()
    return [line for line in found if line is not None]


def _places(line: Line) -> str:
    return "".join(f" \\[{place}\\]" for place in line.refs)


def _by_group(report: Report, language: Language) -> list[str]:
    if len(report.verdicts) < 2:
        return []
    lines = [
        f"- {GROUP_NAMES[group][language]}: {verdict_words(verdict, language)}"
        for group, verdict in report.verdicts
    ]
    return ["\n".join(lines)]


def why_not(report: Report, asked: Asked) -> Said:
    """The deciding test of each cause asked about, or every alternative turned down."""
    verdict, language = verdict_of(report, asked.groups), asked.language
    if not asked.causes:
        lines = [
            f"- {cause_word(r.cause, language)}: {_tested(report, r, language)}"
            f"{cite(report, r.evidence)}"
            for r in verdict.rejected
        ]
        head = say("rejected_all" if lines else "none_rejected", language)
        ids = tuple(key for r in verdict.rejected for key in r.evidence)
        return Said((head, "\n".join(lines)), ids, "probabilities")
    parts: list[str] = []
    ids = ()
    for cause in asked.causes:
        said = _one_not(report, verdict, cause, language)
        parts += said.parts
        ids += said.evidence
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
    head = say("left_at", language, cause=name, hedge=hedge(held, language), p=percent(held))
    test = next((item for item in verdict.rejected if item.cause == cause), None)
    if test is None:
        text, cited = bullets(report, _against(verdict, cause), language, 3)
        return Said((f"{head} {say('no_test', language)}", text), cited)
    if language == "zh":  # the test's own words are English
        text, cited = bullets(report, ids, language)
        return Said((f"{head} {say('test', language, why='')}", text), cited)
    why_text = escape(sentence(test.why))
    return Said((f"{head} {say('test', language, why=why_text)}{cite(report, ids)}",), ids)


def _against(verdict: Verdict, cause: Primary) -> list[str]:
    pulls = [w for w in verdict.weighed if w.cause == cause and w.log_odds < 0]
    return [w.evidence for w in sorted(pulls, key=lambda w: (w.log_odds, w.evidence))]


def how_sure(report: Report, asked: Asked) -> Said:
    """Probabilities of the closed set, for the group asked about or over all."""
    verdict, language = verdict_of(report, asked.groups), asked.language
    lines = [f"- {cause_word(cause, language)}: {percent(p)}" for cause, p in verdict.ranked]
    parts = (verdict_words(verdict, language), say("odds", language), "\n".join(lines))
    return Said(parts, verdict.support[:3], "probabilities")


def missing(report: Report, asked: Asked) -> Said:
    """Every gap of the run with its reason and what it weakens."""
    language = asked.language
    names = CAUSE_ZH if language == "zh" else NAMES
    lines = []
    for gap in report.gaps:
        line = f"- {escape(told_in(gap.what, language))}: {escape(sentence(gap.why))}"
        causes = ", ".join(names[cause] for cause in gap.weakens)
        lines.append(f"{line} {say('weakens', language, causes=causes)}" if causes else line)
    head = say("gaps" if lines else "no_gaps", language)
    return Said((head, "\n".join(lines)), (), None, "refresh" if _curable(report) else None)


def _curable(report: Report) -> bool:
    """Whether measuring again could fill a gap: a source failed or was out of date."""
    return any(gap.kind in ("failed", "stale", "empty") for gap in report.gaps)


def would_change(report: Report, asked: Asked) -> Said:
    """The recomputed single changes that turn the verdict."""
    verdict, language = verdict_of(report, asked.groups), asked.language
    turns = [t for t in verdict.would_change if not asked.causes or t.primary in asked.causes]
    if not turns and asked.causes:
        names = ", ".join(_in_a_sentence(cause, language) for cause in asked.causes)
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


def fact(report: Report, asked: Asked) -> Said:
    """What was measured of the things named."""
    language = asked.language
    text, ids = bullets(report, asked.items, language, 8)
    what = ", ".join(asked.series) or say("thing", language)
    if not text:
        return Said((say("no_fact", language, what=what),), (), None, "refresh")
    held = any(item.metric in LEVELS for key in ids if (item := report.find(key)) is not None)
    head = "no_level" if asked.level and not held else "fact"
    return Said((say(head, language, what=what), text), ids, "z")


def refresh(report: Report, asked: Asked) -> Said:
    """Say where the run's knowledge ends, and ask before measuring anew."""
    as_of = instant(report.scope.as_of)
    return Said((say("refresh", asked.language, as_of=as_of),), (), None, "refresh")


def advice(report: Report, asked: Asked) -> Said:
    """Decline to recommend; give what would change the reading instead."""
    rest = would_change(report, asked)
    shown = {"assets": ", ".join(report.scope.assets), "window": window(report.scope)}
    return Said((say("advice", asked.language, **shown), *rest.parts), rest.evidence)


def brief(report: Report, asked: Asked) -> Said:
    """The run in a few lines."""
    language = asked.language
    head = (
        f"**{window(report.scope)}.** {say('as_of', language, as_of=instant(report.scope.as_of))}"
    )
    story = why(report, asked)
    turns = would_change(report, asked)
    parts = (head, *story.parts[:3], *turns.parts[:2])
    return Said(parts, (*story.evidence, *turns.evidence), "cause_map")


def help_(_report: Report, asked: Asked) -> Said:
    """What can be asked."""
    return Said((say("help", asked.language),))
