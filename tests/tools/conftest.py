"""A web server on loopback that plays any host, with every fault a source must survive."""

from __future__ import annotations

import http.server
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import httpcore
import pytest

from causemap.tools.fetch import Fetcher, Limits
from causemap.tools.fetching.address import Policy
from causemap.tools.fetching.pacing import Pacing

NOW = datetime(2026, 11, 20, 23, 0, tzinfo=UTC)
# Quick to try again, but with time enough for a busy machine.
QUICK = Limits(attempt=8.0, total=20.0, attempts=2, first_wait=0.01, longest_wait=0.05)


@dataclass(frozen=True)
class Answer:
    """What the server sends; ``drip`` waits between single bytes, ``cut`` drops the end."""

    body: bytes = b""
    kind: str = "application/json"
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    drip: float = 0.0
    cut: int = 0


Route = Answer | Callable[["Asked"], Answer]


@dataclass(frozen=True)
class Asked:
    """A request as the server saw it."""

    host: str
    path: str
    query: str
    headers: dict[str, str]

    @property
    def page(self) -> str:
        """Host and path, the key of the routes."""
        return self.host + self.path


@dataclass
class Web:
    """Routes by ``host/path`` (or by host alone, or ``*``), and the log of what was asked."""

    port: int = 0
    routes: dict[str, Route] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)

    def answer(self, asked: Asked) -> Answer:
        """The answer of the most exact route; 404 without one."""
        self.asked.append(asked)
        for key in (asked.page, asked.host, "*"):
            if key in self.routes:
                found = self.routes[key]
                return found if isinstance(found, Answer) else found(asked)
        return Answer(b"not here", "text/plain", 404)

    def count(self, page: str) -> int:
        """How often a page (or host) was asked for."""
        return sum(page in (a.page, a.host) for a in self.asked)


class PlainStream(httpcore.AsyncNetworkStream):
    """A connection whose TLS is skipped: the stand-in speaks plain HTTP for https addresses too."""

    def __init__(self, inner: httpcore.AsyncNetworkStream) -> None:
        self._inner = inner

    async def read(self, *args: Any, **more: Any) -> bytes:
        """Bytes of the connection beneath."""
        return await self._inner.read(*args, **more)

    async def write(self, *args: Any, **more: Any) -> None:
        """Bytes to the connection beneath."""
        await self._inner.write(*args, **more)

    async def aclose(self) -> None:
        """Close the connection beneath."""
        await self._inner.aclose()

    async def start_tls(self, *_: Any, **__: Any) -> httpcore.AsyncNetworkStream:
        """Stay plain."""
        return self

    def get_extra_info(self, info: str) -> Any:
        """What the connection beneath says."""
        return self._inner.get_extra_info(info)


class StandIn(httpcore.AsyncNetworkBackend):
    """Leads every host to one local server, which tells them apart by the Host header."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._inner = httpcore.AnyIOBackend()

    async def connect_tcp(self, *_: Any, **__: Any) -> httpcore.AsyncNetworkStream:
        """A connection to the stand-in, whoever was asked for."""
        return PlainStream(await self._inner.connect_tcp("127.0.0.1", self._port, 5.0))

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await self._inner.sleep(seconds)


def _headers(answer: Answer) -> Iterator[tuple[str, str]]:
    if answer.kind:
        yield "Content-Type", answer.kind
    if answer.status != 304:
        yield "Content-Length", str(len(answer.body))
    yield from answer.headers


def _handler(web: Web) -> type[http.server.BaseHTTPRequestHandler]:
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            """Say nothing."""

        def do_GET(self) -> None:  # the standard library's name
            parts = urlsplit(self.path)
            headers = {k.lower(): v for k, v in self.headers.items()}
            host = headers.get("host", "").rsplit(":", 1)[0]
            self._send(web.answer(Asked(host, parts.path, parts.query, headers)))

        def _send(self, answer: Answer) -> None:
            self.send_response(answer.status)
            for name, value in _headers(answer):
                self.send_header(name, value)
            self.end_headers()
            try:
                self._body(answer)
            except OSError:
                self.close_connection = True

        def _body(self, answer: Answer) -> None:
            size = 1 if answer.drip else len(answer.body) + 1
            whole = answer.body[: len(answer.body) - answer.cut]
            for i in range(0, len(whole), size):
                self.wfile.write(whole[i : i + size])
                time.sleep(answer.drip)
            self.close_connection = self.close_connection or bool(answer.cut)

    return Handler


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *given: Any) -> None:
        """Who hangs up between two requests is told of nowhere: tests look at standard error."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(*given)


@pytest.fixture
def web() -> Iterator[Web]:
    """A running stand-in for the whole web."""
    found = Web()
    server = _Server(("127.0.0.1", 0), _handler(found))
    found.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield found
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def answer() -> type[Answer]:
    """The answer record, for tests to build theirs."""
    return Answer


@pytest.fixture
def fetcher_of(web: Web) -> Callable[..., Fetcher]:
    """Build a quick fetcher; every host leads to the stand-in unless a policy is given."""

    def build(**more: Any) -> Fetcher:
        if "policy" not in more:
            more.setdefault("backend", StandIn(web.port))
        more.setdefault("pacing", Pacing(rate=10_000.0))
        more.setdefault("clock", lambda: NOW)
        return Fetcher(**{"user_agent": "causemap-tests/1", "limits": QUICK, **more})

    return build


@pytest.fixture
def loopback() -> Policy:
    """The default policy that also lets this test's own server through."""
    return Policy(also=frozenset({"127.0.0.1"}))


@pytest.fixture
def now() -> datetime:
    """The moment at which the test fetchers read."""
    return NOW
