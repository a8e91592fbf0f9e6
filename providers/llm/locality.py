"""Which endpoints count as our own: for passages that must not leave this machine. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv6Address, ip_address

import httpx2

LOCALHOST = "localhost"


def is_local(base_url: str, trusted_hosts: Iterable[str] = ()) -> bool:
    """Say whether an endpoint is on this machine or on a host that the operator trusts.

    A private address alone is not enough: it says nothing about who runs that machine and where
    it passes a prompt on. No address (OpenAI's own) and one that cannot be read are not local.
    """
    host = host_of(base_url)
    if not host:
        return False
    return _is_loopback(host) or host in {normalised(trusted) for trusted in trusted_hosts}


def host_of(base_url: str) -> str:
    """Return the host that a client of this address connects to, or ""."""
    try:
        # The client's own parser: another one might read a crooked address another way.
        return normalised(httpx2.URL(base_url).host)
    except (httpx2.InvalidURL, ValueError):
        return ""


def normalised(host: str) -> str:
    """Return a host's name or address as it is compared."""
    bare = host.strip().casefold().removeprefix("[").removesuffix("]").rstrip(".")
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
