"""Press attention as context: shown with its lead or lag, and never weighed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from causemap.agents.attention import broken, read_attention
from causemap.agents.bench import Bench
from causemap.agents.graph import run
from causemap.agents.scope import make_scope
from causemap.attribution.judge import judge
from causemap.records import Evidence
from causemap.settings import Settings
from causemap.tools.market import FILES, AsOfView, open_market
from causemap.tools.news.timing import Fall


def _rows(folder: Path, start: str, end: str) -> list[Evidence]:
    return _read(folder, start, end).evidence


def _read(folder: Path, start: str, end: str) -> Bench:
    scope = make_scope(start, end, ("SPX",), None, now=datetime.now(UTC))
    view = open_market(folder).view(datetime.fromisoformat(scope.as_of))
    bench = Bench("earnings_news", scope, view)
    read_attention(bench)
    return bench


def test_a_fall_breaks_at_the_close_that_makes_a_third() -> None:
    """The day of the first close by which a third of the fall was done."""
    closes = tuple(datetime(2022, 6, day, 20, tzinfo=UTC) for day in (7, 8, 9, 10))
    assert broken(Fall(closes, (4.0, 3.95, 3.6, 3.1))) == date(2022, 6, 9)


def test_attention_ahead_of_the_break_and_after_it(shared_dir: Path) -> None:
    """June 2022: what was loud before prices broke stands apart from what was loud after."""
    found = {
        e.id.partition(".")[2]: e for e in _rows(shared_dir / "data", "2022-06-07", "2022-06-16")
    }
    early = [e for key, e in found.items() if key.startswith("press.") and "before" in e.said]
    late = [e for key, e in found.items() if key.startswith("press.") and "only after" in e.said]
    assert early
    assert late
    for row in (*early, *late):
        assert row.group == "context"
        assert row.expected == ()
        assert row.z is not None
        assert row.z >= 1.0
        lead = found[f"press_lead.{row.metric}"]
        assert lead.unit == "days"
        assert (lead.value >= 0.0) == (row in early)
    assert max(e.end for e in early) < min(e.start for e in late)


def test_an_official_statement_stands_above_the_press(
    shared_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a statement of the Federal Reserve before the break, rates rows have full quality."""
    for days, quality in ((), 0.8), ((date(2018, 10, 17),), 1.0), ((date(2018, 10, 25),), 0.8):
        monkeypatch.setattr(AsOfView, "statements", lambda _view, _since, days=days: days)
        rows = _rows(shared_dir / "data", "2018-10-17", "2018-10-29")
        assert {e.quality for e in rows if e.metric == "rates_shock"} == {quality}
        assert {e.quality for e in rows if e.metric != "rates_shock"} == {0.8}


def test_years_without_titles_have_no_rows(shared_dir: Path) -> None:
    """A window in 2025, where the file holds a title a day, gets none, and the gap says why."""
    bench = _read(shared_dir / "data", "2025-01-24", "2025-01-27")
    assert bench.evidence == []
    (gap,) = bench.gaps
    assert (gap.what, gap.kind) == ("attention of the press", "empty")
    assert gap.why.startswith("fewer than 500 titles since ")


@pytest.mark.parametrize("name", FILES)
def test_each_file_that_is_not_there_is_told(shared_dir: Path, tmp_path: Path, name: str) -> None:
    """Taken away in turn, every file of the data directory leaves a gap with its reason."""
    for file in (shared_dir / "data").glob("*.parquet"):
        if file.stem != name:
            (tmp_path / file.name).symlink_to(file)
    settings = Settings(data_dir=tmp_path, home=tmp_path)
    scope = make_scope("2025-10-29", "2025-11-20", ("SPX", "BTC"), None, now=datetime.now(UTC))
    view = open_market(tmp_path).view(datetime.fromisoformat(scope.as_of))
    gaps = run(scope, view, (), settings).gaps
    lacking = {gap.why for gap in gaps if gap.kind == "not_covered"}
    bars = "no 1h bars over the window in the data directory"
    assert (bars if name == "crypto_1h" else f"the data directory has no {name}.parquet") in lacking
    assert ("1h bars of bitcoin" in {gap.what for gap in gaps}) == (name == "crypto_1h")
    if name == "crypto_daily":
        (speed,) = [gap for gap in gaps if gap.what == "cascade speed"]
        assert speed.why == "the data directory has no crypto_daily.parquet"


def test_attention_has_no_weight(shared_dir: Path) -> None:
    """A dossier says the same of every group without its press rows."""
    settings = Settings(data_dir=shared_dir / "data", home=shared_dir)
    scope = make_scope("2020-02-19", "2020-03-06", ("SPX",), None, now=datetime.now(UTC))
    view = open_market(settings.data_dir).view(datetime.fromisoformat(scope.as_of))
    whole = run(scope, view, (), settings)
    rest = tuple(e for e in whole.evidence if ".press" not in e.id)
    assert len(rest) < len(whole.evidence)
    assert judge(whole) == judge(replace(whole, evidence=rest))
    assert all(e.available_at <= scope.as_of for e in whole.evidence)
