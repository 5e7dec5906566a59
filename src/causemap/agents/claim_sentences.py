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
_UNITS: Final = ("%", "bp", "corr", "days")
_LEADS: Final[tuple[tuple[ClaimVerdict, str], ...]] = (
    ("contradicted", "Against what articles claim, the data show"),
    ("too_late", "Too late to be the first cause, though articles name it"),
)


def claim_sentences(story: Story) -> Iterator[Draft]:
    """One sentence for contradicted claims and one for those about what came too late."""
    for verdict, lead in _LEADS:
        items = _measured(story, verdict)
        if items:
            yield Draft("claims", f"{lead}: {clauses(items, _MOST)}.")


def _measured(story: Story, verdict: ClaimVerdict) -> list[Evidence]:
    """The deciding measurement of each claim with that verdict, each once."""
    found: dict[str, Evidence] = {}
    for claim in story.dossier.claims:
        if claim.verdict == verdict and claim.kind != "cause":
            items = [i for i in story.items(claim.evidence) if i.unit in _UNITS]
            found |= {item.id: item for item in items[-1:]}
    return list(found.values())
