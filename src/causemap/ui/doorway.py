"""What every answer of the server carries: a content policy, and a visitor's cookie.

The policy is the second wall behind the egress filter: even markup that slipped through could load
nothing from elsewhere and run no script. The cookie tells visitors apart, so that histories and
follow-ups stay with whoever asked; it names nobody and leaves the machine nowhere.
"""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from http.cookies import CookieError, SimpleCookie
from pathlib import Path
from typing import TYPE_CHECKING, Final

import streamlit
from starlette.datastructures import Headers, MutableHeaders

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE: Final = "causemap_visitor"
_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{22,64}")
_YEAR: Final = 365 * 24 * 3600

# Charts compile their formulas and components style themselves; images, fonts, connections and
# frames stay at home.
_POLICY: Final = (
    "default-src 'none'; script-src 'self' 'unsafe-eval'{own}; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; "
    "worker-src 'self' blob:; manifest-src 'self'; media-src 'self'; frame-src 'none'; "
    "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)
_INLINE: Final = re.compile(r"<script>(.*?)</script>", re.DOTALL)
HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}


# The server's shell asks for a part only when it draws the first one of its kind. What the first
# page needs is named with the shell; what the drawings and tables need is fetched at leisure.
_FIRST: Final = ("Html", "purify.es", "PageLink", "ButtonGroup", "Selectbox")
_LATER: Final = (
    "ArrowVegaLiteChart",
    "embed",
    "vega-interpreter",
    "recordbatch",
    "serialization",
    "EChartsChart",
    "arrowFormatUtils",
    "moment",
    "DataFrame",
    "TextInput",
    "Checkbox",
    "ChatInput",
)


def ahead(static: Path) -> str:
    """The ``Link`` header of a page: scripts of the server's shell that are wanted soon.

    Names carry a digest that changes with the server's version; a part that is not there is left
    out, so the header can only save time.
    """
    links = [f"<{at}>; rel=modulepreload" for at in _scripts(static, _FIRST)]
    links += [f"<{at}>; rel=prefetch; as=script" for at in _scripts(static, _LATER)]
    return ", ".join(links)


def _scripts(static: Path, names: tuple[str, ...]) -> list[str]:
    found = (sorted((static / "js").glob(f"{name}.????????.js")) for name in names)
    return [f"/static/js/{paths[0].name}" for paths in found if paths]


def policy(page: str) -> str:
    """The content policy for a server's start page; its own inline scripts go by their digests."""
    digests = (hashlib.sha256(code.encode()).digest() for code in _INLINE.findall(page))
    own = "".join(f" 'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)
    return _POLICY.format(own=own)


def visitor(cookie: str | None) -> str:
    """The owner's name for a cookie value: a digest, so that the ledger holds no cookie."""
    if cookie is None or not _TOKEN.fullmatch(cookie):
        return "local"
    return hashlib.sha256(cookie.encode()).hexdigest()[:32]


class Doorway:
    """ASGI middleware: the headers on every answer, the cookie on pages asked for without one."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        static = Path(streamlit.__file__).with_name("static")
        page = (static / "index.html").read_text("utf-8")
        self.headers = HEADERS | {"Content-Security-Policy": policy(page)}
        self.ahead = ahead(static)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; the answer's start gets the headers."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        wanted = _wants_cookie(scope)

        async def start(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(self.headers)
                if headers.get("content-type", "").startswith("text/html"):
                    headers["Link"] = self.ahead
                if wanted:
                    headers.append("Set-Cookie", _new_cookie())
            await send(message)

        await self.app(scope, receive, start)


def _wants_cookie(scope: Scope) -> bool:
    """Whether this is a page (not a file of one) asked for by a visitor without a cookie."""
    headers = Headers(scope=scope)
    if scope["method"] != "GET" or "text/html" not in headers.get("accept", ""):
        return False
    try:
        held = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        held = None
    return held is None or not _TOKEN.fullmatch(held.value)


def _new_cookie() -> str:
    value = secrets.token_urlsafe(24)
    return f"{COOKIE}={value}; Path=/; Max-Age={_YEAR}; HttpOnly; SameSite=Strict"


def plain_fault(fault: Exception) -> bool:
    """Say that the page failed, with the kind of fault only: its text may hold what was asked."""
    import streamlit as st

    st.html(
        '<div class="cm-notice cm-bad" role="alert"><b>This page could not be shown.</b> '
        f"The fault is of the kind {type(fault).__name__}. Runs are kept: reload the page, or open "
        "another one from the list.</div>"
    )
    return True
