"""A scripted OpenAI-compatible server: real HTTP on loopback, streaming, tool calls, faults.

A *script* is a function from a request to a :class:`Reply`; the server speaks the protocol. Used
by the tests and by ``benchmarks/llm.py``.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Request:
    """What the server was asked: the JSON body and the Authorization header."""

    body: dict[str, Any]
    key: str
    at: float

    @property
    def system(self) -> str:
        """The system message, or an empty text."""
        found = (m["content"] for m in self.body["messages"] if m["role"] == "system")
        return str(next(found, ""))

    @property
    def user(self) -> str:
        """The user's message."""
        return str(next(m["content"] for m in self.body["messages"] if m["role"] == "user"))

    @property
    def agent(self) -> str:
        """Which prompt of the package this is, by the first words of its system part."""
        for start, name in _AGENTS:
            if self.system.startswith(start):
                return name
        return "probe"

    @property
    def format(self) -> str:
        """The rung of the ladder the request is on."""
        return str(self.body.get("response_format", {}).get("type", "prompt"))


_AGENTS = (
    ("You read outside texts", "reader"),
    ("You are the", "desk"),
    ("You argue against", "sceptic"),
    ("You write the account", "writer"),
    ("Some sentences of an account", "repair"),
    ("You help with questions", "chat"),
    ("You decide which cause", "single"),
)


@dataclass(frozen=True)
class Reply:
    """What the server does: an answer, tool calls, an error status, a hang, a broken stream."""

    text: str = ""
    tools: tuple[tuple[str, str], ...] = ()
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    refusal: str = ""
    hang: float = 0.0
    cut: bool = False
    garbled: bool = False
    events: tuple[bytes, ...] = ()
    usage: tuple[int, int] | None = (120, 40)
    finish: str = "stop"


Script = Callable[[Request], Reply]


@dataclass
class Server:
    """A running server: its address, and every request it has seen."""

    url: str = ""
    seen: list[Request] = field(default_factory=list)
    delay: float = 0.0
    most_at_once: int = 0
    inside: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)
    closing: threading.Event = field(default_factory=threading.Event)

    def agents(self) -> list[str]:
        """Who asked, in order."""
        return [request.agent for request in self.seen]


def _chunk(delta: dict[str, Any], finish: str | None = None, model: str = "scripted-1") -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    event = {
        "id": "c",
        "object": "chat.completion.chunk",
        "created": 0,
        "model": model,
        "choices": [choice],
    }
    return f"data: {json.dumps(event)}\n\n".encode()


def _events(reply: Reply, *, usage: bool) -> Iterator[bytes]:
    yield _chunk({"role": "assistant", "content": ""})
    if reply.events:
        yield from (b"data: " + event + b"\n\n" for event in reply.events)
        yield b"data: [DONE]\n\n"
        return
    if reply.garbled:
        yield b"data: {not json\n\n"
        return
    text = reply.text
    for at in range(0, len(text), 400):
        yield _chunk({"content": text[at : at + 400]})
        if reply.cut:
            return
    if reply.refusal:
        yield _chunk({"refusal": reply.refusal})
    for n, (name, arguments) in enumerate(reply.tools):
        call = {"index": n, "id": f"call_{n}", "type": "function"}
        yield _chunk({"tool_calls": [{**call, "function": {"name": name, "arguments": ""}}]})
        for part in (arguments[:5], arguments[5:]):
            yield _chunk({"tool_calls": [{"index": n, "function": {"arguments": part}}]})
    yield _chunk({}, "tool_calls" if reply.tools else reply.finish)
    if usage and reply.usage:
        told = {
            "prompt_tokens": reply.usage[0],
            "completion_tokens": reply.usage[1],
            "total_tokens": sum(reply.usage),
        }
        last = {"id": "c", "object": "chat.completion.chunk", "created": 0, "model": "scripted-1"}
        yield f"data: {json.dumps({**last, 'choices': [], 'usage': told})}\n\n".encode()
    yield b"data: [DONE]\n\n"


def _handler(server: Server, script: Script) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("content-length", "0"))
            body = json.loads(self.rfile.read(length))
            request = Request(body, self.headers.get("authorization", ""), time.monotonic())
            with server.lock:
                server.seen.append(request)
                server.inside += 1
                server.most_at_once = max(server.most_at_once, server.inside)
            try:
                self.answer(request, script(request))
            except (BrokenPipeError, ConnectionResetError):
                pass
            finally:
                with server.lock:
                    server.inside -= 1

        def answer(self, request: Request, reply: Reply) -> None:
            server.closing.wait(reply.hang or server.delay)
            self.send_response(reply.status)
            for name, value in reply.headers:
                self.send_header(name, value)
            self.send_header("connection", "close")
            if reply.status != 200:
                # As careless servers do: the key is echoed in the error.
                told = {"error": {"message": f"no ({request.key})", "type": "x"}}
                self.send_header("content-type", "application/json")
                self.end_headers()
                self.wfile.write(json.dumps(told).encode())
                return
            self.send_header("content-type", "text/event-stream")
            self.end_headers()
            usage = bool(request.body.get("stream_options", {}).get("include_usage"))
            for event in _events(reply, usage=usage):
                self.wfile.write(event)

        def log_message(self, *_: object) -> None:
            """Keep the test output quiet."""

    return Handler


@contextmanager
def serving(script: Script, delay: float = 0.0) -> Iterator[Server]:
    """Serve a script on a free loopback port until the block ends."""
    server = Server(delay=delay)
    http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(server, script))
    http.daemon_threads = True
    server.url = f"http://127.0.0.1:{http.server_address[1]}/v1"
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.closing.set()
        http.shutdown()
        http.server_close()
        thread.join()


# --- a model that does as it should ---------------------------------------------------------------


def obliging(request: Request) -> Reply:
    """A model that fills every form sensibly from the table it is shown."""
    made = _ANSWERS[request.agent](request)
    return Reply(json.dumps(made), usage=(len(json.dumps(request.body)) // 4, 150))


def table_ids(request: Request) -> list[str]:
    """Evidence ids in the prompt's table, in order."""
    lines = request.user.splitlines()
    return [line.split(" | ")[0] for line in lines if line.count(" | ") >= 2 and "." in line]


def _turning(request: Request) -> list[str]:
    """Ids of window changes: their sentence can carry a verb slot."""
    return [key for key in table_ids(request) if key.endswith(".change")]


def _sentence(key: str) -> dict[str, Any]:
    text = f"{{{key}|said|text}} stood at {{{key}|value|auto}}."
    return {"text": text, "evidence": [key]}


def _desk(request: Request) -> dict[str, Any]:
    ids = table_ids(request)
    return {
        "reasoning": "The table is read line by line.",
        "findings": [_sentence(key) for key in ids[:2]],
        "doubts": [_sentence(ids[-1])],
        "objections": [],
    }


def _sceptic(request: Request) -> dict[str, Any]:
    ids = table_ids(request)
    return {
        "reasoning": "The rival needs its own evidence.",
        "alternative": "growth_scare",
        "why": _sentence(ids[0]),
        "objections": [{"text": "It is one item only.", "evidence": [ids[0]]}],
    }


def _writer(request: Request) -> dict[str, Any]:
    ids = table_ids(request)
    sections = ("mechanism", "mechanism", "why_not", "counter")
    return {
        "reasoning": "The steps are told in order.",
        "sentences": [
            {"section": section, **_sentence(key)}
            for section, key in zip(sections, ids, strict=False)
        ],
    }


def _single(_request: Request) -> dict[str, Any]:
    return {
        "reasoning": "Leadership fell beyond beta.",
        "probabilities": {"ai_rerating": 0.7, "rates_shock": 0.3},
        "primary": "ai_rerating",
    }


_ANSWERS: dict[str, Callable[[Request], dict[str, Any]]] = {
    "probe": lambda _: {"ok": True},
    "reader": lambda _: {"claims": []},
    "desk": _desk,
    "sceptic": _sceptic,
    "writer": _writer,
    "repair": _writer,
    "single": _single,
    "chat": lambda _: {
        "intent": "why",
        "causes": [],
        "items": [],
        "change": "none",
        "opening": "",
    },
}
