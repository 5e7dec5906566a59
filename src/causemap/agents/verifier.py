"""The grounding gate: finished text against the evidence it cites, failing closed.

Works on final text only and shares no code with the writer of that text beyond the table of asset
names. Every numeral must be read as one of: a number of a cited item (value, sign implied by the
verb, unit, within half of the last printed digit), a probability or share of the verdict, a date
of a cited item or of the run, a horizon or tenor that belongs to the item, or words the engine
wrote. What cannot be read so is a problem, and one problem drops the sentence.

A number belongs to its *subject*: the last asset, quoted measure or cause named before it (the
first after it where none stands before). Binding to any number of the pool would let about half of
made-up figures pass; binding to one item lets about two in a hundred pass.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Final

from causemap.agents.allowance import Allowed, Moment
from causemap.agents.binding import (
    Case,
    Problem,
    items_of,
    lasts,
    owners,
    parts,
    quantities,
    scale,
    subject_of,
    turn_of,
)
from causemap.agents.lack import check_lacks
from causemap.agents.manner import check_manner
from causemap.agents.reading import Date, Horizon, Number, Subject, Turn, assets_named, read
from causemap.agents.vocabulary import ADVICE_RE, BANDS, OVERCLAIM_RE
from causemap.records import Evidence, Narrative, Sentence

_FLAT_LIMIT: Final = {"%": 0.05, "bp": 0.5, "bp_8h": 0.005, "corr": 0.005, "ratio": 0.005}


def verify(
    narrative: Narrative, evidence: Sequence[Evidence], as_of: str, allowed: Allowed | None = None
) -> Narrative:
    """Drop the sentences that fail and list each of them with its reasons.

    ``as_of`` is an ISO time: an item available later may not be cited. Already dropped sentences
    stay listed.
    """
    ledger = {item.id: item for item in evidence}
    kept: list[Sentence] = []
    dropped = list(narrative.dropped)
    for sentence in narrative.sentences:
        problems = check_citations(sentence.evidence, ledger, as_of)
        cited = [ledger[key] for key in sentence.evidence if key in ledger]
        problems += check_sentence(sentence.text, cited, allowed or Allowed())
        if problems:
            reasons = "; ".join(f"{p.kind}: {p.detail}" for p in problems)
            dropped.append(f"{sentence.section}: {sentence.text} [{reasons}]")
        else:
            kept.append(sentence)
    return Narrative(tuple(kept), tuple(dropped))


def check_citations(
    ids: Iterable[str], ledger: dict[str, Evidence], as_of: str
) -> tuple[Problem, ...]:
    """Ids that this run does not hold, and items that became available after ``as_of``."""
    found: list[Problem] = []
    for key in ids:
        if key not in ledger:
            found.append(Problem("unknown_id", f"no evidence {key!r} in this run"))
        elif not _known_by(ledger[key].available_at, as_of):
            found.append(Problem("future", f"{key} became available {ledger[key].available_at}"))
    return tuple(found)


def _known_by(available: str, as_of: str) -> bool:
    try:
        return _instant(available) <= _instant(as_of)
    except ValueError:
        return False


def _instant(moment: str) -> datetime:
    # A bare date is known only when that day is over.
    full = f"{moment}T23:59:59+00:00" if len(moment) == 10 else moment
    when = datetime.fromisoformat(full)
    if when.tzinfo is None:
        raise ValueError(f"{moment!r} has no time zone")
    return when


def check_sentence(
    text: str, cited: Sequence[Evidence], allowed: Allowed | None = None
) -> tuple[Problem, ...]:
    """Say what is wrong with ``text`` given the items it cites; empty when all is bound."""
    allowance = allowed or Allowed()
    case = Case(read(text, cited, allowance.quoted), tuple(cited), allowance)
    reading = case.reading
    return (
        *(Problem("number", f"{word!r} belongs to nothing") for word in reading.loose),
        *_style_problems(text),
        *_asset_problems(case),
        *check_lacks(case),
        *(p for number in reading.numbers if (p := _check_number(number, case))),
        *(p for turn in reading.turns if (p := _check_turn(turn, case))),
        *(p for day in reading.dates if (p := _check_date(day, case))),
        *(p for length in reading.horizons if (p := _check_horizon(length, case))),
        *(p for at, word in reading.bands if (p := _check_band(at, word, case))),
        *check_manner(case),
    )


def _style_problems(text: str) -> Iterator[Problem]:
    for match in OVERCLAIM_RE.finditer(text):
        yield Problem("overclaim", match.group(0))
    for match in ADVICE_RE.finditer(text):
        yield Problem("advice", match.group(0))


def _asset_problems(case: Case) -> Iterator[Problem]:
    """Assets named in a sentence that cites only items about other assets."""
    if not case.cited:
        return
    known = {part for item in case.cited for part in parts(item)}
    known |= {asset for item in case.cited for asset in assets_named(item.said)}
    for subject in case.reading.subjects:
        if subject.kind == "asset" and subject.key not in known:
            yield Problem("asset", f"nothing cited is about {subject.key}")


def _check_number(number: Number, case: Case) -> Problem | None:
    subject = subject_of(number.start, case)
    printed = case.reading.text[number.start : number.end]
    if subject is None:
        return Problem("number", f"{printed!r} is said of nothing")
    figures = tuple(_figures(number, subject, case))
    if not figures:
        return Problem("unit", f"{subject.key} has no figure to print as {printed!r}")
    turn = turn_of(number, case)
    if turn is not None and turn.sign and number.signed:
        return Problem("sign", f"{printed!r} carries a sign beside a verb of direction")
    shown = number.value * (turn.sign if turn is not None and turn.sign else 1)
    if any(abs(shown - figure) <= number.half * 1.000001 + 1e-9 for figure in figures):
        return None
    if any(abs(abs(shown) - abs(figure)) <= number.half * 1.000001 for figure in figures):
        return Problem("sign", f"{printed!r} has the wrong sign for {subject.key}")
    return Problem("number", f"{printed!r} is no figure of {subject.key}")


def _figures(number: Number, subject: Subject, case: Case) -> Iterator[float]:
    """List the figures of the subject that a number of this unit and role may print."""
    if subject.kind in ("cause", "residual"):
        yield from _verdict_figures(number, subject, case)
        return
    for item in owners(number, subject, case):
        if number.unit == "z" and item.z is not None and number.role == "value":
            yield item.z
        if number.role == "n" and item.n is not None:
            yield float(item.n)
        factor = scale(number.unit, item)
        if factor is None or number.role == "n":
            continue
        value = {"value": item.value, "low": item.low, "high": item.high}[number.role]
        if value is not None:
            yield value * factor


def _verdict_figures(number: Number, subject: Subject, case: Case) -> Iterator[float]:
    if number.unit != "%":
        return
    between = case.reading.text[min(subject.end, number.end) : max(subject.end, number.end) + 24]
    share = subject.kind == "residual" or re.search(r"share|explain|account|carr", between)
    kind = "share" if share else "probability"
    for quantity in quantities(subject, number.start, case):
        if quantity.kind == kind:
            value = {"value": quantity.value, "low": quantity.low, "high": quantity.high}
            found = value.get(number.role)
            if found is not None:
                yield found * 100.0


def _check_turn(turn: Turn, case: Case) -> Problem | None:
    """Check that a word of direction with no number of its own agrees with its subject."""
    if any(turn_of(number, case) == turn for number in case.reading.numbers):
        return None
    word = case.reading.text[turn.start : turn.end]
    subject = subject_of(turn.start, case)
    named = subject is not None and subject.start < turn.start
    if named and any(_moves(item, turn.sign) for item in items_of(subject, case)):
        return None
    return Problem("sign", f"nothing cited bears out {word!r}")


def _moves(item: Evidence, sign: int) -> bool:
    if sign == 0:
        return abs(item.value) <= _FLAT_LIMIT.get(item.unit, 0.05) + 1e-9
    return item.value * sign > 0


def _check_date(day: Date, case: Case) -> Problem | None:
    subject = subject_of(day.start, case)
    printed = case.reading.text[day.start : day.end]
    moments = [at for item in items_of(subject, case) for at in _item_moments(item, day.role)]
    moments += [m.at for m in case.allowed.moments if _may_say(m, day, subject, case)]
    if any(_same_day(day, moment) for moment in moments):
        return None
    return Problem("date", f"{printed!r} is no date of what is said there")


def _item_moments(item: Evidence, role: str) -> tuple[str, ...]:
    if role == "start":
        return (item.start,)
    # A change ends with its last value, be that one of a day before the window's end.
    ends = item.metric != "change" and role == "end"
    return (item.end,) if ends else (item.observed_at, item.end)


def _may_say(moment: Moment, day: Date, subject: Subject | None, case: Case) -> bool:
    text = case.reading.text.lower()
    if moment.side != "any" and day.role not in (moment.side, "on"):
        return False
    if moment.words:
        return moment.words.lower() in text and moment.topic in text
    return subject is None or subject.kind in ("cause", "residual")


def _same_day(day: Date, moment: str) -> bool:
    when = date.fromisoformat(moment[:10])
    parts = ((day.year, when.year), (day.month, when.month), (day.day, when.day))
    if any(said is not None and said != true for said, true in parts):
        return False
    return day.clock is None or (len(moment) > 10 and moment[11:16] == day.clock)


def _check_horizon(length: Horizon, case: Case) -> Problem | None:
    items = items_of(subject_of(length.start, case), case)
    if any(lasts(item, length) for item in items):
        return None
    printed = case.reading.text[length.start : length.end]
    return Problem("window", f"nothing cited there is measured over {printed!r}")


def _check_band(at: int, word: str, case: Case) -> Problem | None:
    subject = subject_of(at, case)
    if subject is None or subject.kind != "cause":
        return Problem("hedge", f"{word!r} hedges no cause")
    low, high = BANDS[word]
    found = [q.value for q in quantities(subject, at, case) if q.kind == "probability"]
    if any(low <= round(value * 100) / 100 < high for value in found):
        return None
    return Problem("hedge", f"{word!r} does not fit the probability of {subject.key}")
