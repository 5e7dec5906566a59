"""What works on this machine, what is missing, and what to do about it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from importlib import metadata
from typing import TYPE_CHECKING, Final, Literal

from causemap._version import __version__
from causemap.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from causemap.settings import Settings

State = Literal["ok", "note", "missing", "broken"]
PACKAGES: Final = ("langgraph", "pandas", "numpy", "pyarrow", "pydantic", "vl-convert-python")
# Older than this and "this week" cannot be answered from the file.
FRESH_DAYS: Final = 7


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
        Finding("language model", "ok", "off: this version needs no key and reads none"),
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


def _cases() -> Finding:
    from causemap.cases.store import list_cases

    try:
        found = list_cases()
    except UsageError as fault:
        return Finding("bundled cases", "broken", str(fault), "install causemap again")
    if not found:
        return Finding("bundled cases", "missing", "none", "make one: causemap cases freeze --help")
    return Finding("bundled cases", "ok", f"{len(found)}; try: causemap explain {found[0].id}")
