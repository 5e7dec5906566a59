"""What each source is asked in the tests, and hand-written answers of the documented shapes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from causemap.tools.sources.alternative_me import AlternativeMe
from causemap.tools.sources.binance import Binance
from causemap.tools.sources.bybit import Bybit
from causemap.tools.sources.calendars import Calendars
from causemap.tools.sources.coinbase import Coinbase
from causemap.tools.sources.contract import Batch, Source, Span
from causemap.tools.sources.defillama import DefiLlama
from causemap.tools.sources.feeds import Feed, Feeds
from causemap.tools.sources.fred import Fred
from causemap.tools.sources.nyfed import NewYorkFed
from causemap.tools.sources.okx import Okx
from causemap.tools.sources.sec import Sec
from causemap.tools.sources.treasury import Treasury
from causemap.tools.sources.yahoo import Yahoo

SINCE = date(2026, 11, 16)
NOW = datetime(2026, 11, 20, 23, 0, tzinfo=UTC)
JSON, XML, CSV, HTML = "application/json", "text/xml", "application/csv", "text/html"
ICS = "text/calendar"


def ms(day: int, hour: int = 0) -> int:
    """A time of November 2026 in milliseconds."""
    return int(datetime(2026, 11, day, hour, tzinfo=UTC).timestamp() * 1000)


def treasury(prefix: str, *rows: tuple[int, float]) -> str:
    """A feed of par yields; ``rows`` are days of November and ten-year yields."""
    tags = ("3MONTH", "2YEAR", "5YEAR", "10YEAR", "30YEAR") if prefix == "BC" else ("10YEAR",)
    entries = "".join(
        f"<entry><content><m:properties><d:NEW_DATE>2026-11-{day:02d}T00:00:00</d:NEW_DATE>"
        + "".join(f"<d:{prefix}_{tag}>{value}</d:{prefix}_{tag}>" for tag in tags)
        + "</m:properties></content></entry>"
        for day, value in rows
    )
    spaces = "http://schemas.microsoft.com/ado/2007/08/dataservices"
    return f'<feed xmlns:m="{spaces}/metadata" xmlns:d="{spaces}">{entries}</feed>'


def chart(*rows: tuple[int, float]) -> dict[str, Any]:
    """A daily chart of Yahoo, closes at 21:00 UTC."""
    stamps = [ms(day, 14) // 1000 for day, _ in rows]
    closes = [value for _, value in rows]
    when = {"timezone": "EST", "start": 0, "end": 1, "gmtoffset": -18000}
    meta = {
        "symbol": "X",
        "currency": "USD",
        "exchangeTimezoneName": "America/New_York",
        "instrumentType": "INDEX",
        "regularMarketPrice": 1.0,
        "firstTradeDate": 0,
        "regularMarketTime": ms(20, 21) // 1000,
        "gmtoffset": -18000,
        "timezone": "EST",
        "dataGranularity": "1d",
        "range": "1mo",
        "validRanges": ["1d", "5d", "1mo", "3mo", "max"],
        "currentTradingPeriod": {"pre": when, "regular": when, "post": when},
    }
    quote = dict.fromkeys(("open", "high", "low", "close"), closes) | {"volume": [7] * len(rows)}
    held = {"timestamp": stamps} if rows else {}
    indicators = {"quote": [quote if rows else {}], "adjclose": [{"adjclose": closes}]}
    result = {"meta": meta, **held, "indicators": indicators}
    return {"chart": {"result": [result], "error": None}}


def candle(day: int, close: float, hour: int = 0) -> list[Any]:
    """A candle of Binance."""
    return [ms(day, hour), "1", str(close + 1), str(close - 1), str(close), "5", 0, "99", 1, "0"]


FEED = """<?xml version="1.0"?><rss version="2.0"><channel><title>T</title>{}</channel></rss>"""
ITEM = """<item><title>Stocks fall</title><link>https://p.example/1</link>
<pubDate>Fri, 20 Nov 2026 10:30:00 GMT</pubDate></item>"""
ATOM = """<?xml version="1.0" encoding="ISO-8859-1"?><feed xmlns="http://www.w3.org/2005/Atom">
<title>Latest Filings</title>{}</feed>"""
FILING = """<entry><title>8-K - ACME (0000000001) (Filer)</title>
<link rel="alternate" href="https://www.sec.gov/Archives/1.htm"/>
<updated>2026-11-20T13:30:36-05:00</updated><id>1</id></entry>"""
EVENT = """BEGIN:VEVENT\r\nSUMMARY:Consumer Price Index for Octo\r\n ber 2026\r
DTSTART;TZID=US-Eastern:20261118T083000\r\nEND:VEVENT\r\n"""
MEETING = """<div class="panel"><h4><a>2026 FOMC Meetings</a></h4><div class="row fomc-meeting">
<div class="fomc-meeting__month"><strong>November</strong></div>
<div class="fomc-meeting__date">17-18*</div></div></div>"""


def calendar(*events: str) -> str:
    """An iCalendar file."""
    return "BEGIN:VCALENDAR\r\n" + "".join(events) + "END:VCALENDAR\r\n"


def okx(*rows: Any) -> dict[str, Any]:
    """An answer of OKX."""
    return {"code": "0", "msg": "", "data": list(rows)}


def bybit(*rows: Any) -> dict[str, Any]:
    """An answer of Bybit."""
    return {"retCode": 0, "retMsg": "OK", "result": {"category": "linear", "list": list(rows)}}


def recent(**columns: list[str]) -> dict[str, Any]:
    """The submissions of a filer."""
    return {"filings": {"recent": columns}}


@dataclass(frozen=True)
class Case:
    """A source with few questions: good answers, answers with nothing in them, another shape."""

    source: Source
    good: dict[str, tuple[Any, str]]
    empty: dict[str, tuple[Any, str]]
    other: dict[str, tuple[Any, str]] = field(default_factory=dict)
    seen: str = ""


def same(pages: dict[str, tuple[Any, str]], body: Any) -> dict[str, tuple[Any, str]]:
    """Every page with the same body."""
    return {page: (body, kind) for page, (_, kind) in pages.items()}


FRED_PAGE = "fred.stlouisfed.org/graph/fredgraph.csv"
TREASURY_PAGE = "home.treasury.gov"
NYFED = "markets.newyorkfed.org/api/rates"
FAPI = "fapi.binance.com"
BYBIT = "api.bybit.com/v5/market"
OKX = "www.okx.com/api/v5"
OKX_LIST = f"{OKX}/public/instruments"
LLAMA = "stablecoins.llama.fi/stablecoincharts/all"
TVL = "api.llama.fi/v2/historicalChainTvl"
EDGAR = "www.sec.gov/cgi-bin/browse-edgar"
FOMC = "www.federalreserve.gov/monetarypolicy/fomccalendars.htm"
BLS = "www.bls.gov/schedule/news_release/bls.ics"


def _rates(*rows: dict[str, Any]) -> dict[str, Any]:
    return {"refRates": list(rows)}


def _sofr(day: int, rate: float) -> dict[str, Any]:
    return {
        "effectiveDate": f"2026-11-{day}",
        "type": "SOFR",
        "percentRate": rate,
        "percentPercentile99": rate + 0.1,
        "volumeInBillions": 2900,
    }


def cases() -> dict[str, Case]:
    """Every source by name."""
    funding = [{"fundingTime": ms(18, h) + 1, "fundingRate": r} for h, r in ((0, "0.0001"),)]
    interest = [{"timestamp": ms(19), "sumOpenInterest": "75000.5"}]
    okx_pages = {
        f"{OKX}/public/funding-rate-history": (
            okx({"fundingTime": str(ms(18, 8)), "realizedRate": "-0.0002", "fundingRate": "9"}),
            JSON,
        ),
        f"{OKX}/rubik/stat/contracts/open-interest-history": (
            okx([str(ms(19)), "2900000", "29000.5", "1"]),
            JSON,
        ),
        OKX_LIST: (
            okx({"instId": "BTC-USDT-SWAP", "ctVal": "0.01", "ctType": "linear"}),
            JSON,
        ),
        f"{OKX}/public/liquidation-orders": (
            okx(
                {
                    "details": [
                        {"ts": str(ms(18, 9)), "side": "sell", "posSide": "long", "sz": "300"},
                        {"ts": str(ms(18, 10)), "side": "buy", "posSide": "net", "sz": "50"},
                        {"ts": str(ms(17, 9)), "side": "sell", "posSide": "net", "sz": "999"},
                    ]
                }
            ),
            JSON,
        ),
        f"{OKX}/market/history-candles": (
            okx(
                [str(ms(18, 4)), "1", "1", "1", "999", "1", "1", "1", "0"],
                [str(ms(18)), "1", "1", "99", "101", "1", "1", "1", "1"],
            ),
            JSON,
        ),
        f"{OKX}/market/history-index-candles": (
            okx([str(ms(18)), "1", "1", "1", "100", "1"]),
            JSON,
        ),
    }
    return {
        "yahoo": Case(
            Yahoo(series=("SPX",), news=()),
            {"query2.finance.yahoo.com": (chart((18, 6000.0), (19, 5900.0), (20, 1.0)), JSON)},
            {"query2.finance.yahoo.com": (chart(), JSON)},
            seen="recorded",
        ),
        "fred": Case(
            Fred(series=("HY_OAS",)),
            {FRED_PAGE: ("observation_date,BAMLH0A0HYM2\n2026-11-18,2.9\n2026-11-19,\n", CSV)},
            {FRED_PAGE: ("observation_date,BAMLH0A0HYM2\n2026-11-18,\n", CSV)},
            seen="recorded",
        ),
        "treasury": Case(
            Treasury(),
            {TREASURY_PAGE: (treasury("BC", (18, 4.1)), XML)},
            {TREASURY_PAGE: (treasury("BC"), XML)},
            {TREASURY_PAGE: (treasury("XX", (18, 4.1)), XML)},
            seen="recorded",
        ),
        "nyfed": Case(
            NewYorkFed(),
            {
                f"{NYFED}/secured/sofr/search.json": (_rates(_sofr(18, 3.9), _sofr(20, 9.9)), JSON),
                f"{NYFED}/unsecured/effr/search.json": (_rates(_sofr(18, 3.87)), JSON),
            },
            {NYFED.split("/", maxsplit=1)[0]: (_rates(), JSON)},
            seen="recorded",
        ),
        "binance": Case(
            Binance(),
            {
                f"{FAPI}/fapi/v1/klines": ([candle(18, 90.0), candle(20, 95.0)], JSON),
                f"{FAPI}/fapi/v1/premiumIndexKlines": ([candle(18, -0.0005)], JSON),
                f"{FAPI}/fapi/v1/fundingRate": (
                    [{**funding[0], "fundingTime": ms(18, h) + 1} for h in (0, 8, 16)],
                    JSON,
                ),
                f"{FAPI}/futures/data/openInterestHist": (interest, JSON),
            },
            {FAPI: ([], JSON)},
            {FAPI: ([{"other": 1}], JSON)},
            seen="open interest",
        ),
        "bybit": Case(
            Bybit(),
            {
                f"{BYBIT}/funding/history": (
                    bybit({"fundingRateTimestamp": str(ms(18, 8)), "fundingRate": "0.0003"}),
                    JSON,
                ),
                f"{BYBIT}/open-interest": (
                    bybit({"timestamp": str(ms(19)), "openInterest": "59000.25"}),
                    JSON,
                ),
                f"{BYBIT}/premium-index-price-kline": (
                    bybit([str(ms(18)), "0", "0", "0", "0.0002"]),
                    JSON,
                ),
                f"{BYBIT}/kline": (
                    bybit([str(ms(18, 4)), "99", "105", "95", "100.5", "7", "700"]),
                    JSON,
                ),
            },
            {BYBIT.split("/", maxsplit=1)[0]: (bybit(), JSON)},
            {
                BYBIT.split("/", maxsplit=1)[0]: (
                    {"retCode": 10001, "retMsg": "x", "result": {}},
                    JSON,
                )
            },
            seen="no",
        ),
        "okx": Case(
            Okx(),
            okx_pages,
            {
                **same(okx_pages, okx()),
                f"{OKX}/public/instruments": okx_pages[f"{OKX}/public/instruments"],
            },
            {OKX.split("/", maxsplit=1)[0]: ({"code": "50011", "msg": "x", "data": []}, JSON)},
            seen="instruments",
        ),
        "coinbase": Case(
            Coinbase(),
            {"api.exchange.coinbase.com": ([[ms(18) // 1000, 1, 3, 2, 90000.5, 7]], JSON)},
            {"api.exchange.coinbase.com": ([], JSON)},
            seen="no",
        ),
        "defillama": Case(
            DefiLlama(),
            {
                LLAMA: (
                    [{"date": str(ms(18) // 1000), "totalCirculatingUSD": {"peggedUSD": 3.1e11}}],
                    JSON,
                ),
                TVL: ([{"date": ms(18) // 1000, "tvl": 1.5e11}], JSON),
            },
            {LLAMA: ([], JSON), TVL: ([], JSON)},
            seen="list, trimmed",
        ),
        "alternative_me": Case(
            AlternativeMe(),
            {
                "api.alternative.me": (
                    {
                        "data": [{"value": "12", "timestamp": str(ms(18) // 1000)}],
                        "metadata": {"error": None},
                    },
                    JSON,
                )
            },
            {"api.alternative.me": ({"data": [], "metadata": {"error": None}}, JSON)},
            seen="recorded",
        ),
        "calendars": Case(
            Calendars(),
            {FOMC: (MEETING, HTML), BLS: (calendar(EVENT), ICS)},
            {FOMC: (MEETING.replace("2026", "2025"), HTML), BLS: (calendar(), ICS)},
            {FOMC: ("<p>moved</p>", HTML), BLS: (calendar("BEGIN:VEVENT\r\nEND:VEVENT\r\n"), ICS)},
            seen="BLS by hand",
        ),
        "sec": Case(
            Sec(companies=("AAPL", "GOOG")),
            {
                EDGAR: (ATOM.format(FILING), "application/atom+xml"),
                "data.sec.gov": (
                    recent(
                        form=["8-K", "8-K", "10-Q"],
                        items=["2.02,9.01", "5.02", ""],
                        acceptanceDateTime=["2026-11-18T21:20:00.000Z"] * 3,
                    ),
                    JSON,
                ),
            },
            {
                EDGAR: (ATOM.format(""), "application/atom+xml"),
                "data.sec.gov": (recent(form=[], items=[], acceptanceDateTime=[]), JSON),
            },
            seen="8-K list",
        ),
        "feeds": Case(
            Feeds((Feed("f", "Press", "https://press.example/rss", "t", redistributable=False),)),
            {"press.example": (FEED.format(ITEM), XML)},
            {"press.example": (FEED.format(""), XML)},
            seen="recorded",
        ),
    }


def encoded(body: Any) -> bytes:
    """A body as bytes; anything but text and bytes as JSON."""
    if isinstance(body, bytes):
        return body
    return body.encode() if isinstance(body, str) else json.dumps(body).encode()


@pytest.fixture
def case_of() -> Callable[[str], Case]:
    """A source's case by name."""
    return lambda name: cases()[name]


@pytest.fixture
def serve(web: Any, answer: Any) -> Callable[[dict[str, tuple[Any, str]]], None]:
    """Let the stand-in answer with these bodies."""

    def routes(pages: dict[str, tuple[Any, str]], **more: Any) -> None:
        web.routes.clear()
        for page, (body, kind) in pages.items():
            web.routes[page] = answer(encoded(body), kind, **more)

    return routes


@pytest.fixture
def read(fetcher_of: Callable[..., Any]) -> Callable[..., Batch]:
    """Pull a source through the stand-in."""

    def pulled(source: Source, span: Span | None = None, **more: Any) -> Batch:
        async def go() -> Batch:
            async with fetcher_of(**more) as fetcher:
                return await source.pull(fetcher, span or Span(SINCE, NOW))

        return asyncio.run(go())

    return pulled


@pytest.fixture
def payload(shared_dir: Path) -> Callable[[str], bytes]:
    """A recorded body of an outside service."""
    return lambda name: (shared_dir / "payloads" / name).read_bytes()


@pytest.fixture
def span_of() -> Callable[[str, str], Span]:
    """A span between two days, read a week after its end."""

    def build(since: str, until: str) -> Span:
        end = datetime.fromisoformat(until).replace(tzinfo=UTC)
        return Span(date.fromisoformat(since), end)

    return build
