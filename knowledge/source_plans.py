"""From a source's row to the plan of its run."""

from __future__ import annotations

from django.conf import settings

from knowledge.models import Source, SourceKind
from knowledge.sources.crawling import start_path
from knowledge.sources.frontier import twin
from knowledge.sources.values import Plan, Reach, SourceUnreadable
from providers.errors import ProviderRefused
from providers.web.addresses import AllowedHosts, parse_address

# One page, and what it redirects to or calls its canonical address.
PAGES_OF_ONE = 3


def plan_of(source: Source) -> Plan:
    """Return what to read. Raises SourceUnreadable when the row is wrong."""
    try:
        below = start_path(source.location) if source.kind == SourceKind.CRAWL else ""
        return Plan(
            start=source.location,
            reach=Reach(source.kind),
            hosts=hosts_of(source),
            max_pages=PAGES_OF_ONE if source.kind == SourceKind.PAGE else source.max_pages,
            below=below if source.only_below else "",
            delay_seconds=settings.WEB_DELAY_SECONDS,
        )
    except ProviderRefused as error:
        raise SourceUnreadable(error.detail) from None


def hosts_of(source: Source) -> AllowedHosts:
    """Return the hosts a source may read: those written down, else the address's own.

    A site's name with and without `www.` are one. Raises AddressRefused.
    """
    written = source.allowed_hosts.split()
    host = parse_address(source.location).host
    own = [f"[{host}]"] if ":" in host else [host, twin(host)]
    return AllowedHosts.of(written or own)
