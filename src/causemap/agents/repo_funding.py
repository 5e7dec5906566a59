"""Dollar funding as live series show it: SOFR against interest on reserves, volume, reserves.

A data directory without these series is told of by the gaps it always had; one that has them but
not over the window, by what is wrong with them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from causemap.agents.recent import add_level
from causemap.tools.measures.repo import RepoSpread, Reserves, repo_spread

if TYPE_CHECKING:
    import pandas as pd

    from causemap.agents.bench import Bench
    from causemap.closed_sets import Cause

_FUNDING: Final[tuple[Cause, ...]] = ("funding_stress",)
_SAID: Final = {
    Reserves.AMPLE: "reserves ample",
    Reserves.LESS_AMPLE: "reserves less ample",
    Reserves.STRESS: "funding stress",
    Reserves.UNSETTLED: "not settled",
}


def add_repo_funding(bench: Bench) -> None:
    """Record SOFR minus IORB, the 99th percentile's spread and the volume; or the gap."""
    what = "SOFR minus IORB"
    if not bench.view.has("SOFR"):
        bench.gap(what, "not_covered", "no SOFR series in the data directory", _FUNDING)
        return
    with bench.attempt(what, _FUNDING):
        found = repo_spread(_over_iorb(bench, "SOFR"), bench.start, bench.end)
        if found is None:
            bench.gap(what, "empty", "no value in the window was out yet", _FUNDING)
        else:
            _record(bench, found)
    if bench.view.has("SOFR_P99"):
        _percentile(bench)
    if bench.view.has("SOFR_VOLUME_BUSD"):
        add_level(bench, "SOFR_VOLUME_BUSD")


def add_reserves(bench: Bench) -> None:
    """Record the change of reserve balances over the window; or the gap."""
    if not bench.view.has("RESERVES_MUSD"):
        why = "no reserves series in the data directory"
        bench.gap("bank reserves", "not_covered", why, _FUNDING)
        return
    bench.change("RESERVES_MUSD", "plumbing")


def _over_iorb(bench: Bench, name: str) -> pd.Series[float]:
    """A rate minus interest on reserves in basis points, on the days that have both."""
    return 100.0 * (bench.series(name) - bench.series("IORB")).dropna()


def _record(bench: Bench, found: RepoSpread) -> None:
    said = f"SOFR above interest on reserves (reads as: {_SAID[found.reading]})"
    _add(bench, "sofr_iorb.spread", found.last_bp, said, found.at)
    if found.peak_bp is not None and found.peak_at is not None:
        said = "the highest SOFR above interest on reserves, month ends left out"
        _add(bench, "sofr_iorb.peak", found.peak_bp, said, found.peak_at)


def _percentile(bench: Bench) -> None:
    with bench.attempt("the 99th percentile of SOFR", _FUNDING):
        found = repo_spread(_over_iorb(bench, "SOFR_P99"), bench.start, bench.end)
        if found is not None:
            said = "the 99th percentile of SOFR above interest on reserves"
            _add(bench, "sofr_p99_iorb.spread", found.last_bp, said, found.at)


def _add(bench: Bench, key: str, value: float, said: str, at: pd.Timestamp) -> None:
    """A spread in basis points; ``at`` is the date it is filed under."""
    rate = "SOFR_P99" if "p99" in key else "SOFR"
    bench.add(
        key, value, "bp", said, family="plumbing", inputs=(rate, "IORB"), asset=rate, observed=at
    )
