"""uvicorn in this process: the socket it listens on, and how it ends."""

from __future__ import annotations

import errno
import signal
import socket
import sys
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from types import FrameType

import uvicorn

from supportbot.asgi import application

# Requests that are still being answered when the server stops, long polls among them.
GRACE_SECONDS = 1
# Twice what conversations/protocol.py takes, so that its answer to a large frame is seen.
LARGEST_FRAME_BYTES = 128 * 1024
# A thread that computes gives way to the others after so long, 5 ms unless told otherwise. On its
# way to an agent a message goes through several threads.
SWITCH_SECONDS = 0.0005
SIGNALS = (signal.SIGINT, signal.SIGTERM)


class CannotListen(Exception):
    """The address or port cannot be used. The text names the setting that changes it."""


def listen(host: str, port: int) -> socket.socket:
    """Bind the server's socket before anything else is done. Raises CannotListen."""
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except OSError:
        raise CannotListen(
            f"HOST is {host!r}, which is no address of this machine. "
            "Set HOST to 127.0.0.1, or to 0.0.0.0 for all addresses."
        ) from None
    bound = socket.socket(family, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind(address)
        # Without this a second program could bind too, and fail only when it listens.
        bound.listen()
    except OSError as error:
        bound.close()
        raise CannotListen(_why(error, host, port)) from None
    return bound


def _why(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"Port {port} on {host} is taken by another program. "
            f"Set PORT to a free one, for example PORT={port + 1 if port < 65535 else 8000}."
        )
    if error.errno == errno.EACCES:
        return f"Port {port} may be used by root only. Set PORT to one above 1023."
    return f"HOST {host} with PORT {port} cannot be used: {error.strerror}. Change HOST or PORT."


def address_of(host: str, port: int) -> str:
    """Return the address a browser on this machine uses."""
    local = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(host, host)  # noqa: S104
    return f"http://[{local}]:{port}" if ":" in local else f"http://{local}:{port}"


class WebServer(uvicorn.Server):
    """Tells when it serves, and at the first signal when it begins to stop."""

    def __init__(self, on_serving: Callable[[], None], on_stopping: Callable[[], None]) -> None:
        super().__init__(_config())
        sys.setswitchinterval(SWITCH_SECONDS)
        self._on_serving = on_serving
        self._on_stopping = on_stopping

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to serve."""
        await super().startup(sockets)
        if self.started:
            threading.Thread(target=self._on_serving, name="serving", daemon=True).start()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop; streams are given up at once, in a thread, because a signal interrupts anything."""
        if not self.should_exit:
            threading.Thread(target=self._on_stopping, name="stopping", daemon=True).start()
        self.should_exit = True

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Handle signals without raising them again at the end: a stop that was asked for is 0."""
        original = {sig: signal.signal(sig, self.handle_exit) for sig in SIGNALS}
        try:
            yield
        finally:
            for sig, handler in original.items():
                signal.signal(sig, handler)


def _config() -> uvicorn.Config:
    return uvicorn.Config(
        application,
        log_config=None,
        access_log=False,
        # Who the customer is behind proxies is decided by TRUSTED_PROXIES, in one place.
        proxy_headers=False,
        server_header=False,
        # 30 KB an idle socket instead of 64.
        ws_per_message_deflate=False,
        ws_max_size=LARGEST_FRAME_BYTES,
        timeout_graceful_shutdown=GRACE_SECONDS,
        timeout_keep_alive=30,
        lifespan="on",
    )
