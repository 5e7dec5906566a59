"""A report on a terminal. Text is handed to rich as text, never as markup, so it cannot style."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from rich import box
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.rule import Rule
from rich.table import Table as Grid
from rich.text import Text

from causemap.records import Report
from causemap.reporting import answer, content
from causemap.reporting.tree import Line, Section, Table
from causemap.words import ADVICE, instant, percent, true_minus, window

# Short on a screen: the whole ledger and the method are for files.
_SHOWN: Final = (
    "change",
    "gaps",
    "groups",
    "contributions",
    "account",
    "rejected",
    "counter",
    "map",
    "claims",
    "analogues",
    "scenarios",
)
_BAR: Final = 28
_CLAIMS: Final = 12


def print_report(report: Report, console: Console | None = None) -> None:
    """Print the report to ``console`` (standard output by default)."""
    (console or Console(highlight=False)).print(render(report))


def render(report: Report) -> RenderableType:
    """The report as one rich renderable."""
    parts = {part.key: part for part in content.sections(report)}
    shown = [parts[key] for key in _SHOWN if _wanted(parts[key])]
    foot = f"As of {instant(report.scope.as_of)}. {len(report.evidence)} evidence items. {ADVICE}"
    return Group(
        _answer(report),
        *_probabilities(report),
        *(block for part in shown for block in _section(part)),
        Rule(style="dim"),
        Text(foot, style="dim"),
    )


def _wanted(part: Section) -> bool:
    if part.key == "groups":
        return part.table is not None and len(part.table.rows) > 1
    return part.key in ("gaps", "counter", "contributions") or bool(part.lines or part.table)


def _answer(report: Report) -> RenderableType:
    said = answer.answered(report)
    body = Text(said.label, style="bold")
    if said.probability is not None:
        body.append(f"  {percent(said.probability)}", style="bold")
        body.append(f"  {said.hedge}", style="dim")
    if said.second:
        body.append(f"\n{said.second}", style="dim" if said.reason else "")
    for line in (answer.mechanism(report), answer.spread(report)):
        if line is not None:
            body.append("\n\n").append_text(_text(line))
    if said.reason:
        body.append(f"\n\n{said.reason}")
    heading = Text(answer.title(report))
    running = " (the session still running)" if report.scope.running else ""
    when = Text(f"{window(report.scope)}{running}, as of {instant(report.scope.as_of)}")
    return Panel(body, title=heading, subtitle=when, title_align="left", padding=(1, 2))


def _probabilities(report: Report) -> Iterable[RenderableType]:
    ranked = answer.odds(report)
    if not ranked:
        return
    grid = Grid.grid(padding=(0, 1))
    grid.add_column(min_width=24)
    grid.add_column(width=_BAR, no_wrap=True)
    grid.add_column(justify="right")
    for place, (cause, p) in enumerate(ranked):
        style = "bold" if place == 0 else ""
        filled = round(_BAR * min(1.0, max(0.0, p)))
        bar = Text("\u2588" * filled, style="blue" if place == 0 else "")
        bar.append("\u2500" * (_BAR - filled), style="dim")
        grid.add_row(Text(cause, style=style), bar, Text(percent(p), style))
    lead = [Text("All assets together", style="dim")] if len(report.verdicts) > 1 else []
    yield Padding(Group(*lead, grid), (1, 2))


def _section(part: Section) -> Iterable[RenderableType]:
    yield Rule(Text(part.title, style="bold"), align="left", style="dim")
    for line in part.lines:
        yield Padding(_text(line), (0, 2, 0, 2))
    if part.table is not None:
        yield Padding(_grid(_short(part)), (0, 1))
    if not part.lines and part.table is None:
        yield Padding(Text(part.empty, style="dim"), (0, 2))
    yield Text()


def _short(part: Section) -> Table:
    """The table, of claims its first rows only: the files hold them all."""
    table = part.table or Table((), (), ())
    return replace(table, rows=table.rows[:_CLAIMS]) if part.key == "claims" else table


def _text(line: Line) -> Text:
    text = Text()
    if line.lead:
        text.append(f"{line.lead} ", style="bold")
    text.append(line.text if line.url else true_minus(line.text))
    for place in line.refs:
        text.append(f" [{place}]", style="dim")
    return text


def _grid(table: Table) -> Grid:
    grid = Grid(box=box.SIMPLE_HEAD, pad_edge=False, header_style="dim")
    for name, numeric in zip(table.columns, table.numeric, strict=True):
        grid.add_column(Text(name), justify="right" if numeric else "left")
    for row in table.rows:
        grid.add_row(*(_text(cell) for cell in row))
    return grid
