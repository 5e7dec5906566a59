"""The unit of work: one question to one system, the same in a process, a pool or a cluster.

A worker is told the job (which system, which data) and a task (one scope). It never sees an events
file. A system that learns is given the other episodes' labels, and only then.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from causemap.closed_sets import AssetGroup, Cause, Primary
from causemap.errors import CausemapError, UsageError
from causemap.evals.answers import Prediction, Sample, SystemFault
from causemap.evals.folds import Span
from causemap.evals.modelled import FullRun, Single
from causemap.evals.perturb import perturbed
from causemap.evals.refit import Refitted
from causemap.evals.systems import Example, Learner, Rules, System, build
from causemap.records import Dossier, Note, Scope
from causemap.settings import Settings
from causemap.tools.market import AsOfView, Market, MissingSeries, open_market
from causemap.tools.notes import notes_for, read_notes

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Lesson:
    """A labelled window that a system may be fitted on.

    ``notes`` is the file of its own notes; ``further``: it is not one of those asked about.
    """

    scope: Scope
    label: tuple[tuple[Cause, float], ...]
    primary: Primary
    by_asset: tuple[tuple[AssetGroup, Primary], ...] = ()
    notes: str | None = None
    further: bool = False


@dataclass(frozen=True, slots=True)
class Job:
    """What all tasks of a run share; plain values, so that it travels to any worker.

    ``kept`` names the folder of measured dossiers of this code and these data, if they are kept.
    """

    system: str
    settings: Settings
    notes: str | None = None
    perturb: str | None = None
    timeout: float = 60.0
    lessons: tuple[Lesson, ...] = ()
    out_of_fold: bool = False
    kept: str | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """One question. ``lessons`` are positions in the job's that share no episode with it.

    ``donor`` is the scope whose notes are laid over this one, where the job asks for that.
    ``episode`` are the days of the window's episode, in which the engine may find no analogue.
    """

    key: int
    scope: Scope
    lessons: tuple[int, ...] = ()
    donor: Scope | None = None
    episode: Span | None = None


def answer(job: Job, task: Task) -> Sample:
    """Ask and time the system; its project errors become the sample's fault."""
    began = time.perf_counter()
    prediction: Prediction | None = None
    fault: str | None = None
    try:
        found = _ask(job, task)
        # Calls are kept on the sample: a failed answer has some too.
        prediction, calls = replace(found, calls=()), found.calls
    except UsageError:
        # The job itself is wrong (no data, no such system): it fails whole, not sample by sample.
        raise
    except CausemapError as error:
        fault = f"{type(error).__name__}: {error}"
        calls = error.calls if isinstance(error, SystemFault) else ()
    seconds = round(time.perf_counter() - began, 3)
    return Sample(task.key, prediction, fault, priced(job, task), seconds, calls)


def _ask(job: Job, task: Task) -> Prediction:
    folder = str(job.settings.data_dir)
    if job.perturb is None:
        scope, chosen = task.scope, _heard(job.notes, task.scope)
    else:
        given = (job.perturb, task.scope, _notes(job.notes), task.donor, _market(folder))
        scope, notes = perturbed(*given)
        chosen = notes_for(notes, scope.start, scope.as_of)
    view = _view(folder, scope.as_of)
    system = _system(job, task.lessons)
    if isinstance(system, Rules | FullRun) and task.episode is not None:
        system = replace(system, apart=(task.episode,))
    return system(scope, view, chosen)


def measured(job: Job, task: Task) -> Dossier:
    """The dossier of a task's question as it stands, for probes that change the evidence."""
    from causemap.evals.measured import measure

    view = _view(str(job.settings.data_dir), task.scope.as_of)
    notes = _heard(job.notes, task.scope)
    return measure(task.scope, view, notes, job.settings, Path(job.kept) if job.kept else None)


def priced(job: Job, task: Task) -> bool:
    """Whether any asset asked about has a price at both ends of the window."""
    view = _view(str(job.settings.data_dir), task.scope.as_of)
    return any(_covered(view, asset, task.scope) for asset in task.scope.assets)


def _covered(view: AsOfView, asset: str, scope: Scope) -> bool:
    try:
        view.covering(asset, _stamp(scope.start), _stamp(scope.end))
    except MissingSeries:
        return False
    return True


def _stamp(day: str) -> pd.Timestamp:
    import pandas as pd

    return pd.Timestamp(day)


# Every fold learns from nearly the same windows: what one of them is told is looked up once in a
# process, whichever system asks.
_WINDOWS: Final = 1024


@lru_cache(maxsize=_WINDOWS)
def _view(folder: str, as_of: str) -> AsOfView:
    return _market(folder).view(datetime.fromisoformat(as_of))


@lru_cache(maxsize=_WINDOWS)
def _heard(path: str | None, scope: Scope) -> tuple[Note, ...]:
    """The notes of a window, as they stand in the file."""
    return notes_for(_notes(path), scope.start, scope.as_of)


@lru_cache(maxsize=2)
def _market(folder: str) -> Market:
    return open_market(Path(folder))


@lru_cache(maxsize=3)
def _notes(path: str | None) -> tuple[Note, ...]:
    return read_notes(Path(path)) if path else ()


@lru_cache(maxsize=128)
def _system(job: Job, lessons: tuple[int, ...]) -> System:
    made = build(job.system, job.settings, job.timeout)
    if isinstance(made, Rules | Single | FullRun):
        made = replace(made, folder=Path(job.kept) if job.kept else None)
    if job.out_of_fold and isinstance(made, Rules):
        made = Refitted(made)
    return made.fit(_examples(job, lessons)) if isinstance(made, Learner) else made


def _examples(job: Job, lessons: Sequence[int]) -> list[Example]:
    folder, chosen = str(job.settings.data_dir), [job.lessons[k] for k in lessons]
    return [
        Example(
            lesson.scope,
            _view(folder, lesson.scope.as_of),
            _heard(lesson.notes, lesson.scope),
            lesson.label,
            lesson.primary,
            lesson.by_asset,
            lesson.further,
        )
        for lesson in chosen
    ]
