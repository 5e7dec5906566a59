"""The scores of a run: headline, strata, classes, calibration, placebos, groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final

import numpy as np

from causemap.agents.asset_words import GROUP_OF
from causemap.causes import CAUSES
from causemap.closed_sets import AssetGroup, Primary
from causemap.evals import metrics
from causemap.evals.answers import GroupAnswer, Sample
from causemap.evals.costs import Costs, costs_of
from causemap.evals.intervals import (
    RESAMPLES,
    Estimate,
    Metric,
    Resampler,
    lower_bound,
    mean_of,
    smallest_visible,
)
from causemap.evals.links import LinkScores, link_scores
from causemap.evals.metrics import ABSTENTION_COST, LOG_CLIP
from causemap.evals.raters import Raters, compare_raters
from causemap.evals.table import LABELS, NONE, Phrases, Table, episode_count, make_table, total
from causemap.evals.windows import LabelledWindow, Wording, read_wording

Metrics = tuple[tuple[str, Estimate], ...]
# Higher is better for these; for all others lower is.
HIGHER: Final = frozenset(
    {
        "top1",
        "top2",
        "mission4",
        "mission5",
        "macro_f1",
        "coverage",
        "selective_accuracy",
        "contribution_overlap",
        "node_f1",
        "order_tau",
        "edge_direction",
        "cause_reaches_asset",
        "citation_recall",
        "citation_precision",
        "fall_without_cited",
    }
)
_KEY_METRICS: Final = ("top1", "top2", "mission4", "mission5", "brier", "coverage")


@dataclass(frozen=True, slots=True)
class Stratum:
    """Scores on a part of the windows, named by what they share."""

    name: str
    metrics: Metrics


@dataclass(frozen=True, slots=True)
class ClassRow:
    """One class: how often it is true, guessed and right; ``None`` where there is no such share."""

    label: Primary
    support: int
    precision: float | None
    recall: float | None
    f1: float | None


@dataclass(frozen=True, slots=True)
class Calibration:
    """Expected calibration error beside what chance gives a perfectly calibrated predictor."""

    ece: float | None
    null_low: float | None
    null_high: float | None
    informative: bool


@dataclass(frozen=True, slots=True)
class Placebo:
    """Windows in which nothing fell; ``proven`` is the exact one-sided 95 % lower bound."""

    n: int
    no_drawdown: int
    no_cause_named: int
    proven: float


@dataclass(frozen=True, slots=True)
class Scorecard:
    """Everything a run scores. ``metrics`` are over windows that fell, errors included.

    ``errors`` counts windows without an answer, of which ``unasked`` have not been asked yet.
    ``ungrounded``, ``advice`` and ``planted`` count sentences over all windows; ``unread`` answers
    were kept before accounts were read for them. ``links`` and ``raters`` need labels of their own.
    """

    n: int
    episodes: int
    errors: int
    unpriced: int
    metrics: Metrics
    priced: Metrics
    strata: tuple[Stratum, ...]
    classes: tuple[ClassRow, ...]
    confusion: tuple[tuple[int, ...], ...]
    calibration: Calibration
    placebo: Placebo | None
    cycles: int
    time_violations: int
    analogues_of_episode: int
    future_evidence: int
    invalid_citations: int
    ungrounded: int
    advice: int
    planted: int
    unread: int
    phrases_mapped: tuple[int, int]
    smallest_visible: float | None
    costs: Costs
    links: LinkScores | None = None
    raters: Raters | None = None
    unasked: int = 0
    log_clip: float = LOG_CLIP
    abstention_cost: float = ABSTENTION_COST


@cache
def own_phrases() -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The hand-made map from phrases of the transmission order to nodes of the cause map."""
    with resources.as_file(resources.files(__package__).joinpath("phrases.yaml")) as path:
        return read_wording(path).phrases


def phrases_of(wording: Wording) -> Phrases:
    """The package's phrases with those of a mapping file over them."""
    return dict(own_phrases()) | dict(wording.phrases)


def score(
    windows: Sequence[LabelledWindow],
    samples: Mapping[int, Sample],
    wording: Wording,
    seed: int = 0,
    resamples: int = RESAMPLES,
) -> Scorecard:
    """Score samples by window position; what is missing or failed takes the worst values."""
    phrases = phrases_of(wording)
    table = make_table(windows, samples, phrases)
    fell = table.where(table.label != NONE)
    told = [phrase for window in windows for phrase in window.order]
    traces = [s.prediction.trace for s in samples.values() if s.prediction and s.prediction.trace]
    read = [trace.account for trace in traces if trace.account]
    return Scorecard(
        n=len(table),
        episodes=episode_count(table),
        errors=int(table.failed.sum()),
        unpriced=int((1 - table.priced).sum()),
        metrics=label_metrics(fell, seed, resamples),
        priced=label_metrics(fell.where(fell.priced == 1), seed, resamples),
        strata=_strata(windows, samples, table, seed, resamples),
        classes=_classes(fell),
        confusion=_confusion(fell),
        calibration=_calibration(fell, seed),
        placebo=_placebo(table.where(table.label == NONE), samples),
        cycles=total(fell.cycles),
        time_violations=total(fell.late),
        analogues_of_episode=total(fell.repeats),
        future_evidence=total(table.future),
        invalid_citations=total(table.uncited),
        ungrounded=sum(one.ungrounded for one in read),
        advice=sum(one.advice for one in read),
        planted=sum(one.planted for one in read),
        unread=len(traces) - len(read),
        phrases_mapped=(sum(phrase in phrases for phrase in told), len(told)),
        smallest_visible=smallest_visible(episode_count(fell)),
        costs=costs_of(samples[key] for key in sorted(samples)),
        links=link_scores(windows, samples, table.episode.tolist(), seed, resamples),
        raters=compare_raters(windows, seed, resamples),
        unasked=len(windows) - len(samples),
    )


def label_metrics(
    fell: Table, seed: int, resamples: int = RESAMPLES, names: Sequence[str] = ()
) -> Metrics:
    """Metrics (all by default) on windows that fell, with intervals; empty for no window."""
    if not len(fell):
        return ()
    draws = Resampler(fell.episode.tolist(), seed, resamples)
    found = metrics_of(fell)
    return tuple((name, draws.estimate(found[name])) for name in names or found)


def metrics_of(fell: Table) -> dict[str, Metric]:
    """Each metric as a function of rows, in the order of a report."""
    # An error counts as a wrong answer here, so that failing never looks like knowing better.
    answer = np.where((fell.answered == 1) | (fell.failed == 1), fell.named, np.nan)
    means = {
        "top1": fell.hit,
        "top2": fell.near,
        "mission4": fell.mission4,
        "mission5": fell.mission5,
        "log_loss": fell.loss,
        "brier": fell.brier,
        "brier_soft": fell.brier_soft,
        "coverage": fell.answered.astype(float),
        "selective_accuracy": answer,
        "cost": fell.cost,
        "contribution_overlap": fell.overlap,
        "node_f1": fell.nodes,
        "order_tau": fell.tau,
        "edge_direction": fell.forward,
        "cause_reaches_asset": fell.reached,
        "citation_recall": fell.cited,
        "citation_precision": fell.carrying,
        "unmoved_without_cited": fell.unmoved,
        "fall_without_cited": fell.rests,
    }
    found: dict[str, Metric] = {name: mean_of(values) for name, values in means.items()}
    found["macro_f1"] = lambda rows: metrics.macro_f1(fell.label[rows], fell.guess[rows], NONE)
    found["aurc"] = lambda rows: metrics.aurc(fell.confidence[rows], fell.hit[rows])
    found["ece"] = lambda rows: metrics.calibration_error(fell.confidence[rows], fell.hit[rows])
    return found


def _strata(
    windows: Sequence[LabelledWindow],
    samples: Mapping[int, Sample],
    table: Table,
    seed: int,
    resamples: int,
) -> tuple[Stratum, ...]:
    found = []
    for what, names in (
        ("role", [window.role for window in windows]),
        ("scope", [window.scope for window in windows]),
    ):
        for name in sorted(set(names)):
            mask = (np.array(names) == name) & (table.label != NONE)
            if mask.any():
                part = table.where(mask)
                kept = label_metrics(part, seed, resamples, _KEY_METRICS)
                found.append(Stratum(f"{what}: {name}", kept))
    return (*found, *_by_group(windows, samples, table, seed, resamples))


def _by_group(
    windows: Sequence[LabelledWindow],
    samples: Mapping[int, Sample],
    table: Table,
    seed: int,
    resamples: int,
) -> tuple[Stratum, ...]:
    """Windows labelled by asset group, each group's own answer against its own label."""
    rows = [
        (table.episode[key], group, label, _group_answer(samples.get(key), group))
        for key, window in enumerate(windows)
        for group, label in window.by_asset
        if _asked(window, group)
    ]
    if not rows:
        return ()
    draws = Resampler([int(row[0]) for row in rows], seed, resamples)
    hit = np.array([_hit(answer, label) for _, _, label, answer in rows])
    return (Stratum("labelled by asset group", (("top1", draws.estimate(mean_of(hit))),)),)


def _asked(window: LabelledWindow, group: AssetGroup) -> bool:
    return any(GROUP_OF[asset] == group for asset in window.asked)


def _group_answer(sample: Sample | None, group: AssetGroup) -> GroupAnswer | None:
    groups = sample.prediction.groups if sample and sample.prediction else ()
    return next((answer for answer in groups if answer.group == group), None)


def _hit(answer: GroupAnswer | None, label: Primary) -> float:
    if answer is None or answer.primary == "no_drawdown":
        return float(answer is not None and label == "no_drawdown")
    return float(CAUSES[int(np.argmax(answer.probabilities))] == label)


def _classes(fell: Table) -> tuple[ClassRow, ...]:
    if not len(fell):
        return ()
    found = metrics.per_class(fell.label, fell.guess, NONE)
    return tuple(
        ClassRow(
            cause,
            int(found.support[k]),
            *(
                None if np.isnan(figures[k]) else float(figures[k])
                for figures in (found.precision, found.recall, found.f1)
            ),
        )
        for k, cause in enumerate(CAUSES)
    )


def _confusion(fell: Table) -> tuple[tuple[int, ...], ...]:
    """Rows are labels; columns the guesses, then ``no_drawdown``, then errors."""
    counts = np.zeros((NONE, len(LABELS) + 1), dtype=int)
    np.add.at(counts, (fell.label, np.where(fell.guess < 0, len(LABELS), fell.guess)), 1)
    return tuple(tuple(int(value) for value in row) for row in counts)


def _calibration(fell: Table, seed: int) -> Calibration:
    if len(fell) < 2:
        return Calibration(None, None, None, informative=False)
    band = metrics.calibration_null(fell.confidence, seed)
    ece = metrics.calibration_error(fell.confidence, fell.hit)
    return Calibration(ece, band.low, band.high, len(fell) >= metrics.LEAST_FOR_ECE)


def _placebo(calm: Table, samples: Mapping[int, Sample]) -> Placebo | None:
    if not len(calm):
        return None
    answers = [s.prediction for key in calm.key.tolist() if (s := samples.get(key)) is not None]
    said = [answer.primary for answer in answers if answer is not None]
    quiet = sum(primary == "no_drawdown" for primary in said)
    unnamed = sum(primary in ("no_drawdown", "mixed_unclear") for primary in said)
    return Placebo(len(calm), quiet, unnamed, lower_bound(unnamed, len(calm)))
