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
from causemap.words import cause_name, clean, figure_of, percent, sentence_case

Kind = Literal["verdict", "probability", "evidence", "gap", "claim"]

# Smaller moves of a probability are within what a recount of a hundred windows could show.
_WORTH_SAYING: Final = 0.05
# Evidence counts as changed when its printed value differs by more than this many robust sd.
_Z_STEP: Final = 0.5
_MOST: Final = 12
# The change of the very series that an item's words name.
_MOVE: Final = re.compile(r"change(?:_\d+d)?")


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


def compare(old: Report, new: Report) -> tuple[Change, ...]:
    """Differences from ``old`` to ``new``; empty when both say the same."""
    return (
        *_verdicts(old, new),
        *_probabilities(old.verdict, new.verdict),
        *_evidence(old, new),
        *_gaps(old, new),
        *_claims(old, new),
    )


def _verdicts(old: Report, new: Report) -> Iterator[Change]:
    before = dict(old.verdicts)
    for group, verdict in new.verdicts:
        was = before.get(group)
        if was is None or _said(was) == _said(verdict):
            continue
        text = f"{group}: the verdict went from {_said(was)} to {_said(verdict)}"
        yield Change(f"verdict.{group}", "verdict", text, 1.0, verdict.support[:3])


def _said(verdict: Verdict) -> str:
    if verdict.abstained or verdict.primary == "mixed_unclear":
        return "no single cause"
    return cause_name(verdict.primary)


def _probabilities(old: Verdict, new: Verdict) -> Iterator[Change]:
    before: dict[Cause, float] = dict(old.probabilities)
    moved = [(cause, before.get(cause, 0.0), p) for cause, p in new.probabilities]
    for cause, was, now in sorted(moved, key=lambda m: (-abs(m[2] - m[1]), m[0])):
        if abs(now - was) >= _WORTH_SAYING:
            turn = "more" if now > was else "less"
            text = (
                f"{cause_name(cause)} is {turn} likely: {percent(was)} before, {percent(now)} now"
            )
            yield Change(f"probability.{cause}", "probability", text, abs(now - was), (), was)


def _evidence(old: Report, new: Report) -> Iterator[Change]:
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
        text = f"{name} went from {figure_of(was)} to {figure_of(item)}"
        yield Change(f"evidence.{item.id}", "evidence", text, step, (item.id,))
    fresh = [item for key, item in after.items() if key in weighty and key not in before]
    for item in fresh[:_MOST]:
        text = f"new on the table: {clean(item.said, 120)} {figure_of(item)}"
        yield Change(f"evidence.{item.id}", "evidence", text, 0.0, (item.id,))


def _step(was: Evidence, now: Evidence) -> float:
    """How far an item moved, in robust standard deviations where it has them."""
    if was.z is not None and now.z is not None:
        return abs(now.z - was.z)
    return 0.0 if was.value == now.value else _Z_STEP


def _gaps(old: Report, new: Report) -> Iterator[Change]:
    before, after = {g.what for g in old.gaps}, {g.what for g in new.gaps}
    for what in sorted(after - before):
        yield Change(f"gap.{what}", "gap", f"now missing: {clean(what, 120)}", 0.0)
    for what in sorted(before - after):
        yield Change(f"gap.{what}", "gap", f"no longer missing: {clean(what, 120)}", 0.0)


def _claims(old: Report, new: Report) -> Iterator[Change]:
    before = {key: claim.verdict for key, claim in _numbered(old)}
    for key, claim in _numbered(new):
        was = before.get(key)
        if was is not None and was != claim.verdict:
            said = f"\u201c{clean(claim.text, 160)}\u201d"
            was_said, now_said = was.replace("_", " "), claim.verdict.replace("_", " ")
            text = f"the claim {said} was {was_said} and is {now_said}"
            yield Change(f"claim.{key[1]}.{said}", "claim", text, 0.0, claim.evidence)


def _numbered(report: Report) -> Iterator[tuple[tuple[str, int], Claim]]:
    """Claims by their quotation; one quotation may hold several, told apart by their order."""
    seen: Counter[str] = Counter()
    for claim in report.claims:
        seen[claim.text] += 1
        yield (claim.text, seen[claim.text]), claim


def summary(changes: tuple[Change, ...]) -> str:
    """One line for a list: the first change, or that nothing of weight changed."""
    return sentence_case(changes[0].text) if changes else "Nothing of weight changed"
