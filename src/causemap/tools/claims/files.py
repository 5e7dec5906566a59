"""Article files from a user: plain text, Markdown, HTML and JSON Lines, each with a date.

A claim can only be tested at its own date, so a text without one is refused: the date comes from
the argument (``FILE@DATE``), from the file (a header line, a front matter, a meta tag, a key) or
from the caller's default, in this order. All text is hostile until cleaned.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from causemap.articles import Article
from causemap.errors import SourceError, UsageError
from causemap.files import read_whole
from causemap.tools.hygiene import clean_text, fold_confusables
from causemap.tools.notes import clean_url, json_of

if TYPE_CHECKING:
    from bs4 import BeautifulSoup

MAX_BYTES: Final = 8_000_000
_WHAT: Final = "The article file"
MAX_TEXT: Final = 200_000
MAX_FILES: Final = 200
_DATE: Final = re.compile(
    r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?"
)
_HEADER: Final = re.compile(
    r"^\W{0,3}(published|date|publisher|source|title|url|language|发布时间|日期|来源|标题)\W{0,2}\s*[:：]\s*(.+)$",
    re.IGNORECASE,
)
_ALIASES: Final = {
    "date": "published",
    "发布时间": "published",
    "日期": "published",
    "source": "publisher",
    "来源": "publisher",
    "标题": "title",
}
_META: Final = (
    "article:published_time",
    "datepublished",
    "date",
    "pubdate",
    "publishdate",
    "dc.date",
    "og:published_time",
)
_DAY: Final = len("YYYY-MM-DD")
_MENUS: Final = ("nav", "footer", "aside", "form")


class _Fields(NamedTuple):
    """What a file says of itself, and its text."""

    said: Mapping[str, str]
    text: str


def read_articles(names: Iterable[str], default_date: str | None = None) -> tuple[Article, ...]:
    """All articles of the named files, in the order given; ``FILE@2026-02-05`` gives a date.

    Raises:
        UsageError: a file that cannot be read, is too large, is not UTF-8 or has no date.
    """
    listed = list(names)
    if len(listed) > MAX_FILES:
        raise UsageError(f"{len(listed)} article files were given; at most {MAX_FILES} are read.")
    if default_date is not None and _when(default_date) is None:
        raise UsageError(f"The articles' date {default_date!r:.40} is not one; write YYYY-MM-DD.")
    found: list[Article] = []
    for name in listed:
        path, date = _split(name)
        found += _read(path, date, default_date)
    return tuple(found)


def _split(name: str) -> tuple[Path, str | None]:
    """The file and the date of an argument."""
    stem, at, date = name.rpartition("@")
    if at and _DATE.fullmatch(date) and not Path(name).exists():
        return Path(stem), date
    return Path(name), None


def _read(path: Path, date: str | None, default: str | None) -> list[Article]:
    suffix = path.suffix.lower()
    if suffix in (".html", ".htm", ".xhtml"):
        page = read_whole(path, MAX_BYTES, _WHAT)
        return [_article(_html_fields(page, path), path, date, default, "")]
    text = _content(path)
    if suffix in (".jsonl", ".ndjson"):
        lines = [(n, line) for n, line in enumerate(text.split("\n"), 1) if line.strip()]
        parts = [(_json_fields(line, f"{path.name}, line {n}"), n) for n, line in lines]
        return [_article(f, path, date, default, f", line {n}") for f, n in parts]
    return [_article(_plain_fields(text), path, date, default, "")]


def _content(path: Path) -> str:
    try:
        return read_whole(path, MAX_BYTES, _WHAT).decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        raise UsageError(
            f"The article file {path} is not UTF-8 text (byte {fault.start}); convert it first."
        ) from fault


def _json_fields(line: str, where: str) -> _Fields:
    raw = json_of(line, where)
    if not isinstance(raw, dict) or not isinstance(raw.get("text"), str):
        raise UsageError(f"{where}: expected one JSON object with a 'text'.")
    said = {
        key: raw[key] for key in ("published", "publisher", "title", "url", "language", "retrieved")
        if isinstance(raw.get(key), str)
    }  # fmt: skip
    return _Fields(said, raw["text"])


def _plain_fields(text: str) -> _Fields:
    """Header lines at the top (``Published: ...``), with or without a front-matter fence."""
    lines = text.split("\n")
    said: dict[str, str] = {}
    used = 0
    for number, line in enumerate(lines[:20]):
        match = _HEADER.match(line.strip())
        if match:
            key = match[1].lower()
            said.setdefault(_ALIASES.get(key, key), match[2].strip().strip("\"'"))
            used = number + 1
        elif line.strip() not in ("", "---"):
            break
    body = lines[used:]
    if used and body and body[0].strip() == "---":
        body = body[1:]
    return _Fields(said, "\n".join(body))


def _html_fields(page: bytes, path: Path) -> _Fields:
    """What the page says in its head, and what its reader sees of the article, without menus."""
    from causemap.tools.hygiene import visible_page
    from causemap.tools.library.intake import last_change, today

    try:
        seen = visible_page(page)
    except SourceError as fault:
        raise UsageError(
            f"The article file {path} cannot be read: {fault}; save its text as .txt."
        ) from fault
    said = _html_meta(seen.soup)
    if changed := last_change(seen.soup, today()):
        said["changed"] = changed
    return _Fields(said, seen.without(_MENUS).text(seen.article()))


def _html_meta(soup: BeautifulSoup) -> dict[str, str]:
    said: dict[str, str] = {}
    for node in soup.find_all("meta"):
        key = str(node.get("property") or node.get("name") or node.get("itemprop") or "").lower()
        value = str(node.get("content") or "")
        if key in _META:
            said.setdefault("published", value)
        elif key == "og:site_name":
            said.setdefault("publisher", value)
    timed = soup.find("time", attrs={"datetime": True})
    if timed is not None:
        said.setdefault("published", str(timed.get("datetime")))
    if soup.title is not None:
        said["title"] = soup.title.get_text(" ")
    return said


def _article(
    fields: _Fields, path: Path, date: str | None, default: str | None, where: str
) -> Article:
    text = _lines(fields.text)
    if not text:
        raise UsageError(f"The article file {path}{where} holds no text.")
    given = date or fields.said.get("published") or default
    moment = _when(given) if given else None
    if moment is None:
        fault = f"has a date that cannot be read ({given!r:.40})" if given else "has no date"
        raise UsageError(
            f"The article {path.name}{where} {fault}, and a claim is only tested at its own date: "
            f"put 'Published: 2026-02-05' on its first line, write {path.name}@2026-02-05, or give "
            "--articles-date."
        )
    published, precision = moment
    # Who gives the date answers for it; what a page says of its own changes else counts.
    available = published if date else _known(published, fields.said.get("changed"))
    digest = hashlib.sha256(f"{published} {text}".encode("utf-8", "replace")).hexdigest()
    return Article(
        id=f"article_{digest[:12]}",
        url=clean_url(fields.said.get("url", "")) if fields.said.get("url") else None,
        publisher=clean_text(fields.said.get("publisher", ""), 120) or clean_text(path.stem, 120),
        title=clean_text(fields.said.get("title", ""), 200) or clean_text(path.stem, 120),
        published=published,
        precision=precision,
        retrieved=available,
        available=available,
        language="zh" if re.search(r"[\u4e00-\u9fff]{4}", text) else "en",
        text=text,
    )


def _known(published: str, changed: str | None) -> str:
    """When a text can have been read: as it was published, or as it was changed later (UTC)."""
    last = _when(changed) if changed else None
    if last is None:
        return published
    ends = [f"{at}T23:59Z" if len(at) == _DAY else at for at in (published, last[0])]
    return ends[1] if ends[1] > ends[0] else published


def _when(value: str) -> tuple[str, Literal["minute", "date"]] | None:
    """A date as it stands, or a time with its zone in UTC; a time without a zone keeps its date."""
    match = _DATE.match(value.strip())
    if match is None:
        return None
    try:
        moment = datetime.fromisoformat(match.group())
        if moment.tzinfo is None:
            return match.group()[:10], "date"
        return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%MZ}", "minute"
    except (ValueError, OverflowError):
        # No day of the calendar, or none once it is in UTC.
        return None


def _lines(text: str) -> str:
    """The text cleaned line by line; blank lines stay, because they part paragraphs."""
    lines = (clean_text(line, MAX_TEXT) for line in text[:MAX_TEXT].splitlines())
    return fold_confusables("\n".join(lines)).strip()
