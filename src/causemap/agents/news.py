"""Dated notes to text evidence: how the news of the window divides between the causes.

For each asset group one item per cause says how much of the weight of the independent, timely news
falls on it: no share of the notes, for each note weighs by what it says and when, and every cause
is credited with a little before any is read.
A note is read by its words and its time alone. Until the low a cause counts in full; after a third
of the fall a channel counts for half and a response to the fall not at all; what was published
after the low is an account that never counts (TAXONOMY rule 6). Notes that read as
of another time count for less (:mod:`causemap.agents.of_its_time`). Whether anything fell is
decided by prices before a note is read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

from causemap.agents.bench import iso
from causemap.agents.dated_events import add_events
from causemap.agents.falls import fall_of, no_news
from causemap.causes import BREAK_SHARE, NAMED, NAMES
from causemap.closed_sets import AssetGroup, Cause
from causemap.records import Evidence, Note, Scope
from causemap.tools.news.lexicon import Role
from causemap.tools.news.reading import Reading, read
from causemap.tools.news.stories import Story, stories
from causemap.tools.news.timing import Fall, begun
from causemap.tools.notes import known_at
from causemap.tools.rounding import rounded

if TYPE_CHECKING:
    from causemap.agents.bench import Bench

# Weight of a note published before the window: background.
BEFORE: Final = 0.25
# Weight of what is dated after a third of the fall, by what it is to a fall.
LATE: Final[Mapping[Role, float]] = {"cause": 1.0, "channel": 0.5, "response": 0.0}
# Weight of a note that does not speak of the group's own market.
OFF_FIELD: Final[Mapping[AssetGroup, float]] = {"equity": 0.1, "crypto": 0.6, "metals": 0.3}
# Every cause is credited with this much of one note before any is read (Dirichlet).
PSEUDO: Final = 0.3
# An outlet counts as one that names a cause when at least half of what it says is about it.
_CHIEFLY: Final = 0.5


@dataclass(frozen=True, slots=True)
class Voice:
    """What speaks for one cause in one market: weighted notes, and the outlets behind them."""

    weight: float
    outlets: frozenset[str]


def read_news(bench: Bench, notes: tuple[Note, ...]) -> None:
    """Add text evidence for the notes of the window; a gap if none names an event."""
    told = stories(notes)
    if not any(read(story.note.text).weights for story in told):
        no_news(bench)
        return
    # The reader of claims compiles a hundred expressions, which a run without news does not need.
    from causemap.agents.of_its_time import hold_news
    from causemap.agents.told_liquidations import add_liquidations

    trust = hold_news(bench, told)
    add_liquidations(bench, told, trust)
    for group in bench.scope.groups:
        fall = fall_of(bench, group)
        bench.evidence.extend(_shares(bench, group, told, fall, trust))
        if fall is not None:
            add_events(bench, group, told, fall, on_field, trust)


def voices(
    scope: Scope, group: AssetGroup, told: Sequence[Story], fall: Fall | None = None
) -> dict[Cause, Voice]:
    """How loud each named cause is in the independent news of one market."""
    found = {cause: Voice(0.0, frozenset()) for cause in NAMED}
    for story in told:
        reading = read(story.note.text)
        firm = on_field(group, reading) * reading.firmness
        roles = {cause: role for cause, _, role in reading.firmest}
        for cause, share in reading.shares().items():
            weight = firm * timeliness(scope, story.note, fall, roles[cause])
            held = found[cause]
            named = story.outlets if share >= _CHIEFLY and weight > 0 else frozenset[str]()
            found[cause] = Voice(held.weight + weight * share, held.outlets | named)
    return found


def timeliness(scope: Scope, note: Note, fall: Fall | None = None, role: Role = "cause") -> float:
    """A note of the window counts in full until a third of the fall is done, after the low never.

    Without a measured ``fall`` only the window's dates tell.
    """
    day = date.fromisoformat(note.published[:10])
    if day < date.fromisoformat(scope.start):
        return BEFORE
    if fall is None:
        return 0.0 if day > date.fromisoformat(scope.end) else 1.0
    when = begun(note)
    if fall.over(when):
        return 0.0
    return 1.0 if fall.done(when) < BREAK_SHARE else LATE[role]


def on_field(group: AssetGroup, reading: Reading) -> float:
    """News of another market counts for less; macro news is everybody's."""
    if group in reading.about:
        return 1.0
    if group == "equity" and "crypto" not in reading.about:
        return 1.0
    return OFF_FIELD[group]


def _shares(
    bench: Bench, group: AssetGroup, told: Sequence[Story], fall: Fall | None, trust: float
) -> list[Evidence]:
    heard = voices(bench.scope, group, told, fall)
    total = sum(voice.weight + PSEUDO for voice in heard.values()) + PSEUDO
    last = max(known_at(story.note) for story in told)
    return [
        Evidence(
            id=f"{bench.desk}.news_{group}.{cause}",
            desk=bench.desk,
            family="text",
            group="text",
            metric=cause,
            asset=f"{group} news",
            start=bench.scope.start,
            end=bench.scope.end,
            value=rounded((voice.weight + PSEUDO) / total),
            unit="ratio",
            said=f"the weight of the independent news that falls on {NAMES[cause]}",
            observed_at=iso(last),
            available_at=iso(last),
            source="dated notes",
            quality=rounded(trust),
            n=len(voice.outlets),
            expected=((cause, +1),),
        )
        for cause, voice in heard.items()
    ]
