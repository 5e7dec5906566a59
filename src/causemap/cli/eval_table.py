"""``causemap eval table``: the system, the baselines and the ablations in one table."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from causemap.cli.asking import read_settings
from causemap.cli.delivery import say, show
from causemap.cli.eval import (
    EventsOption,
    LessonNotesOption,
    LessonsOption,
    SeedOption,
    WorkersOption,
    carried_out,
    check_answered,
    scored,
)
from causemap.cli.eval_views import answered, app, placebo_line
from causemap.cli.options import DataOption, NotesOption, QuietOption
from causemap.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from causemap.evals.campaign import Order
    from causemap.evals.compare import Answered
    from causemap.evals.store import Run

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
    lessons: LessonsOption = None,
    lesson_notes: LessonNotesOption = None,
    write: Annotated[
        Path | None,
        typer.Option(metavar="FILE.md", help="Into this page, between its two markers."),
    ] = None,
    seed: SeedOption = 0,
    workers: WorkersOption = 2,
    quiet: QuietOption = False,
) -> None:
    """Run the system, every baseline and both ablations. Prints the tables of the docs.

    What can be refitted is: those columns know nothing of the episode asked about. The system as
    shipped, whose calibration was learnt on the training windows, stands in a column of its own.
    """
    from causemap.evals.campaign import Order
    from causemap.evals.runner import Pool
    from causemap.evals.summary import to_markdown, written
    from causemap.reporting.output import write_text

    page = _page(write) if write else None
    settings = read_settings(data_dir)
    plain = Order(
        events,
        system,
        notes,
        seed=seed,
        workers=workers,
        lessons=lessons,
        lesson_notes=lesson_notes,
    )
    made: list[Run] = []
    with Pool(workers) as pool:

        def run(order: Order) -> Run:
            made.append(carried_out(order, settings, quiet=quiet, pool=pool))
            return made[-1]

        runs = _columns(plain, run, out_of_fold=out_of_fold, quiet=quiet)
        calm = _calm(replace(plain, events=placebo), events, run) if placebo else ""
    text = to_markdown(list(runs.values()), list(runs), seed) + calm
    if write and page is not None:
        write_text(write, written(page, text))
    else:
        show(text)
    check_answered(made)


def _page(path: Path) -> str:
    """The page to write into, seen before anything is run."""
    from causemap.evals.summary import written

    try:
        page = path.read_text(encoding="utf-8")
    except OSError as fault:
        raise UsageError(f"The page {path} cannot be read: {fault.strerror}.") from fault
    written(page, "")
    return page


def _columns(
    plain: Order, run: Callable[[Order], Run], *, out_of_fold: bool, quiet: bool
) -> dict[str, Answered]:
    """The runs of the table by the heads of their columns, the system under test first.

    A baseline that learns from notes has no column where none are given: it could answer nothing.
    """
    from causemap.evals.summary import ABLATIONS, BASELINES, LEARN_FROM_NOTES
    from causemap.evals.systems import FITTED

    def refits(name: str) -> bool:
        return out_of_fold and name in FITTED

    orders = {
        name: replace(plain, system=name, out_of_fold=refits(name))
        for name in (plain.system, *BASELINES, *ABLATIONS)
        if plain.notes is not None or name not in LEARN_FROM_NOTES
    }
    shipped = f"{plain.system} as shipped (in-sample)"
    if refits(plain.system):
        first = orders.pop(plain.system)
        orders = {plain.system: first, shipped: plain, **orders}
    runs = {}
    # As shipped first: what it measures is kept, and the folds find it again.
    for title in sorted(orders, key=lambda title: title != shipped):
        say(title, quiet)
        runs[title] = answered(run(orders[title]))
    return {title: runs[title] for title in orders}


def _calm(plain: Order, donors: Path, run: Callable[[Order], Run]) -> str:
    """What is said of the labelled calm windows, as they are and under another window's notes."""
    over = replace(plain, donors=donors, perturb="other-notes")
    said = {"as they are": plain, "under another window's notes": over}
    lines = []
    for name, order in said.items():
        card = scored(run(order), order.seed)
        found = placebo_line(card.placebo) if card.placebo else "none"
        lines.append(f"- Labelled calm windows {name}: {found}.\n")
    return "\n" + "".join(lines)
