"""Each page has one address, and a site that makes addresses up does not keep us for ever."""

import pytest

from knowledge.sources.frontier import Frontier, Scope, is_trap, twin
from knowledge.sources.link_addresses import link_address, may_be_page, tidy
from providers.web.addresses import AllowedHosts, parse_address

HOSTS = AllowedHosts.of(["shop.example.com", "www.shop.example.com"])
SITE = "https://shop.example.com"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("https://SHOP.example.com:443/a#b", "/a"),
        ("https://shop.example.com", "/"),
        ("https://shop.example.com/a/../b/./c", "/b/c"),
        ("https://shop.example.com/a/b/..", "/a/"),
        ("https://shop.example.com/%7Euser/%c3%a4", "/~user/%C3%A4"),
        ("https://shop.example.com/a?utm_source=x&id=3&gclid=y", "/a?id=3"),
        ("https://shop.example.com/a?PHPSESSID=1", "/a"),
        ("https://shop.example.com/a;jsessionid=A1B2?b=1", "/a?b=1"),
        ("https://shop.example.com/a?", "/a"),
    ],
)
def test_an_address_has_one_spelling(given: str, kept: str) -> None:
    assert tidy(parse_address(given)) == SITE + kept
    assert tidy(parse_address(SITE + kept)) == SITE + kept


def test_links_with_line_ends_and_odd_characters_are_mended() -> None:
    assert link_address(f"{SITE}/a/", " b\n c|d ") == f"{SITE}/a/b%20c%7Cd"
    assert link_address(f"{SITE}/a/", "data:text/html,x") is None


@pytest.mark.parametrize(
    ("url", "page"),
    [("/a", True), ("/a.html", True), ("/a.pdf", True), ("/v1.2", True), ("/a.JPG", False),
     ("/a.zip", False), ("/a.js?x", False)],
)  # fmt: skip
def test_pictures_and_programs_are_not_asked_for(url: str, page: bool) -> None:
    assert may_be_page(SITE + url) is page


def frontier(max_pages: int = 100, below: str = "") -> Frontier:
    own = frozenset({"shop.example.com", "www.shop.example.com"})
    return Frontier(Scope(HOSTS, own, below), max_pages)


def all_of(waiting: Frontier) -> list[str]:
    found = []
    while (following := waiting.next()) is not None:
        found.append(following[0])
    return found


def test_links_outside_the_source_are_not_followed() -> None:
    waiting = frontier(below="/help/")
    for link in (f"{SITE}/help/a", "https://www.shop.example.com/help/b", f"{SITE}/about",
                 "https://www.shop.example.com/about", "https://other.example/help/"):  # fmt: skip
        waiting.add_link(link, 1)
    assert all_of(waiting) == [f"{SITE}/help/a", "https://www.shop.example.com/help/b"]


def test_each_address_waits_once() -> None:
    waiting = frontier()
    for _ in range(3):
        waiting.add_link(f"{SITE}/a", 1)
    assert len(waiting) == 1


def test_a_page_with_endless_filters_is_read_a_few_times() -> None:
    waiting = frontier()
    for number in range(500):
        waiting.add_link(f"{SITE}/list?page={number}", 1)
    assert len(waiting) == 10
    assert waiting.turned_away == 490


@pytest.mark.parametrize(
    "path",
    ["/a/b" * 4, "/" + "a/b/c/d/" * 6, "/a?" + "&".join("abcdef"), "/" + "x" * 1000],
)
def test_paths_that_a_site_makes_up_are_traps(path: str) -> None:
    assert is_trap(SITE + path)


def test_ordinary_paths_are_no_traps() -> None:
    for path in ("/", "/en/help/en/returns.html", "/a/b/c/d/e/f?lang=en&page=2"):
        assert not is_trap(SITE + path)


def test_what_waits_is_bounded() -> None:
    waiting = frontier(max_pages=2)
    for number in range(1000):
        waiting.add_link(f"{SITE}/{number}", 1)
    assert len(waiting) == 40


def test_a_site_has_two_names_and_an_ip_one() -> None:
    assert twin("www.shop.example.com") == "shop.example.com"
    assert twin("shop.example.com") == "www.shop.example.com"
    assert twin("127.0.0.1") == "127.0.0.1"
