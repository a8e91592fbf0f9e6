"""Sends one body to an address that an operator named, as carefully as pages are fetched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import httpcore2

from providers.web.addresses import TrustedHosts, parse_address, require_public
from providers.web.base import PageTimeout, PageUnavailable
from providers.web.connecting import Budget, CheckedBackend, Resolve, system_resolve

STEP_SECONDS = 5.0


def post(
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    *,
    trusted_hosts: Sequence[str] = (),
    total_seconds: float,
    resolve: Resolve = system_resolve,
    backend: httpcore2.NetworkBackend | None = None,
) -> None:
    """Post a body; a redirect is not followed, and every status but 2xx is a failure.

    Raises AddressRefused, PageUnavailable.
    """
    trusted = TrustedHosts.of(trusted_hosts)
    address = parse_address(url)
    require_public(address, trusted)
    budget = Budget()
    budget.begin(total_seconds)
    steps = dict.fromkeys(("connect", "read", "write", "pool"), STEP_SECONDS)
    target = httpcore2.URL(
        scheme=address.scheme, host=address.name, port=address.port, target=address.target
    )
    sent = [
        ("Host", address.authority),
        ("Content-Length", str(len(body))),
        ("Connection", "close"),
        *headers.items(),
    ]
    extensions = {"timeout": steps, "sni_hostname": address.host}
    checked = CheckedBackend(budget, trusted, resolve, backend)
    try:
        with (
            httpcore2.ConnectionPool(network_backend=checked) as pool,
            pool.stream("POST", target, headers=sent, content=body, extensions=extensions) as reply,
        ):
            status = reply.status
    except (httpcore2.TimeoutException, PageTimeout):
        raise PageTimeout(
            f"{address.host} took too long to answer. Check whether it is up; it is tried again."
        ) from None
    except (httpcore2.NetworkError, httpcore2.ProtocolError) as error:
        raise PageUnavailable(
            f"{address.host} could not be reached: {type(error).__name__}. Check the address and "
            "whether it is up; it is tried again."
        ) from None
    if not 200 <= status < 300:
        raise PageUnavailable(
            f"{address.host} answered with status {status}. Check why in its own log; it is tried "
            "again."
        )
