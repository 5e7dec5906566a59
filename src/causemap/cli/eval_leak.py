"""``causemap eval leak``: whether a system reads its evidence or remembers the dates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

import typer

from causemap.cli.asking import read_settings
from causemap.cli.delivery import STDOUT, say, show
from causemap.cli.eval import (
    EventsOption,
    JsonOption,
    SeedOption,
    dumped,
    put,
)
from causemap.cli.eval_table import app
from causemap.cli.options import DataOption, NotesOption, QuietOption
from causemap.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from causemap.evals.invented import Case
    from causemap.settings import Settings

__all__ = ["app"]

GATE_FAILED: Final = 1


@app.command("leak")
def leak_command(
    events: EventsOption,
    data_dir: DataOption = None,
    notes: NotesOption = None,
    system: Annotated[
        str, typer.Option(metavar="NAME", help="rules, an ablation, single-call or llm.")
    ] = "rules",
    limit: Annotated[
        int, typer.Option(min=2, help="Falls asked about, spread over the file.")
    ] = 30,
    seed: SeedOption = 0,
    json: JsonOption = None,
    quiet: QuietOption = False,
) -> None:
    """Look for leaks of what was known later.

    Closed book, masked dates and names, swapped evidence, the fall alone, invented windows.

    Exit code 1 when a gate fails: the answer follows the evidence in 0.8 of the swaps, and there
    is none in 0.9 of the falls without evidence.
    """
    from causemap.evals.leak import run_panel, to_dict, to_lines
    from causemap.evals.modelled import FullRun, Single, asks_a_model
    from causemap.evals.systems import Rules, build

    settings = read_settings(data_dir)
    made = build(system, settings, 60.0)
    if not isinstance(made, Rules | Single | FullRun):
        raise UsageError(f"The system {system!r} has no evidence that could be changed.")
    cases = measured_cases(settings, events, notes, limit)
    say(f"{len(cases)} falls measured", quiet)
    panel = run_panel(
        system,
        made.decide,
        cases,
        remembers=asks_a_model(made),
        reads_names=isinstance(made, Single),
        seed=seed,
    )
    if json:
        put(json, dumped(to_dict(panel)))
    if json != STDOUT:
        for line in to_lines(panel):
            show(line)
    if not panel.passed:
        raise typer.Exit(GATE_FAILED)


def measured_cases(settings: Settings, events: Path, notes: Path | None, limit: int) -> list[Case]:
    """The falls with a price and a cause, ``limit`` of them evenly spread, measured."""
    from causemap.evals.campaign import Order, make_plan
    from causemap.evals.invented import Case
    from causemap.evals.work import measured, priced

    plan = make_plan(Order(events, notes=notes), settings)
    asked = [
        (task, window.primary)
        for task, window in zip(plan.tasks, plan.windows, strict=True)
        if priced(plan.job, task)
    ]
    found = [(task, label) for task, label in asked if label != "no_drawdown"]
    if len(found) < 2:
        raise UsageError(f"{events.name} has fewer than two falls with a price in the data.")
    step = max(1.0, len(found) / limit)
    chosen = [found[int(k * step)] for k in range(min(limit, len(found)))]
    return [Case(measured(plan.job, task), label) for task, label in chosen]
