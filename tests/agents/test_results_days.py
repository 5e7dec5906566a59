"""Results and releases against the window: what its start close held already is no part of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from causemap.agents.bench import Bench
from causemap.agents.earnings_news import _reaction
from causemap.agents.macro import _releases
from causemap.agents.names_zh import named_zh
from causemap.records import Scope
from causemap.tools.dated import EarningsDate
from causemap.tools.market import Market

DAYS = pd.bdate_range("2019-01-01", "2019-08-08")
SCOPE = Scope("2019-07-30", "2019-08-05", "2019-08-08T23:59Z", ("SPX",), ("equity",))


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """A bench with half a year of a stock and of its index."""
    view = Market(tmp_path).view(datetime(2019, 8, 8, 23, 59, tzinfo=UTC))
    found = Bench("earnings_news", SCOPE, view)
    moves = np.random.default_rng(3).normal(0.0, 0.01, (len(DAYS), 2))
    stock, index = (pd.Series(100.0 * np.exp(m.cumsum()), index=DAYS) for m in moves.T)
    found._covering |= {"MSFT": stock, "SPX": index}
    return found


@pytest.mark.parametrize(
    ("day", "timing", "inside"),
    [
        (date(2019, 7, 30), "BMO", False),
        (date(2019, 7, 30), "AMC", True),
        (date(2019, 8, 5), "BMO", True),
        (date(2019, 8, 5), "AMC", False),
    ],
)
def test_a_reaction_counts_between_the_two_closes_only(
    bench: Bench, day: date, timing: str, inside: bool
) -> None:
    """The start close holds the start day's session; the session after the end close is later."""
    _reaction(bench, EarningsDate("MSFT", day, timing))
    assert (len(bench.evidence), len(bench.markers)) == (int(inside), int(inside))
    assert bench.gaps == []


def test_a_company_without_a_price_has_a_name(bench: Bench) -> None:
    """A bank whose results date is all that is known is named, not ticked."""
    _reaction(bench, EarningsDate("JPM", date(2019, 7, 31), "BMO"))
    (marker,) = bench.markers
    assert marker.label == "JPMorgan results"
    assert "\u300c" not in named_zh(marker.label)


def test_results_that_cannot_be_measured_are_a_gap(bench: Bench) -> None:
    """A stock with a month of history has no beta, and that is said."""
    bench._covering["MSFT"] = bench._covering["MSFT"].iloc[-30:]
    _reaction(bench, EarningsDate("MSFT", date(2019, 7, 31), "BMO"))
    (gap,) = bench.gaps
    assert (gap.what, gap.kind) == ("reaction to Microsoft results", "empty")
    assert "too little history" in gap.why
    assert bench.evidence == []


@pytest.mark.parametrize(("day", "timing"), [(date(2019, 7, 30), "BMO"), (date(2019, 8, 5), "AMC")])
def test_results_outside_the_window_are_neither_a_gap_nor_on_its_calendar(
    bench: Bench, day: date, timing: str
) -> None:
    """What the start close held, or the end close did not yet, is not missed."""
    bench._covering["MSFT"] = bench._covering["MSFT"].iloc[-30:]
    _reaction(bench, EarningsDate("MSFT", day, timing))
    assert (bench.gaps, bench.markers, bench.evidence) == ([], [], [])


@pytest.mark.parametrize(("day", "inside"), [(date(2019, 7, 30), False), (date(2019, 8, 5), True)])
def test_results_of_a_company_without_prices_are_on_the_calendar_of_their_window(
    bench: Bench, day: date, inside: bool
) -> None:
    """A company that no series stands for is held to the same two closes."""
    _reaction(bench, EarningsDate("NONE", day, "BMO"))
    assert len(bench.markers) == int(inside)


@pytest.mark.parametrize(
    ("start", "found"), [("2019-07-31", []), ("2019-07-30", ["FOMC decision"])]
)
def test_a_release_before_the_start_close_is_not_on_the_calendar(
    tmp_path: Path, start: str, found: list[str]
) -> None:
    """A decision at 14:00 in New York was in that day's close."""
    rows = {"event": ["FOMC_DECISION"], "date": ["2019-07-31"], "time_et": ["14:00"]}
    pd.DataFrame(rows | {"ref_period": [None]}).to_parquet(tmp_path / "macro_calendar.parquet")
    view = Market(tmp_path).view(datetime(2019, 8, 8, 23, 59, tzinfo=UTC))
    bench = Bench("macro", replace(SCOPE, start=start, end="2019-08-01"), view)
    _releases(bench)
    assert [marker.label for marker in bench.markers] == found
