from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from causemap.errors import IncompleteError, UsageError
from causemap.evals.answers import Sample, dump_sample, load_sample
from causemap.evals.campaign import Order, Plan, begin, carry_on, make_plan
from causemap.evals.runner import Pool, failed, run_tasks
from causemap.evals.store import Run, append, find_run, list_runs
from causemap.evals.work import Task
from causemap.records import Scope
from causemap.settings import Settings

Write = Callable[..., Path]
SLOW = """
import json, os, pathlib, sys, time
scope = json.load(sys.stdin)
with open(pathlib.Path(__file__).with_name("asked.log"), "a") as log:
    log.write(f"{os.getppid()}:{scope['start']}\\n")
time.sleep(0.2)
share = int(scope["start"][-1]) / 20
print(json.dumps({"primary": "rates_shock",
    "probabilities": {"rates_shock": 1 - share, "growth_scare": share}}))
"""


@pytest.fixture
def slow_program(tmp_path: Path) -> str:
    """A program that takes its time and notes every question."""
    script = tmp_path / "slow.py"
    script.write_text(SLOW, encoding="utf-8")
    return f"cmd:{sys.executable} {script}"


def _run(order: Order, settings: Settings) -> Run:
    plan = make_plan(order, settings)
    run = begin(order, settings, plan)
    carry_on(run, plan, order, lambda _: None)
    return run


def _results(run: Run) -> bytes:
    return (run.folder / "results.json").read_bytes()


def _elsewhere(settings: Settings, name: str) -> Settings:
    return Settings(data_dir=settings.data_dir, home=settings.home.parent / name)


def test_a_run_that_was_killed_carries_on(
    tmp_path: Path,
    small_data: Path,
    small_settings: Settings,
    write_events: Write,
    slow_program: str,
) -> None:
    """SIGKILL mid-run, then the same command: none lost, none doubled, the same bytes."""
    events, log = write_events(), tmp_path / "asked.log"
    command = [sys.executable, "-m", "causemap.cli", "eval", "run", "--events", str(events)]
    command += ["--data-dir", str(small_data), "--system", slow_program, "--workers", "1", "-q"]
    environment = os.environ | {"CAUSEMAP_HOME": str(small_settings.home)}
    with subprocess.Popen(
        command, env=environment, start_new_session=True, stdout=subprocess.PIPE
    ) as process:
        journal = _wait_for_lines(small_settings.home, 2)
        process.kill()
        _await_workers(process)
    done = [load_sample(line).key for line in journal.read_text().split("\n")[:-1]]
    with journal.open("a") as torn:
        torn.write('{"key": 5, "predic')
    order = Order(events, slow_program, workers=0)
    assert _run(order, small_settings).folder == journal.parent
    run = find_run(small_settings, journal.parent.name)
    assert sorted(run.samples()) == [0, 1, 2, 3, 4, 5]
    assert len(journal.read_text().splitlines()) == 6
    # A program the killed run had just started may outlive it and still note its question.
    asked = [line for line in log.read_text().split() if line.startswith(f"{os.getpid()}:")]
    assert len(asked) == 6 - len(done)
    whole = _run(order, _elsewhere(small_settings, "whole"))
    assert _results(whole) == _results(run)


def _await_workers(killed: subprocess.Popen[bytes]) -> None:
    """The output ends once all that hold it have ended: the workers do so of themselves."""
    try:
        killed.communicate(timeout=120)
    except subprocess.TimeoutExpired:
        os.killpg(killed.pid, signal.SIGKILL)
        pytest.fail("the workers outlived the run")


def _wait_for_lines(home: Path, number: int) -> Path:
    for _ in range(600):
        for journal in home.glob("evals/*/samples.jsonl"):
            if journal.read_bytes().count(b"\n") >= number:
                return journal
        time.sleep(0.05)
    raise AssertionError("the run wrote nothing")


@pytest.mark.parametrize("system", ["rules", "template"])
def test_a_second_run_reproduces_byte_for_byte(
    small_settings: Settings, write_events: Write, system: str
) -> None:
    """From scratch elsewhere, in this process or in a pool, the bytes are the same."""
    order = Order(write_events(), system, workers=0, limit=2)
    here = _run(order, small_settings)
    # The engine takes long to start in a fresh process; the baseline proves the pool as well.
    pool = Order(order.events, system, workers=0 if system == "rules" else 2, limit=2)
    there = _run(pool, _elsewhere(small_settings, "again"))
    assert here.id == there.id
    assert _results(here) == _results(there)
    assert b"seconds" not in _results(here)


def test_runs_may_share_their_processes(
    tmp_path: Path, small_settings: Settings, write_events: Write, slow_program: str
) -> None:
    """One process answers two runs, and is gone at the end; the bytes are those of a run alone."""
    events = write_events()
    orders = [Order(events, slow_program, limit=2, seed=seed) for seed in (0, 1)]
    alone = _run(replace(orders[0], workers=0), _elsewhere(small_settings, "alone"))
    (tmp_path / "asked.log").unlink()
    with Pool(1) as pool:
        shared = []
        for order in orders:
            plan = make_plan(order, small_settings)
            run = begin(order, small_settings, plan)
            carry_on(run, plan, order, lambda _: None, pool)
            shared.append(run)
    askers = {line.split(":")[0] for line in (tmp_path / "asked.log").read_text().split()}
    assert len(askers) == 1
    assert str(os.getpid()) not in askers
    assert shared[0].id == alone.id
    assert _results(shared[0]) == _results(alone)


def test_what_was_answered_is_not_asked_again(
    tmp_path: Path, small_settings: Settings, write_events: Write, slow_program: str
) -> None:
    """The same order finds its own answers; a changed events file is another run."""
    order = Order(write_events(), slow_program, workers=0, limit=2)
    first, second = _run(order, small_settings), _run(order, small_settings)
    assert first.id == second.id
    assert len((tmp_path / "asked.log").read_text().split()) == 2
    write_events(role="other")
    assert _run(order, small_settings).id != first.id


def test_a_dask_cluster_gives_the_same_bytes_though_a_worker_dies(
    small_settings: Settings, write_events: Write, slow_program: str
) -> None:
    """Two workers, one killed mid-run: nothing lost or doubled, the bytes of the serial run."""
    distributed = pytest.importorskip("distributed")
    events = write_events()
    serial = _run(Order(events, slow_program, workers=0), _elsewhere(small_settings, "serial"))
    with distributed.LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        processes=True,
        # Without an address the status page takes port 8787, and fails beside another cluster.
        dashboard_address="127.0.0.1:0",
    ) as cluster:
        order = Order(events, slow_program, scheduler=cluster.scheduler_address)
        plan = make_plan(order, small_settings)
        run = begin(order, small_settings, plan)
        killed: list[int] = []

        def kill_one(_: Sample) -> None:
            if not killed:
                killed.append(cluster.workers[0].pid)
                os.kill(killed[0], signal.SIGKILL)

        carry_on(run, plan, order, kill_one)
    assert killed
    assert sorted(run.samples()) == [0, 1, 2, 3, 4, 5]
    assert len((run.folder / "samples.jsonl").read_text().splitlines()) == 6
    assert run.id == serial.id
    assert _results(run) == _results(serial)


def test_a_scheduler_that_does_not_answer_is_bad_input(
    small_settings: Settings, write_events: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without Dask installed, the message says what to install."""
    monkeypatch.setitem(sys.modules, "distributed", None)
    plan = make_plan(Order(write_events(), "template"), small_settings)
    with pytest.raises(UsageError, match=r"causemap\[dask\]"):
        list(run_tasks(plan.job, plan.tasks, 1, "tcp://127.0.0.1:1"))


def test_a_pool_whose_workers_die_gives_up_and_keeps_what_was_done(
    tmp_path: Path, small_settings: Settings, write_events: Write
) -> None:
    """A worker killed again and again ends the run as incomplete, not in silence."""
    script = tmp_path / "killer.py"
    script.write_text("import os, signal\nos.kill(os.getppid(), signal.SIGKILL)\n")
    plan = make_plan(Order(write_events(), f"cmd:{sys.executable} {script}"), small_settings)
    with pytest.raises(IncompleteError, match="Workers died"):
        list(run_tasks(plan.job, plan.tasks[:1], 1))


def test_one_process_writes_a_run_at_a_time(small_settings: Settings, write_events: Write) -> None:
    """Two processes on one journal would double samples, or take the other's away."""
    run, _ = _begun(small_settings, write_events)
    with run.journal() as journal:
        append(journal, Sample(1, None, "first", priced=True, seconds=1.0))
        for again in (None, lambda _: True):
            with pytest.raises(UsageError, match="another process"), run.journal(again):
                pass
        append(journal, Sample(2, None, "second", priced=True, seconds=1.0))
    assert sorted(run.samples()) == [1, 2]


def test_samples_written_twice_count_once(small_settings: Settings, write_events: Write) -> None:
    """The first answer to a question stands."""
    run, _ = _begun(small_settings, write_events)
    with run.journal() as journal:
        append(journal, Sample(1, None, "first", priced=True, seconds=1.0))
        append(journal, Sample(1, None, "second", priced=True, seconds=2.0))
    assert run.samples()[1].fault == "first"
    with run.journal(again=lambda sample: sample.fault == "first") as journal:
        assert run.samples() == {}
        append(journal, Sample(1, None, "third", priced=True, seconds=1.0))
    assert run.samples()[1].fault == "third"


def test_a_sample_reads_back_as_it_was_written(
    small_settings: Settings, write_events: Write
) -> None:
    """A whole report's answer, cause map and all, survives the journal."""
    _, plan = _begun(small_settings, write_events, system="rules", limit=1)
    sample = next(run_tasks(plan.job, plan.tasks, 0))
    assert sample.prediction is not None
    assert load_sample(dump_sample(sample)) == sample


def test_a_failure_nobody_foresaw_is_an_error_of_its_sample() -> None:
    """It stays in every count of windows; a job that is wrong as a whole is raised."""
    task = Task(3, Scope("2020-01-01", "2020-01-02", "2020-01-03T00:00Z", ("SPX",), ("equity",)))
    sample = failed(task, RuntimeError("boom"))
    assert (sample.key, sample.fault, sample.priced) == (3, "RuntimeError: boom", True)
    with pytest.raises(UsageError):
        failed(task, UsageError("no data"))


def test_a_run_without_data_fails_whole(tmp_path: Path, write_events: Write) -> None:
    """A folder that is no data directory is bad input, not seventy errors."""
    settings = Settings(data_dir=tmp_path, home=tmp_path / "kept")
    with pytest.raises(UsageError, match="not a data directory"):
        _run(Order(write_events(), "template", workers=0), settings)


def test_the_record_says_what_was_run(small_settings: Settings, write_events: Write) -> None:
    """Code, lock, data, notes and questions are hashed; times stay out of the identity."""
    run, _ = _begun(small_settings, write_events)
    record = json.loads((run.folder / "run.json").read_text())
    for name in ("source", "lock", "events_hash", "data_hash", "questions", "environment"):
        assert len(record["identity"][name]) == 64
    assert record["identity"]["seed"] == 0
    assert "started" not in record["identity"]
    assert [row.id for row in list_runs(small_settings)] == [run.id]


def test_a_run_of_the_schema_before_is_read_and_any_other_is_one_line(
    small_settings: Settings, write_events: Write
) -> None:
    """What schema 1 did not record is empty; an unknown schema says what to do."""
    run, _ = _begun(small_settings, write_events)
    path = run.folder / "run.json"
    record = json.loads(path.read_text())
    assert record["schema"] == 2
    for name in ("prompts", "limits"):
        del record["identity"][name]
    path.write_text(json.dumps(record | {"schema": 1}))
    old = find_run(small_settings, run.id)
    assert (old.identity.prompts, old.identity.limits) == ((), ())
    assert [row.id for row in list_runs(small_settings)] == [run.id]
    path.write_text(json.dumps(record | {"schema": 99}))
    with pytest.raises(UsageError, match="remove its folder"):
        find_run(small_settings, run.id)


@pytest.mark.parametrize("name", ["../elsewhere", "", "no-such-run", "A B"])
def test_an_unknown_run_is_bad_input(small_settings: Settings, name: str) -> None:
    """A run is named by its id; nothing else becomes a path."""
    with pytest.raises(UsageError, match="eval list"):
        find_run(small_settings, name)


def _begun(settings: Settings, write_events: Write, **more: Any) -> tuple[Run, Plan]:
    order = Order(write_events(), **({"system": "template"} | more))
    plan = make_plan(order, settings)
    return begin(order, settings, plan), plan


def test_a_list_counts_the_answers_that_reading_finds(
    small_settings: Settings, write_events: Write
) -> None:
    """Before the first answer, after some, and with a key written twice."""
    run, _ = _begun(small_settings, write_events, system="majority")
    assert [row.done for row in list_runs(small_settings)] == [0]
    _run(Order(write_events(), "majority", workers=0), small_settings)
    journal = run.folder / "samples.jsonl"
    lines = journal.read_text(encoding="utf-8")
    journal.write_text(lines + lines.splitlines(keepends=True)[0], encoding="utf-8")
    assert 0 < len(run.samples()) == list_runs(small_settings)[0].done
