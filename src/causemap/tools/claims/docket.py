"""A claim as it comes to judgement: what it is judged on, over which time, and the outcome."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import pandas as pd

from causemap.closed_sets import ClaimVerdict
from causemap.records import Evidence, Note, Scope
from causemap.tools.claims.records import ExtractedClaim, Span
from causemap.tools.claims.tape import Measured, Window
from causemap.tools.market import AsOfView, MissingSeries


@dataclass(frozen=True, slots=True)
class Case:
    """A claim with what it is judged on."""

    claim: ExtractedClaim
    scope: Scope
    view: AsOfView
    evidence: tuple[Evidence, ...]
    notes: tuple[Note, ...] = ()

    @property
    def name(self) -> str:
        """What the claim is about."""
        return self.claim.about[0] if self.claim.about else ""


class Judged(NamedTuple):
    """A verdict, why in words without a figure, the measurements, and evidence already at hand."""

    verdict: ClaimVerdict
    why: str
    measured: tuple[Measured, ...] = ()
    rests: tuple[str, ...] = ()


def window_of(case: Case) -> Window:
    """The claim's own time as closes: what it names, else the question's window up to its day.

    A vague time that meets the window stands for the window.
    """
    last = pd.Timestamp(case.view.as_of.date())
    span = case.claim.span
    if span is not None and not (span.vague and _meets(span, case.scope)):
        return _named(span, last)
    start, end = pd.Timestamp(case.scope.start), min(pd.Timestamp(case.scope.end), last)
    if end <= start:
        return Window(end - pd.Timedelta(days=7), end)
    return Window(start, end)


def _meets(span: Span, scope: Scope) -> bool:
    """Whether a vague time ("early February") covers a part of the question's window."""
    return span.since <= scope.end and scope.start <= span.until


def _named(span: Span, last: pd.Timestamp) -> Window:
    # The move of named days is counted from the close before them.
    start, end = pd.Timestamp(span.since), min(pd.Timestamp(span.until), last)
    if start > last:
        raise MissingSeries("the time named", "empty", "it lies after the article")
    return Window(start - pd.Timedelta(days=1), end, named=True)
