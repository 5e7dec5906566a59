from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from causemap.tools.fetch import Fetched
from causemap.tools.fetching.faults import SchemaChanged
from causemap.tools.fetching.session import fetcher_session
from causemap.tools.registry import REGISTRY
from causemap.tools.sources.contract import Batch, Job, Span, bars, closes_of_days, daily, each
from causemap.tools.sources.okx import Liquidation, coins_by_day
from causemap.tools.sources.paging import MAX_PAGES, backwards, forwards
from causemap.tools.sources.strict import Strict
from causemap.tools.sources.yahoo import Yahoo, period_of

NOW = datetime(2026, 11, 20, 23, 0, tzinfo=UTC)
SECONDS = st.integers(1_704_067_200, 1_798_675_200)
MOMENTS = SECONDS.map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
DAYS = st.dates(date(2023, 12, 1), date(2027, 2, 1))


@given(st.sampled_from(sorted(REGISTRY)), MOMENTS, DAYS, st.lists(DAYS, max_size=12, unique=True))
def test_nothing_is_known_before_it_is_out(
    name: str, now: datetime, since: date, days: list[date]
) -> None:
    """Whatever a source sends, only days wanted and values already published become rows."""
    rows = daily(Span(since, now), "s", name, [(day, 1.0) for day in days])
    assert all(row.observed_at < row.available_at <= now for row in rows)
    assert all(row.observed_at.date() >= since for row in rows)
    held = {row.observed_at.date() for row in rows}
    assert all(day in held for day in days if since <= day <= now.date() - timedelta(days=15))


@given(MOMENTS, st.sampled_from(["crypto_1h", "crypto_4h"]))
def test_a_bar_is_known_when_it_has_closed(now: datetime, file: Any) -> None:
    """The running bar is never kept."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    times = [hour + timedelta(hours=i) for i in range(-12, 3)]
    rows = bars(Span(date(2020, 1, 1), now), "s", "X", file, [(at, 1.0) for at in times])
    length = timedelta(hours=1 if file == "crypto_1h" else 4)
    assert [row.observed_at for row in rows] == [at for at in times if at + length <= now]


def test_a_snapshot_at_midnight_closes_the_day_before() -> None:
    """Other hours are not a close."""
    at = datetime(2026, 11, 19, tzinfo=UTC)
    found = closes_of_days([(at, 1.0), (at + timedelta(hours=1), 2.0)])
    assert found == [(date(2026, 11, 18), 1.0)]


@dataclass(frozen=True)
class Row:
    """A dated row."""

    at: datetime


def rows(*hours: int) -> list[Row]:
    """Rows at hours since the first of November."""
    return [Row(datetime(2026, 11, 1, tzinfo=UTC) + timedelta(hours=h)) for h in hours]


def millis(row: Row) -> int:
    """The time of a row."""
    return int(row.at.timestamp() * 1000)


class TestPaging:
    """Long histories, page by page."""

    def test_forwards_until_a_page_is_not_full(self) -> None:
        """Every row once, in order."""
        every, asked = rows(*range(7)), []

        async def read(start: int) -> list[Row]:
            asked.append(start)
            return [row for row in every if millis(row) >= start][:3]

        assert asyncio.run(forwards(read, millis(every[0]), 3)) == every
        assert asked == [millis(every[0]), millis(every[2]) + 1, millis(every[5]) + 1]

    def test_backwards_until_the_start_is_reached(self) -> None:
        """Newest page first; the result is in order of time."""
        every = rows(*range(7))

        async def read(before: int) -> list[Row]:
            return [row for row in reversed(every) if millis(row) < before][:3]

        assert asyncio.run(backwards(read, 0, millis(rows(99)[0]), 3)) == every
        part = asyncio.run(backwards(read, millis(every[4]), millis(rows(99)[0]), 3))
        assert part == every[4:]

    def test_a_source_that_does_not_move_on_is_not_asked_for_ever(self) -> None:
        """The same page again ends the reading; a pager without end stops at the cap."""
        asked = []

        async def same(start: int) -> list[Row]:
            asked.append(start)
            return rows(1, 2, 3)

        asyncio.run(forwards(same, millis(rows(5)[0]), 3))
        assert len(asked) == 1
        asked.clear()
        asyncio.run(backwards(same, 0, millis(rows(1)[0]), 3))
        assert len(asked) == 1

        async def endless(start: int) -> list[Row]:
            asked.append(start)
            return [Row(datetime.fromtimestamp(start / 1000 + i, UTC)) for i in range(3)]

        asked.clear()
        asyncio.run(forwards(endless, 10**12, 3))
        assert len(asked) == MAX_PAGES


def test_liquidations_are_contracts_times_their_worth() -> None:
    """Coins by side, on the days the list covers from midnight to midnight."""
    at = datetime(2026, 11, 16, 13, tzinfo=UTC)
    listed = [
        Liquidation(at, "long", 999.0),
        Liquidation(at + timedelta(days=2), "long", 300.0),
        Liquidation(at + timedelta(days=2, hours=1), "short", 50.0),
        Liquidation(NOW, "long", 999.0),
    ]
    found = coins_by_day(listed, 0.01, NOW)
    assert found == {
        date(2026, 11, 17): {"long": 0.0, "short": 0.0},
        date(2026, 11, 18): {"long": 3.0, "short": 0.5},
        date(2026, 11, 19): {"long": 0.0, "short": 0.0},
    }
    assert coins_by_day([], 0.01, NOW) == {}


def test_an_unforeseen_fault_costs_one_question_only() -> None:
    """It is named as what it is, and the rest is kept."""

    async def broken() -> Batch:
        raise ZeroDivisionError("by accident")

    async def fine() -> Batch:
        return Batch()

    jobs = (Job(("A",), broken), Job(("B",), fine, may_be_empty=True), Job(("C",), fine))
    found = {gap.what: (gap.kind, gap.why) for gap in asyncio.run(each(jobs, deadline=5)).missing}
    assert found["A"] == ("failed", "unforeseen ZeroDivisionError: by accident")
    assert found["C"][0] == "empty"
    assert "B" not in found


READ = Strict("Test")


@pytest.mark.parametrize(
    "call",
    [
        lambda: READ.number(value=True),
        lambda: READ.number(None),
        lambda: READ.number("nan"),
        lambda: READ.number("inf"),
        lambda: READ.number("1,5"),
        lambda: READ.number([]),
        lambda: READ.moment("1700000000"),
        lambda: READ.moment(1700000000, per_second=1000),
        lambda: READ.day("18/11/2026"),
        lambda: READ.day(20261118),
        lambda: READ.text(3),
        lambda: READ.at([], "a"),
        lambda: READ.at({"a": 1}, "a", "b"),
        lambda: READ.rows({"a": {}}, "a"),
        lambda: READ.cells([1, 2], 3),
        lambda: READ.cells("abc", 3),
        lambda: READ.table(body(b"a,b\n1\n")),
        lambda: READ.table(body(b"a,b\n1,2,3\n")),
        lambda: READ.table(body(b"\xff\xfe")),
        lambda: READ.json(body(b"{")),
        lambda: READ.json(body(b"[" * 100_000)),
        lambda: READ.tree(body(b"<a>")),
        lambda: READ.tree(body(b"<!DOCTYPE a><a/>")),
    ],
)
def test_what_is_not_as_documented_raises(call: Callable[[], object]) -> None:
    """Nothing is guessed, and the source is named."""
    with pytest.raises(SchemaChanged, match=r"Test: .*; the format may have changed"):
        call()


def body(raw: bytes) -> Fetched:
    """An answer with this body."""
    return Fetched(200, "https://x.example/", raw, "", NOW, from_cache=False)


@pytest.mark.parametrize(
    ("days", "period"), [(1, "1mo"), (28, "1mo"), (29, "3mo"), (1800, "5y"), (5000, "max")]
)
def test_the_shortest_period_that_reaches_back(days: int, period: str) -> None:
    """Yahoo is asked by period."""
    assert period_of(days) == period


class TestSession:
    """The session that yfinance speaks through."""

    def test_cookies_are_carried_and_posts_refused(
        self, web: Any, answer: Any, fetcher_of: Any
    ) -> None:
        """A cookie of one answer goes with the next request of the session; nothing is posted."""
        web.routes["*"] = answer(b"{}", headers=(("Set-Cookie", "A3=1; path=/"),))

        async def go() -> None:
            async with fetcher_of() as fetcher:
                session = fetcher_session(fetcher, asyncio.get_running_loop(), "s")
                for _ in range(2):
                    await asyncio.to_thread(session.get, "https://h.example/")
                with pytest.raises(requests.exceptions.InvalidSchema):
                    await asyncio.to_thread(session.post, "https://h.example/", data={"a": 1})

        asyncio.run(go())
        assert [asked.headers.get("cookie") for asked in web.asked] == [None, "A3=1"]

    def test_the_guard_holds_for_it_too(self, web: Any, fetcher_of: Any) -> None:
        """An inside address is refused as a connection error, and nothing is sent."""
        from causemap.tools.fetching.address import Policy

        async def go() -> None:
            async with fetcher_of(policy=Policy()) as fetcher:
                session = fetcher_session(fetcher, asyncio.get_running_loop(), "s")
                with pytest.raises(requests.exceptions.ConnectionError, match="not public"):
                    await asyncio.to_thread(session.get, "http://127.0.0.1/")
                session.close()
                with pytest.raises(requests.exceptions.ConnectionError, match="over"):
                    await asyncio.to_thread(session.get, "https://h.example/")

        asyncio.run(go())
        assert web.asked == []

    def test_a_hanging_yahoo_ends_at_the_deadline(self, web: Any, answer: Any, read: Any) -> None:
        """The source's own deadline calls off the thread's request too."""
        web.routes["*"] = answer(b"x" * 500, drip=0.05)
        (gap,) = read(Yahoo(series=("SPX",), news=(), deadline=0.3)).missing
        assert gap.why == "no answer within 0.3 s"


def test_yfinance_leaves_no_folder_behind(
    serve: Any, read: Any, case_of: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a cache of the fetcher's its own cookie is kept nowhere."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    case = case_of("yahoo")
    serve(case.good)
    assert read(case.source).observations
    assert [path.name for path in tmp_path.iterdir() if path.name != "home"] == []


def test_a_price_of_zero_is_a_fault(serve: Any, read: Any, case_of: Any) -> None:
    """Zero or less is a fault of the answer, not a fall."""
    case = case_of("yahoo")
    page, (chart, kind) = next(iter(case.good.items()))
    quote = chart["chart"]["result"][0]["indicators"]
    quote["quote"][0]["close"][0] = quote["adjclose"][0]["adjclose"][0] = 0.0
    serve({page: (chart, kind)})
    (gap,) = read(case.source).missing
    assert (gap.kind, "zero or less" in gap.why) == ("failed", True)
