"""Records as data frames for the sortable tables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Final

import pandas as pd

from causemap.words import (
    asset_name,
    clean,
    leaders,
    moment,
    number,
    safe_url,
    sentence_case,
    value_of,
)

if TYPE_CHECKING:
    from pandas.io.formats.style import Styler

    from causemap.records import Evidence, Report

# Series that are known by a code; where the code is what traders say it stays.
_CODES: Final = {
    "CURVE_2S10S": "2s10s curve",
    "EFFR": "Fed funds",
    "FED_BS_MUSD": "Fed balance sheet",
    "RRP_BUSD": "Reverse repo",
    "USDJPY": "Dollar-yen",
}


def evidence_frame(report: Report, items: Sequence[Evidence]) -> pd.DataFrame:
    """Evidence items as rows in the order given; figures and times (UTC) as such, to be sorted."""
    places = {e.id: k for k, e in enumerate(report.evidence, 1)}
    pulls = _pulls(report)
    frame = pd.DataFrame(
        [
            {
                "No.": places[e.id],
                "Value": e.value,
                "z": e.z,
                "Measure": sentence_case(clean(e.said, 160)),
                "Asset": _CODES.get(e.asset) or sentence_case(asset_name(e.asset)),
                "Pull": pulls.get(e.id),
                "Group": sentence_case(e.group.replace("_", " ")),
                "Desk": sentence_case(e.desk.replace("_", " ")),
                "Available": moment(e.available_at),
                "Source": clean(e.source, 120),
                "Link": safe_url(e.url, report),
            }
            for e in items
        ]
    )
    linked = not frame.empty and bool(frame["Link"].notna().any())
    return frame if linked else frame.drop(columns="Link", errors="ignore")


def _pulls(report: Report) -> dict[str, float]:
    """Each item's weight on the leading cause of its asset group; of several the largest."""
    held: dict[str, float] = {}
    for _, verdict in report.verdicts:
        lead = next((cause for cause, _ in leaders(verdict)), None)
        for w in verdict.weighed:
            if w.cause == lead and abs(w.log_odds) > abs(held.get(w.evidence, 0.0)):
                held[w.evidence] = w.log_odds
    return held


def evidence_table(report: Report, items: Sequence[Evidence]) -> Styler:
    """The rows of :func:`evidence_frame`, figures as they are told and sorted by their size.

    A figure is told by its unit, which a formatter is not given; equal figures that are told apart
    have formatters of their own (one for each row would take as long as the whole page).
    """
    told: dict[object, set[str]] = defaultdict(set)
    for item in items:
        told[item.value].add(value_of(item))
    styler = evidence_frame(report, items).style
    styler.format(lambda value: next(iter(told[value])), subset=["Value"])
    styler.format(_signed, na_rep="", subset=["z", "Pull"])
    for row, item in enumerate(items):
        if len(told[item.value]) > 1:
            own = partial(_as_told, value_of(item))
            styler.format(own, subset=pd.IndexSlice[[row], ["Value"]])
    return styler


def _signed(value: object) -> str:
    return number(float(str(value)), 1, signed=True)


def _as_told(said: str, _value: object) -> str:
    return said
