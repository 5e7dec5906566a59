"""Names that mean another market's figure than the tape's: foreign debt, other terms, surveys."""

from __future__ import annotations

import re
from typing import Final

from causemap.tools.claims.lexicon import (
    FOREIGN,
    FOREIGN_AFTER,
    FOREIGN_BEFORE,
    HOME,
    KIND_BEFORE,
    SURVEY,
)

_DEBT: Final = frozenset({"UST2Y", "UST10Y", "UST30Y", "REAL10Y", "BE10Y", "HY_OAS"})
_MARKET: Final = re.compile(r"break-?even", re.IGNORECASE)
_GENERIC: Final = re.compile(r"(?:global )?(?:stocks|equities)|stock markets?", re.IGNORECASE)


def elsewhere(folded: str, start: int, end: int, key: str) -> bool:
    """Whether what is named at ``start``:``end`` is not the American series it is called by.

    A yield is foreign when a foreign state or paper stands with it, or when its sentence has come
    from one to it and speaks of nothing American; inflation expectations are the market's unless
    people were asked.
    """
    name = folded[start:end]
    if key == "SPX":
        return bool(_GENERIC.fullmatch(name)) and _beside(folded, start, end)
    if key not in _DEBT:
        return False
    if key == "BE10Y" and not _MARKET.search(name) and SURVEY.search(folded):
        return True
    if KIND_BEFORE.search(folded[:start]):
        return True
    return not HOME.search(name) and (_beside(folded, start, end) or _led_to(folded, start))


def _beside(folded: str, start: int, end: int) -> bool:
    return bool(FOREIGN_BEFORE.search(folded[:start]) or FOREIGN_AFTER.match(folded[end:]))


def _led_to(folded: str, start: int) -> bool:
    """Whether what went before is foreign, and nothing American, or its own ("whose yield")."""
    foreign = [m.end() for m in FOREIGN.finditer(folded) if m.start() < start]
    if not foreign:
        return False
    home = [m.end() for m in HOME.finditer(folded, 0, start)]
    if _OWNED.search(folded[:start]):
        return not home or home[-1] < foreign[-1]
    return not HOME.search(folded)


# "Italian bonds, whose yield", "the band around its ten-year yield".
_OWNED: Final = re.compile(r"\b(?:whose|its|their) $", re.IGNORECASE)
