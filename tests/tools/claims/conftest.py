"""Articles, and a small market whose every value is known by construction."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from causemap.articles import Article
from causemap.records import Scope
from causemap.tools.market import AsOfView, Market

SCOPE = Scope("2026-01-29", "2026-02-05", "2026-02-07T23:59Z", ("SPX", "BTC"), ("equity", "crypto"))
PUBLISHED = {
    "metals-and-crypto-deleveraging-en": "2026-02-03",
    "gold-stocks-and-btc-en": "2026-02-06",
    "gold-stocks-and-btc-zh": "2026-02-06",
    "stocks-and-crypto-week-en": "2026-02-06",
    "all-assets-falling-en": "2026-01-30",
}


def make_article(text: str, published: str = "2026-02-06", publisher: str = "Wire") -> Article:
    """An article known by its day."""
    return Article(
        id=f"a-{publisher}-{published}-{len(text)}",
        url=None,
        publisher=publisher,
        title="A title",
        published=published,
        precision="date",
        retrieved=published,
        available=published,
        language="en",
        text=text,
    )


@pytest.fixture(scope="session")
def shared_article(shared_dir: Path) -> Callable[[str], Article]:
    """One of the five articles by name; their texts stay outside the tree."""

    def read(name: str) -> Article:
        text = (shared_dir / "articles" / f"{name}.txt").read_text(encoding="utf-8")
        return make_article(text, PUBLISHED[name], name)

    return read


def daily_frame(end: str = "2026-02-20") -> pd.DataFrame:
    """Flat prices with a small wobble, and known moves in the window."""
    dates = pd.bdate_range("2022-01-03", end, name="date")
    wobble = 1 + np.random.default_rng(7).uniform(-0.002, 0.002, len(dates))
    frame = pd.DataFrame(
        {
            "SPX": 7000.0 * wobble,
            "GLD": 500.0 * wobble,
            "GOLD": 5000.0 * wobble,
            "SLV": 100.0 * wobble,
            "DXY": 97.0 * wobble,
            "REAL10Y": 1.90,
            "UST10Y": 4.20,
        },
        index=dates,
    )
    after = frame.index > "2026-01-29"
    frame.loc[after, "GLD"] *= 0.89
    frame.loc[after, "GOLD"] *= 0.90
    frame.loc[after, "DXY"] *= 1.02
    frame.loc[after, "SLV"] *= 0.70
    frame.loc[frame.index == "2026-01-27", "DXY"] = 95.0
    frame.loc[after, "UST10Y"] = 4.12
    return frame


def hourly_frame() -> pd.DataFrame:
    """BTC bars that fall under 76,000 for the first time at 17:00 on 31 January."""
    hours = pd.date_range("2025-12-01", "2026-02-10", freq="h", tz="UTC", name="ts")
    frame = pd.DataFrame({"BTC_CLOSE": 85_000.0, "BTC_LOW": 84_000.0}, index=hours)
    frame.loc[frame.index >= "2026-01-31T17:00Z", ["BTC_CLOSE", "BTC_LOW"]] = [76_500.0, 75_500.0]
    return frame


@pytest.fixture
def market_dir(tmp_path: Path) -> Path:
    """A data directory with those frames."""
    folder = tmp_path / "data"
    folder.mkdir()
    daily_frame().to_parquet(folder / "market_daily.parquet")
    hourly_frame().to_parquet(folder / "crypto_1h.parquet")
    return folder


@pytest.fixture
def view(market_dir: Path) -> AsOfView:
    """The market as known on the evening of 7 February 2026."""
    return Market(market_dir).view(datetime(2026, 2, 7, 23, 59, tzinfo=UTC))
