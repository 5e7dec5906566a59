"""When a dated value became available, by the publication lag of its series."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    import numpy.typing as npt


@lru_cache(maxsize=4096)
def known_from(day: date, business_days: int, hours: float) -> datetime:
    """When a value filed under ``day`` became available, for one publication lag (UTC).

    Business days are those of the Federal Reserve, whose banks publish or pass on whatever comes
    a day late: on a federal holiday nothing comes out.
    """
    filed: object = day
    if business_days:
        closed = _closed(day.year)
        filed = np.busday_offset(day, business_days, roll="forward", holidays=closed)
    midnight = datetime.combine(pd.Timestamp(str(filed)).date(), datetime.min.time(), tzinfo=UTC)
    return midnight + timedelta(hours=hours)


@lru_cache(maxsize=128)
def _closed(year: int) -> npt.NDArray[np.datetime64]:
    """Federal holidays from the start of a year to the end of the next January."""
    from pandas.tseries.holiday import USFederalHolidayCalendar

    found = USFederalHolidayCalendar().holidays(f"{year}-01-01", f"{year + 1}-01-31")
    return np.asarray(found.values.astype("datetime64[D]"))
