"""The one fetcher: the only place where an address is opened.

Every request passes the guard when the connection is made (:mod:`..fetching.connection`), is paced
per host, bounded in time and decoded size, and retried here and nowhere else: after 429, 5xx and
timeouts, never after another 4xx. Redirects are followed by hand, at most three, each checked like
the first. Answers are cached only after their reader has accepted them.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final, Self, TypeVar
from urllib.parse import quote, quote_plus, urljoin

import httpcore
import stamina

from causemap.tools.fetching.address import Policy, Target, read_target
from causemap.tools.fetching.cache import Cache, Entry
from causemap.tools.fetching.connection import PinnedBackend, open_pool
from causemap.tools.fetching.decoding import ENCODINGS, read_body
from causemap.tools.fetching.faults import FetchError, Refused
from causemap.tools.fetching.pacing import Pacing
from causemap.tools.fetching.request import (
    CSV,
    HTML,
    JSON,
    MAX_BYTES,
    XML,
    Fetched,
    Pairs,
    Request,
    params,
    with_params,
)
from causemap.tools.fetching.robots import MAX_BYTES as ROBOTS_BYTES
from causemap.tools.fetching.robots import TYPES as ROBOTS_TYPES
from causemap.tools.fetching.robots import Robots

# Retries are told by the error that remains; each one on standard error would be noise.
logging.getLogger("stamina").setLevel(logging.ERROR)

__all__ = [
    "CSV",
    "HTML",
    "JSON",
    "MAX_BYTES",
    "XML",
    "Fetched",
    "Fetcher",
    "Limits",
    "Pairs",
    "Request",
    "params",
    "retry_after",
]

T = TypeVar("T")

MAX_REDIRECTS: Final = 3
# Headers that must not follow a redirect to another host.
_PRIVATE: Final = {"cookie", "authorization"}
_MOVED: Final = {301, 302, 303, 307, 308}


@dataclass(frozen=True, slots=True)
class Limits:
    """Times in seconds: one attempt, all attempts together, the first and longest pause."""

    attempt: float = 10.0
    total: float = 30.0
    attempts: int = 3
    first_wait: float = 0.5
    longest_wait: float = 8.0


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(slots=True)
class Fetcher:
    """Use as ``async with Fetcher(...) as fetcher``; belongs to one event loop.

    Without a ``cache`` nothing is stored. ``replay`` answers from the cache alone.
    """

    user_agent: str
    cache: Cache | None = None
    replay: bool = False
    policy: Policy = field(default_factory=Policy)
    limits: Limits = field(default_factory=Limits)
    pacing: Pacing = field(default_factory=Pacing)
    backend: httpcore.AsyncNetworkBackend | None = None
    clock: Callable[[], datetime] = _now
    _pool: httpcore.AsyncConnectionPool = field(init=False, repr=False)
    _robots: Robots = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._pool = open_pool(self.backend or PinnedBackend(self.policy))
        self._robots = Robots(self._robots_text, self.user_agent)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._pool.aclose()

    async def get(
        self,
        url: str,
        *,
        source: str = "",
        accept: tuple[str, ...] = JSON,
        max_bytes: int = MAX_BYTES,
        page: bool = False,
    ) -> Fetched:
        """The answer of one address as it came; see :class:`Request` for the arguments.

        Raises:
            Refused: the guard will not open it, or not take its answer.
            FetchError: it could not be read.
        """
        return await self.read(
            Request(source, url, accept=accept, max_bytes=max_bytes, page=page), _same
        )

    async def read(self, request: Request, parse: Callable[[Fetched], T]) -> T:
        """What ``parse`` makes of the answer; only an answer it accepts is stored.

        Raises:
            Refused: the guard will not open it, or not take its answer.
            FetchError: it could not be read; in replay also when it was never recorded.
            SourceError: raised by ``parse``.
        """
        held = self._held(request)
        if held is not None and (self.replay or self._fresh(held, request.ttl)):
            return await asyncio.to_thread(parse, _from_entry(held))
        target = read_target(request.address, self.policy)
        if self.replay:
            raise FetchError(target.host, "was not recorded, and replay asks nobody")
        if request.page:
            await self._robots.check(target.origin, target.url, target.host)
        fetched = await self._retried(request, held)
        # In a thread: while a hostile page is read, deadlines hold and other answers come.
        value = await asyncio.to_thread(parse, fetched)
        self._store(request, target, fetched)
        return value

    def _held(self, request: Request) -> Entry | None:
        if self.cache is None or not request.keep:
            return None
        return self.cache.load(request.source, request.address, request.as_of)

    def _fresh(self, entry: Entry, ttl: float) -> bool:
        age = (self.clock() - datetime.fromisoformat(entry.retrieved_at)).total_seconds()
        return 0 <= age < ttl

    def _store(self, request: Request, asked: Target, fetched: Fetched) -> None:
        """Keep a whole, accepted answer of the host that was asked."""
        same_host = read_target(fetched.url, self.policy).host == asked.host
        too_late = request.as_of is not None and fetched.retrieved_at > request.as_of
        if (
            self.cache is None
            or not request.keep
            or fetched.status != 200
            or not same_host
            or too_late
        ):
            return
        entry = Entry(
            url=fetched.url,
            status=fetched.status,
            content_type=fetched.content_type,
            retrieved_at=fetched.retrieved_at.isoformat(),
            etag=fetched.header("etag"),
            last_modified=fetched.header("last-modified"),
            sha256=hashlib.sha256(fetched.body).hexdigest(),
            body=fetched.body,
        )
        self.cache.store(request.source, request.address, request.as_of, entry)

    async def _retried(self, request: Request, held: Entry | None) -> Fetched:
        limits = self.limits
        try:
            async with asyncio.timeout(limits.total):
                async for attempt in stamina.retry_context(
                    on=self._pause,
                    attempts=limits.attempts,
                    timeout=limits.total,
                    wait_initial=limits.first_wait,
                    wait_max=limits.longest_wait,
                    wait_jitter=limits.first_wait,
                ):
                    with attempt:
                        return await self._attempt(request, held)
        except TimeoutError as fault:
            host = read_target(request.address, self.policy).host
            raise FetchError(host, f"no answer within {limits.total:g} s") from fault
        raise AssertionError("the retry loop returns or raises")

    def _pause(self, fault: Exception) -> bool | float:
        """Whether to ask again, or after how many seconds when the server has said so."""
        if not isinstance(fault, FetchError) or not fault.transient:
            return False
        if fault.retry_after is None:
            return True
        return fault.retry_after if fault.retry_after <= self.limits.longest_wait else False

    async def _attempt(self, request: Request, held: Entry | None) -> Fetched:
        """One request and its redirects, within the time of one attempt."""
        target = read_target(with_params(request.address, request.secrets), self.policy)
        breaker = self.pacing.breaker(target.host)
        breaker.admit(target.host)
        try:
            await self.pacing.limiter(target.host).acquire()
            async with asyncio.timeout(self.limits.attempt):
                fetched = await self._follow(request, target, held)
        except TimeoutError as fault:
            said = f"no whole answer within {self.limits.attempt:g} s"
            breaker.failed(said)
            raise FetchError(target.host, said, transient=True) from fault
        except FetchError as fault:
            if fault.transient:
                breaker.failed(fault.why, fault.retry_after)
            else:
                breaker.succeeded()
            raise
        except asyncio.CancelledError:
            breaker.abandoned()
            raise
        breaker.succeeded()
        return fetched

    async def _follow(self, request: Request, first: Target, held: Entry | None) -> Fetched:
        target, url = first, read_target(request.address, self.policy).url
        for _ in range(MAX_REDIRECTS + 1):
            answer = await self._exchange(
                request, target, url, held, away=target.host != first.host
            )
            if answer.status == 304:
                if held is None or target.host != first.host:
                    raise FetchError(target.host, "answered with status 304, unasked", status=304)
                return replace(_from_entry(held), retrieved_at=self.clock())
            if answer.status not in _MOVED:
                return answer
            target = self._next(target, answer.header("location"))
            if request.page:
                await self._robots.check(target.origin, target.url, target.host)
            url = _hidden(target.url, request.secrets)
        raise Refused(first.host, f"more than {MAX_REDIRECTS} redirects")

    def _next(self, here: Target, location: str) -> Target:
        if not location:
            raise Refused(here.host, "redirects without saying where to")
        try:
            moved = urljoin(here.url, location)
        except ValueError as fault:
            raise Refused(here.host, "redirects to no well-formed address") from fault
        there = read_target(moved, self.policy)
        if here.scheme == "https" and there.scheme != "https":
            raise Refused(here.host, "redirects from https to http")
        return there

    async def _exchange(
        self, request: Request, target: Target, url: str, held: Entry | None, *, away: bool
    ) -> Fetched:
        headers = self._headers(request, held, away=away)
        try:
            async with self._pool.stream("GET", target.url, headers=headers) as response:
                return await self._answer(request, target, url, response)
        except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException) as fault:
            said = f"the connection failed ({type(fault).__name__})"
            raise FetchError(target.host, said, transient=True) from fault

    def _headers(
        self, request: Request, held: Entry | None, *, away: bool
    ) -> list[tuple[bytes, bytes]]:
        own = {
            "user-agent": self.user_agent,
            "accept": ", ".join(filter(None, request.accept)),
            "accept-encoding": ENCODINGS,
        }
        if held is not None and not away:
            own |= {"if-none-match": held.etag, "if-modified-since": held.last_modified}
        asked = {name.lower(): value for name, value in request.headers}
        dropped = _PRIVATE if away else set()
        merged = {**own, **asked}
        # As they were read: a server's own tag may hold letters beyond ASCII.
        return [
            (name.encode("ascii"), text.encode("latin-1"))
            for name, text in merged.items()
            if text and name not in dropped
        ]

    async def _answer(
        self, request: Request, target: Target, url: str, response: httpcore.Response
    ) -> Fetched:
        headers = _pairs(response.headers)
        said = Fetched(
            response.status, url, b"", "", self.clock(), from_cache=False, headers=headers
        )
        if response.status in _MOVED or response.status == 304:
            return said
        _check_status(response.status, target.host, said, lenient=request.any_status)
        kind = said.header("content-type").partition(";")[0].strip().lower()
        if response.status == 200 and kind not in request.accept:
            raise Refused(
                target.host, f"answered {kind[:60] or 'no type'}, which was not asked for"
            )
        body = await read_body(
            response.aiter_stream(),
            said.header("content-encoding").strip().lower(),
            request.max_bytes,
            target.host,
        )
        return replace(said, body=body, content_type=said.header("content-type"))

    async def _robots_text(self, url: str) -> str:
        request = Request("robots", url, accept=ROBOTS_TYPES, max_bytes=ROBOTS_BYTES)
        return (await self._retried(request, None)).body.decode("utf-8", "replace")


def _same(fetched: Fetched) -> Fetched:
    return fetched


def _pairs(raw: Iterable[tuple[bytes, bytes]]) -> Pairs:
    return tuple((k.decode("latin-1").lower(), v.decode("latin-1")) for k, v in raw)


def _hidden(url: str, secrets: Pairs) -> str:
    """``url`` without the values of secret parameters (a redirect may repeat them)."""
    for _, value in secrets:
        for written in {value, quote(value, safe=""), quote_plus(value)} - {""}:
            url = url.replace(written, "***")
    return url


def _from_entry(held: Entry) -> Fetched:
    moment = datetime.fromisoformat(held.retrieved_at)
    headers = (("etag", held.etag), ("last-modified", held.last_modified))
    return Fetched(
        held.status,
        held.url,
        held.body,
        held.content_type,
        moment,
        from_cache=True,
        headers=headers,
    )


def _check_status(status: int, host: str, said: Fetched, *, lenient: bool) -> None:
    """Raise for what is not an answer: 429 and 5xx may be asked again, another 4xx never."""
    if status == 200 or (lenient and 400 <= status < 500 and status != 429):
        return
    later = status == 429 or status >= 500
    raise FetchError(
        host,
        f"answered with status {status}",
        status=status,
        transient=later,
        retry_after=retry_after(said.header("retry-after"), said.retrieved_at) if later else None,
    )


def retry_after(text: str, now: datetime) -> float | None:
    """Seconds to wait by a Retry-After header (a number or an HTTP date), or none."""
    if text.strip().isdecimal():
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    zoned = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (zoned - now).total_seconds())
