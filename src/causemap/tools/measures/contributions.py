"""Contributions to one target's move by ordered regression (METHODS 3, layer 3).

Each player is a driver (or a few) whose daily moves explain the target's; what a coalition of
players explains is the window move predicted by a regression on their drivers alone, fitted on
history before the window. Players are averaged over the orderings the graph allows (asymmetric
Shapley), history is resampled in blocks for the interval.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from causemap.tools.measures.shares import (
    Coalition,
    Interval,
    asymmetric_shapley,
    block_indices,
)
from causemap.tools.measures.stats import FloatArray, IntArray

MIN_SESSIONS: Final = 120
BLOCK: Final = 10


class Driven(NamedTuple):
    """A target's log move and each player's part as a fraction of it, with 80 % bounds."""

    move: float
    parts: dict[str, Interval]
    n: int


class _Fit(NamedTuple):
    """Complete days before the window, and what each column moved in it on its own days."""

    past: FloatArray
    moved: FloatArray
    names: tuple[str, ...]
    columns: Mapping[str, tuple[int, ...]]
    signs: FloatArray


def driven_shares(
    target: pd.Series[float],
    drivers: Mapping[str, pd.DataFrame],
    start: pd.Timestamp,
    end: pd.Timestamp,
    *,
    parents: Mapping[str, Coalition],
    signs: Mapping[str, int] | None = None,
    of: float | None = None,
    sessions: int = 250,
    draws: int = 200,
    seed: int,
) -> Driven | None:
    """Split the target's move over ``(start, end]`` among the players of ``drivers``.

    ``target`` and each frame of ``drivers`` hold daily moves (log returns or differences) by
    date. ``signs`` gives the sign a driver's slope must have for its shock: a driver whose slope
    has the other one tells of another shock, and is left out (as are such resamples' slopes).
    Shares are of ``of``, by default of the target's own move. In the window each driver counts on
    its own days: one that had a holiday, or is not out yet, costs the others no day. None with too
    few common sessions before the window (120), no driver in it, or no move to explain.
    """
    fit = _fit(target, drivers, start, end, sessions)
    if fit is None:
        return None
    fit = _without_wrong_signs(fit, signs or {})
    move = float(fit.moved[0]) if of is None else of
    if move == 0.0:
        return None
    picks = _picks(len(fit.past), draws, seed)
    rows = np.concatenate([fit.past[None], fit.past[picks]])
    parts = {}
    for name, values in _shares(fit, rows, parents, move).items():
        low, high = (float(v) for v in np.quantile(values[1:], [0.1, 0.9]))
        point = float(values[0])
        parts[name] = Interval(point, min(low, point), max(high, point))
    return Driven(move, parts, len(fit.past))


@lru_cache(maxsize=4)
def _picks(rows: int, draws: int, seed: int) -> IntArray:
    """The resamples, the same for every target; read-only."""
    found = block_indices(rows, BLOCK, draws, seed=seed)
    found.setflags(write=False)
    return found


def _fit(
    target: pd.Series[float],
    drivers: Mapping[str, pd.DataFrame],
    start: pd.Timestamp,
    end: pd.Timestamp,
    sessions: int,
) -> _Fit | None:
    inside = {
        name: frame[(frame.index > start) & (frame.index <= end)] for name, frame in drivers.items()
    }
    # A driver without a day in the window has no part; it takes none from the others.
    known = [name for name, frame in inside.items() if not frame.isna().all().any()]
    frames = [drivers[name].add_prefix(f"{name}.") for name in known]
    table = pd.concat([target.rename("target"), *frames], axis=1, sort=True)
    window = table[(table.index > start) & (table.index <= end)].to_numpy(dtype=float)
    past = table[table.index <= start].dropna().iloc[-sessions:].to_numpy(dtype=float)
    if len(past) < MIN_SESSIONS or len(window) == 0 or (drivers and not known):
        return None
    names = [str(column) for column in table.columns]
    columns = {
        name: tuple(i for i, column in enumerate(names) if column.startswith(f"{name}."))
        for name in known
    }
    return _Fit(past, np.nansum(window, axis=0), tuple(names), columns, np.zeros(len(names)))


def _without_wrong_signs(fit: _Fit, signs: Mapping[str, int]) -> _Fit:
    """Leave out, one after the other, the driver that most offends its sign."""
    wanted = np.array([float(signs.get(n.partition(".")[2], 0)) for n in fit.names])
    centred = fit.past - fit.past.mean(axis=0)
    used = list(range(1, len(fit.names)))
    while used:
        slopes = np.linalg.lstsq(centred[:, used], centred[:, 0])[0]
        offence = -wanted[used] * slopes * centred[:, used].std(axis=0)
        worst = int(offence.argmax())
        if offence[worst] <= 0.0:
            break
        used.pop(worst)
    columns = {n: tuple(i for i in own if i in used) for n, own in fit.columns.items()}
    return fit._replace(columns=columns, signs=wanted)


def _shares(
    fit: _Fit, rows: FloatArray, parents: Mapping[str, Coalition], move: float
) -> dict[str, FloatArray]:
    """Each player's share for every resample; ``rows`` is resamples by sessions by columns."""
    centred = rows - rows.mean(axis=1, keepdims=True)
    products = np.matmul(centred.transpose(0, 2, 1), centred)
    worth: dict[Coalition, FloatArray] = {}

    def explained(coalition: Coalition) -> float:
        used = [i for name in fit.columns if name in coalition for i in fit.columns[name]]
        worth[coalition] = np.zeros(len(rows))
        if used:
            inner, outer = products[:, used][:, :, used], products[:, used, :1]
            slopes = np.matmul(np.linalg.pinv(inner, hermitian=True), outer)[:, :, 0]
            right = slopes * fit.signs[used] >= 0.0
            worth[coalition] = np.where(right, slopes, 0.0) @ fit.moved[used] / move
        return 0.0

    # Shapley values are linear in the worth of coalitions: the weight of each comes from asking
    # for the value of a game in which it alone is worth one.
    asymmetric_shapley(explained, list(fit.columns), parents)
    shares = {name: np.zeros(len(rows)) for name in fit.columns}
    for coalition, values in worth.items():
        alone = _indicator(coalition)
        for name, found in asymmetric_shapley(alone, list(fit.columns), parents).items():
            shares[name] += found.value * values
    return shares


def _indicator(wanted: Coalition) -> Callable[[Coalition], float]:
    return lambda coalition: float(coalition == wanted)
