"""Files as articles: notes in JSON Lines, plain text, Markdown, HTML pages.

A page says itself when it was published; a text file often does not. What has no date counts as
known from the moment it was read, never from before: a guess here would be a look ahead.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from causemap.articles import Article
from causemap.errors import SourceError, UsageError
from causemap.files import read_whole
from causemap.tools.hygiene import clean_block, clean_text, decoded, visible_page
from causemap.tools.library.duplicates import told
from causemap.tools.library.moments import FIRST_PAGE, is_day, iso, moment_of
from causemap.tools.library.store import MAX_TITLE
from causemap.tools.notes import clean_url, known_at, read_notes

if TYPE_CHECKING:
    from bs4 import BeautifulSoup

    from causemap.records import Note
    from causemap.tools.hidden_nodes import Visible

MAX_BYTES: Final = 8_000_000
KINDS: Final = (".jsonl", ".txt", ".md", ".html", ".htm")
# A clock may be a little fast; more than this is a date from the future.
LENIENT: Final = timedelta(minutes=5)
_HAN: Final = re.compile(r"[\u3400-\u9fff]")
_KANA: Final = re.compile(r"[\u3040-\u30ff]")
_HANGUL: Final = re.compile(r"[\uac00-\ud7af]")
_ENGLISH: Final = re.compile(r"\b(?:the|and|of|to|in|is|for|on|that|with|as|by)\b", re.IGNORECASE)
# Where pages keep the time of publication, the most exact first.
_Place = tuple[str, dict[str, str] | dict[str, bool], str]
_PUBLISHED: Final[tuple[_Place, ...]] = (
    ("meta", {"property": "article:published_time"}, "content"),
    ("meta", {"name": "article:published_time"}, "content"),
    ("meta", {"itemprop": "datePublished"}, "content"),
    ("meta", {"name": "pubdate"}, "content"),
    ("meta", {"name": "date"}, "content"),
    ("time", {"datetime": True}, "datetime"),
)
# Where they say when the text was last changed.
_MODIFIED: Final[tuple[_Place, ...]] = (
    ("meta", {"property": "article:modified_time"}, "content"),
    ("meta", {"property": "og:updated_time"}, "content"),
    ("meta", {"itemprop": "dateModified"}, "content"),
)

Precision = Literal["minute", "date"]


@dataclass(frozen=True, slots=True)
class Told:
    """What the user says about a file that does not say it itself."""

    published: str | None = None
    publisher: str | None = None
    url: str | None = None


def read_articles(path: Path, now: datetime, told_by_user: Told | None = None) -> Iterator[Article]:
    """The articles of a file; several from ``.jsonl``, one from another kind.

    Raises:
        UsageError: an unknown kind, a file that cannot be read, a bad line or a date to come.
    """
    said = told_by_user or Told()
    kind = path.suffix.casefold()
    if kind not in KINDS:
        raise UsageError(f"{path}: articles are read from {', '.join(KINDS)} files.")
    if kind == ".jsonl":
        yield from (_from_note(note, now) for note in read_notes(path))
    else:
        yield (
            _from_page(path, now, said)
            if kind in {".html", ".htm"}
            else _from_text(path, now, said)
        )


def make_article(
    *,
    title: str,
    text: str,
    publisher: str,
    published: str | None,
    retrieved: datetime,
    url: str | None = None,
    language: str | None = None,
    changed: str | None = None,
) -> Article:
    """An article with an id of its own words and place, and the times it may be known from.

    ``published`` is a date, a time with its zone, or ``None`` if nothing says so: then it counts
    from ``retrieved``. Words ``changed`` later count from then (a date from the end of its day).

    Raises:
        UsageError: a date more than five minutes after ``retrieved``.
    """
    precision: Precision = "date" if published and is_day(published) else "minute"
    said = moment_of(published) if published else retrieved
    if said > retrieved + LENIENT:
        raise UsageError(f"{title!r:.60} is dated {published}, after it was read; check the date.")
    place = url or f"{publisher} {published}"
    digest = hashlib.sha256(f"{place}\n{title}\n{text}".encode()).hexdigest()
    return Article(
        id=f"art_{digest[:16]}",
        url=url,
        publisher=publisher,
        title=title,
        published=published if published and precision == "date" else iso(said),
        precision=precision,
        retrieved=iso(retrieved),
        available=iso(said if changed is None else max(said, min(_ended(changed), retrieved))),
        language=language or language_of(told(title, text)),
        text=text,
    )


def _ended(moment: str) -> datetime:
    """A time as it is, a date as the end of its day (UTC)."""
    return moment_of(f"{moment}T23:59Z" if is_day(moment) else moment)


def language_of(text: str) -> str:
    """``zh``, ``ja``, ``ko`` or ``en`` by letters and small words; ``und`` if neither tells."""
    head = text[:4_000]
    marks = ((_KANA, "ja", 0.05), (_HANGUL, "ko", 0.2), (_HAN, "zh", 0.15))
    for pattern, code, share in marks:
        if len(pattern.findall(head)) > share * max(len(head), 1):
            return code
    words = max(len(head.split()), 1)
    return "en" if len(_ENGLISH.findall(head)) >= 0.08 * words else "und"


def _from_note(note: Note, now: datetime) -> Article:
    if known_at(note) > now + timedelta(days=1):
        raise UsageError(f"The note of {note.published} is dated in the future; check the file.")
    return Article(
        id=note.id,
        url=note.url,
        publisher=note.publisher,
        title=clean_text(note.text, 200),
        published=note.published,
        precision=note.precision,
        retrieved=iso(now),
        available=iso(known_at(note)),
        language=language_of(note.text),
        text=note.text,
    )


def _from_text(path: Path, now: datetime, said: Told) -> Article:
    text = clean_block(decoded(read_whole(path, MAX_BYTES)))
    if not text:
        raise UsageError(f"{path} holds no text.")
    first, _, _ = text.partition("\n")
    return make_article(
        title=clean_text(first.lstrip("# "), 200) or path.stem,
        text=text,
        publisher=said.publisher or "unknown",
        published=said.published,
        retrieved=now,
        url=said.url,
    )


def _from_page(path: Path, now: datetime, said: Told) -> Article:
    try:
        page = visible_page(read_whole(path, MAX_BYTES))
    except SourceError as fault:
        raise UsageError(f"{path} cannot be read: {fault}; save its text as .txt.") from fault
    whole, text = page.soup, body_text(page)
    if not text:
        raise UsageError(f"{path} holds no text that its reader would see.")
    site = _content(whole, "meta", {"property": "og:site_name"}, "content")
    return make_article(
        title=clean_text(_title(whole) or path.stem, MAX_TITLE),
        text=text,
        publisher=said.publisher or clean_text(site, 120) or "unknown",
        published=said.published or page_date(whole, now),
        changed=None if said.published else last_change(whole, now),
        retrieved=now,
        url=said.url or _canonical(whole),
    )


def body_text(page: Visible) -> str:
    """The visible text of a page's article if it marks one, else of the whole page."""
    marked = page.article()
    found = clean_block(page.text(marked)) if marked else ""
    return found if len(found) >= 200 else clean_block(page.text())


def page_date(
    soup: BeautifulSoup, now: datetime, places: Sequence[_Place] = _PUBLISHED
) -> str | None:
    """The time of publication a page states; ``None`` without one, or one that cannot be."""
    for name, attributes, field in places:
        value = _content(soup, name, attributes, field).strip()
        try:
            moment = moment_of(value) if value else None
        except UsageError:
            continue
        if moment and moment.date() >= FIRST_PAGE and moment <= now + LENIENT:
            return value if is_day(value) else iso(moment)
    return None


def last_change(soup: BeautifulSoup, now: datetime) -> str | None:
    """When a page says that its text was last changed, as :func:`page_date` gives it."""
    return page_date(soup, now, _MODIFIED)


def _title(soup: BeautifulSoup) -> str:
    headline = _content(soup, "meta", {"property": "og:title"}, "content")
    return headline or (soup.title.get_text() if soup.title else "")


def _canonical(soup: BeautifulSoup) -> str | None:
    address = _content(soup, "link", {"rel": "canonical"}, "href")
    return clean_url(address) if address else None


def _content(
    soup: BeautifulSoup, name: str, attributes: dict[str, str] | dict[str, bool], field: str
) -> str:
    node = soup.find(name, attrs=dict(attributes))
    return str(node.get(field, "")) if node else ""


def today() -> datetime:
    """The present moment in UTC, to the second."""
    return datetime.now(UTC).replace(microsecond=0)
