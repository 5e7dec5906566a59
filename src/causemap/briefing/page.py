"""HTML of an issue: for email (tables, inline style), for pasting (no tables), for print."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Final, Literal

from causemap.briefing.layout import blocks
from causemap.briefing.tree import Issue, Picture
from causemap.reporting.html import templates

Kind = Literal["email", "paste", "print"]

MAX_BYTES: Final = 90_000


def to_page(issue: Issue, kind: Kind, address: Callable[[Picture], str]) -> str:
    """One HTML document; ``address`` says where a picture is found (``cid:`` or ``data:``)."""
    page = (
        templates("causemap.briefing")
        .get_template(f"{kind}.html.j2")
        .render(issue=issue, blocks=tuple(blocks(issue)), address=address)
    )
    return inlined(page) if kind == "email" else page


def inline_address(picture: Picture) -> str:
    """The picture itself as a ``data:`` address."""
    return f"data:image/png;base64,{base64.b64encode(picture.png).decode()}"


def to_paste(issue: Issue) -> str:
    """Rich text for the editors of newsletter services: headings, paragraphs, lists, pictures."""
    return to_page(issue, "paste", inline_address)


def inlined(page: str) -> str:
    """Style rules moved onto their elements; nothing is loaded from anywhere."""
    import css_inline

    inliner = css_inline.CSSInliner(
        load_remote_stylesheets=False, keep_style_tags=True, keep_at_rules=True
    )
    made: str = inliner.inline(page)
    return made
