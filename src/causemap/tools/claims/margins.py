"""Exchange margin rises dated against the fall: response or cause (MISSION row C2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from causemap.tools.claims.docket import Case, Judged, window_of
from causemap.tools.claims.tape import Measured, Window, cut, day_before
from causemap.tools.market import MissingSeries
from causemap.tools.measures.stats import MAD_TO_SIGMA, mad
from causemap.tools.news.margins import margin_rise
from causemap.tools.notes import known_at

if TYPE_CHECKING:
    from causemap.records import Note

_METALS: Final = ("GLD", "SLV")
# A first fall is a day lower by more than this many ordinary days (robust deviations).
_FIRST_FALL: Final = 3.0
_QUALITY: Final = frozenset({"official", "newswire", "exchange"})


def judge_margin(case: Case) -> Judged:
    """A margin rise is too late to be the cause when it was announced after the first fall."""
    notice = _notice(case)
    if notice is None:
        why = "no dated notice of the exchange is at hand"
        return Judged("single_source" if case.claim.single else "not_checkable", why)
    fall = _first_fall(case, window_of(case))
    told = pd.Timestamp(known_at(notice)).tz_localize(None)
    days = (told.normalize() - fall.end).days
    found = Measured(
        "claim_margin_lag", fall.asset, float(days), "days",
        "days from the first fall of precious metals to the margin notice",
        fall.end, told.normalize(), told, (fall.asset,), known=told,
    )  # fmt: skip
    if told.normalize() > fall.end:
        return Judged("too_late", "the notice came after the first fall", (fall, found))
    return Judged("supported", "the notice came before the first fall", (fall, found))


def _notice(case: Case) -> Note | None:
    """The first dated notice of a margin rise, official or by a newswire, known by the as-of."""
    first = pd.Timestamp(case.scope.start) - pd.Timedelta(days=10)
    found = [
        note
        for note in case.notes
        if note.kind in _QUALITY and note.basis != "knowledge"
        if (rise := margin_rise(note.text)) is not None and "metals" in rise.groups
        if pd.Timestamp(note.published[:10]) >= first and known_at(note) <= case.view.as_of
    ]
    return min(found, key=known_at, default=None)


def _first_fall(case: Case, window: Window) -> Measured:
    """The first day in or just before the window that a metal fell far beyond an ordinary day."""
    begin = pd.Timestamp(case.scope.start) - pd.Timedelta(days=5)
    falls = [f for name in _METALS if (f := _fall_of(case, name, begin, window.end))]
    if not falls:
        raise MissingSeries("precious metals", "empty", "no day fell far enough to date a fall")
    return min(falls, key=lambda m: m.end)


def _fall_of(case: Case, name: str, begin: pd.Timestamp, end: pd.Timestamp) -> Measured | None:
    values = cut(case.view, name, Window(begin - pd.Timedelta(days=400), end))
    daily = values.pct_change().dropna() * 100
    past, inside = daily.loc[:begin], daily.loc[begin:]
    spread = MAD_TO_SIGMA * mad(np.asarray(past, dtype=np.float64))
    deep = inside[inside < -_FIRST_FALL * spread]
    if deep.empty or spread == 0:
        return None
    at = pd.Timestamp(deep.index[0])
    before = day_before(values, at)
    said = "the first day that precious metals fell far beyond an ordinary day"
    return Measured(
        "claim_first_fall", name, float(deep.iloc[0]), "%", said, before, at, at, (name,)
    )
