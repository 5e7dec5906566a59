"""Charts of a scored run: reliability beside chance, and the risk-coverage curve."""

from __future__ import annotations

from typing import Final

import numpy as np

from causemap.evals.metrics import BINS, risk_coverage
from causemap.evals.table import Table
from causemap.reporting import vega
from causemap.reporting.shares import Chart
from causemap.reporting.vega import Row, Spec

_WIDTH: Final = 420
_HEIGHT: Final = 260
_DRAWS: Final = 1000


def reliability(fell: Table, seed: int = 0) -> Chart | None:
    """How often the likeliest cause was right, by how likely it was held; with the null band."""
    rows = _bins(fell, seed)
    if not rows:
        return None
    spec = vega.layered(
        [
            vega.layer(
                {"type": "bar", "color": vega.GRID, "width": 34},
                rows,
                x=_axis("confidence", "probability of the likeliest cause (mean of the bin)"),
                y=_axis("null_low", "share right"),
                y2={"field": "null_high"},
            ),
            vega.layer(
                {"type": "point", "filled": True, "size": 90, "color": vega.BLUE, "opacity": 1},
                rows,
                x=_axis("confidence", "probability of the likeliest cause (mean of the bin)"),
                y=_axis("right", "share right"),
            ),
        ],
        _HEIGHT,
        _WIDTH,
    )
    columns = ("confidence", "right", "null_low", "null_high", "n")
    return Chart(
        "reliability",
        "Reliability: points inside their bars are what chance allows",
        "Share of right answers in bins of equal mass, with the 5 to 95 percent band of a "
        "perfectly calibrated predictor.",
        spec,
        columns,
        tuple(tuple(_plain(row[name]) for name in columns) for row in rows),
    )


def _bins(fell: Table, seed: int) -> list[Row]:
    if len(fell) < BINS:
        return []
    order = np.argsort(fell.confidence, kind="stable")
    rng = np.random.default_rng(seed)
    rows: list[Row] = []
    for part in np.array_split(order, BINS):
        held = fell.confidence[part]
        chance = (rng.random((_DRAWS, len(part))) < held).mean(axis=1)
        rows.append(
            {
                "confidence": round(float(held.mean()), 3),
                "right": round(float(fell.hit[part].mean()), 3),
                "null_low": round(float(np.quantile(chance, 0.05)), 3),
                "null_high": round(float(np.quantile(chance, 0.95)), 3),
                "n": len(part),
            }
        )
    return rows


def risk_curve(fell: Table) -> Chart | None:
    """The share wrong among the most confident answers, for every coverage."""
    if len(fell) < 2:
        return None
    curve = risk_coverage(fell.confidence, fell.hit)
    rows: list[Row] = [
        {"coverage": round(float(c), 3), "risk": round(float(r), 3)}
        for c, r in zip(curve.coverage, curve.risk, strict=True)
    ]
    line = vega.layer(
        {"type": "line", "color": vega.BLUE, "strokeWidth": 2},
        rows,
        x=_axis("coverage", "share of windows answered, most confident first"),
        y=_axis("risk", "share wrong"),
    )
    spec: Spec = vega.layered([line], _HEIGHT, _WIDTH)
    return Chart(
        "risk-coverage",
        f"Risk against coverage: {rows[-1]['risk']} wrong when every window is answered",
        "Share of wrong answers among the most confident windows, for each share answered.",
        spec,
        ("coverage", "risk"),
        tuple((_plain(row["coverage"]), _plain(row["risk"])) for row in rows),
    )


def _axis(field: str, title: str) -> Spec:
    return {
        "field": field,
        "type": "quantitative",
        "scale": {"domain": [0, 1]},
        "axis": {"title": title},
    }


def _plain(value: object) -> float:
    return float(str(value))
