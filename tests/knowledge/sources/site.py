"""A small web site on this machine, which tests change while it is served.

`Site` works in any test, a browser's too: start it first, then give `site.place` to the server
under test in WEB_TRUSTED_HOSTS, since a local address is read only when its owner says so.
"""

from __future__ import annotations

import hashlib
import ssl
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

HTML = "text/html; charset=utf-8"


@dataclass
class Page:
    """What an address answers with. `stream` sends pieces without saying how many come."""

    body: bytes = b""
    media_type: str = HTML
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    with_etag: bool = False
    stream: Callable[[], Iterable[bytes]] | None = None


def html(title: str, text: str, *links: str, head: str = "") -> Page:
    """Return an ordinary help page."""
    anchors = "".join(f'<li><a href="{link}">{link}</a></li>' for link in links)
    return Page(
        f"<!doctype html><html><head><title>{title}</title>{head}</head><body><main><h1>{title}"
        f"</h1><p>{text}</p></main><nav><ul>{anchors}</ul></nav></body></html>".encode()
    )


def redirect(target: str, status: int = 302) -> Page:
    """Return a redirect."""
    return Page(status=status, headers={"Location": target})


def sitemap(*addresses: str) -> Page:
    """Return a sitemap of pages."""
    entries = "".join(f"<url><loc>{address}</loc></url>" for address in addresses)
    space = "http://www.sitemaps.org/schemas/sitemap/0.9"
    return Page(f'<urlset xmlns="{space}">{entries}</urlset>'.encode(), "application/xml")


class Site:
    """Serves `pages` by path on a free port; `asked` holds (path, headers) of each request."""

    def __init__(
        self, pages: dict[str, Page] | None = None, tls: ssl.SSLContext | None = None
    ) -> None:
        self.pages = pages or {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def place(self) -> str:
        """Return host and port, as WEB_TRUSTED_HOSTS wants them."""
        return f"127.0.0.1:{self._server.server_port}"

    @property
    def url(self) -> str:
        """Return the address without a slash at its end."""
        return f"http://{self.place}"

    def paths(self) -> list[str]:
        """Return what was asked for, in order, without robots.txt."""
        return [path for path, _ in self.asked if path != "/robots.txt"]

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                site.asked.append((self.path, dict(self.headers)))
                _answer(self, site.pages.get(self.path, Page(b"not here", status=404)))

            def log_message(self, format: str, *args: Any) -> None:
                pass

        return Handler


def _answer(handler: BaseHTTPRequestHandler, page: Page) -> None:
    etag = f'"{hashlib.sha256(page.body).hexdigest()[:16]}"'
    if page.with_etag and handler.headers.get("If-None-Match") == etag:
        handler.send_response(304)
        handler.end_headers()
        return
    handler.send_response(page.status)
    handler.send_header("Content-Type", page.media_type)
    for name, value in page.headers.items():
        handler.send_header(name, value)
    if page.with_etag:
        handler.send_header("ETag", etag)
    if page.stream is not None:
        handler.send_header("Connection", "close")
        handler.end_headers()
        handler.close_connection = True
        _pour(handler, page.stream())
        return
    handler.send_header("Content-Length", str(len(page.body)))
    handler.end_headers()
    handler.wfile.write(page.body)


def _pour(handler: BaseHTTPRequestHandler, pieces: Iterable[bytes]) -> None:
    try:
        for piece in pieces:
            handler.wfile.write(piece)
    except OSError:
        # The reader has had enough.
        return


def endless() -> Iterator[bytes]:
    """Yield the beginning of a page, and more of it for ever."""
    yield b"<!doctype html><html><body>"
    while True:
        yield b"<p>and so on</p>" * 4096


def help_site() -> dict[str, Page]:
    """Return a help site of a few pages, as a shop has it."""
    return {
        "/robots.txt": Page(b"User-agent: *\nDisallow: /intern/\n", "text/plain"),
        "/help/": html(
            "Help", "Welcome to the help of the Lantern shop.", "returns.html", "shipping.html",
            "/intern/prices.html", "/about.html",
        ),
        "/help/returns.html": html(
            "Returns", "Send a lantern back within 45 days. The label is in the box.", "./"
        ),
        "/help/shipping.html": html(
            "Shipping", "Parcels leave our Bremen warehouse every weekday at noon.", "returns.html"
        ),
        "/intern/prices.html": html("Prices", "Our purchase prices."),
        "/about.html": html("About us", "Founded in 1987 by two lighthouse keepers."),
    }  # fmt: skip
