"""A run reads what belongs to a source, in peace with the site, and ends whatever the site does."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from knowledge.sources.crawling import Reading, start_path
from knowledge.sources.values import (
    Known,
    Outcome,
    Plan,
    Reach,
    SourceUnreadable,
    Visited,
)
from providers.web.addresses import AddressRefused, AllowedHosts
from providers.web.base import PageUnavailable, Validators, WebRequest, WebResponse

SITE = "https://a.example"
HOSTS = AllowedHosts.of(["a.example", "www.a.example"])
HTML = {"content-type": "text/html"}
Reply = WebResponse | Exception | str


@dataclass
class FakeWeb:
    """Answers from a table by address; a string is a redirect."""

    table: dict[str, Reply]
    asked: list[str] = field(default_factory=list)
    sent: dict[str, Validators] = field(default_factory=dict)

    def fetch(self, request: WebRequest) -> WebResponse:
        url = request.url
        while True:
            self.asked.append(url)
            self.sent[url] = request.validators(url)
            reply = self.table.get(url, WebResponse(url, 404))
            if isinstance(reply, Exception):
                raise reply
            if isinstance(reply, WebResponse):
                return replace(reply, url=url)
            url = reply

    def close(self) -> None:
        pass


def page(text: str, *links: str, head: str = "", **headers: str) -> WebResponse:
    anchors = "".join(f'<a href="{link}">to</a>' for link in links)
    body = f"<head>{head}</head><p>{text}</p>{anchors}".encode()
    return WebResponse("", 200, {**HTML, **headers}, body)


def canonical(url: str) -> str:
    return f'<link rel="canonical" href="{url}">'


class Run:
    """A run over a fake site, ended."""

    def __init__(
        self, table: dict[str, Reply], reach: Reach = Reach.CRAWL, start: str = f"{SITE}/",
        known: Mapping[str, Known] | None = None, **plan: Any,
    ) -> None:  # fmt: skip
        self.web = FakeWeb(table)
        self.pauses: list[float] = []
        self.visits: list[Visited] = []
        self.problem = ""
        options: dict[str, Any] = {"max_pages": 50, **plan}
        reading = Reading(
            Plan(start, reach, HOSTS, **options), self.web, known or {}, self.pauses.append
        )
        try:
            self.visits.extend(reading.visits())
        except SourceUnreadable as error:
            self.problem = str(error)
        self.remarks = " ".join(reading.remarks)

    def of(self, outcome: Outcome) -> list[str]:
        return [one.url.removeprefix(SITE) for one in self.visits if one.outcome is outcome]

    @property
    def pages(self) -> list[str]:
        return [
            one.found_at.removeprefix(SITE) for one in self.visits if one.outcome is Outcome.PAGE
        ]

    def reason(self, path: str) -> str:
        return next(one.reason for one in self.visits if one.url == SITE + path)


def test_a_crawl_follows_links_within_its_hosts_and_reads_each_page_once() -> None:
    run = Run({
        f"{SITE}/": page("start", "/a", "/b#x", "https://other.example/"),
        f"{SITE}/a": page("a", "/", "/b"),
        f"{SITE}/b": page("b", "/a"),
    })  # fmt: skip
    assert run.pages == ["/", "/a", "/b"]
    assert run.web.asked == [f"{SITE}/robots.txt", f"{SITE}/", f"{SITE}/a", f"{SITE}/b"]
    assert len(run.pauses) == 3


def test_it_stays_below_its_folder_and_within_its_depth() -> None:
    table: dict[str, Reply] = {f"{SITE}/help/": page("0", "1", "/about")}
    table |= {f"{SITE}/help/{n}": page(f"text {n}", str(n + 1)) for n in range(1, 9)}
    run = Run(table, start=f"{SITE}/help/", below=start_path(f"{SITE}/help/"), max_depth=3)
    assert run.pages == ["/help/", "/help/1", "/help/2", "/help/3"]


def test_it_ends_after_so_many_pages_and_says_so() -> None:
    table: dict[str, Reply] = {
        f"{SITE}/{n or ''}": page(f"text {n}", f"/{2 * n + 1}", f"/{2 * n + 2}") for n in range(99)
    }
    run = Run(table, max_pages=5)
    assert len(run.pages) == 5
    assert "Ended after 5 pages; 6 more" in run.remarks


def test_robots_txt_is_respected_and_told() -> None:
    robots = WebResponse("", 200, {}, b"User-agent: *\nDisallow: /intern\nCrawl-delay: 3\n")
    run = Run({
        f"{SITE}/robots.txt": robots,
        f"{SITE}/": page("start", "/intern/a", "/b"),
        f"{SITE}/b": page("b"),
    })  # fmt: skip
    assert run.pages == ["/", "/b"]
    assert f"{SITE}/intern/a" not in run.web.asked
    assert "Allow the robot supportbot" in run.reason("/intern/a")
    assert run.pauses == [3.0, 3.0]


def test_noindex_and_nofollow_are_respected() -> None:
    run = Run({
        f"{SITE}/": page("start", "/hidden", "/deadend"),
        f"{SITE}/hidden": page("h", "/behind", head='<meta name="robots" content="noindex">'),
        f"{SITE}/deadend": page("d", "/never", head='<meta name="robots" content="nofollow">'),
        f"{SITE}/behind": page("b"),
        f"{SITE}/never": page("n"),
    })  # fmt: skip
    assert run.pages == ["/", "/deadend", "/behind"]
    assert "noindex" in run.reason("/hidden")


def test_a_canonical_address_is_read_in_place_of_its_copies() -> None:
    run = Run({
        f"{SITE}/": page("start", "/a?print=1", "/a"),
        f"{SITE}/a?print=1": page("a", head=canonical("/a")),
        f"{SITE}/a": page("a", head=canonical("/a")),
    })  # fmt: skip
    assert run.pages == ["/", "/a"]
    assert f"{SITE}/a, which is read instead" in run.reason("/a?print=1")


def test_a_canonical_address_that_is_gone_or_elsewhere_does_not_count() -> None:
    run = Run({
        f"{SITE}/": page("start", "/a", "/b"),
        f"{SITE}/a": page("a", head=canonical("/nowhere")),
        f"{SITE}/b": page("b", head=canonical("https://other.example/b")),
    })  # fmt: skip
    assert sorted(run.pages) == ["/", "/a", "/b"]


def test_two_pages_that_name_each_other_as_canonical_are_not_both_lost() -> None:
    run = Run({
        f"{SITE}/": page("start", "/a", "/b"),
        f"{SITE}/a": page("a", head=canonical("/b")),
        f"{SITE}/b": page("b", head=canonical("/a")),
    })  # fmt: skip
    assert run.pages == ["/", "/b"]


def test_a_canonical_address_that_leads_back_is_the_pages_address() -> None:
    run = Run({f"{SITE}/": page("a", head=canonical("/a")), f"{SITE}/a": f"{SITE}/"})
    assert run.pages == ["/a"]


def test_the_same_text_under_two_addresses_is_one_page() -> None:
    run = Run({
        f"{SITE}/": page("start", "/a", "/b"), f"{SITE}/a": page("x"), f"{SITE}/b": page("x"),
    })  # fmt: skip
    assert run.pages == ["/", "/a"]
    assert f"same text as {SITE}/a" in run.reason("/b")


def test_a_redirect_makes_one_page_of_two_addresses() -> None:
    run = Run({
        f"{SITE}/": page("start", "/old", "/new", "/out"),
        f"{SITE}/old": f"{SITE}/new",
        f"{SITE}/new": page("new"),
        f"{SITE}/out": "https://www.a.example/out",
        "https://www.a.example/out": page("out"),
    })  # fmt: skip
    assert run.pages == ["/", "/new", "https://www.a.example/out"]


def test_a_refused_redirect_is_a_failed_row_with_its_reason() -> None:
    run = Run({f"{SITE}/": page("start", "/a", "/b"), f"{SITE}/b": page("b"),
               f"{SITE}/a": AddressRefused("a.example leads to 10.0.0.1.")})  # fmt: skip
    assert run.of(Outcome.FAILED) == ["/a"]
    assert run.reason("/a") == "a.example leads to 10.0.0.1."
    assert run.pages == ["/", "/b"]
    assert not run.problem


def test_an_unchanged_page_costs_a_small_request_and_still_leads_on() -> None:
    known = {
        f"{SITE}/": Known(Validators("e1"), "h", (f"{SITE}/a",), usable=True),
        f"{SITE}/a": Known(Validators("e2"), "", (), usable=False),
    }
    table: dict[str, Reply] = {
        f"{SITE}/": WebResponse("", 304), f"{SITE}/a": page("a"),
    }  # fmt: skip
    run = Run(table, known=known)
    assert run.of(Outcome.SAME) == ["/"]
    assert run.pages == ["/a"]
    assert run.web.sent[f"{SITE}/"].etag == "e1"
    # Its document is not in order, so the page is wanted whole.
    assert run.web.sent[f"{SITE}/a"].etag == ""


def test_a_page_whose_text_is_the_same_is_unchanged_without_an_etag() -> None:
    first = Run({f"{SITE}/": page("text", head="<script>1</script>")})
    known = {f"{SITE}/": Known(text_hash=first.visits[0].text_hash, usable=True)}
    again = Run({f"{SITE}/": page("text", head="<script>2</script>")}, known=known)
    assert again.of(Outcome.SAME) == ["/"]


def test_known_pages_that_nothing_leads_to_are_looked_after() -> None:
    known = {f"{SITE}/{name}": Known(usable=True) for name in ("gone", "orphan")}
    known["https://other.example/x"] = Known(usable=True)
    run = Run({f"{SITE}/": page("start"), f"{SITE}/orphan": page("orphan")}, known=known)
    assert run.of(Outcome.GONE) == ["/gone"]
    assert run.pages == ["/", "/orphan"]
    assert "no longer part" in next(v.reason for v in run.visits if "other" in v.url)


def test_a_site_that_is_gone_takes_nothing_with_it() -> None:
    known = {f"{SITE}/a": Known(usable=True)}
    run = Run({}, known=known)
    assert "gone (404)" in run.problem
    assert run.visits == []
    assert f"{SITE}/a" not in run.web.asked


def test_a_site_that_stops_answering_is_left_alone() -> None:
    table: dict[str, Reply] = {f"{SITE}/": page("start", *(f"/{n}" for n in range(40)))}
    table |= {f"{SITE}/{n}": PageUnavailable("No answer.") for n in range(40)}
    run = Run(table)
    assert run.problem == "The site stopped answering. The last reason: No answer."
    assert len(run.of(Outcome.FAILED)) == 8


def test_nothing_is_read_while_robots_txt_is_broken() -> None:
    run = Run({f"{SITE}/robots.txt": WebResponse("", 500), f"{SITE}/": page("start")})
    assert "robots.txt" in run.problem
    assert f"{SITE}/" not in run.web.asked


def test_a_busy_site_is_waited_for_once() -> None:
    replies = iter([WebResponse("", 503, {"retry-after": "7"}), page("start")])

    class Busy(FakeWeb):
        def fetch(self, request: WebRequest) -> WebResponse:
            if request.url.endswith("robots.txt"):
                return WebResponse(request.url, 404)
            return replace(next(replies), url=request.url)

    pauses: list[float] = []
    plan = Plan(f"{SITE}/", Reach.PAGE, HOSTS, max_pages=3)
    visits = list(Reading(plan, Busy({}), {}, pauses.append).visits())
    assert [one.outcome for one in visits] == [Outcome.PAGE]
    assert pauses == [0.2, 7.0]


def test_a_page_without_text_says_why() -> None:
    run = Run(
        {f"{SITE}/": page("start", "/app"), f"{SITE}/app": page("", head="<script>x</script>")}
    )
    assert "without running its scripts" in run.reason("/app")


def test_one_page_is_read_with_what_it_calls_its_canonical_address_and_no_more() -> None:
    table: dict[str, Reply] = {
        f"{SITE}/a?x=1": page("a", "/b", head=canonical("/a")), f"{SITE}/a": page("a", "/b"),
    }  # fmt: skip
    run = Run(table, Reach.PAGE, f"{SITE}/a?x=1", max_pages=3)
    assert run.pages == ["/a"]
    assert not run.problem


def test_one_page_that_is_gone_is_gone_and_one_that_is_forbidden_is_a_problem() -> None:
    assert Run({}, Reach.PAGE).of(Outcome.GONE) == ["/"]
    robots = WebResponse("", 200, {}, b"User-agent: *\nDisallow: /\n")
    assert "robots.txt" in Run({f"{SITE}/robots.txt": robots}, Reach.PAGE).problem


def sitemap(*addresses: str) -> WebResponse:
    entries = "".join(f"<url><loc>{one}</loc></url>" for one in addresses)
    return WebResponse("", 200, {}, f"<urlset>{entries}</urlset>".encode())


def test_a_sitemap_is_read_with_its_parts_and_links_are_not_followed() -> None:
    index = (
        f"<sitemapindex><sitemap><loc>{SITE}/1.xml</loc></sitemap>"
        f"<sitemap><loc>{SITE}/2.xml</loc></sitemap></sitemapindex>"
    )
    table: dict[str, Reply] = {
        f"{SITE}/sitemap.xml": WebResponse("", 200, {}, index.encode()),
        f"{SITE}/1.xml": sitemap(f"{SITE}/a", "https://other.example/x"),
        f"{SITE}/a": page("a", "/b"),
    }
    known = {f"{SITE}/unlisted": Known(usable=True)}
    run = Run(table, Reach.SITEMAP, f"{SITE}/sitemap.xml", known=known)
    assert run.pages == ["/a"]
    assert "part of the sitemap was not read" in run.remarks
    assert "(other.example). Add the hosts" in run.remarks
    # The second part may list it, so the page itself is asked.
    assert run.of(Outcome.GONE) == ["/unlisted"]


def test_what_a_complete_sitemap_no_longer_lists_leaves() -> None:
    table: dict[str, Reply] = {
        f"{SITE}/s.xml": sitemap(f"{SITE}/a"), f"{SITE}/a": page("a"), f"{SITE}/b": page("b"),
    }  # fmt: skip
    run = Run(table, Reach.SITEMAP, f"{SITE}/s.xml", known={f"{SITE}/b": Known(usable=True)})
    assert run.of(Outcome.LEFT_OUT) == ["/b"]
    assert f"{SITE}/b" not in run.web.asked


def test_a_sitemap_of_very_many_pages_is_cut_with_a_note() -> None:
    table: dict[str, Reply] = {
        f"{SITE}/s.xml": sitemap(*(f"{SITE}/{n}" for n in range(10_000))),
        **{f"{SITE}/{n}": page(f"text {n}") for n in range(100)},
    }
    run = Run(table, Reach.SITEMAP, f"{SITE}/s.xml", max_pages=20)
    assert len(run.pages) == 20
    assert "lists more than was looked at; the first 40 addresses count" in run.remarks


def test_an_address_without_a_sitemap_is_a_problem() -> None:
    assert "no sitemap" in Run({f"{SITE}/s.xml": page("x")}, Reach.SITEMAP, f"{SITE}/s.xml").problem
    assert "(404)" in Run({}, Reach.SITEMAP, f"{SITE}/s.xml").problem


@pytest.mark.parametrize(
    ("url", "below"),
    [(f"{SITE}/", "/"), (f"{SITE}/help/", "/help/"), (f"{SITE}/help/a.html?x=/y/", "/help/"),
     (SITE, "/")],
)  # fmt: skip
def test_the_folder_of_an_address(url: str, below: str) -> None:
    assert start_path(url) == below
