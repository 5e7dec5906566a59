"""Fit layer 2: ``python scripts/fit_calibration.py DATA_DIR EVENTS.yaml NOTES.jsonl [--check]``.

Writes ``attribution/calibration.json`` from the labelled training windows and the further falls of
``scripts/falls``. With ``--check`` nothing is written: every training window is answered by the
engine refitted on the other episodes of both, then on the earlier ones only: weights, temperature,
mixed share and prior alike. Windows, questions, labels and episodes are those of ``causemap eval``,
whose ``--out-of-fold --lessons`` run gives the same answers with intervals.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np

from causemap.attribution import fitting
from causemap.causes import CAUSES
from causemap.evals.answers import Prediction
from causemap.evals.folds import (
    Fold,
    Span,
    episode_spans,
    leave_one_episode_out,
    shares_days,
    walk_forward,
)
from causemap.evals.refit import Refitted, fitted_on
from causemap.evals.systems import Example, Rules, System
from causemap.evals.windows import LabelledWindow, question, read_windows, soft_label
from causemap.settings import Settings
from causemap.tools.market import open_market
from causemap.tools.notes import notes_for, read_notes

ROOT: Final = Path(__file__).resolve().parents[1]
OUT: Final = ROOT / "src/causemap/attribution/calibration.json"
FURTHER: Final = ROOT / "scripts" / "falls"
COMMAND: Final = "python scripts/fit_calibration.py ../shared/data train.yaml notes.jsonl"
_FIRST_TRAINED: Final = 30
# Whether a further fall may teach what is asked about an episode of such days.
Teaches = Callable[[Span, Span], bool]


def examples(data_dir: Path, notes_file: Path, windows: list[LabelledWindow]) -> list[Example]:
    """What the engine is told of each window, and its soft label."""
    market, notes, now = open_market(data_dir), read_notes(notes_file), datetime.now(UTC)
    found = []
    for window in windows:
        scope = question(window, now)
        view = market.view(datetime.fromisoformat(scope.as_of))
        heard = notes_for(notes, scope.start, scope.as_of)
        label = tuple(soft_label(window).items())
        found.append(Example(scope, view, heard, label, window.primary, window.by_asset))
    return found


def further_falls(data_dir: Path) -> list[Example]:
    """The further falls, marked as labelled by others."""
    windows = list(read_windows(FURTHER / "falls.yaml"))
    told = examples(data_dir, FURTHER / "falls.jsonl", windows)
    return [replace(example, further=True) for example in told]


def fitted_on_all(rules: Rules, told: list[Example]) -> str:
    """The calibration to ship, as the text of its file."""
    fitted = fitted_on(rules, told)
    return json.dumps(fitting.as_json(fitted, COMMAND, len(told)), indent=1) + "\n"


def refitted(
    folds: Iterable[Fold],
    teaches: Teaches,
    rules: Rules,
    told: list[Example],
    further: list[Example],
) -> Iterator[tuple[int, System]]:
    """The place of each window asked about, with the engine fitted without its episode."""
    episodes = episode_spans([Span(e.scope.start, e.scope.end) for e in told])
    for fold in folds:
        episode = episodes[fold.test[0]]
        more = [e for e in further if teaches(Span(e.scope.start, e.scope.end), episode)]
        system = Refitted(rules).fit([told[k] for k in fold.train] + more)
        yield from ((k, system) for k in fold.test)


def apart(fall: Span, episode: Span) -> bool:
    """A fall that shares no day with an episode may teach what is asked about it."""
    return not shares_days(fall, episode)


def _earlier(fall: Span, episode: Span) -> bool:
    return fall.end < episode.start


def print_figures(name: str, asked: list[LabelledWindow], answers: list[Prediction]) -> None:
    """Accuracy, top-2, Brier score, coverage and accuracy when it answers."""
    chances = np.array([answer.probabilities for answer in answers])
    truth = np.array([[w.primary == cause for cause in CAUSES] for w in asked], dtype=float)
    own = (truth * chances).sum(axis=1, keepdims=True)
    ahead = (chances > own).sum(axis=1)
    brier = ((chances - truth) ** 2).sum(axis=1).mean()
    pairs = zip(asked, answers, strict=True)
    named = [window.primary == a.primary for window, a in pairs if not a.abstained]
    right = np.mean(named) if named else float("nan")
    sys.stdout.write(
        f"{name}: n {len(asked)}, top-1 {np.mean(ahead == 0):.3f}, "
        f"top-2 {np.mean(ahead < 2):.3f}, Brier {brier:.3f}, "
        f"answers {len(named) / len(asked):.2f}, right when it answers {right:.3f}\n"
    )


def main(data_dir: str, events_file: str, notes_file: str, *options: str) -> None:
    """Fit and write, or check out of fold."""
    windows = sorted(read_windows(Path(events_file)), key=lambda window: window.span)
    told = examples(Path(data_dir), Path(notes_file), windows)
    further = further_falls(Path(data_dir))
    spans = [window.span for window in windows]
    with TemporaryDirectory() as folder:
        settings = Settings(data_dir=Path(data_dir), home=Path(folder))
        rules = Rules(settings, folder=Path(folder))
        if "--check" in options:
            for name, folds, teaches in (
                ("leave one episode out", leave_one_episode_out(spans), apart),
                ("walk forward", walk_forward(spans, _FIRST_TRAINED), _earlier),
            ):
                fitted = list(refitted(folds, teaches, rules, told, further))
                answers = [s(told[k].scope, told[k].view, told[k].notes) for k, s in fitted]
                print_figures(name, [windows[k] for k, _ in fitted], answers)
            return
        OUT.write_text(fitted_on_all(rules, [*told, *further]), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
