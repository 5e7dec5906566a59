"""The pages behind a feed's entries: bounded, guarded, asked once, and never known too early."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from causemap.articles import Article
from causemap.errors import SourceError
from causemap.tools.fetching.address import Policy
from causemap.tools.library import Library, open_library
from causemap.tools.sources import behind
from causemap.tools.sources.behind import Bounds, Followed, bounded, follow, told
from causemap.tools.sources.feeds import Entry, as_article
from causemap.tools.sources.waiting import MAX_WAITING, Waiting

Follow = Callable[..., Followed]
NOW = datetime(2026, 11, 20, 23, tzinfo=UTC)
BOUNDS = Bounds()
WORDS = "Shares of chip makers fell on Friday as traders sold what they could. " * 6
PAGE = (
    '<html><body><nav>Home</nav><article><h1>{0}</h1><p>{1}</p><p style="display:none">SECRET</p>'
    "</article></body></html>"
)


def entry(
    key: str, title: str = "Chip makers fall", hours: float = 2.0, host: str = "p"
) -> Article:
    """An entry of a feed, some hours old."""
    at = NOW - timedelta(hours=hours)
    return as_article("Press", Entry(at, title, f"https://{host}.example/{key}", ""), NOW)


def page(title: str = "Chip makers fall", words: str = WORDS) -> bytes:
    """An article page."""
    return PAGE.format(title, words).encode()


@pytest.fixture
def library(tmp_path: Path) -> Any:
    """An empty library."""
    opened = open_library(tmp_path / "library")
    yield opened
    opened.close()


@pytest.fixture
def waiting(tmp_path: Path) -> Waiting:
    """No page was asked for yet."""
    return Waiting.opened(tmp_path / "pages.json")


@pytest.fixture
def run(library: Library, waiting: Waiting, fetcher_of: Any) -> Follow:
    """Shelve entries, let their pages wait, and follow them."""

    def go(*entries: Article, at: datetime = NOW, bounds: Bounds = BOUNDS, **more: Any) -> Followed:
        library.add(entries)
        waiting.add(entries, at)

        async def followed() -> Followed:
            async with fetcher_of(clock=lambda: at, **more) as fetcher:
                shelve = more.pop("shelve", lambda found: library.add(found).new)
                return await follow(waiting, fetcher, bounds, shelve, lambda _: None)

        return asyncio.run(followed())

    return go


def texts(library: Library, as_of: datetime) -> list[str]:
    """What a reader at a moment had to read."""
    return [a.text for a in library.window("2026-11-18", as_of.isoformat())]


def test_a_page_is_a_later_version_of_its_entry(
    run: Follow, web: Any, answer: Any, library: Library
) -> None:
    """Before it was read only the feed's words are known; after, the page's, and told once."""
    web.routes["p.example/a"] = answer(page(), "text/html; charset=utf-8")
    assert run(entry("a")) == Followed(read=1, new=1)
    assert texts(library, NOW - timedelta(minutes=1)) == ["Chip makers fall."]
    (whole,) = library.window("2026-11-18", NOW.isoformat())
    assert whole.text.startswith("Chip makers fall\n")
    assert ("sold what they could" in whole.text, "SECRET" in whole.text) == (True, False)
    assert (whole.publisher, whole.title) == ("Press", "Chip makers fall")
    assert (whole.published, whole.available) == ("2026-11-20T21:00:00Z", "2026-11-20T23:00:00Z")
    (hit,) = library.search("chip makers fall", NOW)
    assert hit.article.url == "https://p.example/a"
    assert [a.path for a in web.asked] == ["/robots.txt", "/a"]


def test_a_page_is_asked_for_once(run: Follow, web: Any, answer: Any, library: Library) -> None:
    """The next run finds the entry again in its feed, and leaves the site alone."""
    web.routes["p.example/a"] = answer(page(), "text/html")
    run(entry("a"))
    assert run(entry("a"), at=NOW + timedelta(hours=5)) == Followed()
    assert web.count("p.example/a") == 1
    assert library.count() == 2


def test_robots_are_respected(run: Follow, web: Any, answer: Any) -> None:
    """A page its site closes is named, not opened, and not asked about again for days."""
    web.routes["p.example/robots.txt"] = answer(b"User-agent: *\nDisallow: /", "text/plain")
    web.routes["p.example/a"] = answer(page(), "text/html")
    (closed,) = run(entry("a")).unread
    assert "robots.txt closes this page" in closed.why
    assert run(entry("a"), at=NOW + timedelta(days=2)) == Followed()
    assert web.count("p.example/a") == 0


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1/a", "http://169.254.169.254/latest", "https://10.0.0.8/a"]
)
def test_the_guard_stands_before_what_a_feed_names(
    run: Follow, web: Any, library: Library, address: str
) -> None:
    """A feed that points inside opens nothing there; its own words are kept."""
    at = NOW - timedelta(hours=1)
    inside = as_article("Press", Entry(at, "Chip makers fall", address, ""), NOW)
    (refused,) = run(inside, policy=Policy()).unread
    assert not refused.later
    assert (web.asked, library.count()) == ([], 1)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (page(words="Short."), "no article text"),
        (
            page("Before you go on", "We and our partners use cookies to store things. " * 9),
            "not about",
        ),
        (b"<html></html>", "no article text"),
    ],
)
def test_what_is_no_article_is_named(
    run: Follow, web: Any, answer: Any, library: Library, body: bytes, said: str
) -> None:
    """A teaser, a wall or another article's page adds nothing to the library."""
    web.routes["p.example/a"] = answer(body, "text/html")
    found = run(entry("a"))
    assert [said in gap.why for gap in found.unread] == [True]
    assert library.count() == 1


def test_a_recorded_consent_wall_is_no_article(
    run: Follow, web: Any, answer: Any, library: Library, shared_dir: Path
) -> None:
    """What Yahoo sends to a reader who has not agreed does not become news."""
    wall = shared_dir / "payloads" / "yahoo" / "consent_page_200_instead_of_data.html"
    web.routes["p.example/a"] = answer(wall.read_bytes(), "text/html")
    assert (run(entry("a")).read, library.count()) == (0, 1)


def test_a_host_in_trouble_is_asked_again_an_hour_later(run: Follow, web: Any, answer: Any) -> None:
    """Its entry is still in the feed, and waits again."""
    web.routes["p.example/a"] = answer(b"", "text/plain", 503)
    web.routes["p.example/robots.txt"] = answer(b"", "text/plain", 404)
    (down,) = run(entry("a")).unread
    assert (down.later, "503" in down.why) == (True, True)
    web.routes["p.example/a"] = answer(page(), "text/html")
    assert run(entry("a"), at=NOW + timedelta(minutes=30)).read == 0
    assert run(entry("a"), at=NOW + timedelta(minutes=61)).read == 1


def test_a_run_is_bounded_by_host_and_in_all() -> None:
    """The newest first, no host with more than its share."""
    many = [entry(f"p{n}", hours=n + 1) for n in range(5)]
    other = [entry(f"q{n}", hours=n + 3.5, host="q") for n in range(5)]
    chosen = bounded([*many, *other], Bounds(pages=4, per_host=3))
    assert [a.url[-2:] for a in chosen if a.url] == ["p0", "p1", "p2", "q0"]


def test_what_is_left_waits_for_the_next_run(
    run: Follow, web: Any, answer: Any, library: Library
) -> None:
    """Also when the feeds are not asked again, as after a pull that was broken off."""
    titles = ("Chip makers fall", "Oil slips again", "Gold margins raised")
    for key, title in zip("abc", titles, strict=True):
        web.routes[f"p.example/{key}"] = answer(page(title, f"{title}. {WORDS}"), "text/html")
    entries = [entry(key, title) for key, title in zip("abc", titles, strict=True)]
    two = Bounds(pages=2)
    assert run(*entries, bounds=two) == Followed(read=2, new=2, left=1)
    assert run(bounds=two) == Followed(read=1, new=1)
    assert library.count() == 6


def test_pages_are_noted_only_once_they_are_stored(
    waiting: Waiting, web: Any, answer: Any, fetcher_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A death between two chunks costs no page: those not stored still wait, in the file too."""
    monkeypatch.setattr(behind, "CHUNK", 1)
    web.routes["p.example"] = answer(page(), "text/html")
    web.routes["p.example/robots.txt"] = answer(b"", "text/plain", 404)
    waiting.add([entry("a"), entry("b", hours=3)], NOW)
    stored: list[str | None] = []

    def dies(found: Any) -> int:
        if stored:
            raise SourceError("the disk is full")
        stored.extend(a.url for a in found)
        return 1

    async def go() -> None:
        async with fetcher_of() as fetcher:
            await follow(waiting, fetcher, Bounds(at_once=1), dies, lambda _: None)

    with pytest.raises(SourceError, match="disk is full"):
        asyncio.run(go())
    left = {a.url for a in Waiting.opened(waiting.path).due(NOW)}
    assert left == {"https://p.example/a", "https://p.example/b"} - set(stored)
    assert len(left) == 1


CHILD = """
import asyncio, sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from causemap.tools.fetch import Fetched
from causemap.tools.library import open_library
from causemap.tools.sources import behind
from causemap.tools.sources.feeds import Entry, as_article
from causemap.tools.sources.waiting import Waiting

behind.CHUNK = 3
NOW = datetime(2026, 11, 20, 23, tzinfo=UTC)
NAMES = ("gold", "silver", "copper", "oil", "wheat", "cotton", "sugar", "coffee", "cocoa")
home, hold = Path(sys.argv[1]), sys.argv[2] == "hold"

class Web:
    def clock(self):
        return NOW
    async def read(self, request, reader):
        name = request.url.rpartition("/")[2]
        text = f"The price of {name} fell on Friday, traders said, as buyers of {name} left. "
        body = f"<html><body><article><p>{text * 5}</p></article></body></html>".encode()
        return reader(Fetched(200, request.url, body, "text/html", NOW, False))

def shelve(articles):
    new = library.add(articles).new
    print(new, flush=True)
    if hold and new == 3 and library.count() >= 12:
        sys.stdin.read()  # until killed
    return new

library = open_library(home / "library")
waiting = Waiting.opened(home / "pages.json")
at = NOW - timedelta(hours=1)
told = (Entry(at, f"Why {n} fell", f"https://p.example/{n}", "") for n in NAMES)
entries = [as_article("P", entry, NOW) for entry in told]
library.add(entries)
waiting.add(entries, NOW)
bounds = behind.Bounds(per_host=9)
found = asyncio.run(behind.follow(waiting, Web(), bounds, shelve, lambda _: None))
print("done", found.read, library.count(), len(waiting.due(NOW)), flush=True)
"""


def test_killed_while_pages_come_in_the_next_run_reads_the_rest(tmp_path: Path) -> None:
    """After kill -9 pages stored but not yet noted are read again, and stored once."""
    command = [sys.executable, "-c", CHILD, str(tmp_path)]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    killed = subprocess.Popen(
        [*command, "hold"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env
    )
    assert killed.stdout is not None
    assert killed.stdout.readline().strip() == "3"
    killed.kill()
    killed.communicate()
    assert len(Waiting.opened(tmp_path / "pages.json").due(NOW)) == 9
    again = subprocess.run([*command, "go"], capture_output=True, text=True, check=True, env=env)
    *new, last = again.stdout.splitlines()
    # Nine entries and nine pages; of these the three stored before were known.
    assert last == "done 9 18 0"
    assert sum(map(int, new)) == 6


def test_the_time_of_a_run_is_bounded(run: Follow, web: Any, answer: Any) -> None:
    """A page that drips is given up; it still waits."""
    web.routes["p.example/robots.txt"] = answer(b"", "text/plain", 404)
    web.routes["p.example/a"] = answer(page(), "text/html", drip=0.2)
    assert run(entry("a"), bounds=Bounds(seconds=0.2)) == Followed(left=1)


def test_old_news_and_more_than_enough_do_not_wait(waiting: Waiting) -> None:
    """Entries of the last days only, the newest of a great many."""
    waiting.add([entry("old", hours=24 * 5)], NOW)
    assert waiting.due(NOW) == []
    waiting.add([entry(f"n{n}", hours=n / 100) for n in range(MAX_WAITING + 5)], NOW)
    assert len(waiting.due(NOW)) == MAX_WAITING
    assert f"https://p.example/n{MAX_WAITING}" not in {a.url for a in waiting.due(NOW)}
    assert waiting.due(NOW + timedelta(days=5)) == []


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"u": {}}', '{"u": {"state": "x", "at": "2026-11-20", "entry": null}}']
)
def test_a_broken_file_costs_a_second_visit_at_most(tmp_path: Path, text: str) -> None:
    """It is read as empty and written anew."""
    path = tmp_path / "pages.json"
    path.write_text(text)
    found = Waiting.opened(path)
    assert found.due(NOW) == []
    found.add([entry("a")], NOW)
    assert list(json.loads(path.read_text())) == ["https://p.example/a"]
    assert Waiting.opened(path).due(NOW) == [entry("a")]


def test_a_long_page_is_kept_to_the_end_of_a_paragraph(
    run: Follow, web: Any, answer: Any, library: Library
) -> None:
    """No sentence is cut in two, whatever the page's length."""
    words = "</p><p>".join(f"{n}. {WORDS}" for n in range(60))
    web.routes["p.example/a"] = answer(page(words=words), "text/html")
    assert run(entry("a")).read == 1
    (whole,) = library.window("2026-11-18", NOW.isoformat())
    assert behind.MAX_TEXT - 500 < len(whole.text) < behind.MAX_TEXT + 50
    assert whole.text.endswith("what they could.")


def test_a_run_is_told_in_one_line() -> None:
    """Counts, the reasons with how often, and what is left."""
    unread = tuple(behind.Unread(f"https://p.example/{n}", "p.example: closed") for n in range(2))
    line = told(Followed(3, 2, unread, 4))
    assert line == (
        "3 read, 2 new in the library. 2 not: p.example: closed (2). 4 wait for the next pull"
    )
