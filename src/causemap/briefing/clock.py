"""Trading days: the next close after a moment, and whether a day is a session."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from exchange_calendars import ExchangeCalendar

Market = Literal["XNYS", "24/7"]


def calendar_of(market: Market, day: date) -> ExchangeCalendar:
    """The exchange's calendar around a day, half days and holidays included."""
    return _calendar(market, day.year)


@cache
def _calendar(market: Market, year: int) -> ExchangeCalendar:
    """Three years of a calendar: building all of its history takes seconds."""
    import exchange_calendars

    first, last = f"{year - 1}-01-01", f"{year + 1}-12-31"
    return exchange_calendars.get_calendar(market, start=first, end=last)


def is_session(market: Market, day: date) -> bool:
    """Whether the market trades on that day."""
    return market == "24/7" or bool(calendar_of(market, day).is_session(day.isoformat()))


def next_close(market: Market, after: datetime) -> date:
    """The date of the first close after ``after`` (aware)."""
    moment = after.astimezone(UTC)
    if market == "24/7":
        return (moment + timedelta(days=1)).date()
    calendar = calendar_of(market, moment.date())
    first = calendar.date_to_session(moment.date().isoformat(), direction="next")
    if calendar.session_close(first).to_pydatetime() <= moment:
        first = calendar.next_session(first)
    found: date = first.date()
    return found


def sessions_before(market: Market, moment: datetime, number: int) -> tuple[date, ...]:
    """The dates of the last ``number`` closes at or before ``moment`` (aware), oldest first."""
    day = moment.astimezone(UTC).date()
    if market == "24/7":
        # A UTC day is closed when it is over.
        return tuple(day - timedelta(days=back) for back in range(number, 0, -1))
    calendar = calendar_of(market, day)
    last = calendar.date_to_session(day.isoformat(), direction="previous")
    if calendar.session_close(last).to_pydatetime() > moment:
        last = calendar.previous_session(last)
    window = calendar.sessions_window(last, -number)
    return tuple(found.date() for found in window)
