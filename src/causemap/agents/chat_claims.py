"""What a conversation says of tested claims: which do not hold, and what was measured instead."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from causemap.agents.chat_phrases import say
from causemap.agents.chat_question import Asked
from causemap.agents.chat_said import Said, cite
from causemap.agents.names_zh import told_in
from causemap.closed_sets import Primary
from causemap.records import Claim, Report
from causemap.reporting.markdown import escape
from causemap.words import clean, value_of

_MOST: Final = 8
_QUOTE: Final = 200
_MARGIN: Final = re.compile(r"\bmargins?\b|保证金", re.IGNORECASE)
_CALLED: Final = "MARGIN"


def claims(report: Report, asked: Asked) -> Said:
    """The claims that the data contradict or that came too late, each with what was measured."""
    language = asked.language
    if not report.claims:
        return Said((say("no_claims", language),))
    failed = _failed(report)
    if not failed:
        return Said((say("claims_hold", language, n=str(len(report.claims))),))
    counts = {"n": str(len(report.claims)), "failed": str(len(failed))}
    ids = tuple(key for claim in failed[:_MOST] for key in claim.evidence)
    return Said((say("claims_failed", language, **counts), _lines(report, failed, asked)), ids)


def beside(report: Report, asked: Asked, causes: Sequence[Primary]) -> Said:
    """Failed claims that bear on what was asked: on these causes, or on a margin notice."""
    margin = names_margin(asked) or "liquidation_cascade" in causes
    found = [
        claim
        for claim in _failed(report)
        if claim.cause in causes or (margin and _CALLED in claim.about)
    ]
    if not found:
        return Said(())
    ids = tuple(key for claim in found[:_MOST] for key in claim.evidence)
    return Said((say("claims_here", asked.language), _lines(report, found, asked)), ids)


def names_margin(asked: Asked) -> bool:
    """Whether a margin notice is what was asked about."""
    return _MARGIN.search(asked.text) is not None


def _failed(report: Report) -> list[Claim]:
    return [c for c in report.claims if c.verdict in ("contradicted", "too_late")]


def _lines(report: Report, failed: Sequence[Claim], asked: Asked) -> str:
    return "\n".join(_line(report, claim, asked) for claim in failed[:_MOST])


def _line(report: Report, claim: Claim, asked: Asked) -> str:
    """The quoted words, the verdict on them, and the measurement that decided it."""
    items = [item for key in claim.evidence if (item := report.find(key)) is not None]
    measured = "; ".join(
        f"{escape(told_in(item.said, asked.language))}: {value_of(item)}" for item in items
    )
    words = clean(claim.text, _QUOTE).replace("\u201c", "\u2018").replace("\u201d", "\u2019")
    told = f"\u201c{escape(words)}\u201d ({escape(clean(claim.source, 80))})"
    verdict = say("too_late" if claim.verdict == "too_late" else "contradicted", asked.language)
    shown = f"{verdict}: {measured}" if measured else verdict
    return f"- {told}: {shown}{cite(report, claim.evidence)}"
