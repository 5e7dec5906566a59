"""The dominance test: how much of a fall the shock elsewhere leaves unexplained."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from causemap.tools.measures.shares import downside_beta, mechanical_share
from causemap.tools.measures.stats import Kind, window_change

if TYPE_CHECKING:
    from causemap.agents.bench import Bench

# The normal quantile of a one-sided 90 % bound.
_UPPER: Final = 1.2816


def add_mechanical_share(bench: Bench, key: str, target: str, said: str) -> None:
    """Record the part of a target's fall that its downside beta to stocks leaves (TAXONOMY 4).

    Raises:
        MissingSeries: the target or the trigger does not cover the window.
    """
    trigger = "SPX"
    y, x = bench.series(target), bench.series(trigger)
    both = pd.DataFrame({"y": y, "x": x}).dropna()
    logs = pd.DataFrame(np.log(both.to_numpy()), index=both.index, columns=both.columns).diff()
    beta = downside_beta(logs["y"], logs["x"], bench.start)
    moved = [window_change(s, bench.start, bench.end, Kind.LOG) for s in (y, x)]
    if beta is None or moved[0] is None or moved[1] is None or moved[0] >= 0.0:
        return
    # A trigger that rose explains nothing of a fall.
    # The slope is noisy, so the test takes its upper end (90 %): the doubt goes to the trigger.
    shares = [
        mechanical_share(slope, min(0.0, moved[1]), moved[0])
        for slope in (beta.beta + _UPPER * beta.stderr, beta.beta, beta.beta - _UPPER * beta.stderr)
    ]
    low, middle, high = (None if found is None else found.share for found in shares)
    if low is None or middle is None or high is None:
        return
    bench.add(
        key,
        low,
        "ratio",
        f"the share of {said}",
        group="crypto_tape" if target == "BTC" else "dollar_metals",
        inputs=(target, trigger),
        asset=target,
        low=low,
        high=max(low, middle, high),
        n=beta.n,
    )
