"""Series: what is due when, over summer time, holidays, half days and weekends."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from causemap.briefing import compose
from causemap.briefing.clock import next_close, sessions_before
from causemap.briefing.press import write_issue
from causemap.briefing.series import Series, due, moment_of, read_series, run_due, scope_of
from causemap.briefing.shelf import Shelf
from causemap.errors import UsageError
from causemap.records import Dossier, Gap, Scope


@pytest.fixture(autouse=True)
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Charts are drawn in other tests."""
    monkeypatch.setattr(compose, "pictures", lambda *_: ())


MORNING = Series("morning", at="07:30", zone="America/New_York")
ROUND = Series("round", assets=("BTC",), market="24/7", at="00:30", zone="UTC")


def at(text: str) -> datetime:
    """A UTC time."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def never(_: date) -> bool:
    """No issue is out."""
    return False


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-02-05T12:29", date(2026, 2, 4)),
        ("2026-02-05T12:30", date(2026, 2, 5)),
        # Summer time begins on 8 March 2026: the same local hour comes an hour earlier in UTC.
        ("2026-03-09T11:29", date(2026, 3, 6)),
        ("2026-03-09T11:30", date(2026, 3, 9)),
        # Saturday and Sunday have no session; Friday's issue is the latest.
        ("2026-02-08T20:00", date(2026, 2, 6)),
        # Good Friday 2026.
        ("2026-04-03T20:00", date(2026, 4, 2)),
        # The half day after Thanksgiving is a session.
        ("2026-11-27T20:00", date(2026, 11, 27)),
    ],
)
def test_an_issue_is_due_on_sessions_at_its_local_hour(now: str, expected: date) -> None:
    """The latest session whose local hour has come, whatever the season."""
    assert due(MORNING, at(now), never) == expected


def test_crypto_has_weekends() -> None:
    """A series on a market that never closes is due each day."""
    assert due(ROUND, at("2026-02-07T00:30"), never) == date(2026, 2, 7)
    assert due(ROUND, at("2026-02-08T12:00"), never) == date(2026, 2, 8)


def test_what_is_out_is_not_due_again() -> None:
    """Only the latest date counts: an older missed issue is not caught up behind it."""
    assert due(MORNING, at("2026-02-05T20:00"), lambda day: day == date(2026, 2, 5)) is None


@pytest.mark.parametrize(
    ("zone", "expected"), [("America/New_York", 6), ("Europe/Berlin", 1), ("Asia/Tokyo", 17)]
)
def test_the_local_hour_is_the_zone_s_own(zone: str, expected: int) -> None:
    """Zones differ, and the moment is kept in UTC."""
    moment = moment_of(Series("x", at="02:30", zone=zone), date(2026, 7, 1))
    assert (moment.hour, moment.tzinfo) == (expected if zone != "Europe/Berlin" else 0, UTC)


def test_an_hour_that_summer_time_skips_still_comes() -> None:
    """02:30 does not exist on the night of the change; the issue comes out all the same."""
    night = moment_of(Series("x", at="02:30", market="24/7"), date(2026, 3, 8))
    assert night == at("2026-03-08T07:30")


def test_the_window_ends_with_the_last_close_before_the_hour() -> None:
    """A morning issue tells the sessions up to yesterday's close."""
    scope = scope_of(MORNING, date(2026, 2, 9), at("2026-02-09T13:00"))
    assert (scope.start, scope.end) == ("2026-01-30", "2026-02-06")
    assert scope.as_of == "2026-02-09T13:00Z"
    assert scope.groups == ("equity", "crypto", "metals")


def test_sessions_before_a_half_day_s_close() -> None:
    """A half day closes at 18:00 UTC in November: then it counts, a minute before it does not."""
    assert sessions_before("XNYS", at("2026-11-27T18:00"), 1) == (date(2026, 11, 27),)
    assert sessions_before("XNYS", at("2026-11-27T17:59"), 1) == (date(2026, 11, 25),)


def test_the_next_close_steps_over_weekend_and_holiday() -> None:
    """After Thursday's close before Good Friday comes Monday's."""
    assert next_close("XNYS", at("2026-04-02T21:00")) == date(2026, 4, 6)
    assert next_close("24/7", at("2026-04-02T21:00")) == date(2026, 4, 3)


class Measured:
    """Counts how often the desks were asked."""

    def __init__(self, dossier: Dossier, gaps: tuple[Gap, ...] = ()) -> None:
        self.dossier, self.gaps, self.calls = dossier, gaps, 0

    def __call__(self, _: Scope) -> Dossier:
        """Hand over the dossier, and count."""
        self.calls += 1
        return replace(self.dossier, gaps=self.gaps)


NOW = at("2025-01-29T13:00")


def test_a_date_is_written_once(dossier: Dossier, tmp_path: Path) -> None:
    """A second call finds the issue out and leaves it alone."""
    measured = Measured(dossier)
    first = run_due(MORNING, tmp_path, NOW, measured, write_issue)
    second = run_due(MORNING, tmp_path, NOW, measured, write_issue)
    assert (first.state, second.state, measured.calls) == ("written", "nothing", 1)
    folder = tmp_path / "morning" / "2025-01-29"
    assert Shelf(folder).take().review == "Unreviewed draft"
    assert {"morning-2025-01-29.md", "morning-2025-01-29.eml", "run.json"} <= {
        path.name for path in folder.iterdir()
    }


def test_two_calls_at_once_write_one_issue(dossier: Dossier, tmp_path: Path) -> None:
    """The lock lets one of two callers write; the other finds nothing to do."""
    measured = Measured(dossier)
    states: list[str] = []

    def call() -> None:
        states.append(run_due(MORNING, tmp_path, NOW, measured, write_issue).state)

    threads = [threading.Thread(target=call) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(states) == ["nothing", "written"]
    assert measured.calls == 1


LATE = Gap("Bank reserves", "failed", "the source did not answer", "macro")


def test_late_sources_are_waited_for_and_then_named(dossier: Dossier, tmp_path: Path) -> None:
    """Within the waiting time nothing comes out; after it the issue says what is missing."""
    measured = Measured(dossier, (LATE,))
    early = run_due(MORNING, tmp_path, at("2025-01-29T13:00"), measured, write_issue)
    assert (early.state, early.missing) == ("waiting", ("Bank reserves",))
    assert not (tmp_path / "morning" / "2025-01-29" / "issue.json").exists()
    late = run_due(MORNING, tmp_path, at("2025-01-29T16:00"), measured, write_issue)
    assert late.state == "written"
    issue = Shelf(tmp_path / "morning" / "2025-01-29").take()
    assert any("Bank reserves" in line for line in issue.disclosures)


def test_an_issue_on_nothing_at_all_is_never_written(dossier: Dossier, tmp_path: Path) -> None:
    """Without a single measurement the date stays due, however long it was waited for."""
    empty = replace(dossier, evidence=(), decompositions=())
    gaps = (LATE, LATE, replace(LATE, what="Gold"))
    late = at("2025-01-29T23:00")
    found = run_due(MORNING, tmp_path, late, Measured(empty, gaps), write_issue)
    assert (found.state, found.missing) == ("waiting", ("Bank reserves", "Gold"))
    assert not (tmp_path / "morning" / "2025-01-29" / "issue.json").exists()
    assert run_due(MORNING, tmp_path, late, Measured(dossier), write_issue).state == "written"


def test_a_crash_while_writing_leaves_the_date_due(dossier: Dossier, tmp_path: Path) -> None:
    """The issue itself is written last, so a broken write is done again."""

    def broken(_series: Series, _day: date, _found: Dossier, folder: Path) -> None:
        folder.mkdir(parents=True)
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk"):
        run_due(MORNING, tmp_path, NOW, Measured(dossier), broken)
    assert run_due(MORNING, tmp_path, NOW, Measured(dossier), write_issue).state == "written"


GOOD = "series:\n  - name: a\n    at: '06:05'\n    zone: Europe/Berlin\n    formats: [md, pdf]\n"


def test_a_series_file_is_read(tmp_path: Path) -> None:
    """Keys that are left out take their defaults."""
    path = tmp_path / "series.yaml"
    path.write_text(GOOD, encoding="utf-8")
    (series,) = read_series(path)
    assert (series.name, series.formats, series.length) == ("a", ("md", "pdf"), "daily")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("name: a", "name: ../a", "letters"),
        ("name: a", "title: a", "name"),
        ("at: '06:05'", "at: 'soon'", "soon"),
        ("Europe/Berlin", "Mars/Olympus", "Mars"),
        ("[md, pdf]", "[docx]", "docx"),
        ("zone:", "zoned:", "zoned"),
    ],
)
def test_a_bad_series_file_is_one_clear_line(tmp_path: Path, old: str, new: str, said: str) -> None:
    """The entry and what is wrong with it are named."""
    path = tmp_path / "series.yaml"
    path.write_text(GOOD.replace(old, new), encoding="utf-8")
    with pytest.raises(UsageError, match=said):
        read_series(path)


def test_without_a_series_file_the_way_to_one_is_told(tmp_path: Path) -> None:
    """The error says which command writes an example."""
    with pytest.raises(UsageError, match="brief series"):
        read_series(tmp_path / "none.yaml")
