"""Chinese sentences that tell what is missing, bound to the gaps of the run.

The rules are those of :mod:`causemap.agents.lack`; only the words differ: a gap goes by its Chinese
name, its reason by the words for its kind, and a cause by the one name it has here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from causemap.agents.allowance import Lack
from causemap.agents.bound_zh import ASSET_WORDS, CAUSE_WORDS
from causemap.agents.chat_words import cause_zh
from causemap.agents.names_zh import KINDS_ZH, gap_zh
from causemap.closed_sets import GapKind

KINDS: Final[dict[str, GapKind]] = {words: kind for kind, words in KINDS_ZH.items()}
_WEAKENS: Final = re.compile("削弱")


def check_lacks(
    text: str, lacks: Sequence[Lack], *, cited: bool, named: bool = False
) -> Iterator[str]:
    """What a text says of gaps that is not true of a gap it tells.

    ``cited`` texts may name the assets of their evidence; ``named`` ones have to tell a gap.
    """
    told, rest = _told(text, lacks)
    if named and not told:
        yield "gap: it names no gap of this run"
    if not cited and (named or told) and (asset := ASSET_WORDS.search(rest)):
        yield f"asset: nothing cited is about {asset[0]!r}, and no gap told is"
    kinds = {lack.kind for lack in told}
    for words, kind in KINDS.items():
        if kinds and words in rest and kind not in kinds:
            yield f"gap: {words!r} is not what is said of it"
    yield from _weakened(rest, told)


def _told(text: str, lacks: Sequence[Lack]) -> tuple[list[Lack], str]:
    """The gaps that a text names, and the text without their names.

    Of two names one of which stands in the other the longer one is read.
    """
    names: dict[str, list[Lack]] = {}
    for lack in lacks:
        names.setdefault(gap_zh(lack.what), []).append(lack)
    told: list[Lack] = []
    for name in sorted(names, key=len, reverse=True):
        if name in text:
            told += names[name]
            text = text.replace(name, " ")
    return told, text


def _weakened(text: str, told: Sequence[Lack]) -> Iterator[str]:
    found = _WEAKENS.search(text)
    if found is None or not told:
        return
    weaker = {cause_zh(cause) for lack in told for cause in lack.weakens}
    for cause in CAUSE_WORDS.findall(text, found.end()):
        if cause not in weaker:
            yield f"gap: it does not weaken {cause!r}"
