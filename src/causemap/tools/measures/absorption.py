"""The absorption ratio: how far a few common factors carry a market (Kritzman et al. 2011)."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from causemap.tools.measures.stats import FloatArray

HALF_LIFE: Final = 250.0


class Absorption(NamedTuple):
    """Share of variance in the first N/5 eigenvectors, and its shift in one-year deviations."""

    date: pd.Timestamp
    ratio: float
    shift: float
    assets: int


def _absorption_ratios(spans: FloatArray) -> FloatArray:
    """Absorption ratio of each of ``spans`` (spans by sessions by assets); NaN if none moves.

    Covariances are weighted exponentially with a half-life of 250 sessions (Kritzman et al. 2011).
    """
    weights = 0.5 ** (np.arange(spans.shape[1] - 1, -1, -1.0) / HALF_LIFE)
    weights /= weights.sum()
    centred = spans - np.einsum("t,sta->sa", weights, spans)[:, None, :]
    values = np.linalg.eigvalsh(np.matmul((centred * weights[:, None]).transpose(0, 2, 1), centred))
    total = values.sum(axis=1)
    first = values[:, -eigenvector_count(spans.shape[2]) :].sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(total > 0, np.clip(first / total, 0, 1), np.nan)


def eigenvector_count(assets: int) -> int:
    """One fifth of the assets, at least one."""
    return max(1, round(assets / 5))


def absorption_shift(
    prices: pd.DataFrame, at: pd.Timestamp, *, window: int = 500, short: int = 15, long: int = 252
) -> Absorption | None:
    """(mean ratio of 15 sessions - mean of one year) / standard deviation of that year.

    ``prices``: sessions by assets, positive; an asset with a gap in the span is left out. A shift
    above 1 is called fragile (Kritzman et al. 2011). None without enough sessions or two assets.
    """
    span = prices.loc[:at].iloc[-(window + long) :].dropna(axis=1)
    if len(span) < window + long or span.shape[1] < 2:
        return None
    returns = np.diff(np.log(span.to_numpy(np.float64)), axis=0)
    spans = np.lib.stride_tricks.sliding_window_view(returns, window, axis=0)[:long]
    ratios = _absorption_ratios(spans.transpose(0, 2, 1))
    deviation = ratios.std(ddof=1)
    if not deviation > 0:
        return None
    shift = float((ratios[-short:].mean() - ratios.mean()) / deviation)
    return Absorption(span.index[-1], float(ratios[-1]), shift, span.shape[1])
