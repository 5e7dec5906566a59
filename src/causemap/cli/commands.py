"""The commands and their help. Heavy imports are made inside, so that ``--help`` is instant."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer

from causemap.cli.asking import (
    Ask,
    check_measured,
    checklist_scope,
    dossier,
    frozen_source,
    measure,
    read_settings,
)
from causemap.cli.brief import brief_app
from causemap.cli.chat import EPILOG as CHAT_EPILOG
from causemap.cli.chat import chat
from causemap.cli.data import data_app
from causemap.cli.delivery import STDOUT, Outputs, case_lines, deliver, deliver_page, say, show
from causemap.cli.eval_leak import app as eval_app
from causemap.cli.ingest import INGEST, ingest, library_app
from causemap.cli.options import DataOption, HtmlOption, MarkdownOption, NotesOption, QuietOption
from causemap.cli.ui import serve
from causemap.cli.ui import ui as ui_command
from causemap.errors import IncompleteError, UsageError

# Each begins with the mark that keeps its lines from being joined.
_EXPLAIN: Final = """\b
Examples:
  causemap explain 2026-02-seed
  causemap explain "why did stocks and bitcoin fall in early February 2026?"
  causemap explain --start 2026-01-29 --end 2026-02-05 --assets BTC,ETH
  causemap explain "bitcoin last week" --json - | jq .verdict.primary
  causemap explain 2026-02-seed --html report.html --png map.png"""
_SHOW: Final = """\b
Example:
  causemap cases show 2026-02-seed"""
_FREEZE: Final = """\b
Examples:
  causemap cases freeze --id my-case --start 2026-01-29 --end 2026-02-05 --title "Why ...?"
  causemap cases freeze --id my-case --from report.json --out my-case.json"""
_DOCTOR: Final = """\b
Examples:
  causemap doctor
  causemap doctor --data-dir prices"""
_CHECKLIST: Final = """\b
Examples:
  causemap checklist
  causemap checklist --date 2026-02-05 --markdown page.md
  causemap checklist --date 2026-02-05 --notes notes.jsonl"""
app = typer.Typer(
    help="Says why a market fell: the cause, the evidence, what was rejected, what is not known.",
    epilog="Exit codes: 0 done, 1 a gate failed, 2 bad input, 3 something needed is missing.",
    rich_markup_mode=None,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
cases_app = typer.Typer(
    help="Frozen cases. They replay to the same report on every machine, without data or key.",
    rich_markup_mode=None,
    no_args_is_help=True,
)
app.add_typer(cases_app, name="cases")
app.add_typer(brief_app, name="brief")
app.add_typer(library_app, name="library")
app.command(epilog=INGEST)(ingest)
app.add_typer(eval_app, name="eval")
app.add_typer(data_app, name="data")
app.command(epilog=CHAT_EPILOG)(chat)
app.command("ui")(ui_command)
app.command()(serve)


class Llm(StrEnum):
    """Whether a language model may take part."""

    off = "off"
    auto = "auto"


StartOption = Annotated[
    str | None, typer.Option(metavar="DATE", help="Last close before the fall, YYYY-MM-DD.")
]
EndOption = Annotated[
    str | None, typer.Option(metavar="DATE", help="Close at the bottom of the fall, YYYY-MM-DD.")
]
AssetsOption = Annotated[
    str | None,
    typer.Option(metavar="A,B", help="Names or words: SPX,BTC or nvidia,gold.  [default: six]"),
]
AsOfOption = Annotated[
    str | None,
    typer.Option(
        metavar="TIME",
        help="What was known when: a date or 2026-02-05T21:00Z.  [default: two days after the end]",
    ),
]
ArticlesOption = Annotated[
    list[str] | None,
    typer.Option(
        "--articles",
        metavar="FILE[@DATE]",
        help="An article to test claims of: text, Markdown, HTML, JSON Lines; may be repeated.",
    ),
]
ArticlesDateOption = Annotated[
    str | None, typer.Option(metavar="DATE", help="For articles that carry no date.")
]
LlmOption = Annotated[
    Llm | None,
    typer.Option(help="'auto' lets a model take part if one is set up.", show_default="off"),
]
ReplayOption = Annotated[
    bool, typer.Option("--replay", help="Recorded model calls only: no server is asked.")
]


@app.command(epilog=_EXPLAIN)
def explain(
    subject: Annotated[
        list[str] | None,
        typer.Argument(metavar="[CASE | QUESTION]", help="A frozen case or a question in words."),
    ] = None,
    start: StartOption = None,
    end: EndOption = None,
    assets: AssetsOption = None,
    as_of: AsOfOption = None,
    data_dir: DataOption = None,
    notes: NotesOption = None,
    articles: ArticlesOption = None,
    articles_date: ArticlesDateOption = None,
    llm: LlmOption = None,
    replay: ReplayOption = False,
    json: Annotated[
        str | None, typer.Option("--json", metavar="FILE|-", help="The report as JSON.")
    ] = None,
    markdown: MarkdownOption = None,
    html: HtmlOption = None,
    svg: Annotated[str | None, typer.Option(metavar="FILE|-", help="The cause map, SVG.")] = None,
    png: Annotated[str | None, typer.Option(metavar="FILE", help="The cause map, PNG.")] = None,
    dot: Annotated[
        str | None, typer.Option(metavar="FILE|-", help="The cause map for Graphviz.")
    ] = None,
    quiet: QuietOption = False,
) -> None:
    """Explain a fall: from a frozen case, a question, or two closes."""
    outputs = Outputs(json, markdown, html, svg, png, dot)
    outputs.check()
    ask = Ask(
        *(" ".join(subject or ()).strip(), start, end, assets, as_of, data_dir, notes, quiet),
        articles=tuple(articles or ()),
        articles_date=articles_date,
        llm=llm,
        replay=replay,
    )
    found = dossier(ask)
    from causemap.agents.conclude import conclude

    deliver(conclude(found), outputs, quiet)
    check_measured(found)


@cases_app.command("list")
def list_command(
    json: Annotated[bool, typer.Option("--json", help="As a JSON array.")] = False,
) -> None:
    """List the bundled cases: id, window, asset groups, title."""
    from causemap.cases.store import list_cases

    entries = list_cases()
    if json:
        import json as codec
        from dataclasses import asdict

        show(codec.dumps([asdict(entry) for entry in entries], indent=1, ensure_ascii=False))
        return
    width = max((len(entry.id) for entry in entries), default=0)
    for entry in entries:
        groups = ",".join(entry.groups)
        show(f"{entry.id:<{width}}  {entry.start} {entry.end}  {groups:<20}  {entry.title}")
    if not entries:
        show("No case is bundled; 'causemap cases freeze --help' shows how to make one.")


@cases_app.command("show", epilog=_SHOW)
def show_command(case: Annotated[str, typer.Argument(metavar="ID")]) -> None:
    """Show what a case holds: its question, sources, gaps and verdict."""
    from causemap.cases.store import load_case

    found = load_case(case)
    from causemap.agents.conclude import conclude

    for line in case_lines(case, conclude(found)):
        show(line)


@cases_app.command("freeze", epilog=_FREEZE)
def freeze_command(
    case: Annotated[str, typer.Option("--id", metavar="ID", help="Name of the case.")],
    start: StartOption = None,
    end: EndOption = None,
    report: Annotated[
        Path | None,
        typer.Option("--from", metavar="FILE.json", help="A report's JSON, in place of a window."),
    ] = None,
    title: Annotated[str, typer.Option(help="The question the case answers.")] = "",
    out: Annotated[
        Path, typer.Option(metavar="FILE|DIR", help="Where to write it.", show_default="here")
    ] = Path(),
    assets: AssetsOption = None,
    as_of: AsOfOption = None,
    data_dir: DataOption = None,
    notes: NotesOption = None,
    articles: ArticlesOption = None,
    quiet: QuietOption = False,
) -> None:
    """Freeze a window or a report as a case. It replays byte for byte.

    Only notes that were found and carry an address are kept: recollected ones cannot be checked.
    """
    from causemap.cases.freeze import freeze, write_case

    given = tuple(articles or ())
    ask = Ask("", start, end, assets, as_of, data_dir, notes, quiet, articles=given)
    frozen = freeze(frozen_source(ask, report), title)
    path = write_case(frozen.dossier, case, out)
    say(f"wrote {path}: {len(frozen.dossier.evidence)} facts", quiet)
    if frozen.notes_left_out or frozen.evidence_left_out:
        say(
            f"left out as not citable: {frozen.notes_left_out} notes, "
            f"{frozen.evidence_left_out} facts that rest on them",
            quiet,
        )


@app.command(epilog=_CHECKLIST)
def checklist(
    day: Annotated[
        str | None,
        typer.Option("--date", metavar="DATE", help="Any past day.  [default: the last session]"),
    ] = None,
    data_dir: DataOption = None,
    notes: NotesOption = None,
    markdown: MarkdownOption = None,
    json: Annotated[bool, typer.Option("--json", help="As JSON on standard output.")] = False,
    quiet: QuietOption = False,
) -> None:
    """The daily risk-off page. The last five sessions, as known at the end of a day.

    Macro, leadership, crypto, correlation and the verdict, each with its value and a word for how
    unusual it is. States describe; they recommend nothing.
    """
    from causemap.checklist import build_checklist
    from causemap.reporting.output import check_target
    from causemap.tools.notes import notes_for, read_notes

    if json and markdown == STDOUT:
        raise UsageError("Only one form can go to standard output ('-'); name a file.")
    if markdown and markdown != STDOUT:
        check_target(Path(markdown))
    settings = replace(read_settings(data_dir), llm="off")
    told = read_notes(notes) if notes else ()
    scope = checklist_scope(day, settings, quiet)
    found = measure(scope, notes_for(told, scope.start, scope.as_of), settings, quiet)
    from causemap.agents.conclude import conclude

    page = build_checklist(conclude(found))
    deliver_page(page, markdown, as_json=json, quiet=quiet)
    check_measured(found)


@app.command(epilog=_DOCTOR)
def doctor(data_dir: DataOption = None) -> None:
    """Look at the installation and the data. Says what is missing and what to do."""
    from causemap.doctor import examine

    findings = examine(read_settings(data_dir), datetime.now(UTC).date())
    for found in findings:
        todo = f"  -> {found.todo}" if found.todo else ""
        show(f"{found.state:<8} {found.what:<26} {found.seen}{todo}")
    broken = [found.what for found in findings if found.state == "broken"]
    if broken:
        raise IncompleteError(f"not in order: {', '.join(broken)}; see the lines above.")


def _version(wanted: bool) -> None:
    if wanted:
        from causemap._version import __version__

        show(f"causemap {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Says why a market fell: the cause, the evidence, what was rejected, what is not known."""
