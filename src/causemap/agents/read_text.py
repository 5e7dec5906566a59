"""Outside text as a person would see it: what a page hides never reaches a reader."""

from __future__ import annotations

import re
from typing import Final

from causemap.tools.notes import clean_text

_TAG: Final = re.compile(r"<[a-zA-Z!/][^>]{0,2000}>")
_HIDDEN_STYLE: Final = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|opacity\s*:\s*0(?:\.0+)?\s*(?:;|$)"
    r"|font-size\s*:\s*0|(?:width|height)\s*:\s*0(?:px)?\s*(?:;|$)|text-indent\s*:\s*-\d{3,}"
    r"|(?:left|top)\s*:\s*-\d{3,}|color\s*:\s*(?:#fff(?:fff)?|white|transparent)\b",
    re.IGNORECASE,
)
_UNSEEN: Final = ("script", "style", "template", "noscript", "svg", "iframe", "object", "head")


def visible(text: str, limit: int) -> str:
    """``text`` without hidden nodes, tags, comments and invisible characters, line by line.

    Lines are kept apart; each is cleaned by :func:`causemap.tools.notes.clean_text`, and the whole
    is cut at ``limit`` characters.
    """
    shown = _seen(text[: 20 * limit]) if _TAG.search(text) else text
    lines = (clean_text(line, limit) for line in shown.split("\n"))
    return "\n".join(line for line in lines if line)[:limit]


def _seen(html: str) -> str:
    from bs4 import BeautifulSoup, Comment

    soup = BeautifulSoup(html, "html.parser")
    for comment in soup.find_all(string=lambda part: isinstance(part, Comment)):
        comment.extract()
    for node in soup.find_all(name=True):
        if node.decomposed:
            continue
        style = str(node.get("style", ""))
        unseen = node.name in _UNSEEN or node.has_attr("hidden")
        if unseen or node.get("aria-hidden") == "true" or _HIDDEN_STYLE.search(style):
            node.decompose()
    return soup.get_text("\n")
