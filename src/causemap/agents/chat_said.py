"""An answer in the making: its paragraphs and what they cite."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from causemap.records import Report
from causemap.reporting.tree import refs


class Said(NamedTuple):
    """Paragraphs of an answer with what they cite."""

    parts: tuple[str, ...]
    evidence: tuple[str, ...] = ()
    chart: str | None = None
    action: str | None = None


def cite(report: Report, ids: Sequence[str]) -> str:
    r"""`` \\[3\\] \\[7\\]`` for the items' places in the ledger, escaped for Markdown."""
    return "".join(f" \\[{place}\\]" for place in refs(report, ids))
