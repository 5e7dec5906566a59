"""Why a gap is one, in words for readers."""

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
