"""A TCP proxy on this machine that cuts its connections in the ways networks do."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct

CHUNK_BYTES = 16 * 1024
# A WebSocket close frame of a server that restarts: 1012.
CLOSE_FRAME = b"\x88\x02\x03\xf4"
WAYS = ("reset", "in mid-frame", "from the client's side", "by the server's close", "after a stall")
STALL_SECONDS = 0.8


class Line:
    """One connection through the proxy."""

    def __init__(self, client: asyncio.StreamWriter, server: asyncio.StreamWriter) -> None:
        self.client = client
        self.server = server
        self.is_socket = False
        self.stalled = False
        self.halve = False

    def reset(self) -> None:
        """End both sides at once, without a goodbye."""
        for writer in (self.client, self.server):
            held = writer.get_extra_info("socket")
            with contextlib.suppress(OSError, AttributeError):
                # Linger of no seconds: a reset instead of an orderly end.
                held.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()


class CuttingProxy:
    """Forwards one customer's connections to the server; `sockets` off refuses WebSockets."""

    def __init__(self, port: int) -> None:
        self._upstream = port
        self._server: asyncio.Server | None = None
        self.lines: set[Line] = set()
        self.sockets = True
        self.url = ""

    async def start(self) -> None:
        """Listen on a free port."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        port = self._server.sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"

    async def stop(self) -> None:
        """End everything."""
        for line in list(self.lines):
            line.reset()
        if self._server:
            self._server.close()

    async def cut(self, way: str) -> bool:
        """Cut what is open; say whether there was anything."""
        lines = list(self.lines)
        for line in lines:
            if way == "in mid-frame" and line.is_socket:
                # The next piece from the server arrives by half, then nothing.
                line.halve = True
                asyncio.get_running_loop().call_later(0.3, line.reset)
            elif way == "by the server's close" and line.is_socket:
                line.client.write(CLOSE_FRAME)
                line.server.transport.abort()
            elif way == "from the client's side":
                line.client.transport.abort()
            elif way == "after a stall":
                line.stalled = True
                asyncio.get_running_loop().call_later(STALL_SECONDS, line.reset)
            else:
                line.reset()
        return bool(lines)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first = await reader.read(CHUNK_BYTES)
        is_socket = b"upgrade: websocket" in first.lower()
        try:
            if is_socket and not self.sockets:
                raise ConnectionRefusedError
            upstream = await asyncio.open_connection("127.0.0.1", self._upstream)
        except OSError:
            writer.transport.abort()
            return
        line = Line(writer, upstream[1])
        line.is_socket = is_socket
        self.lines.add(line)
        try:
            upstream[1].write(first)
            await asyncio.gather(
                self._forward(line, reader, upstream[1]),
                self._forward(line, upstream[0], writer, from_server=True),
            )
        finally:
            self.lines.discard(line)
            line.client.transport.abort()
            line.server.transport.abort()

    async def _forward(
        self,
        line: Line,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        *,
        from_server: bool = False,
    ) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(CHUNK_BYTES):
                while line.stalled:
                    await asyncio.sleep(0.05)
                    if writer.transport.is_closing():
                        return
                if from_server and line.halve:
                    writer.write(data[: len(data) // 2])
                    await asyncio.sleep(0.01)
                    line.reset()
                    return
                writer.write(data)
                await writer.drain()
        writer.transport.close() if not line.stalled else None
