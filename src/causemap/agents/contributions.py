"""What each measured driver contributed to the move of one target of each asset group."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from causemap.agents.bench import Bench, rounded
from causemap.causes import GROUP_ASSETS
from causemap.closed_sets import Cause
from causemap.records import Decomposition, PartShare
from causemap.tools.market import MissingSeries
from causemap.tools.measures.contributions import driven_shares
from causemap.tools.measures.shares import Interval, shares_sum_to_one
from causemap.tools.registry import REGISTRY

if TYPE_CHECKING:
    from causemap.settings import Settings

# Player -> its drivers; a pair is a spread of log returns. Credit stands for funding, the
# capitalisation-weighted index against the equal-weight one for leadership, oil and breakevens
# for growth.
_PLAYERS: Final[dict[Cause, tuple[tuple[str, ...], ...]]] = {
    "rates_shock": (("REAL10Y",), ("DXY",)),
    "ai_rerating": (("NDX", "RSP"),),
    "growth_scare": (("WTI",), ("BE10Y",)),
    "funding_stress": (("HY_OAS",),),
}
_OF_TARGET: Final[dict[str, tuple[Cause, ...]]] = {
    "SPX": ("rates_shock", "ai_rerating", "growth_scare", "funding_stress"),
    "NDX": ("rates_shock", "ai_rerating", "growth_scare", "funding_stress"),
    "BTC": ("rates_shock", "ai_rerating", "funding_stress"),
    "GLD": ("rates_shock", "funding_stress"),
    "SLV": ("rates_shock", "funding_stress"),
}
# Rates come first: what looks like re-rating after a rates move is duration, and credit spreads
# answer to rates and growth before they count as a shock of their own.
_PARENTS: Final = {
    "ai_rerating": frozenset({"rates_shock"}),
    "funding_stress": frozenset({"rates_shock", "growth_scare"}),
}


def decompose(bench: Bench, settings: Settings) -> None:
    """Add one decomposition for the worst-hit target of each group asked about."""
    for group in bench.scope.groups:
        target = _worst(bench, GROUP_ASSETS[group])
        if target is not None and target in _OF_TARGET:
            _decompose(bench, target, settings)


def _worst(bench: Bench, names: tuple[str, ...]) -> str | None:
    moves = {e.asset: e.z for e in bench.evidence if e.metric == "change" and e.z is not None}
    found = [name for name in names if name in moves and name in _OF_TARGET]
    return min(found, key=lambda name: moves[name] or 0.0) if found else None


def _decompose(bench: Bench, target: str, settings: Settings) -> None:
    drivers = {
        cause: frame
        for cause in _OF_TARGET[target]
        if (frame := _drivers(bench, _PLAYERS[cause])) is not None
    }
    if not drivers:
        bench.gap(f"contributions to {target}", "empty", "no driver spans the window")
        return
    found = driven_shares(
        _moves(bench, target),
        {str(cause): frame for cause, frame in drivers.items()},
        bench.start,
        bench.end,
        parents=_PARENTS,
        draws=settings.resamples,
        seed=settings.seed,
    )
    if found is None or found.move >= 0.0:
        return
    parts = dict(found.parts)
    mechanical = _mechanical(bench, target)
    if mechanical is not None:
        parts["liquidation_cascade"] = mechanical
    bench.decompositions.append(_as_record(target, found.move, parts))


def _as_record(target: str, move: float, parts: Mapping[str, Interval]) -> Decomposition:
    table = shares_sum_to_one(parts)
    causes: dict[str, Cause] = {c: c for c in (*_PLAYERS, "liquidation_cascade")}
    shares = tuple(
        PartShare(causes[p.name], round(p.share, 4), round(p.low, 4), round(p.high, 4))
        for p in table.parts
    )
    residual = round(1.0 - sum(part.share for part in shares), 4)
    spread = sum(part.high - part.share for part in shares)
    rise = sum(part.share - part.low for part in shares)
    return Decomposition(
        target,
        rounded(100.0 * float(np.expm1(move))),
        shares,
        residual,
        round(max(0.10, residual - spread), 4),
        round(min(1.0, residual + rise), 4),
    )


def _drivers(bench: Bench, names: tuple[tuple[str, ...], ...]) -> pd.DataFrame | None:
    try:
        columns = {"-".join(pair): _driver(bench, pair) for pair in names}
    except MissingSeries:
        return None
    return pd.DataFrame(columns)


def _driver(bench: Bench, pair: tuple[str, ...]) -> pd.Series[float]:
    first = _moves(bench, pair[0])
    return first if len(pair) == 1 else (first - _moves(bench, pair[1])).dropna()


def _moves(bench: Bench, name: str) -> pd.Series[float]:
    """Session moves of a series; crypto is read at equity sessions, closing at UTC midnight."""
    # Two years reach back over the 250 sessions of the regression.
    series = bench.recent(name, 730)
    levels = series[series.index.isin(bench.view.sessions)]
    if REGISTRY[name].change == "diff":
        return levels.diff().dropna()
    # Oil once closed below zero (20 April 2020); a log move does not exist there.
    levels = levels[levels > 0.0]
    return pd.Series(np.log(levels.to_numpy()), index=levels.index).diff().dropna()


def _mechanical(bench: Bench, target: str) -> Interval | None:
    """What went in the four worst hours, as far as no outside trigger explains it."""
    found = {e.id.partition(".")[2]: e for e in bench.evidence}
    if target != "BTC" or "btc.residual" not in found or "btc.change" not in found:
        return None
    own = found["btc.residual"].value / found["btc.change"].value
    speed = _speed_share(bench)
    if speed is None or own <= 0.0:
        return None
    share = min(1.0, own) * speed
    return Interval(share, share * 0.5, min(1.0, share * 1.5))


def _speed_share(bench: Bench) -> float | None:
    from causemap.agents.crypto_structure import tape_speed

    found = tape_speed(bench)
    return None if found is None else found.share
