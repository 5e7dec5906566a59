"""A requests session whose every request goes through the fetcher.

yfinance insists on a session of its own kind. This one opens nothing: its adapter hands each
request to the fetcher on the event loop, so guard, limits, pacing and retries hold for it too.
Cookies live in the session, for the time of one pull.
"""

from __future__ import annotations

import asyncio
import io
from concurrent.futures import CancelledError, Future
from concurrent.futures import TimeoutError as NoAnswer
from dataclasses import dataclass
from email.message import Message
from typing import TYPE_CHECKING, Final

import requests
from requests.adapters import BaseAdapter, HTTPAdapter
from urllib3.response import HTTPResponse

from causemap.errors import SourceError
from causemap.tools.fetch import HTML, JSON, Fetched, Fetcher, Request

if TYPE_CHECKING:
    from requests.models import PreparedRequest, Response

Session = requests.Session
SessionFault = requests.exceptions.RequestException
_FORWARDED: Final = ("accept-language", "cookie", "user-agent")


@dataclass(frozen=True, slots=True)
class _Original:
    """What requests and urllib3 ask of the answer beneath: headers, for the cookies."""

    msg: Message

    def isclosed(self) -> bool:
        """The body was read before."""
        return True

    def close(self) -> None:
        """Nothing is open."""


class FetcherAdapter(BaseAdapter):
    """Answers GET requests with the fetcher's answers; called from another thread than the loop."""

    def __init__(self, fetcher: Fetcher, loop: asyncio.AbstractEventLoop, source: str) -> None:
        super().__init__()
        self._open: set[Future[Fetched]] = set()
        self._closed = False
        self._fetcher, self._loop, self._source = fetcher, loop, source
        self._builder = HTTPAdapter()

    def send(self, request: PreparedRequest, *_: object, **__: object) -> Response:
        """The answer to ``request``; faults become the library's own connection error."""
        if request.method != "GET" or request.url is None:
            raise requests.exceptions.InvalidSchema("only GET goes through the fetcher")
        sent = {name.lower(): value for name, value in request.headers.items()}
        headers = tuple((n, _text(sent[n])) for n in _FORWARDED if n in sent)
        wanted = Request(
            self._source,
            request.url,
            headers=headers,
            accept=(*JSON, *HTML, "text/plain"),
            max_bytes=8_000_000,
            any_status=True,
            keep=False,
        )
        return self._builder.build_response(request, _raw(self._answer(wanted)))

    def _answer(self, wanted: Request) -> Fetched:
        if self._closed:
            raise requests.exceptions.ConnectionError("the pull is over")
        reading = self._fetcher.read(wanted, lambda fetched: fetched)
        coming = asyncio.run_coroutine_threadsafe(reading, self._loop)
        self._open.add(coming)
        try:
            return coming.result(self._fetcher.limits.total + 5)
        except (SourceError, NoAnswer, CancelledError) as fault:
            coming.cancel()
            raise requests.exceptions.ConnectionError(str(fault)) from fault
        finally:
            self._open.discard(coming)

    def close(self) -> None:
        """Call off what is under way, and answer nothing more: threads end, not linger."""
        self._closed = True
        for coming in tuple(self._open):
            coming.cancel()


def fetcher_session(
    fetcher: Fetcher, loop: asyncio.AbstractEventLoop, source: str
) -> requests.Session:
    """A session for a library that brings its own idea of the web."""
    session = requests.Session()
    session.trust_env = False
    session.headers["User-Agent"] = fetcher.user_agent
    adapter = FetcherAdapter(fetcher, loop, source)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session


def _raw(fetched: Fetched) -> HTTPResponse:
    message = Message()
    for name, value in fetched.headers:
        message[name] = value
    kept = {n: v for n, v in fetched.headers if n not in ("content-encoding", "content-length")}
    return HTTPResponse(
        body=io.BytesIO(fetched.body),
        headers=kept,
        status=fetched.status,
        preload_content=False,
        original_response=_Original(message),  # type: ignore[arg-type]  # only .msg is read
    )


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value
