"""Scheduled releases and results dates: the dated rows of a data directory, with their hours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final
from zoneinfo import ZoneInfo

import pandas as pd

_NEW_YORK: Final = ZoneInfo("America/New_York")
_TICKERS: Final = {"GOOG": "GOOGL", "BRK": "BRK-B"}
# Companies that report and have no price in the registry.
_UNPRICED: Final = {"JPM": "JPMorgan", "BRK-B": "Berkshire Hathaway"}
_KINDS: Final = {"FOMC_DECISION": "FOMC", "CPI": "CPI", "NFP": "NFP"}
# Days on which calendars at hand have a release that was on another one, by its own schedule
# (federalreserve.gov, 9 August 2024: 28 and 29 April 2026).
_MISDATED: Final = {("FOMC_DECISION", date(2026, 5, 6)): date(2026, 4, 29)}


@dataclass(frozen=True, slots=True)
class CalendarEvent:
    """A scheduled release that has happened; ``at`` in UTC."""

    kind: str
    at: datetime
    date: date
    reference: str | None


@dataclass(frozen=True, slots=True)
class EarningsDate:
    """A results date; ``timing`` is BMO (before the open) or AMC (after the close)."""

    ticker: str
    date: date
    timing: str

    @property
    def at(self) -> datetime:
        """When the results were out at the latest, in UTC."""
        hour = 9 if self.timing == "BMO" else 17
        local = datetime(self.date.year, self.date.month, self.date.day, hour, tzinfo=_NEW_YORK)
        return local.astimezone(UTC)


def unpriced(ticker: str) -> str:
    """The plain name of a company of which only the results dates are known, else its ticker."""
    return _UNPRICED.get(ticker, ticker)


def releases(frame: pd.DataFrame) -> tuple[CalendarEvent, ...]:
    """The releases of a calendar file, in time order; ``ValueError`` for a row that is none."""
    days = [
        _MISDATED.get((kind, day), day)
        for kind, day in zip(frame["event"], pd.to_datetime(frame["date"]).dt.date, strict=True)
    ]
    dated = pd.Series([str(day) for day in days], index=frame.index, dtype="str")
    clock = dated.str.cat(frame["time_et"].astype(str), sep=" ")
    times = pd.to_datetime(clock).dt.tz_localize(_NEW_YORK).dt.tz_convert(UTC)
    references = frame["ref_period"].where(frame["ref_period"].notna(), None)
    found = (
        CalendarEvent(_KINDS.get(kind, kind), at, day, None if ref is None else str(ref))
        for kind, at, day, ref in zip(
            frame["event"],
            times.dt.to_pydatetime(),
            days,
            references,
            strict=True,
        )
    )
    # A calendar may have both the wrong day and the right one.
    return tuple(sorted(dict.fromkeys(found), key=lambda event: (event.at, event.kind)))


def results(frame: pd.DataFrame) -> tuple[EarningsDate, ...]:
    """The results dates of a file, in time order; ``ValueError`` for a row that is none."""
    days = pd.to_datetime(frame["date"]).dt.date
    found = (
        EarningsDate(_TICKERS.get(ticker, ticker), day, str(timing))
        for ticker, day, timing in zip(frame["ticker"], days, frame["timing"], strict=True)
    )
    return tuple(sorted(found, key=lambda date: (date.at, date.ticker)))
