"""From what was asked on a page to a dossier: a question, two closes, a day, or a bundled case."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Final, Literal

from causemap.errors import UsageError
from causemap.tools.dated import CalendarEvent, EarningsDate
from causemap.tools.market import AsOfView, Bar, Market, MissingSeries
from causemap.ui.choices import Choices

if TYPE_CHECKING:
    import pandas as pd

    from causemap.agents.state import Progress
    from causemap.articles import Article
    from causemap.records import Dossier, Note, Scope
    from causemap.settings import Settings

Kind = Literal["question", "window", "day", "case"]
# What is said of the command line's options, for readers who have a form instead.
_OPTIONS: Final = (
    (
        re.compile(r"--start (\S+) --end (\S+) --assets (\S+?)(?=[.\s]|$)"),
        r"\3 from \1 to \2, as a window by its two closes",
    ),
    (re.compile(r"\b(use|give) --start and --end\b"), r"\1 a window's two closes"),
)
_STOPPED = "the run was stopped before this was read"


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked: ``text`` is a question, a day or a case's id, by ``kind``.

    ``notes`` and ``articles`` are the asker's own; without articles the library's are read, unless
    ``choices`` leave it out.
    """

    kind: Kind
    text: str = ""
    start: str = ""
    end: str = ""
    assets: tuple[str, ...] = ()
    as_of: str | None = None
    notes: tuple[Note, ...] = ()
    articles: tuple[Article, ...] = ()
    choices: Choices = field(default_factory=Choices)

    @property
    def title(self) -> str:
        """What the history calls it."""
        if self.kind == "window":
            return self.text or f"Why did markets fall, {self.start} to {self.end}?"
        return f"Risk-off checklist, {self.text or 'today'}" if self.kind == "day" else self.text


def on_the_desk(said: str) -> str:
    """A fault or a question back in the words of the desk, which has no options to give."""
    for option, words in _OPTIONS:
        said = option.sub(words, said)
    return said


@dataclass(frozen=True)
class StoppableView(AsOfView):
    """An as-of view that hands out nothing more once the run is stopped.

    What desks have read stays theirs; what they ask for afterwards is missing, with the reason, so
    that a stopped run ends soon and its gaps are named like any others.
    """

    stop: threading.Event = field(default_factory=threading.Event)

    def daily(self, name: str) -> pd.Series[float]:
        """As in :class:`AsOfView`, or missing."""
        self._go_on(name)
        return super().daily(name)

    def bars(self, name: str, bar: Bar) -> pd.Series[float]:
        """As in :class:`AsOfView`, or missing."""
        self._go_on(f"{name} {bar} bars")
        return super().bars(name, bar)

    def events(self) -> tuple[CalendarEvent, ...]:
        """As in :class:`AsOfView`, or missing."""
        self._go_on("macro_calendar")
        return super().events()

    def earnings(self) -> tuple[EarningsDate, ...]:
        """As in :class:`AsOfView`, or missing."""
        self._go_on("megacap_earnings")
        return super().earnings()

    def _go_on(self, name: str) -> None:
        if self.stop.is_set():
            raise MissingSeries(name, "failed", _STOPPED)


def measure(
    question: Question,
    settings: Settings,
    stop: threading.Event,
    progress: Callable[[Progress], None],
) -> Dossier:
    """Run the desks on what was asked; a bundled case is loaded as it is.

    Raises :class:`UsageError` (and :class:`UnclearQuestion`) for what cannot be run.
    """
    if question.kind == "case":
        from causemap.cases.store import load_case

        return load_case(question.text)
    from causemap.agents.graph import run
    from causemap.explaining import library_articles
    from causemap.tools.market import open_market
    from causemap.tools.notes import notes_for

    settings = question.choices.applied(settings)
    market = open_market(settings.data_dir)
    scope = find_scope(question, market, datetime.now(UTC))
    view = StoppableView(market, datetime.fromisoformat(scope.as_of), stop=stop)
    notes = notes_for(question.notes, scope.start, scope.as_of)
    given = question.articles
    own = bool(given) or not question.choices.library
    articles, gaps = (given, ()) if own else library_articles(settings, scope)
    found = run(scope, view, notes, settings, progress, articles)
    return replace(found, gaps=(*found.gaps, *gaps))


def check_window(question: Question) -> None:
    """Raise :class:`UsageError` for a window that no data could answer, before a run is begun."""
    from causemap.agents.scope import make_scope

    make_scope(question.start, question.end, question.assets, now=datetime.now(UTC))


def find_scope(question: Question, market: Market, now: datetime) -> Scope:
    """The window asked for, as known at its as-of."""
    from causemap.agents.scope import make_scope, parse_question, read_as_of

    if question.kind == "day":
        return _five_sessions(question.text, market, now)
    if question.kind == "window":
        return make_scope(
            question.start,
            question.end,
            question.assets,
            question.as_of,
            now=now,
            question=question.text,
        )
    seen = min(read_as_of(question.as_of), now) if question.as_of else now
    return parse_question(
        question.text,
        market.view(seen),
        seen.date(),
        assets=question.assets,
        as_of=question.as_of,
    )


def _five_sessions(day: str, market: Market, now: datetime) -> Scope:
    """The sessions up to a day (default: the last on file), as known at its midnight (UTC)."""
    from causemap.agents.scope import make_scope, read_date
    from causemap.checklist import SESSIONS

    asked = read_date(day, "date") if day else now.date()
    if asked > now.date():
        raise UsageError(f"The day {asked} lies in the future (it is {now.date()}).")
    sessions = market.view(min(_midnight_after(asked), now)).sessions
    held = [s.date() for s in sessions if s.date() <= asked]
    if len(held) <= SESSIONS:
        raise UsageError(f"The data hold fewer than {SESSIONS} sessions before {asked}.")
    last = held[-1]
    if day and (asked - last).days > SESSIONS:
        raise UsageError(f"The data end on {last}; choose a day up to then.")
    known = min(_midnight_after(asked if (asked - last).days <= SESSIONS else last), now)
    return make_scope(held[-1 - SESSIONS], last, (), known, now=now)


def _midnight_after(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1)
