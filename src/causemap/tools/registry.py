"""What is known about each series: provider symbol, unit, calendar, lag, quality, faults.

The lag says when a value becomes available, counted from midnight UTC of the date it is filed
under; it is set on the late side, so that an as-of view errs by knowing too little, never too much.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Literal

Calendar = Literal["nyse", "utc_day", "weekly", "bars"]
Change = Literal["log", "diff"]


@dataclass(frozen=True, slots=True)
class SeriesInfo:
    """One canonical series.

    ``change`` is how moves are measured (log for prices, difference for yields and spreads) and
    ``scale`` turns a difference into its reporting unit (100 for percent quoted yields -> bp).
    ``business_days`` and ``hours`` make up the publication lag. ``max_age`` in calendar days is
    the oldest a last value may be before it counts as stale. ``valid_from``/``valid_to`` fence off
    known faults. ``redistributable`` is the provider's leave to republish raw values.
    """

    name: str
    file: str
    symbol: str
    provider: str
    unit: str
    said: str
    calendar: Calendar = "nyse"
    change: Change = "log"
    scale: float = 1.0
    business_days: int = 0
    hours: float = 22.0
    max_age: int = 5
    quality: float = 1.0
    valid_from: str | None = None
    valid_to: str | None = None
    repeats_dropped: bool = False
    redistributable: bool = False
    fault: str = ""

    @property
    def change_unit(self) -> str:
        """The unit of a change: per cent where moves are relative, else the series' own."""
        return "%" if self.change == "log" else self.unit


_DAILY: Final = "market_daily"
_CRYPTO: Final = "crypto_daily"


def _price(name: str, symbol: str, said: str, provider: str = "Yahoo") -> SeriesInfo:
    return SeriesInfo(name, _DAILY, symbol, provider, "%", said)


def _yield(name: str, symbol: str, said: str) -> SeriesInfo:
    """Treasury publishes par yields the same evening; H.15 follows the next business day."""
    return SeriesInfo(
        name,
        _DAILY,
        symbol,
        "FRED H.15",
        "bp",
        said,
        change="diff",
        scale=100.0,
        hours=23.5,
        redistributable=True,
    )


def _spread(name: str, symbol: str, said: str) -> SeriesInfo:
    """ICE BofA spreads reach FRED on the next business day."""
    known = _yield(name, symbol, said)
    late = replace(known, provider="FRED ICE BofA", business_days=1, hours=15)
    return replace(late, redistributable=False)


def _overnight(name: str, symbol: str, said: str, provider: str) -> SeriesInfo:
    """The New York Fed publishes overnight rates on the morning of the next business day."""
    known = _yield(name, symbol, said)
    return replace(known, provider=provider, business_days=1, hours=14)


def _spot(name: str, symbol: str, said: str) -> SeriesInfo:
    """Spot prices of the EIA count as known after six business days, as from a weekly release.

    How late each was is not on record (the files hold oil three business days less long than
    stocks), so the lag is set on the late side. Moves of oil are read on the fund (USO), whose
    close is known on its day.
    """
    return replace(_price(name, symbol, said, "FRED EIA"), business_days=6)


def _crypto(name: str, symbol: str, said: str, provider: str, unit: str = "%") -> SeriesInfo:
    """A UTC day is complete at the next midnight."""
    return SeriesInfo(
        name, _CRYPTO, symbol, provider, unit, said, calendar="utc_day", hours=24.0, max_age=2
    )


_ETFS: Final = {
    "SPY": "S&P 500 ETF",
    "QQQ": "Nasdaq 100 ETF",
    "IWM": "US small caps",
    "RSP": "equal-weight S&P 500",
    "SMH": "semiconductors",
    "SOXX": "semiconductors (SOXX)",
    "IGV": "software",
    "XLK": "technology",
    "XLF": "financials",
    "XLE": "energy",
    "XLU": "utilities",
    "XLP": "consumer staples",
    "XLV": "health care",
    "XLY": "consumer discretionary",
    "XLI": "industrials",
    "XLB": "materials",
    "XLRE": "real estate",
    "XLC": "communication services",
    "KRE": "regional banks",
    "KBE": "banks",
    "ARKK": "unprofitable tech (ARKK)",
    "MTUM": "momentum",
    "QUAL": "quality",
    "USMV": "minimum volatility",
    "VLUE": "value",
    "SIZE": "size factor",
    "KWEB": "China internet",
    "EFA": "developed markets ex US",
    "FXI": "China large caps",
    "EWJ": "Japan",
    "EWT": "Taiwan",
    "EWY": "Korea",
    "EWG": "Germany",
    "TLT": "long Treasuries",
    "IEF": "7-10 year Treasuries",
    "IEI": "3-7 year Treasuries",
    "SHY": "1-3 year Treasuries",
    "TIP": "inflation-linked Treasuries",
    "AGG": "US bonds",
    "HYG": "high-yield bonds",
    "JNK": "high-yield bonds (JNK)",
    "LQD": "investment-grade bonds",
    "EMB": "emerging-market bonds",
    "MUB": "municipal bonds",
    "PFF": "preferred shares",
    "GLD": "gold (GLD)",
    "SLV": "silver (SLV)",
    "GDX": "gold miners",
    "USO": "crude oil (USO)",
    "DBC": "commodities",
    "COPX": "copper miners",
    "VNQ": "property trusts",
    "XBI": "biotech",
}
STOCKS: Final = {
    "NVDA": "Nvidia",
    "AAPL": "Apple",
    "AMZN": "Amazon",
    "META": "Meta",
    "GOOGL": "Alphabet",
    "MSFT": "Microsoft",
    "TSLA": "Tesla",
    "AMD": "AMD",
    "AVGO": "Broadcom",
    "TSM": "TSMC",
    "MU": "Micron",
    "INTC": "Intel",
    "ORCL": "Oracle",
    "CRM": "Salesforce",
    "NOW": "ServiceNow",
    "PLTR": "Palantir",
    "SNOW": "Snowflake",
    "CRWD": "CrowdStrike",
    "ASML": "ASML",
    "VRT": "Vertiv",
}

_ENTRIES: Final = (
    _price("SPX", "^GSPC", "the S&P 500"),
    _price("NDX", "^NDX", "the Nasdaq 100"),
    *(_price(name, name, said) for name, said in {**_ETFS, **STOCKS}.items()),
    replace(_price("SPY_VOLUME", "SPY", "SPY volume"), unit="shares"),
    replace(_price("QQQ_VOLUME", "QQQ", "QQQ volume"), unit="shares"),
    *(
        replace(_price(name, symbol, said, "Cboe"), unit="index", change="diff")
        for name, symbol, said in (
            ("VIX", "^VIX", "the VIX"),
            ("VIX_HIGH", "^VIX", "the VIX session high"),
            ("VVIX", "^VVIX", "the VVIX"),
        )
    ),
    replace(
        _price("MOVE", "^MOVE", "the MOVE index", "ICE"),
        unit="index",
        change="diff",
        quality=0.8,
        repeats_dropped=True,
        fault="repeats the previous print on some days; repeated values are dropped",
    ),
    _yield("UST3M", "DGS3MO", "the 3-month Treasury yield"),
    _yield("UST2Y", "DGS2", "the 2-year Treasury yield"),
    _yield("UST5Y", "DGS5", "the 5-year Treasury yield"),
    _yield("UST10Y", "DGS10", "the 10-year Treasury yield"),
    _yield("UST30Y", "DGS30", "the 30-year Treasury yield"),
    _yield("REAL10Y", "DFII10", "the 10-year real yield"),
    _yield("BE10Y", "T10YIE", "10-year breakeven inflation"),
    _yield("BE5Y", "T5YIE", "5-year breakeven inflation"),
    _yield("FWD5Y5Y", "T5YIFR", "5y5y forward inflation"),
    _yield("CURVE_2S10S", "T10Y2Y", "the 2s10s curve"),
    _overnight("EFFR", "EFFR", "the effective fed funds rate", "FRED H.15"),
    _yield("IORB", "IORB", "interest on reserve balances"),
    SeriesInfo(
        "FED_BS_MUSD",
        _DAILY,
        "WALCL",
        "FRED H.4.1",
        "usd_mn",
        "the Federal Reserve's balance sheet",
        calendar="weekly",
        change="diff",
        business_days=1,
        hours=22,
        max_age=10,
        redistributable=True,
    ),
    SeriesInfo(
        "RRP_BUSD",
        _DAILY,
        "RRPONTSYD",
        "FRED NY Fed",
        "usd_bn",
        "the overnight reverse repo facility",
        change="diff",
        redistributable=True,
    ),
    SeriesInfo(
        "STLFSI4",
        _DAILY,
        "STLFSI4",
        "FRED St. Louis Fed",
        "index",
        "the St. Louis Fed stress index",
        calendar="weekly",
        change="diff",
        business_days=5,
        max_age=12,
        redistributable=True,
    ),
    _spread("HY_OAS", "BAMLH0A0HYM2", "the high-yield spread"),
    _spread("IG_OAS", "BAMLC0A0CM", "the investment-grade spread"),
    _spread("CCC_OAS", "BAMLH0A3HYC", "the CCC spread"),
    _overnight("SOFR", "SOFR", "SOFR", "New York Fed"),
    _overnight("SOFR_P99", "SOFR", "the 99th percentile of SOFR", "New York Fed"),
    SeriesInfo(
        "SOFR_VOLUME_BUSD",
        _DAILY,
        "SOFR",
        "New York Fed",
        "usd_bn",
        "the volume behind SOFR",
        business_days=1,
        hours=14,
        redistributable=True,
    ),
    SeriesInfo(
        "RESERVES_MUSD",
        _DAILY,
        "WRBWFRBL",
        "FRED H.4.1",
        "usd_mn",
        "reserve balances at the Federal Reserve",
        calendar="weekly",
        change="diff",
        business_days=1,
        hours=22,
        max_age=10,
        redistributable=True,
    ),
    _price("DXY", "DX-Y.NYB", "the dollar index", "ICE"),
    replace(
        _price("USD_BROAD", "DTWEXBGS", "the broad dollar", "FRED H.10"),
        business_days=5,
        max_age=12,
        redistributable=True,
    ),
    _price("USDJPY", "JPY=X", "dollar-yen"),
    _price("GOLD_FUT", "GC=F", "gold futures"),
    _price("GOLD", "LBMA pm", "gold (London fix)", "LBMA"),
    _price("SILVER", "SI=F", "silver (futures)"),
    _spot("WTI", "DCOILWTICO", "WTI crude"),
    _spot("BRENT", "DCOILBRENTEU", "Brent crude"),
    replace(_crypto("IBIT", "IBIT", "the IBIT ETF", "Yahoo"), max_age=5),
    _crypto("BTC", "BTC-USD", "bitcoin", "Yahoo"),
    _crypto("ETH", "ETH-USD", "ether", "Yahoo"),
    *(
        _crypto(f"{coin}_PERP", f"{coin}USDT", f"the {coin} perpetual", "Binance")
        for coin in ("SOL", "BTCDOM", "BNB", "XRP", "DOGE")
    ),
    _crypto("BTC_PERP_QVOL", "BTCUSDT", "BTC perpetual volume", "Binance", "usd"),
    _crypto("BTC_PERP_LOW", "BTCUSDT", "the BTC perpetual low", "Binance"),
    _crypto("BTC_PERP_HIGH", "BTCUSDT", "the BTC perpetual high", "Binance"),
    _crypto("BTC_FUNDING_8H_MEAN", "BTCUSDT", "mean BTC funding", "Binance", "bp_8h"),
    _crypto("BTC_FUNDING_8H_MIN", "BTCUSDT", "lowest BTC funding", "Binance", "bp_8h"),
    *(
        replace(
            _crypto(
                f"{coin}_OI_COINM_USD",
                f"{coin}USD_PERP",
                f"coin-margined {coin} open interest",
                "Binance",
                "usd",
            ),
            quality=0.2,
            fault="coin-margined contracts of one venue do not show the great liquidations",
        )
        for coin in ("BTC", "ETH", "SOL")
    ),
    *(
        _crypto(f"{coin}_SPOT_USD", f"{coin}-USD", f"{coin} spot in dollars", "Coinbase")
        for coin in ("BTC", "ETH")
    ),
    *(
        _crypto(
            f"{coin}_OI_{coin}_{venue.upper()}",
            f"{coin}USDT",
            f"{coin} open interest on {venue}",
            venue,
            "coins",
        )
        for venue in ("Binance", "Bybit", "OKX")
        for coin in ("BTC", "ETH")
    ),
    *(
        replace(
            _crypto(
                f"BTC_LIQ_{side}_BTC_OKX", "BTC-USDT", f"OKX {side.lower()} liquidations", "OKX"
            ),
            unit="coins",
            change="diff",
            quality=0.4,
            fault="one venue, and only the orders its public list still holds",
        )
        for side in ("LONG", "SHORT")
    ),
    *(
        replace(
            _crypto(f"BTC_BASIS_BP_{venue.upper()}", "BTCUSDT", f"BTC basis on {venue}", venue),
            unit="bp",
            change="diff",
        )
        for venue in ("Binance", "Bybit", "OKX")
    ),
    _crypto("AAVE_WBTC_LIQ_USD", "Aave WBTC", "Aave WBTC liquidations", "on chain", "usd"),
    _crypto("HL_LIQ_LONG_USD", "BTC", "Hyperliquid long liquidations", "Hyperliquid", "usd"),
    _crypto("HL_LIQ_SHORT_USD", "BTC", "Hyperliquid short liquidations", "Hyperliquid", "usd"),
    replace(
        _crypto("STABLECOIN_SUPPLY_USD", "stablecoins", "stablecoin supply", "DefiLlama", "usd"),
        valid_from="2020-01-01",
        fault="under-covered before 2020",
        redistributable=True,
    ),
    replace(
        _crypto("DEFI_TVL_USD", "tvl", "DeFi value locked", "DefiLlama", "usd"),
        redistributable=True,
    ),
    _crypto("FEAR_GREED", "fng", "the crypto fear and greed index", "alternative.me", "index"),
)

REGISTRY: Final[dict[str, SeriesInfo]] = {info.name: info for info in _ENTRIES}


def bar_info(name: str) -> SeriesInfo:
    """The entry of an intraday column (``BTC_CLOSE``, ``ETH_FUNDING_BYBIT`` ...)."""
    coin, _, what = name.partition("_")
    info = SeriesInfo(
        name, "bars", f"{coin}USDT", "exchange", "%", f"{coin} {what.lower()}", calendar="bars"
    )
    if "_OI_HL_" in name:
        return replace(
            info,
            quality=0.5,
            valid_to="2026-01-28",
            provider="Hyperliquid",
            fault="the feed falls from 2.1 to 0.2 bn on 2026-01-29 without a market reason",
        )
    for venue in ("Bybit", "OKX", "Hyperliquid"):
        if name.endswith(f"_{venue.upper()}"):
            return replace(info, provider=venue)
    return replace(info, provider="Aave" if name.startswith("AAVE") else "Binance")


def info_of(name: str) -> SeriesInfo:
    """The entry of a daily series or, by its name, of an intraday column."""
    return REGISTRY[name] if name in REGISTRY else bar_info(name)
