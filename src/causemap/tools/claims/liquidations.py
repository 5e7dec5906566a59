"""How much one text says was liquidated on coin futures, in US dollars, English or Chinese.

A figure counts where a sentence says that leveraged positions of that size were closed by force.
What is only feared, other sums of the sentence (open interest, outflows, prices, compensation), the
sale of a bankrupt's assets, other currencies and days before the window do not. The text is only
matched.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from causemap.tools.claims.numbers import amounts, fold
from causemap.tools.claims.records import Amount
from causemap.tools.claims.times import spans
from causemap.tools.news.reading import SENTENCE, fields

# Smaller sums beside the word are prices or single accounts.
LEAST_USD: Final = 1e6
_ENGLISH: Final = {
    word: str(number)
    for number, word in enumerate(
        ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"), 1
    )
} | {"a": "1", "half a": "0.5"}
_SPELLED: Final = re.compile(
    rf"\b({'|'.join(sorted(_ENGLISH, key=len, reverse=True))}) (?=(?:million|billion)\b)",
    re.IGNORECASE,
)
_CHINESE: Final = {word: number for number, word in enumerate("一二三四五六七八九", 1)} | {"两": 2}
_HAN: Final = re.compile(
    r"(?<![数几])([一二两三四五六七八九]?)(十?)([一二三四五六七八九]?)(?=亿美[元金])"
)
# Between a sum and the word: no other clause, no other sum.
_NEAR: Final = r"(?:[^,;:.$，。；：（）()]|[.,](?=\d)){0,60}?"
_AFTER: Final = re.compile(
    rf"{_NEAR}\b(?:force-)?liquidat(?:ed|ions?)\b"
    rf"|{_NEAR}\b(?:positions?|longs?|shorts?|bets|leverage|contracts|futures)\b{_NEAR}"
    r"\bwiped out\b"
    rf"|[^,，。；]{{0,12}}?(?:爆仓|强平|清算)",
    re.IGNORECASE,
)
_BEFORE: Final = re.compile(
    rf"(?:\bliquidat(?:ed|ions?)\b{_NEAR}|(?:爆仓|强平|清算)[^,，。；]{{0,12}})$", re.IGNORECASE
)
# Behind the word, what opens a clause of its own.
_CLAUSE: Final = re.compile(r"\b(?:as|while|after|because|but|when|and|with)\b", re.IGNORECASE)
# What a sum is of may stand behind it.
_WORDS_NEXT: Final = 24
# Sums of another kind, or another kind of liquidation.
_OTHER: Final = re.compile(
    r"\b(?:open interest|outflows?|market (?:cap\w*|value)|options?|expir\w+|paid|compensat\w+"
    r"|refund\w*|assets|holdings?|stakes?|reserves?|shares|treasur\w+|bonds?|estate|trustee"
    r"|liquidators?|creditors?|court|bankrupt\w*|collateral|loans?)\b|持仓|资产|赔付|抵押",
    re.IGNORECASE,
)
_UNREAL: Final = re.compile(
    r"\b(?:would|could|may|might|if|risk(?:s|ing|ed)?|threaten\w*|fac(?:e|es|ing)|unless)\b"
    r"|可能|或将|如果|一旦|面临",
    re.IGNORECASE,
)
# Before a day: it is what something is measured from, not when it was.
_SINCE: Final = re.compile(r"(?:\b(?:since|than|from)\b[^,;.]{0,12}|自从?)$", re.IGNORECASE)


def liquidated(text: str, published: str, since: str) -> float | None:
    """The largest sum, in US dollars, that a text says was liquidated from ``since`` on.

    ``published`` and ``since`` are ISO dates; a range of sums counts by its lower end. ``None``
    where the text tells of none, or speaks of other markets than coins.
    """
    if fields(text) and "crypto" not in fields(text):
        return None
    sentences = (s for s in SENTENCE.split(fold(text)) if fields(s) != {"metals"})
    found = (usd for sentence in sentences for usd in _told(sentence, published, since))
    return max(found, default=None)


def closed_by_force(sentence: str, amount: Amount) -> bool:
    """Whether a folded sentence says that positions of ``amount`` US dollars were liquidated."""
    if amount.unit != "usd" or amount.low < LEAST_USD:
        return False
    after, before = _AFTER.match(sentence, amount.end), _BEFORE.search(sentence[: amount.start])
    said = [after[0]] if after else []
    if before and not _CLAUSE.search(before[0]):
        said.append(before[0] + sentence[amount.end :][:_WORDS_NEXT])
    return any(not _OTHER.search(words) and not _UNREAL.search(words) for words in said)


def _told(sentence: str, published: str, since: str) -> Iterator[float]:
    plain = _HAN.sub(_han, _SPELLED.sub(lambda m: f"{_ENGLISH[m[1].lower()]} ", sentence))
    days = [t for t in spans(plain, published) if not _SINCE.search(plain[: t.start])]
    if any(t.span.until < since for t in days):
        return
    for amount in amounts(plain):
        if closed_by_force(plain, amount):
            yield amount.low


def _han(match: re.Match[str]) -> str:
    """A Chinese number below a hundred in digits; nothing matched stays nothing."""
    first, ten, last = match.groups()
    if not ten:
        return str(_CHINESE[first]) if first else ""
    return str(10 * _CHINESE.get(first, 1) + _CHINESE.get(last, 0))
