"""The stub server as a process of its own, and addresses where nobody answers: for rehearsals."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STOP_SECONDS = 5.0
# A queue of no length takes one connection; the system holds what comes after without an answer.
WAITING_CONNECTIONS = 4


@contextlib.contextmanager
def stub_process() -> Iterator[str]:
    """Run the stub server on a free port; gives its base address (with /v1)."""
    command = [sys.executable, "-m", "providers.llm.stub_server", "--port", "0"]
    with subprocess.Popen(  # noqa: S603 - our own module
        command, cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().split()[-1]
        finally:
            process.terminate()
            process.wait(STOP_SECONDS)


@contextlib.contextmanager
def refusing_address() -> Iterator[str]:
    """Give a base address on this machine where connections are refused."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{held.getsockname()[1]}/v1"


@contextlib.contextmanager
def silent_address() -> Iterator[str]:
    """Give a base address on this machine where attempts to connect get no answer at all."""
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(WAITING_CONNECTIONS):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listener.getsockname())
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
