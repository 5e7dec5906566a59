"""Narrative attention: how much more the press speaks of a cause than it usually does.

The share of independent titles that name a cause (METHODS 2.3, after Bybee, Kelly, Manela and Xiu)
over the days up to a price break, and over the days after it, each against spans of the same length
in the 250 days before: nothing later is looked at. A title told twice counts once. What is loud
only after the break explains the fall and did not cause it.
"""

from __future__ import annotations

import math
import tomllib
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from causemap.causes import NAMED
from causemap.closed_sets import Cause

if TYPE_CHECKING:
    import pyarrow as pa

Ints = npt.NDArray[np.int64]
BASE_DAYS: Final = 250
# A span of fewer titles says nothing; a base needs this many titles on this many spans.
LEAST_TITLES: Final = 20
LEAST_BASE: Final = 500
_LEAST_SPANS: Final = 60
_LEAST_SHARE: Final = 0.002
# Two titles that begin with the same characters are one story.
_SAME: Final = 60
_EPOCH: Final = date(1970, 1, 1)
_DAY: Final = 86_400_000_000


@dataclass(frozen=True, slots=True)
class Attention:
    """Attention to one cause over a span of days: ``z`` against spans of the same length before.

    ``share`` is that of the span's titles, ``usual`` the mean of the base; ``peak`` the day of most
    titles beyond the usual, ``outlets`` how many told of the cause.
    """

    cause: Cause
    first: date
    last: date
    z: float
    share: float
    usual: float
    outlets: int
    peak: date


@cache
def topics() -> dict[Cause, str]:
    """The expression that tells a title about each named cause."""
    text = resources.files(__package__).joinpath("topics.toml").read_text(encoding="utf-8")
    raw = tomllib.loads(text)
    return {cause: rf"\b(?:{raw[cause]})\b" for cause in NAMED}


def loudest(told: Told, first: date, last: date, start: date) -> tuple[Attention, ...]:
    """Each cause's attention from ``first`` to ``last``, the loudest first.

    The base are the :data:`BASE_DAYS` days before ``start``. Empty where titles are too few.
    """
    days = _number(first), _number(last), _number(start)
    found = [one for cause in NAMED if (one := _measured(told, cause, *days)) is not None]
    return tuple(sorted(found, key=lambda one: -one.z))


class Named(NamedTuple):
    """The titles that name a cause: their days since 1970, and their outlets."""

    days: Ints
    outlets: npt.NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class Told:
    """Independent stories: the days since 1970 of all, and those that name each cause."""

    days: Ints
    named: dict[Cause, Named]

    @classmethod
    def of(cls, titles: pa.Table, first: date) -> Told:
        """Titles with ``known`` (microseconds, UTC), ``source`` and ``title``, from ``first``."""
        import pandas as pd
        import pyarrow as pa
        import pyarrow.compute as pc

        compute: Any = pc  # its functions are made at run time
        order = np.argsort(titles["known"].to_numpy(), kind="stable")
        days = titles["known"].to_numpy()[order] // _DAY
        low = compute.utf8_lower(titles["title"].combine_chunks().take(pa.array(order)))
        begun = pd.Series(
            compute.utf8_slice_codeunits(low, 0, _SAME).to_numpy(zero_copy_only=False)
        )
        once = ~begun.duplicated().to_numpy() & (days >= _number(first))
        # Two titles in three name nothing: one pass over all spares them the rest.
        any_cause = "|".join(topics().values())
        some = once & compute.match_substring_regex(low, any_cause).to_numpy(zero_copy_only=False)
        outlets = titles["source"].to_numpy()[order][some]
        low, heard = low.filter(pa.array(some)), days[some]
        named = {}
        for cause, words in topics().items():
            about = compute.match_substring_regex(low, words).to_numpy(zero_copy_only=False)
            named[cause] = Named(heard[about], outlets[about])
        return cls(days[once], named)


def _measured(told: Told, cause: Cause, first: int, last: int, start: int) -> Attention | None:
    """The cause's share of the span against all spans as long that end before ``start``."""
    begin, named = start - BASE_DAYS, told.named[cause]
    counts, hits = (_daily(days, begin, last) for days in (told.days, named.days))
    total, loud = int(counts[first - begin :].sum()), int(hits[first - begin :].sum())
    base = _shares(hits[:BASE_DAYS], counts[:BASE_DAYS], last - first + 1)
    if total < LEAST_TITLES or counts[:BASE_DAYS].sum() < LEAST_BASE or len(base) < _LEAST_SPANS:
        return None
    share, usual = loud / total, float(base.mean())
    chance = max(usual, _LEAST_SHARE)
    # Spans of few titles scatter by chance alone, however steady their base was.
    spread = max(float(base.std(ddof=1)), math.sqrt(chance * (1.0 - chance) / total))
    beyond = hits[first - begin :] - usual * counts[first - begin :]
    inside = (named.days >= first) & (named.days <= last)
    return Attention(
        cause,
        _day(first),
        _day(last),
        (share - usual) / spread,
        share,
        usual,
        len(set(named.outlets[inside].tolist())),
        _day(first + int(beyond.argmax())),
    )


def _daily(days: Ints, first: int, last: int) -> Ints:
    """How many of ``days`` fall on each day from ``first`` to ``last``."""
    inside = days[(days >= first) & (days <= last)]
    counted: Ints = np.bincount(inside - first, minlength=last - first + 1)
    return counted


def _shares(hits: Ints, counts: Ints, days: int) -> npt.NDArray[np.float64]:
    """The share of titles in every span of ``days`` that holds half of the least titles."""
    ones = np.ones(min(days, len(counts)), dtype=np.int64)
    loud, total = np.convolve(hits, ones, "valid"), np.convolve(counts, ones, "valid")
    enough = total >= LEAST_TITLES // 2
    shares: npt.NDArray[np.float64] = loud[enough] / total[enough]
    return shares


def _number(day: date) -> int:
    return (day - _EPOCH).days


def _day(number: int) -> date:
    return _EPOCH + timedelta(days=number)
