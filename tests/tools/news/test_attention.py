"""Press attention: shares against the span's own past, duplicates once, nothing later looked at."""

from __future__ import annotations

import math
import statistics
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from causemap.causes import NAMED
from causemap.closed_sets import Cause
from causemap.tools.headlines import known_statements, known_titles
from causemap.tools.market import Market, MissingSeries
from causemap.tools.news.attention import BASE_DAYS, Attention, Told, loudest, topics

START = date(2019, 6, 3)
FIRST = START - timedelta(days=BASE_DAYS)
Row = tuple[date, str, str]
Heard = dict[Cause, Attention]


def _quiet(until: date) -> list[Row]:
    """Ten titles a day, the tenth on tariffs every fifth day."""
    found: list[Row] = []
    for k in range((until - FIRST).days + 1):
        day = FIRST + timedelta(days=k)
        found += [(day, "Wire", f"{k} {n} nothing of note") for n in range(9)]
        word = "tariffs" if k % 5 == 0 else "weather"
        found.append((day, "Wire", f"{k} news of the {word}"))
    return found


def _table(rows: list[Row]) -> pa.Table:
    known = [datetime(d.year, d.month, d.day, 12, tzinfo=UTC) for d, _, _ in rows]
    stamps = [int(moment.timestamp()) * 1_000_000 for moment in known]
    outlets, titles = ([row[k] for row in rows] for k in (1, 2))
    return pa.table({"known": stamps, "source": outlets, "title": titles})


def _loud(rows: list[Row], first: date = START, last: date = START + timedelta(days=2)) -> Heard:
    found = loudest(Told.of(_table(rows), FIRST), first, last, START)
    return {one.cause: one for one in found}


def test_a_burst_is_abnormal_and_dated() -> None:
    """Eight more titles on tariffs in three days stand out, with their outlets and their peak."""
    burst = [
        (START + timedelta(days=1 + n % 2), f"Outlet {n % 3}", f"{n} tariffs threatened")
        for n in range(8)
    ]
    peak = [(START + timedelta(days=1), "Wire", "one more on sanctions")]
    found = _loud([*_quiet(START + timedelta(days=2)), *burst, *peak])
    first = found["policy_geopolitics"]
    assert next(iter(found)) == "policy_geopolitics"
    assert first.z > 5.0
    assert first.usual == pytest.approx(0.02, abs=0.002)
    assert first.share > first.usual
    assert first.outlets == 4
    assert first.peak == START + timedelta(days=1)
    assert (first.first, first.last) == (START, START + timedelta(days=2))
    assert found["rates_shock"].z <= 0.0


def test_share_usual_and_z_by_hand() -> None:
    """The span's share less the mean of all spans as long before, over the larger of two errors."""
    last = START + timedelta(days=2)
    rows = [*_quiet(last), (last, "Late Post", "tariffs on steel"), (last, "Wire", "sanctions")]
    found = _loud(rows)["policy_geopolitics"]
    hits = [int(k % 5 == 0) for k in range(BASE_DAYS)]
    shares = [sum(hits[k : k + 3]) / 30 for k in range(BASE_DAYS - 2)]
    usual = statistics.fmean(shares)
    share = (1 + 2) / (30 + 2)
    by_chance = math.sqrt(usual * (1 - usual) / 32)
    assert by_chance > statistics.stdev(shares)
    assert found.usual == pytest.approx(usual)
    assert found.share == pytest.approx(share)
    assert found.z == pytest.approx((share - usual) / by_chance)
    assert (found.outlets, found.peak) == (2, last)


def test_a_share_never_seen_before_is_held_against_a_least_one() -> None:
    """With nothing in the base, one title in five hundred is what chance gives."""
    last = START + timedelta(days=2)
    found = _loud([*_quiet(last), (last, "Wire", "bitcoin hacked")])["crypto_idiosyncratic"]
    assert found.usual == 0.0
    assert found.z == pytest.approx((1 / 31) / math.sqrt(0.002 * 0.998 / 31))


def test_a_story_told_again_counts_once() -> None:
    """Twenty copies of one title, and of its beginning, are one story."""
    begun = "tariffs threatened on all goods from the whole world from next Monday on"
    quiet = _quiet(START + timedelta(days=2))
    once = _loud([*quiet, (START, "Wire", begun)])
    copies = [(START, f"Outlet {n}", f"{begun} {'x' * n}") for n in range(1, 21)]
    again = _loud([*quiet, (START, "Wire", begun), *copies])
    assert again["policy_geopolitics"].share == once["policy_geopolitics"].share


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(3, 60), st.sampled_from(["tariffs", "bitcoin", "x"]))))
def test_nothing_after_the_span_is_looked_at(later: list[tuple[int, str]]) -> None:
    """Titles after the last day of the span change no figure of it."""
    quiet = _quiet(START + timedelta(days=2))
    more = [(START + timedelta(days=k), "Wire", f"{n} {w}") for n, (k, w) in enumerate(later)]
    assert _loud([*quiet, *more]) == _loud(quiet)


def test_too_few_titles_say_nothing() -> None:
    """Neither a thin span nor a thin base is measured."""
    quiet = _quiet(START + timedelta(days=2))
    assert _loud([row for row in quiet if row[0] < START or row[2].startswith("250 0")]) == {}
    assert _loud([row for row in quiet if row[0] >= START - timedelta(days=30)]) == {}


def test_every_named_cause_has_its_words() -> None:
    """The file of topics covers the closed set, and each expression is of whole words."""
    assert set(topics()) == set(NAMED)
    told = Told.of(
        _table([(START, "Wire", "Softwares unfed by repos"), (START, "W", "Fed")]), FIRST
    )
    assert {cause: len(named.days) for cause, named in told.named.items() if len(named.days)} == {
        "rates_shock": 1
    }


def _press(folder: Path, stamps: list[str]) -> None:
    frame = pd.DataFrame(
        {
            "ts": pd.to_datetime(stamps, utc=True).astype("datetime64[us, UTC]"),
            "source": "Wire",
            "title": [f"title {n}" for n in range(len(stamps))],
        }
    )
    frame.to_parquet(folder / "headlines.parquet")


def test_a_title_is_not_known_before_its_time(tmp_path: Path) -> None:
    """One of a date only counts from the end of its day, one of a minute from its minute."""
    _press(tmp_path, ["2019-06-03T00:00", "2019-06-03T14:30", "2019-06-04T00:00"])
    since = datetime(2019, 6, 1, tzinfo=UTC)
    for as_of, seen in (
        ("2019-06-03T14:29", []),
        ("2019-06-03T14:30", ["title 1"]),
        ("2019-06-03T23:59", ["title 0", "title 1"]),
        ("2019-06-04T23:58", ["title 0", "title 1"]),
    ):
        view = Market(tmp_path).view(datetime.fromisoformat(as_of).replace(tzinfo=UTC))
        found = view.titles(since, 0)
        assert sorted(found["title"].to_pylist()) == seen
        with pytest.raises(MissingSeries, match=f"fewer than {len(seen) + 1} titles") as few:
            view.titles(since, len(seen) + 1)
        assert few.value.kind == "empty"


def test_a_file_that_was_written_anew_is_read_anew(tmp_path: Path) -> None:
    """Titles are read once for a file as it stands, and again when a pull has changed it."""
    since, until = datetime(2019, 6, 1, tzinfo=UTC), datetime(2019, 7, 1, tzinfo=UTC)
    for count in (2, 3):
        _press(tmp_path, ["2019-06-03T00:00"] * count)
        for _ in range(2):
            found = known_titles(tmp_path, since, until, 0)
            assert found is not None
            assert found["title"].to_pylist() == [f"title {n}" for n in range(count)]


def test_without_a_file_there_is_nothing(tmp_path: Path) -> None:
    """A missing or damaged file is no press at all, and no error."""
    since, until = datetime(2019, 6, 1, tzinfo=UTC), datetime(2019, 7, 1, tzinfo=UTC)
    assert known_titles(tmp_path, since, until, 0) is None
    assert known_statements(tmp_path, since, until) == ()
    (tmp_path / "headlines.parquet").write_bytes(b"not parquet")
    assert known_titles(tmp_path, since, until, 0) is None


def test_a_view_says_why_there_is_no_press(tmp_path: Path) -> None:
    """An absent file and a damaged one are told apart, and neither is silence."""
    since = datetime(2019, 6, 1, tzinfo=UTC)
    for name in ("headlines", "fomc_statements"):
        for kind in ("not_covered", "failed"):
            view = Market(tmp_path).view(datetime(2019, 7, 1, tzinfo=UTC))
            with pytest.raises(MissingSeries, match=f"{name}.parquet") as missing:
                view.titles(since, 0) if name == "headlines" else view.statements(since)
            assert missing.value.kind == kind
            (tmp_path / f"{name}.parquet").write_bytes(b"not parquet")


def test_a_statement_counts_from_the_end_of_its_day(tmp_path: Path) -> None:
    """The Federal Reserve's statement of a day is not known on its morning."""
    days = pd.to_datetime(["2019-05-01", "2019-06-19"])
    pd.DataFrame({"date": days}).to_parquet(tmp_path / "fomc_statements.parquet")
    since = datetime(2019, 6, 1, tzinfo=UTC)
    morning, night = (datetime(2019, 6, 19, h, 59, tzinfo=UTC) for h in (9, 23))
    assert known_statements(tmp_path, since, morning) == ()
    assert known_statements(tmp_path, since, night) == (date(2019, 6, 19),)
