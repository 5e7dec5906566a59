"""All sources, in the order their word counts: the first to give a value is the one kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from causemap.tools.sources.alternative_me import AlternativeMe
from causemap.tools.sources.binance import Binance
from causemap.tools.sources.bybit import Bybit
from causemap.tools.sources.calendars import Calendars
from causemap.tools.sources.coinbase import Coinbase
from causemap.tools.sources.contract import Missing
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


_STREAM: Final = "no public history: told on the venue's stream only, so a pull cannot ask for it"
# What a reader may look for and no source brings; the series among them stay as they are on disk.
NOT_OFFERED: Final = (
    Missing("liquidations on Binance", "not_covered", _STREAM),
    Missing("liquidations on Bybit", "not_covered", _STREAM),
    Missing("HL_LIQ_LONG_USD", "not_covered", "Hyperliquid lists liquidations per account only"),
    Missing("HL_LIQ_SHORT_USD", "not_covered", "Hyperliquid lists liquidations per account only"),
    Missing("AAVE_WBTC_LIQ_USD", "not_covered", "on chain; needs a node or an indexer"),
    Missing("BTC_OI_COINM_USD", "not_covered", "coin-margined contracts are not pulled"),
    Missing("ETH_OI_COINM_USD", "not_covered", "coin-margined contracts are not pulled"),
    Missing("SOL_OI_COINM_USD", "not_covered", "coin-margined contracts are not pulled"),
    Missing("GOLD", "not_covered", "the London fix is licensed; gold futures stand in for it"),
)


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
