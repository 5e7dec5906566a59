"""Told liquidations as evidence: whose sums count, when, and against what they are set."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pandas as pd
import pytest

from causemap.agents.bench import Bench
from causemap.agents.told_liquidations import COINS, add_liquidations, told_sums
from causemap.records import Evidence, Note, Scope
from causemap.tools.market import Market, open_market
from causemap.tools.news.stories import Story

SCOPE = Scope("2025-10-09", "2025-10-11", "2025-10-13T23:59Z", ("BTC",), ("crypto",))


def _note(text: str, published: str, publisher: str = "Reuters", kind: str = "newswire") -> Note:
    return Note(
        f"{publisher}{published}", published, "date", publisher, kind, text, None, "found", 0.9
    )


def _sum(billions: float, published: str = "2025-10-11", publisher: str = "Reuters") -> Note:
    text = f"{publisher}: ${billions} billion of crypto positions were liquidated"
    return _note(text, published, publisher)


def _told(*notes: Note) -> list[Story]:
    return [Story(note, frozenset({note.publisher.lower()})) for note in notes]


@pytest.fixture
def bench(shared_dir: Path) -> Bench:
    """A bench over the days of the largest liquidations on record."""
    view = open_market(shared_dir / "data").view(datetime.fromisoformat(SCOPE.as_of))
    return Bench("earnings_news", SCOPE, view)


def _found(bench: Bench) -> dict[str, Evidence]:
    return {item.metric: item for item in bench.evidence}


def test_the_sum_is_set_against_bitcoins_value(bench: Bench) -> None:
    """The dollars stand as told; the share is of the coins in issue at the window's last close."""
    add_liquidations(bench, _told(_sum(19.0)), 1.0)
    found = _found(bench)
    assert found["liquidations_usd"].value == pytest.approx(19_000.0)
    assert found["liquidations_usd"].group == "context"
    close = float(bench.series("BTC").loc[pd.Timestamp("2025-10-11")])
    assert found["liquidations"].value == pytest.approx(100 * 19e9 / (COINS * close), abs=1e-5)
    assert found["liquidations"].expected == (("liquidation_cascade", 1),)
    assert found["liquidations"].family == "text"


def test_outlets_are_set_side_by_side(bench: Bench) -> None:
    """The largest sum of each outlet, the middle outlet of all, and the range between them."""
    told = [
        _sum(1.0, publisher="AP"),
        _sum(7.0, publisher="AP"),
        _sum(19.0),
        _sum(9.0, publisher="CNBC"),
    ]
    add_liquidations(bench, _told(*told), 1.0)
    item = _found(bench)["liquidations_usd"]
    assert (item.low, item.value, item.high) == (7_000.0, 9_000.0, 19_000.0)
    assert item.n == 3


def test_of_two_outlets_the_smaller_sum_is_taken() -> None:
    """No figure is shown that nobody told."""
    found = told_sums(_told(_sum(19.0), _sum(7.0, publisher="AP")), "2025-10-09", "2025-10-12")
    assert found is not None
    assert found.sums == (7e9, 19e9)


@pytest.mark.parametrize("published", ["2025-10-08", "2025-10-13"])
def test_sums_of_other_days_do_not_count(bench: Bench, published: str) -> None:
    """What was told before the window, or later than the day after it, is of another fall."""
    add_liquidations(bench, _told(_sum(19.0, published)), 1.0)
    assert bench.evidence == []


def test_notes_that_are_not_trusted_and_lone_social_posts_count_less(bench: Bench) -> None:
    """The share counts for what the window's notes do, and for what its best source does."""
    post = replace(_sum(19.0), kind="social")
    add_liquidations(bench, _told(post), 0.5)
    assert _found(bench)["liquidations"].quality == pytest.approx(0.1)


def test_falls_of_other_markets_have_none(bench: Bench) -> None:
    """Where no coin was asked about nothing is recorded."""
    stocks = replace(bench, scope=replace(SCOPE, assets=("SPX",), groups=("equity",)))
    add_liquidations(stocks, _told(_sum(19.0)), 1.0)
    assert bench.evidence == []


def test_without_a_price_the_dollars_stand_and_the_share_is_a_gap(tmp_path: Path) -> None:
    """A share that cannot be had is a named gap that weakens the cascade, never a zero."""
    view = Market(tmp_path).view(datetime.fromisoformat(SCOPE.as_of))
    bench = Bench("earnings_news", SCOPE, view)
    add_liquidations(bench, _told(_sum(19.0)), 1.0)
    assert set(_found(bench)) == {"liquidations_usd"}
    (gap,) = bench.gaps
    assert (gap.what, gap.kind) == ("told liquidations over bitcoin's value", "not_covered")
    assert gap.weakens == ("liquidation_cascade",)


def test_the_coins_in_issue_are_those_of_the_protocol() -> None:
    """Within a sixth of bitcoin's supply from block 500,000 (2017) to 930,000 (2026)."""
    halving = 210_000
    for block in (500_000, 930_000):
        whole, rest = divmod(block, halving)
        supply = sum(halving * 50 / 2**era for era in range(whole)) + rest * 50 / 2**whole
        assert pytest.approx(supply, rel=1 / 6) == COINS


@pytest.fixture
def plain(tmp_path: Path) -> Bench:
    """A bench on which bitcoin closes at 100,000 dollars each day: a value of 1.9 trillion."""
    days = pd.date_range("2025-10-01", "2025-10-13", name="date")
    frame = pd.DataFrame({"BTC": 100_000.0}, index=days)
    frame.to_parquet(tmp_path / "crypto_daily.parquet")
    view = open_market(tmp_path).view(datetime.fromisoformat(SCOPE.as_of))
    return Bench("earnings_news", SCOPE, view)


@pytest.mark.parametrize(("billions", "held"), [(57.0, 2), (58.0, 0), (900.0, 0)])
def test_a_sum_beyond_all_open_contracts_is_of_another_time(
    plain: Bench, billions: float, held: int
) -> None:
    """Over 3 % of bitcoin's value neither the dollars nor the share stand, and a gap says why."""
    outlets = [_sum(19.0), _sum(billions, publisher="AP"), _sum(billions, publisher="CNBC")]
    add_liquidations(plain, _told(*outlets), 1.0)
    assert len(plain.evidence) == held
    assert [gap.kind for gap in plain.gaps] == [] if held else ["failed"]


def test_it_is_known_once_the_last_telling_and_the_close_are(plain: Bench) -> None:
    """The dollars when the last outlet told them, the share not before the day it is set against.

    The best outlet says how good the figure is.
    """
    early = replace(_sum(19.0, "2025-10-09T06:00+00:00"), precision="minute", kind="social")
    late = replace(_sum(9.0, "2025-10-10T07:30+00:00", "AP"), precision="minute")
    add_liquidations(plain, _told(early, late), 1.0)
    found = _found(plain)
    assert found["liquidations_usd"].available_at == "2025-10-10T07:30Z"
    assert found["liquidations"].available_at == "2025-10-12T00:00Z"
    assert found["liquidations"].quality == found["liquidations_usd"].quality > 0.5
    assert found["liquidations_usd"].expected == ()
    assert found["liquidations_usd"].source == "dated notes"
    assert found["liquidations"].source == "dated notes, daily closes"


@pytest.mark.parametrize(
    "published", ["2025-10-09T00:05+00:00", "2025-10-12T20:00+00:00", "2025-10-09", "2025-10-12"]
)
def test_the_first_day_and_the_day_after_the_last_count_whole(published: str) -> None:
    """At any hour of them, as a note of a day without an hour does."""
    found = told_sums(_told(_sum(19.0, published)), "2025-10-09", "2025-10-12")
    assert found is not None
