"""Sitemaps of all kinds and sizes are read, and never more of them than is needed."""

import gzip
import time
import tracemalloc

import pytest

from knowledge.sources.sitemaps import MAX_BYTES, read_sitemap
from knowledge.sources.values import SourceUnreadable

SPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'


def urlset(*addresses: str, extra: str = "") -> bytes:
    entries = "".join(f"<url><loc>\n {one} </loc>{extra}</url>" for one in addresses)
    return f'<?xml version="1.0" encoding="UTF-8"?><urlset {SPACE}>{entries}</urlset>'.encode()


def test_addresses_are_read_and_those_of_images_are_not() -> None:
    image = '<i:image xmlns:i="i"><i:loc>https://a.example/p.png</i:loc></i:image>'
    found = read_sitemap(urlset("https://a.example/1", "https://a.example/2", extra=image), 10)
    assert found.addresses == ("https://a.example/1", "https://a.example/2")
    assert (found.is_index, found.has_more) == (False, False)


def test_an_index_is_told_from_a_list_of_pages() -> None:
    entry = "<sitemap><loc>https://a.example/1.xml</loc></sitemap>"
    found = read_sitemap(f"<sitemapindex {SPACE}>{entry}</sitemapindex>".encode(), 10)
    assert found.is_index
    assert found.addresses == ("https://a.example/1.xml",)


def test_packed_files_and_plain_lists_are_read() -> None:
    assert read_sitemap(gzip.compress(urlset("https://a.example/1")), 10).addresses
    plain = read_sitemap(b"\xef\xbb\xbfhttps://a.example/1\r\nhttps://a.example/2\n\nnothing\n", 10)
    assert plain.addresses == ("https://a.example/1", "https://a.example/2")


@pytest.mark.parametrize(
    "content", [b"", b"<html><body>404</body></html>", b"<rss/>", b"Not found", b"<", b"{}"]
)
def test_something_else_is_said_to_be_none(content: bytes) -> None:
    with pytest.raises(SourceUnreadable, match="no sitemap"):
        read_sitemap(content, 10)


def test_a_million_entries_cost_what_the_first_few_cost() -> None:
    content = urlset(*(f"https://a.example/{n}" for n in range(1_000_000)))
    started = time.process_time()
    tracemalloc.start()
    found = read_sitemap(content, 200)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (len(found.addresses), found.has_more) == (200, True)
    assert time.process_time() - started < 1
    assert peak < 4 * 1024 * 1024


def test_a_packed_bomb_is_unpacked_to_the_limit_only() -> None:
    bomb = gzip.compress(urlset() + bytes(50) + b" " * (4 * MAX_BYTES))
    tracemalloc.start()
    found = read_sitemap(bomb, 200)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found.has_more
    assert peak < 5 * MAX_BYTES


def test_a_file_that_ends_in_the_middle_gives_what_it_has() -> None:
    found = read_sitemap(urlset("https://a.example/1", "https://a.example/2")[:-30], 10)
    assert found.addresses[0] == "https://a.example/1"
    assert found.has_more


def test_entities_are_not_expanded() -> None:
    lol = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    bomb = f'<!DOCTYPE urlset [<!ENTITY l0 "lol">{lol}<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    started = time.process_time()
    for entity in ("&l11;", "&x;"):
        content = f"{bomb}<urlset {SPACE}><url><loc>https://a.example/{entity}</loc></url></urlset>"
        found = read_sitemap(content.encode(), 10)
        assert all("root:" not in one and "lol" not in one for one in found.addresses)
    assert time.process_time() - started < 1


@pytest.mark.parametrize(
    "content",
    [
        f"<urlset {SPACE}>".encode() + b"<url>" * 500_000,
        f"<urlset {SPACE}><url><loc>".encode() + b"x" * 5_000_000,
    ],
    ids=["deep", "long"],
)
def test_odd_files_end_soon(content: bytes) -> None:
    started = time.process_time()
    assert read_sitemap(content, 10).addresses == ()
    assert time.process_time() - started < 2
