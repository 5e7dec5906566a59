"""Times as whole microseconds since 1970 (UTC): compared exactly, whatever zone they came in."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final

from causemap.errors import UsageError

if TYPE_CHECKING:
    from causemap.articles import Article

# Before the first page of the web none was published: a page that says so has an empty date (the
# years 1 and 1970 are how programs write none), and must not count as known ever since.
FIRST_PAGE: Final = date(1991, 8, 6)
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


def micros(moment: datetime) -> int:
    """Microseconds since 1970-01-01T00:00Z; ``UsageError`` without a time zone."""
    if moment.tzinfo is None or moment.utcoffset() is None:
        raise UsageError(f"The time {moment.isoformat()} has no zone; add one, for example 'Z'.")
    return (moment.astimezone(UTC) - _EPOCH) // _MICROSECOND


def is_day(text: str) -> bool:
    """Whether a time is written as a date alone."""
    return _DAY.fullmatch(text) is not None


def moment_of(text: str) -> datetime:
    """An ISO time with its zone, or a date as its midnight (UTC)."""
    try:
        if is_day(text):
            return datetime.combine(date.fromisoformat(text), time(0), UTC)
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(
            f"{text!r:.60} is not a time; write 2026-02-05T21:00Z or 2026-02-05."
        ) from None
    if moment.tzinfo is None:
        raise UsageError(f"The time {text} has no zone; add one, for example 'Z'.")
    return moment


def available_from(article: Article) -> datetime:
    """The first moment the article counts as known: never before it was published.

    An article known by its date only counts from the end of that day (UTC), as a note does.
    """
    published = moment_of(article.published)
    if article.precision == "date":
        published = datetime.combine(moment_of(article.published[:10]), time(23, 59), UTC)
    return max(published, moment_of(article.available))


def iso(moment: datetime) -> str:
    """``moment`` in UTC to the microsecond it was given in, ending in ``Z``."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
