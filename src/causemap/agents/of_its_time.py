"""How likely the news of a window is of its own days: what all of it counts for.

Notes of another year, or laid under a wrong date, tell price levels that no close came near, name
months and years far from their own, and tell of releases on days that had none. They come by one
way, so they are held against tape and calendar together: each thing known or unknown adds its
log-likelihood ratio (naive Bayes) to the odds before anything was held. The ratios are those of
``of_its_time.json``, learnt by ``scripts/fit_dateline.py`` from notes in their own window and in
others; no label of a cause goes into them, and no note of the catalogue.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Final

from causemap.agents.told_levels import hold_levels, share_known
from causemap.errors import UsageError
from causemap.tools.market import MissingSeries
from causemap.tools.news.dateline import Fit, held_against
from causemap.tools.news.stories import Story

if TYPE_CHECKING:
    from causemap.agents.bench import Bench

VERSION: Final = 1
# Beforehand: of ten files of notes one is taken to be of another time.
BEFOREHAND: Final = 0.9
# Each kind speaks up to three times for and three against: notes copy one another.
MOST: Final = 3
KINDS: Final = ("levels", "months", "years", "releases")
# Below even odds the news is said to be of another time, and counts for less.
DOUBTED: Final = 0.5

_TIMES: Final = (
    "times_known",
    "the share of months, years and scheduled releases named by the news that fit its dates",
    "dated notes, calendar of releases",
)

# The log-likelihood ratios of one more thing known and one more unknown, by kind.
Ratios = Mapping[str, tuple[float, float]]


def hold_news(bench: Bench, told: Iterable[Story]) -> float:
    """What the notes of the window count for, 0 to 1; what was held stands in the evidence.

    They count in full while they are likelier than not of these days, then by the odds.
    """
    stories = list(told)
    fits = counted(bench, stories)
    chance = likely(fits)
    times = _sum(fit for kind, fit in fits.items() if kind != "levels")
    if times.held:
        notes = [story.note for story in stories]
        bench.evidence.append(share_known(bench, _TIMES, times, notes))
    if chance < DOUBTED:
        whole = _sum(fits.values())
        why = (
            f"{whole.unknown} of {whole.held} price levels, months, years and releases that it "
            "names do not fit these days: it reads as news of another time and counts for little"
        )
        bench.gap("the news of these days", "failed", why)
    return min(1.0, chance / (1.0 - chance))


def counted(bench: Bench, told: Iterable[Story]) -> dict[str, Fit]:
    """How much of what the stories tell is known to tape and calendar, by kind."""
    stories = list(told)
    levels = hold_levels(bench, stories)
    texts = [(s.note.text, date.fromisoformat(s.note.published[:10])) for s in stories]
    return {"levels": levels, **held_against(texts, _releases(bench))}


def likely(fits: Mapping[str, Fit], ratios: Ratios | None = None) -> float:
    """The probability, 0 to 1, that notes are of their own days, from what was held."""
    learnt = _learnt() if ratios is None else ratios
    odds = math.log(BEFOREHAND / (1.0 - BEFOREHAND))
    for kind, fit in fits.items():
        for ratio, number in zip(learnt[kind], fit, strict=True):
            odds += ratio * min(number, MOST)
    return 1.0 / (1.0 + math.exp(-odds))


@cache
def _learnt() -> Ratios:
    """The ratios of the package; ``UsageError`` for a file of another version."""
    text = resources.files(__package__).joinpath("of_its_time.json").read_text(encoding="utf-8")
    raw = json.loads(text)
    if raw["version"] != VERSION:
        raise UsageError(f"of_its_time.json: version {VERSION} is needed; fit it anew")
    found = raw["ratios"]
    return {kind: (float(found[kind]["known"]), float(found[kind]["unknown"])) for kind in KINDS}


def _releases(bench: Bench) -> dict[str, tuple[date, ...]]:
    """Days of the releases known at the as-of, by kind.

    Without a calendar there are none, and no release is held against it; that it is missing is the
    macro desk's gap.
    """
    held: dict[str, list[date]] = {}
    try:
        for event in bench.view.events():
            held.setdefault(event.kind, []).append(event.date)
    except MissingSeries:
        return {}
    return {kind: tuple(days) for kind, days in held.items()}


def _sum(fits: Iterable[Fit]) -> Fit:
    known, unknown = map(sum, zip(Fit(), *fits, strict=True))
    return Fit(known, unknown)
