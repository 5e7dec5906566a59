"""Wall time, calls, depth and tokens of a report with a model, beside a chain of desks.

Run with ``python benchmarks/llm.py [--case ID] [--latency SECONDS]``. A scripted server on loopback
answers every call after a fixed latency, so what is timed is the shape of the run and the
program's own work. The variant beside it is the straightforward one: twelve prompts one after
another (each desk reads, then reviews itself; then two opponents, a judge and a writer) over the
same tables and the same client.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib.util
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

from causemap.agents.conclude import conclude
from causemap.agents.desk_agents import DeskView, table
from causemap.agents.graph import DESKS
from causemap.agents.model_run import enrich
from causemap.agents.tables import rows
from causemap.cases.store import load_case
from causemap.llm.calling import Ask
from causemap.llm.client import Client
from causemap.llm.prompting import Rendered, render
from causemap.model_records import ModelCall
from causemap.records import Dossier
from causemap.settings import ModelSettings

SERVER = Path(__file__).parents[1] / "tests" / "llm" / "scripted_server.py"


class Timed(NamedTuple):
    """One way of making the report: wall and processor seconds, and its calls."""

    name: str
    seconds: float
    busy: float
    calls: tuple[ModelCall, ...]
    depth: int


def scripted() -> Any:
    """The tests' scripted server as a module."""
    spec = importlib.util.spec_from_file_location("scripted_server", SERVER)
    if spec is None or spec.loader is None:
        raise SystemExit(f"{SERVER} cannot be loaded")
    module = importlib.util.module_from_spec(spec)
    sys.modules["scripted_server"] = module
    spec.loader.exec_module(module)
    return module


def desk_prompt(dossier: Dossier, desk: Any, turn: str) -> Rendered:
    """A desk's prompt; the turn makes it a call of its own."""
    scope = dossier.scope
    made = render(
        "desk",
        desk=desk.replace("_", " "),
        tools=0,
        most=3,
        start=scope.start,
        end=scope.end,
        as_of=scope.as_of,
        assets=", ".join(scope.assets),
        rows=rows(table(dossier, desk)),
        gaps="",
        measured=[],
    )
    return Rendered(made.label, made.system, f"{made.user}\n\nTurn: {turn}.")


async def chain(dossier: Dossier, settings: ModelSettings) -> tuple[ModelCall, ...]:
    """Twelve calls, each waiting for the one before."""
    client = Client(settings)
    turns = [(desk, turn) for desk in DESKS for turn in ("read", "review")]
    turns += [("technicals", turn) for turn in ("bull", "bear", "judge", "write")]
    for n, (desk, turn) in enumerate(turns):
        ask = Ask(f"chain.{n}", n + 1, desk_prompt(dossier, desk, turn), DeskView, 900)
        await client.ask(ask)
    await client.close()
    return tuple(client.calls)


def report(dossier: Dossier, settings: ModelSettings, name: str) -> Timed:
    """The report as the program makes it, to the concluded report."""
    began, idle = time.perf_counter(), time.process_time()
    made = enrich(dossier, settings)
    conclude(made)
    seconds, busy = time.perf_counter() - began, time.process_time() - idle
    calls = made.model.calls if made.model else ()
    return Timed(name, seconds, busy, calls, max((call.stage for call in calls), default=0))


def sequential(dossier: Dossier, settings: ModelSettings) -> Timed:
    """The straightforward variant, to the same concluded report."""
    began, idle = time.perf_counter(), time.process_time()
    calls = asyncio.run(chain(dossier, settings))
    conclude(dossier)
    seconds, busy = time.perf_counter() - began, time.process_time() - idle
    return Timed("one after another", seconds, busy, calls, len(calls))


def show(timed: Timed) -> None:
    """One line a variant."""
    tokens = sum(call.tokens_in for call in timed.calls)
    print(
        f"{timed.name:<26} {timed.seconds:6.2f} s ({timed.busy:4.2f} busy)  "
        f"{len(timed.calls):>3} calls  "
        f"{timed.depth:>3} deep  {tokens:>7,} prompt tokens"
    )


def main() -> None:
    """Time both variants, with the program and the server's capability warm."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--case", default="2026-02-seed")
    parser.add_argument("--latency", type=float, default=1.0)
    given = parser.parse_args()
    dossier, server = load_case(given.case), scripted()
    with tempfile.TemporaryDirectory() as folder, server.serving(server.obliging) as running:
        warm = ModelSettings("scripted", Path(folder), running.url, run_tokens=10**6)
        enrich(dossier, warm)
        running.delay = given.latency
        for held in Path(folder).glob("[0-9a-f][0-9a-f]/*.json"):
            held.unlink()
        show(report(dossier, warm, "side by side"))
        show(report(dossier, warm, "the same, from the record"))
        show(sequential(dossier, warm))


if __name__ == "__main__":
    main()
