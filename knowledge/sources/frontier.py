"""Which addresses are still to be read, in the order they were found, and which never will be."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass
from urllib.parse import urlsplit

from knowledge.sources.link_addresses import may_be_page
from providers.web.addresses import AddressRefused, AllowedHosts, parse_address

# Beyond these a site is making addresses up: calendars, sort orders, filters, links to themselves.
MOST_QUERIES_PER_PATH = 10
MOST_PARAMETERS = 5
MOST_SEGMENTS = 16
MOST_REPEATS = 2
MOST_CHARACTERS = 1000
# What waits is bounded too: this many for each page that may be read.
WAITING_PER_PAGE = 20


@dataclass(frozen=True, slots=True)
class Scope:
    """What belongs to a source: its hosts, and on the start's own hosts only what is `below`."""

    hosts: AllowedHosts
    own_hosts: frozenset[str] = frozenset()
    below: str = ""

    def covers(self, url: str) -> bool:
        """Say whether an address belongs to the source."""
        try:
            address = parse_address(url)
        except AddressRefused:
            return False
        if not self.hosts.cover(address.host):
            return False
        return address.host not in self.own_hosts or address.target.startswith(self.below)


class Frontier:
    """Addresses to read, each once."""

    def __init__(self, scope: Scope, max_pages: int) -> None:
        self.turned_away = 0
        self._scope = scope
        self._most_waiting = max_pages * WAITING_PER_PAGE
        self._waiting: deque[tuple[str, int]] = deque()
        self._seen: set[str] = set()
        self._queries: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self._waiting)

    def __contains__(self, url: str) -> bool:
        return url in self._seen

    def add(self, url: str, depth: int) -> None:
        """Take an address that somebody named: it only has to be new."""
        if url not in self._seen:
            self._seen.add(url)
            self._waiting.append((url, depth))

    def add_link(self, url: str, depth: int) -> None:
        """Take an address found on a page, if it belongs to the source and is no trap."""
        if url in self._seen or not self._scope.covers(url) or not may_be_page(url):
            return
        if is_trap(url) or len(self._waiting) >= self._most_waiting:
            self.turned_away += 1
            return
        path, mark, _ = url.partition("?")
        self._queries[path] += bool(mark)
        if self._queries[path] > MOST_QUERIES_PER_PATH:
            self.turned_away += 1
            return
        self.add(url, depth)

    def again(self, url: str, depth: int) -> None:
        """Have an address read a second time."""
        self._waiting.append((url, depth))

    def note(self, url: str) -> None:
        """Remember an address that was reached by another."""
        self._seen.add(url)

    def next(self) -> tuple[str, int] | None:
        """Return the next address with its distance from the start; None when all are read."""
        return self._waiting.popleft() if self._waiting else None


def twin(host: str) -> str:
    """Return the other name of a site: with `www.` in front, or without; an IP has none."""
    if ":" in host or host.rpartition(".")[2].isdigit():
        return host
    return host.removeprefix("www.") if host.startswith("www.") else f"www.{host}"


def is_trap(url: str) -> bool:
    """Say whether an address looks made up by a site that never ends."""
    parts = urlsplit(url)
    segments = [segment for segment in parts.path.split("/") if segment]
    repeats = max(Counter(segments).values(), default=0)
    return (
        len(url) > MOST_CHARACTERS
        or len(segments) > MOST_SEGMENTS
        or repeats > MOST_REPEATS
        or parts.query.count("&") >= MOST_PARAMETERS
    )
