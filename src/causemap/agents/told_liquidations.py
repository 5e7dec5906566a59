"""Liquidations that the news tells of: plumbing of a cascade where no venue's prints are held.

A sum of forced closings is a measurement made while the window ran, not an account of its cause, so
it counts whenever it was out by the as-of time (METHODS 3: a dated liquidation notice is a plumbing
row). Counters differ (METHODS 2.6), so outlets are set side by side and the middle one is taken, of
two the smaller; over bitcoin's market value the sums of different years can be compared.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from statistics import median_low
from typing import TYPE_CHECKING, Final

from causemap.agents.bench import iso
from causemap.closed_sets import Group
from causemap.records import Evidence
from causemap.tools.claims.liquidations import liquidated
from causemap.tools.market import MissingSeries
from causemap.tools.news.stories import Story, outlet, quality
from causemap.tools.notes import known_at
from causemap.tools.rounding import rounded

if TYPE_CHECKING:
    from causemap.agents.bench import Bench

# Bitcoins in issue: 17 million in 2018, 20 in 2026 by the protocol's schedule. The error is small
# beside the factor of thirty between an ordinary day and a great cascade.
COINS: Final = 19e6
# In % of that value: contracts outstanding were hardly ever more, and of the sums on record that of
# March 2020, some 2 %, is the largest. A larger one is of another time.
MOST: Final = 3.0
# A day's sum is told on the day or the next; later ones are of another fall.
_NEXT_DAY: Final = timedelta(days=1)
SAID: Final = "the liquidations of coin futures told by the news"
SHARE: Final = "the share of bitcoin's market value liquidated, as told by the news"


@dataclass(frozen=True, slots=True)
class Told:
    """Sums in US dollars, one an outlet in rising order, and the stories they come from."""

    sums: tuple[float, ...]
    stories: tuple[Story, ...]

    @property
    def middle(self) -> float:
        """The middle outlet's sum, of two the smaller."""
        return median_low(self.sums)


def add_liquidations(bench: Bench, told: Sequence[Story], trust: float) -> None:
    """Record what is told to have been liquidated in the window, and over bitcoin's market value.

    ``trust`` (0 to 1) is what the notes of the window count for.
    """
    last = f"{bench.end + _NEXT_DAY:%Y-%m-%d}"
    found = told_sums(told, bench.scope.start, last)
    if "crypto" not in bench.scope.groups or found is None:
        return
    known = iso(max(known_at(story.note) for story in found.stories))
    weight = trust * max(quality(story.note) for story in found.stories)
    value = _market_value(bench)
    if value is not None and 100.0 * found.middle / value > MOST:
        why = "the sum told is more than all open contracts can have been: it is of another time"
        bench.gap("liquidations that the news tells of", "failed", why, ("liquidation_cascade",))
        return
    _add(bench, found, ("liquidations_usd", "context", 1e-6, "usd_mn", SAID), known, weight)
    if value is not None:
        later = max(known, bench.known_at(("BTC",), bench.end))
        _add(bench, found, ("liquidations", "plumbing", 100.0 / value, "%", SHARE), later, weight)


def _market_value(bench: Bench) -> float | None:
    """Bitcoin's market value in US dollars at the window's last close, or ``None`` with a gap."""
    try:
        return COINS * float(bench.inside(bench.series("BTC")).iloc[-1])
    except MissingSeries as missing:
        what = "told liquidations over bitcoin's value"
        bench.gap(what, missing.kind, str(missing), ("liquidation_cascade",))
        return None


def told_sums(told: Sequence[Story], first: str, last: str) -> Told | None:
    """Each outlet's largest sum told on the days ``first`` to ``last``; ``None`` without any."""
    largest: dict[str, float] = {}
    sources = []
    for story in told:
        note = story.note
        inside = first <= note.published[:10] <= last
        usd = liquidated(note.text, note.published, first) if inside else None
        if usd is not None:
            largest[outlet(note)] = max(usd, largest.get(outlet(note), usd))
            sources.append(story)
    return Told(tuple(sorted(largest.values())), tuple(sources)) if sources else None


def _add(
    bench: Bench,
    found: Told,
    row: tuple[str, Group, float, str, str],
    known: str,
    weight: float,
) -> None:
    metric, group, scale, unit, said = row
    item = Evidence(
        id=f"{bench.desk}.told.{metric}",
        desk=bench.desk,
        family="text",
        group=group,
        metric=metric,
        asset="BTC",
        start=bench.scope.start,
        end=bench.scope.end,
        value=rounded(scale * found.middle),
        unit=unit,
        said=said,
        observed_at=known,
        available_at=known,
        source="dated notes" if group == "context" else "dated notes, daily closes",
        quality=rounded(weight),
        low=rounded(scale * found.sums[0]),
        high=rounded(scale * found.sums[-1]),
        n=len(frozenset[str]().union(*(story.outlets for story in found.stories))),
        expected=(("liquidation_cascade", +1),) if group == "plumbing" else (),
    )
    bench.evidence.append(item)
