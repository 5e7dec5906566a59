"""Verdicts for a dossier: one for each asset group asked about, and one over them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import zip_longest

from causemap.attribution.calibration import Calibration
from causemap.attribution.channels import amplifiers, subtype
from causemap.attribution.counterfactual import would_change
from causemap.attribution.objections import weighed_down
from causemap.attribution.scoring import by_key, normalised
from causemap.attribution.verdict import calm, fall_threshold, group_verdict, target_moves, worst
from causemap.causes import CAUSES, NAMES, mission_label
from causemap.closed_sets import AssetGroup, Cause, Primary
from causemap.records import (
    Contribution,
    Dossier,
    Evidence,
    Rejected,
    Residual,
    Verdict,
    WouldChange,
)
from causemap.settings import ABSTENTION

_MAX_WEIGHT = 6.0


def judge(
    dossier: Dossier, fitted: Calibration | None = None
) -> tuple[tuple[AssetGroup, Verdict], ...]:
    """A verdict for each asset group asked about.

    Under another calibration than the package's (``fitted``) nothing says what would change it.
    """
    return tuple((group, _group(dossier, group, fitted)) for group in dossier.scope.groups)


def _group(dossier: Dossier, group: AssetGroup, fitted: Calibration | None) -> Verdict:
    evidence, parts = by_key(weighed_down(dossier)), dossier.decompositions
    verdict = group_verdict(dossier.scope, group, evidence, parts, fitted)
    verdict = replace(
        verdict,
        amplifiers=amplifiers(verdict.primary, group, evidence),
        subtype=subtype(verdict.primary, group, evidence),
    )
    if fitted is not None:
        return verdict
    turns = would_change(dossier.scope, group, evidence, parts, verdict)
    return replace(verdict, would_change=turns)


def overall(dossier: Dossier, verdicts: tuple[tuple[AssetGroup, Verdict], ...]) -> Verdict:
    """One verdict over the groups: the move-weighted mean of their probabilities.

    Weights are the size of each falling group's worst standardised move, capped at 6 so that one
    asset's record day does not silence the rest. Groups that did not fall, or
    whose prices are not at hand, have no say; where all that could be measured did not fall, there
    is no drawdown.
    """
    if len(verdicts) == 1:
        return verdicts[0][1]
    evidence = by_key(dossier.evidence)
    moves = [m for g, _ in verdicts for m in target_moves(dossier.scope, g, evidence)]
    falling = [(group, v) for group, v in verdicts if _has_say(v)]
    if not falling:
        quiet = any(v.primary == "no_drawdown" for _, v in verdicts)
        return calm(tuple(moves)) if quiet else verdicts[0][1]
    if worst(moves) > fall_threshold(len(moves)):
        return calm(tuple(moves), together=True)
    if len(falling) == 1:
        return falling[0][1]
    weights = {
        group: weight_of(target_moves(dossier.scope, group, evidence)) for group, _ in falling
    }
    return _mixed(falling, weights)


def weight_of(moves: tuple[Evidence, ...]) -> float:
    """A falling group's say: its worst standardised move, at most 6."""
    return min(_MAX_WEIGHT, -worst(moves))


def group_weights(dossier: Dossier) -> dict[AssetGroup, float]:
    """Each falling group's share in the verdict over groups (sums to 1).

    Where no group fell or none could be measured, all have the same say.
    """
    groups, evidence = dossier.scope.groups, by_key(dossier.evidence)
    moves = {group: target_moves(dossier.scope, group, evidence) for group in groups}
    falling = {
        group: weight_of(found)
        for group, found in moves.items()
        if found and worst(found) <= fall_threshold(len(found))
    }
    if not falling:
        return {group: 1.0 / len(groups) for group in groups}
    total = sum(falling.values())
    return {group: weight / total for group, weight in falling.items()}


def _has_say(verdict: Verdict) -> bool:
    return verdict.primary != "no_drawdown" and bool(verdict.weighed)


def _mixed(falling: list[tuple[AssetGroup, Verdict]], weights: dict[AssetGroup, float]) -> Verdict:
    pooled: dict[Cause, float] = dict.fromkeys(CAUSES, 0.0)
    for group, verdict in falling:
        for cause, probability in verdict.probabilities:
            pooled[cause] += weights[group] * probability
    probabilities = normalised(pooled)
    primary, reason = _decide(probabilities, falling)
    contributions, residual = _pooled_parts(falling, weights)
    return Verdict(
        primary,
        mission_label(primary),
        tuple(probabilities.items()),
        abstained=primary == "mixed_unclear",
        reason=reason,
        contributions=contributions,
        residual=residual,
        rejected=_agreed_rejections(falling, primary),
        counter_evidence=_union(v.counter_evidence for _, v in falling),
        support=_union(v.support for _, v in falling),
        amplifiers=_union(v.amplifiers for _, v in falling),
        would_change=_turns(falling, weights, primary),
    )


def _pooled_parts(
    falling: list[tuple[AssetGroup, Verdict]], weights: Mapping[AssetGroup, float]
) -> tuple[tuple[Contribution, ...], Residual]:
    """Parts of the groups' falls, weighed as their probabilities are."""
    total = sum(weights.values())
    sums: dict[Cause, list[float]] = {}
    rest = [0.0, 0.0]
    for group, verdict in falling:
        weight = weights[group] / total
        for part in verdict.contributions:
            own = sums.setdefault(part.cause, [0.0, 0.0, 0.0])
            for place, value in enumerate((part.share, part.low, part.high)):
                own[place] += weight * value
        for place, value in enumerate((verdict.residual.low, verdict.residual.high)):
            rest[place] += weight * value
    parts = tuple(
        Contribution(cause, *(round(value, 4) for value in sums[cause]))
        for cause in CAUSES
        if cause in sums
    )
    share = round(1.0 - sum(part.share for part in parts), 4)
    low, high = min(share, round(rest[0], 4)), max(share, round(rest[1], 4))
    return parts, Residual(share, low, high)


def _turns(
    falling: list[tuple[AssetGroup, Verdict]], weights: dict[AssetGroup, float], primary: Primary
) -> tuple[WouldChange, ...]:
    """What would change each group's verdict, by turns from the heaviest group on.

    A change to what the verdict over all groups says anyway would read as none.
    """
    ranked = sorted(falling, key=lambda pair: (-weights[pair[0]], pair[0]))
    ways = [[t for t in v.would_change if t.primary != primary] for _, v in ranked]
    rounds = zip_longest(*ways)
    return tuple(turn for round_ in rounds for turn in round_ if turn is not None)


def _decide(
    probabilities: dict[Cause, float], falling: list[tuple[AssetGroup, Verdict]]
) -> tuple[Primary, str]:
    split = "; ".join(f"{group}: {NAMES[verdict.primary]}" for group, verdict in falling)
    if len({verdict.primary for _, verdict in falling}) == 1:
        agreed = falling[0][1].primary
        if agreed == "mixed_unclear":
            return agreed, "in none of the groups can a single cause be named"
        return agreed, f"all groups agree on {NAMES[agreed]}"
    first, second = sorted(CAUSES, key=lambda c: (-probabilities[c], c))[:2]
    clear = (
        first != "mixed_unclear"
        and probabilities[first] >= ABSTENTION.min_probability
        and probabilities[first] - probabilities[second] >= ABSTENTION.min_margin
    )
    named = all(verdict.primary != "mixed_unclear" for _, verdict in falling)
    said = "assets fell for different reasons" if named else "no one cause holds in every group"
    return (first if clear else "mixed_unclear"), f"{said} ({split})"


def _agreed_rejections(
    falling: list[tuple[AssetGroup, Verdict]], primary: Primary
) -> tuple[Rejected, ...]:
    """What no falling group was put down to, with the first group's deciding test."""
    named = {verdict.primary for _, verdict in falling} | {primary}
    found: dict[Cause, Rejected] = {}
    for group, verdict in falling:
        for item in verdict.rejected:
            if item.cause not in named and item.cause not in found:
                found[item.cause] = Rejected(item.cause, f"{group}: {item.why}", item.evidence)
    return tuple(found[cause] for cause in CAUSES if cause in found)


def _union(parts: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(item for part in parts for item in part))
