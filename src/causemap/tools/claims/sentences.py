"""An article as sentences with their places, headings and lead-ins; page furniture left out."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from causemap.tools.claims.lexicon import FALL, GENERAL_HEADING
from causemap.tools.claims.numbers import fold

MAX_TEXT: Final = 200_000
# Lines under one that ends in a colon are its items as long as they are short.
MAX_ITEM: Final = 60
MAX_SENTENCE: Final = 1_200
_LINE: Final = re.compile(r"[^\n\r\u2028\u2029]+")
_END: Final = re.compile(
    r"(?<!\bU\.S)(?<!\bvs)(?<!\be\.g)(?<!\bi\.e)(?<!\b[A-Z])[.!?]+[\"')\]]*(?=\s|$)|[。！？；]+[”’」)]*"
)
_BULLET: Final = re.compile(r"^\s*(?:[-*•●▪◦·–—]|\d{1,2}[.)、])\s*")
_CHINESE: Final = re.compile(r"[\u4e00-\u9fff]")
_TICKER: Final = re.compile(r"^\W*[A-Z]{2,6}\W{0,3}\d+[.,]\d+\s?%\W*$")


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence: ``folded`` is its text made plain, ``start`` its place in the article.

    ``lead`` is the line ending in a colon that it is an item of; ``general`` marks headings,
    scenarios, advice and the like.
    """

    start: int
    folded: str
    chinese: bool
    lead: str
    general: bool
    is_heading: bool


def sentences(text: str) -> Iterator[Sentence]:
    """The sentences of ``text`` in order; one that was said before, word for word, is left out."""
    folded = _unwrapped(fold(text[:MAX_TEXT]))
    seen: set[str] = set()
    lead = ""
    general = bulleted = False
    for line in _LINE.finditer(folded):
        words = line.group().strip()
        if not words or words.startswith("|") or _TICKER.match(words):
            continue
        bullet = bool(_BULLET.match(words))
        plain = bool(lead) and not (bullet or bulleted)
        item = plain and len(words) <= MAX_ITEM and words[-1] not in "?？"
        bulleted = bulleted or bullet
        title = not item and _is_heading(words)
        if title:
            asked = words.endswith(("?", "？"))
            lead = ""
            general = general if asked else _is_general(words)
        elif not bullet and not item and not words.endswith((":", "：")):
            lead = ""
        for start, piece in _pieces(line):
            key = " ".join(piece.lower().split())
            if key in seen:
                continue
            seen.add(key)
            chinese = bool(_CHINESE.search(piece))
            yield Sentence(start, piece, chinese, lead, general, title)
        if words.endswith((":", "：")) and not title:
            lead = [piece for _, piece in _pieces(line)][-1]
            bulleted = False


def _unwrapped(folded: str) -> str:
    """Line ends inside a sentence made blanks: hard wraps, an open bracket, a small letter."""
    lines = folded.split("\n")
    joined = [lines[0]]
    for before, after in itertools.pairwise(lines):
        joined += [" " if _goes_on(before, after) else "\n", after]
    return "".join(joined)


def _goes_on(before: str, after: str) -> bool:
    end, start = before.rstrip(), after.lstrip()
    if not end or not start or end[-1] in ".!?:;。！？：；" or _BULLET.match(start):
        return False
    if end.count("(") > end.count(")") or start[0].islower():
        return True
    return 50 <= len(end) <= 100 and len(start) <= 100 and "," in end[-30:]


def _is_general(heading: str) -> bool:
    # A heading that speaks of the fall itself opens an account of it, whatever else it says.
    return bool(GENERAL_HEADING.search(heading))


def _is_heading(words: str) -> bool:
    if len(words) > 110 or words.endswith((".", "。", ",", ":", "：", ";", "!", "！")):
        return False
    if words.startswith(("-", "|", "•")):
        return False
    limit = 34 if _CHINESE.search(words) else 110
    return len(words) <= limit


def _pieces(line: re.Match[str]) -> Iterator[tuple[int, str]]:
    """The sentences of a line with their offsets, blank edges cut off."""
    text, at = line.group(), 0
    for end in [*(m.end() for m in _END.finditer(text)), len(text)]:
        piece = text[at:end]
        stripped = piece.strip()
        if stripped:
            begin = line.start() + at + piece.index(stripped)
            for cut in range(0, len(stripped), MAX_SENTENCE):
                yield begin + cut, stripped[cut : cut + MAX_SENTENCE]
        at = end


def speaks_of_fall(words: str) -> bool:
    """Whether words are about a fall in prices or in the appetite for risk."""
    return bool(FALL.search(words))
