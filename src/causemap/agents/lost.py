"""What a run could not do at all: a desk that did not finish, a file that cannot be read.

Unlike other gaps they make a run incomplete: the same question can be answered better once the
fault is mended. A file that is not there is no fault.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from causemap.records import Gap

if TYPE_CHECKING:
    from causemap.closed_sets import Desk
    from causemap.tools.market import Market

LOST_DESKS: Final[dict[Desk, str]] = {
    "macro": "the macro desk",
    "earnings_news": "the earnings news desk",
    "technicals": "the technicals desk",
    "crypto_structure": "the crypto structure desk",
}
# The desk that misses a file most.
_READERS: Final[dict[str, Desk]] = {
    "market_daily": "technicals",
    "crypto_daily": "crypto_structure",
    "crypto_4h": "crypto_structure",
    "crypto_1h": "crypto_structure",
    "macro_calendar": "macro",
    "megacap_earnings": "earnings_news",
    "fomc_statements": "earnings_news",
    "headlines": "earnings_news",
}
_LOST: Final = frozenset(LOST_DESKS.values()) | {f"the file {name}" for name in _READERS}


def broken_files(market: Market) -> tuple[Gap, ...]:
    """A gap for each file of the data directory that lies there and cannot be read."""
    return tuple(
        Gap(f"the file {fault.name}", fault.kind, fault.why, _READERS[fault.name])
        for fault in market.broken()
    )


def lost(gaps: Iterable[Gap]) -> tuple[Gap, ...]:
    """Those of the gaps that make a run incomplete."""
    return tuple(gap for gap in gaps if gap.kind == "failed" and gap.what in _LOST)
