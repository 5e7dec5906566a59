"""The background runner: runs once, ends once, keeps what there is, mixes nobody's work."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from causemap.agents.state import Progress
from causemap.cases.store import load_case
from causemap.errors import CausemapError, SourceError, UnclearQuestion, UsageError
from causemap.ledger import open_ledger
from causemap.records import Dossier
from causemap.settings import Settings, load_settings
from causemap.tools.market import MissingSeries, open_market
from causemap.ui import runner as module
from causemap.ui.questions import Question, StoppableView, find_scope, measure, on_the_desk
from causemap.ui.runner import Runner, Status

SEED = load_case("2018-11-crypto")
WINDOW = Question("window", "", "2026-01-29", "2026-02-05", ("SPX", "BTC"))
NOW = datetime(2026, 2, 10, tzinfo=UTC)

Measure = Callable[[Question, Settings, threading.Event, Callable[[Progress], None]], Dossier]


@pytest.fixture
def home(tmp_path: Path, market_dir: Path) -> Settings:
    """Settings on the made-up market."""
    return load_settings({"CAUSEMAP_HOME": str(tmp_path / "kept")}, data_dir=market_dir)


@pytest.fixture
def work(home: Settings) -> Iterator[Runner]:
    """A runner with an empty ledger."""
    with open_ledger(home) as ledger:
        made = Runner(home, ledger)
        yield made
        made.close()


def until_over(work: Runner, run_id: str) -> Status:
    """The status of a run once it is over."""
    for _ in range(600):
        status = work.status(run_id)
        if status is not None and status.over:
            return status
        time.sleep(0.05)
    pytest.fail("the run did not end")


def stand_in(monkeypatch: pytest.MonkeyPatch, fake: Measure) -> None:
    """Let runs be measured by ``fake``."""
    monkeypatch.setattr(module, "measure", fake)


def test_a_run_goes_from_question_to_ledger(work: Runner) -> None:
    """All four desks report, and the dossier stands in the ledger under the run's id."""
    run_id = work.start(WINDOW, "a")
    first = work.status(run_id)
    assert first is not None
    assert [line.desk for line in first.desks] == list(module.DESKS)
    done = until_over(work, run_id)
    assert done.state == "done"
    assert {line.state for line in done.desks} <= {"ok", "empty"}
    assert work.ledger.row(run_id).state == "done"
    assert work.ledger.load(run_id).scope.assets == ("SPX", "BTC")
    assert work.ledger.row(run_id).said


def test_the_same_question_is_not_begun_twice(
    work: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Clicking again while a run goes on leads to that run; another visitor gets their own."""
    go, calls = threading.Event(), []

    def slow(*given: object) -> Dossier:
        calls.append(given)
        go.wait(20)
        return SEED

    stand_in(monkeypatch, slow)
    first = work.start(WINDOW, "a")
    assert work.start(WINDOW, "a") == first
    other = work.start(WINDOW, "b")
    assert other != first
    go.set()
    until_over(work, first)
    until_over(work, other)
    assert len(calls) == 2
    assert work.start(WINDOW, "a") != first  # asked again after the end: measured again


def test_a_stopped_run_keeps_what_was_found(work: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stopping ends the reading; the desk that was done keeps its facts, the rest are gaps."""
    at_work = threading.Event()
    real = measure

    def paused(
        question: Question,
        settings: Settings,
        stop: threading.Event,
        note: Callable[[Progress], None],
    ) -> Dossier:
        def heard(event: Progress) -> None:
            note(event)
            at_work.set()
            stop.wait(20)

        return real(question, settings, stop, heard)

    stand_in(monkeypatch, paused)
    run_id = work.start(WINDOW, "a")
    assert at_work.wait(30)
    assert not work.stop(run_id, "b")  # a stranger cannot stop it
    assert work.stop(run_id, "a")
    ended = until_over(work, run_id)
    assert (ended.state, ended.stopping) == ("stopped", True)
    kept = work.ledger.load(run_id)
    assert any("stopped" in gap.why for gap in kept.gaps)
    assert work.ledger.row(run_id).state == "stopped"
    assert not work.stop(run_id, "a")


def test_a_stopped_view_hands_out_nothing_more(market_dir: Path) -> None:
    """After the stop every read is a named gap; before it, the view is the market's own."""
    stop = threading.Event()
    market = open_market(market_dir)
    view = StoppableView(market, NOW, stop=stop)
    assert view.daily("SPX").equals(market.view(NOW).daily("SPX"))
    stop.set()
    for read in (
        lambda: view.daily("SPX"),
        lambda: view.bars("BTC", "1h"),
        view.events,
        view.earnings,
    ):
        with pytest.raises(MissingSeries, match="stopped"):
            read()


@pytest.mark.parametrize(
    ("fault", "state"),
    [
        (UsageError("the folder is empty"), "failed"),
        (SourceError("the file is torn"), "failed"),
        (UnclearQuestion("When was that?"), "asks"),
    ],
)
def test_a_fault_is_told_once(
    work: Runner, monkeypatch: pytest.MonkeyPatch, fault: Exception, state: str
) -> None:
    """A named fault ends the run with its sentence, on the page and in the ledger."""

    def broken(*_: object) -> Dossier:
        raise fault

    stand_in(monkeypatch, broken)
    run_id = work.start(WINDOW, "a")
    status = until_over(work, run_id)
    assert (status.state, status.said) == (state, str(fault))
    assert work.ledger.row(run_id).said == str(fault)


def test_an_unnamed_fault_shows_its_kind_only(
    work: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What nobody foresaw does not leak: neither its words nor what was asked."""

    def broken(*_: object) -> Dossier:
        raise ZeroDivisionError("canary-secret")

    stand_in(monkeypatch, broken)
    run_id = work.start(WINDOW, "a")
    status = until_over(work, run_id)
    assert status.state == "failed"
    assert "ZeroDivisionError" in status.said
    assert "canary" not in status.said + work.ledger.row(run_id).said


def test_ten_visitors_get_their_own_runs(work: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    """Questions, results and histories of ten visitors at once stay apart."""
    from dataclasses import replace

    def echo(question: Question, *_: object) -> Dossier:
        return replace(SEED, scope=replace(SEED.scope, question=question.text))

    stand_in(monkeypatch, echo)
    runs: dict[str, str] = {}

    def visit(name: str) -> None:
        runs[name] = work.start(Question("question", f"canary {name}"), name)

    threads = [threading.Thread(target=visit, args=(f"v{k}",)) for k in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for name, run_id in runs.items():
        until_over(work, run_id)
        assert work.ledger.load(run_id).scope.question == f"canary {name}"
        assert [row.id for row in work.ledger.runs(name)] == [run_id]


def test_an_unknown_run_has_no_status(work: Runner) -> None:
    """A run of another process is looked up in the ledger, not here."""
    assert work.status("nosuchrun") is None


@pytest.mark.parametrize(
    ("day", "end"), [("2026-02-05", "2026-02-05"), ("2026-02-08", "2026-02-06"), ("", "2026-02-06")]
)
def test_a_day_means_its_last_five_sessions(market_dir: Path, day: str, end: str) -> None:
    """The checklist's window ends on the last session up to the day asked for."""
    scope = find_scope(Question("day", day), open_market(market_dir), NOW)
    assert scope.end == end
    assert scope.as_of <= "2026-02-10T00:00Z"


@pytest.mark.parametrize("day", ["2027-01-01", "2020-01-02", "soon"])
def test_a_day_outside_the_data_is_refused(market_dir: Path, day: str) -> None:
    """A day ahead, before the data, or no day at all is one clear line."""
    with pytest.raises(CausemapError):
        find_scope(Question("day", day), open_market(market_dir), NOW)


def test_a_question_becomes_its_window(market_dir: Path) -> None:
    """Words, closes and as-of reach the scope."""
    market = open_market(market_dir)
    asked = Question("question", "why did gold fall between 2026-01-29 and 2026-02-05?")
    scope = find_scope(asked, market, NOW)
    assert (scope.start, scope.end) == ("2026-01-29", "2026-02-05")
    known = Question("window", "", "2026-01-29", "2026-02-05", ("SPX",), "2026-02-05T23:00Z")
    assert find_scope(known, market, NOW).as_of == "2026-02-05T23:00Z"


def test_a_case_is_loaded_as_it_is(home: Settings) -> None:
    """A bundled case needs no data."""
    found = measure(Question("case", "2018-11-crypto"), home, threading.Event(), lambda _: None)
    assert found == SEED


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("why did tesla rise last week?", "give a window's two closes"),
        ("why did bitcoin fall?", "use a window's two closes"),
        ("why did bitcoin fall last week?", ", as a window by its two closes."),
    ],
)
def test_refusals_name_no_options_of_the_command_line(
    market_dir: Path, asked: str, told: str
) -> None:
    """Readers of the desk are led to its form, not to options they cannot give."""
    with pytest.raises(CausemapError) as fault:
        find_scope(
            Question("question", asked), open_market(market_dir), datetime(2026, 3, 20, tzinfo=UTC)
        )
    assert "--start" in str(fault.value)
    assert told in on_the_desk(str(fault.value))
    assert "--" not in on_the_desk(str(fault.value))
