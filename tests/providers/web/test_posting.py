"""A body is posted to checked addresses only, within its time."""

import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from providers.errors import ProviderError
from providers.web.addresses import AddressRefused
from providers.web.base import PageTimeout, PageUnavailable
from providers.web.posting import post


class Hook(BaseHTTPRequestHandler):
    """Answers as its path says, and remembers what came."""

    came: list[tuple[str, bytes, dict[str, str]]]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.came.append((self.path, body, dict(self.headers)))
        status = int(self.path.strip("/") or 200)
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "/200")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def hook() -> Iterator[HTTPServer]:
    Hook.came = []
    server = HTTPServer(("127.0.0.1", 0), Hook)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def place(server: HTTPServer) -> str:
    return f"127.0.0.1:{server.server_port}"


def send(server: HTTPServer, path: str = "/200", **options: Any) -> None:
    given = {"trusted_hosts": [place(server)], "total_seconds": 5.0, **options}
    post(f"http://{place(server)}{path}", b"{}", {"Content-Type": "application/json"}, **given)


def test_a_body_arrives_with_its_headers(hook: HTTPServer) -> None:
    send(hook)
    (path, body, headers) = Hook.came[0]
    assert (path, body, headers["Content-Type"]) == ("/200", b"{}", "application/json")
    assert headers["Host"] == place(hook)


@pytest.mark.parametrize("status", [302, 404, 500])
def test_a_redirect_is_not_followed_and_an_error_is_a_failure(
    hook: HTTPServer, status: int
) -> None:
    with pytest.raises(PageUnavailable, match=str(status)):
        send(hook, f"/{status}")
    assert len(Hook.came) == 1


def test_an_address_that_is_not_trusted_is_not_connected_to(hook: HTTPServer) -> None:
    with pytest.raises(AddressRefused):
        send(hook, trusted_hosts=[])
    assert Hook.came == []


@pytest.mark.parametrize(
    "url",
    ["http://169.254.169.254/latest/", "http://[::1]/", "ftp://example.com/", "http://10.0.0.1/"],
)
def test_addresses_of_the_inside_are_refused(url: str) -> None:
    with pytest.raises(AddressRefused):
        post(url, b"{}", {}, total_seconds=2.0)


def test_a_name_that_leads_inside_is_refused() -> None:
    def inside(name: str, port: int, timeout: float) -> list[str]:
        return ["10.0.0.1"]

    with pytest.raises(ProviderError):
        post("https://hooks.example.com/", b"{}", {}, total_seconds=2.0, resolve=inside)


def test_a_server_that_says_nothing_is_given_up_in_time() -> None:
    silent = socket.create_server(("127.0.0.1", 0))
    where = f"127.0.0.1:{silent.getsockname()[1]}"
    started = time.monotonic()
    with pytest.raises(PageTimeout, match="took too long"):
        post(f"http://{where}/", b"{}", {}, trusted_hosts=[where], total_seconds=0.5)
    assert time.monotonic() - started < 3
    silent.close()


def test_a_server_that_is_not_there_is_told_plainly() -> None:
    taken = socket.create_server(("127.0.0.1", 0))
    where = f"127.0.0.1:{taken.getsockname()[1]}"
    taken.close()
    with pytest.raises(PageUnavailable, match=r"127\.0\.0\.1"):
        post(f"http://{where}/", b"{}", {}, trusted_hosts=[where], total_seconds=2.0)
