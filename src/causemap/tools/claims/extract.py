"""Claims out of an article, in English and Chinese, by general patterns and without a model.

A sentence is read for what it asserts of a named market: a move, a level, a threshold crossed, an
extreme, a correlation, a state, an event, a flow, or what it gives as a cause. Questions,
conditions, forecasts, general mechanisms and advice assert nothing and are left out. The reader
never raises on any text, and the words it quotes are always the article's own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from causemap.tools.claims import causal, figures, moves
from causemap.tools.claims.lexicon import SINGLE, UNREAL
from causemap.tools.claims.numbers import amounts
from causemap.tools.claims.records import ExtractedClaim, Span
from causemap.tools.claims.scene import Found, Scene
from causemap.tools.claims.sentences import Sentence, sentences
from causemap.tools.claims.subjects import subjects
from causemap.tools.claims.times import spans

if TYPE_CHECKING:
    from causemap.articles import Article

MAX_CLAIMS: Final = 120
MAX_QUOTE: Final = 240
# A time that ended this many days before publication is history, not the episode.
LONG_AGO: Final = 90
# The same words with as much of the same around them are one claim, told twice on a page.
_SAME: Final = 25
_QUESTION: Final = re.compile(r"[?？]\W*$")
_PLAIN: Final = (
    figures.extremes,
    figures.since_extremes,
    figures.events,
    figures.flows,
    figures.states,
    causal.causes,
)
_EDGES: Final = re.compile(r"[,;:—()]\s|[，、；：]|\s[–—-]\s")


def extract(article: Article) -> tuple[ExtractedClaim, ...]:
    """The claims of an article in the order of its text, at most :data:`MAX_CLAIMS`.

    Every ``text`` is ``article.text[start:end]``. Pure and total: any text gives a tuple.
    """
    found: dict[tuple[object, ...], ExtractedClaim] = {}
    previous: Scene | None = None
    for sentence in sentences(article.text):
        scene = _scene(sentence, article, previous)
        for item in _read(scene):
            claim = _claim(item, scene, article)
            near = scene.text[max(0, item.start - _SAME) : item.end + _SAME].lower()
            key = (near, claim.kind, claim.about, claim.direction, claim.cause, _size(claim))
            found.setdefault(key, claim)
        previous = scene
        if len(found) >= MAX_CLAIMS:
            break
    return tuple(sorted(found.values(), key=lambda c: (c.start, c.end, c.kind)))[:MAX_CLAIMS]


def _size(claim: ExtractedClaim) -> object:
    return None if claim.amount is None else (claim.amount.low, claim.amount.high)


def _scene(sentence: Sentence, article: Article, previous: Scene | None) -> Scene:
    folded = sentence.folded
    named = spans(folded, article.published)
    scene = Scene(
        sentence=sentence,
        subjects=subjects(folded, chinese=sentence.chinese),
        amounts=tuple(
            a for a in amounts(folded) if not any(t.start <= a.start < t.end for t in named)
        ),
        spans=named,
        real=_is_real(sentence),
        before=previous.sentence.folded if previous else "",
    )
    return replace(scene, past=_past(scene, article, previous))


def _past(scene: Scene, article: Article, previous: Scene | None) -> Span | None:
    """The time long before publication that a sentence, or its paragraph before it, tells of."""
    limit = (date.fromisoformat(article.published[:10]) - timedelta(days=LONG_AGO)).isoformat()
    own = [t.span for t in scene.spans if not (scene.is_base(t) or scene.is_since(t))]
    if own:
        return own[0] if all(span.until < limit for span in own) else None
    if previous is None or previous.past is None:
        return None
    between = article.text[previous.sentence.start : scene.sentence.start]
    return None if "\n" in between or "\r" in between else previous.past


def _is_real(sentence: Sentence) -> bool:
    """Whether a sentence asserts something about the tape rather than supposes or teaches it."""
    words = sentence.folded
    if sentence.general or sentence.is_heading or _QUESTION.search(words):
        return False
    return not (sentence.lead and UNREAL.search(sentence.lead))


def _read(scene: Scene) -> Iterator[Found]:
    yield from figures.ahead(scene)
    yield from figures.correlations(scene)
    if not scene.real:
        return
    priced = [item for item in figures.levels(scene) if scene.asserts(item.start, item.end)]
    yield from priced
    for reader in _PLAIN:
        yield from (item for item in reader(scene) if scene.asserts(item.start, item.end))
    moved = [_unsized(m, priced) for m in moves.moves(scene) if scene.asserts(m.start, m.end)]
    sized = {(m.about, m.direction) for m in moved if m.amount}
    for item in moved:
        # "Rose 0.4%, its largest gain in weeks" tells one move, once with its size.
        if not _told(item, priced) and (item.amount or (item.about, item.direction) not in sized):
            yield item


def _unsized(move: Found, priced: list[Found]) -> Found:
    """A move without the figure that is the price it went to ("rose above 3 percent")."""
    taken = any(move.amount == p.amount and move.about == p.about for p in priced)
    return move._replace(amount=None) if taken else move


def _told(move: Found, priced: list[Found]) -> bool:
    """Whether a move without a size only repeats a price just read ("dropped below 76,000")."""
    return move.amount is None and any(
        move.about == p.about and p.start < move.end and move.start < p.end for p in priced
    )


def _claim(item: Found, scene: Scene, article: Article) -> ExtractedClaim:
    sentence = scene.sentence
    start, end = _quote(item, sentence)
    words = sentence.folded
    return ExtractedClaim(
        article=article.id,
        start=start,
        end=end,
        text=article.text[start:end],
        kind=item.kind,
        about=item.about,
        direction=item.direction,
        amount=item.amount,
        span=item.span or scene.span_for(item),
        base=item.base,
        cause=item.cause,
        years=item.years,
        single=bool(SINGLE.search(words)),
    )


def _quote(item: Found, sentence: Sentence) -> tuple[int, int]:
    """The words to quote: the sentence, or the clauses around what was read in a long one."""
    left, right = 0, len(sentence.folded)
    if right > MAX_QUOTE:
        room = max(0, MAX_QUOTE - (item.end - item.start)) // 2
        left, right = max(0, item.start - room), min(right, item.end + room)
        edges = [m.end() for m in _EDGES.finditer(sentence.folded, left, item.start)]
        left = edges[0] if edges and left else left
        ends = [m.start() for m in _EDGES.finditer(sentence.folded, item.end, right)]
        right = ends[-1] if ends and right < len(sentence.folded) else right
        right = min(right, left + MAX_QUOTE)
    words = sentence.folded[left:right]
    left += len(words) - len(words.lstrip())
    return sentence.start + left, sentence.start + left + len(words.strip())
