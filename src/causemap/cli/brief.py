"""``causemap brief``: briefings on a run, their review, corrections and series."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer
from typer.core import TyperGroup

from causemap.cli.delivery import STDOUT, say, show
from causemap.errors import IncompleteError, UsageError

if TYPE_CHECKING:
    from typer._click import Context

    from causemap.briefing.compose import Order
    from causemap.briefing.tree import Issue
    from causemap.records import Dossier

_MAKE: Final = """\b
Examples:
  causemap brief 2026-02-seed
  causemap brief 2026-02-seed --format email --length flash --out note.eml
  causemap brief 2026-02-seed --format pdf --length 600 --voice plain --out note.pdf
  causemap brief report.json --previous yesterday.json --style house.yaml"""
_RUN: Final = """\b
Examples:
  causemap brief series > ~/.local/share/causemap/series.yaml
  causemap brief run --due"""
_REVIEW: Final = """\b
In order, with the folder of one issue:
  causemap brief approve FOLDER --name "Jane Doe"
  causemap brief publish FOLDER
  causemap brief check FOLDER
  causemap brief correct FOLDER"""
_SEND: Final = """\b
Examples:
  causemap brief send note.eml --to reader@example.org --smtp localhost:25
  causemap brief send note.eml --to reader@example.org --smtp localhost:25 --send"""
_SERIES: Final = """\
# Series of briefings; 'causemap brief run --due' writes what is due. Times are local to 'zone'.
series:
  - name: morning
    assets: [SPX, NDX, BTC, ETH, GLD, SLV]
    sessions: 5            # closes the window spans
    market: XNYS           # or 24/7
    at: "07:37"
    zone: America/New_York
    length: daily          # flash, daily, deep or a number of words
    voice: wire            # or plain; style: house.yaml names a file of your own
    language: en
    formats: [md, email]
    wait_hours: 3          # how long to wait for sources that are late
"""


# So many missing sources are named on one line; the issue names all.
_FEW: Final = 5


class Form(StrEnum):
    """The formats of a briefing."""

    md = "md"
    email = "email"
    pdf = "pdf"
    paste = "paste"
    json = "json"


class _MakeByDefault(TyperGroup):
    """``brief CASE`` is short for ``brief make CASE``."""

    def parse_args(self, ctx: Context, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and args[0] not in ("-h", "--help"):
            args = ["make", *args]
        return super().parse_args(ctx, args)


brief_app = typer.Typer(
    cls=_MakeByDefault,
    help="Write, review, correct and send briefings. 'brief CASE' writes one.",
    rich_markup_mode=None,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Folder = Annotated[Path, typer.Argument(metavar="FOLDER", help="The folder of one issue.")]
HomeOption = Annotated[Path | None, typer.Option("--data-dir", metavar="DIR", help="Market data.")]


@brief_app.command("make", epilog=_MAKE)
def make(
    subject: Annotated[str, typer.Argument(metavar="CASE|RUN", help="A case, a run or its JSON.")],
    form: Annotated[Form, typer.Option("--format", help="How it is laid out.")] = Form.md,
    length: Annotated[
        str, typer.Option(metavar="flash|daily|deep|N", help="120, 350, 900 or N words.")
    ] = "daily",
    voice: Annotated[str, typer.Option(metavar="wire|plain", help="How it is worded.")] = "wire",
    language: Annotated[str, typer.Option("--lang", metavar="en|zh", help="Language.")] = "en",
    style: Annotated[
        Path | None, typer.Option(metavar="FILE.yaml", help="A house style of your own.")
    ] = None,
    previous: Annotated[
        str | None, typer.Option(metavar="CASE|RUN", help="The run of the issue before.")
    ] = None,
    charts: Annotated[bool, typer.Option(help="With charts.")] = True,
    out: Annotated[str, typer.Option(metavar="FILE|-", help="Where it goes.")] = STDOUT,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Nothing on standard error.")
    ] = False,
) -> None:
    """Write a briefing on a frozen case or a run. It is a draft until somebody approves it."""
    from causemap.briefing.press import issue_of

    order = _order(length, voice, language, style)
    before = _run(previous) if previous else None
    issue = issue_of(_run(subject), replace(order, charts=charts, run=subject), before)
    _deliver(issue, form, out, quiet)


def _order(length: str, voice: str, language: str, style: Path | None) -> Order:
    from causemap.briefing.compose import Order, length_of
    from causemap.briefing.voice import LANGUAGES, read_house

    known = next((name for name in LANGUAGES if name == language), None)
    if known is None:
        raise UsageError(f"Briefings are written in {', '.join(LANGUAGES)}, not {language!r:.20}.")
    house = read_house(style, known) if style else None
    return Order(length_of(length), voice, known, house)


def _run(subject: str) -> Dossier:
    """The dossier of a case, of a report's JSON, or of a run in the ledger."""
    from causemap.cases.store import load_case, load_case_file
    from causemap.cli.kept import kept_run

    if subject.endswith(".json"):
        return load_case_file(Path(subject))
    return kept_run(subject) or load_case(subject)


def _deliver(issue: Issue, form: Form, out: str, quiet: bool) -> None:
    from causemap.briefing.press import rendered, write_form

    if issue.withheld:
        named = ", ".join(issue.withheld)
        say(f"note: the charts draw series that may not be republished: {named}", quiet)
    if out == STDOUT:
        data = rendered(issue, form.value)
        if form is Form.pdf and sys.stdout.isatty():
            raise UsageError("A PDF is no text for a terminal; name a file: --out note.pdf")
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return
    for path in write_form(issue, form.value, Path(out)):
        say(f"wrote {path}", quiet)


@brief_app.command("run", epilog=_RUN)
def run(
    due: Annotated[bool, typer.Option("--due", help="Write what is due now.")] = False,
    data_dir: HomeOption = None,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Nothing on standard error.")
    ] = False,
) -> None:
    """Write the issues of the series that are due. What is out already stays as it is."""
    from causemap.briefing.press import write_issue
    from causemap.briefing.series import read_series, run_due
    from causemap.cli.asking import measure, read_settings

    if not due:
        raise UsageError("Say --due: a series is written when its time has come.")
    settings = read_settings(data_dir)
    waiting = []
    for series in read_series(settings.home / "series.yaml"):
        found = run_due(
            series,
            settings.home / "briefings",
            datetime.now(UTC),
            lambda scope: measure(scope, (), settings, quiet),
            write_issue,
        )
        missing = f" without {_few(found.missing)}" if found.missing else ""
        show(f"{found.series}: {found.state} {found.date}{missing}".rstrip())
        waiting += [found.series] if found.state == "waiting" else []
    if waiting:
        raise IncompleteError(f"waiting for late sources: {', '.join(waiting)}; run it again.")


def _few(names: tuple[str, ...]) -> str:
    more = f" and {len(names) - _FEW} more" if len(names) > _FEW else ""
    return f"{', '.join(names[:_FEW])}{more}"


@brief_app.command("series", epilog=_RUN)
def series_command() -> None:
    """Print an example of a series file."""
    show(_SERIES)


@brief_app.command("approve", epilog=_REVIEW)
def approve(
    folder: Folder,
    name: Annotated[str, typer.Option(metavar="NAME", help="Who read it.")] = "",
) -> None:
    """Approve the wording of an issue by name. Any later edit makes it a draft again."""
    from causemap.briefing.shelf import Shelf

    issue = Shelf(folder).approve(name, _now())
    show(issue.review)


@brief_app.command("publish", epilog=_REVIEW)
def publish(folder: Folder) -> None:
    """Mark an approved issue as published."""
    from causemap.briefing.shelf import Shelf

    show(Shelf(folder).publish(_now()).review)


@brief_app.command("check", epilog=_REVIEW)
def check(folder: Folder, data_dir: HomeOption = None) -> None:
    """List claims that later data no longer bear out. The issue's window is measured again."""
    from causemap.agents.conclude import conclude
    from causemap.briefing.corrections import candidates
    from causemap.briefing.shelf import Shelf

    found = candidates(Shelf(folder).take(), conclude(_again(folder, data_dir)))
    for candidate in found:
        show(f"{candidate.claim}\n  was  {candidate.was}\n  now  {candidate.now or '(falls)'}")
    if not found:
        show("Later data bear out every claim.")


@brief_app.command("correct", epilog=_REVIEW)
def correct(
    folder: Folder,
    claim: Annotated[list[str] | None, typer.Option(metavar="CLAIM", help="One claim.")] = None,
    data_dir: HomeOption = None,
) -> None:
    """Put corrected sentences in place, with a visible note. The old version is kept."""
    from causemap.agents.conclude import conclude
    from causemap.briefing.codec import digest
    from causemap.briefing.corrections import candidates, corrected
    from causemap.briefing.shelf import Shelf
    from causemap.briefing.tree import Correction

    shelf = Shelf(folder)
    issue = shelf.take()
    found = candidates(issue, conclude(_again(folder, data_dir)))
    chosen = [c for c in found if not claim or c.claim in claim]
    if not chosen:
        raise UsageError("No claim of this briefing needs a correction; 'brief check' lists them.")
    for candidate in chosen:
        made = Correction(_now(), candidate.claim, candidate.was, candidate.now, digest(issue))
        issue = shelf.correct(made, corrected(issue, candidate))
        show(f"corrected {candidate.claim}")


def _again(folder: Path, data_dir: Path | None) -> Dossier:
    """The issue's own window measured on the data as they are now."""
    from causemap.briefing.shelf import RUN
    from causemap.cli.asking import measure, read_settings
    from causemap.reporting.json_codec import load_dossier

    path = folder / RUN
    if not path.is_file():
        raise UsageError(f"There is no run in {folder}: corrections need the run of the briefing.")
    old = load_dossier(path.read_text(encoding="utf-8"))
    scope = replace(old.scope, as_of=_now())
    return measure(scope, old.notes, read_settings(data_dir), quiet=True)


@brief_app.command("send", epilog=_SEND)
def send(
    message: Annotated[Path, typer.Argument(metavar="FILE.eml", help="A briefing as email.")],
    to: Annotated[list[str] | None, typer.Option(metavar="ADDRESS", help="A recipient.")] = None,
    smtp: Annotated[str, typer.Option(metavar="HOST:PORT", help="Your mail server.")] = "",
    really: Annotated[bool, typer.Option("--send", help="Send; without it, only say so.")] = False,
) -> None:
    """Hand a written email to your mail server. Named recipients only, a dry run by default."""
    from causemap.briefing.sending import deliver_mail

    for line in deliver_mail(message, tuple(to or ()), smtp, really=really):
        show(line)


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%MZ")
