"""Figures against their forecasts: which way a release surprised, and what that points to.

``payrolls rose 210,000 against a consensus near 550,000`` carries no adjective; the two numbers
do. A stronger labour market or faster prices point to rates, weaker activity to growth, results
under the estimates to the company.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from causemap.closed_sets import Cause

_NUMBER: Final = r"[-+\u2212]?[$\u20ac\u00a3]?\d[\d,]*(?:\.\d+)?"
_UNIT: Final = r"\s?(?:%|percent|per cent|k\b|thousand|million|billion|bn|m\b)?"
_AGAINST: Final = (
    r"(?:against|versus|vs\.?|compared (?:with|to)|where|when|while|above|below|under|over"
    r"|short of|beating|missing|and not|rather than|instead of)"
)
_SAYS: Final = r"(?:forecast\w*|expect\w*|consensus|estimate\w*|predict\w*|poll)"
_FORECAST: Final = re.compile(
    rf"(?P<actual>{_NUMBER}){_UNIT}[^.;]{{0,60}}?{_AGAINST}[^.;\d]{{0,40}}?"
    rf"(?:(?P<f1>{_NUMBER}){_UNIT}[^.;\d]{{0,24}}{_SAYS}"
    rf"|{_SAYS}[^.;\d]{{0,30}}?(?P<f2>{_NUMBER}))"
)


@dataclass(frozen=True, slots=True)
class Surprise:
    """A figure on one side of its forecast, read as a kind of event."""

    name: str
    cause: Cause
    weight: float


_LABOUR: Final = re.compile(r"payrolls?|jobs\b|employers added|hiring|job openings")
_IDLE: Final = re.compile(r"unemployment|jobless")
_PRICES: Final = re.compile(
    r"\bcpi\b|consumer prices?|inflation|\bpce\b|producer prices|\bppi\b|earnings rose|wages"
)
_ACTIVITY: Final = re.compile(
    r"\bpmi\b|\bism\b|factory|manufactur|services|retail sales|gdp|industrial|exports|housing"
    r"|durable|confidence|sentiment|orders"
)
_RESULTS: Final = re.compile(r"revenue|sales|profit|earnings per share|\beps\b|guid|outlook")


def surprises(sentence: str) -> tuple[Surprise, ...]:
    """What the figures of a lower-case sentence say against their forecasts; often nothing."""
    found = _FORECAST.search(sentence)
    if found is None:
        return ()
    actual, forecast = _value(found["actual"]), _value(found["f1"] or found["f2"])
    if actual == forecast or max(abs(actual), abs(forecast)) > 20 * min(
        abs(actual) or 1.0, abs(forecast) or 1.0
    ):
        return ()
    return _meaning(sentence, above=actual > forecast)


def _meaning(sentence: str, *, above: bool) -> tuple[Surprise, ...]:
    if _PRICES.search(sentence):
        return (Surprise("prices above forecast", "rates_shock", 1.0),) if above else ()
    if _LABOUR.search(sentence) or _IDLE.search(sentence):
        strong = above if _LABOUR.search(sentence) else not above
        return (
            (Surprise("labour above forecast", "rates_shock", 0.9),)
            if strong
            else (Surprise("labour below forecast", "growth_scare", 1.0),)
        )
    if _ACTIVITY.search(sentence):
        cause: Cause = "rates_shock" if above else "growth_scare"
        return (Surprise("activity against forecast", cause, 0.5 if above else 1.0),)
    if _RESULTS.search(sentence) and not above:
        return (Surprise("results below forecast", "ai_rerating", 0.8),)
    return ()


def _value(text: str) -> float:
    plain = text.replace(",", "").replace("\u2212", "-")
    return float(re.sub(r"[$\u20ac\u00a3]", "", plain))
