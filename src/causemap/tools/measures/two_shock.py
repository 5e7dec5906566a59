"""The two-shock decomposition of an equity move by sign restrictions, with its identified set."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import pandas as pd

from causemap.tools.measures.stats import FloatArray, aligned, covers, split

ANGLES = 2001
"""Rotations on which the one-dimensional identified set of the two-shock model is evaluated."""


class TwoShock(NamedTuple):
    """Equity move split into news and monetary shocks, in percent (log points times 100).

    ``news`` and ``monetary`` are medians over the identified set, the bounds its extremes, and
    ``total`` the cumulated demeaned equity return they add up to; ``n`` counts window sessions.
    """

    news: float
    monetary: float
    news_low: float
    news_high: float
    monetary_low: float
    monetary_high: float
    total: float
    n: int


def _angles(factor: FloatArray) -> FloatArray:
    """Return the rotations for which growth is (+, +) and tightening is (-, +).

    With A = L Q(theta) both restrictions bind on one interval inside (0, pi/2): a negative
    equity-yield covariance lifts its lower end, a positive one lowers its upper end.
    """
    low = max(0.0, math.atan2(-factor[1, 0], factor[1, 1]))
    high = min(math.pi / 2, math.atan2(factor[1, 1], factor[1, 0]))
    return np.linspace(low, high, ANGLES)


class _Model(NamedTuple):
    """A fitted covariance factor, past means, daily moves and the window's cumulated surprise."""

    factor: FloatArray
    mean: FloatArray
    moves: pd.DataFrame
    surprise: FloatArray
    n: int


def _model(
    spx: pd.Series, y10: pd.Series, start: pd.Timestamp, end: pd.Timestamp, sessions: int
) -> _Model | None:
    levels = aligned({"spx": spx, "y10": y10})
    moves = pd.DataFrame({"spx": np.log(levels["spx"]).diff(), "y10": levels["y10"].diff()})
    moves = moves.iloc[1:]
    before, window = split(moves, start, end)
    past = before.iloc[-sessions:].to_numpy()
    if len(past) < sessions or not covers(levels, start, end):
        return None
    covariance = np.cov(past.T)
    if not np.linalg.det(covariance) > 0.0:
        return None
    mean = past.mean(axis=0)
    surprise = (window.to_numpy() - mean).sum(axis=0)
    return _Model(np.linalg.cholesky(covariance), mean, moves, surprise, len(window))


def _news(model: _Model, theta: FloatArray) -> FloatArray:
    """The window's news part in log points for each rotation."""
    unit = np.linalg.solve(model.factor, model.surprise)
    turned = np.cos(theta) * unit[0] + np.sin(theta) * unit[1]
    part: FloatArray = model.factor[0, 0] * np.cos(theta) * turned
    return part


def two_shock(
    spx: pd.Series, y10: pd.Series, start: pd.Timestamp, end: pd.Timestamp, sessions: int = 500
) -> TwoShock | None:
    """Split the equity move into news and monetary parts (Matheson and Stavrev, IMF WP/14/167).

    Daily r = (dlog SPX, change of the 10-year yield in percent); the covariance L L' and the
    mean come from the ``sessions`` common sessions ending at ``start``. The identified set is
    often wide (from the whole move to none), so the bounds belong with every quoted median.
    None with too little history, a series stopping short of the window or a degenerate covariance.
    """
    model = _model(spx, y10, start, end, sessions)
    if model is None:
        return None
    news = 100 * _news(model, _angles(model.factor))
    total = 100 * float(model.surprise[0])
    middle, low, high = (float(v) for v in (np.median(news), news.min(), news.max()))
    return TwoShock(middle, total - middle, low, high, total - high, total - low, total, model.n)


class MonetaryPath(NamedTuple):
    """The monetary part day by day, in log points, and its window total with 80 % bounds.

    ``moves`` is taken at the rotation whose window total is the median of the identified set;
    ``low`` and ``high`` are the set's 10th and 90th percentiles.
    """

    moves: pd.Series
    total: float
    low: float
    high: float


def monetary_path(
    spx: pd.Series, y10: pd.Series, start: pd.Timestamp, end: pd.Timestamp, sessions: int = 500
) -> MonetaryPath | None:
    """The monetary shock's daily contributions to the equity series; see :func:`two_shock`."""
    model = _model(spx, y10, start, end, sessions)
    if model is None:
        return None
    theta = _angles(model.factor)
    parts = float(model.surprise[0]) - _news(model, theta)
    low, middle, high = (float(v) for v in np.quantile(parts, [0.1, 0.5, 0.9]))
    chosen = float(theta[int(np.abs(parts - middle).argmin())])
    unit = np.linalg.solve(model.factor, (model.moves.to_numpy() - model.mean).T)
    turned = np.cos(chosen) * unit[0] + np.sin(chosen) * unit[1]
    daily = model.moves["spx"] - model.mean[0] - model.factor[0, 0] * np.cos(chosen) * turned
    return MonetaryPath(daily, middle, low, high)
