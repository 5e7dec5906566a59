"""The run ledger: what goes in comes back, whole, apart, and after a fault with a plain line."""

from __future__ import annotations

import json
import sqlite3
import threading
import traceback
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from causemap.cases.store import load_case
from causemap.errors import IncompleteError, UsageError
from causemap.ledger import Ledger, open_ledger
from causemap.ledger.store import RUN_ID, new_run_id
from causemap.records import Dossier
from causemap.reporting.json_codec import dump_dossier
from causemap.settings import Settings, load_settings

SEED = load_case("2026-02-seed")


def small(question: str = "Why?") -> Dossier:
    """A dossier of a few facts, quick to write."""
    return replace(
        SEED, scope=replace(SEED.scope, question=question), evidence=SEED.evidence[:3], paths=()
    )


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    """Settings with a home folder that does not exist yet."""
    return load_settings({"CAUSEMAP_HOME": str(tmp_path / "new" / "home")})


@pytest.fixture
def ledger(home: Settings) -> Iterator[Ledger]:
    """An empty ledger."""
    with open_ledger(home) as opened:
        yield opened


def test_a_run_comes_back_as_it_was_saved(ledger: Ledger) -> None:
    """The stored dossier is the same record, and its row tells window and title."""
    run_id = ledger.save(SEED, "A title", said="Mixed")
    assert ledger.load(run_id) == SEED
    row = ledger.row(run_id)
    assert (row.title, row.kind, row.state, row.said) == ("A title", "run", "done", "Mixed")
    assert (row.start, row.end, row.as_of) == (SEED.scope.start, SEED.scope.end, SEED.scope.as_of)


def test_a_ledger_outlives_its_process(home: Settings) -> None:
    """What one opening wrote, the next one reads; the file stands in the home folder."""
    with open_ledger(home) as first:
        run_id = first.save(small(), "kept")
    with open_ledger(home) as second:
        assert second.load(run_id) == small()
    assert (home.home / "ledger.sqlite").is_file()


def test_the_file_is_in_write_ahead_mode_with_foreign_keys(ledger: Ledger) -> None:
    """Readers do not wait for writers, and feedback cannot outlive its run."""
    with ledger.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
        assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar() == 10_000


def test_runs_are_listed_newest_first_and_by_owner(ledger: Ledger) -> None:
    """A history shows one owner's runs only; without an owner it shows all."""
    ids = [ledger.save(small(), f"{k}", owner=owner) for k, owner in enumerate("abab")]
    assert [row.id for row in ledger.runs()] == ids[::-1]
    assert [row.id for row in ledger.runs("a")] == [ids[2], ids[0]]
    assert len(ledger.runs(limit=1)) == 1
    assert ledger.owns(ids[0], "a")
    assert not ledger.owns(ids[0], "b")


def test_a_started_run_is_running_until_it_ends(ledger: Ledger) -> None:
    """A run has its id before its result; it ends done, stopped with what there is, or failed."""
    done, stopped, failed = (ledger.begin("asked") for _ in range(3))
    assert ledger.row(done).state == "running"
    with pytest.raises(UsageError, match="holds no result"):
        ledger.load(done)
    ledger.finish(done, small())
    ledger.finish(stopped, small(), state="stopped")
    ledger.fail(failed, "the data folder is empty")
    assert [ledger.row(i).state for i in (done, stopped, failed)] == ["done", "stopped", "failed"]
    assert ledger.row(failed).said == "the data folder is empty"
    assert ledger.load(stopped) == small()


def test_rename_and_delete(ledger: Ledger) -> None:
    """A title changes, hostile characters and all; a deleted run takes everything with it."""
    run_id = ledger.save(small(), "old")
    ledger.rename(run_id, "new\u202e\x00 title")
    assert ledger.row(run_id).title == "new title"
    ledger.feedback(run_id, "c", "other")
    ledger.add_turn(run_id, "and gold?", "{}")
    ledger.delete(run_id)
    assert not ledger.runs()
    assert not ledger.feedback_rows()
    assert not ledger.turns(run_id)
    with pytest.raises(UsageError, match="no run"):
        ledger.delete(run_id)


@pytest.mark.parametrize("title", ["", "   ", "\u200b"])
def test_an_empty_title_is_refused(ledger: Ledger, title: str) -> None:
    """A run keeps a title that can be seen."""
    run_id = ledger.save(small(), "old")
    with pytest.raises(UsageError, match="empty"):
        ledger.rename(run_id, title)
    assert ledger.row(run_id).title == "old"


def test_an_unknown_run_is_one_clear_line(ledger: Ledger) -> None:
    """Every call on a run that is not there says so, and repeats no control characters."""
    for call in (
        lambda: ledger.load("x\x1b[31m"),
        lambda: ledger.row("x"),
        lambda: ledger.rename("x", "y"),
        lambda: ledger.finish("x", small()),
        lambda: ledger.feedback("x", "claim", "other"),
        lambda: ledger.add_turn("x", "q", "{}"),
    ):
        with pytest.raises(UsageError, match="There is no run") as caught:
            call()
        assert "\x1b" not in str(caught.value)


def test_turns_belong_to_a_run_and_an_owner(ledger: Ledger) -> None:
    """Two readers of one run do not see each other's follow-ups."""
    run_id = ledger.save(small(), "shared")
    ledger.add_turn(run_id, "first", '{"text": "1"}', owner="a")
    ledger.add_turn(run_id, "second", '{"text": "2"}', owner="a")
    ledger.add_turn(run_id, "other", "{}", owner="b")
    assert [(t.question, t.answer) for t in ledger.turns(run_id, "a")] == [
        ("first", '{"text": "1"}'),
        ("second", '{"text": "2"}'),
    ]
    assert [t.question for t in ledger.turns(run_id, "b")] == ["other"]


def test_feedback_is_exported_with_its_window(ledger: Ledger) -> None:
    """An objection becomes a line that an evaluation can take up: claim, kind, window."""
    run_id = ledger.save(small(), "titled")
    ledger.feedback(run_id, "Yields fell 3 bp.", "wrong_number", "it was 4")
    (line,) = ledger.feedback_export().splitlines()
    row = json.loads(line)
    assert row["claim"] == "Yields fell 3 bp."
    assert (row["kind"], row["text"]) == ("wrong_number", "it was 4")
    assert (row["run_id"], row["start"], row["end"]) == (run_id, SEED.scope.start, SEED.scope.end)


def test_unknown_feedback_and_kinds_are_refused(ledger: Ledger) -> None:
    """The sets of feedback and of runs are closed."""
    run_id = ledger.save(small(), "t")
    with pytest.raises(UsageError, match="wrong_cause"):
        ledger.feedback(run_id, "c", "rude")  # type: ignore[arg-type]  # what is refused
    with pytest.raises(UsageError, match="no kind"):
        ledger.begin("t", "DROP TABLE")


def test_a_run_goes_out_as_a_file_and_comes_back(ledger: Ledger) -> None:
    """Sharing by file keeps the dossier byte for byte under a new id."""
    run_id = ledger.save(SEED, "first")
    shared = dump_dossier(ledger.load(run_id))
    again = ledger.add_file(shared, owner="b")
    assert again != run_id
    assert dump_dossier(ledger.load(again)) == shared == dump_dossier(SEED)
    assert ledger.row(again).title == SEED.scope.question
    with pytest.raises(UsageError, match="JSON"):
        ledger.add_file("no json")


def test_a_file_of_a_newer_version_is_refused(home: Settings) -> None:
    """An old program never writes into tables that it does not know."""
    with open_ledger(home) as ledger, ledger.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE ledger_schema SET version = 99")
    with pytest.raises(UsageError, match="version 99"):
        open_ledger(home)


def test_a_damaged_file_is_named_without_a_traceback(home: Settings) -> None:
    """A file that is no database is one line, not an error of the driver."""
    home.home.mkdir(parents=True)
    (home.home / "ledger.sqlite").write_bytes(b"not a database at all" * 100)
    with pytest.raises(IncompleteError, match="cannot be opened"):
        open_ledger(home)


def test_a_bad_address_is_refused_without_repeating_its_password(tmp_path: Path) -> None:
    """A ledger address may hold a secret; no message and no representation shows it."""
    canary = "canary-7f3"
    for address in (f"nodb://u:{canary}@h/x", f"postgresql://u:p@h:{canary}/x", canary):
        chosen = load_settings({"CAUSEMAP_HOME": str(tmp_path), "CAUSEMAP_LEDGER_URL": address})
        with pytest.raises(UsageError) as caught:
            open_ledger(chosen)
        shown = "".join(traceback.format_exception(caught.value))
        assert canary not in shown + repr(chosen)


def test_another_database_is_used_by_its_address(tmp_path: Path) -> None:
    """The address wins over the home folder."""
    other = tmp_path / "other.sqlite"
    chosen = load_settings(
        {"CAUSEMAP_HOME": str(tmp_path / "mine"), "CAUSEMAP_LEDGER_URL": f"sqlite:///{other}"}
    )
    with open_ledger(chosen) as ledger:
        ledger.save(small(), "there")
    assert other.is_file()
    assert not (tmp_path / "mine").exists()


def test_a_lost_table_is_a_plain_error(ledger: Ledger) -> None:
    """A fault of the database repeats neither the statement nor what was to be written."""
    with ledger.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE feedback")
    run_id = ledger.save(small(), "t")
    with pytest.raises(IncompleteError, match="could not be read or written") as caught:
        ledger.feedback(run_id, "secret words", "other")
    assert "secret" not in str(caught.value)


def test_check_and_backup(ledger: Ledger, tmp_path: Path) -> None:
    """The database finds itself whole, and its copy holds the same runs."""
    run_id = ledger.save(small(), "t")
    assert ledger.check() == "ok"
    copy = tmp_path / "copy.sqlite"
    ledger.backup(copy)
    with sqlite3.connect(copy) as raw:
        assert raw.execute("SELECT id FROM runs").fetchall() == [(run_id,)]
    raw.close()
    with pytest.raises(UsageError, match="exists already"):
        ledger.backup(copy)


def test_many_threads_write_at_once(ledger: Ledger) -> None:
    """No run is lost and none is mixed with another when ten writers meet."""
    saved: dict[str, str] = {}

    def work(k: int) -> None:
        saved[ledger.save(small(f"canary {k}"), f"{k}", owner=f"{k}")] = f"canary {k}"

    threads = [threading.Thread(target=work, args=(k,)) for k in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(saved) == 10
    assert {i: ledger.load(i).scope.question for i in saved} == saved


def test_several_may_open_a_new_ledger_at_once(home: Settings) -> None:
    """S13: the first opening of a file is one step, whoever comes to it at the same moment."""
    start = threading.Barrier(6)

    def opened(k: int) -> str:
        start.wait()
        with open_ledger(home) as own:
            return own.begin(f"run {k}")

    with ThreadPoolExecutor(6) as pool:
        made = set(pool.map(opened, range(6)))
    with open_ledger(home) as ledger:
        assert {row.id for row in ledger.runs()} == made


@pytest.mark.parametrize("left", ["DELETE FROM ledger_schema", "DROP TABLE feedback"])
def test_a_ledger_whose_making_was_killed_is_made_to_the_end(home: Settings, left: str) -> None:
    """Tables without the mark of the last step are completed; what they hold stays."""
    with open_ledger(home) as ledger:
        run_id = ledger.begin("kept")
        with ledger.engine.begin() as connection:
            connection.exec_driver_sql(left)
            connection.exec_driver_sql("DELETE FROM ledger_schema")
    with open_ledger(home) as ledger:
        ledger.feedback(run_id, "a claim", "other")
        assert [row.run_id for row in ledger.feedback_rows()] == [run_id]


def test_ids_are_short_safe_and_apart() -> None:
    """An id fits into an address as it is."""
    made = {new_run_id() for _ in range(500)}
    assert len(made) == 500
    assert all(RUN_ID.fullmatch(i) for i in made)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=300), st.text(max_size=100))
def test_any_text_can_be_a_title_or_a_remark(ledger: Ledger, title: str, said: str) -> None:
    """Whatever is typed is stored and comes back cleaned, never as a statement or an error."""
    run_id = ledger.save(small(), title.encode("utf-8", "replace").decode("utf-8"))
    ledger.feedback(run_id, said, "other", said)
    assert len(ledger.row(run_id).title) <= 200
    assert ledger.feedback_rows()[-1].run_id == run_id
    ledger.delete(run_id)
