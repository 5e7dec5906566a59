"""Learn what tells notes of their own days: ``python scripts/fit_dateline.py DATA_DIR``.

Writes ``agents/of_its_time.json``: log-likelihood ratios of a price level, month, year or release
that fits the days of a window and of one that does not. Notes of the further and of the held-out
falls stand once in their own window and once in each of two others, moved there in time; an L2
logistic regression (C = 1, both sides of equal weight) tells them apart. With ``--check EVENTS.yaml
NOTES.jsonl`` nothing is written: it prints how well the ratios of the package do on other notes.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from causemap.agents.bench import Bench
from causemap.agents.of_its_time import DOUBTED, KINDS, MOST, VERSION, counted, likely
from causemap.evals.perturb import perturbed
from causemap.evals.windows import question, read_windows
from causemap.records import Note, Scope
from causemap.tools.market import Market, open_market
from causemap.tools.news.dateline import Fit
from causemap.tools.news.stories import stories
from causemap.tools.notes import notes_for, read_notes

ROOT: Final = Path(__file__).resolve().parents[1]
OUT: Final = ROOT / "src/causemap/agents/of_its_time.json"
TAUGHT: Final = (
    (ROOT / "scripts/falls/falls.yaml", ROOT / "scripts/falls/falls.jsonl"),
    (ROOT / "scripts/reading/held_out.yaml", ROOT / "scripts/reading/held_out.jsonl"),
)
# Windows so far apart share no news (days).
_APART: Final = 60
_DONORS: Final = 2


class Held(NamedTuple):
    """What the notes of a window tell, held against its days, and whether they are its own."""

    fits: dict[str, Fit]
    own: bool


def examples(market: Market, events: Path, notes_file: Path) -> Iterator[Held]:
    """Each window with its own notes, and with those of others."""
    notes, now = read_notes(notes_file), datetime.now(UTC)
    scopes = [question(window, now) for window in read_windows(events)]
    for scope in scopes:
        yield Held(_held(market, scope, notes), own=True)
        others = [s for s in scopes if _days(s, scope) > _APART]
        drawn = random.Random(f"{scope.start} {scope.end} {scope.groups}")  # noqa: S311  a seeded draw
        for donor in drawn.sample(others, _DONORS):
            laid = perturbed("other-notes", scope, notes, donor, market)
            yield Held(_held(market, scope, laid.notes), own=False)


def _days(one: Scope, other: Scope) -> int:
    return abs((date.fromisoformat(one.start) - date.fromisoformat(other.start)).days)


def _held(market: Market, scope: Scope, notes: tuple[Note, ...]) -> dict[str, Fit]:
    bench = Bench("earnings_news", scope, market.view(datetime.fromisoformat(scope.as_of)))
    return counted(bench, stories(notes_for(notes, scope.start, scope.as_of)))


def fit(found: list[Held]) -> dict[str, dict[str, float]]:
    """The log-likelihood ratios of each kind."""
    counts = np.array([[min(n, MOST) for kind in KINDS for n in one.fits[kind]] for one in found])
    fitted = LogisticRegression(C=1.0, class_weight="balanced").fit(counts, [o.own for o in found])
    known, unknown = np.round(fitted.coef_[0], 2).reshape(len(KINDS), 2).T.tolist()
    pairs = zip(KINDS, known, unknown, strict=True)
    return {kind: {"known": k, "unknown": u} for kind, k, u in pairs}


def check(found: list[Held]) -> None:
    """Print how well the package's ratios tell notes of their own days from others."""
    chances = np.array([likely(one.fits) for one in found])
    own = np.array([one.own for one in found])
    sys.stdout.write(f"area under the curve {roc_auc_score(own, chances):.3f}\n")
    for name, of in (("own", own), ("other", ~own)):
        doubted = (chances[of] < DOUBTED).mean()
        sys.stdout.write(f"{name} notes: {of.sum()} windows, doubted in {doubted:.3f}\n")


def main(arguments: list[str]) -> None:
    """Write the ratios, or hold them against other notes."""
    market = open_market(Path(arguments[0]))
    if "--check" in arguments:
        check(list(examples(market, Path(arguments[-2]), Path(arguments[-1]))))
        return
    found = [one for files in TAUGHT for one in examples(market, *files)]
    command = "python scripts/fit_dateline.py ../shared/data"
    fitted = {"version": VERSION, "command": command, "windows": len(found), "ratios": fit(found)}
    OUT.write_text(json.dumps(fitted, indent=1) + "\n", encoding="utf-8")
    sys.stdout.write(json.dumps(fitted["ratios"]) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
