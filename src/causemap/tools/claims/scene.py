"""One sentence laid out for reading, and what a pattern finds in it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, NamedTuple

from causemap.closed_sets import Cause
from causemap.tools.claims.lexicon import NOT, PAST, PEAK, UNREAL
from causemap.tools.claims.records import Amount, Kind, Span
from causemap.tools.claims.sentences import Sentence
from causemap.tools.claims.subjects import Subject
from causemap.tools.claims.times import Timed

_SINCE: Final = re.compile(r"\b(?:since|until|from) (?:the |at least )?$|自从?$", re.IGNORECASE)
WHEN: Final = re.compile(r"\bwhen\b|(?<!同)时[,，]|在.{1,20}时期", re.IGNORECASE)
CONDITION: Final = re.compile(
    r"^\W*(?:(?:if|unless|whether|whenever|should|had|historically|traditionally|typically|usually|"
    r"generally|normally|often|as a rule)\b|如果|若|一旦|历史上|通常|往往|一般)",
    re.IGNORECASE,
)
_CLAUSE: Final = re.compile(
    r"[,;:—]\s|\s(?:as|while|after|because|although|but)\s|[，；：,]|\s[–—-]\s|—"
)


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
    """A sentence with its subjects, amounts and days; ``before`` is the sentence before it.

    ``past`` is the time long gone that its paragraph tells of, if any.
    """

    sentence: Sentence
    subjects: tuple[Subject, ...]
    amounts: tuple[Amount, ...]
    spans: tuple[Timed, ...]
    real: bool
    before: str
    past: Span | None = None

    @property
    def text(self) -> str:
        """The folded words."""
        return self.sentence.folded

    def denied(self, at: int) -> bool:
        """Whether the words before ``at`` deny what follows."""
        return bool(NOT.search(self.text[max(0, at - 110) : at]))

    def asserts(self, start: int, end: int) -> bool:
        """Whether the clause at ``start``:``end`` asserts: no condition, habit or forecast in it.

        A doubt elsewhere in the sentence leaves a clause standing that tells of the past, unless
        the sentence opens with a condition.
        """
        left = max((m.end() for m in _CLAUSE.finditer(self.text, 0, start)), default=0)
        right = next((m.start() for m in _CLAUSE.finditer(self.text, end)), len(self.text))
        clause = self.text[left:right]
        if UNREAL.search(clause) or (WHEN.search(clause) and not PAST.search(clause)):
            return False
        if not (UNREAL.search(self.text) or WHEN.search(self.text)):
            return True
        return bool(PAST.search(clause)) and not CONDITION.search(self.text)

    def is_base(self, timed: Timed) -> bool:
        """Whether a time names the high a fall is counted from ("from January peaks")."""
        return bool(PEAK.match(self.text[timed.end : timed.end + 12].lstrip(" -'s的")))

    def is_since(self, timed: Timed) -> bool:
        """Whether a time only says since when something is so ("the lowest since 2024")."""
        after = self.text[timed.end : timed.end + 3]
        return bool(_SINCE.search(self.text[: timed.start])) or after.startswith(("以来", "来"))

    def base_after(self, at: int) -> Span | None:
        """The period of the high named after ``at``."""
        return next((t.span for t in self.spans if t.start >= at and self.is_base(t)), None)

    def span_for(self, item: Found) -> Span | None:
        """The time the sentence gives for what was read: the nearest one named that is no base."""
        own = [t for t in self.spans if not (self.is_base(t) or self.is_since(t))]
        if not own:
            return self.past
        return min(own, key=lambda t: min(abs(t.start - item.end), abs(item.start - t.end))).span
