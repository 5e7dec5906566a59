"""Single days by the run's own paths: closes that start at 100, as its price chart draws them.

A path is rounded to a tenth, so closes are given as they stand in it; no return is worked out.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final, NamedTuple

from causemap.agents.chat_phrases import say
from causemap.agents.names_zh import told_in
from causemap.agents.turns import Language
from causemap.records import Path, Report
from causemap.reporting.markdown import escape
from causemap.tools.registry import REGISTRY
from causemap.words import instant, number

_OF_ONE: Final = 5
_MOST: Final = 8


class Step(NamedTuple):
    """Two neighbouring closes of a path."""

    asset: str
    before: str
    day: str
    start: float
    close: float


def closes_of(report: Report, first: str, last: str, about: Collection[str]) -> list[Step]:
    """The steps of the assets named, of all asked about if none is, that end on these days."""
    return [
        step
        for path in _paths(report, about)
        for step in _steps(path)
        if first <= step.day[:10] <= last
    ]


def deepest(report: Report, about: Collection[str]) -> list[Step]:
    """The largest falls from one close to the next: of one asset several, of many one each."""
    paths = _paths(report, about)
    most = min(_OF_ONE, max(1, _MOST // max(1, len(paths))))
    found = []
    for path in paths:
        falls = [step for step in _steps(path) if step.close < step.start]
        found += sorted(falls, key=lambda s: (s.close / s.start, s.day))[:most]
    return found


def step_lines(steps: list[Step], language: Language) -> str:
    """The steps as list lines."""
    lines = [
        f"- {escape(told_in(REGISTRY[s.asset].said, language))}, {instant(s.day)}: "
        f"{number(s.start, 1)} \u2192 {number(s.close, 1)}"
        for s in steps[:_MOST]
    ]
    return f"{say('closes', language)}\n\n" + "\n".join(lines) if lines else ""


def _paths(report: Report, about: Collection[str]) -> list[Path]:
    named = [path for path in report.paths if path.asset in about]
    return named or [path for path in report.paths if path.asset in report.scope.assets]


def _steps(path: Path) -> list[Step]:
    pairs = zip(path.dates, path.dates[1:], path.values, path.values[1:], strict=False)
    return [Step(path.asset, *pair) for pair in pairs]
