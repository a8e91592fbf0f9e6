"""A real server process for tests: started on a free port, waited for, and ended."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from tests.fresh_data_folder import ROOT, new_data_folder

READY_SECONDS = 90.0
STOP_SECONDS = 10.0


def free_port() -> int:
    """Return a port that nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def fetch(
    url: str,
    *,
    method: str = "GET",
    body: Any = None,
    token: str = "",
    timeout_seconds: float = 30.0,
) -> tuple[int, Any]:
    """Send JSON and return (status, JSON or text)."""
    headers = {"Content-Type": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data=data, headers=headers, method=method)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=timeout_seconds) as response:
            return response.status, _read(response)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, _read(error)


def _read(response: IO[bytes]) -> Any:
    text = response.read().decode()
    try:
        return json.loads(text)
    except ValueError:
        return text


class ServerProcess:
    """`manage.py serve` with its own data folder. Not started yet."""

    def __init__(self, data_dir: Path, paths: tuple[Path, ...], env: Mapping[str, str]) -> None:
        self.data_dir = new_data_folder(data_dir)
        self.port = int(env.get("PORT") or free_port())
        self.url = f"http://127.0.0.1:{self.port}"
        self.output = data_dir / "output.txt"
        self._paths = [str(path) for path in paths]
        self._env = {**env, "DATA_DIR": str(data_dir), "PORT": str(self.port)}
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, *, wait: bool = True) -> None:
        """Start it, and wait until /readyz says ready unless told otherwise."""
        command = [sys.executable, "manage.py", "serve", *self._paths]
        with self.output.open("ab") as output:
            self.process = subprocess.Popen(
                command,
                cwd=ROOT,
                env={**os.environ, **self._env},
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        if wait:
            self.wait_ready()

    def wait_ready(self) -> None:
        """Wait until customers can be served. Fails with the server's output."""
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            assert self.process is not None
            assert self.process.poll() is None, f"the server ended:\n{self.read_output()}"
            with contextlib.suppress(OSError):
                status, _ = fetch(f"{self.url}/readyz", timeout_seconds=5)
                if status == 200:
                    return
            time.sleep(0.05)
        raise AssertionError(f"not ready after {READY_SECONDS} s:\n{self.read_output()}")

    def wait_for_output(self, text: str, timeout_seconds: float = 90.0) -> str:
        """Wait until the server has printed this; return all it printed."""
        deadline = time.monotonic() + timeout_seconds
        while time.monotonic() < deadline:
            printed = self.read_output()
            if text in printed:
                return printed
            time.sleep(0.05)
        raise AssertionError(f"{text!r} was not printed:\n{self.read_output()}")

    def read_output(self) -> str:
        """Return what it printed so far, standard error too."""
        return self.output.read_text(encoding="utf-8", errors="replace")

    def signal(self, number: int) -> None:
        """Send a signal to the server's process."""
        assert self.process is not None
        self.process.send_signal(number)

    def kill(self) -> None:
        """End it with -9, without any chance to tidy up."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                self.process.kill()
            self.process.wait(STOP_SECONDS)

    def stop(self) -> int:
        """End it as Ctrl-C does; return its exit status."""
        if self.process is None:
            return 0
        if self.process.poll() is None:
            self.signal(signal.SIGINT)
        try:
            return self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            raise

    def restart(self) -> None:
        """Stop it cleanly and start it again on the same data and port."""
        self.stop()
        self.start()


@contextlib.contextmanager
def stub_llm_process() -> Iterator[str]:
    """Run the OpenAI-compatible stub; gives its base address (with /v1)."""
    port = free_port()
    command = [sys.executable, "-m", "providers.llm.stub_server", "--port", str(port)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        try:
            yield f"http://127.0.0.1:{port}/v1"
        finally:
            process.terminate()
