"""A local OpenAI-compatible server for tests and benchmarks: a real process, no model.

    python -m providers.llm.stub_server --port 9100

It answers by quoting the first sentences of the numbered passages in the prompt, with their
markers. The model's name chooses how it behaves, parts joined by dashes:

    stub                    answers at once
    stub-ttft200-rate50     first token after 200 ms, then 50 tokens a second
    stub-500 -529 -401 -403 -404 -400    that status
    stub-429-retry3         429 with Retry-After 3; stub-quota: 429 insufficient_quota
    stub-context            400 context_length_exceeded; stub-window500: above 500 tokens only;
                            stub-passages2: with more than two; stub-nohistory: with earlier turns
    stub-hang               accepts the call and never answers
    stub-reset              closes the connection before any header
    stub-cut-after-20       breaks the connection after 20 tokens; stub-no-finish: ends politely
    stub-length -filter     ends with that finish_reason
    stub-halves             half of the text and "length"; asked to go on, the other half
    stub-empty -blank -null ends well without text
    stub-html -json -string -errorbody           a body that is no stream
    stub-badjson -badutf8 -shape -nochoices -nullchoices -error -errorevent
                            a stream of something else; stub-badjson-then5: after 5 tokens
    stub-endless            tokens without end; stub-endless-rate1: one a second
    stub-longline           one line of 8 MB; stub-flood200: one line of 200 MB
    stub-drip               only keep-alive comments; stub-stall: 5 tokens, then silence
    stub-flaky              fails the first call of each prompt, then works; stub-flaky-reset:
                            as that name says
    stub-noanswer -uncited -leak -badlink        texts that the guards must catch
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import re
import signal
import sys
from collections import deque
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from itertools import repeat
from typing import Any

from providers.llm.stub_behaviour import (
    Behaviour,
    behaviour_of,
    completion_text,
    of_the_first_call,
    prompt_tokens,
    tokens_of,
    too_long,
)

KEPT_REQUESTS = 50
MEGABYTE = b"x" * 1_000_000
MOST_HEADER_BYTES = 64 * 1024
ERRORS: Mapping[int, tuple[str, str]] = {
    400: ("invalid_request_error", "invalid_request"),
    401: ("invalid_request_error", "invalid_api_key"),
    403: ("invalid_request_error", "forbidden"),
    404: ("invalid_request_error", "model_not_found"),
    429: ("rate_limit_error", "rate_limit_exceeded"),
}


@dataclass(slots=True)
class Stats:
    """What `GET /stub/stats` tells."""

    calls: int = 0
    running: int = 0
    most_running: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    by_model: dict[str, int] = field(default_factory=dict)
    last: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=KEPT_REQUESTS))
    prompts_seen: set[str] = field(default_factory=set)

    def as_json(self) -> dict[str, Any]:
        """Return the numbers and the last requests' bodies."""
        names = ("calls", "running", "most_running", "input_tokens", "output_tokens", "by_model")
        return {**{name: getattr(self, name) for name in names}, "last": list(self.last)}


class Connection:
    """One HTTP/1.1 connection: reads requests, writes plain or chunked responses."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def requests(self) -> AsyncIterator[tuple[str, str, bytes]]:
        """Yield (method, path, body) until the peer goes away."""
        while True:
            try:
                head = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            except (asyncio.IncompleteReadError, ConnectionError, asyncio.LimitOverrunError):
                return
            method, path, _ = head.split("\r\n", 1)[0].split(" ", 2)
            length = re.search(r"^content-length:\s*(\d+)", head, re.IGNORECASE | re.MULTILINE)
            body = await self._reader.readexactly(int(length[1])) if length else b""
            yield method, path, body

    async def send(
        self, status: int, body: bytes, kind: str = "application/json", **headers: str
    ) -> None:
        """Write a whole response."""
        extra = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
        head = f"HTTP/1.1 {status} X\r\ncontent-type: {kind}\r\ncontent-length: {len(body)}\r\n"
        self._writer.write(f"{head}{extra}\r\n".encode() + body)
        await self._writer.drain()

    async def start_stream(self) -> None:
        """Write the head of an event stream."""
        self._writer.write(
            b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n"
            b"transfer-encoding: chunked\r\n\r\n"
        )
        await self._writer.drain()

    async def chunk(self, data: bytes) -> None:
        """Write a piece of the stream."""
        self._writer.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        await self._writer.drain()

    async def end_stream(self) -> None:
        """Write the end of the stream."""
        self._writer.write(b"0\r\n\r\n")
        await self._writer.drain()

    def cut(self) -> None:
        """Break the connection at once (a reset, not an orderly end)."""
        self._writer.transport.abort()


class StubServer:
    """The server's state and its handlers."""

    def __init__(self) -> None:
        self.stats = Stats()

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection."""
        connection = Connection(reader, writer)
        # Cancelled means that the server ends; there is nobody left to tell.
        gone = (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError)
        with contextlib.suppress(*gone):
            async for method, path, body in connection.requests():
                await self._route(connection, method, path.split("?")[0], body)
        writer.close()

    async def _route(self, connection: Connection, method: str, path: str, body: bytes) -> None:
        if path.endswith("/chat/completions") and method == "POST":
            request = json.loads(body)
            self.stats.running += 1
            self.stats.most_running = max(self.stats.most_running, self.stats.running)
            try:
                await self._complete(connection, request)
            finally:
                self.stats.running -= 1
        elif path.endswith("/models"):
            models = [{"id": "stub", "object": "model", "created": 0, "owned_by": "supportbot"}]
            await connection.send(200, _json({"object": "list", "data": models}))
        elif path == "/stub/stats":
            await connection.send(200, _json(self.stats.as_json()))
        else:
            await connection.send(404, _error_body("no such address", 404))

    async def _complete(self, connection: Connection, request: dict[str, Any]) -> None:
        model = str(request.get("model", "stub"))
        self.stats.calls += 1
        self.stats.by_model[model] = self.stats.by_model.get(model, 0) + 1
        self.stats.last.append(request)
        behaviour = behaviour_of(model)
        if behaviour.flaky:
            first = self._first_time(request)
            behaviour = of_the_first_call(behaviour) if first else Behaviour()
        if too_long(request.get("messages", []), behaviour):
            behaviour = behaviour_of("stub-context")
        if await self._fails_at_once(connection, behaviour):
            return
        reply = Reply(request, behaviour, model)
        self.stats.input_tokens += reply.usage["prompt_tokens"]
        self.stats.output_tokens += reply.usage["completion_tokens"]
        if request.get("stream"):
            await reply.stream(connection)
        else:
            await asyncio.sleep(
                behaviour.first_token_seconds + len(reply.tokens) * behaviour.gap_seconds
            )
            await connection.send(200, _json(reply.whole()))

    def _first_time(self, request: dict[str, Any]) -> bool:
        # With the prompt's random boundary: asked anew, the same question is another prompt.
        key = f"{request.get('model')} {request['messages'][-1]['content']}"
        new = key not in self.stats.prompts_seen
        self.stats.prompts_seen.add(key)
        return new

    async def _fails_at_once(self, connection: Connection, behaviour: Behaviour) -> bool:
        if behaviour.hang:
            await asyncio.sleep(3600)
        if behaviour.reset:
            connection.cut()
            raise ConnectionResetError
        if behaviour.body:
            kind = "text/html" if behaviour.body.startswith(b"<") else "application/json"
            await connection.send(behaviour.status or 200, behaviour.body, kind)
            return True
        if behaviour.status:
            wait = behaviour.retry_after
            headers = {"retry_after": str(wait)} if wait is not None else {}
            body = _error_body("the stub was told to fail", behaviour.status, behaviour.code)
            await connection.send(behaviour.status, body, **headers)
            return True
        return False


class Reply:
    """One completion, whole or streamed."""

    def __init__(self, request: dict[str, Any], behaviour: Behaviour, model: str) -> None:
        sent = request.get("messages", [])
        self.tokens = tokens_of(completion_text(sent, behaviour))
        self._behaviour = behaviour
        self._model = model
        self._goes_on = len(sent) > 2 and sent[-2].get("role") == "assistant"
        self._wants_usage = bool((request.get("stream_options") or {}).get("include_usage"))
        prompt, written = prompt_tokens(sent), len(self.tokens)
        self.usage = {
            "prompt_tokens": prompt,
            "completion_tokens": written,
            "total_tokens": prompt + written,
        }

    def whole(self) -> dict[str, Any]:
        """Return the body of a call without streaming."""
        message = {"role": "assistant", "content": "".join(self.tokens)}
        choice = {"index": 0, "message": message, "finish_reason": self._finish() or "stop"}
        return {**self._frame("chat.completion", [choice]), "usage": self.usage}

    def _finish(self) -> str | None:
        return "length" if self._behaviour.halves and not self._goes_on else self._behaviour.finish

    async def stream(self, connection: Connection) -> None:
        """Write the stream as the behaviour wants it."""
        behaviour = self._behaviour
        await connection.start_stream()
        if behaviour.drip:
            while True:
                await connection.chunk(b": ping\n\n")
                await asyncio.sleep(0.5)
        await asyncio.sleep(behaviour.first_token_seconds)
        if behaviour.flood_megabytes:
            await self._flood(connection)
        for token in self.tokens[: behaviour.raw_after]:
            await self._event(
                connection, [{"index": 0, "delta": {"content": token}, "finish_reason": None}]
            )
        if behaviour.raw:
            await connection.chunk(behaviour.raw)
            await connection.end_stream()
            return
        await self._write_tokens(connection)
        if behaviour.finish is not None:
            finish = self._finish()
            await self._event(connection, [{"index": 0, "delta": {}, "finish_reason": finish}])
            if self._wants_usage:
                await connection.chunk(
                    _event({**self._frame(), "choices": [], "usage": self.usage})
                )
        await connection.chunk(b"data: [DONE]\n\n")
        await connection.end_stream()

    async def _flood(self, connection: Connection) -> None:
        """Write one line of an event, megabyte by megabyte."""
        await connection.chunk(b"data: ")
        for _ in range(self._behaviour.flood_megabytes):
            await connection.chunk(MEGABYTE)

    async def _write_tokens(self, connection: Connection) -> None:
        behaviour = self._behaviour
        tokens = repeat("and so on and on ") if behaviour.endless else self.tokens
        for number, token in enumerate(tokens):
            if number == behaviour.cut_after:
                connection.cut()
                raise ConnectionResetError
            if number == behaviour.stall_after:
                await asyncio.sleep(3600)
            delta = {"content": token} | ({"role": "assistant"} if number == 0 else {})
            await self._event(connection, [{"index": 0, "delta": delta, "finish_reason": None}])
            if behaviour.gap_seconds:
                await asyncio.sleep(behaviour.gap_seconds)

    async def _event(self, connection: Connection, choices: list[dict[str, Any]]) -> None:
        await connection.chunk(_event({**self._frame(), "choices": choices}))

    def _frame(self, kind: str = "chat.completion.chunk", choices: Any = ()) -> dict[str, Any]:
        frame = {"id": "stub-1", "object": kind, "created": 0, "model": self._model}
        return {**frame, "choices": list(choices)}


def _event(data: dict[str, Any]) -> bytes:
    return b"data: " + _json(data) + b"\n\n"


def _json(data: dict[str, Any]) -> bytes:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()


def _error_body(message: str, status: int, code: str = "") -> bytes:
    kind, usual = ERRORS.get(status, ("server_error", "server_error"))
    return _json(
        {"error": {"message": message, "type": kind, "code": code or usual, "param": None}}
    )


async def serve(host: str, port: int) -> None:
    """Serve until SIGTERM or SIGINT. Port 0 takes a free one; the address is printed."""
    stub = StubServer()
    server = await asyncio.start_server(stub.handle, host, port, limit=4 * 1024 * 1024, backlog=512)
    address = server.sockets[0].getsockname()
    sys.stdout.write(f"stub server on http://{address[0]}:{address[1]}/v1\n")
    sys.stdout.flush()
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for sign in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(sign, stopped.set)
    await stopped.wait()
    server.close()


def main() -> None:
    """Read the arguments and serve."""
    parser = argparse.ArgumentParser(description="OpenAI-compatible stub server")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True, help="0 takes a free port")
    arguments = parser.parse_args()
    asyncio.run(serve(arguments.host, arguments.port))


if __name__ == "__main__":
    main()
