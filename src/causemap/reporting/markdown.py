"""A report as Markdown: the same content as the page, outside text escaped, no raw HTML."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from causemap.records import Report
from causemap.reporting import answer, content
from causemap.reporting.tree import Line, Section, Table
from causemap.words import ADVICE, clean, domain, instant, percent, true_minus, window

# An underscore inside a word is plain text in Markdown, and ids read better without escapes.
_SPECIAL: Final = re.compile(r"([\\`*\[\]<>|~#$]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9]))")
_ENTITY: Final = re.compile(r"&(?=#?\w+;)")
# Bare addresses would become links on many readers; the escape keeps them plain text.
_BARE: Final = re.compile(r"\b(https?|ftp|mailto|www)([:.])", re.IGNORECASE)
_OPENING: Final = re.compile(r"^(\d+)([.)])(?=\s|$)|^([-+=])(?=\s|$|[-+=])")


# A line of the tree has its own bounds; what it says of all assets is not cut here.
_LONGEST: Final = 4000


def to_markdown(report: Report) -> str:
    """The report as Markdown text ending with a newline; the same report gives the same bytes."""
    parts = [
        f"# {escape(answer.title(report))}",
        f"**As of {instant(report.scope.as_of)}.** {window(report.scope)}. {ADVICE}",
        *_verdict(report),
        *(_section(part) for part in content.sections(report) if _wanted(part)),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def escape(text: str, limit: int = 600) -> str:
    """Text that Markdown shows as it is: no emphasis, link, image, tag, table cell or heading."""
    safe = _SPECIAL.sub(r"\\\1", clean(text, limit))
    safe = _BARE.sub(r"\1\\\2", _ENTITY.sub("&amp;", safe))
    return _OPENING.sub(lambda m: f"{m[1]}\\{m[2]}" if m[1] else f"\\{m[3]}", safe)


def _verdict(report: Report) -> Iterable[str]:
    said = answer.answered(report)
    chance = "" if said.probability is None else f", {percent(said.probability)} ({said.hedge})"
    yield f"## Verdict: {escape(said.label)}{chance}"
    if said.second:
        yield f"{escape(said.second)}."
    for line in (answer.mechanism(report), answer.spread(report)):
        if line is not None:
            yield _line(line)
    if said.reason:
        yield escape(said.reason)
    ranked = [(Line(cause), Line(percent(p))) for cause, p in answer.odds(report)]
    if ranked:
        yield _table(Table(("Cause", "Probability"), (False, True), tuple(ranked)))


def _wanted(part: Section) -> bool:
    return part.key != "groups" or (part.table is not None and len(part.table.rows) > 1)


def _section(part: Section) -> str:
    blocks = [f"## {part.title}"]
    if part.lines:
        blocks.append("\n".join(f"- {_line(line)}" for line in part.lines))
    if part.table is not None:
        blocks.append(_table(part.table))
    return "\n\n".join(blocks if len(blocks) > 1 else (*blocks, escape(part.empty)))


def _line(line: Line) -> str:
    text = escape(line.text if line.url else true_minus(line.text), _LONGEST)
    if line.url:
        text = f"[{text}](<{line.url}>) ({escape(domain(line.url))})"
    lead = f"**{escape(line.lead)}** " if line.lead else ""
    cited = "".join(f" \\[{n}\\]" for n in line.refs)
    return f"{lead}{text}{cited}"


def _table(table: Table) -> str:
    rule = ("---:" if numeric else "---" for numeric in table.numeric)
    rows = [" | ".join(_line(cell) or " " for cell in row) for row in table.rows]
    return "\n".join(f"| {row} |" for row in (" | ".join(table.columns), " | ".join(rule), *rows))
