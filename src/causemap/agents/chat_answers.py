"""Answers about a frozen run, one function for each kind of question; figures are the run's own."""

from __future__ import annotations

from collections.abc import Sequence

from causemap.agents.asset_words import GROUP_OF
from causemap.agents.chat_claims import beside
from causemap.agents.chat_doubts import would_change
from causemap.agents.chat_found import found
from causemap.agents.chat_items import LEVELS
from causemap.agents.chat_phrases import say
from causemap.agents.chat_question import Asked
from causemap.agents.chat_said import MOST, Said, assets_of, bullets, window_of
from causemap.agents.chat_verdicts import in_a_sentence, notes_beside, verdict_of, verdict_words
from causemap.agents.chat_words import CAUSE_ZH, GROUP_NAMES
from causemap.agents.names_zh import KINDS_ZH, told_in
from causemap.agents.turns import Language
from causemap.attribution.reach import unreached
from causemap.causes import NAMES
from causemap.closed_sets import AssetGroup
from causemap.records import Report, Verdict
from causemap.reporting.answer import mechanism, spread
from causemap.reporting.markdown import escape
from causemap.reporting.tree import Line
from causemap.reporting.unusual import evidence_z
from causemap.words import instant, percent, sentence, true_minus


def why(report: Report, asked: Asked) -> Said:
    """Verdict, mechanism, what speaks for it and against it, and the unexplained rest."""
    if asked.left_out and not asked.groups:
        return no_verdict(report, asked, asked.left_out)
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
        text, cited = bullets(report, listed, language, MOST if key == "for" else 3)
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
            cause=in_a_sentence(cause, language),
            group=GROUP_NAMES[group][language].lower(),
        )
        for group, cause in unreached(report.cause_map, shown, report.scope.assets)
    ]


def no_verdict(report: Report, asked: Asked, names: Sequence[str]) -> Said:
    """What was asked about has no verdict: say so, and give what was measured of it."""
    what, language = ", ".join(escape(name) for name in names), asked.language
    assets = assets_of(report, language)
    own = [i.id for i in report.evidence if i.metric == "change" and _is_of(i.asset, asked.groups)]
    text, ids = bullets(report, asked.items or own, language)
    return Said((say("no_verdict_on", language, what=what, assets=assets), text), ids)


def _is_of(asset: str, groups: Sequence[AssetGroup]) -> bool:
    return GROUP_OF.get(asset) in groups


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


def missing(report: Report, asked: Asked) -> Said:
    """Every gap of the run with its reason and what it weakens."""
    language = asked.language
    names = CAUSE_ZH if language == "zh" else NAMES
    lines = []
    for gap in report.gaps:
        why = f"{KINDS_ZH[gap.kind]}。" if language == "zh" else sentence(gap.why)
        line = f"- {escape(told_in(gap.what, language))}: {escape(why)}"
        causes = ", ".join(names[cause] for cause in gap.weakens)
        lines.append(f"{line} {say('weakens', language, causes=causes)}" if causes else line)
    head = say("gaps" if lines else "no_gaps", language)
    return Said((head, "\n".join(lines)), (), None, "refresh" if _curable(report) else None)


def _curable(report: Report) -> bool:
    """Whether measuring again could fill a gap: a source failed or was out of date."""
    return any(gap.kind in ("failed", "stale", "empty") for gap in report.gaps)


def fact(report: Report, asked: Asked) -> Said:
    """What was measured of the things named."""
    language = asked.language
    text, ids = bullets(report, asked.items, language, 8)
    what = ", ".join(asked.series) or say("thing", language)
    notes = notes_beside(report, asked)
    if not text:
        near = found(report, asked.text, language, kinds=("gap",))
        parts = (say("no_fact", language, what=what), *(near.parts if near else ()), notes)
        return Said(parts, (), None, "refresh")
    held = any(item.metric in LEVELS for key in ids if (item := report.find(key)) is not None)
    head = "no_level" if asked.level and not held else "fact"
    return Said((say(head, language, what=what), text, notes), ids, _chart_of(report, ids))


def _chart_of(report: Report, ids: Sequence[str]) -> str | None:
    """The chart of the most unusual measures, where it shows any of these."""
    drawn = evidence_z(report)
    charted = {row[-1] for row in drawn.rows} if drawn is not None else set()
    return "z" if charted.intersection(ids) else None


def refresh(report: Report, asked: Asked) -> Said:
    """Say where the run's knowledge ends, and ask before measuring anew."""
    said = {"window": window_of(report, asked.language), "as_of": instant(report.scope.as_of)}
    return Said((say("refresh", asked.language, **said),), (), None, "refresh")


def advice(report: Report, asked: Asked) -> Said:
    """Decline to recommend; give what would change the reading instead."""
    rest = would_change(report, asked)
    language = asked.language
    shown = {"assets": assets_of(report, language), "window": window_of(report, language)}
    return Said((say("advice", language, **shown), *rest.parts), rest.evidence)


def brief(report: Report, asked: Asked) -> Said:
    """The run in a few lines."""
    language = asked.language
    known = say("as_of", language, as_of=instant(report.scope.as_of))
    head = f"**{window_of(report, language)}.** {known}"
    story = why(report, asked)
    turns = would_change(report, asked)
    parts = (head, *story.parts[:3], *turns.parts[:2])
    return Said(parts, (*story.evidence, *turns.evidence), "cause_map")


def help_(_report: Report, asked: Asked) -> Said:
    """What can be asked."""
    return Said((say("help", asked.language),))
