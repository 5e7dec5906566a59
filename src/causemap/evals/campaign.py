"""From a command to a kept run: which windows, which questions, what is still open.

A plan is made again from the record of a run, so that resuming, retrying and reproducing are the
same thing as running.
"""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import causemap
from causemap.errors import IncompleteError, UsageError
from causemap.evals import provenance
from causemap.evals.answers import Sample
from causemap.evals.costs import spent
from causemap.evals.folds import episode_spans, shares_days
from causemap.evals.modelled import asks_a_model
from causemap.evals.perturb import check_perturbation
from causemap.evals.provenance import Circumstances, Identity
from causemap.evals.runner import Pool, run_tasks
from causemap.evals.store import Run, append, now_text, open_run, runs_folder
from causemap.evals.systems import Learner, Rules, System, build
from causemap.evals.windows import (
    LabelledWindow,
    Wording,
    question,
    read_windows,
    read_wording,
    soft_label,
)
from causemap.evals.work import Job, Lesson, Task
from causemap.llm.prompting import load_prompt, prompt_names
from causemap.tools.market import FILES

if TYPE_CHECKING:
    from causemap.records import Scope
    from causemap.settings import ModelSettings, Settings


@dataclass(frozen=True, slots=True)
class Order:
    """What the user asks to be run. Paths are as given; ``ids`` empty means all windows.

    ``lessons`` are further labelled windows that learning systems are fitted on and never asked,
    ``lesson_notes`` the notes of those. ``cost_limit`` (US dollars) ends a run that has spent it.
    """

    events: Path
    system: str = "rules"
    notes: Path | None = None
    mapping: Path | None = None
    donors: Path | None = None
    perturb: str | None = None
    ids: tuple[str, ...] = ()
    limit: int | None = None
    seed: int = 0
    timeout: float = 60.0
    out_of_fold: bool = False
    workers: int = 2
    scheduler: str | None = None
    lessons: Path | None = None
    lesson_notes: Path | None = None
    cost_limit: float | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """The windows with their labels (for the scorer) and the questions (for the system)."""

    windows: tuple[LabelledWindow, ...]
    wording: Wording
    job: Job
    tasks: tuple[Task, ...]


def make_plan(order: Order, settings: Settings) -> Plan:
    """Read the files and form the questions; raises :class:`UsageError` for what cannot be run."""
    check_perturbation(order.perturb)
    _check_files(order)
    wording = read_wording(order.mapping) if order.mapping else Wording()
    windows = _chosen(read_windows(order.events, wording), order)
    made = build(order.system, settings, order.timeout)
    if order.out_of_fold and not isinstance(made, Rules | Learner):
        raise UsageError(f"--out-of-fold: the system {order.system!r} is not fitted to windows.")
    if order.scheduler and asks_a_model(made):
        # Settings hold the key; it does not travel to other machines.
        raise UsageError(f"The system {order.system!r} runs here only: leave --scheduler out.")
    learns = _learns(order, made)
    now = datetime.now(UTC)
    scopes = [question(window, now) for window in windows]
    notes = _path(order.notes)
    further = _further(order, wording) if learns else ()
    lessons = (*_lessons(windows, notes), *_lessons(further, _path(order.lesson_notes), more=True))
    job = Job(
        order.system,
        settings,
        notes,
        order.perturb,
        order.timeout,
        lessons=lessons if learns else (),
        out_of_fold=order.out_of_fold,
        kept=str(_measured_folder(settings)),
    )
    taught = _taught(windows, further) if learns else [()] * len(windows)
    return Plan(windows, wording, job, _tasks(windows, scopes, order, wording, taught))


def check_lessons(order: Order, settings: Settings) -> None:
    """Refuse, by :class:`UsageError`, lessons that the system as ordered would never hear."""
    if order.lessons and not _learns(order, build(order.system, settings, order.timeout)):
        raise UsageError(
            f"--lessons: the system {order.system!r:.60} is not fitted here; add --out-of-fold."
        )


def _learns(order: Order, made: System | Learner) -> bool:
    return order.out_of_fold or isinstance(made, Learner)


def _check_files(order: Order) -> None:
    """Every notes file named is there, so that no run is begun without it."""
    for path in (order.notes, order.lesson_notes):
        if path is not None and not path.is_file():
            why = "it is a folder" if path.is_dir() else "no such file"
            raise UsageError(f"The notes file {path} cannot be read: {why}.")


# Rooms above the desks, which nothing below them imports: no dossier depends on their code.
_ABOVE: Final = ("briefing", "cases", "cli", "evals", "ledger", "ui")


def _measured_folder(settings: Settings) -> Path:
    """Where dossiers of this code up to the desks, this environment and these data are kept."""
    drawn = f"{settings.seed} {settings.draws} {settings.resamples}"
    inputs = (provenance.source_hash(_ABOVE), provenance.environment_hash(), _data_hash(settings))
    parts = (*inputs, drawn)
    name = hashlib.sha256(" ".join(parts).encode()).hexdigest()[:16]
    return runs_folder(settings).absolute() / "measured" / name


def _data_hash(settings: Settings) -> str:
    data = settings.data_dir
    files = [path for name in FILES if (path := data / f"{name}.parquet").is_file()]
    return provenance.hash_files(files)


def _chosen(windows: Sequence[LabelledWindow], order: Order) -> tuple[LabelledWindow, ...]:
    known = {window.id for window in windows}
    if missing := [name for name in order.ids if name not in known]:
        raise UsageError(f"{order.events.name} has no window {missing[0]!r}.")
    kept = [window for window in windows if not order.ids or window.id in order.ids]
    return tuple(kept[: order.limit])


def _further(order: Order, wording: Wording) -> tuple[LabelledWindow, ...]:
    return read_windows(order.lessons, wording) if order.lessons else ()


def _lessons(
    windows: Sequence[LabelledWindow], notes: str | None, *, more: bool = False
) -> Iterator[Lesson]:
    now = datetime.now(UTC)
    for window in windows:
        label = tuple(soft_label(window).items())
        scope = question(window, now)
        yield Lesson(scope, label, window.primary, window.by_asset, notes, more)


def _taught(
    windows: Sequence[LabelledWindow], further: Sequence[LabelledWindow]
) -> list[tuple[int, ...]]:
    """For each window the positions of what may teach it: falls that share no day with its episode.

    A window without a fall teaches no cause.
    """
    whole = episode_spans([window.span for window in windows])
    falls = [(k, w.span) for k, w in enumerate((*windows, *further)) if w.primary != "no_drawdown"]
    return [tuple(k for k, span in falls if not shares_days(span, own)) for own in whole]


def _tasks(
    windows: Sequence[LabelledWindow],
    scopes: Sequence[Scope],
    order: Order,
    wording: Wording,
    taught: Sequence[tuple[int, ...]],
) -> tuple[Task, ...]:
    whole = episode_spans([window.span for window in windows])
    given = read_windows(order.donors, wording) if order.donors else windows
    wanted = order.perturb == "other-notes"
    tasks = []
    for key, (window, scope) in enumerate(zip(windows, scopes, strict=True)):
        donor = donor_of(window, given, order.seed) if wanted else None
        tasks.append(Task(key, scope, taught[key], question(donor) if donor else None, whole[key]))
    return tuple(tasks)


def donor_of(
    window: LabelledWindow, given: Sequence[LabelledWindow], seed: int
) -> LabelledWindow | None:
    """A window of another time, drawn by the seed, whose notes are laid over this one."""
    apart = [w for w in given if w.end < window.start or window.end < w.start]
    if not apart:
        return None
    drawn = random.Random(f"{seed} {window.start} {window.end}")  # noqa: S311  a seeded draw
    return drawn.choice(apart)


def identify(order: Order, plan: Plan) -> Identity:
    """What the answers of this plan depend on."""
    asks = _asks(plan.job)
    asked = json.dumps([asdict(task) for task in plan.tasks], sort_keys=True)
    given = [path for path in (order.lessons, order.lesson_notes) if path]
    return Identity(
        system=order.system,
        events=order.events.stem,
        asked=len(plan.tasks),
        chosen=tuple(window.id for window in plan.windows),
        perturb=order.perturb,
        out_of_fold=order.out_of_fold,
        seed=order.seed,
        timeout=order.timeout,
        version=causemap.__version__,
        source=provenance.source_hash(),
        environment=provenance.environment_hash(),
        lock=provenance.lock_hash(),
        events_hash=provenance.hash_files([order.events]),
        mapping_hash=provenance.hash_files([order.mapping]) if order.mapping else None,
        donors_hash=provenance.hash_files([order.donors]) if order.donors else None,
        notes_hash=provenance.hash_files([order.notes]) if order.notes else None,
        lessons_hash=provenance.hash_files(given) if given else None,
        data_hash=_data_hash(plan.job.settings),
        questions=hashlib.sha256(asked.encode()).hexdigest(),
        model=f"{asks.name} at {asks.url or 'the default address'}" if asks else None,
        prompts=tuple(f"{n}@{load_prompt(n).digest}" for n in prompt_names()) if asks else (),
        limits=tuple((name, float(getattr(asks, name))) for name in _LIMITS) if asks else (),
    )


_LIMITS: Final = ("deadline", "run_seconds", "run_tokens", "run_usd")


def _asks(job: Job) -> ModelSettings | None:
    """The model that the system asks, if it asks one; its key is never kept."""
    model = job.settings.model
    asks = model is not None and asks_a_model(build(job.system, job.settings, job.timeout))
    return model if asks else None


def _circumstances(order: Order, plan: Plan) -> Circumstances:
    import platform

    return Circumstances(
        started=now_text(),
        commit=provenance.commit(),
        dirty=provenance.dirty(),
        python=platform.python_version(),
        machine=provenance.machine(),
        workers=order.workers,
        scheduler=order.scheduler,
        events_path=str(order.events.absolute()),
        mapping_path=_path(order.mapping),
        donors_path=_path(order.donors),
        notes_path=_path(order.notes),
        lessons_path=_path(order.lessons),
        lesson_notes_path=_path(order.lesson_notes),
        data_path=str(plan.job.settings.data_dir.absolute()),
    )


def _path(path: Path | None) -> str | None:
    return str(path.absolute()) if path else None


def begin(order: Order, settings: Settings, plan: Plan) -> Run:
    """The kept run of this order, new or found again."""
    return open_run(settings, identify(order, plan), _circumstances(order, plan))


def carry_on(
    run: Run,
    plan: Plan,
    order: Order,
    show: Callable[[Sample], None],
    pool: Pool | None = None,
    again: Callable[[Sample], bool] | None = None,
) -> None:
    """Answer what is still open, keeping each sample at once, and write the results.

    ``again`` picks answers to forget first, so that they are asked anew. Raises
    :class:`IncompleteError` once the order's cost limit is spent; what was answered is kept.
    """
    with run.journal(again) as journal:
        done = run.samples()
        open_tasks = [task for task in plan.tasks if task.key not in done]
        if order.cost_limit is not None and done and open_tasks:
            hold(order.cost_limit, done)
        answers = run_tasks(plan.job, open_tasks, order.workers, order.scheduler, pool)
        # Closed here and not by chance: what is not begun when a run ends early is never asked.
        with closing(answers):
            for sample in answers:
                append(journal, sample)
                show(sample)
                done[sample.key] = sample
                if order.cost_limit is not None and len(done) < len(plan.tasks):
                    hold(order.cost_limit, done)
    run.write_results()


def hold(limit: float, done: Mapping[int, Sample]) -> None:
    """End a run that may spend no more; a cost that is not known cannot be held to a limit."""
    bill = spent(done.values())
    if bill is None:
        raise IncompleteError(
            "No price of this model is known, so --cost-limit cannot hold: "
            "give one (CAUSEMAP_MODEL_PRICES) or leave the limit out. What was answered is kept."
        )
    if bill >= limit:
        raise IncompleteError(
            f"The limit of ${limit:g} is spent (${bill:.4f}, {len(done)} windows answered); "
            "what was answered is kept. Run the same command with a higher --cost-limit."
        )


def order_of(run: Run) -> Order:
    """The order that a kept run was begun with; its files must still be where they were."""
    where, what = run.circumstances, run.identity
    order = Order(
        events=Path(where.events_path),
        system=what.system,
        notes=Path(where.notes_path) if where.notes_path else None,
        mapping=Path(where.mapping_path) if where.mapping_path else None,
        donors=Path(where.donors_path) if where.donors_path else None,
        perturb=what.perturb,
        ids=what.chosen,
        seed=what.seed,
        timeout=what.timeout,
        out_of_fold=what.out_of_fold,
        workers=where.workers,
        scheduler=where.scheduler,
        lessons=Path(where.lessons_path) if where.lessons_path else None,
        lesson_notes=Path(where.lesson_notes_path) if where.lesson_notes_path else None,
    )
    for path, known in ((order.events, what.events_hash), (order.mapping, what.mapping_hash)):
        if path is not None and provenance.hash_files([_present(path)]) != known:
            raise UsageError(f"{path} has changed since the run {run.id}; run it anew.")
    return order


def _present(path: Path) -> Path:
    if not path.is_file():
        raise UsageError(f"The file {path} of this run is no longer there.")
    return path


def windows_of(run: Run) -> tuple[tuple[LabelledWindow, ...], Wording]:
    """The labelled windows that a kept run answered, in the order of its keys, and the wording."""
    order = order_of(run)
    wording = read_wording(order.mapping) if order.mapping else Wording()
    found = {window.id: window for window in read_windows(order.events, wording)}
    return tuple(found[name] for name in run.identity.chosen), wording
