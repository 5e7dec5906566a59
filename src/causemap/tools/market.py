"""The market store: a folder of Parquet files read through an as-of view.

A view cannot return what was not yet available: every series is cut by its publication lag before
anything sees it, so callers need no discipline of their own. Missing, stale and fenced-off values
raise :class:`MissingSeries`, which the desks turn into gaps.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cached_property, lru_cache
from pathlib import Path
from threading import Lock, Thread
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from causemap.errors import SourceError, UsageError
from causemap.tools import vintages
from causemap.tools.dated import CalendarEvent, EarningsDate, releases, results
from causemap.tools.headlines import PRESS_FILES, known_statements, known_titles, press_fault
from causemap.tools.publication import known_from
from causemap.tools.registry import REGISTRY, SeriesInfo, bar_info
from causemap.tools.shapes import BARS, TABLES, wrong_shape

if TYPE_CHECKING:
    from causemap.closed_sets import GapKind

Bar = Literal["4h", "1h"]
DAILY_FILES: Final = ("market_daily", "crypto_daily")
MEASURED_FILES: Final = (
    *DAILY_FILES,
    "crypto_4h",
    "crypto_1h",
    "macro_calendar",
    "megacap_earnings",
)
FILES: Final = (*MEASURED_FILES, "fomc_statements", "headlines")
_BAR_HOURS: Final[dict[Bar, int]] = {"4h": 4, "1h": 1}
_ROWS: Final = {"macro_calendar": "calendar", "megacap_earnings": "results"}


class MissingSeries(SourceError):
    """A series that cannot be had as of the view; carries what a :class:`Gap` needs."""

    def __init__(self, name: str, kind: GapKind, why: str) -> None:
        # The reason why a file cannot be had names it already.
        super().__init__(why if name in FILES else f"{name}: {why}")
        self.name = name
        self.kind: GapKind = kind
        self.why = why


@dataclass(frozen=True)
class Market:
    """An opened data directory. Files are read once, on first use."""

    folder: Path
    _frames: dict[str, pd.DataFrame] = field(default_factory=dict, repr=False, compare=False)
    _columns: dict[str, pd.Series[float]] = field(default_factory=dict, repr=False, compare=False)
    # The desks begin at the same moment and want the same file first.
    _reading: Lock = field(default_factory=Lock, init=False, repr=False, compare=False)

    def column(self, file: str, name: str) -> pd.Series[float] | None:
        """A whole column's values inside its valid span; only views may hand parts of it on.

        Raises:
            MissingSeries: the file is absent or unreadable.
        """
        key = f"{file}/{name}"
        if key not in self._columns:
            frame = self.frame(file)
            if name not in frame.columns:
                return None
            with _rows_of(file):
                values = frame[name].to_numpy(dtype=np.float64, na_value=np.nan)
            known = ~np.isnan(values)
            info = REGISTRY[name] if file in DAILY_FILES else bar_info(name)
            whole = pd.Series(values[known], index=frame.index[known], name=name)
            self._columns[key] = _fenced(whole, info)
        return self._columns[key]

    def frame(self, name: str) -> pd.DataFrame:
        """The whole file ``name``; only views may hand parts of it on.

        Raises:
            MissingSeries: the file is absent or unreadable.
        """
        if name not in self._frames:
            with self._reading:
                if name not in self._frames:
                    self._frames[name] = self._read(name)
        return self._frames[name]

    def read_ahead(self) -> None:
        """Begin to read what every window needs, in a thread, and return at once.

        What cannot be read is told to whoever asks for it.
        """
        Thread(target=self._read_measured, name="read-ahead", daemon=True).start()

    def _read_measured(self) -> None:
        for name in MEASURED_FILES:
            with suppress(MissingSeries):
                self.frame(name)

    def _read(self, name: str) -> pd.DataFrame:
        path = self.folder / f"{name}.parquet"
        if not path.is_file():
            raise _absent(name)
        try:
            # The file by itself: reading it as a data set loads as much code again.
            with pq.ParquetFile(path) as file:
                frame: pd.DataFrame = file.read().to_pandas()
        except (OSError, ValueError, pa.ArrowException) as fault:
            raise _unreadable(name, fault) from fault
        if why := wrong_shape(name, frame):
            raise _unreadable(name, why)
        return frame if name in TABLES else _in_order(frame, name)

    def broken(self) -> tuple[MissingSeries, ...]:
        """What lies in the folder under a name of the contract and cannot be read."""
        found = [fault for name in MEASURED_FILES if (fault := self._fault(name)) is not None]
        said = ((name, press_fault(self.folder, name)) for name in PRESS_FILES)
        return (*found, *(_unreadable(name, why) for name, why in said if why))

    def _fault(self, name: str) -> MissingSeries | None:
        try:
            self.frame(name)
            # Rows are read beside the file itself: a day that is none shows only there.
            if name in _ROWS:
                getattr(self, _ROWS[name])
        except MissingSeries as fault:
            return fault if fault.kind == "failed" else None
        return None

    @cached_property
    def calendar(self) -> tuple[CalendarEvent, ...]:
        """Every release of the calendar file, in time order; views cut it at their as-of."""
        frame = self.frame("macro_calendar")
        with _rows_of("macro_calendar"):
            return releases(frame)

    @cached_property
    def results(self) -> tuple[EarningsDate, ...]:
        """Every results date on file, in time order; views cut it at their as-of."""
        frame = self.frame("megacap_earnings")
        with _rows_of("megacap_earnings"):
            return results(frame)

    def view(self, as_of: datetime) -> AsOfView:
        """What was known at ``as_of`` (must carry a time zone)."""
        if as_of.tzinfo is None:
            raise UsageError("the as-of time has no time zone; give one, for example 'Z'")
        return AsOfView(self, as_of.astimezone(UTC))


def _in_order(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """Rows in time order; bars in UTC, days without a zone."""
    index = pd.DatetimeIndex(frame.index)
    if name in BARS:
        utc = index.tz_localize(UTC) if index.tz is None else index.tz_convert(UTC)
        return frame.set_axis(utc, axis=0).sort_index()
    return (frame if index.tz is None else frame.set_axis(index.tz_localize(None))).sort_index()


def _absent(name: str) -> MissingSeries:
    return MissingSeries(name, "not_covered", f"the data directory has no {name}.parquet")


def _unreadable(name: str, why: object) -> MissingSeries:
    said = str(why).partition("\n")[0].rstrip(".")
    return MissingSeries(name, "failed", f"{name}.parquet cannot be read: {said}")


@contextmanager
def _rows_of(name: str) -> Iterator[None]:
    """Turn a row that cannot be understood into a file that cannot be read."""
    try:
        yield
    except (ValueError, TypeError) as fault:
        raise _unreadable(name, fault) from fault


def open_market(folder: Path) -> Market:
    """Open a data directory; as long as its files stay as they are, the same one each time.

    Raises:
        UsageError: the folder holds none of the contract's daily files.
    """
    if not any((folder / f"{name}.parquet").is_file() for name in DAILY_FILES):
        raise UsageError(
            f"{folder} is not a data directory: it has neither market_daily.parquet nor "
            "crypto_daily.parquet; point --data-dir at one"
        )
    files = sorted(folder.glob("*.parquet"))
    return _opened(folder, tuple((f.name, f.stat().st_mtime_ns, f.stat().st_size) for f in files))


# One for the folder at hand and one for a change of it.
@lru_cache(maxsize=2)
def _opened(folder: Path, _files: tuple[tuple[str, int, int], ...]) -> Market:
    return Market(folder)


def _known_rows(index: pd.DatetimeIndex, info: SeriesInfo, as_of: datetime) -> int:
    """How many rows of a sorted index were available."""
    moment = pd.Timestamp(as_of)
    stop = int(index.searchsorted(moment.tz_localize(None), side="right"))
    first = stop
    # The calendar is asked backwards from the newest row: the first that was known settles it.
    while first > 0 and not _known(index[first - 1], info, as_of):
        first -= 1
    return first


def _known(day: pd.Timestamp, info: SeriesInfo, as_of: datetime) -> bool:
    return known_from(day.date(), info.business_days, info.hours) <= as_of


@dataclass(frozen=True)
class AsOfView:
    """A market as it was known at ``as_of``."""

    market: Market
    as_of: datetime
    _cache: dict[str, pd.Series[float]] = field(default_factory=dict, repr=False, compare=False)

    def has(self, name: str) -> bool:
        """Whether the data directory has a column for the daily series, be its values old."""
        info = REGISTRY.get(name)
        try:
            return info is not None and name in self.market.frame(info.file).columns
        except MissingSeries:
            return False

    def daily(self, name: str) -> pd.Series[float]:
        """The daily series ``name``: float values without NaN, naive dates, cut at the as-of.

        Raises:
            MissingSeries: unknown, absent, or without a value available yet.
        """
        if name not in self._cache:
            self._cache[name] = self._load(name)
        return self._cache[name]

    def _load(self, name: str) -> pd.Series[float]:
        info = REGISTRY.get(name)
        if info is None:
            raise MissingSeries(name, "not_covered", "not in the series registry")
        series = self.market.column(info.file, name)
        if series is None:
            raise MissingSeries(name, "not_covered", f"{info.file} has no column {name}")
        known = series.iloc[: _known_rows(pd.DatetimeIndex(series.index), info, self.as_of)]
        if name in vintages.REVISED and (self.market.folder / f"{vintages.FILE}.parquet").is_file():
            known = vintages.as_printed(known, self.market.frame(vintages.FILE), name, self.as_of)
        if known.empty:
            raise MissingSeries(name, "empty", "no value was available at the as-of time")
        return known

    def require_fresh(self, name: str, end: pd.Timestamp) -> pd.Series[float]:
        """As :meth:`daily`, with the last value not older than the registry allows at ``end``.

        Raises:
            MissingSeries: as :meth:`daily`, or ``stale``, or begins after ``end``.
        """
        series = self.daily(name)
        days, moment = series.index.values, end.to_datetime64()
        row = int(days.searchsorted(moment, side="right")) - 1
        if row < 0:
            raise MissingSeries(name, "not_covered", f"begins on {_day(series.index[0])}")
        last = days[row]
        age = int((moment - last).astype("timedelta64[D]").astype(int))
        if age > REGISTRY[name].max_age:
            raise MissingSeries(name, "stale", f"the last value is of {_day(last)}, {age} days old")
        return series

    def covering(self, name: str, start: pd.Timestamp, end: pd.Timestamp) -> pd.Series[float]:
        """As :meth:`require_fresh`, and with a value not stale at ``start`` too."""
        series = self.require_fresh(name, end)
        self.require_fresh(name, start)
        return series

    def bars(self, name: str, bar: Bar) -> pd.Series[float]:
        """Intraday bars that had closed by the as-of; the index is the UTC open time.

        Raises:
            MissingSeries: no such file or column, or nothing closed yet.
        """
        key = f"{name}@{bar}"
        if key not in self._cache:
            series = self.market.column(f"crypto_{bar}", name)
            if series is None:
                raise MissingSeries(name, "not_covered", f"crypto_{bar} has no column {name}")
            last_open = pd.Timestamp(self.as_of) - pd.Timedelta(hours=_BAR_HOURS[bar])
            self._cache[key] = series.loc[:last_open]
        if self._cache[key].empty:
            raise MissingSeries(name, "empty", f"no {bar} value was available at the as-of time")
        return self._cache[key]

    @cached_property
    def sessions(self) -> pd.DatetimeIndex:
        """Equity session dates known at the as-of (the dates of SPX)."""
        return pd.DatetimeIndex(self.daily("SPX").index)

    def events(self) -> tuple[CalendarEvent, ...]:
        """Scheduled releases that had happened by the as-of, in time order."""
        return tuple(event for event in self.market.calendar if event.at <= self.as_of)

    def titles(self, since: datetime, least: int) -> pa.Table:
        """Press titles known by the as-of; see :func:`causemap.tools.headlines.known_titles`.

        Raises:
            MissingSeries: no file, one that cannot be read, or fewer than ``least`` titles.
        """
        self._press("headlines")
        found = known_titles(self.market.folder, since, self.as_of, least)
        if found is None:
            why = f"fewer than {least} titles since {since.date()} were known at the as-of time"
            raise MissingSeries("headlines", "empty", why)
        return found

    def statements(self, since: datetime) -> tuple[date, ...]:
        """The days of the Federal Reserve's statements from ``since`` known by the as-of.

        Raises:
            MissingSeries: no file, or one that cannot be read.
        """
        self._press("fomc_statements")
        return known_statements(self.market.folder, since, self.as_of)

    def _press(self, name: str) -> None:
        if not (self.market.folder / f"{name}.parquet").is_file():
            raise _absent(name)
        if why := press_fault(self.market.folder, name):
            raise _unreadable(name, why)

    def earnings(self) -> tuple[EarningsDate, ...]:
        """Results that were out by the as-of, in time order."""
        known = bisect_right(self.market.results, self.as_of, key=lambda date: date.at)
        return self.market.results[:known]


def _fenced(series: pd.Series[float], info: SeriesInfo) -> pd.Series[float]:
    """Drop what the registry says is faulty: outside the valid span, or a repeated print."""
    fenced = info.valid_from is not None or info.valid_to is not None
    cut = series.loc[info.valid_from : info.valid_to] if fenced else series
    return cut[cut.diff() != 0.0] if info.repeats_dropped else cut


def _day(stamp: object) -> str:
    return str(pd.Timestamp(str(stamp)).date())
