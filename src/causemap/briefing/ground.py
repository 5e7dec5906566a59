"""The ground a briefing stands on: what its slots are filled from and what it may say.

Both come from the report alone. The gate of the narrative (:mod:`causemap.agents.verifier`) is run
again on every finished sentence, with the words of dated notes and of changes allowed as quotes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from causemap.agents.allowance import Allowed, Lack, Moment, allow
from causemap.agents.lack_zh import check_lacks
from causemap.agents.story import Story, ledger_of
from causemap.agents.verifier import check_citations, check_sentence
from causemap.briefing.lacks import plain_differs, plain_lack
from causemap.briefing.news import outlet_of, summary_of, told_notes
from causemap.briefing.phrased import renamed
from causemap.briefing.told_verdicts import short_reason
from causemap.briefing.tongue import Tongue, tongue_of
from causemap.briefing.tree import Language, Said
from causemap.llm.slots import Ledger, SlotError
from causemap.records import Evidence, Gap, Report
from causemap.reporting.diff import Change

_QUOTE: Final = 280


@dataclass(frozen=True, slots=True)
class Ground:
    """The story of a run, the ledger of its slots, and what may be said beside evidence."""

    story: Story
    ledger: Ledger
    allowed: Allowed
    as_of: str
    tongue: Tongue
    language: Language

    @property
    def evidence(self) -> Mapping[str, Evidence]:
        """The run's evidence by id."""
        return self.story.evidence


def ground_of(
    report: Report, changes: Sequence[Change], next_close: str, language: Language = "en"
) -> Ground:
    """Everything a briefing on ``report`` may be written from."""
    dossier = report.dossier()
    evidence = {item.id: item for item in report.evidence}
    story = Story(
        dossier,
        report.verdict,
        report.verdicts,
        report.cause_map,
        report.scenarios,
        report.analogues,
        evidence,
    )
    words = {f"q:change:{change.key}": change.text for change in changes}
    words |= {f"q:{group}.short": short_reason(v.reason) for group, v in report.verdicts}
    words |= _lacks(report)
    moments = {"w:as_of": report.scope.as_of} | ({"w:next": next_close} if next_close else {})
    for note in told_notes(report):
        words[f"q:note.{note.id}"] = summary_of(note, _QUOTE)
        words[f"q:note.{note.id}.who"] = outlet_of(note)
        moments[f"t:note.{note.id}"] = note.published
    for place, one in enumerate(report.ahead):
        words[f"q:ahead.{place}"] = one.what
        moments[f"t:ahead.{place}"] = one.day
    for place, past in enumerate(report.analogues):
        words[f"q:past.{place}.differs"] = plain_differs(past.differs)
    ledger = ledger_of(story)
    ledger = replace(ledger, texts={**ledger.texts, **words}, moments={**ledger.moments, **moments})
    allowed = allow(
        dossier,
        report.verdict,
        report.verdicts,
        report.cause_map,
        scenarios=report.scenarios,
        analogues=report.analogues,
    )
    more = tuple(Moment("", moment) for moment in moments.values())
    allowed = replace(
        allowed,
        moments=(*allowed.moments, *more),
        quoted=(*allowed.quoted, *words.values()),
        # Briefings tell the reasons without the codes of series.
        lacks=tuple(_plainly(lack, report.gaps) for lack in allowed.lacks),
    )
    return Ground(story, ledger, allowed, report.scope.as_of, tongue_of(language), language)


def _plainly(lack: Lack, gaps: Sequence[Gap]) -> Lack:
    return lack._replace(
        whys=(*lack.whys, *(plain_lack(gap) for gap in gaps if gap.what == lack.what))
    )


def _lacks(report: Report) -> dict[str, str]:
    """Why each gap is one, with a series' plain name, or none, before what is said of it."""
    return {f"q:gap.{k}.why": plain_lack(gap) for k, gap in enumerate(report.gaps)}


def faults(said: Said, ground: Ground) -> tuple[str, ...]:
    """Why a sentence may not stand, given the evidence it cites; empty when it may.

    English is read back by the narrative's gate. For Chinese there is no such reader: there the
    figures must be exactly those that the sentence's own template prints from this run, and what
    is told of gaps must be theirs.
    """
    text, evidence = said.text, said.evidence
    held = dict(ground.evidence)
    problems = check_citations(evidence, held, ground.as_of)
    if ground.language == "zh":
        wrong = () if _figures(text) == _printed(said, ground) else ("number: not the run's own",)
        gap = said.claim.startswith("gap")
        lacks = check_lacks(text, ground.allowed.lacks, cited=bool(evidence), named=gap)
        # What a sentence of another claim prints has names of its own.
        return (*(f"{p.kind}: {p.detail}" for p in problems), *wrong, *(lacks if gap else ()))
    cited = [held[key] for key in evidence if key in held]
    # A share is told in a phrase of its own, which stands for the measure's name.
    problems += check_sentence(text, [*cited, *renamed(cited)], ground.allowed)
    return tuple(f"{p.kind}: {p.detail}" for p in problems)


def _printed(said: Said, ground: Ground) -> tuple[str, ...] | None:
    try:
        return _figures(ground.tongue.fill(said.template, ground.ledger))
    except SlotError:
        return None


def _figures(text: str) -> tuple[str, ...]:
    return tuple(sorted(re.findall(r"[+\u2212-]?\d[\d.,]*", text)))
