"""The press of a data directory, cut at an as-of: titles, outlets, and when each was known.

Most rows carry a date only; such a title counts as known from the end of its day (UTC), as a dated
note does, and so does an official statement. Titles are outside text: their words are counted,
never shown.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import pyarrow as pa

PRESS: Final = "headlines.parquet"
STATEMENTS: Final = "fomc_statements.parquet"
_DAY: Final = 86_400_000_000
_END_OF_DAY: Final = 86_340_000_000


def known_titles(folder: Path, since: datetime, as_of: datetime, least: int) -> pa.Table | None:
    """``known`` (microseconds, UTC), ``source`` and ``title`` of rows of ``since`` to ``as_of``.

    ``None`` where no file can be read, or fewer than ``least`` rows lie in the span: the titles
    themselves are then not read.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = folder / PRESS
    try:
        known = _known(pq.ParquetFile(path).read(columns=["ts"])["ts"])
        inside = (known >= _stamp(since)) & (known <= _stamp(as_of))
        if int(inside.sum()) < least:
            return None
        wanted = ["source", "title"]
        read: Any = pq.ParquetFile(path, read_dictionary=["source"]).read(columns=wanted)
    except (OSError, ValueError, KeyError):
        return None
    found: pa.Table = read.filter(pa.array(inside)).append_column("known", pa.array(known[inside]))
    return found


def known_statements(folder: Path, since: datetime, as_of: datetime) -> tuple[date, ...]:
    """The days of the Federal Reserve's statements from ``since`` that were known at ``as_of``."""
    import pyarrow.parquet as pq

    try:
        stamps = pq.ParquetFile(folder / STATEMENTS).read(columns=["date"])["date"].to_pylist()
    except (OSError, ValueError, KeyError):
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
