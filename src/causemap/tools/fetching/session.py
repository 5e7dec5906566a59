"""A requests session whose every request goes through the fetcher.

yfinance insists on a session of its own kind. This one opens nothing: its adapter hands each
request to the fetcher on the event loop, so guard, limits, pacing and retries hold for it too.
Cookies live in the session, for the time of one pull.
"""

from __future__ import annotations

import asyncio
import io
from collections.abc import Mapping
from concurrent.futures import TimeoutError as NoAnswer
from dataclasses import dataclass
from email.message import Message
from typing import TYPE_CHECKING, Any

import requests
from requests.adapters import BaseAdapter, HTTPAdapter
from urllib3.response import HTTPResponse

from causemap.errors import SourceError
from causemap.tools.fetch import HTML, JSON, Fetched, Fetcher, Request

if TYPE_CHECKING:
    from requests.models import PreparedRequest, Response

_FORWARDED = ("accept-language", "cookie", "user-agent")


@dataclass(frozen=True, slots=True)
class _Original:
    """What requests looks at to find cookies."""

    msg: Message


class FetcherAdapter(BaseAdapter):
    """Answers GET requests with the fetcher's answers; called from another thread than the loop."""

    def __init__(self, fetcher: Fetcher, loop: asyncio.AbstractEventLoop, source: str) -> None:
        super().__init__()
        self._fetcher, self._loop, self._source = fetcher, loop, source
        self._builder = HTTPAdapter()

    def send(
        self,
        request: PreparedRequest,
        stream: bool = False,
        timeout: float | tuple[float, float] | tuple[float, None] | None = None,
        verify: bool | str = True,
        cert: Any = None,
        proxies: Mapping[str, str] | None = None,
    ) -> Response:
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
        )
        coming = asyncio.run_coroutine_threadsafe(
            self._fetcher.read(wanted, lambda fetched: fetched), self._loop
        )
        try:
            fetched = coming.result(self._fetcher.limits.total + 5)
        except (SourceError, NoAnswer, asyncio.CancelledError) as fault:
            coming.cancel()
            raise requests.exceptions.ConnectionError(str(fault)) from fault
        return self._builder.build_response(request, _raw(fetched))

    def close(self) -> None:
        """Nothing to close: the fetcher is its owner's."""


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
