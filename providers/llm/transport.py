"""An HTTP transport that ends a body which grows beyond a cap, whatever is inside it.

The SDK reads one line of a stream into memory however long it is; counting raw chunks here
stops that.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx2

BODY_CAP_BYTES = 256 * 1024


class BodyTooLong(Exception):
    """The body passed the cap."""


class _CappedStream(httpx2.AsyncByteStream):
    # An iterator and not a generator: a generator left half-way is closed by the garbage
    # collector on whatever thread that runs.
    def __init__(self, inner: httpx2.AsyncByteStream, cap_bytes: int) -> None:
        self._inner = inner
        self._chunks = aiter(inner)
        self._left = cap_bytes

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        chunk = await anext(self._chunks)
        self._left -= len(chunk)
        if self._left < 0:
            raise BodyTooLong("the endpoint sent more than a reply can hold")
        return chunk

    async def aclose(self) -> None:
        await self._inner.aclose()


class CappedTransport(httpx2.AsyncHTTPTransport):
    """The ordinary transport with a cap on each response's body."""

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request; the response's body raises BodyTooLong beyond BODY_CAP_BYTES."""
        response = await super().handle_async_request(request)
        inner = response.stream
        if isinstance(inner, httpx2.AsyncByteStream):
            response.stream = _CappedStream(inner, BODY_CAP_BYTES)
        return response
