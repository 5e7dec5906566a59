"""Feeds and pages from addresses into the library, through the one fetcher and its guard."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from causemap.articles import Article
from causemap.cli import main
from causemap.errors import IncompleteError
from causemap.settings import Settings, load_settings
from causemap.tools.fetching.address import Policy
from causemap.tools.library import open_library
from causemap.tools.library.remote import is_feed, remote_articles

Remote = Callable[[str], list[Article]]
WORDS = "Stocks fell on Friday as yields rose and traders sold what they could. " * 6
PAGE = (
    '<html lang="en"><head><title>Why stocks fell</title>'
    '<meta property="article:published_time" content="2026-11-20T14:30:00Z"></head>'
    f'<body><article><p>{WORDS}</p><p style="display:none">SECRET</p></article></body></html>'
)
ITEM = (
    "<item><title>Stocks {0}</title><link>https://p.example/{0}</link><description>{1}"
    "</description><pubDate>Fri, 20 Nov 2026 10:30:00 GMT</pubDate></item>"
)
FEED = "<?xml version='1.0'?><!-- a feed --><rss version='2.0'><channel>{}</channel></rss>"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings with a home folder of the test's own."""
    return load_settings({"CAUSEMAP_HOME": str(tmp_path / "own")})


@pytest.fixture
def remote(monkeypatch: pytest.MonkeyPatch, settings: Settings, fetcher_of: Any) -> Remote:
    """Read an address; every host leads to the stand-in."""
    monkeypatch.setattr("causemap.tools.fetching.opening.open_fetcher", lambda _: fetcher_of())
    return lambda address: list(remote_articles(address, settings))


def test_a_feed_gives_its_entries(remote: Remote, web: Any, answer: Any) -> None:
    """Title, what the feed says of it without its hidden part, times, place and publisher."""
    hidden = "&lt;p&gt;Yields rose.&lt;/p&gt;&lt;p hidden&gt;SECRET&lt;/p&gt;"
    body = FEED.format(ITEM.format("fall", hidden) + ITEM.format("rise", ""))
    web.routes["www.p.example/feed"] = answer(body.encode(), "text/html")
    found = {a.title: a for a in remote("https://www.p.example/feed")}
    fall = found["Stocks fall"]
    assert (fall.text, found["Stocks rise"].text) == ("Stocks fall.\nYields rose.", "Stocks rise.")
    assert (fall.published, fall.available) == ("2026-11-20T10:30:00Z",) * 2
    assert (fall.retrieved, fall.publisher) == ("2026-11-20T23:00:00Z", "p.example")
    assert fall.url == "https://p.example/fall"


def test_a_page_gives_its_article(remote: Remote, web: Any, answer: Any) -> None:
    """Its text as a reader sees it; robots.txt was asked first."""
    web.routes["p.example/a"] = answer(PAGE.encode(), "text/html")
    (article,) = remote("https://p.example/a")
    assert article.title == "Why stocks fell"
    assert ("Stocks fell on Friday" in article.text, "SECRET" in article.text) == (True, False)
    assert [a.path for a in web.asked] == ["/robots.txt", "/a"]


def test_robots_are_asked_but_for_the_feeds_of_the_list(
    remote: Remote, web: Any, answer: Any
) -> None:
    """A closed site's page is not opened; a feed its publisher offers to programs is."""
    web.routes["p.example/robots.txt"] = answer(b"User-agent: *\nDisallow: /", "text/plain")
    web.routes["www.coindesk.com/robots.txt"] = web.routes["p.example/robots.txt"]
    feed = FEED.format(ITEM.format("fall", "")).encode()
    web.routes["www.coindesk.com"] = web.routes["p.example"] = answer(feed, "text/xml")
    with pytest.raises(IncompleteError, match="robots"):
        remote("https://p.example/feed")
    (entry,) = remote("https://www.coindesk.com/arc/outboundfeeds/rss")
    assert entry.publisher == "CoinDesk"
    assert [a.page for a in web.asked] == [
        "p.example/robots.txt",
        "www.coindesk.com/arc/outboundfeeds/rss",
    ]


@pytest.mark.parametrize(
    ("body", "kind", "said"),
    [
        ("<html><body><p>Subscribe.</p></body></html>", "text/html", "no article text"),
        (FEED.format(""), "text/xml", "no entry"),
        ("<!DOCTYPE rss [<!ENTITY a 'b'>]>" + FEED.format(""), "text/xml", "document type"),
        ("{}", "application/json", "not asked for"),
    ],
)
def test_what_is_neither_is_named(
    remote: Remote, web: Any, answer: Any, body: str, kind: str, said: str
) -> None:
    """One line with the address and the reason."""
    web.routes["p.example/x"] = answer(body.encode(), kind)
    with pytest.raises(IncompleteError, match=rf"p\.example/x could not be read: .*{said}"):
        remote("https://p.example/x")


def test_the_guard_stands_before_ingest(settings: Settings) -> None:
    """With the program's own fetcher an address of this machine or its network is not opened."""
    for address in (
        "http://127.0.0.1/feed",
        "http://169.254.169.254/latest",
        "http://u@p.example",
        "http://[p.example",
    ):
        with pytest.raises(IncompleteError, match="could not be read"):
            list(remote_articles(address, settings))


def test_the_first_tag_tells_a_feed_from_a_page() -> None:
    """Prolog and comments are passed over; a page that speaks of feeds is a page."""
    assert is_feed(b"<?xml version='1.0'?><!-- <html> -->\n<rss version='2.0'>")
    assert is_feed("<feed xmlns='http://www.w3.org/2005/Atom'>".encode("utf-16"))
    assert is_feed(b"<rdf:RDF>")
    assert is_feed(b"<urlset>")
    assert not is_feed(b"<!doctype html><html><body>&lt;rss&gt; <rss></body></html>")
    assert not is_feed(b"")
    assert not is_feed(b"<rssnot>")


FEEDS = {"cnbc": 20, "coindesk": 3, "cointelegraph_3items": 3, "nytimes": 20}


def test_recorded_feeds_come_in_whole(
    shared_dir: Path,
    web: Any,
    answer: Any,
    fetcher_of: Any,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Every entry of a recording is stored once and found again by its words."""
    library = open_library(settings.home / "library")
    for name, least in FEEDS.items():
        body = (shared_dir / "payloads" / "rss" / f"{name}.xml").read_bytes()
        newest = _newest(body)
        fetcher = partial(fetcher_of, clock=partial(_always, newest))
        monkeypatch.setattr(
            "causemap.tools.fetching.opening.open_fetcher", lambda _, make=fetcher: make()
        )
        web.routes[f"{name}.example/rss"] = answer(body, "application/rss+xml")
        found = list(remote_articles(f"https://{name}.example/rss", settings))
        assert len(found) >= least
        added = library.add(found)
        assert added.new + added.known == len(found)
        hits = library.search(found[0].title, newest, limit=3)
        assert found[0].title in {hit.article.title for hit in hits}
    library.close()


def _always(moment: datetime) -> datetime:
    return moment


def _newest(feed: bytes) -> datetime:
    """A moment after the last entry of a recording."""
    dates = re.findall(rb"<(?:pubDate|lastBuildDate)>([^<]+)<", feed)
    return max(parsedate_to_datetime(d.decode()) for d in dates).astimezone(UTC)


PAGES = ("reuters_2024", "people_cn_2024", "nikkei_2025")
UNDATED = "hexun_cn_stock_2019"


def test_recorded_pages_come_in(shared_dir: Path, web: Any, answer: Any, remote: Remote) -> None:
    """Pages of the press in three scripts; one that says no date is named, not guessed."""
    for name in (*PAGES, UNDATED):
        path = shared_dir / "payloads" / "articles" / f"{name}.html"
        web.routes[f"press.example/{name}"] = answer(path.read_bytes(), "text/html")
    read = [remote(f"https://press.example/{name}") for name in PAGES]
    assert [(a.language, len(a.text) > 200) for (a,) in read] == [
        ("en", True),
        ("zh", True),
        ("ja", True),
    ]
    with pytest.raises(IncompleteError, match="no date of publication"):
        remote(f"https://press.example/{UNDATED}")


class TestCommand:
    """``causemap ingest ADDRESS`` from one end to the other."""

    @pytest.fixture
    def run(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
    ) -> Callable[..., tuple[int, str, str]]:
        """Run the command line with a home folder of its own."""
        monkeypatch.setenv("CAUSEMAP_HOME", str(tmp_path / "own"))

        def go(*args: str) -> tuple[int, str, str]:
            code: object = 0
            try:
                main(list(args))
            except SystemExit as stop:
                code = stop.code
            out = capsys.readouterr()
            return int(str(code or 0)), out.out, out.err

        return go

    def test_under_the_guard_with_this_machine_let_through(
        self,
        run: Any,
        web: Any,
        answer: Any,
        fetcher_of: Any,
        loopback: Policy,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """A real server, the real connection; the second time all is known."""
        monkeypatch.setattr(
            "causemap.tools.fetching.opening.open_fetcher",
            lambda _: fetcher_of(policy=loopback),
        )
        body = FEED.format("".join(ITEM.format(word, "") for word in ("fall", "rise", "stay")))
        web.routes["127.0.0.1/feed"] = answer(body.encode(), "application/rss+xml")
        address = f"http://127.0.0.1:{web.port}/feed"
        assert run("ingest", address)[1] == "3 articles in the library\n"
        code, _, err = run("ingest", address)
        assert (code, "0 new" in err, "3 known" in err) == (0, True, True)
        code, out, _ = run("library", "search", "stocks fall", "--as-of", "2026-11-21")
        assert (code, "Stocks fall" in out) == (0, True)
        code, out, _ = run("library", "search", "stocks fall", "--as-of", "2026-11-20T10:00Z")
        assert "nothing found" in out

    @pytest.mark.usefixtures("remote")
    def test_one_address_down_does_not_cost_the_other(
        self, run: Any, web: Any, answer: Any
    ) -> None:
        """It is named, exit code 3, and the rest is kept."""
        web.routes["p.example/a"] = answer(PAGE.encode(), "text/html")
        web.routes["q.example"] = answer(b"", "text/plain", 503)
        code, out, err = run("ingest", "https://q.example/feed", "https://p.example/a")
        assert (code, out) == (3, "1 article in the library\n")
        assert "https://q.example/feed could not be read: q.example" in err
        assert "Traceback" not in err


_CHILD = """
import sys
from pathlib import Path
from causemap.articles import Article
from causemap.tools.library import open_library, collection
collection.BATCH = 20
from causemap.tools.library.remote import articles_of
from causemap.tools.fetch import Fetched
from datetime import datetime, UTC
body = Path(sys.argv[1]).read_bytes()
now = datetime(2026, 11, 20, 23, tzinfo=UTC)
fetched = Fetched(200, "https://f.example/rss", body, "text/xml", now, False)
library = open_library(Path(sys.argv[2]))
hold = int(sys.argv[3])
def tell(added):
    print(added.new, flush=True)
    if added.new >= hold:
        sys.stdin.read()  # until killed
library.add(articles_of(fetched, "f.example"), tell)
print("done", flush=True)
"""


def test_killed_while_a_feed_comes_in_it_goes_on(tmp_path: Path) -> None:
    """After kill -9 whole batches are there, and a second run adds the rest."""
    items = "".join(
        f"<item><title>Story {n} of {n * 7919 % 1000} about {'abcdefghij'[n % 10] * 4}</title>"
        f"<link>https://p.example/{n}</link>"
        "<pubDate>Fri, 20 Nov 2026 10:30:00 GMT</pubDate></item>"
        for n in range(400)
    )
    feed, folder = tmp_path / "feed.xml", tmp_path / "library"
    feed.write_text(FEED.format(items))
    command = [sys.executable, "-c", _CHILD, str(feed), str(folder)]
    child = subprocess.Popen(
        [*command, "200"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    assert child.stdout.readline().strip() == "20"
    child.kill()
    child.communicate()
    library = open_library(folder)
    kept = library.count()
    assert kept % 20 == 0
    assert 20 <= kept <= 200
    library.close()
    command.append("1000")
    assert "done" in subprocess.run(command, capture_output=True, text=True, check=True).stdout
    library = open_library(folder)
    assert library.count() == 400
    assert library.check().sound
    library.close()
