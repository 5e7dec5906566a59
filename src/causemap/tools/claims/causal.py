"""What a sentence gives as a cause of the fall."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from causemap.tools.claims.lexicon import CAUSAL, CAUSES, PAST
from causemap.tools.claims.scene import Found, Scene
from causemap.tools.claims.sentences import speaks_of_fall

# "Deleveraging triggered by ..." gives what stands behind it as the cause, not the deleveraging.
_EFFECT: Final = re.compile(
    r",? (?:(?:that|which) )?(?:(?:has|had|been|was|were|is|are|\w+ly) ){0,3}"
    r"(?:triggered|driven|caused|sparked|prompted|provoked|set off) by\b",
    re.IGNORECASE,
)
TOLD: Final = re.compile(PAST.pattern + "|了|包括|共同", re.IGNORECASE)


def causes(scene: Scene) -> Iterator[Found]:
    """Each cause that a sentence, or the line that leads it in, gives for a fall."""
    if scene.past is not None:
        return  # what caused a fall long ago is no claim about this one
    lead = scene.sentence.lead
    by_lead = bool(lead) and speaks_of_fall(lead) and bool(TOLD.search(lead))
    by_words = bool(CAUSAL.search(scene.text)) and (by_lead or speaks_of_fall(scene.text))
    if not (by_words or (by_lead and len(scene.text) <= 90)):
        return
    for cause, pattern in CAUSES.items():
        found = [
            m
            for m in pattern.finditer(scene.text)
            if not scene.denied(m.start()) and not _EFFECT.match(scene.text, m.end())
        ]
        if found:
            match = min(found, key=lambda m: _from_cue(m.start(), scene.text))
            yield Found(match.start(), match.end(), "cause", (), cause=cause)


def _from_cue(at: int, text: str) -> int:
    """How far a mention stands from the nearest word of causing."""
    return min((abs(at - cue.start()) for cue in CAUSAL.finditer(text)), default=0)
