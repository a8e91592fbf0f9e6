"""Which endpoints count as our own: for passages that must not leave this machine. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from ipaddress import IPv6Address, ip_address

LOCALHOST = "localhost"
# Plain addresses only: parsers disagree about what else may stand before a host, and the client
# must not connect to another one than was judged.
_PLAIN = re.compile(r"https?://(?:([\w.-]+)|\[([0-9a-f:.]+)\])(?::\d+)?(?:/[^\s\\@]*)?", re.ASCII)


def is_local(base_url: str, trusted_hosts: Iterable[str] = ()) -> bool:
    """Say whether an endpoint is on this machine or on a host that the operator trusts.

    A private address alone is not enough: it says nothing about who runs that machine and where
    it passes a prompt on. No address (OpenAI's own) and one that cannot be read are not local.
    """
    found = _PLAIN.fullmatch(base_url.casefold())
    if not found:
        return False
    host = normalised(found[1] or found[2])
    return _is_loopback(host) or host in {normalised(trusted) for trusted in trusted_hosts}


def normalised(host: str) -> str:
    """Return a host's name or address as it is compared."""
    bare = host.strip().casefold().removeprefix("[").removesuffix("]").removesuffix(".")
    try:
        return str(ip_address(bare))
    except ValueError:
        return bare


def _is_loopback(host: str) -> bool:
    try:
        address = ip_address(host)
    except ValueError:
        return host == LOCALHOST
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped.is_loopback
    return address.is_loopback
