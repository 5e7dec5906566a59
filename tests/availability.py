"""When values became known, reckoned apart from the view behind whose cut tests plant values."""

from __future__ import annotations

from datetime import UTC, timedelta

import numpy as np
import pandas as pd
from pandas.tseries.holiday import USFederalHolidayCalendar

from causemap.tools.registry import SeriesInfo


def available_at(index: pd.DatetimeIndex, info: SeriesInfo) -> pd.DatetimeIndex:
    """When each dated value became available (UTC), by the registry's publication lag."""
    days = index.values.astype("datetime64[D]")
    if info.business_days:
        closed = USFederalHolidayCalendar().holidays("1990-01-01", "2040-12-31").values
        days = np.busday_offset(
            days, info.business_days, roll="forward", holidays=closed.astype("datetime64[D]")
        )
    stamps = pd.DatetimeIndex(days.astype("datetime64[ns]")) + timedelta(hours=info.hours)
    return stamps.tz_localize(UTC)
