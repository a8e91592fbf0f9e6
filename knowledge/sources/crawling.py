"""Reads one page, the pages of a sitemap, or a site along its links.

A run yields what became of each address. It is polite: robots.txt, a pause between two requests,
conditional requests, one request at a time. It always ends: so many pages, so deep, and not a page
more when the site has stopped answering.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from knowledge.sources.frontier import MOST_CHARACTERS, Frontier, Scope, twin
from knowledge.sources.link_addresses import tidy
from knowledge.sources.page_facts import PageFacts, is_html, page_facts
from knowledge.sources.robots import RobotsBook
from knowledge.sources.sitemap_reading import SitemapReading
from knowledge.sources.values import Known, Outcome, Plan, Reach, SourceUnreadable, Visited
from providers.errors import ProviderError
from providers.web.addresses import parse_address
from providers.web.base import Validators, WebFetcher, WebRequest, WebResponse

OK, NOT_MODIFIED, TOO_MANY, UNAVAILABLE = 200, 304, 429, 503
GONE = frozenset({404, 410})
# A site that fails this often in a row is down; the rest waits for the next run.
GIVE_UP_AFTER = 8
# How long a server may have us wait before its page is left for the next run.
MOST_WAIT_SECONDS = 30.0
_READABLE_TYPES = (
    "text/html", "application/xhtml+xml", "application/pdf", "text/plain", "text/markdown",
    "application/msword", "application/rtf", "text/rtf", "application/epub+zip",
    "application/vnd.openxmlformats-officedocument.", "application/vnd.oasis.opendocument.",
)  # fmt: skip
Pause = Callable[[float], None]


class Reading:
    """One run over a source. Afterwards `remarks` holds sentences about the run as a whole."""

    def __init__(
        self, plan: Plan, fetcher: WebFetcher, known: Mapping[str, Known], pause: Pause
    ) -> None:
        start = parse_address(plan.start)
        self.remarks: list[str] = []
        self._plan = replace(plan, start=tidy(start))
        self._fetcher = fetcher
        self._known = known
        self._pause = pause
        self._scope = Scope(plan.hosts, frozenset({start.host, twin(start.host)}), plan.below)
        self._frontier = Frontier(self._scope, plan.max_pages)
        self._robots = RobotsBook(fetcher, plan.hosts)
        self._visited: set[str] = set()
        self._texts: dict[str, str] = {}
        self._gone: set[str] = set()
        # Canonical address -> the pages that were set aside for it.
        self._set_aside: dict[str, list[str]] = {}
        self._for_themselves: set[str] = set()
        self._pages = 0
        self._failures_in_a_row = 0
        self._complete = True

    def visits(self) -> Iterator[Visited]:
        """Yield each address. Raises SourceUnreadable when the source as a whole cannot be read."""
        self._seed()
        yield from self._drain()
        if self._plan.reach is Reach.CRAWL or not self._complete:
            yield from self._look_after_known()
        if self._complete:
            for url in self._known:
                if url not in self._visited:
                    yield _left_out(url, "It is no longer part of this source.")
        if self._frontier.turned_away:
            self.remarks.append(
                f"{self._frontier.turned_away} addresses were left out because the site seems to "
                "make them up endlessly (filters, calendars, repeated paths)."
            )

    def _seed(self) -> None:
        if self._plan.reach is not Reach.SITEMAP:
            self._frontier.add(self._plan.start, 0)
            return
        reading = SitemapReading(self._plan, self._fetcher, self._scope, self._pause)
        for url in reading.addresses():
            self._frontier.add(url, 0)
        self.remarks += reading.remarks
        self._complete = reading.complete

    def _drain(self) -> Iterator[Visited]:
        while (following := self._frontier.next()) is not None:
            if self._pages >= self._plan.max_pages:
                self._complete = False
                self.remarks.append(
                    f"Ended after {self._plan.max_pages} pages; {len(self._frontier) + 1} more "
                    "addresses were known. Raise the number of pages to read them."
                )
                return
            yield from self._visit(*following)

    def _look_after_known(self) -> Iterator[Visited]:
        """Read known pages that this run did not come to: are they still there?"""
        left = [url for url in self._known if url not in self._visited and self._scope.covers(url)]
        for url in left[: self._plan.max_pages]:
            yield from self._visit(url, self._plan.max_depth)

    def _visit(self, url: str, depth: int) -> Iterator[Visited]:
        visited = self._read(url)
        self._visited |= {url, visited.found_at}
        if visited.response is not None:
            self._failures_in_a_row = 0
        elif visited.outcome is Outcome.FAILED:
            self._failures_in_a_row += 1
        if self._lost_beginning(visited):
            raise SourceUnreadable(f"{visited.reason} Check the source's address.")
        yield visited
        self._require_beginning(visited)
        if self._failures_in_a_row >= GIVE_UP_AFTER:
            raise SourceUnreadable(f"The site stopped answering. The last reason: {visited.reason}")
        if visited.outcome is Outcome.GONE:
            self._gone.add(url)
            # What called this its canonical address has to stand for itself.
            for duplicate in self._set_aside.pop(url, []):
                self._for_themselves.add(duplicate)
                self._frontier.again(duplicate, self._plan.max_depth)
        if depth < self._plan.max_depth:
            for link in visited.links:
                self._frontier.add_link(link, depth + 1)

    def _lost_beginning(self, visited: Visited) -> bool:
        """Say whether a site's first page is gone: then nothing is taken out of the answers."""
        at_start = visited.url == self._plan.start and self._plan.reach is Reach.CRAWL
        return at_start and visited.outcome is Outcome.GONE

    def _require_beginning(self, visited: Visited) -> None:
        """End a run whose first page does not come: nothing can be said of the others."""
        if visited.url != self._plan.start or self._plan.reach is Reach.SITEMAP:
            return
        match visited.outcome:
            case Outcome.FAILED:
                raise SourceUnreadable(visited.reason)
            case Outcome.LEFT_OUT if visited.stays or (
                self._plan.reach is Reach.PAGE and visited.url not in self._awaiting()
            ):
                raise SourceUnreadable(visited.reason)

    def _read(self, url: str) -> Visited:
        robots = self._robots.of(url)
        if robots.unreadable:
            return _failed(url, robots.unreadable)
        if not robots.allow(url):
            return _left_out(url, _forbidden(url), stays=True)
        self._pages += 1
        self._pause(max(self._plan.delay_seconds, robots.delay_seconds))
        try:
            return self._judged(url, self._fetched(url))
        except ProviderError as error:
            return _failed(url, error.detail)

    def _fetched(self, url: str) -> WebResponse:
        request = WebRequest(url, self._plan.hosts, self._validators)
        response = self._fetcher.fetch(request)
        wait = response.retry_after_seconds
        busy = response.status in (TOO_MANY, UNAVAILABLE)
        if busy and wait is not None and wait <= MOST_WAIT_SECONDS:
            self._pause(wait)
            return self._fetcher.fetch(request)
        return response

    def _validators(self, url: str) -> Validators:
        known = self._known.get(tidy(parse_address(url)))
        return known.validators if known is not None and known.usable else Validators()

    def _judged(self, url: str, response: WebResponse) -> Visited:
        final = tidy(parse_address(response.url))
        if response.status in GONE:
            reason = f"The page is gone ({response.status})."
            return Visited(url, Outcome.GONE, reason=reason, response=response)
        if len(final) > MOST_CHARACTERS:
            return _left_out(url, f"Its address is longer than {MOST_CHARACTERS} characters.")
        if response.status not in (OK, NOT_MODIFIED):
            reason = f"The site answered with an error ({response.status}). Check it in a browser."
            return _failed(url, reason)
        if final != url and (aside := self._judged_redirect(url, final)) is not None:
            return aside
        if response.status == OK:
            return self._judged_page(url, final, response)
        known = self._known.get(final, Known())
        self._texts.setdefault(known.text_hash, final)
        return Visited(
            url, Outcome.SAME, final, response=response, text_hash=known.text_hash,
            links=known.links,
        )  # fmt: skip

    def _judged_redirect(self, url: str, final: str) -> Visited | None:
        """Judge an address that leads to another; None when that one is to be read as this one."""
        if not self._scope.covers(final):
            return _left_out(url, f"It leads to {final}, which is not part of this source.")
        # A page may name as canonical what leads back to it.
        if final in self._frontier and final not in self._set_aside.get(url, []):
            return _left_out(url, f"It leads to {final}, which is read by itself.")
        robots = self._robots.of(final)
        if robots.unreadable or not robots.allow(final):
            return _left_out(url, robots.unreadable or _forbidden(final), stays=True)
        self._frontier.note(final)
        return None

    def _judged_page(self, url: str, final: str, response: WebResponse) -> Visited:
        if response.media_type and not response.media_type.startswith(_READABLE_TYPES):
            return _left_out(url, f"It is {response.media_type}, which is not read.", response)
        facts = page_facts(response)
        links = self._links(facts)
        if facts.noindex:
            reason = "The page asks not to be indexed. Take its noindex away to have it read."
            return _left_out(url, reason, response, links)
        if is_html(response) and not facts.text_hash:
            reason = (
                "The page shows no text without running its scripts, which is not done. Write what "
                "it says as an FAQ entry, or upload it as a document."
            )
            return Visited(url, Outcome.FAILED, reason=reason, stays=True, response=response)
        if self._steps_aside(url, final, facts.canonical):
            self._set_aside.setdefault(facts.canonical, []).append(url)
            self._frontier.add(facts.canonical, self._plan.max_depth)
            reason = f"Its canonical address is {facts.canonical}, which is read instead."
            return _left_out(url, reason, response, links)
        place = url if facts.canonical == url else final
        first = self._texts.setdefault(facts.text_hash, place)
        if first != place:
            return _left_out(url, f"It has the same text as {first}.", response, links)
        known = self._known.get(place, Known())
        outcome = Outcome.SAME if known.usable and known.text_hash == facts.text_hash else None
        return Visited(
            url, outcome or Outcome.PAGE, place, response=response, text_hash=facts.text_hash,
            links=links,
        )  # fmt: skip

    def _steps_aside(self, url: str, final: str, canonical: str) -> bool:
        """Say whether a page is left out for the address that it calls its canonical one."""
        if not canonical or canonical in (url, final) or url in self._for_themselves:
            return False
        # Two that name each other would both be lost.
        if canonical in self._gone or canonical in self._awaiting():
            return False
        if not self._scope.covers(canonical):
            return False
        robots = self._robots.of(canonical)
        return not robots.unreadable and robots.allow(canonical)

    def _awaiting(self) -> set[str]:
        """Return the pages that were set aside for their canonical address."""
        return {url for urls in self._set_aside.values() for url in urls}

    def _links(self, facts: PageFacts) -> tuple[str, ...]:
        if self._plan.reach is not Reach.CRAWL or facts.nofollow:
            return ()
        return tuple(link for link in facts.links if self._scope.covers(link))


def start_path(url: str) -> str:
    """Return the path that a crawl from an address stays under: up to its last slash."""
    path = parse_address(url).target.partition("?")[0]
    return path[: path.rindex("/") + 1]


def _forbidden(url: str) -> str:
    host = parse_address(url).host
    return f"The robots.txt of {host} does not let us read it. Allow the robot supportbot there."


def _failed(url: str, reason: str) -> Visited:
    return Visited(url, Outcome.FAILED, reason=reason, stays=True)


def _left_out(
    url: str,
    reason: str,
    response: WebResponse | None = None,
    links: tuple[str, ...] = (),
    *,
    stays: bool = False,
) -> Visited:
    return Visited(
        url, Outcome.LEFT_OUT, reason=reason, stays=stays, response=response, links=links
    )
