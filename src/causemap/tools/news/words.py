"""A learned reading of one text: how far its words name each cause, or none.

A multinomial logistic regression on the tf-idf of words and pairs of words, fitted by
``scripts/fit_reader.py`` on sentences written for that purpose; no note of the labelled windows is
among them. ``words.npz`` holds what was fitted: the terms, their inverse document frequencies, a
weight per term and class, and a bias per class.
"""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from causemap.causes import NAMED
from causemap.closed_sets import Cause

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

# The classes in the order of the columns; the last one is "names no cause".
CLASSES: Final[tuple[str, ...]] = (*NAMED, "none")
_TOKEN: Final = re.compile(r"[\u4e00-\u9fff]|[a-z0$%'-]+")
_FIGURE: Final = re.compile(r"\d+(?:[.,]\d+)*")
_OWNER: Final = re.compile(r"(?<=\w)'s\b")


@dataclass(frozen=True, slots=True)
class Words:
    """What was fitted: ``place`` of each term, ``idf`` (terms), ``weights`` (terms, classes)."""

    place: Mapping[str, int]
    idf: npt.NDArray[np.float64]
    weights: npt.NDArray[np.float64]
    bias: npt.NDArray[np.float64]


def chances(text: str, fitted: Words | None = None) -> dict[Cause, float]:
    """The probability that a text names each cause; what is missing to 1 is "names none".

    ``softmax(b + W' v)``, where ``v`` is the text's unit vector of ``(1 + ln tf) idf``. Unknown
    terms say nothing: a text without any known term has the frequencies of the fitted sentences.
    """
    import numpy as np

    fitted = fitted or load_words()
    counted = {term: n for term, n in Counter(terms(text)).items() if term in fitted.place}
    rows = [fitted.place[term] for term in counted]
    vector = (1.0 + np.log(np.array(list(counted.values()), dtype=np.float64))) * fitted.idf[rows]
    length = float(np.sqrt((vector**2).sum())) or 1.0
    scores = fitted.bias + (vector / length) @ fitted.weights[rows]
    raised = np.exp(scores - scores.max())
    shares = raised / raised.sum()
    return {cause: float(share) for cause, share in zip(NAMED, shares, strict=False)}


def terms(text: str) -> list[str]:
    """Words and pairs of neighbouring words in lower case; every figure is ``0``.

    Chinese is taken sign by sign, so that its pairs are the usual two-sign words.
    """
    low = _FIGURE.sub("0", text.lower().replace("\u2019", "'"))
    words = _TOKEN.findall(_OWNER.sub("", low))
    return words + [f"{one} {two}" for one, two in pairwise(words)]


@cache
def load_words() -> Words:
    """What was fitted, as it comes with the package."""
    import numpy as np

    raw = resources.files(__package__).joinpath("words.npz").read_bytes()
    with np.load(io.BytesIO(raw), allow_pickle=False) as held:
        names = bytes(held["terms"]).decode("utf-8").split("\n")
        return Words(
            {name: place for place, name in enumerate(names)},
            held["idf"].astype(np.float64),
            held["weights"].astype(np.float64),
            held["bias"].astype(np.float64),
        )
