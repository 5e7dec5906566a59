"""Waterfalls: how a move splits into causes and a residual that always has its own bar."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from causemap.attribution.parts import at_floor
from causemap.causes import GROUP_WORDS
from causemap.closed_sets import AssetGroup
from causemap.records import Contribution, Decomposition, PartShare, Report
from causemap.reporting import vega
from causemap.reporting.json_codec import Json
from causemap.reporting.vega import Row, Spec
from causemap.words import amount, asset_name, cause_name, number, sentence_case

Cell = str | float | int | None

# Shares are rounded one by one, so their sum may miss 1 by a little; more is a fault, not drawn.
_SLACK: Final = 0.02


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart with its takeaway, its text alternative and the data behind it.

    ``note`` is the key or the caveat that stands under it.
    """

    key: str
    title: str
    alt: str
    spec: dict[str, Json]
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""


class _Step(NamedTuple):
    """One bar: its share of the whole with the interval."""

    name: str
    share: float
    low: float
    high: float
    residual: bool = False


def contribution_waterfall(report: Report) -> Chart | None:
    """Causes' shares of the move, or of the groups' falls, and the residual: 100 % in all."""
    verdict, groups = report.verdict, pooled_groups(report)
    rest = verdict.residual
    steps = _steps(verdict.contributions, rest.share, rest.low, rest.high)
    if steps is None:
        return None
    lead = max(verdict.contributions, key=lambda part: abs(part.share))
    of = "the falls" if groups else "the move"
    said = f"{cause_name(lead.cause)} accounts for {_whole(lead.share)} of {of}"
    title = f"Over {spoken(groups)}: {said}" if groups else sentence_case(said)
    title += f"; {unexplained(rest.share)} is unexplained"
    chart = _waterfall("contributions", title, steps, 100.0, sentence_case(of), f"% of {of}")
    return replace(chart, note=how_pooled(report))


def pooled_groups(report: Report) -> tuple[AssetGroup, ...]:
    """The groups over whose falls the verdict's parts are a mean; none where it is one group's."""
    fell = [g for g, v in report.verdicts if v.primary != "no_drawdown" and v.weighed]
    return tuple(fell) if len(fell) > 1 and report.verdict.contributions else ()


def spoken(groups: Sequence[AssetGroup]) -> str:
    """Groups as words: ``equities, crypto and metals``."""
    names = [GROUP_WORDS[group] for group in groups]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def how_pooled(report: Report) -> str:
    """How the groups' parts were put together, and where they differ; empty for a single group."""
    groups = pooled_groups(report)
    if not groups:
        return ""
    said = f"Mean of the parts of {spoken(groups)}, each by how unusual its fall was."
    if report.verdict.abstained:
        said += " No single cause is named over all of them."
    leads = [
        (group, max(verdict.contributions, key=lambda part: abs(part.share)))
        for group, verdict in report.verdicts
        if group in groups and verdict.contributions
    ]
    if len({part.cause for _, part in leads}) > 1:
        parts = (f"{GROUP_WORDS[g]} {cause_name(p.cause)} {_whole(p.share)}" for g, p in leads)
        said += f" The largest parts differ: {', '.join(parts)}."
    return said


def unexplained(share: float) -> str:
    """The unexplained share; at its floor it is only known from below."""
    return f"at least {_whole(share)}" if at_floor(share) else _whole(share)


def unexplained_points(parts: Decomposition) -> str:
    """The unexplained part of an asset's move in percentage points, as in the other parts."""
    said = amount(parts.residual * parts.move_pct, "pp")
    return f"{said} ({unexplained(parts.residual)})" if at_floor(parts.residual) else said


def decomposition_waterfall(parts: Decomposition) -> Chart | None:
    """One target's move in percentage points: parts, residual, and the move they sum to."""
    steps = _steps(parts.parts, parts.residual, parts.residual_low, parts.residual_high)
    if steps is None or not math.isfinite(parts.move_pct) or parts.move_pct == 0:
        return None
    name, move = asset_name(parts.asset), parts.move_pct
    lead = max(parts.parts, key=lambda part: abs(part.share))
    title = (
        f"{name} {amount(move, '%')}: {cause_name(lead.cause)} {amount(lead.share * move, 'pp')}, "
        f"unexplained {unexplained_points(parts)}"
    )
    key = "move-" + "".join(c for c in parts.asset.lower() if c.isalnum() and c.isascii())[:24]
    return _waterfall(key, title, steps, move, f"{name}, whole move", "percentage points")


def _steps(
    parts: Sequence[Contribution] | Sequence[PartShare], rest: float, low: float, high: float
) -> list[_Step] | None:
    """Bars in falling size, residual last; ``None`` unless there are parts and they sum to 1."""
    steps = [_Step(sentence_case(cause_name(p.cause)), p.share, p.low, p.high) for p in parts]
    steps.sort(key=lambda step: (-abs(step.share), step.name))
    steps.append(_Step("Unexplained", rest, low, high, residual=True))
    finite = all(math.isfinite(v) for s in steps for v in (s.share, s.low, s.high))
    if not parts or not finite or abs(sum(s.share for s in steps) - 1.0) > _SLACK:
        return None
    return steps


def _whole(share: float) -> str:
    return f"{number(share * 100, 0)}%"


def _waterfall(
    key: str, title: str, steps: Sequence[_Step], scale: float, total: str, axis: str
) -> Chart:
    rows: list[Row] = []
    reached = 0.0
    unit = "pp" if axis == "percentage points" else "%"
    places = 1 if unit == "pp" else 0
    for step in steps:
        span = (reached, reached + step.share * scale)
        reach = (reached + step.low * scale, reached + step.high * scale)
        said = f"{number(step.share * scale, places, signed=True)}{'' if unit == 'pp' else '%'}"
        if step.residual and at_floor(step.share):
            said = f"at least {said.lstrip('+')}"
        tone = vega.GREY if step.residual else vega.BLUE if step.share >= 0 else vega.VERMILLION
        rows.append(_bar(step.name, span, reach, said, tone))
        reached = span[1]
    said = amount(scale, "%") if unit == "pp" else "100%"
    rows.append(_bar(total, (0.0, scale), (0.0, scale), said, vega.INK))
    table = [_cells(step, scale) for step in steps]
    table.append((total, round(scale, 2), None, None))
    spec = vega.layered(_layers(rows, axis), (vega.ROW + 5) * len(rows))
    alt = f"Waterfall of {len(steps)} parts in {axis}, the last one unexplained. {title}."
    return Chart(key, title, alt, spec, ("Part", axis.capitalize(), "Low", "High"), tuple(table))


def _cells(step: _Step, scale: float) -> tuple[Cell, ...]:
    ends = sorted((step.low * scale, step.high * scale))
    return (step.name, round(step.share * scale, 2), round(ends[0], 2), round(ends[1], 2))


def _bar(
    name: str, span: tuple[float, float], reach: tuple[float, float], said: str, tone: str
) -> Row:
    return {
        "name": name,
        "from": round(span[0], 4),
        "to": round(span[1], 4),
        "low": round(min(reach), 4),
        "high": round(max(reach), 4),
        "edge": round(max(*span, *reach), 4),
        "said": said,
        "tone": tone,
    }


def _layers(rows: Sequence[Row], axis: str) -> list[Spec]:
    x = vega.numeric("from", axis, tickCount=6)
    x["scale"] = {"zero": True, "nice": True}
    bar: Spec = {"type": "bar", "height": 17}
    whisker: Spec = {"type": "rule", "color": vega.INK, "strokeWidth": 1.2, "opacity": 0.75}
    text: Spec = {"type": "text", "align": "left", "dx": 7, "fontWeight": "bold"}
    y, said = vega.named(), {"field": "said", "type": "nominal"}
    spans = rows[:-1]
    return [
        vega.layer({"type": "rule", "color": vega.GREY}, [{"from": 0}], x=x),
        vega.layer(bar, rows, x=x, x2={"field": "to"}, y=y, color=vega.plain_colour()),
        vega.layer(whisker, spans, x=x | {"field": "low"}, x2={"field": "high"}, y=y),
        vega.layer(text, rows, x=x | {"field": "edge"}, y=y, text=dict[str, Json](said)),
    ]
