"""States on several timeframes: a 1h flush or a 1d trend break, and the regime they name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd

from causemap.agents.share_words import share_words
from causemap.tools.market import MissingSeries
from causemap.tools.measures.stats import Kind, robust_z
from causemap.tools.measures.timeframe import (
    Answer,
    Flush,
    FlushOrBreak,
    Timeframe,
    closed_at,
    flush_or_break,
    measure_flush,
    measure_trend_break,
    name_regime,
    timeframe_state,
)
from causemap.tools.measures.volatility import vol_ratio
from causemap.tools.registry import REGISTRY

if TYPE_CHECKING:
    from causemap.agents.bench import Bench
    from causemap.tools.measures.volatility import VixMove

_DAY: Final = pd.Timedelta(days=1)
_BAR: Final = {"BTC": "BTC_CLOSE", "ETH": "ETH_CLOSE"}
_ANSWERS: Final[dict[Answer | None, str]] = {
    "flush": "a flush",
    "trend_break": "a trend break",
    "neither": "neither",
    None: "open",
}


def add_regime(bench: Bench, name: str, vix: VixMove | None) -> None:
    """Record where a price stands on 1h, 4h and 1d, and the regime that these name."""
    with bench.attempt(f"the regime of {REGISTRY[name].said}"):
        closes = bench.series(name)
        _timeframes(bench, name, closes)
        broken = measure_trend_break(closes, bench.start, bench.end)
        bars = _bars(bench, name)
        close = bench.end + _DAY
        flush = None
        if bars is not None:
            lows = _bars(bench, name, "LOW")
            as_of = pd.Timestamp(bench.view.as_of)
            first = (bench.start + _DAY).tz_localize("UTC")
            flush = measure_flush(bars, first, close.tz_localize("UTC"), as_of, lows=lows)
        answer = flush_or_break(flush, broken)
        _answer(bench, name, answer)
        regime = name_regime(
            answer,
            vix=vix if name == "SPX" else None,
            daily_vol_ratio=vol_ratio(closes.loc[: bench.end]),
            credit_z=_credit_z(bench),
        )
        words = regime.replace("_", " ")
        state = timeframe_state(closes, "1d", bench.end)
        if state is None:
            return
        bench.add(
            f"{name.lower()}.regime_{regime}",
            100.0 * state.distance,
            "%",
            f"{REGISTRY[name].said} from its 60-day average (regime: {words})",
        )


def _answer(bench: Bench, name: str, found: FlushOrBreak) -> None:
    """Record the plain answer, an hourly flush or a daily trend break, and what decided it."""
    said = REGISTRY[name].said
    if found.flush is not None:
        _flush_shares(bench, name, found.flush)
    if why := _why_open(found):
        bench.gap(f"whether {said} saw a flush", "not_covered", why)
    if found.trend_break is None:
        return
    bench.add(
        f"{name.lower()}.trend_tests",
        float(found.trend_break.failed),
        "count",
        f"daily trend tests that {said} fails (flush or trend break: {_ANSWERS[found.answer]})",
        n=len(found.trend_break.figures),
    )


def _flush_shares(bench: Bench, name: str, flush: Flush) -> None:
    """How much of the fall came at once, and how much of it was won back."""
    said = REGISTRY[name].said
    rows = [("share", flush.share, f"the share of {said}'s fall within four hours", flush.low_at)]
    if flush.retrace is not None:
        back = f"the part of {said}'s fall won back in a day"
        words = share_words("won_back", back, flush.retrace)
        rows.append(("retrace", flush.retrace, words, flush.low_at + _DAY))
    for metric, value, words, settled in rows:
        bench.add(
            f"{name.lower()}.flush_{metric}",
            value,
            "ratio",
            words,
            inputs=(f"{name}_CLOSE", f"{name}_LOW"),
            observed=min(settled, pd.Timestamp(bench.view.as_of)),
        )


def _why_open(found: FlushOrBreak) -> str | None:
    """Why the question has no answer, or none that holds; ``None`` where it has."""
    if found.trend_break is None:
        return "too little history for the daily tests of its trend"
    if found.answer is not None:
        return None
    if found.flush is None:
        return "no bars under a day over the window"
    return "its low is too fresh to judge what was won back"


def _credit_z(bench: Bench) -> float | None:
    """The high-yield spread's robust z, or ``None`` where it cannot be had."""
    try:
        found = robust_z(bench.series("HY_OAS"), bench.start, bench.end, Kind.DIFF)
    except MissingSeries:
        return None
    return None if found is None else found.z


def _timeframes(bench: Bench, name: str, closes: pd.Series[float]) -> None:
    """Where the price stands against its average on 1h, 4h and 1d bars."""
    frames: tuple[tuple[Timeframe, pd.Series[float] | None], ...] = (
        ("1h", _bars(bench, name, bar="1h")),
        ("4h", _bars(bench, name, bar="4h")),
        ("1d", closes),
    )
    end = bench.end
    for timeframe, series in frames:
        if series is None:
            bench.gap(
                f"{timeframe} bars of {REGISTRY[name].said}",
                "not_covered",
                f"no {timeframe} bars over the window in the data directory",
            )
            continue
        at = end if timeframe == "1d" else (end + pd.Timedelta(days=1)).tz_localize("UTC")
        state = timeframe_state(series, timeframe, at)
        if state is None:
            continue
        bench.add(
            f"{name.lower()}.trend_{timeframe}",
            100.0 * state.distance,
            "%",
            f"{REGISTRY[name].said} from its {timeframe} average (trend {state.trend})",
            inputs=(name,) if timeframe == "1d" else (f"{name}_CLOSE",),
            observed=None if timeframe == "1d" else state.at,
        )


def _bars(
    bench: Bench, name: str, what: str = "CLOSE", bar: str | None = None
) -> pd.Series[float] | None:
    """Intraday bars of a coin that reach over the window, labelled by their close."""
    if name not in _BAR:
        return None
    begins = (bench.start + _DAY).tz_localize("UTC")
    # As for the speed of a cascade: bars into the last day will do.
    reached = bench.end.tz_localize("UTC")
    for size in ("1h", "4h") if bar is None else (bar,):
        try:
            series = bench.view.bars(f"{name}_{what}", "1h" if size == "1h" else "4h")
        except MissingSeries:
            continue
        if series.index[0] <= begins and series.index[-1] >= reached:
            return closed_at(series, "1h" if size == "1h" else "4h")
    return None
