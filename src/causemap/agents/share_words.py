"""Shares of a fall that lie outside of it: their names say what a figure below zero means.

A share of -1.77 "won back" is no rebound, and a rates part of 2.32 is no mistake. The figure stays
as measured; the words beside it say how it is to be read.
"""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

Share = Literal["won_back", "rates_part", "weekend"]


class _Beyond(NamedTuple):
    below: str
    above: str


_BEYOND: Final[dict[Share, _Beyond]] = {
    "won_back": _Beyond("below zero: none, it fell on", "above one: all of it and more"),
    "rates_part": _Beyond("below zero: rates worked against it", "above one: more than all of it"),
    "weekend": _Beyond("below zero: it rose on these days", "above one: it rose on the others"),
}


def share_words(kind: Share, said: str, value: float) -> str:
    """The name of a share; one that prints below zero or above one says what that means."""
    printed = round(value, 2)
    if 0.0 <= printed <= 1.0:
        return said
    meant = _BEYOND[kind].below if printed < 0.0 else _BEYOND[kind].above
    return f"{said} ({meant})"
