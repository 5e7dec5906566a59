"""An issue as Markdown: outside text escaped, images only where files stand beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from causemap.briefing.layout import Block, blocks
from causemap.briefing.tree import Issue
from causemap.reporting.markdown import escape

# A paragraph of the longest issue; the text was cleaned and measured before.
_LONGEST: Final = 20_000


def to_markdown(issue: Issue, images: Mapping[str, str] | None = None) -> str:
    """The issue as text; ``images`` maps a picture's key to the file that stands beside it."""
    held = images or {}
    return "\n\n".join(line for block in blocks(issue) for line in _lines(block, held)) + "\n"


def _linked(block: Block) -> Iterator[str]:
    for text, url in block.links:
        # Escaping takes the spaces between two pieces off.
        before, after = (" " * (text != bare) for bare in (text.lstrip(), text.rstrip()))
        yield f"[{escape(text)}](<{url}>)" if url else f"{before}{escape(text)}{after}"


def _lines(block: Block, images: Mapping[str, str]) -> Iterator[str]:
    text = escape(block.text, _LONGEST)
    if block.kind == "headline":
        yield f"# {text}"
    elif block.kind == "heading":
        yield f"## {text}"
    elif block.kind in ("standfirst", "mark"):
        yield f"**{text}**"
    elif block.kind == "picture" and block.picture is not None:
        name = images.get(block.picture.key)
        if name:
            yield f"![{escape(block.picture.alt)}](<{name}>)"
        yield f"*{text}*"
    elif block.kind == "source":
        linked = f"[{text}](<{block.url}>)" if block.url else "".join(_linked(block)) or text
        yield f"- {linked}. {escape(block.after)}"
    else:
        yield f"- {text}" if block.kind == "note" else text
