"""All sources at once, from their answers to the as-of view."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from causemap.settings import load_settings
from causemap.tools.fetch import Fetcher
from causemap.tools.market import MissingSeries, open_market
from causemap.tools.pulling import Outcome, Wish, pull
from causemap.tools.sources.candles import Candle
from causemap.tools.sources.catalogue import all_sources
from causemap.tools.sources.contract import Batch, Observation, Span
from causemap.tools.sources.venues import Venue

NAMES = tuple(source.name for source in all_sources(load_settings({})))


@pytest.fixture
def fill(
    case_of: Any, serve: Any, fetcher_of: Any, now: datetime, tmp_path: Path
) -> Callable[[], dict[str, Outcome]]:
    """Pull every source's good answers into a folder."""

    def go() -> dict[str, Outcome]:
        every = [case_of(name) for name in NAMES]
        serve({page: body for case in every for page, body in case.good.items()})

        async def pulled() -> tuple[Outcome, ...]:
            async with fetcher_of() as fetcher:
                sources = [case.source for case in every]
                return await pull(tmp_path, sources, fetcher, now, Wish(), lambda _: None)

        return {outcome.source: outcome for outcome in asyncio.run(pulled())}

    return go


def test_every_file_of_live_sources_is_filled(
    fill: Callable[[], dict[str, Outcome]], tmp_path: Path, now: datetime
) -> None:
    """What came out by now can be read through the view, and nothing else."""
    outcomes = fill()
    assert {name for name, o in outcomes.items() if o.state == "failed"} == set()
    files = {path.stem for path in tmp_path.glob("*.parquet")}
    assert files == {
        "market_daily",
        "crypto_daily",
        "crypto_4h",
        "crypto_1h",
        "macro_calendar",
        "megacap_earnings",
        "headlines",
    }
    view = open_market(tmp_path).view(now)
    assert view.daily("SPX").tolist() == [6000.0, 5900.0]
    assert view.daily("SOFR").tolist() == [3.9]
    assert view.daily("BTC_OI_BTC_OKX").tolist() == [29000.5]
    assert view.bars("BTC_FUNDING_8H", "4h").tolist() == [0.0001] * 3
    assert {event.kind for event in view.events()} == {"FOMC", "CPI"}
    assert {result.ticker for result in view.earnings()} == {"AAPL", "GOOGL"}
    assert set(pd.read_parquet(tmp_path / "headlines.parquet")["source"]) == {
        "Press",
        "SEC EDGAR",
    }


def test_bars_come_from_the_first_venue_that_has_them(
    fill: Callable[[], dict[str, Outcome]], tmp_path: Path
) -> None:
    """Binance's bars stay where it has them; what only Bybit or OKX closed stands beside them."""
    fill()
    closes = pd.read_parquet(tmp_path / "crypto_4h.parquet")["BTC_CLOSE"].dropna()
    assert {str(at): close for at, close in closes.items()} == {
        "2026-11-18 00:00:00+00:00": 90.0,
        "2026-11-18 04:00:00+00:00": 100.5,
        "2026-11-20 00:00:00+00:00": 95.0,
    }


@dataclass(frozen=True)
class Told:
    """A source of one value, which answers once another one has been heard."""

    name: str
    value: float
    waits: asyncio.Event | None = None
    tells: asyncio.Event | None = None
    deadline: float = 20.0
    terms: str = "t"
    redistributable: bool = False
    series: tuple[str, ...] = ("SPX",)

    async def pull(self, fetcher: Fetcher, span: Span) -> Batch:
        """The value of one day."""
        del fetcher
        if self.waits is not None:
            await self.waits.wait()
        if self.tells is not None:
            self.tells.set()
        at = span.now - timedelta(days=1)
        return Batch((Observation("SPX", "market_daily", at, span.now, self.value, self.name),))


def test_the_earlier_source_is_kept_though_the_later_was_quicker(
    fetcher_of: Any, now: datetime, tmp_path: Path
) -> None:
    """Sources are asked at once and merged in their order, not as their answers come in."""

    async def pulled() -> tuple[Outcome, ...]:
        heard = asyncio.Event()
        sources = [Told("first", 1.0, waits=heard), Told("second", 2.0, tells=heard)]
        async with fetcher_of() as fetcher:
            return await pull(tmp_path, sources, fetcher, now, Wish(), lambda _: None)

    assert [outcome.source for outcome in asyncio.run(pulled())] == ["first", "second"]
    assert pd.read_parquet(tmp_path / "market_daily.parquet")["SPX"].tolist() == [1.0]


def test_bars_of_other_venues_reach_back_some_weeks_only(now: datetime) -> None:
    """Page by page to ninety days before, however far back the file might be filled."""
    asked: list[int] = []
    venue = Venue(None, Span(date(2021, 1, 1), now), "okx")  # type: ignore[arg-type]  # not asked

    async def page(before: int) -> list[Candle]:
        asked.append(before)
        newest = datetime.fromtimestamp(before / 1000, UTC)
        times = [newest - timedelta(hours=4 * (k + 1)) for k in range(100)]
        return [Candle(at, 2.0, 1.0, 1.5, 0.0, 0.0) for at in times]

    async def read() -> Batch:
        return await venue.recent_bars("BTC", "crypto_4h", page, 100).read()

    batch = asyncio.run(read())
    first = min(row.observed_at for row in batch.observations)
    assert timedelta(days=90) <= now - first < timedelta(days=90 + 17)
    assert len(asked) == 6


def test_the_view_keeps_its_moment_whatever_was_pulled_later(
    fill: Callable[[], dict[str, Outcome]], tmp_path: Path
) -> None:
    """As of the morning of the 19th neither that day's close nor SOFR of the 18th is out."""
    fill()
    view = open_market(tmp_path).view(datetime(2026, 11, 19, 12, tzinfo=UTC))
    assert view.daily("SPX").tolist() == [6000.0]
    with pytest.raises(MissingSeries):
        view.daily("SOFR")


def test_pulling_the_same_again_adds_nothing(
    fill: Callable[[], dict[str, Outcome]], tmp_path: Path
) -> None:
    """The second pull leaves every file bit for bit as it was."""
    fill()
    before = {p.name: p.read_bytes() for p in tmp_path.glob("*.parquet")}
    second = fill()
    assert {p.name: p.read_bytes() for p in tmp_path.glob("*.parquet")} == before
    assert all(not outcome.added for outcome in second.values())
