"""The dominance test: how much of a fall the shock elsewhere leaves unexplained."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pandas as pd

from causemap.tools.measures.shares import Interval, downside_beta, mechanical_share
from causemap.tools.measures.stats import Kind, window_change

if TYPE_CHECKING:
    from causemap.agents.bench import Bench

# The normal quantile of a one-sided 90 % bound.
UPPER: Final = 1.2816
TRIGGER: Final = "SPX"


class Mechanical(NamedTuple):
    """The share with its bounds, and the down days behind the slope."""

    share: Interval
    n: int


def mechanical_bounds(bench: Bench, target: str) -> Mechanical | None:
    """The part of a target's fall that its downside beta to stocks leaves, with 80 % bounds.

    A trigger that rose explains nothing of a fall. None without a fall or without enough history.

    Raises:
        MissingSeries: the target or the trigger does not cover the window.
    """
    # 250 sessions of the slope lie well within 500 days.
    y, x = bench.recent(target), bench.recent(TRIGGER)
    both = pd.DataFrame({"y": y, "x": x}).dropna()
    logs = pd.DataFrame(np.log(both.to_numpy()), index=both.index, columns=both.columns).diff()
    beta = downside_beta(logs["y"], logs["x"], bench.start)
    moved = [window_change(s, bench.start, bench.end, Kind.LOG) for s in (y, x)]
    if beta is None or moved[0] is None or moved[1] is None or moved[0] >= 0.0:
        return None
    # A trigger that moves the other way explains nothing of the fall either.
    slopes = (max(0.0, beta.beta + k * UPPER * beta.stderr) for k in (1, 0, -1))
    shares = (mechanical_share(slope, min(0.0, moved[1]), moved[0]) for slope in slopes)
    low, middle, high = shares
    if low is None or middle is None or high is None:
        return None
    return Mechanical(Interval(middle, low, high), beta.n)


def add_mechanical_share(bench: Bench, key: str, target: str, said: str) -> None:
    """Record the mechanical share of a target's fall for the dominance test (TAXONOMY 4).

    The slope is noisy, so the test takes the lower bound: the doubt goes to the trigger.

    Raises:
        MissingSeries: the target or the trigger does not cover the window.
    """
    found = mechanical_bounds(bench, target)
    if found is None:
        if why := _why_not(bench, target):
            bench.gap(f"the share of {said}", "empty", why, ("liquidation_cascade",))
        return
    bench.add(
        key,
        found.share.low,
        "ratio",
        f"the share of {said}",
        group="crypto_tape" if target == "BTC" else "dollar_metals",
        inputs=(target, TRIGGER),
        asset=target,
        low=found.share.low,
        high=found.share.high,
        n=found.n,
    )


def _why_not(bench: Bench, target: str) -> str:
    """Why a fall could not be tested; '' of what did not fall, which lacks no test."""
    moved, trigger = (
        window_change(bench.recent(name), bench.start, bench.end, Kind.LOG)
        for name in (target, TRIGGER)
    )
    if moved is not None and moved >= 0.0:
        return ""
    shut = "no session of stocks in the window was out yet, or they were shut over it"
    return shut if trigger is None else "too little history before the window"
