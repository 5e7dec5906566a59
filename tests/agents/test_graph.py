from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

import pandas as pd
import pytest

from causemap.agents import crypto_structure, earnings_news, graph, macro, technicals
from causemap.agents.graph import DESKS, run
from causemap.agents.state import Progress
from causemap.articles import Article
from causemap.closed_sets import Desk
from causemap.records import DeskReport, Gap, Scope
from causemap.settings import Settings
from causemap.tools.market import AsOfView, Market

SCOPE = Scope("2026-01-29", "2026-02-05", "2026-02-07T23:59Z", ("SPX", "NDX"), ("equity",))
MODULES: dict[Desk, ModuleType] = {
    "macro": macro,
    "earnings_news": earnings_news,
    "technicals": technicals,
    "crypto_structure": crypto_structure,
}


@pytest.fixture
def view(tmp_path: Path) -> AsOfView:
    """A view over a folder that holds nothing."""
    return Market(tmp_path).view(datetime(2026, 2, 7, 23, 59, tzinfo=UTC))


def _settings(tmp_path: Path, timeout: float = 20.0) -> Settings:
    return Settings(data_dir=tmp_path, home=tmp_path, desk_timeout=timeout)


def _stub(monkeypatch: pytest.MonkeyPatch, failing: Desk | None = None) -> None:
    for desk, module in MODULES.items():

        def measure(
            _scope: Scope, _view: AsOfView, _settings: Settings, _notes: object, desk: Desk = desk
        ) -> DeskReport:
            if desk == failing:
                raise RuntimeError("secret detail")
            return DeskReport(desk, gaps=(Gap(desk, "empty", "stub", desk),))

        monkeypatch.setattr(module, "measure", measure)


@pytest.mark.parametrize("failing", DESKS)
def test_a_failing_desk_leaves_the_others(
    failing: Desk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, view: AsOfView
) -> None:
    """One desk raises: the other three report, and the failure is a gap that hides no detail."""
    _stub(monkeypatch, failing)
    dossier = run(SCOPE, view, (), _settings(tmp_path))
    assert [gap.desk for gap in dossier.gaps] == list(DESKS)
    (gap,) = [gap for gap in dossier.gaps if gap.kind == "failed"]
    assert gap.desk == failing
    assert gap.why == "the desk did not finish: a fault inside the program"
    assert gap.weakens


def test_desks_run_at_the_same_time(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, view: AsOfView
) -> None:
    """All four desks are inside their measure at once: each waits for the other three."""
    barrier = threading.Barrier(4, timeout=10)
    for desk, module in MODULES.items():

        def measure(
            _scope: Scope, _view: AsOfView, _settings: Settings, _notes: object, desk: Desk = desk
        ) -> DeskReport:
            barrier.wait()
            return DeskReport(desk)

        monkeypatch.setattr(module, "measure", measure)
    assert run(SCOPE, view, (), _settings(tmp_path)).gaps == ()


def test_desks_that_only_compute_do_so_one_after_another(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, view: AsOfView
) -> None:
    """A desk that is done soon is never inside its measure together with another one."""
    busy, met = threading.Lock(), []
    for desk, module in MODULES.items():

        def measure(
            _scope: Scope, _view: AsOfView, _settings: Settings, _notes: object, desk: Desk = desk
        ) -> DeskReport:
            met.append(not busy.acquire(timeout=0))
            time.sleep(0.02)
            busy.release()
            return DeskReport(desk)

        monkeypatch.setattr(module, "measure", measure)
    run(SCOPE, view, (), _settings(tmp_path))
    assert met == [False] * 4


def test_a_desk_that_hangs_becomes_a_gap(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, view: AsOfView
) -> None:
    """The answer comes while the desk still hangs: it is named, and the rest is kept."""
    _stub(monkeypatch)
    release, left = threading.Event(), threading.Event()

    def hang(_scope: Scope, _view: AsOfView, _settings: Settings, _notes: object) -> DeskReport:
        release.wait()
        left.set()
        return DeskReport("macro")

    monkeypatch.setattr(macro, "measure", hang)
    dossier = run(SCOPE, view, (), _settings(tmp_path, timeout=0.3))
    assert not left.is_set()
    release.set()
    assert "macro" in [gap.desk for gap in dossier.gaps if gap.kind == "failed"]
    assert left.wait(60.0), "what comes after the answer is dropped without a fault"


HANGS = """
import sys, threading
from causemap.agents import macro
macro.measure = lambda *_: threading.Event().wait()
from causemap.cli import main
main(sys.argv[1:])
"""


def test_a_desk_that_never_returns_does_not_hold_the_process(tmp_path: Path) -> None:
    """The program gives its answer without the desk, says so, and ends."""
    days = pd.bdate_range("2026-01-26", "2026-02-06", name="date")
    pd.DataFrame({"SPX": 100.0}, index=days).to_parquet(tmp_path / "market_daily.parquet")
    window = ("--start", "2026-01-29", "--end", "2026-02-05", "--as-of", "2026-02-07T23:59Z")
    command = [sys.executable, "-c", HANGS, "explain", *window, "--data-dir", str(tmp_path)]
    environment = os.environ | {"CAUSEMAP_DESK_TIMEOUT": "3"}
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=300, env=environment, check=False
    )
    assert done.returncode == 3, done.stderr
    assert (
        "causemap: Incomplete: the desk did not finish: it took longer than it may" in done.stderr
    )
    assert "macro             failed" in done.stderr
    assert "As of 7 Feb 2026" in done.stdout


ARTICLE = Article(
    id="a",
    url=None,
    publisher="Press",
    title="T",
    published="2026-02-05",
    precision="date",
    retrieved="2026-02-06T00:00Z",
    available="2026-02-05",
    language="en",
    text="Bitcoin fell 20% this week.",
)


def test_a_fault_in_the_claims_is_a_gap(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, view: AsOfView
) -> None:
    """The desks' results stay, the failure is named, its detail is not shown."""

    def broken(*_: object) -> None:
        raise ZeroDivisionError("secret detail")

    _stub(monkeypatch, "macro")
    monkeypatch.setattr("causemap.tools.claims.check", broken)
    dossier = run(SCOPE, view, (), _settings(tmp_path), articles=(ARTICLE,))
    assert dossier.claims == ()
    failed = [(gap.what, gap.kind) for gap in dossier.gaps if gap.kind == "failed"]
    assert failed == [("the macro desk", "failed"), ("the claims of the articles", "failed")]
    assert dossier.gaps[-1].why.endswith("tested to the end: a fault inside the program")
    assert len(dossier.gaps) == 5


def test_claims_over_their_time_are_a_gap(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, view: AsOfView
) -> None:
    """The same limit as a desk's; what the desks found is kept."""
    _stub(monkeypatch)
    release = threading.Event()
    monkeypatch.setattr("causemap.tools.claims.check", lambda *_: release.wait())
    dossier = run(SCOPE, view, (), _settings(tmp_path, timeout=0.3), articles=(ARTICLE,))
    release.set()
    assert "the claims of the articles" in [g.what for g in dossier.gaps if g.kind == "failed"]
    assert [gap.desk for gap in dossier.gaps[:4]] == list(DESKS)


def test_claims_in_a_run_are_those_of_the_finished_dossier(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, view: AsOfView
) -> None:
    """The step after the desks sees all they measured, and a desk that failed does not stop it."""
    _stub(monkeypatch, "technicals")
    plain = run(SCOPE, view, (), _settings(tmp_path))
    found = run(SCOPE, view, (), _settings(tmp_path), articles=(ARTICLE,))
    tested = graph.tested_claims(plain, (ARTICLE,), view)
    assert found.evidence == (*plain.evidence, *tested.evidence)
    assert found.claims == tested.claims
    (claim,) = found.claims
    assert claim.verdict == "not_checkable"


def test_articles_that_were_not_read_are_a_gap(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, view: AsOfView
) -> None:
    """More articles than are read are not dropped in silence."""
    _stub(monkeypatch)
    monkeypatch.setattr("causemap.tools.claims.checking.MAX_ARTICLES", 1)
    other = replace(ARTICLE, id="b", text="Bitcoin fell this week.")
    dossier = run(SCOPE, view, (), _settings(tmp_path), articles=(ARTICLE, other))
    (gap,) = [gap for gap in dossier.gaps if gap.what == "the claims of all articles"]
    assert (gap.kind, gap.why) == (
        "not_covered",
        "more than 1 were given: the 1 earliest were not read",
    )


def test_progress_tells_each_desk_from_start_to_end(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, view: AsOfView
) -> None:
    """Every desk says that it runs and what became of it."""
    _stub(monkeypatch, "technicals")
    seen: list[Progress] = []
    run(SCOPE, view, (), _settings(tmp_path), seen.append)
    states = {desk: [p.state for p in seen if p.desk == desk] for desk in DESKS}
    assert states["technicals"] == ["running", "failed"]
    assert states["macro"] == ["running", "empty"]


def test_an_empty_data_folder_gives_gaps_not_zeros(tmp_path: Path, view: AsOfView) -> None:
    """With no file at all every desk answers with gaps and not one number."""
    dossier = run(SCOPE, view, (), _settings(tmp_path))
    assert dossier.evidence == ()
    assert {gap.desk for gap in dossier.gaps} >= {"macro", "technicals", "earnings_news"}
    assert all(gap.kind != "failed" for gap in dossier.gaps)
