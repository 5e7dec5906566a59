"""An answer in the making: its paragraphs and what they cite."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Final, NamedTuple

from causemap.agents.clauses import listed
from causemap.agents.names_zh import told_in
from causemap.agents.turns import Language
from causemap.records import Evidence, Report
from causemap.reporting.answer import assets_said
from causemap.reporting.markdown import escape
from causemap.reporting.tree import refs
from causemap.words import amount, value_of, window

MOST: Final = 5


class Said(NamedTuple):
    """Paragraphs of an answer with what they cite."""

    parts: tuple[str, ...]
    evidence: tuple[str, ...] = ()
    chart: str | None = None
    action: str | None = None


def cite(report: Report, ids: Sequence[str]) -> str:
    r"""`` \\[3\\] \\[7\\]`` for the items' places in the ledger, escaped for Markdown."""
    return "".join(f" \\[{place}\\]" for place in refs(report, ids))


def assets_of(report: Report, language: Language) -> str:
    """What the run was asked about, by name."""
    names = [escape(told_in(name, language)) for name in assets_said(report)]
    return "、".join(names) if language == "zh" else listed(names)


def window_of(report: Report, language: Language) -> str:
    """The days of the run's window."""
    if language == "en":
        return window(report.scope)
    first, last = (date.fromisoformat(day) for day in (report.scope.start, report.scope.end))
    year = "" if first.year == last.year else f"{last.year}年"
    return f"{first.year}年{first.month}月{first.day}日至{year}{last.month}月{last.day}日"


def bullet(report: Report, item: Evidence, language: Language) -> str:
    """One item of the ledger as a list line with its value, deviation and number."""
    z = "" if item.z is None or item.unit == "z" else f", {amount(item.z, 'z')}"
    said = escape(told_in(item.said, language))
    return f"- {said}: {value_of(item)}{z}{cite(report, (item.id,))}"


def bullets(
    report: Report, ids: Iterable[str], language: Language, most: int = MOST
) -> tuple[str, tuple[str, ...]]:
    """List lines of up to ``most`` items that the run holds, and their ids."""
    items = [item for key in dict.fromkeys(ids) if (item := report.find(key)) is not None][:most]
    lines = [bullet(report, item, language) for item in items]
    return "\n".join(lines), tuple(item.id for item in items)
