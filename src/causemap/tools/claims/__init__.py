"""Narrative against tape: claims read out of articles and tested on measured data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from causemap.tools.claims.extract import extract
from causemap.tools.claims.records import Amount, ExtractedClaim, Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from causemap.articles import Article
    from causemap.records import Evidence, Note, Scope
    from causemap.tools.claims.checking import Checked
    from causemap.tools.market import AsOfView


def check(
    articles: Sequence[Article],
    scope: Scope,
    view: AsOfView,
    evidence: tuple[Evidence, ...],
    notes: tuple[Note, ...] = (),
) -> Checked:
    """Claims of ``articles`` judged on ``view``; see :mod:`causemap.tools.claims.checking`."""
    # Measuring needs pandas, reading does not.
    from causemap.tools.claims.checking import check_all

    return check_all(articles, scope, view, evidence, notes)


__all__ = ["Amount", "ExtractedClaim", "Span", "check", "extract"]
