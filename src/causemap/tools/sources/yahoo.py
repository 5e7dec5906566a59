"""Yahoo Finance through yfinance: adjusted daily prices, news titles.

Formats seen: the chart (daily and intraday, also empty), search with news and a consent page in
place of data; a 429 was never seen. yfinance is asked by period, so that a symbol
costs one request, and speaks through the fetcher (:mod:`..fetching.session`); its own deadline does
not hold, the source's does. Prices are adjusted for splits and later dividends, so their history
moves with every dividend: the store joins new rows to old ones by their overlap. The dates Yahoo
gives for coming results are estimates; they never enter the file of results (the SEC's do).
"""

from __future__ import annotations

import asyncio
import logging
import os
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeVar

from causemap.errors import SourceError
from causemap.tools.notes import clean_text, clean_url
from causemap.tools.registry import REGISTRY
from causemap.tools.sources.contract import (
    Batch,
    Headline,
    Job,
    Observation,
    Span,
    daily,
    each,
    joined,
)
from causemap.tools.sources.strict import Strict

if TYPE_CHECKING:
    import pandas as pd

    from causemap.tools.fetch import Fetcher
    from causemap.tools.fetching.session import Session

T = TypeVar("T")

# The dollar index, the MOVE and the VIX family are Cboe's and ICE's; Yahoo passes them on.
PROVIDERS: Final = ("Yahoo", "Cboe", "ICE")
SYMBOLS: Final = {n: i.symbol for n, i in REGISTRY.items() if i.provider in PROVIDERS}
COLUMNS: Final = {"VIX_HIGH": "High", "SPY_VOLUME": "Volume", "QQQ_VOLUME": "Volume"}
NEWS: Final = ("SPY", "QQQ", "BTC-USD", "GC=F")
PERIODS: Final = {"1mo": 28, "3mo": 85, "6mo": 175, "1y": 360, "2y": 720, "5y": 1800, "10y": 3600}
# Some bars close an hour or two after the registry's lag; a bar still moving must not be kept.
SETTLED: Final = timedelta(hours=3)
_READ: Final = Strict("Yahoo")
# What yfinance raises of itself when an answer is not what it expects.
_BRITTLE: Final = (ValueError, KeyError, IndexError, TypeError, AttributeError)


@dataclass(frozen=True, slots=True)
class Yahoo:
    """Prices by canonical name, and news titles about a few symbols."""

    deadline: float = 240.0
    name: str = "yahoo"
    terms: str = "https://legal.yahoo.com/us/en/yahoo/terms/ (personal use)"
    redistributable: bool = False
    series: tuple[str, ...] = tuple(SYMBOLS)
    news: tuple[str, ...] = NEWS

    async def pull(self, fetcher: Fetcher, span: Span) -> Batch:
        """Every symbol once, whatever number of series hangs on it."""
        from causemap.tools.fetching.session import fetcher_session

        session = fetcher_session(fetcher, asyncio.get_running_loop(), self.name)
        _prepare(fetcher)
        settled = replace(span, now=span.now - SETTLED)
        try:
            jobs = self._jobs(session, settled)
            return await each(jobs, deadline=self.deadline, at_once=1)
        finally:
            session.close()

    def _jobs(self, session: Session, span: Span) -> Iterator[Job]:
        by_symbol: dict[str, list[str]] = {}
        for name in self.series:
            by_symbol.setdefault(SYMBOLS[name], []).append(name)
        for symbol, names in by_symbol.items():
            read = partial(self._prices, session, span, symbol, tuple(names))
            yield Job(tuple(names), partial(asyncio.to_thread, read))
        for symbol in self.news:
            news = partial(self._news, session, span, symbol)
            yield Job((f"{symbol} news",), partial(asyncio.to_thread, news), may_be_empty=True)

    def _prices(self, session: Session, span: Span, symbol: str, names: tuple[str, ...]) -> Batch:
        import yfinance
        from yfinance.exceptions import YFPricesMissingError

        period = period_of((span.now.date() - span.first(*names)).days)
        ticker = yfinance.Ticker(symbol, session=session)
        try:
            frame = _called(partial(ticker.history, period=period, raise_errors=True))
        except YFPricesMissingError as fault:
            # Also raised when the answer was no chart at all; a true one names its symbol.
            if "symbol" not in _called(ticker.get_history_metadata):
                raise _READ.wrong("the answer is no chart") from fault
            return Batch()
        return joined(Batch(self._column(span, name, frame)) for name in names)

    def _column(self, span: Span, name: str, frame: pd.DataFrame) -> tuple[Observation, ...]:
        column = COLUMNS.get(name, "Close")
        if column not in frame.columns:
            raise _READ.wrong(f"no column {column}")
        values = frame[column].dropna()
        days = [stamp.date() for stamp in values.index]
        numbers = [_READ.number(float(v)) for v in values]
        if any(number <= 0 for number in numbers) and column != "Volume":
            raise _READ.wrong(f"{name} has a price of zero or less")
        return daily(span, self.name, name, zip(days, numbers, strict=True))

    def _news(self, session: Session, span: Span, symbol: str) -> Batch:
        import yfinance

        search = partial(yfinance.Search, symbol, news_count=20, session=session)
        items = _called(search).news
        if not isinstance(items, list):
            raise _READ.wrong("news is not a list")
        found = (_headline(item) for item in items)
        now = span.now + SETTLED
        return Batch(headlines=tuple(h for h in found if h is not None and h.at <= now))


def period_of(days: int) -> str:
    """The shortest of Yahoo's periods that reaches back so many days."""
    return next((period for period, reach in PERIODS.items() if days <= reach), "max")


def _prepare(fetcher: Fetcher) -> None:
    """Make yfinance forget what it keeps for the life of a process, and keep it quiet.

    Its cookie goes beside the fetcher's cache, into a folder of the user's own; without a cache it
    is told of a place that can be no folder, and keeps nothing.
    """
    import yfinance
    from yfinance.data import YfData

    logging.getLogger("yfinance").setLevel(logging.CRITICAL)
    kept = fetcher.cache.folder.parent / "yfinance" if fetcher.cache else None
    yfinance.set_tz_cache_location(str(kept or os.devnull))
    YfData.cache_get.cache_clear()


def _called(call: Callable[[], T]) -> T:
    """The result of a call into yfinance, its faults as ours.

    Raises:
        SourceError: whatever yfinance or the session beneath it raised.
        YFPricesMissingError: Yahoo has no prices for the time asked for.
    """
    from yfinance.exceptions import YFException, YFPricesMissingError, YFRateLimitError

    from causemap.tools.fetching.session import SessionFault

    try:
        with warnings.catch_warnings():
            # yfinance uses forms that pandas 4 will drop.
            warnings.simplefilter("ignore")
            return call()
    except YFPricesMissingError:
        raise
    except YFRateLimitError as fault:
        raise SourceError("Yahoo: too many requests (status 429)") from fault
    except (YFException, SessionFault) as fault:
        raise SourceError(f"Yahoo: {clean_text(str(fault), 200)}") from fault
    except _BRITTLE as fault:
        raise _READ.wrong(f"yfinance could not read the answer ({type(fault).__name__})") from fault


def _headline(item: Any) -> Headline | None:
    """A news item; one without a plain address is left out."""
    at = _READ.moment(_READ.at(item, "providerPublishTime"), per_second=1).astimezone(UTC)
    url = clean_url(_READ.text(_READ.at(item, "link")))
    title = clean_text(_READ.text(_READ.at(item, "title")), 300)
    publisher = clean_text(_READ.text(_READ.at(item, "publisher")), 120)
    return Headline(at, "second", publisher, title, url) if url and title else None
