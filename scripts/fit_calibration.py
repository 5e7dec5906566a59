"""Fit layer 2: ``python scripts/fit_calibration.py DATA_DIR EVENTS.yaml NOTES.jsonl [--check]``.

Writes ``attribution/calibration.json`` from the labelled training windows. With ``--check`` nothing
is written: every episode is predicted by a fit on the others (thresholds are constants, the
temperature is chosen inside the fold) and the out-of-fold figures are printed, then those of a walk
forward by date.
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import numpy as np
import yaml

from causemap.agents.graph import run
from causemap.attribution import fitting
from causemap.attribution.calibration import Calibration
from causemap.attribution.judge import judge, overall
from causemap.causes import CAUSES, GROUP_ASSETS, GROUPS
from causemap.closed_sets import AssetGroup
from causemap.records import Dossier, Scope
from causemap.settings import Settings
from causemap.tools.market import open_market
from causemap.tools.notes import notes_for, read_notes

OUT: Final = Path(__file__).resolve().parents[1] / "src/causemap/attribution/calibration.json"
COMMAND: Final = "python scripts/fit_calibration.py ../shared/data train.yaml notes.jsonl"
SCOPES: Final[dict[str, tuple[AssetGroup, ...]]] = {
    "equity": ("equity",),
    "crypto": ("crypto",),
    "cross": GROUPS,
}
_FIRST_TRAINED: Final = 30


def windows(path: Path) -> list[dict[str, Any]]:
    """The labelled windows in order of their start."""
    events: list[dict[str, Any]] = yaml.safe_load(path.read_text(encoding="utf-8"))["events"]
    return sorted(events, key=lambda event: str(event["window"]["start_close_utc"]))


def episodes(events: list[dict[str, Any]]) -> fitting.Ints:
    """A number per window; windows that overlap in time have the same."""
    found, number, last = [], -1, ""
    for event in events:
        start, end = (event["window"][key] for key in ("start_close_utc", "trough_close_utc"))
        if start >= last:
            number += 1
        last = max(last, end)
        found.append(number)
    return np.array(found)


def labels(events: list[dict[str, Any]]) -> fitting.Floats:
    """Both labellers' weights, averaged."""
    return np.array(
        [
            fitting.soft_label([(v["primary"], v["weights"]) for v in (e, e["second_label"])])
            for e in events
        ]
    )


def measured(data_dir: Path, notes_file: Path, events: list[dict[str, Any]]) -> list[Dossier]:
    """The desks' dossiers; neither labels nor titles nor ids are handed on."""
    market, settings = open_market(data_dir), Settings(data_dir=data_dir, home=data_dir)
    notes = read_notes(notes_file)
    found = []
    for event in events:
        start, end = (event["window"][key] for key in ("start_close_utc", "trough_close_utc"))
        groups = SCOPES[event["scope"]]
        as_of = datetime.fromisoformat(end).replace(tzinfo=UTC) + timedelta(hours=71, minutes=59)
        stamp = as_of.strftime("%Y-%m-%dT%H:%MZ")
        assets = tuple(asset for group in groups for asset in GROUP_ASSETS[group])
        scope = Scope(start, end, stamp, assets, groups)
        found.append(run(scope, market.view(as_of), notes_for(notes, start, stamp), settings))
    return found


def predicted(dossier: Dossier, fitted: Calibration) -> fitting.Floats:
    """The verdict's probabilities under a calibration, in the order of the closed set."""
    verdict = overall(dossier, judge(dossier, fitted))
    return np.array([dict(verdict.probabilities)[cause] for cause in CAUSES])


def out_of_fold(
    dossiers: list[Dossier], soft: fitting.Floats, groups: fitting.Ints
) -> fitting.Floats:
    """Probabilities of every window from a fit on the other episodes."""
    data, found = fitting.design(dossiers), np.zeros((len(dossiers), len(CAUSES)))
    for episode in np.unique(groups):
        rest = np.flatnonzero(groups != episode)
        fitted = fitting.fit(data.pick(rest), soft[rest], groups[rest])
        for i in np.flatnonzero(groups == episode):
            found[i] = predicted(dossiers[i], fitted)
    return found


def walk_forward(
    dossiers: list[Dossier], soft: fitting.Floats, groups: fitting.Ints
) -> tuple[fitting.Ints, fitting.Floats]:
    """Probabilities of the later windows, each episode from a fit on the earlier ones only."""
    data, numbers, rows = fitting.design(dossiers), [], []
    for episode in np.unique(groups):
        before = np.flatnonzero(groups < episode)
        if len(before) < _FIRST_TRAINED:
            continue
        fitted = fitting.fit(data.pick(before), soft[before], groups[before])
        for i in np.flatnonzero(groups == episode):
            numbers.append(int(i))
            rows.append(predicted(dossiers[i], fitted))
    return np.array(numbers), np.array(rows)


def figures(name: str, chances: fitting.Floats, truth: fitting.Ints) -> None:
    """Print accuracy, top-2, Brier score, coverage and accuracy when answering."""
    ranked = np.argsort(-chances, axis=1, kind="stable")
    right = ranked[:, 0] == truth
    brier = ((chances - np.eye(len(CAUSES))[truth]) ** 2).sum(axis=1).mean()
    top = np.sort(chances, axis=1)
    answered = (top[:, -1] >= 0.45) & (top[:, -1] - top[:, -2] >= 0.10)
    answered &= ranked[:, 0] != CAUSES.index("mixed_unclear")
    held = right[answered].mean() if answered.any() else float("nan")
    second = (ranked[:, :2] == truth[:, None]).any(axis=1).mean()
    sys.stdout.write(
        f"{name}: n {len(truth)}, top-1 {right.mean():.3f}, top-2 {second:.3f}, Brier {brier:.3f}, "
        f"answers {answered.mean():.2f}, right when it answers {held:.3f}\n"
    )


def main(data_dir: str, events_file: str, notes_file: str, *options: str) -> None:
    """Fit and write, or check out of fold."""
    events = windows(Path(events_file))
    soft, groups = labels(events), episodes(events)
    dossiers = measured(Path(data_dir), Path(notes_file), events)
    if "--check" in options:
        truth = np.array([CAUSES.index(event["primary"]) for event in events])
        figures("leave one episode out", out_of_fold(dossiers, soft, groups), truth)
        later, chances = walk_forward(dossiers, soft, groups)
        figures("walk forward", chances, truth[later])
        return
    fitted = fitting.fit(fitting.design(dossiers), soft, groups)
    text = json.dumps(fitting.as_json(fitted, COMMAND, len(events)), indent=1)
    OUT.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
