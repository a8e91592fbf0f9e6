"""Pages of other people that show the widget, some of them hostile, on a server of their own."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from playwright.sync_api import FrameLocator, Locator, Page

TEXT = "<h1>Garden shop</h1><p>Spades, seeds and pots.</p>" + "<p>We deliver.</p>" * 30

# What old libraries, broken polyfills and bad luck do to a page.
OWN_PROMISE = """
<script>
  window.Promise = function () { throw new Error("not that Promise"); };
  window.Promise.resolve = window.Promise.reject = () => { throw new Error("not that Promise"); };
  Array.prototype.toJSON = () => "broken";
  Object.prototype.extra = "everywhere";
  for (const name of ["map", "forEach", "filter", "indexOf", "push"])
    Array.prototype[name] = () => { throw new Error("no"); };
  window.JSON = { parse: () => null, stringify: () => "" };
  window.fetch = window.XMLHttpRequest = window.WebSocket = undefined;
  window.name = "parent"; window.config = "x"; window.supportbot_ = 1;
</script>"""
# What libraries from before the standard put in place of today's methods.
OWN_ELEMENTS = """
<script>
  for (const name of ["append", "prepend", "remove", "replaceChildren"])
    Element.prototype[name] = () => { throw new Error("not that " + name); };
  document.append = null;
  Object.freeze(Object.prototype);
</script>"""
HOSTILE_STYLE = """
* { all: revert !important; display: none !important; visibility: hidden !important;
    font: 40px cursive !important; color: red !important; transform: rotate(9deg) !important;
    pointer-events: none !important; animation: x 1s infinite !important;
    transition: all 9s !important; z-index: -1 !important; direction: rtl !important; }
@keyframes x { to { opacity: 0; } }
html, body, h1, p, main { display: block !important; visibility: visible !important;
    pointer-events: auto !important; transform: none !important; animation: none !important; }
html { font-size: 3px !important; }
iframe, button, section, div[data-supportbot] { width: 1px !important; height: 1px !important;
    position: static !important; opacity: 0 !important; }
html > div { display: none !important; inset: auto !important; }
"""


def page(tag: str, head: str = "", body: str = TEXT) -> str:
    """Return a page of a shop with the widget's tag at its end."""
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Shop</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<link rel="icon" href="data:,">{head}</head><body><main>{body}</main>{tag}</body></html>'
    )


class HostServer:
    """Serves pages that a test puts in: path -> (html, headers)."""

    def __init__(self, port: int) -> None:
        self.pages: dict[str, tuple[str, dict[str, str]]] = {}
        # Another host name than the chat's server, so that the two are different sites.
        self.url = f"http://localhost:{port}"
        # The same site as the chat's server, another origin: Chromium lets the frame keep things.
        self.same_site_url = f"http://127.0.0.1:{port}"

    def put(self, path: str, html: str, **headers: str) -> str:
        """Serve a page and return its address; headers by name with _ for -."""
        self.pages[path] = (html, {name.replace("_", "-"): v for name, v in headers.items()})
        return self.url + path


@contextmanager
def host_server() -> Iterator[HostServer]:
    """Run the server on a free port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            html, headers = hosts.pages.get(self.path.partition("?")[0], ("", {}))
            self.send_response(200 if html else 404)
            for name, value in {"Content-Type": "text/html; charset=utf-8", **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(html.encode())

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    hosts = HostServer(server.server_address[1])
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield hosts
    finally:
        server.shutdown()
        server.server_close()


def launcher(page: Page) -> Locator:
    """Return the widget's button."""
    return page.locator("[data-supportbot] button.launcher")


def chat(page: Page) -> FrameLocator:
    """Return the chat inside the widget."""
    return page.frame_locator("[data-supportbot] iframe")
