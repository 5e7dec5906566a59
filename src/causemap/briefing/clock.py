"""Trading days: the next close after a moment, and whether a day is a session."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from exchange_calendars import ExchangeCalendar

Market = Literal["XNYS", "24/7"]


def calendar_of(market: Market) -> ExchangeCalendar:
    """The exchange's calendar, half days and holidays included."""
    import exchange_calendars

    return exchange_calendars.get_calendar(market)


def is_session(market: Market, day: date) -> bool:
    """Whether the market trades on that day."""
    return market == "24/7" or bool(calendar_of(market).is_session(day.isoformat()))


def next_close(market: Market, after: datetime) -> date:
    """The date of the first close after ``after`` (aware)."""
    moment = after.astimezone(UTC)
    if market == "24/7":
        return (moment + timedelta(days=1)).date()
    calendar = calendar_of(market)
    first = calendar.date_to_session(moment.date().isoformat(), direction="next")
    if calendar.session_close(first).to_pydatetime() <= moment:
        first = calendar.next_session(first)
    found: date = first.date()
    return found
