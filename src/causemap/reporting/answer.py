"""The answer of a report in a few words: verdict or abstention, mechanism, spread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from causemap.attribution.reach import acting
from causemap.causes import CHANNELS, GROUP_ASSETS
from causemap.records import Report, Verdict
from causemap.reporting.tree import Line, refs
from causemap.words import band, cause_name, clean, leaders, sentence, sentence_case, window

_LONGEST: Final = 1200


@dataclass(frozen=True, slots=True)
class Headline:
    """The answer in a few words; ``probability`` is absent when no cause is named."""

    label: str
    probability: float | None
    runner_up: str | None
    runner_up_probability: float | None
    reason: str
    hedge: str


def title(report: Report) -> str:
    """The report's title: the question, or the window in words."""
    asked = clean(report.scope.question, 200)
    said = sentence_case(asked) if asked else f"Why did markets fall, {window(report.scope)}?"
    left_out = ", ".join(clean(name, 60) for name in report.scope.left_out)
    return f"{said} (answered for {_assets(report)}, not for {left_out})" if left_out else said


def _assets(report: Report) -> str:
    return ", ".join(clean(asset, 24) for asset in report.scope.assets)


def headline(verdict: Verdict) -> Headline:
    """The verdict in a few words, abstention included."""
    ranked = leaders(verdict)
    reason = sentence(verdict.reason)
    if verdict.primary == "no_drawdown":
        return Headline("No drawdown to explain", None, None, None, reason, "")
    if verdict.abstained or verdict.primary == "mixed_unclear":
        first = next(iter(ranked), None)
        name = f"Closest: {cause_name(first[0])}" if first else None
        held = first[1] if first else None
        return Headline("No single cause named", None, name, held, reason, "")
    held = dict(verdict.probabilities).get(verdict.primary)
    others = [pair for pair in ranked if pair[0] != verdict.primary]
    name, next_ = (
        (f"Runner-up: {cause_name(others[0][0])}", others[0][1]) if others else (None, None)
    )
    hedge = band(held) if held is not None else ""
    return Headline(cause_label(verdict.primary), held, name, next_, reason, hedge)


def cause_label(cause: str) -> str:
    """A cause's plain name with its first letter large."""
    return sentence_case(cause_name(cause))


def mechanism(report: Report) -> Line | None:
    """How the cause reached the prices, or the narrative's first sentence.

    A question about one asset, or about one that is no target of its group, is answered with its
    own move first.
    """
    written = report.narrative.sentences
    marked = [s for s in written if "mechanism" in s.section]
    own = [s for s in written if s.section == "verdict" and _own_moves(report) & {*s.evidence[:1]}]
    chosen = [*own, *[s for s in marked or written if s not in own][:1]]
    if not chosen:
        return None
    told, ids = " ".join(s.text for s in chosen), [key for s in chosen for key in s.evidence]
    return Line(clean(told, _LONGEST), refs(report, tuple(dict.fromkeys(ids))))


def _own_moves(report: Report) -> frozenset[str]:
    """The move of the only asset asked about, and of those no verdict weighs by themselves."""
    weighed = {asset for targets in GROUP_ASSETS.values() for asset in targets}
    assets = report.scope.assets
    asked = {asset for asset in assets if asset not in weighed or len(assets) == 1}
    return frozenset(e.id for e in report.evidence if e.metric == "change" and e.asset in asked)


def spread(report: Report) -> Line | None:
    """The subtype, and the amplifiers from which a measured link of the map leads on, if any."""
    verdict = report.verdict
    parts = []
    if verdict.subtype:
        parts.append(f"Subtype: {clean(verdict.subtype, 40).replace('_', ' ')}.")
    if found := acting(report.cause_map, verdict.amplifiers):
        names = [CHANNELS.get(key, clean(key, 60)) for key in found]
        parts.append(f"Amplifiers: {', '.join(names)}.")
    return Line(" ".join(parts)) if parts else None
