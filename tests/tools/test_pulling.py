from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from filelock import FileLock

from causemap.articles import Article
from causemap.errors import IncompleteError, SourceError, UsageError
from causemap.tools.fetch import Fetcher
from causemap.tools.pulling import STATE_FILE, Outcome, Wish, pull, read_state
from causemap.tools.sources.contract import Batch, Missing, Observation, Span

NOW = datetime(2026, 11, 20, 23, tzinfo=UTC)


def seen(series: str, day: int, value: float, file: str = "market_daily") -> Observation:
    """A value of a day of November."""
    at = datetime(2026, 11, day, tzinfo=UTC)
    return Observation(series, file, at, at + timedelta(hours=22), value, "test")


@dataclass
class Fake:
    """A source with a script."""

    name: str
    series: tuple[str, ...]
    batch: Batch = field(default_factory=Batch)
    fault: Exception | None = None
    terms: str = ""
    redistributable: bool = False
    deadline: float = 5.0
    spans: list[Span] = field(default_factory=list)

    async def pull(self, fetcher: Fetcher, span: Span) -> Batch:
        """The script."""
        del fetcher
        self.spans.append(span)
        if self.fault is not None:
            raise self.fault
        return self.batch


Run = Callable[..., tuple[Outcome, ...]]


@pytest.fixture
def run(fetcher_of: Callable[..., Fetcher], tmp_path: Path) -> Run:
    """Pull some sources into a folder."""

    def go(*sources: Fake, wish: Wish | None = None, now: datetime = NOW) -> tuple[Outcome, ...]:
        async def pulled() -> tuple[Outcome, ...]:
            async with fetcher_of() as fetcher:
                told: list[Outcome] = []
                folder, wished = tmp_path / "data", wish or Wish()
                found = await pull(folder, sources, fetcher, now, wished, told.append)
                assert sorted(o.source for o in told) == sorted(o.source for o in found)
                return found

        return asyncio.run(pulled())

    return go


def good() -> Fake:
    """A source that works."""
    return Fake("good", ("SPX",), Batch(observations=(seen("SPX", 18, 6000.0),)))


def test_what_answers_is_kept_and_what_does_not_is_named(run: Run, tmp_path: Path) -> None:
    """One source works, one half, one raises, one is silent: each has its own end."""
    half = Fake(
        "half",
        ("UST10Y", "UST2Y"),
        Batch((seen("UST10Y", 18, 4.1),), missing=(Missing("UST2Y", "failed", "status 500"),)),
    )
    bad = Fake("bad", ("VIX",), fault=SourceError("bad: status 503"))
    silent = Fake("silent", ("DXY",))
    found = {o.source: o for o in run(good(), half, bad, silent)}
    assert {name: o.state for name, o in found.items()} == {
        "good": "ok",
        "half": "partial",
        "bad": "failed",
        "silent": "failed",
    }
    assert found["bad"].missing == (Missing("VIX", "failed", "bad: status 503"),)
    assert [(m.what, m.kind) for m in found["silent"].missing] == [("DXY", "empty")]
    frame = pd.read_parquet(tmp_path / "data" / "market_daily.parquet")
    assert sorted(frame.columns) == ["SPX", "UST10Y"]
    state = read_state(tmp_path / "data")
    assert state.finished is not None
    assert state.sources == found


@pytest.mark.parametrize("blocked", ["data", f"data/{STATE_FILE}", "data/.pull.lock"])
def test_a_folder_that_cannot_be_written_is_one_error(
    run: Run, tmp_path: Path, blocked: str
) -> None:
    """A file in the place of the folder, a folder in the place of a file: said, no traceback."""
    place = tmp_path / blocked
    if blocked == "data":
        place.write_text("no folder")
    else:
        place.mkdir(parents=True)
    with pytest.raises(IncompleteError, match=r"cannot be written.*--data-dir"):
        run(good())


def test_each_series_is_read_on_from_where_it_ends(run: Run) -> None:
    """The first fill reads five years; the next only what is new, with days in common."""
    source = good()
    run(source)
    run(source, now=NOW + timedelta(days=1))
    first, second = source.spans
    assert first.first("SPX") == date(2021, 11, 21)
    assert second.first("SPX") == date(2026, 11, 18) - timedelta(days=15)
    assert second.first("NDX") == date(2021, 11, 22)


def test_since_reads_everything_from_that_day(run: Run) -> None:
    """A wish for a first day goes before what is on disk."""
    source = good()
    run(source)
    run(source, wish=Wish(since=date(2020, 1, 1)))
    assert source.spans[1].first("SPX") == date(2020, 1, 1)


def test_some_sources_or_series_only(run: Run) -> None:
    """By name, or by what they fill; unknown names are refused."""
    one, two = good(), Fake("two", ("VIX",), Batch((seen("VIX", 18, 20.0),)))
    assert [o.source for o in run(one, two, wish=Wish(sources=("two",)))] == ["two"]
    assert [o.source for o in run(one, two, wish=Wish(series=("SPX",)))] == ["good"]
    with pytest.raises(UsageError, match="'three' is no source; known are good, two"):
        run(one, two, wish=Wish(sources=("three",)))
    with pytest.raises(UsageError, match="No source fills 'GOLD'"):
        run(one, two, wish=Wish(series=("GOLD",)))


def test_a_pull_broken_off_goes_on_where_it_stopped(run: Run, tmp_path: Path) -> None:
    """Sources already done are not asked again within some hours; after a full pull they are."""
    one, two = good(), Fake("two", ("VIX",), Batch((seen("VIX", 18, 20.0),)))
    run(one, two)
    path = tmp_path / "data" / STATE_FILE
    state = json.loads(path.read_text())
    path.write_text(json.dumps({**state, "finished": None, "done": ["good"]}))
    run(one, two)
    assert (len(one.spans), len(two.spans)) == (1, 2)
    run(one, two)
    assert (len(one.spans), len(two.spans)) == (2, 3)
    path.write_text(json.dumps({**state, "finished": None, "done": ["good"]}))
    run(one, two, now=NOW + timedelta(hours=7))
    assert (len(one.spans), len(two.spans)) == (3, 4)
    two.fault = SourceError("two: answered with status 503")
    run(one, two)
    path.write_text(json.dumps({**json.loads(path.read_text()), "finished": None}))
    run(one, two)
    # What failed is worth another question when a pull goes on.
    assert (len(one.spans), len(two.spans)) == (4, 6)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"started": 3}', '{"sources": {"a": 1}}'])
def test_a_damaged_state_file_costs_nothing(run: Run, tmp_path: Path, text: str) -> None:
    """Without a readable state everything is simply asked again."""
    source = good()
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / STATE_FILE).write_text(text)
    assert run(source)[0].state == "ok"


def test_two_pulls_at_once_are_refused(run: Run, tmp_path: Path) -> None:
    """The second says so and touches nothing."""
    folder = tmp_path / "data"
    folder.mkdir()
    with FileLock(folder / ".pull.lock"), pytest.raises(IncompleteError, match="another pull"):
        run(good())
    assert not (folder / "market_daily.parquet").exists()


def test_a_source_that_hangs_is_given_up(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its own deadline not kept, the pull's is; the others' results stand."""
    monkeypatch.setattr("causemap.tools.pulling.GRACE", 0.05)

    class Hangs(Fake):
        async def pull(self, fetcher: Fetcher, span: Span) -> Batch:
            del fetcher, span
            await asyncio.sleep(60)
            return Batch()

    found = {o.source: o for o in run(Hangs("hangs", ("VIX",), deadline=0.05), good())}
    assert (found["hangs"].state, found["good"].state) == ("failed", "ok")
    assert found["hangs"].missing[0].why == "no answer within 0.05 s"


DRIVER = """
import asyncio, sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from causemap.tools.fetch import Fetcher
from causemap.tools.pulling import Wish, pull
from causemap.tools.sources.contract import Batch, Observation

NOW = datetime(2026, 11, 20, 23, tzinfo=UTC)
DAYS = 400

class Slow:
    terms, redistributable, deadline = "", False, 60.0

    def __init__(self, number):
        self.name = f"source{number}"
        self.series = (("SPX", "NDX", "VIX", "UST2Y", "DXY")[number],)
        self.number = number

    async def pull(self, fetcher, span):
        await asyncio.sleep(0.1 * self.number)
        rows = []
        for i in range(DAYS):
            at = datetime(2025, 10, 1, tzinfo=UTC) + timedelta(days=i)
            for name in self.series:
                rows.append(Observation(name, "market_daily", at, at, 100.0 + i, self.name))
        return Batch(observations=tuple(rows))

async def main():
    async with Fetcher("test") as fetcher:
        await pull(Path(sys.argv[1]), [Slow(i) for i in range(5)], fetcher, NOW, Wish(),
                   lambda outcome: print(outcome.source, outcome.state, flush=True))

asyncio.run(main())
print("done", flush=True)
"""


def test_killed_in_the_middle_it_loses_nothing_and_goes_on(tmp_path: Path, checkout: Path) -> None:
    """SIGKILL at two moments: files stay whole, rows written stay, the next pull finishes."""
    driver, folder = tmp_path / "driver.py", tmp_path / "data"
    driver.write_text(DRIVER)
    env = {**os.environ, "PYTHONPATH": str(checkout / "src")}
    kept: dict[str, int] = {}
    for reported in (1, 2):
        killed = start(driver, folder, env)
        lines = [killed.stdout.readline() for _ in range(reported)]
        time.sleep(0.02 * reported)
        killed.send_signal(signal.SIGKILL)
        killed.communicate()
        assert all(line.split()[1] == "ok" for line in lines)
        frame = pd.read_parquet(folder / "market_daily.parquet")
        counts = {name: int(frame[name].count()) for name in frame.columns}
        assert set(counts.values()) == {400}
        assert kept.items() <= counts.items()
        kept = counts
    last = start(driver, folder, env)
    out, _ = last.communicate(timeout=300)
    assert last.returncode == 0
    assert out.splitlines()[-1] == "done"
    frame = pd.read_parquet(folder / "market_daily.parquet")
    assert {n: int(frame[n].count()) for n in frame.columns} == dict.fromkeys(frame.columns, 400)
    assert set(frame.columns) == {"SPX", "NDX", "VIX", "UST2Y", "DXY"}
    state = read_state(folder)
    assert state.finished is not None
    assert set(state.done) == {f"source{i}" for i in range(5)}


def told(key: str) -> Article:
    """An article of a feed."""
    at = "2026-11-20T10:30:00Z"
    return Article(key, None, "Press", key, at, "minute", at, at, "en", key)


def test_articles_go_to_the_library_and_a_fault_there_costs_nothing_else(
    fetcher_of: Callable[..., Fetcher], tmp_path: Path
) -> None:
    """How many were new stands beside what the files got; a library out of order is named."""
    batch = replace(good().batch, articles=(told("a"), told("b")))
    source = Fake("press", ("SPX",), batch)

    def broken(articles: Sequence[Article]) -> int:
        raise SourceError(f"no room for {len(articles)}")

    def shelved(shelve: Callable[[Sequence[Article]], int]) -> Outcome:
        async def go() -> tuple[Outcome, ...]:
            async with fetcher_of() as fetcher:
                folder, wish = tmp_path / "data", Wish()
                return await pull(folder, [source], fetcher, NOW, wish, lambda _: None, shelve)

        return asyncio.run(go())[0]

    failed = shelved(broken)
    assert (failed.state, failed.added) == ("partial", {"market_daily": 1})
    assert failed.missing == (Missing("the article library", "failed", "no room for 2"),)
    assert shelved(lambda _: 0).added == {}
    assert shelved(len).added == {"library": 2}
    assert read_state(tmp_path / "data").sources["press"].added == {"library": 2}


SHELVER = """
import asyncio, sys
from datetime import UTC, datetime
from pathlib import Path
from causemap.articles import Article
from causemap.tools.fetch import Fetcher
from causemap.tools.library import collection, open_library
from causemap.tools.pulling import Wish, pull
from causemap.tools.sources.contract import Batch, Headline

collection.BATCH = 10
NOW = datetime(2026, 11, 20, 23, tzinfo=UTC)
AT = "2026-11-20T10:30:00Z"

class Press:
    name, series, terms, redistributable, deadline = "press", (), "", False, 60.0

    async def pull(self, fetcher, span):
        titles = [f"{chr(97 + n) * 5} moved {n * 37} points on day {n}" for n in range(26)]
        rows = [Headline(NOW, "second", "Press", t, f"https://p.example/{t[0]}") for t in titles]
        told = [Article(t, None, "Press", t, AT, "minute", AT, AT, "en", t) for t in titles]
        return Batch(headlines=tuple(rows), articles=tuple(told))

def shelve(articles):
    library = open_library(Path(sys.argv[1]) / "library")
    def tell(added):
        print(added.new, flush=True)
        if sys.argv[2] == "hold" and added.new >= 20:
            sys.stdin.read()  # until killed
    return library.add(articles, tell).new

async def main():
    async with Fetcher("test") as fetcher:
        found = await pull(Path(sys.argv[1]), [Press()], fetcher, NOW, Wish(), print, shelve)
    print(library_count())

def library_count():
    return open_library(Path(sys.argv[1]) / "library").count()

asyncio.run(main())
"""


def test_killed_while_articles_are_shelved_the_next_pull_shelves_them(
    tmp_path: Path, checkout: Path
) -> None:
    """The source counts as done only after the library; nothing is kept twice."""
    driver, folder = tmp_path / "driver.py", tmp_path / "data"
    driver.write_text(SHELVER)
    env = {**os.environ, "PYTHONPATH": str(checkout / "src")}
    killed = start(driver, folder, env, "hold")
    assert killed.stdout.readline().strip() == "10"
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    assert read_state(folder).done == ()
    assert len(pd.read_parquet(folder / "headlines.parquet")) == 26
    last = start(driver, folder, env)
    out, err = last.communicate(timeout=300)
    assert last.returncode == 0, err
    assert out.splitlines()[-1] == "26"
    assert read_state(folder).done == ("press",)
    assert len(pd.read_parquet(folder / "headlines.parquet")) == 26


def start(driver: Path, folder: Path, env: dict[str, str], how: str = "go") -> Any:
    """A real process that pulls; with ``hold`` it waits to be killed on the way."""
    return subprocess.Popen(
        [sys.executable, str(driver), str(folder), how],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=env,
    )
