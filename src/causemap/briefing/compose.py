"""From a verified report to the document tree of a briefing.

Every sentence is filled from slots, checked by the narrative's gate, and only then chosen for the
length asked for; what fails the gate is never a candidate.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from causemap.briefing.clock import Market, next_close
from causemap.briefing.fit import TOLERANCE, Choice, Fit, fit
from causemap.briefing.ground import Ground, faults, ground_of
from causemap.briefing.headline import headlines, preheaders
from causemap.briefing.lint import advice, banned
from causemap.briefing.pictures import pictures
from causemap.briefing.point import Point
from causemap.briefing.points import points
from causemap.briefing.sources import Cited, number_sources
from causemap.briefing.tree import LENGTHS, PARTS, Issue, Language, Part, PartKey, Said, count
from causemap.briefing.voice import House, Voice, book_of, voice_of
from causemap.errors import UsageError
from causemap.llm.slots import SlotError, cited
from causemap.records import Report
from causemap.reporting.diff import compare

SHORTEST: Final = 60
LONGEST: Final = 1_500
# From this many words on every part that the run has something for is told.
EVERY_PART: Final = 100


@dataclass(frozen=True, slots=True)
class Order:
    """How an issue is to be written."""

    words: int = LENGTHS["daily"]
    voice: str = "wire"
    language: Language = "en"
    house: House | None = None
    charts: bool = True
    run: str = ""


def length_of(text: str) -> int:
    """Words for ``flash``, ``daily``, ``deep`` or a number; raises :class:`UsageError`."""
    words = LENGTHS.get(text, int(text) if text.isdecimal() else 0)
    if not SHORTEST <= words <= LONGEST:
        raise UsageError(
            f"A briefing is {', '.join(LENGTHS)} or {SHORTEST} to {LONGEST} words long, "
            f"not {text!r:.40}."
        )
    return words


def brief(report: Report, order: Order, previous: Report | None = None) -> Issue:
    """Write an issue on ``report``; ``previous`` is the report of the last issue, if there is one.

    Raises :class:`UsageError` when the voice cannot keep to the length.
    """
    changes = () if previous is None else compare(previous, report)
    close = next_close_of(report)
    ground = ground_of(report, changes, close, order.language)
    voice = voice_of(_base(order), order.language, order.house)
    every = points(report, ground.story, changes, close, ground.tongue)
    chosen = _choose(every, voice, ground, order)
    sources = number_sources(report, chosen, order.language)
    drawn = pictures(report, order.language) if order.charts else ()
    empty = _empty(voice, {point.part for point in every}, compared=previous is not None)
    options = headlines(report, order.language)
    issue = Issue(
        headline=options[0],
        preheader=preheaders(report, order.language)[0],
        headlines=options,
        date=report.scope.end,
        as_of=report.scope.as_of,
        parts=tuple(_part(key, chosen, sources.numbers, voice, empty) for key in PARTS),
        sources=sources.sources,
        disclosures=(
            *_disclosures(report, voice, tuple(n for p in drawn for n in p.withheld)),
            *_terms(chosen, voice),
        ),
        labels=tuple(voice.labels.items()),
        pictures=drawn,
        length=order.words,
        voice=order.voice,
        language=order.language,
        run=order.run,
        byline=voice.byline,
    )
    _clean_of_faults(issue, voice)
    return issue


def _empty(voice: Voice, held: Collection[PartKey], *, compared: bool) -> dict[str, str]:
    """What stands in a part without a sentence: that the run has nothing, or that it was cut."""
    lines = dict(voice.empty) | dict.fromkeys(held, voice.empty["left_out"])
    if compared and "changed" not in held:
        lines["changed"] = voice.empty["changed_same"]
    return lines


def next_close_of(report: Report) -> str:
    """The date of the first close after the report's as-of time, on the market it is about."""
    after = datetime.fromisoformat(report.scope.as_of)
    market: Market = "XNYS" if set(report.scope.groups) - {"crypto"} else "24/7"
    return next_close(market, after).isoformat()


def _base(order: Order) -> str:
    return order.house.base if order.house is not None else order.voice


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A point with its forms that passed the gate."""

    point: Point
    forms: tuple[Said, ...]


_Pair = tuple[_Candidate, _Candidate]


def _choose(
    every: Sequence[Point], voice: Voice, ground: Ground, order: Order
) -> tuple[tuple[PartKey, Said], ...]:
    """The forms to be said, chosen on the plain wire words so that a voice never changes facts."""
    seed = ground.as_of
    reference = voice_of("wire", order.language)
    pairs = [(_passed(p, reference, ground, seed), _passed(p, voice, ground, seed)) for p in every]
    pairs = [(a, b) for a, b in pairs if a.forms and len(a.forms) == len(b.forms)]
    pairs, taken = _fitted(pairs, order.words)
    chosen = [
        (spoken.point.part, spoken.forms[form])
        for (_, spoken), form in zip(pairs, taken.forms, strict=True)
        if form is not None
    ]
    made = sum(count(said.text) for _, said in chosen)
    if made > order.words * (1 + TOLERANCE) and made > taken.words:
        raise UsageError(
            f"The house style makes {made} words of {order.words}; shorten its phrases."
        )
    return tuple(chosen)


def _fitted(pairs: list[_Pair], words: int) -> tuple[list[_Pair], Fit]:
    """The forms chosen for the length; what another chosen sentence says too is left out."""
    taken = fit([_choice(a, words) for a, _ in pairs], words)
    ids = [a.point.id for a, _ in pairs]
    told = {key for key, form in zip(ids, taken.forms, strict=True) if form is not None}
    twice = {a.point.id for a, _ in pairs if a.point.id in told and a.point.told_by in told}
    if not twice:
        return pairs, taken
    kept = [pair for pair in pairs if pair[0].point.id not in twice]
    tellers = {a.point.told_by for a, _ in pairs if a.point.id in twice}
    choices = [
        replace(choice, required=choice.required or a.point.id in tellers)
        for a, _ in kept
        for choice in (_choice(a, words),)
    ]
    return kept, fit(choices, words)


def _choice(candidate: _Candidate, budget: int) -> Choice:
    point = candidate.point
    lengths = tuple(count(said.text) for said in candidate.forms)
    # In a short text every part still gets its first sentence; only the shortest do without.
    required = point.required and (budget >= EVERY_PART or point.part in ("happened", "why"))
    return Choice(point.weight, lengths, required, point.fuller)


def _passed(point: Point, voice: Voice, ground: Ground, seed: str) -> _Candidate:
    said = (_said(point, template, ground) for template in voice.forms(point, seed))
    return _Candidate(point, tuple(s for s in said if s is not None))


def _said(point: Point, template: str, ground: Ground) -> Said | None:
    """The sentence, or ``None`` if a slot is empty or the gate finds fault."""
    try:
        text = ground.tongue.fill(template, ground.ledger)
    except SlotError:
        return None
    held = ground.evidence
    ids = tuple(dict.fromkeys([*cited(template), *(key for key in point.evidence if key in held)]))
    said = Said(point.id, text, template, ids, topic=point.topic)
    return None if faults(said, ground) else said


def _part(
    key: PartKey,
    chosen: Sequence[tuple[PartKey, Said]],
    numbers: Cited,
    voice: Voice,
    empty: dict[str, str],
) -> Part:
    said = tuple(replace(s, sources=numbers(s)) for part, s in chosen if part == key)
    return Part(key, voice.labels[key], said, empty[key])


def _terms(chosen: Sequence[tuple[PartKey, Said]], voice: Voice) -> tuple[str, ...]:
    """What the terms of art mean that this very text uses."""
    text = " ".join(said.text for _, said in chosen)
    words: Mapping[str, str] = book_of(voice.language)["terms"]
    return tuple(voice.disclosures[key] for key, word in words.items() if word in text)


def _disclosures(report: Report, voice: Voice, withheld: tuple[str, ...]) -> tuple[str, ...]:
    said = voice.disclosures
    wrote = "ai" if report.model is None else "ai_model"
    lines = [said["advice"], said[wrote], said["delay"]]
    if voice.conflicts:
        lines.append(said["conflicts"].replace("<conflicts>", voice.conflicts))
    if withheld:
        names = ", ".join(dict.fromkeys(withheld))
        lines.append(said["republish"].replace("<series>", names))
    return tuple(lines)


def _clean_of_faults(issue: Issue, voice: Voice) -> None:
    for said in issue.said:
        for fault in (*advice(said.text), *banned(said.text, voice.banned)):
            raise UsageError(
                f"The briefing would say {fault.words!r:.60} ({fault.kind}) in {said.claim}; "
                "change the house style's phrase or its list of banned words."
            )
