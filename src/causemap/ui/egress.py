"""The egress filter: outside or model-written Markdown to HTML that can load and do nothing.

The text is parsed to tokens and only known tokens are written out again. Images and raw HTML are
dropped to their words; a link stays one only if its address stands, letter for letter, in the run's
ledger, and it is always shown with its domain. What remains is escaped by the renderer.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import cache
from typing import TYPE_CHECKING, Final

from markdown_it import MarkdownIt
from markdown_it.token import Token

from causemap.records import Report
from causemap.words import clean, domain, ledger_urls, safe_url

if TYPE_CHECKING:
    from collections.abc import Sequence

_LIMIT: Final = 40_000
_LINE: Final = 4_000
# Everything with a meaning in the labels of widgets, which are Markdown too.
_LABEL: Final = re.compile(r"([\\`*_\[\]<>|~#$:!&(){}+=.^-])")


def allowed_links(report: Report) -> frozenset[str]:
    """The addresses of the run's ledger that are plain enough to be followed."""
    return frozenset(url for url in ledger_urls(report) if safe_url(url, report))


def to_html(text: str, allowed: Collection[str] = ()) -> str:
    """The Markdown as HTML without images, raw HTML or links that are not ``allowed``."""
    tokens = list(_blocks(_parser().parse(text[:_LIMIT]), allowed))
    return str(_parser().renderer.render(tokens, _parser().options, {}))


def label(text: str, limit: int = 120) -> str:
    """Outside text for the label of a button, tab or option: shown as it is, never as markup."""
    return _LABEL.sub(r"\\\1", clean(text, limit))


@cache
def _parser() -> MarkdownIt:
    """CommonMark with tables; raw HTML is text, addresses do not become links by themselves."""
    return MarkdownIt("commonmark", {"html": False, "linkify": False}).enable("table")


def _blocks(tokens: Sequence[Token], allowed: Collection[str]) -> Iterator[Token]:
    for token in tokens:
        if token.type in ("html_block", "html_inline"):
            continue
        token.attrs = {k: v for k, v in token.attrs.items() if k in ("start", "style")}
        if token.type in ("fence", "code_block"):
            token.info, token.content = "", _shown(token.content, keep_lines=True)
        if token.children is not None:
            token.children = list(_inline(token.children, allowed))
        yield token


def _inline(tokens: Sequence[Token], allowed: Collection[str]) -> Iterator[Token]:
    trail: list[tuple[bool, str]] = []
    for token in tokens:
        if token.type == "image":
            yield _text(_shown(token.content) or "picture")
        elif token.type == "link_open":
            href = str(token.attrs.get("href", ""))
            kept = href in allowed
            trail.append((kept, _named_domain(href)))
            if kept:
                token.attrs = {"href": href, "rel": "noopener noreferrer nofollow"}
                yield token
        elif token.type == "link_close":
            kept, where = trail.pop() if trail else (False, "")
            if kept:
                yield token
            if where:
                yield _text(f" ({where})")
        elif token.type not in ("html_inline", "html_block"):
            token.attrs = {}
            token.content = _shown(token.content)
            yield token


def _text(content: str) -> Token:
    return Token("text", "", 0, content=content)


def _named_domain(href: str) -> str:
    try:
        return domain(href)
    except ValueError:
        return ""


def _shown(content: str, *, keep_lines: bool = False) -> str:
    """Without invisible characters; the blanks at both ends stay, for they part inline tokens."""
    if keep_lines:
        return "\n".join(clean(line, _LINE) for line in content.split("\n"))
    body = clean(content, _LINE)
    head = " " if content[:1].isspace() else ""
    tail = " " if content[-1:].isspace() and body else ""
    return f"{head}{body}{tail}"
