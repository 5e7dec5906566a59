"""One call from a question, a scope or a frozen case to the report."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from causemap.errors import IncompleteError
from causemap.records import Gap, Scope
from causemap.tools.notes import DAYS_BEFORE

if TYPE_CHECKING:
    from pathlib import Path

    from causemap.articles import Article
    from causemap.records import Dossier, Note, Report
    from causemap.settings import Settings
    from causemap.tools.market import Market


def explain(
    subject: Scope | str,
    *,
    data_dir: Path | None = None,
    notes: tuple[Note, ...] = (),
    articles: tuple[Article, ...] = (),
    now: datetime | None = None,
) -> Report:
    """Explain a fall.

    ``subject`` is the name of a frozen case (``"2026-02-seed"``), which needs no data and gives the
    same report on every machine; or a :class:`Scope`, or a question in words, which are measured
    on ``data_dir`` (default: the setting, see :mod:`causemap.settings`) together with ``notes``
    and the claims of ``articles``.
    ``now`` (aware) is what a question's "this week" counts from, by default the present.

    Raises:
        UsageError: an unknown case, a folder without data, or a window outside it.
        UnclearQuestion: the question names no time, or two.
        IncompleteError: no desk found anything.
    """
    from causemap.agents.conclude import conclude

    if isinstance(subject, str) and _names_case(subject):
        from causemap.cases.store import load_case

        return conclude(load_case(subject))
    return conclude(_measure(subject, data_dir, notes, now or datetime.now(UTC), articles))


def _names_case(subject: str) -> bool:
    """A case id is one plain word; anything else is a question."""
    from causemap.cases.store import CASE_ID

    return CASE_ID.fullmatch(subject) is not None


def _measure(
    subject: Scope | str,
    data_dir: Path | None,
    notes: tuple[Note, ...],
    now: datetime,
    articles: tuple[Article, ...] = (),
) -> Dossier:
    from causemap.agents.graph import run
    from causemap.settings import load_settings
    from causemap.tools.market import open_market

    settings = load_settings(data_dir=data_dir)
    market = open_market(settings.data_dir)
    scope = subject if isinstance(subject, Scope) else _scope(subject, market, now)
    view = market.view(datetime.fromisoformat(scope.as_of))
    kept, gaps = (articles, ()) if articles else library_articles(settings, scope)
    found = run(scope, view, notes, settings, articles=kept)
    if not found.evidence:
        raise IncompleteError(f"No desk found anything on {scope.start} to {scope.end}.")
    return replace(found, gaps=(*found.gaps, *gaps))


def library_articles(
    settings: Settings, scope: Scope
) -> tuple[tuple[Article, ...], tuple[Gap, ...]]:
    """As :func:`articles_for`; a library that cannot be read becomes a gap."""
    try:
        return articles_for(settings, scope), ()
    except IncompleteError as fault:
        return (), (Gap("the article library", "failed", str(fault), "earnings_news"),)


def articles_for(settings: Settings, scope: Scope) -> tuple[Article, ...]:
    """What the article library holds on a window as known at its as-of; none without a library.

    Read from ten days before the window on, as notes are: what was said before a fall belongs to
    its story. A library that cannot be read raises IncompleteError.
    """
    folder = settings.home / "library"
    if not (folder / "library.sqlite").is_file():
        return ()
    from causemap.tools.library import open_library

    first = date.fromisoformat(scope.start[:10]) - timedelta(days=DAYS_BEFORE)
    library = open_library(folder, embeddings=settings.embeddings, chroma_url=settings.chroma_url)
    try:
        return library.window(first.isoformat(), scope.as_of)
    finally:
        library.close()


def _scope(question: str, market: Market, now: datetime) -> Scope:
    from causemap.agents.scope import parse_question

    return parse_question(question, market.view(now), now.date())
