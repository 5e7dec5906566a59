"""What a model wrote in the run, as points beside the engine's own, never in place of them.

Only sentences that passed the run's gate are told, in their own slots; the briefing's gate reads
them again, and the disclosures say that a model took part.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from causemap.agents.told import normalised
from causemap.briefing.point import Point
from causemap.briefing.tree import PartKey
from causemap.records import Report

_PARTS: Final[dict[str, PartKey]] = {"mechanism": "why", "why_not": "against", "counter": "against"}


def written_told(report: Report, part: PartKey) -> Iterator[Point]:
    """The model's verified sentences that belong to ``part``, in their order."""
    if report.model is None:
        return
    theirs = {normalised(sentence.template) for sentence in report.model.sentences}
    for place, said in enumerate(report.narrative.sentences):
        if said.template in theirs and _PARTS.get(said.section) == part:
            weight = 24.0 - 0.5 * place
            yield Point(
                f"model:{place}", part, "model", weight, {"said": said.template}, said.evidence
            )
