"""Near-duplicates: MinHash signatures, banded look-up, and the check on the words themselves.

Broder, A. (1997), On the resemblance and containment of documents; the banding is that of
Leskovec, Rajaraman and Ullman, Mining of Massive Datasets, chapter 3: with 12 bands of 4 rows a
pair with Jaccard index 0.7 is met with probability 0.96, one of 0.3 with 0.09.
"""

from __future__ import annotations

import re
import zlib
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from causemap.tools.library.words import terms

if TYPE_CHECKING:
    from numpy import uint64
    from numpy.typing import NDArray

BANDS: Final = 12
ROWS: Final = 4
# Share of words and word pairs in common from which two texts tell one thing.
SAME: Final = 0.7
# A text shorter than this many terms is a headline: there one other figure is another event.
SHORT: Final = 40
MAX_CHARACTERS: Final = 4_000
# A wire copy appears within days; the same headline months later is another event.
DAYS_APART: Final = 3
_PRIME: Final = (1 << 31) - 1
_SEED: Final = 20_260_205
_FIGURE: Final = re.compile(r"\d+(?:[.,]\d+)*")


def shingles(title: str, text: str) -> frozenset[str]:
    """The words and pairs of neighbouring words of a text's beginning."""
    words = terms(told(title, text)[:MAX_CHARACTERS])
    return frozenset(words) | {f"{a} {b}" for a, b in pairwise(words)}


def told(title: str, text: str) -> str:
    """Title and text without saying the title twice."""
    return text if text.startswith(title) else f"{title}\n{text}"


def band_keys(grams: frozenset[str]) -> list[int]:
    """One 63-bit key a band; equal keys make two texts candidates. Empty for an empty text."""
    import numpy as np

    if not grams:
        return []
    hashed = np.array([zlib.crc32(gram.encode()) for gram in grams], dtype=np.uint64) % _PRIME
    factors, terms_added = _permutations()
    lows = ((factors[:, None] * hashed[None, :] + terms_added[:, None]) % _PRIME).min(axis=1)
    keys: list[int] = []
    for band in range(BANDS):
        rows = lows[band * ROWS : (band + 1) * ROWS].tobytes()
        keys.append((zlib.crc32(rows) << 31 | zlib.adler32(rows) >> 1) ^ (band << 59))
    return keys


def same_story(one: tuple[str, str], two: tuple[str, str]) -> bool:
    """Whether two (title, text) pairs are copies of one text."""
    a, b = shingles(*one), shingles(*two)
    if min(len(a), len(b)) < SAME * max(len(a), len(b)):
        return False
    if len(a & b) < SAME * len(a | b):
        return False
    if min(len(a), len(b)) >= SHORT:
        return True
    return _figures(*one) == _figures(*two)


def _figures(title: str, text: str) -> frozenset[str]:
    return frozenset(_FIGURE.findall(told(title, text)))


@cache
def _permutations() -> tuple[NDArray[uint64], NDArray[uint64]]:
    import numpy as np

    rng = np.random.default_rng(_SEED)
    size = BANDS * ROWS
    return (
        rng.integers(1, _PRIME, size, dtype=np.uint64),
        rng.integers(0, _PRIME, size, dtype=np.uint64),
    )
