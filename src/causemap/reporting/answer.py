"""The answer of a report in a few words: verdict or abstention, mechanism, spread."""

from __future__ import annotations

from dataclasses import dataclass

from causemap.causes import CHANNELS
from causemap.records import Report, Verdict
from causemap.reporting.tree import Line, refs
from causemap.words import band, cause_name, clean, sentence, sentence_case, window


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
    ranked = verdict.ranked
    reason = sentence(verdict.reason)
    if verdict.primary == "no_drawdown":
        return Headline("No drawdown to explain", None, None, None, reason, "")
    if verdict.abstained or verdict.primary == "mixed_unclear":
        first = ranked[0] if ranked else None
        named = first is not None and first[0] != "mixed_unclear" and first[1] > 0
        name = f"Closest: {cause_name(first[0])}" if first and named else None
        return Headline(
            "No single cause named", None, name, first[1] if first and named else None, reason, ""
        )
    held = dict(ranked).get(verdict.primary)
    others = [(cause, p) for cause, p in ranked if cause != verdict.primary]
    name, next_ = (
        (f"Runner-up: {cause_name(others[0][0])}", others[0][1]) if others else (None, None)
    )
    hedge = band(held) if held is not None else ""
    return Headline(cause_label(verdict.primary), held, name, next_, reason, hedge)


def cause_label(cause: str) -> str:
    """A cause's plain name with its first letter large."""
    return sentence_case(cause_name(cause))


def mechanism(report: Report) -> Line | None:
    """The sentence that says how the cause reached the prices, or the narrative's first one."""
    written = report.narrative.sentences
    marked = [s for s in written if "mechanism" in s.section]
    chosen = next(iter(marked or written), None)
    return Line(clean(chosen.text), refs(report, chosen.evidence)) if chosen else None


def spread(verdict: Verdict) -> Line | None:
    """Through which channels the move spread, and the subtype, if the verdict names any."""
    parts = []
    if verdict.subtype:
        parts.append(f"Subtype: {clean(verdict.subtype, 40).replace('_', ' ')}.")
    if verdict.amplifiers:
        names = [CHANNELS.get(key, clean(key, 60)) for key in verdict.amplifiers]
        parts.append(f"Amplifiers: {', '.join(names)}.")
    return Line(" ".join(parts)) if parts else None
