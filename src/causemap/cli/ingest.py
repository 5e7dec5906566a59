"""``causemap ingest`` and ``causemap library``: put articles in, look after them, find them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from causemap.cli.delivery import say, show
from causemap.cli.options import QuietOption
from causemap.cli.pages import follow_announced
from causemap.errors import IncompleteError, UsageError

if TYPE_CHECKING:
    from causemap.articles import Article
    from causemap.settings import Settings
    from causemap.tools.library import Added, Library
    from causemap.tools.library.intake import Told

INGEST: Final = """\b
Examples:
  causemap ingest notes.jsonl
  causemap ingest article.txt --published 2026-02-03 --publisher "Example Times"
  causemap ingest saved/*.html
  causemap ingest https://www.federalreserve.gov/feeds/press_all.xml --pages 10"""
_SEARCH: Final = """\b
Example:
  causemap library search "real yields and gold" --as-of 2026-02-05T21:00Z"""
library_app = typer.Typer(
    help="The article library. What is kept, whether it is sound, what it finds.",
    rich_markup_mode=None,
    no_args_is_help=True,
)


def ingest(
    sources: Annotated[
        list[str],
        typer.Argument(metavar="FILE|URL...", help=".jsonl .txt .md .html, or an address."),
    ],
    published: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="When it was published, if the file does not say so."),
    ] = None,
    publisher: Annotated[str | None, typer.Option(help="Who published it.")] = None,
    url: Annotated[str | None, typer.Option(help="Where it was published (one file only).")] = None,
    pages: Annotated[
        int,
        typer.Option(min=0, max=500, help="Read up to so many pages behind a feed's entries."),
    ] = 0,
    quiet: QuietOption = False,
) -> None:
    """Clean articles and put them into the library. Run it again to go on after a stop.

    An address is a feed's (its entries are kept, with --pages the pages behind them too) or an
    article page's. Exit code 3 when one of several could not be read: it is named, and the rest is
    kept. A text without a date counts as known from now
    on, not from before.
    """
    from causemap.tools.library import Added
    from causemap.tools.library.intake import Told, today

    if url and len(sources) != 1:
        raise UsageError("--url names one article; give one file with it.")
    said = Told(_checked(published), publisher, url)
    settings = _settings()
    _check_files(sources)
    now = today()
    total, short = Added(), []
    announced: list[Article] = []
    with closing(open_it(settings)) as library:
        for source in sources:
            try:
                coming = _articles(source, now, said, settings, announced)
                added = library.add(coming, _progress(source, quiet))
            except (IncompleteError, UsageError) as fault:
                if len(sources) == 1 and isinstance(fault, UsageError):
                    raise
                short.append(str(fault))
                continue
            total += added
            say(f"{source}: {_counts(added)}", quiet)
        if len(sources) > 1:
            say(f"together: {_counts(total)}", quiet)
        if pages and announced:
            follow_announced(settings, announced, pages, quiet)
        held = library.count()
    show(f"{held} article{'' if held == 1 else 's'} in the library")
    if short:
        raise IncompleteError("; ".join(short))


@library_app.command("status")
def status_command() -> None:
    """How many articles, and from when to when. Also which model makes the vectors."""
    library = _existing()
    state = library.status()
    show(f"articles    {state.articles}")
    show(f"told once   {state.clusters}")
    show(f"published   {state.first or 'none'} to {state.last or 'none'}")
    show(f"vectors     {state.model}: {state.with_vector}")
    show(f"folder      {state.folder}")
    show(f"pages       {_pages_due()} wait behind the feeds")


def _pages_due() -> int:
    from causemap.tools.library.intake import today
    from causemap.tools.library.shelving import waiting

    return len(waiting(_settings()).due(today()))


@library_app.command("check")
def check_command() -> None:
    """Look for damage; exit code 3 if something is damaged."""
    found = _existing().check()
    show(f"{found.articles} articles, {found.with_vector} vectors, {found.in_chroma} in Chroma")
    for hint in found.hints:
        show(f"note: {hint}")
    for fault in found.faults:
        show(f"damaged: {fault}")
    if not found.sound:
        raise IncompleteError("the library is damaged; see above, then 'causemap library rebuild'.")
    show("sound")


@library_app.command("rebuild")
def rebuild_command() -> None:
    """Make the text index and the vectors again from the articles."""
    library = _existing()
    library.rebuild()
    show(f"rebuilt the indexes of {library.count()} articles")


@library_app.command("backup")
def backup_command(target: Annotated[Path, typer.Argument(metavar="FILE")]) -> None:
    """Write a whole copy of the articles to one file. Also while others read and write."""
    _existing().backup(target)
    show(f"wrote {target}")


@library_app.command("search", epilog=_SEARCH)
def search_command(
    query: Annotated[list[str], typer.Argument(metavar="WORDS")],
    as_of: Annotated[
        str | None, typer.Option(metavar="TIME", help="As known at that time.  [default: now]")
    ] = None,
    since: Annotated[
        str | None, typer.Option(metavar="TIME", help="Only what became known since.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=100)] = 10,
) -> None:
    """Find articles by meaning and by words."""
    from causemap.tools.library.intake import today
    from causemap.tools.library.moments import moment_of

    last = moment_of(as_of) if as_of else today()
    first = moment_of(since) if since else None
    hits = _existing().search(" ".join(query), last, first, limit)
    for hit in hits:
        article = hit.article
        show(f"{article.published:<20}  {article.publisher:<18.18}  {article.title}")
    if not hits:
        show("nothing found as known at that time")


def open_it(settings: Settings) -> Library:
    """The library of the home folder, with the embedding model of the settings."""
    from causemap.tools.library.shelving import home_library

    return home_library(settings)


def _existing() -> Library:
    settings = _settings()
    if not (settings.home / "library" / "library.sqlite").is_file():
        raise UsageError("There is no article library yet; 'causemap ingest FILE' makes one.")
    return open_it(settings)


def _settings() -> Settings:
    from causemap.settings import load_settings

    return load_settings()


def _checked(published: str | None) -> str | None:
    from causemap.tools.library.moments import moment_of

    if published:
        moment_of(published)
    return published


def _check_files(sources: Iterable[str]) -> None:
    """Nothing is stored if a name is wrong: the user learns of it before the work."""
    from causemap.tools.library.intake import KINDS

    for source in sources:
        if _is_address(source):
            continue
        if not Path(source).is_file():
            raise UsageError(f"{source:.200} is no file; give a file or an http(s) address.")
        if Path(source).suffix.casefold() not in KINDS:
            raise UsageError(f"{source:.200}: articles are read from {', '.join(KINDS)} files.")


def _is_address(source: str) -> bool:
    return source.startswith(("http://", "https://"))


def _articles(
    source: str, now: datetime, said: Told, settings: Settings, announced: list[Article]
) -> Iterator[Article]:
    from causemap.tools.library.intake import read_articles
    from causemap.tools.library.remote import remote_articles

    if _is_address(source):
        return remote_articles(source, settings, announced.append)
    return read_articles(Path(source), now, said)


def _counts(added: Added) -> str:
    return f"{added.new} new ({added.clustered} of them copies), {added.known} known"


def _progress(source: str, quiet: bool) -> Callable[[Added], None] | None:
    """A line a batch, on a terminal only: in a file the sums are enough."""
    if quiet or not sys.stderr.isatty():
        return None
    return lambda added: say(f"  {source}: {_counts(added)}", quiet)
