"""The plain price features that baselines judge on: robust z-scores and index residuals.

Nothing here is shared with the engine's own evidence, so that a baseline stays a baseline. Window
length is no feature: it differs between classes by construction of the catalogue.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd

from causemap.tools.market import MissingSeries
from causemap.tools.measures.stats import Kind, beta_residual, robust_z
from causemap.tools.registry import REGISTRY

if TYPE_CHECKING:
    from causemap.records import Scope
    from causemap.tools.market import AsOfView

CHANGES: Final = (
    "SPX",
    "NDX",
    "UST2Y",
    "UST10Y",
    "REAL10Y",
    "CURVE_2S10S",
    "DXY",
    "USDJPY",
    "HY_OAS",
    "VIX",
    "GLD",
    "SLV",
    "USO",
    "BTC",
)
RESIDUALS: Final = ("NDX", "RSP", "SMH", "IGV", "KRE", "BTC")
NAMES: Final = (*CHANGES, *(f"{name}|SPX" for name in RESIDUALS))


def price_features(scope: Scope, view: AsOfView) -> dict[str, float]:
    """Each feature that the data give, by name; what cannot be had is absent, never zero."""
    found: dict[str, float] = {}
    for name in CHANGES:
        if (value := _change(name, scope, view)) is not None:
            found[name] = value
    for name in RESIDUALS:
        if (value := _residual(name, scope, view)) is not None:
            found[f"{name}|SPX"] = value
    return found


def _change(name: str, scope: Scope, view: AsOfView) -> float | None:
    series = _series(name, scope, view)
    if series is None:
        return None
    kind = Kind.LOG if REGISTRY[name].change == "log" else Kind.DIFF
    scored = robust_z(series, pd.Timestamp(scope.start), pd.Timestamp(scope.end), kind)
    return None if scored is None else scored.z


def _residual(name: str, scope: Scope, view: AsOfView) -> float | None:
    own, index = _series(name, scope, view), _series("SPX", scope, view)
    if own is None or index is None:
        return None
    left = beta_residual(own, index, pd.Timestamp(scope.start), pd.Timestamp(scope.end))
    return None if left is None else left.z


def _series(name: str, scope: Scope, view: AsOfView) -> pd.Series[float] | None:
    try:
        return view.covering(name, pd.Timestamp(scope.start), pd.Timestamp(scope.end))
    except MissingSeries:
        return None
