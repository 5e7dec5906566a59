"""What every source answers, and in what form.

A source turns documented answers into typed rows, each with the time it is about and the time it
became available. A value that is missing is missing: it is named with its kind and reason, never
zero, never a text. A source in trouble keeps what the rest of its questions brought.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Final, Literal, Protocol

from causemap.errors import SourceError
from causemap.tools.publication import known_from
from causemap.tools.registry import REGISTRY

if TYPE_CHECKING:
    from causemap.articles import Article
    from causemap.closed_sets import GapKind
    from causemap.tools.fetch import Fetcher

BarFile = Literal["crypto_1h", "crypto_4h"]
BAR_HOURS: Final[dict[BarFile, int]] = {"crypto_1h": 1, "crypto_4h": 4}


@dataclass(frozen=True, slots=True)
class Observation:
    """One value of a series: the day or bar it is filed under and when it could be known (UTC)."""

    series: str
    file: str
    observed_at: datetime
    available_at: datetime
    value: float
    source: str


@dataclass(frozen=True, slots=True)
class Release:
    """A scheduled release: event (FOMC_DECISION, CPI, NFP), date and Eastern time."""

    event: str
    date: date
    time_et: str
    ref_period: str | None = None


@dataclass(frozen=True, slots=True)
class ResultDate:
    """A company's results: before the open (BMO) or after the close (AMC)."""

    ticker: str
    date: date
    timing: Literal["BMO", "AMC"]


@dataclass(frozen=True, slots=True)
class Headline:
    """A title of a feed, cleaned; ``precision`` says how exactly ``at`` (UTC) is known."""

    at: datetime
    precision: Literal["date", "minute", "second"]
    publisher: str
    title: str
    url: str


@dataclass(frozen=True, slots=True)
class Revision:
    """A print of a day's value and when it came out (UTC); ``None`` takes the value back."""

    series: str
    day: date
    known: datetime
    value: float | None


@dataclass(frozen=True, slots=True)
class Missing:
    """A series that could not be had, why, and of which kind the gap is."""

    what: str
    kind: GapKind
    why: str


@dataclass(frozen=True, slots=True)
class Batch:
    """What one reading of a source brought; ``articles`` go to the article library."""

    observations: tuple[Observation, ...] = ()
    releases: tuple[Release, ...] = ()
    results: tuple[ResultDate, ...] = ()
    headlines: tuple[Headline, ...] = ()
    missing: tuple[Missing, ...] = ()
    articles: tuple[Article, ...] = ()
    revisions: tuple[Revision, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether it brought nothing at all."""
        return not (
            self.observations or self.releases or self.results or self.headlines or self.revisions
        )


@dataclass(frozen=True, slots=True)
class Span:
    """What to read: from ``begins[series]``, else ``since``, up to what is known at ``now``."""

    since: date
    now: datetime
    begins: Mapping[str, date] = field(default_factory=dict)

    def first(self, *series: str) -> date:
        """The earliest day wanted of any of the series."""
        return min((self.begins.get(name, self.since) for name in series), default=self.since)

    def millis(self, *series: str) -> int:
        """:meth:`first` as milliseconds since 1970, the exchanges' clock."""
        return int(midnight(self.first(*series)).timestamp() * 1000)


class Source(Protocol):
    """A place outside. ``series`` are the columns it can fill, ``terms`` its conditions of use."""

    @property
    def name(self) -> str:
        """Short name, as used by ``--source`` and in the state file."""

    @property
    def series(self) -> tuple[str, ...]:
        """The columns it can fill (empty for calendars and feeds)."""

    @property
    def deadline(self) -> float:
        """Seconds after which it stops asking and names what is missing."""

    @property
    def terms(self) -> str:
        """Where the conditions of use stand, or what they say."""

    @property
    def redistributable(self) -> bool:
        """Whether raw values may be republished."""

    async def pull(self, fetcher: Fetcher, span: Span) -> Batch:
        """Everything of ``span``; faults of single questions are in :attr:`Batch.missing`."""


@dataclass(frozen=True, slots=True)
class Job:
    """One question to a source and the series that hang on it."""

    what: tuple[str, ...]
    read: Callable[[], Awaitable[Batch]]
    may_be_empty: bool = False


async def each(jobs: Iterable[Job], *, deadline: float, at_once: int = 4) -> Batch:
    """Ask every question, a few at once; what is not answered in ``deadline`` seconds is a gap."""
    listed, gate = tuple(jobs), asyncio.Semaphore(at_once)

    async def one(job: Job) -> Batch:
        async with gate:
            return await _answered(job)

    tasks = [asyncio.create_task(one(job)) for job in listed]
    try:
        if tasks:
            await asyncio.wait(tasks, timeout=deadline)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    late = f"no answer within {deadline:g} s"
    return joined(_ended(job, task, late) for job, task in zip(listed, tasks, strict=True))


def _ended(job: Job, task: asyncio.Task[Batch], late: str) -> Batch:
    if task.cancelled():
        return _gap(job, "failed", late)
    if (fault := task.exception()) is not None:
        # A fault nobody foresaw must not cost what the other questions brought.
        return _gap(job, "failed", f"unforeseen {type(fault).__name__}: {str(fault)[:120]}")
    return task.result()


async def _answered(job: Job) -> Batch:
    try:
        found = await job.read()
    except SourceError as fault:
        return _gap(job, "failed", str(fault))
    if found.empty and not found.missing and not job.may_be_empty:
        return _gap(job, "empty", "the answer holds no value of the time asked for")
    return found


def _gap(job: Job, kind: GapKind, why: str) -> Batch:
    return Batch(missing=tuple(Missing(name, kind, why) for name in job.what))


def joined(batches: Iterable[Batch]) -> Batch:
    """Several batches as one."""
    all_of = tuple(batches)
    return Batch(
        tuple(o for b in all_of for o in b.observations),
        tuple(r for b in all_of for r in b.releases),
        tuple(r for b in all_of for r in b.results),
        tuple(h for b in all_of for h in b.headlines),
        tuple(m for b in all_of for m in b.missing),
        tuple(a for b in all_of for a in b.articles),
        tuple(r for b in all_of for r in b.revisions),
    )


def daily(
    span: Span, source: str, series: str, values: Iterable[tuple[date, float | None]]
) -> tuple[Observation, ...]:
    """Dated values as observations with the registry's lag; what is not yet out is left out."""
    info, first = REGISTRY[series], span.first(series)
    return tuple(
        Observation(series, info.file, midnight(day), known, value, source)
        for day, value in values
        if value is not None
        and day >= first
        and (known := known_from(day, info.business_days, info.hours)) <= span.now
    )


def bars(
    span: Span, source: str, series: str, file: BarFile, values: Iterable[tuple[datetime, float]]
) -> tuple[Observation, ...]:
    """Bars by opening time; a bar is known when it has closed, and only then kept."""
    length, first = timedelta(hours=BAR_HOURS[file]), midnight(span.first(bar_key(file, series)))
    return tuple(
        Observation(series, file, at, at + length, value, source)
        for at, value in values
        if at >= first and at + length <= span.now
    )


def bar_key(file: str, series: str) -> str:
    """The name of an intraday column among the first days of a :class:`Span`."""
    return f"{file}:{series}"


def closes_of_days(snapshots: Iterable[tuple[datetime, float]]) -> list[tuple[date, float]]:
    """Snapshots taken at a midnight, filed under the UTC day that ended there."""
    return [
        ((at - timedelta(days=1)).date(), value)
        for at, value in snapshots
        if at == midnight(at.date())
    ]


def midnight(day: date) -> datetime:
    """The first moment of a day, UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
