"""Which days a question about a run speaks of: one of its own, a time beyond it, or none.

A run explains its window as a whole. A question on one of its days must not be answered with the
whole window's figures, and one on another time must not be answered at all.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final, NamedTuple

from causemap.agents.chat_closes import deepest
from causemap.agents.chat_items import assets_in
from causemap.agents.dates_written import absolute, in_figures, readings
from causemap.agents.periods import HOLIDAY, dated, other_weekday, times_in
from causemap.agents.time_parts import HAN_WEEKDAYS, MONTHS, WEEKDAYS, Period
from causemap.agents.turns import Turn
from causemap.records import Report

_MONTH: Final = timedelta(days=27)
_WEEKDAY: Final = re.compile(
    r"(?<!black )\b(" + "|".join(sorted(WEEKDAYS, key=len, reverse=True)) + r")\b"
)
_HAN_WEEKDAY: Final = re.compile(r"(?<![上下本这每])(?:周|星期)([一二三四五六日天])(?!年)")
# A day by its number alone; "the 10th percentile" and the like name no day.
_NTH: Final = re.compile(
    r"\bthe (\d{1,2})(?:st|nd|rd|th)\b(?=\W*$|\W+(?:was|is|did|do|the|alone|matter|what|how)\b)"
    r"|(?<![\d月第])(\d{1,2})[号日](?!线)",
    re.IGNORECASE,
)
_MONTH_YEAR: Final = re.compile(
    rf"\b({'|'.join(sorted(MONTHS, key=len, reverse=True))})\.? (\d\d)\b(?!\d)", re.IGNORECASE
)
_CLOCK: Final = re.compile(r"\b\d{1,2}:\d\d\b(?:\s?utc)?", re.IGNORECASE)
_STEP: Final = re.compile(
    r"\b(?:(?P<on>the (?:next|following) (?:day|session)|(?:the )?day after)"
    r"|(?P<back>the (?:previous|prior) (?:day|session)|(?:the )?day before))"
    r"|(?P<zh_on>第二天|次日|后一天)|(?P<zh_back>前一天)"
    r"|(?P<same>\b(?:that|the) (?:same |very )?day(?! (?:after|before))\b|(?:当|那|这)(?:一)?天)",
    re.IGNORECASE,
)
# Times told from the window's own: what came before it or after it the run does not hold.
_BEYOND: Final = re.compile(
    r"\b(?:next|following|previous|prior) (?:weeks?|months?|quarter|year)\b"
    r"|\b(?:days?|weeks?|months?|years?) (?:later|after(?:wards?)?|before|earlier)\b"
    r"|\bafterwards?\b|\bthe (?:rally|bounce|recovery|rebound) (?:after|since|that followed)\b"
    r"|^\W*(?:and )?(?:what (?:happened|came|was) )?(?:after|before)(?: (?:that|this|it))?\W*$"
    r"|\b(?:before|after) (?:that|this)\W*$"
    r"|\byesterday\b|\blast night\b|\b\w+ (?:days?|weeks?|months?|years?) ago\b|昨[天日晚]|前天"
    r"|(?:之后|后来|之前|此前|随后)(?:呢|发生了?什么|怎么样)?\W*$",
    re.IGNORECASE,
)
_WHICH: Final = re.compile(
    r"\b(?:which|what) (?:day|session)\b.*\b(?:worst|biggest|largest|most|deepest)\b"
    r"|\b(?:worst|biggest|largest|deepest) (?:(?:one|single|1)[- ])?(?:day|session)s?\b"
    r"|\b(?:worst|biggest|largest) (?:\d|two|three|four|five|few) (?:days|sessions|falls|drops)\b"
    r"|^\W*(?:and (?:the )?)?(?:second|third|2nd|3rd|next) (?:worst|biggest|largest)\W*$"
    r"|\brank (?:the )?(?:days|sessions)\b|\b(?:day[- ]by[- ]day|each day)\b"
    r"|\bdaily (?:moves|closes|returns|falls)\b"
    r"|\b(?:when|which day)\b.*\b(?:mov\w*|f[ae]ll\w*|drop\w*|jump\w*|r[io]se) (?:the )?most\b"
    r"|哪(?:一)?天.*最|最(?:差|惨|大)的?一天|逐日|每[天日]",
    re.IGNORECASE,
)
# "Did it begin on Friday or Monday" asks for an order, not for what is dated either day.
_BEGINS: Final = re.compile(
    r"\b(?:begin|began|begun|start|started|onset)\b.*\bor\b|从.*还是.*开始", re.IGNORECASE
)


class Days(NamedTuple):
    """The days asked about, empty for a day to be found; ``beyond`` what the run holds."""

    first: str
    last: str
    beyond: bool
    ask: str = ""


def days_asked(text: str, report: Report, history: Sequence[Turn] = ()) -> Days | None:
    """The days a question names that are not the run's window itself; ``None`` if it names none."""
    start, end, known = (date.fromisoformat(d[:10]) for d in _span(report))
    if _WHICH.search(text):
        return Days("", "", beyond=False)
    begins = _BEGINS.search(text) is not None
    if begins or (stepped := _stepped(text, report, history)):
        return None if begins else stepped
    if ask := _unclear(text, start, known):
        return Days("", "", beyond=False, ask=ask)
    named = _dated(text, start, end, known)
    if named is not None and (other := other_weekday(text, named)):
        return Days("", "", beyond=False, ask=other)
    if named is not None:
        whole = _is_window(named, report) or _year_cut_short(text, named, report)
        return None if whole else _days(named, report)
    return _spoken(text, report)


def _stepped(text: str, report: Report, history: Sequence[Turn]) -> Days | None:
    """The day asked about last, or the one beside it ("and the day before")."""
    step = _STEP.search(text)
    last_day = _last_day(report, history) if step else None
    if step is None or (last_day is None and step["same"]):
        return None
    by = 0 if step["same"] else 1 if step["on"] or step["zh_on"] else -1
    day = (last_day or date.fromisoformat(report.scope.end[:10])) + timedelta(days=by)
    return _days(Period(day, day, "day"), report)


def _spoken(text: str, report: Report) -> Days | None:
    """A weekday, a time of day, or words that lead out of the window."""
    start, end, known = (date.fromisoformat(d[:10]) for d in _span(report))
    if said := _WEEKDAY.search(text.lower()):
        return _weekday(said[0], WEEKDAYS[said[1]], start, end, known)
    if said := _HAN_WEEKDAY.search(text):
        return _weekday(said[0], HAN_WEEKDAYS[said[1]], start, end, known)
    if said := _NTH.search(text):
        return _numbered(said, start, end, known)
    if said := _CLOCK.search(text):
        single = Days(end.isoformat(), end.isoformat(), beyond=False)
        return single if _one_session(report) else Days("", "", beyond=False, ask=said[0])
    return Days("", "", beyond=True) if _BEYOND.search(text) else None


def _span(report: Report) -> tuple[str, str, str]:
    return report.scope.start, report.scope.end, report.scope.as_of


def _last_day(report: Report, history: Sequence[Turn]) -> date | None:
    """The last single day that was asked about."""
    for place in range(len(history) - 1, -1, -1):
        asked = history[place].question
        if _WHICH.search(asked):
            worst = {step.day[:10] for step in deepest(report, assets_in(asked))[:1]}
            return date.fromisoformat(worst.pop()) if worst else None
        found = days_asked(asked, report, history[:place])
        if found is not None and found.first == found.last != "":
            return date.fromisoformat(found.first)
    return None


def undated(text: str, report: Report) -> str:
    """The question without the times in it."""
    known = date.fromisoformat(report.scope.as_of[:10])
    for begin, end in reversed(times_in(text, known, relative=False)):
        text = f"{text[:begin]} {text[end:]}"
    return text


def _unclear(text: str, start: date, known: date) -> str:
    """A day as it is written that has two readings or no date; empty if it can be told."""
    if holiday := HOLIDAY.search(text.lower()):
        return holiday[0]
    said = in_figures(absolute(text, known))
    return said if said and _read_within(text, start, known) is None else ""


def _read_within(text: str, start: date, known: date) -> Period | None:
    """The reading of a day in figures (5/2/2026) that lies in the run, if only one does."""
    found = [day for day in readings(text) if start <= day <= known]
    return Period(found[0], found[0], "day") if len(found) == 1 else None


def _dated(text: str, start: date, end: date, known: date) -> Period | None:
    """The shortest period named; one without a year is of the window's time."""
    if figures := _read_within(text, start, known):
        return figures
    late = date(end.year, 12, 31)
    read = [min(found, key=_length) for at in (known, late) if (found := dated(text, at))]
    within = [p for p in read if p.first <= known and p.last >= start]
    return next(iter(within or read), None)


def _length(period: Period) -> timedelta:
    return period.last - period.first


def _weekday(said: str, number: int, start: date, end: date, known: date) -> Days:
    """The day a weekday names if the run has one such; asked about if it has several."""
    days = [start + timedelta(days=n) for n in range((known - start).days + 1)]
    named = [d.isoformat() for d in days if d.weekday() == number]
    # What was read for two days after the window comes after the window's own days.
    fits = [d for d in named if d <= end.isoformat()] or named
    if len(fits) == 1:
        return Days(fits[0], fits[0], beyond=False)
    return Days("", "", beyond=not fits, ask=said.capitalize() if fits else "")


def _numbered(said: re.Match[str], start: date, end: date, known: date) -> Days | None:
    """The run's day of that number ("the 22nd"), its own days before those read afterwards."""
    days = [start + timedelta(days=n) for n in range((known - start).days + 1)]
    named = [d for d in days if d.day == int(said[1] or said[2])]
    fits = [d for d in named if d <= end] or named
    if len(fits) > 1:
        return Days("", "", beyond=False, ask=said[0].strip())
    return Days(fits[0].isoformat(), fits[0].isoformat(), beyond=False) if fits else None


def _is_window(period: Period, report: Report) -> bool:
    """Whether the run's window is what is meant: its only session, or a time over half of it."""
    start, end, _ = (date.fromisoformat(d[:10]) for d in _span(report))
    if period.first == period.last:
        return period.last == end and _one_session(report)
    # Whoever says "in August" of a fall that ended in it means the fall.
    if period.kind == "span" and period.first <= end <= period.last and _length(period) >= _MONTH:
        return True
    shared = min(period.last, end) - max(period.first, start)
    return 2 * (shared.days + 1) >= (end - start).days + 1


def _year_cut_short(text: str, period: Period, report: Report) -> bool:
    """Whether "June 22", no day of the run's, is the month of its own year."""
    start, end, known = _span(report)
    if start[:10] <= period.first.isoformat() <= known[:10]:
        return False
    return any(
        f"20{said[2]}-{MONTHS[said[1].lower()]:02d}" in (start[:7], end[:7])
        for said in _MONTH_YEAR.finditer(text)
    )


def _one_session(report: Report) -> bool:
    between = {d for path in report.paths for d in path.dates}
    return not any(report.scope.start < d[:10] < report.scope.end for d in between)


def _days(period: Period, report: Report) -> Days:
    start, _, known = _span(report)
    first, last = period.first.isoformat(), period.last.isoformat()
    return Days(first, last, last < start[:10] or first > known[:10])
