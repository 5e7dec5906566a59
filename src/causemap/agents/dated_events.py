"""Dated events as evidence: what the target did at once after an event that names a cause.

TAXONOMY, policy: timing is the proof, a third of the window's move inside the event's own window.
For each asset group and cause the event with the largest such share stands, if it came before a
third of the fall was done; its address, where it has one, goes with it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from causemap.agents.bench import iso
from causemap.agents.mechanical import UPPER
from causemap.attribution.dating import FIRM
from causemap.causes import BREAK_SHARE, NAMED, NAMES
from causemap.closed_sets import AssetGroup, Cause
from causemap.records import Evidence, Marker
from causemap.tools.news.reading import Reading, read
from causemap.tools.news.stories import Story
from causemap.tools.news.timing import Fall, begun
from causemap.tools.notes import known_at
from causemap.tools.rounding import rounded

if TYPE_CHECKING:
    from causemap.agents.bench import Bench


@dataclass(frozen=True, slots=True)
class DatedCause:
    """A story that names a cause: the kind of event, how firmly (0 to 1), what followed at once."""

    story: Story
    kind: str
    firmness: float
    followed: float

    @property
    def rank(self) -> tuple[float, str]:
        """Events are ranked by what followed, weighed by how firmly they name the cause."""
        return self.firmness * self.followed, self.story.note.id


def add_events(
    bench: Bench,
    group: AssetGroup,
    told: Sequence[Story],
    fall: Fall,
    on_field: Callable[[AssetGroup, Reading], float],
    trust: float,
) -> None:
    """Record each cause's leading event; a firm one that a third of the fall followed is marked.

    ``trust`` (0 to 1) is what the notes of the window count for.
    """
    for cause, event in leading(group, told, fall, on_field).items():
        item = _evidence(bench, group, cause, event, fall)
        item = replace(item, quality=rounded(trust * item.quality))
        bench.evidence.append(item)
        if event.followed >= BREAK_SHARE and event.firmness >= FIRM:
            _mark(bench, item, event)


def leading(
    group: AssetGroup,
    told: Sequence[Story],
    fall: Fall,
    on_field: Callable[[AssetGroup, Reading], float],
) -> dict[Cause, DatedCause]:
    """Each named cause's leading event, in the order of the closed set.

    What is dated after a third of the fall answers it (TAXONOMY rule 6) and leads nothing.
    """
    found: dict[Cause, DatedCause] = {}
    for story in told:
        when, reading = begun(story.note), read(story.note.text)
        if fall.over(when) or fall.done(when) >= BREAK_SHARE:
            continue
        shares, weights = reading.shares(), dict(reading.weights)
        for cause, kind, role in reading.firmest:
            if role == "response":
                continue
            firm = on_field(group, reading) * min(1.0, weights[cause]) * shares[cause]
            event = DatedCause(story, kind, firm, fall.follows(when))
            if cause not in found or event.rank > found[cause].rank:
                found[cause] = event
    return {cause: found[cause] for cause in NAMED if cause in found}


def _evidence(
    bench: Bench, group: AssetGroup, cause: Cause, event: DatedCause, fall: Fall
) -> Evidence:
    note, error = event.story.note, _error(fall)
    return Evidence(
        id=f"{bench.desk}.event_{group}.{cause}",
        desk=bench.desk,
        # An event without an address rests on the text alone.
        family="event_time" if note.url else "text",
        group="event_time",
        metric=cause,
        asset=f"{group} events",
        start=bench.scope.start,
        end=bench.scope.end,
        value=rounded(event.followed),
        unit="ratio",
        said=f"the share of the fall that followed at once on a dated event of {NAMES[cause]}",
        observed_at=note.published,
        available_at=iso(max(known_at(note), fall.closes[-1])),
        source="dated notes, daily closes",
        quality=rounded(event.firmness),
        low=None if error is None else rounded(max(0.0, event.followed - error)),
        high=None if error is None else rounded(min(1.0, event.followed + error)),
        n=len(event.story.outlets),
        expected=((cause, +1),),
        url=note.url,
    )


def _error(fall: Fall) -> float | None:
    """What followed may be off by for the days' usual noise: 80 % of the time by less."""
    return None if fall.usual is None else UPPER * fall.usual / fall.size


def _mark(bench: Bench, item: Evidence, event: DatedCause) -> None:
    """A marker at the note's time, named by the kind of event; one note and kind, one marker."""
    note, label = event.story.note, f"reported: {event.kind}"
    ids: tuple[str, ...] = (item.id,)
    for place, held in enumerate(bench.markers):
        if held.note == note.id and held.label == label:
            ids = (*held.evidence, item.id)
            del bench.markers[place]
            break
    bench.markers.append(Marker(note.published, label, "note", ids, note.id))
