"""From scores to a verdict: no drawdown, an abstention, or a cause with its rejected rivals."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from statistics import NormalDist
from typing import Final

from causemap.attribution.calibration import Calibration
from causemap.attribution.parts import parts_of_causes
from causemap.attribution.scoring import Scores, score
from causemap.causes import CAUSES, GROUP_ASSETS, NAMES, SHOWN_IN, mission_label
from causemap.closed_sets import AssetGroup, Cause, Primary
from causemap.records import (
    Contribution,
    Decomposition,
    Evidence,
    Rejected,
    Residual,
    Scope,
    Verdict,
    Weighed,
)
from causemap.settings import ABSTENTION
from causemap.words import asset_name, number, value_of

# A family of moves is judged at a family-wise level of 20 %: each of k assets must pass 20 %/k on
# one side of a normal law (Bonferroni), so that asking about more assets finds no more falls.
FAMILY_LEVEL: Final = 0.20
ALWAYS_ANSWERED: Final[tuple[Cause, ...]] = ("rates_shock", "ai_rerating", "liquidation_cascade")
NEEDS_EVENT: Final[tuple[Cause, ...]] = ("policy_geopolitics", "crypto_idiosyncratic")
# A cause this improbable does not stand: it is rejected, and no part of the fall is its own.
STANDS_FROM: Final = 0.15
_SHOWN: Final = 3
# A pull below this prints as 0.0 and argues for nothing.
SPEAKS_FROM: Final = 0.05
# Stands for the z of a move that could not be standardised: beyond every threshold and every cap.
_BEYOND: Final = 9.0
_PRIOR: Final = "nothing measured tells the causes apart; they keep their prior"


def group_verdict(
    scope: Scope,
    group: AssetGroup,
    evidence: Mapping[str, Evidence],
    parts: Iterable[Decomposition],
    fitted: Calibration | None = None,
) -> Verdict:
    """The verdict on one asset group (``fitted``: default the calibration of the package).

    ``evidence`` is keyed by fingerprint key. Whether there is anything to explain is decided from
    prices alone, before anything else is read.
    """
    moves = target_moves(scope, group, evidence)
    if not moves:
        return _unmeasured(score(evidence, group, fitted))
    if worst(moves) > fall_threshold(len(moves)):
        return calm(moves)
    found = _judged(score(evidence, group, fitted), evidence, _of_group(parts, group))
    beside = [] if found.abstained else not_asked(found.support, moves, group, evidence)
    if not beside:
        return found
    names = " and ".join(asset_name(name) for name in beside)
    said = f"{found.reason}; it rests in part on {names}, not asked about, as one of its group"
    return replace(found, reason=said)


def target_moves(
    scope: Scope, group: AssetGroup, evidence: Mapping[str, Evidence]
) -> tuple[Evidence, ...]:
    """The window changes of the group's assets that were asked about and could be measured."""
    asked = [asset for asset in scope.assets if asset in GROUP_ASSETS[group]]
    names = asked or list(GROUP_ASSETS[group])
    keys = (f"{name.lower()}.change" for name in names)
    return tuple(evidence[key] for key in keys if key in evidence)


def not_asked(
    support: Iterable[str],
    moves: Iterable[Evidence],
    group: AssetGroup,
    evidence: Mapping[str, Evidence],
) -> list[str]:
    """Targets of the group, other than those that ``moves`` are of, in the strongest support."""
    assets = {item.id: item.asset for item in evidence.values()}
    strongest = {assets[key] for key in [*support][:_SHOWN] if key in assets}
    own = {item.asset for item in moves}
    return [name for name in GROUP_ASSETS[group] if name in strongest - own]


def worst(moves: Iterable[Evidence]) -> float:
    """The lowest robust z among the moves; an unstandardised move counts by its sign alone."""
    return min(m.z if m.z is not None else math.copysign(_BEYOND, m.value) for m in moves)


def fall_threshold(assets: int) -> float:
    """The robust z below which one of ``assets`` moves counts as a fall (-1.28 for two)."""
    return NormalDist().inv_cdf(FAMILY_LEVEL / assets)


def _of_group(parts: Iterable[Decomposition], group: AssetGroup) -> Decomposition | None:
    return next((part for part in parts if part.asset in GROUP_ASSETS[group]), None)


def _unmeasured(scores: Scores) -> Verdict:
    """No cause is named for a fall that was not measured; the prior and the news rank them."""
    ranked = "other evidence ranks the causes" if scores.weighed else "the causes keep their prior"
    return Verdict(
        "mixed_unclear",
        "mixed",
        scores.probabilities,
        abstained=True,
        reason=f"no price of what was asked about covers the window; {ranked}",
    )


def calm(moves: tuple[Evidence, ...], *, together: bool = False) -> Verdict:
    """The verdict that nothing fell, with the moves that say so.

    It speaks of these moves alone: a stock asked about beside them may have fallen. ``together``
    are those of several groups, one of which may by itself have passed for a fall.
    """
    even = tuple((cause, 1.0 if cause == "mixed_unclear" else 0.0) for cause in CAUSES)
    said = "; ".join(f"{item.said} {value_of(item)}" for item in moves)
    none = "none of them fell" if len(moves) > 1 else "it did not fall"
    asked = ", for so many asked about together" if together else ""
    return Verdict(
        "no_drawdown",
        "none",
        even,
        abstained=False,
        reason=f"nothing to explain: {said}; {none} beyond the usual moves{asked}",
        support=tuple(item.id for item in moves),
    )


def _judged(
    scores: Scores, evidence: Mapping[str, Evidence], parts: Decomposition | None
) -> Verdict:
    probabilities = dict(scores.probabilities)
    ranked = sorted(CAUSES, key=lambda cause: (-probabilities[cause], cause))
    known = bool(scores.weighed)
    reason = _abstention(ranked, probabilities, evidence, scores) if known else _PRIOR
    primary: Primary = "mixed_unclear" if reason else ranked[0]
    pulls = [w for w in scores.weighed if w.cause == ranked[0]]
    items = {item.id: item for item in evidence.values()}
    against = [w for w in pulls if not agrees(items[w.evidence], w.cause)]
    contributions, residual = _contributions(parts, scores, evidence)
    return Verdict(
        primary,
        mission_label(primary),
        scores.probabilities,
        abstained=bool(reason),
        reason=reason or _reason(primary, scores),
        contributions=contributions,
        residual=residual,
        rejected=tuple(_rejected(ranked, probabilities, scores, evidence)),
        counter_evidence=by_pull((w for w in against if abs(w.log_odds) >= SPEAKS_FROM), -1.0),
        support=by_pull(pulls, +1.0),
        weighed=scores.weighed,
    )


def _abstention(
    ranked: list[Cause],
    probabilities: Mapping[Cause, float],
    evidence: Mapping[str, Evidence],
    scores: Scores,
) -> str:
    """Why no cause is named, or an empty string (METHODS 3, abstention)."""
    first, second = ranked[:2]
    if first == "mixed_unclear":
        return "no single cause explains the evidence better than a mixture"
    if probabilities[first] < ABSTENTION.min_probability:
        bar = f"{ABSTENTION.min_probability:.0%}"
        # By the printed percent: "45 %, below the 45 % needed" would contradict itself.
        near = "just " if f"{probabilities[first]:.0%}" == bar else ""
        return f"{NAMES[first]} leads, but {near}below the {bar} needed to name a cause"
    if probabilities[first] - probabilities[second] < ABSTENTION.min_margin:
        return f"{NAMES[first]} and {NAMES[second]} cannot be told apart on this evidence"
    if not _decided(first, scores, evidence):
        return f"{NAMES[first]} leads, but the figures that decide it are not at hand"
    if first in NEEDS_EVENT and not _has_event(first, evidence):
        return f"{NAMES[first]} leads, but no dated event of it is at hand to decide it"
    return ""


def _decided(cause: Cause, scores: Scores, evidence: Mapping[str, Evidence]) -> bool:
    """Whether a family in which the cause shows itself has a say (METHODS 3, abstention).

    The causes that need an event have that in place of figures.
    """
    groups = {item.id: item.group for item in evidence.values()}
    told = {groups[w.evidence] for w in scores.weighed if w.cause == cause}
    return cause in NEEDS_EVENT or not told.isdisjoint(SHOWN_IN[cause])


def _has_event(cause: Cause, evidence: Mapping[str, Evidence]) -> bool:
    """Whether a dated event of that very cause was followed by a fall at once.

    Where no event could be held against prices, an outlet that names the cause has to do.
    """
    dated = [item for item in evidence.values() if item.group == "event_time"]
    told = dated or [item for item in evidence.values() if item.group == "text"]
    return any(item.value > 0 and item.n != 0 and (cause, +1) in item.expected for item in told)


def _reason(primary: Primary, scores: Scores) -> str:
    said = [f"the evidence fits {NAMES[primary]} best"]
    if scores.capped:
        said.append("held at the cap for want of open-interest and liquidation data")
    if scores.single_source:
        said.append("single source: one outlet alone names it and no figure bears it out")
    return "; ".join(said)


def agrees(item: Evidence, cause: Cause) -> bool:
    """Whether a standardised item has the sign expected of the cause.

    Too small to pass the threshold it pulls the cause down in the scores (a cascade should show
    more), but it is no evidence against it.
    """
    signs = [sign for named, sign in item.expected if named == cause]
    return item.z is not None and any(sign * item.z > 0.0 for sign in signs)


def by_pull(pulls: Iterable[Weighed], sign: float) -> tuple[str, ...]:
    """Ids of the items that pull one way, strongest first."""
    found = [p for p in pulls if p.log_odds * sign > 0]
    return tuple(p.evidence for p in sorted(found, key=lambda p: (-abs(p.log_odds), p.evidence)))


def _rejected(
    ranked: list[Cause],
    probabilities: Mapping[Cause, float],
    scores: Scores,
    evidence: Mapping[str, Evidence],
) -> Iterable[Rejected]:
    """Every improbable cause with a deciding test; the mission's three are always answered."""
    items = {item.id: item for item in evidence.values()}
    for cause in ranked[1:]:
        answered = cause in ALWAYS_ANSWERED or probabilities[cause] < STANDS_FROM
        decided = _deciding(cause, scores, items) if answered else None
        if decided is not None:
            yield decided


def _deciding(cause: Cause, scores: Scores, items: Mapping[str, Evidence]) -> Rejected | None:
    """The veto that forbade a cause, or the items that spoke most against it."""
    veto = next((v for v in scores.vetoes if v.cause == cause), None)
    pulls = [w for w in scores.weighed if w.cause == cause]
    spoken = [w for w in pulls if abs(w.log_odds) >= SPEAKS_FROM]
    # Where no item speaks up, the strongest whisper is all that there is to show.
    against = by_pull(spoken, -1.0) or by_pull(pulls, -1.0)[:1]
    ids = tuple(dict.fromkeys([*(veto.evidence if veto else ()), *against]))[: _SHOWN + 1]
    if not ids:
        return None
    said = ", ".join(_phrase(items[i], cause) for i in ids)
    return Rejected(cause, f"{veto.why}: {said}" if veto else f"against it: {said}", ids)


def _phrase(item: Evidence, cause: Cause) -> str:
    short = ["too little for it"] if agrees(item, cause) else []
    scored = item.z is not None and item.unit != "z"
    notes = [f"z {number(item.z or 0.0, signed=True)}"] * scored + short
    return f"{item.said} {value_of(item)}" + (f" ({', '.join(notes)})" if notes else "")


def _contributions(
    measured: Decomposition | None, scores: Scores, evidence: Mapping[str, Evidence]
) -> tuple[tuple[Contribution, ...], Residual]:
    """Parts of the causes that no rule forbids and that are not too improbable to stand."""
    if measured is None:
        return (), Residual(1.0, 1.0, 1.0)
    forbidden = {veto.cause for veto in scores.vetoes}
    stand = {c for c, p in scores.probabilities if p >= STANDS_FROM and c not in forbidden}
    parts = parts_of_causes(measured, scores.group, evidence, stand)
    shares = tuple(Contribution(p.cause, p.share, p.low, p.high) for p in parts.parts)
    return shares, Residual(parts.residual, parts.residual_low, parts.residual_high)
