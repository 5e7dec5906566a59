"""Series that are revised, as they stood: every printed value with the moment it came out.

The daily files hold one value a day; of a series whose past is revised that is the latest print at
the time of the first pull. Where the file ``vintages`` has a day, a view takes the print that was
in force at its as-of instead, and nothing if none was out.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

import pandas as pd

FILE: Final = "vintages"
# The balance sheet is corrected now and then, the broad dollar each year with its weights, the
# stress index every week in all its past.
REVISED: Final = ("FED_BS_MUSD", "RESERVES_MUSD", "STLFSI4", "USD_BROAD")


def as_printed(
    series: pd.Series[float], prints: pd.DataFrame, name: str, as_of: datetime
) -> pd.Series[float]:
    """``series`` (naive dates) with the days of ``prints`` as they stood at ``as_of``.

    ``prints`` has the columns series, date, known (UTC) and value; no value means withdrawn.
    """
    mine = prints[prints["series"] == name]
    out = mine[mine["known"] <= pd.Timestamp(as_of)].sort_values("known", kind="stable")
    printed = out.drop_duplicates("date", keep="last").dropna(subset="value")
    index = pd.DatetimeIndex(series.index)
    days = pd.DatetimeIndex(printed["date"]).as_unit(index.unit)
    last = pd.Series(printed["value"].to_numpy(dtype="float64"), index=days)
    held = series[~index.isin(mine["date"])]
    joined: pd.Series[float] = pd.concat([held, last]).sort_index().rename(name)
    joined.index.name = series.index.name
    return joined
