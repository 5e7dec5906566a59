"""What a sentence speaks of, and which of its subjects a word of direction belongs to."""

from __future__ import annotations

import itertools
import re
from typing import Final, NamedTuple

from causemap.tools.claims.abroad import elsewhere
from causemap.tools.claims.lexicon import (
    ABROAD,
    MASKS,
    MEMBERS,
    NAMED_EN,
    NAMED_ZH,
    PREDICATES_EN,
    PREDICATES_ZH,
)

_LIST_GAP: Final = re.compile(
    r"^(?:['’]s)?(?:[^.;:!?()]{0,4}|[^.;:!?()]{0,40}?(?:,|、|/|\band\b|\bor\b|\bto\b|和|与|及)[^.;:!?()]{0,34})$",
    re.IGNORECASE,
)
_AND: Final = re.compile(r"\b(?:and|or|to|plus)\b|[/&、和与及]", re.IGNORECASE)
_VERBAL: Final = re.compile(
    r"\b(?:is|are|was|were|has|have|had|by|than|while|but|although|despite|as|when|which|that|after|before|"
    r"alongside|versus|vs|with|led|beat|lost|\w+ed)\b|而|但|尽管",
    re.IGNORECASE,
)


class Subject(NamedTuple):
    """A named thing and its place in the sentence."""

    start: int
    end: int
    key: str


def subjects(folded: str, *, chinese: bool) -> tuple[Subject, ...]:
    """Everything named in a folded sentence, in order; the longest reading at a place wins.

    What is called by a name of the tape but belongs to another market is named :data:`ABROAD`.
    """
    hidden = MASKS.sub(lambda m: "\u0001" * len(m.group()), folded)
    found = [
        Subject(m.start(), m.end(), key)
        for patterns in ((NAMED_EN, NAMED_ZH) if chinese else (NAMED_EN,))
        for key, pattern in patterns.items()
        for m in pattern.finditer(hidden)
        if m.end() > m.start()
    ]
    kept: list[Subject] = []
    for one in sorted(found, key=lambda s: (s.start - s.end, s.start, s.key)):
        if all(one.end <= k.start or k.end <= one.start for k in kept):
            kept.append(one)
    return tuple(sorted(k._replace(key=ABROAD) if elsewhere(folded, *k) else k for k in kept))


def listed_before(found: tuple[Subject, ...], at: int, folded: str) -> tuple[Subject, ...]:
    """The subject last named before ``at`` with those listed with it ("gold, silver and BTC")."""
    before = [s for s in found if s.end <= at]
    if not before:
        return ()
    chosen = [before[-1]]
    for one in reversed(before[:-1]):
        if not _joined(folded[one.end : chosen[-1].start]):
            break
        chosen.append(one)
    return _listed(tuple(reversed(chosen)), folded) or tuple(chosen[:1])


def listed_after(found: tuple[Subject, ...], at: int, folded: str) -> tuple[Subject, ...]:
    """The subject first named after ``at`` with those listed behind it."""
    after = [s for s in found if s.start >= at]
    if not after:
        return ()
    chosen = [after[0]]
    for one in after[1:]:
        if not _joined(folded[chosen[-1].end : one.start]):
            break
        chosen.append(one)
    return _listed(tuple(chosen), folded) or tuple(chosen[:1])


def _listed(chosen: tuple[Subject, ...], folded: str) -> tuple[Subject, ...]:
    """The chosen ones if an "and" holds them together: two clauses may meet at a bare comma."""
    gaps = (folded[a.end : b.start] for a, b in itertools.pairwise(chosen))
    return chosen if any(_AND.search(gap) for gap in gaps) else ()


def _joined(gap: str) -> bool:
    if not _LIST_GAP.match(gap) or not gap.strip() or _VERBAL.search(gap):
        return False
    return not (PREDICATES_EN.search(gap) or PREDICATES_ZH.search(gap))


def keys(chosen: tuple[Subject, ...]) -> tuple[str, ...]:
    """What the chosen subjects stand for, groups by their members, each once."""
    every = (key for one in chosen for key in MEMBERS.get(one.key, (one.key,)))
    return tuple(dict.fromkeys(every))
