"""Open interest of single venues: changes in coins by hand, and what is missing said."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest

from causemap.agents.bench import Bench
from causemap.agents.open_interest import add_open_interest
from causemap.records import Scope
from causemap.tools.market import Market

DAYS = pd.date_range("2026-01-28", "2026-02-05", name="date")
SCOPE = Scope("2026-01-29", "2026-02-05", "2026-02-07T23:59Z", ("BTC",), ("crypto",))
NAME, WHAT = "BTC_OI_COINM_USD", "coin-margined open interest"


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """A bench whose coin falls from 100 to 90 while open interest goes from 100 to 45 dollars."""
    found = Bench(
        "crypto_structure", SCOPE, Market(tmp_path).view(datetime(2026, 2, 8, tzinfo=UTC))
    )
    price = pd.Series([*[100.0] * 8, 90.0], index=DAYS)
    dollars = pd.Series([*[100.0] * 7, 80.0, 45.0], index=DAYS)
    found._covering |= {NAME: dollars, "BTC": price}
    return found


def test_a_change_is_measured_in_coins(bench: Bench) -> None:
    """45/90 against 100/100 coins is half; the worst day is 0.5 against 0.8 coins."""
    add_open_interest(bench)
    change, worst = bench.evidence
    assert (change.id, change.value, change.unit) == ("crypto_structure.btc.coinm_oi", -50.0, "%")
    assert "long liquidation" in change.said
    assert (worst.metric, worst.value) == ("coinm_oi_24h", -37.5)
    assert {item.group for item in bench.evidence} == {"context"}
    assert bench.gaps == []


def test_a_figure_a_day_old_is_a_gap(bench: Bench) -> None:
    """Open interest of the day before the end is set against no price of the end."""
    bench._covering[NAME] = bench._covering[NAME].loc[:"2026-02-04"]
    add_open_interest(bench)
    (gap,) = bench.gaps
    assert (gap.what, gap.kind) == (WHAT, "empty")
    assert bench.evidence == []
