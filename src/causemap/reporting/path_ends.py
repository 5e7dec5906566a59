"""What the lines of the price chart show of the assets that were asked about."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from causemap.records import Report
from causemap.reporting.shares import Cell
from causemap.words import amount, asset_name


class PathEnds(NamedTuple):
    """The assets asked about that ended lowest and highest, and how far each line went.

    ``lowest``: no other line that is drawn ended below.
    """

    worst: str
    best: str
    lowest: bool
    change: dict[str, str]


def path_ends(rows: Sequence[tuple[Cell, ...]], report: Report) -> PathEnds:
    """What the drawn lines show of the assets asked about; of all, where none of them is drawn."""
    lines: dict[str, list[float]] = {}
    for name, _, value in rows:
        if isinstance(value, float):
            lines.setdefault(str(name), []).append(value)
    moved = {name: values[-1] / values[0] - 1.0 for name, values in lines.items()}
    named = {asset_name(asset) for asset in report.scope.assets}
    asked = [name for name in moved if name in named] or list(moved)
    worst, best = (pick(asked, key=lambda name: moved[name]) for pick in (min, max))
    change = {name: amount(move * 100.0, "%") for name, move in moved.items()}
    return PathEnds(worst, best, moved[worst] <= min(moved.values()), change)
