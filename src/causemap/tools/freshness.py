"""How old each series of a data directory is, and where it has holes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Final, Literal

import pandas as pd

from causemap.tools.market import MissingSeries
from causemap.tools.registry import REGISTRY, SeriesInfo

if TYPE_CHECKING:
    from causemap.tools.market import Market

State = Literal["fresh", "stale", "missing"]
# Sessions looked at for holes: a quarter of a year.
LOOKED_AT: Final = 63


@dataclass(frozen=True, slots=True)
class Freshness:
    """A series: its last day, its age in days, and the sessions without a value lately."""

    name: str
    said: str
    provider: str
    state: State
    last: date | None
    age_days: int | None
    holes: int
    redistributable: bool


def freshness(market: Market, now: datetime) -> tuple[Freshness, ...]:
    """Every series of the registry, judged at ``now`` by the registry's own limit of age."""
    today = now.astimezone(UTC).date()
    sessions = _sessions(market)
    return tuple(_one(market, info, today, sessions) for info in REGISTRY.values())


def _one(market: Market, info: SeriesInfo, today: date, sessions: pd.DatetimeIndex) -> Freshness:
    series = _series(market, info)
    if series is None or series.empty:
        return Freshness(
            info.name, info.said, info.provider, "missing", None, None, 0, info.redistributable
        )
    last = pd.Timestamp(str(series.index[-1])).date()
    age = (today - last).days
    return Freshness(
        info.name,
        info.said,
        info.provider,
        "stale" if age > info.max_age else "fresh",
        last,
        age,
        _holes(series, info, sessions),
        info.redistributable,
    )


def _series(market: Market, info: SeriesInfo) -> pd.Series[float] | None:
    try:
        frame = market.frame(info.file)
    except MissingSeries:
        return None
    return frame[info.name].dropna() if info.name in frame.columns else None


def _sessions(market: Market) -> pd.DatetimeIndex:
    info = REGISTRY["SPX"]
    found = _series(market, info)
    return pd.DatetimeIndex([] if found is None else found.index[-LOOKED_AT:])


def _holes(series: pd.Series[float], info: SeriesInfo, sessions: pd.DatetimeIndex) -> int:
    """Expected days between the series' first and last value that have none."""
    index = pd.DatetimeIndex(series.index)
    if info.calendar == "weekly":
        return 0
    if info.calendar == "nyse":
        expected = sessions
    else:
        expected = pd.date_range(index[-1] - pd.Timedelta(days=LOOKED_AT), index[-1])
    inside = expected[(expected >= index[0]) & (expected <= index[-1])]
    return len(inside.difference(index))


def stale_line(found: tuple[Freshness, ...], limit: int = 8) -> str:
    """One sentence on what is fresh and what is not, the series with most bearing first."""
    held = [f for f in found if f.state != "missing"]
    stale = [f for f in held if f.state == "stale"]
    line = f"{len(held) - len(stale)} of {len(held)} series on disk are fresh"
    if not stale:
        return line
    names = ", ".join(f"{f.name} {f.age_days} d" for f in stale[:limit])
    more = f" and {len(stale) - limit} more ('causemap data status')" if len(stale) > limit else ""
    return f"{line}; stale, with age: {names}{more}"
