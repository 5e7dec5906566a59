"""One sentence laid out for reading, and what a pattern finds in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from causemap.closed_sets import Cause
from causemap.tools.claims.lexicon import NOT, PEAK
from causemap.tools.claims.records import Amount, Kind, Span
from causemap.tools.claims.sentences import Sentence
from causemap.tools.claims.subjects import Subject
from causemap.tools.claims.times import Timed


class Found(NamedTuple):
    """What a pattern read; ``start``/``end`` are places in the sentence."""

    start: int
    end: int
    kind: Kind
    about: tuple[str, ...]
    direction: int | None = None
    amount: Amount | None = None
    base: Span | None = None
    cause: Cause | None = None
    years: float | None = None
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Scene:
    """A sentence with its subjects, amounts and days; ``before`` is the sentence before it."""

    sentence: Sentence
    subjects: tuple[Subject, ...]
    amounts: tuple[Amount, ...]
    spans: tuple[Timed, ...]
    real: bool
    before: str

    @property
    def text(self) -> str:
        """The folded words."""
        return self.sentence.folded

    def denied(self, at: int) -> bool:
        """Whether the words before ``at`` deny what follows."""
        return bool(NOT.search(self.text[max(0, at - 40) : at]))

    def is_base(self, timed: Timed) -> bool:
        """Whether a time names the high a fall is counted from ("from January peaks")."""
        return bool(PEAK.match(self.text[timed.end : timed.end + 12].lstrip(" -'s的")))

    def base_after(self, at: int) -> Span | None:
        """The period of the high named after ``at``."""
        return next((t.span for t in self.spans if t.start >= at and self.is_base(t)), None)

    def span_for(self, item: Found) -> Span | None:
        """The time the sentence gives for what was read: the nearest one named that is no base."""
        own = [t for t in self.spans if not self.is_base(t)]
        if not own:
            return None
        return min(own, key=lambda t: min(abs(t.start - item.end), abs(item.start - t.end))).span
