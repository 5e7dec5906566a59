"""What a run holds on the words of a question: notes, claims, measures and gaps that name them.

A question on a name or an event ("was it the Warsh nomination?", "were there ETF outflows?") fits
no cause and no measure; what it names may stand in the run all the same.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from causemap.agents.asset_words import GROUP_OF, WORDS, mentioned_assets, spoken
from causemap.agents.chat_items import STOP
from causemap.agents.chat_phrases import say
from causemap.agents.chat_said import Said, bullet, cite
from causemap.agents.names_zh import told_in
from causemap.agents.turns import Language
from causemap.records import Note, Report
from causemap.reporting.claims import LABELS
from causemap.reporting.markdown import escape
from causemap.words import asset_name, clean, instant, sentence

_WORD: Final = re.compile(r"[a-z][a-z0-9&]{2,}")
# A word that so large a part of all texts holds tells nothing of what is asked.
_COMMON: Final = 0.25
# Texts that hold nearly as much of the question as the best one are shown.
_NEAR: Final = 0.7
_MOST: Final = 5
_KINDS: Final = ("note", "claim", "measure", "gap")
# Nothing is cut from a word to less than this many letters.
_ROOT: Final = 3
_FLOWS: Final = re.compile(r"^(?:out|in)(?=flow)")
_FIGURE: Final = re.compile(r"(?<![\w.,])\d[\d.,]*\d(?!\w)")
# A text that names no more than this part of what is asked is about something else.
_NAMED: Final = 0.5
_EITHER: Final = re.compile(r"\bor\b|还是|或", re.IGNORECASE)
_DULL: Final = STOP | frozenset(
    re.findall(
        r"\w+",
        "high least less low more most reliable "
        "article articles fear fears few how last long many point read short weak weakest wrong "
        "about after again against all also any because before between big bigger can cause caused "
        "could day days where first earliest order sequence  during ever fault give going good "
        "hit into just know like made make makes "
        "market markets matter mattered maybe much need now one our play price prices really "
        "reason role say says said see should some tell than that them they think too two want "
        "week will "
        "work world your yours see there still come came figure billion million dollar percent "
        "number fell harder hard get hit got bad able anything ask asked call close confirm data "
        "decide done else everything exact exactly far follow follows found gets given happen "
        "happened having he help her here him his hold kind let line look lot mean mine next "
        "nothing often once own people person possible put question real right same she so "
        "but too only show also even ever okay please well wait though actually basically kinda "
        "thing things really sure think guess someone anyone tell telling list "
        "window date dates dated list timeline period use using used ok "
        "shock shocks "
        "obviously clearly definitely probably surely measured through across above below "
        "during within until since "
        "narrative story stories affected affect involved "
        "something sort start such sure thing though thought time told total true try us use used "
        "very way well whole year years yes yet while whose whom",
    )
)


@dataclass(frozen=True, slots=True)
class _Text:
    """A text of the run, the line that shows it and what it cites."""

    kind: str
    words: frozenset[str]
    line: str
    evidence: tuple[str, ...] = ()


def found(
    report: Report, question: str, language: Language, kinds: Sequence[str] = _KINDS
) -> Said | None:
    """Notes, claims, measures and gaps that name what the question names; ``None`` if none do."""
    things = _things(question)
    asked = frozenset(word for thing in things for word in thing)
    texts = tuple(_texts(report, language))
    known = Counter(word for text in texts for word in text.words & asked)
    rare = {w: math.log(len(texts) / n) for w, n in known.items() if n <= _COMMON * len(texts)}
    scored = [(sum(rare.get(w, 0.0) for w in text.words), text) for text in texts]
    best = max((score for score, _ in scored), default=0.0)
    near = [text for score, text in scored if best > 0.0 and score >= _NEAR * best]
    # Of "this or that" one is enough; of one thing told in several words most must be named.
    least = 0.0 if _EITHER.search(question) else _NAMED * len(things)
    near = [t for t in near if sum(bool(t.words & one) for one in things) > least]
    if not any(text.kind in kinds for text in near):
        return None
    parts, ids = [say("found", language)], []
    for kind in kinds:
        shown = [text for text in near if text.kind == kind][:_MOST]
        if shown:
            lines = "\n".join(text.line for text in shown)
            parts.append(f"{say(f'found_{kind}', language)}\n\n{lines}")
            ids += [key for text in shown for key in text.evidence]
    return Said(tuple(parts), tuple(ids))


def notes_on(report: Report, question: str) -> list[Note]:
    """The notes to show that hold most of the words of a question that stand in any of them."""
    asked = strange(question) | frozenset(_FIGURE.findall(question))
    held = []
    for note in report.notes:
        told = f"{note.text} {note.publisher}"
        words = _stems(told) | frozenset(_FIGURE.findall(told.replace("$", " ")))
        if note.basis != "knowledge":
            held.append((len(words & asked), note))
    best = max((count for count, _ in held), default=0)
    return [note for count, note in held if best and count == best and 2 * count > len(asked)]


def _things(question: str) -> list[frozenset[str]]:
    """What a question names, each thing by the stems it may be told with."""
    words = strange(question)
    assets = [
        frozenset(word for said in _said(code) for word in _stems(said))
        for code in mentioned_assets(question).assets
        if code in GROUP_OF
    ]
    return [*(frozenset({word}) for word in sorted(words)), *filter(None, assets)]


def _said(code: str) -> Iterator[str]:
    yield asset_name(code)
    yield from (word for word, codes in WORDS.items() if codes == (code,))


def strange(question: str) -> frozenset[str]:
    """The stems of a question that name no asset and are no word of plain talk."""
    return _stems(spoken().sub(" ", question.lower())) - _stems(" ".join(_DULL))


def known_words(report: Report) -> frozenset[str]:
    """Every word of the run's notes, claims, measures and gaps."""
    return frozenset(word for text in _held(report) for word in _WORD.findall(text.lower()))


def held_stems(report: Report) -> frozenset[str]:
    """The stems of those words."""
    return frozenset(map(_stem, known_words(report)))


def _held(report: Report) -> tuple[str, ...]:
    return (
        *(f"{note.text} {note.publisher}" for note in report.notes),
        *(f"{claim.text} {claim.source}" for claim in report.claims),
        *(item.said for item in report.evidence),
        *(f"{gap.what} {gap.why}" for gap in report.gaps),
    )


def note_line(note: Note) -> str:
    """A dated note as a list line."""
    at = instant(note.published if note.precision == "minute" else note.published[:10])
    return f"- {at}, {escape(note.publisher)}: {escape(clean(note.text, 300))}"


def _stems(text: str) -> frozenset[str]:
    """The words of a text without the endings of plurals and of other forms of a verb."""
    return frozenset(_stem(word) for word in _WORD.findall(text.lower()))


def _stem(word: str) -> str:
    # What flows out or in is told as flows.
    word = _FLOWS.sub("", word)
    for ending in ("ions", "ion", "ing", "ed", "s"):
        if word.endswith(ending) and not word.endswith("ss") and len(word) - len(ending) >= _ROOT:
            word = word.removesuffix(ending)
            break
    return word.removesuffix("e") if len(word) > _ROOT else word


def _texts(report: Report, language: Language) -> Iterable[_Text]:
    for note in report.notes:
        if note.basis != "knowledge":
            yield _Text("note", _stems(f"{note.text} {note.publisher}"), note_line(note))
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
