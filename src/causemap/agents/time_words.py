"""The words of time a question may hold, as patterns with what they mean.

English and a little Chinese. Which of them count, and how they join, is :mod:`.periods`' affair.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from causemap.agents.asset_words import spoken
from causemap.agents.dated_words import DATED
from causemap.agents.relative_words import RELATIVE
from causemap.agents.time_parts import WEEKDAY_WORD, Period


@dataclass(frozen=True, slots=True)
class Mention:
    """A time found in the text at ``begin:finish``; ``resolve`` needs a year to become days."""

    begin: int
    finish: int
    year: int | None
    resolve: Callable[[int], Period]


_ONLY_WEEKDAY: Final = re.compile(WEEKDAY_WORD)
_BESIDE: Final = re.compile(r"[\s,(]*(?:the\s+)?")


def mentions(text: str, today: date, *, relative: bool = True) -> list[Mention]:
    """All times in ``text`` from left to right; earlier rules win where two overlap.

    Without ``relative`` times counted from ``today`` ("last week", "on Monday") are left out.
    """
    found: list[Mention] = []
    # The figures of an index's name are no year ("Russell 2000").
    taken = [match.span() for match in spoken().finditer(text)]
    for candidate in _candidates(text, today, relative=relative):
        spans = [*taken, *((m.begin, m.finish) for m in found)]
        if all(candidate.finish <= begin or end <= candidate.begin for begin, end in spans):
            found.append(candidate)
    found.sort(key=lambda m: m.begin)
    return [m for m in found if not _names_dated_day(text, m, found)]


def _names_dated_day(text: str, mention: Mention, others: list[Mention]) -> bool:
    """Whether a weekday only names the date beside it ("Saturday 31 January")."""
    return _ONLY_WEEKDAY.fullmatch(text[mention.begin : mention.finish]) is not None and any(
        _BESIDE.fullmatch(text[min(mention.finish, m.finish) : max(mention.begin, m.begin)])
        for m in others
        if m is not mention
    )


def _candidates(text: str, today: date, *, relative: bool) -> Iterator[Mention]:
    for words, read in RELATIVE if relative else ():
        for match in words.finditer(text):
            period = read(match, today)
            yield Mention(match.start(), match.end(), today.year, _constant(period))
    for dated, reader in DATED:
        for match in dated.finditer(text):
            year = match.groupdict().get("y")
            yield Mention(match.start(), match.end(), int(year) if year else None, reader(match))


def _constant(period: Period) -> Callable[[int], Period]:
    return lambda _: period
