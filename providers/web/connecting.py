"""The only way to a socket: a name is looked up, every answer checked, and one of them connected.

What was checked is what is connected to, so a name that answers differently the next moment gains
nothing. A connection that is kept open was checked when it was made.
"""

from __future__ import annotations

import queue
import socket
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from ipaddress import ip_address
from ssl import SSLContext
from typing import Any

import httpcore2

from providers.web.addresses import TrustedHosts, require_public_ip
from providers.web.base import PageTimeout, PageUnavailable

Resolve = Callable[[str, int, float], Sequence[str]]
# A name with more addresses than this has a fault elsewhere when the first ones do not answer.
MOST_TRIED = 3


class Budget:
    """The time that is left for one page, over all its redirects, by the monotonic clock."""

    def __init__(self) -> None:
        self._ends = time.monotonic()

    def begin(self, seconds: float) -> None:
        """Start the clock."""
        self._ends = time.monotonic() + seconds

    def left(self, most: float | None = None) -> float:
        """Return the seconds left, at most `most`. Raises PageTimeout when there are none."""
        left = self._ends - time.monotonic()
        if left <= 0:
            raise PageTimeout(
                "The server took too long to send the page. Raise WEB_FETCH_SECONDS if it is "
                "always so slow; the next run tries again."
            )
        return left if most is None else min(left, most)


def system_resolve(name: str, port: int, timeout_seconds: float) -> list[str]:
    """Return a name's addresses by the machine's resolver. Raises PageUnavailable.

    In a thread of its own: the resolver has no time limit that we could set.
    """
    answers: queue.SimpleQueue[list[str] | OSError] = queue.SimpleQueue()

    def ask() -> None:
        try:
            found = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
            answers.put([str(entry[4][0]) for entry in found])
        except (OSError, UnicodeError) as error:
            answers.put(error if isinstance(error, OSError) else OSError(str(error)))

    threading.Thread(target=ask, name="resolve", daemon=True).start()
    try:
        answer = answers.get(timeout=timeout_seconds)
    except queue.Empty:
        raise PageTimeout(
            f"The name {name} could not be looked up in time. Check the network of the machine "
            "that supportbot runs on."
        ) from None
    if isinstance(answer, OSError):
        raise PageUnavailable(f"The name {name} is not known. Check its spelling.")
    return answer


class CheckedBackend(httpcore2.NetworkBackend):
    """Connects to checked addresses only, within the budget."""

    def __init__(
        self,
        budget: Budget,
        trusted: TrustedHosts,
        resolve: Resolve = system_resolve,
        inner: httpcore2.NetworkBackend | None = None,
    ) -> None:
        self._budget = budget
        self._trusted = trusted
        self._resolve = resolve
        self._inner = inner or httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        """Connect to the first address of a host that answers.

        Raises AddressRefused when one of its addresses may not be connected to.
        """
        failure: Exception = PageUnavailable(f"{host} has no IP address. Check its spelling.")
        for address in self._checked(host, port, timeout)[:MOST_TRIED]:
            try:
                stream = self._inner.connect_tcp(
                    address, port, self._budget.left(timeout), local_address, socket_options
                )
                return _BudgetedStream(stream, self._budget)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failure = error
        raise failure

    def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[Any] | None = None
    ) -> httpcore2.NetworkStream:
        """Refuse: no page comes from a socket on this machine."""
        raise PageUnavailable("Sockets of this machine are not read. Choose an address on the web.")

    def _checked(self, host: str, port: int, timeout: float | None) -> list[str]:
        name = host.removesuffix(".")
        found = [host] if _is_ip(host) else self._answers(host, port, timeout)
        trusted = self._trusted.cover(name, port)
        # All of them: a name with one public and one private address is not trusted with either.
        checked = [require_public_ip(address, name, trusted=trusted) for address in found]
        return list(dict.fromkeys(checked))

    def _answers(self, host: str, port: int, timeout: float | None) -> list[str]:
        """Look a name up twice: one that answers differently the second time gives itself away.

        The first answer is used in any case; this only turns an attempt into a refusal that
        somebody sees.
        """
        first = self._resolve(host, port, self._budget.left(timeout))
        second = self._resolve(host, port, self._budget.left(timeout))
        return [*first, *second]


class _BudgetedStream(httpcore2.NetworkStream):
    """A connection that ends with the budget, however slowly something drips."""

    def __init__(self, inner: httpcore2.NetworkStream, budget: Budget) -> None:
        self._inner = inner
        self._budget = budget

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, self._budget.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, self._budget.left(timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self,
        ssl_context: SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore2.NetworkStream:
        stream = self._inner.start_tls(ssl_context, server_hostname, self._budget.left(timeout))
        return _BudgetedStream(stream, self._budget)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


def _is_ip(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
