"""The pages behind the entries of feeds: what a feed announces, read whole where it may be.

Only addresses that entries of the feeds read carry are opened, each by the guarded fetcher and only
where the site's robots.txt lets programs in. The newest come first, a few of each host and a
bounded number a run; what is left waits for the next run. What a page adds is a later version of
its entry, known from the moment it was read: place, publisher and time stay the feed's.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from causemap.errors import SourceError
from causemap.tools.fetching.faults import FetchError
from causemap.tools.library.moments import iso, moment_of
from causemap.tools.library.words import terms
from causemap.tools.sources.feeds import opened_by
from causemap.tools.sources.pages import page_request, page_text

if TYPE_CHECKING:
    from causemap.articles import Article
    from causemap.tools.fetch import Fetched, Fetcher
    from causemap.tools.sources.waiting import Waiting

# Pages safe in the library at a time: a run that is killed loses at most so many.
CHUNK: Final = 10
# Enough for any news story; two hundred of them are read for claims in a desk's time.
MAX_TEXT: Final = 12_000
# Fewer of the title's terms than this on the page, and it is a consent wall or another article.
ABOUT: Final = 0.3


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one run may ask for; ``seconds`` is for all pages together."""

    pages: int = 40
    per_host: int = 8
    seconds: float = 90.0
    at_once: int = 4


@dataclass(frozen=True, slots=True)
class Unread:
    """A page that gave no text, and why; ``later`` says that asking again soon may help."""

    url: str
    why: str
    later: bool = False


@dataclass(frozen=True, slots=True)
class Followed:
    """How a run ended: pages read, of them new to the library, not read, and left for later."""

    read: int = 0
    new: int = 0
    unread: tuple[Unread, ...] = ()
    left: int = 0


# Called with every page as it comes, and with what stores articles and says how many were new.
Seen = Callable[["Article | Unread"], None]
Shelve = Callable[[Sequence["Article"]], int]


async def follow(
    waiting: Waiting, fetcher: Fetcher, bounds: Bounds, shelve: Shelve, seen: Seen
) -> Followed:
    """Read pages that wait, put them into the library, and note which need not be asked again.

    Raises:
        SourceError: the library cannot store them (what was stored before stays noted).
    """
    now = fetcher.clock()
    every = waiting.due(now)
    chosen = bounded(every, bounds)
    found: list[Article] = []
    unread: list[Unread] = []
    read = new = 0
    async with aclosing(_read(chosen, fetcher, bounds)) as pages:
        async for page in pages:
            seen(page)
            if isinstance(page, Unread):
                unread.append(page)
                waiting.refused(page, now)
                continue
            found.append(page)
            read += 1
            if len(found) == CHUNK:
                new += await _kept(found, waiting, shelve, now)
    new += await _kept(found, waiting, shelve, now)
    return Followed(read, new, tuple(unread), len(every) - read - len(unread))


async def _kept(found: list[Article], waiting: Waiting, shelve: Shelve, now: datetime) -> int:
    """Store what was found and note it as done, in this order: a death in between repeats it."""
    # In a thread: a library's first use takes seconds, in which pages go on coming.
    new = await asyncio.to_thread(shelve, tuple(found)) if found else 0
    waiting.done(found, now)
    found.clear()
    return new


def bounded(entries: Iterable[Article], bounds: Bounds) -> list[Article]:
    """The newest entries within the bounds, no host with more than its share."""
    asked: Counter[str] = Counter()
    chosen: list[Article] = []
    for entry in sorted(entries, key=lambda e: (moment_of(e.published), e.id), reverse=True):
        host = urlsplit(entry.url or "").hostname
        if host is None or asked[host] >= bounds.per_host:
            continue
        asked[host] += 1
        chosen.append(entry)
    return chosen[: bounds.pages]


async def _read(
    entries: Sequence[Article], fetcher: Fetcher, bounds: Bounds
) -> AsyncGenerator[Article | Unread, None]:
    """Pages as they come, until all have come or the time is over."""
    gate, clock = asyncio.Semaphore(bounds.at_once), asyncio.get_running_loop().time

    async def one(entry: Article) -> Article | Unread:
        async with gate:
            return await _page(fetcher, entry)

    tasks = {asyncio.create_task(one(entry)): entry for entry in entries}
    coming, ends = set(tasks), clock() + bounds.seconds
    try:
        while coming:
            rest = max(0.0, ends - clock())
            came, coming = await asyncio.wait(coming, timeout=rest, return_when="FIRST_COMPLETED")
            if not came:
                return
            for task in came:
                yield _ended(tasks[task], task)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _ended(entry: Article, task: asyncio.Task[Article | Unread]) -> Article | Unread:
    if (fault := task.exception()) is not None:
        # A page that no reader foresaw must not cost the others.
        return Unread(entry.url or "", f"unforeseen {type(fault).__name__}: {str(fault)[:120]}")
    return task.result()


async def _page(fetcher: Fetcher, entry: Article) -> Article | Unread:
    url = entry.url or ""
    try:
        return await fetcher.read(page_request(url), lambda fetched: version(entry, fetched))
    except FetchError as fault:
        later = fault.transient or fault.retry_after is not None
        return Unread(url, str(fault), later)
    except SourceError as fault:
        return Unread(url, str(fault))


def version(entry: Article, fetched: Fetched) -> Article:
    """The entry with its page's text, known from the moment the page was read.

    Raises:
        SourceError: no article text, one about something else, or no more than the feed said.
    """
    text, host = page_text(fetched), urlsplit(fetched.url).hostname or ""
    wanted, held = set(terms(entry.title)), set(terms(text))
    if len(wanted & held) < ABOUT * len(wanted):
        raise SourceError(f"{host}: the page is not about what the feed announced")
    whole = opened_by(entry.title, _beginning(text))
    if len(whole) <= len(entry.text):
        raise SourceError(f"{host}: the page says no more than the feed")
    at = iso(fetched.retrieved_at)
    return replace(entry, text=whole, retrieved=at, available=at)


def _beginning(text: str) -> str:
    """The paragraphs of a text up to :data:`MAX_TEXT`: half a sentence could say the contrary."""
    if len(text) <= MAX_TEXT:
        return text
    head, _, _ = text[: MAX_TEXT + 1].rpartition("\n")
    return head or text[:MAX_TEXT].rpartition(". ")[0]


def told(found: Followed) -> str:
    """One line on a run: what was read, and why the rest was not, most frequent reason first."""
    parts = [f"{found.read} read, {found.new} new in the library"]
    if found.unread:
        reasons = Counter(page.why for page in found.unread).most_common(4)
        more = len({page.why for page in found.unread}) - len(reasons)
        said = "; ".join(f"{why} ({count})" if count > 1 else why for why, count in reasons)
        parts.append(f"{len(found.unread)} not: {said}{f'; {more} more reasons' if more else ''}")
    if found.left:
        parts.append(f"{found.left} wait for the next pull")
    return ". ".join(parts)
