"""Fitting layer 2: a few strongly regularised weights on family scores, by soft labels.

The parameters are shared by all causes within a family of evidence, so that few windows can carry
them. The loss is the cross-entropy with the labellers' averaged weights plus
``ridge * (weight - 1)^2`` and ``ridge_bias * bias^2``: without data the fit is layer 1, and the
more windows, the less that pulls. It takes the place of pooling both layers half and half (METHODS
3), which would pull as hard at 338 windows as at 70 (decision 010). Windows of one episode
(overlapping in time) are never on both sides of a split. Nothing here runs when a fall is
explained; numpy and scipy are needed for fitting only.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from causemap.attribution.calibration import PLAIN, VERSION, Calibration, cell
from causemap.attribution.judge import group_weights
from causemap.attribution.scoring import VETO, by_key, group_scores, vetoes, weigh
from causemap.causes import CAUSES, GROUPS, NAMED
from causemap.closed_sets import AssetGroup, Cause, Primary
from causemap.records import Dossier

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

# scipy has no types; it comes with scikit-learn.
minimize: Final[Any] = import_module("scipy.optimize").minimize

RIDGE: Final = 2.0
RIDGE_BIAS: Final = 1.0
# No bolder than 0.8: rules and words were written in sight of these falls, so that even out of fold
# they are told better than unseen ones will be.
TEMPERATURES: Final = (0.8, 0.9, 1.0, 1.1, 1.25)
# Folds of whole episodes on which the temperature is chosen.
HELD_OUT: Final = 12
# Dirichlet pseudo-count of the prior (METHODS 3).
PSEUDO: Final = 2.0
_N: Final = len(NAMED)
# The families that are weighed, told apart by cause where the calibration says so.
CELLS: Final[tuple[str, ...]] = (
    "rates>rates_shock",
    "rates>growth_scare",
    "rates>ai_rerating",
    "rates>policy_geopolitics",
    "credit",
    "dollar_metals",
    "leadership",
    "volatility",
    "crypto_tape>liquidation_cascade",
    "crypto_tape>crypto_idiosyncratic",
    "plumbing",
    "context",
    "event_time",
    "text",
    "veto",
    "prior",
)


@dataclass(frozen=True, slots=True)
class Design:
    """Family scores of many windows: ``x`` (rows, causes, cells), each row an asset group.

    ``window`` says which window a row belongs to and ``share`` its weight there (sums to 1 within
    a window, as the verdict over groups is formed).
    """

    x: Floats
    window: Ints
    share: Floats
    windows: int

    def pick(self, chosen: Ints) -> Design:
        """The design of some windows only, numbered anew in the order of ``chosen``."""
        place = {int(old): new for new, old in enumerate(chosen)}
        keep = np.array([int(w) in place for w in self.window])
        window = np.array([place[int(w)] for w in self.window[keep]], dtype=np.int64)
        return Design(self.x[keep], window, self.share[keep], len(chosen))


class Read(NamedTuple):
    """Family scores of one window: ``x`` (groups, causes, cells) and each falling group's share."""

    x: Floats
    groups: tuple[AssetGroup, ...]
    share: tuple[float, ...]


class Told(NamedTuple):
    """What labellers said of one window: the asset groups asked about, the soft label, by group."""

    groups: tuple[AssetGroup, ...]
    label: Mapping[Cause, float]
    by_asset: Mapping[AssetGroup, Primary]


Priors = Mapping[AssetGroup, Mapping[Cause, float]]


def read(dossier: Dossier) -> Read:
    """The family scores of each falling asset group of a window; the prior's cell is left empty."""
    evidence, weights = by_key(dossier.evidence), group_weights(dossier)
    x = np.zeros((len(weights), _N, len(CELLS)))
    for row, group in zip(x, weights, strict=True):
        for (cause, family), value in group_scores(weigh(evidence, group), evidence).items():
            row[NAMED.index(cause), CELLS.index(cell(family, cause))] += value
        for veto in vetoes(evidence, group):
            row[NAMED.index(veto.cause), CELLS.index("veto")] = VETO
    return Read(x, tuple(weights), tuple(weights.values()))


def count_priors(told: Iterable[Told]) -> dict[AssetGroup, dict[Cause, float]]:
    """Shares of causes by asset group, pseudo-counts included (each sums to 1).

    A window counts for a group by the label it has for it, else by its soft label; metals, which
    are never asked about alone, by their own label only.
    """
    counts = {group: dict.fromkeys(CAUSES, PSEUDO) for group in GROUPS}
    for window in told:
        for group in window.groups:
            own = window.by_asset.get(group)
            if own is not None:
                for cause in CAUSES:
                    counts[group][cause] += float(cause == own)
            elif group != "metals":
                for cause, share in window.label.items():
                    counts[group][cause] += share
    return {
        group: {cause: count / sum(found.values()) for cause, count in found.items()}
        for group, found in counts.items()
    }


def design(found: Sequence[Read], priors: Priors) -> Design:
    """The family scores of all windows under a prior."""
    x = np.concatenate([one.x for one in found])
    for row, group in zip(x, (group for one in found for group in one.groups), strict=True):
        row[:, CELLS.index("prior")] = [math.log(priors[group][cause]) for cause in NAMED]
    window = np.repeat(np.arange(len(found)), [len(one.groups) for one in found])
    share = np.array([share for one in found for share in one.share])
    return Design(x, window, share, len(found))


def shares(theta: Floats, data: Design) -> Floats:
    """Probabilities of the named causes, (windows, causes)."""
    found = np.zeros((data.windows, _N))
    np.add.at(found, data.window, data.share[:, None] * _softmax(theta, data))
    return found


def _softmax(theta: Floats, data: Design) -> Floats:
    scores = data.x @ theta[: len(CELLS)] + theta[len(CELLS) :]
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True), dtype=np.float64)


def fit_weights(data: Design, labels: Floats, ridge: float, ridge_bias: float) -> Floats:
    """Weights and biases of layer 2; ``labels`` (windows, causes) are shares of the named ones."""
    start = np.concatenate([np.ones(len(CELLS)), np.zeros(_N)])
    strength = np.concatenate([np.full(len(CELLS), ridge), np.full(_N, ridge_bias)])

    def loss(theta: Floats) -> tuple[float, Floats]:
        rows = _softmax(theta, data)
        mean = np.zeros((data.windows, _N))
        np.add.at(mean, data.window, data.share[:, None] * rows)
        safe = np.clip(mean, 1e-12, None)
        slope = (-labels / safe)[data.window]
        pull = data.share[:, None] * rows * (slope - (slope * rows).sum(axis=1, keepdims=True))
        gradient = np.concatenate([np.einsum("rc,rcf->f", pull, data.x), pull.sum(axis=0)])
        away = theta - start
        value = -(labels * np.log(safe)).sum() + (strength * away**2).sum()
        return float(value), gradient + 2.0 * strength * away

    return np.asarray(minimize(loss, start, jac=True, method="L-BFGS-B").x, dtype=np.float64)


def fit_mixed(named: Floats, mixed: Floats) -> tuple[float, float]:
    """The line of the mixed share against the margin, from probabilities and soft labels."""
    margin = _margin(named)
    start = np.array([PLAIN.mixed_at, PLAIN.mixed_slope])

    def loss(line: Floats) -> float:
        chance = 1.0 / (1.0 + np.exp(-(line[0] + line[1] * margin)))
        entropy = -(mixed * np.log(chance) + (1.0 - mixed) * np.log(1.0 - chance)).sum()
        return float(entropy + 0.5 * ((line - start) ** 2).sum())

    at, slope = minimize(loss, start, method="L-BFGS-B").x
    return float(at), float(slope)


def fit(
    data: Design,
    labels: Floats,
    primary: Ints,
    episodes: Ints,
    priors: Priors,
    mixed_on: Bools | None = None,
    ridge: float = RIDGE,
    ridge_bias: float = RIDGE_BIAS,
) -> Calibration:
    """Fit on all windows of ``data``; ``labels`` (windows, 9) are soft, ``episodes`` group them.

    ``primary`` (windows) is the place of each window's one label in the closed set. ``priors`` are
    those of the design and are kept with the fit. ``mixed_on`` (windows) says whose mixed shares
    are learnt: labellers differ in what they call mixed. The temperature is the one of
    :data:`TEMPERATURES` with the least Brier score against ``primary`` when the episodes, dealt
    into :data:`HELD_OUT` folds, are predicted from those of the other folds: a probability is to be
    the chance that the cause is the labelled one, which labellers' weights, being parts of a fall,
    are not (decision 017).
    """
    named = labels[:, :_N]
    held_out = np.zeros((len(TEMPERATURES), data.windows, _N))
    numbered = np.unique(episodes, return_inverse=True)[1] % HELD_OUT
    for fold in np.unique(numbered):
        inside, outside = np.flatnonzero(numbered == fold), np.flatnonzero(numbered != fold)
        theta = fit_weights(data.pick(outside), named[outside], ridge, ridge_bias)
        for place, t in enumerate(TEMPERATURES):
            held_out[place, inside] = shares(theta / t, data.pick(inside))
    told = np.ones(data.windows, dtype=np.bool_) if mixed_on is None else mixed_on
    lines = [fit_mixed(one[told], labels[told, _N]) for one in held_out]
    truth = np.eye(len(CAUSES))[primary]
    misses = [
        ((_whole(one, *line) - truth) ** 2).sum() for one, line in zip(held_out, lines, strict=True)
    ]
    best = int(np.argmin(misses))
    theta = fit_weights(data, named, ridge, ridge_bias) / TEMPERATURES[best]
    return _calibration(theta, *lines[best], priors)


def _whole(named: Floats, at: float, slope: float) -> Floats:
    """Probabilities of the closed set (windows, 9): the named ones make room for mixed."""
    mixed = 1.0 / (1.0 + np.exp(-(at + slope * _margin(named))))
    return np.hstack([(1.0 - mixed[:, None]) * named, mixed[:, None]])


def _margin(named: Floats) -> Floats:
    ranked = np.sort(named, axis=1)
    return np.asarray(ranked[:, -1] - ranked[:, -2], dtype=np.float64)


def _calibration(theta: Floats, at: float, slope: float, priors: Priors) -> Calibration:
    weights = {name: round(float(x), 4) for name, x in zip(CELLS, theta, strict=False)}
    biases: dict[str, float] = {
        c: round(float(x), 4) for c, x in zip(NAMED, theta[len(CELLS) :], strict=True)
    }
    rounded = {g: {c: round(p, 4) for c, p in found.items()} for g, found in priors.items()}
    return Calibration(weights, biases, round(at, 4), round(slope, 4), rounded)


def as_json(fitted: Calibration, command: str, windows: int) -> dict[str, object]:
    """The calibration as the file of the package, with the command that made it."""
    return {
        "version": VERSION,
        "command": command,
        "windows": windows,
        "weights": dict(fitted.weights),
        "biases": dict(fitted.biases),
        "mixed": {"at": fitted.mixed_at, "slope": fitted.mixed_slope},
        "priors": {group: dict(found) for group, found in fitted.priors.items()},
    }
