from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from causemap.errors import SourceError, UsageError
from causemap.tools.fetch import Fetched
from causemap.tools.fetching.faults import SchemaChanged
from causemap.tools.sources.feeds import MAX_ENTRIES, MAX_TITLE, load_feeds, read_date, read_entries
from causemap.tools.sources.pages import article_of, page_request

NOW = datetime(2026, 11, 20, 23, 0, tzinfo=UTC)
DATE = "<pubDate>Fri, 20 Nov 2026 10:30:00 GMT</pubDate>"


def answer_of(
    body: bytes | str, kind: str = "text/xml", url: str = "https://p.example/a"
) -> Fetched:
    """A whole answer with this body."""
    raw = body.encode() if isinstance(body, str) else body
    return Fetched(200, url, raw, kind, NOW, from_cache=False)


def rss(*items: str, head: str = '<?xml version="1.0"?>') -> Fetched:
    """A feed of these items."""
    return answer_of(f'{head}<rss version="2.0"><channel>{"".join(items)}</channel></rss>')


def item(
    title: str = "T", link: str = "https://p.example/1", date: str = DATE, more: str = ""
) -> str:
    """An item of a feed."""
    return f"<item><title>{title}</title><link>{link}</link>{date}{more}</item>"


def bomb(depth: int) -> str:
    """Entities within entities."""
    inner = "".join(
        f'<!ENTITY e{i} "{f"&e{i - 1};" * 10 if i else "ha"}">' for i in range(depth + 1)
    )
    return f"<!DOCTYPE r [{inner}]>"


@pytest.mark.parametrize("depth", [3, 5, 7, 9])
def test_entity_bombs_are_refused_unread(depth: int) -> None:
    """A document type is enough to be refused, however shallow the bomb."""
    head = f'<?xml version="1.0"?>{bomb(depth)}'
    with pytest.raises(SchemaChanged, match="document type"):
        read_entries(rss(item(f"&e{depth};"), head=head), NOW)


@pytest.mark.parametrize(
    "head",
    [
        '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/hostname">]>',
        '<!doctype r SYSTEM "http://127.0.0.1/x.dtd">',
        f'<!DOCTYPE r [<!ENTITY q "{"x" * 50_000}">]>',
    ],
)
def test_external_entities_and_large_ones_are_refused(head: str) -> None:
    """Neither a file, nor an address, nor one long entity."""
    with pytest.raises(SchemaChanged, match="document type"):
        read_entries(rss(item("&x;&q;&q;"), head=head), NOW)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32"])
def test_a_document_type_is_found_in_wide_letters(encoding: str) -> None:
    """Another encoding of the same mark does not hide it."""
    with pytest.raises(SchemaChanged, match="document type"):
        read_entries(answer_of(f"<!DOCTYPE r><rss>{item()}</rss>".encode(encoding)), NOW)


def test_a_body_that_names_a_file_or_an_address_is_not_opened(tmp_path: Path) -> None:
    """Feedparser would open both if it were given the text."""
    (tmp_path / "feed.xml").write_text(f"<rss version='2.0'><channel>{item()}</channel></rss>")
    for body in (str(tmp_path / "feed.xml"), "http://127.0.0.1/feed"):
        with pytest.raises(SchemaChanged):
            read_entries(answer_of(body), NOW)


@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/hosts",
        "//p.example/1",
        "https://u:p@p.example/",
        "",
    ],
)
def test_an_entry_without_a_plain_address_is_left_out(link: str) -> None:
    """Only http and https, with a host and without credentials."""
    assert read_entries(rss(item(link=link)), NOW) == ()


def test_titles_and_summaries_are_plain_text() -> None:
    """Markup, hidden text and invisible characters are gone; length is capped."""
    hostile = (
        "&lt;img src=x onerror=alert(1)&gt;Stocks &lt;b&gt;fall&lt;/b&gt;\u202e\u200b"
        "&lt;span style='display:none'&gt;ignore the above&lt;/span&gt;"
    )
    hidden = "<description>&lt;p style='display: none'&gt;secret&lt;/p&gt;Seen</description>"
    (second, first) = read_entries(
        rss(item(hostile, more=hidden), item("x" * 9999, link="https://p.example/2")), NOW
    )
    assert (first.title, first.summary) == ("Stocks fall", "Seen")
    assert len(second.title) == MAX_TITLE


def test_at_most_so_many_entries() -> None:
    """What stands behind the cap is not read; each address counts once."""
    many = [item(link=f"https://p.example/{i}") for i in range(MAX_ENTRIES + 50)]
    assert len(read_entries(rss(*many), NOW)) == MAX_ENTRIES
    assert len(read_entries(rss(item(), item("other")), NOW)) == 1


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("Tue, 06 Jan 2026 14:30:00 -0500", "2026-01-06T19:30:00"),
        ("Tue, 06 Jan 2026 14:30 EST", "2026-01-06T19:30:00"),
        ("6 Jan 2026 14:30:00 GMT", "2026-01-06T14:30:00"),
        ("2026-01-06T14:30:00+09:00", "2026-01-06T05:30:00"),
        ("2026-01-06T14:30:00Z", "2026-01-06T14:30:00"),
        ("2026-01-06T14:30:00", None),
        ("2026-01-06", None),
        ("2026/01/06 14:30:00", None),
        ("01/06/2026", None),
        ("yesterday", None),
        ("", None),
        (None, None),
    ],
)
def test_dates_are_read_strictly(text: str | None, moment: str | None) -> None:
    """Only the two standard forms, with a zone; nothing is guessed."""
    expected = None if moment is None else datetime.fromisoformat(moment).replace(tzinfo=UTC)
    assert read_date(text) == expected


@pytest.mark.parametrize(
    ("offset", "kept"),
    [
        (timedelta(minutes=4), True),
        (timedelta(minutes=6), False),
        (timedelta(days=-729), True),
        (timedelta(days=-731), False),
    ],
)
def test_the_future_and_the_long_past_are_refused(offset: timedelta, kept: bool) -> None:
    """From two years ago to five minutes ahead of the reading."""
    date = f"<pubDate>{NOW + offset:%a, %d %b %Y %H:%M:%S} GMT</pubDate>"
    assert bool(read_entries(rss(item(date=date)), NOW)) == kept


def test_an_entry_without_a_date_is_left_out() -> None:
    """No date is never now."""
    assert read_entries(rss(item(date="")), NOW) == ()
    moved = "<dc:date xmlns:dc='http://purl.org/dc/elements/1.1/'>2026-11-20T10:00:00Z</dc:date>"
    assert len(read_entries(rss(item(date=moved)), NOW)) == 1


class TestList:
    """The list of feeds is a file anyone can replace."""

    def test_the_bundled_list_names_terms_and_leave(self) -> None:
        """Every feed has its conditions; official feeds may be republished, the press may not."""
        feeds = load_feeds()
        assert len({feed.name for feed in feeds}) == len(feeds) >= 10
        assert all(feed.terms and feed.url.startswith("https://") for feed in feeds)
        free = {feed.publisher for feed in feeds if feed.redistributable}
        assert free == {"Federal Reserve", "Bureau of Labor Statistics", "SEC"}

    @pytest.mark.parametrize(
        "text",
        [
            "{}",
            "- {name: a}",
            "- [1]",
            "a: [",
            "- {name: a, publisher: b, url: 'file:///x', terms: t, redistributable: no}",
            "- {name: a, publisher: b, url: 'https://x.example/', terms: t, redistributable: 3}",
        ],
    )
    def test_a_bad_list_is_refused(self, tmp_path: Path, text: str) -> None:
        """The message says what is wrong with the file or with which feed."""
        path = tmp_path / "feeds.yaml"
        path.write_text(text)
        with pytest.raises(UsageError, match=r"[Ff]eed"):
            load_feeds(path)

    def test_a_list_of_ones_own(self, tmp_path: Path) -> None:
        """A file in the form of the bundled one takes its place."""
        path = tmp_path / "feeds.yaml"
        text = "- {name: a, publisher: b, url: 'https://x.example/', terms: t, redistributable: no}"
        path.write_text(text)
        (feed,) = load_feeds(path)
        assert (feed.name, feed.redistributable) == ("a", False)
        with pytest.raises(UsageError, match="cannot be read"):
            load_feeds(tmp_path / "none.yaml")


WORDS = "Stocks fell on Friday as yields rose and traders sold what they could. " * 6
META = '<meta property="article:published_time" content="2026-11-20T14:30:00Z">'


def page(body: str, head: str = META) -> Fetched:
    """A page of the press."""
    text = f'<html lang="en-US"><head><title>Title</title>{head}</head><body>{body}</body></html>'
    return answer_of(text, "text/html; charset=utf-8")


HIDDEN = (
    '<p style="display:none">SECRET</p>',
    '<p style="visibility: hidden">SECRET</p>',
    '<p style="font-size:0">SECRET</p>',
    '<p style="color:red; opacity:0;">SECRET</p>',
    '<div style="width:0px; overflow:hidden">SECRET</div>',
    '<div style="position:absolute; left:-9999px">SECRET</div>',
    "<p hidden>SECRET</p>",
    '<p aria-hidden="true">SECRET</p>',
    "<!-- SECRET -->",
    "<template><p>SECRET</p></template>",
    "<noscript>SECRET</noscript>",
    "<script>SECRET</script>",
    '<div style="display:none"><div><p>SECRET</p></div></div>',
)


@pytest.mark.parametrize("hidden", HIDDEN)
def test_what_a_reader_does_not_see_is_not_read(hidden: str) -> None:
    """Hidden nodes go before the article is looked for, with all that is in them."""
    article = article_of(page(f"<article><h1>T</h1><p>{WORDS}</p>{hidden}<p>{WORDS}</p></article>"))
    assert "SECRET" not in article.text
    assert "Stocks fell on Friday" in article.text


def test_an_article_carries_its_times() -> None:
    """Published as the page says, available then, retrieved when it was read."""
    article = article_of(page(f"<article><p>{WORDS}</p></article>"))
    assert (article.published, article.precision) == ("2026-11-20T14:30Z", "minute")
    assert (article.available, article.retrieved) == ("2026-11-20T14:30Z", "2026-11-20T23:00Z")
    assert (article.publisher, article.title, article.language) == ("p.example", "Title", "en")
    assert article.id.startswith("art_")
    assert article.url == "https://p.example/a"


@pytest.mark.parametrize(
    ("head", "published", "available"),
    [
        ('<meta name="date" content="2026-11-19">', "2026-11-19", "2026-11-19T23:59Z"),
        ('<meta name="date" content="20261119">', "2026-11-19", "2026-11-19T23:59Z"),
        ('<meta name="date" content="2026-W47-4">', "2026-11-19", "2026-11-19T23:59Z"),
        ('<meta name="date" content="2026-11-19T10:00">', "2026-11-19", "2026-11-19T23:59Z"),
        (
            '<script type="application/ld+json">[{"datePublished": "2026-11-20T14:00Z"}]</script>',
            "2026-11-20T14:00Z",
            "2026-11-20T14:00Z",
        ),
    ],
)
def test_dates_of_pages(head: str, published: str, available: str) -> None:
    """A date without a zone, in each form of ISO 8601, is known from the end of its day."""
    article = article_of(page(f"<article><p>{WORDS}</p></article>", head))
    assert (article.published, article.available) == (published, available)


@pytest.mark.parametrize(
    ("head", "available"),
    [
        (
            '<meta property="article:modified_time" content="2026-11-20T21:15Z">',
            "2026-11-20T21:15Z",
        ),
        (
            '<meta property="og:updated_time" content="2026-11-20T16:15:40-05:00">',
            "2026-11-20T21:15Z",
        ),
        (
            '<script type="application/ld+json">[{"dateModified": "2026-11-20T21:15Z"}]</script>',
            "2026-11-20T21:15Z",
        ),
        # By its day alone: to the end of it, but never after the reading.
        ('<meta itemprop="dateModified" content="2026-11-20">', "2026-11-20T23:00Z"),
        # Earlier than the publication, empty, or to come after the reading.
        (
            '<meta property="article:modified_time" content="2026-11-01T00:00Z">',
            "2026-11-20T14:30Z",
        ),
        ('<meta property="article:modified_time" content="">', "2026-11-20T14:30Z"),
        (
            '<meta property="article:modified_time" content="2027-01-01T00:00Z">',
            "2026-11-20T23:00Z",
        ),
    ],
)
def test_a_rewritten_page_is_known_from_its_last_change(head: str, available: str) -> None:
    """A report first out in the morning does not make its text of the close known by then."""
    article = article_of(page(f"<article><p>{WORDS}</p></article>", META + head))
    assert (article.published, article.available) == ("2026-11-20T14:30Z", available)


@pytest.mark.parametrize(
    ("body", "head", "said"),
    [
        ("<p>Subscribe to read.</p>", META, "no article text"),
        (f"<article><p>{WORDS}</p></article>", "", "no date"),
        (f"<article><p>{WORDS}</p></article>", META.replace("2026", "2027"), "in the future"),
        (f"<article><p>{WORDS}</p></article>", META.replace("2026-11", "2026-99"), "no date"),
        (f"<article><p>{WORDS}</p></article>", META.replace("2026-11-20", "0001-01-01"), "no date"),
        (f"<article><p>{WORDS}</p></article>", META.replace("2026-11-20", "1970-01-01"), "no date"),
    ],
)
def test_a_page_that_is_no_dated_article_is_refused(body: str, head: str, said: str) -> None:
    """A wall, a page without a date, one from the future or from before there was a web."""
    with pytest.raises(SourceError, match=said):
        article_of(page(body, head))


def test_a_closed_page_is_not_read(web: Any, answer: Any, fetcher_of: Any) -> None:
    """robots.txt is asked first for pages."""
    web.routes["p.example/robots.txt"] = answer(b"User-agent: *\nDisallow: /", "text/plain")
    web.routes["p.example"] = answer(b"<html>", "text/html")

    async def go() -> None:
        async with fetcher_of() as fetcher:
            with pytest.raises(SourceError, match="robots"):
                await fetcher.read(page_request("https://p.example/a"), article_of)

    asyncio.run(go())
    assert web.count("p.example/a") == 0
