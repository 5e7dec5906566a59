"""Evidence to log-odds to probabilities (METHODS 3, layers 1 and 2).

Every item is weighed against every cause it bears on; items of one group of measures are
discounted (they say much the same thing twice), for and against kept apart; then sign vetoes and
the dominance test of the taxonomy; then the learned weight of each family and a softmax.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from causemap.attribution.calibration import Calibration, load_calibration, with_mixed
from causemap.attribution.fingerprints import CLIP, FINGERPRINTS, TAU, Fingerprint
from causemap.causes import CAUSES, NAMED
from causemap.closed_sets import AssetGroup, Cause
from causemap.records import Evidence, Weighed

VETO: Final = -3.0
REPEAT: Final = 0.3
CASCADE_CAP: Final = 0.65
SINGLE_SOURCE_CAP: Final = 0.65
# What a rule of the taxonomy forbids stays improbable, however loud the news: a fit that has seen
# few vetoes must not unlearn them.
FORBIDDEN_CAP: Final = 0.15
# Any of these lifts the cap on a cascade.
_PLUMBING: Final = ("btc.oi_coins", "market.liquidations", "told.liquidations")
_LEAST: Final = 1e-3
_NOMINAL: Final = ("ust2y.change", "ust10y.change")
_YIELDS: Final = (*_NOMINAL, "real10y.change")


@dataclass(frozen=True, slots=True)
class Veto:
    """A rule of the taxonomy that forbids a cause, with the evidence that decided."""

    cause: Cause
    why: str
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Scores:
    """What the evidence says about one asset group."""

    group: AssetGroup
    probabilities: tuple[tuple[Cause, float], ...]
    weighed: tuple[Weighed, ...]
    vetoes: tuple[Veto, ...]
    capped: bool
    single_source: bool = False


def key_of(item: Evidence) -> str:
    """The fingerprint key of an item: its id without the desk."""
    return item.id.partition(".")[2]


def by_key(evidence: Iterable[Evidence]) -> dict[str, Evidence]:
    """Evidence by fingerprint key; an event-day reaction keeps its dated key."""
    return {key_of(item): item for item in evidence}


def reading(item: Evidence, *, raw: bool = False) -> float | None:
    """What a rule reads of an item: its robust z, or its value where the rule is about that.

    Basis points or percent never stand in for a z that could not be had.
    """
    return item.value if raw or item.unit == "z" else item.z


def log_odds(item: Evidence, row: Fingerprint) -> float | None:
    """``w * clip(d z - tau, -a, a)`` scaled by quality; thresholds stand in for tau (METHODS 3).

    ``None`` for an item that could not be standardised, in a row that asks for a z.
    """
    value = reading(item, raw=row.threshold is not None and row.threshold.raw)
    if value is None:
        return None
    if row.threshold is None:
        pull = row.sign * value - TAU
    elif row.threshold.log:
        pull = row.sign * math.log(max(value, _LEAST) / row.threshold.at) / row.threshold.scale
    else:
        pull = row.sign * (value - row.threshold.at) / row.threshold.scale
    weight = row.weight if pull > 0.0 or row.against is None else row.against
    return weight * item.quality * max(-CLIP, min(CLIP, pull))


def weigh(evidence: Mapping[str, Evidence], group: AssetGroup) -> tuple[Weighed, ...]:
    """Every item's pull on every cause it bears on, for one asset group."""
    return tuple(
        Weighed(evidence[row.key].id, row.cause, round(pull, 4))
        for row in FINGERPRINTS
        if group in row.groups
        and row.key in evidence
        and (pull := log_odds(evidence[row.key], row)) is not None
    )


def discounted(pulls: Sequence[float]) -> float:
    """``[max+ + 0.3 (sum+ - max+)] - [max|-| + 0.3 (sum|-| - max|-|)]`` within a group."""
    total = 0.0
    for sign in (1.0, -1.0):
        side = [abs(pull) for pull in pulls if pull * sign > 0]
        if side:
            total += sign * (max(side) + REPEAT * (sum(side) - max(side)))
    return total


def group_scores(
    weighed: Iterable[Weighed], evidence: Mapping[str, Evidence]
) -> dict[tuple[Cause, str], float]:
    """Discounted score of each (cause, evidence group)."""
    groups = {item.id: item.group for item in evidence.values()}
    pulls: dict[tuple[Cause, str], list[float]] = defaultdict(list)
    for item in weighed:
        pulls[item.cause, groups[item.evidence]].append(item.log_odds)
    return {key: discounted(values) for key, values in pulls.items()}


def vetoes(evidence: Mapping[str, Evidence], group: AssetGroup) -> tuple[Veto, ...]:
    """Sign vetoes (TAXONOMY rule 5) and the dominance test (rule 4)."""
    found = (_rates_veto(evidence), _rerating_veto(evidence, group), _dominance(evidence, group))
    return tuple(veto for veto in found if veto is not None)


def _rates_veto(evidence: Mapping[str, Evidence]) -> Veto | None:
    """Forbid rates_shock when 2Y, 10Y and real 10Y all fell or moved under half a robust sd.

    Both nominal yields must be at hand; real yields begin in 2003. The exception of the rule, a
    jump of the 2-year within an event's own minutes, would take intraday yields.
    """
    held = [(evidence[key], evidence[key].z) for key in _YIELDS if key in evidence]
    known = {key_of(item): z for item, z in held if z is not None}
    if not known.keys() >= {*_NOMINAL} or any(z >= 0.5 for z in known.values()):
        return None
    items = [item for item, z in held if z is not None]
    real = ", 10-year and real" if len(items) == len(_YIELDS) else " and 10-year"
    why = f"2-year{real} yields fell or hardly moved"
    return Veto("rates_shock", why, tuple(item.id for item in items))


def _rerating_veto(evidence: Mapping[str, Evidence], group: AssetGroup) -> Veto | None:
    item = evidence.get("worst_cohort.residual")
    if group != "equity" or item is None or item.z is None or item.z <= -0.5:
        return None
    return Veto("ai_rerating", "no leadership cohort fell beyond its beta", (item.id,))


def _dominance(evidence: Mapping[str, Evidence], group: AssetGroup) -> Veto | None:
    key = {"crypto": "btc.mechanical_share", "metals": "metals.mechanical_share"}.get(group, "")
    item = evidence.get(key)
    if item is None or item.value >= 0.5:
        return None
    why = (
        "a bigger shock elsewhere explains more than half of the fall: forced selling is a channel"
    )
    return Veto("liquidation_cascade", why, (item.id,))


def score(
    evidence: Mapping[str, Evidence], group: AssetGroup, fitted: Calibration | None = None
) -> Scores:
    """Probabilities of the closed set for one asset group.

    Family scores and vetoes are weighed by the calibration of the package (``fitted``), summed
    with the prior and turned into shares of the named causes; the closer the two likeliest, the
    more goes to ``mixed_unclear``.
    """
    cells = load_calibration() if fitted is None else fitted
    raw = weigh(evidence, group)
    families = {item.id: item.group for item in evidence.values()}
    chances = cells.prior(group)
    totals: dict[Cause, float] = {
        cause: cells.weight("prior", cause) * math.log(chances[cause]) + cells.bias(cause)
        for cause in NAMED
    }
    for (cause, family), value in group_scores(raw, evidence).items():
        totals[cause] += cells.weight(family, cause) * value
    forbidden = vetoes(evidence, group)
    for veto in forbidden:
        totals[veto.cause] += cells.weight("veto", veto.cause) * VETO
    named = softmax(totals)
    caps = dict.fromkeys((veto.cause for veto in forbidden), FORBIDDEN_CAP)
    probabilities = _held(normalised(with_mixed(named, cells)), caps)
    probabilities, capped = _capped(probabilities, evidence, caps)
    weighed = tuple(
        Weighed(
            item.evidence,
            item.cause,
            round(cells.weight(families[item.evidence], item.cause) * item.log_odds, 4),
        )
        for item in raw
    )
    probabilities, lone = _single_source(probabilities, weighed, evidence, caps)
    return Scores(group, tuple(probabilities.items()), weighed, forbidden, capped, lone)


def softmax(totals: Mapping[Cause, float]) -> dict[Cause, float]:
    """Shares of the causes scored, in the fixed order of the closed set; they sum to 1."""
    top = max(totals.values())
    raw = {cause: math.exp(totals[cause] - top) for cause in CAUSES if cause in totals}
    whole = sum(raw.values())
    return {cause: value / whole for cause, value in raw.items()}


def normalised(raw: Mapping[Cause, float]) -> dict[Cause, float]:
    """Shares of ``raw`` rounded to 1e-6; the largest takes the rounding so that they sum to 1."""
    total = sum(raw.values())
    shares = {cause: round(raw[cause] / total, 6) for cause in CAUSES}
    largest = max(CAUSES, key=lambda cause: shares[cause])
    rest = sum(share for cause, share in shares.items() if cause != largest)
    shares[largest] = round(1.0 - rest, 6)
    return shares


def _capped(
    probabilities: dict[Cause, float], evidence: Mapping[str, Evidence], caps: Mapping[Cause, float]
) -> tuple[dict[Cause, float], bool]:
    """Hold a cascade at 0.65 while neither open interest nor liquidations are known or told."""
    cascade: Cause = "liquidation_cascade"
    seen = any(key in evidence for key in _PLUMBING)
    if seen or probabilities[cascade] <= CASCADE_CAP:
        return probabilities, False
    return _held(probabilities, {**caps, cascade: CASCADE_CAP}), True


def _single_source(
    probabilities: dict[Cause, float],
    weighed: Sequence[Weighed],
    evidence: Mapping[str, Evidence],
    caps: Mapping[Cause, float],
) -> tuple[dict[Cause, float], bool]:
    """Hold a cause at 0.65 that no figure bears out and that one outlet alone names."""
    items = {item.id: item for item in evidence.values()}
    top = max(CAUSES, key=lambda cause: probabilities[cause])
    pulls = [(items[w.evidence], w.log_odds) for w in weighed if w.cause == top and w.log_odds > 0]
    # A dated event of one outlet is still that outlet's word, whatever the market did next.
    told = [
        item
        for item, _ in pulls
        if "text" in (item.family, item.group) or item.group == "event_time"
    ]
    lone = bool(told) and len(told) == len(pulls) and all((item.n or 0) < 2 for item in told)
    if not lone or probabilities[top] <= SINGLE_SOURCE_CAP:
        return probabilities, lone
    return _held(probabilities, {**caps, top: SINGLE_SOURCE_CAP}), True


def _held(probabilities: dict[Cause, float], caps: Mapping[Cause, float]) -> dict[Cause, float]:
    """The shares with none above its cap; what is cut off goes to the others in proportion."""
    held: dict[Cause, float] = {}
    while over := {
        c: caps[c] for c, p in _rescaled(probabilities, held).items() if p > caps.get(c, 1.0)
    }:
        held |= over
    if not held:
        return probabilities
    shares = {c: round(p, 6) for c, p in _rescaled(probabilities, held).items()} | held
    # A cap holds exactly, so the largest of the others takes the rounding.
    largest = max((c for c in CAUSES if c not in held), key=lambda c: shares[c])
    rest = sum(share for cause, share in shares.items() if cause != largest)
    return {c: round(1.0 - rest, 6) if c == largest else shares[c] for c in CAUSES}


def _rescaled(
    probabilities: Mapping[Cause, float], held: Mapping[Cause, float]
) -> dict[Cause, float]:
    """The causes that no cap holds, scaled to what those held leave."""
    free = {cause: p for cause, p in probabilities.items() if cause not in held}
    room = (1.0 - sum(held.values())) / sum(free.values()) if held else 1.0
    return {cause: p * room for cause, p in free.items()}
