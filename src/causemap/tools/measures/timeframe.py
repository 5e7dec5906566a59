"""State on 1h, 4h and 1d bars; "1h flush or 1d trend break?"; and the name of the regime.

Each answer keeps the tests that decided it: what was measured, against which threshold.
"""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

import pandas as pd

from causemap.tools.measures.volatility import VixMove, VolState, vol_ratio, vol_state

Timeframe = Literal["1h", "4h", "1d"]
Trend = Literal["up", "down", "sideways"]
Answer = Literal["flush", "trend_break", "neither"]
RegimeName = Literal["liquidity_shock", "volatility_event", "trend_break", "none"]

MIN_FLUSH_SHARE: Final = 0.5
MIN_RETRACE: Final = 1 / 3
FLUSH_SPAN: Final = pd.Timedelta(hours=4)
RETRACE_SPAN: Final = pd.Timedelta(hours=24)
TREND_AVERAGES: Final = (60, 120)
SLOPE_BARS: Final = 10
PRIOR_LOW_BARS: Final = 60
MIN_VIX_JUMP: Final = 0.5
MIN_VOL_RATIO: Final = 2.5
MIN_CREDIT_Z: Final = 5.0


class Frame(NamedTuple):
    """One timeframe: bar length, moving-average length, bars searched for the last peak."""

    bar: pd.Timedelta
    average: int
    peak: int


FRAMES: Final[dict[Timeframe, Frame]] = {
    "1h": Frame(pd.Timedelta(hours=1), 120, 120),
    "4h": Frame(pd.Timedelta(hours=4), 60, 60),
    "1d": Frame(pd.Timedelta(days=1), 60, 60),
}


class TimeframeState(NamedTuple):
    """One timeframe at one bar.

    ``distance`` = close / average - 1; ``slope`` is the change of the average over ten bars as a
    fraction; ``drawdown`` (<= 0) from the highest close searched; ``speed`` is drawdown per bar
    since that close (0 at a high); ``vol_ratio`` last 20 bars over the 250 before.
    """

    at: pd.Timestamp
    close: float
    average: float
    distance: float
    slope: float
    trend: Trend
    drawdown: float
    speed: float
    vol_ratio: float | None
    vol_state: VolState | None


class RuleTest(NamedTuple):
    """One comparison. ``passed`` is None when ``value`` could not be measured."""

    rule: str
    value: float | None
    threshold: float
    passed: bool | None


class Flush(NamedTuple):
    """Speed of a fall on intraday bars.

    ``share``: deepest fall within four hours over the whole fall; ``retrace``: part of the fall
    won back within 24 hours of the low, None when no bar follows the low; ``settled`` says that
    all of those 24 hours were seen.
    """

    fall: float
    share: float
    low_at: pd.Timestamp
    retrace: float | None
    settled: bool


class TrendBreak(NamedTuple):
    """Daily damage: distances to both averages and to the prior low, slope of the first average."""

    broken: bool
    tests: tuple[RuleTest, ...]


class FlushOrBreak(NamedTuple):
    """The answer and its tests; ``answer`` is None when a deciding timeframe is missing."""

    answer: Answer | None
    flush: Flush | None
    trend_break: TrendBreak | None
    tests: tuple[RuleTest, ...]


class Regime(NamedTuple):
    """Name of the regime and every test, those not measurable included."""

    name: RegimeName
    tests: tuple[RuleTest, ...]


def timeframe_state(
    closes: pd.Series[float] | None, timeframe: Timeframe, at: pd.Timestamp
) -> TimeframeState | None:
    """State of ``closes`` (indexed by bar time) at the last bar on or before ``at``.

    None without bars, with too few for the average and its slope, or when the last bar is stale
    (older than five bars; a long weekend is not stale for daily bars).
    """
    frame = FRAMES[timeframe]
    known = _known(closes, at)
    if known is None or len(known) < frame.average + SLOPE_BARS:
        return None
    if at - known.index[-1] > 5 * frame.bar:
        return None
    average, slope = _average_and_slope(known, frame.average)
    close, ratio = float(known.iloc[-1]), vol_ratio(known)
    recent = known.iloc[-frame.peak :].to_numpy(float)
    drawdown, bars_since = close / float(recent.max()) - 1, len(recent) - 1 - int(recent.argmax())
    return TimeframeState(
        at=pd.Timestamp(known.index[-1]),
        close=close,
        average=average,
        distance=close / average - 1,
        slope=slope,
        trend=_trend(close, average, slope),
        drawdown=drawdown,
        speed=drawdown / bars_since if bars_since else 0.0,
        vol_ratio=ratio,
        vol_state=None if ratio is None else vol_state(ratio),
    )


def _known(closes: pd.Series[float] | None, at: pd.Timestamp) -> pd.Series[float] | None:
    if closes is None:
        return None
    known = closes.dropna().loc[:at]
    return None if known.empty else known


class _Average(NamedTuple):
    level: float
    slope: float


def _average_and_slope(known: pd.Series[float], window: int) -> _Average:
    values = known.to_numpy(float)
    now = float(values[-window:].mean())
    then = float(values[-window - SLOPE_BARS : -SLOPE_BARS].mean())
    return _Average(now, now / then - 1)


def _trend(close: float, average: float, slope: float) -> Trend:
    if close > average and slope > 0:
        return "up"
    return "down" if close < average and slope < 0 else "sideways"


def closed_at(bars: pd.Series[float], timeframe: Timeframe) -> pd.Series[float]:
    """Re-label bars named by their opening (as exchanges do) with the time they closed.

    An hourly bar named 20:00 is known at 21:00: without this every as-of cut is one bar too late.
    """
    index = pd.DatetimeIndex(bars.index) + FRAMES[timeframe].bar
    return pd.Series(bars.to_numpy(), index=index, name=bars.name)


def measure_flush(
    closes: pd.Series[float] | None,
    start: pd.Timestamp,
    end: pd.Timestamp,
    as_of: pd.Timestamp,
    *,
    lows: pd.Series[float] | None = None,
) -> Flush | None:
    """Speed and retrace of the fall between ``start`` and ``end`` on bars of four hours or less.

    Series are indexed by bar close. The fall runs from the highest close to the lowest low after
    it (lowest close without ``lows``). Bars after ``end`` count for the retrace only, and none
    after ``as_of`` is read. None without such bars or without a fall.
    """
    bars = _bars(closes, lows, as_of)
    inside = bars.loc[(bars.index >= start) & (bars.index <= end)]
    if len(inside) < 3 or _bar_length(inside) > FLUSH_SPAN:
        return None
    leg = _deepest_leg(inside)
    if leg is None:
        return None
    peak, low = float(leg["close"].iloc[0]), float(leg["low"].iloc[-1])
    low_at = pd.Timestamp(leg.index[-1])
    # A bar's close comes after its low, so with true lows the bar of the low itself counts.
    after = bars["close"].loc[low_at : low_at + RETRACE_SPAN].iloc[0 if lows is not None else 1 :]
    return Flush(
        fall=low / peak - 1,
        share=_fast_fall(leg) / (peak - low),
        low_at=low_at,
        retrace=None if after.empty else (float(after.max()) - low) / (peak - low),
        settled=bool(bars.index[-1] >= low_at + RETRACE_SPAN),
    )


def _bars(
    closes: pd.Series[float] | None, lows: pd.Series[float] | None, as_of: pd.Timestamp
) -> pd.DataFrame:
    known = _known(closes, as_of)
    if known is None:
        return pd.DataFrame({"close": [], "low": []}, index=pd.DatetimeIndex([], tz=as_of.tz))
    low = known if lows is None else lows.reindex(known.index)
    return pd.DataFrame({"close": known, "low": low.fillna(known)})


def _bar_length(bars: pd.DataFrame) -> pd.Timedelta:
    return pd.Timedelta(float(pd.Series(bars.index).diff().dt.total_seconds().median()), "s")


def _deepest_leg(inside: pd.DataFrame) -> pd.DataFrame | None:
    earlier = inside["close"].cummax().shift(1)
    drawdown = (inside["low"] / earlier - 1).fillna(0.0).to_numpy(float)
    low = int(drawdown.argmin())
    if drawdown[low] >= 0:
        return None
    peak = int(inside["close"].to_numpy(float)[:low].argmax())
    return inside.iloc[peak : low + 1]


def _fast_fall(leg: pd.DataFrame) -> float:
    # Shifted by one bar, a four-hour window ends at the close before the low it is held against.
    highs = leg["close"].shift(1).rolling(FLUSH_SPAN).max()
    return float((highs - leg["low"]).max())


def measure_trend_break(
    daily: pd.Series[float] | None, start: pd.Timestamp, at: pd.Timestamp
) -> TrendBreak | None:
    """Daily close below its 60 and 120 day averages, 60 day average falling, and a lower low.

    The lower low is the lowest close since ``start`` against the lowest of the 60 sessions up to
    ``start``. All tests must pass. None with fewer than 130 closes or nothing after ``start``.
    """
    known = _known(daily, at)
    if known is None or len(known) < max(TREND_AVERAGES) + SLOPE_BARS:
        return None
    prior, since = known.loc[:start].iloc[-PRIOR_LOW_BARS:], known.loc[known.index > start]
    if prior.empty or since.empty:
        return None
    close, lower = float(known.iloc[-1]), float(since.min()) / float(prior.min()) - 1
    averages = [_average_and_slope(known, window) for window in TREND_AVERAGES]
    tests = [
        _below(f"daily close against its {window}-day average", close / one.level - 1)
        for window, one in zip(TREND_AVERAGES, averages, strict=True)
    ]
    tests.append(_below("ten-day change of the 60-day average", averages[0].slope))
    tests.append(_below("lowest close against the low of the 60 days before", lower))
    return TrendBreak(all(test.passed for test in tests), tuple(tests))


def _below(rule: str, value: float) -> RuleTest:
    return RuleTest(rule, value, 0.0, value < 0)


def _at_least(rule: str, value: float | None, threshold: float) -> RuleTest:
    return RuleTest(rule, value, threshold, None if value is None else value >= threshold)


def flush_or_break(flush: Flush | None, trend_break: TrendBreak | None) -> FlushOrBreak:
    """Trend break if the daily tests say so; else flush if fast and retraced; else neither.

    Without daily bars nothing can be answered. With an unbroken daily trend and no intraday bars,
    or a low too fresh to judge its retrace, the answer is open (None).
    """
    tests = (trend_break.tests if trend_break else ()) + _flush_tests(flush)
    return FlushOrBreak(_answer(flush, trend_break), flush, trend_break, tests)


def _flush_tests(flush: Flush | None) -> tuple[RuleTest, ...]:
    share = None if flush is None else flush.share
    retrace = None if flush is None else flush.retrace
    return (
        _at_least("share of the fall within four hours", share, MIN_FLUSH_SHARE),
        _at_least("share won back within 24 hours of the low", retrace, MIN_RETRACE),
    )


def _answer(flush: Flush | None, trend_break: TrendBreak | None) -> Answer | None:
    if trend_break is None:
        return None
    if trend_break.broken:
        return "trend_break"
    if flush is None:
        return None
    if flush.share < MIN_FLUSH_SHARE:
        return "neither"
    if flush.retrace is not None and flush.retrace >= MIN_RETRACE:
        return "flush"
    return "neither" if flush.settled else None


def name_regime(
    answer: FlushOrBreak,
    *,
    vix: VixMove | None = None,
    daily_vol_ratio: float | None = None,
    credit_z: float | None = None,
) -> Regime:
    """First of: liquidity shock, volatility event, trend break, none.

    Liquidity shock: half of the fall within four hours and a third won back within 24 hours
    (whatever the daily trend), or credit spread z >= 5. Volatility event: VIX up in one session by
    half of its start, or daily volatility at least 2.5 times its past. Trend break: as measured.
    A test that could not be measured never names a regime.
    """
    speed = _flush_tests(answer.flush)
    jump = None if vix is None else vix.jump / vix.start
    stress = _at_least("credit spread, robust z", credit_z, MIN_CREDIT_Z)
    implied = _at_least("largest one-session VIX rise over its start", jump, MIN_VIX_JUMP)
    realised = _at_least("daily volatility over its past", daily_vol_ratio, MIN_VOL_RATIO)
    tests = (*answer.tests, stress, implied, realised)
    broken = answer.trend_break is not None and answer.trend_break.broken
    return Regime(_regime(speed, stress, (implied, realised), broken), tests)


def _regime(
    speed: tuple[RuleTest, ...], stress: RuleTest, vol: tuple[RuleTest, ...], broken: bool
) -> RegimeName:
    if stress.passed or all(test.passed for test in speed):
        return "liquidity_shock"
    if any(test.passed for test in vol):
        return "volatility_event"
    return "trend_break" if broken else "none"
