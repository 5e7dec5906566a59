"""What each file of a data directory must hold; a file of another shape is a broken one.

Checked where a file is read, so that whoever asks for a series meets one kind of absence only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from causemap.tools.registry import REGISTRY

if TYPE_CHECKING:
    import pandas as pd

TABLES: Final[dict[str, tuple[str, ...]]] = {
    "macro_calendar": ("date", "event", "time_et", "ref_period"),
    "megacap_earnings": ("date", "ticker", "timing"),
    "fomc_statements": ("date",),
    "headlines": ("ts", "source", "title"),
    "vintages": ("series", "date", "known", "value"),
}
BARS: Final = ("crypto_4h", "crypto_1h")
# A bar is named by its coin and what it holds: BTC_CLOSE, ETH_FUNDING_BYBIT.
_BAR: Final = re.compile(r"[A-Z0-9]+_[A-Z]")


def wrong_shape(file: str, frame: pd.DataFrame) -> str:
    """Why ``frame`` cannot be the contract's file of that name; empty if it can."""
    if file in TABLES:
        return lacking(file, frame.columns)
    import pandas as pd

    if not isinstance(frame.index, pd.DatetimeIndex) or frame.index.hasnans:
        return "it has no index of dates"
    known = _BAR.match if file in BARS else REGISTRY.__contains__
    if not any(known(str(name)) for name in frame.columns):
        return "it has no column of a series known"
    return ""


def lacking(file: str, columns: Iterable[str]) -> str:
    """Which columns of a table are absent, as words; empty if none is."""
    absent = [name for name in TABLES[file] if name not in set(columns)]
    return f"it has no column {' or '.join(absent)}" if absent else ""
