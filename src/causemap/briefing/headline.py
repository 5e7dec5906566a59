"""Headlines, subject lines and preheaders: options, each within its length and its evidence."""

from __future__ import annotations

import re
from collections.abc import Iterator

from causemap.agents.chat_words import cause_zh
from causemap.agents.clauses import moves
from causemap.agents.names_zh import named_zh
from causemap.agents.told_zh import asset_zh
from causemap.briefing.lint import advice, overclaim
from causemap.briefing.tree import HEADLINE, PREHEADER, Language
from causemap.briefing.voice import book_of
from causemap.closed_sets import AssetGroup
from causemap.ranking import lowest_first
from causemap.records import Evidence, Report, Scope, Verdict
from causemap.words import asset_name, cause_name, figure_of, percent, sentence_case, window

_Judged = tuple[AssetGroup, Verdict]
_GROUPS = {"equity": "stocks", "crypto": "crypto", "metals": "metals"}
_LEAST = 0.01


def headlines(report: Report, language: Language = "en") -> tuple[str, ...]:
    """Headline options of at most 60 characters, best first; at least one always fits."""
    words = _words(language)
    last = words["window"].format(window=_window(report.scope, language))
    whole = (*_from_moves(report, language), last)
    judged = (*_from_verdict(report, language), *((text, report.verdict) for text in whole))
    return tuple(dict.fromkeys(t for t, verdict in judged if _may_stand(t, verdict, HEADLINE)))


def preheaders(report: Report, language: Language = "en") -> tuple[str, ...]:
    """Preheader options of at most 100 characters."""
    words = _words(language)
    calm = report.verdict.primary == "no_drawdown"
    ranked = [] if calm else [(c, p) for c, p in report.verdict.ranked if p >= _LEAST]
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


def _from_verdict(report: Report, language: Language) -> Iterator[tuple[str, Verdict]]:
    """Headlines, each with the verdict that has to bear it out."""
    if parted := _parted(report, language):
        yield from parted
        return
    yield from ((text, report.verdict) for text in _whole(report, language))


def _fallen(report: Report) -> list[_Judged]:
    """The groups known to have fallen; one without a price over the window is not."""
    fell = [pair for pair in report.verdicts if pair[1].primary != "no_drawdown"]
    return [pair for pair in fell if moves(report.evidence, pair[0], ())]


def _whole(report: Report, language: Language) -> Iterator[str]:
    verdict, words = report.verdict, _words(language)
    named = _fallen(report)
    if not named:
        fell = any(v.primary != "no_drawdown" for _, v in report.verdicts)
        yield words["open" if fell else "calm"].format(groups=words["nothing"])
        return
    groups = sentence_case(_joined([_group(group, language) for group, _ in named], language))
    differ = len({v.primary for _, v in _clear(named)}) > 1
    if differ:
        yield words["reasons"].format(groups=groups)
    if verdict.abstained or verdict.primary == "mixed_unclear":
        yield words["open"].format(groups=groups)
    if differ or not _clear([(named[0][0], verdict)]):
        return
    cause, held = _cause(verdict.primary, language), percent(verdict.ranked[0][1])
    yield words["cause"].format(groups=groups, cause=cause, p=held)
    yield words["cause_short"].format(groups=groups, cause=cause, p=held)
    yield f"{sentence_case(cause)}{words['join']}{held}"


def _clear(named: list[_Judged]) -> list[_Judged]:
    """The groups with a cause of their own."""
    return [(g, v) for g, v in named if not v.abstained and v.primary != "mixed_unclear"]


def _parted(report: Report, language: Language) -> list[tuple[str, Verdict]]:
    """Where one group alone has a cause, and all together none: which, and what."""
    words, named = _words(language), _fallen(report)
    clear, whole = _clear(named), report.verdict
    if len(clear) != 1 or len(named) < 2 or _clear([(clear[0][0], whole)]):
        return []
    group, verdict = clear[0]
    groups = sentence_case(_joined([_group(g, language) for g, _ in named], language))
    others = _joined([_group(g, language) for g, _ in named if g != group], language)
    where = sentence_case(_group(group, language))
    cause, held = _cause(verdict.primary, language), percent(verdict.ranked[0][1])
    return [
        (words["parted"].format(where=where, cause=cause, p=held, others=others), verdict),
        (words["parted_short"].format(where=where, cause=cause, p=held), verdict),
        (words["open"].format(groups=groups), whole),
    ]


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
    """The moves of what was asked about, the largest fall first, then of what it is judged by."""
    asked = report.scope.assets
    found = [e for group, _ in report.verdicts for e in moves(report.evidence, group, asked)]
    return sorted(found, key=lambda e: (e.asset not in asked, lowest_first(e.z)))


def _move(item: Evidence, language: Language) -> str:
    name = asset_zh(item.asset) if language == "zh" else asset_name(item.asset)
    if name == item.asset and item.said.strip():
        # A single stock has its name in the run, not in a table of series.
        name = named_zh(item.said) if language == "zh" else item.said.strip()
    return f"{name} {figure_of(item)}"
