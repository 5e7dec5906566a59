"""The assets a verdict can be given on, by group, and the words a question names them with."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Final

from causemap.closed_sets import AssetGroup

DEFAULT_ASSETS: Final = ("SPX", "NDX", "BTC", "ETH", "GLD", "SLV")
_CRYPTO: Final = ("BTC", "ETH", "IBIT", "SOL_PERP", "BNB_PERP", "XRP_PERP", "DOGE_PERP")
_METALS: Final = ("GLD", "SLV", "GDX", "GOLD", "SILVER", "GOLD_FUT")
_FUNDS: Final = (
    "SPX NDX SPY QQQ IWM RSP SMH SOXX IGV XLK XLF XLE XLU XLP XLV XLY XLI XLB XLRE XLC KRE KBE "
    "ARKK MTUM QUAL USMV VLUE SIZE KWEB EFA FXI EWJ EWT EWY EWG COPX VNQ XBI"
)
_STOCKS: Final = (
    "NVDA AAPL AMZN META GOOGL MSFT TSLA AMD AVGO TSM MU INTC ORCL CRM NOW PLTR SNOW CRWD ASML VRT"
)
GROUP_OF: Final[dict[str, AssetGroup]] = {
    **dict.fromkeys((*_FUNDS.split(), *_STOCKS.split()), "equity"),
    **dict.fromkeys(_CRYPTO, "crypto"),
    **dict.fromkeys(_METALS, "metals"),
}

# Tickers that are words of their own in small letters.
_SAME_WORD: Final = frozenset({"GOLD", "SILVER", "NOW", "SNOW", "SIZE", "META", "QUAL"})
# Words of a question, all lower case. Longer ones are tried first.
WORDS: Final[dict[str, tuple[str, ...]]] = {
    **{
        name.lower(): (name,)
        for name in GROUP_OF
        if len(name) > 2 and name.isalpha() and name not in _SAME_WORD
    },
    **dict.fromkeys(("bitcoin", "btc", "比特币"), ("BTC",)),
    **dict.fromkeys(("ether", "ethereum", "eth", "以太坊", "以太币"), ("ETH",)),
    **dict.fromkeys(
        ("crypto", "cryptos", "cryptocurrency", "cryptocurrencies", "coins", "digital assets"),
        ("BTC", "ETH"),
    ),
    **dict.fromkeys(("加密货币", "加密", "币圈", "币市", "数字货币"), ("BTC", "ETH")),
    **dict.fromkeys(("solana", "sol"), ("SOL_PERP",)),
    **dict.fromkeys(("xrp", "ripple"), ("XRP_PERP",)),
    **dict.fromkeys(("dogecoin", "doge"), ("DOGE_PERP",)),
    **dict.fromkeys(
        ("stocks", "stock market", "equities", "shares", "wall street", "stock", "equity"),
        ("SPX", "NDX"),
    ),
    **dict.fromkeys(("美股", "股市", "股票", "股指"), ("SPX", "NDX")),
    **dict.fromkeys(("s&p 500", "s&p500", "s&p", "sp500", "spx", "标普500", "标普"), ("SPX",)),
    **dict.fromkeys(
        ("nasdaq 100", "nasdaq-100", "nasdaq", "ndx", "tech", "technology", "big tech"), ("NDX",)
    ),
    **dict.fromkeys(("纳斯达克", "纳指", "科技股"), ("NDX",)),
    **dict.fromkeys(("software", "saas", "软件股", "软件"), ("IGV",)),
    **dict.fromkeys(
        ("chips", "chip stocks", "semis", "semiconductors", "semiconductor", "chipmakers"),
        ("SMH",),
    ),
    **dict.fromkeys(("芯片股", "芯片", "半导体"), ("SMH",)),
    **dict.fromkeys(
        ("small caps", "small-caps", "small cap", "small-cap", "russell 2000", "russell"), ("IWM",)
    ),
    **dict.fromkeys(("小盘股", "罗素2000"), ("IWM",)),
    **dict.fromkeys(("regional banks", "banks", "bank stocks", "银行股", "地区银行"), ("KRE",)),
    **dict.fromkeys(("energy stocks", "oil stocks", "能源股"), ("XLE",)),
    **dict.fromkeys(("financials", "financial stocks", "金融股"), ("XLF",)),
    **dict.fromkeys(("real estate", "real estate stocks", "reits"), ("VNQ",)),
    **dict.fromkeys(("health care stocks", "healthcare stocks", "医药股"), ("XLV",)),
    **dict.fromkeys(("chinese stocks", "china stocks"), ("FXI",)),
    **dict.fromkeys(("chinese tech", "chinese tech stocks", "china tech", "中概股"), ("KWEB",)),
    **dict.fromkeys(("japanese stocks",), ("EWJ",)),
    **dict.fromkeys(("utilities",), ("XLU",)),
    **dict.fromkeys(("biotech", "biotech stocks"), ("XBI",)),
    **dict.fromkeys(("ai stocks", "ai shares"), ("NDX", "SMH")),
    **dict.fromkeys(("gold miners", "miners", "金矿股"), ("GDX",)),
    **dict.fromkeys(("gold", "bullion", "黄金", "金价"), ("GLD",)),
    **dict.fromkeys(("silver", "白银", "银价"), ("SLV",)),
    **dict.fromkeys(("metals", "precious metals", "贵金属"), ("GLD", "SLV")),
    **dict.fromkeys(("nvidia", "英伟达"), ("NVDA",)),
    **dict.fromkeys(("apple", "苹果"), ("AAPL",)),
    **dict.fromkeys(("amazon", "亚马逊"), ("AMZN",)),
    **dict.fromkeys(("facebook", "meta", "meta platforms", "脸书"), ("META",)),
    **dict.fromkeys(("google", "alphabet", "谷歌"), ("GOOGL",)),
    **dict.fromkeys(("microsoft", "微软"), ("MSFT",)),
    **dict.fromkeys(("tesla", "特斯拉"), ("TSLA",)),
    **dict.fromkeys(("broadcom", "博通"), ("AVGO",)),
    **dict.fromkeys(("tsmc", "台积电"), ("TSM",)),
    **dict.fromkeys(("micron", "美光"), ("MU",)),
    **dict.fromkeys(("intel", "英特尔"), ("INTC",)),
    **dict.fromkeys(("oracle", "甲骨文"), ("ORCL",)),
    **dict.fromkeys(("salesforce",), ("CRM",)),
    **dict.fromkeys(("servicenow",), ("NOW",)),
    **dict.fromkeys(("palantir",), ("PLTR",)),
    **dict.fromkeys(("snowflake",), ("SNOW",)),
    **dict.fromkeys(("crowdstrike",), ("CRWD",)),
    **dict.fromkeys(("vertiv",), ("VRT",)),
    **dict.fromkeys(
        ("everything", "all assets", "markets", "cross-asset", "risk assets"), DEFAULT_ASSETS
    ),
    **dict.fromkeys(("一起", "全部资产", "所有资产"), ()),
    **dict.fromkeys(("the market", "market", "大盘"), ("SPX", "NDX")),
}


def _word_pattern(word: str) -> str:
    escaped = re.escape(word)
    return rf"(?<![a-z0-9]){escaped}(?![a-z0-9])" if word.isascii() else escaped


@cache
def spoken() -> re.Pattern[str]:
    """Any of :data:`WORDS`, the longest first; only questions need it."""
    return re.compile(
        "|".join(_word_pattern(word) for word in sorted(WORDS, key=len, reverse=True))
    )


TICKER: Final = re.compile(r"(?<![A-Za-z0-9])[A-Z][A-Z0-9_]{1,9}(?![A-Za-z0-9])")


@dataclass(frozen=True, slots=True)
class Mentioned:
    """Assets a question names, in its order; empty when it names none."""

    assets: tuple[str, ...]


def mentioned_assets(text: str) -> Mentioned:
    """The assets that ``text`` names, by word or by ticker in capitals.

    A group word beside one of its members adds nothing ("tech stocks" is the Nasdaq 100).
    """
    found: list[tuple[int, tuple[str, ...]]] = [
        (match.start(), WORDS[match[0]]) for match in spoken().finditer(text.lower())
    ]
    found += [
        (match.start(), (match[0],)) for match in TICKER.finditer(text) if match[0] in GROUP_OF
    ]
    single = {assets[0] for _, assets in found if len(assets) == 1}
    covered = {GROUP_OF[name] for name in single}
    kept = [
        assets
        for _, assets in sorted(found)
        if len(assets) == 1 or not _all_covered(assets, covered)
    ]
    return Mentioned(tuple(dict.fromkeys(name for assets in kept for name in assets)))


def _all_covered(assets: Iterable[str], covered: set[AssetGroup]) -> bool:
    return {GROUP_OF[name] for name in assets} <= covered
