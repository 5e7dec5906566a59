"""From what the user typed to a dossier: a case, a question, or two closes measured afresh."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

import typer

from causemap.cli.delivery import say
from causemap.cli.modelled import model_settings, summary, with_model
from causemap.errors import IncompleteError, UsageError

if TYPE_CHECKING:
    from causemap.agents.state import Progress
    from causemap.articles import Article
    from causemap.records import Dossier, Gap, Note, Scope
    from causemap.settings import Settings
    from causemap.tools.market import Market


# A window that ends within so many days is "now": its reader must know how old the data are.
RECENT: Final = 10
_CASE_WORD: Final = re.compile(r"(?=.*\d)[a-z0-9._]+-[a-z0-9._-]+")
_PLAIN_WORD: Final = re.compile(r"[A-Za-z0-9._-]+")
_TIME_WORD: Final = re.compile(r"\d{4}-\d\d(-\d\d)?")


@dataclass(frozen=True, slots=True)
class Ask:
    """What the user asks, as given."""

    subject: str = ""
    start: str | None = None
    end: str | None = None
    assets: str | None = None
    as_of: str | None = None
    data_dir: Path | None = None
    notes: Path | None = None
    quiet: bool = False
    articles: tuple[str, ...] = ()
    articles_date: str | None = None
    llm: str | None = None
    replay: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """The assets asked for, or none."""
        return tuple(self.assets.split(",")) if self.assets else ()


def dossier(ask: Ask) -> Dossier:
    """The dossier of a case, a case file, a kept run, a question or two closes."""
    from causemap.cases.store import has_case, load_case, load_case_file

    if ask.subject.endswith(".json") and Path(ask.subject).is_file():
        _refuse_options(ask)
        return with_model(load_case_file(Path(ask.subject)), ask, _shown(ask))
    if has_case(ask.subject) or _looks_like_case(ask.subject):
        _refuse_options(ask)
        return with_model(load_case(ask.subject), ask, _shown(ask))
    from causemap.cli.kept import kept_run

    if kept := kept_run(ask.subject):
        _refuse_options(ask)
        return with_model(kept, ask, _shown(ask))
    if not (ask.start or ask.end) and _one_plain_word(ask.subject):
        return load_case(ask.subject)
    return fresh(ask)


def _one_plain_word(text: str) -> bool:
    """Whether the text can only be meant as a case: one word that names no asset and no time."""
    if not _PLAIN_WORD.fullmatch(text):
        return False
    from causemap.agents.asset_words import mentioned_assets
    from causemap.agents.periods import times_in

    today = datetime.now(UTC).date()
    return not mentioned_assets(text).assets and not times_in(text, today)


def _looks_like_case(text: str) -> bool:
    """One word with figures and a hyphen that names neither a time nor an asset."""
    if not _CASE_WORD.fullmatch(text) or _TIME_WORD.fullmatch(text):
        return False
    from causemap.agents.asset_words import mentioned_assets

    return not mentioned_assets(text).assets


def _refuse_options(ask: Ask) -> None:
    given = {
        "--start": ask.start,
        "--end": ask.end,
        "--assets": ask.assets,
        "--as-of": ask.as_of,
        "--notes": ask.notes,
        "--articles": ask.articles or None,
    }
    if named := [name for name, value in given.items() if value is not None]:
        raise UsageError(
            f"A frozen case takes no {' or '.join(named)}: it holds its own window and notes. "
            "Leave the option out, or leave the case out."
        )


def fresh(ask: Ask, *, citable_only: bool = False) -> Dossier:
    """Measure a window on the data directory."""
    from causemap.cases.freeze import citable
    from causemap.tools.notes import notes_for, read_notes

    if not ask.subject and not (ask.start or ask.end):
        raise UsageError(
            "Nothing to explain: name a case ('causemap cases list'), ask a question, "
            "or give --start and --end."
        )
    every = read_notes(ask.notes) if ask.notes else ()
    settings = model_settings(ask)
    scope = _scope(ask, settings)
    if (datetime.now(UTC).date() - date.fromisoformat(scope.end)).days <= RECENT:
        _say_freshness(settings, ask.quiet)
    from causemap.words import asset_name

    named = ", ".join(asset_name(asset) for asset in scope.assets)
    said = f"{named}: closes of {scope.start} to {scope.end}"
    say(f"{said}, as known at {scope.as_of}", ask.quiet)
    if scope.left_out:
        say(
            f"I answer for {named}, not for {', '.join(scope.left_out)}",
            quiet=False,
        )
    if scope.running:
        say("the last session of the window was not complete at that time", ask.quiet)
    notes = notes_for(citable(every) if citable_only else every, scope.start, scope.as_of)
    given = _articles(ask, scope)
    gaps: tuple[Gap, ...] = ()
    if not given:
        from causemap.explaining import library_articles

        given, gaps = library_articles(settings, scope)
    found = measure(scope, notes, settings, ask.quiet, given)
    if found.model is not None:
        say(summary(found), ask.quiet)
    return replace(found, gaps=(*found.gaps, *gaps))


def _articles(ask: Ask, scope: Scope) -> tuple[Article, ...]:
    """The articles of the files given; what was published after the as-of is named and left out."""
    if not ask.articles:
        return ()
    from causemap.tools.claims.files import read_articles

    found = read_articles(ask.articles, ask.articles_date)
    late = [article for article in found if article.available[:10] > scope.as_of[:10]]
    if late:
        names = ", ".join(article.title for article in late[:3])
        say(f"left out as published after the as-of time: {names}", ask.quiet)
    return found


def _say_freshness(settings: Settings, quiet: bool) -> None:
    """How fresh the data on disk are; said for windows of the last days."""
    if quiet:
        return
    from causemap.tools.freshness import freshness, stale_line

    # What is wrong with the directory itself is said by the error that follows.
    with suppress(UsageError):
        say(stale_line(freshness(data_of(settings), datetime.now(UTC))), quiet)


def _scope(ask: Ask, settings: Settings) -> Scope:
    from causemap.agents.scope import (
        asked_about,
        leaving_out,
        make_scope,
        parse_question,
        read_as_of,
    )

    now = datetime.now(UTC)
    if ask.start and ask.end:
        names, left_out = asked_about(ask.subject, ask.names, now.date())
        scope = make_scope(ask.start, ask.end, names, ask.as_of, now=now, question=ask.subject)
        return leaving_out(scope, left_out)
    if ask.start or ask.end:
        missing = "--end" if ask.start else "--start"
        raise UsageError(f"A window has two closes; {missing} is missing.")
    seen_from = min(read_as_of(ask.as_of), now) if ask.as_of else now
    return parse_question(
        ask.subject,
        data_of(settings).view(seen_from),
        seen_from.date(),
        assets=ask.names,
        as_of=ask.as_of,
    )


def read_settings(data_dir: Path | None) -> Settings:
    """The settings, with the data directory given winning over the environment."""
    from causemap.settings import load_settings

    return load_settings(data_dir=data_dir)


def data_of(settings: Settings) -> Market:
    """The opened data directory; ``UsageError`` when it is none."""
    from causemap.tools.market import open_market

    return open_market(settings.data_dir)


def measure(
    scope: Scope,
    notes: tuple[Note, ...],
    settings: Settings,
    quiet: bool,
    articles: tuple[Article, ...] = (),
) -> Dossier:
    """Run the desks on the data directory as known at the scope's as-of."""
    market = data_of(settings)
    # Libraries load on one processor; the files can be read beside that.
    market.read_ahead()
    from causemap.cli.deferral import deferring

    with deferring():
        from causemap.agents.graph import run

    view = market.view(datetime.fromisoformat(scope.as_of))
    printer = None if quiet else _progress_printer()
    return run(scope, view, notes, settings, printer, articles)


def _shown(ask: Ask) -> Callable[[Progress], None] | None:
    """Where progress goes: nowhere when quiet."""
    return None if ask.quiet else _progress_printer()


def check_measured(found: Dossier) -> None:
    """Raise :class:`IncompleteError` for a dossier without a measurement, or with a part lost."""
    from causemap.agents.lost import lost

    if faults := [gap.why for gap in lost(found.gaps)]:
        raise IncompleteError(
            f"Incomplete: {'; '.join(faults)}. What could be measured stands; mend or move away "
            "what is broken, and ask again."
        )
    if found.evidence:
        return
    raise IncompleteError(
        f"Nothing could be measured on {found.scope.start} to {found.scope.end}; the report names "
        "each gap. 'causemap data pull' fills the data directory."
    )


def _progress_printer() -> Callable[[Progress], None]:
    """A line per desk on standard error: styled on a terminal, plain and only when done else."""
    if not sys.stderr.isatty():
        return _plain_progress
    from rich.console import Console

    console = Console(stderr=True, highlight=False)
    styles = {"running": "dim", "ok": "green", "empty": "yellow", "failed": "red"}

    begun: set[str] = set()

    def show(event: Progress) -> None:
        # A model's answer is told of as it grows; here one line says that it has begun.
        if event.state != "running":
            begun.discard(event.desk)
        elif event.desk in begun:
            return
        else:
            begun.add(event.desk)
        console.print(_progress_line(event), style=styles[event.state], markup=False)

    return show


def _plain_progress(event: Progress) -> None:
    if event.state != "running":
        typer.echo(_progress_line(event), err=True)


def _progress_line(event: Progress) -> str:
    name = event.desk.replace("_", " ")
    spent = "" if event.state == "running" else f"{event.seconds:5.1f} s  {event.said}"
    return f"  {name:<17} {event.state:<8} {spent}".rstrip()


def frozen_source(ask: Ask, report: Path | None) -> Dossier:
    """What to freeze: a fresh window with citable notes only, or the dossier of a report file."""
    if report is None:
        if not (ask.start and ask.end):
            raise UsageError("Say what to freeze: --start and --end, or --from REPORT.json.")
        return fresh(ask, citable_only=True)
    _refuse_options(ask)
    from causemap.cases.store import load_case_file

    return load_case_file(report)


def checklist_scope(day: str | None, settings: Settings, quiet: bool) -> Scope:
    """The last five sessions ending on ``day``, as known at the midnight (UTC) after it."""
    from causemap.agents.scope import make_scope, read_date
    from causemap.checklist import SESSIONS

    now = datetime.now(UTC)
    asked = now.date() if day is None else read_date(day, "date")
    if asked > now.date():
        raise UsageError(f"The date {asked} lies in the future (it is {now.date()}).")
    known = min(datetime(asked.year, asked.month, asked.day, tzinfo=UTC) + timedelta(days=1), now)
    view = data_of(settings).view(known)
    sessions = [s.date() for s in view.sessions if s.date() <= asked]
    if len(sessions) <= SESSIONS:
        raise UsageError(f"The data hold fewer than {SESSIONS} sessions before {asked}.")
    last = sessions[-1]
    if (asked - last).days > SESSIONS:
        if day is not None:
            raise UsageError(f"The data end on {last}; choose a date up to then.")
        say(f"the data end on {last}: this is the page of that day", quiet)
        known = datetime(last.year, last.month, last.day, tzinfo=UTC) + timedelta(days=1)
    return make_scope(sessions[-1 - SESSIONS], last, (), known, now=now)
