"""How a bound figure is said: of what doer, as a level or a move, over what time, denied or not.

A figure may be the right one and its sentence false all the same: "the VIX rose to 4.9" of a change
of 4.9 points, "lost 2.4% a day" of a week, "never lost 2.4%", "investors lost 2.4% in the S&P 500".
These rules read the words around a figure; what they cannot rule out they refuse.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from causemap.agents.binding import Case, Problem, items_of, prints, sentence_bounds, subject_of
from causemap.agents.binding import turn_of as governing
from causemap.agents.clauses import is_move
from causemap.agents.manner_words import (
    BREAK_RE,
    CHANGE_BEHIND_RE,
    CHANGE_OF_RE,
    DENIAL_RE,
    DISOWNED_RE,
    DOER_RE,
    JOIN_RE,
    LENGTHS,
    LEVEL_AT_RE,
    LEVEL_VERB_RE,
    MONTH_RE,
    PERIOD_RE,
    VERB_RE,
    WEEKDAY_RE,
    WEEKDAYS,
)
from causemap.agents.reading import Number, Subject, Turn
from causemap.agents.vocabulary import MONTHS_SHORT
from causemap.records import Evidence
from causemap.words import is_change, unit_of


def check_manner(case: Case) -> Iterator[Problem]:
    """What is wrong with how the figures and turns of a text are said."""
    said = case.reading
    for number in said.numbers:
        if number.role == "value" and (word := _level_word(number, case)):
            yield Problem("level", f"{word!r} tells a level, the figure is that of a change")
    free = [t for t in said.turns if all(governing(n, case) != t for n in said.numbers)]
    printed: list[Number | Turn] = [*said.numbers, *free]
    for one in printed:
        if word := _denial(one, case):
            yield Problem("denial", f"{word!r} denies what is printed")
    for turn in said.turns:
        if word := _other_doer(turn, case):
            yield Problem("asset", f"{word!r} is another doer than what was measured")
    yield from _period_problems(case)


def _clause(at: int, case: Case, breaks: bool = True) -> str:
    """The words from the start of the clause to ``at``, with what was read of them blanked."""
    left, _ = sentence_bounds(at, case.reading.rest)
    words = case.reading.rest[left:at]
    marks = [m.end() for m in BREAK_RE.finditer(words)]
    if not breaks:
        marks += [m.end() for m in JOIN_RE.finditer(words)]
    return words[max(marks, default=0) :]


# --- level and move -----------------------------------------------------------------------------


def _level_word(number: Number, case: Case) -> str:
    """The word that makes a level of a number that is a move; '' where there is none."""
    subject = subject_of(number.start, case)
    # A sign makes a change of a figure wherever it stands: levels carry none.
    if number.signed or subject is None or not _only_moves(number, subject, case):
        return ""
    left, _ = sentence_bounds(number.start, case.reading.rest)
    read: list[Number | Subject | Turn] = [*case.reading.numbers, *case.reading.subjects]
    before = [one.end for one in (*read, *case.reading.turns)]
    since = max((end for end in before if left <= end < number.start), default=left)
    words = case.reading.rest[since : number.start]
    behind = governing(number, case)
    if behind is None and _named_as_change(subject, number, case):
        return ""
    found = LEVEL_AT_RE.search(words)
    if found is None and (behind is None or behind.end < number.start):
        found = LEVEL_VERB_RE.search(words)
    return found.group(0).strip() if found else ""


def _named_as_change(subject: Subject, number: Number, case: Case) -> bool:
    """Whether it is the change that is said to stand somewhere: "the S&P 500's fall came to"."""
    left, _ = sentence_bounds(number.start, case.reading.rest)
    rest = case.reading.rest
    before, after = rest[left : subject.start], rest[subject.end : number.start]
    return bool(CHANGE_OF_RE.search(before) or CHANGE_BEHIND_RE.match(after))


def _only_moves(number: Number, subject: Subject, case: Case) -> bool:
    """Whether the figures of the subject that this number prints are moves, none of them a level.

    A measure named by its own words ("the largest rise") may stand at its value; an asset may not
    stand at its change.
    """
    found = [item for item in items_of(subject, case) if prints(number, item)]
    if subject.kind == "item":
        return bool(found) and all(is_move(item) for item in found)
    return bool(found) and all(_relative(item) for item in found)


def _relative(item: Evidence) -> bool:
    part = item.metric.endswith("_part") or "residual" in item.metric
    return unit_of(item) in ("%", "pp", "points") or is_change(item) or part


# --- denial and doer ----------------------------------------------------------------------------


def _denial(one: Number | Turn, case: Case) -> str:
    left, right = sentence_bounds(one.start, case.reading.rest)
    found = DENIAL_RE.search(_clause(one.start, case)) or DISOWNED_RE.search(
        case.reading.rest[left:right]
    )
    return found.group(0) if found else ""


def _other_doer(turn: Turn, case: Case) -> str:
    """Who a verb is said of where that is none of the things named."""
    word = case.reading.text[turn.start : turn.end]
    if not VERB_RE.fullmatch(word):
        return ""
    if found := DOER_RE.search(_clause(turn.start, case, breaks=False)):
        return found.group(0)
    subject = subject_of(turn.start, case)
    return word if subject is not None and subject.start > turn.start else ""


# --- time ---------------------------------------------------------------------------------------


def _period_problems(case: Case) -> Iterator[Problem]:
    """Lengths and times said in words, held against what is printed there."""
    rest = case.reading.rest
    for match in PERIOD_RE.finditer(rest):
        if not any(spans(i, match.lastgroup or "") for i in _told(match.start(), case)):
            yield _window(match.group(0))
    for match in MONTH_RE.finditer(rest):
        month = MONTHS_SHORT.index(match.group("month")[:3].title()) + 1
        if not any(_in_month(i, month) for i in _told(match.start(), case)):
            yield _window(match.group(0))
    for match in WEEKDAY_RE.finditer(rest):
        day = WEEKDAYS.index(match.group("day")[:3].lower())
        side = match.group("side").lower()
        if not any(_on_weekday(i, day, side) for i in _told(match.start(), case)):
            yield _window(match.group(0))


def _window(words: str) -> Problem:
    return Problem("window", f"nothing cited there is measured over {words.strip()!r}")


def _told(at: int, case: Case) -> list[Evidence]:
    """The items whose figures are told of the subject at ``at``; all of them without a figure."""
    subject = subject_of(at, case)
    items = items_of(subject, case) or case.cited
    left, right = sentence_bounds(at, case.reading.rest)
    here = [n for n in case.reading.numbers if left <= n.start < right]
    printed = [i for i in items if any(prints(n, i) for n in here)]
    return printed or list(items)


def spans(item: Evidence, length: str) -> bool:
    """Whether an item is measured over a day, week, month, quarter or year (``LENGTHS``)."""
    if length == "weekend":
        return "weekend" in item.metric
    start, end = date.fromisoformat(item.start[:10]), date.fromisoformat(item.end[:10])
    days = (end - start).days
    low, high, least, most = LENGTHS[length]
    sessions = sum((start + timedelta(days=k + 1)).weekday() < 5 for k in range(days))
    return low <= days <= high or least <= sessions <= most


def _in_month(item: Evidence, month: int) -> bool:
    """Whether all moves of an item fall into a month: they begin the day after its start close."""
    start, end = date.fromisoformat(item.start[:10]), date.fromisoformat(item.end[:10])
    first = min(start + timedelta(days=1), end)
    return first.month == end.month == month and (end - first).days < 31


def _on_weekday(item: Evidence, day: int, side: str) -> bool:
    start, end = date.fromisoformat(item.start[:10]), date.fromisoformat(item.end[:10])
    if side in ("since", "from"):
        return start.weekday() == day
    if side in ("by", "to", "until", "till", "through"):
        return end.weekday() == day
    return end.weekday() == day and spans(item, "day")
