"""One possible link of the template, scored by the evidence of the window.

Its confidence is ``sigmoid(sum of its tests' log-odds + log-odds of the order) * min(quality)``,
where the order counts if both ends are dated (:func:`order.timing_log_odds`); without supporting
evidence it has identification ``none`` and at most 0.3.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import NamedTuple

from causemap.attribution import order, template
from causemap.attribution.order import Span
from causemap.attribution.template import EdgeTest, Link
from causemap.closed_sets import Cause, Identification
from causemap.records import Dossier, Edge, Evidence


@dataclass(frozen=True, slots=True)
class Ground:
    """What links are judged on: the ledger by id, dated nodes, and when falls were a third done."""

    dossier: Dossier
    items: dict[str, Evidence]
    spans: dict[str, Span]
    thirds: dict[str, float]


class _Weighed(NamedTuple):
    item: Evidence
    log_odds: float
    kind: Identification
    dated: bool
    agrees: bool = False


class Candidate(NamedTuple):
    """An edge, whether its evidence favours it on balance, and whether some is the target's own."""

    edge: Edge
    prevails: bool
    own: bool


def candidate(
    link: Link, source: str, target: str, ground: Ground, cause: Cause | None = None
) -> Candidate:
    """The link scored: for and against, confidence, lag and how it is identified."""
    first, second = ground.spans.get(source), ground.spans.get(target)
    both = None if first is None or second is None else (first, second)
    tested = [
        found
        for test in link.tests
        if (found := _tested(test, target, cause, ground, both is not None)) is not None
    ]
    balance = sum(w.log_odds for w in tested)
    support = sorted((w for w in tested if w.log_odds > 0), key=lambda w: -w.log_odds)
    helping = {w.item.id for w in support}
    against = [w for w in tested if w.log_odds < 0 and w.item.id not in helping and not w.agrees]
    lag = None if both is None else order.lag_days(*both)
    timing = 0.0 if both is None else order.timing_log_odds(*both, usual=link.lag)
    quality = min((w.item.quality for w in tested), default=1.0)
    confidence = quality / (1.0 + math.exp(-balance - timing))
    edge = Edge(
        source=source,
        target=target,
        sign=link.sign,
        lag=lag,
        strength=_measured(link, target, ground) if support else None,
        confidence=round(confidence if support else min(template.UNSUPPORTED_CAP, confidence), 3),
        evidence=tuple(dict.fromkeys(w.item.id for w in support)),
        counter_evidence=tuple(dict.fromkeys(w.item.id for w in against)),
        identification=support[0].kind if support else "none",
    )
    own = any(w.item.asset == target and not w.dated for w in support)
    return Candidate(edge, balance > 0, own)


def _tested(
    test: EdgeTest, asset: str, cause: Cause | None, ground: Ground, dated: bool
) -> _Weighed | None:
    """The test's strongest item: one test counts once, however many items it fits."""
    found = []
    for item in _matching(test.key.replace("{asset}", asset.lower()), ground):
        odds = test.log_odds(item, cause)
        if odds is None or (test.own and item.asset != asset) or (test.one_sided and odds < 0):
            continue
        # Of the expected sign, but too small to pass: weaker for the link, yet not against it.
        agrees = test.on == "z" and item.z is not None and test.sign * item.z > 0.0
        if order.answers(item, ground.thirds):
            odds, agrees = -template.STANDARD, False
        kind: Identification = "event" if item.family == "event_time" else test.kind
        found.append(_Weighed(item, odds, kind, test.dated, agrees))
    best = max(found, key=lambda w: (abs(w.log_odds), w.item.id), default=None)
    # That an asset fell proves a link only where it is known to have fallen afterwards.
    if best is None or (test.dated and not dated and best.log_odds > 0):
        return None
    return best


def _matching(pattern: str, ground: Ground) -> tuple[Evidence, ...]:
    if "*" not in pattern:
        return (ground.items[pattern],) if pattern in ground.items else ()
    return tuple(e for name, e in ground.items.items() if fnmatchcase(name, pattern))


def _measured(link: Link, asset: str, ground: Ground) -> float | None:
    """The share or elasticity that the link's own measure gives, if it is at hand."""
    if link.strength is None:
        return None
    item = ground.items.get(link.strength.replace("{asset}", asset.lower()))
    fits = item is not None and item.unit in ("ratio", "corr") and asset in item.asset.split("-")
    return item.value if item is not None and fits else None
