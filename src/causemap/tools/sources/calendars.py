"""Release calendars: FOMC decisions from the Federal Reserve, CPI and payrolls from the BLS.

Formats: the BLS calendar is iCalendar (a hand-made sample of the shape was at hand); the Fed's page
of meetings is HTML and was never seen live here. Its rows carry the month in
``fomc-meeting__month`` and the days in ``fomc-meeting__date``, under a heading with the year.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import TYPE_CHECKING, Final

from bs4 import BeautifulSoup, Tag

from causemap.tools.fetch import HTML, Fetched, Request
from causemap.tools.sources.contract import Batch, Job, Release, Span, each
from causemap.tools.sources.strict import Strict

if TYPE_CHECKING:
    from causemap.tools.fetch import Fetcher

BLS: Final = "https://www.bls.gov/schedule/news_release/bls.ics"
FOMC: Final = "https://www.federalreserve.gov/monetarypolicy/fomccalendars.htm"
CALENDAR: Final = ("text/calendar", "text/plain", "application/octet-stream")
WATCHED: Final = {"Consumer Price Index": "CPI", "Employment Situation": "NFP"}
_MONTHS: Final = "jan feb mar apr may jun jul aug sep oct nov dec"
_BLS: Final = Strict("BLS")
_FED: Final = Strict("Federal Reserve")
_SUMMARY: Final = re.compile(r"([A-Za-z ]+?) for ([A-Za-z]+) (\d{4})")
_NOT_A_DECISION: Final = re.compile(r"notation|unscheduled|cancel", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Calendars:
    """Both calendars; each may fail alone."""

    deadline: float = 30.0
    name: str = "calendars"
    terms: str = "US government works, public domain"
    redistributable: bool = True
    series: tuple[str, ...] = ()

    async def pull(self, fetcher: Fetcher, span: Span) -> Batch:
        """Past and coming releases from the first day of the span."""
        jobs = (
            Job(("FOMC calendar",), partial(self._fomc, fetcher, span)),
            Job(("BLS calendar",), partial(self._bls, fetcher, span)),
        )
        return await each(jobs, deadline=self.deadline)

    async def _fomc(self, fetcher: Fetcher, span: Span) -> Batch:
        request = Request(self.name, FOMC, accept=HTML, ttl=86_400.0)
        return _from(span, await fetcher.read(request, read_fomc))

    async def _bls(self, fetcher: Fetcher, span: Span) -> Batch:
        request = Request(self.name, BLS, accept=CALENDAR, ttl=86_400.0)
        return _from(span, await fetcher.read(request, read_bls))


def _from(span: Span, releases: list[Release]) -> Batch:
    return Batch(releases=tuple(r for r in releases if r.date >= span.since))


def read_bls(fetched: Fetched) -> list[Release]:
    """CPI and payroll releases of an iCalendar file (RFC 5545: folded lines are joined)."""
    text = fetched.body.decode("utf-8", "replace")
    if not text.lstrip().startswith("BEGIN:VCALENDAR") or "END:VCALENDAR" not in text:
        raise _BLS.wrong("the body is not a whole calendar")
    unfolded = re.sub(r"\r?\n[ \t]", "", text)
    events = re.findall(r"BEGIN:VEVENT(.*?)END:VEVENT", unfolded, re.DOTALL)
    return [found for found in map(_bls_release, events) if found is not None]


def _bls_release(event: str) -> Release | None:
    summary = re.search(r"^SUMMARY[^:\n]*:(.*?)\r?$", event, re.MULTILINE)
    start = re.search(r"^DTSTART[^:\n]*:(\d{8}T\d{6})(Z?)\r?$", event, re.MULTILINE)
    if summary is None or start is None:
        raise _BLS.wrong("an event has no summary or no start")
    named = _SUMMARY.fullmatch(summary[1].strip())
    if named is None or named[1] not in WATCHED:
        return None
    if start[2]:
        raise _BLS.wrong("times are no longer Eastern")
    at = datetime.strptime(start[1], "%Y%m%dT%H%M%S")  # noqa: DTZ007  # Eastern, kept as written
    month = _month(named[2])
    return Release(WATCHED[named[1]], at.date(), f"{at:%H:%M}", f"{named[3]}-{month:02d}")


def _month(word: str) -> int:
    place = _MONTHS.find(word.lower()[:3])
    if len(word) < 3 or place % 4:
        raise _BLS.wrong(f"{word!r:.20} is not a month")
    return place // 4 + 1


def read_fomc(fetched: Fetched) -> list[Release]:
    """Decision days, the last day of each meeting, at 14:00 Eastern."""
    soup = BeautifulSoup(fetched.body, "lxml")
    found = [r for row in soup.find_all(class_="fomc-meeting") for r in _fomc_release(row)]
    if not found:
        raise _FED.wrong("no meeting on the page")
    return found


def _fomc_release(row: Tag) -> list[Release]:
    heading = row.find_previous(string=re.compile(r"\d{4} FOMC Meetings"))
    month, days = (row.find(class_=f"fomc-meeting__{part}") for part in ("month", "date"))
    if heading is None or not isinstance(month, Tag) or not isinstance(days, Tag):
        raise _FED.wrong("a meeting has no year, month or days")
    said = days.get_text(" ", strip=True)
    if _NOT_A_DECISION.search(said):
        return []
    numbers = re.findall(r"\d{1,2}", said)
    if not numbers:
        raise _FED.wrong("a meeting has no days")
    year, last = int(str(heading).strip()[:4]), month.get_text(strip=True).split("/")[-1]
    try:
        day = date(year, _month(last), int(numbers[-1]))
    except ValueError as fault:
        raise _FED.wrong("a meeting has an impossible date") from fault
    return [Release("FOMC_DECISION", day, "14:00")]
