"""Progress of model calls: the same channel as the desks', from the graph to the desk's status."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.llm.scripted_server import obliging, serving

from causemap.agents.model_progress import row_of, spent, telling
from causemap.agents.state import Progress
from causemap.ledger import open_ledger
from causemap.llm.budget import Cost, Limits
from causemap.llm.hearing import CallEvent, Used
from causemap.settings import ModelSettings, Settings
from causemap.ui.questions import Question
from causemap.ui.runner import Runner, Status

MakeSettings = Callable[..., ModelSettings]
LIMITS = Limits(Cost(60_000, 0.5), Cost(10**6, 5.0), 240.0)
AGENTS = ("macro_agent", "earnings_news_agent", "technicals_agent", "crypto_structure_agent")


def test_agents_have_rows_of_their_own() -> None:
    """No agent's row can be taken for a desk's; readers are counted from one."""
    assert row_of("desk.macro") == "macro_agent"
    assert row_of("reader.0") == "reader_1"
    assert [row_of(name) for name in ("sceptic", "writer", "repair")] == [
        "sceptic",
        "writer",
        "repair",
    ]


def test_what_is_spent_is_told_against_its_limits() -> None:
    """Calls, tokens, money and seconds; an unknown cost is said and no zero stands for it."""
    assert spent(Used(1, 1_234, 0.01234, 7.6, LIMITS)) == (
        "1 call, 1,234 of 60,000 tokens, about $0.0123 of $0.50, 8 of 240 s"
    )
    unknown = spent(Used(2, 0, None, 0.0, LIMITS))
    assert unknown == "2 calls, 0 of 60,000 tokens, cost not known, 0 of 240 s"


def test_a_stream_is_told_in_steps_and_not_by_the_piece() -> None:
    """A row changes once in a thousand characters, and afresh in an agent's next call."""
    rows: list[Progress] = []
    heard = telling(rows.append)
    used = Used(0, 0, 0.0, 0.0, LIMITS)
    for _ in range(2):
        heard(CallEvent("writer", "asked", used))
        for chars in range(0, 3_100, 7):
            heard(CallEvent("writer", "streaming", used, chars))
    said = [row.said.partition(";")[0] for row in rows if "characters" in row.said]
    assert len(said) == 2 * 3
    assert said[0].startswith("1,00")
    assert {row.state for row in rows} == {"running"}


def test_a_run_of_the_desk_shows_its_agents(
    shared_dir: Path, model: MakeSettings, tmp_path: Path
) -> None:
    """The runner's status holds the four desks and then a row for each agent, all done."""
    with serving(obliging) as server, open_ledger(home := _home(tmp_path)) as ledger:
        asking = model(server.url, deadline=60.0)
        settings = Settings(shared_dir / "data", home.home, llm="auto", model=asking)
        runner = Runner(settings, ledger)
        asked = Question("window", start="2026-01-29", end="2026-02-05", assets=("SPX",))
        status = _ended(runner, runner.start(asked, "me"))
        runner.close()
    assert status.state == "done", status.said
    rows = {line.desk: line for line in status.desks}
    assert list(rows)[:4] == ["macro", "earnings_news", "technicals", "crypto_structure"]
    assert {*AGENTS, "sceptic", "writer"} <= set(rows)
    assert all(rows[name].state == "ok" for name in (*AGENTS, "sceptic", "writer"))
    assert "of 60,000 tokens, about $0.0000 of $0.50" in rows["writer"].said


def _home(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path, home=tmp_path)


def _ended(runner: Runner, run_id: str) -> Status:
    """The status once the run is over; a busy machine is given minutes."""
    for _ in range(3_000):
        status = runner.status(run_id)
        if status is not None and status.over:
            return status
        time.sleep(0.1)
    pytest.fail("the run did not end")
