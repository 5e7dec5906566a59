"""Hostile pages, lines and feeds: hidden text stays out, and no input costs more than it may."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from causemap.articles import Article
from causemap.errors import SourceError, UsageError
from causemap.records import Note
from causemap.tools import notes as notes_module
from causemap.tools.claims.files import read_articles as given_articles
from causemap.tools.fetch import Fetched, Fetcher, Request
from causemap.tools.hygiene import clean_html, decoded
from causemap.tools.library.intake import read_articles as library_articles
from causemap.tools.markup import MAX_DEPTH, MAX_NODES
from causemap.tools.notes import notes_for, read_notes
from causemap.tools.sources.feeds import read_date, read_entries, read_feed
from causemap.tools.sources.pages import article_of

NOW = datetime(2026, 2, 6, tzinfo=UTC)
BAD = "Silver plunged 77%"
TAGS = "".join(chr(0xE0000 + ord(c)) for c in BAD)
HIDDEN = (
    f'<p class="h">{BAD}</p>',
    f'<div class="w">{BAD}</div>',
    f'<p style="color:#fff">{BAD}</p>',
    f'<p style="position:absolute;left:-9999px">{BAD}</p>',
    f'<p style="transform:translateX(-9999px)">{BAD}</p>',
    f'<p style="height:0;overflow:hidden">{BAD}</p>',
    f'<p style="d\\69splay:none">{BAD}</p>',
    f'<p aria-hidden="true">{BAD}</p>',
    f"<!-- {BAD} -->",
    f'<div class="deep"><section><p>{BAD}</p></section></div>',
    f"<p>{TAGS}\u200b\u202e\u2066</p>",
)
STYLE = (
    ".h{display:none} .w{color:#fff;background:#fff} div.deep > section P:first-child"
    '{content:"}";visibility:hidden}'
)
SEEN = "\uff22itcoin f\u200bell \u202e5% on \u0422hursday."


def of_claims(path: Path) -> Article:
    """The article as ``--articles`` and the desk's upload read it."""
    return given_articles([str(path)])[0]


def of_library(path: Path) -> Article:
    """The article as ``ingest`` reads it."""
    return next(library_articles(path, NOW))


@pytest.mark.parametrize("read", [of_claims, of_library])
def test_hidden_text_reaches_neither_claims_nor_library(
    tmp_path: Path, read: Callable[[Path], Article]
) -> None:
    """Both ways in leave out every hidden part, and write look-alike letters plainly."""
    page = tmp_path / "a.html"
    page.write_text(
        f'<html><head><meta name="date" content="2026-02-05"><style>{STYLE}</style></head><body>'
        f"<article><p>{SEEN}</p>{''.join(HIDDEN)}</article></body></html>",
        encoding="utf-8",
    )
    found = read(page)
    assert (found.published, found.text) == ("2026-02-05", "Bitcoin fell 5% on Thursday.")


def test_an_article_inside_a_hidden_part_is_not_read() -> None:
    """A page's article element counts only if it is seen itself."""
    page = f"<div hidden><article><p>{BAD}</p></article></div><p>Seen.</p>"
    assert clean_html(page) == "Seen."


@pytest.mark.parametrize(
    ("css", "hidden"),
    [
        ("div p{display:none}", True),
        ("div > p{display:none}", False),
        ("h1 + section p{display:none}", True),
        ("h1 ~ section > p.x{display:none}", True),
        ("p.y{display:none}", False),
        ("p.x.y{display:none}", False),
        ("h2 p, #p{display:none}", True),
        ("[data-k=v]{display:none}", True),
        ("[data-k=w]{display:none}", False),
        ("[class='x']{display:none}", True),
        (".\\78 {display:none}", True),
        (".X{display:none}", True),
        (".a{.x{display:none}}", True),
        (".x{@media all{display:none}}", True),
        (".x{display:none", True),
        (".x:nth-child(7){display:none}", True),
        (".x:not(.open){display:none}", True),
        (":is(.z,.x){display:none}", True),
        (".x:hover{display:none}", False),
        (".x::before{display:none}", False),
        (":not(:defined){display:none}", False),
        (".x{display:none} .x{display:block}", False),
        ("#p{display:block} .x{display:none}", False),
        (".x{display:none!important} #p{display:block}", True),
        ("/* .x{display:none} */", False),
        ("@font-face{display:none}", False),
        (".x{background:url('}');display:none}", True),
    ],
)
def test_rules_hide_what_they_name(css: str, hidden: bool) -> None:
    """Selectors hide by the cascade; conditions not read count as met, states never."""
    body = '<h1>T</h1><section><p id="p" class="x" data-k="v">word</p></section>'
    text = clean_html(f"<style>{css}</style><div>{body}</div>")
    assert ("word" not in text) == hidden


DEEP = "<div>" * (MAX_DEPTH + 50) + "Bitcoin fell" + "</div>" * (MAX_DEPTH + 50)


@pytest.mark.parametrize(
    "page",
    [
        DEEP,
        "<b>x</b>" * (MAX_NODES + 1),
        "<!---->" * (MAX_NODES + 1),
        f"<p {' '.join(f'a{n}' for n in range(1000))}>x",
        f"<style>{'a b{color:red}' * 9000}</style>x",
        f"<style>{'{' * 100}</style>x",
    ],
)
def test_markup_that_is_no_page_is_refused_in_one_line(tmp_path: Path, page: str) -> None:
    """Too deep, too many tags, attributes or rules: an error of files and pages, no traceback."""
    path = tmp_path / "a.html"
    path.write_text(page, encoding="utf-8")
    for read in (of_claims, of_library):
        with pytest.raises(UsageError, match=r"a\.html cannot be read: .*page"):
            read(path)
    with pytest.raises(SourceError, match=r"^(a\.example: )?.*page"):
        article_of(answer(page.encode(), "text/html"))


@pytest.mark.parametrize("read", [of_claims, of_library])
def test_a_page_at_the_bound_is_read(tmp_path: Path, read: Callable[[Path], Article]) -> None:
    """Depth just within the bound needs no more of the stack than there is."""
    path = tmp_path / "a.html"
    depth = MAX_DEPTH - 3
    page = f'<meta name="date" content="2026-02-05">{"<div>" * depth}Gold fell.'
    path.write_text(page, encoding="utf-8")
    assert read(path).text == "Gold fell."


def answer(body: bytes, kind: str = "application/rss+xml") -> Fetched:
    """An answer of a server."""
    return Fetched(200, "https://a.example/f", body, kind, NOW, from_cache=False)


def feed(*summaries: str) -> Fetched:
    """A feed with an entry for each summary."""
    items = "".join(
        f"<item><title>Gold fell {n}</title><link>https://a.example/{n}</link>"
        f"<pubDate>Thu, 05 Feb 2026 10:00:00 GMT</pubDate><description><![CDATA[{text}]]>"
        "</description></item>"
        for n, text in enumerate(summaries)
    )
    return answer(f'<rss version="2.0"><channel><title>t</title>{items}</channel></rss>'.encode())


def test_an_entry_that_is_refused_costs_no_other() -> None:
    """Of three entries, one nested too deeply, two are read and one is counted."""
    reading = read_feed(feed("One.", DEEP, "Three."), NOW)
    assert [entry.summary for entry in reading.entries] == ["Three.", "One."]
    assert reading.refused == 1


def test_a_summary_keeps_no_hidden_text() -> None:
    """The feed reader takes no style away before it is asked what it hides."""
    hidden = "".join(HIDDEN[2:9])
    (entry,) = read_entries(feed(f"<p>Seen.</p>{hidden}"), NOW)
    assert entry.summary == "Seen."


@pytest.mark.parametrize(
    "body",
    [
        b'<?xml version="1.0" encoding="\xea"?><rss version="2.0"></rss>',
        b'<rss version="2.0"><channel><title>&#xD800;</title><</channel></rss>',
    ],
)
def test_a_feed_its_reader_chokes_on_is_named(body: bytes) -> None:
    """What the feed reader raises for broken bytes is a fault of the source, no traceback."""
    with pytest.raises(SourceError, match="feed: it cannot be read"):
        read_feed(answer(body), NOW)


def test_a_page_that_looks_like_xml_warns_nobody() -> None:
    """The parser's advice to programmers does not reach the terminal."""
    assert clean_html("<?xml version='1.0'?><r><p>Seen.</p></r>") == "Seen."
    assert clean_html("https://a.example/") == "https://a.example/"


@pytest.mark.parametrize("text", ["0001-01-01T00:00+14:00", "9999-12-31T23:59-14:00"])
def test_a_time_outside_the_calendar_is_no_date(tmp_path: Path, text: str) -> None:
    """Moving it into UTC overflows: an entry without a date, a line that is named."""
    assert read_date(text) is None
    row = {"published": text, "publisher": "a", "kind": "news", "text": "x fell"}
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps(row), encoding="utf-8")
    with pytest.raises(UsageError, match=r"a\.jsonl, line 1: .* of the calendar"):
        read_notes(path)
    with pytest.raises(UsageError, match=r"a\.jsonl, line 1 has a date that cannot be read"):
        of_claims(path)
    page = f'<meta name="date" content="{text}">{"<p>Gold fell on the day.</p>" * 30}'
    with pytest.raises(SourceError, match="no date of publication"):
        article_of(answer(page.encode(), "text/html"))


@pytest.mark.parametrize("value", ["1" * 5000, "[" * 100_000])
def test_a_line_python_cannot_convert_is_named(tmp_path: Path, value: str) -> None:
    """A number of too many digits and endless nesting are bad lines like others."""
    path = tmp_path / "a.jsonl"
    path.write_text(
        f'{{"published":"2026-02-01","publisher":"a","kind":"k","text":"x fell"}}\n{{"n":{value}}}',
        encoding="utf-8",
    )
    for read in (read_notes, of_claims):
        with pytest.raises(UsageError, match=r"^a\.jsonl, line 2: "):
            read(path)


@pytest.mark.parametrize("name", ["zlib", "idna", "undefined", "rot13", "utf-7", "punycode", "\0"])
def test_an_encoding_no_page_has_is_read_as_utf8(name: str) -> None:
    """Names of Python's codecs that are no text, or disguise it, are not followed."""
    assert decoded(b"\xe9 +AGE- caf", name) == "\ufffd +AGE- caf"
    assert decoded(f'<meta charset="{name}">'.encode() + b"\xe9").endswith("\ufffd")


def test_an_answer_is_parsed_off_the_event_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    """While an answer is read the loop goes on, so that deadlines hold."""

    async def came(*_: object) -> Fetched:
        return answer(b"x")

    async def go() -> bool:
        gone_on, loop = threading.Event(), asyncio.get_running_loop()
        loop.call_later(0, gone_on.set)
        async with Fetcher("test") as fetcher:
            # The reader waits for the loop, which it would never see if it stood in its way.
            return await fetcher.read(
                Request("t", "https://a.example/"), lambda _: gone_on.wait(timeout=60)
            )

    monkeypatch.setattr(Fetcher, "_retried", came)
    assert asyncio.run(go())


def note(number: int, text: str) -> Note:
    """A note of one day."""
    return Note(f"n{number}", "2026-02-01", "date", "P", "k", text, None, "found", 1.0)


WORDS = st.lists(st.sampled_from([f"w{n}" for n in range(14)]), max_size=14).map(" ".join)


@given(st.lists(WORDS, max_size=25))
def test_copies_are_those_a_comparison_of_all_finds(texts: list[str]) -> None:
    """Comparing only notes that share a rare word leaves out no copy and no more than copies."""
    every = [note(n, text) for n, text in enumerate(texts)]
    kept: list[Note] = []
    for one in sorted(every, key=lambda n: n.id):
        bag = set(one.text.split())
        others = [set(other.text.split()) for other in kept]
        if not any(10 * len(bag & other) >= 9 * len(bag | other) for other in others):
            kept.append(one)
    assert notes_for(every, "2026-02-01", "2026-02-02T00:00Z") == tuple(kept)


def test_few_of_many_notes_are_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    """Among thousands of notes only those that share a rare word meet."""
    met = 0
    alike = notes_module._alike

    def counted(one: frozenset[str], two: frozenset[str]) -> bool:
        nonlocal met
        met += 1
        return alike(one, two)

    monkeypatch.setattr(notes_module, "_alike", counted)
    many = [note(n, f"bitcoin fell as liquidations grew w{n} z{7 * n}") for n in range(2000)]
    assert len(notes_for(many, "2026-02-01", "2026-02-02T00:00Z")) == 2000
    assert met < 2000


def test_notes_too_alike_to_be_told_apart_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Past the bound on comparisons the reader is told to give fewer."""
    monkeypatch.setattr(notes_module, "MAX_COMPARED", 10)
    many = [note(n, f"gold fell {n % 7} {n % 11}") for n in range(70)]
    with pytest.raises(UsageError, match="give fewer"):
        notes_for(many, "2026-02-01", "2026-02-02T00:00Z")
