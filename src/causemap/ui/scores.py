"""The runs that ``causemap eval run`` keeps, scored again for the page."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from causemap.evals.campaign import windows_of
from causemap.evals.results import to_dict
from causemap.evals.scorecard import score
from causemap.evals.store import find_run, list_runs
from causemap.ui.evaluation import Evaluation, read_evaluation

if TYPE_CHECKING:
    from causemap.evals.store import RunRow
    from causemap.settings import Settings


def kept_runs(settings: Settings) -> tuple[RunRow, ...]:
    """The kept runs with at least one answer, the latest first."""
    return tuple(row for row in list_runs(settings) if row.done)


def evaluation_of(settings: Settings, run_id: str, seed: int = 0) -> Evaluation:
    """A kept run as its file would tell it; no system is asked.

    Raises :class:`UsageError` when the run, or the events it was asked about, cannot be read.
    """
    run = find_run(settings, run_id)
    windows, wording = windows_of(run)
    samples = run.samples()
    card = score(windows, samples, wording, seed)
    return read_evaluation(json.dumps(to_dict(run.identity, card, windows, samples)), run_id)
