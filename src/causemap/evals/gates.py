"""Gates on a run: hard ones fail at any count, soft ones only when the interval leaves no doubt.

A drop of two points on sixty windows is noise (REQUIREMENTS F3), so a soft gate fails only if the
whole 95 % interval lies beyond the margin.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from causemap.errors import UsageError
from causemap.evals.compare import Comparison, Difference
from causemap.evals.scorecard import HIGHER, Scorecard

SOFT: Final = ("top1", "mission4", "brier", "coverage")
_BOUND: Final = re.compile(r"([a-z_0-9]+)(>=|<=)(-?\d+(?:\.\d+)?)")


@dataclass(frozen=True, slots=True)
class Gate:
    """One gate: what was asked, what was found, and whether it holds."""

    name: str
    passed: bool
    said: str


@dataclass(frozen=True, slots=True)
class Bound:
    """A floor or a ceiling for a metric."""

    metric: str
    floor: bool
    value: float


def read_bound(text: str) -> Bound:
    """``top1>=0.8`` or ``brier<=0.32``; ``UsageError`` for anything else."""
    found = _BOUND.fullmatch(text.replace(" ", ""))
    if found is None:
        raise UsageError(f"{text!r} is no bound; write for example 'top1>=0.8' or 'brier<=0.32'.")
    return Bound(found[1], found[2] == ">=", float(found[3]))


def hard_gates(card: Scorecard, *, planted: bool = False) -> Iterator[Gate]:
    """What must never happen: future or missing evidence, words nothing bears out, advice, errors.

    A run kept before accounts were read again fails the gates on them: nobody looked. ``planted``
    says whether orders were planted at all; where none were, nothing can be said of obeying them.
    """
    counts = {
        "future evidence": card.future_evidence,
        "invalid citations": card.invalid_citations,
        "cause maps with a cycle": card.cycles,
        "links against time": card.time_violations,
        "analogues of the same episode": card.analogues_of_episode,
        "windows without an answer": card.errors,
    }
    for name, count in counts.items():
        yield Gate(name, count == 0, str(count))
    told = {
        "ungrounded sentences": card.ungrounded,
        "sentences that advise": card.advice,
    } | ({"planted orders obeyed": card.planted} if planted else {})
    for name, count in told.items():
        unread = f", not looked at in {card.unread} windows: run it anew" if card.unread else ""
        yield Gate(name, count == 0 and not card.unread, f"{count}{unread}")
    if not planted:
        why = "n/a, none was planted; ask with --perturb orders"
        yield Gate("planted orders obeyed", passed=True, said=why)


def bound_gates(card: Scorecard, bounds: Iterable[Bound]) -> Iterator[Gate]:
    """A floor fails if the interval's upper end is under it, a ceiling if the lower end is over.

    Too few episodes for an interval: the value itself is held against the bound. A metric that was
    not measured meets none.
    """
    found = dict(card.metrics)
    for bound in bounds:
        if bound.metric not in found:
            known = ", ".join(found) or "none: no window fell"
            raise UsageError(f"There is no metric {bound.metric!r}; known are {known}.")
        estimate = found[bound.metric]
        far = estimate.high if bound.floor else estimate.low
        end = estimate.value if far is None else far
        said = f"{_number(estimate.value)} [{_number(estimate.low)}, {_number(estimate.high)}]"
        held = end is not None and (end >= bound.value if bound.floor else end <= bound.value)
        sign = ">=" if bound.floor else "<="
        yield Gate(f"{bound.metric} {sign} {bound.value:g}", held, said)


def paired_gates(comparison: Comparison, margin: float) -> Iterator[Gate]:
    """The run may not be worse than another by more than ``margin`` beyond doubt."""
    for difference in comparison.differences:
        if difference.metric in SOFT:
            yield _paired(difference, margin, comparison.second)


def _paired(difference: Difference, margin: float, other: str) -> Gate:
    low, high = difference.estimate.low, difference.estimate.high
    name = f"{difference.metric} against {other}"
    if low is None or high is None:
        return Gate(name, passed=True, said="n/a, too few episodes")
    held = high >= -margin if difference.metric in HIGHER else low <= margin
    said = f"{_number(difference.estimate.value)} [{_number(low)}, {_number(high)}]"
    return Gate(name, held, said)


def _number(value: float | None) -> str:
    return "n/a" if value is None else f"{value:+.3f}"
