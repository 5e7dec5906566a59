"""Press attention to each cause, ahead of the price break or after it, as context.

It is shown and never scored: on the training windows with enough titles it ranks the true cause
second at best more often than first, and adding it to the scores made them no better out of fold
(docs/evaluation.md). What is loud only after the break is said to be an explanation.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final

from causemap.agents.bench import iso
from causemap.agents.falls import fall_of
from causemap.causes import BREAK_SHARE, NAMES
from causemap.records import Evidence
from causemap.tools.news.attention import BASE_DAYS, LEAST_BASE, Attention, Told, loudest
from causemap.tools.news.timing import Fall
from causemap.tools.rounding import rounded

if TYPE_CHECKING:
    from causemap.agents.bench import Bench

# Attention of one standard deviation beyond the usual is worth a line; so are at most so many.
LOUD: Final = 1.0
MOST: Final = 3
_PRESS_QUALITY: Final = 0.8
_PRESS: Final = "attention of the press"
_STATEMENTS: Final = "statements of the Federal Reserve"
_DAY: Final = timedelta(days=1)
_MIDNIGHT: Final = time(0)


def read_attention(bench: Bench) -> None:
    """Add what the press spoke of more than usual; a gap where titles are not at hand."""
    fall = next((f for group in bench.scope.groups if (f := fall_of(bench, group))), None)
    if fall is None:
        return
    start = date.fromisoformat(bench.scope.start) - _DAY
    since = datetime.combine(start - timedelta(days=BASE_DAYS), _MIDNIGHT, UTC)
    official: tuple[date, ...] = ()
    with bench.attempt(_STATEMENTS):
        official = bench.view.statements(since)
    with bench.attempt(_PRESS):
        titles = bench.view.titles(since, LEAST_BASE)
        _heard(bench, fall, Told.of(titles, since.date()), official)


def _heard(bench: Bench, fall: Fall, told: Told, statements: tuple[date, ...]) -> None:
    """What was loud before the price broke, then what was loud only afterwards."""
    start, broke = date.fromisoformat(bench.scope.start) - _DAY, broken(fall)
    before = loudest(told, start, broke, start)
    after = loudest(told, broke + _DAY, bench.view.as_of.date(), start)
    if not before and not after:
        bench.gap(_PRESS, "empty", "too few titles around the price break")
    official = any(start <= day <= broke for day in statements)
    ahead = [one for one in before if one.z >= LOUD][:MOST]
    for one in ahead:
        stated = official and one.cause == "rates_shock"
        _add(bench, one, broke, "before prices broke", quality=1.0 if stated else _PRESS_QUALITY)
    known = {one.cause for one in ahead}
    late = [one for one in after if one.z >= LOUD and one.cause not in known]
    for one in late[: MOST - len(ahead)]:
        _add(bench, one, broke, "only after prices broke, which explains and does not cause")


def broken(fall: Fall) -> date:
    """The day of the close by which a third of the fall was done."""
    return next(close for close in fall.closes if fall.done(close) >= BREAK_SHARE).date()


def _add(
    bench: Bench, found: Attention, broke: date, when: str, quality: float = _PRESS_QUALITY
) -> None:
    """The share of the titles with its deviation, and how far its peak led the break."""
    said = f"the share of press titles about {NAMES[found.cause]}, above its usual {when}"
    bench.evidence.append(_row(bench, found, f"press.{found.cause}", found.share, said, quality))
    lead = float((broke - found.peak).days)
    said = f"days by which press attention to {NAMES[found.cause]} peaked ahead of the price break"
    bench.evidence.append(_row(bench, found, f"press_lead.{found.cause}", lead, said, quality))


def _row(
    bench: Bench, found: Attention, key: str, value: float, said: str, quality: float
) -> Evidence:
    ended = datetime.combine(found.last, time(23, 59), UTC)
    share = key.startswith("press.")
    return Evidence(
        id=f"{bench.desk}.{key}",
        desk=bench.desk,
        family="text",
        group="context",
        metric=found.cause,
        asset="press",
        start=found.first.isoformat(),
        end=found.last.isoformat(),
        value=rounded(value),
        unit="ratio" if share else "days",
        said=said,
        observed_at=found.peak.isoformat(),
        available_at=iso(min(ended, bench.view.as_of)),
        source="headline file",
        z=rounded(found.z) if share else None,
        quality=quality,
        n=found.outlets,
    )
