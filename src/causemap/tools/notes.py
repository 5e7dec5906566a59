"""Dated outside notes from a JSON Lines file: cleaned, strictly dated, cut at the as-of.

All text here is hostile until cleaned: invisible and direction-changing characters go, lengths
are capped, only ``http(s)`` addresses stay. Keys other than the contract's are never read (a
labelled file may carry the answer in one). A bad line is an error with its number, never skipped.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Final, Literal, NamedTuple, get_args
from urllib.parse import urlsplit

from causemap.errors import UsageError
from causemap.files import read_whole
from causemap.records import Note
from causemap.tools.hygiene import clean_text

__all__ = [
    "DAYS_BEFORE",
    "clean_text",
    "clean_url",
    "json_of",
    "known_at",
    "notes_for",
    "read_notes",
]

Precision = Literal["minute", "date"]
Basis = Literal["found", "headline_file", "knowledge"]

MAX_TEXT: Final = 2_000
MAX_NAME: Final = 120
MAX_URL: Final = 2_000
MAX_BYTES: Final = 64_000_000
DAYS_BEFORE: Final = 10
# Two texts that share this part of their words are one note told twice.
SAME: Final = 0.9
# Words compared for one window, some seconds of work; 20,000 ordinary lines take less.
MAX_COMPARED: Final = 40_000_000
_PRECISIONS: Final[tuple[Precision, ...]] = get_args(Precision)
_BASES: Final[tuple[Basis, ...]] = get_args(Basis)
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")
_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)")


def clean_url(address: str) -> str | None:
    """``address`` if it is plain http(s) with a host and no credentials, else ``None``."""
    if len(address) > MAX_URL or re.search(r"[^\x21-\x7e]|[<>\"'`\\]", address):
        return None
    try:
        parts = urlsplit(address)
        named = parts.hostname and parts.username is None and parts.password is None
    except ValueError:
        return None
    return address if named and parts.scheme in ("http", "https") else None


def read_notes(path: Path) -> tuple[Note, ...]:
    """All notes of a JSON Lines file in the order of the file.

    Raises:
        UsageError: the file cannot be read, or a line breaks the contract (named by number).
    """
    try:
        text = read_whole(path, MAX_BYTES, "The notes file").decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        raise UsageError(
            f"The notes file {path} is not UTF-8 text (byte {fault.start})."
        ) from fault
    # Not splitlines(): U+2028 and the like may stand inside a JSON string.
    lines = enumerate(text.split("\n"), start=1)
    return tuple(_note(line, f"{path.name}, line {n}") for n, line in lines if line.strip())


def notes_for(notes: Iterable[Note], start: str, as_of: str) -> tuple[Note, ...]:
    """Notes from ten days before ``start`` up to ``as_of``, in time order, each told once.

    A note known by its date only counts from the end of that day (UTC), so that nothing is read
    before it can have been out.
    """
    first = datetime.combine(date.fromisoformat(start) - timedelta(days=DAYS_BEFORE), time(0), UTC)
    last = datetime.fromisoformat(as_of)
    inside = [n for n in notes if first <= _begun(n) and known_at(n) <= last]
    return _told_once(sorted(inside, key=lambda n: (known_at(n), n.published, n.id)))


def known_at(note: Note) -> datetime:
    """When the note can have been read at the latest: its minute, or the end of its day (UTC)."""
    if note.precision == "minute":
        return datetime.fromisoformat(note.published)
    return datetime.combine(date.fromisoformat(note.published), time(23, 59), UTC)


def _begun(note: Note) -> datetime:
    return datetime.combine(date.fromisoformat(note.published[:10]), time(0), UTC)


def _told_once(notes: Sequence[Note]) -> tuple[Note, ...]:
    """Drop a note whose words are nearly those of an earlier one.

    Only notes that share one of their rarest words are compared: two sets with a Jaccard index of
    t or more have one of the |x| - ceil(t |x|) + 1 rarest words of each in common (prefix filter;
    Bayardo, Ma and Srikant 2007, Scaling up all pairs similarity search). The outcome is that of
    comparing all.
    """
    bags = [_words(note.text) for note in notes]
    number = Counter(word for bag in bags for word in bag)
    kept: list[Note] = []
    seen: set[frozenset[str]] = set()
    holding: defaultdict[str, list[frozenset[str]]] = defaultdict(list)
    compared = 0
    for note, bag in zip(notes, bags, strict=True):
        if bag in seen:
            continue
        ordered = sorted(bag, key=lambda word: (number[word], word))
        rare = ordered[: len(bag) - math.ceil(SAME * len(bag) - 1e-9) + 1]
        met = {other for word in rare for other in holding[word]}
        compared += len(met) * len(bag)
        if compared > MAX_COMPARED:
            raise UsageError(
                f"The {len(notes)} notes of this window are too many and too alike to be told "
                "apart; give fewer."
            )
        if not any(_alike(bag, other) for other in met):
            kept.append(note)
            seen.add(bag)
            for word in rare:
                holding[word].append(bag)
    return tuple(kept)


def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", text.casefold()))


def _alike(one: frozenset[str], two: frozenset[str]) -> bool:
    """Jaccard index of the word sets at or above :data:`SAME`."""
    if min(len(one), len(two)) < SAME * max(len(one), len(two)):
        return False
    return len(one & two) >= SAME * len(one | two)


def _note(line: str, where: str) -> Note:
    raw = _object(line, where)
    precision, published = _published(raw, where)
    publisher = _required(raw, "publisher", where, MAX_NAME)
    text = _required(raw, "text", where, MAX_TEXT)
    url = _url(raw, where)
    return Note(
        id=_stable_id(published, publisher, text),
        published=published,
        precision=precision,
        publisher=publisher,
        kind=_required(raw, "kind", where, MAX_NAME),
        text=text,
        url=url,
        basis=_basis(raw, url, where),
        confidence=_confidence(raw, where),
    )


def json_of(line: str, where: str) -> object:
    """The JSON of a line. Raises UsageError, beginning with ``where``, for what is none."""
    try:
        return json.loads(line)
    except json.JSONDecodeError as fault:
        raise UsageError(f"{where}: not a JSON object ({fault}).") from fault
    except ValueError as fault:
        # Python converts no integer of more than some thousand digits.
        raise UsageError(f"{where}: a number on it has too many digits.") from fault
    except RecursionError as fault:
        raise UsageError(f"{where}: nested too deeply to be a JSON object.") from fault


def _object(line: str, where: str) -> Mapping[str, object]:
    raw = json_of(line, where)
    if not isinstance(raw, dict):
        raise UsageError(f"{where}: expected one JSON object on the line.")
    return raw


def _required(raw: Mapping[str, object], key: str, where: str, limit: int) -> str:
    value = raw.get(key)
    clean = clean_text(value, limit) if isinstance(value, str) else ""
    if not clean:
        raise UsageError(f"{where}: {key!r} is missing or not a text.")
    return clean


class _Published(NamedTuple):
    """How exactly a note is dated, and its date or minute in UTC."""

    precision: Precision
    published: str


def _published(raw: Mapping[str, object], where: str) -> _Published:
    value = raw.get("published")
    if not isinstance(value, str) or not (_DAY.fullmatch(value) or _MOMENT.fullmatch(value)):
        raise UsageError(
            f"{where}: 'published' must be YYYY-MM-DD or a time with its zone "
            f"(2026-02-05T21:00Z), not {value!r:.60}."
        )
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise UsageError(f"{where}: {value} is not a day or time of the calendar.") from None
    timed = moment.tzinfo is not None
    precision = _one_of(raw, "precision", _PRECISIONS, "minute" if timed else "date", where)
    if precision == "date":
        # The date as written: a zone would move it by a day for no reason.
        return _Published("date", value[:10])
    if not timed:
        raise UsageError(f"{where}: precision 'minute' needs a time, but 'published' is {value}.")
    return _Published("minute", _in_utc(moment, value, where))


def _in_utc(moment: datetime, value: str, where: str) -> str:
    try:
        return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%MZ}"
    except OverflowError:
        raise UsageError(f"{where}: {value} is not a day or time of the calendar.") from None


def _one_of(
    raw: Mapping[str, object],
    key: str,
    allowed: tuple[Precision, ...] | tuple[Basis, ...],
    default: Precision | Basis,
    where: str,
) -> str:
    value = raw.get(key)
    if value is None:
        return default
    if value not in allowed:
        raise UsageError(f"{where}: {key!r} must be one of {', '.join(allowed)}.")
    return str(value)


def _url(raw: Mapping[str, object], where: str) -> str | None:
    value = raw.get("url")
    if value is None:
        return None
    if not isinstance(value, str):
        raise UsageError(f"{where}: 'url' must be a text or null.")
    return clean_url(value)


def _basis(raw: Mapping[str, object], url: str | None, where: str) -> Basis:
    """The basis given; without one a note with an address was found, another is recollected."""
    value = _one_of(raw, "basis", _BASES, "found" if url else "knowledge", where)
    return next(basis for basis in _BASES if basis == value)


def _confidence(raw: Mapping[str, object], where: str) -> float:
    value = raw.get("confidence", 0.5)
    number = not isinstance(value, bool) and isinstance(value, int | float)
    if not number or not math.isfinite(float(str(value))) or not 0 <= float(str(value)) <= 1:
        raise UsageError(f"{where}: 'confidence' must be a number from 0 to 1.")
    return float(str(value))


def _stable_id(published: str, publisher: str, text: str) -> str:
    digest = hashlib.sha256(f"{published}\n{publisher}\n{text}".encode())
    return f"note_{digest.hexdigest()[:12]}"
