"""Words and figures as every view prints them: cleaned text, units, dates, probability words."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from causemap.causes import NAMES
from causemap.closed_sets import Cause, Desk
from causemap.records import Evidence, OnsetInterval, Report, Scope, Verdict

MINUS: Final = "\u2212"
# A hyphen that stands for a minus, not one within a word, a range or a date.
# Chinese has no spaces: there the sign may follow a letter.
_HYPHEN: Final = re.compile(r"(?<![%.,)])(?<![^\W\u3000-\u9fff])-(?=\$?\d)")
DASH: Final = "\u2013"
ADVICE: Final = "An explanation of past prices, not investment advice."

DESKS: Final[dict[Desk, str]] = {
    "macro": "macro",
    "earnings_news": "earnings and news",
    "technicals": "technicals",
    "crypto_structure": "crypto structure",
}

ASSETS: Final[dict[str, str]] = {
    "SPX": "S&P 500",
    "NDX": "Nasdaq 100",
    "BTC": "Bitcoin",
    "ETH": "Ether",
    "SOL": "Solana",
    "SOL_PERP": "Solana (perpetual)",
    "BNB_PERP": "BNB (perpetual)",
    "XRP_PERP": "XRP (perpetual)",
    "DOGE_PERP": "Dogecoin (perpetual)",
    "GLD": "Gold (GLD)",
    "SLV": "Silver (SLV)",
    "GOLD": "Gold",
    "SILVER": "Silver",
    "GDX": "Gold miners (GDX)",
    "SMH": "Chips (SMH)",
    "IGV": "Software (IGV)",
    "KRE": "Regional banks (KRE)",
    "RSP": "Equal-weight S&P",
    "MAG7": "Magnificent Seven",
    "DXY": "Dollar index",
    "USO": "Crude oil (USO)",
    "UST2Y": "2-year yield",
    "UST10Y": "10-year yield",
    "UST30Y": "30-year yield",
    "REAL10Y": "10-year real yield",
    "BE10Y": "10-year breakeven",
    "HY_OAS": "High-yield spread",
    "IG_OAS": "Investment-grade spread",
}
_MONTHS: Final = (
    "Jan",
    "Feb",
    "Mar",
    "Apr",
    "May",
    "Jun",
    "Jul",
    "Aug",
    "Sep",
    "Oct",
    "Nov",
    "Dec",
)
_DROPPED: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
_SPACE: Final = re.compile(r"\s+")
# unit -> (decimals, prefix, suffix)
_UNITS: Final[dict[str, tuple[int, str, str]]] = {
    "%": (1, "", "%"),
    "bp": (1, "", " bp"),
    "pp": (1, "", " pp"),
    "z": (1, "z ", ""),
    "ratio": (2, "", ""),
    "corr": (2, "", ""),
    "usd_bn": (1, "$", "bn"),
    "usd_mn": (0, "$", "m"),
    "usd": (0, "$", ""),
    "level_pct": (2, "", "%"),
    "days": (1, "", " days"),
    "hours": (1, "", " h"),
    "index": (1, "", ""),
    "points": (1, "", " points"),
    "bp_8h": (2, "", " bp per 8 h"),
    "count": (0, "", ""),
}
_SIGNED: Final = frozenset({"%", "bp", "pp", "z", "corr", "bp_8h", "points"})
# Measures of what changed, by a word of their metric; any other is a value of its own.
_CHANGES: Final = frozenset({"change", "jump"})
# Percentages that are shares of a whole: a plus would make a change of them.
_SHARES: Final = frozenset({"below_50d", "liquidations"})
_SAYS_Z: Final = re.compile(r"\bz\b")


def clean(text: str, limit: int = 600) -> str:
    """Outside text made safe to show: no control, bidirectional, zero-width or tag characters.

    White space collapses to single spaces; text longer than ``limit`` ends in an ellipsis.
    """
    spaced = _SPACE.sub(" ", text[: limit * 4])
    # What is printable holds none of them; nearly all text is.
    if not spaced.isprintable():
        spaced = "".join(c for c in spaced if unicodedata.category(c) not in _DROPPED)
    kept = _SPACE.sub(" ", unicodedata.normalize("NFC", spaced)).strip()
    return kept if len(kept) <= limit else kept[: limit - 1].rstrip() + "\u2026"


def number(value: float, decimals: int = 1, *, signed: bool = False) -> str:
    """A figure with a true minus sign and thousands separators; zero carries no sign."""
    digits = f"{abs(value):,.{decimals}f}"
    if not any(c in "123456789" for c in digits):
        return digits
    return (MINUS if value < 0 else "+" if signed else "") + digits


def true_minus(text: str) -> str:
    """The text with the minus sign before its figures that figures in tables and charts have."""
    return _HYPHEN.sub(MINUS, text)


def is_change(item: Evidence) -> bool:
    """Whether the value is the difference of two values and no level."""
    return not _CHANGES.isdisjoint(item.metric.split("_"))


def unit_of(item: Evidence) -> str:
    """The unit a value is printed in: a change of an index is one of so many points."""
    return "points" if item.unit == "index" and is_change(item) else item.unit


def amount(value: float, unit: str, *, signed: bool | None = None) -> str:
    """A value in its unit, as ``+1.6%``; ``signed`` says whether a plus is shown.

    By itself the unit says so: what is mostly a change has a plus, what is mostly a level none.
    """
    decimals, prefix, suffix = _UNITS.get(unit, (2, "", f" {clean(unit, 20)}"))
    figure = number(value, decimals, signed=unit in _SIGNED if signed is None else signed)
    if prefix == "$" and figure[0] in f"{MINUS}+":
        return f"{figure[0]}${figure[1:]}{suffix}"
    return f"{prefix}{figure}{suffix}"


def figure_of(item: Evidence, value: float | None = None) -> str:
    """The item's value (or another of it, as an end of its interval) in its unit.

    A change has a sign in every unit, so that it is never read as a level.
    """
    shown = item.value if value is None else value
    if item.metric in _SHARES:
        return amount(shown, item.unit, signed=False)
    # "The mean z of ...: z -1.9" says it twice.
    if item.unit == "z" and _SAYS_Z.search(item.said):
        return number(shown, signed=True)
    return amount(shown, unit_of(item), signed=is_change(item) or None)


def value_of(item: Evidence) -> str:
    """The item's value in its unit, with its interval where the method gives one."""
    said = figure_of(item)
    if item.low is None or item.high is None:
        return said
    if figure_of(item, item.low) == said == figure_of(item, item.high):
        return said
    return f"{said} ({figure_of(item, item.low)} to {figure_of(item, item.high)})"


def percent(share: float) -> str:
    """A probability or share in whole percent; a small one is ``<1%``, never a bare zero."""
    if 0 < share < 0.01:
        return "<1%"
    if 0.99 < share < 1:
        return ">99%"
    return f"{number(share * 100, 0)}%"


def cause_name(cause: str) -> str:
    """The plain name of a cause label."""
    for label, name in NAMES.items():
        if label == cause:
            return name
    return clean(cause, 40).replace("_", " ")


def sentence_case(text: str) -> str:
    """The text with its first letter large."""
    return text[:1].upper() + text[1:]


def asset_name(asset: str) -> str:
    """The plain name of a series, of a pair of series, or the series' own name."""
    first, dash, second = asset.partition("-")
    if dash and first in ASSETS and second in ASSETS:
        return f"{ASSETS[first]} and {ASSETS[second]}"
    return ASSETS.get(asset, clean(asset, 24))


def band(probability: float) -> str:
    """The word that goes with a probability."""
    if probability >= 0.8:
        return "very likely"
    if probability >= 0.6:
        return "likely"
    return "possible" if probability >= 0.3 else "unlikely"


def sentence(text: str, limit: int = 600) -> str:
    """Cleaned text as a sentence: first letter large, a full stop at its end."""
    said = sentence_case(clean(text, limit))
    return said if not said or said[-1] in ".!?\u2026" else f"{said}."


def moment(iso: str) -> datetime | None:
    """An ISO date or time (naive, UTC), or ``None`` if it cannot be read."""
    try:
        return datetime.fromisoformat(iso).replace(tzinfo=None)
    except ValueError:
        return None


def day(iso: str, *, year: bool = False) -> str:
    """``29 Jan`` or ``29 Jan 2026`` for an ISO date or time."""
    at = moment(iso)
    if at is None:
        return clean(iso, 24)
    return f"{at.day} {_MONTHS[at.month - 1]}" + (f" {at.year}" if year else "")


def instant(iso: str) -> str:
    """``5 Feb 2026, 21:00 UTC`` for an ISO time, the day alone for a date."""
    at = moment(iso)
    if at is None or len(iso) <= 10:
        return day(iso, year=True)
    return f"{day(iso, year=True)}, {at:%H:%M} UTC"


def window(scope: Scope) -> str:
    """The question's window, ``29 Jan to 5 Feb 2026``."""
    same_year = scope.start[:4] == scope.end[:4]
    return f"{day(scope.start, year=not same_year)} to {day(scope.end, year=True)}"


def onset(interval: OnsetInterval) -> str:
    """When something first moved, as the interval it is: ``29 Jan 12:00 to 16:00 UTC``."""
    low, high = moment(interval.low), moment(interval.high)
    if low is None or high is None:
        return clean(f"{interval.low} {DASH} {interval.high}", 36)
    timed = len(interval.low) > 10 and len(interval.high) > 10
    if low.date() == high.date():
        hours = f" {low:%H:%M}" + ("" if low == high else f"{DASH}{high:%H:%M}")
        return day(interval.low) + (f"{hours} UTC" if timed else "")
    if (low.year, low.month) == (high.year, high.month):
        return f"{low.day}{DASH}{day(interval.high)}"
    return f"{day(interval.low)} {DASH} {day(interval.high)}"


def safe_url(url: str | None, report: Report) -> str | None:
    """The address if it is plain http(s) and stands in the report's own ledger, else ``None``."""
    if not url or url not in ledger_urls(report) or clean(url, 2000) != url:
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    plain = parts.scheme in ("http", "https") and parts.hostname and "@" not in parts.netloc
    # Look-alike letters and quote marks have no place in an address: such a link stays text.
    return url if plain and url.isascii() and not set(url) & set(" <>\"'`\\()") else None


def ledger_urls(report: Report) -> frozenset[str]:
    """Every address that came with an evidence item, a note, a claim or a published schedule."""
    return frozenset(
        url
        for url in (
            *(e.url for e in report.evidence),
            *(n.url for n in report.notes),
            *(c.url for c in report.claims),
            *(a.url for a in report.ahead),
        )
        if url
    )


def domain(url: str) -> str:
    """The host an address leads to, shown beside the link."""
    return clean((urlsplit(url).hostname or "").removeprefix("www."), 60)


def leaders(verdict: Verdict) -> tuple[tuple[Cause, float], ...]:
    """The cause a verdict names and its runner-up, for every view alike.

    A mixed or unclear picture counts as a runner-up. Where no cause is named, the two nearest
    ones; what is not possible at all leads nowhere.
    """
    ranked = [(cause, p) for cause, p in verdict.ranked if p > 0]
    if verdict.abstained or verdict.primary == "mixed_unclear":
        return tuple(pair for pair in ranked if pair[0] != "mixed_unclear")[:2]
    first = [pair for pair in ranked if pair[0] == verdict.primary]
    return (*first, *(pair for pair in ranked if pair[0] != verdict.primary))[:2]
