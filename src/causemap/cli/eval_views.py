"""``causemap eval`` on kept runs: compare, gate, calibrate, export, and the placebo set."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from causemap.cli.asking import data_of, read_settings
from causemap.cli.delivery import Outputs, say, show
from causemap.cli.eval import (
    JsonOption,
    RunArgument,
    SeedOption,
    WorkersOption,
    app,
    carried_out,
    check_answered,
    dumped,
    put,
    run_named,
    scored,
)
from causemap.cli.options import DataOption, HtmlOption, JunitOption, NotesOption, QuietOption
from causemap.errors import IncompleteError, UsageError

if TYPE_CHECKING:
    from causemap.evals.compare import Answered, Comparison
    from causemap.evals.gates import Gate
    from causemap.evals.scorecard import Placebo
    from causemap.evals.store import Run

__all__ = ["app"]

GATE_FAILED: Final = 1


def answered(run: Run) -> Answered:
    """A kept run as comparisons and pages need it; one that was broken off is said to be so."""
    from causemap.evals.campaign import windows_of
    from causemap.evals.compare import Answered

    windows, wording = windows_of(run)
    samples = run.samples()
    if unasked := len(windows) - len(samples):
        word = f"{unasked} of {len(windows)} windows of {run.id}"
        say(f"note: {word} have not been asked yet and count as errors", quiet=False)
    return Answered(run.id, windows, samples, wording)


@app.command("compare")
def compare_command(
    first: RunArgument,
    second: RunArgument,
    seed: SeedOption = 0,
    json: JsonOption = None,
) -> None:
    """Compare two runs window by window. Paired intervals by episode, and what changed."""
    from dataclasses import asdict

    from causemap.evals.compare import compare

    found = compare(answered(run_named(first)), answered(run_named(second)), seed)
    if json:
        put(json, dumped(asdict(found)))
    if json != "-":
        for line in _compared(found):
            show(line)


def _compared(found: Comparison) -> Iterator[str]:
    from causemap.evals.results import said

    if found.differences:
        yield found.verdict()
    yield f"{'':<21} {'first':>7} {'second':>7}  first minus second          smallest visible"
    for row in found.differences:
        one, two, seen = (_short(v) for v in (row.first, row.second, row.visible))
        yield f"{row.metric:<21} {one:>7} {two:>7}  {said(row.estimate):<27} {seen}"
    for changed in found.changed:
        told = f"first {changed.first or 'error':<22} second {changed.second or 'error'}"
        yield f"{changed.id}: label {changed.label:<22} {told}"


def _short(value: float | None) -> str:
    return "n/a" if value is None else f"{value:.3f}"


@app.command("gate")
def gate_command(
    run: RunArgument,
    bound: Annotated[
        list[str] | None,
        typer.Option(metavar="'METRIC>=X'", help="A floor or ceiling; may be repeated."),
    ] = None,
    against: Annotated[
        str | None, typer.Option(metavar="RUN", help="Not worse than this run, beyond doubt.")
    ] = None,
    margin: Annotated[float, typer.Option(min=0.0, help="How much worse is still let pass.")] = 0.0,
    seed: SeedOption = 0,
) -> None:
    """Pass or fail a run; exit code 1 when a gate fails.

    Hard gates fail at any count. A floor, a ceiling or a comparison fails only if the whole 95 %
    interval lies beyond it: less is noise. A run that was broken off is not judged: exit code 3.
    """
    from causemap.evals.compare import compare
    from causemap.evals.gates import bound_gates, hard_gates, paired_gates, read_bound

    bounds = [read_bound(text) for text in bound or ()]
    found = run_named(run)
    card = scored(found, seed)
    planted = found.identity.perturb == "orders"
    gates = [*hard_gates(card, planted=planted), *bound_gates(card, bounds)]
    if against:
        other = compare(answered(found), answered(run_named(against)), seed)
        gates += paired_gates(other, margin)
    for gate in gates:
        show(_gate_line(gate))
    if card.unasked:
        raise IncompleteError(
            f"{card.unasked} of {card.n} windows of {found.id} have not been asked yet; the same "
            "'causemap eval run', or 'causemap eval retry', asks them. Then gate again."
        )
    if not all(gate.passed for gate in gates):
        raise typer.Exit(GATE_FAILED)


def _gate_line(gate: Gate) -> str:
    return f"{'pass' if gate.passed else 'FAIL'}  {gate.name}: {gate.said}"


@app.command("calibrate")
def calibrate_command(run: RunArgument) -> None:
    """Say how bold or shy a run's probabilities are. No system is changed by it."""
    import numpy as np

    from causemap.evals.folds import episodes
    from causemap.evals.table import LABELS
    from causemap.evals.temperature import fit_temperature

    shown = answered(run_named(run))
    kept = [
        (window, sample.prediction)
        for key, window in enumerate(shown.windows)
        if window.primary != "no_drawdown"
        and (sample := shown.samples.get(key)) is not None
        and sample.priced
        and sample.prediction is not None
        and sample.prediction.primary != "no_drawdown"
    ]
    numbers = episodes([window.span for window, _ in kept])
    if len(set(numbers)) < 2:
        raise UsageError("A temperature needs answered windows of two episodes at least.")
    p = np.array([answer.probabilities for _, answer in kept])
    y = np.array([LABELS.index(window.primary) for window, _ in kept])
    found = fit_temperature(p, y, np.array(numbers))
    word = "too bold" if found.temperature > 1.0 else "too shy"
    show(f"temperature {found.temperature:.2f} ({word}) on {found.n} answered falls with a price")
    show(f"log loss, out of fold: {found.log_loss_before:.3f} -> {found.log_loss_after:.3f}")
    show(f"brier, out of fold:    {found.brier_before:.3f} -> {found.brier_after:.3f}")


@app.command("export")
def export_command(
    run: RunArgument,
    against: Annotated[
        str | None, typer.Option(metavar="RUN", help="A second run beside it, changes first.")
    ] = None,
    html: HtmlOption = None,
    json: JsonOption = None,
    junit: JunitOption = None,
    seed: SeedOption = 0,
) -> None:
    """Write a kept run as a page, as JSON or as JUnit XML. The page works from disk."""
    from causemap.evals.results import to_dict, to_junit

    if not (html or json or junit):
        raise UsageError("Nothing to write: give --html, --json or --junit.")
    Outputs(json=json, junit=junit, html=html).check()
    found = run_named(run)
    main = answered(found)
    if html:
        from causemap.evals.page import to_page

        runs = [main, answered(run_named(against))] if against else [main]
        put(html, to_page(runs, seed))
    if json:
        plain = to_dict(found.identity, scored(found, seed), main.windows, main.samples)
        put(json, dumped(plain))
    if junit:
        put(junit, to_junit(found.id, main.windows, main.samples))


@app.command("placebo")
def placebo_command(
    data_dir: DataOption = None,
    events: Annotated[
        Path | None, typer.Option(metavar="FILE.yaml", help="Labelled placebo windows.")
    ] = None,
    donors: Annotated[
        Path | None,
        typer.Option(metavar="FILE.yaml", help="Falls whose notes are laid over calm windows."),
    ] = None,
    notes: NotesOption = None,
    draw: Annotated[int, typer.Option(min=0, help="Calm windows drawn from the data.")] = 60,
    random: Annotated[
        int, typer.Option(min=0, help="Windows drawn at random, whatever prices did in them.")
    ] = 0,
    system: Annotated[str, typer.Option(metavar="NAME", help="The system.")] = "rules",
    seed: SeedOption = 0,
    workers: WorkersOption = 2,
    quiet: QuietOption = False,
) -> None:
    """Ask about windows in which nothing fell. As they are, and under another window's notes.

    More calm windows are drawn from the data, because fifteen of fifteen prove only 0.82. Random
    windows are not chosen by prices; those that are calm by their closes are counted apart.
    """
    from causemap.evals.campaign import Order
    from causemap.evals.runner import Pool

    settings = read_settings(data_dir)
    known = [path for path in (events, donors) if path]
    sets = [("labelled", events)] if events else []
    if draw:
        sets.append(("drawn", _drawn(data_dir, draw, seed, known)))
    if random:
        sets.append(("random", _drawn(data_dir, random, seed, known, calm=False)))
    changes = (None, "other-notes") if notes and donors else (None,)
    made: list[Run] = []
    with Pool(workers) as pool:
        for name, path in sets:
            given = [
                Order(path, system, notes, None, donors, change, seed=seed, workers=workers)
                for change in changes
            ]
            runs = [carried_out(order, settings, quiet=True, pool=pool) for order in given]
            made += runs
            lines = _random_lines(runs) if name == "random" else _calm_lines(name, runs, seed)
            for line in lines:
                show(line)
    say("a calm window is right when no cause is named", quiet)
    check_answered(made)


def _calm_lines(name: str, runs: list[Run], seed: int) -> Iterator[str]:
    """What so many calm windows were called, as they are and under another window's notes."""
    for said, run in zip(("as they are", "another window's notes"), runs, strict=False):
        card = scored(run, seed)
        if card.placebo is not None:
            yield f"{name}, {said}: {placebo_line(card.placebo)}"


def _random_lines(runs: list[Run]) -> Iterator[str]:
    """How many random windows fell by the system's own test, and in which a cause was named."""
    from causemap.evals.calm import counts_of

    windows = answered(runs[0]).windows
    for said, run in zip(("as they are", "another window's notes"), runs, strict=False):
        for row in counts_of(windows, run.samples()):
            yield (
                f"random, {row.kind}, {said}: a fall by the system's own test in {row.fell} "
                f"of {row.n}, a cause named in {row.named}"
            )


def placebo_line(calm: Placebo) -> str:
    """Calm windows in which no cause was named, and what so many prove."""
    return (
        f"no cause named in {calm.no_cause_named} of {calm.n} (proves {calm.proven:.3f} at 95 %), "
        f"no drawdown in {calm.no_drawdown}"
    )


def _drawn(
    data_dir: Path | None, number: int, seed: int, known: list[Path], *, calm: bool = True
) -> Path:
    """The drawn windows as an events file beside the runs; the same draw gives the same file."""
    from causemap.evals.calm import draw_calm, to_yaml
    from causemap.evals.store import runs_folder
    from causemap.evals.windows import read_windows
    from causemap.reporting.output import write_text

    settings = read_settings(data_dir)
    avoid = [window.span for path in known for window in read_windows(path)]
    windows = draw_calm(data_of(settings), number, seed, avoid, calm=calm)
    folder = runs_folder(settings) / "drawn"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{'calm' if calm else 'random'}-{number}-{seed}.yaml"
    write_text(path, to_yaml(windows))
    return path
