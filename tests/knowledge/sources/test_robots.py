"""robots.txt decides what is read, and a hostile one decides nothing else."""

import time

from knowledge.sources.robots import MOST_DELAY_SECONDS, Robots, RobotsBook, read_rules
from providers.web.addresses import AddressRefused, AllowedHosts
from providers.web.base import PageUnavailable, WebRequest, WebResponse

HOSTS = AllowedHosts.of(["a.example"])


def rules(text: str) -> Robots:
    return Robots(read_rules(text.encode()))


def test_rules_for_everybody_and_for_us_are_followed() -> None:
    everybody = rules("User-agent: *\nDisallow: /intern\nAllow: /intern/open\n")
    assert not everybody.allow("https://a.example/intern/x")
    assert everybody.allow("https://a.example/intern/open")
    own = rules("User-agent: *\nDisallow: /\n\nUser-agent: supportbot\nDisallow: /x$\n")
    assert own.allow("https://a.example/y")
    assert not own.allow("https://a.example/x")


def test_rules_for_others_do_not_concern_us() -> None:
    others = rules("User-agent: OtherBot\nUser-agent: Third\nDisallow: /\nCrawl-delay: 9\n")
    assert others.allow("https://a.example/x")
    assert others.delay_seconds == 0


def test_the_pace_is_kept_within_reason() -> None:
    assert rules("User-agent: *\nCrawl-delay: 2.5\n").delay_seconds == 2.5
    assert rules("User-agent: *\nCrawl-delay: 86400\n").delay_seconds == MOST_DELAY_SECONDS


def test_thousands_of_robots_and_rules_cost_little() -> None:
    names = "".join(f"User-agent: robot{n}\n" for n in range(15_000))
    paths = "".join(f"Disallow: /{n}\n" for n in range(15_000))
    started = time.process_time()
    assert rules(names + paths).allow("https://a.example/7")
    assert not rules("User-agent: *\n" + paths).allow("https://a.example/7")
    assert time.process_time() - started < 3


def test_patterns_that_take_for_ever_elsewhere_do_not_here() -> None:
    started = time.process_time()
    hostile = rules("User-agent: *\nDisallow: " + "*a" * 5000 + "$\n")
    hostile.allow("https://a.example/" + "a" * 1900)
    assert time.process_time() - started < 1


class Replies:
    def __init__(self, reply: WebResponse | Exception) -> None:
        self.reply = reply
        self.asked: list[str] = []

    def fetch(self, request: WebRequest) -> WebResponse:
        self.asked.append(request.url)
        if isinstance(self.reply, Exception):
            raise self.reply
        return self.reply

    def close(self) -> None:
        pass


def of(reply: WebResponse | Exception) -> Robots:
    return RobotsBook(Replies(reply), HOSTS).of("https://a.example/x?y")


def test_no_file_allows_all_and_a_broken_server_allows_nothing() -> None:
    assert of(WebResponse("", 404)).allow("https://a.example/x")
    assert "503" in of(WebResponse("", 503)).unreadable
    assert of(PageUnavailable("It is down.")).unreadable == "It is down."
    assert of(AddressRefused("It is private.")).unreadable == "It is private."


def test_each_host_is_asked_once() -> None:
    replies = Replies(WebResponse("", 404))
    book = RobotsBook(replies, HOSTS)
    for url in ("https://a.example/x", "https://a.example/y", "http://a.example/x"):
        book.of(url)
    assert replies.asked == ["https://a.example/robots.txt", "http://a.example/robots.txt"]
