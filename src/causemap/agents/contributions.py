"""What each measured driver contributed to the move of one target of each asset group."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pandas as pd

from causemap.agents.bench import Bench
from causemap.agents.mechanical import UPPER, mechanical_bounds
from causemap.attribution.parts import UNEXPLAINED
from causemap.attribution.verdict import fall_threshold
from causemap.causes import GROUP_ASSETS
from causemap.closed_sets import Cause
from causemap.records import Decomposition, PartShare
from causemap.tools.market import MissingSeries
from causemap.tools.measures.contributions import driven_shares
from causemap.tools.measures.metals import worst_day_share
from causemap.tools.measures.shares import Interval, shares_sum_to_one
from causemap.tools.measures.stats import Kind, beta_residual, percent, robust_z, window_change
from causemap.tools.measures.two_shock import MonetaryPath, monetary_path
from causemap.tools.registry import REGISTRY
from causemap.tools.rounding import rounded

if TYPE_CHECKING:
    from causemap.settings import Settings

# Cause -> its drivers; a pair is a spread of log returns, a sign the slope the cause must have.
# The capitalisation-weighted index against the equal-weight one stands for leadership.
_DRIVERS: Final[dict[Cause, dict[tuple[str, ...], int]]] = {
    "rates_shock": {("REAL10Y",): -1, ("DXY",): -1},
    "ai_rerating": {("NDX", "RSP"): +1},
    "growth_scare": {("USO",): +1, ("BE10Y",): +1},
    "funding_stress": {("HY_OAS",): -1},
}
# With yields down, their fall is growth news: stocks and yields move the same way on it.
_GROWTH_YIELDS_DOWN: Final[dict[tuple[str, ...], int]] = {("USO",): +1, ("UST10Y",): +1}
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
# A fall that no verdict would look at, were its asset asked about alone, is not split up.
_FELL: Final = fall_threshold(1)
_YIELDS: Final = ("UST2Y", "UST10Y", "REAL10Y")
# Half a robust deviation, as in the sign veto: the 10-year's, or the mean of the three yields'.
_YIELDS_UP_Z: Final = 0.5
_CREDIT_BREAKS_Z: Final = 5.0
_BANKS_BREAK: Final = -0.05
_DOLLAR_SHORT_Z: Final = 1.0


class _Seen(NamedTuple):
    """What the taxonomy's signs allow in this window."""

    yields_up: bool
    credit_breaks: bool
    funding: bool


def decompose(bench: Bench, settings: Settings) -> None:
    """Add one decomposition for the worst-hit target of each group asked about."""
    seen = _seen(bench)
    for group in bench.scope.groups:
        target = _worst(bench, _asked(bench, GROUP_ASSETS[group]))
        if target is not None:
            with bench.attempt(f"contributions to {REGISTRY[target].said}"):
                _decompose(bench, target, seen, settings)


def _asked(bench: Bench, targets: tuple[str, ...]) -> tuple[str, ...]:
    """The group's targets that were asked about; all where none of those can be split up."""
    asked = (name for name in targets if name in bench.scope.assets and name in _OF_TARGET)
    return tuple(asked) or targets


def _worst(bench: Bench, names: tuple[str, ...]) -> str | None:
    moves: dict[str, float] = {
        e.asset: e.z for e in bench.evidence if e.metric == "change" and e.z is not None
    }
    found = {name: moves[name] for name in names if name in moves and name in _OF_TARGET}
    worst = min(found, key=lambda name: found[name], default=None)
    return worst if worst is not None and found[worst] <= _FELL else None


def _seen(bench: Bench) -> _Seen:
    """Sign vetoes of TAXONOMY rule 5 and the signatures of funding stress."""
    yields = [_z(bench, name) for name in _YIELDS]
    credit, dollar, gold = (_z(bench, name) for name in ("HY_OAS", "DXY", "GOLD"))
    breaks = credit is not None and credit >= _CREDIT_BREAKS_Z
    short = [dollar, None if gold is None else -gold, yields[1]]
    shortage = all(z is not None and z >= _DOLLAR_SHORT_Z for z in short)
    known = [z for z in yields if z is not None]
    up = [sum(known) / len(known), *(z for z in yields[1:2] if z is not None)] if known else []
    return _Seen(
        any(z >= _YIELDS_UP_Z for z in up),
        breaks,
        breaks or shortage or _banks_break(bench),
    )


def _z(bench: Bench, name: str) -> float | None:
    try:
        series = bench.series(name)
    except MissingSeries:
        return None
    kind = Kind.LOG if REGISTRY[name].change == "log" else Kind.DIFF
    found = robust_z(series, bench.start, bench.end, kind)
    return None if found is None else found.z


def _banks_break(bench: Bench) -> bool:
    """Regional banks five percent or more behind the index (TAXONOMY, funding_stress)."""
    changes = {e.asset: e.value / 100.0 for e in bench.evidence if e.metric == "change"}
    both = "KRE" in changes and "SPX" in changes
    return both and changes["KRE"] - changes["SPX"] <= _BANKS_BREAK


def _decompose(bench: Bench, target: str, seen: _Seen, settings: Settings) -> None:
    moves = _moves(bench, target, since=bench.start)
    # Of the whole move, the hours included in which the drivers' markets were shut.
    move = window_change(bench.recent(target), bench.start, bench.end, Kind.LOG)
    if move is None or move >= 0.0:
        return
    parts: dict[str, Interval] = {}
    # Stocks and yields also share growth news, so a plain slope would hide a rates shock (or call
    # a flight to bonds one): stocks take the sign-restricted monetary path first.
    path = _monetary(bench, target) if seen.yields_up and not seen.credit_breaks else None
    if path is not None:
        parts["rates_shock"] = _as_share(path, move)
        moves = moves.sub(path.moves).dropna()
    wanted = [c for c in _OF_TARGET[target] if _applies(c, target, seen)]
    names = {c: _drivers_of(c, seen) for c in wanted}
    frames = {c: f for c in wanted if (f := _frame(bench, tuple(names[c]))) is not None}
    found = driven_shares(
        moves,
        {str(cause): frame for cause, frame in frames.items()},
        bench.start,
        bench.end,
        parents=_PARENTS,
        signs={"-".join(pair): sign for own in names.values() for pair, sign in own.items()},
        of=move,
        draws=settings.resamples,
        seed=settings.seed,
    )
    if found is not None:
        parts |= found.parts
    mechanical = _mechanical(bench, target)
    if mechanical is not None:
        parts["liquidation_cascade"] = mechanical
    if found is None and not parts:
        bench.gap(
            f"contributions to {REGISTRY[target].said}", "empty", "no driver spans the window"
        )
        return
    bench.decompositions.append(_as_record(target, move, parts))


def _applies(cause: Cause, target: str, seen: _Seen) -> bool:
    """Whether the signs allow the cause a part of its own by regression."""
    if cause == "rates_shock":
        return seen.yields_up and target not in GROUP_ASSETS["equity"]
    return seen.funding if cause == "funding_stress" else True


def _drivers_of(cause: Cause, seen: _Seen) -> dict[tuple[str, ...], int]:
    if cause == "growth_scare" and not seen.yields_up:
        return _GROWTH_YIELDS_DOWN
    return _DRIVERS[cause]


def _monetary(bench: Bench, target: str) -> MonetaryPath | None:
    if target not in GROUP_ASSETS["equity"]:
        return None
    try:
        index, yields = (bench.recent(name, 900) for name in (target, "UST10Y"))
    except MissingSeries:
        return None
    return monetary_path(index, yields, bench.start, bench.end)


def _as_share(path: MonetaryPath, move: float) -> Interval:
    """The monetary part as a share of the fall; its bounds turn round with the sign."""
    ends = sorted((path.low / move, path.high / move))
    return Interval(path.total / move, ends[0], ends[1])


def _as_record(target: str, move: float, parts: Mapping[str, Interval]) -> Decomposition:
    table = shares_sum_to_one(parts, UNEXPLAINED)
    causes: dict[str, Cause] = {c: c for c in (*_DRIVERS, "liquidation_cascade")}
    shares = tuple(
        PartShare(causes[p.name], round(p.share, 4), round(p.low, 4), round(p.high, 4))
        for p in table.parts
    )
    residual = round(1.0 - sum(part.share for part in shares), 4)
    spread = sum(part.high - part.share for part in shares)
    rise = sum(part.share - part.low for part in shares)
    return Decomposition(
        target,
        rounded(percent(move)),
        shares,
        residual,
        round(max(UNEXPLAINED, residual - spread), 4),
        round(min(1.0, residual + rise), 4),
    )


def _frame(bench: Bench, names: tuple[tuple[str, ...], ...]) -> pd.DataFrame | None:
    try:
        columns = {"-".join(pair): _driver(bench, pair) for pair in names}
    except MissingSeries:
        return None
    return pd.DataFrame(columns)


def _driver(bench: Bench, pair: tuple[str, ...]) -> pd.Series[float]:
    first = _moves(bench, pair[0])
    return first if len(pair) == 1 else (first - _moves(bench, pair[1])).dropna()


def _moves(bench: Bench, name: str, since: pd.Timestamp | None = None) -> pd.Series[float]:
    """Session moves of a series; crypto is read at equity sessions, closing at UTC midnight.

    With ``since`` the first move after it begins there, be it a day without a session.
    """
    # Two years reach back over the 250 sessions of the regression.
    series = bench.recent(name, 730)
    days = bench.view.sessions if since is None else bench.view.sessions.union([since])
    levels = series[series.index.isin(days)]
    if REGISTRY[name].change == "diff":
        return levels.diff().dropna()
    # Oil once closed below zero (20 April 2020); a log move does not exist there.
    levels = levels[levels > 0.0]
    return pd.Series(np.log(levels.to_numpy()), index=levels.index).diff().dropna()


def _mechanical(bench: Bench, target: str) -> Interval | None:
    """What forced selling explains: the fast part of what no trigger explains.

    Bitcoin: its fall beyond the downside beta to stocks, as far as it went in the four worst
    hours, and at most as far as it was won back within a day (forced sales are). Silver: its fall
    beyond the beta to gold, as far as it went on the worst day.
    """
    try:
        if target == "BTC":
            from causemap.agents.crypto_structure import tape_speed

            speed, own = tape_speed(bench), mechanical_bounds(bench, "BTC")
            if own is None or speed is None:
                return None
            fast = _scaled(own.share, speed.share)
            # What was won back may not be known yet: then all of it may have been forced.
            back = 1.0 if speed.retrace is None else min(1.0, speed.retrace)
            return fast._replace(high=own.share.high * max(speed.share, back))
        return _silver(bench) if target == "SLV" else None
    except MissingSeries:
        return None


def _scaled(own: Interval, factor: float) -> Interval:
    return Interval(own.median * factor, own.low * factor, own.high * factor)


def _silver(bench: Bench) -> Interval | None:
    silver = bench.recent("SLV")
    found = beta_residual(silver, bench.recent("GLD"), bench.start, bench.end)
    day = worst_day_share(silver, bench.start, bench.end)
    if found is None or day is None or found.residual >= 0.0 or found.move >= 0.0:
        return None
    error = UPPER * abs(found.residual / found.z)
    low, middle, high = (
        min(1.0, max(0.0, (found.residual + k * error) / found.move)) for k in (1, 0, -1)
    )
    return _scaled(Interval(middle, low, high), day)
