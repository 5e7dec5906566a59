"""From a report to what the user reads: the page on the terminal, files, standard output."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import typer

from causemap.errors import IncompleteError, UsageError

if TYPE_CHECKING:
    from causemap.checklist import Checklist
    from causemap.records import Report

STDOUT: Final = "-"
_CHINESE: Final = re.compile(r"[\u4e00-\u9fff]")
_IN_ENGLISH: Final = (
    "报告正文只有英文；用 --json 存下后，causemap brief 文件 --lang zh 写中文简报，"
    "causemap chat 文件 可用中文追问。"
)


@dataclass(frozen=True, slots=True)
class Outputs:
    """Where each form of a report, or of an evaluation's scores, goes; ``-`` is standard output."""

    json: str | None = None
    markdown: str | None = None
    html: str | None = None
    svg: str | None = None
    png: str | None = None
    dot: str | None = None
    junit: str | None = None

    def check(self) -> None:
        """Refuse two forms on standard output and places that cannot be written."""
        from causemap.reporting.output import check_target

        text = (self.json, self.markdown, self.html, self.svg, self.dot, self.junit)
        targets = [target for target in text if target]
        if targets.count(STDOUT) > 1:
            raise UsageError("Only one form can go to standard output ('-'); name files.")
        if self.png == STDOUT:
            raise UsageError("A picture cannot go to standard output; name a file: --png map.png")
        for target in (*targets, *filter(None, (self.png,))):
            if target != STDOUT:
                check_target(Path(target))

    @property
    def on_stdout(self) -> bool:
        """Whether some form goes to standard output instead of the page for readers."""
        return STDOUT in (self.json, self.markdown, self.html, self.svg, self.dot)


def deliver_page(page: Checklist, markdown: str | None, *, as_json: bool, quiet: bool) -> None:
    """The checklist in the forms asked for; as text unless standard output is taken."""
    from causemap.checklist import to_json, to_markdown, to_text

    if markdown:
        _put(markdown, to_markdown(page), quiet)
    if as_json:
        show(to_json(page))
    elif markdown != STDOUT:
        show(to_text(page))


def deliver(report: Report, outputs: Outputs, quiet: bool) -> None:
    """Every form asked for; the page for readers unless standard output is taken."""
    for form in _forms(report, outputs):
        _put(form.target, form.make(), quiet)
    if not outputs.on_stdout:
        from causemap.reporting.terminal import print_report

        print_report(report)
        if _CHINESE.search(report.scope.question):
            show(_in_chinese(report))
    if outputs.svg or outputs.png:
        _deliver_map(report, outputs, quiet)


def _in_chinese(report: Report) -> str:
    """The verdict in one line, and that the page itself is in English."""
    from causemap.briefing.headline import headlines

    return f"{headlines(report, 'zh')[0]}。{_IN_ENGLISH}"


class Form(NamedTuple):
    """Where a form of the report goes, and how its text is made."""

    target: str
    make: Callable[[], str]


def _forms(report: Report, outputs: Outputs) -> Iterator[Form]:
    """The text forms asked for; what makes them is imported only then."""
    if outputs.json:
        from causemap.reporting.json_codec import dumps

        yield Form(outputs.json, lambda: dumps(report))
    if outputs.markdown:
        from causemap.reporting.markdown import to_markdown

        yield Form(outputs.markdown, lambda: to_markdown(report))
    if outputs.html:
        from causemap.reporting.html import to_html

        yield Form(outputs.html, lambda: to_html(report))
    if outputs.dot:
        from causemap.reporting.drawing import to_dot

        yield Form(outputs.dot, lambda: to_dot(report.cause_map))


def _deliver_map(report: Report, outputs: Outputs, quiet: bool) -> None:
    from causemap.reporting.drawing import to_svg

    drawn = to_svg(report)
    if drawn is None:
        raise IncompleteError("The cause map is empty, so there is no picture of it to write.")
    if outputs.svg:
        _put(outputs.svg, drawn, quiet)
    if outputs.png:
        from causemap.reporting.output import write_bytes
        from causemap.reporting.render import svg_png

        write_bytes(Path(outputs.png), svg_png(drawn))
        say(f"wrote {outputs.png}", quiet)


def _put(target: str, text: str, quiet: bool) -> None:
    if target == STDOUT:
        show(text)
        return
    from causemap.reporting.output import write_text

    write_text(Path(target), text)
    say(f"wrote {target}", quiet)


def case_lines(case: str, report: Report) -> Iterator[str]:
    """What a case holds, line by line: question, window, verdict, notes, gaps."""
    from causemap.reporting.answer import answered
    from causemap.words import percent

    said, scope = answered(report), report.scope
    held = "" if said.probability is None else f" ({percent(said.probability)})"
    yield f"{case}: {scope.question or 'no question'}"
    yield f"window    closes of {scope.start} to {scope.end}, known at {scope.as_of}"
    yield f"assets    {', '.join(scope.assets)}"
    yield f"verdict   {said.label}{held}"
    if said.probability is None and said.second:
        yield f"          {said.second}"
    yield f"evidence  {len(report.evidence)} facts, {len(report.gaps)} gaps"
    for note in report.notes:
        told = f"{note.published}  {note.publisher}: {note.text}"
        yield f"note      {told}  {note.url or ''}".rstrip()
    for gap in report.gaps:
        yield f"gap       {gap.what} ({gap.kind}): {gap.why}"


def show(text: str) -> None:
    """Print to standard output, ending in one newline."""
    typer.echo(text, nl=not text.endswith("\n"))


def say(text: str, quiet: bool) -> None:
    """Tell the user something beside the result, on standard error."""
    if not quiet:
        typer.echo(text, err=True)
