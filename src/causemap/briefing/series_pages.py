"""The public page of a series, from the registry alone: never from the words of a run.

Of a provider without a page that stays where it is there is none.
"""

from __future__ import annotations

from functools import cache
from typing import Final
from urllib.parse import quote

from causemap.tools.registry import REGISTRY

_YAHOO: Final = "https://finance.yahoo.com/quote/{}/"
_FRED: Final = "https://fred.stlouisfed.org/series/{}"
# Indexes of Cboe and ICE go by the code under which Yahoo shows them.
_PAGES: Final = {
    "Yahoo": _YAHOO,
    "Cboe": _YAHOO,
    "ICE": _YAHOO,
    "FRED": _FRED,
    "LBMA": "https://www.lbma.org.uk/prices-and-data/precious-metal-prices",
}


def page_of(series: str) -> str | None:
    """The page of ``"FRED H.15 DGS2"``; ``None`` for what is no series of the registry."""
    return _pages().get(series)


@cache
def _pages() -> dict[str, str]:
    found = {}
    for info in REGISTRY.values():
        page = _PAGES.get(info.provider.partition(" ")[0])
        if page is not None:
            code = quote(info.symbol, safe="")
            found[f"{info.provider} {info.symbol}"] = page.format(code)
    return found
