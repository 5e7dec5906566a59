"""Uploads: a bad line is told by its number, and hidden text of a page is not read."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from causemap.errors import UsageError
from causemap.ui.given import articles_of, notes_of


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as the desk hands it over."""

    name: str
    body: bytes

    def getvalue(self) -> bytes:
        """Its bytes."""
        return self.body


LINES = b'{"published":"2026-02-01","publisher":"a","kind":"k","text":"x fell"}\n{"n":%s}' % (
    b"1" * 5000
)


def test_a_bad_line_of_an_upload_is_told_by_its_number() -> None:
    """A number Python does not convert names its line, and no folder of ours."""
    with pytest.raises(UsageError, match=r"^notes\.jsonl, line 2: "):
        notes_of(Upload("n.jsonl", LINES))
    with pytest.raises(UsageError, match=r"^article-1\.jsonl, line 2: "):
        articles_of([Upload("a.jsonl", LINES)])


def test_an_uploaded_page_gives_what_is_seen() -> None:
    """A rule of the style sheet hides from claims what it hides from readers."""
    page = b"<style>.h{display:none}</style><p>Gold fell.</p><p class=h>Silver fell.</p>"
    (article,) = articles_of([Upload("a.html", page)], "2026-02-05")
    assert article.text == "Gold fell."
