"""What a run holds on the words of a question: notes, claims, measures and gaps that name them.

A question on a name or an event ("was it the Warsh nomination?", "were there ETF outflows?") fits
no cause and no measure; what it names may stand in the run all the same.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from causemap.agents.asset_words import GROUP_OF, mentioned_assets
from causemap.agents.chat_answers import bullet
from causemap.agents.chat_phrases import say
from causemap.agents.chat_question import STOP
from causemap.agents.chat_said import Said, cite
from causemap.agents.names_zh import told_in
from causemap.agents.turns import Language
from causemap.records import Report
from causemap.reporting.claims import LABELS
from causemap.reporting.markdown import escape
from causemap.words import asset_name, clean, instant, sentence

_WORD: Final = re.compile(r"[a-z][a-z0-9&]{2,}")
# A word that so large a part of all texts holds tells nothing of what is asked.
_COMMON: Final = 0.25
# Texts that hold nearly as much of the question as the best one are shown.
_NEAR: Final = 0.7
_MOST: Final = 5
# A text that names less of what is asked is about something else.
_NAMED: Final = 0.5
_DULL: Final = STOP | frozenset(
    re.findall(
        r"\w+",
        "high least less low more most reliable "
        "article articles fear fears few how last long many point read short weak weakest wrong "
        "about after again against all also any because before between big bigger can cause caused "
        "could day days during ever fault give going good hit into just know like made make makes "
        "market markets matter mattered maybe much need now one our play price prices really "
        "reason role say says said see should some tell than that them they think too two want "
        "week will "
        "work world your yours see there still",
    )
)


@dataclass(frozen=True, slots=True)
class _Text:
    """A text of the run, the line that shows it and what it cites."""

    kind: str
    words: frozenset[str]
    line: str
    evidence: tuple[str, ...] = ()


def found(report: Report, question: str, language: Language) -> Said | None:
    """Notes, claims, measures and gaps that name what the question names; ``None`` if none do."""
    asked = _asked(question)
    texts = tuple(_texts(report, language))
    known = Counter(word for text in texts for word in text.words & asked)
    rare = {w: math.log(len(texts) / n) for w, n in known.items() if n <= _COMMON * len(texts)}
    scored = [(sum(rare.get(w, 0.0) for w in text.words), text) for text in texts]
    best = max((score for score, _ in scored), default=0.0)
    near = [text for score, text in scored if best > 0.0 and score >= _NEAR * best]
    near = [text for text in near if len(text.words & asked) >= _NAMED * len(asked)]
    if not near:
        return None
    parts, ids = [say("found", language)], []
    for kind in ("note", "claim", "measure", "gap"):
        shown = [text for text in near if text.kind == kind][:_MOST]
        if shown:
            lines = "\n".join(text.line for text in shown)
            parts.append(f"{say(f'found_{kind}', language)}\n\n{lines}")
            ids += [key for text in shown for key in text.evidence]
    return Said(tuple(parts), tuple(ids))


def _asked(question: str) -> frozenset[str]:
    """The stems a question asks for, an asset by its name too."""
    named = mentioned_assets(question).assets
    names = " ".join(asset_name(code) for code in named if code in GROUP_OF)
    return _stems(f"{question} {names}") - _stems(" ".join(_DULL))


def _stems(text: str) -> frozenset[str]:
    """The words of a text without their plural."""
    words = _WORD.findall(text.lower())
    return frozenset(w[:-1] if w.endswith("s") and not w.endswith("ss") else w for w in words)


def _texts(report: Report, language: Language) -> Iterable[_Text]:
    for note in report.notes:
        if note.basis != "knowledge":
            at = instant(note.published if note.precision == "minute" else note.published[:10])
            line = f"- {at}, {escape(note.publisher)}: {escape(clean(note.text, 300))}"
            yield _Text("note", _stems(f"{note.text} {note.publisher}"), line)
    for claim in report.claims:
        told = escape(clean(claim.text, 200))
        where, verdict = escape(clean(claim.source, 80)), LABELS[claim.verdict]
        line = f"- \u201c{told}\u201d ({where}): {verdict}"
        line += cite(report, claim.evidence)
        yield _Text("claim", _stems(f"{claim.text} {claim.source}"), line, claim.evidence)
    for item in report.evidence:
        yield _Text("measure", _stems(item.said), bullet(report, item, language), (item.id,))
    for gap in report.gaps:
        line = f"- {escape(told_in(gap.what, language))}: {escape(sentence(gap.why))}"
        yield _Text("gap", _stems(f"{gap.what} {gap.why}"), line)
