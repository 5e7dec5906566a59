"""Label metrics on arrays, written out so that each can be checked by hand.

Shapes: ``p`` is (n, k) probabilities, ``y`` (n,) true columns, ``target`` (n, k) label shares that
sum to 1. All give one value for each window, so that a mean over any resample is the metric.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

# A share below this counts as this: one certain error costs 13.8 nats, not infinity.
LOG_CLIP: Final = 1e-6
# Brier's worst value: all on a wrong class while the right one had everything.
WORST_BRIER: Final = 2.0
BINS: Final = 5
# Below this many windows an expected calibration error says nothing (REQUIREMENTS F2, E8).
LEAST_FOR_ECE: Final = 100
# A wrong answer is taken to cost four times an abstention.
ABSTENTION_COST: Final = 0.25


class Classes(NamedTuple):
    """Precision, recall and F1 of each class, and how many windows truly have it."""

    precision: Floats
    recall: Floats
    f1: Floats
    support: Ints


class Curve(NamedTuple):
    """Risk (share wrong) among the ``k`` most confident windows, for every coverage ``k/n``."""

    coverage: Floats
    risk: Floats


class Band(NamedTuple):
    """The 5th to 95th percentile of a statistic for a perfectly calibrated predictor."""

    low: float
    high: float


def in_top(p: Floats, y: Ints, k: int) -> Floats:
    """1 where the true class is among the ``k`` likeliest (ties go to the lower column)."""
    ranked = np.argsort(-p, axis=1, kind="stable")[:, :k]
    found: Floats = (ranked == y[:, None]).any(axis=1).astype(float)
    return found


def log_loss(p: Floats, y: Ints, clip: float = LOG_CLIP) -> Floats:
    """``-ln p_true`` in nats, with ``p_true`` no smaller than ``clip``."""
    return -np.log(np.maximum(p[np.arange(len(y)), y], clip))


def brier(p: Floats, target: Floats) -> Floats:
    """``sum_c (p_c - target_c)^2`` (Brier 1950, several classes): 0 is perfect, 2 the worst."""
    squares: Floats = ((p - target) ** 2).sum(axis=1)
    return squares


def confusion(y: Ints, guess: Ints, classes: int) -> Ints:
    """Counts by (true, guessed) class; a guess outside ``0..classes-1`` lands in no column."""
    counts = np.zeros((classes, classes), dtype=np.int64)
    inside = (guess >= 0) & (guess < classes)
    np.add.at(counts, (y[inside], guess[inside]), 1)
    return counts


def per_class(y: Ints, guess: Ints, classes: int) -> Classes:
    """Precision, recall and F1 of each class.

    No precision (NaN) where nothing was guessed, no recall where nothing is true, no F1 where
    neither; a class that is true and never guessed has an F1 of 0.
    """
    counts = confusion(y, guess, classes)
    right = np.diag(counts).astype(float)
    support = np.bincount(y, minlength=classes).astype(np.int64)
    guessed = counts.sum(axis=0)
    precision, recall = _share(right, guessed), _share(right, support)
    return Classes(precision, recall, _share(2 * right, guessed + support), support)


def _share(part: Floats, of: Ints) -> Floats:
    """``part / of``, NaN where there is nothing to divide."""
    shares: Floats = np.divide(part, of, out=np.full(len(of), np.nan), where=of > 0)
    return shares


def macro_f1(y: Ints, guess: Ints, classes: int) -> float:
    """The plain mean of ``2 TP / (2 TP + FP + FN)`` over the classes that occur among the labels.

    A guess outside the classes (an error) counts as a false alarm of every class but the true one,
    so that failing on a window never raises the score by sparing a class a wrong guess.
    """
    counts = confusion(y, guess, classes)
    right, support = np.diag(counts), np.bincount(y, minlength=classes)
    outside = np.bincount(y[(guess < 0) | (guess >= classes)], minlength=classes)
    alarms = counts.sum(axis=0) + outside.sum() - outside
    present = support > 0
    return float((2 * right[present] / (alarms + support)[present]).mean())


def calibration_error(confidence: Floats, hit: Floats, bins: int = BINS) -> float:
    """Expected calibration error over bins of equal mass: ``sum |sum(hit - conf)| / n``."""
    order = np.argsort(confidence, kind="stable")
    parts = np.array_split((hit - confidence)[order], min(bins, len(order)))
    return float(sum(abs(part.sum()) for part in parts) / len(order))


def calibration_null(confidence: Floats, seed: int, draws: int = 1000, bins: int = BINS) -> Band:
    """What the error comes to by chance alone when every confidence is exactly right."""
    rng = np.random.default_rng(seed)
    hits = (rng.random((draws, len(confidence))) < confidence).astype(float)
    errors = [calibration_error(confidence, hit, bins) for hit in hits]
    return Band(float(np.quantile(errors, 0.05)), float(np.quantile(errors, 0.95)))


def risk_coverage(confidence: Floats, hit: Floats) -> Curve:
    """The curve; windows of equal confidence share their risk, so their order does not matter."""
    order = np.argsort(-confidence, kind="stable")
    wrong, level = (1.0 - hit)[order], confidence[order]
    _, tied = np.unique(level, return_inverse=True)
    shared = (np.bincount(tied, weights=wrong) / np.bincount(tied))[tied]
    taken = np.arange(1, len(wrong) + 1)
    return Curve(taken / len(wrong), np.cumsum(shared) / taken)


def aurc(confidence: Floats, hit: Floats) -> float:
    """Area under the risk-coverage curve: the mean risk over all coverages."""
    return float(risk_coverage(confidence, hit).risk.mean())


def overlap(shares: Floats, target: Floats) -> Floats:
    """``1 - 0.5 sum |w - w_hat|``: 1 where contributions and label weights agree in full."""
    shared: Floats = 1.0 - 0.5 * np.abs(shares - target).sum(axis=1)
    return shared
