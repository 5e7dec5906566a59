"""The engine's own words, in words for readers: why a gap is one, how a past fall differs."""

from __future__ import annotations

import re
from typing import Final

from causemap.records import Gap
from causemap.words import ASSETS

_CODE: Final = re.compile(r"[A-Z][A-Z0-9_]+")


def plain_lack(gap: Gap) -> str:
    """The reason without the code of a series; its plain name stands before what is said of it.

    That nothing was there is told of the missing thing itself, which is named beside it.
    """
    why = gap.why.strip().rstrip(".")
    code, colon, rest = why.partition(": ")
    if colon and _CODE.fullmatch(code):
        name = ASSETS.get(code, "")
        known = gap.kind == "empty" or name.lower() in gap.what.lower()
        why = rest if known else f"{name}: {rest}"
    return why.replace("in the data directory", "in the data")


def plain_differs(words: str) -> str:
    """How a past window differs, in figures that have a unit: distances alone are left out."""
    bare = re.sub(r" \(z [^()]*\)", "", words.strip().rstrip("."))
    return "; ".join(part for part in bare.split("; ") if not re.search(r"\bz\b", part))
