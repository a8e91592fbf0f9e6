"""robots.txt (RFC 9309): what a site lets us read, and how fast."""

from __future__ import annotations

from dataclasses import dataclass

import regex
from protego import Protego

from knowledge.sources.values import ROBOT
from providers.errors import ProviderError
from providers.web.addresses import AllowedHosts, parse_address
from providers.web.base import WebFetcher, WebRequest

# RFC 9309 wants at least 500 KiB to be read.
MAX_BYTES = 512 * 1024
# A site that asks for more is read at this pace all the same, or no run would ever end.
MOST_DELAY_SECONDS = 10.0
OK, CLIENT_ERRORS, SERVER_ERRORS, TOO_MANY = 200, 400, 500, 429
_AGENT_LINE = regex.compile(
    r"^[ \t]*user[- ]?agent[ \t]*:[ \t]*([^\s#]*)[^\r\n]*", regex.I | regex.M
)


@dataclass(frozen=True, slots=True)
class Robots:
    """The rules of one host. `unreadable` says why they are not known: then nothing is read."""

    rules: Protego | None = None
    unreadable: str = ""

    def allow(self, url: str) -> bool:
        """Say whether we may read an address."""
        return self.rules is None or self.rules.can_fetch(url, ROBOT)

    @property
    def delay_seconds(self) -> float:
        """Return how long the site wants us to wait between two pages, within reason."""
        wanted = self.rules.crawl_delay(ROBOT) if self.rules else None
        return min(wanted or 0.0, MOST_DELAY_SECONDS)


class RobotsBook:
    """Reads each host's robots.txt once a run."""

    def __init__(self, fetcher: WebFetcher, hosts: AllowedHosts) -> None:
        self._fetcher = fetcher
        self._hosts = hosts
        self._known: dict[str, Robots] = {}

    def of(self, url: str) -> Robots:
        """Return the rules for the host of an address."""
        address = parse_address(url)
        place = f"{address.scheme}://{address.authority}"
        if place not in self._known:
            self._known[place] = self._read(f"{place}/robots.txt")
        return self._known[place]

    def _read(self, url: str) -> Robots:
        try:
            reply = self._fetcher.fetch(WebRequest(url, self._hosts, max_bytes=MAX_BYTES, cut=True))
        except ProviderError as error:
            return Robots(unreadable=error.detail)
        if reply.status >= SERVER_ERRORS or reply.status == TOO_MANY:
            return Robots(
                unreadable=f"The site's robots.txt answers with an error ({reply.status}), so "
                "nothing is read until it works again. Ask whoever runs that site to repair it."
            )
        return Robots(read_rules(reply.content)) if reply.status == OK else Robots()


def read_rules(content: bytes) -> Protego:
    """Parse a robots.txt."""
    text = content.decode("utf-8-sig", "replace")
    # Each rule is stored for each name above it: thousands of names would cost gigabytes. All
    # that do not concern us become one.
    return Protego.parse(_AGENT_LINE.sub(_shared_name, text))


def _shared_name(line: regex.Match[str]) -> str:
    name = line[1].lower()
    concerns = name == "*" or (bool(name) and ROBOT.startswith(name.rstrip("*")))
    return line[0] if concerns else "User-agent: another-robot"
