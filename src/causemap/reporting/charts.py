"""Charts of a report as Vega-Lite specifications: pure functions from a report to a :class:`Chart`.

A chart that has nothing to show is ``None``; the views then say so in words. Titles state the
takeaway, every chart carries its text alternative and the rows behind it, colours are Okabe-Ito
and never the only sign of anything, and no point lies after the report's as-of time.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple

from causemap.records import Evidence, Marker, Path, Report
from causemap.reporting import vega
from causemap.reporting.json_codec import Json
from causemap.reporting.path_ends import path_ends
from causemap.reporting.shares import Chart, contribution_waterfall, decomposition_waterfall
from causemap.reporting.unusual import evidence_z
from causemap.reporting.vega import Row, Spec
from causemap.words import (
    amount,
    asset_name,
    cause_name,
    clean,
    day,
    instant,
    moment,
    number,
    onset,
    percent,
    sentence_case,
)

__all__ = [
    "Chart",
    "all_charts",
    "contribution_waterfall",
    "correlation_change",
    "decomposition_waterfall",
    "evidence_z",
    "indexed_paths",
    "probability_bars",
    "timeline",
]

_MAX_PATHS: Final = len(vega.LINES)
_MAX_ROWS: Final = 16
_HEIGHT: Final = 330
_ONSET: Final = ": first abnormal move"
_YEAR: Final = re.compile(r"(\d [A-Z][a-z]{2}) \d{4}\b")
# What the times beside the last bars of the timeline take, as a share of its length.
_ROOM: Final = 0.4


class _Span(NamedTuple):
    """A row of the timeline: what happened, and between which times."""

    name: str
    low: datetime
    high: datetime
    said: str
    is_onset: bool


def all_charts(report: Report) -> tuple[Chart, ...]:
    """Every chart the report has data for, in reading order."""
    made = (
        contribution_waterfall(report),
        *(decomposition_waterfall(parts) for parts in report.decompositions),
        indexed_paths(report),
        timeline(report),
        probability_bars(report),
        evidence_z(report),
        correlation_change(report),
    )
    return tuple(chart for chart in made if chart is not None)


def indexed_paths(report: Report) -> Chart | None:
    """Asset paths, 100 at the window's start close, with the timeline's numbers at event days."""
    paths = _chosen(report)
    if not paths:
        return None
    rows = tuple(
        (asset_name(p.asset), d, v) for p in paths for d, v in zip(p.dates, p.values, strict=True)
    )
    ends = path_ends(rows, report)
    title = ends.worst + (" ended lowest," if ends.lowest else "")
    title += f" {ends.change[ends.worst]} from the start"
    if ends.best != ends.worst:
        title += f"; {ends.best} {ends.change[ends.best]}"
    alt = f"Lines for {len(paths)} assets, 100 on {day(report.scope.start)}. {title}."
    spec = vega.layered(_path_layers(paths, _event_days(report, paths)), _HEIGHT)
    key = _event_key(report, paths)
    return Chart("paths", title, alt, spec, ("Asset", "Date", "Index"), rows, key)


def _event_key(report: Report, paths: Sequence[Path]) -> str:
    """What the numbers above the dashed days stand for."""
    shown = {n for row in _event_days(report, paths) for n in str(row["said"]).split(", ")}
    said = [
        f"{place} {clean(marker.label, 56)}, {day(marker.at)}"
        for place, marker in enumerate(_markers(report), 1)
        if str(place) in shown
    ]
    return f"Dashed: {'; '.join(said)}." if said else ""


def _chosen(report: Report) -> list[Path]:
    """Drawable paths in the report's order; assets asked about go before the others."""
    known = (_known(path, report.scope.as_of) for path in report.paths)
    paths = [path for path in known if len(path.dates) > 1]
    asked = sorted(paths, key=lambda path: path.asset not in report.scope.assets)[:_MAX_PATHS]
    return [path for path in paths if path in asked]


def _known(path: Path, as_of: str) -> Path:
    # 20:00 UTC is the earliest close of a session; a day whose close is not past is not drawn.
    pairs = [
        (d, v)
        for d, v in zip(path.dates, path.values, strict=True)
        if f"{d[:10]}T20:00Z" <= as_of and math.isfinite(v)
    ]
    return Path(path.asset, tuple(d for d, _ in pairs), tuple(v for _, v in pairs))


def _event_days(report: Report, paths: Sequence[Path]) -> list[Row]:
    first, last = _ends(paths)
    days: dict[str, list[int]] = {}
    for place, marker in enumerate(_markers(report), 1):
        if first[:10] <= marker.at[:10] <= last[:10]:
            days.setdefault(marker.at[:10], []).append(place)
    return [
        {"date": d, "said": ", ".join(str(n) for n in places)} for d, places in sorted(days.items())
    ]


def _ends(paths: Sequence[Path]) -> tuple[str, str]:
    """The first and the last day drawn."""
    return min(p.dates[0] for p in paths), max(p.dates[-1] for p in paths)


def _badges(events: Sequence[Row], first: str, last: str) -> list[Row]:
    """The numbers above the event days; days too near for two numbers share one, as '3-5'."""
    length = max(1, (date.fromisoformat(last[:10]) - date.fromisoformat(first[:10])).days)
    groups: list[list[Row]] = []
    for event in events:
        day_ = date.fromisoformat(str(event["date"]))
        if groups and (day_ - date.fromisoformat(str(groups[-1][0]["date"]))).days < length / 14:
            groups[-1].append(event)
        else:
            groups.append([event])
    return [{"date": g[0]["date"], "said": _joined([str(e["said"]) for e in g])} for g in groups]


def _joined(said: Sequence[str]) -> str:
    numbers = ", ".join(said).split(", ")
    return said[0] if len(said) == 1 else f"{numbers[0]}\u2013{numbers[-1]}"


def _path_layers(paths: Sequence[Path], events: Sequence[Row]) -> list[Spec]:
    values = [v for p in paths for v in p.values]
    gap = (max(values) - min(values) or 1.0) * 16.0 / _HEIGHT
    places = vega.spread([p.values[-1] for p in paths], gap)
    ends = [datetime.fromisoformat(day[:10]) for day in _ends(paths)]
    x = vega.dated("date", values=vega.midnights(ends[0], ends[1], 8))
    y = vega.numeric("value", "start close = 100")
    tick: Spec = {"type": "rule", "color": vega.GREY, "strokeDash": [3, 3]}
    badge: Spec = {"type": "text", "y": -8, "color": vega.MUTED, "fontSize": 11}
    layers = [
        vega.layer(tick, events, x=x),
        vega.layer(badge, _badges(events, *_ends(paths)), x=x, text={"field": "said"}),
        vega.layer({"type": "rule", "color": vega.GREY}, [{"value": 100}], y=y),
    ]
    for k, (path, place) in enumerate(zip(paths, places, strict=True)):
        colour = vega.LINES[k % len(vega.LINES)]
        rows: list[Row] = [
            {"date": d, "value": v} for d, v in zip(path.dates, path.values, strict=True)
        ]
        line: Spec = {"type": "line", "color": colour, "strokeWidth": 2.2}
        line["strokeDash"] = list(vega.DASHES[k % len(vega.DASHES)])
        end: Row = {"date": path.dates[-1], "value": place}
        end["said"] = f"{asset_name(path.asset)} {number(path.values[-1])}"
        label: Spec = {"type": "text", "align": "left", "dx": 7, "color": colour}
        layers.append(vega.layer(line, rows, x=x, y=y))
        layers.append(vega.layer(label | {"fontWeight": "bold"}, [end], x=x, y=y, text=_SAID))
    return layers


_SAID: Final[Spec] = {"field": "said", "type": "nominal"}


_MOMENT: Final = timedelta(seconds=1)


def timeline(report: Report) -> Chart | None:
    """Dated events and first abnormal moves on one clock (UTC), each as the interval it is."""
    spans = _spans(report)
    if not spans:
        return None
    first = min(spans, key=lambda span: span.low)
    # What overlaps the first one may have come before it.
    tied = sum(span.low < max(first.high, first.low + _MOMENT) for span in spans) - 1
    title = f"First on the clock: {first.name.split('. ', 1)[-1]}, {first.said}"
    title += f"; {tied} more overlap{'s' * (tied == 1)} it" if tied else ""
    rows: list[Row] = [
        {
            "name": s.name,
            "low": f"{s.low.isoformat()}Z",
            "high": f"{s.high.isoformat()}Z",
            "said": s.said,
            "brief": _brief(s.said),
            "tone": vega.BLUE if s.is_onset else vega.VERMILLION,
        }
        for s in spans
    ]
    x = _clock(first.low, max(s.high for s in spans))
    y = vega.named()
    # A colour tells first moves from events; where there is little room their names do without.
    short = f"replace(datum.label, '{_ONSET}', '')"
    y["axis"] = _object(y["axis"]) | {"labelExpr": vega.by_width(short, "datum.label")["expr"]}
    bar: Spec = {"type": "bar", "height": 9, "cornerRadius": 4, "minBandSize": 6}
    text = vega.figures() | {"align": "left", "dx": 12, "color": vega.MUTED}
    layers = [
        vega.layer(bar, rows, x=x, x2={"field": "high"}, y=y, color=vega.plain_colour()),
        vega.layer({"type": "point", "filled": True, "size": 70, "opacity": 1}, rows)
        | {"encoding": {"x": x, "y": y, "color": vega.plain_colour()}},
        vega.layer(text, rows, x=x | {"field": "high"}, y=y),
    ]
    alt = f"Timeline of {len(spans)} rows, events orange, first abnormal moves blue. {title}."
    spec = vega.layered(layers, vega.ROW * len(spans))
    table = tuple((s.name, s.said) for s in spans)
    return Chart("timeline", title, alt, spec, ("What", "When (UTC)"), table)


def _clock(first: datetime, last: datetime) -> Spec:
    """A time axis with a tick a day, and room after the last one for the rows' own times."""
    length = last - first
    x = vega.dated("low", grid=True, values=vega.midnights(first, last, 8))
    end = last + max(length, timedelta(days=1)) * _ROOM
    x["scale"] = {"type": "utc", "domain": [vega.stamp(first), vega.stamp(end)]}
    return x


def _brief(said: str) -> str:
    """A time without what the axis and the foot of the page say anyhow: the year and the zone."""
    return _YEAR.sub(r"\1", said).removesuffix(" UTC")


def _object(value: Json) -> Spec:
    return value if isinstance(value, dict) else {}


def _markers(report: Report) -> list[Marker]:
    known = [m for m in report.markers if m.at <= report.scope.as_of and moment(m.at)]
    return sorted(known, key=lambda m: (m.at, m.label))[:_MAX_ROWS]


def _spans(report: Report) -> list[_Span]:
    spans = []
    for place, marker in enumerate(_markers(report), 1):
        low = moment(marker.at)
        if low is not None:
            label = clean(marker.label, 56)
            high = low if len(marker.at) > 10 else low + timedelta(days=1)
            spans.append(_Span(f"{place}. {label}", low, high, instant(marker.at), is_onset=False))
    for interval in report.onsets[:_MAX_ROWS]:
        first, last = moment(interval.low), moment(interval.high)
        if first is None or last is None or interval.low > report.scope.as_of:
            continue
        last = last if len(interval.high) > 10 else last + timedelta(days=1)
        name = f"{asset_name(interval.name)}{_ONSET}"
        spans.append(_Span(name, first, max(first, last), onset(interval), is_onset=True))
    return sorted(spans, key=lambda s: (s.low, s.high, s.name))


def probability_bars(report: Report) -> Chart | None:
    """The probabilities over the closed set of causes."""
    ranked = [(cause, p) for cause, p in report.verdict.ranked if math.isfinite(p)]
    if len(ranked) < 2 or report.verdict.primary == "no_drawdown" or ranked[0][1] >= 1.0:
        return None
    (lead, top), (second, next_) = ranked[0], ranked[1]
    title = f"{sentence_case(cause_name(lead))} leads at {percent(top)}"
    title += f"; {cause_name(second)} is next at {percent(next_)}"
    rows: list[Row] = [
        {
            "name": sentence_case(cause_name(cause)),
            "value": p,
            "said": percent(p),
            "tone": vega.BLUE if k == 0 else vega.GREY,
        }
        for k, (cause, p) in enumerate(ranked)
    ]
    x: Spec = vega.numeric("value", None, format=".0%", tickCount=5)
    x["scale"] = {"domain": [0, max(0.25, top * 1.12)]}
    bar: Spec = {"type": "bar", "height": 15, "cornerRadiusEnd": 2}
    layers = [
        vega.layer(bar, rows, x=x, y=vega.named(), color=vega.plain_colour()),
        vega.layer(_LABEL, rows, x=x, y=vega.named(), text=_SAID),
    ]
    table = tuple((sentence_case(cause_name(c)), percent(p)) for c, p in ranked)
    spec = vega.layered(layers, vega.ROW * len(rows))
    return Chart(
        "probabilities", title, f"Bar chart. {title}.", spec, ("Cause", "Probability"), table
    )


_LABEL: Final[Spec] = {"type": "text", "align": "left", "dx": 6, "fontWeight": "bold"}


def correlation_change(report: Report) -> Chart | None:
    """Correlations at the window's start and end, with the number of returns and the interval."""
    items = [e for e in report.evidence if e.unit == "corr" and "corr_" in e.id]
    items = [e for e in items if math.isfinite(e.value)]
    pairs = [(s, e) for s in items for e in items if _is_start(s) and _base(s) == e.id]
    if not pairs:
        return None
    start, end = min(pairs, key=lambda pair: (pair[1].n or 10**6, pair[1].id))
    title = (
        f"{_horizon(end)} correlation went from {number(start.value, 2)} to {number(end.value, 2)}"
    )
    title += _overlap(start, end)
    shown = [item for pair in pairs for item in pair]
    rows: list[Row] = [
        {
            "name": f"{_horizon(e)}, {'start' if _is_start(e) else 'end'}{_count(e)}",
            "value": e.value,
            "low": e.low if e.low is not None else e.value,
            "high": e.high if e.high is not None else e.value,
            "said": amount(e.value, "corr"),
            "tone": vega.GREY if _is_start(e) else vega.BLUE,
        }
        for e in shown
    ]
    table = tuple(
        (str(r["name"]), e.value, e.low, e.high) for r, e in zip(rows, shown, strict=True)
    )
    spec = vega.layered(_interval_layers(rows), vega.ROW * len(rows))
    alt = f"Dots with intervals for {len(rows)} correlations. {title}."
    return Chart("correlation", title, alt, spec, ("Horizon", "Correlation", "Low", "High"), table)


def _is_start(item: Evidence) -> bool:
    return item.id.endswith(("_start", ".start"))


def _base(item: Evidence) -> str:
    return item.id.removesuffix("_start").removesuffix(".start")


def _horizon(item: Evidence) -> str:
    length = _base(item).rsplit("corr_", 1)[-1].split(".")[0].removesuffix("d")
    return f"{asset_name(item.asset)} {clean(length, 12)}-day"


def _count(item: Evidence) -> str:
    return "" if item.n is None else f" (n = {item.n})"


def _overlap(start: Evidence, end: Evidence) -> str:
    if start.low is None or start.high is None or end.low is None or end.high is None:
        return ""
    apart = start.high < end.low or end.high < start.low
    return "; the intervals do not overlap" if apart else "; the intervals overlap"


def _interval_layers(rows: Sequence[Row]) -> list[Spec]:
    x: Spec = vega.numeric("value", None, format=".1f")
    x["scale"] = {"domain": [-1, 1]}
    whisker: Spec = {"type": "rule", "strokeWidth": 2}
    dot: Spec = {"type": "point", "filled": True, "size": 90, "opacity": 1}
    text: Spec = {"type": "text", "dy": -10, "fontSize": 11}
    y, colour = vega.named(), vega.plain_colour()
    return [
        vega.layer({"type": "rule", "color": vega.GREY}, [{"value": 0}], x=x),
        vega.layer(whisker, rows, x=x | {"field": "low"}, x2={"field": "high"}, y=y, color=colour),
        vega.layer(dot, rows, x=x, y=y, color=colour),
        vega.layer(text, rows, x=x, y=y, text=_SAID),
    ]
