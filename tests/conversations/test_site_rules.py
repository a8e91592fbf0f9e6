"""Origins, colours and languages of sites."""

import itertools

import pytest

from conversations.sites.colours import (
    LEAST_CONTRAST,
    BadColour,
    contrast,
    hover_of,
    normalised_colour,
    text_on,
)
from conversations.sites.languages import LANGUAGES, chosen_language
from conversations.sites.origins import (
    LOCAL_SOURCES,
    BadOrigin,
    is_among,
    normalised_origin,
    normalised_origins,
    origin_of,
)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("https://www.example.com", "https://www.example.com"),
        ("www.Example.com", "https://www.example.com"),
        ("https://example.com:443/shop?x=1#y", "https://example.com"),
        ("http://example.com:8080/", "http://example.com:8080"),
        ("https://*.example.com", "https://*.example.com"),
        ("https://münchen.example", "https://xn--mnchen-3ya.example"),
        ("http://127.0.0.1:80", "http://127.0.0.1"),
        ("https://[2001:DB8::1]:8443", "https://[2001:db8::1]:8443"),
        ("  https://example.com.  ", "https://example.com"),
        ("localhost:3000", "https://localhost:3000"),
    ],
)
def test_origins_have_one_form(given: str, kept: str) -> None:
    assert normalised_origin(given) == kept
    assert normalised_origin(kept) == kept


@pytest.mark.parametrize(
    "given",
    [
        "ftp://example.com",
        "https://",
        "*",
        "https://*",
        "https://*.com",
        "https://a.*.com",
        "https://user@example.com",
        "https://exa mple.com",
        "https://example.com;script-src *",
        "https://example.com' 'unsafe-inline'",
        "https://example.com:99999",
        "https://*.192.0.2.1",
        "https://300.1.1.1",
        "data:text/html,x",
        "null",
    ],
)
def test_what_is_no_origin_is_refused(given: str) -> None:
    if given == "null":
        assert normalised_origin(given) == "https://null"  # A host may be called so.
        assert origin_of(given) == ""  # The browser's "null" is no origin.
        return
    with pytest.raises(BadOrigin):
        normalised_origin(given)


def test_lines_are_read_once_each_and_not_too_many() -> None:
    assert normalised_origins(" a.example \n\nhttps://a.example/\nb.example") == [
        "https://a.example",
        "https://b.example",
    ]
    with pytest.raises(BadOrigin):
        normalised_origins("\n".join(f"h{n}.example" for n in range(51)))


@pytest.mark.parametrize(
    ("origin", "fits"),
    [
        ("https://shop.example", True),
        ("http://shop.example", False),
        ("https://shop.example:8443", False),
        ("https://evil-shop.example", False),
        ("https://shop.example.evil.example", False),
        ("https://a.wide.example", True),
        ("https://a.b.wide.example", True),
        ("https://wide.example", False),
        ("https://awide.example", False),
        ("http://a.wide.example", False),
        ("", False),
        ("http://localhost:3000", False),
    ],
)
def test_only_what_is_listed_fits(origin: str, fits: bool) -> None:
    assert is_among(origin, ["https://shop.example", "https://*.wide.example"]) is fits


def test_the_test_key_allows_this_machine_and_nothing_that_looks_like_it() -> None:
    assert is_among("http://localhost:3000", LOCAL_SOURCES)
    assert is_among("http://localhost", LOCAL_SOURCES)
    assert not is_among("http://localhost.evil.example", LOCAL_SOURCES)


def test_text_on_every_colour_can_be_read() -> None:
    steps = range(0, 256, 15)
    for red, green, blue in itertools.product(steps, steps, steps):
        colour = f"#{red:02x}{green:02x}{blue:02x}"
        on_it = text_on(colour)
        assert contrast(on_it, colour) >= LEAST_CONTRAST, colour
        assert contrast(on_it, hover_of(colour)) >= contrast(on_it, colour) - 0.01, colour


def test_contrast_is_that_of_the_guidelines() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert contrast("#0000ff", "#ffffff") == pytest.approx(8.59, abs=0.01)


@pytest.mark.parametrize(
    ("given", "kept"), [("#ABC", "#aabbcc"), ("2B6777", "#2b6777"), (" #fff ", "#ffffff")]
)
def test_colours_have_one_form(given: str, kept: str) -> None:
    assert normalised_colour(given) == kept


@pytest.mark.parametrize("given", ["", "red", "#12345", "#12345g", "#fff;}", "url(x)"])
def test_what_is_no_colour_is_refused(given: str) -> None:
    with pytest.raises(BadColour):
        normalised_colour(given)


@pytest.mark.parametrize(
    ("wanted", "accepted", "offered", "shown"),
    [
        ("", ["de-AT", "en"], ["en", "de"], "de"),
        ("fr", ["de"], ["en", "de", "fr"], "fr"),
        ("fr", ["de"], ["en", "de"], "de"),
        ("", ["nl", "PT-br"], ["en", "pt"], "pt"),
        ("", ["nl"], ["ja", "en"], "ja"),
        ("", [], [], "en"),
        ("<script>", [], ["xx"], "en"),
    ],
)
def test_the_language_is_the_customers_then_the_browsers_then_the_sites(
    wanted: str, accepted: list[str], offered: list[str], shown: str
) -> None:
    assert chosen_language(wanted, accepted, offered) == shown


def test_six_languages_are_spoken() -> None:
    assert set(LANGUAGES) == {"en", "de", "fr", "es", "pt", "ja"}
