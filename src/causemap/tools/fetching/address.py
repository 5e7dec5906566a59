"""Which addresses may be opened: scheme, port, host name and, above all, the IP behind it.

The rules follow the table of the tests: only globally routed addresses, looked at through every
way of wrapping an IPv4 address in an IPv6 one (mapped, compatible, NAT64, 6to4, Teredo, ISATAP).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final
from urllib.parse import quote, urlsplit

import idna

from causemap.tools.fetching.faults import Refused

MAX_URL: Final = 2_000
PORTS: Final = {"http": 80, "https": 443}
# Networks whose last 32 bits are an IPv4 address (RFC 6052, RFC 4291).
_LOW_32: Final = (
    IPv6Network("64:ff9b::/96"),
    IPv6Network("::/96"),
    IPv6Network("::ffff:0:0:0/96"),
)
# The one block of IPv6 that is routed (RFC 4291, IANA). The old site-local block is not of it, nor
# is that of local NAT64 (RFC 8215), where nobody outside knows which bits are the IPv4 address.
_ROUTED: Final = IPv6Network("2000::/3")
# Not routed, and not yet in the tables of every Python: documentation (RFC 9637) and the relays
# of 6to4 that were given up (RFC 7526).
_NEVER: Final = (IPv6Network("3fff::/20"), IPv4Network("192.88.99.0/24"))
_ISATAP: Final = {0x0000_5EFE, 0x0200_5EFE}
# Labels of 1 to 63 characters: others make the look-up itself fail, and not as a look-up does.
_NAME: Final = re.compile(r"[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*")
_BAD: Final = re.compile(r"[\x00-\x20\x7f\\]")
_SAFE: Final = "/:@!$&'()*+,;=~-._%?[]"


@dataclass(frozen=True, slots=True)
class Policy:
    """What the guard lets through. The defaults are the only policy the program itself builds.

    ``also`` lists IP addresses that may be opened although they are not public, on any port: a
    test names the loopback address of its own server there.
    """

    ports: frozenset[int] = frozenset(PORTS.values())
    also: frozenset[str] = field(default=frozenset())


@dataclass(frozen=True, slots=True)
class Target:
    """A checked address in parts; ``host`` is lower-case ASCII without brackets."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def url(self) -> str:
        """The address in its one normal form."""
        return f"{self.origin}{self.path}"

    @property
    def origin(self) -> str:
        """Scheme, host and, where it is not the default, port."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}"


def read_target(url: str, policy: Policy) -> Target:
    """``url`` taken apart and checked, without asking the name service.

    Raises:
        Refused: scheme, port, credentials, host form or characters are not allowed.
    """
    if len(url) > MAX_URL or _BAD.search(url):
        raise Refused("address", "too long, or with white space, control characters or backslash")
    try:
        parts = urlsplit(url)
        port, raw_host = parts.port, parts.hostname
    except ValueError as fault:
        raise Refused("address", "not a well-formed address") from fault
    if parts.scheme not in PORTS:
        raise Refused("address", f"scheme {parts.scheme[:20]!r} is not http or https")
    if "@" in parts.netloc:
        raise Refused("address", "credentials in an address are not allowed")
    host = _host(raw_host or "")
    port = PORTS[parts.scheme] if port is None else port
    if port not in policy.ports and host not in policy.also:
        raise Refused(host, f"port {port} is not allowed")
    query = f"?{quote(parts.query, safe=_SAFE)}" if parts.query else ""
    return Target(parts.scheme, host, port, f"{quote(parts.path, safe=_SAFE) or '/'}{query}")


def _host(text: str) -> str:
    """The host in lower-case ASCII; a number is an address only in its usual spelling."""
    if ":" in text:
        return _literal(text)
    try:
        # UTS 46 folds full-width and circled digits, so that no spelling of 127.0.0.1 is a name.
        host = idna.encode(text, uts46=True).decode() if not text.isascii() else text.lower()
    except idna.IDNAError as fault:
        raise Refused("address", "the host is not a valid name") from fault
    host = host.rstrip(".")
    if len(host) > 253 or not _NAME.fullmatch(host):
        raise Refused("address", "the host is not a valid name")
    last = host.rsplit(".", 1)[-1]
    return _literal(host) if re.fullmatch(r"\d+|0x[0-9a-f]*", last) else host


def _literal(text: str) -> str:
    try:
        return str(ip_address(text))
    except ValueError as fault:
        raise Refused("address", "the host is an odd spelling of a number") from fault


def check_address(address: str, host: str, policy: Policy) -> None:
    """Refuse an IP address that is not public (and not named by the policy).

    Raises:
        Refused: with the host, so that the message says whose name led there.
    """
    if address not in policy.also and not is_public(address):
        raise Refused(host, "leads to an address that is not public")


def is_public(address: str) -> bool:
    """Whether an IP address, and every IPv4 address wrapped in it, is globally routed."""
    try:
        outer = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    return all(_is_global(inner) for inner in (outer, *_wrapped(outer)))


def _is_global(ip: IPv4Address | IPv6Address) -> bool:
    if isinstance(ip, IPv6Address) and any(ip in net for net in _LOW_32):
        # Judged by the IPv4 address inside; ::1 and :: hold 0.0.0.1 and 0.0.0.0, both refused.
        return True
    if isinstance(ip, IPv6Address):
        if ip.ipv4_mapped is not None:
            return True
        if ip not in _ROUTED:
            return False
    never = any(ip in net for net in _NEVER)
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or never)


def _wrapped(ip: IPv4Address | IPv6Address) -> Iterator[IPv4Address]:
    if not isinstance(ip, IPv6Address):
        return
    number = int(ip)
    if ip.ipv4_mapped is not None:
        yield ip.ipv4_mapped
    if ip.sixtofour is not None:
        yield ip.sixtofour
    if ip.teredo is not None:
        yield from ip.teredo
    isatap = (number >> 32) & 0xFFFF_FFFF in _ISATAP
    if isatap or any(ip in net for net in _LOW_32):
        yield IPv4Address(number & 0xFFFF_FFFF)
