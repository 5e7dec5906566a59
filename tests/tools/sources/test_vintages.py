"""Revised series as they stood: from ALFRED's answer through the file to the as-of view."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from causemap.tools.market import MissingSeries, open_market
from causemap.tools.sources import fred
from causemap.tools.sources.contract import Batch, Observation, Revision, Span
from causemap.tools.store import Store
from causemap.tools.vintages import REVISED, as_printed

NAME = "STLFSI4"
DAYS = [date(2026, 10, 2) + timedelta(weeks=n) for n in range(4)]


def moment(day: int, hour: int = 12) -> datetime:
    """A time of November 2026."""
    return datetime(2026, 11, day, hour, tzinfo=UTC)


def held(*values: float) -> Batch:
    """Weekly values as the daily file keeps them."""
    rows = [
        Observation(
            NAME, "market_daily", datetime(d.year, d.month, d.day, tzinfo=UTC), moment(1), v, "fred"
        )
        for d, v in zip(DAYS, values, strict=False)
    ]
    return Batch(observations=tuple(rows))


def test_a_view_reads_the_print_in_force(tmp_path: Path) -> None:
    """A later print is not read earlier; a day without prints keeps the value of the daily file."""
    store = Store(tmp_path)
    store.merge(held(9.0, 9.0, 9.0))
    prints = (
        Revision(NAME, DAYS[1], moment(1), 1.0),
        Revision(NAME, DAYS[1], moment(10), 1.5),
        Revision(NAME, DAYS[2], moment(5), 2.0),
        Revision(NAME, DAYS[2], moment(12), None),
    )
    store.merge(Batch(revisions=prints))
    market = open_market(tmp_path)
    assert market.view(moment(4)).daily(NAME).tolist() == [9.0, 1.0]
    assert market.view(moment(9)).daily(NAME).tolist() == [9.0, 1.0, 2.0]
    assert market.view(moment(10)).daily(NAME).tolist() == [9.0, 1.5, 2.0]
    assert market.view(moment(12)).daily(NAME).tolist() == [9.0, 1.5]


def test_before_its_first_print_a_series_is_missing(tmp_path: Path) -> None:
    """The daily file holds values that nobody knew then."""
    store = Store(tmp_path)
    store.merge(held(9.0))
    store.merge(Batch(revisions=(Revision(NAME, DAYS[0], moment(10), 1.0),)))
    market = open_market(tmp_path)
    with pytest.raises(MissingSeries) as caught:
        market.view(moment(9)).daily(NAME)
    assert caught.value.kind == "empty"
    assert market.view(moment(11)).daily(NAME).tolist() == [1.0]


def test_the_same_prints_again_add_nothing(tmp_path: Path) -> None:
    """Also where one has no value."""
    prints = Batch(
        revisions=(
            Revision(NAME, DAYS[0], moment(1), 1.0),
            Revision(NAME, DAYS[0], moment(2), None),
        )
    )
    assert Store(tmp_path).merge(prints).added == {"vintages": 2}
    before = (tmp_path / "vintages.parquet").read_bytes()
    assert Store(tmp_path).merge(prints).added == {}
    assert (tmp_path / "vintages.parquet").read_bytes() == before


def test_another_series_is_left_alone(tmp_path: Path) -> None:
    """The file speaks of the series it names."""
    store = Store(tmp_path)
    store.merge(held(9.0))
    store.merge(Batch(revisions=(Revision("USD_BROAD", DAYS[0], moment(1), 1.0),)))
    assert open_market(tmp_path).view(moment(9)).daily(NAME).tolist() == [9.0]


@given(
    prints=st.lists(
        st.tuples(st.integers(0, 3), st.integers(1, 25), st.one_of(st.none(), st.floats(-9, 9))),
        unique_by=lambda row: row[:2],
        max_size=12,
    ),
    day=st.integers(1, 25),
)
def test_no_print_is_read_before_it_was_out(
    prints: list[tuple[int, int, float | None]], day: int
) -> None:
    """Whatever was printed later: the last print of each day by then, if it has a value."""
    rows = [(NAME, pd.Timestamp(DAYS[d]), moment(k), v) for d, k, v in prints]
    frame = pd.DataFrame(rows, columns=["series", "date", "known", "value"])
    frame = frame.astype(
        {"date": "datetime64[us]", "known": "datetime64[us, UTC]", "value": "float64"}
    )
    base = pd.Series(9.0, index=pd.DatetimeIndex(DAYS), name=NAME)
    wanted: dict[date, float | None] = dict.fromkeys(DAYS, 9.0)
    wanted |= {DAYS[d]: None for d, _, _ in prints}
    wanted |= {DAYS[d]: v for d, k, v in sorted(prints, key=lambda row: row[1]) if k <= day}
    found = as_printed(base, frame, NAME, moment(day))
    assert (
        dict(zip(DAYS, [None] * 4, strict=True))
        | {pd.Timestamp(str(stamp)).date(): value for stamp, value in found.items()}
        == wanted
    )
    assert found.index.is_monotonic_increasing


ANSWER = {
    "observations": [
        {"date": "2026-11-06", "value": value, "realtime_start": start, "realtime_end": end}
        for value, start, end in (
            ("-0.5", "2026-11-12", "2026-11-18"),
            ("-0.4", "2026-11-19", "2026-11-19"),
            (".", "2026-11-20", "9999-12-31"),
        )
    ]
}


def test_with_a_key_the_prints_are_pulled(serve: Any, read: Any, now: datetime) -> None:
    """Each from the end of its day; what is not out yet at the moment of the pull is not kept."""
    serve({"api.stlouisfed.org": (ANSWER, "application/json")})
    batch = read(fred.Fred(key="K", series=(NAME,)), Span(date(2026, 11, 1), now))
    day = date(2026, 11, 6)
    assert batch.revisions == (
        Revision(NAME, day, datetime(2026, 11, 13, 5, tzinfo=UTC), -0.5),
        Revision(NAME, day, datetime(2026, 11, 20, 5, tzinfo=UTC), -0.4),
    )


def test_without_a_key_none_are_asked_for(serve: Any, read: Any, web: Any) -> None:
    """The keyless table has no vintages; series that are not revised need none."""
    serve({"api.stlouisfed.org": (ANSWER, "application/json")})
    assert read(fred.Fred(series=(NAME,))).revisions == ()
    assert read(fred.Fred(key="K", series=("HY_OAS",))).revisions == ()
    assert not any("realtime_start" in asked.query for asked in web.asked)


def test_more_prints_than_one_answer_holds_are_read_on(
    web: Any, answer: Any, read: Any, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By offset until an answer is not full; a series without end is a named gap."""
    monkeypatch.setattr(fred, "PAGE", 2)

    def page(asked: Any) -> Any:
        if "offset" not in asked.query:
            return answer(json.dumps({"observations": []}).encode())
        offset = int(asked.query.split("offset=")[1].split("&")[0])
        rows = [] if endless else ANSWER["observations"][offset : offset + 2]
        return answer(json.dumps({"observations": rows or ANSWER["observations"][:2]}).encode())

    endless = False
    web.routes["api.stlouisfed.org"] = page
    assert (
        len(read(fred.Fred(key="K", series=(NAME,)), Span(date(2026, 11, 1), now)).revisions) == 2
    )
    endless = True
    (gap,) = [
        m
        for m in read(fred.Fred(key="K", series=(NAME,)), Span(date(2026, 11, 1), now)).missing
        if m.what == f"{NAME} vintages"
    ]
    assert (gap.kind, "more than 12 prints" in gap.why) == ("failed", True)


def test_the_revised_series_come_from_fred() -> None:
    """A name that FRED does not fill would never be asked for."""
    assert set(REVISED) <= set(fred.SERIES)
