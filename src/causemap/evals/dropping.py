"""Whether a verdict rests on what it cites: its cited items are dropped and it is judged again.

A citation that can be dropped without any loss decorates the verdict. What other items say of the
same thing stays, so a verdict may rightly survive the loss of one of many.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from causemap.causes import NAMED
from causemap.closed_sets import AssetGroup, Cause

if TYPE_CHECKING:
    from causemap.records import Dossier, Verdict

Verdicts = tuple[tuple[AssetGroup, "Verdict"], ...]


@dataclass(frozen=True, slots=True)
class Dropped:
    """A group's named cause with its probability, and that without the first item it cites.

    ``named_still`` says whether the cause is then still named.
    """

    group: AssetGroup
    cause: Cause
    stands: float
    without_first: float
    named_still: bool

    @property
    def unmoved(self) -> bool:
        """Whether the statement stays without its first item: same cause, no lower in percent."""
        return self.named_still and round(100 * self.without_first) >= round(100 * self.stands)


def drop_cited(
    dossier: Dossier, verdicts: Verdicts, judging: Callable[[Dossier], Verdicts]
) -> Iterator[Dropped]:
    """Each named verdict judged again without its first item; a pure function of the dossier."""
    for group, verdict in verdicts:
        cause = next((name for name in NAMED if name == verdict.primary), None)
        if cause is None or verdict.abstained or not verdict.support:
            continue
        again = _again(dossier, group, verdict.support[0], judging)
        left = dict(again.probabilities).get(cause, 0.0)
        still = again.primary == cause and not again.abstained
        yield Dropped(group, cause, dict(verdict.probabilities)[cause], left, still)


def _again(
    dossier: Dossier,
    group: AssetGroup,
    gone: str,
    judging: Callable[[Dossier], Verdicts],
) -> Verdict:
    kept = tuple(item for item in dossier.evidence if item.id != gone)
    return dict(judging(replace(dossier, evidence=kept)))[group]
