"""The press of a data directory, cut at an as-of: titles, outlets, and when each was known.

Most rows carry a date only; such a title counts as known from the end of its day (UTC), as a dated
note does, and so does an official statement. Titles are outside text: their words are counted,
never shown.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from causemap.tools.shapes import lacking

if TYPE_CHECKING:
    import pyarrow as pa

PRESS: Final = "headlines.parquet"
STATEMENTS: Final = "fomc_statements.parquet"
PRESS_FILES: Final = ("headlines", "fomc_statements")
_DAY: Final = 86_400_000_000
_END_OF_DAY: Final = 86_340_000_000


def known_titles(folder: Path, since: datetime, as_of: datetime, least: int) -> pa.Table | None:
    """``known`` (microseconds, UTC), ``source`` and ``title`` of rows of ``since`` to ``as_of``.

    ``None`` where no file can be read, or fewer than ``least`` rows lie in the span: the titles
    themselves are then not read.
    """
    import pyarrow as pa

    path = folder / PRESS
    try:
        state = path.stat()
        known = _times(path, state.st_mtime_ns, state.st_size)
        inside = (known >= _stamp(since)) & (known <= _stamp(as_of))
        if int(inside.sum()) < least:
            return None
        read = _titles(path, state.st_mtime_ns, state.st_size)
    except (OSError, ValueError, KeyError, AttributeError):
        return None
    found: pa.Table = read.filter(pa.array(inside)).append_column("known", pa.array(known[inside]))
    return found


def press_fault(folder: Path, name: str) -> str:
    """Why a press file cannot be read; empty if it can, or if there is none."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = folder / f"{name}.parquet"
    if not path.is_file():
        return ""
    try:
        with pq.ParquetFile(path) as file:
            return lacking(name, file.schema_arrow.names)
    except (OSError, ValueError, pa.ArrowException) as fault:
        return str(fault)


# As the market store does, each keeps the folder at hand and one for a change of it.
@lru_cache(maxsize=2)
def _times(path: Path, _changed: int, _size: int) -> npt.NDArray[np.int64]:
    """When each title of a file, as it stands, was known; read-only."""
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as file:
        known = _known(file.read(columns=["ts"])["ts"])
    known.setflags(write=False)
    return known


@lru_cache(maxsize=2)
def _titles(path: Path, _changed: int, _size: int) -> Any:
    """The outlets and titles of a file as it stands."""
    import pyarrow.parquet as pq

    with pq.ParquetFile(path, read_dictionary=["source"]) as file:
        return file.read(columns=["source", "title"])


def known_statements(folder: Path, since: datetime, as_of: datetime) -> tuple[date, ...]:
    """The days of the Federal Reserve's statements from ``since`` that were known at ``as_of``."""
    import pyarrow.parquet as pq

    try:
        stamps = pq.ParquetFile(folder / STATEMENTS).read(columns=["date"])["date"].to_pylist()
    except (OSError, ValueError, KeyError, AttributeError):
        return ()
    days = sorted({stamp.date() for stamp in stamps if stamp is not None})
    ends = {day: datetime(day.year, day.month, day.day, 23, 59, tzinfo=UTC) for day in days}
    return tuple(day for day in days if since <= ends[day] <= as_of)


def _stamp(when: datetime) -> int:
    return (when - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def _known(stamps: Any) -> npt.NDArray[np.int64]:
    """When each title was known: its minute, or the end of the day of a row dated at midnight."""
    import pyarrow as pa

    plain = stamps.cast(pa.timestamp("us", "UTC")).cast("int64").to_numpy()
    known: npt.NDArray[np.int64] = np.where(plain % _DAY == 0, plain + _END_OF_DAY, plain)
    return known
