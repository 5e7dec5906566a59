"""Modelled selling of vol-target and trend funds: estimates under stated assumptions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from causemap.tools.market import MissingSeries
from causemap.tools.measures.volatility import (
    TrendSignal,
    flow_lag,
    trend_signal,
    vol_target_flow,
    windows_flipped,
)

if TYPE_CHECKING:
    import pandas as pd

    from causemap.agents.bench import Bench


def add_flows(bench: Bench) -> None:
    """Record what volatility and trend rules would have sold, and whether it came after the VIX."""
    with bench.attempt("modelled systematic flows", ("positioning_unwind",)):
        # 250 sessions of averages and volatility lie well within 600 days.
        closes = bench.recent("SPX", 600)
        _vol_target(bench, closes)
        _lag(bench, closes)
        before, after = trend_signal(closes, bench.start), trend_signal(closes, bench.end)
        if before is not None and after is not None:
            _trend(bench, before, after)


def _vol_target(bench: Bench, closes: pd.Series[float]) -> None:
    flow = vol_target_flow(closes, bench.start, bench.end)
    if flow is None:
        return
    low, central, high = flow
    bench.add(
        "spx.vol_target_flow",
        central,
        "usd_bn",
        "the modelled vol-target flow (estimate)",
        low=min(low, central, high),
        high=max(low, central, high),
    )


def _lag(bench: Bench, closes: pd.Series[float]) -> None:
    """Sessions by which the modelled selling follows the VIX; 1 to 3 fit a rule-driven seller."""
    try:
        found = flow_lag(bench.recent("VIX", 600), closes, bench.start, bench.end)
    except MissingSeries as missing:
        bench.gap("the lag of modelled selling", missing.kind, str(missing))
        return
    if found is None:
        return
    fits = "within" if found.in_band else "outside"
    bench.add(
        "spx.flow_lag",
        float(found.sessions),
        "days",
        f"the lag of modelled vol-target selling behind the VIX ({fits} what such rules show)",
        inputs=("SPX", "VIX"),
    )


def _trend(bench: Bench, before: TrendSignal, after: TrendSignal) -> None:
    bench.add(
        "spx.trend_position_change",
        after.position - before.position,
        "ratio",
        "the modelled change of trend-follower exposure (estimate)",
    )
    bench.add(
        "spx.trend_flips",
        float(len(windows_flipped(before, after))),
        "count",
        "trend rules that turned from long to short",
        n=len(after.flips),
    )
    for flip in after.flips:
        bench.add(
            f"spx.flip_{flip.window}d",
            100.0 * flip.distance,
            "%",
            f"the close that turns the {flip.window}-day trend rule, from the last close",
        )
