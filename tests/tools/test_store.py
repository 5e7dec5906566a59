from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from causemap.errors import IncompleteError
from causemap.tools.freshness import freshness, stale_line
from causemap.tools.market import MissingSeries, open_market
from causemap.tools.sources.contract import Batch, Headline, Observation, Release, ResultDate
from causemap.tools.store import Store, link

NOW = datetime(2026, 11, 20, 23, tzinfo=UTC)


def seen(series: str, day: str, value: float, file: str = "market_daily") -> Observation:
    """A value of a day (or bar)."""
    at = datetime.fromisoformat(day).replace(tzinfo=UTC)
    return Observation(series, file, at, at + timedelta(hours=22), value, "test")


def batch(*rows: Observation) -> Batch:
    """Observations only."""
    return Batch(observations=rows)


def frame(folder: Path, file: str) -> pd.DataFrame:
    """A file of the folder."""
    return pd.read_parquet(folder / f"{file}.parquet")


def test_new_files_have_the_layout_of_the_contract(tmp_path: Path) -> None:
    """Index ``date`` without zone or ``ts`` in UTC; columns are series; the market opens them."""
    store = Store(tmp_path)
    added = store.merge(
        batch(
            seen("SPX", "2026-11-18", 6000.0),
            seen("SPX", "2026-11-19", 5900.0),
            seen("UST10Y", "2026-11-18", 4.1),
            seen("BTC", "2026-11-18", 90000.0, "crypto_daily"),
            seen("BTC_CLOSE", "2026-11-18T08:00", 90001.0, "crypto_4h"),
        )
    ).added
    assert dict(added) == {"market_daily": 3, "crypto_daily": 1, "crypto_4h": 1}
    daily, bars = frame(tmp_path, "market_daily"), frame(tmp_path, "crypto_4h")
    assert (daily.index.name, str(daily.index.dtype)) == ("date", "datetime64[ns]")
    assert (bars.index.name, str(bars.index.dtype)) == ("ts", "datetime64[ns, UTC]")
    assert daily["UST10Y"].isna().tolist() == [False, True]
    view = open_market(tmp_path).view(NOW)
    assert view.daily("SPX").tolist() == [6000.0, 5900.0]
    assert view.bars("BTC_CLOSE", "4h").tolist() == [90001.0]


def test_a_value_once_written_stays(tmp_path: Path) -> None:
    """A later word on the same day is not taken; an empty place is filled; nothing is dropped."""
    store = Store(tmp_path)
    store.merge(batch(seen("UST10Y", "2026-11-17", 4.0), seen("UST2Y", "2026-11-18", 3.5)))
    before = frame(tmp_path, "market_daily")
    store.merge(batch(seen("UST10Y", "2026-11-17", 9.9), seen("UST10Y", "2026-11-18", 4.1)))
    after = frame(tmp_path, "market_daily")
    assert after["UST10Y"].tolist() == [4.0, 4.1]
    assert after["UST2Y"].dropna().equals(before["UST2Y"].dropna())


def test_a_folder_is_read_once_until_its_files_change(tmp_path: Path) -> None:
    """A second opening finds what was read; after a pull, values and new files are seen."""
    store = Store(tmp_path)
    store.merge(batch(seen("SPX", "2026-11-18", 6000.0)))
    first = open_market(tmp_path)
    assert first.view(NOW).daily("SPX").tolist() == [6000.0]
    assert open_market(tmp_path) is first
    store.merge(batch(seen("SPX", "2026-11-19", 5900.0)))
    second = open_market(tmp_path)
    assert second.view(NOW).daily("SPX").tolist() == [6000.0, 5900.0]
    store.merge(batch(seen("BTC", "2026-11-18", 90000.0, "crypto_daily")))
    assert open_market(tmp_path).view(NOW).daily("BTC").tolist() == [90000.0]
    assert first.view(NOW).daily("SPX").tolist() == [6000.0]


def test_the_same_again_does_not_touch_the_file(tmp_path: Path) -> None:
    """Nothing new, nothing written."""
    store = Store(tmp_path)
    store.merge(batch(seen("UST10Y", "2026-11-17", 4.0)))
    stamp = (tmp_path / "market_daily.parquet").stat().st_mtime_ns
    assert dict(store.merge(batch(seen("UST10Y", "2026-11-17", 4.0))).added) == {}
    assert (tmp_path / "market_daily.parquet").stat().st_mtime_ns == stamp


class TestAdjustedPrices:
    """History that moves with every dividend is joined by the days both have."""

    def test_old_rows_move_to_the_new_basis(self, tmp_path: Path) -> None:
        """After a dividend of 2 % the old rows are scaled once, and the return is the true one."""
        store = Store(tmp_path)
        days = [f"2026-11-{d:02d}" for d in (9, 10, 11, 12)]
        store.merge(batch(*(seen("SPY", d, 100.0 + i) for i, d in enumerate(days))))
        new = [seen("SPY", d, (100.0 + i) * 0.98) for i, d in enumerate(days[1:], start=1)]
        store.merge(batch(*new, seen("SPY", "2026-11-13", 103.0)))
        found = frame(tmp_path, "market_daily")["SPY"]
        assert found.tolist() == pytest.approx([98.0, 98.98, 99.96, 100.94, 103.0])

    def test_a_split_is_one_factor_too(self) -> None:
        """Ten for one."""
        assert link(series([100.0, 110.0]), series([10.0, 11.0])) == pytest.approx(0.1)

    def test_rounding_is_no_dividend(self) -> None:
        """A difference in the fifth figure moves nothing."""
        assert link(series([100.0, 110.0]), series([100.001, 110.001])) == 1.0

    @pytest.mark.parametrize("new", [[100.0, 90.0], [np.nan, np.nan], [-100.0, -110.0]])
    def test_what_does_not_agree_is_not_joined(self, tmp_path: Path, new: list[float]) -> None:
        """Two factors, no day in common or a sign: the old rows stay, the gap is named."""
        assert link(series([100.0, 110.0]), series(new)) is None
        store = Store(tmp_path)
        store.merge(batch(seen("SPY", "2026-11-10", 100.0), seen("SPY", "2026-11-11", 110.0)))
        rows = [seen("SPY", f"2026-11-1{i}", v) for i, v in enumerate(new) if not np.isnan(v)]
        result = store.merge(batch(*rows, seen("SPY", "2026-11-13", 95.0)))
        assert [gap.what for gap in result.missing] == ["SPY"]
        assert frame(tmp_path, "market_daily")["SPY"].tolist() == [100.0, 110.0]

    def test_what_pays_no_dividend_is_not_scaled(self, tmp_path: Path) -> None:
        """A revised yield, volume, index, future or currency changes nothing old."""
        store = Store(tmp_path)
        for name in ("UST10Y", "SPY_VOLUME", "VIX", "SPX", "GOLD_FUT", "USDJPY", "DXY"):
            store.merge(batch(seen(name, "2026-11-10", 4.0)))
            store.merge(batch(seen(name, "2026-11-10", 2.0), seen(name, "2026-11-11", 2.1)))
            assert frame(tmp_path, "market_daily")[name].tolist() == [4.0, 2.1]


def series(values: list[float]) -> pd.Series[float]:
    """Values on following days."""
    return pd.Series(values, index=pd.date_range("2026-11-10", periods=len(values)))


@given(
    st.lists(
        st.dictionaries(st.integers(1, 28), st.floats(0.1, 9.0), max_size=8), min_size=1, max_size=3
    )
)
def test_no_order_of_pulls_loses_a_row(
    tmp_path_factory: pytest.TempPathFactory, pulls: list[dict[int, float]]
) -> None:
    """Whatever overlaps, every day ever given has the first value given for it."""
    store = Store(tmp_path_factory.mktemp("store"))
    first: dict[str, float] = {}
    for values in pulls:
        rows = {f"2026-10-{day:02d}": value for day, value in values.items()}
        store.merge(batch(*(seen("UST10Y", day, value) for day, value in rows.items())))
        first = {**rows, **first}
    if first:
        found = frame(store.folder, "market_daily")["UST10Y"]
        assert {str(d)[:10]: v for d, v in found.items()} == first


def test_calendar_results_and_headlines_join_by_their_keys(tmp_path: Path) -> None:
    """The same release, result or address is kept once; the market reads the new rows."""
    store = Store(tmp_path)
    one = Batch(
        releases=(Release("CPI", date(2026, 11, 18), "08:30", "2026-10"),),
        results=(ResultDate("NVDA", date(2026, 11, 18), "AMC"),),
        headlines=(Headline(NOW, "second", "P", "T", "https://p.example/1"),),
    )
    more = Batch(
        releases=(*one.releases, Release("FOMC_DECISION", date(2026, 12, 9), "14:00")),
        headlines=(*one.headlines, Headline(NOW, "second", "P", "U", "https://p.example/2")),
    )
    assert dict(store.merge(one).added) == {
        "macro_calendar": 1,
        "megacap_earnings": 1,
        "headlines": 1,
    }
    assert dict(store.merge(more).added) == {"macro_calendar": 1, "headlines": 1}
    store.merge(batch(seen("SPX", "2026-11-18", 1.0)))
    view = open_market(tmp_path).view(NOW)
    assert [(e.kind, str(e.date), e.reference) for e in view.events()] == [
        ("CPI", "2026-11-18", "2026-10")
    ]
    assert [r.ticker for r in view.earnings()] == ["NVDA"]
    later = open_market(tmp_path).view(datetime(2026, 12, 10, tzinfo=UTC))
    assert [e.kind for e in later.events()] == ["CPI", "FOMC"]


def test_rows_join_the_real_files(shared_dir: Path, tmp_path: Path) -> None:
    """Beside years of real data: old values stay bit for bit, dtypes and order too."""
    for name in ("crypto_daily", "crypto_1h", "macro_calendar", "megacap_earnings"):
        source = shared_dir / "data" / f"{name}.parquet"
        (tmp_path / source.name).write_bytes(source.read_bytes())
    old = {n: frame(tmp_path, n) for n in ("crypto_daily", "crypto_1h", "macro_calendar")}
    store = Store(tmp_path)
    begins = store.begins()
    assert begins["STABLECOIN_SUPPLY_USD"] == date(2026, 8, 21) - timedelta(days=15)
    assert begins["crypto_1h:BTC_CLOSE"] == date(2026, 3, 3)
    store.merge(
        Batch(
            observations=(
                seen("BTC_SPOT_USD", "2026-11-18", 90000.0, "crypto_daily"),
                seen("BTC_CLOSE", "2026-11-18T07:00", 90000.0, "crypto_1h"),
            ),
            releases=(Release("CPI", date(2026, 11, 18), "08:30"),),
            results=(ResultDate("NVDA", date(2026, 11, 18), "AMC"),),
        )
    )
    for name in ("crypto_daily", "crypto_1h"):
        new = frame(tmp_path, name)
        assert new.index.dtype == old[name].index.dtype
        kept = new.loc[old[name].index, old[name].columns]
        pd.testing.assert_frame_equal(kept, old[name], check_freq=False)
        assert len(new) == len(old[name]) + 1
    calendar = frame(tmp_path, "macro_calendar")
    assert calendar.dtypes.to_dict() == old["macro_calendar"].dtypes.to_dict()
    assert len(calendar) == len(old["macro_calendar"]) + 1
    view = open_market(tmp_path).view(NOW)
    assert view.events()[-1].kind == "CPI"
    assert view.earnings()[-1].ticker == "NVDA"


def test_a_broken_file_is_left_alone(tmp_path: Path) -> None:
    """What cannot be read is not overwritten."""
    path = tmp_path / "market_daily.parquet"
    path.write_bytes(b"not parquet")
    with pytest.raises(IncompleteError, match="was left as it is"):
        Store(tmp_path).merge(batch(seen("SPX", "2026-11-18", 1.0)))
    assert path.read_bytes() == b"not parquet"


@pytest.mark.parametrize(
    ("file", "held"),
    [
        ("macro_calendar", pd.DataFrame({"date": ["2026-11-18"]})),
        ("megacap_earnings", pd.DataFrame({"other": [1]})),
        ("market_daily", pd.DataFrame({"SPX": [1.0]})),
    ],
)
def test_a_file_of_another_shape_is_left_alone(
    tmp_path: Path, file: str, held: pd.DataFrame
) -> None:
    """What cannot be added to is named, and nothing is written over it."""
    path = tmp_path / f"{file}.parquet"
    held.to_parquet(path)
    before = path.read_bytes()
    release = Release("CPI", date(2026, 11, 19), "08:30", "October 2026")
    result = ResultDate("NVDA", date(2026, 11, 19), "AMC")
    new = Batch((seen("SPX", "2026-11-19", 1.0),), releases=(release,), results=(result,))
    with pytest.raises(
        IncompleteError, match=rf"{file}\.parquet cannot be added to .*left as it is"
    ):
        Store(tmp_path).merge(new)
    assert path.read_bytes() == before


class TestFreshness:
    """How old each series is, by the registry's own limits."""

    def test_fresh_stale_and_missing(self, tmp_path: Path) -> None:
        """Five days for a daily series, two for a crypto one; the rest is missing."""
        Store(tmp_path).merge(
            batch(
                *(seen("SPX", f"2026-11-{d}", 1.0) for d in (16, 17, 18, 19)),
                seen("UST10Y", "2026-11-16", 4.0),
                seen("UST10Y", "2026-11-19", 4.0),
                seen("VIX", "2026-11-10", 20.0),
                seen("BTC", "2026-11-17", 1.0, "crypto_daily"),
            )
        )
        found = {f.name: f for f in freshness(open_market(tmp_path), NOW)}
        assert (found["SPX"].state, found["SPX"].age_days, found["SPX"].holes) == ("fresh", 1, 0)
        assert (found["UST10Y"].state, found["UST10Y"].holes) == ("fresh", 2)
        assert (found["VIX"].state, found["VIX"].age_days) == ("stale", 10)
        assert (found["BTC"].state, found["BTC"].age_days) == ("stale", 3)
        assert found["SOFR"].state == "missing"
        assert found["SOFR"].last is None
        line = stale_line(tuple(found.values()))
        assert line == "2 of 4 series on disk are fresh; stale, with age: VIX 10 d, BTC 3 d"

    def test_stale_series_become_gaps_with_their_age(self, tmp_path: Path) -> None:
        """What a desk sees of a stale series names its last day and age."""
        Store(tmp_path).merge(batch(seen("VIX", "2026-11-10", 20.0)))
        view = open_market(tmp_path).view(NOW)
        with pytest.raises(MissingSeries, match="10 days old") as caught:
            view.require_fresh("VIX", pd.Timestamp("2026-11-20"))
        assert caught.value.kind == "stale"
