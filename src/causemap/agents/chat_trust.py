"""How far a probability of the run can be trusted: the run's own, and what such ones were worth."""

from __future__ import annotations

import re
from typing import Final

from causemap.agents.chat_phrases import say
from causemap.agents.chat_question import Asked
from causemap.agents.chat_said import Said
from causemap.agents.chat_verdicts import cause_word, verdict_of, verdict_words
from causemap.agents.chat_words import GROUP_NAMES
from causemap.agents.turns import Language
from causemap.attribution.reliability import Bin, load_reliability
from causemap.closed_sets import Cause
from causemap.records import Report, Verdict
from causemap.words import percent

# So small a share is many a cause's.
_LEAST: Final = 0.1
_SHARE: Final = re.compile(
    r"(?<![\d.,])(\d{1,3}(?:\.\d+)?)\s?(?:%|percent\b|per cent\b)|百分之(\d+)"
)


def how_sure(report: Report, asked: Asked) -> Said:
    """Probabilities of the closed set for what is asked about, and the measured record of such."""
    verdict, language = verdict_of(report, asked.groups), asked.language
    parts = [_stated(report, share, language)] if (share := _asked_share(asked.text)) else []
    parts += [said for cause in asked.causes if (said := _of_cause(report, cause, language))]
    parts += [verdict_words(verdict, language), *_by_group(report, verdict, language)]
    lines = [f"- {cause_word(cause, language)}: {percent(p)}" for cause, p in verdict.ranked]
    parts += [say("odds", language), "\n".join(lines)]
    first = share if share and _leads_or_none(report, share) else _leading(verdict)
    if first is not None and verdict.primary != "no_drawdown":
        parts.append(_record(first, language))
    return Said(tuple(parts), verdict.support[:3], "probabilities")


def _of_cause(report: Report, cause: Cause, language: Language) -> str:
    """A cause's probability overall and in each group that fell."""
    held = [(say("overall", language), report.verdict)] if len(report.verdicts) > 1 else []
    held += [(GROUP_NAMES[group][language], verdict) for group, verdict in report.verdicts]
    # A group without a fall has no shares of causes: none is not nought.
    fell = ((where, dict(v.probabilities)) for where, v in held if v.primary != "no_drawdown")
    shares = [f"{where} {percent(own[cause])}" for where, own in fell if cause in own]
    return f"**{cause_word(cause, language)}**: {'; '.join(shares)}." if shares else ""


def _asked_share(text: str) -> float | None:
    found = _SHARE.search(text)
    share = float(found[1] or found[2]) / 100 if found else 0.0
    return share if 0 < share <= 1 else None


def _leading(verdict: Verdict) -> float | None:
    return verdict.ranked[0][1] if verdict.probabilities else None


def _leads_or_none(report: Report, share: float) -> bool:
    """Whether the figure is a leading probability here, or none of this run's at all."""
    held = [verdict.ranked for verdict in (report.verdict, *(v for _, v in report.verdicts))]
    said = percent(share)
    leads = any(ranked and percent(ranked[0][1]) == said for ranked in held)
    return leads or not any(percent(p) == said for ranked in held for _, p in ranked)


def _stated(report: Report, share: float, language: Language) -> str:
    """Whose probability in this run the figure is; that it is none's if so."""
    said = percent(share)
    of = [
        f"{cause_word(cause, language)} ({GROUP_NAMES[group][language]})"
        for group, verdict in report.verdicts
        for cause, p in verdict.ranked
        if percent(p) == said
    ]
    overall = say("overall", language)
    whole = report.verdict.ranked if len(report.verdicts) > 1 else ()
    of += [f"{cause_word(cause, language)} ({overall})" for cause, p in whole if percent(p) == said]
    if not of or (len(of) > 1 and share < _LEAST):
        return say("no_such_share", language, p=said)
    return say("share_of", language, p=said, what="; ".join(of))


def _by_group(report: Report, verdict: Verdict, language: Language) -> list[str]:
    if verdict is not report.verdict or len(report.verdicts) < 2:
        return []
    lines = [
        f"- {GROUP_NAMES[group][language]}: {verdict_words(held, language)}"
        for group, held in report.verdicts
    ]
    return ["\n".join(lines)]


def _record(share: float, language: Language) -> str:
    """What leading probabilities of that size have been worth in labelled falls."""
    held = load_reliability()
    one: Bin = held.of(share)
    low, high = one.interval
    told = say(
        "record",
        language,
        windows=str(held.windows),
        low=percent(one.low),
        high=percent(one.high),
        n=str(one.n),
        right=str(one.right),
        share=percent(one.right / one.n),
        interval=f"{percent(low)} \u2013 {percent(high)}",
        mean=percent(one.mean),
    )
    verdict = {True: "record_shy", False: "record_bold", None: "record_fair"}[one.shy]
    return f"{told} {say(verdict, language)} {say('record_of', language)}"
