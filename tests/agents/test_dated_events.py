from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from causemap.agents.bench import Bench
from causemap.agents.dated_events import leading
from causemap.agents.falls import fall_of
from causemap.agents.news import on_field, read_news
from causemap.causes import BREAK_SHARE
from causemap.records import Evidence, Note, Scope
from causemap.tools.market import Market
from causemap.tools.news.stories import stories

if TYPE_CHECKING:
    from pathlib import Path
from typing import Literal

SCOPE = Scope("2019-07-30", "2019-08-05", "2019-08-08T23:59Z", ("SPX",), ("equity",))
DAYS = ("2019-07-30", "2019-07-31", "2019-08-01", "2019-08-02", "2019-08-05")
TARIFF = "The White House announced new tariffs on Chinese goods."
VIRUS = "Airline shares sank as the coronavirus outbreak spread and Italy locked down."
MARGIN = "The exchange raised margin requirements on gold futures."


def _note(text: str, published: str, url: str | None = "https://example.org/a") -> Note:
    timed: Literal["minute", "date"] = "minute" if "T" in published else "date"
    return Note(
        f"{published}{text[:9]}", published, timed, "Reuters", "newswire", text, url, "found", 0.9
    )


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """A bench over an index that falls by 1, 1, 0 and 4 points, without any other price."""
    view = Market(tmp_path).view(datetime(2019, 8, 8, 23, 59, tzinfo=UTC))
    found = Bench("earnings_news", SCOPE, view)
    found._covering["SPX"] = pd.Series(
        [100.0, 99.0, 98.0, 98.0, 94.0], index=pd.DatetimeIndex(DAYS)
    )
    return found


def _events(bench: Bench, *notes: Note) -> dict[str, Evidence]:
    read_news(bench, notes)
    return {item.metric: item for item in bench.evidence if item.group == "event_time"}


def test_an_event_is_worth_what_followed_at_once(bench: Bench) -> None:
    """A tariff before the crash day carries two thirds of the fall, and its own address."""
    item = _events(bench, _note(TARIFF, "2019-08-02T13:00Z"))["policy_geopolitics"]
    assert item.value == pytest.approx(0.673, abs=0.002)
    assert (item.family, item.url) == ("event_time", "https://example.org/a")
    assert item.expected == (("policy_geopolitics", +1),)
    assert item.available_at >= "2019-08-05T20:00Z"


def test_what_is_dated_after_a_third_of_the_fall_leads_nothing(bench: Bench) -> None:
    """News of the last day, once a third was done, answers the fall (TAXONOMY rule 6)."""
    bench._covering["SPX"] = bench._covering["SPX"].replace(98.0, 96.0)
    assert _events(bench, _note(TARIFF, "2019-08-05")) == {}


def test_a_response_is_no_event_of_its_cause(bench: Bench) -> None:
    """Margins raised on the first day are a response by kind, however early."""
    assert _events(bench, _note(MARGIN, "2019-07-31"), _note(VIRUS, "2019-07-31")).keys() == {
        "growth_scare"
    }


def test_only_an_event_that_a_third_of_the_fall_followed_is_marked(bench: Bench) -> None:
    """The marker carries the note's time, our own name of its kind and its evidence."""
    _events(bench, _note(TARIFF, "2019-08-02"), _note(VIRUS, "2019-07-30"))
    (marker,) = bench.markers
    assert (marker.at, marker.label, marker.kind) == (
        "2019-08-02",
        "reported: tariffs and trade war",
        "note",
    )
    assert marker.evidence == ("earnings_news.event_equity.policy_geopolitics",)


def test_an_event_without_an_address_rests_on_the_text(bench: Bench) -> None:
    """It is stored as text, so that a frozen case can leave it out with its note."""
    item = _events(bench, _note(TARIFF, "2019-08-02", None))["policy_geopolitics"]
    assert (item.family, item.group, item.url) == ("text", "event_time", None)


def test_copies_of_an_event_change_nothing(bench: Bench) -> None:
    """Twenty copies under other names leave the leading event as it was."""
    once = (_note(TARIFF, "2019-08-02"), _note(VIRUS, "2019-07-31"))
    copies = tuple(replace(once[0], id=f"c{n}", publisher=f"Paper {n}") for n in range(20))
    fall = fall_of(bench, "equity")
    assert fall is not None
    one, many = (
        leading("equity", stories(told), fall, on_field) for told in (once, (*once, *copies))
    )
    assert {c: (e.followed, e.firmness) for c, e in one.items()} == {
        c: (e.followed, e.firmness) for c, e in many.items()
    }
    assert one["policy_geopolitics"].followed > BREAK_SHARE


def test_without_a_fall_there_is_no_event(bench: Bench) -> None:
    """A rising target gives no share of a fall, and a missing one no path."""
    bench._covering["SPX"] = pd.Series([94.0, 95.0, 96.0, 97.0, 98.0], index=pd.DatetimeIndex(DAYS))
    assert fall_of(bench, "equity") is None
    assert fall_of(bench, "crypto") is None


def test_the_days_usual_noise_bounds_what_followed(bench: Bench) -> None:
    """Eight in ten two-close moves are smaller than the bounds; short history gives no bounds."""
    short = _events(bench, _note(TARIFF, "2019-08-02T13:00Z"))["policy_geopolitics"]
    assert (short.low, short.high) == (None, None)
    rng = np.random.default_rng(0)
    days = pd.bdate_range(end="2019-07-30", periods=900)
    levels = 100.0 * np.exp(np.cumsum(rng.normal(0.0, 0.004, 900)))
    history = pd.Series(levels * 100.0 / levels[-1], index=days)
    bench._covering["SPX"] = pd.concat([history, bench._covering["SPX"].iloc[1:]])
    bench.evidence.clear()
    item = _events(bench, _note(TARIFF, "2019-08-02T13:00Z"))["policy_geopolitics"]
    assert item.low is not None
    assert item.high is not None
    usual, size = 0.004 * 2**0.5, np.log(100.0 / 94.0)
    assert item.value - item.low == pytest.approx(1.2816 * usual / size, rel=0.15)
    assert item.low < item.value < item.high <= 1.0
