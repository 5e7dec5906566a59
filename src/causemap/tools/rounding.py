"""The one rounding of the house: what a dossier holds is the same on every machine."""

from __future__ import annotations

import math
from typing import Final

DIGITS: Final = 6
# Sums that cancel leave a remainder that differs between machines.
_NOTHING: Final = 1e-9


def rounded(value: float) -> float:
    """``value`` to six significant digits, never minus zero; what is left of rounding is zero."""
    if abs(value) < _NOTHING:
        return 0.0
    return round(value, DIGITS - 1 - math.floor(math.log10(abs(value)))) + 0.0
