"""Which dated notes a briefing tells: found ones with an address, each story once.

A note is somebody's summary of what stands at its address. It is told as a summary, by the outlet
that the address belongs to: nobody's words are put in quotation marks, and no speaker is named.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from causemap.briefing.lint import advice
from causemap.briefing.outlets import named
from causemap.closed_sets import AssetGroup
from causemap.records import Note, Report
from causemap.tools.news.reading import fields
from causemap.words import clean, domain

_MOST: Final = 14
# Two notes of one day that share this part of their words tell one story.
_SAME: Final = 0.35
_FIRST: Final = ("official", "newswire", "wire", "exchange", "newspaper")


def told_notes(report: Report) -> tuple[Note, ...]:
    """Citable notes inside the window, one a story, official and earlier ones first."""
    start, end = report.scope.start, report.scope.end
    mine = [n for n in report.notes if _citable(n) and not _elsewhere(n, report.scope.groups)]
    inside = [n for n in mine if start <= n.published[:10] <= end]
    before = [n for n in mine if n.published[:10] < start][-2:]
    ranked = sorted((*before, *inside), key=lambda n: (_rank(n.kind), n.published, n.id))
    kept: list[Note] = []
    for note in ranked:
        if not any(_same(note, other) for other in kept):
            kept.append(note)
    return tuple(sorted(kept[:_MOST], key=lambda n: (n.published, n.id)))


def outlet_of(note: Note) -> str:
    """Who reported it: whose site the note's address is on; where it has none, its publisher."""
    try:
        host = domain(note.url) if note.url else ""
    except ValueError:
        host = ""
    return named(host) or clean(note.publisher, 60)


def summary_of(note: Note, most: int) -> str:
    """The note's words as part of a sentence: no full stop, no marks that would make a quotation.

    At most ``most`` characters.
    """
    # Marks of an outside text could open a quotation that nobody said.
    bare = re.sub(r"[\u201c\u201d\u300c\u300d\u300e\u300f\"]", "", note.text)
    return clean(bare, most).rstrip(".。 ")


def _citable(note: Note) -> bool:
    # A summary stands outside quotation marks: one that advises cannot be told.
    return note.basis != "knowledge" and note.url is not None and not any(advice(note.text))


def _elsewhere(note: Note, groups: Sequence[AssetGroup]) -> bool:
    """Whether a note speaks of coins or metals alone, and neither was asked about.

    What is said of stocks or of the economy is everybody's.
    """
    about = fields(note.text)
    return bool(about) and "equity" not in about and about.isdisjoint(groups)


def _rank(kind: str) -> int:
    return _FIRST.index(kind) if kind in _FIRST else len(_FIRST)


def _same(one: Note, two: Note) -> bool:
    if one.published[:10] != two.published[:10]:
        return False
    if one.url == two.url:
        return True
    a, b = _words(one.text), _words(two.text)
    return len(a & b) >= _SAME * min(len(a), len(b))


def _words(text: str) -> frozenset[str]:
    return frozenset(w for w in re.findall(r"\w+", text.casefold()) if len(w) > 3)
