"""Options that several commands share, so that each reads the same everywhere."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

DataOption = Annotated[
    Path | None,
    typer.Option(metavar="DIR", help="Data directory.  [default: the user data folder]"),
]
NotesOption = Annotated[
    Path | None, typer.Option(metavar="FILE.jsonl", help="Dated news notes, one JSON a line.")
]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="No progress on standard error.")]
MarkdownOption = Annotated[str | None, typer.Option(metavar="FILE|-", help="As Markdown.")]
HtmlOption = Annotated[str | None, typer.Option(metavar="FILE|-", help="As one HTML page.")]
JunitOption = Annotated[str | None, typer.Option(metavar="FILE|-", help="As JUnit XML.")]
