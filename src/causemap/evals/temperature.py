"""Whether a run's probabilities are too bold or too shy: one temperature, fitted out of fold.

``p_T = p^(1/T) / sum p^(1/T)``: above 1 flattens, below 1 sharpens. Each episode is rescaled with
the temperature that suits the others, so the gain is what new windows may expect. It describes the
run and changes no system.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from causemap.evals.metrics import Floats, Ints, brier, log_loss

_GRID: Final = np.exp(np.linspace(np.log(0.25), np.log(4.0), 81))
_FLOOR: Final = 1e-6


@dataclass(frozen=True, slots=True)
class Temperature:
    """The temperature on all windows, and out-of-fold scores before and after."""

    temperature: float
    n: int
    log_loss_before: float
    log_loss_after: float
    brier_before: float
    brier_after: float


def rescaled(p: Floats, temperature: float) -> Floats:
    """Probabilities at a temperature; shares of zero count as 1e-6."""
    powered = np.maximum(p, _FLOOR) ** (1.0 / temperature)
    shares: Floats = powered / powered.sum(axis=1, keepdims=True)
    return shares


def best_temperature(p: Floats, y: Ints) -> float:
    """The temperature of least mean log loss on a grid from 1/4 to 4."""
    losses = [float(log_loss(rescaled(p, float(t)), y).mean()) for t in _GRID]
    return float(_GRID[int(np.argmin(losses))])


def fit_temperature(p: Floats, y: Ints, episode: Ints) -> Temperature:
    """Fit on all windows; score each episode at the temperature of the others."""
    after = np.empty_like(p)
    for name in np.unique(episode):
        test = episode == name
        after[test] = rescaled(p[test], best_temperature(p[~test], y[~test]))
    truth = np.eye(p.shape[1])[y]
    return Temperature(
        best_temperature(p, y),
        len(y),
        float(log_loss(p, y).mean()),
        float(log_loss(after, y).mean()),
        float(brier(p, truth).mean()),
        float(brier(after, truth).mean()),
    )
