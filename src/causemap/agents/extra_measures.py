"""Extra measurements a desk's agent may ask for: two kinds, of registered series, a few at most.

The agent names a measurement by function call; code takes it from the as-of view or refuses. What
is measured so is context: its key is no fingerprint, so it can inform words but not the verdict.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from causemap.closed_sets import Desk
from causemap.llm.client import Tool
from causemap.records import Evidence, Scope

if TYPE_CHECKING:
    from causemap.agents.bench import Bench
    from causemap.tools.market import AsOfView

MOST: Final = 3
REPEATS: Final = 2
_HORIZONS: Final = (10, 20, 60)


def tools() -> tuple[Tool, ...]:
    """The functions offered, with the registered series as a closed set."""
    from causemap.tools.registry import REGISTRY

    names = sorted(REGISTRY)
    series = {"type": "string", "enum": names}
    change = {
        "type": "object",
        "properties": {"series": series},
        "required": ["series"],
        "additionalProperties": False,
    }
    pair = {
        "type": "object",
        "properties": {
            "first": series,
            "second": series,
            "sessions": {"type": "integer", "enum": list(_HORIZONS)},
        },
        "required": ["first", "second", "sessions"],
        "additionalProperties": False,
    }
    return (
        Tool("measure_change", "Change of a series over the window, with its deviation.", change),
        Tool("measure_correlation", "Correlation of two series' returns at the end.", pair),
    )


def take(
    desk: Desk, scope: Scope, view: AsOfView, calls: Sequence[tuple[str, str]]
) -> tuple[tuple[Evidence, ...], tuple[str, ...]]:
    """Measure what was asked for; the second part says what was refused and why."""
    from causemap.agents.bench import Bench

    bench = Bench(desk, scope, view)
    refused: list[str] = []
    seen: Counter[tuple[str, str]] = Counter()
    for name, arguments in calls:
        seen[name, arguments] += 1
        if seen[name, arguments] > REPEATS or sum(seen.values()) > MOST:
            refused.append(f"{name[:40]}: asked for too often")
            continue
        if seen[name, arguments] == 1:
            refused += _taken(bench, name, arguments)
    return tuple(bench.evidence), tuple(refused)


def _taken(bench: Bench, name: str, arguments: str) -> list[str]:
    """One measurement into the bench, or why not."""
    known: dict[str, Callable[[Bench, dict[str, object]], list[str]]] = {
        "measure_change": _change,
        "measure_correlation": _correlation,
    }
    try:
        given = json.loads(arguments or "{}")
    except (json.JSONDecodeError, RecursionError):
        given = None
    if name not in known or not isinstance(given, dict):
        return [f"{name[:40]}: no such measurement"]
    before = len(bench.gaps)
    said = known[name](bench, given)
    return said or [f"{gap.what}: {gap.why}" for gap in bench.gaps[before:]]


def _registered(given: dict[str, object], key: str) -> str | None:
    from causemap.tools.registry import REGISTRY

    name = given.get(key)
    return name if isinstance(name, str) and name in REGISTRY else None


def _change(bench: Bench, given: dict[str, object]) -> list[str]:
    from causemap.tools.measures.stats import Kind, robust_z, window_change
    from causemap.tools.registry import REGISTRY

    name = _registered(given, "series")
    if name is None:
        return ["measure_change: no such series"]
    series = bench.optional(name)
    if series is None:
        return []
    info = REGISTRY[name]
    log = info.change == "log"
    shown = window_change(series, bench.start, bench.end, Kind.SIMPLE if log else Kind.DIFF)
    if shown is None:
        return [f"measure_change: {name} does not span the window"]
    scored = robust_z(series, bench.start, bench.end, Kind.LOG if log else Kind.DIFF)
    bench.add(
        f"asked_{name.lower()}.change",
        shown * (100.0 if log else info.scale),
        info.change_unit,
        info.said,
        inputs=(name,),
        asset=name,
        z=None if scored is None else scored.z,
        n=None if scored is None else scored.n,
    )
    return []


def _correlation(bench: Bench, given: dict[str, object]) -> list[str]:
    from causemap.tools.measures.correlation import correlation_at, paired_returns

    first, second = _registered(given, "first"), _registered(given, "second")
    sessions = given.get("sessions")
    if first is None or second is None or first == second or sessions not in _HORIZONS:
        return ["measure_correlation: no such pair or horizon"]
    one, two = bench.optional(first), bench.optional(second)
    if one is None or two is None:
        return []
    found = correlation_at(paired_returns(one, two), bench.end, int(str(sessions)))
    if found is None:
        return [f"measure_correlation: too few returns of {first} and {second}"]
    bench.add(
        f"asked_{first.lower()}_{second.lower()}.corr_{sessions}d",
        found.r,
        "corr",
        f"the {sessions}-session {first}-{second} correlation at the end",
        inputs=(first, second),
        asset=f"{first}-{second}",
        n=found.n,
    )
    return []
