"""Where the answer changes: ``python scripts/robustness.py DATA_DIR EVENTS.yaml NOTES.jsonl``.

Every labelled fall is answered out of fold, then again with both closes moved by one and two
sessions and with other falls' notes laid over it. Moved falls are counted by how much of the fall
is left between the moved closes; foreign notes by what prices alone give the cause they tell of.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from statistics import fmean
from tempfile import TemporaryDirectory
from typing import Final, NamedTuple

from fit_calibration import apart, examples, further_falls, refitted
from pandas import Timestamp

from causemap.causes import CAUSES
from causemap.errors import SourceError
from causemap.evals.answers import Prediction
from causemap.evals.campaign import donor_of
from causemap.evals.folds import leave_one_episode_out
from causemap.evals.perturb import perturbed
from causemap.evals.systems import Example, Rules, System
from causemap.evals.windows import LabelledWindow, question, read_windows
from causemap.records import Note, Scope
from causemap.settings import Settings
from causemap.tools.market import Market, open_market
from causemap.tools.measures.stats import Kind, window_change
from causemap.tools.notes import notes_for, read_notes

SHIFTS: Final = (-2, -1, 1, 2)
DONORS: Final = 3
# Shares of the fall that are left, and probabilities by prices alone.
LEFT: Final = (float("-inf"), 0.5, 2 / 3, 0.8, float("inf"))
ALLOWED: Final = (0.0, 0.02, 0.05, 0.1, 0.2, 1.01)


class Answered(NamedTuple):
    """A changed question's scope, and its answer."""

    scope: Scope
    answer: Prediction


@dataclass(frozen=True, slots=True)
class Moved:
    """An answer to moved closes: the share of the fall between them, and whether it is the same."""

    left: float
    cause_stays: bool
    answer_stays: bool


@dataclass(frozen=True, slots=True)
class Foreign:
    """An answer under another fall's notes: what its cause has by prices alone, and with them."""

    allowed: float
    probability: float
    first: bool
    named: bool


@dataclass(frozen=True, slots=True)
class Asker:
    """The market, all notes and the windows whose notes may be laid over others."""

    market: Market
    notes: tuple[Note, ...]
    windows: tuple[LabelledWindow, ...]

    def ask(self, system: System, change: str, told: Example, donor: Scope | None) -> Answered:
        """The system's answer to the changed question."""
        asked = perturbed(change, told.scope, self.notes, donor, self.market)
        view = self.market.view(datetime.fromisoformat(asked.scope.as_of))
        heard = notes_for(asked.notes, asked.scope.start, asked.scope.as_of)
        return Answered(asked.scope, system(asked.scope, view, heard))

    def moved(self, system: System, told: Example, before: Prediction) -> Iterator[Moved]:
        """Both closes moved; where no fall is found there is none to explain."""
        for sessions in SHIFTS:
            scope, after = self.ask(system, f"shift:{sessions:+d}", told, None)
            left = self.left(told.scope, scope)
            if left is not None and "no_drawdown" not in (before.primary, after.primary):
                yield Moved(left, _first(before) == _first(after), before.primary == after.primary)

    def left(self, scope: Scope, moved: Scope) -> float | None:
        """What is left, between moved closes, of the log return of what fell most."""
        moves = ((self._move(asset, scope), asset) for asset in scope.assets)
        fall, worst = min(((m, a) for m, a in moves if m is not None), default=(0.0, ""))
        part = self._move(worst, moved) if fall < 0.0 else None
        return None if part is None else part / fall

    def _move(self, asset: str, scope: Scope) -> float | None:
        try:
            levels = self.market.view(datetime.now(UTC)).daily(asset)
        except SourceError:
            return None
        return window_change(levels, Timestamp(scope.start), Timestamp(scope.end), Kind.LOG)

    def foreign(
        self, system: System, window: LabelledWindow, told: Example, before: Prediction
    ) -> Iterator[Foreign]:
        """Notes of falls with another named cause, laid over this one."""
        prices = system(told.scope, told.view, ())
        for seed in range(DONORS):
            donor = donor_of(window, self.windows, seed)
            if donor is None or donor.primary in (window.primary, "mixed_unclear"):
                continue
            _, after = self.ask(system, "other-notes", told, question(donor))
            if "no_drawdown" not in (before.primary, prices.primary, after.primary):
                at = CAUSES.index(donor.primary)
                shares = prices.probabilities[at], after.probabilities[at]
                yield Foreign(*shares, _first(after) == at, after.primary == donor.primary)


def main(data_dir: str, events_file: str, notes_file: str) -> None:
    """Ask, and print both tables."""
    windows = sorted(read_windows(Path(events_file)), key=lambda window: window.span)
    told = examples(Path(data_dir), Path(notes_file), windows)
    further = further_falls(Path(data_dir))
    asker = Asker(open_market(Path(data_dir)), read_notes(Path(notes_file)), tuple(windows))
    moved: list[Moved] = []
    foreign: list[Foreign] = []
    with TemporaryDirectory() as folder:
        rules = Rules(Settings(data_dir=Path(data_dir), home=Path(folder)), folder=Path(folder))
        folds = leave_one_episode_out([window.span for window in windows])
        for k, system in refitted(folds, apart, rules, told, further):
            before = system(told[k].scope, told[k].view, told[k].notes)
            moved += asker.moved(system, told[k], before)
            foreign += asker.foreign(system, windows[k], told[k], before)
            sys.stderr.write(".")
            sys.stderr.flush()
    sys.stdout.write("\n".join(["", *moved_lines(moved), "", *foreign_lines(foreign), ""]))


def moved_lines(found: list[Moved]) -> Iterator[str]:
    """A table of moved falls, by what is left of them."""
    yield "| of the fall is left | questions | likeliest cause stays | answer stays |"
    yield "|---|---|---|---|"
    for low, high in (*pairwise(LEFT), (LEFT[0], LEFT[-1]), (LEFT[2], LEFT[-1])):
        inside = [one for one in found if low <= one.left < high]
        cells = [_share(one.cause_stays for one in inside), _share(m.answer_stays for m in inside)]
        yield _row(f"{low:.2f} to {high:.2f}", len(inside), *cells)


def foreign_lines(found: list[Foreign]) -> Iterator[str]:
    """A table of foreign notes, by what prices alone give the cause they tell of."""
    yield "| prices give their cause | questions | with the notes | ranked first | named |"
    yield "|---|---|---|---|---|"
    for low, high in (*pairwise(ALLOWED), (ALLOWED[0], ALLOWED[-1])):
        inside = [one for one in found if low <= one.allowed < high]
        mean = f"{fmean(one.probability for one in inside):.3f}" if inside else "n/a"
        cells = [_share(one.first for one in inside), _share(one.named for one in inside)]
        yield _row(f"{low:.2f} to {high:.2f}", len(inside), mean, *cells)


def _first(answer: Prediction) -> int:
    return max(range(len(CAUSES)), key=lambda at: answer.probabilities[at])


def _share(held: Iterable[bool]) -> str:
    known = list(held)
    return f"{sum(known)} ({sum(known) / len(known):.2f})" if known else "n/a"


def _row(*cells: object) -> str:
    return f"| {' | '.join(str(cell) for cell in cells)} |"


if __name__ == "__main__":
    main(*sys.argv[1:])
