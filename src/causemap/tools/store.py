"""Writing the data directory: new rows join the files, old rows are never lost.

A value once written stays as it was, so that a run of the past reads the same again; new values
fill what was empty. The one exception is prices adjusted for later dividends: their whole history
moves by one factor at each dividend, and the old rows are moved by that factor (found on the days
both have), so that no return across the seam is wrong. Every file is replaced in one step.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
import pyarrow as pa

from causemap.errors import IncompleteError
from causemap.files import write_atomically
from causemap.tools.market import DAILY_FILES
from causemap.tools.registry import REGISTRY
from causemap.tools.shapes import wrong_shape
from causemap.tools.sources.contract import Batch, Missing, Observation, bar_key
from causemap.tools.vintages import FILE as VINTAGES

_PRINT: Final = ("series", "date", "known")
BAR_FILES: Final = ("crypto_4h", "crypto_1h")
# Days read again before the last one, so that old and new have days in common.
OVERLAP: Final = timedelta(days=15)
BAR_OVERLAP: Final = timedelta(days=2)
# A factor nearer to one than this is rounding, not a dividend.
SAME: Final = 2e-4
# Old and new differing by more than one factor are not the same series.
SPREAD: Final = 5e-3


@dataclass(frozen=True, slots=True)
class Merged:
    """What a batch added: values per file, and the series that could not be joined."""

    added: Mapping[str, int]
    missing: tuple[Missing, ...] = ()


@dataclass(frozen=True, slots=True)
class Store:
    """A data directory that is being filled."""

    folder: Path

    def begins(self) -> dict[str, date]:
        """Per series (and bar column) the first day to read again."""
        found: dict[str, date] = {}
        for file in DAILY_FILES:
            for name, last in _lasts(self._frame(file)):
                found[name] = (last - OVERLAP).date()
        for file in BAR_FILES:
            for name, last in _lasts(self._frame(file)):
                found[bar_key(file, name)] = (last - BAR_OVERLAP).date()
        return found

    def merge(self, batch: Batch) -> Merged:
        """Write what is new in a batch; files it has nothing new for are left alone.

        Raises:
            IncompleteError: a file that is there cannot be read (it is not overwritten).
        """
        added: dict[str, int] = {}
        missing: list[Missing] = []
        by_file: dict[str, list[Observation]] = {}
        for row in batch.observations:
            by_file.setdefault(row.file, []).append(row)
        for file, rows in by_file.items():
            old, new = self._frame(file), _pivot(rows, file)
            joined = _join(old, new, missing)
            added[file] = self._write(file, old, joined)
        for file, table in _tables(batch):
            added[file] = self._append(file, table)
        return Merged({file: n for file, n in added.items() if n}, tuple(missing))

    def _frame(self, file: str) -> pd.DataFrame:
        path = self.folder / f"{file}.parquet"
        if not path.exists():
            return _blank(file)
        try:
            frame = pd.read_parquet(path)
        except (OSError, ValueError, pa.ArrowException) as fault:
            raise _left_alone(path, "cannot be read") from fault
        if why := wrong_shape(file, frame):
            raise _left_alone(path, f"cannot be added to ({why})")
        return frame

    def _write(self, file: str, old: pd.DataFrame, joined: pd.DataFrame) -> int:
        new_values = int(joined.count().sum() - old.count().sum())
        moved = not joined.reindex(index=old.index, columns=old.columns).equals(old)
        if new_values or moved:
            self._save(file, joined.sort_index())
        return new_values

    def _append(self, file: str, table: _Table) -> int:
        """Add the rows whose key the file does not have yet, in time order."""
        old = self._frame(file)
        known = set(_keys(old, table.key)) if len(old) else set()
        fresh = table.rows[[key not in known for key in _keys(table.rows, table.key)]]
        fresh = fresh.drop_duplicates(subset=list(table.key))
        if fresh.empty:
            return 0
        if len(old):
            fresh = fresh.reindex(columns=old.columns).astype(old.dtypes.to_dict())
            fresh = pd.concat([old, fresh])
        self._save(file, fresh.sort_values(table.order, kind="stable").reset_index(drop=True))
        return len(fresh) - len(old)

    def _save(self, file: str, frame: pd.DataFrame) -> None:
        buffer = io.BytesIO()
        frame.to_parquet(buffer)
        write_atomically(self.folder / f"{file}.parquet", buffer.getvalue())


def _left_alone(path: Path, why: str) -> IncompleteError:
    return IncompleteError(f"{path.name} {why} and was left as it is; move it away and pull again.")


@dataclass(frozen=True, slots=True)
class _Table:
    """Rows of a file without a time index, what tells them apart, and what orders them."""

    rows: pd.DataFrame
    key: tuple[str, ...]
    order: list[str]


def _blank(file: str) -> pd.DataFrame:
    if file in DAILY_FILES:
        return pd.DataFrame(index=pd.DatetimeIndex([], dtype="datetime64[ns]", name="date"))
    if file in BAR_FILES:
        return pd.DataFrame(index=pd.DatetimeIndex([], dtype="datetime64[ns, UTC]", name="ts"))
    return pd.DataFrame()


def _lasts(frame: pd.DataFrame) -> Iterable[tuple[str, datetime]]:
    for name in frame.columns:
        last = frame[name].last_valid_index()
        if last is not None:
            yield name, pd.Timestamp(str(last)).to_pydatetime()


def _pivot(rows: Iterable[Observation], file: str) -> pd.DataFrame:
    """Observations as a frame: one column a series, the last of two for the same time."""
    columns: dict[str, dict[datetime, float]] = {}
    for row in rows:
        at = row.observed_at if file in BAR_FILES else row.observed_at.replace(tzinfo=None)
        columns.setdefault(row.series, {})[at] = row.value
    series = {name: pd.Series(values, dtype="float64") for name, values in columns.items()}
    frame = pd.DataFrame(series)
    frame.index = pd.DatetimeIndex(frame.index).as_unit("ns")
    return frame


def _join(old: pd.DataFrame, new: pd.DataFrame, missing: list[Missing]) -> pd.DataFrame:
    """The old frame with the new values in its empty places, adjusted prices linked first."""
    old_index = pd.DatetimeIndex(old.index)
    fresh = new.set_axis(pd.DatetimeIndex(new.index).as_unit(old_index.unit), axis=0)
    base = old
    for name in [n for n in fresh.columns if n in old.columns and is_adjusted(n)]:
        factor = link(base[name], fresh[name])
        if factor is None:
            missing.append(Missing(name, "failed", _DISAGREES))
            fresh = fresh.drop(columns=name)
        elif factor != 1.0:
            base = base.assign(**{name: base[name] * factor})
    joined = base.reindex(base.index.union(fresh.index)).combine_first(fresh)
    order = [*old.columns, *(n for n in fresh.columns if n not in old.columns)]
    ordered = joined.loc[:, order]
    ordered.index.name = old.index.name
    return ordered


_DISAGREES: Final = (
    "the provider's history does not agree with the file, or has no day in common; not joined"
)


def is_adjusted(name: str) -> bool:
    """Whether a series is a price that its provider adjusts for later dividends and splits.

    Funds and stocks, that is; indices, futures, currencies and coins pay none.
    """
    info = REGISTRY.get(name)
    if info is None or info.provider != "Yahoo" or info.unit != "%":
        return False
    return info.symbol.isalpha()


def link(old: pd.Series[float], new: pd.Series[float]) -> float | None:
    """The factor that takes an adjusted series to its new basis; none if there is no one factor.

    The ratio new/old on the days both have; 1.0 when the old one is empty or nothing changed.
    """
    before = old.dropna()
    if before.empty:
        return 1.0
    both = before.index.intersection(new.dropna().index)
    if both.empty:
        return None
    ratio = (new.loc[both] / before.loc[both]).to_numpy(dtype=np.float64)
    factor = float(np.median(ratio))
    if not np.isfinite(factor) or factor <= 0 or np.abs(ratio / factor - 1).max() > SPREAD:
        return None
    return 1.0 if abs(factor - 1) < SAME else factor


def _tables(batch: Batch) -> Iterable[tuple[str, _Table]]:
    if batch.releases:
        rows = [(pd.Timestamp(r.date), r.event, r.time_et, r.ref_period) for r in batch.releases]
        frame = pd.DataFrame(rows, columns=["date", "event", "time_et", "ref_period"])
        frame = frame.astype({"date": "datetime64[us]", "ref_period": "str"}, errors="ignore")
        yield "macro_calendar", _Table(frame, ("date", "event"), ["date", "event"])
    if batch.results:
        dated = [(pd.Timestamp(r.date), r.ticker, r.timing) for r in batch.results]
        frame = pd.DataFrame(dated, columns=["date", "ticker", "timing"])
        frame = frame.astype({"date": "datetime64[us]"})
        yield "megacap_earnings", _Table(frame, ("date", "ticker"), ["date", "ticker"])
    if batch.headlines:
        titles = [(h.at, h.precision, h.publisher, h.title, h.url) for h in batch.headlines]
        frame = pd.DataFrame(titles, columns=["ts", "ts_precision", "source", "title", "url"])
        frame = frame.astype({"ts": "datetime64[us, UTC]"})
        yield "headlines", _Table(frame, ("url",), ["ts", "url"])
    if batch.revisions:
        prints = [(r.series, pd.Timestamp(r.day), r.known, r.value) for r in batch.revisions]
        frame = pd.DataFrame(prints, columns=["series", "date", "known", "value"])
        frame = frame.astype({"date": "datetime64[us]", "known": "datetime64[us, UTC]"})
        frame = frame.astype({"value": "float64"})
        yield VINTAGES, _Table(frame, _PRINT, [*_PRINT])


def _keys(frame: pd.DataFrame, key: tuple[str, ...]) -> list[tuple[object, ...]]:
    return list(zip(*(frame[name].tolist() for name in key), strict=True))
