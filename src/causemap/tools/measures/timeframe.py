"""State on 1h, 4h and 1d bars; "1h flush or 1d trend break?"; and the name of the regime.

A test that could not be measured never decides an answer or names a regime.
"""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

import pandas as pd

from causemap.tools.measures.volatility import VixMove

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
    """One timeframe: bar length and moving-average length."""

    bar: pd.Timedelta
    average: int


FRAMES: Final[dict[Timeframe, Frame]] = {
    "1h": Frame(pd.Timedelta(hours=1), 120),
    "4h": Frame(pd.Timedelta(hours=4), 60),
    "1d": Frame(pd.Timedelta(days=1), 60),
}


class TimeframeState(NamedTuple):
    """One timeframe at one bar; ``distance`` = close / average - 1."""

    at: pd.Timestamp
    distance: float
    trend: Trend


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
    """Daily damage, each figure below zero where a test fails the trend.

    The distances to both averages, the slope of the first average, the distance to the prior low.
    """

    figures: tuple[float, ...]

    @property
    def failed(self) -> int:
        """How many of the tests the trend fails."""
        return sum(figure < 0 for figure in self.figures)

    @property
    def broken(self) -> bool:
        """Whether it fails them all."""
        return self.failed == len(self.figures)


class FlushOrBreak(NamedTuple):
    """The answer and what it rests on; ``answer`` is None when a deciding timeframe is missing."""

    answer: Answer | None
    flush: Flush | None
    trend_break: TrendBreak | None


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
    close = float(known.iloc[-1])
    at_bar = pd.Timestamp(known.index[-1])
    return TimeframeState(at_bar, close / average - 1, _trend(close, average, slope))


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
    return TrendBreak((*(close / one.level - 1 for one in averages), averages[0].slope, lower))


def flush_or_break(flush: Flush | None, trend_break: TrendBreak | None) -> FlushOrBreak:
    """Trend break if the daily tests say so; else flush if fast and retraced; else neither.

    Without daily bars nothing can be answered. With an unbroken daily trend and no intraday bars,
    or a low too fresh to judge its retrace, the answer is open (None).
    """
    return FlushOrBreak(_answer(flush, trend_break), flush, trend_break)


def _reaches(value: float | None, threshold: float) -> bool:
    return value is not None and value >= threshold


def _won_back(flush: Flush) -> bool:
    return flush.share >= MIN_FLUSH_SHARE and _reaches(flush.retrace, MIN_RETRACE)


def _answer(flush: Flush | None, trend_break: TrendBreak | None) -> Answer | None:
    if trend_break is None:
        return None
    if trend_break.broken:
        return "trend_break"
    if flush is None:
        return None
    if _won_back(flush):
        return "flush"
    return "neither" if flush.settled or flush.share < MIN_FLUSH_SHARE else None


def name_regime(
    answer: FlushOrBreak,
    *,
    vix: VixMove | None = None,
    daily_vol_ratio: float | None = None,
    credit_z: float | None = None,
) -> RegimeName:
    """First of: liquidity shock, volatility event, trend break, none.

    Liquidity shock: half of the fall within four hours and a third won back within 24 hours
    (whatever the daily trend), or credit spread z >= 5. Volatility event: VIX up in one session by
    half of its start, or daily volatility at least 2.5 times its past. Trend break: as measured.
    A test that could not be measured never names a regime.
    """
    flush, trend = answer.flush, answer.trend_break
    fast = flush is not None and _won_back(flush)
    if fast or _reaches(credit_z, MIN_CREDIT_Z):
        return "liquidity_shock"
    jump = None if vix is None else vix.jump / vix.start
    if _reaches(jump, MIN_VIX_JUMP) or _reaches(daily_vol_ratio, MIN_VOL_RATIO):
        return "volatility_event"
    return "trend_break" if trend is not None and trend.broken else "none"
