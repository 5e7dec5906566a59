"""Rates measures: splits of a yield move and the six-shock decomposition of an equity move."""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache
from itertools import permutations
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from causemap.tools.measures.stats import FloatArray, Kind, covers, robust_z, split

BoolArray = npt.NDArray[np.bool_]


class YieldChannel(StrEnum):
    """Sub-types of a rates shock that yields alone can tell apart."""

    POLICY_PATH = "policy_path"
    INFLATION = "inflation"
    REAL_YIELDS = "real_yields"
    TERM_PREMIUM = "term_premium"


class YieldSplit(NamedTuple):
    """Two readings of a 10-year yield move, in the unit of the inputs.

    The curve reading is ``policy_path`` (2-year) plus ``term_premium`` (10-year minus 2-year, a
    proxy); the price reading is ``real_yield`` plus ``inflation`` (breakeven) plus the rounding
    ``gap`` between the two curves. None marks a part whose input is missing, and a leading
    channel that cannot be named because the 10-year did not rise.
    """

    policy_path: float | None
    term_premium: float | None
    real_yield: float | None
    inflation: float | None
    gap: float | None
    curve_leads: YieldChannel | None
    price_leads: YieldChannel | None


def _difference(left: float | None, right: float | None) -> float | None:
    return None if left is None or right is None else left - right


def _leader(
    part: float | None, rise: float | None, if_half: YieldChannel, otherwise: YieldChannel
) -> YieldChannel | None:
    """Return ``if_half`` when the part is at least half of a 10-year rise."""
    if part is None or rise is None or rise <= 0.0:
        return None
    return if_half if part >= 0.5 * rise else otherwise


def yield_split(
    dy2: float | None, dy10: float | None, dreal10: float | None, dbe10: float | None
) -> YieldSplit:
    """Split a yield move by curve (policy path, term premium) and by price (real, inflation).

    The term premium leads when the curve widened by at least half the 10-year rise, inflation
    when breakevens made up at least half of it.
    """
    widening = _difference(dy10, dy2)
    channel = YieldChannel
    return YieldSplit(
        policy_path=dy2,
        term_premium=widening,
        real_yield=dreal10,
        inflation=dbe10,
        gap=_difference(_difference(dy10, dreal10), dbe10),
        curve_leads=_leader(widening, dy10, channel.TERM_PREMIUM, channel.POLICY_PATH),
        price_leads=_leader(dbe10, dy10, channel.INFLATION, channel.REAL_YIELDS),
    )


class RatesScore(NamedTuple):
    """Mean robust z of the yields present; ``n`` says how many of the three there were."""

    mean: float
    n: int


def _z(series: pd.Series | None, start: pd.Timestamp, end: pd.Timestamp) -> float | None:
    scored = None if series is None else robust_z(series, start, end, Kind.DIFF)
    return None if scored is None else scored.z


def rates_score(
    y2: pd.Series | None,
    y10: pd.Series | None,
    real10: pd.Series | None,
    start: pd.Timestamp,
    end: pd.Timestamp,
) -> RatesScore | None:
    """Return the mean z of the 2-year, 10-year and real 10-year moves (METHODS section 5).

    None when fewer than two of the three can be scored: one yield is not a rates move.
    """
    scored = (_z(series, start, end) for series in (y2, y10, real10))
    present = [z for z in scored if z is not None]
    if len(present) < 2:
        return None
    return RatesScore(float(np.mean(present)), len(present))


class Shock(StrEnum):
    """Shocks named by the six-variable sign restrictions, in the order of the sign table."""

    POLICY = "policy"
    TERM_PREMIUM = "term_premium"
    GROWTH = "growth"
    RISK_OFF = "risk_off"
    DOLLAR_FUNDING = "dollar_funding"
    RESIDUAL = "residual"


SIX_SERIES = ("SPX", "UST2Y", "UST10Y", "DXY", "HY_OAS", "GOLD")
NAMED = tuple(shock for shock in Shock if shock is not Shock.RESIDUAL)

# Rows follow NAMED, columns SIX_SERIES; 0 leaves a response free. All five lower the index, so
# flipping each column to a negative first entry settles its sign without rejecting a draw.
SIGNS = np.array(
    [
        [-1, 1, 1, 1, 0, -1],
        [-1, 0, 1, 0, 0, 0],
        [-1, -1, -1, 0, 1, 0],
        [-1, 0, -1, 1, 1, 1],
        [-1, 0, 1, 1, 1, -1],
    ]
)
IDENTIFIED_FROM = 0.001


class ShockPart(NamedTuple):
    """One shock's contribution to the index move in percent: median and 10th-90th percentile."""

    shock: Shock
    median: float
    low: float
    high: float


class SixShock(NamedTuple):
    """Six-shock sign restriction: parts, total and whether it counts as identified.

    ``parts`` has one entry per member of Shock, or is empty when no draw was accepted. Medians
    are taken shock by shock and need not add up to ``total``; each accepted model does.
    """

    accepted: int
    identified: bool
    total: float
    n: int
    parts: tuple[ShockPart, ...]


@lru_cache(maxsize=4)
def rotations(count: int, size: int, seed: int) -> FloatArray:
    """Return ``count`` Haar-distributed orthogonal matrices, shape (count, size, size), read-only.

    QR of Gaussian draws with the diagonal of R made positive (Rubio-Ramirez, Waggoner, Zha 2010).
    """
    normal = np.random.default_rng(seed).standard_normal((count, size, size))
    q, r = np.linalg.qr(normal)
    signs = np.where(np.diagonal(r, axis1=1, axis2=2) < 0.0, -1.0, 1.0)
    rotated: FloatArray = q * signs[:, None, :]
    rotated.setflags(write=False)
    return rotated


def _matches(impact: FloatArray) -> BoolArray:
    """Return which column fits which named shock, shape (draws, shocks, columns)."""
    flipped = impact * -np.sign(impact[:, :1, :])
    signed = flipped[:, None, :, :] * SIGNS[None, :, :, None]
    fits: BoolArray = np.min(signed, axis=2) >= 0.0
    short_end = flipped[:, 1, :] >= flipped[:, 2, :]
    fits[:, 0] &= short_end
    fits[:, 1] &= ~short_end
    return fits


def _assignments(columns: int) -> npt.NDArray[np.int64]:
    """Return every order of the columns; entry j is the column given to shock j."""
    return np.array(list(permutations(range(columns))))


def _accepted_parts(impact: FloatArray, effect: FloatArray) -> FloatArray:
    """Return, per accepted draw, its contributions by shock averaged over valid assignments.

    ``effect`` is each column's contribution to the index, shape (draws, columns). All valid
    assignments of a draw are equally likely under the Haar measure, hence the plain mean.
    """
    fits = _matches(impact)
    candidates = np.flatnonzero(np.min(np.max(fits, axis=2), axis=1))
    columns = impact.shape[2]
    orders = _assignments(columns)
    valid = np.ones((candidates.size, len(orders)), dtype=bool)
    for shock in range(len(NAMED)):
        valid &= fits[candidates, shock][:, orders[:, shock]]
    chosen = valid.any(axis=1)
    one_hot = np.eye(columns)[orders].reshape(len(orders), -1)
    counts = (valid[chosen].astype(float) @ one_hot).reshape(-1, columns, columns)
    weights = counts / valid[chosen].sum(axis=1)[:, None, None]
    parts: FloatArray = np.einsum("dsc,dc->ds", weights, effect[candidates[chosen]])
    return parts


def _six_moves(frame: pd.DataFrame) -> pd.DataFrame | None:
    """Return daily moves in percent or percentage points; None when a series is missing."""
    if any(name not in frame.columns for name in SIX_SERIES):
        return None
    levels = frame[list(SIX_SERIES)].astype(float).dropna()
    priced = ["SPX", "DXY", "GOLD"]
    moves = levels.copy()
    moves[priced] = 100 * np.log(levels[priced])
    return moves.diff().iloc[1:]


def _parts(contributions: FloatArray) -> tuple[ShockPart, ...]:
    low, middle, high = np.percentile(contributions, [10, 50, 90], axis=0)
    return tuple(
        ShockPart(shock, float(middle[j]), float(low[j]), float(high[j]))
        for j, shock in enumerate(Shock)
    )


def six_shock(
    frame: pd.DataFrame,
    start: pd.Timestamp,
    end: pd.Timestamp,
    *,
    draws: int = 4000,
    seed: int,
    sessions: int = 500,
) -> SixShock | None:
    """Split the index move into five named shocks and a residual by sign restrictions.

    Columns: SPX, DXY, GOLD as prices, UST2Y, UST10Y, HY_OAS in percent (signs: METHODS 2.1).
    Each rotation may be matched to the shocks by reordering and flipping its columns, which
    keeps the draw Haar and raises the share of rotations with at least one match. Below 0.1 % the
    result is not identified. None when a series is missing, too short or stale.
    """
    moves = _six_moves(frame)
    if moves is None:
        return None
    before, window = split(moves, start, end)
    past = before.iloc[-sessions:].to_numpy()
    if len(past) < sessions or not covers(moves, start, end):
        return None
    covariance = np.cov(past.T)
    if np.linalg.matrix_rank(covariance, hermitian=True) < len(SIX_SERIES):
        return None
    factor = np.linalg.cholesky(covariance)
    surprise = (window.to_numpy() - past.mean(axis=0)).sum(axis=0)
    turned = rotations(draws, len(SIX_SERIES), seed)
    impact = factor @ turned
    effect = impact[:, 0, :] * (np.linalg.solve(factor, surprise) @ turned)
    accepted = _accepted_parts(impact, effect)
    parts = _parts(accepted) if len(accepted) else ()
    identified = len(accepted) / draws >= IDENTIFIED_FROM
    return SixShock(len(accepted), identified, float(surprise[0]), len(window), parts)
