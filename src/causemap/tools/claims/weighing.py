"""What articles give as causes, as bounded text evidence: one item per cause.

Only what was out by the close of the window counts: an account of a fall published after it
describes it and is no cause. Independent publishers are counted, not articles; near-copies count
once. A claim the tape bears out speaks for its cause, a contradicted one against it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Final, NamedTuple

from causemap.closed_sets import Cause, ClaimVerdict
from causemap.records import Evidence, Scope

if TYPE_CHECKING:
    from causemap.articles import Article
    from causemap.tools.claims.records import ExtractedClaim

# How much of a publisher's word stands after the tape has spoken.
_STANDS: Final[dict[ClaimVerdict, float]] = {
    "supported": 1.0,
    "not_checkable": 0.3,
    "single_source": 0.1,
    "too_late": 0.0,
    "contradicted": -1.0,
}
# One publisher is held as a single source, two are needed before a cause may rest on text.
_QUALITY: Final = (0.0, 0.2, 0.5)
_MOST_QUALITY: Final = 0.8
FULL: Final = 3
SAME: Final = 0.6
_WORD: Final = re.compile(r"[a-z0-9]{3,}|[\u4e00-\u9fff]{2}")


class Told(NamedTuple):
    """A claim, where it was told, and what the tape says of it."""

    article: Article
    claim: ExtractedClaim
    verdict: ClaimVerdict


def text_evidence(told: Sequence[Told], scope: Scope) -> tuple[Evidence, ...]:
    """One item ``claims.<cause>`` for each cause that articles of the time gave.

    ``value`` in [-1, 1] is the mean over independent publishers of how their claims stood, scaled
    by their number up to :data:`FULL`; ``n`` is that number.
    """
    deadline = datetime.combine(date.fromisoformat(scope.end), time(22), UTC)
    causes: dict[Cause, list[Told]] = {}
    for one in told:
        if one.claim.cause is not None and available(one.article) <= deadline:
            causes.setdefault(one.claim.cause, []).append(one)
    # In the order of the names, so that the order of the articles does not matter.
    return tuple(_item(cause, causes[cause], scope) for cause in sorted(causes))


def available(article: Article) -> datetime:
    """When an article can have been read at the earliest: its minute, or the end of its day (UTC).

    A time without a zone is taken as UTC.
    """
    if len(article.available) > 10:
        moment = datetime.fromisoformat(article.available)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    return datetime.combine(date.fromisoformat(article.available), time(23, 59), UTC)


def _item(cause: Cause, told: list[Told], scope: Scope) -> Evidence:
    voices = _voices(told)
    mean = sum(voices) / len(voices)
    known = max(available(one.article) for one in told)
    count = len(voices)
    return Evidence(
        id=f"earnings_news.claims.{cause}",
        desk="earnings_news",
        family="text",
        group="text",
        metric=cause,
        asset="CLAIMS",
        start=scope.start,
        end=scope.end,
        value=round(max(-1.0, min(1.0, mean * min(1.0, count / FULL))), 4) + 0.0,
        unit="ratio",
        said=f"how far tested articles of the time speak for {cause.replace('_', ' ')}",
        observed_at=f"{known:%Y-%m-%dT%H:%MZ}",
        available_at=f"{known:%Y-%m-%dT%H:%MZ}",
        source="articles of the time",
        quality=_QUALITY[count] if count < len(_QUALITY) else _MOST_QUALITY,
        n=count,
        expected=((cause, 1),),
    )


def _voices(told: Iterable[Told]) -> list[float]:
    """The mean standing of each independent publisher's claims."""
    groups: list[tuple[set[str], list[frozenset[str]], list[float]]] = []
    for one in told:
        words = _bag(one.article.text)
        stands = _STANDS[one.verdict]
        for publishers, bags, values in groups:
            if one.article.publisher in publishers or any(_alike(words, bag) for bag in bags):
                publishers.add(one.article.publisher)
                bags.append(words)
                values.append(stands)
                break
        else:
            groups.append(({one.article.publisher}, [words], [stands]))
    return [sum(values) / len(values) for _, _, values in groups]


def _bag(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(text.casefold()))


def _alike(one: frozenset[str], two: frozenset[str]) -> bool:
    return bool(one | two) and len(one & two) >= SAME * len(one | two)
