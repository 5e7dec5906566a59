"""Precision and recall of the reader against hand labels: one find to one label.

A label is ``{article, start, end, kind, about, direction, numbers, optional}``: character offsets
into the article, the claim's kind, what it is about (a pair as ``A-B``, a cause by its name), its
direction and its numbers as written. ``optional`` labels count neither for nor against.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from causemap.tools.claims.records import ExtractedClaim


@dataclass(frozen=True, slots=True)
class Score:
    """Counts of one article: hits, false finds and required labels missed."""

    hits: int
    false: tuple[ExtractedClaim, ...]
    missed: tuple[dict[str, Any], ...]

    def precision(self) -> float:
        """Share of scored finds that are right; finds of optional labels count neither way."""
        return self.hits / max(1, self.hits + len(self.false))

    def recall(self) -> float:
        """Share of required labels found."""
        return self.hits / max(1, self.hits + len(self.missed))


def fits(claim: ExtractedClaim, label: dict[str, Any]) -> bool:
    """Same words, kind, subject, direction and numbers."""
    kind = "level" if claim.kind == "ahead" else claim.kind
    if kind != label["kind"] or not (claim.start < label["end"] and label["start"] < claim.end):
        return False
    if kind == "cause":
        return bool(claim.cause == label["about"])
    side = label["direction"] is None or claim.direction in (label["direction"], None)
    return side and set(claim.about) == set(label["about"].split("-")) and _sized(claim, label)


def _sized(claim: ExtractedClaim, label: dict[str, Any]) -> bool:
    numbers, amount = label["numbers"], claim.amount
    if not numbers:
        return True
    return amount is not None and (amount.low, amount.high) == (numbers[0], numbers[-1])


def score(claims: tuple[ExtractedClaim, ...], wanted: list[dict[str, Any]]) -> Score:
    """Match claims to labels one to one, required labels and exact finds first."""
    left = list(claims)
    missed, hits = [], 0
    for label in sorted(wanted, key=lambda x: (x["optional"], -len(x["numbers"]))):
        found = next((c for c in left if fits(c, label)), None)
        if found is not None:
            left.remove(found)
        if not label["optional"]:
            hits += found is not None
            missed += [label] if found is None else []
    again = [c for c in left if not any(fits(c, label) for label in wanted)]
    return Score(hits, tuple(again), tuple(missed))
