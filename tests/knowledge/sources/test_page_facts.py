"""What a page says about itself is read from any markup, and hostile markup costs little."""

import time

import pytest

from knowledge.sources.page_facts import PageFacts, in_utf8, page_facts
from providers.web.base import WebResponse

HERE = "https://shop.example.com/help/returns.html"


def reply(markup: str | bytes, url: str = HERE, **headers: str) -> WebResponse:
    body = markup.encode() if isinstance(markup, str) else markup
    named = {"content-type": "text/html; charset=utf-8"}
    named |= {name.replace("_", "-"): value for name, value in headers.items()}
    return WebResponse(url, 200, named, body)


def facts(markup: str, **headers: str) -> PageFacts:
    return page_facts(reply(markup, **headers))


def test_links_are_whole_addresses_each_once() -> None:
    found = facts(
        '<a href="shipping.html#top">a</a><a href="/help/shipping.html?utm_source=x">b</a>'
        '<a href="//other.example/x y">c</a><a href="mailto:a@b.example">d</a><a href="#e">e</a>'
        '<a href="javascript:void(0)">f</a><a>g</a><area href="../map">'
        '<a rel="noopener nofollow" href="/not">h</a><a href="http://[bad">i</a>'
    )
    assert found.links == (
        "https://shop.example.com/help/shipping.html",
        "https://other.example/x%20y",
        "https://shop.example.com/map",
    )


def test_a_base_changes_where_links_lead() -> None:
    assert facts('<base href="/en/"><a href="a">a</a>').links == ("https://shop.example.com/en/a",)


@pytest.mark.parametrize(
    ("markup", "headers"),
    [
        ('<link rel="canonical" href="/help/returns">', {}),
        ("<LINK HREF=/help/returns REL='alternate canonical'>", {}),
        ("", {"link": '<https://shop.example.com/help/returns>; rel="canonical"'}),
        ("", {"link": "</x>; rel=next, </help/returns>; rel=canonical"}),
    ],
)
def test_the_canonical_address_is_read_from_tag_and_header(
    markup: str, headers: dict[str, str]
) -> None:
    assert facts(markup, **headers).canonical == "https://shop.example.com/help/returns"


@pytest.mark.parametrize(
    ("markup", "headers", "noindex", "nofollow"),
    [
        ("<p>x", {}, False, False),
        ('<meta name="robots" content="noindex, follow">', {}, True, False),
        ('<META NAME="ROBOTS" CONTENT="NONE">', {}, True, True),
        ('<meta name="supportbot" content="nofollow">', {}, False, True),
        ('<meta name="otherbot" content="noindex">', {}, False, False),
        ("", {"x_robots_tag": "noindex"}, True, False),
        ("", {"x_robots_tag": "otherbot: noindex, supportbot: nofollow"}, False, True),
        ("", {"x_robots_tag": "unavailable_after: 2030-01-01, noindex"}, True, False),
    ],
)
def test_what_robots_may_do_is_respected(
    markup: str, headers: dict[str, str], noindex: bool, nofollow: bool
) -> None:
    found = facts(markup, **headers)
    assert (found.noindex, found.nofollow) == (noindex, nofollow)


def test_the_text_is_the_same_when_only_markup_changed() -> None:
    before = facts("<p>Send it   back.</p><script>nonce=1</script><input name=csrf value=1>")
    after = facts("<div class=x>Send it back.</div><script>nonce=2</script><!-- 12:03 -->")
    other = facts("<p>Send it back today.</p>")
    assert before.text_hash == after.text_hash != other.text_hash


def test_a_new_entry_in_a_menu_is_no_change_of_the_page() -> None:
    text = "<main>" + "Send it back within 45 days, in the box it came in. " * 3 + "</main>"
    before = facts(f"<nav><a href=/a>A</a></nav>{text}<footer>2025</footer>")
    after = facts(f"<nav><a href=/a>A</a><a href=/b>B</a></nav>{text}<footer>2026</footer>")
    assert before.text_hash == after.text_hash
    assert after.links[-1].endswith("/b")
    only_menu = facts("<nav><a href=/a>A</a></nav>"), facts("<nav><a href=/a>B</a></nav>")
    assert only_menu[0].text_hash != only_menu[1].text_hash


def test_a_page_of_scripts_has_no_text() -> None:
    empty = facts("<div id=app></div><script>render()</script><noscript>No scripts</noscript>")
    assert empty.text_hash == ""


def test_something_else_than_html_is_known_by_its_bytes() -> None:
    file = WebResponse(HERE, 200, {"content-type": "application/pdf"}, b"%PDF-1.7")
    found = page_facts(file)
    assert found.text_hash
    assert found.links == ()


@pytest.mark.parametrize(
    "markup",
    [
        "<div>" * 200_000 + "<a href='/x'>x</a>",
        "<a href='" + "x" * 2_000_000,
        "<a href='/x'>" * 100_000,
        "<!--" * 300_000,
        "<" * 4_000_000,
        "&#x110000;" * 100_000,
        "\x00" * 1_000_000,
    ],
    ids=["deep", "long attribute", "many links", "comments", "brackets", "characters", "zeros"],
)
def test_hostile_markup_ends_soon(markup: str) -> None:
    started = time.process_time()
    found = facts(markup)
    assert time.process_time() - started < 3
    assert len(found.links) <= 2000


def test_the_encoding_that_the_server_names_wins() -> None:
    page = reply("Käse".encode("latin-1"), **{"content_type": "text/html; charset=ISO-8859-1"})
    assert in_utf8(page).decode("utf-8-sig") == "Käse"
    unknown = reply(b"K\xe4se", **{"content_type": "text/html; charset=nonsense"})
    assert in_utf8(unknown) == b"K\xe4se"
    assert page_facts(unknown).text_hash
