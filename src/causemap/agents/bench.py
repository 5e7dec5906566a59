"""A desk's workbench: turns measures into evidence and missing series into gaps.

Values are rounded here, once (:mod:`causemap.tools.rounding`), so that a dossier is the same on
every machine. A desk never sees the whole store, only the as-of view.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Final

import pandas as pd

from causemap.attribution.fingerprints import FINGERPRINTS
from causemap.closed_sets import Cause, Desk, Family, GapKind, Group
from causemap.records import (
    Decomposition,
    DeskReport,
    Evidence,
    Gap,
    Marker,
    OnsetInterval,
    Path,
    Scope,
)
from causemap.tools.market import AsOfView, MissingSeries
from causemap.tools.measures.stats import (
    Kind,
    Residual,
    percent,
    robust_z,
    rows_until,
    window_change,
)
from causemap.tools.publication import known_from
from causemap.tools.registry import REGISTRY, info_of
from causemap.tools.rounding import rounded

_EXPECTED: Final[dict[str, tuple[tuple[Cause, int], ...]]] = {
    key: tuple((row.cause, row.sign) for row in FINGERPRINTS if row.key == key)
    for key in {row.key for row in FINGERPRINTS}
}


def iso(when: pd.Timestamp | datetime) -> str:
    """A UTC time as ``YYYY-MM-DDTHH:MMZ``."""
    aware = when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)
    return aware.strftime("%Y-%m-%dT%H:%MZ")


def day(when: pd.Timestamp | datetime) -> str:
    """The date of a timestamp, ``YYYY-MM-DD``."""
    return when.date().isoformat()


@dataclass
class Bench:
    """Collects what one desk finds about one scope."""

    desk: Desk
    scope: Scope
    view: AsOfView
    evidence: list[Evidence] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    markers: list[Marker] = field(default_factory=list)
    onsets: list[OnsetInterval] = field(default_factory=list)
    paths: list[Path] = field(default_factory=list)
    decompositions: list[Decomposition] = field(default_factory=list)
    _covering: dict[str, pd.Series[float]] = field(default_factory=dict, repr=False)

    @cached_property
    def start(self) -> pd.Timestamp:
        """Start close of the window."""
        return pd.Timestamp(self.scope.start)

    @cached_property
    def end(self) -> pd.Timestamp:
        """End close of the window."""
        return pd.Timestamp(self.scope.end)

    @contextmanager
    def attempt(self, what: str, weakens: tuple[Cause, ...] = ()) -> Iterator[None]:
        """Turn a missing series inside the block into a gap named ``what``."""
        try:
            yield
        except MissingSeries as missing:
            self.gap(what, missing.kind, str(missing), weakens)

    def gap(self, what: str, kind: GapKind, why: str, weakens: tuple[Cause, ...] = ()) -> None:
        """Record something that could not be had."""
        gap = Gap(what, kind, why, self.desk, weakens)
        if gap not in self.gaps:
            self.gaps.append(gap)

    def series(self, name: str) -> pd.Series[float]:
        """A daily series fresh at both ends of the window; raises :class:`MissingSeries`."""
        if name not in self._covering:
            self._covering[name] = self.view.covering(name, self.start, self.end)
        return self._covering[name]

    def recent(self, name: str, days: int = 500) -> pd.Series[float]:
        """As :meth:`series`, cut to ``days`` calendar days before the window: less to align."""
        series, since = self.series(name), self.start - pd.Timedelta(days=days)
        first = int(series.index.searchsorted(since))
        return series.iloc[first : rows_until(series.index, self.end)]

    def inside(self, series: pd.Series[float]) -> pd.Series[float]:
        """The part of a daily series after the start close and up to the end close."""
        index = series.index
        return series.iloc[rows_until(index, self.start) : rows_until(index, self.end)]

    def optional(self, name: str) -> pd.Series[float] | None:
        """As :meth:`series`, or ``None`` with a gap."""
        try:
            return self.series(name)
        except MissingSeries as missing:
            said = REGISTRY[name].said if name in REGISTRY else name
            self.gap(said, missing.kind, str(missing))
            return None

    def known_at(self, names: tuple[str, ...], when: pd.Timestamp) -> str:
        """When the last of the series' values filed under ``when`` became available."""
        infos = [info for info in map(info_of, names) if info.calendar != "bars"]
        day_ = when.date()
        stamps = [known_from(day_, info.business_days, info.hours) for info in infos]
        moment = (when.tz_localize(UTC) if when.tz is None else when).to_pydatetime()
        return iso(min(max([*stamps, moment]), self.view.as_of))

    def add(
        self,
        key: str,
        value: float,
        unit: str,
        said: str,
        *,
        group: Group = "context",
        inputs: tuple[str, ...] | None = None,
        asset: str | None = None,
        family: Family = "prices",
        z: float | None = None,
        low: float | None = None,
        high: float | None = None,
        n: int | None = None,
        observed: pd.Timestamp | None = None,
        since: pd.Timestamp | None = None,
        known: str | None = None,
    ) -> Evidence:
        """Record one fact; ``inputs`` are the registry series it was computed from.

        Without a group it is context. The key begins with the asset's name, and the series of that
        name alone is the input unless others are named.
        """
        when = self.end if observed is None else observed
        name, _, metric = key.rpartition(".")
        inputs = (name.upper(),) if inputs is None else inputs
        infos = [info_of(series) for series in inputs]
        item = Evidence(
            id=f"{self.desk}.{key}",
            desk=self.desk,
            family=family,
            group=group,
            metric=metric,
            asset=asset or name.upper(),
            start=day(self.start if since is None else since),
            end=day(max(self.end, when.tz_localize(None) if when.tz is not None else when)),
            value=rounded(value),
            unit=unit,
            said=said,
            observed_at=day(when) if when == when.normalize() and when.tz is None else iso(when),
            available_at=known or self.known_at(inputs, when),
            source=", ".join(dict.fromkeys(f"{i.provider} {i.symbol}" for i in infos))
            or "computed",
            z=None if z is None else rounded(z),
            quality=min((info.quality for info in infos), default=1.0),
            low=None if low is None else rounded(low),
            high=None if high is None else rounded(high),
            n=n,
            expected=_EXPECTED.get(key, ()),
        )
        self.evidence.append(item)
        return item

    def residual(
        self,
        key: str,
        said: str,
        found: Residual | None,
        *,
        group: Group,
        inputs: tuple[str, ...],
        what: str,
        weakens: tuple[Cause, ...] = (),
    ) -> None:
        """Record a move beyond its beta, or the gap ``what`` where there is too little history."""
        if found is None:
            self.gap(what, "empty", "too little common history", weakens)
            return
        name = key.rpartition(".")[0]
        self.add(
            key,
            percent(found.residual),
            "%",
            said,
            group=group,
            inputs=inputs,
            asset=name.upper() if name.upper() in inputs else name,
            z=found.z,
            n=found.n,
        )

    def change(self, name: str, group: Group, said: str | None = None) -> Evidence | None:
        """The window change of a series with its robust z, or ``None`` with a gap."""
        info = REGISTRY[name]
        series = self.optional(name)
        if series is None:
            return None
        kind = Kind.LOG if info.change == "log" else Kind.DIFF
        shown = window_change(
            series, self.start, self.end, Kind.SIMPLE if kind is Kind.LOG else Kind.DIFF
        )
        if shown is None:
            # Nothing since the start: the market was shut, or the value is not published yet.
            self.gap(info.said, "empty", f"{name}: no value inside the window was out yet")
            return None
        scored = robust_z(series, self.start, self.end, kind)
        return self.add(
            f"{name.lower()}.change",
            shown * (100.0 if kind is Kind.LOG else info.scale),
            info.change_unit,
            said or info.said,
            group=group,
            inputs=(name,),
            asset=name,
            z=None if scored is None else scored.z,
            n=None if scored is None else scored.n,
            observed=pd.Timestamp(self.inside(series).index[-1]),
        )

    def report(self, seconds: float = 0.0) -> DeskReport:
        """Everything collected, evidence in the order it was added."""
        return DeskReport(
            self.desk,
            tuple(self.evidence),
            tuple(self.gaps),
            tuple(self.markers),
            tuple(self.onsets),
            tuple(self.paths),
            tuple(self.decompositions),
            seconds,
        )
