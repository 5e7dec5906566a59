"""Agreement of what the desks measure with the catalogue's own figures, as a Markdown table.

``python benchmarks/reference.py --data-dir DIR --events FILE.yaml``: every labelled window is
measured as in any run, from its two closes alone; only then are its ``reference_measures`` read and
held against the evidence. Labels are not read at all. A figure agrees when it differs by no more
than half of the last digit that the catalogue prints (and a thousandth of that for ties).
"""

from __future__ import annotations

import argparse
import math
import statistics
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, NamedTuple

import pandas as pd
import yaml

from causemap.agents.graph import run
from causemap.causes import GROUP_ASSETS, GROUPS
from causemap.errors import SourceError
from causemap.records import Evidence, Scope
from causemap.settings import Settings
from causemap.tools.market import AsOfView, Market, open_market
from causemap.tools.measures.crypto import DAY, Tape, speed
from causemap.tools.measures.funding import funding
from causemap.tools.measures.open_interest import onchain_liquidations
from causemap.tools.measures.stats import Kind, robust_z, window_change

ENDS: Final = ("start_close_utc", "trough_close_utc")


class Window(NamedTuple):
    """A measured window: its closes, the evidence by its key, the view, the figures to match."""

    start: pd.Timestamp
    end: pd.Timestamp
    evidence: dict[str, Evidence]
    view: AsOfView
    late: AsOfView
    figures: dict[str, float]


Finder = Callable[[Window], float | None]


class Row(NamedTuple):
    """A figure of the catalogue, what is held against it, and the last digit it is printed to."""

    key: str
    found: Finder
    digit: float
    why: str = ""


def value(key: str) -> Finder:
    """The value of an evidence item."""
    return lambda window: window.evidence[key].value if key in window.evidence else None


def score(key: str) -> Finder:
    """The robust z of an evidence item."""
    return lambda window: window.evidence[key].z if key in window.evidence else None


def logged(key: str) -> Finder:
    """The value of an evidence item in percent, as a log return: so the catalogue has residuals."""

    def found(window: Window) -> float | None:
        item = window.evidence.get(key)
        return None if item is None else 100.0 * math.log1p(item.value / 100.0)

    return found


def level(name: str, when: str) -> Finder:
    """A series' level at the start, or its highest after it up to the end."""

    def found(window: Window) -> float | None:
        try:
            series = window.view.covering(name, window.start, window.end)
        except SourceError:
            return None
        if when == "start":
            return float(series.loc[: window.start].iloc[-1])
        return float(series.loc[window.start : window.end].max())

    return found


def moved(name: str, kind: Kind, factor: float) -> Finder:
    """A series' change between the two closes with all that was published since."""

    def found(window: Window) -> float | None:
        change = window_change(window.late.daily(name), window.start, window.end, kind)
        return None if change is None else factor * change

    return found


def moved_z(name: str, kind: Kind) -> Finder:
    """The robust z of such a change."""

    def found(window: Window) -> float | None:
        scored = robust_z(window.late.daily(name), window.start, window.end, kind)
        return None if scored is None else scored.z

    return found


def _opens(window: Window) -> pd.Timestamp:
    return (window.start + DAY).tz_localize("UTC")


def _closes(window: Window) -> pd.Timestamp:
    return (window.end + DAY).tz_localize("UTC")


def own_span(field: str, factor: float) -> Finder:
    """Speed over the window itself and a day, which the catalogue takes in place of 120 hours."""

    def found(window: Window) -> float | None:
        try:
            closes, lows = (window.late.bars(f"BTC_{what}", "4h") for what in ("CLOSE", "LOW"))
        except SourceError:
            return None
        last = _closes(window) + DAY
        measured = speed(
            Tape(closes, lows), _opens(window), last, as_of=pd.Timestamp(window.late.as_of)
        )
        got = None if measured is None else getattr(measured, field)
        return None if got is None else factor * float(got)

    return found


def funding_later(window: Window) -> float | None:
    """The deepest funding with the print a day and eight hours after the close let in."""
    try:
        prints = window.late.bars("BTC_FUNDING_8H", "4h")
    except SourceError:
        return None
    after, as_of = pd.Timedelta(hours=32), pd.Timestamp(window.late.as_of)
    found = funding(prints, _opens(window), _closes(window), as_of=as_of, after=after)
    return None if found is None else found.deepest.bp


def aave_later(window: Window) -> float | None:
    """Aave liquidations with two days after the trough counted in."""
    try:
        usd = window.late.bars("AAVE_WBTC_LIQ_USD", "4h")
    except SourceError:
        return None
    found = onchain_liquidations(usd, _opens(window), _closes(window) + 2 * DAY)
    return None if found is None else found.total_usd / 1e6


FIX: Final = "the engine measures the London fix, the catalogue futures"
UNPUBLISHED: Final = "a spread is published a business day later: a window that ends on a Friday"
POINTS: Final = "the engine measures index points, the catalogue log changes"
ROWS: Final = "the change agrees, its baseline differs a little; most where an end is no NYSE day"
SPAN: Final = "the engine takes the fixed 120 hours to the trough's close, so length cannot leak in"
DRAWN: Final = "medians of random rotations: within 0.1 on every window"
WEEKENDS: Final = (
    "weekends count in the engine's move of bitcoin, the catalogue reads it at sessions of stocks"
)
LATER: Final = "the catalogue looks past the trough's close, the engine does not"
PRICES: Final = ("spx", "ndx", "smh", "igv", "rsp", "iwm", "kre", "gdx", "gld", "slv", "btc", "eth")
RATES: Final = {"us10y": "ust10y", "us2y": "ust2y", "real10": "real10y", "be10": "be10y"}
MACRO: Final = ("dxy", "usdjpy", "gold")
RESIDUALS: Final = ("ndx", "smh", "igv", "rsp", "gdx", "btc")
SPEEDS: Final = (
    ("btc_perp_low_pct", "perp_low", "fall", 100.0, 0.1),
    ("btc_worst4h_pct", "worst_4h", "worst", 100.0, 0.1),
    ("btc_speed_share_4h", "speed_share", "share", 1.0, 0.01),
    ("btc_retrace24h", "retrace_24h", "retrace", 1.0, 0.01),
)


APART: Final = {"gold": FIX, "vix": POINTS, "move": POINTS, "hyoas": UNPUBLISHED, "btc": ""}


def rows() -> Iterator[Row]:
    """All figures that the desks measure, in the catalogue's order."""
    for name in (*PRICES, *MACRO):
        why = FIX if name == "gold" else ""
        yield Row(f"{name}_pct", value(f"{name}.change"), 0.1, why)
    yield Row("gold_pct, of futures", moved("GOLD_FUT", Kind.SIMPLE, 100.0), 0.1)
    yield Row("wti_pct, once published", moved("WTI", Kind.SIMPLE, 100.0), 0.1)
    for name, series in RATES.items():
        yield Row(f"{name}_bp", value(f"{series}.change"), 1.0)
    yield Row("hyoas_bp", value("hy_oas.change"), 1.0, UNPUBLISHED)
    yield Row("hyoas_bp, once published", moved("HY_OAS", Kind.DIFF, 100.0), 1.0)
    for name in ("vix", "move"):
        yield Row(f"{name}_start", level(name.upper(), "start"), 0.1)
        yield Row(f"{name}_max_close", level(name.upper(), "maximum"), 0.1)
    scored = {name: name for name in ("spx", "ndx", "btc", *MACRO, "vix", "move")}
    for name, series in (scored | RATES | {"hyoas": "hy_oas"}).items():
        yield Row(f"z_{name}", score(f"{series}.change"), 0.1, APART.get(name, ROWS))
    yield Row("z_gold, of futures", moved_z("GOLD_FUT", Kind.LOG), 0.1, ROWS)
    yield Row("z_wti, once published", moved_z("WTI", Kind.LOG), 0.1, ROWS)
    for name in ("vix", "move"):
        yield Row(f"z_{name}, of log changes", moved_z(name.upper(), Kind.LOG), 0.1, ROWS)
    yield Row("z_hyoas, once published", moved_z("HY_OAS", Kind.DIFF), 0.1, ROWS)
    for name in RESIDUALS:
        why = WEEKENDS if name == "btc" else ""
        yield Row(f"{name}_resid_pct", logged(f"{name}.residual"), 0.1, why)
        yield Row(f"{name}_resid_z", score(f"{name}.residual"), 0.1, why)
    for part in ("news", "monetary"):
        yield Row(f"ms_{part}_pct", value(f"spx.two_shock_{part}"), 0.1, DRAWN)
    for key, metric, field, factor, digit in SPEEDS:
        yield Row(key, value(f"btc.{metric}"), digit, SPAN)
        yield Row(f"{key}, its own span", own_span(field, factor), digit)
    yield Row("btc_worst4h_z", score("btc.worst_4h"), 0.1, SPAN)
    yield Row("btc_worst4h_z, its own span", own_span("worst_z", 1.0), 0.1)
    yield Row("btc_funding_before_bp8h", value("btc.funding_before"), 0.01)
    yield Row("btc_funding_min_bp8h", value("btc.funding_deepest"), 0.01, LATER)
    yield Row("btc_funding_min_bp8h, to 32 hours later", funding_later, 0.01)
    yield Row("aave_wbtc_liq_usd_mn", value("aave.liquidations"), 0.1, LATER)
    yield Row("aave_wbtc_liq_usd_mn, to two days later", aave_later, 0.1)


def measured(market: Market, event: dict[str, dict[str, str]]) -> dict[str, Evidence]:
    """What the desks find on a window, by key: nothing but the two closes is told to them."""
    scope = scope_of(*(event["window"][key] for key in ENDS))
    view = market.view(datetime.fromisoformat(scope.as_of))
    dossier = run(scope, view, (), Settings(data_dir=market.folder, home=market.folder))
    return {item.id.partition(".")[2]: item for item in dossier.evidence}


def scope_of(start: str, end: str) -> Scope:
    """All groups, as known two days after the end."""
    as_of = datetime.fromisoformat(end).replace(tzinfo=UTC) + timedelta(hours=71, minutes=59)
    assets = tuple(asset for group in GROUPS for asset in GROUP_ASSETS[group])
    return Scope(start, end, as_of.strftime("%Y-%m-%dT%H:%MZ"), assets, GROUPS)


def windows(market: Market, events: Path) -> Iterator[Window]:
    """Every window of the catalogue, measured."""
    late = market.view(datetime.now(UTC))
    for event in yaml.safe_load(events.read_text(encoding="utf-8"))["events"]:
        start, end = (pd.Timestamp(event["window"][key]) for key in ENDS)
        found = measured(market, event)
        scope = scope_of(*(event["window"][key] for key in ENDS))
        view = market.view(datetime.fromisoformat(scope.as_of))
        yield Window(start, end, found, view, late, event["reference_measures"])
        sys.stderr.write(".")
        sys.stderr.flush()


def line(row: Row, measured_windows: list[Window]) -> str:
    """One line of the table."""
    key = row.key.partition(",")[0]
    given = [window for window in measured_windows if key in window.figures]
    pairs = [(row.found(window), window.figures[key]) for window in given]
    apart = [abs(found - figure) for found, figure in pairs if found is not None]
    agree = sum(gap <= 0.501 * row.digit for gap in apart)
    middle, most = (
        (round(statistics.median(apart), 6), round(max(apart), 6))
        if apart
        else (math.nan, math.nan)
    )
    return (
        f"| {row.key} | {len(given)} | {len(apart)} | {agree} | {middle:.2g} | {most:.2g}"
        f" | {row.why} |"
    )


def main() -> None:
    """Measure, compare, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--data-dir", type=Path, required=True)
    parser.add_argument("--events", type=Path, required=True)
    chosen = parser.parse_args()
    found = list(windows(open_market(chosen.data_dir), chosen.events))
    print("| figure | in the catalogue | measured | agree | median gap | largest gap | why |")
    print("|---|---|---|---|---|---|---|")
    for row in rows():
        print(line(row, found))


if __name__ == "__main__":
    main()
