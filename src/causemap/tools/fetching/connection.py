"""Connections that are checked where they are made: resolve, check every answer, dial that IP.

A name is looked up once per connection and the address that was checked is the address dialled, so
a name service that answers differently the second time (rebinding) gains nothing. TLS still
verifies the host name. Proxies named in the environment are never used: the pool is built here
and reads nothing.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from functools import cache
from typing import Final

import httpcore
import httpx

from causemap.tools.fetching.address import Policy, check_address, is_public
from causemap.tools.fetching.faults import FetchError

Resolver = Callable[[str, int], Awaitable[tuple[str, ...]]]
_TCP: Final = 6
CONNECTIONS: Final = 20
# Seconds for all addresses of a name but its last; an attempt has ten.
PATIENCE: Final = 5.0
_SILENT: Final = (httpcore.ConnectError, httpcore.ConnectTimeout)


async def system_resolver(host: str, port: int) -> tuple[str, ...]:
    """Every address the machine's name service gives for ``host``."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, proto=_TCP)
    return tuple(dict.fromkeys(str(entry[4][0]) for entry in found))


class PinnedBackend(httpcore.AsyncNetworkBackend):
    """Opens TCP connections to checked addresses only."""

    def __init__(self, policy: Policy, resolver: Resolver = system_resolver) -> None:
        self._policy = policy
        self._resolver = resolver
        self._inner = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  # the signature is httpcore's
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Dial the first address of ``host`` that answers, once all of them have been checked.

        Raises:
            Refused: one of the addresses is not public: a name with a foot inside is not trusted.
            FetchError: the name is not known, or nothing answers.
        """
        addresses = await self._addresses(host, port)
        for address in addresses:
            check_address(address, host, self._policy)
        if not addresses:
            raise FetchError(host, "the name has no address", transient=True)
        *first, last = addresses
        for address in first:
            # One that swallows every packet must leave time for the others.
            with suppress(*_SILENT):
                return await self._inner.connect_tcp(
                    address, port, PATIENCE / len(first), local_address, socket_options
                )
        try:
            return await self._inner.connect_tcp(last, port, timeout, local_address, socket_options)
        except _SILENT as fault:
            raise FetchError(host, "cannot be reached", transient=True) from fault

    async def _addresses(self, host: str, port: int) -> tuple[str, ...]:
        if host in self._policy.also or is_public(host):
            return (host,)
        try:
            return await self._resolver(host, port)
        except OSError as fault:
            raise FetchError(host, "the name cannot be resolved", transient=True) from fault

    async def sleep(self, seconds: float) -> None:
        """Wait, for the pool's own use."""
        await self._inner.sleep(seconds)


@cache
def _tls() -> ssl.SSLContext:
    """The one context of the process: building it reads all root certificates."""
    return httpx.create_ssl_context(trust_env=False)


def open_pool(backend: httpcore.AsyncNetworkBackend) -> httpcore.AsyncConnectionPool:
    """The pool every request goes through."""
    return httpcore.AsyncConnectionPool(
        ssl_context=_tls(),
        max_connections=CONNECTIONS,
        keepalive_expiry=10.0,
        network_backend=backend,
    )
