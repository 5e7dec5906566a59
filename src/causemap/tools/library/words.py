"""Index terms of a text: words without their plural ending, Chinese and Japanese in pairs."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

_FREQUENT: Final = (
    "a about after all also an and any are as at be been but by can could did do for from had has "
    "have he her his how if in into is it its may more most new no not of off on one or our out "
    "over own said say says she so some such than that the their them then there they this to too "
    "up us was we were what when where which while who why will with would you your"
)
# The most frequent words of English prose; fixed, so that no article changes another's terms.
STOP: Final = frozenset(_FREQUENT.split())
_HAN: Final = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af"
_TOKEN: Final = re.compile(rf"[{_HAN}]+|[^\W_{_HAN}]+(?:[&'’][^\W_{_HAN}]+)*")
_IS_HAN: Final = re.compile(rf"[{_HAN}]")


def terms(text: str) -> list[str]:
    """Index terms in the order of the text, stop words and single letters left out."""
    found: list[str] = []
    for token in _TOKEN.findall(text):
        if _IS_HAN.match(token):
            found.extend(_pairs(token))
        elif term := _term(token):
            found.append(term)
    return found


def _pairs(run: str) -> list[str]:
    """Overlapping pairs of characters: no dictionary is needed to find a word inside a run."""
    return [run[i : i + 2] for i in range(len(run) - 1)] or [run]


@lru_cache(maxsize=100_000)
def _term(token: str) -> str:
    plain = token.casefold().replace("&", "and")
    if not plain.isascii():
        split = unicodedata.normalize("NFKD", plain)
        plain = "".join(c for c in split if c.isalnum())
    plain = plain.split("'")[0]
    if plain in STOP or (len(plain) < 2 and not plain.isdigit()):
        return ""
    return _singular(plain)


def _singular(word: str) -> str:
    """The S-stemmer: strips plural endings and nothing else.

    Harman, D. (1991), How effective is suffixing?, JASIS 42(1), 7-15.
    """
    if len(word) > 4 and word.endswith("ies") and not word.endswith(("eies", "aies")):
        return word[:-3] + "y"
    if len(word) > 4 and word.endswith("es") and not word.endswith(("aes", "ees", "oes")):
        return word[:-1]
    if len(word) > 3 and word.endswith("s") and not word.endswith(("us", "ss")):
        return word[:-1]
    return word
