"""``causemap eval table``: the system, the baselines and the ablations in one table."""

from __future__ import annotations

from typing import Annotated

import typer

from causemap.cli.asking import read_settings
from causemap.cli.delivery import show
from causemap.cli.eval import (
    DataOption,
    EventsOption,
    NotesOption,
    QuietOption,
    SeedOption,
    WorkersOption,
    carried_out,
)
from causemap.cli.eval_views import answered, app

__all__ = ["app"]


@app.command("table")
def table_command(
    events: EventsOption,
    data_dir: DataOption = None,
    notes: NotesOption = None,
    system: Annotated[str, typer.Option(metavar="NAME", help="The system under test.")] = "rules",
    out_of_fold: Annotated[
        bool, typer.Option(help="Refit the system leaving each episode out.")
    ] = True,
    seed: SeedOption = 0,
    workers: WorkersOption = 2,
    quiet: QuietOption = False,
) -> None:
    """Run the system, every baseline and both ablations, and print the table of the docs."""
    from causemap.evals.campaign import Order
    from causemap.evals.summary import ABLATIONS, BASELINES, to_markdown
    from causemap.evals.systems import FITTED

    settings = read_settings(data_dir)
    names = (system, *BASELINES, *ABLATIONS)
    runs = []
    for name in names:
        folds = out_of_fold and name in FITTED
        order = Order(events, name, notes, seed=seed, workers=workers, out_of_fold=folds)
        runs.append(answered(carried_out(order, settings, quiet=quiet)))
    show(to_markdown(runs, names, seed))
