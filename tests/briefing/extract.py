"""The words back out of each format, to prove that all of them say the same."""

from __future__ import annotations

import re
from email import message_from_bytes
from email.policy import default
from typing import Final

from causemap.briefing.mail import to_eml, to_text
from causemap.briefing.markdown import to_markdown
from causemap.briefing.page import to_paste
from causemap.briefing.tree import Issue

_ADDRESS: Final = re.compile(r"<https?://[^\s>]+>|https?://\S+")
_WORD: Final = re.compile(r"[\w%$.,:+\u2212-]*\w[\w%]*|[%$]")


def words_of_text(text: str) -> tuple[str, ...]:
    """Words and figures of a text in order; addresses and marks of layout do not count."""
    return tuple(_WORD.findall(_ADDRESS.sub(" ", text)))


def words_of_html(page: str) -> tuple[str, ...]:
    """Words and figures of the body; text alternatives of pictures do not count."""
    from bs4 import BeautifulSoup

    tree = BeautifulSoup(page, "lxml")
    body = tree.body or tree
    return words_of_text(body.get_text(" "))


def words_of_markdown(text: str) -> tuple[str, ...]:
    """Words and figures as a renderer shows them."""
    from markdown_it import MarkdownIt

    shown = []
    for token in MarkdownIt("commonmark", {"html": False}).parse(text):
        for child in token.children or ():
            if child.type in ("text", "text_special", "code_inline"):
                shown.append(child.content)
            elif child.type in ("softbreak", "hardbreak", "link_close"):
                shown.append(" ")
        shown.append(" ")
    return words_of_text("".join(shown))


def words_of_eml(data: bytes) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Words of the plain text and of the HTML; the unsubscribe line of the HTML does not count."""
    message = message_from_bytes(data, policy=default)
    plain = message.get_body(("plain",))
    html = message.get_body(("html",))
    if plain is None or html is None:
        return (), ()
    return words_of_text(plain.get_content()), words_of_html(html.get_content())


def disagreements(issue: Issue) -> tuple[str, ...]:
    """Formats whose words differ from the plain text; empty when all say the same."""
    said = words_of_text(to_text(issue))
    plain, html = words_of_eml(to_eml(issue))
    unsubscribe = words_of_text(issue.label("unsubscribe"))
    found = {
        "email text": plain,
        "email": html[: len(html) - len(unsubscribe)],
        "markdown": words_of_markdown(to_markdown(issue)),
        "paste": words_of_html(to_paste(issue)),
    }
    return tuple(name for name, words in found.items() if words != said)
