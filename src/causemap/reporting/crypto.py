"""Bitcoin's path and its negative funding prints on one clock."""

from __future__ import annotations

import math
from typing import Final

from causemap.records import Evidence, Path, Report
from causemap.reporting import vega
from causemap.reporting.shares import Chart
from causemap.reporting.vega import Row, Spec
from causemap.words import clean, figure_of, instant, moment

# Single prints in the ledger, by the name of the measure.
_DEEPEST: Final = "funding_deepest"
_FIRST: Final = "funding_first_negative"
_FURTHER: Final = "funding_2"
# The ledger names the first negative print and this many further ones, and no more.
_MOST_FURTHER: Final = 5
_NOTE: Final = "Points are daily closes, at the midnight (UTC) that ends the day; bars are prints."


def crypto_clock(report: Report) -> Chart | None:
    """Bitcoin's path and its negative funding prints on one clock (UTC)."""
    path = next((p for p in report.paths if p.asset == "BTC" and len(p.dates) > 1), None)
    prints = _prints(report)
    if path is None or not prints:
        return None
    title = _title(report, prints)
    bars: list[Row] = [{"date": f"{at}:00Z", "value": e.value, "zero": 0} for at, e in prints]
    spec = vega.layered(_layers(_line(report, path), bars), 260)
    spec["resolve"] = {"scale": {"y": "independent"}}
    alt = f"Bitcoin's path with {len(prints)} funding prints as bars on the same clock. {title}."
    table = tuple((instant(f"{at}Z"), e.value, clean(e.id, 120)) for at, e in prints)
    return Chart("crypto", title, alt, spec, ("Print", "bp per 8 h", "Evidence"), table, _NOTE)


def _prints(report: Report) -> list[tuple[str, Evidence]]:
    """The prints that the ledger names, each once, by time: first, further and deepest."""
    found: dict[str, Evidence] = {}
    for item in report.evidence:
        single = item.metric in (_DEEPEST, _FIRST) or item.metric.startswith(_FURTHER)
        if item.asset != "BTC" or not single or not math.isfinite(item.value):
            continue
        at = moment(item.observed_at)
        if at is not None and len(item.observed_at) > 10 and item.observed_at <= report.scope.as_of:
            found.setdefault(at.strftime("%Y-%m-%dT%H:%M"), item)
    return sorted(found.items())


def _title(report: Report, prints: list[tuple[str, Evidence]]) -> str:
    deepest = min(prints, key=lambda pair: pair[1].value)[1]
    said = figure_of(deepest)
    below = sum(e.value < 0 for _, e in prints)
    if below == 0:
        return f"Funding was never negative, lowest {said}"
    further = sum(e.metric.startswith(_FURTHER) for e in report.evidence if e.asset == "BTC")
    noun = "print" if below == 1 else "prints"
    more = " or more" if further >= _MOST_FURTHER else ""
    return f"Funding was negative at {below} {noun}{more}, the deepest {said}"


def _line(report: Report, path: Path) -> list[Row]:
    """The path at its closes: a day of bitcoin ends at midnight, an open one at the as-of time."""
    return [
        {"date": min(f"{d[:10]}T23:59Z", report.scope.as_of), "value": v}
        for d, v in zip(path.dates, path.values, strict=True)
        if f"{d[:10]}T20:00Z" <= report.scope.as_of and math.isfinite(v)
    ]


def _layers(line: list[Row], bars: list[Row]) -> list[Spec]:
    times = sorted(str(row["date"]) for row in (*line, *bars))
    x = _days(times[0], times[-1])
    price = vega.numeric("value", "Bitcoin, start close = 100")
    funding = vega.numeric("value", "funding, bp per 8 h", orient="right", grid=False)
    values = [v for row in bars if isinstance(v := row["value"], int | float)]
    low, high = min(0.0, *values), max(0.0, *values)
    # Bars keep to the upper third, where they do not cover the path.
    funding["scale"] = {"domain": [low * 3.0 if low else -high, high], "nice": False}
    bar: Spec = {"type": "bar", "color": vega.VERMILLION, "width": 7, "opacity": 0.85}
    path: Spec = {"type": "line", "color": vega.BLUE, "point": True}
    return [
        vega.layer(bar, bars, x=x, y=funding, y2={"field": "zero"}),
        vega.layer(path, line, x=x, y=price),
    ]


def _days(first: str, last: str) -> Spec:
    """A time axis that names each day once, at its midnight; of many only every so many-th."""
    start, end = moment(first), moment(last)
    if start is None or end is None:
        return vega.dated("date")
    return vega.dated("date", grid=True, values=vega.midnights(start, end, 12))
