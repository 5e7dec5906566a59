"""Series: briefings that come out by a calendar. Nothing is sent; files are written, once a date.

``causemap brief run --due`` may be called as often as one likes, from cron, systemd or a CI
schedule: what is out already stays as it is, what is due is written under a lock, and a run that
was missed is caught up once (the latest date only: nobody reads last Tuesday's morning note).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Final, Literal, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml
from filelock import FileLock

from causemap.briefing.clock import Market, is_session, sessions_before
from causemap.briefing.tree import Language
from causemap.causes import GROUP_ASSETS
from causemap.closed_sets import AssetGroup
from causemap.errors import UsageError
from causemap.records import Dossier, Scope

Format = Literal["md", "email", "pdf", "paste", "json"]
FORMATS: Final[tuple[Format, ...]] = get_args(Format)
_DAYS_BACK: Final = 10


@dataclass(frozen=True, slots=True)
class Series:
    """One series: what it is about, when it comes out (local time), and in which forms.

    ``wait_hours`` is how long an issue waits for sources that are late; after that it comes out and
    says which are missing.
    """

    name: str
    assets: tuple[str, ...] = ("SPX", "NDX", "BTC", "ETH", "GLD", "SLV")
    sessions: int = 5
    market: Market = "XNYS"
    at: str = "07:37"
    zone: str = "America/New_York"
    length: str = "daily"
    voice: str = "wire"
    language: Language = "en"
    style: str | None = None
    formats: tuple[Format, ...] = ("md", "email")
    wait_hours: float = 3.0


def read_series(path: Path) -> tuple[Series, ...]:
    """Read the series file (YAML, a list under ``series``).

    Raises :class:`UsageError` naming the entry and the key at fault.
    """
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError as fault:
        raise UsageError(
            f"There is no series file {path}; 'causemap brief series' writes an example."
        ) from fault
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as fault:
        raise UsageError(f"The series file {path} cannot be read: {fault!s:.120}.") from fault
    entries = raw.get("series") if isinstance(raw, dict) else None
    if not isinstance(entries, list) or not entries:
        raise UsageError(f"{path.name}: expected a list of series under 'series'.")
    found = tuple(_series(entry, f"{path.name}, entry {n}") for n, entry in enumerate(entries, 1))
    if len({series.name for series in found}) < len(found):
        raise UsageError(f"{path.name}: two series share a name.")
    return found


def _series(raw: Any, where: str) -> Series:
    if not isinstance(raw, dict) or not isinstance(raw.get("name"), str):
        raise UsageError(f"{where}: a series needs a 'name'.")
    known = sorted(field.name for field in fields(Series))
    unknown = sorted(set(raw) - set(known))
    if unknown:
        raise UsageError(f"{where}: {unknown[0]!r:.40} is no key; use {', '.join(known)}.")
    lists = {key: tuple(raw[key]) for key in ("assets", "formats") if key in raw}
    try:
        series = Series(**{**raw, **lists})
        ZoneInfo(series.zone)
        time.fromisoformat(series.at)
    except (TypeError, ValueError, ZoneInfoNotFoundError) as fault:
        raise UsageError(f"{where}: {fault!s:.120}; see 'causemap brief series'.") from fault
    plain = series.name.replace("-", "").replace("_", "")
    if not (plain.isalnum() and plain.isascii()):
        raise UsageError(f"{where}: name the series with letters, digits, '-' and '_' only.")
    if bad := [f for f in series.formats if f not in FORMATS]:
        raise UsageError(f"{where}: {bad[0]!r:.20} is no format; use {', '.join(FORMATS)}.")
    if series.market not in get_args(Market):
        raise UsageError(f"{where}: 'market' is one of {', '.join(get_args(Market))}.")
    return series


def due(series: Series, now: datetime, is_out: Callable[[date], bool]) -> date | None:
    """The date whose issue is due at ``now`` (aware) and not out yet, or ``None``.

    Only the latest date counts: an older one that was missed stays missed.
    """
    local = now.astimezone(ZoneInfo(series.zone)).date()
    for back in range(_DAYS_BACK):
        day = local - timedelta(days=back)
        if is_session(series.market, day) and moment_of(series, day) <= now:
            return None if is_out(day) else day
    return None


def moment_of(series: Series, day: date) -> datetime:
    """When the issue of ``day`` comes out, in UTC; the zone's own rules give its summer time."""
    local = datetime.combine(day, time.fromisoformat(series.at), ZoneInfo(series.zone))
    return local.astimezone(UTC)


def scope_of(series: Series, day: date, now: datetime) -> Scope:
    """The window of the issue of ``day``: its last sessions before the hour it comes out."""
    closes = sessions_before(series.market, min(moment_of(series, day), now), series.sessions + 1)
    found: Iterator[AssetGroup] = (
        group for group, names in GROUP_ASSETS.items() if set(names) & set(series.assets)
    )
    return Scope(
        start=closes[0].isoformat(),
        end=closes[-1].isoformat(),
        as_of=now.astimezone(UTC).strftime("%Y-%m-%dT%H:%MZ"),
        assets=series.assets,
        groups=tuple(found),
        question="",
    )


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a series at one call: written, waiting for late sources, or nothing due."""

    series: str
    state: Literal["written", "waiting", "nothing"]
    date: str = ""
    missing: tuple[str, ...] = ()


def run_due(
    series: Series,
    root: Path,
    now: datetime,
    measure: Callable[[Scope], Dossier],
    write: Callable[[Series, date, Dossier, Path], None],
) -> Outcome:
    """Write the issue that is due, if there is one; safe to call from several places at once."""
    base = root / series.name
    base.mkdir(parents=True, exist_ok=True)
    with FileLock(base / ".lock"):
        day = due(series, now, lambda d: (base / d.isoformat() / "issue.json").is_file())
        if day is None:
            return Outcome(series.name, "nothing")
        dossier = measure(scope_of(series, day, now))
        missing = late(dossier)
        patient = now < moment_of(series, day) + timedelta(hours=series.wait_hours)
        # However late it is, an issue on nothing at all is none.
        if not dossier.evidence or (missing and patient):
            return Outcome(series.name, "waiting", day.isoformat(), missing)
        write(series, day, dossier, base / day.isoformat())
        return Outcome(series.name, "written", day.isoformat(), missing)


def late(dossier: Dossier) -> tuple[str, ...]:
    """Sources that failed or are out of date: they may still come; what is not covered will not."""
    found = (gap.what for gap in dossier.gaps if gap.kind in ("failed", "stale"))
    return tuple(dict.fromkeys(found))
