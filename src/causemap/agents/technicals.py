"""The technicals desk: moves, volatility, correlation, modelled flows, timeframes, onsets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd

from causemap.agents.bench import Bench, day
from causemap.agents.contributions import decompose
from causemap.agents.flows import add_flows
from causemap.agents.onsets import add_onset
from causemap.agents.regimes import add_regime
from causemap.causes import GROUP_ASSETS
from causemap.closed_sets import Cause, Group
from causemap.records import DeskReport, Note, Path, Scope
from causemap.tools.market import MissingSeries
from causemap.tools.measures.absorption import absorption_shift
from causemap.tools.measures.correlation import (
    Pair,
    compression,
    correlation_change,
    correlations_at,
    downside_correlation,
    ewma_correlation,
    highest_correlation,
    paired_returns,
)
from causemap.tools.measures.stats import beta_residual
from causemap.tools.measures.volatility import vix_move
from causemap.tools.registry import REGISTRY

if TYPE_CHECKING:
    from causemap.settings import Settings
    from causemap.tools.market import AsOfView
    from causemap.tools.measures.volatility import VixMove

_MOVES: Final = ("SPX", "NDX", "RSP", "SMH", "IGV", "KRE", "IWM", "TLT", "BTC", "ETH", "GLD", "SLV")
_MORE_MOVES: Final = ("GDX",)
_PATHS: Final = ("SPX", "NDX", "IGV", "SMH", "RSP", "BTC", "ETH", "GLD", "SLV", "DXY")
_ONSETS: Final = (
    *("SPX", "NDX", "RSP", "IWM", "IGV", "SMH", "ARKK", "KRE", "BTC", "ETH", "GLD", "SLV", "GDX"),
    *("UST2Y", "UST10Y", "REAL10Y", "DXY", "USDJPY", "HY_OAS", "USO", "VIX"),
)
_ABSORBED: Final = ("XLK", "XLF", "XLE", "XLU", "XLP", "XLV", "XLY", "XLI", "XLB")
_DOWNSIDE: Final = 60
_REGIME_ASSETS: Final = ("SPX", "BTC")
_CRYPTO_ALONE: Final[tuple[Cause, ...]] = ("crypto_idiosyncratic",)


def measure(
    scope: Scope, view: AsOfView, settings: Settings, _notes: tuple[Note, ...] = ()
) -> DeskReport:
    """All the technicals desk can say about the window as of the view."""
    bench = Bench("technicals", scope, view)
    asked = tuple(a for a in scope.assets if a in REGISTRY)
    for name in dict.fromkeys((*_MOVES, *_MORE_MOVES, *asked)):
        bench.change(name, _group(name))
        _low(bench, name)
        _path(bench, name, asked)
    vix = _vix(bench)
    _btc_residual(bench)
    _correlations(bench)
    _absorption(bench)
    add_flows(bench)
    for name in _REGIME_ASSETS:
        add_regime(bench, name, vix)
    for name in _ONSETS:
        add_onset(bench, name)
    decompose(bench, settings)
    why = "no bars of five minutes or less, of stocks or of coins, in the data directory"
    bench.gap("intraday lead and lag", "not_covered", why)
    bench.gap("the VIX term structure", "not_covered", "no VIX futures in the data directory")
    return bench.report()


def _group(name: str) -> Group:
    if name in GROUP_ASSETS["crypto"]:
        return "crypto_tape"
    return "dollar_metals" if name in GROUP_ASSETS["metals"] else "context"


def _low(bench: Bench, name: str) -> None:
    """The lowest close of the window against its start close."""
    try:
        series = bench.series(name)
    except MissingSeries:
        return
    inside = bench.inside(series)
    before = series.loc[: bench.start]
    if inside.empty or before.empty:
        return
    at = pd.Timestamp(str(inside.idxmin()))
    bench.add(
        f"{name.lower()}.low",
        100.0 * (float(inside.min()) / float(before.iloc[-1]) - 1.0),
        "%",
        f"{REGISTRY[name].said} at its lowest close",
        inputs=(name,),
        asset=name,
        observed=at,
    )


def _path(bench: Bench, name: str, asked: tuple[str, ...]) -> None:
    """The window's path rebased to 100, rounded to a tenth."""
    if name not in _PATHS and name not in asked:
        return
    try:
        series = bench.series(name)
    except MissingSeries:
        return
    base = float(series.loc[: bench.start].iloc[-1])
    inside = bench.inside(series)
    bench.paths.append(
        Path(
            name,
            (day(bench.start), *(day(pd.Timestamp(str(at))) for at in inside.index)),
            (100.0, *(round(100.0 * float(v) / base, 1) for v in inside)),
        )
    )


def _vix(bench: Bench) -> VixMove | None:
    bench.change("VIX", "volatility")
    series = bench.optional("VIX")
    found = None if series is None else vix_move(series, bench.start, bench.end)
    if found is not None:
        for metric, value, said, at in (
            ("maximum", found.maximum, "the highest VIX close", found.maximum_date),
            ("jump", found.jump, "the largest one-session VIX rise", found.jump_date),
            ("level", found.end, "the last VIX close", bench.end),
        ):
            bench.add(
                f"vix.{metric}",
                value,
                "index",
                said,
                inputs=("VIX",),
                asset="VIX",
                observed=at,
            )
    return found


def _btc_residual(bench: Bench) -> None:
    what, weakens = "bitcoin beyond its beta", _CRYPTO_ALONE
    with bench.attempt(what, weakens):
        found = beta_residual(
            bench.recent("BTC"), bench.recent("SPX"), bench.start, bench.end, all_hours=True
        )
        bench.residual(
            "btc.residual",
            "bitcoin beyond its beta to the S&P 500",
            found,
            group="crypto_tape",
            inputs=("BTC", "SPX"),
            what=what,
            weakens=weakens,
        )


def _correlations(bench: Bench) -> None:
    with bench.attempt("the SPX-BTC correlation"):
        pair = paired_returns(bench.recent("SPX", 900), bench.recent("BTC", 900))
        inputs = ("SPX", "BTC")
        for when, label in ((bench.start, "at the start"), (bench.end, "at the end")):
            for found in correlations_at(pair, when):
                suffix = "" if when == bench.end else "_start"
                bench.add(
                    f"spx_btc.corr_{found.window}d{suffix}",
                    found.r,
                    "corr",
                    f"the {found.window}-session SPX-BTC correlation {label}",
                    inputs=inputs,
                    asset="SPX-BTC",
                    low=None if found.interval is None else found.interval.low,
                    high=None if found.interval is None else found.interval.high,
                    n=found.n,
                    observed=found.date,
                )
        _correlation_peak(bench, pair)
        _one_book(bench, pair)
        _correlation_change(bench, pair)


def _correlation_change(bench: Bench, pair: Pair) -> None:
    """The last 20 sessions against the 250 before, plain and without the source's variance."""
    change = correlation_change(pair, bench.end, 20)
    if change is None:
        why = "under 270 common sessions, or a correlation that cannot be tested"
        bench.gap("the change of the SPX-BTC correlation", "empty", why)
        return
    said = "the Fisher z of the change of the 20-session SPX-BTC correlation"
    freed = "the 20-session SPX-BTC correlation after the Forbes-Rigobon adjustment"
    for metric, value, unit, words in (
        ("corr_change", change.z, "z", said),
        ("forbes_rigobon", change.adjusted, "corr", freed),
    ):
        bench.add(
            f"spx_btc.{metric}",
            value,
            unit,
            words,
            inputs=("SPX", "BTC"),
            asset="SPX-BTC",
            n=change.recent.n,
        )


def _one_book(bench: Bench, pair: Pair) -> None:
    """Whether both trade as one book: the compression flag, falling days alone, EWMA."""
    found = compression(pair, bench.end)
    if found is not None:
        flag = "set" if found.flagged else "not set"
        bench.add(
            "spx_btc.compression",
            float(len(found.passing)),
            "count",
            f"horizons of high SPX-BTC correlation (one-book flag {flag})",
            inputs=("SPX", "BTC"),
            asset="SPX-BTC",
            z=found.z,
            n=len(found.horizons),
        )
    falling = downside_correlation(pair, bench.end, _DOWNSIDE)
    if falling is not None:
        bench.add(
            f"spx_btc.downside_{_DOWNSIDE}d",
            falling.r,
            "corr",
            f"the {_DOWNSIDE}-session SPX-BTC correlation on days when stocks fell",
            inputs=("SPX", "BTC"),
            asset="SPX-BTC",
            low=None if falling.interval is None else falling.interval.low,
            high=None if falling.interval is None else falling.interval.high,
            n=falling.n,
        )
    weighted = ewma_correlation(pair, bench.end)
    if weighted is not None:
        bench.add(
            "spx_btc.ewma",
            weighted,
            "corr",
            "the exponentially weighted SPX-BTC correlation (in place of DCC)",
            inputs=("SPX", "BTC"),
            asset="SPX-BTC",
        )


def _correlation_peak(bench: Bench, pair: Pair) -> None:
    """Record the highest 10-session correlation from the start to the end of the window."""
    peak = highest_correlation(pair, bench.start, bench.end, 10)
    if peak is None:
        return
    bench.add(
        "spx_btc.corr_10d_peak",
        peak.r,
        "corr",
        "the highest 10-session SPX-BTC correlation of the window",
        inputs=("SPX", "BTC"),
        asset="SPX-BTC",
        low=None if peak.interval is None else peak.interval.low,
        high=None if peak.interval is None else peak.interval.high,
        n=peak.n,
        observed=peak.date,
    )


def _absorption(bench: Bench) -> None:
    with bench.attempt("the absorption ratio"):
        prices = pd.DataFrame({name: bench.series(name) for name in _ABSORBED}).dropna()
        found = absorption_shift(prices, bench.end)
        if found is None:
            bench.gap("the absorption ratio", "empty", "too little common history")
            return
        bench.add(
            "market.absorption_shift",
            found.shift,
            "z",
            "the standardised shift of the absorption ratio of nine sectors",
            inputs=_ABSORBED,
            asset="US sectors",
            n=found.assets,
        )


__all__ = ["measure"]
