from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.availability import available_at

from causemap.errors import UsageError
from causemap.tools.market import AsOfView, Market, MissingSeries, open_market
from causemap.tools.registry import REGISTRY

if TYPE_CHECKING:
    from collections.abc import Iterator

SENTINEL = 987654.0
DAYS = pd.bdate_range("2025-10-01", "2026-03-31")


def _daily(names: list[str], days: pd.DatetimeIndex) -> pd.DataFrame:
    values = np.linspace(100.0, 120.0, len(days))[:, None] + np.arange(len(names))
    return pd.DataFrame(values, index=pd.DatetimeIndex(days, name="date"), columns=names)


def _bars(hours: int) -> pd.DataFrame:
    index = pd.date_range("2026-01-01", "2026-02-20", freq=f"{hours}h", tz="UTC", name="ts")
    return pd.DataFrame({"BTC_CLOSE": np.linspace(90.0, 70.0, len(index))}, index=index)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory in the layout of the contract, with made-up numbers."""
    path = tmp_path_factory.mktemp("market")
    market = [n for n, info in REGISTRY.items() if info.file == "market_daily"]
    crypto = [n for n, info in REGISTRY.items() if info.file == "crypto_daily"]
    _daily(market, DAYS).to_parquet(path / "market_daily.parquet")
    all_days = pd.date_range(DAYS[0], DAYS[-1])
    _daily(crypto, all_days).to_parquet(path / "crypto_daily.parquet")
    for hours in (1, 4):
        _bars(hours).to_parquet(path / f"crypto_{hours}h.parquet")
    calendar = {"date": ["2026-01-28", "2026-02-11"], "event": ["FOMC_DECISION", "NFP"]}
    pd.DataFrame(
        {**calendar, "time_et": ["14:00", "08:30"], "ref_period": [None, "2026-01"]}
    ).to_parquet(path / "macro_calendar.parquet")
    results = {"date": ["2026-01-28", "2026-02-04"], "ticker": ["MSFT", "GOOG"]}
    pd.DataFrame({**results, "timing": ["AMC", "AMC"]}).to_parquet(
        path / "megacap_earnings.parquet"
    )
    return path


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def _planted(folder: Path, when: datetime) -> Market:
    """The same market in which everything not yet available at ``when`` is a sentinel."""
    market = open_market(folder)
    frames = {name: market.frame(name) for name in ("macro_calendar", "megacap_earnings")}
    for name in ("market_daily", "crypto_daily"):
        frame = market.frame(name)
        days = pd.DatetimeIndex(frame.index)
        at = pd.Timestamp(when)
        # A column at a time into a frame costs twenty times as much.
        known = {column: available_at(days, REGISTRY[column]) <= at for column in frame.columns}
        frames[name] = frame.where(pd.DataFrame(known, index=days), SENTINEL)
    for hours in (1, 4):
        bars = market.frame(f"crypto_{hours}h").copy()
        closes = pd.DatetimeIndex(bars.index) + pd.Timedelta(hours=hours)
        bars.loc[np.asarray(closes > pd.Timestamp(when)), "BTC_CLOSE"] = SENTINEL
        frames[f"crypto_{hours}h"] = bars
    return Market(folder, frames)


def _everything(view: AsOfView) -> Iterator[pd.Series[float]]:
    for name in REGISTRY:
        try:
            yield view.daily(name)
        except MissingSeries:
            continue
    for bar in ("1h", "4h"):
        try:
            yield view.bars("BTC_CLOSE", "1h" if bar == "1h" else "4h")
        except MissingSeries:
            continue


@pytest.mark.slow
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(minutes=st.integers(0, 60 * 24 * 130))
def test_a_planted_future_value_never_shows_up(minutes: int, folder: Path) -> None:
    """Whatever the as-of time, no value that became available later comes out of a view."""
    when = _at("2025-10-15T00:00") + pd.Timedelta(minutes=minutes).to_pytimedelta()
    view = _planted(folder, when).view(when)
    seen = list(_everything(view))
    assert seen
    assert all(not (series == SENTINEL).any() for series in seen)
    assert all(event.at <= when for event in view.events())
    assert all(date.at <= when for date in view.earnings())


def test_a_close_is_known_only_after_its_publication_lag(folder: Path) -> None:
    """The close of 5 February is unknown that morning and known that night."""
    market = open_market(folder)
    morning = market.view(_at("2026-02-05T12:00")).daily("SPX")
    night = market.view(_at("2026-02-05T23:59")).daily("SPX")
    assert morning.index[-1] == pd.Timestamp("2026-02-04")
    assert night.index[-1] == pd.Timestamp("2026-02-05")


def test_a_friday_credit_spread_waits_for_monday(folder: Path) -> None:
    """A spread with a lag of one business day is not known over the weekend."""
    view = open_market(folder).view(_at("2026-02-08T12:00"))
    assert view.daily("HY_OAS").index[-1] == pd.Timestamp("2026-02-05")


def test_an_hourly_bar_is_known_only_once_closed(folder: Path) -> None:
    """The bar that opens at 20:00 is out of sight until 21:00."""
    market = open_market(folder)
    assert market.view(_at("2026-02-05T20:59")).bars("BTC_CLOSE", "1h").index[-1].hour == 19
    assert market.view(_at("2026-02-05T21:00")).bars("BTC_CLOSE", "1h").index[-1].hour == 20


def test_a_four_hour_bar_is_known_as_it_closes(folder: Path) -> None:
    """The one from 16:00 is known at 20:00 and not a minute before, in whatever zone one asks."""
    market = open_market(folder)
    for minute, hour in (("19:59", 12), ("20:00", 16)):
        bars = market.view(_at(f"2026-02-05T{minute}")).bars("BTC_CLOSE", "4h")
        assert bars.index[-1].hour == hour
    there = market.view(datetime.fromisoformat("2026-02-05T15:00-05:00"))
    assert there.as_of == _at("2026-02-05T20:00")
    assert there.bars("BTC_CLOSE", "4h").index[-1].hour == 16


def test_no_bar_before_the_first_has_closed(folder: Path) -> None:
    """Before that the series is empty, which is said, and a name without a column is another."""
    view = open_market(folder).view(_at("2026-01-01T00:59"))
    for name, kind in (("BTC_CLOSE", "empty"), ("DOGE_CLOSE", "not_covered")):
        with pytest.raises(MissingSeries) as caught:
            view.bars(name, "1h")
        assert caught.value.kind == kind


def test_bars_without_a_zone_are_of_utc(folder: Path, tmp_path: Path) -> None:
    """They read as the same bars with the zone written out."""
    bars = _bars(1)
    _daily(["SPX"], DAYS).to_parquet(tmp_path / "market_daily.parquet")
    bars.tz_localize(None).to_parquet(tmp_path / "crypto_1h.parquet")
    when = _at("2026-02-05T21:00")
    naive, written = (open_market(f).view(when).bars("BTC_CLOSE", "1h") for f in (tmp_path, folder))
    pd.testing.assert_series_equal(naive, written, check_freq=False)


def test_freshness_is_asked_at_both_ends(folder: Path, tmp_path: Path) -> None:
    """A last value as old as the registry allows is fresh, a day more is stale at either end."""
    frame = open_market(folder).frame("market_daily").copy()
    frame["SPX"] = frame["SPX"].where((frame.index <= "2025-12-31") | (frame.index >= "2026-02-02"))
    frame.to_parquet(tmp_path / "market_daily.parquet")
    view = open_market(tmp_path).view(_at("2026-02-07T23:59"))
    last = pd.Timestamp("2025-12-31") + pd.Timedelta(days=REGISTRY["SPX"].max_age)
    end = pd.Timestamp("2026-02-05")
    assert view.covering("SPX", last, end).index[-1] >= end
    with pytest.raises(MissingSeries, match="days old") as caught:
        view.covering("SPX", last + pd.Timedelta(days=1), end)
    assert caught.value.kind == "stale"
    with pytest.raises(MissingSeries, match="begins on") as before:
        view.covering("SPX", DAYS[0] - pd.Timedelta(days=1), end)
    assert before.value.kind == "not_covered"


def test_rows_come_in_time_order_and_days_without_a_zone(tmp_path: Path) -> None:
    """However a file holds them: reversed, or as midnights in UTC."""
    frame = _daily(["SPX"], DAYS)
    frame.iloc[::-1].tz_localize("UTC").to_parquet(tmp_path / "market_daily.parquet")
    view = open_market(tmp_path).view(_at("2026-02-07T23:59"))
    series = view.daily("SPX")
    assert series.index.is_monotonic_increasing
    assert series.index.equals(view.sessions)
    assert pd.DatetimeIndex(series.index).tz is None
    assert view.has("SPX")
    assert not view.has("NDX")
    assert not view.has("BTC")


def test_release_times_are_eastern_and_kept_until_they_pass(folder: Path) -> None:
    """An FOMC decision at 14:00 New York is 19:00 UTC in winter and unknown a minute before."""
    market = open_market(folder)
    assert market.view(_at("2026-01-28T18:59")).events() == ()
    (event,) = market.view(_at("2026-01-28T19:00")).events()
    assert event.kind == "FOMC"
    assert event.at == _at("2026-01-28T19:00")


def test_results_after_the_close_are_known_that_evening(folder: Path) -> None:
    """AMC results are out by 17:00 New York and the ticker is the canonical one."""
    market = open_market(folder)
    assert [d.ticker for d in market.view(_at("2026-02-04T21:59")).earnings()] == ["MSFT"]
    assert [d.ticker for d in market.view(_at("2026-02-04T22:00")).earnings()] == ["MSFT", "GOOGL"]


def test_a_series_past_its_end_is_stale_not_flat(folder: Path, tmp_path: Path) -> None:
    """Asking for a window after a series has ended raises ``stale`` and says how old it is."""
    frame = open_market(folder).frame("market_daily").copy()
    frame.loc["2026-01-15":, "VVIX"] = np.nan
    frame.to_parquet(tmp_path / "market_daily.parquet")
    view = open_market(tmp_path).view(_at("2026-02-07T23:59"))
    with pytest.raises(MissingSeries, match="22 days old") as caught:
        view.require_fresh("VVIX", pd.Timestamp("2026-02-05"))
    assert caught.value.kind == "stale"


def test_a_value_counts_from_the_very_minute_it_is_out(tmp_path: Path) -> None:
    """By the registry's lag, not a minute sooner or later; the first of all is fresh on its day."""
    days = pd.DatetimeIndex(["2026-01-28", "2026-01-29"], name="date")
    _daily(["SPX"], days).to_parquet(tmp_path / "market_daily.parquet")
    market = open_market(tmp_path)
    assert list(market.view(_at("2026-01-29T21:59")).daily("SPX").index) == [days[0]]
    known = market.view(_at("2026-01-29T22:00"))
    assert list(known.daily("SPX").index) == list(days)
    assert list(known.require_fresh("SPX", days[0]).index) == list(days)
    with pytest.raises(MissingSeries, match="begins on 2026-01-28"):
        known.require_fresh("SPX", days[0] - pd.Timedelta(days=1))


def test_a_repeated_move_print_is_dropped(folder: Path, tmp_path: Path) -> None:
    """MOVE repeats the previous print on a fault; the repeat is no observation."""
    frame = open_market(folder).frame("market_daily").copy()
    day = pd.Timestamp("2026-01-14")
    frame.loc["2026-01-14", "MOVE"] = frame["MOVE"].loc["2026-01-13"]
    frame.to_parquet(tmp_path / "market_daily.parquet")
    series = open_market(tmp_path).view(_at("2026-02-07T23:59")).daily("MOVE")
    assert day not in series.index


def test_missing_file_column_and_unknown_name_are_told_apart(tmp_path: Path) -> None:
    """Each kind of absence says what is missing and is never an empty series."""
    _daily(["SPX"], DAYS).to_parquet(tmp_path / "market_daily.parquet")
    view = open_market(tmp_path).view(_at("2026-02-07T23:59"))
    for name, words in (("BTC", "no crypto_daily"), ("NDX", "no column NDX"), ("XYZ", "registry")):
        with pytest.raises(MissingSeries, match=words):
            view.daily(name)


def test_a_broken_file_fails_by_name(tmp_path: Path) -> None:
    """A file that is not Parquet is a failure, not an absence."""
    (tmp_path / "market_daily.parquet").write_text("<html>consent</html>")
    with pytest.raises(MissingSeries, match="cannot be read") as caught:
        open_market(tmp_path).view(_at("2026-02-07T23:59")).daily("SPX")
    assert caught.value.kind == "failed"


def test_a_folder_without_data_is_refused(tmp_path: Path) -> None:
    """The message says what is wrong with the folder and what to do."""
    with pytest.raises(UsageError, match="not a data directory"):
        open_market(tmp_path)


def test_an_as_of_without_a_zone_is_refused(folder: Path) -> None:
    """A naive as-of time would be read in two ways; it is refused."""
    with pytest.raises(UsageError, match="time zone"):
        open_market(folder).view(datetime(2026, 2, 7))  # noqa: DTZ001  # the fault under test


def test_known_faults_of_a_feed_are_fenced_off(tmp_path: Path) -> None:
    """Stablecoins begin in 2020, Hyperliquid's open interest ends the day before its break."""
    days = pd.DatetimeIndex(["2019-12-31", "2020-01-01", "2026-01-28"], name="date")
    supply = pd.DataFrame({"STABLECOIN_SUPPLY_USD": [1.0, 2.0, 3.0]}, index=days)
    supply.to_parquet(tmp_path / "crypto_daily.parquet")
    opens = pd.date_range("2026-01-28T16:00", periods=4, freq="4h", tz=UTC, name="ts")
    columns = {"BTC_OI_HL_USD": [1.0, 2.0, 3.0, 4.0], "BTC_CLOSE": [1.0, 2.0, 3.0, 4.0]}
    pd.DataFrame(columns, index=opens).to_parquet(tmp_path / "crypto_4h.parquet")
    view = open_market(tmp_path).view(_at("2026-02-07T23:59"))
    assert list(view.daily("STABLECOIN_SUPPLY_USD")) == [2.0, 3.0]
    assert list(view.bars("BTC_OI_HL_USD", "4h")) == [1.0, 2.0]
    assert list(view.bars("BTC_CLOSE", "4h")) == [1.0, 2.0, 3.0, 4.0]


def test_every_series_of_the_real_data_is_registered(shared_dir: Path) -> None:
    """No column of the real daily files is unknown to the registry."""
    market = open_market(shared_dir / "data")
    for name in ("market_daily", "crypto_daily"):
        assert set(market.frame(name).columns) <= set(REGISTRY)


def test_the_real_move_of_15_march_2023_is_not_the_stale_one(shared_dir: Path) -> None:
    """The known stale MOVE value of 2023-03-15 does not come out."""
    view = open_market(shared_dir / "data").view(_at("2023-03-20T00:00"))
    assert pd.Timestamp("2023-03-15") not in view.daily("MOVE").index
