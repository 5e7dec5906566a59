"""The answer of a report in a few words: verdict or abstention, mechanism, spread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from causemap.attribution.reach import acting
from causemap.attribution.verdict import fall_threshold, worst
from causemap.causes import CHANNELS, GROUP_ASSETS, GROUP_WORDS
from causemap.closed_sets import AssetGroup, Cause, Primary
from causemap.records import Evidence, Report, Sentence, Verdict
from causemap.reporting.tree import Line, refs
from causemap.words import (
    asset_name,
    band,
    cause_name,
    clean,
    leaders,
    percent,
    sentence,
    sentence_case,
    window,
)

PARTED: Final = "Different causes by market"
_LONGEST: Final = 1200
_TARGETS: Final = frozenset(asset for assets in GROUP_ASSETS.values() for asset in assets)


@dataclass(frozen=True, slots=True)
class Headline:
    """The answer in a few words; ``probability`` is absent when no cause is named.

    ``second`` is the runner-up, what comes closest, or each group's own cause; it may be empty.
    """

    label: str
    probability: float | None
    second: str
    reason: str
    hedge: str


def title(report: Report) -> str:
    """The report's title: the question, or the window in words."""
    asked = clean(report.scope.question, 200)
    said = sentence_case(asked) if asked else f"Why did markets fall, {window(report.scope)}?"
    left_out = ", ".join(clean(name, 60) for name in report.scope.left_out)
    return f"{said} (answered for {_held(report)}, not for {left_out})" if left_out else said


def _held(report: Report) -> str:
    return _listed(assets_said(report))


def assets_said(report: Report) -> tuple[str, ...]:
    """What was asked about by the names the run measured it under; by its own where it did not."""
    moves = {item.asset: item.said for item in _asked_moves(report)}
    return tuple(clean(moves.get(a) or asset_name(a), 60) for a in report.scope.assets)


def _listed(names: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


def headline(verdict: Verdict) -> Headline:
    """The verdict in a few words, abstention included."""
    ranked = leaders(verdict)
    reason = sentence(verdict.reason)
    if verdict.primary == "no_drawdown":
        return Headline("No drawdown to explain", None, "", reason, "")
    if verdict.abstained or verdict.primary == "mixed_unclear":
        second = _told("Closest", ranked if _told_apart(verdict) else ())
        return Headline("No single cause named", None, second, reason, "")
    held = dict(verdict.probabilities).get(verdict.primary)
    second = _told("Runner-up", [pair for pair in ranked if pair[0] != verdict.primary])
    hedge = band(held) if held is not None else ""
    return Headline(cause_label(verdict.primary), held, second, reason, hedge)


def _told(lead: str, ranked: Sequence[tuple[Cause, float]]) -> str:
    return f"{lead}: {cause_name(ranked[0][0])}, {percent(ranked[0][1])}" if ranked else ""


def _told_apart(verdict: Verdict) -> bool:
    """Whether any evidence ranks the causes; else their order is that of the prior."""
    return bool(verdict.weighed or verdict.support or verdict.rejected)


def answered(report: Report) -> Headline:
    """The headline of a report: of its verdict, or that only an asset without one fell.

    Where groups fell for different causes, or only some have one, each group's is told (TAXONOMY:
    never label the market when assets fell for different reasons).
    """
    said = headline(report.verdict)
    if parted(report) or (report.verdict.primary == "mixed_unclear" and _named(report)):
        label = PARTED if parted(report) else "No single cause for all markets"
        groups = (_of_group(group, verdict) for group, verdict in report.verdicts)
        return Headline(label, None, sentence_case("; ".join(groups)), "", "")
    alone = _fell_alone(report) if report.verdict.primary == "no_drawdown" else ()
    if not alone:
        return said
    names = [sentence_case(clean(item.said, 60)) for item in alone]
    told = _listed(names)
    whose = "their" if len(names) > 1 or names[0].endswith("s") else "its"
    return replace(said, label=f"No cause named: {told} fell, {whose} group did not")


def parted(report: Report) -> bool:
    """Whether groups fell for different causes."""
    return len(_named(report)) > 1


def _named(report: Report) -> set[Primary]:
    """The causes named for some group, where there is more than one group."""
    held = [verdict.primary for _, verdict in report.verdicts]
    return {*held} - {"mixed_unclear", "no_drawdown"} if len(held) > 1 else set()


def _of_group(group: AssetGroup, verdict: Verdict) -> str:
    if verdict.primary == "no_drawdown":
        return f"{GROUP_WORDS[group]}: no drawdown"
    said = headline(verdict)
    if said.probability is None:
        closest = f" ({said.second[0].lower()}{said.second[1:]})" if said.second else ""
        return f"{GROUP_WORDS[group]}: no single cause{closest}"
    return f"{GROUP_WORDS[group]}: {cause_name(verdict.primary)}, {percent(said.probability)}"


def odds(report: Report) -> list[tuple[str, float]]:
    """Every cause by name with its probability, the likeliest first; none where nothing fell."""
    verdict = report.verdict
    ranked = verdict.ranked if verdict.primary != "no_drawdown" else ()
    return [(cause_label(cause), p) for cause, p in ranked]


def _fell_alone(report: Report) -> tuple[Evidence, ...]:
    """The falls of assets asked about that no verdict weighs by themselves."""
    own = [item for item in _asked_moves(report) if item.asset not in _TARGETS]
    return tuple(item for item in own if worst((item,)) <= fall_threshold(len(own)))


def _asked_moves(report: Report) -> list[Evidence]:
    moves = {item.asset: item for item in report.evidence if item.metric == "change"}
    return [moves[asset] for asset in report.scope.assets if asset in moves]


def cause_label(cause: str) -> str:
    """A cause's plain name with its first letter large."""
    return sentence_case(cause_name(cause))


def mechanism(report: Report) -> Line | None:
    """What fell and how the cause reached the prices, or the narrative's first sentence.

    What was asked about and has no price over the window is named.
    """
    written = report.narrative.sentences
    own = [s for s in written if s.section == "verdict" and _of_moves(report, s)]
    fell = report.verdict.primary != "no_drawdown"
    first = next((s for s in written if "mechanism" in s.section and fell), None)
    chosen = [*own, *([first] if first and first.evidence else [])] or [*written[:1]]
    told = " ".join(filter(None, (*(s.text for s in chosen), _unpriced(report))))
    ids = [key for s in chosen for key in s.evidence]
    return Line(clean(told, _LONGEST), refs(report, tuple(dict.fromkeys(ids)))) if told else None


def _of_moves(report: Report, written: Sentence) -> bool:
    """Whether the first figure or name of a sentence is that of a move asked about."""
    item = report.find(next(iter(written.evidence), ""))
    if item is None or f"{{{item.id}|" not in written.template:
        return False
    own = item.asset in report.scope.assets or item.asset in _TARGETS
    return own and item.metric in ("change", "beta_implied")


def _unpriced(report: Report) -> str:
    """The assets asked about whose move could not be measured, in a sentence."""
    held = {item.asset for item in _asked_moves(report)}
    names = [asset_name(asset) for asset in report.scope.assets if asset not in held]
    return f"No prices cover the window for {_listed(names)}." if names else ""


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
