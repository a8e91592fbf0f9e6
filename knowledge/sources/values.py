"""What passes between the parts of reading a site."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from providers.web.addresses import AllowedHosts
from providers.web.base import Validators, WebResponse

ROBOT = "supportbot"


class SourceUnreadable(Exception):
    """A whole source cannot be read. The text is one sentence for the operator."""


class Reach(StrEnum):
    """How far a source goes from its address."""

    PAGE = "page"
    SITEMAP = "sitemap"
    CRAWL = "crawl"


@dataclass(frozen=True, slots=True)
class Plan:
    """What to read. `below` is the path that a crawl stays under on the start's own host."""

    start: str
    reach: Reach
    hosts: AllowedHosts
    max_pages: int
    max_depth: int = 10
    below: str = ""
    delay_seconds: float = 0.2


@dataclass(frozen=True, slots=True)
class Known:
    """What an earlier run left about an address.

    `text_hash` and `links` are those of the page then. `usable` says that its document is in
    order, so that nothing has to be done when the page has not changed.
    """

    validators: Validators = field(default_factory=Validators)
    text_hash: str = ""
    links: tuple[str, ...] = ()
    usable: bool = False


class Outcome(StrEnum):
    """What became of an address."""

    PAGE = "page"
    SAME = "same"
    GONE = "gone"
    FAILED = "failed"
    LEFT_OUT = "left out"


@dataclass(frozen=True, slots=True)
class Visited:
    """One address of a run.

    `url` is what was asked for, `found_at` the address under which its content is known (after
    redirects and canonical links). `reason` is a sentence unless it is a page. A page that
    `stays` keeps its document although it could not be read this time.
    """

    url: str
    outcome: Outcome
    found_at: str = ""
    reason: str = ""
    stays: bool = False
    response: WebResponse | None = None
    text_hash: str = ""
    links: tuple[str, ...] = ()
