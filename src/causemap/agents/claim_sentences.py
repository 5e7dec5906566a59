"""What the narrative says of tested claims: the measured side only, never the articles' words.

Quoted words are outside text and stand in the claims section, in quotation marks. The narrative
says what the data show where an article said otherwise, from evidence like every other sentence.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from causemap.agents.clauses import clauses
from causemap.agents.story import Draft, Story
from causemap.closed_sets import ClaimVerdict
from causemap.records import Evidence

_MOST: Final = 3
_UNITS: Final = ("%", "bp", "corr")
_AGAINST: Final = "Against what articles claim, the data show"
_LATE: Final = "Named by articles but too late to be the first cause: the exchange's margin notice."


def claim_sentences(story: Story) -> Iterator[Draft]:
    """One sentence for contradicted claims and one for what came too late."""
    items = _measured(story, "contradicted")
    if items:
        yield Draft("claims", f"{_AGAINST}: {clauses(items, _MOST)}.")
    late = [c for c in story.dossier.claims if c.verdict == "too_late" and "MARGIN" in c.about]
    if late:
        yield Draft("claims", _LATE, late[0].evidence)


def _measured(story: Story, verdict: ClaimVerdict) -> list[Evidence]:
    """The deciding measurement of each claim with that verdict, each once."""
    found: dict[str, Evidence] = {}
    for claim in story.dossier.claims:
        if claim.verdict == verdict and claim.kind != "cause":
            items = [i for i in story.items(claim.evidence) if i.unit in _UNITS]
            found |= {item.id: item for item in items[-1:]}
    return list(found.values())
