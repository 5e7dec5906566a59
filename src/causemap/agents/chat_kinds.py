"""A learned guess at what kind of question is asked, where no phrase tells it.

A multinomial logistic regression on the tf-idf of words, pairs of words and parts of words, fitted
by ``scripts/fit_questions.py`` on questions written for that purpose. It says only which kind of
answer is asked for: assets, causes and figures are blanked before it reads, and what an answer is
about is read from the question by rules. ``chat_kinds.zip`` holds what was fitted.
"""

from __future__ import annotations

import io
import math
import re
import struct
import zipfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import pairwise
from typing import Final, NamedTuple

from causemap.agents.asset_words import spoken
from causemap.agents.chat_words import CAUSE_PHRASES
from causemap.agents.turns import INTENTS, Intent

# What is asked by questions that no answer to a whole run would answer: measures and names, which
# are looked up by their words, and what is no question about a run at all.
OTHER: Final = "other"
# A thing named and a day are found by rules alone.
KINDS: Final[tuple[Intent, ...]] = tuple(i for i in INTENTS if i not in ("found", "day"))
# The classes in the order of the columns.
CLASSES: Final[tuple[str, ...]] = (*KINDS, OTHER)
_ROW: Final = struct.Struct(f"<{len(CLASSES)}e")
_YEAR: Final = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_FIGURE: Final = re.compile(r"\d+(?:[.,]\d+)*")
_CAUSE: Final = re.compile("|".join(CAUSE_PHRASES.values()), re.IGNORECASE)
_TOKEN: Final = re.compile(r"[\u4e00-\u9fff]|[A-Z]{2,}|[a-z0']+|\?")
# Parts of words are read of words longer than this, so that a slip of the pen leaves some.
_LONG: Final = 3
_PARTS: Final = (3, 4)


@dataclass(frozen=True, slots=True)
class Fitted:
    """What was fitted: the ``place`` of each term, ``idf`` (terms, then any other), biases.

    ``weights`` holds a row of half floats for each term, one for each class.
    """

    place: Mapping[str, int]
    idf: Sequence[float]
    weights: bytes
    bias: Sequence[float]


class Kind(NamedTuple):
    """The likeliest kind of a question and its probability; ``None`` where none is known."""

    intent: Intent | None
    chance: float


def kind_of(text: str, fitted: Fitted | None = None) -> Kind:
    """The likeliest kind: ``softmax(b + W' v)``, ``v`` the unit vector of ``(1 + ln tf) idf``.

    Unknown terms count in the length of that vector alone: what is mostly unknown is unsure.
    """
    fitted = fitted or load_kinds()
    scores = list(fitted.bias)
    for place, value in vector(text, fitted.place, fitted.idf):
        row = _ROW.unpack_from(fitted.weights, place * _ROW.size)
        scores = [score + value * weight for score, weight in zip(scores, row, strict=True)]
    best = max(range(len(CLASSES)), key=scores.__getitem__)
    chance = 1.0 / sum(math.exp(score - scores[best]) for score in scores)
    return Kind(KINDS[best] if best < len(KINDS) else None, chance)


def vector(text: str, place: Mapping[str, int], idf: Sequence[float]) -> list[tuple[int, float]]:
    """The places of the known terms with their values; ``idf`` ends with any unknown term's."""
    counted = Counter(terms(text))
    weighed = [
        (at := place.get(term, len(place)), (1.0 + math.log(count)) * idf[at])
        for term, count in counted.items()
    ]
    length = math.sqrt(sum(value**2 for _, value in weighed)) or 1.0
    return [(at, value / length) for at, value in weighed if at < len(place)]


def terms(text: str) -> list[str]:
    """Words, pairs of neighbours and parts of long words, lower case; what is named is blanked.

    Chinese is taken sign by sign, so that its pairs are the usual two-sign words.
    """
    low = _FIGURE.sub("0", _YEAR.sub(" YEAR ", text.lower().replace("\u2019", "'")))
    words = _TOKEN.findall(_CAUSE.sub(" CAUSE ", spoken().sub(" ASSET ", low)))
    pairs = [f"{one} {two}" for one, two in pairwise(("^", *words, "$"))]
    parts = [
        f"#{held[i : i + size]}"
        for held in (f"<{word}>" for word in words if word.islower() and len(word) > _LONG)
        for size in _PARTS
        for i in range(len(held) - size + 1)
    ]
    return [*words, *pairs, *parts]


@cache
def load_kinds() -> Fitted:
    """What was fitted, as it comes with the package; read without numpy, which takes longer."""
    raw = resources.files(__package__).joinpath("chat_kinds.zip").read_bytes()
    with zipfile.ZipFile(io.BytesIO(raw)) as held:
        names = held.read("terms").decode("utf-8").split("\n")
        return Fitted(
            {name: place for place, name in enumerate(names)},
            struct.unpack(f"<{len(names) + 1}f", held.read("idf")),
            held.read("weights"),
            struct.unpack(f"<{len(CLASSES)}f", held.read("bias")),
        )
