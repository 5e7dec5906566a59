"""What changed between two reports on the same question: causes, probabilities, evidence, claims.

Used by briefings ("what changed since the last issue"), the desk's comparison and the chat. Two
reports on different questions can be compared too; then the changes say how the windows differ.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from causemap.closed_sets import Cause
from causemap.records import Claim, Evidence, Report, Verdict
from causemap.words import cause_name, clean, figure_of, percent

Kind = Literal["verdict", "probability", "evidence", "gap", "claim"]

# Smaller moves of a probability are within what a recount of a hundred windows could show.
_WORTH_SAYING: Final = 0.05
# Evidence counts as changed when its printed value differs by more than this many robust sd.
_Z_STEP: Final = 0.5
_MOST: Final = 12
# The change of the very series that an item's words name.
_MOVE: Final = re.compile(r"change(?:_\d+d)?")
# What came later went from one state to another; of two falls side by side, neither did.
_IN_TIME: Final = {
    "verdict": "{what}: the verdict went from {was} to {now}",
    "probability": "{what} is {turn} likely: {was} before, {now} now",
    "evidence": "{what} went from {was} to {now}",
    "fresh": "new on the table: {what} {now}",
    "gap": "now missing: {what}",
    "filled": "no longer missing: {what}",
    "claim": "the claim {what} was {was} and is {now}",
}
_BESIDE: Final = {
    "verdict": "{what}: {now} here, {was} there",
    "probability": "{what} is {turn} likely here: {now}, there {was}",
    "evidence": "{what}: {now} here, {was} there",
    "fresh": "measured here only: {what} {now}",
    "gap": "missing here only: {what}",
    "filled": "missing there only: {what}",
    "claim": "the claim {what} is {now} here and {was} there",
}


@dataclass(frozen=True, slots=True)
class Change:
    """One difference in words, largest first within its kind; ``evidence`` is of the new run.

    ``was`` is the earlier probability where one changed.
    """

    key: str
    kind: Kind
    text: str
    size: float
    evidence: tuple[str, ...] = ()
    was: float | None = None


def compare(old: Report, new: Report, *, beside: bool = False) -> tuple[Change, ...]:
    """Differences from ``old`` to ``new``; empty when both say the same.

    With ``beside`` they are told as of two falls side by side, ``new`` here and ``old`` there.
    """
    words = _BESIDE if beside else _IN_TIME
    return (
        *_verdicts(old, new, words),
        *_probabilities(old.verdict, new.verdict, words),
        *_evidence(old, new, words),
        *_gaps(old, new, words),
        *_claims(old, new, words),
    )


def _verdicts(old: Report, new: Report, words: dict[str, str]) -> Iterator[Change]:
    before = dict(old.verdicts)
    for group, verdict in new.verdicts:
        was = before.get(group)
        if was is None or _said(was) == _said(verdict):
            continue
        text = words["verdict"].format(what=group, was=_said(was), now=_said(verdict))
        yield Change(f"verdict.{group}", "verdict", text, 1.0, verdict.support[:3])


def _said(verdict: Verdict) -> str:
    if verdict.abstained or verdict.primary == "mixed_unclear":
        return "no single cause"
    return cause_name(verdict.primary)


def _probabilities(old: Verdict, new: Verdict, words: dict[str, str]) -> Iterator[Change]:
    before: dict[Cause, float] = dict(old.probabilities)
    moved = [(cause, before.get(cause, 0.0), p) for cause, p in new.probabilities]
    for cause, was, now in sorted(moved, key=lambda m: (-abs(m[2] - m[1]), m[0])):
        if abs(now - was) >= _WORTH_SAYING:
            turn = "more" if now > was else "less"
            text = words["probability"].format(
                what=cause_name(cause), turn=turn, was=percent(was), now=percent(now)
            )
            yield Change(f"probability.{cause}", "probability", text, abs(now - was), (), was)


def _evidence(old: Report, new: Report, words: dict[str, str]) -> Iterator[Change]:
    before = {item.id: item for item in old.evidence}
    after = {item.id: item for item in new.evidence}
    weighty = {w.evidence for _, verdict in new.verdicts for w in verdict.weighed}
    steps = [
        (_step(before[key], item), item)
        for key, item in after.items()
        if key in before and key in weighty
    ]
    steps = [pair for pair in steps if pair[0] >= _Z_STEP]
    for step, item in sorted(steps, key=lambda pair: (-pair[0], pair[1].id))[:_MOST]:
        was = before[item.id]
        # "The VIX went from +3.8 points" would read as its level.
        name = clean(item.said, 120)
        name = f"the move of {name}" if _MOVE.fullmatch(item.metric) else name
        text = words["evidence"].format(what=name, was=figure_of(was), now=figure_of(item))
        yield Change(f"evidence.{item.id}", "evidence", text, step, (item.id,))
    fresh = [item for key, item in after.items() if key in weighty and key not in before]
    for item in fresh[:_MOST]:
        text = words["fresh"].format(what=clean(item.said, 120), now=figure_of(item))
        yield Change(f"evidence.{item.id}", "evidence", text, 0.0, (item.id,))


def _step(was: Evidence, now: Evidence) -> float:
    """How far an item moved, in robust standard deviations where it has them."""
    if was.z is not None and now.z is not None:
        return abs(now.z - was.z)
    return 0.0 if was.value == now.value else _Z_STEP


def _gaps(old: Report, new: Report, words: dict[str, str]) -> Iterator[Change]:
    before, after = {g.what for g in old.gaps}, {g.what for g in new.gaps}
    for what in sorted(after - before):
        yield Change(f"gap.{what}", "gap", words["gap"].format(what=clean(what, 120)), 0.0)
    for what in sorted(before - after):
        yield Change(f"gap.{what}", "gap", words["filled"].format(what=clean(what, 120)), 0.0)


def _claims(old: Report, new: Report, words: dict[str, str]) -> Iterator[Change]:
    before = {key: claim.verdict for key, claim in _numbered(old)}
    for key, claim in _numbered(new):
        was = before.get(key)
        if was is not None and was != claim.verdict:
            said = f"\u201c{clean(claim.text, 160)}\u201d"
            was_said, now_said = was.replace("_", " "), claim.verdict.replace("_", " ")
            text = words["claim"].format(what=said, was=was_said, now=now_said)
            yield Change(f"claim.{key[1]}.{said}", "claim", text, 0.0, claim.evidence)


def _numbered(report: Report) -> Iterator[tuple[tuple[str, int], Claim]]:
    """Claims by their quotation; one quotation may hold several, told apart by their order."""
    seen: Counter[str] = Counter()
    for claim in report.claims:
        seen[claim.text] += 1
        yield (claim.text, seen[claim.text]), claim
