"""``causemap eval table``: the system, the baselines and the ablations in one table."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from causemap.cli.asking import read_settings
from causemap.cli.delivery import say, show
from causemap.cli.eval import (
    DataOption,
    EventsOption,
    NotesOption,
    QuietOption,
    SeedOption,
    WorkersOption,
    carried_out,
    scored,
)
from causemap.cli.eval_views import answered, app, placebo_line
from causemap.errors import UsageError

if TYPE_CHECKING:
    from causemap.evals.campaign import Order
    from causemap.evals.compare import Answered

__all__ = ["app"]


@app.command("table")
def table_command(
    events: EventsOption,
    data_dir: DataOption = None,
    notes: NotesOption = None,
    placebo: Annotated[
        Path | None, typer.Option(metavar="FILE.yaml", help="Labelled calm windows.")
    ] = None,
    system: Annotated[str, typer.Option(metavar="NAME", help="The system under test.")] = "rules",
    out_of_fold: Annotated[
        bool, typer.Option(help="Refit the system leaving each episode out.")
    ] = True,
    write: Annotated[
        Path | None,
        typer.Option(metavar="FILE.md", help="Into this page, between its two markers."),
    ] = None,
    seed: SeedOption = 0,
    workers: WorkersOption = 2,
    quiet: QuietOption = False,
) -> None:
    """Run the system, every baseline and both ablations, and print the tables of the docs.

    What can be refitted is: those columns know nothing of the episode asked about. The system as
    shipped, whose calibration was learnt on the training windows, stands in a column of its own.
    """
    from causemap.evals.campaign import Order
    from causemap.evals.summary import ABLATIONS, BASELINES, to_markdown, written
    from causemap.evals.systems import FITTED

    page = _page(write) if write else None
    folds = {name for name in (system, *ABLATIONS) if out_of_fold and name in FITTED}
    runs: dict[str, Answered] = {}

    def run(title: str, name: str, *, refitted: bool) -> None:
        say(title, quiet)
        order = Order(events, name, notes, seed=seed, workers=workers, out_of_fold=refitted)
        runs[title] = answered(carried_out(order, read_settings(data_dir), quiet=quiet))

    # As shipped first: what it measures is kept, and the folds find it again.
    if system in folds:
        run(f"{system} as shipped (in-sample)", system, refitted=False)
    for name in (system, *BASELINES, *ABLATIONS):
        run(name, name, refitted=name in folds)
    shipped = [title for title in runs if title.endswith("(in-sample)")]
    names = [system, *shipped, *(t for t in runs if t != system and t not in shipped)]
    text = to_markdown([runs[name] for name in names], names, seed)
    if placebo:
        calm = Order(placebo, system, notes, seed=seed, workers=workers)
        other = Order(placebo, system, notes, None, events, "other-notes", seed=seed)
        text += "\n" + _calm(calm, "as they are", data_dir, quiet=quiet)
        text += _calm(other, "under another window's notes", data_dir, quiet=quiet)
    if write and page is not None:
        write.write_text(written(page, text), encoding="utf-8")
    else:
        show(text)


def _page(path: Path) -> str:
    """The page to write into, seen before anything is run."""
    from causemap.evals.summary import written

    try:
        page = path.read_text(encoding="utf-8")
    except OSError as fault:
        raise UsageError(f"The page {path} cannot be read: {fault.strerror}.") from fault
    written(page, "")
    return page


def _calm(order: Order, said: str, data_dir: Path | None, *, quiet: bool) -> str:
    card = scored(carried_out(order, read_settings(data_dir), quiet=quiet), order.seed)
    found = placebo_line(card.placebo) if card.placebo else "none"
    return f"- Labelled calm windows {said}: {found}.\n"
