"""Shares of a move: mechanical share, asymmetric Shapley values, block bootstrap, final table.

Contributions are fractions of the target's move (0.3 = 30 % of the fall). All randomness comes
from an explicit seed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import combinations
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from causemap.tools.measures.stats import IntArray

MAX_PLAYERS: Final = 8
MIN_DOWN_DAYS: Final = 30

Coalition = frozenset[str]


class DownsideBeta(NamedTuple):
    """Slope on the trigger's below-average returns; ``stderr`` is the plain OLS one."""

    beta: float
    stderr: float
    n: int


class PlayerShare(NamedTuple):
    """Mean contribution of one player and its range over the orderings the graph allows."""

    value: float
    low: float
    high: float


class Interval(NamedTuple):
    """A median and the bounds of a central interval."""

    median: float
    low: float
    high: float


class Share(NamedTuple):
    """One part of the move in [0, 1]."""

    name: str
    share: float
    low: float
    high: float


class ShareTable(NamedTuple):
    """Parts and the unexplained remainder; the shares and ``unexplained`` sum to 1."""

    parts: tuple[Share, ...]
    unexplained: float


def downside_beta(
    target: pd.Series[float],
    trigger: pd.Series[float],
    until: pd.Timestamp,
    *,
    sessions: int = 250,
) -> DownsideBeta | None:
    """Regress target on trigger over days when the trigger was below its mean.

    Returns at or before ``until`` (the window start) only; None with fewer than 30 such days or
    a flat trigger. Ang, Chen and Xing, "Downside risk", RFS 2006.
    """
    both = pd.DataFrame({"y": target, "x": trigger}).dropna()
    both = both[both.index <= until].iloc[-sessions:]
    down = both[both["x"] < both["x"].mean()]
    y, x = down["y"].to_numpy(dtype=float), down["x"].to_numpy(dtype=float)
    spread = float(((x - x.mean()) ** 2).sum()) if len(x) >= MIN_DOWN_DAYS else 0.0
    if spread <= 0:
        return None
    beta = float(((x - x.mean()) * (y - y.mean())).sum()) / spread
    rest = y - y.mean() - beta * (x - x.mean())
    error = float(np.sqrt((rest**2).sum() / (len(x) - 2) / spread))
    return DownsideBeta(beta, error, len(x))


def mechanical_share(beta_down: float, trigger_move: float, target_move: float) -> float | None:
    """Part of a move that its trigger leaves over: 1 - |beta x trigger| / |target|, in [0, 1].

    None for no move or a value not finite.
    """
    if target_move == 0 or not np.isfinite([beta_down, trigger_move, target_move]).all():
        return None
    return max(0.0, 1.0 - abs(float(beta_down) * float(trigger_move) / float(target_move)))


def _allowed(players: Sequence[str], parents: Mapping[str, Coalition]) -> list[Coalition]:
    """Every coalition that holds the parents of its members, smallest first."""
    subsets = (frozenset(c) for k in range(len(players) + 1) for c in combinations(players, k))
    inside = frozenset(players)
    return [s for s in subsets if all((parents.get(p, frozenset()) & inside) <= s for p in s)]


def _orderings_up_to(allowed: Sequence[Coalition], *, reverse: bool) -> dict[Coalition, int]:
    """Count the ways to grow from the empty set to each coalition (or from it to the full one)."""
    known = set(allowed)
    ends = sorted(allowed, key=len, reverse=reverse)
    counts = {ends[0]: 1}
    for coalition in ends[1:]:
        players = allowed[-1] - coalition if reverse else coalition
        steps = (coalition ^ frozenset((p,)) for p in players)
        counts[coalition] = sum(counts[step] for step in steps if step in known)
    return counts


def asymmetric_shapley(
    value: Callable[[Coalition], float],
    players: Sequence[str],
    parents: Mapping[str, Coalition],
) -> dict[str, PlayerShare]:
    """Average marginal contributions over all orderings in which parents come before children.

    ``value`` maps a coalition to the part of the move it explains; it is called once for each
    coalition the graph allows. The shares sum to value(all) - value(nobody). Exact, by counting
    orderings instead of listing them: Frye, Rowat and Feige, "Asymmetric Shapley values",
    NeurIPS 2020. ValueError for a cycle, a repeated name or more than eight players.
    """
    if len(set(players)) != len(players) or len(players) > MAX_PLAYERS:
        raise ValueError(f"give at most {MAX_PLAYERS} players, each once; got {list(players)}")
    allowed = _allowed(players, parents)
    before = _orderings_up_to(allowed, reverse=False)
    if before[allowed[-1]] == 0:
        raise ValueError(f"the graph has a cycle among {sorted(players)}")
    after = _orderings_up_to(allowed, reverse=True)
    worth = {coalition: value(coalition) for coalition in allowed}
    shares = {}
    for player in players:
        joins = [(s, s | {player}) for s in allowed if player not in s and s | {player} in worth]
        gains = [worth[t] - worth[s] for s, t in joins]
        weights = [before[s] * after[t] / before[allowed[-1]] for s, t in joins]
        mean = sum(w * g for w, g in zip(weights, gains, strict=True))
        shares[player] = PlayerShare(mean, min(gains), max(gains))
    return shares


def block_indices(n: int, block: int, draws: int, *, seed: int) -> IntArray:
    """Row numbers of resampled series, shape (draws, n), keeping runs of about ``block`` rows.

    Stationary bootstrap: geometric run lengths on a circle (Politis and Romano, JASA 1994).
    ValueError unless 1 <= block <= n.
    """
    if not 1 <= block <= n or draws < 1:
        raise ValueError(f"need 1 <= block <= n and draws >= 1; got {block=}, {n=}, {draws=}")
    rng = np.random.default_rng(seed)
    fresh = rng.random((draws, n)) < 1.0 / block
    fresh[:, 0] = True
    heads = rng.integers(0, n, size=(draws, n))
    steps = np.arange(n)
    began = np.maximum.accumulate(np.where(fresh, steps, 0), axis=1)
    return np.asarray((np.take_along_axis(heads, began, axis=1) + steps - began) % n)


def shares_sum_to_one(parts: Mapping[str, Interval], unexplained_minimum: float) -> ShareTable:
    """Turn contributions (fractions of the move) into shares that leave a remainder.

    A part that worked against the move gets share 0. Where the rest claims more than
    1 - ``unexplained_minimum``, all are scaled down alike. Bounds are scaled the same way and
    clipped to [0, 1]. ValueError for a value that is not finite.
    """
    if not 0 <= unexplained_minimum <= 1:
        raise ValueError(f"unexplained_minimum is a fraction, not {unexplained_minimum}")
    if not all(np.isfinite(part).all() for part in parts.values()):
        raise ValueError("a contribution is not finite; leave out what was not measured")
    claimed = sum(max(0.0, part.median) for part in parts.values())
    room = 1.0 - unexplained_minimum
    scaled = claimed > room
    factor = room / claimed if scaled else 1.0
    bounded = {k: np.clip(np.array(part) * factor, 0.0, 1.0) for k, part in parts.items()}
    table = tuple(
        Share(name, float(mid), float(min(low, mid)), float(max(high, mid)))
        for name, (mid, low, high) in bounded.items()
    )
    explained = sum(part.share for part in table)
    return ShareTable(table, unexplained_minimum if scaled else 1.0 - explained)
