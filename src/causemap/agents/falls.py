"""The fall that news is dated against, and the gap where no news tells of an event."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from causemap.causes import GROUP_ASSETS
from causemap.closed_sets import AssetGroup, Cause
from causemap.tools.market import MissingSeries
from causemap.tools.measures.order import Market, close_times
from causemap.tools.measures.stats import LEAST_CHANGES, MAD_TO_SIGMA, TRAILING, mad
from causemap.tools.news.timing import EVENT_CLOSES, Fall

if TYPE_CHECKING:
    from datetime import datetime

    from causemap.agents.bench import Bench


def fall_of(bench: Bench, group: AssetGroup) -> Fall | None:
    """The closes of the group's first asset asked about that fell over the window."""
    asked = [asset for asset in bench.scope.assets if asset in GROUP_ASSETS[group]]
    market: Market = "crypto" if group == "crypto" else "us_equity"
    for name in asked or GROUP_ASSETS[group]:
        try:
            series = bench.series(name)
        except MissingSeries:
            continue
        path = series.loc[bench.start : bench.end]
        if len(path) >= 2 and path.iloc[-1] < path.iloc[0]:
            closes: list[datetime] = [
                stamp.to_pydatetime() for stamp in close_times(pd.DatetimeIndex(path.index), market)
            ]
            levels = np.log(path.to_numpy(np.float64))
            return Fall(
                tuple(closes), tuple(float(level) for level in levels), _usual(bench, series)
            )
    return None


def _usual(bench: Bench, series: pd.Series[float]) -> float | None:
    """The robust standard deviation of the log move over an event's closes, before the window."""
    before = series.loc[: bench.start].iloc[-TRAILING - EVENT_CLOSES :].to_numpy(np.float64)
    if len(before) < LEAST_CHANGES + EVENT_CLOSES or before.min() <= 0.0:
        return None
    moves = np.log(before[EVENT_CLOSES:] / before[:-EVENT_CLOSES])
    return MAD_TO_SIGMA * mad(moves)


def no_news(bench: Bench) -> None:
    """Record that no note names an event."""
    weakens: tuple[Cause, ...] = ("policy_geopolitics", "crypto_idiosyncratic")
    bench.gap("news of the window", "empty", "no dated note names an event", weakens)
