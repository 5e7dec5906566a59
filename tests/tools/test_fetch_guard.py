from __future__ import annotations

import asyncio
import gzip
import tracemalloc
import zlib
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import Any

import httpcore
import pytest

from causemap.tools.fetch import HTML, Fetcher, Limits, Request
from causemap.tools.fetching.address import Policy, is_public, read_target
from causemap.tools.fetching.connection import PATIENCE, PinnedBackend, _tls, system_resolver
from causemap.tools.fetching.decoding import read_body
from causemap.tools.fetching.faults import FetchError, Refused
from causemap.tools.fetching.robots import allowed, rules_for

Build = Callable[..., Fetcher]

# The addresses of F9 and their relatives: loopback, metadata services, private nets, wrappers.
INSIDE = (
    "127.0.0.1",
    "127.8.8.8",
    "0.0.0.0",  # noqa: S104  # nothing binds: an address to refuse
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "100.100.100.200",
    "192.0.2.1",
    "198.18.0.1",
    "224.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "192.88.99.1",
    "fec0::1",
    "3fff::1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "::ffff:0:10.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::a9fe:a9fe",
    "64:ff9b:1:a00:0:100:808:808",
    "2002:a9fe:a9fe::",
    "2002:7f00:1::1",
    "2001:0:4136:e378:8000:63bf:80ff:fffe",
    "2001:db8::1",
    "fe80::1",
    "fe80::1%eth0",
    "fc00::1",
    "fd00:ec2::254",
    "ff02::1",
    "2606:4700::200:5efe:10.0.0.1",
    "not an address",
)
OUTSIDE = (
    "93.184.216.34",
    "8.8.8.8",
    "2606:4700:4700::1111",
    "::ffff:8.8.8.8",
    "64:ff9b::808:808",
    "2002:808:808::1",
)
ODD = (
    "http://a@b/",
    "http://user:pass@example.com/",
    "http://example.com\\@127.0.0.1/",
    "ftp://example.com/",
    "file:///etc/hosts",
    "data:text/plain,x",
    "gopher://example.com/",
    "javascript:alert(1)",
    "//example.com/",
    "",
    "http://",
    "http:///path",
    "http://example.com:22/",
    "http://example.com:8080/",
    "http://example.com:99999/",
    "http://example.com:0/",
    "http://a..example.com/",
    "http://" + "a" * 64 + ".example.com/",
    "http://exa mple.com/",
    "http://example.com/\r\nX: y",
    "http://example.com/\t",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://0x7f.1/",
    "http://0177.0.0.1/",
    "http://127.1/",
    "http://[::1",
    "http://exa\u00admple\u2024com:80:80/",
    "http://" + "a" * 2100,
)


@pytest.mark.parametrize("address", INSIDE)
def test_an_address_that_is_not_public_is_refused(address: str) -> None:
    """Loopback, private, metadata and reserved addresses are refused however they are wrapped."""
    assert not is_public(address)


@pytest.mark.parametrize("address", OUTSIDE)
def test_a_public_address_is_allowed(address: str) -> None:
    """A wrapper is judged by what it wraps, so that NAT64 networks work."""
    assert is_public(address)


@pytest.mark.parametrize("url", ODD)
def test_an_odd_address_is_refused_before_any_look_up(url: str) -> None:
    """Schemes, credentials, ports, odd numbers and control characters never reach the network."""
    with pytest.raises(Refused):
        read_target(url, Policy())


@pytest.mark.parametrize(
    ("url", "normal"),
    [
        ("HTTPS://Example.COM:443/A?b=c#d", "https://example.com/A?b=c"),
        ("http://example.com", "http://example.com/"),
        ("http://bücher.example/ä", "http://xn--bcher-kva.example/%C3%A4"),
        ("http://１２７.0.0.1/", "http://127.0.0.1/"),
        ("http://①②⑦.⓪.⓪.①/", "http://127.0.0.1/"),
        ("http://[::FFFF:127.0.0.1]/", "http://[::ffff:7f00:1]/"),
        ("http://example.com./", "http://example.com/"),
    ],
)
def test_an_address_has_one_normal_form(url: str, normal: str) -> None:
    """International names become ASCII, and digits in disguise the number they look like."""
    assert read_target(url, Policy()).url == normal


async def _get(fetcher: Fetcher, url: str, **more: Any) -> bytes:
    async with fetcher:
        return (await fetcher.get(url, **more)).body


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "169.254.169.254",
        "100.100.100.200",
        "[::ffff:127.0.0.1]",
        "0.0.0.0",  # noqa: S104  # the same
        "[64:ff9b::7f00:1]",
        "[2002:a9fe:a9fe::]",
        "１２７.0.0.1",
        "localhost",
    ],
)
def test_the_fetcher_refuses_inside_addresses(fetcher_of: Build, host: str) -> None:
    """The whole way through: what F9 lists is refused before a byte is sent, and not retried."""
    with pytest.raises(Refused):
        asyncio.run(_get(fetcher_of(policy=Policy()), f"http://{host}/"))


class Names:
    """A name service with a script: each look-up takes the next answer."""

    def __init__(self, *answers: tuple[str, ...]) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    async def __call__(self, host: str, _: int) -> tuple[str, ...]:
        """The next answer; the last one for ever."""
        self.asked.append(host)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@pytest.mark.parametrize(
    "answers", [("127.0.0.1",), ("93.184.216.34", "10.0.0.1"), ("::1", "8.8.8.8")]
)
def test_a_name_with_one_foot_inside_is_refused(
    fetcher_of: Build, answers: tuple[str, ...]
) -> None:
    """If any address of a name is not public, none is dialled."""
    backend = PinnedBackend(Policy(), Names(answers))
    with pytest.raises(Refused, match="not public"):
        asyncio.run(_get(fetcher_of(backend=backend), "http://evil.example/"))


class Dials:
    """In place of real connections: notes who was dialled, and does not answer."""

    def __init__(self) -> None:
        self.dialled: list[str] = []
        self.waits: list[float | None] = []

    async def connect_tcp(self, host: str, _: int, patience: float | None, *__: object) -> None:
        """Note the address; nothing answers there."""
        self.dialled.append(host)
        self.waits.append(patience)
        raise httpcore.ConnectError("no answer") if patience is None else httpcore.ConnectTimeout


def test_rebinding_gains_nothing(fetcher_of: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second look-up answers loopback: it is checked at the connection, like the first."""
    names, dials = Names(("93.184.216.34",), ("127.0.0.1",)), Dials()
    backend = PinnedBackend(Policy(), names)
    monkeypatch.setattr(backend, "_inner", dials)
    with pytest.raises(Refused, match="not public"):
        asyncio.run(_get(fetcher_of(backend=backend), "http://evil.example/"))
    assert dials.dialled == ["93.184.216.34"]
    assert names.asked == ["evil.example"] * 2


def test_an_address_that_swallows_everything_leaves_time_for_the_next(
    fetcher_of: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All but the last of a name's addresses share a few seconds; the last has all that is left."""
    addresses = ("2606:4700::1", "2606:4700::2", "93.184.216.34")
    dials, backend = Dials(), PinnedBackend(Policy(), Names(addresses))
    monkeypatch.setattr(backend, "_inner", dials)
    limits = Limits(attempt=5.0, total=5.0, attempts=1)
    with pytest.raises(FetchError, match="cannot be reached"):
        asyncio.run(_get(fetcher_of(backend=backend, limits=limits), "http://both.example/"))
    assert dials.dialled == list(addresses)
    assert dials.waits == [PATIENCE / 2, PATIENCE / 2, None]
    assert Limits().attempt > PATIENCE


def test_the_address_checked_is_the_address_dialled(
    web: Any, answer: Any, fetcher_of: Build
) -> None:
    """One look-up serves check and connection, and the server still sees the name."""
    web.routes["*"] = answer(b'{"a": 1}')
    names = Names(("127.0.0.1",), ("10.0.0.1",))
    policy = Policy(ports=frozenset({web.port}), also=frozenset({"127.0.0.1"}))
    fetcher = fetcher_of(policy=policy, backend=PinnedBackend(policy, names))
    assert asyncio.run(_get(fetcher, f"http://good.example:{web.port}/x")) == b'{"a": 1}'
    assert (names.asked, web.asked[0].host) == (["good.example"], "good.example")


def test_the_machines_own_name_service_gives_addresses_each_once() -> None:
    """What it says of this machine is what the guard then judges."""
    found = asyncio.run(system_resolver("localhost", 80))
    assert found
    assert set(found) <= {"127.0.0.1", "::1"}
    assert len(found) == len(set(found))


def test_an_unknown_name_and_a_name_without_address_are_faults(fetcher_of: Build) -> None:
    """A name service that fails, or knows nothing, is a named fault."""

    async def broken(_: str, __: int) -> tuple[str, ...]:
        raise OSError("no such host")

    for resolver, said in ((broken, "cannot be resolved"), (Names(()), "has no address")):
        backend = PinnedBackend(Policy(), resolver)
        with pytest.raises(FetchError, match=said):
            asyncio.run(_get(fetcher_of(backend=backend), "http://nowhere.example/"))


@pytest.mark.parametrize(
    "location",
    [
        "http://169.254.169.254/latest/meta-data/",
        "http://[::ffff:127.0.0.1]/",
        "http://2130706433/",
        "file:///etc/hosts",
        "http://u:p@example.com/",
        "http://example.com:22/",
        "http://[x",
        "http://a..example.com/",
        "",
    ],
)
def test_a_redirect_is_checked_like_the_first_address(
    web: Any, answer: Any, fetcher_of: Build, loopback: Policy, location: str
) -> None:
    """A public page cannot send the fetcher inside."""
    web.routes["*"] = answer(b"", status=302, headers=(("Location", location),))
    with pytest.raises(Refused):
        asyncio.run(_get(fetcher_of(policy=loopback), f"http://127.0.0.1:{web.port}/"))
    assert len(web.asked) == 1


def test_three_redirects_are_followed_and_a_fourth_is_not(
    web: Any, answer: Any, fetcher_of: Build
) -> None:
    """Relative locations count too; the chain ends after three."""
    for i in range(5):
        moved = (("Location", f"/{i + 1}"),)
        web.routes[f"h.example/{i}"] = answer(b"", status=301, headers=moved)
    web.routes["h.example/5"] = answer(b"5")
    assert asyncio.run(_get(fetcher_of(), "http://h.example/2")) == b"5"
    with pytest.raises(Refused, match="more than 3 redirects"):
        asyncio.run(_get(fetcher_of(), "http://h.example/1"))


def test_a_redirect_to_plain_http_is_refused(web: Any, answer: Any, fetcher_of: Build) -> None:
    """What was asked over TLS is not answered without it."""
    web.routes["*"] = answer(status=302, headers=(("Location", "http://h.example/y"),))
    with pytest.raises(Refused, match="from https to http"):
        asyncio.run(_get(fetcher_of(), "https://h.example/x"))


def test_private_headers_and_keys_do_not_follow_a_redirect(
    web: Any, answer: Any, fetcher_of: Build
) -> None:
    """Cookies, tokens and secret parameters stay with the host they were meant for."""
    web.routes["a.example"] = lambda asked: answer(
        status=302, headers=(("Location", f"https://b.example/?{asked.query}"),)
    )
    web.routes["b.example"] = answer(b"{}")
    headers = (("Cookie", "A3=1"), ("Authorization", "x"), ("X-Kept", "1"))
    secrets = (("api_key", "CANARY/ +"), ("none", ""))
    request = Request("s", "https://a.example/", secrets=secrets, headers=headers)

    async def go() -> str:
        async with fetcher_of() as fetcher:
            return (await fetcher.read(request, lambda f: f)).url

    url = asyncio.run(go())
    first, second = web.asked
    query = "api_key=CANARY%2F+%2B&none="
    assert (first.headers["cookie"], first.query) == ("A3=1", query)
    assert {"cookie", "authorization"}.isdisjoint(second.headers)
    assert second.headers["x-kept"] == "1"
    assert url == "https://b.example/?api_key=***&none="


def test_proxies_of_the_environment_are_not_used(
    web: Any, answer: Any, fetcher_of: Build, loopback: Policy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proxy variable can neither see nor steer a request."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    web.routes["*"] = answer(b"{}")
    url = f"http://127.0.0.1:{web.port}/"
    assert asyncio.run(_get(fetcher_of(policy=loopback), url)) == b"{}"


def test_certificates_named_by_the_environment_are_not_trusted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whom TLS trusts is not the environment's to say: the variable is not even read."""
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere/at/all")
    monkeypatch.setenv("SSL_CERT_DIR", "/nowhere/at/all")
    _tls.cache_clear()
    try:
        roots = _tls().cert_store_stats()["x509_ca"]
    finally:
        _tls.cache_clear()
    assert roots > 0


def test_cookies_are_not_kept(web: Any, answer: Any, fetcher_of: Build) -> None:
    """A cookie set by one answer is not sent with the next request."""
    web.routes["*"] = answer(b"{}", headers=(("Set-Cookie", "a=b"),))

    async def go() -> None:
        async with fetcher_of() as fetcher:
            await fetcher.get("http://h.example/1")
            await fetcher.get("http://h.example/2")

    asyncio.run(go())
    assert all("cookie" not in asked.headers for asked in web.asked)


BOMB = gzip.compress(b"0" * 50_000_000)


@pytest.mark.parametrize(
    ("body", "encoding", "said"),
    [
        (b"x" * 2_000_001, "", "larger than 2,000,000"),
        (BOMB, "gzip", "larger than 2,000,000"),
        (zlib.compress(b"0" * 50_000_000), "deflate", "larger than 2,000,000"),
        (gzip.compress(b"{}"), "br", "was not asked for"),
        (gzip.compress(b"{}"), "gzip, gzip", "was not asked for"),
        (b"not gzip", "gzip", "is broken"),
        (gzip.compress(b"{}" * 500)[:-9], "gzip", "ends early"),
    ],
    # Gzip writes the time into its bytes: names made of them would differ between workers.
    ids=["large", "bomb", "deflate", "br", "twice", "broken", "cut"],
)
def test_a_body_is_bounded_and_whole(
    web: Any, answer: Any, fetcher_of: Build, body: bytes, encoding: str, said: str
) -> None:
    """Bombs stop at the cap, odd encodings are refused, broken streams are faults."""
    web.routes["*"] = answer(body, headers=(("Content-Encoding", encoding),) if encoding else ())
    with pytest.raises(FetchError, match=said):
        asyncio.run(_get(fetcher_of(), "http://h.example/"))


def test_a_bomb_is_never_unpacked_whole() -> None:
    """Fifty megabytes in one packed chunk cost little more memory than the cap."""

    async def chunks() -> AsyncIterator[bytes]:
        yield BOMB

    tracemalloc.start()
    try:
        with pytest.raises(Refused):
            asyncio.run(read_body(chunks(), "gzip", 100_000, "h"))
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()


def test_what_follows_a_packed_body_is_not_read_without_end() -> None:
    """Members of one gzip file are one body; anything else behind it ends the reading."""
    read, member = [0], gzip.compress(b"{}")

    async def chunks(*given: bytes) -> AsyncIterator[bytes]:
        for chunk in given:
            read[0] += 1
            yield chunk

    both = member + gzip.compress(b"[]")
    for cut in range(1, len(both)):
        body = asyncio.run(read_body(chunks(both[:cut], both[cut:]), "gzip", 4, "h"))
        assert body == b"{}[]"
    with pytest.raises(Refused, match="larger than 3"):
        asyncio.run(read_body(chunks(both), "gzip", 3, "h"))
    with pytest.raises(FetchError, match="ends early"):
        asyncio.run(read_body(chunks(member, both[len(member) : -1]), "gzip", 4, "h"))
    read[0] = 0
    assert asyncio.run(read_body(chunks(member, *[b"junk"] * 50), "gzip", 4, "h")) == b"{}"
    assert read == [2]


def test_a_body_up_to_the_cap_is_read(web: Any, answer: Any, fetcher_of: Build) -> None:
    """Exactly the cap is allowed, packed or not, and the cap can be set."""
    web.routes["h.example/a"] = answer(b"x" * 1000)
    packed = (("Content-Encoding", "gzip"),)
    web.routes["h.example/b"] = answer(gzip.compress(b"y" * 1000), headers=packed)
    assert asyncio.run(_get(fetcher_of(), "http://h.example/a", max_bytes=1000)) == b"x" * 1000
    assert asyncio.run(_get(fetcher_of(), "http://h.example/b", max_bytes=1000)) == b"y" * 1000
    with pytest.raises(Refused):
        asyncio.run(_get(fetcher_of(), "http://h.example/a", max_bytes=999))


def test_a_slow_drip_ends_in_time(web: Any, answer: Any, fetcher_of: Build) -> None:
    """The clock runs over the whole answer, so a byte now and then buys no time."""
    web.routes["*"] = answer(b"x" * 200, drip=0.05)
    limits = Limits(attempt=0.3, total=5.0, attempts=2, first_wait=0.01)
    with pytest.raises(FetchError, match=r"no whole answer within 0\.3 s"):
        asyncio.run(_get(fetcher_of(limits=limits), "http://h.example/"))
    assert len(web.asked) == 2


def test_a_cut_body_is_a_fault(web: Any, answer: Any, fetcher_of: Build) -> None:
    """Fewer bytes than announced are never taken for the whole."""
    web.routes["*"] = answer(b"x" * 200, cut=50)
    with pytest.raises(FetchError, match="connection failed"):
        asyncio.run(_get(fetcher_of(), "http://h.example/"))


@pytest.mark.parametrize("kind", ["text/html; charset=utf-8", "image/png", ""])
def test_a_kind_that_was_not_asked_for_is_refused(
    web: Any, answer: Any, fetcher_of: Build, kind: str
) -> None:
    """A page with status 200 in place of data is not data."""
    web.routes["*"] = answer(b"<html>", kind=kind)
    with pytest.raises(Refused, match="not asked for"):
        asyncio.run(_get(fetcher_of(), "http://h.example/"))


def test_robots_are_respected_for_pages_only(web: Any, answer: Any, fetcher_of: Build) -> None:
    """A closed page is refused unread; interfaces and feeds are not pages."""
    rules = b"User-agent: causemap-tests\nDisallow: /closed\n"
    web.routes["h.example/robots.txt"] = answer(rules, "text/plain")
    web.routes["h.example"] = answer(b"<p>", "text/html")

    async def go() -> None:
        async with fetcher_of() as fetcher:
            await fetcher.get("https://h.example/open", accept=HTML, page=True)
            await fetcher.get("https://h.example/closed/1", accept=HTML)
            with pytest.raises(Refused, match=r"robots\.txt"):
                await fetcher.get("https://h.example/closed/2", accept=HTML, page=True)

    asyncio.run(go())
    assert web.count("h.example/robots.txt") == 1
    assert web.count("h.example/closed/2") == 0


@pytest.mark.parametrize(("status", "allowed"), [(404, True), (403, True), (500, False)])
def test_missing_rules_allow_and_broken_rules_forbid(
    web: Any, answer: Any, fetcher_of: Build, status: int, allowed: bool
) -> None:
    """RFC 9309: without robots.txt all is open; while it cannot be read, nothing is."""
    web.routes["h.example/robots.txt"] = answer(b"", "text/plain", status)
    web.routes["h.example"] = answer(b"<p>", "text/html")
    go = _get(fetcher_of(), "https://h.example/x", accept=HTML, page=True)
    if allowed:
        assert asyncio.run(go) == b"<p>"
    else:
        with pytest.raises(Refused, match="could not be read"):
            asyncio.run(go)


PAGE = "https://h.example/news/a%20b/story.html?id=7"


@pytest.mark.parametrize(
    "rules",
    [
        "User-agent: *\nDisallow: /news",
        "\ufeffUser-agent: *\nDisallow: /news",
        "User-agent: *\rDisallow: /news",
        "user-AGENT:*\n\nDISALLOW:/news # all of it",
        "User-agent: other\nUser-agent: *\nCrawl-delay: 9\nDisallow: /news",
        "User-agent: *\nDisallow: /*/story.html",
        "User-agent: *\nDisallow: /*?id=",
        "User-agent: *\nDisallow: /n*b/*.html*7$",
        "User-agent: *\nDisallow: /news/a%20b/%73tory",
        "User-agent: *\nAllow: /news\nDisallow: /news/a",
        "User-agent: causemap\nDisallow: /\n\nUser-agent: *\nDisallow:",
        "User-agent: Tester/2\nDisallow: /x\n\nUser-agent: tester\nDisallow: /news",
    ],
)
def test_what_closes_a_page(rules: str) -> None:
    """RFC 9309: the longest pattern decides; lines are read as sites write them."""
    assert not allowed(PAGE, rules_for("Tester/1 (a@b.example)", rules))


@pytest.mark.parametrize(
    "rules",
    [
        "",
        "<html>not here</html>",
        "User-agent: *\nDisallow:",
        "Disallow: /news",
        "User-agent: *\nDisallow: /\nAllow: /news/",
        "User-agent: *\nDisallow: /news\nAllow: /news",
        "User-agent: *\nDisallow: /*.html$",
        "User-agent: *\nDisallow: /news/*/x*story",
        "User-agent: tester\nDisallow: /x\n\nUser-agent: *\nDisallow: /",
    ],
)
def test_what_leaves_a_page_open(rules: str) -> None:
    """No rule fits, an allowance is as long, or the group is another's."""
    assert allowed(PAGE, rules_for("Tester/1 (a@b.example)", rules))


def test_the_rules_of_where_a_page_leads_hold_too(web: Any, answer: Any, fetcher_of: Build) -> None:
    """A redirect does not open what its site closes, on another host or on the same."""
    web.routes["b.example/robots.txt"] = answer(b"User-agent: *\nDisallow: /closed", "text/plain")
    web.routes["a.example/robots.txt"] = web.routes["b.example/robots.txt"]
    web.routes["b.example"] = web.routes["a.example/closed"] = answer(b"<p>", "text/html")
    for start, end in (
        ("/1", "https://b.example/closed"),
        ("/2", "/closed"),
        ("/3", "https://b.example/open"),
    ):
        web.routes[f"a.example{start}"] = answer(status=302, headers=(("Location", end),))
    for number in (1, 2):
        with pytest.raises(Refused, match=r"robots\.txt closes"):
            asyncio.run(_get(fetcher_of(), f"https://a.example/{number}", accept=HTML, page=True))
    assert (web.count("b.example/closed"), web.count("a.example/closed")) == (0, 0)
    found = _get(fetcher_of(), "https://a.example/3", accept=HTML, page=True)
    assert asyncio.run(found) == b"<p>"


def test_the_times_are_those_of_the_reading(
    web: Any, answer: Any, fetcher_of: Build, now: datetime
) -> None:
    """An answer says when it was read, from where, and that it is not from the cache."""
    web.routes["*"] = answer(b"{}", kind="application/json; charset=utf-8")

    async def go() -> None:
        async with fetcher_of() as fetcher:
            found = await fetcher.get("http://h.example/a")
            assert (found.status, found.url, found.from_cache) == (200, "http://h.example/a", False)
            assert found.retrieved_at == now.astimezone(UTC)
            assert found.content_type == "application/json; charset=utf-8"

    asyncio.run(go())
