"""Months, years and scheduled releases that a text names, held against the day it is dated to.

A text of another time, or one under a wrong date, names months and years far from its own, and
tells of releases on days that had none. Nothing here says when something happened; for that see
:mod:`causemap.tools.claims.times`.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import Final, NamedTuple

# Months away from its own that a text speaks of as of the present: data lag by one or two, and
# meetings, deadlines and contracts lie as far ahead.
NEAR_MONTHS: Final = 2
# A text is written on the day of a release or the day after, abroad sometimes the day before.
NEAR_DAY: Final = timedelta(days=1)
# Beyond this after the last release on file the file may have ended (two meetings are at most
# eight weeks apart, other releases five).
REACH: Final = timedelta(days=57)

_MONTHS: Final = {name: k for k, name in enumerate(calendar.month_name) if name}
_SHORT: Final = {name[:3]: number for name, number in _MONTHS.items()}
# "May" and "March" are also words: they count where a preposition, a day or a year stands beside.
_MONTH: Final = re.compile(
    r"\b(?:(?P<name>January|February|April|June|July|August|September|October|November|December)"
    r"|(?P<short>Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)(?=\.| \d)"
    r"|(?:\b(?:in|of|since|from|until|by|for|late|early|mid|last|next)[ -]|\d )(?P<word>May|March)"
    r"|(?P<dated>May|March)(?= \d))\b|(?<!\d)(?P<zh>1[0-2]|[1-9])月"
)
_YEAR: Final = re.compile(r"(?<![\d.,$€£-])(?:19[89]|20[0-4])\d(?![\d%]|[.,]\d| ?(?:points|bp))")
# What is told of a release, not of its minutes or of the wait for it.
_FOMC: Final = re.compile(
    r"\bFOMC\b(?! minutes)|\bFed(?:eral Reserve)?(?:'s)?\b[^.;]{0,40}"
    r"\b(?:raised|lifted|cut|held|kept|left|hiked)\b[^.;]{0,40}\b(?:rates?|target|funds|points?)\b"
    r"|\bFed(?:'s)? (?:decision|meeting|statement)\b"
    r"|美联储[^。；]{0,12}(?:加息|降息|按兵不动|决议)",
    re.IGNORECASE,
)
_TELLS: Final[Mapping[str, re.Pattern[str]]] = {
    "FOMC": _FOMC,
    "CPI": re.compile(r"\bCPI\b|\bconsumer price", re.IGNORECASE),
    "NFP": re.compile(r"\bpayrolls?\b|\b(?:jobs|employment) report\b|非农", re.IGNORECASE),
}
_WAIT: Final = re.compile(
    r"\bminutes\b|\b(?:ahead of|before|awaiting|next week's|upcoming)\b|纪要", re.IGNORECASE
)

Kind = str


class Fit(NamedTuple):
    """Of what a text names, how much fits the day it is dated to, and how much does not."""

    known: int = 0
    unknown: int = 0

    @property
    def held(self) -> int:
        """All that was held."""
        return self.known + self.unknown

    def plus(self, *, fits: bool) -> Fit:
        """One more."""
        return Fit(self.known + fits, self.unknown + (not fits))


def months_named(text: str) -> tuple[int, ...]:
    """Numbers of the months that a text names, in text order."""
    return tuple(
        _MONTHS.get(found) or _SHORT.get(found[:3]) or int(found)
        for match in _MONTH.finditer(text)
        for found in [next(group for group in match.groups() if group)]
    )


def month_fits(month: int, day: date) -> bool:
    """Whether a month lies within :data:`NEAR_MONTHS` of a day's, around the turn of the year."""
    apart = abs(month - day.month)
    return min(apart, 12 - apart) <= NEAR_MONTHS


def years_held(text: str, day: date) -> Iterator[bool]:
    """For each year a text names whether it is a day's own or next to it.

    Earlier ones are left out: every crash is told beside those of 1987 and 2008.
    """
    for match in _YEAR.finditer(text):
        ahead = int(match.group()) - day.year
        if ahead >= -1:
            yield ahead <= 1


def releases_told(text: str) -> tuple[Kind, ...]:
    """Kinds of scheduled releases that a text tells of as news."""
    if _WAIT.search(text):
        return ()
    return tuple(kind for kind, pattern in _TELLS.items() if pattern.search(text))


def release_fits(kind: Kind, day: date, held: Mapping[Kind, tuple[date, ...]]) -> bool | None:
    """Whether there was such a release within a day; ``None`` where the file does not reach."""
    days = held.get(kind, ())
    if not days or day < days[0] - NEAR_DAY or day > days[-1] + REACH:
        return None
    return any(abs(other - day) <= NEAR_DAY for other in days)


def held_against(
    texts: Iterable[tuple[str, date]], held: Mapping[Kind, tuple[date, ...]]
) -> dict[str, Fit]:
    """Months, years and releases of texts with their days; ``held`` are releases on file."""
    months, years, releases = Fit(), Fit(), Fit()
    for text, day in texts:
        for month in months_named(text):
            months = months.plus(fits=month_fits(month, day))
        for fits in years_held(text, day):
            years = years.plus(fits=fits)
        for kind in releases_told(text):
            there = release_fits(kind, day, held)
            releases = releases if there is None else releases.plus(fits=there)
    return {"months": months, "years": years, "releases": releases}
