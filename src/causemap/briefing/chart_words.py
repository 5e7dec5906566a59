"""Charts of Chinese briefings: words from the phrase book, figures as they are."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from causemap.agents.chat_words import CAUSE_ZH
from causemap.agents.told_zh import asset_zh
from causemap.briefing.voice import book_of
from causemap.reporting.path_ends import path_ends
from causemap.words import asset_name, cause_name, number, sentence_case

if TYPE_CHECKING:
    from collections.abc import Mapping

    from causemap.records import Report
    from causemap.reporting.json_codec import Json
    from causemap.reporting.shares import Cell, Chart

_DAYS: Final = {"%-d %b": "%-m\u6708%-d\u65e5"}
_REST: Final = "Unexplained"


def in_chinese(chart: Chart, report: Report) -> Chart:
    """The chart with Chinese words in its title, its text alternative and the drawing itself."""
    names = _names(report)
    title = _title(chart, report, names)
    parts = len(chart.rows) - 1 if chart.key == "contributions" else len(_drawn(chart))
    alt = _book()["alts"][chart.key].format(n=parts, title=title)
    spec = {key: _told(held, names) for key, held in chart.spec.items()}
    return replace(chart, title=title, alt=alt, spec=spec)


def credit_zh(sources: str, as_of: str) -> str:
    """The source line."""
    return str(_book()["credit"]).format(sources=sources, as_of=as_of)


def _book() -> Mapping[str, Any]:
    book: Mapping[str, Any] = book_of("zh")["charts"]
    return book


def _names(report: Report) -> dict[str, str]:
    """Every English word of the drawings with its Chinese one."""
    own = _book()["assets"]
    assets = {asset_name(p.asset): own.get(p.asset) or asset_zh(p.asset) for p in report.paths}
    causes = {sentence_case(cause_name(cause)): name for cause, name in CAUSE_ZH.items()}
    return {**_book()["words"], **causes, **assets, **_DAYS}


def _told(value: Json, names: Mapping[str, str]) -> Json:
    """The specification with its words changed; a line's end is its asset and a figure."""
    if isinstance(value, dict):
        return {key: _told(held, names) for key, held in value.items()}
    if isinstance(value, list):
        return [_told(held, names) for held in value]
    if not isinstance(value, str) or value in names:
        return names.get(value, value) if isinstance(value, str) else value
    head, _, figure = value.rpartition(" ")
    return f"{names[head]} {figure}" if head in names else value


def _drawn(chart: Chart) -> set[str]:
    return {str(row[0]) for row in chart.rows}


def _title(chart: Chart, report: Report, names: Mapping[str, str]) -> str:
    """The takeaway, from the rows behind the chart."""
    if chart.key == "paths":
        return _paths_title(chart, report, names)
    titles = _book()["titles"]
    if chart.key == "probabilities":
        (first, p), (second, q) = chart.rows[:2]
        told = titles["probabilities"]
        return str(told.format(first=names[str(first)], p=p, second=names[str(second)], q=q))
    shares = {str(row[0]): row[1] for row in chart.rows}
    first = next(iter(shares))  # bars fall in size, the rest stands last
    told = titles["contributions"].format(
        first=names[first], p=_percent(shares[first]), q=_percent(shares[_REST])
    )
    return str(told)


def _paths_title(chart: Chart, report: Report, names: Mapping[str, str]) -> str:
    ends, titles = path_ends(chart.rows, report), _book()["titles"]
    head = titles["paths" if ends.lowest else "paths_beside"]
    told = str(head.format(asset=names[ends.worst], change=ends.change[ends.worst]))
    if ends.best != ends.worst:
        beside = titles["paths_beside"]
        told += "\uff1b" + beside.format(asset=names[ends.best], change=ends.change[ends.best])
    return told


def _percent(share: Cell) -> str:
    return f"{number(share, 0)}%" if isinstance(share, int | float) else ""
