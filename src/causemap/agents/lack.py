"""Sentences that tell what is missing, bound to the gaps of the run.

A gap has no evidence to cite. What such a sentence names beside a gap (an asset, a reason, a kind
of want, a cause that it weakens) must be that gap's own, as a figure must be its item's own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from causemap.agents.allowance import Lack
from causemap.agents.binding import Case, Problem
from causemap.agents.reading import assets_named
from causemap.closed_sets import GapKind

_KINDS: Final[dict[str, GapKind]] = {
    "nothing came back": "empty",
    "out of date": "stale",
    "could not be read": "failed",
    "not covered": "not_covered",
}
_WEAKENS: Final = re.compile(r"\bweakens?\b")


def check_lacks(case: Case) -> Iterator[Problem]:
    """What a text says of gaps that is not true of a gap it tells."""
    text = case.reading.text.lower()
    told = [lack for lack in case.allowed.lacks if _stands(lack.what, text)]
    if not case.cited:
        yield from _assets(case, told)
    held = {why for lack in told for why in lack.whys}
    told_whys = [why for why in held if _stands(why, text)]
    for lack in case.allowed.lacks:
        for why in lack.whys:
            # One gap's reason may begin with the whole of another's.
            own = any(_stands(why, longer.lower()) for longer in told_whys)
            if _stands(why, text) and not own:
                yield Problem("gap", f"{why!r} is the reason of another gap")
    kinds = {lack.kind for lack in told}
    for words, kind in _KINDS.items():
        if kinds and text.startswith(words) and kind not in kinds:
            yield Problem("gap", f"{words!r} is not what is said of it")
    yield from _weakened(case, text, told)


def _assets(case: Case, told: Sequence[Lack]) -> Iterator[Problem]:
    """Assets that a text without citations names beside the engine's own words."""
    known = {asset for lack in told for words in (lack.what, *lack.whys) for asset in _named(words)}
    for subject in case.reading.subjects:
        if subject.kind == "asset" and subject.key not in known:
            yield Problem("asset", f"nothing cited is about {subject.key}, and no gap told is")


def _named(words: str) -> frozenset[str]:
    return assets_named(words) | frozenset(re.findall(r"[A-Z][A-Z0-9_]+", words))


def _weakened(case: Case, text: str, told: Sequence[Lack]) -> Iterator[Problem]:
    found = _WEAKENS.search(text)
    if found is None or not told:
        return
    weaker = {cause for lack in told for cause in lack.weakens}
    for subject in case.reading.subjects:
        if subject.kind == "cause" and subject.start > found.end() and subject.key not in weaker:
            yield Problem("gap", f"it does not weaken {subject.key}")


def _stands(words: str, text: str) -> bool:
    bare = words.strip().rstrip(".").lower()
    return len(bare) > 1 and re.search(rf"(?<!\w){re.escape(bare)}(?!\w)", text) is not None
