"""Quoted claims beside what was measured: the words are outside text, the figures are evidence."""

from __future__ import annotations

from collections import Counter
from typing import Final, get_args

from causemap.closed_sets import ClaimVerdict
from causemap.records import Claim, Evidence, Report
from causemap.reporting.tree import Line, Section, refs, tabled
from causemap.words import clean, day, instant, safe_url, sentence_case, value_of

LABELS: Final[dict[ClaimVerdict, str]] = {
    "supported": "supported by the data",
    "contradicted": "contradicted by the data",
    "too_late": "too late to be a cause",
    "single_source": "single source",
    "not_checkable": "not checkable",
}
# What readers look for first: where the articles and the tape part ways.
ORDER: Final[tuple[ClaimVerdict, ...]] = (
    "contradicted",
    "too_late",
    "single_source",
    "supported",
    "not_checkable",
)
MOST: Final = 40
MAX_QUOTE: Final = 240
_SHOWN: Final = 5
_COLUMNS: Final = ("Claim", "Source", "Against the data", "Measured")


def claims(report: Report) -> Section:
    """Claims by verdict with the measured value, its unit and its time beside each."""
    ordered = sorted(report.claims, key=lambda claim: ORDER.index(claim.verdict))
    rows = [_row(report, claim) for claim in ordered[:MOST]]
    table = tabled(_COLUMNS, (False,) * len(_COLUMNS), rows)
    lines = (Line(_summary(report)),) if report.claims else ()
    return Section("claims", "Claims tested", lines, table, "No claims were tested.")


def _summary(report: Report) -> str:
    counts = Counter(claim.verdict for claim in report.claims)
    told = [f"{counts[v]} {LABELS[v]}" for v in get_args(ClaimVerdict) if counts[v]]
    rest = len(report.claims) - MOST
    more = f" The table shows {MOST}; the JSON form holds all." if rest > 0 else ""
    return f"{len(report.claims)} tested: {', '.join(told)}.{more}"


def _row(report: Report, claim: Claim) -> tuple[Line, ...]:
    said = sentence_case(LABELS[claim.verdict])
    why = clean(claim.why, 160)
    return (
        Line(f"\u201c{_unquoted(claim.text)}\u201d"),
        Line(_source(claim), url=safe_url(claim.url, report)),
        Line(f"{said}: {why}" if why else said, refs(report, claim.evidence)),
        Line(_measured(report, claim)),
    )


def _unquoted(text: str) -> str:
    """The words without quotation marks of their own kind: the quote ends where we say."""
    return clean(text, MAX_QUOTE).replace("\u201c", "\u2018").replace("\u201d", "\u2019")


def _source(claim: Claim) -> str:
    name = clean(claim.source, 120)
    return f"{name}, {instant(claim.published)}" if claim.published else name


def _measured(report: Report, claim: Claim) -> str:
    found = [item for key in claim.evidence if (item := report.find(key)) is not None]
    return "; ".join(_figure(item) for item in found[:_SHOWN])


def _figure(item: Evidence) -> str:
    moment = item.start == item.end or len(item.observed_at) > 10
    same_year = item.start[:4] == item.end[:4]
    span = f"{day(item.start, year=not same_year)} to {day(item.end, year=True)}"
    when = instant(item.observed_at) if moment else span
    return f"{clean(item.said, 160)}: {value_of(item)}, {when}"
