"""Fetches pages over HTTP/1.1 with every address checked, on every hop.

On httpcore2, the layer below httpx2: it knows no proxies, no netrc, no cookies and no redirects of
its own, so there is nothing to switch off.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urljoin

import httpcore2

from providers.web.addresses import (
    AddressRefused,
    TrustedHosts,
    WebAddress,
    parse_address,
    require_public,
)
from providers.web.base import PageTimeout, PageUnavailable, Validators, WebRequest, WebResponse
from providers.web.connecting import Budget, CheckedBackend, Resolve, system_resolve
from providers.web.unpacking import unpacked

REDIRECTS = frozenset({301, 302, 303, 307, 308})
MOST_REDIRECTS = 3
OK = 200
MEGABYTE = 1024 * 1024
ACCEPT = "text/html,application/xhtml+xml,application/pdf,text/*;q=0.9,*/*;q=0.5"
KEEPALIVE_SECONDS = 5.0
CHECK_IN_BROWSER = "Check it in a browser; the next run tries again."
# Headers that servers may send more than once, to be read as one list.
_LISTS = frozenset({"x-robots-tag", "link"})


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait, in seconds: for a connection, between two pieces, for a whole page."""

    connect_seconds: float = 5.0
    gap_seconds: float = 10.0
    total_seconds: float = 30.0


class GuardedFetcher:
    """Fetches what is allowed. `trusted_hosts` are the owner's own, see WEB_TRUSTED_HOSTS."""

    def __init__(
        self,
        *,
        user_agent: str,
        trusted_hosts: Sequence[str] = (),
        max_megabytes: float = 10,
        total_seconds: float = 30.0,
        resolve: Resolve = system_resolve,
        backend: httpcore2.NetworkBackend | None = None,
    ) -> None:
        self._user_agent = user_agent
        self._max_bytes = int(max_megabytes * MEGABYTE)
        self._patience = Patience(total_seconds=total_seconds)
        self._trusted = TrustedHosts.of(trusted_hosts)
        self._budget = Budget()
        self._pool = httpcore2.ConnectionPool(
            # Made once: reading the certificates takes longer than fetching a page.
            ssl_context=httpcore2.default_ssl_context(),
            max_connections=4,
            max_keepalive_connections=2,
            keepalive_expiry=KEEPALIVE_SECONDS,
            network_backend=CheckedBackend(self._budget, self._trusted, resolve, backend),
        )

    def fetch(self, request: WebRequest) -> WebResponse:
        """Fetch a page; at most three redirects, each checked like the first address.

        Raises AddressRefused, PageUnavailable.
        """
        self._budget.begin(self._patience.total_seconds)
        url = request.url
        for _ in range(MOST_REDIRECTS + 1):
            address = parse_address(url)
            require_public(address, self._trusted)
            if not request.hosts.cover(address.host):
                raise AddressRefused(
                    f"{address.host} is not among the hosts that this source may read. Add it to "
                    "the allowed hosts if it should be."
                )
            response = self._get(address, request)
            location = response.headers.get("location", "")
            if response.status not in REDIRECTS or not location:
                return response
            url = _redirected(address, location)
        raise PageUnavailable(
            f"More than {MOST_REDIRECTS} redirects; the last leads to {url}. Give the address that "
            "a browser ends at."
        )

    def close(self) -> None:
        """Close the connections that are kept open."""
        self._pool.close()

    def _get(self, address: WebAddress, request: WebRequest) -> WebResponse:
        wait = self._patience
        extensions = {
            "timeout": {
                "connect": wait.connect_seconds,
                "read": wait.gap_seconds,
                "write": wait.gap_seconds,
                "pool": wait.connect_seconds,
            },
            "sni_hostname": address.host,
        }
        url = httpcore2.URL(
            scheme=address.scheme, host=address.name, port=address.port, target=address.target
        )
        headers = self._headers(address, request.validators(address.url))
        try:
            with self._pool.stream("GET", url, headers=headers, extensions=extensions) as reply:
                return self._read(address, request, reply)
        except httpcore2.TimeoutException:
            raise PageTimeout(
                f"{address.host} took too long to answer. {CHECK_IN_BROWSER}"
            ) from None
        except (httpcore2.NetworkError, httpcore2.ProtocolError) as error:
            raise PageUnavailable(_reason(address, error)) from None

    def _headers(self, address: WebAddress, known: Validators) -> list[tuple[str, str]]:
        headers = [
            ("Host", address.authority),
            ("User-Agent", self._user_agent),
            ("Accept", ACCEPT),
            ("Accept-Encoding", "gzip"),
        ]
        if known.etag:
            headers.append(("If-None-Match", known.etag))
        if known.last_modified:
            headers.append(("If-Modified-Since", known.last_modified))
        return headers

    def _read(
        self, address: WebAddress, request: WebRequest, reply: httpcore2.Response
    ) -> WebResponse:
        headers = _named(reply.headers)
        if reply.status != OK:
            return WebResponse(address.url, reply.status, headers)
        limit = request.max_bytes or self._max_bytes
        announced = headers.get("content-length", "")
        if announced.isdigit() and int(announced) > limit and not request.cut:
            raise PageUnavailable(_too_large(limit))
        encoding = headers.get("content-encoding", "").strip().lower()
        content, was_cut = unpacked(reply.iter_stream(), encoding, limit)
        if was_cut and not request.cut:
            raise PageUnavailable(_too_large(limit))
        return WebResponse(address.url, reply.status, headers, content, was_cut)


def _too_large(limit: int) -> str:
    return (
        f"The page is larger than {limit / MEGABYTE:.0f} MB, or never ends; it was not used. "
        "WEB_PAGE_MAX_MEGABYTES raises the limit."
    )


def _redirected(address: WebAddress, location: str) -> str:
    try:
        return urljoin(address.url, location.strip().replace(" ", "%20"))
    except ValueError:
        raise AddressRefused(
            "The server redirects to something that is no address. Ask whoever runs that site to "
            "repair it."
        ) from None


def _named(headers: Sequence[tuple[bytes, bytes]]) -> dict[str, str]:
    named: dict[str, str] = {}
    for raw_name, raw_value in headers:
        name = raw_name.decode("ascii", "replace").lower()
        value = _text(raw_value)
        named[name] = f"{named[name]}, {value}" if name in _LISTS and name in named else value
    return named


def _text(value: bytes) -> str:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("latin-1")


def _reason(address: WebAddress, error: Exception) -> str:
    if "CERTIFICATE_VERIFY_FAILED" in str(error):
        return (
            f"The certificate of {address.host} is not valid, so its pages are not read. Ask "
            "whoever runs that site to renew it."
        )
    if isinstance(error, httpcore2.ConnectError):
        return f"{address.host} cannot be reached at port {address.port}. {CHECK_IN_BROWSER}"
    return f"{address.host} broke off or sent something that is not HTTP. {CHECK_IN_BROWSER}"
