"""Bodies decoded under a cap: a small answer cannot unpack into a large one."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterable
from typing import Final

from causemap.tools.fetching.faults import FetchError, Refused

# 32 + 15 lets zlib tell gzip from zlib by the header.
_AUTO: Final = 47
# How a member of a gzip file begins; several may follow one another (RFC 1952, 2.2).
_GZIP: Final = b"\x1f\x8b"
ENCODINGS: Final = "gzip, deflate"


async def read_body(
    chunks: AsyncIterable[bytes], encoding: str, max_bytes: int, where: str
) -> bytes:
    """The whole body, decoded.

    Raises:
        Refused: more than ``max_bytes`` decoded, or an encoding that was not offered.
        FetchError: the compressed stream is broken or ends early.
    """
    if encoding in ("", "identity"):
        return await _plain(chunks, max_bytes, where)
    if encoding not in ("gzip", "x-gzip", "deflate"):
        raise Refused(where, f"content encoding {encoding[:20]!r} was not asked for")
    return await _unpacked(chunks, max_bytes, where)


async def _plain(chunks: AsyncIterable[bytes], max_bytes: int, where: str) -> bytes:
    body = bytearray()
    async for chunk in chunks:
        body += chunk
        if len(body) > max_bytes:
            raise _too_large(where, max_bytes)
    return bytes(body)


async def _unpacked(chunks: AsyncIterable[bytes], max_bytes: int, where: str) -> bytes:
    unpack = zlib.decompressobj(_AUTO)
    body = bytearray()
    try:
        async for chunk in chunks:
            rest = chunk
            while rest:
                if unpack.eof:
                    if not _GZIP.startswith(rest[:2]):
                        # Nothing behind the body is its own, and there may be no end of it.
                        return bytes(body)
                    unpack = zlib.decompressobj(_AUTO)
                body += unpack.decompress(rest, max_bytes + 1 - len(body))
                if len(body) > max_bytes:
                    raise _too_large(where, max_bytes)
                rest = unpack.unused_data
    except zlib.error as fault:
        raise FetchError(where, "the compressed body is broken", transient=True) from fault
    if not unpack.eof:
        raise FetchError(where, "the compressed body ends early", transient=True)
    return bytes(body)


def _too_large(where: str, max_bytes: int) -> Refused:
    return Refused(where, f"the answer is larger than {max_bytes:,} bytes")
