"""How fresh each series of the registry is on a data folder, and how many days it lacks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from causemap.tools.market import AsOfView, MissingSeries, open_market
from causemap.tools.registry import REGISTRY, SeriesInfo

if TYPE_CHECKING:
    import pandas as pd

# Holes are counted over the last year of sessions.
_SESSIONS: Final = 250


@dataclass(frozen=True, slots=True)
class Freshness:
    """One series: ``state`` is ``fresh``, ``stale`` or ``absent``; ages and holes in days."""

    name: str
    said: str
    source: str
    state: str
    first: str | None
    last: str | None
    age: int | None
    allowed: int
    holes: int | None
    fault: str


def freshness(folder: Path, now: datetime) -> tuple[Freshness, ...]:
    """Every series of the registry, as known now. Raises :class:`UsageError` without data."""
    view = open_market(folder).view(now)
    return tuple(_line(view, info) for info in REGISTRY.values())


def _line(view: AsOfView, info: SeriesInfo) -> Freshness:
    source = f"{info.provider} {info.symbol}"
    try:
        series = view.daily(info.name)
    except MissingSeries as gap:
        return Freshness(
            info.name, info.said, source, "absent", None, None, None, info.max_age, None, gap.why
        )
    age = (view.as_of.date() - series.index[-1].date()).days
    return Freshness(
        name=info.name,
        said=info.said,
        source=source,
        state="fresh" if age <= info.max_age else "stale",
        first=str(series.index[0].date()),
        last=str(series.index[-1].date()),
        age=age,
        allowed=info.max_age,
        holes=_holes(view, series, info),
        fault=info.fault,
    )


def _holes(view: AsOfView, series: pd.Series[float], info: SeriesInfo) -> int | None:
    """Sessions of the last year, within the series' own span, on which it has no value."""
    if info.calendar != "nyse":
        return None
    try:
        sessions = view.sessions[-_SESSIONS:]
    except MissingSeries:
        return None
    inside = sessions[(sessions >= series.index[0]) & (sessions <= series.index[-1])]
    return len(inside.difference(series.index))
