"""The last sessions of the window: what the outlook's conditions are read from (METHODS 5).

A condition such as "the 10-year moves less than 10 bp in 5 sessions" looks at its own stretch, not
at the window's, so it needs figures of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd

from causemap.tools.measures.leadership import cohort_residual
from causemap.tools.measures.stats import Kind, percent, robust_z, window_change
from causemap.tools.registry import REGISTRY

if TYPE_CHECKING:
    from causemap.agents.bench import Bench

_WORDS: Final = {5: "five", 10: "ten"}


def add_change(bench: Bench, name: str, sessions: int) -> None:
    """Record a series' change over its last ``sessions`` observations to the end of the window."""
    info = REGISTRY[name]
    series = bench.optional(name)
    since = None if series is None else _back(series, bench.end, sessions)
    if series is None or since is None:
        return
    log = info.change == "log"
    moved = window_change(series, since, bench.end, Kind.SIMPLE if log else Kind.DIFF)
    scored = robust_z(series, since, bench.end, Kind.LOG if log else Kind.DIFF)
    if moved is None:
        return
    bench.add(
        f"{name.lower()}.change_{sessions}d",
        moved * (100.0 if log else info.scale),
        info.change_unit,
        f"{info.said} over the last {_WORDS[sessions]} sessions",
        z=None if scored is None else scored.z,
        n=None if scored is None else scored.n,
        since=since,
    )


def add_level(bench: Bench, name: str) -> None:
    """Record a series' last value in the window, in its own unit."""
    info = REGISTRY[name]
    series = bench.optional(name)
    if series is None:
        return
    known = series.loc[: bench.end]
    bench.add(
        f"{name.lower()}.level",
        float(known.iloc[-1]),
        info.unit,
        f"{info.said} at its last close",
        observed=pd.Timestamp(known.index[-1]),
    )


def add_cohort(bench: Bench, frame: pd.DataFrame, name: str, inputs: tuple[str, ...]) -> None:
    """Record the weakest cohort's last five sessions and its distance from its relative low."""
    since = _back(frame["SPX"].dropna(), bench.end, 5)
    found = None if since is None else cohort_residual(frame, name, since, bench.end)
    if found is not None:
        bench.add(
            "worst_cohort.residual_5d",
            percent(found.market.residual),
            "%",
            f"the weakest leadership cohort ({name}) beyond its beta, last five sessions",
            inputs=inputs,
            asset=name,
            z=found.market.z,
            n=found.market.n,
            since=since,
        )
    _above_low(bench, frame, name, inputs)


def _above_low(bench: Bench, frame: pd.DataFrame, name: str, inputs: tuple[str, ...]) -> None:
    """How far the cohort, held against the index, stands above its low of the window."""
    if name not in frame.columns:
        return
    ratio = (frame[name] / frame["SPX"]).dropna().loc[bench.start : bench.end]
    if len(ratio) < 2:
        return
    bench.add(
        "worst_cohort.above_low",
        100.0 * (float(ratio.iloc[-1]) / float(ratio.min()) - 1.0),
        "%",
        f"the weakest leadership cohort ({name}) against the index, above its low of the window",
        inputs=(*inputs, "SPX"),
        asset=name,
    )


def _back(series: pd.Series[float], end: pd.Timestamp, sessions: int) -> pd.Timestamp | None:
    """The date ``sessions`` observations before the last one at or before ``end``."""
    known = series.loc[:end]
    return pd.Timestamp(known.index[-1 - sessions]) if len(known) > sessions else None
