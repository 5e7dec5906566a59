"""RSS, Atom and news sitemaps: titles with a strict date and a plain address.

feedparser sees bytes only, never an address or a path (it would open both), and no document with a
DTD. Entries without a full date, from the future or from long ago are refused, never guessed:
feedparser's own date reading is not used (it turned 2026/01/06 into a day of November). Formats
seen: RSS of CNBC, New York Times, CoinDesk, Cointelegraph and the Federal Reserve, Bloomberg's news
sitemap, the SEC's Atom list, and a set of malformed feeds.
"""

from __future__ import annotations

import html
import io
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Final

from causemap.errors import SourceError, UsageError
from causemap.tools.fetch import XML, Fetched, Request
from causemap.tools.fetching.faults import SchemaChanged
from causemap.tools.hygiene import clean_html, clean_text
from causemap.tools.library.intake import make_article
from causemap.tools.notes import clean_url
from causemap.tools.sources.contract import Batch, Headline, Job, Missing, Span, each
from causemap.tools.sources.strict import Strict

if TYPE_CHECKING:
    from causemap.articles import Article
    from causemap.tools.fetch import Fetcher

MAX_ENTRIES: Final = 500
MAX_TITLE: Final = 300
MAX_SUMMARY: Final = 2_000
OLDEST: Final = timedelta(days=730)
AHEAD: Final = timedelta(minutes=5)
_DTD: Final = re.compile(rb"<!\s*(DOCTYPE|ENTITY)", re.IGNORECASE)
_SITEMAP: Final = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
_NEWS: Final = "{http://www.google.com/schemas/sitemap-news/0.9}"
_HAN: Final = re.compile(r"[\u3400-\u9fff]")
_DATES: Final = ("published", "updated")
# What feedparser was seen to raise, or may, for bytes that are no feed: it promises nothing.
_READER_FAULTS: Final = (
    *(ValueError, LookupError, TypeError, AttributeError, ArithmeticError),
    *(AssertionError, RecursionError),
)
_KEYS: Final = {"name", "publisher", "url", "terms", "redistributable"}


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed of the list, with its conditions of use."""

    name: str
    publisher: str
    url: str
    terms: str
    redistributable: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of a feed, cleaned; ``summary`` is plain text and may be empty."""

    at: datetime
    title: str
    url: str
    summary: str


@dataclass(frozen=True, slots=True)
class Feeds:
    """All feeds of a list, as one source."""

    feeds: tuple[Feed, ...]
    deadline: float = 60.0
    name: str = "feeds"
    terms: str = "per feed, in the feeds file; titles, summaries and links only"
    redistributable: bool = False
    series: tuple[str, ...] = ()

    async def pull(self, fetcher: Fetcher, span: Span) -> Batch:
        """The titles now in each feed; one that has nothing new is not a fault."""
        jobs = (Job((feed.name,), partial(self._one, fetcher, span, feed)) for feed in self.feeds)
        return await each(jobs, deadline=self.deadline)

    async def _one(self, fetcher: Fetcher, span: Span, feed: Feed) -> Batch:
        request = Request(self.name, feed.url, accept=XML, ttl=300.0)
        reading = await fetcher.read(request, lambda f: read_feed(f, span.now))
        entries = reading.entries
        why = f"{reading.refused} entries left out: their markup is too deep or too large"
        return Batch(
            missing=(Missing(feed.name, "failed", why),) if reading.refused else (),
            headlines=tuple(headline(feed.publisher, entry) for entry in entries),
            articles=tuple(as_article(feed.publisher, entry, span.now) for entry in entries),
        )


def as_article(publisher: str, entry: Entry, retrieved: datetime) -> Article:
    """An entry as an article of the library: its title as the first sentence, then its summary."""
    return make_article(
        title=entry.title,
        text=opened_by(entry.title, entry.summary),
        publisher=publisher,
        published=entry.at.isoformat(),
        retrieved=retrieved,
        url=entry.url,
    )


def opened_by(title: str, summary: str) -> str:
    """A text with its title as the first sentence, so that it is read like one."""
    if summary.startswith(title) and summary != title:
        return summary
    stop = "" if title[-1] in ".!?。！？…" else "。" if _HAN.match(title[-1]) else "."
    rest = "" if summary == title else summary
    return f"{title}{stop}\n{rest}".strip()


def headline(publisher: str, entry: Entry) -> Headline:
    """An entry as a headline of a publisher."""
    return Headline(entry.at, "second", publisher, entry.title, entry.url)


def load_feeds(path: Path | None = None) -> tuple[Feed, ...]:
    """The list in a YAML file, by default the one that comes with the package.

    Raises:
        UsageError: the file cannot be read, or an entry is not of the documented form.
    """
    import yaml

    try:
        text = path.read_text("utf-8") if path else _bundled()
        raw = yaml.safe_load(text)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as fault:
        raise UsageError(f"The feeds file {path} cannot be read; it must be YAML.") from fault
    if not isinstance(raw, list):
        raise UsageError(f"The feeds file {path} must hold a list of feeds.")
    return tuple(_feed(item, number) for number, item in enumerate(raw, start=1))


def _bundled() -> str:
    return (files("causemap.tools.sources") / "feeds.yaml").read_text("utf-8")


def _feed(item: object, number: int) -> Feed:
    if not isinstance(item, Mapping) or set(item) != _KEYS:
        raise UsageError(f"Feed {number} must have exactly the keys {', '.join(sorted(_KEYS))}.")
    if not isinstance(item["redistributable"], bool) or clean_url(str(item["url"])) is None:
        raise UsageError(f"Feed {number}: 'redistributable' is yes or no, 'url' a plain address.")
    name, publisher, url, terms = (
        clean_text(str(item[key]), 300) for key in ("name", "publisher", "url", "terms")
    )
    return Feed(name, publisher, url, terms, item["redistributable"])


@dataclass(frozen=True, slots=True)
class Reading:
    """The usable entries of a feed, and how many were refused for their markup."""

    entries: tuple[Entry, ...]
    refused: int = 0


def read_entries(fetched: Fetched, now: datetime) -> tuple[Entry, ...]:
    """The entries of :func:`read_feed` alone."""
    return read_feed(fetched, now).entries


def read_feed(fetched: Fetched, now: datetime) -> Reading:
    """The usable entries of a feed or news sitemap, newest first, each address once.

    An entry whose markup is refused (:mod:`..markup`) costs the others nothing.

    Raises:
        SchemaChanged: a document type, or neither feed nor sitemap.
    """
    body = fetched.body
    # Null bytes out: the same mark written in UTF-16 or UTF-32 is found too.
    if _DTD.search(body.replace(b"\0", b"")):
        raise SchemaChanged("feed: a document type is not accepted")
    raw = _sitemap(fetched) if b"schemas/sitemap/" in body[:2000] else _feed_entries(fetched)
    found: dict[str, Entry] = {}
    refused = 0
    for item in raw[:MAX_ENTRIES]:
        try:
            entry = _entry(item, now)
        except SourceError:
            refused += 1
            continue
        if entry is not None:
            found.setdefault(entry.url, entry)
    ordered = sorted(found.values(), key=lambda e: (e.at, e.url), reverse=True)
    return Reading(tuple(ordered), refused)


@dataclass(frozen=True, slots=True)
class _Raw:
    title: object
    link: object
    dates: tuple[object, ...]
    summary: object


def _feed_entries(fetched: Fetched) -> list[_Raw]:
    import feedparser

    try:
        parsed = feedparser.parse(
            io.BytesIO(fetched.body),
            response_headers={"content-type": fetched.content_type},
            resolve_relative_uris=False,
            # Its sanitiser takes styles away, and with them what says that a text is hidden.
            sanitize_html=False,
        )
    except _READER_FAULTS as fault:
        raise SchemaChanged(f"feed: it cannot be read ({type(fault).__name__})") from fault
    if not parsed.get("version"):
        raise SchemaChanged("feed: neither RSS nor Atom; the format may have changed")
    # Dates past feedparser's own look-up, which would put one in the place of the other.
    return [
        _Raw(
            e.get("title"),
            e.get("link"),
            tuple(dict.get(e, key) for key in _DATES),
            e.get("summary"),
        )
        for e in parsed.entries
    ]


def _sitemap(fetched: Fetched) -> list[_Raw]:
    root = Strict("news sitemap").tree(fetched)
    return [
        _Raw(
            page.findtext(f"{_NEWS}news/{_NEWS}title"),
            page.findtext(f"{_SITEMAP}loc"),
            (page.findtext(f"{_NEWS}news/{_NEWS}publication_date"),),
            "",
        )
        for page in root.iter(f"{_SITEMAP}url")
    ]


def _entry(raw: _Raw, now: datetime) -> Entry | None:
    """The entry cleaned, or none when title, address or date will not do."""
    at = next((d for d in map(read_date, raw.dates) if d is not None), None)
    title, summary = plain(raw.title, MAX_TITLE), plain(raw.summary, MAX_SUMMARY)
    url = clean_url(raw.link.strip()) if isinstance(raw.link, str) else None
    if at is None or not title or url is None or not now - OLDEST <= at <= now + AHEAD:
        return None
    return Entry(at, title, url, summary)


def plain(markup: object, limit: int) -> str:
    """The text of a piece of markup: hidden parts, tags and invisible characters removed."""
    if not isinstance(markup, str):
        return ""
    cut = markup[: 8 * limit]
    text = clean_html(cut) if re.search(r"[<&]", cut) else cut
    return clean_text(html.unescape(text), limit)


def read_date(text: object) -> datetime | None:
    """A date with its zone, in the form of RFC 822 or ISO 8601, as UTC; anything else is none."""
    if not isinstance(text, str):
        return None
    readers: Iterable[Callable[[str], datetime]] = (datetime.fromisoformat, _mail_date)
    for reader in readers:
        try:
            found = reader(text.strip())
            return found.astimezone(UTC) if found.tzinfo is not None else None
        except (ValueError, OverflowError):
            continue
    return None


def _mail_date(text: str) -> datetime:
    if not re.match(r"(?:[A-Za-z]{3},\s*)?\d{1,2}\s+[A-Za-z]{3}\s+\d{4}\s", text):
        raise ValueError(text)
    return parsedate_to_datetime(text)
