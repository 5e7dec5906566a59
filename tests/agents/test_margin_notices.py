from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import pandas as pd
import pytest

from causemap.agents.bench import Bench
from causemap.agents.conclude import conclude
from causemap.agents.graph import run
from causemap.agents.margin_notices import add_margin_rises
from causemap.agents.scope import make_scope
from causemap.records import Dossier, Note, Scope
from causemap.settings import Settings
from causemap.tools.market import Market, open_market

SCOPE = Scope("2025-03-03", "2025-03-07", "2025-03-09T23:59Z", ("SLV",), ("metals",))
DAYS = ("2025-03-03", "2025-03-04", "2025-03-05", "2025-03-06", "2025-03-07")
RISE = "The exchange raised margin requirements on silver futures."
CHINESE = "交易所上调白银期货保证金比例。"
PAST = "Silver slid after the exchange raised margin requirements."


def _note(published: str, text: str = RISE, publisher: str = "Reuters", **more: str) -> Note:
    timed: Literal["minute", "date"] = "minute" if "T" in published else "date"
    url = "https://example.org/a"
    base = Note(
        published + text[:9], published, timed, publisher, "newswire", text, url, "found", 1
    )
    return replace(base, **more)  # type: ignore[arg-type]  # fields by name


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """A bench over silver that falls by 1, 2, 5 and 2 points from 100."""
    view = Market(tmp_path).view(datetime(2025, 3, 9, 23, 59, tzinfo=UTC))
    found = Bench("earnings_news", SCOPE, view)
    found._covering["SLV"] = pd.Series(
        [100.0, 99.0, 97.0, 92.0, 90.0], index=pd.DatetimeIndex(DAYS)
    )
    return found


@pytest.mark.parametrize(
    ("published", "text", "low", "high", "words"),
    [
        ("2025-03-04T14:00Z", RISE, 0.0, 0.1, "a possible cause"),
        ("2025-03-01", CHINESE, 0.0, 0.0, "a possible cause"),
        ("2025-03-06", RISE, 0.3, 1.0, "do not tell which came first"),
        ("2025-03-06T22:00Z", CHINESE, 0.8, 1.0, "a response that may have added"),
        ("2025-03-07T22:00Z", RISE, 1.0, 1.0, "after the low"),
        ("2025-03-06T22:00Z", PAST, 0.0, 1.0, "do not tell which came first"),
        ("2025-03-04T22:00Z", PAST, 0.0, 0.3, "a possible cause"),
    ],
)
def test_a_rise_is_dated_against_the_fall(
    bench: Bench, published: str, text: str, low: float, high: float, words: str
) -> None:
    """From a third of the fall on it is a response; a mention may be of any earlier time."""
    add_margin_rises(bench, (_note(published, text),))
    (item,) = bench.evidence
    assert (item.value, item.low, item.high) == pytest.approx((low, low, high))
    assert words in item.said
    assert (item.group, item.asset, item.metric) == ("context", "SLV", "margin_rise")
    assert item.available_at >= "2025-03-07T20:00Z"
    (marker,) = bench.markers
    assert (marker.at, marker.label) == (published, "reported: exchange margins raised")
    assert marker.evidence == (item.id,)


def test_copies_and_mentions_are_one_rise_and_a_later_one_is_another(bench: Bench) -> None:
    """Outlets are counted once each; a rise days later stands beside the first."""
    notes = (
        _note("2025-03-01"),
        _note("2025-03-02", publisher="Bloomberg"),
        _note("2025-03-06", PAST, publisher="A blog"),
        _note("2025-03-07", CHINESE),
    )
    add_margin_rises(bench, notes)
    assert [(item.id, item.n) for item in bench.evidence] == [
        ("earnings_news.metals.margin_rise_20250301", 3),
        ("earnings_news.metals.margin_rise_20250307", 1),
    ]


def test_the_source_decides_the_quality(bench: Bench) -> None:
    """An official notice counts in full, a single social source for little."""
    add_margin_rises(bench, (_note("2025-03-01", kind="official"),))
    add_margin_rises(bench, (_note("2025-03-01", kind="social"),))
    assert [item.quality for item in bench.evidence] == [1.0, 0.2]


def test_what_is_not_told_is_a_gap(bench: Bench) -> None:
    """No note, or a recollection only: no evidence, and both missing sources are named."""
    add_margin_rises(bench, (_note("2025-03-04", basis="knowledge"),))
    assert bench.evidence == []
    assert {gap.what: gap.kind for gap in bench.gaps} == {
        "exchange margin rises on metals": "empty",
        "tokenised-gold flows": "not_covered",
    }


def test_without_a_fall_nothing_is_dated(bench: Bench) -> None:
    """A rise of prices, or no price, places no notice; nor is another market's asked for."""
    bench._covering["SLV"] = bench._covering["SLV"].iloc[::-1].set_axis(pd.DatetimeIndex(DAYS))
    add_margin_rises(bench, (_note("2025-03-04"),))
    assert (bench.evidence, bench.markers) == ([], [])
    bench.scope = replace(SCOPE, assets=("SPX",), groups=("equity",))
    bench.gaps.clear()
    add_margin_rises(bench, (_note("2025-03-04"),))
    assert (bench.evidence, bench.gaps) == ([], [])


@pytest.fixture(scope="module")
def notice() -> Note:
    """The exchange's notice of 30 January 2026, in words of our own."""
    text = "CME Group said margins for silver and gold futures would rise after Monday's close."
    return _note("2026-01-30T23:00Z", text, "CME Group", kind="official")


@pytest.fixture(scope="module")
def silver(shared_dir: Path, tmp_path_factory: pytest.TempPathFactory, notice: Note) -> Dossier:
    """The desks on silver in the week to 5 February 2026, with the notice as the only note."""
    scope = make_scope("2026-01-29", "2026-02-05", ("SLV",))
    view = open_market(shared_dir / "data").view(datetime.fromisoformat(scope.as_of))
    home = tmp_path_factory.mktemp("home")
    return run(scope, view, (notice,), Settings(data_dir=shared_dir / "data", home=home))


def test_the_notice_of_january_2026_answers_the_crash(silver: Dossier) -> None:
    """Three quarters of silver's fall were made: counter-evidence on the margin link of the map."""
    (item,) = [e for e in silver.evidence if e.metric == "margin_rise"]
    assert item.value == pytest.approx(0.775, abs=0.001)
    assert "a response" in item.said
    report = conclude(silver)
    (link,) = [e for e in report.cause_map.edges if e.target == "margin_call"]
    assert item.id in link.counter_evidence
    assert report.narrative.dropped == ()


def test_a_notice_before_the_crash_supports_the_link(silver: Dossier) -> None:
    """The same notice a day before the fall is a dated event for it, and names it in no verdict."""
    (item,) = [e for e in silver.evidence if e.metric == "margin_rise"]
    before = replace(item, observed_at="2026-01-28")
    world = replace(
        silver, evidence=tuple(before if e.id == item.id else e for e in silver.evidence)
    )
    bare = replace(silver, evidence=tuple(e for e in silver.evidence if e.id != item.id))
    (link,) = [e for e in conclude(world).cause_map.edges if e.target == "margin_call"]
    assert item.id in link.evidence
    assert conclude(world).verdicts == conclude(bare).verdicts == conclude(silver).verdicts
