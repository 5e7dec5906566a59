"""``causemap eval``: systems on labelled windows, measured, kept, compared and gated."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from causemap.cli.asking import read_settings
from causemap.cli.delivery import STDOUT, Outputs, say, show
from causemap.cli.options import DataOption, JunitOption, NotesOption, QuietOption
from causemap.errors import IncompleteError, UsageError

if TYPE_CHECKING:
    from causemap.evals.answers import Sample
    from causemap.evals.campaign import Order, Plan
    from causemap.evals.runner import Pool
    from causemap.evals.scorecard import Scorecard
    from causemap.evals.store import Run
    from causemap.settings import Settings

_RUN: Final = """\b
Examples:
  causemap eval run --events train.yaml --data-dir DATA --notes notes.jsonl --json out.json
  causemap eval run --events train.yaml --data-dir DATA --system template --limit 10
  causemap eval run --events train.yaml --data-dir DATA --system "cmd:./mine --fast" """
app = typer.Typer(
    help="Evaluation on labelled windows. Run systems, score, compare, gate and look.",
    rich_markup_mode=None,
    no_args_is_help=True,
)

RunArgument = Annotated[
    str, typer.Argument(metavar="RUN", help="A run's id, or its beginning: the latest.")
]
EventsOption = Annotated[Path, typer.Option(metavar="FILE.yaml", help="Labelled windows.")]
MappingOption = Annotated[
    Path | None, typer.Option(metavar="FILE.yaml", help="What the file calls our labels.")
]
LessonsOption = Annotated[
    Path | None,
    typer.Option(metavar="FILE.yaml", help="Further labelled windows to fit on, never asked."),
]
LessonNotesOption = Annotated[
    Path | None, typer.Option(metavar="FILE.jsonl", help="The notes of the further windows.")
]
SeedOption = Annotated[int, typer.Option(min=0, help="Seed of intervals and draws.")]
WorkersOption = Annotated[int, typer.Option(min=0, max=64, help="Processes; 0 works in this one.")]
SchedulerOption = Annotated[
    str | None,
    typer.Option(metavar="tcp://HOST:PORT", help="A Dask cluster in place of processes here."),
]
TimeoutOption = Annotated[
    float, typer.Option(min=0.1, metavar="SECONDS", help="For each answer of an outside program.")
]
JsonOption = Annotated[
    str | None, typer.Option("--json", metavar="FILE|-", help="Scores and answers as JSON.")
]


@app.command("run", epilog=_RUN)
def run_command(
    events: EventsOption,
    data_dir: DataOption = None,
    notes: NotesOption = None,
    system: Annotated[
        str, typer.Option(metavar="NAME", help="rules, a baseline, an ablation, or cmd:PROGRAM.")
    ] = "rules",
    mapping: MappingOption = None,
    ids: Annotated[str | None, typer.Option(metavar="ID,ID", help="Only these windows.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Only the first so many.")] = None,
    perturb: Annotated[
        str | None,
        typer.Option(
            metavar="CHANGE", help="shuffle-dates, other-notes, orders, copies:N, shift:N."
        ),
    ] = None,
    donors: Annotated[
        Path | None,
        typer.Option(metavar="FILE.yaml", help="Windows whose notes 'other-notes' lays over."),
    ] = None,
    out_of_fold: Annotated[
        bool, typer.Option("--out-of-fold", help="Refit leaving each episode out.")
    ] = False,
    lessons: LessonsOption = None,
    lesson_notes: LessonNotesOption = None,
    seed: SeedOption = 0,
    timeout: TimeoutOption = 60.0,
    workers: WorkersOption = 2,
    scheduler: SchedulerOption = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Answer all windows again.")] = False,
    replay: Annotated[
        bool, typer.Option("--replay", help="Recorded model calls only: no server is asked.")
    ] = False,
    offline: Annotated[
        bool, typer.Option("--offline", help="Refuse a system that could ask a server.")
    ] = False,
    cost_limit: Annotated[
        float | None,
        typer.Option(min=0.0, metavar="USD", help="End the run once its calls cost so much."),
    ] = None,
    json: JsonOption = None,
    junit: JunitOption = None,
    quiet: QuietOption = False,
) -> None:
    """Put labelled windows to a system. Every answer is kept and scored.

    The same command finds its own answers again: what was answered is not asked twice, and a run
    that was killed carries on. The system sees the closes, the as-of and the assets, nothing else.
    Windows without an answer count as errors in the scores and end the command with exit code 3.
    """
    from causemap.evals.campaign import Order, check_lessons
    from causemap.evals.perturb import changes_notes
    from causemap.evals.windows import unread_fields

    Outputs(json=json, junit=junit).check()
    if perturb and changes_notes(perturb) and notes is None:
        raise UsageError(f"The change {perturb!r:.40} is one of notes: give --notes.")

    wanted = tuple(name.strip() for name in ids.split(",")) if ids else ()
    order = Order(
        events,
        system,
        notes,
        mapping,
        donors,
        perturb,
        wanted,
        limit,
        seed,
        timeout,
        out_of_fold,
        workers,
        scheduler,
        lessons,
        lesson_notes,
        cost_limit,
    )
    settings = _asking(read_settings(data_dir), system, replay=replay, offline=offline)
    if unread := unread_fields(events):
        say(f"note: fields of {events.name} that nothing reads: {', '.join(unread)}"[:300], quiet)
    check_lessons(order, settings)
    run = carried_out(order, settings, quiet=quiet, fresh=fresh)
    deliver_scores(run, seed, json, junit)
    check_answered([run])


def _asking(settings: Settings, system: str, *, replay: bool, offline: bool) -> Settings:
    """The settings under ``--replay``; ``--offline`` refuses what could ask a server."""
    from dataclasses import replace

    asks = system in ("single-call", "llm")
    if offline and (system.startswith("cmd:") or (asks and not replay)):
        raise UsageError(f"--offline: the system {system!r:.60} could ask a server.")
    if not replay:
        return settings
    if not asks or settings.model is None:
        raise UsageError("--replay needs a system with a model, and CAUSEMAP_MODEL as in the run.")
    return replace(settings, model=replace(settings.model, replay=True))


def carried_out(
    order: Order,
    settings: Settings,
    *,
    quiet: bool,
    fresh: bool = False,
    pool: Pool | None = None,
) -> Run:
    """The run of an order with every window answered, by the processes of ``pool`` if given."""
    from causemap.evals.campaign import begin, carry_on, make_plan

    plan = make_plan(order, settings)
    run = begin(order, settings, plan)
    again = (lambda _: True) if fresh else None
    with _progress(run, plan, quiet, again) as shown:
        carry_on(run, plan, order, shown, pool, again)
    say(f"run {run.id}", quiet)
    return run


def check_answered(runs: Iterable[Run]) -> None:
    """Asked last, when what the runs gave is delivered.

    Raises:
        IncompleteError: a system gave no answer for some windows.
    """
    short = []
    for run in runs:
        samples = run.samples().values()
        if faults := sum(sample.fault is not None for sample in samples):
            short.append(f"{faults} of {len(samples)} windows of {run.id}")
    if short:
        raise IncompleteError(
            f"No answer for {', '.join(short)}: they count as errors in the scores. What was "
            "answered is kept; 'causemap eval retry RUN' asks the others again."
        )


@contextmanager
def _progress(
    run: Run, plan: Plan, quiet: bool, again: Callable[[Sample], bool] | None = None
) -> Iterator[Callable[[Sample], None]]:
    """A bar on a terminal; elsewhere nothing but faults."""
    names = [window.id for window in plan.windows]

    def fault(sample: Sample) -> None:
        if sample.fault is not None:
            say(f"{names[sample.key]}: {sample.fault}", quiet)

    if quiet or not sys.stderr.isatty():
        yield fault
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True)) as bar:
        done = sum(again is None or not again(sample) for sample in run.samples().values())
        row = bar.add_task(plan.job.system, total=len(names), completed=done)

        def shown(sample: Sample) -> None:
            fault(sample)
            bar.advance(row)

        yield shown


def scored(run: Run, seed: int) -> Scorecard:
    """The scores of a kept run; no system is asked."""
    from causemap.evals.campaign import windows_of
    from causemap.evals.scorecard import score

    windows, wording = windows_of(run)
    return score(windows, run.samples(), wording, seed)


def deliver_scores(run: Run, seed: int, json: str | None, junit: str | None) -> None:
    """Scores in the forms asked for; as text unless standard output is taken."""
    from causemap.evals.campaign import windows_of
    from causemap.evals.results import to_dict, to_junit, to_lines
    from causemap.evals.scorecard import score

    windows, wording = windows_of(run)
    samples = run.samples()
    card = score(windows, samples, wording, seed)
    if json:
        put(json, dumped(to_dict(run.identity, card, windows, samples)))
    if junit:
        put(junit, to_junit(run.id, windows, samples))
    if STDOUT not in (json, junit):
        for line in to_lines(card):
            show(line)


def dumped(plain: object) -> str:
    """JSON with one byte form; NaN cannot be written."""
    import json as codec

    return codec.dumps(plain, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def put(target: str, text: str) -> None:
    """To a file, or to standard output for ``-``."""
    from causemap.reporting.output import write_text

    if target == STDOUT:
        show(text)
    else:
        write_text(Path(target), text)


@app.command("list")
def list_command(
    json: Annotated[bool, typer.Option("--json", help="As a JSON array.")] = False,
) -> None:
    """List the kept runs, the latest first."""
    from dataclasses import asdict

    from causemap.evals.store import list_runs

    rows = list_runs(read_settings(None))
    if json:
        show(dumped([asdict(row) for row in rows]))
        return
    for row in rows:
        show(f"{row.id:<60} {row.done:>4} of {row.asked:<4} {row.started}")
    if not rows:
        show("No run is kept; 'causemap eval run --help' shows how to make one.")


@app.command("show")
def show_command(run: RunArgument, seed: SeedOption = 0) -> None:
    """Show a kept run. Every window's label and answer, then the scores."""
    from causemap.evals.campaign import windows_of
    from causemap.evals.results import event_lines, to_lines

    found = run_named(run)
    windows, _ = windows_of(found)
    for line in event_lines(windows, found.samples()):
        show(line)
    for line in to_lines(scored(found, seed)):
        show(line)


@app.command("score")
def score_command(
    run: RunArgument,
    seed: SeedOption = 0,
    json: JsonOption = None,
    junit: JunitOption = None,
) -> None:
    """Score a kept run again; no system is asked and no model called."""
    Outputs(json=json, junit=junit).check()
    deliver_scores(run_named(run), seed, json, junit)


@app.command("retry")
def retry_command(
    run: RunArgument, data_dir: DataOption = None, seed: SeedOption = 0, quiet: QuietOption = False
) -> None:
    """Ask again what failed or was left open in a kept run."""
    from causemap.evals.campaign import carry_on, identify, make_plan, order_of

    found = run_named(run)
    settings = read_settings(data_dir or Path(found.circumstances.data_path))
    order = order_of(found)
    plan = make_plan(order, settings)
    if identify(order, plan) != found.identity:
        raise UsageError(
            f"The code, data or environment changed since {found.id}; a retry would mix two "
            "versions. Use 'causemap eval run' for a new run."
        )

    def failed(sample: Sample) -> bool:
        return sample.fault is not None

    with _progress(found, plan, quiet, failed) as shown:
        carry_on(found, plan, order, shown, again=failed)
    deliver_scores(found, seed, None, None)
    check_answered([found])


def run_named(name: str) -> Run:
    """The kept run of this name or unique beginning."""
    from causemap.evals.store import find_run

    return find_run(read_settings(None), name)
