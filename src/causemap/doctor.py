"""What works on this machine, what is missing, and what to do about it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from importlib import metadata
from typing import TYPE_CHECKING, Final, Literal
from urllib.parse import urlsplit

from causemap._version import __version__
from causemap.errors import IncompleteError, ModelError, UsageError
from causemap.words import clean

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from causemap.settings import Settings

State = Literal["ok", "note", "missing", "broken"]
PACKAGES: Final = ("langgraph", "pandas", "numpy", "pyarrow", "pydantic", "vl-convert-python")
# Older than this and "this week" cannot be answered from the file.
FRESH_DAYS: Final = 7
# As many runs as the ledger lists unless asked for more.
_LISTED: Final = 200


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: what was looked at, its state, what was seen and what to do (may be empty)."""

    what: str
    state: State
    seen: str
    todo: str = ""


def examine(settings: Settings, today: date) -> tuple[Finding, ...]:
    """Every finding, in the order of the page; reads files, never the network."""
    return (
        *_program(),
        *_data(settings.data_dir, today),
        *_live(settings),
        _cases(),
        _home(settings.home),
        _library(settings),
        _ledger(settings),
        _model(settings),
    )


def _program() -> Iterator[Finding]:
    version = ".".join(map(str, sys.version_info[:3]))
    yield Finding("causemap", "ok", __version__)
    yield Finding("Python", "ok", version)
    for name in PACKAGES:
        try:
            yield Finding(name, "ok", metadata.version(name))
        except metadata.PackageNotFoundError:
            yield Finding(name, "broken", "not installed", "run: pip install causemap")


def _data(folder: Path, today: date) -> Iterator[Finding]:
    from causemap.tools.market import DAILY_FILES, FILES

    point = (
        "point --data-dir or CAUSEMAP_DATA_DIR at a data directory, or fill one: causemap data "
        "pull; cases work without one"
    )
    if not folder.is_dir():
        yield Finding("data directory", "missing", f"{folder} does not exist", point)
        return
    if not any((folder / f"{name}.parquet").is_file() for name in DAILY_FILES):
        yield Finding("data directory", "missing", f"{folder} holds no daily prices", point)
        return
    yield Finding("data directory", "ok", str(folder))
    for name in FILES:
        yield _file(folder / f"{name}.parquet", today)


def _file(path: Path, today: date) -> Finding:
    if not path.is_file():
        todo = "measures that need it are reported as gaps"
        return Finding(path.name, "missing", "no such file", todo)
    try:
        dates = _dates(path)
    except (OSError, ValueError, KeyError) as fault:
        line = (str(fault).splitlines() or ["unknown fault"])[0]
        return Finding(path.name, "broken", f"cannot be read: {line}", "replace the file")
    if dates.empty:
        return Finding(path.name, "broken", "holds no rows", "replace the file")
    last = dates.max().date()
    seen = f"{len(dates):,} rows to {last}"
    age = (today - last).days
    if age > FRESH_DAYS:
        return Finding(path.name, "note", f"{seen}, {age} days old", "ask about days up to then")
    return Finding(path.name, "ok", seen)


def _dates(path: Path) -> pd.DatetimeIndex:
    """The dates of a file, read without its other columns."""
    import pandas as pd

    frame = pd.read_parquet(path, columns=[])
    if frame.index.name not in ("date", "ts"):
        column = "ts" if path.stem == "headlines" else "date"
        frame = pd.read_parquet(path, columns=[column]).set_index(column)
    return pd.DatetimeIndex(frame.index)


def _live(settings: Settings) -> Iterator[Finding]:
    """The live sources as the settings and the last pull show them; no address is opened."""
    from causemap.settings import USER_AGENT

    if settings.fred_key:
        yield Finding("FRED key", "ok", "set (not shown)")
    else:
        yield Finding("FRED key", "note", "none: series without vintages", "set CAUSEMAP_FRED_KEY")
    if settings.user_agent == USER_AGENT:
        todo = "set CAUSEMAP_USER_AGENT to 'name contact@address'"
        yield Finding("user agent", "note", "no contact in it: the SEC will refuse", todo)
    else:
        yield Finding("user agent", "ok", settings.user_agent)
    yield from _last_pull(settings.data_dir)


def _last_pull(folder: Path) -> Iterator[Finding]:
    from causemap.tools.pulling import read_state

    state = read_state(folder)
    if not state.started:
        yield Finding("live sources", "note", "never pulled here", "run: causemap data pull")
        return
    short = [o.source for o in state.sources.values() if o.state != "ok"]
    seen = f"{len(state.sources) - len(short)} of {len(state.sources)} whole, {state.started}"
    if state.finished is None:
        yield Finding("live sources", "note", f"{seen}, broken off", "run: causemap data pull")
    elif short:
        todo = "see: causemap data status"
        yield Finding("live sources", "note", f"{seen}; short: {', '.join(short)}", todo)
    else:
        yield Finding("live sources", "ok", seen)


def _home(folder: Path) -> Finding:
    if not _writable(folder):
        todo = "give it room and rights, or set CAUSEMAP_HOME to another folder"
        return Finding("home folder", "broken", f"{folder} cannot be written", todo)
    return Finding(
        "home folder", "ok", f"{folder}{'' if folder.is_dir() else ', made when needed'}"
    )


def _writable(folder: Path) -> bool:
    """Whether a folder can be written, or made where there is none."""
    place = next((one for one in (folder, *folder.parents) if one.exists()), folder)
    return place.is_dir() and os.access(place, os.W_OK)


def _library(settings: Settings) -> Finding:
    if not (settings.home / "library" / "library.sqlite").is_file():
        todo = "fill it: causemap ingest FILE, or causemap data pull"
        return Finding("article library", "note", "none yet", todo)
    from causemap.tools.library.shelving import home_library

    try:
        with closing(home_library(settings)) as library:
            held = library.status()
    except (IncompleteError, UsageError) as fault:
        return Finding("article library", "broken", clean(str(fault)))
    seen = f"{held.articles:,} articles"
    if held.with_vector < held.articles:
        todo = "run: causemap library rebuild"
        return Finding("article library", "note", f"{seen}, {held.with_vector:,} by meaning", todo)
    return Finding("article library", "ok", seen)


def _ledger(settings: Settings) -> Finding:
    if settings.ledger_url:
        return Finding("ledger of runs", "ok", "a database of your own (address not shown)")
    if not (settings.home / "ledger.sqlite").exists():
        return Finding("ledger of runs", "ok", "none yet: made with the first run kept")
    from causemap.ledger import open_ledger

    todo = "move it away; a new one is made with the next run"
    try:
        with open_ledger(settings) as ledger:
            said, runs = ledger.check(), len(ledger.runs())
    except (IncompleteError, UsageError) as fault:
        return Finding("ledger of runs", "broken", clean(str(fault)), todo)
    if said != "ok":
        return Finding("ledger of runs", "broken", clean(said, 200), todo)
    return Finding("ledger of runs", "ok", f"{runs} runs" if runs < _LISTED else f"{runs} or more")


def _model(settings: Settings) -> Finding:
    """What is set up, and today's use; the server is not asked and the key is not shown."""
    model = settings.model
    if model is None:
        return Finding("language model", "ok", "none set up: the rules answer alone")
    from causemap.llm.budget import Day

    where = urlsplit(model.url or "https://api.openai.com").netloc
    key = "key set (not shown)" if model.key else "no key"
    joins = "takes part" if settings.llm == "auto" else "takes part with --llm auto"
    seen = f"{clean(model.name, 80)} at {clean(where, 80)}, {key}, {joins}"
    if not _writable(model.records):
        said = f"{seen}; {model.records} cannot be written, so it is never asked"
        return Finding("language model", "broken", said, "set CAUSEMAP_MODEL_RECORDS")
    try:
        used = Day(model.records).used().tokens
    except ModelError as fault:
        return Finding("language model", "broken", f"{seen}; {fault}")
    return Finding(
        "language model", "ok", f"{seen}; {used:,} of {model.day_tokens:,} tokens used today"
    )


def _cases() -> Finding:
    from causemap.cases.store import list_cases

    try:
        found = list_cases()
    except UsageError as fault:
        return Finding("bundled cases", "broken", str(fault), "install causemap again")
    if not found:
        return Finding("bundled cases", "missing", "none", "make one: causemap cases freeze --help")
    return Finding("bundled cases", "ok", f"{len(found)}; try: causemap explain {found[0].id}")
