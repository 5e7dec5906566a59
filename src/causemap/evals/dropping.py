"""Whether a verdict rests on what it cites: its cited items are dropped and it is judged again.

A citation that can be dropped without any loss decorates the verdict. What other items say of the
same thing stays, so a verdict may rightly survive the loss of one of many.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from causemap.causes import NAMED
from causemap.closed_sets import AssetGroup, Cause

if TYPE_CHECKING:
    from causemap.records import Dossier, Verdict

Verdicts = tuple[tuple[AssetGroup, "Verdict"], ...]
# As many as the sentence of a verdict cites (agents/synthesiser.py).
CITED: Final = 3


@dataclass(frozen=True, slots=True)
class Dropped:
    """A group's named cause with its probability, and that without the first, and all, it cites.

    ``named_still`` says for both whether the cause is still named.
    """

    group: AssetGroup
    cause: Cause
    stands: float
    without_first: float
    without_all: float
    named_still: tuple[bool, bool]

    @property
    def unmoved(self) -> bool:
        """Whether the statement stays without its first item: same cause, no lower in percent."""
        return self.named_still[0] and round(100 * self.without_first) >= round(100 * self.stands)


def drop_cited(
    dossier: Dossier, verdicts: Verdicts, judging: Callable[[Dossier], Verdicts]
) -> Iterator[Dropped]:
    """Each named verdict judged again without what it cites; a pure function of the dossier."""
    for group, verdict in verdicts:
        cause = next((name for name in NAMED if name == verdict.primary), None)
        cited = verdict.support[:CITED]
        if cause is None or verdict.abstained or not cited:
            continue
        again = [_again(dossier, group, gone, judging) for gone in (cited[:1], cited)]
        first, every = (dict(found.probabilities).get(cause, 0.0) for found in again)
        still = tuple(found.primary == cause and not found.abstained for found in again)
        before = dict(verdict.probabilities)[cause]
        yield Dropped(group, cause, before, first, every, (still[0], still[1]))


def _again(
    dossier: Dossier,
    group: AssetGroup,
    gone: tuple[str, ...],
    judging: Callable[[Dossier], Verdicts],
) -> Verdict:
    kept = tuple(item for item in dossier.evidence if item.id not in gone)
    return dict(judging(replace(dossier, evidence=kept)))[group]
