"""What a sentence gives as a cause of the fall."""

from __future__ import annotations

from collections.abc import Iterator

from causemap.tools.claims.lexicon import CAUSAL, CAUSES
from causemap.tools.claims.scene import Found, Scene
from causemap.tools.claims.sentences import speaks_of_fall


def causes(scene: Scene) -> Iterator[Found]:
    """Each cause that a sentence, or the line that leads it in, gives for a fall."""
    lead = scene.sentence.lead
    by_lead = bool(lead) and speaks_of_fall(lead)
    by_words = bool(CAUSAL.search(scene.text)) and (by_lead or speaks_of_fall(scene.text))
    if not (by_words or (by_lead and len(scene.text) <= 90)):
        return
    for cause, pattern in CAUSES.items():
        match = next((m for m in pattern.finditer(scene.text) if not scene.denied(m.start())), None)
        if match:
            yield Found(match.start(), match.end(), "cause", (), cause=cause)
