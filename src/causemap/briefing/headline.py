"""Headlines, subject lines and preheaders: options, each within its length and its evidence."""

from __future__ import annotations

import re
from collections.abc import Iterator

from causemap.briefing.lint import advice, overclaim
from causemap.briefing.tree import HEADLINE, PREHEADER
from causemap.causes import GROUP_ASSETS
from causemap.records import Evidence, Report, Verdict
from causemap.words import amount, asset_name, cause_name, percent, sentence_case, window

_GROUPS = {"equity": "Stocks", "crypto": "Crypto", "metals": "Metals"}


def headlines(report: Report) -> tuple[str, ...]:
    """Headline options of at most 60 characters, best first; at least one always fits."""
    wanted = (*_from_verdict(report), *_from_moves(report), f"Market note, {window(report.scope)}")
    return tuple(dict.fromkeys(t for t in wanted if _may_stand(t, report.verdict, HEADLINE)))


def preheaders(report: Report) -> tuple[str, ...]:
    """Preheader options of at most 100 characters."""
    ranked = [f"{cause_name(c)} {percent(p)}" for c, p in report.verdict.ranked if p >= 0.01]
    odds = ", ".join(ranked[:3])
    moves = ", ".join(_move(item) for item in _moves(report)[:4])
    wanted = (
        f"{sentence_case(odds)}: what argues for and against" if odds else "",
        sentence_case(odds),
        moves,
        f"What the evidence says of {window(report.scope)}",
    )
    return tuple(t for t in wanted if t and _may_stand(t, report.verdict, PREHEADER))


def figures(text: str) -> tuple[str, ...]:
    """The figures of a headline as printed, in order."""
    return tuple(re.findall(r"[+\u2212-]?\d[\d.,]*%?", text))


def _may_stand(text: str, verdict: Verdict, limit: int) -> bool:
    return len(text) <= limit and not any(advice(text)) and not any(overclaim(text, verdict))


def _from_verdict(report: Report) -> Iterator[str]:
    verdict = report.verdict
    named = [(group, v) for group, v in report.verdicts if v.primary != "no_drawdown"]
    if not named:
        yield "No drawdown to explain"
        return
    fallen = _joined([_GROUPS[group] for group, _ in named])
    if verdict.abstained or verdict.primary == "mixed_unclear":
        causes = {v.primary for _, v in named if not v.abstained} - {"mixed_unclear"}
        if len(named) > 1 and len({v.primary for _, v in named}) > 1 and causes:
            yield f"{fallen} fell for different reasons"
        yield f"{fallen}: no single cause explains the fall"
        yield "No single cause explains the fall"
        return
    cause, held = cause_name(verdict.primary), verdict.ranked[0][1]
    yield f"{fallen} fell: {cause} most likely, at {percent(held)}"
    yield f"{sentence_case(cause)} leads the explanations at {percent(held)}"
    yield f"{sentence_case(cause)}, {percent(held)}"


def _joined(names: list[str]) -> str:
    low = [names[0], *(name.lower() for name in names[1:])]
    return low[0] if len(low) == 1 else f"{', '.join(low[:-1])} and {low[-1]}"


def _from_moves(report: Report) -> Iterator[str]:
    told = [_move(item) for item in _moves(report)]
    for most in (3, 2, 1):
        if len(told) >= most:
            yield ", ".join(told[:most])


def _moves(report: Report) -> list[Evidence]:
    asked = [a for group, _ in report.verdicts for a in GROUP_ASSETS[group]]
    found = {e.asset: e for e in report.evidence if e.metric == "change" and e.asset in asked}
    return sorted(found.values(), key=lambda item: item.z if item.z is not None else 0.0)


def _move(item: Evidence) -> str:
    return f"{asset_name(item.asset)} {amount(item.value, item.unit)}"
