"""What passes in a conversation about a run: turns, intents, answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

Intent = Literal[
    "why",
    "why_not",
    "what_if",
    "compare",
    "chart",
    "brief",
    "sources",
    "missing",
    "would_change",
    "how_sure",
    "when",
    "claims",
    "fact",
    "against",
    "watch",
    "shares",
    "moves",
    "groups",
    "meaning",
    "found",
    "day",
    "headline",
    "refresh",
    "advice",
    "help",
]
INTENTS: tuple[Intent, ...] = get_args(Intent)
Language = Literal["en", "zh"]


@dataclass(frozen=True, slots=True)
class Turn:
    """A question already answered, and what it was understood as."""

    question: str
    intent: Intent
    text: str = ""


@dataclass(frozen=True, slots=True)
class ChatAnswer:
    """An answer made from a frozen run only.

    ``text`` is Markdown in which outside text is escaped; bracketed numbers are places in the
    run's ledger, whose ids ``evidence`` lists. ``chart`` is the key of a chart to show
    (``cause_map`` or a key of :func:`causemap.reporting.charts.all_charts`). ``action`` is what
    the caller may do after asking the user: ``refresh`` (measure the window again) or
    ``compare:WHICH`` (bring another run); nothing is done before the user agrees.
    """

    intent: Intent
    text: str
    evidence: tuple[str, ...] = ()
    chart: str | None = None
    action: str | None = None
