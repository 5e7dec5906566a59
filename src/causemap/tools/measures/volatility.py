"""Realised and implied volatility, and the selling that volatility rules would ask for.

The flows are modelled, not observed: each rests on a stated assumption.
"""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

SESSIONS_PER_YEAR: Final = 252
TREND_WINDOWS: Final = (20, 60, 120, 250)
STALE_AFTER: Final = pd.Timedelta(days=5)
LAG_BAND: Final = (1, 3)
LAGS_SEARCHED: Final = range(-3, 6)
LEAD_IN_SESSIONS: Final = 10
MIN_LAG_SESSIONS: Final = 12


class FlowAssumption(NamedTuple):
    """What a volatility-target fund is assumed to do.

    ``target`` is annualised volatility as a fraction, ``cap`` the highest leverage,
    ``assets_usd_bn`` assets under such rules in billions of US dollars.
    """

    label: Literal["low", "central", "high"]
    target: float
    cap: float
    assets_usd_bn: float


# One published source for the assets; target and cap span what fund documents state.
FLOW_GRID: Final = (
    FlowAssumption("low", 0.05, 1.5, 300.0),
    FlowAssumption("central", 0.10, 1.75, 400.0),
    FlowAssumption("high", 0.15, 2.0, 500.0),
)


class FlipLevel(NamedTuple):
    """Next close at which one moving-average rule changes side; ``distance`` = level/close - 1."""

    window: int
    level: float
    distance: float
    above: bool


class TrendSignal(NamedTuple):
    """Trend-follower position at one close.

    ``score`` in [-1, 1] is the mean side over the averages; ``position`` is score * s* / sigma.
    """

    score: float
    position: float
    flips: tuple[FlipLevel, ...]


class FlowLag(NamedTuple):
    """Sessions by which modelled selling follows rises of implied volatility, at the best fit."""

    sessions: int
    correlation: float
    in_band: bool


class VixMove(NamedTuple):
    """Implied volatility over a window, in index points; jump is the largest one-session rise."""

    start: float
    end: float
    maximum: float
    maximum_date: pd.Timestamp
    jump: float
    jump_date: pd.Timestamp


def value_at(series: pd.Series[float], at: pd.Timestamp) -> float | None:
    """Last known value on or before ``at``; None when there is none within five days."""
    known = series.dropna().loc[:at]
    if known.empty or at - known.index[-1] > STALE_AFTER:
        return None
    return float(known.iloc[-1])


def log_returns(closes: pd.Series[float]) -> pd.Series[float]:
    """Log returns of positive closes over their own sessions, the first one dropped."""
    known = closes.dropna()
    return pd.Series(np.diff(np.log(known.to_numpy(np.float64))), index=known.index[1:])


def governing_vol(closes: pd.Series[float]) -> pd.Series[float]:
    """max(20-session, 60-session) realised volatility, what volatility rules act on.

    A fraction a year: standard deviation of daily log returns times sqrt(252).
    """
    daily = log_returns(closes)
    both = np.column_stack([daily.rolling(w).std().to_numpy(np.float64) for w in (20, 60)])
    known = ~np.isnan(both).any(axis=1)
    yearly = both[known].max(axis=1) * float(np.sqrt(SESSIONS_PER_YEAR))
    return pd.Series(yearly, index=daily.index[known])


def vol_target_leverage(sigma: float, target: float, cap: float) -> float:
    """L = min(cap, target / sigma) (Moreira and Muir 2017; Harvey et al. 2018).

    Raises:
        ValueError: an argument is not positive.
    """
    if min(sigma, target, cap) <= 0:
        raise ValueError("sigma, target and cap must be positive")
    return min(cap, target / sigma)


def vol_target_flow(
    closes: pd.Series[float],
    start: pd.Timestamp,
    end: pd.Timestamp,
    *,
    grid: tuple[FlowAssumption, ...] = FLOW_GRID,
) -> tuple[float, ...] | None:
    """Assets * (L_end - L_start) in USD bn for each assumption, negative for selling.

    Funds trade over one to three sessions after the volatility, so the flow is what ``end`` asks
    for, not what was done by then. None when volatility is not known.
    """
    sigma = governing_vol(closes)
    first, last = value_at(sigma, start), value_at(sigma, end)
    if first is None or last is None or min(first, last) <= 0:
        return None
    return tuple(_flow(case, first, last) for case in grid)


def _flow(case: FlowAssumption, first: float, last: float) -> float:
    before, after = (vol_target_leverage(one, case.target, case.cap) for one in (first, last))
    return case.assets_usd_bn * (after - before)


def trend_signal(
    closes: pd.Series[float], at: pd.Timestamp, *, target: float = 0.10
) -> TrendSignal | None:
    """Mean over k of sign(P - MA_k), k = 20, 60, 120, 250, times target / sigma.

    The flip level is the mean of the last k - 1 closes: the next close lies above its own k-close
    average exactly when it lies above that mean. None without 250 closes or with stale prices.
    """
    known = closes.dropna().loc[:at]
    sigma = value_at(governing_vol(known), at)
    if len(known) < max(TREND_WINDOWS) or sigma is None or sigma <= 0:
        return None
    close = float(known.iloc[-1])
    sides = [float(np.sign(close - known.iloc[-k:].mean())) for k in TREND_WINDOWS]
    flips = tuple(
        _flip_level(known, close, k, side > 0) for k, side in zip(TREND_WINDOWS, sides, strict=True)
    )
    score = float(np.mean(sides))
    return TrendSignal(score, score * target / sigma, flips)


def _flip_level(known: pd.Series[float], close: float, window: int, above: bool) -> FlipLevel:
    level = float(known.iloc[-(window - 1) :].mean())
    return FlipLevel(window, level, level / close - 1, above)


def windows_flipped(before: TrendSignal, after: TrendSignal) -> tuple[int, ...]:
    """Moving-average lengths above which the price stood before, and no longer after."""
    return tuple(
        old.window
        for old, new in zip(before.flips, after.flips, strict=True)
        if old.above and not new.above
    )


def flow_lag(
    implied_vol: pd.Series[float],
    closes: pd.Series[float],
    start: pd.Timestamp,
    end: pd.Timestamp,
    *,
    execution_sessions: int = 1,
    assumption: FlowAssumption = FLOW_GRID[1],
) -> FlowLag | None:
    """Lag, of -3 to 5 sessions, at which modelled selling best fits rises of implied volatility.

    Leverage set at one close trades ``execution_sessions`` later, so a lag of that size is built
    in: a lag outside the band of 1 to 3 is evidence against, one inside it is only consistent.
    The ten sessions before ``start`` are included. None when either side did not move.
    """
    leverage = (assumption.target / governing_vol(closes.loc[:end])).clip(upper=assumption.cap)
    selling = -leverage.diff().shift(execution_sessions)
    table = pd.DataFrame({"rise": implied_vol.dropna().diff(), "sale": selling}).clip(lower=0)
    known = table.dropna().loc[:end]
    span = known.iloc[max(0, int(known.index.searchsorted(start)) - LEAD_IN_SESSIONS) :]
    rise, sale = (np.asarray(span[name], dtype=np.float64) for name in ("rise", "sale"))
    if len(span) < MIN_LAG_SESSIONS or not rise.any() or not sale.any():
        return None
    fits = {lag: _fit(rise, sale, lag) for lag in LAGS_SEARCHED}
    best = max(fits, key=lambda lag: (fits[lag], -abs(lag)))
    return FlowLag(best, fits[best], LAG_BAND[0] <= best <= LAG_BAND[1])


def _fit(rise: npt.NDArray[np.float64], sale: npt.NDArray[np.float64], lag: int) -> float:
    # One normalisation for all lags: shorter overlaps must not look like better fits.
    ahead = rise[max(0, -lag) : len(rise) - max(0, lag)]
    behind = sale[max(0, lag) : len(sale) - max(0, -lag)]
    return float(ahead @ behind / np.sqrt((rise @ rise) * (sale @ sale)))


def vix_move(vix: pd.Series[float], start: pd.Timestamp, end: pd.Timestamp) -> VixMove | None:
    """Start, end, highest close and largest one-session jump of implied volatility, in points.

    None when the start is unknown, the end is stale, or the window holds no session.
    """
    known = vix.dropna()
    first, last = value_at(known, start), value_at(known, end)
    inside = known[(known.index > start) & (known.index <= end)]
    if first is None or last is None or inside.empty:
        return None
    jumps = known.diff().loc[inside.index]
    peak, jump = int(inside.to_numpy().argmax()), int(jumps.to_numpy().argmax())
    return VixMove(
        start=first,
        end=last,
        maximum=float(inside.iloc[peak]),
        maximum_date=pd.Timestamp(inside.index[peak]),
        jump=float(jumps.iloc[jump]),
        jump_date=pd.Timestamp(inside.index[jump]),
    )


def vol_ratio(closes: pd.Series[float], *, recent: int = 20, normal: int = 250) -> float | None:
    """Deviation of the last ``recent`` bar returns over that of the ``normal`` before.

    The two stretches do not overlap. None when there are too few bars or no past movement.
    """
    returns = log_returns(closes).to_numpy(np.float64)
    if len(returns) < recent + normal:
        return None
    past = float(np.std(returns[-recent - normal : -recent], ddof=1))
    return float(np.std(returns[-recent:], ddof=1)) / past if past > 0 else None
