"""What the desks make of series that only live sources bring, and of their absence."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from causemap.agents import crypto_structure, macro
from causemap.agents.graph import assemble
from causemap.attribution.scenarios import scenarios
from causemap.attribution.scoring import by_key, score
from causemap.records import DeskReport, Dossier, Scope
from causemap.settings import Settings
from causemap.tools.fetch import Fetched
from causemap.tools.market import open_market
from causemap.tools.sources.contract import Batch, Observation
from causemap.tools.sources.nyfed import RATES, read_rates
from causemap.tools.store import Store

END = datetime(2026, 11, 13, tzinfo=UTC)
START = END - timedelta(days=4)
SCOPE = Scope("2026-11-09", "2026-11-13", "2026-11-17T23:59Z", ("BTC",), ("crypto",))
SOFR, RESERVES = "SOFR minus IORB", "bank reserves"
INTEREST, LIQUIDATIONS = "all-venue open interest", "market-wide liquidations"
VENUES = ("BINANCE", "BYBIT", "OKX")
Desk = Callable[..., DeskReport]


def rows(name: str, values: dict[int, float], file: str) -> list[Observation]:
    """Values so many days before the end of the window."""
    return [
        Observation(name, file, END - timedelta(days=back), END, value, "test")
        for back, value in values.items()
    ]


def flat(value: float, days: int = 12) -> dict[int, float]:
    """The same value on each of the last days."""
    return dict.fromkeys(range(days), value)


@pytest.fixture
def measured(tmp_path: Path) -> Desk:
    """Measure a desk on a data directory of the given series."""

    def go(desk: Any, scope: Scope = SCOPE, **series: dict[int, float]) -> DeskReport:
        found: list[Observation] = []
        for name, values in series.items():
            daily = name.startswith(("SOFR", "IORB", "RESERVES", "SPX"))
            found += rows(name, values, "market_daily" if daily else "crypto_daily")
        Store(tmp_path).merge(Batch(observations=tuple(found)))
        view = open_market(tmp_path).view(datetime.fromisoformat(scope.as_of))
        report: DeskReport = desk.measure(scope, view, Settings(tmp_path, tmp_path))
        return report

    return go


def values(report: DeskReport) -> dict[str, float]:
    """Evidence by key."""
    return {item.id.partition(".")[2]: item.value for item in report.evidence}


def gaps(report: DeskReport) -> dict[str, tuple[str, str]]:
    """Kind and reason of the gaps."""
    return {gap.what: (gap.kind, gap.why) for gap in report.gaps}


def tight(dossier: Dossier) -> tuple[bool | None, tuple[str, ...]]:
    """What the tightening scenario says of SOFR."""
    (trigger,) = [t for s in scenarios(dossier) for t in s.triggers if "SOFR" in t.text]
    return trigger.met, trigger.evidence


class TestMacro:
    """SOFR against interest on reserves."""

    def test_without_the_series_the_gaps_are_as_they_were(self, measured: Desk) -> None:
        """Not covered, in the words every stored dossier has."""
        report = measured(macro, IORB=flat(3.65))
        assert gaps(report)[SOFR] == ("not_covered", "no SOFR series in the data directory")
        why = "no reserves series in the data directory"
        assert gaps(report)[RESERVES] == ("not_covered", why)
        assert tight(assemble(SCOPE, [report])) == (None, ())

    @pytest.mark.parametrize(
        ("rate", "spread", "reads", "met"),
        [
            (3.60, -5.0, "reserves ample", False),
            (3.68, 3.0, "reserves less ample", False),
            (3.75, 10.0, "funding stress", True),
        ],
    )
    def test_with_it_the_scenario_is_measured(
        self, measured: Desk, rate: float, spread: float, reads: str, met: bool
    ) -> None:
        """The spread in basis points, its reading, and the condition met or not, with its id."""
        sofr = {"SOFR": flat(rate), "SOFR_P99": flat(rate + 0.1), "SOFR_VOLUME_BUSD": flat(2900.0)}
        reserves = {2: 2_900_000.0, 9: 3_000_000.0}
        report = measured(macro, IORB=flat(3.65), RESERVES_MUSD=reserves, **sofr)
        found = values(report)
        assert found["sofr_iorb.spread"] == found["sofr_iorb.peak"] == pytest.approx(spread)
        assert found["sofr_p99_iorb.spread"] == pytest.approx(spread + 10)
        assert found["sofr_volume_busd.level"] == 2900.0
        assert found["reserves_musd.change"] == -100_000.0
        assert {SOFR, RESERVES} & set(gaps(report)) == set()
        (item,) = [e for e in report.evidence if e.id == "macro.sofr_iorb.spread"]
        assert reads in item.said
        assert (item.unit, item.observed_at, item.expected) == ("bp", "2026-11-13", ())
        assert item.available_at > "2026-11-13"
        assert tight(assemble(SCOPE, [report])) == (met, ("macro.sofr_iorb.spread",))

    def test_an_old_series_is_a_stale_gap_with_its_age(self, measured: Desk) -> None:
        """What ended before the window is not carried into it."""
        old = dict.fromkeys(range(20, 40), 3.7)
        report = measured(macro, IORB=flat(3.65, 40), SOFR=old, RESERVES_MUSD=old)
        kind, why = gaps(report)[SOFR]
        assert (kind, "20 days old" in why) == ("stale", True)
        assert gaps(report)["reserve balances at the Federal Reserve"][0] == "stale"
        assert "sofr_iorb.spread" not in values(report)

    def test_recorded_rates_on_real_interest_on_reserves(
        self, shared_dir: Path, tmp_path: Path
    ) -> None:
        """The New York Fed's answer of June 2024: seven under, the 99th percentile four over."""
        folder = shared_dir / "payloads" / "nyfed"
        body = next(folder.glob("sofr_search_2024*.json")).read_bytes()
        moment = datetime(2024, 6, 10, tzinfo=UTC)
        answer = Fetched(200, "u", body, "application/json", moment, from_cache=False)
        found = read_rates(answer, RATES["secured/sofr"])
        source = (shared_dir / "data" / "market_daily.parquet").read_bytes()
        (tmp_path / "market_daily.parquet").write_bytes(source)
        rates = tuple(
            Observation(
                name,
                "market_daily",
                datetime(day.year, day.month, day.day, tzinfo=UTC),
                moment,
                value,
                "nyfed",
            )
            for name, dated in found.items()
            for day, value in dated
            if value is not None
        )
        Store(tmp_path).merge(Batch(observations=rates))
        scope = Scope("2024-06-03", "2024-06-06", "2024-06-08T23:59Z", ("SPX",), ("equity",))
        view = open_market(tmp_path).view(datetime(2024, 6, 8, 23, 59, tzinfo=UTC))
        report = macro.measure(scope, view, Settings(tmp_path, tmp_path, draws=50))
        assert values(report)["sofr_iorb.spread"] == pytest.approx(-7.0)
        assert values(report)["sofr_p99_iorb.spread"] == pytest.approx(4.0)
        assert values(report)["sofr_volume_busd.level"] == 2008.0
        assert tight(assemble(scope, [report]))[0] is False


def venues(**coins: dict[int, float]) -> dict[str, dict[int, float]]:
    """Open interest of venues in coins."""
    return {f"BTC_OI_BTC_{name}": days for name, days in coins.items()}


PRICE = {**flat(100_000.0), 1: 80_000.0, 0: 80_000.0}


class TestCrypto:
    """Open interest over all venues at hand, and liquidations."""

    def test_without_the_series_the_gaps_are_as_they_were(self, measured: Desk) -> None:
        """Not covered, in the words every stored dossier has; the cap holds."""
        report = measured(crypto_structure, BTC=PRICE)
        assert gaps(report)[INTEREST][1].startswith("only coin-margined contracts of one venue")
        assert gaps(report)[LIQUIDATIONS][1].startswith("no liquidation prints in the data")
        assert {"btc.oi_coins", "market.liquidations"} & set(values(report)) == set()

    def test_open_interest_is_summed_in_coins(self, measured: Desk) -> None:
        """The price fell by a fifth and coins by a tenth: the fall in dollars is not the answer."""
        coins = {**flat(100.0), 1: 85.0, 0: 90.0}
        report = measured(crypto_structure, BTC=PRICE, **venues(**dict.fromkeys(VENUES, coins)))
        found = values(report)
        assert found["btc.oi_coins"] == pytest.approx(-10.0, abs=1e-4)
        assert found["btc.oi_coins_24h"] == pytest.approx(-15.0, abs=1e-4)
        assert INTEREST not in gaps(report)
        (item,) = [e for e in report.evidence if e.id.endswith("btc.oi_coins")]
        assert "long liquidation" in item.said
        assert item.source == "Binance BTCUSDT, Bybit BTCUSDT, OKX BTCUSDT"
        assert not score(by_key(report.evidence), "crypto").capped

    @pytest.mark.parametrize(
        ("missing", "kind"), [({}, "not_covered"), (dict.fromkeys(range(6, 12), 9.0), "stale")]
    )
    def test_two_venues_are_not_all(
        self, measured: Desk, missing: dict[int, float], kind: str
    ) -> None:
        """A venue that is absent or stops inside the window makes a gap, not a smaller sum."""
        coins = venues(BINANCE=flat(100.0), BYBIT=flat(50.0), OKX=missing)
        report = measured(crypto_structure, BTC=PRICE, **coins)
        assert gaps(report)[INTEREST][0] == kind
        assert "BTC_OI_BTC_OKX" in gaps(report)[INTEREST][1]
        assert "btc.oi_coins" not in values(report)

    def test_liquidations_are_a_lower_bound(self, measured: Desk) -> None:
        """Dollars at each day's close, the longs' share, and still the gap of the whole market."""
        longs, shorts = {**flat(0.0), 1: 900.0, 9: 5_000.0}, {**flat(0.0), 1: 100.0}
        sides = {"BTC_LIQ_LONG_BTC_OKX": longs, "BTC_LIQ_SHORT_BTC_OKX": shorts}
        report = measured(crypto_structure, BTC=PRICE, **sides, **venues(OKX=flat(10_000.0)))
        found = values(report)
        assert found["market.liquidations"] == pytest.approx(80.0)
        assert found["market.long_share"] == pytest.approx(0.9)
        assert found["market.liquidations_of_oi"] == pytest.approx(8.0)
        assert gaps(report)[LIQUIDATIONS][1].startswith("one venue's list, a lower bound")
        (item,) = [e for e in report.evidence if e.id.endswith("market.liquidations")]
        assert (item.unit, item.quality) == ("usd_mn", 0.4)
        assert "OKX" in item.said

    @pytest.mark.parametrize("gone", [0, 2])
    def test_a_day_missing_makes_a_gap_not_a_smaller_sum(self, measured: Desk, gone: int) -> None:
        """The public list reaches back some days only."""
        longs = flat(5.0)
        del longs[gone]
        sides = {"BTC_LIQ_LONG_BTC_OKX": longs, "BTC_LIQ_SHORT_BTC_OKX": flat(1.0)}
        report = measured(crypto_structure, BTC=PRICE, **sides)
        day = pd.Timestamp(END - timedelta(days=gone)).date()
        assert f"no value of {day}" in gaps(report)[LIQUIDATIONS][1]
        assert "market.liquidations" not in values(report)
