"""Rows the exchanges share: candles and single dated values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from causemap.tools.sources.contract import Batch, Observation, Span, bars, daily


@dataclass(frozen=True, slots=True)
class Candle:
    """A bar by its opening time; ``volume`` in coins, ``turnover`` in the quote currency."""

    at: datetime
    high: float
    low: float
    close: float
    volume: float
    turnover: float


@dataclass(frozen=True, slots=True)
class Print:
    """A single dated value: a funding rate (a fraction), open interest (coins)."""

    at: datetime
    value: float


def on_the_hour(at: datetime) -> datetime:
    """Funding times are written some milliseconds late; they are filed under the full hour."""
    return at.replace(minute=0, second=0, microsecond=0)


def funding_of(span: Span, source: str, coin: str, prints: Iterable[Print]) -> Batch:
    """Funding prints of a venue in the hourly file (``BTC_FUNDING_OKX`` ...)."""
    values = [(on_the_hour(p.at), p.value) for p in prints]
    name = f"{coin}_FUNDING_{source.upper()}"
    return Batch(bars(span, source, name, "crypto_1h", values))


def by_day(prints: Iterable[Print]) -> dict[date, list[float]]:
    """The values of each UTC day."""
    found: dict[date, list[float]] = {}
    for row in prints:
        found.setdefault(row.at.date(), []).append(row.value)
    return found


def premium_closes(span: Span, source: str, series: str, candles: Iterable[Candle]) -> Batch:
    """Daily premium of the perpetual over its index, a fraction, in basis points."""
    closes: list[tuple[date, float | None]] = [(c.at.date(), c.close * 1e4) for c in candles]
    found: tuple[Observation, ...] = daily(span, source, series, closes)
    return Batch(found)
