"""``causemap data``: fill the data directory from live sources, and say how fresh it is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Annotated, Final

import typer

from causemap.cli.delivery import say, show
from causemap.cli.options import DataOption, QuietOption
from causemap.errors import IncompleteError, UsageError

if TYPE_CHECKING:
    from causemap.settings import Settings
    from causemap.tools.freshness import Freshness
    from causemap.tools.pulling import Outcome, PullState, Wish
    from causemap.tools.sources.contract import Missing

_STATUS: Final = """\b
Examples:
  causemap data status
  causemap data status --data-dir prices --json"""
_PULL: Final = """\b
Examples:
  causemap data pull
  causemap data pull --source fred,yahoo --since 2020-01-01
  causemap data pull --series SOFR,BTC --data-dir prices"""
# Series named of those that are missing for one reason; --json names all.
NAMED: Final = 8
# What a host's breaker puts before the fault that opened it.
_RESTING: Final = re.compile(r"not asked for a while: \d+ faults in a row, the last: ")
data_app = typer.Typer(
    help="Fill the data directory from live sources. See how fresh it is.",
    rich_markup_mode=None,
    no_args_is_help=True,
)


@data_app.command("pull", epilog=_PULL)
def pull_command(
    data_dir: DataOption = None,
    source: Annotated[
        str | None, typer.Option(metavar="A,B", help="These sources only.  [default: all]")
    ] = None,
    series: Annotated[
        str | None, typer.Option(metavar="A,B", help="The sources of these series only.")
    ] = None,
    since: Annotated[
        str | None,
        typer.Option(
            metavar="DATE",
            help="Read from this day.  [default: where each series ends; at first, five years]",
        ),
    ] = None,
    pages: Annotated[
        int,
        typer.Option(min=0, max=500, help="Read up to so many pages behind the feeds' entries."),
    ] = 40,
    quiet: QuietOption = False,
) -> None:
    """Fill the data directory from live sources. What is on disk is never lost.

    Exit code 3 when anything could not be had: it is named, and the rest is kept. A pull that was
    broken off goes on where it stopped.
    """
    import asyncio

    from causemap.agents.scope import read_date
    from causemap.settings import load_settings
    from causemap.tools.pulling import Wish, broken_off

    settings = load_settings(data_dir=data_dir)
    first = read_date(since, "since") if since else None
    wish = Wish(_names(source), _names(series), first)
    outcomes = asyncio.run(_pull(settings, wish, pages, quiet))
    missing = broken_off(outcomes)
    say(f"the data directory is {settings.data_dir}", quiet)
    if missing:
        raise IncompleteError(_named(outcomes))


def _names(text: str | None) -> tuple[str, ...]:
    return tuple(filter(None, (text or "").split(",")))


async def _pull(settings: Settings, wish: Wish, pages: int, quiet: bool) -> tuple[Outcome, ...]:
    from causemap.cli.pages import follow_pages
    from causemap.tools.fetching.opening import open_fetcher
    from causemap.tools.library.shelving import shelve
    from causemap.tools.pulling import pull
    from causemap.tools.sources.catalogue import all_sources

    def progress(outcome: Outcome) -> None:
        say(_line(outcome), quiet)

    sources = all_sources(settings)
    say(f"asking up to {len(sources)} sources; each is kept as soon as it has answered", quiet)
    async with open_fetcher(settings) as fetcher:
        now = datetime.now(UTC)
        if fetcher.cache is not None:
            fetcher.cache.prune(now)
        kept = partial(shelve, settings, waits=pages > 0)
        outcomes = await pull(settings.data_dir, sources, fetcher, now, wish, progress, kept)
        if pages and not wish.series and "feeds" in (wish.sources or ("feeds",)):
            await follow_pages(settings, fetcher, pages, quiet)
        return outcomes


def _line(outcome: Outcome) -> str:
    """One line a source: its state, what it added, what is missing."""
    added = ", ".join(f"{n:,} in {file}" for file, n in outcome.added.items()) or "nothing new"
    gaps = f"; {len(outcome.missing)} missing" if outcome.missing else ""
    return f"  {outcome.source:<15} {outcome.state:<8} {added}{gaps}"


def _named(outcomes: tuple[Outcome, ...]) -> str:
    """Which sources fell short, how many series each, and the first reason."""
    reasons = {o.missing[0].why.rsplit(": ", 1)[-1] for o in outcomes if o.missing}
    if len(outcomes) > 1 and len(reasons) == 1 and all(o.state == "failed" for o in outcomes):
        return (
            f"none of the {len(outcomes)} sources could be read ({reasons.pop()}). What was on "
            "disk is as it was; check the network and run it again."
        )
    parts = [f"{o.source} {len(o.missing)} ({_first(o)})" for o in outcomes if o.missing]
    return (
        f"not everything could be had, the rest is kept: {'; '.join(parts)}. "
        "'causemap data status' names each series."
    )


def _first(outcome: Outcome) -> str:
    names = ", ".join(gap.what for gap in outcome.missing[:2])
    more = " ..." if len(outcome.missing) > 2 else ""
    return f"{names}{more}: {_RESTING.sub('', outcome.missing[0].why)[:160]}"


@data_app.command("status", epilog=_STATUS)
def status_command(
    data_dir: DataOption = None,
    json: Annotated[bool, typer.Option("--json", help="As JSON on standard output.")] = False,
) -> None:
    """Say how fresh each series is. Also where it has holes, and how the last pull ended."""
    from causemap.settings import load_settings
    from causemap.tools.freshness import freshness
    from causemap.tools.market import open_market
    from causemap.tools.pulling import read_state

    settings = load_settings(data_dir=data_dir)
    state = read_state(settings.data_dir)
    try:
        market = open_market(settings.data_dir)
    except UsageError as fault:
        for line in _last_pull(state) if state.started else ():
            show(line)
        raise UsageError(
            f"{fault}, or fill it from the live sources: causemap data pull"
        ) from fault
    found = freshness(market, datetime.now(UTC))
    if json:
        show(_as_json(found, state))
        return
    for line in _table(found, state):
        show(line)


def _as_json(found: tuple[Freshness, ...], state: PullState) -> str:
    import json as codec
    from dataclasses import asdict

    from causemap.tools.sources.catalogue import NOT_OFFERED

    missing = [asdict(gap) for gap in NOT_OFFERED]
    body = {"series": [asdict(f) for f in found], "pull": asdict(state), "not_offered": missing}
    return codec.dumps(body, indent=1, default=str, ensure_ascii=False)


def _table(found: tuple[Freshness, ...], state: PullState) -> list[str]:
    from causemap.tools.freshness import stale_line
    from causemap.tools.sources.catalogue import NOT_OFFERED

    lines = [f"{'series':<24} {'state':<8} {'last':<11} {'age':>6} {'holes':>6}  provider"]
    for row in found:
        last, age = str(row.last or "-"), "-" if row.age_days is None else f"{row.age_days} d"
        lines.append(
            f"{row.name:<24} {row.state:<8} {last:<11} {age:>6} {row.holes:>6}  {row.provider}"
        )
    lines += ["", stale_line(found), "", *_last_pull(state), "", "no live source brings:"]
    return [*lines, *_gaps(NOT_OFFERED)]


def _last_pull(state: PullState) -> list[str]:
    if not state.started:
        return ["no pull yet: 'causemap data pull' fills the directory"]
    end = f"finished {state.finished}" if state.finished else "broken off; the next one goes on"
    lines = [f"last pull: begun {state.started}, {end}"]
    for outcome in state.sources.values():
        lines.append(f"{_line(outcome)}  ({outcome.at})")
        lines += _gaps(outcome.missing)
    return lines


def _gaps(missing: Iterable[Missing]) -> Iterator[str]:
    """One line for all that is missing for one reason."""
    alike: dict[tuple[str, str], list[str]] = {}
    for gap in missing:
        alike.setdefault((gap.kind, _RESTING.sub("", gap.why)), []).append(gap.what)
    for (kind, why), names in alike.items():
        more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
        yield f"    {kind:<12} {', '.join(names[:NAMED])}{more}: {why}"
