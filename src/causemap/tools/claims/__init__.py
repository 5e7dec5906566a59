"""Narrative against tape: claims read out of articles and tested on measured data."""

from causemap.tools.claims.extract import extract
from causemap.tools.claims.records import Amount, ExtractedClaim, Span

__all__ = ["Amount", "ExtractedClaim", "Span", "extract"]
