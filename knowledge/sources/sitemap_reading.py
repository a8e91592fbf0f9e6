"""Fetches a site's sitemap with the parts it names, and keeps what belongs to the source."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

from knowledge.sources.frontier import Scope
from knowledge.sources.link_addresses import link_address
from knowledge.sources.sitemaps import MAX_BYTES, MOST_PARTS, Sitemap, read_sitemap
from knowledge.sources.values import Plan, SourceUnreadable
from providers.errors import ProviderError
from providers.web.addresses import AddressRefused, parse_address
from providers.web.base import WebFetcher, WebRequest

OK = 200
# An index of indexes is against the protocol, and seen all the same.
MOST_LEVELS = 2
# Some entries are turned away later, so more are looked at than pages may be read.
LOOKED_AT_PER_PAGE = 2
MOST_HOSTS_NAMED = 5


class SitemapReading:
    """Reads one sitemap. Afterwards `remarks` and `complete` say what was left out."""

    def __init__(
        self, plan: Plan, fetcher: WebFetcher, scope: Scope, pause: Callable[[float], None]
    ) -> None:
        self.remarks: list[str] = []
        self.complete = True
        self._plan = plan
        self._fetcher = fetcher
        self._scope = scope
        self._pause = pause
        self._most = plan.max_pages * LOOKED_AT_PER_PAGE
        self._parts = 0
        self._elsewhere: Counter[str] = Counter()

    def addresses(self) -> list[str]:
        """Return the addresses of pages. Raises SourceUnreadable when the first file is none."""
        found: list[str] = []
        for url in self._listed(self._fetched(self._plan.start), self._plan.start, MOST_LEVELS):
            if len(found) == self._most:
                self._cut()
                break
            if self._scope.covers(url):
                found.append(url)
            else:
                self._elsewhere[_host(url)] += 1
        if self._elsewhere:
            hosts = ", ".join(host for host, _ in self._elsewhere.most_common(MOST_HOSTS_NAMED))
            self.remarks.append(
                f"{self._elsewhere.total()} addresses of the sitemap are on hosts that this source "
                f"may not read ({hosts}). Add the hosts to read them."
            )
        return found

    def _listed(self, sitemap: Sitemap, base: str, levels: int) -> Iterator[str]:
        if sitemap.has_more:
            self._cut()
        for listed in sitemap.addresses:
            url = link_address(base, listed)
            if url is None:
                continue
            if not sitemap.is_index:
                yield url
            elif levels > 0 and self._parts < MOST_PARTS:
                self._parts += 1
                yield from self._part(url, levels - 1)
            else:
                self._miss(f"Only {MOST_PARTS} parts of a sitemap are read, {MOST_LEVELS} deep.")

    def _part(self, url: str, levels: int) -> Iterator[str]:
        self._pause(self._plan.delay_seconds)
        try:
            part = self._fetched(url)
        except SourceUnreadable as error:
            self._miss(f"A part of the sitemap was not read, {url}: {error}")
            return
        yield from self._listed(part, url, levels)

    def _fetched(self, url: str) -> Sitemap:
        request = WebRequest(url, self._plan.hosts, max_bytes=MAX_BYTES, cut=True)
        try:
            reply = self._fetcher.fetch(request)
            if reply.status != OK:
                raise SourceUnreadable(
                    f"The sitemap's address answers with an error ({reply.status}). Check it."
                )
            return read_sitemap(reply.content, self._most, was_cut=reply.was_cut)
        except ProviderError as error:
            raise SourceUnreadable(error.detail) from None

    def _cut(self) -> None:
        self._miss(
            f"The sitemap lists more than was looked at; the first {self._most} addresses count. "
            "Raise the number of pages to read more."
        )

    def _miss(self, remark: str) -> None:
        self.complete = False
        if remark not in self.remarks:
            self.remarks.append(remark)


def _host(url: str) -> str:
    try:
        return parse_address(url).host
    except AddressRefused:
        return "no host"
