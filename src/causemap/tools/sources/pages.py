"""Article pages: what a reader would see of them, as an :class:`~causemap.articles.Article`.

Hidden nodes are left out first (:mod:`..hidden_nodes`), so that no extractor can bring their text
back; trafilatura then finds the article, and where it finds none, the page's own article paragraphs
are taken. Formats seen: nine pages of the English, Japanese and Chinese press.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, Literal, NamedTuple
from urllib.parse import urlsplit

from bs4 import BeautifulSoup, Tag

from causemap.articles import Article
from causemap.errors import SourceError
from causemap.tools.fetch import HTML, Fetched, Request
from causemap.tools.hidden_nodes import Visible, visible
from causemap.tools.hygiene import clean_block, clean_text, decoded
from causemap.tools.library.moments import FIRST_PAGE
from causemap.tools.markup import parsed

if TYPE_CHECKING:
    pass

MAX_BYTES: Final = 4_000_000
MAX_TEXT: Final = 60_000
# Shorter than this and what was found is a teaser, a notice or a menu.
MIN_TEXT: Final = 200
_PUBLISHED: Final = (
    "article:published_time",
    "og:article:published_time",
    "parsely-pub-date",
    "publishdate",
    "pubdate",
    "date",
)
_MODIFIED: Final = ("article:modified_time", "og:updated_time", "dateModified")


def page_request(url: str) -> Request:
    """How an article page is asked for: robots.txt first, and an hour from the cache."""
    return Request("pages", url, accept=HTML, max_bytes=MAX_BYTES, ttl=3600.0, page=True)


def article_of(fetched: Fetched) -> Article:
    """The article of a page; its times never lie after the reading.

    What is read is the page's present text, so it counts as known from the last change the page
    declares, not from the first publication: reports of the morning are rewritten at the close.

    Raises:
        SourceError: no article text, or no date.
    """
    soup = _soup(fetched)
    facts = _facts(soup, fetched)
    text = _text(soup, facts.host)
    published = facts.published
    if published is None:
        raise SourceError(f"{facts.host}: the page says no date of publication")
    if _earliest(published) > fetched.retrieved_at:
        raise SourceError(f"{facts.host}: the page says it was published in the future")
    retrieved = _utc(fetched.retrieved_at)
    known = max(map(_known, (published, *facts.modified)))
    return Article(
        id=f"art_{hashlib.sha256(fetched.url.encode()).hexdigest()[:12]}",
        url=fetched.url,
        publisher=facts.publisher,
        title=facts.title,
        published=published.text,
        precision=published.precision,
        retrieved=retrieved,
        available=min(known, retrieved),
        language=facts.language,
        text=text,
    )


def page_text(fetched: Fetched) -> str:
    """The article text of a page, without what its reader does not see.

    Raises:
        SourceError: it holds none.
    """
    return _text(_soup(fetched), urlsplit(fetched.url).hostname or "")


def _soup(fetched: Fetched) -> BeautifulSoup:
    charset = re.search(r"charset=([\w-]+)", fetched.content_type)
    try:
        return parsed(decoded(fetched.body[:MAX_BYTES], charset and charset[1]))
    except SourceError as fault:
        raise SourceError(f"{urlsplit(fetched.url).hostname}: {fault}") from fault


def _text(soup: BeautifulSoup, host: str) -> str:
    text = clean_block(_extracted(visible(soup)), MAX_TEXT)
    if len(text) < MIN_TEXT:
        raise SourceError(f"{host}: the page holds no article text")
    return text


class Published(NamedTuple):
    """A date of publication and how exactly it is known."""

    text: str
    precision: Literal["minute", "date"]


class _Facts(NamedTuple):
    host: str
    title: str
    publisher: str
    language: str
    published: Published | None
    modified: tuple[Published, ...]


def _known(date: Published) -> str:
    """From when on a date says that something was there, as a time in UTC."""
    return date.text if date.precision == "minute" else f"{date.text}T23:59Z"


def _facts(soup: BeautifulSoup, fetched: Fetched) -> _Facts:
    host = urlsplit(fetched.url).hostname or ""
    heading = _meta(soup, "og:title") or (soup.title.get_text() if soup.title else "")
    language = str(soup.html.get("lang") or "") if soup.html else ""
    return _Facts(
        host=host,
        title=clean_text(heading, 300),
        publisher=clean_text(_meta(soup, "og:site_name") or host.removeprefix("www."), 120),
        language=_language(language, soup),
        published=next(filter(None, map(_published, _dates(soup))), None),
        modified=tuple(filter(None, map(_published, _changes(soup)))),
    )


def _language(declared: str, soup: BeautifulSoup) -> str:
    """The page's own word; else Chinese when its letters are, else unknown."""
    if re.fullmatch(r"[A-Za-z]{2,3}([-_][\w-]+)?", declared):
        return declared[:2].lower()
    text = soup.get_text()[:20_000]
    return "zh" if len(re.findall(r"[\u4e00-\u9fff]", text)) > len(text) / 10 else "und"


def _meta(soup: BeautifulSoup, name: str) -> str:
    for attribute in ("property", "name", "itemprop"):
        tag = soup.find("meta", attrs={attribute: name})
        if isinstance(tag, Tag) and tag.get("content"):
            return str(tag["content"])
    return ""


def _dates(soup: BeautifulSoup) -> Iterator[str]:
    """Every date the page declares, the most deliberate first."""
    yield from (_meta(soup, name) for name in _PUBLISHED)
    yield from _json_dates(soup, "datePublished")
    for tag in soup.find_all("time", attrs={"datetime": True}, limit=3):
        yield str(tag["datetime"])


def _changes(soup: BeautifulSoup) -> Iterator[str]:
    """Every date of a change that the page declares."""
    yield from (_meta(soup, name) for name in _MODIFIED)
    yield from _json_dates(soup, "dateModified")


def _json_dates(soup: BeautifulSoup, key: str) -> Iterator[str]:
    """The values of a key in the page's structured data (JSON-LD)."""
    for script in soup.find_all("script", type="application/ld+json"):
        try:
            yield from _values(json.loads(script.get_text()), key)
        except (ValueError, RecursionError):
            continue


def _values(node: object, key: str, depth: int = 0) -> Iterator[str]:
    if depth > 6:
        return
    if isinstance(node, dict) and isinstance(node.get(key), str):
        yield node[key]
    parts = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    for part in parts:
        yield from _values(part, key, depth + 1)


def _published(text: str) -> Published | None:
    try:
        moment = datetime.fromisoformat(text.strip())
        if moment.date() < FIRST_PAGE:
            return None
        if moment.tzinfo is None:
            return Published(moment.date().isoformat(), "date")
        return Published(_utc(moment), "minute")
    except (ValueError, OverflowError):
        # No date, or one that lies outside the calendar in UTC.
        return None


def _earliest(published: Published) -> datetime:
    moment = datetime.fromisoformat(published.text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%MZ")


def _extracted(page: Visible) -> str:
    """The article by trafilatura; where it finds none, the paragraphs of the article element."""
    import trafilatura

    found = trafilatura.extract(page.html(), include_comments=False, include_tables=False)
    if isinstance(found, str) and len(found) >= MIN_TEXT:
        return found
    parts = page.tags("p", page.article())
    return "\n".join(" ".join(page.text(part).split()) for part in parts)
