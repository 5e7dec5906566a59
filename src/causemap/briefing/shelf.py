"""The shelf: one folder an issue, with its run, its log of review and corrections, old versions.

The log is append-only JSON Lines. State is read from it, never stored: an issue is *approved* when
the last approval names the hash of what it says now, so that any edit makes it a draft again.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Final, Literal, get_args

from causemap.briefing.codec import digest, dumps, loads
from causemap.briefing.tree import Correction, Issue, said_time
from causemap.errors import UsageError
from causemap.reporting.output import write_text
from causemap.tools.notes import clean_text

State = Literal["draft", "approved", "published"]
Event = Literal["approved", "published", "corrected"]

ISSUE: Final = "issue.json"
RUN: Final = "run.json"
LOG: Final = "log.jsonl"
VERSIONS: Final = "versions"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the log: who did what to which version, and when (UTC, ISO)."""

    event: Event
    name: str
    at: str
    version: str
    claim: str = ""
    was: str = ""
    now: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an issue stands, by whose word, since when."""

    state: State
    name: str = ""
    at: str = ""


@dataclass(frozen=True, slots=True)
class Shelf:
    """The folder of one issue."""

    folder: Path

    def put(self, issue: Issue) -> Issue:
        """Store an issue as it now reads, with its review mark; old versions stay readable."""
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / VERSIONS).mkdir(exist_ok=True)
        bare = replace(issue, review="", corrections=())
        write_text(self.folder / VERSIONS / f"{digest(bare)}.json", dumps(bare))
        marked = self.marked(bare)
        write_text(self.folder / ISSUE, dumps(marked))
        return marked

    def take(self) -> Issue:
        """The issue as it now stands. Raises :class:`UsageError` when there is none."""
        path = self.folder / ISSUE
        if not path.is_file():
            raise UsageError(f"There is no briefing in {self.folder}.")
        return self.marked(loads(path.read_text(encoding="utf-8")))

    def version(self, version: str) -> Issue:
        """An earlier version by its hash. Raises :class:`UsageError` when it was never stored."""
        path = self.folder / VERSIONS / f"{version}.json"
        if not version.isalnum() or not path.is_file():
            raise UsageError(f"There is no version {version!r:.80} of this briefing.")
        return loads(path.read_text(encoding="utf-8"))

    def log(self) -> tuple[Entry, ...]:
        """All entries in the order they were made."""
        path = self.folder / LOG
        if not path.is_file():
            return ()
        return tuple(_entries(path))

    def standing(self, issue: Issue) -> Standing:
        """Where this very wording stands."""
        version, found = digest(issue), Standing("draft")
        for entry in self.log():
            if entry.version == version and entry.event == "approved":
                found = Standing("approved", entry.name, entry.at)
            if entry.version == version and entry.event == "published":
                found = Standing("published", found.name, entry.at)
        return found

    def approve(self, name: str, at: str) -> Issue:
        """Approve the present wording by name. Raises :class:`UsageError` without a name."""
        who = clean_text(name, 80)
        if not who:
            raise UsageError("An approval needs the name of the person who read the briefing.")
        issue = self.take()
        self._append(Entry("approved", who, at, digest(issue)))
        return self.put(issue)

    def publish(self, at: str) -> Issue:
        """Mark the present wording as published.

        Raises :class:`UsageError` unless this very wording is approved.
        """
        issue = self.take()
        if self.standing(issue).state == "draft":
            raise UsageError(
                "Only an approved briefing can be published, and it was edited since or never "
                "approved; use 'causemap brief approve'."
            )
        self._append(Entry("published", "", at, digest(issue)))
        return self.put(issue)

    def correct(self, correction: Correction, issue: Issue) -> Issue:
        """Put a corrected wording in place of the present one, with a visible note; it is a draft.

        The log keeps what was wrong; the version it was wrong in stays readable by its hash.
        """
        self._append(
            Entry(
                "corrected",
                "",
                correction.at,
                correction.version,
                correction.claim,
                correction.was,
                correction.now,
            )
        )
        return self.put(issue)

    def marked(self, issue: Issue) -> Issue:
        """The issue with its review mark and the notes of all corrections."""
        standing = self.standing(issue)
        corrections = tuple(
            Correction(e.at, e.claim, e.was, e.now, e.version)
            for e in self.log()
            if e.event == "corrected"
        )
        return replace(issue, review=_mark(issue, standing), corrections=corrections)

    def _append(self, entry: Entry) -> None:
        line = json.dumps(asdict(entry), ensure_ascii=False, sort_keys=True)
        with (self.folder / LOG).open("a", encoding="utf-8") as log:
            log.write(f"{line}\n")


def unreviewed(issue: Issue) -> Issue:
    """The issue with the mark of a draft."""
    return replace(issue, review=_mark(issue, Standing("draft")))


def _mark(issue: Issue, standing: Standing) -> str:
    if standing.state == "draft":
        return issue.label("unreviewed")
    return (
        f"{issue.label('reviewed')} {standing.name}, {said_time(standing.at[:10], issue.language)}"
    )


def _entries(path: Path) -> Iterator[Entry]:
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            entry = Entry(**json.loads(line))
        except (ValueError, TypeError) as fault:
            raise UsageError(f"{path}, line {number}: not a log entry.") from fault
        if entry.event not in get_args(Event):
            raise UsageError(f"{path}, line {number}: {entry.event!r:.40} is no event.")
        yield entry
