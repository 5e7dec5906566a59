"""From a verified report to the document tree of a briefing.

Every sentence is filled from slots, checked by the narrative's gate, and only then chosen for the
length asked for; what fails the gate is never a candidate.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, NamedTuple

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
from causemap.briefing.voice import VOICES, House, Voice, book_of, voice_of
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


# A point in the words of each voice: the built-in ones in their order, then a house style.
_Row = tuple[_Candidate, ...]


class _Chosen(NamedTuple):
    """The points to be told, and the form of each."""

    rows: list[_Row]
    taken: Fit

    def words(self, voice: int) -> int:
        """How many words that makes in a voice."""
        return sum(count(said.text) for _, said in self.said(voice))

    def said(self, voice: int) -> tuple[tuple[PartKey, Said], ...]:
        """The sentences in a voice."""
        return tuple(
            (row[voice].point.part, row[voice].forms[form])
            for row, form in zip(self.rows, self.taken.forms, strict=True)
            if form is not None
        )


def _choose(
    every: Sequence[Point], voice: Voice, ground: Ground, order: Order
) -> tuple[tuple[PartKey, Said], ...]:
    """The forms to be said, chosen by the words of the built-in voices alone.

    So a voice never changes facts: where the longer words of one would make too much of what fits
    in another, all of them tell the less.
    """
    seed, limit = ground.as_of, order.words * (1 + TOLERANCE)
    voices = [voice_of(name, order.language) for name in VOICES]
    spoken = VOICES.index(order.voice) if order.house is None else len(VOICES)
    voices += [voice] if order.house is not None else []
    rows = [tuple(_passed(p, one, ground, seed) for one in voices) for p in every]
    rows = [row for row in rows if row[0].forms and len({len(c.forms) for c in row}) == 1]
    chosen = _fitted(rows, order.words, 1)
    if any(chosen.words(k) > limit for k in range(len(VOICES))):
        chosen = _fitted(rows, order.words, len(VOICES))
    made = chosen.words(spoken)
    if order.house is not None and made > limit and made > chosen.taken.words:
        raise UsageError(
            f"The house style makes {made} words of {order.words}; shorten its phrases."
        )
    return chosen.said(spoken)


def _fitted(rows: list[_Row], words: int, voices: int) -> _Chosen:
    """The forms that fit in the first so many voices, each told once.

    What another chosen sentence says too is left out.
    """
    taken = fit([_choice(row[:voices], words) for row in rows], words)
    ids = [row[0].point.id for row in rows]
    told = {key for key, form in zip(ids, taken.forms, strict=True) if form is not None}
    twice = {row[0].point.id for row in rows if {row[0].point.id, row[0].point.told_by} <= told}
    if not twice:
        return _Chosen(rows, taken)
    kept = [row for row in rows if row[0].point.id not in twice]
    tellers = {row[0].point.told_by for row in rows if row[0].point.id in twice}
    choices = [
        replace(choice, required=choice.required or row[0].point.id in tellers)
        for row in kept
        for choice in (_choice(row[:voices], words),)
    ]
    return _Chosen(kept, fit(choices, words))


def _choice(row: _Row, budget: int) -> Choice:
    """A point as a choice, each form as long as in the voice that takes most words for it."""
    point = row[0].point
    forms = zip(*(candidate.forms for candidate in row), strict=True)
    lengths = tuple(max(count(said.text) for said in form) for form in forms)
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
