"""An issue as one .eml: plain text, HTML and the charts inside; it is written, never sent."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Final

from causemap.briefing.layout import Block, blocks
from causemap.briefing.page import MAX_BYTES, to_page
from causemap.briefing.tree import Issue, Picture
from causemap.errors import IncompleteError

_SENDER: Final = "causemap"


def to_eml(issue: Issue, recipients: tuple[str, ...] = ()) -> bytes:
    """The message; the same issue gives the same bytes.

    Raises :class:`IncompleteError` when the HTML is larger than mail programs show whole (90 kB).
    """
    html = to_page(issue, "email", lambda picture: f"cid:{_cid(picture)}")
    if len(html.encode()) > MAX_BYTES:
        raise IncompleteError("The email is larger than 90 kB; ask for a shorter briefing.")
    message = EmailMessage(policy=SMTP)
    message["Subject"] = issue.headline
    message["From"] = Address(issue.byline or _SENDER, "briefing", "localhost")
    message["To"] = ", ".join(recipients) or "undisclosed-recipients:;"
    message["Date"] = format_datetime(datetime.fromisoformat(issue.as_of))
    message["Message-ID"] = f"<{hashlib.sha256(html.encode()).hexdigest()[:32]}@causemap.invalid>"
    message["List-Unsubscribe"] = "<{{unsubscribe_url}}>"
    message["Content-Language"] = issue.language
    message.set_content(to_text(issue))
    message.add_alternative(html, subtype="html")
    _, page = message.iter_parts()
    for picture in issue.pictures:
        page.add_related(
            picture.png,
            "image",
            "png",
            cid=f"<{_cid(picture)}>",
            filename=f"{picture.key}.png",
            disposition="inline",
        )
    _fix_boundaries(message, html)
    return message.as_bytes()


def _cid(picture: Picture) -> str:
    return f"{picture.key}.{hashlib.sha256(picture.png).hexdigest()[:12]}@causemap.invalid"


def _fix_boundaries(message: EmailMessage, html: str) -> None:
    """Boundaries from the content instead of chance, so that the bytes are the same each time."""
    seed = hashlib.sha256(html.encode()).hexdigest()[:24]
    parts = [part for part in message.walk() if part.is_multipart()]
    for place, part in enumerate(parts):
        part.set_boundary(f"causemap-{seed}-{place}")


def to_text(issue: Issue) -> str:
    """The issue as plain text, every block a paragraph."""
    return "\n\n".join(line for block in blocks(issue) for line in _lines(block)) + "\n"


def _lines(block: Block) -> Iterator[str]:
    if block.kind == "heading":
        yield f"{block.text}\n{'-' * len(block.text)}"
    elif block.kind == "source":
        tail = f" <{block.url}>" if block.url else ""
        pieces = (f"{text} <{url}>" if url else text for text, url in block.links)
        yield f"{''.join(pieces) or block.text}. {block.after}{tail}"
    else:
        yield block.text
