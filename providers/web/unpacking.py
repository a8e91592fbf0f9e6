"""Unpacks bodies piece by piece and stops at a cap: a kilobyte may unpack to a megabyte."""

from __future__ import annotations

import zlib
from collections.abc import Iterable

from providers.web.base import PageUnavailable

GZIP_MAGIC = b"\x1f\x8b"
# 16 and 32 added to the window size: gzip only, and gzip or zlib by the header.
_GZIP_OR_ZLIB = zlib.MAX_WBITS | 32


def unpacked(pieces: Iterable[bytes], encoding: str, max_bytes: int) -> tuple[bytes, bool]:
    """Return the body's first `max_bytes`, unpacked, and whether there is more.

    `encoding` is the Content-Encoding. Raises PageUnavailable for one that we did not ask for.
    """
    if encoding in ("", "identity"):
        return _gathered(pieces, max_bytes)
    if encoding in ("gzip", "x-gzip", "deflate"):
        return _gathered(_inflated(pieces, max_bytes), max_bytes)
    raise PageUnavailable(
        f"The server sent the page packed as {encoding[:40]!r}, which is not read. Ask whoever "
        "runs that site to send it plain or as gzip."
    )


def _gathered(pieces: Iterable[bytes], max_bytes: int) -> tuple[bytes, bool]:
    body = bytearray()
    for piece in pieces:
        body += piece
        if len(body) > max_bytes:
            return bytes(body[:max_bytes]), True
    return bytes(body), False


def _inflated(pieces: Iterable[bytes], max_bytes: int) -> Iterable[bytes]:
    """Yield what the pieces unpack to, never more than the cap and a byte at once."""
    unpacker = zlib.decompressobj(_GZIP_OR_ZLIB)
    for piece in pieces:
        waiting = piece
        while waiting:
            try:
                yield unpacker.decompress(waiting, max_bytes + 1)
            except zlib.error:
                raise PageUnavailable(
                    "The page arrived damaged: it cannot be unpacked. Check it in a browser; the "
                    "next run tries again."
                ) from None
            waiting = unpacker.unconsumed_tail
            if unpacker.eof:
                # A gzip file may consist of several, one behind the other.
                waiting = unpacker.unused_data
                if not waiting.startswith(GZIP_MAGIC):
                    break
                unpacker = zlib.decompressobj(_GZIP_OR_ZLIB)
