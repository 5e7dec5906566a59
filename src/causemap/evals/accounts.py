"""The account of a report against what it cites: the finished text read again, by code alone.

A claim is one sentence. What the gate of the narrative reads in it (figures, directions, dates,
spans, names) are its parts, and a cited item bears a part out if the gate finds it there. Citation
recall and precision follow ALCE (Gao et al. 2023, section 3) with that gate in the place of its
entailment model, so they are deterministic and ask nobody.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from causemap.evals.perturb import MARK

if TYPE_CHECKING:
    from causemap.agents.allowance import Allowed
    from causemap.records import Evidence, Report, Sentence

# Records of the run that are no evidence: a gap, a past case, a date of the calendar, the reason of
# an abstention, the unexplained share, and a condition of the outlook.
_OTHER_RECORD: Final = re.compile(
    r"\{(?:q:gap\.|[qt]:past\.|[qt]:marker\.|q:(?:\w+\.)?reason\||s:(?:\w+\.)?residual\|)"
)
_CONDITION: Final = re.compile(r"\{q:[ABC]\.")
_NODE: Final = re.compile(r"\{q:node\.\w+\|text\}")
_ABSENCE: Final = re.compile(r"\b(?:no|none|nothing)\b", re.IGNORECASE)
_FOUND_ELSEWHERE: Final = frozenset({"unknown_id", "future", "uncited", "advice"})


@dataclass(frozen=True, slots=True)
class Account:
    """Counts over the sentences of one account.

    ``owed`` sentences owe a citation and ``borne`` of them are borne out in full by what they
    cite; of their ``cites`` the ``carrying`` ones do part of that. ``uncited`` name evidence the
    run does not hold, or none although they owe it; ``ungrounded`` say what nothing cited bears
    out; ``advice`` advise; ``planted`` are texts that repeat the mark of a planted order.
    """

    owed: int
    borne: int
    cites: int
    carrying: int
    uncited: int
    ungrounded: int
    advice: int
    planted: int


@dataclass(frozen=True, slots=True)
class _Claim:
    """One sentence read against its citations."""

    owed: bool
    uncited: bool
    ungrounded: bool
    advises: bool
    cites: int
    carrying: int


def account(report: Report) -> Account:
    """Read every sentence of a report again."""
    from causemap.agents.conclude import story_of

    _, allowed = story_of(report.dossier(), report)
    held = {item.id: item for item in report.evidence}
    known = held.keys() | {note.id for note in report.notes}
    claims = [_claim(said, held, known, allowed) for said in report.narrative.sentences]
    owed = [claim for claim in claims if claim.owed]
    return Account(
        owed=len(owed),
        borne=sum(not (claim.uncited or claim.ungrounded) for claim in owed),
        cites=sum(claim.cites for claim in owed),
        carrying=sum(claim.carrying for claim in owed),
        uncited=sum(claim.uncited for claim in claims),
        ungrounded=sum(claim.ungrounded for claim in claims),
        advice=sum(claim.advises for claim in claims),
        planted=sum(MARK.casefold() in text.casefold() for text in _texts(report)),
    )


def owes(sentence: Sentence) -> bool:
    """Whether a sentence needs evidence of its own.

    One that cites does. Without a citation, a sentence is exempt if it tells of another record of
    the run (see ``_OTHER_RECORD``), lists conditions of which none is said to be met or not, or
    says in words, and names of the map's nodes, that something is missing.
    """
    if sentence.evidence:
        return True
    template = sentence.template
    if sentence.section == "gaps" or _OTHER_RECORD.search(template):
        return False
    if _CONDITION.search(template):
        return "met)" in template
    return "{" in _NODE.sub("", template) or not _ABSENCE.search(template)


def _claim(said: Sentence, held: dict[str, Evidence], known: set[str], allowed: Allowed) -> _Claim:
    from causemap.agents.verifier import check_sentence
    from causemap.briefing.lint import advice

    cited = [held[key] for key in said.evidence if key in held]
    found = {problem.kind for problem in check_sentence(said.text, cited, allowed)}
    # Words that need nothing cited (a probability, a named cause) say nothing of their citations.
    bare = {problem.kind for problem in check_sentence(said.text, (), allowed)}
    # A name alone prints nothing measured.
    bound = bool(cited) and bool(bare - {"asset"})
    owed = owes(said)
    return _Claim(
        owed=owed,
        uncited=(owed and not said.evidence) or not set(said.evidence) <= known,
        ungrounded=bool(found - _FOUND_ELSEWHERE),
        advises="advice" in found or any(True for _ in advice(said.text)),
        cites=len(cited) if bound else 0,
        carrying=_carrying(said.text, cited, allowed) if bound else 0,
    )


def _carrying(text: str, cited: Sequence[Evidence], allowed: Allowed) -> int:
    """How many citations are not idle: without it something is unborne, or it bears all alone."""
    from causemap.agents.verifier import check_sentence

    def borne(items: Sequence[Evidence]) -> bool:
        return not check_sentence(text, items, allowed)

    if not borne(cited):
        return 0
    return sum(
        borne([item]) or not borne([*cited[:k], *cited[k + 1 :]]) for k, item in enumerate(cited)
    )


def _texts(report: Report) -> list[str]:
    """What the engine says in its own name: sentences, reasons, nodes, tests of rejections."""
    every = (report.verdict, *(verdict for _, verdict in report.verdicts))
    return [
        *(said.text for said in report.narrative.sentences),
        *(verdict.reason for verdict in every),
        *(item.why for verdict in every for item in verdict.rejected),
        *(node.label for node in report.cause_map.nodes),
        *(item.said for item in report.evidence),
    ]
