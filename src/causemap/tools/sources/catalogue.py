"""All sources, in the order their word counts: the first to give a value is the one kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from causemap.tools.sources.alternative_me import AlternativeMe
from causemap.tools.sources.binance import Binance
from causemap.tools.sources.bybit import Bybit
from causemap.tools.sources.calendars import Calendars
from causemap.tools.sources.coinbase import Coinbase
from causemap.tools.sources.defillama import DefiLlama
from causemap.tools.sources.feeds import Feeds, load_feeds
from causemap.tools.sources.fred import Fred
from causemap.tools.sources.nyfed import NewYorkFed
from causemap.tools.sources.okx import Okx
from causemap.tools.sources.sec import Sec
from causemap.tools.sources.treasury import Treasury
from causemap.tools.sources.yahoo import Yahoo

if TYPE_CHECKING:
    from causemap.settings import Settings
    from causemap.tools.sources.contract import Source


def all_sources(settings: Settings) -> tuple[Source, ...]:
    """Every source, set up by the settings.

    Raises:
        UsageError: the feeds file cannot be used.
    """
    return (
        Yahoo(),
        Treasury(),
        Fred(settings.fred_key),
        NewYorkFed(),
        Binance(),
        Bybit(),
        Okx(),
        Coinbase(),
        DefiLlama(),
        AlternativeMe(),
        Calendars(),
        Sec(),
        Feeds(load_feeds(settings.feeds_file)),
    )
