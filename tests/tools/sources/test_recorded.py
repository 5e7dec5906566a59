"""Readers against recorded bodies of the live services, replayed by a local server."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pytest

from causemap.errors import SourceError
from causemap.tools.fetch import HTML, XML, Fetched, Request
from causemap.tools.fetching.faults import FetchError, SchemaChanged
from causemap.tools.sources import binance, defillama, fred, okx
from causemap.tools.sources.alternative_me import AlternativeMe
from causemap.tools.sources.contract import Span
from causemap.tools.sources.feeds import Feed, Feeds, read_entries
from causemap.tools.sources.nyfed import NewYorkFed
from causemap.tools.sources.pages import article_of, page_request
from causemap.tools.sources.sec import Sec
from causemap.tools.sources.treasury import Treasury
from causemap.tools.sources.yahoo import Yahoo
from causemap.tools.vintages import as_printed

Payload = Callable[[str], bytes]
SUMMER = datetime(2024, 6, 8, tzinfo=UTC)


def fetched(body: bytes, kind: str = "application/json") -> Fetched:
    """A whole answer with this body."""
    now = datetime(2026, 11, 20, tzinfo=UTC)
    return Fetched(200, "https://x.example/", body, kind, now, from_cache=False)


def test_sofr_as_the_new_york_fed_sends_it(payload: Payload, serve: Any, read: Any) -> None:
    """Four days of June 2024, each known the next business day at 14:00 UTC."""
    body = payload("nyfed/sofr_search_2024-06-01_2024-06-06.json")
    serve({"markets.newyorkfed.org/api/rates/secured/sofr/search.json": (body, "application/json")})
    batch = read(NewYorkFed(), Span(date(2024, 6, 1), SUMMER))
    sofr = {str(o.observed_at.date()): o.value for o in batch.observations if o.series == "SOFR"}
    assert sofr == {
        "2024-06-03": 5.35,
        "2024-06-04": 5.33,
        "2024-06-05": 5.33,
        "2024-06-06": 5.33,
    }
    last = max(o.available_at for o in batch.observations)
    assert last == datetime(2024, 6, 7, 14, tzinfo=UTC)
    early = read(NewYorkFed(), Span(date(2024, 6, 1), datetime(2024, 6, 7, 13, tzinfo=UTC)))
    assert max(str(o.observed_at.date()) for o in early.observations) == "2024-06-05"


def test_a_year_of_the_treasury_curve(payload: Payload, serve: Any, read: Any) -> None:
    """The curve of 31 December 2018 in percent, and 249 days of it."""
    serve({"home.treasury.gov": (payload("treasury/daily_par_yield_curve_2018.xml"), "text/xml")})
    span = Span(date(2018, 1, 1), datetime(2018, 12, 31, 23, 45, tzinfo=UTC))
    batch = read(Treasury(), span)
    last = {o.series: o.value for o in batch.observations if o.observed_at.day == 31}
    assert last["UST3M"] == 2.45
    assert (last["UST2Y"], last["UST5Y"], last["UST10Y"], last["UST30Y"]) == (
        2.48,
        2.51,
        2.69,
        3.02,
    )
    assert sum(o.series == "UST10Y" for o in batch.observations) == 249
    assert {gap.what for gap in batch.missing} == {"REAL10Y"}


def test_a_par_curve_is_not_known_before_its_evening(
    payload: Payload, serve: Any, read: Any
) -> None:
    """At noon the day's own yields are not out."""
    serve({"home.treasury.gov": (payload("treasury/daily_par_yield_curve_2018.xml"), "text/xml")})
    batch = read(Treasury(), Span(date(2018, 12, 20), datetime(2018, 12, 31, 12, tzinfo=UTC)))
    assert max(o.observed_at.date() for o in batch.observations) == date(2018, 12, 28)


def test_fredgraph_with_a_hole(payload: Payload) -> None:
    """The month without a value (the 2025 shutdown) is missing, not zero."""
    rows = fred.read_graph(fetched(payload("fred/fredgraph_CPIAUCSL.csv"), "text/csv"), "CPIAUCSL")
    assert (len(rows), rows[date(1947, 1, 1)], rows[date(2025, 10, 1)]) == (951, 21.48, None)
    with pytest.raises(SchemaChanged, match="columns are not"):
        fred.read_graph(fetched(payload("fred/fredgraph_CPIAUCSL.csv"), "text/csv"), "CPILFESL")


@pytest.mark.parametrize(
    ("name", "count"), [("DFF", 26237), ("A191RL1Q225SBEA", 316), ("JPNCPIALLMINMEI", 798)]
)
def test_every_recorded_fredgraph_is_read(payload: Payload, name: str, count: int) -> None:
    """Daily, quarterly and long-spelt numbers."""
    assert len(fred.read_graph(fetched(payload(f"fred/fredgraph_{name}.csv")), name)) == count


def test_observations_of_the_interface(payload: Payload) -> None:
    """A dot is a missing value."""
    rows = fred.read_observations(fetched(payload("fred/observations_GDP_0.json")))
    assert (len(rows), rows[0].value, rows[4].value) == (315, None, 243.164)


def test_vintages_are_as_they_stood(payload: Payload) -> None:
    """GDP of 2014 at three moments: before its first print, then revised; never a later value."""
    body = payload("alfred/alfred_observations_GDP_all_vintages.json")
    rows = fred.revisions("GDP", fred.read_observations(fetched(body)))
    listed = [(r.series, pd.Timestamp(r.day), r.known, r.value) for r in rows]
    prints = pd.DataFrame(listed, columns=["series", "date", "known", "value"])
    nothing = pd.Series(np.array([], np.float64), index=pd.DatetimeIndex([]))

    def known(year: int, month: int, day: int, hour: int = 0) -> dict[date, float]:
        moment = datetime(year, month, day, hour, tzinfo=UTC)
        found = as_printed(nothing, prints, "GDP", moment)
        return dict(zip(pd.DatetimeIndex(found.index).date, found.tolist(), strict=True))

    first_quarter = date(2014, 1, 1)
    assert first_quarter not in known(2014, 4, 29)
    # Its day is 30 April; the hour is not given, so it counts from the end of that day.
    assert first_quarter not in known(2014, 4, 30, 18)
    assert known(2014, 5, 15)[first_quarter] == 17149.6
    assert known(2014, 7, 1)[first_quarter] == 17016.0
    assert date(2024, 7, 1) in known(2024, 11, 5)
    # Taken back in 1996, printed again in 1997 and taken back for good in 1999.
    years = {y: known(y, 6, 1).get(date(1946, 1, 1)) for y in (1995, 1996, 1998, 2000)}
    assert years == {1995: 199.7, 1996: None, 1998: 210.4, 2000: None}


def test_a_recorded_past_view_agrees_with_all_vintages(payload: Payload) -> None:
    """What ALFRED itself gives for the first of January 2019 is what the prints give for it."""
    every = payload("alfred/alfred_observations_GDP_all_vintages.json")
    then = payload("alfred/alfred_observations_GDP_asof_2019-01-01.json")
    as_of = datetime(2019, 1, 2, 5, tzinfo=UTC)

    def last(body: bytes) -> dict[date, float | None]:
        rows = fred.revisions("GDP", fred.read_observations(fetched(body)))
        return {r.day: r.value for r in sorted(rows, key=lambda r: r.known) if r.known <= as_of}

    assert last(every) == last(then)


def test_open_interest_of_binance_is_in_coins(payload: Payload) -> None:
    """Twenty-five hours, in the tens of thousands of bitcoin, an hour apart."""
    rows = binance.read_interest(fetched(payload("binance/openInterestHist_BTCUSDT_1h_25.json")))
    assert len(rows) == 25
    assert all(10_000 < row.value < 500_000 for row in rows)
    assert {b.at - a.at for a, b in pairwise(rows)} == {timedelta(hours=1)}


def test_contract_values_of_okx(payload: Payload) -> None:
    """A bitcoin contract of the linear swap is a hundredth of a coin."""
    found = okx.read_contracts(fetched(payload("okx/public_instruments_SWAP.json")))
    assert found["BTC-USDT-SWAP"] == 0.01
    assert "BTC-USD-SWAP" not in found


def test_shapes_by_hand_are_read_too(payload: Payload) -> None:
    """The samples of funding answers, in the form their documentation gives."""
    bodies = "synthetic/binance_fundingRate.json", "synthetic/okx_funding_rate_history.json"
    assert [r.value for r in binance.read_funding(fetched(payload(bodies[0])))] == [1e-4, 1.25e-4]
    assert [r.value for r in okx.read_funding(fetched(payload(bodies[1])))] == [1.5e-4, -2e-5]


def test_stablecoins_of_the_present_list(payload: Payload) -> None:
    """Yesterday's supply is the sum of the dollar-pegged coins."""
    body = payload("defillama/stablecoins_5assets_7chains.json")
    assert defillama.read_yesterday(fetched(body)) == pytest.approx(2.738421e11, rel=1e-6)


def test_fear_and_greed(payload: Payload, serve: Any, read: Any) -> None:
    """Two days; the running one is not yet over and is left out."""
    serve({"api.alternative.me": (payload("alternative_me/fng_limit2.json"), "application/json")})
    span = Span(date(2026, 9, 1), datetime(2026, 9, 8, 12, tzinfo=UTC))
    (row,) = read(AlternativeMe(), span).observations
    assert (row.value, str(row.observed_at.date())) == (71.0, "2026-09-07")


def test_filings_of_edgar(payload: Payload, serve: Any, read: Any) -> None:
    """Ten 8-Ks with their times and addresses."""
    serve({"www.sec.gov": (payload("sec/edgar_latest_8k.atom"), "application/atom+xml")})
    batch = read(Sec(), Span(date(2026, 9, 1), datetime(2026, 9, 24, tzinfo=UTC)))
    assert len(batch.headlines) == 10
    first = next(h for h in batch.headlines if "Trinseo" in h.title)
    assert first.at == datetime(2026, 9, 23, 17, 30, 36, tzinfo=UTC)
    assert first.url.startswith("https://www.sec.gov/Archives/")


@pytest.mark.parametrize(
    ("file", "count", "when"),
    [
        ("rss/cnbc.xml", 30, "2026-11-20"),
        ("rss/nytimes.xml", 45, "2026-11-20"),
        ("rss/bloomberg.xml", 16, "2026-11-20"),
        ("rss/coindesk.xml", 3, "2026-11-20"),
        ("rss/cointelegraph_3items.xml", 3, "2026-11-20"),
        ("fed/press_all.xml", 3, "2026-11-20"),
    ],
)
def test_feeds_as_they_are_published(
    payload: Payload, serve: Any, read: Any, file: str, count: int, when: str
) -> None:
    """Every entry with a title, an http address and a time before the reading."""
    body = payload(file)
    serve({"press.example": (body, "text/xml")})
    feed = Feed("f", "Press", "https://press.example/rss", "t", redistributable=False)
    now = newest(body, datetime.fromisoformat(when).replace(tzinfo=UTC))
    batch = read(Feeds((feed,)), Span(now.date(), now))
    assert len(batch.headlines) >= count - 6
    assert len(batch.headlines) <= max(count, 51)
    for item in batch.headlines:
        assert item.at <= now + timedelta(minutes=5)
        assert item.title
        assert item.url.startswith("http")
        assert "<" not in item.title


def newest(body: bytes, start: datetime) -> datetime:
    """A moment just after the newest entry of a recorded feed."""
    now = start
    while not (found := read_entries(fetched(body, "text/xml"), now)) and now.year > 2015:
        now -= timedelta(days=300)
    return found[0].at + timedelta(minutes=1) if found else start


MALFORMED = (
    "aaa_illformed",
    "always_strip_doctype",
    "big5",
    "bozo_double-encoded-html",
    "bozo_invalid-bytes-with-bom",
    "gb2312",
    "http_text_xml_charset_overrides_encoding",
    "rss_empty_document",
    "rss_incomplete_cdata",
    "rss_item_link_corrupted_ampersands",
    "shiftjis",
    "undeclared_namespace",
    "utf-16le-bom",
)


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_feed_gives_nothing(payload: Payload, name: str) -> None:
    """No entry of theirs has title, date and address: all end as no entries or a named fault."""
    body = payload(f"malformed_feeds/feedparser_{name}.xml")
    with suppress(SourceError):
        assert read_entries(fetched(body, "application/xml"), datetime.now(UTC)) == ()


PAGES = {
    "cnbc_2023_crypto": ("www.cnbc.com", "2023-04-28", "en", "crypto"),
    "reuters_2024": ("www.reuters.com", "2024-03-07", "en", "Reuters"),
    "businessinsider_2025": ("www.businessinsider.com", "2025-", "en", "weight"),
    "globeandmail_2024_nvidia": ("www.theglobeandmail.com", "2024-", "en", "Nvidia"),
    "nikkei_2025": ("www.nikkei.com", "2025-", "ja", "イオン銀行"),
    "techcrunch_2024": ("techcrunch.com", "2024-05-16", "en", "Strava"),
}


# Pages whose text is later than their publication, by hours and by two days.
CHANGED = {
    "techcrunch_2024": "2024-05-16T21:34Z",
    "businessinsider_2025": "2025-03-31T11:58Z",
}


@pytest.mark.parametrize("name", sorted(PAGES))
def test_article_pages(payload: Payload, serve: Any, fetcher_of: Any, name: str) -> None:
    """Title, publisher, date, language and the words of the article; no script, no markup."""
    host, day, language, word = PAGES[name]
    body = payload(f"articles/{name}.html")
    rules = (b"User-agent: *\nDisallow: /private\n", "text/plain")
    serve({host: (body, "text/html; charset=utf-8"), f"{host}/robots.txt": rules})

    async def go() -> Any:
        async with fetcher_of() as fetcher:
            return await fetcher.read(page_request(f"https://{host}/a"), article_of)

    article = asyncio.run(go())
    assert article.published.startswith(day)
    assert article.language == language
    assert word in article.title + article.text
    assert len(article.text) > 400
    assert article.published[:10] <= article.available[:10] <= article.retrieved[:10]
    if name in CHANGED:
        assert article.available == CHANGED[name]
    assert "function(" not in article.text
    assert "</" not in article.text


def test_yahoo_prices_through_yfinance(payload: Payload, serve: Any, read: Any) -> None:
    """The recorded chart of 2020: adjusted closes, cookie and crumb carried along."""
    body = payload("yahoo/chart_daily_AAPL_2020-08-31_2020-11-07.json")
    serve({"query2.finance.yahoo.com": (body, "application/json")})
    span = Span(date(2020, 11, 2), datetime(2020, 11, 7, 12, tzinfo=UTC))
    batch = read(Yahoo(series=("AAPL",), news=()), span)
    days = [str(o.observed_at.date()) for o in batch.observations]
    assert days == [f"2020-11-0{d}" for d in range(2, 7)]
    assert all(100 < o.value < 125 for o in batch.observations)


def test_yahoo_says_nothing_on_a_weekend(payload: Payload, serve: Any, read: Any) -> None:
    """A chart without bars is an empty answer, not a broken source."""
    body = payload("yahoo/chart_1m_AAPL_weekend_empty.json")
    serve({"query2.finance.yahoo.com": (body, "application/json")})
    span = Span(date(2025, 2, 1), datetime(2025, 2, 3, tzinfo=UTC))
    (gap,) = read(Yahoo(series=("AAPL",), news=()), span).missing
    assert gap.kind == "empty"


def test_the_consent_page_of_yahoo_is_no_data(payload: Payload, serve: Any, read: Any) -> None:
    """A wall of consent with status 200 is a fault, and its form is not sent."""
    body = payload("yahoo/consent_page_200_instead_of_data.html")
    serve({"*": (body, "text/html;charset=UTF-8")})
    batch = read(Yahoo(series=("AAPL",), news=()))
    assert (batch.observations, [g.kind for g in batch.missing]) == ((), ["failed"])


@pytest.mark.parametrize("symbol", ["AAPL", "GC=F", "BTC-USD", "BABA"])
def test_news_of_yahoo(payload: Payload, serve: Any, read: Any, symbol: str) -> None:
    """Titles with publisher, time and address."""
    body = payload(f"yahoo/search_{symbol}.json")
    serve({"query2.finance.yahoo.com": (body, "application/json")})
    span = Span(date(2025, 2, 1), datetime(2025, 2, 26, tzinfo=UTC))
    batch = read(Yahoo(series=(), news=(symbol,)), span)
    assert batch.headlines
    assert all(h.at.year in (2024, 2025) and h.publisher for h in batch.headlines)


def test_a_page_is_never_taken_for_a_feed(payload: Payload, fetcher_of: Any, serve: Any) -> None:
    """A recorded article in place of XML is refused by its type."""
    serve({"h.example": (payload("articles/techcrunch_2024.html"), "text/html")})

    async def go() -> None:
        async with fetcher_of() as fetcher:
            with pytest.raises(FetchError, match="not asked for"):
                await fetcher.read(Request("s", "https://h.example/", accept=XML), lambda f: f)
            await fetcher.read(Request("s", "https://h.example/", accept=HTML), lambda f: f)

    asyncio.run(go())
