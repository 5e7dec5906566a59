"""Corrections: where later data break a claim that was printed, and the corrected wording."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from causemap.briefing.compose import next_close_of
from causemap.briefing.ground import Ground, faults, ground_of
from causemap.briefing.tree import Issue, Said
from causemap.llm.slots import SlotError
from causemap.records import Report


@dataclass(frozen=True, slots=True)
class Candidate:
    """A printed sentence that later data change; ``now`` is empty where nothing bears it out."""

    claim: str
    was: str
    now: str


def candidates(issue: Issue, report: Report) -> tuple[Candidate, ...]:
    """Sentences of ``issue`` that ``report`` (the same question on later data) no longer bears out.

    Each is filled again from the new run: where a figure, a direction or a date prints
    differently, or the evidence is gone, the claim is a candidate for a correction.
    """
    return tuple(_changed(issue, ground_of(report, (), next_close_of(report), issue.language)))


def _changed(issue: Issue, ground: Ground) -> Iterator[Candidate]:
    for said in issue.said:
        # What rests on no evidence says something of the run itself, not of the world.
        if said.evidence and said.template:
            now = _again(said, ground)
            if now != said.text:
                yield Candidate(said.claim, said.text, now)


def _again(said: Said, ground: Ground) -> str:
    try:
        text = ground.tongue.fill(said.template, ground.ledger)
    except SlotError:
        return ""
    held = tuple(key for key in said.evidence if key in ground.evidence)
    again = replace(said, text=text, evidence=held)
    return "" if not held or faults(again, ground) else text


def corrected(issue: Issue, candidate: Candidate) -> Issue:
    """The issue with the corrected sentence; one that nothing bears out is taken out."""
    parts = tuple(
        replace(
            part,
            said=tuple(
                replace(s, text=candidate.now) if s.claim == candidate.claim else s
                for s in part.said
                if s.claim != candidate.claim or candidate.now
            ),
        )
        for part in issue.parts
    )
    return replace(issue, parts=parts)
