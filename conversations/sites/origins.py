"""Origins of the pages that may show the chat: `scheme://host[:port]`, or all below a host.

The form follows the host sources of content security policies (CSP level 3, section 2.3.1), since
they end in `frame-ancestors`.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from urllib.parse import urlsplit

DEFAULT_PORTS = {"http": 80, "https": 443}
# Where builders try a page: only with a site's test key.
LOCAL_SOURCES = ("http://localhost:*", "http://127.0.0.1:*", "https://localhost:*")
_LABEL = re.compile(r"^(?!-)[a-z0-9-]{1,63}(?<!-)$")
MOST_ORIGINS = 50


class BadOrigin(ValueError):
    """The text names no origin; the message says what is wrong with it."""


def normalised_origin(text: str) -> str:
    """Return an origin in its one form: lower case, punycode, no default port, no path.

    `*.example.com` stands for every host below, not for example.com itself. Raises BadOrigin.
    """
    given = text.strip()
    if "://" not in given:
        given = f"https://{given}"
    scheme, host, port = _parts(given, text)
    if scheme not in DEFAULT_PORTS:
        raise BadOrigin(f"{text}: an origin starts with https:// or http://.")
    star, host = ("*.", host[2:]) if host.startswith("*.") else ("", host)
    shown_port = "" if port in (None, DEFAULT_PORTS[scheme]) else f":{port}"
    return f"{scheme}://{star}{_host(host, text, star)}{shown_port}"


def _parts(given: str, text: str) -> tuple[str, str, int | None]:
    try:
        parts = urlsplit(given)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise BadOrigin(f"{text}: this is not an address.") from None
    if parts.username is not None or parts.password is not None:
        raise BadOrigin(f"{text}: leave the user name out.")
    if not host:
        raise BadOrigin(f"{text}: the host is missing, as in https://www.example.com.")
    return parts.scheme.lower(), host.rstrip("."), port


def _host(host: str, text: str, star: str) -> str:
    if ":" in host or host.replace(".", "").isdigit():
        return _address(host, text, star)
    try:
        ascii_host = host.encode("idna").decode() if not host.isascii() else host.lower()
    except UnicodeError:
        raise BadOrigin(f"{text}: {host} is not a host's name.") from None
    labels = ascii_host.split(".")
    if not all(map(_LABEL.match, labels)):
        raise BadOrigin(f"{text}: {host} is not a host's name.")
    if star and len(labels) < 2:
        raise BadOrigin(f"{text}: name at least two parts after the star.")
    return ascii_host


def _address(host: str, text: str, star: str) -> str:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        raise BadOrigin(f"{text}: {host} is not a network address.") from None
    if star:
        raise BadOrigin(f"{text}: a star does not go with a network address.")
    return f"[{address}]" if address.version == 6 else str(address)


def normalised_origins(text: str) -> list[str]:
    """Return the origins of a text, one a line, each once. Raises BadOrigin."""
    lines = [line for line in (line.strip() for line in text.splitlines()) if line]
    found = list(dict.fromkeys(normalised_origin(line) for line in lines))
    if len(found) > MOST_ORIGINS:
        raise BadOrigin(f"At most {MOST_ORIGINS} origins; use *.example.com for many hosts.")
    return found


def origin_of(address: str) -> str:
    """Return the origin of a page's address, empty when it has none."""
    try:
        return normalised_origin(address) if "://" in address else ""
    except BadOrigin:
        return ""


def is_among(origin: str, sources: Iterable[str]) -> bool:
    """Say whether an origin (as `origin_of` gives it) is one of these sources."""
    return any(_fits(origin, source) for source in sources)


def _fits(origin: str, source: str) -> bool:
    if source.endswith(":*"):
        any_port = source[:-2]
        return origin == any_port or origin.startswith(f"{any_port}:")
    scheme, _, rest = source.partition("://")
    if not rest.startswith("*."):
        return origin == source
    return origin.startswith(f"{scheme}://") and origin.endswith(rest[1:])
