"""``causemap data``, the freshness said by ``explain``, and the doctor's live rows."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import time_machine

from causemap.cli import main
from causemap.doctor import examine
from causemap.errors import UsageError
from causemap.settings import load_settings
from causemap.tools.sources.contract import Batch, Observation
from causemap.tools.store import Store

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command line: exit code, standard output, standard error."""

    def go(*args: object) -> tuple[int, str, str]:
        code: object = 0
        try:
            main([str(arg) for arg in args])
        except SystemExit as stop:
            code = stop.code
        out = capsys.readouterr()
        return int(str(code or 0)), out.out, out.err

    return go


@pytest.fixture
def live(monkeypatch: pytest.MonkeyPatch, fetcher_of: Any) -> None:
    """Let the command speak to the stand-in instead of the world."""
    monkeypatch.setattr(
        "causemap.tools.fetching.opening.open_fetcher",
        lambda _: fetcher_of(clock=lambda: datetime.now(UTC)),
    )


def rates(day: str) -> bytes:
    """An answer of the New York Fed."""
    row = {
        "effectiveDate": day,
        "percentRate": 3.9,
        "percentPercentile99": 4.0,
        "volumeInBillions": 2900,
    }
    return json.dumps({"refRates": [row]}).encode()


@pytest.mark.usefixtures("live")
def test_a_whole_pull_ends_with_code_nought(
    run: Run, web: Any, answer: Any, tmp_path: Path
) -> None:
    """Progress on standard error, the file on disk, and a status that says so."""
    day = (datetime.now(UTC) - timedelta(days=5)).date()
    web.routes["markets.newyorkfed.org"] = answer(rates(day.isoformat()))
    code, _, err = run("data", "pull", "--source", "nyfed", "--data-dir", tmp_path)
    assert (code, "nyfed" in err, "4 in market_daily" in err) == (0, True, True)
    frame = pd.read_parquet(tmp_path / "market_daily.parquet")
    assert frame["SOFR"].tolist() == [3.9]
    code, out, _ = run("data", "status", "--data-dir", tmp_path)
    assert code == 0
    (line,) = [row for row in out.splitlines() if row.startswith("SOFR ")]
    assert line.split()[1:5] == ["fresh", str(day), "5", "d"]
    assert "last pull: begun" in out
    code, out, _ = run("data", "status", "--json", "--data-dir", tmp_path)
    body = json.loads(out)
    (sofr,) = [row for row in body["series"] if row["name"] == "SOFR"]
    assert (sofr["state"], sofr["redistributable"]) == ("fresh", True)
    assert body["pull"]["sources"]["nyfed"]["state"] == "ok"


@pytest.mark.usefixtures("live")
def test_a_partial_pull_ends_with_code_three(
    run: Run, web: Any, answer: Any, tmp_path: Path
) -> None:
    """What is missing is named with its reason, in one line and in the status."""
    day = (datetime.now(UTC) - timedelta(days=5)).date().isoformat()
    web.routes["markets.newyorkfed.org/api/rates/secured/sofr/search.json"] = answer(rates(day))
    code, _, err = run("data", "pull", "--series", "SOFR", "--data-dir", tmp_path)
    assert code == 3
    assert "nyfed 1 (EFFR: markets.newyorkfed.org: answered with status 404)" in err
    _, out, _ = run("data", "status", "--data-dir", tmp_path)
    assert "failed       EFFR: markets.newyorkfed.org: answered with status 404" in out


@pytest.mark.usefixtures("live")
@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("--source", "nosuch"), "is no source"),
        (("--series", "NOSUCH"), "No source fills"),
        (("--since", "soon"), "since"),
    ],
)
def test_a_bad_wish_ends_with_code_two(
    run: Run, tmp_path: Path, args: tuple[str, str], said: str
) -> None:
    """One line that says what is wrong; nothing is written."""
    code, _, err = run("data", "pull", *args, "--data-dir", tmp_path / "d")
    assert (code, said in err, "Traceback" in err) == (2, True, False)
    assert not (tmp_path / "d").exists()


def test_status_without_data_says_what_to_do(run: Run, tmp_path: Path) -> None:
    """An empty folder is not a data directory."""
    code, _, err = run("data", "status", "--data-dir", tmp_path)
    assert code == 2
    assert "not a data directory" in err


@pytest.mark.usefixtures("live")
def test_with_every_source_down_the_answer_comes_from_disk(
    run: Run, web: Any, answer: Any, shared_dir: Path, tmp_path: Path
) -> None:
    """The pull names every source, the files stay bit for bit, and a window is still explained."""
    for name in ("market_daily", "crypto_daily"):
        path = shared_dir / "data" / f"{name}.parquet"
        (tmp_path / path.name).write_bytes(path.read_bytes())
    before = {p.name: p.read_bytes() for p in tmp_path.glob("*.parquet")}
    web.routes["*"] = answer(b"", "text/plain", 503)
    code, _, err = run("data", "pull", "--data-dir", tmp_path)
    assert code == 3
    for name in ("yahoo", "fred", "treasury", "binance", "okx", "bybit", "feeds", "sec"):
        assert f"{name} " in err
    assert {p.name: p.read_bytes() for p in tmp_path.glob("*.parquet")} == before
    window = ("--start", "2026-08-10", "--end", "2026-08-20", "--assets", "SPX")
    target = tmp_path / "r.json"
    code, _, _ = run("explain", *window, "--data-dir", tmp_path, "--json", target, "-q")
    assert code == 0
    report = json.loads(target.read_text())
    assert report["evidence"]
    stale = [gap for gap in report["gaps"] if gap["kind"] == "stale"]
    assert any("days old" in gap["why"] for gap in stale)


def days(name: str, last: datetime, count: int, file: str = "market_daily") -> list[Observation]:
    """Values up to a day."""
    base = datetime(last.year, last.month, last.day, tzinfo=UTC)
    return [
        Observation(name, file, base - timedelta(days=i), base, 1000.0 - i, "t")
        for i in range(count)
    ]


def test_a_question_about_now_is_told_how_fresh_the_data_are(run: Run, tmp_path: Path) -> None:
    """Fresh and stale series stand before the answer; what was asked and is not there is named."""
    now = datetime.now(UTC)
    rows = [*days("SPX", now, 400), *days("NDX", now, 400)]
    rows += [*days("VIX", now - timedelta(days=40), 300)]
    Store(tmp_path).merge(Batch(observations=tuple(rows)))
    start, end = (now - timedelta(days=6)).date(), (now - timedelta(days=2)).date()
    _, _, err = run("explain", "--start", start, "--end", end, "--data-dir", tmp_path)
    assert "2 of 3 series on disk are fresh; stale, with age: VIX 40 d" in err
    _, _, err = run("explain", "why did bitcoin fall this week?", "--data-dir", tmp_path)
    assert "no crypto_daily.parquet" in err


def test_a_question_about_now_on_old_data_is_not_answered_with_another_week(
    run: Run, tmp_path: Path
) -> None:
    """One line: what the newest closes are, how old, how to ask for them; that way it answers."""
    now = datetime.now(UTC)
    old = [*days("SPX", now - timedelta(days=21), 400)]
    old += days("VIX", now - timedelta(days=40), 400)
    old += days("BTC", now - timedelta(days=20), 400, "crypto_daily")
    Store(tmp_path).merge(Batch(observations=tuple(old)))
    ask = ("why did stocks and bitcoin fall this week?", "--assets", "SPX,BTC", "-q")
    code, out, err = run("explain", *ask, "--data-dir", tmp_path)
    assert (code, out, err.count("\n")) == (2, "", 1)
    spx, btc = (now - timedelta(days=21)).date(), (now - timedelta(days=20)).date()
    assert f"SPX on {spx} (21 days ago), BTC on {btc} (20 days ago)" in err
    assert "causemap data pull" in err
    offered = err[err.index("--start") :].strip().rstrip(".").split()
    assert offered == ["--start", str(btc - timedelta(days=5)), "--end", str(btc), *offered[4:]]
    target = tmp_path / "r.json"
    code, _, _ = run("explain", *offered, "--data-dir", tmp_path, "--json", target, "-q")
    report = json.loads(target.read_text())
    assert code == 0
    assert any(item["id"].endswith("btc.change") for item in report["evidence"])
    # What ended earlier is a gap with its age, not a carried value.
    why = f"VIX: the last value is of {(now - timedelta(days=40)).date()}, 20 days old"
    assert (why, "stale") in {(gap["why"], gap["kind"]) for gap in report["gaps"]}


def test_a_window_of_which_nothing_is_known_is_incomplete(run: Run, tmp_path: Path) -> None:
    """The report names every gap with its age and is kept; exit code 3 and one line say so."""
    now = datetime.now(UTC)
    Store(tmp_path).merge(Batch(observations=tuple(days("SPX", now - timedelta(days=60), 90))))
    start, end = (now - timedelta(days=9)).date(), (now - timedelta(days=3)).date()
    window = ("--start", start, "--end", end, "--assets", "SPX", "--data-dir", tmp_path, "-q")
    target = tmp_path / "r.json"
    code, _, err = run("explain", *window, "--json", target)
    assert (code, err.count("\n")) == (3, 1)
    assert f"Nothing could be measured on {start} to {end}" in err
    report = json.loads(target.read_text())
    assert report["evidence"] == []
    assert any("57 days old" in gap["why"] for gap in report["gaps"])


def test_a_question_about_a_time_before_the_data_is_told_their_span(
    run: Run, tmp_path: Path
) -> None:
    """Nothing to pull there: the data begin later."""
    now = datetime.now(UTC)
    Store(tmp_path).merge(Batch(observations=tuple(days("SPX", now, 40))))
    code, _, err = run("explain", "why did stocks fall in 2008?", "--data-dir", tmp_path, "-q")
    assert (code, "has data from" in err, "data pull" in err) == (2, True, False)


RSS = """<?xml version="1.0"?><rss version="2.0"><channel><item><title>{}</title>
<link>https://p.example/btc</link><pubDate>{}</pubDate></item></channel></rss>"""


@pytest.mark.usefixtures("live")
@time_machine.travel("2026-11-18T15:00:00+00:00")
def test_what_a_pull_found_in_the_feeds_is_tested_by_the_next_question(
    run: Run, web: Any, answer: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From a feed through the library to a claim with its measured figure; twice adds nothing."""
    monkeypatch.setenv("CAUSEMAP_HOME", str(tmp_path / "own"))
    now, data = datetime.now(UTC), tmp_path / "data"
    rows = [*days("SPX", now, 400), *days("BTC", now, 400, "crypto_daily")]
    falls = [o for o in rows if o.observed_at < now - timedelta(days=4)]
    lower = [replace(o, value=o.value * 0.8) for o in rows if o not in falls]
    Store(data).merge(Batch(observations=(*falls, *lower)))
    feed = RSS.format("Bitcoin rose 30% since Monday", format_datetime(now - timedelta(hours=1)))
    path = tmp_path / "feeds.yaml"
    path.write_text(
        "- {name: a, publisher: Press, url: https://p.example/rss, terms: t, redistributable: no}"
    )
    monkeypatch.setenv("CAUSEMAP_FEEDS", str(path))
    web.routes["p.example"] = answer(feed.encode(), "text/xml")
    code, _, err = run("data", "pull", "--source", "feeds", "--data-dir", data)
    assert (code, "1 in headlines, 1 in library" in err) == (0, True)
    code, _, err = run("data", "pull", "--source", "feeds", "--data-dir", data)
    assert (code, "feeds           ok       nothing new" in err) == (0, True)
    target = tmp_path / "r.json"
    start, end = (now - timedelta(days=7)).date(), (now - timedelta(days=1)).date()
    window = ("--start", start, "--end", end)
    code, _, err = run(
        "explain", *window, "--assets", "BTC", "--data-dir", data, "--json", target, "-q"
    )
    assert code == 0, err
    (claim,) = json.loads(target.read_text())["claims"]
    assert (claim["verdict"], claim["source"]) == ("contradicted", "Press")


ARTICLE = "<html><body><article><p>{}</p></article></body></html>"


@pytest.mark.usefixtures("live")
def test_pages_behind_the_feeds_come_into_the_library(
    run: Run, web: Any, answer: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By default with a pull, with --pages for a feed given by hand; 0 leaves the sites alone."""
    monkeypatch.setenv("CAUSEMAP_HOME", str(tmp_path / "own"))
    path = tmp_path / "feeds.yaml"
    path.write_text(
        "- {name: a, publisher: Press, url: https://p.example/rss, terms: t, redistributable: no}"
    )
    monkeypatch.setenv("CAUSEMAP_FEEDS", str(path))
    feed = RSS.format("Bitcoin fell again", format_datetime(datetime.now(UTC)))
    web.routes["p.example/rss"] = answer(feed.encode(), "text/xml")
    words = "Bitcoin fell while long positions were closed by force. " * 8
    web.routes["p.example/btc"] = answer(ARTICLE.format(words).encode(), "text/html")
    ask = ("data", "pull", "--source", "feeds", "--data-dir", tmp_path / "data")
    code, _, err = run(*ask, "--pages", "0")
    assert (code, "  pages " in err, web.count("p.example/btc")) == (0, False, 0)
    assert run("ingest", "https://p.example/rss", "--pages", "3")[0] == 0
    assert web.count("p.example/btc") == 1
    code, out, _ = run("library", "status")
    assert "articles    2" in out
    assert "pages       0 wait behind the feeds" in out
    web.routes["p.example/rss"] = answer(feed.replace("btc", "shut").encode(), "text/xml")
    code, _, err = run(*ask)
    assert code == 0
    assert "pages           0 read, 0 new in the library. 1 not: p.example: answered with" in err


class TestDoctor:
    """What the settings and the last pull say of the live sources; nothing is opened."""

    def rows(self, folder: Path, **env: str) -> dict[str, tuple[str, str]]:
        """State and words of each row."""
        settings = load_settings(env, data_dir=folder)
        found = examine(settings, datetime.now(UTC).date())
        return {row.what: (row.state, row.seen) for row in found}

    def test_without_settings_it_says_what_is_missing(self, tmp_path: Path) -> None:
        """No key, no contact, no pull: notes, not faults."""
        rows = self.rows(tmp_path)
        assert rows["FRED key"][0] == rows["user agent"][0] == rows["live sources"][0] == "note"

    def test_a_key_is_not_shown(self, tmp_path: Path) -> None:
        """Whether it is set, not what it is."""
        rows = self.rows(
            tmp_path, CAUSEMAP_FRED_KEY="CANARY", CAUSEMAP_USER_AGENT="me me@x.example"
        )
        assert rows["FRED key"] == ("ok", "set (not shown)")
        assert rows["user agent"] == ("ok", "me me@x.example")
        assert "CANARY" not in repr(rows)
        assert "CANARY" not in repr(load_settings({"CAUSEMAP_FRED_KEY": "CANARY"}))

    @pytest.mark.parametrize(
        ("state", "finished", "said"),
        [
            ("ok", "2026-11-20T23:01:00+00:00", "1 of 1 whole"),
            ("partial", "2026-11-20T23:01:00+00:00", "short: nyfed"),
            ("ok", None, "broken off"),
        ],
    )
    def test_the_last_pull(
        self, tmp_path: Path, state: str, finished: str | None, said: str
    ) -> None:
        """Whole, short of something, or broken off."""
        at = "2026-11-20T23:00:00+00:00"
        outcome = {"source": "nyfed", "state": state, "at": at, "added": {}, "missing": []}
        body = {
            "started": at,
            "finished": finished,
            "done": ["nyfed"],
            "sources": {"nyfed": outcome},
        }
        (tmp_path / "pull_state.json").write_text(json.dumps(body))
        assert said in self.rows(tmp_path)["live sources"][1]


@pytest.mark.parametrize("name", ["CAUSEMAP_FRED_KEY", "CAUSEMAP_USER_AGENT"])
@pytest.mark.parametrize("text", ["CANARY\r\nX-Evil: 1", "CANARY\u2028", "CANARY" * 100])
def test_a_key_that_is_no_plain_line_is_refused(name: str, text: str) -> None:
    """It would end in a header; the message names the setting, not the value."""
    with pytest.raises(UsageError, match=name) as caught:
        load_settings({name: text})
    assert "CANARY" not in str(caught.value)


@pytest.mark.usefixtures("live")
def test_without_a_network_one_line_says_so(
    run: Run, web: Any, answer: Any, tmp_path: Path
) -> None:
    """Not a reason a source; the status then names each source's series once for each reason."""
    web.routes["*"] = answer(b"", "text/plain", 503)
    code, _, err = run("data", "pull", "--source", "nyfed,coinbase", "--data-dir", tmp_path)
    assert code == 3
    (line,) = [row for row in err.splitlines() if row.startswith("causemap:")]
    assert "none of the 2 sources could be read (answered with status 503)" in line
    code, out, err = run("data", "status", "--data-dir", tmp_path)
    assert (code, "causemap data pull" in err) == (2, True)
    assert "failed       BTC_SPOT_USD, ETH_SPOT_USD: api.exchange.coinbase.com: answered" in out


@pytest.mark.usefixtures("live")
def test_what_no_source_brings_is_named(run: Run, tmp_path: Path, now: datetime) -> None:
    """In the status and, by their kind, in its JSON."""
    Store(tmp_path).merge(Batch(observations=tuple(days("SPX", now, 5))))
    _, out, _ = run("data", "status", "--data-dir", tmp_path)
    assert "not_covered  liquidations on Binance, liquidations on Bybit: no public history" in out
    _, out, _ = run("data", "status", "--json", "--data-dir", tmp_path)
    assert {gap["kind"] for gap in json.loads(out)["not_offered"]} == {"not_covered"}
