"""What a person does to an issue: reword, drop and reorder its sentences, choose its headline.

Nothing here judges: :mod:`causemap.briefing.gate` reads the issue again and says what blocks it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from causemap.briefing.sources import number_sources
from causemap.briefing.voice import book_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from causemap.briefing.tree import Issue, Part, Said
    from causemap.records import Report


@dataclass(frozen=True, slots=True)
class Edits:
    """A person's changes to one issue, by the claims its sentences render.

    ``order`` lists claims in the order wanted; it sorts within parts only, for the parts of a
    briefing have a fixed order. A claim it does not name keeps its place.
    """

    headline: str = ""
    texts: Mapping[str, str] = field(default_factory=dict)
    dropped: tuple[str, ...] = ()
    order: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Whether anything is changed at all."""
        return self != Edits()


def apply(issue: Issue, edits: Edits, report: Report) -> Issue:
    """The issue as edited; sources are numbered anew, in the order in which the text uses them."""
    if not edits:
        return issue
    left_out = book_of(issue.language)["empty"]["left_out"]
    parts = tuple(_part(part, edits, left_out) for part in issue.parts)
    numbered = number_sources(
        report, [(part.key, said) for part in parts for said in part.said], issue.language
    )
    parts = tuple(
        replace(part, said=tuple(replace(s, sources=numbered.numbers(s)) for s in part.said))
        for part in parts
    )
    headline = edits.headline or issue.headline
    return replace(issue, headline=headline, parts=parts, sources=numbered.sources, review="")


def _part(part: Part, edits: Edits, left_out: str) -> Part:
    kept = [s for s in part.said if s.claim not in edits.dropped]
    said = tuple(replace(s, text=edits.texts.get(s.claim, s.text)) for s in _ordered(kept, edits))
    return replace(part, said=said, empty=left_out if part.said and not said else part.empty)


def _ordered(said: list[Said], edits: Edits) -> list[Said]:
    named = sorted(
        (s for s in said if s.claim in edits.order), key=lambda s: edits.order.index(s.claim)
    )
    following = iter(named)
    return [next(following) if s.claim in edits.order else s for s in said]


def reworded(edits: Edits, claim: str, text: str) -> Edits:
    """With a sentence in other words."""
    return replace(edits, texts={**edits.texts, claim: text})


def left_out(edits: Edits, claim: str) -> Edits:
    """Without a sentence."""
    return replace(edits, dropped=(*edits.dropped, claim))


def put_back(edits: Edits, claim: str) -> Edits:
    """With a sentence that had been dropped."""
    return replace(edits, dropped=tuple(c for c in edits.dropped if c != claim))


def moved(edits: Edits, issue: Issue, claim: str, step: int) -> Edits:
    """With a sentence ``step`` places later (earlier if negative) in its part, as far as it goes.

    ``issue`` is the issue as it now reads, with ``edits`` applied.
    """
    for part in issue.parts:
        claims = [s.claim for s in part.said]
        if claim not in claims:
            continue
        place = claims.index(claim)
        claims.insert(max(0, place + step), claims.pop(place))
        others = tuple(c for c in edits.order if c not in claims)
        return replace(edits, order=(*others, *claims))
    return edits
