"""The gate for what a model wrote: shape, citations, names, causal verbs, then every figure.

A sentence stands only if all of it can be accounted for. It is checked as a template first (slots
well formed, ids of this run, plain words, known names, causal verbs that fit the probabilities)
and, once filled, by the same grounding gate as the engine's own sentences.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final, NamedTuple

from causemap.agents.allowance import Allowed
from causemap.agents.bound_zh import check_bound
from causemap.agents.lack_zh import check_lacks
from causemap.agents.story import Story, ledger_of
from causemap.agents.told_zh import check_chinese, fill_chinese
from causemap.agents.verifier import check_citations, check_sentence
from causemap.agents.vocabulary import ALIASES, MONTHS, WORDS_FREE
from causemap.causes import CAUSES, NAMES
from causemap.closed_sets import Cause
from causemap.llm.slots import ASSET_NAMES, Ledger, SlotError, cited, fill
from causemap.model_records import ModelPart, ModelSentence
from causemap.records import Evidence, Narrative, Sentence, Verdict

SECTIONS: Final = ("mechanism", "why_not", "counter")
MAX_CHARS: Final = 600
_SHORT: Final = re.compile(
    r"\{(?:ev:)?([A-Za-z_]+\.[A-Za-z0-9_.]+?)(?:[.|](value|z|low|high|n))?\}"
)
_ADDRESS: Final = re.compile(
    r"://|www\.|@|\b[a-z0-9-]+\.(?:com|net|org|io|xyz|ru|cn|info|co|ai|me|app|dev|finance)\b"
    r"|[<>`*#\\\[\]]|!\[",
    re.IGNORECASE,
)
_NAME: Final = re.compile(r"(?<![.?!:;] )(?<!^)\b[A-Z][A-Za-z&'.-]+")
_OPENING_NAME: Final = re.compile(r"(?:^|[.?!:;] )([A-Z]{2,}|[A-Z][a-z]+[A-Z]\w*)\b")
_OPENING_WORD: Final = re.compile(r"(?:^|[.?!:;] )([A-Z][a-z]+)")
# How a sentence may begin when it does not begin with something known to the run: an unknown first
# word may be a name, and names are what a stranger would slip in.
_OPENERS: Final = frozenset(
    re.findall(
        r"\w+",
        "a above according across added after against all along also although amid among an and "
        "another any around as at because before behind below beneath beside besides between both "
        "but by calm conversely counter credit crypto despite during each either equities equity "
        "even evidence few first for forced from further had hence here how however if in instead "
        "is it its just last later leadership less little markets meanwhile metals moderate month "
        "more moreover most much neither next no none nor not nothing now of on one only opposite "
        "or other others over overall price prices rather risk sellers selling several similarly "
        "since so some speaking still stocks strong such support tech that the their then there "
        "these they this those though through throughout thus to together too trade two under "
        "unlike until very volatility was weak week were what when where whether which while why "
        "with within without yet yields bonds flows traders investors banks liquidity correlation",
    )
)
_INFLECTED: Final = re.compile(r"(?:ing|ed|ly|wards?)$")
_CAUSAL: Final = re.compile(
    r"\b(?:caus(?:e[ds]?|ing)|dr(?:ove|ives?|iven|iving)|trigger(?:s|ed|ing)?|led to|leads to"
    r"|because of|due to|set off|sparked|owing to|blame[ds]?|behind the|responsible for)\b",
    re.IGNORECASE,
)
_HEDGE: Final = re.compile(
    r"\b(?:may|might|could|possibl[ey]|perhaps|in part|partly)\b", re.IGNORECASE
)
_DENIAL: Final = re.compile(
    r"\b(?:not|no|never|nor|without|neither|unlikely|against|turned down|rejected|rather than"
    r"|cannot|does not|did not|fails?|failed|little|weak)\b",
    re.IGNORECASE,
)
# A true figure behind a denial is a false statement; a stop, a comma or a turn ends the denial.
_CLAUSES: Final = re.compile(
    r"[.;:,?!](?:\s|$)|\b(?:while|but|yet|although|though|whereas)\b", re.IGNORECASE
)
# These deny all that follows, through commas too.
_DISOWNED: Final = re.compile(
    r"\b(?:not (?:true|right|so|the case)|untrue|false|wrong|denied|no one|nobody|hardly anyone)\b"
    r"[^.;?!]*\bthat\b",
    re.IGNORECASE,
)
_DENIED: Final = re.compile(
    r"(?:\b(?:not|never|nor|neither|hardly|cannot|false|untrue|wrong|denied|instead of|rather than)"
    r"\b|n't\b).*?(?:\{p:|\{[^{}|]*\|(?:value|z|low|high)\b"
    r"|\d\s?(?:%|bp\b|pp\b|points?\b|percent|basis|standard)|\$\d)",
    re.IGNORECASE,
)
_BAND_SLOT: Final = re.compile(r"\{p:(?:\w+\.)?(\w+)\|(?:a_)?band\}")
_CAUSE_WORDS: Final[dict[Cause, re.Pattern[str]]] = {
    cause: re.compile(rf"\b{re.escape(NAMES[cause])}\b|\b{cause}\b", re.IGNORECASE)
    for cause in CAUSES
}
_LIKELY, _POSSIBLE = 0.595, 0.295  # by the printed percent, as the bands are


class Failure(NamedTuple):
    """A sentence that may not stand, and why."""

    sentence: ModelSentence
    reasons: tuple[str, ...]


class Checked(NamedTuple):
    """What stands, filled and verified, and what does not."""

    kept: tuple[Sentence, ...]
    failed: tuple[Failure, ...]


def normalised(template: str) -> str:
    """A template in the one form of slots: ``{ev:ID.value}`` becomes ``{ID|value|auto}``."""
    spaced = " ".join(template.split())
    return _SHORT.sub(lambda m: f"{{{m[1]}|{m[2] or 'value'}|auto}}", spaced)


def check(
    sentences: Iterable[ModelSentence], story: Story, allowed: Allowed, language: str = "en"
) -> Checked:
    """Fill and verify sentences against the run."""
    kept: list[Sentence] = []
    failed: list[Failure] = []
    ledger = ledger_of(story)
    for sentence in sentences:
        problems = list(_template_problems(sentence, story, language))
        if language == "zh" and not problems:
            problems += _bound_problems(sentence.template, ledger)
        text, ids = "", sentence.evidence
        if not problems:
            try:
                ids = tuple(dict.fromkeys([*cited(sentence.template), *sentence.evidence]))
                write = fill_chinese if language == "zh" else fill
                text = write(sentence.template, ledger)
            except SlotError as fault:
                problems.append(f"slot: {fault}")
        if not problems:
            problems += _text_problems(text, ids, story, allowed, language)
        if problems:
            failed.append(Failure(sentence, tuple(problems)))
        else:
            kept.append(Sentence(sentence.section, sentence.template, text, ids))
    return Checked(tuple(kept), tuple(failed))


def _template_problems(sentence: ModelSentence, story: Story, language: str) -> Iterator[str]:
    template = sentence.template
    if sentence.section not in SECTIONS:
        yield f"section: {sentence.section[:40]!r} is not one of {', '.join(SECTIONS)}"
    if not template.strip() or len(template) > MAX_CHARS:
        yield "length: empty or too long"
        return
    if not sentence.evidence:
        yield "uncited: it names no evidence"
    unknown = [key for key in sentence.evidence if key not in story.evidence]
    yield from (f"unknown_id: no evidence {key[:60]!r} in this run" for key in unknown)
    words = re.sub(r"\{[^{}]*\}", " ", template)
    if _ADDRESS.search(words):
        yield "markup: an address or markup"
    if language == "zh":
        yield from check_chinese(words)
        return
    items = [story.evidence[key] for key in sentence.evidence if key in story.evidence]
    yield from (f"name: {word!r} is not known here" for word in _strange_openings(words, story))
    yield from (f"name: {name!r} is not known here" for name in _foreign(words, items))
    yield from _causal_problems(template, story)
    denied = any(_DENIED.search(clause) for clause in _CLAUSES.split(template))
    if denied or _DISOWNED.search(words):
        yield "denial: a clause denies what it prints"


def _bound_problems(template: str, ledger: Ledger) -> list[str]:
    try:
        return list(check_bound(template, ledger))
    except SlotError as fault:
        return [f"slot: {fault}"]


def _foreign(words: str, items: Sequence[Evidence]) -> list[str]:
    """Names in the words that belong to no asset, cause, month or cited measure."""
    said = " ".join(item.said for item in items)
    known = _KNOWN | {word.lower() for word in re.findall(r"[\w&]+", said)}
    found = [*_NAME.findall(words), *_OPENING_NAME.findall(words)]
    parts = {part for name in found for part in re.findall(r"[A-Za-z][\w&]*", name)}
    nonlatin = {c for c in words if c.isalpha() and not c.isascii()}
    return sorted(part for part in parts if part.lower() not in known) + sorted(nonlatin)[:3]


_KNOWN: Final = (
    frozenset(
        part.lower()
        for phrase in (*ALIASES, *ASSET_NAMES, *ASSET_NAMES.values(), *NAMES.values(), *MONTHS)
        for part in re.findall(r"[A-Za-z][\w&]*", phrase)
    )
    | frozenset(word.lower() for word in WORDS_FREE)
    | frozenset({"i", "treasury", "fed", "s"})
)


def _strange_openings(words: str, story: Story) -> list[str]:
    """First words of sentences that neither the run nor plain English accounts for."""
    said = {w.lower() for i in story.evidence.values() for w in re.findall(r"[\w&]+", i.said)}
    known = said | _KNOWN | _OPENERS
    found = _OPENING_WORD.findall(words)
    return [w for w in found if w.lower() not in known and not _INFLECTED.search(w)]


def _causal_problems(template: str, story: Story) -> Iterator[str]:
    """A cause may be said to have driven something only as firmly as its probability allows."""
    for clause in re.split(r"(?<=[.;?!])\s|, but |, while |, yet ", template):
        if not _CAUSAL.search(clause):
            continue
        for cause in _causes_in(clause):
            held = max((dict(v.probabilities).get(cause, 0.0) for v in _verdicts(story)), default=0)
            hedged, denied = _HEDGE.search(clause), _DENIAL.search(clause)
            if not denied and (held < _POSSIBLE or (held < _LIKELY and not hedged)):
                yield f"verb: {NAMES[cause]} is not likely enough to be said to have driven this"


def _causes_in(clause: str) -> list[Cause]:
    bare = _BAND_SLOT.sub(lambda m: f" {m[1]} ", clause)
    return [cause for cause, pattern in _CAUSE_WORDS.items() if pattern.search(bare)]


def _verdicts(story: Story) -> list[Verdict]:
    return [story.verdict, *(verdict for _, verdict in story.verdicts)]


def _text_problems(
    text: str, ids: Sequence[str], story: Story, allowed: Allowed, language: str
) -> list[str]:
    found = list(check_citations(ids, dict(story.evidence), story.dossier.scope.as_of))
    if language != "zh":
        items = [story.evidence[key] for key in ids if key in story.evidence]
        found += check_sentence(text, items, allowed)
    lacking = check_lacks(text, allowed.lacks, cited=bool(ids)) if language == "zh" else ()
    return [*(f"{problem.kind}: {problem.detail}" for problem in found), *lacking]


def sound(part: ModelPart, story: Story, allowed: Allowed) -> ModelPart:
    """The part with only those words of desks and sceptic that pass the gate (in English).

    An objection whose words fail keeps its citation: it is the citation that counts.
    """

    def stands(template: str, evidence: tuple[str, ...]) -> bool:
        one = ModelSentence(SECTIONS[0], template, evidence)
        return bool(check([one], story, allowed).kept)

    findings = tuple(f for f in part.findings if stands(f.template, f.evidence))
    objections = tuple(
        o if stands(o.template, o.evidence) else replace(o, template="") for o in part.objections
    )
    rival = part.alternative
    if rival is not None and not stands(rival.template, rival.evidence):
        rival = replace(rival, template="")
    lost = len(part.findings) - len(findings)
    said = (f"{lost} findings of desks did not pass the check",) if lost else ()
    failures = tuple(dict.fromkeys((*part.failures, *said)))
    return replace(
        part, findings=findings, objections=objections, alternative=rival, failures=failures
    )


def merge(base: Narrative, part: ModelPart, story: Story, allowed: Allowed) -> Narrative:
    """The engine's account with the model's sentences in place of its own where any stand.

    Sections of which nothing stood keep the engine's sentences; what was dropped is listed.
    """
    checked = check(part.sentences, story, allowed, part.language)
    dropped = [
        f"{f.sentence.section[:40]}: {f.sentence.template[:MAX_CHARS]} [{'; '.join(f.reasons)}]"
        for f in checked.failed
    ]
    by_section = {
        name: _ordered([s for s in checked.kept if s.section == name], story) for name in SECTIONS
    }
    sentences: list[Sentence] = []
    placed: set[str] = set()
    for sentence in base.sentences:
        written = by_section.get(sentence.section)
        if not written:
            sentences.append(sentence)
        elif sentence.section not in placed:
            placed.add(sentence.section)
            sentences += written
    return Narrative(tuple(sentences), (*base.dropped, *dropped))


def _ordered(sentences: Sequence[Sentence], story: Story) -> list[Sentence]:
    """Sentences by the earliest step of the cause map that their evidence stands behind."""
    place: dict[str, int] = {}
    nodes = {node.id: node for node in story.cause_map.nodes}
    for at, step in enumerate(story.cause_map.order):
        for key in (key for name in step if name in nodes for key in nodes[name].evidence):
            place.setdefault(key, at)
    last = len(story.cause_map.order)
    return sorted(sentences, key=lambda s: min(place.get(key, last) for key in s.evidence))
