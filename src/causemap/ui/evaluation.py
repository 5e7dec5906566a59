"""Figures of an evaluation file: confusion, reliability with its null band, risk and coverage.

Reads what ``causemap eval run --json FILE`` writes; nothing here runs a system or sees a market.
"""

from __future__ import annotations

import json
import math
import random
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, get_args

from causemap.closed_sets import Primary
from causemap.errors import UsageError
from causemap.evals.naming import LEAST_FOR_CALIBRATION, plain_name
from causemap.reporting import vega
from causemap.reporting.json_codec import Json
from causemap.reporting.shares import Chart
from causemap.reporting.vega import Row, Spec
from causemap.words import cause_name, clean, number, percent, sentence_case

_BINS: Final = 5
# Scores that are shares of windows: where all or none count, an interval by Wilson holds.
_SHARES: Final = ("top1", "top2", "mission4", "mission5", "coverage", "selective_accuracy")
_LEADING: Final = ("coverage", "selective_accuracy")
_Z: Final = 1.959964
_DRAWS: Final = 400
_MAX: Final = 32_000_000


@dataclass(frozen=True, slots=True)
class Judged:
    """One labelled window and what the system said; ``top`` is its highest probability."""

    id: str
    label: str
    primary: str
    top: str
    probability: float
    abstained: bool

    @property
    def right(self) -> bool:
        """Whether the most probable cause is the labelled one."""
        return self.top == self.label


@dataclass(frozen=True, slots=True)
class Metric:
    """A figure with its interval, where it has one; ``n`` is the windows it was taken over."""

    key: str
    name: str
    value: float
    low: float | None
    high: float | None
    n: int = 0


@dataclass(frozen=True, slots=True)
class Evaluation:
    """An evaluation run as its file tells it; ``chance`` is the null band of calibration error."""

    name: str
    n: int
    metrics: tuple[Metric, ...]
    judged: tuple[Judged, ...]
    episodes: int | None = None
    chance: tuple[float, float] | None = None


def read_evaluation(text: str, name: str) -> Evaluation:
    """An evaluation from its JSON. Raises :class:`UsageError` if it is none."""
    if len(text) > _MAX:
        raise UsageError("The file is too large to be an evaluation.")
    try:
        raw = json.loads(text)
        # A window that got no answer is no verdict; the error count is among the metrics.
        answered = (event for event in raw["events"] if event["primary"] is not None)
        judged = tuple(_judged(event) for event in answered)
        metrics = tuple(m for key, held in raw["metrics"].items() if (m := _metric(key, held)))
        episodes, chance = raw.get("episodes"), _chance(raw.get("calibration"))
        held = episodes if isinstance(episodes, int) else None
        return Evaluation(clean(name, 80), int(raw["n"]), metrics, judged, held, chance)
    except (json.JSONDecodeError, KeyError, TypeError, ValueError, AttributeError) as fault:
        raise UsageError(
            f"This is no evaluation file ({type(fault).__name__}); "
            "make one with 'causemap eval run --json FILE'."
        ) from fault


def _judged(event: dict[str, Json]) -> Judged:
    raw = event["probabilities"]
    held = raw if isinstance(raw, dict) else {}
    chances = {str(k): float(v) for k, v in held.items() if isinstance(v, int | float)}
    top = max(chances, key=lambda k: (chances[k], k), default=str(event["primary"]))
    return Judged(
        id=clean(str(event["id"]), 80),
        label=clean(str(event["label"]), 40),
        primary=clean(str(event["primary"]), 40),
        top=top,
        probability=chances.get(top, math.nan),
        abstained=bool(event["abstained"]),
    )


def _chance(held: Json) -> tuple[float, float] | None:
    ends = [held.get(k) for k in ("null_low", "null_high")] if isinstance(held, dict) else []
    found = [float(end) for end in ends if isinstance(end, int | float)]
    return (found[0], found[1]) if len(found) == 2 else None


def _metric(key: str, held: Json) -> Metric | None:
    name = plain_name(clean(key, 60))
    if isinstance(held, int | float):
        return Metric(key, name, float(held), None, None)
    if not isinstance(held, dict):
        return None
    value, low, high = (held.get(k) for k in ("value", "low", "high"))
    if not isinstance(value, int | float):
        return None
    n = held.get("n")
    count = n if isinstance(n, int) else 0
    return Metric(key, name, float(value), _number(low), _number(high), count)


def _number(value: Json) -> float | None:
    return float(value) if isinstance(value, int | float) else None


def confusion(run: Evaluation) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Column names and rows: labels down, what was said across (abstentions apart)."""
    seen = {j.label for j in run.judged} | {j.primary for j in run.judged if not j.abstained}
    order = [c for c in get_args(Primary) if c in seen]
    columns = ("Label", *(sentence_case(cause_name(c)) for c in order), "Abstained")
    rows = []
    for label in order:
        here = [j for j in run.judged if j.label == label]
        said = [sum(j.primary == c and not j.abstained for j in here) for c in order]
        cells = (*said, sum(j.abstained for j in here))
        if here:
            name = sentence_case(cause_name(label))
            rows.append((name, *("\u00b7" if n == 0 else str(n) for n in cells)))
    return columns, tuple(rows)


@dataclass(frozen=True, slots=True)
class Bin:
    """An equal-mass bin: mean probability, share right, and the 90 % band if calibrated."""

    mean: float
    right: float
    low: float
    high: float
    n: int


def reliability(run: Evaluation, bins: int = _BINS, seed: int = 0) -> tuple[Bin, ...]:
    """Equal-mass bins of the top probability, each with the band chance alone would give.

    The band is simulated: outcomes drawn with the stated probabilities, 5 % to 95 % of the share
    right in the bin. A point inside its band says nothing against calibration.
    """
    held = sorted((j for j in run.judged if math.isfinite(j.probability)), key=_by_probability)
    if len(held) < bins:
        return ()
    dice = random.Random(seed)  # noqa: S311  a simulation, not a secret
    edges = [round(k * len(held) / bins) for k in range(bins + 1)]
    return tuple(_bin(held[a:b], dice) for a, b in pairwise(edges) if b > a)


def _by_probability(item: Judged) -> tuple[float, str]:
    return (item.probability, item.id)


def _bin(items: list[Judged], dice: random.Random) -> Bin:
    n = len(items)
    shares = sorted(sum(dice.random() < j.probability for j in items) / n for _ in range(_DRAWS))
    return Bin(
        mean=sum(j.probability for j in items) / n,
        right=sum(j.right for j in items) / n,
        low=shares[int(0.05 * _DRAWS)],
        high=shares[int(0.95 * _DRAWS) - 1],
        n=n,
    )


def reliability_chart(run: Evaluation) -> Chart | None:
    """Stated probability against the share right, with the band of a calibrated system."""
    found = reliability(run)
    if not found:
        return None
    outside = sum(not b.low <= b.right <= b.high for b in found)
    title = f"{outside} of {len(found)} bins lie outside the band of a calibrated system"
    rows: list[Row] = [
        {"p": b.mean, "right": b.right, "low": b.low, "high": b.high, "said": f"n = {b.n}"}
        for b in found
    ]
    x, y = vega.numeric("p", "stated probability"), vega.numeric("right", "share right")
    for channel in (x, y):
        channel["scale"] = {"domain": [0, 1]}
    line: list[Row] = [{"p": 0, "right": 0}, {"p": 1, "right": 1}]
    guide: Spec = {"type": "line", "color": vega.GREY, "strokeDash": [4, 3]}
    band: Spec = {"type": "rule", "strokeWidth": 12, "opacity": 0.25, "color": vega.GREY}
    dot: Spec = {"type": "point", "filled": True, "size": 90, "color": vega.BLUE, "opacity": 1}
    text: Spec = {"type": "text", "dx": 8, "align": "left", "fontSize": 11, "color": vega.MUTED}
    layers = [
        vega.layer(guide, line, x=x, y=y),
        vega.layer(band, rows, x=x, y=y | {"field": "low"}, y2={"field": "high"}),
        vega.layer(dot, rows, x=x, y=y),
        vega.layer(text, rows, x=x, y=y, text={"field": "said", "type": "nominal"}),
    ]
    table = tuple(
        (round(b.mean, 3), round(b.right, 3), round(b.low, 3), round(b.high, 3), b.n) for b in found
    )
    columns = ("Stated", "Right", "Band from", "Band to", "n")
    alt = f"Reliability in {len(found)} equal-mass bins with null bands. {title}."
    return Chart("reliability", title, alt, vega.layered(layers, 300), columns, table)


def risk_coverage(run: Evaluation) -> tuple[tuple[float, float], ...]:
    """Coverage and the share wrong among the answered, most certain first."""
    held = sorted((j for j in run.judged if math.isfinite(j.probability)), key=_by_probability)
    points, wrong = [], 0
    for k, item in enumerate(reversed(held), 1):
        wrong += not item.right
        points.append((k / len(held), wrong / k))
    return tuple(points)


def risk_coverage_chart(run: Evaluation) -> Chart | None:
    """How often the system is wrong when it answers only its most certain share."""
    points = risk_coverage(run)
    if len(points) < _BINS:
        return None
    half = min(points, key=lambda p: abs(p[0] - 0.5))
    title = f"Were it to answer its surest half, {percent(half[1])} would be wrong; "
    title += f"answering all, {percent(points[-1][1])}"
    rows: list[Row] = [{"c": round(c, 4), "risk": round(r, 4)} for c, r in points]
    x, y = vega.numeric("c", "coverage", format=".0%"), vega.numeric("risk", "wrong", format=".0%")
    for channel in (x, y):
        channel["scale"] = {"domain": [0, 1]}
    line: Spec = {"type": "line", "color": vega.BLUE, "strokeWidth": 2, "interpolate": "step-after"}
    spec = vega.layered([vega.layer(line, rows, x=x, y=y)], 300)
    table = tuple((round(c, 3), round(r, 3)) for c, r in points)
    return Chart(
        "risk", title, f"Risk against coverage. {title}.", spec, ("Coverage", "Risk"), table
    )


def changed(one: Evaluation, other: Evaluation) -> tuple[tuple[str, ...], ...]:
    """Windows on which two runs said different things, with the label."""
    theirs = {j.id: j for j in other.judged}
    return tuple(
        (j.id, *(sentence_case(cause_name(c)) for c in (j.label, j.primary, theirs[j.id].primary)))
        for j in one.judged
        if j.id in theirs and j.primary != theirs[j.id].primary
    )


def headline(run: Evaluation) -> tuple[tuple[str, str], ...]:
    """What a reader needs first: how many windows, how many answered, how many of those right."""
    held = {metric.key: metric for metric in run.metrics}
    answered = sum(not j.abstained for j in run.judged)
    told = f"windows in {run.episodes} episodes" if run.episodes else "windows"
    lead = [(f"n = {run.n}", told)]
    for key, name in zip(_LEADING, ("share answered", "right when it answers"), strict=True):
        known = key in held and (key == "coverage" or answered > 0)
        said = metric_line(held[key], run) if known else "n/a"
        lead.append((said, f"{name} ({answered} of {len(run.judged)} answered)"))
    return tuple(lead)


def further(run: Evaluation) -> tuple[tuple[str, str], ...]:
    """The other figures with their names; a calibration error only where it says something."""
    informative = run.n >= LEAST_FOR_CALIBRATION
    return tuple(
        (metric_line(m, run), m.name + _beside(m, run))
        for m in run.metrics
        if m.key not in _LEADING and (m.key != "ece" or informative)
    )


def _beside(metric: Metric, run: Evaluation) -> str:
    if metric.key != "ece" or run.chance is None:
        return ""
    return f" (by chance {number(run.chance[0], 2)} to {number(run.chance[1], 2)})"


def metric_line(metric: Metric, run: Evaluation) -> str:
    """``0.62 (0.50 to 0.73)``; where all windows are alike, resampling them shows no interval."""
    said = number(metric.value, 2)
    if metric.low is None or metric.high is None:
        return said
    low, high = metric.low, metric.high
    if low == high and metric.key in _SHARES and metric.value in (0.0, 1.0) and metric.n > 0:
        low, high = wilson(metric.value, min(metric.n, run.episodes or metric.n))
    elif low == high:
        return f"{said} (all alike: no interval)"
    return f"{said} ({number(low, 2)} to {number(high, 2)})"


def wilson(share: float, n: int) -> tuple[float, float]:
    """The 95 % score interval of a share of ``n`` independent cases (Wilson 1927)."""
    middle = (share + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
    reach = _Z / (1 + _Z**2 / n) * math.sqrt(share * (1 - share) / n + _Z**2 / (4 * n**2))
    return max(0.0, middle - reach), min(1.0, middle + reach)
