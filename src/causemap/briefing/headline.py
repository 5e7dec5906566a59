"""Headlines, subject lines and preheaders: options, each within its length and its evidence."""

from __future__ import annotations

import re
from collections.abc import Iterator

from causemap.agents.chat_words import cause_zh
from causemap.agents.clauses import moves
from causemap.agents.told_zh import asset_zh
from causemap.briefing.lint import advice, overclaim
from causemap.briefing.tree import HEADLINE, PREHEADER, Language
from causemap.briefing.voice import book_of
from causemap.causes import GROUP_ASSETS
from causemap.closed_sets import AssetGroup
from causemap.records import Evidence, Report, Scope, Verdict
from causemap.words import asset_name, cause_name, figure_of, percent, sentence_case, window

_GROUPS = {"equity": "stocks", "crypto": "crypto", "metals": "metals"}
_LEAST = 0.01


def headlines(report: Report, language: Language = "en") -> tuple[str, ...]:
    """Headline options of at most 60 characters, best first; at least one always fits."""
    words = _words(language)
    last = words["window"].format(window=_window(report.scope, language))
    wanted = (*_from_verdict(report, language), *_from_moves(report, language), last)
    return tuple(dict.fromkeys(t for t in wanted if _may_stand(t, report.verdict, HEADLINE)))


def preheaders(report: Report, language: Language = "en") -> tuple[str, ...]:
    """Preheader options of at most 100 characters."""
    words = _words(language)
    ranked = [(c, p) for c, p in report.verdict.ranked if p >= _LEAST]
    odds = words["join"].join(f"{_cause(c, language)} {percent(p)}" for c, p in ranked[:3])
    told = words["join"].join(_move(item, language) for item in _moves(report)[:4])
    wanted = (
        words["odds"].format(odds=sentence_case(odds)) if odds else "",
        words["odds_only"].format(odds=sentence_case(odds)),
        told,
        words["said"].format(window=_window(report.scope, language)),
    )
    return tuple(t for t in wanted if t and _may_stand(t, report.verdict, PREHEADER))


def figures(text: str) -> tuple[str, ...]:
    """The figures of a headline as printed, in order."""
    return tuple(re.findall(r"[+\u2212-]?\d[\d.,]*%?", text))


def _words(language: Language) -> dict[str, str]:
    words: dict[str, str] = book_of(language)["headlines"]
    return words


def _may_stand(text: str, verdict: Verdict, limit: int) -> bool:
    return len(text) <= limit and not any(advice(text)) and not any(overclaim(text, verdict))


def _from_verdict(report: Report, language: Language) -> Iterator[str]:
    verdict, words = report.verdict, _words(language)
    fell = [(group, v) for group, v in report.verdicts if v.primary != "no_drawdown"]
    # A group without a price over the window is not known to have fallen.
    named = [(group, v) for group, v in fell if moves(report.evidence, group, ())]
    if not named:
        yield words["open" if fell else "calm"].format(groups=words["nothing"])
        return
    groups = sentence_case(_joined([_group(group, language) for group, _ in named], language))
    if verdict.abstained or verdict.primary == "mixed_unclear":
        causes = {v.primary for _, v in named if not v.abstained} - {"mixed_unclear"}
        if len({v.primary for _, v in named}) > 1 and causes:
            yield words["reasons"].format(groups=groups)
        yield words["open"].format(groups=groups)
        return
    cause, held = _cause(verdict.primary, language), percent(verdict.ranked[0][1])
    yield words["cause"].format(groups=groups, cause=cause, p=held)
    yield f"{sentence_case(cause)}{words['join']}{held}"


def _joined(names: list[str], language: Language) -> str:
    if language == "zh" or len(names) == 1:
        return _words(language)["join"].join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"


def _group(group: AssetGroup, language: Language) -> str:
    return str(book_of("zh")["groups"][group]) if language == "zh" else _GROUPS[group]


def _cause(cause: str, language: Language) -> str:
    return cause_zh(cause) if language == "zh" else cause_name(cause)


def _window(scope: Scope, language: Language) -> str:
    return f"{scope.start} 至 {scope.end}" if language == "zh" else window(scope)


def _from_moves(report: Report, language: Language) -> Iterator[str]:
    told = [_move(item, language) for item in _moves(report)]
    for most in (3, 2, 1):
        if len(told) >= most:
            yield _words(language)["join"].join(told[:most])


def _moves(report: Report) -> list[Evidence]:
    asked = [a for group, _ in report.verdicts for a in GROUP_ASSETS[group]]
    found = {e.asset: e for e in report.evidence if e.metric == "change" and e.asset in asked}
    return sorted(found.values(), key=lambda item: item.z if item.z is not None else 0.0)


def _move(item: Evidence, language: Language) -> str:
    name = asset_zh(item.asset) if language == "zh" else asset_name(item.asset)
    return f"{name} {figure_of(item)}"
