"""A web source brings pages in, keeps them current, and says what it could not read."""

import time
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from knowledge.actions.defaults import ensure_defaults
from knowledge.actions.documents import rename, withdraw
from knowledge.models import Audience, Document, DocumentKind, DocumentStatus
from tests.knowledge.sources.casting import counts, make_ready, read, reason, source, trust
from tests.knowledge.sources.site import Page, Site, endless, help_site, html, redirect, sitemap

pytestmark = pytest.mark.django_db


@pytest.fixture
def site(settings: Any) -> Iterator[Site]:
    ensure_defaults()
    with Site(help_site()) as served:
        trust(settings, served)
        yield served


def document(site: Site, path: str) -> Document:
    return Document.objects.get(path=site.url + path)


def test_a_crawl_brings_each_page_in_as_a_document_with_its_public_address(site: Site) -> None:
    run = read(source("crawl", f"{site.url}/help/"))
    assert (run.error, counts(run)) == ("", {"added": 3})
    page = document(site, "/help/returns.html")
    assert page.url == f"{site.url}/help/returns.html"
    assert (page.kind, page.status) == (DocumentKind.PAGE, DocumentStatus.QUEUED)
    assert page.from_source is not None
    assert [audience.slug for audience in page.audiences.all()] == ["public"]
    assert page.versions.get().source_name == "returns.html"


def test_the_whole_site_may_be_read_and_robots_txt_says_what_not(site: Site) -> None:
    run = read(source("crawl", f"{site.url}/help/", only_below=False))
    assert counts(run) == {"added": 4, "left_out": 1}
    assert "robots.txt" in reason(run, "/intern/prices.html")
    assert "/intern/prices.html" not in site.paths()


def test_a_second_run_over_an_unchanged_site_changes_nothing(site: Site) -> None:
    for page in site.pages.values():
        page.with_etag = True
    wanted = source("crawl", f"{site.url}/help/")
    read(wanted)
    make_ready()
    before = set(Document.objects.values_list("pk", "attempt", "updated_at"))
    site.asked.clear()
    assert counts(read(wanted)) == {"unchanged": 3}
    assert set(Document.objects.values_list("pk", "attempt", "updated_at")) == before
    conditional = [headers for path, headers in site.asked if path != "/robots.txt"]
    assert len(conditional) == 3
    assert all("If-None-Match" in headers for headers in conditional)


def test_changed_new_and_gone_pages_are_told_apart(site: Site) -> None:
    wanted = source("crawl", f"{site.url}/help/")
    read(wanted)
    make_ready()
    site.pages["/help/"] = html("Help", "Welcome.", "returns.html", "warranty.html")
    site.pages["/help/warranty.html"] = html("Warranty", "Two years.")
    del site.pages["/help/shipping.html"]
    run = read(wanted)
    assert counts(run) == {"added": 1, "changed": 1, "unchanged": 1, "withdrawn": 1}
    assert document(site, "/help/").versions.count() == 2
    assert document(site, "/help/shipping.html").status == DocumentStatus.WITHDRAWN
    assert reason(run, "/help/shipping.html") == "The page is gone (404)."
    make_ready()
    site.pages["/help/shipping.html"] = html("Shipping", "We ship again.")
    site.pages["/help/warranty.html"] = html("Warranty", "Two years.", "shipping.html")
    run = read(wanted)
    assert counts(run) == {"changed": 2, "unchanged": 2}
    assert document(site, "/help/shipping.html").status == DocumentStatus.QUEUED


def test_what_cannot_be_read_this_time_keeps_its_last_version(site: Site) -> None:
    wanted = source("crawl", f"{site.url}/help/")
    read(wanted)
    make_ready()
    site.pages["/help/shipping.html"] = Page(b"oops", status=500)
    run = read(wanted)
    assert counts(run) == {"unchanged": 2, "failed": 1}
    assert document(site, "/help/shipping.html").status == DocumentStatus.INDEXED
    assert reason(run, "/help/shipping.html") == (
        "The site answered with an error (500). Check it in a browser."
    )
    del site.pages["/help/"]
    run = read(wanted)
    assert "gone (404)" in run.error
    assert not Document.objects.exclude(status=DocumentStatus.INDEXED).exists()


def test_a_page_that_moved_takes_its_document_along(site: Site) -> None:
    wanted = source("crawl", f"{site.url}/help/")
    read(wanted)
    make_ready()
    site.pages["/help/delivery.html"] = site.pages["/help/shipping.html"]
    site.pages["/help/shipping.html"] = redirect("delivery.html", 301)
    run = read(wanted)
    assert counts(run) == {"added": 1, "unchanged": 2, "withdrawn": 1}
    assert "delivery.html now" in reason(run, "/help/shipping.html")
    assert document(site, "/help/shipping.html").status == DocumentStatus.WITHDRAWN


def test_a_page_that_asks_not_to_be_indexed_leaves(site: Site) -> None:
    wanted = source("crawl", f"{site.url}/help/")
    read(wanted)
    make_ready()
    site.pages["/help/shipping.html"] = html(
        "Shipping", "Every weekday.", head='<meta name="robots" content="noindex">'
    )
    assert counts(read(wanted)) == {"unchanged": 2, "withdrawn": 1}


def test_what_an_operator_withdrew_stays_out(site: Site) -> None:
    wanted = source("crawl", f"{site.url}/help/")
    read(wanted)
    make_ready()
    withdraw(document(site, "/help/shipping.html"))
    site.pages["/help/shipping.html"] = html("Shipping", "Something new.")
    read(wanted)
    assert document(site, "/help/shipping.html").status == DocumentStatus.WITHDRAWN


def test_a_failed_document_is_tried_again_though_its_page_is_the_same(site: Site) -> None:
    wanted = source("page", f"{site.url}/help/returns.html")
    read(wanted)
    Document.objects.update(status=DocumentStatus.FAILED, error="It was too slow.")
    read(wanted)
    assert document(site, "/help/returns.html").status == DocumentStatus.QUEUED


def test_a_held_document_is_not_read_again_while_its_page_is_the_same(site: Site) -> None:
    wanted = source("page", f"{site.url}/help/returns.html")
    read(wanted)
    Document.objects.update(status=DocumentStatus.HELD)
    assert counts(read(wanted)) == {"unchanged": 1}
    assert document(site, "/help/returns.html").status == DocumentStatus.HELD


@pytest.mark.parametrize(
    "target", ["http://10.0.0.1/", "http://127.0.0.1:1/", "http://[::1]/", "http://169.254.169.254/x"]
)  # fmt: skip
def test_a_redirect_to_a_private_address_is_a_failed_row(site: Site, target: str) -> None:
    site.pages["/help/shipping.html"] = redirect(target)
    hosts = f"127.0.0.1 10.0.0.1 [::1] 169.254.169.254 {site.place.partition(':')[0]}"
    run = read(source("crawl", f"{site.url}/help/", allowed_hosts=hosts))
    assert (run.error, counts(run)) == ("", {"added": 2, "failed": 1})
    assert "is not read" in reason(run, "/help/shipping.html")
    assert not Document.objects.filter(path__contains="shipping").exists()


def test_pages_that_never_end_or_drip_do_not_keep_the_others(site: Site, settings: Any) -> None:
    def drip() -> Iterator[bytes]:
        while True:
            time.sleep(0.05)
            yield b"."

    options = settings.PROVIDERS["web"]["OPTIONS"]
    options |= {"max_megabytes": 1, "total_seconds": 1}
    site.pages["/help/shipping.html"] = Page(stream=endless)
    site.pages["/help/"] = html("Help", "Welcome.", "drip", "shipping.html", "returns.html")
    site.pages["/help/drip"] = Page(stream=drip)
    started = time.monotonic()
    run = read(source("crawl", f"{site.url}/help/"))
    assert counts(run) == {"added": 2, "failed": 2}
    assert "never ends" in reason(run, "/help/shipping.html")
    assert "too long" in reason(run, "/help/drip")
    assert time.monotonic() - started < 15


def test_a_sitemap_brings_its_pages_and_what_it_no_longer_lists_leaves(site: Site) -> None:
    site.pages["/sitemap.xml"] = sitemap(f"{site.url}/about.html", f"{site.url}/help/returns.html")
    wanted = source("sitemap", f"{site.url}/sitemap.xml")
    assert counts(read(wanted)) == {"added": 2}
    make_ready()
    site.pages["/sitemap.xml"] = sitemap(f"{site.url}/about.html")
    assert counts(read(wanted)) == {"unchanged": 1, "withdrawn": 1}


def test_a_document_that_two_sources_bring_stays_while_one_of_them_does(site: Site) -> None:
    crawl = source("crawl", f"{site.url}/help/")
    one = source("page", f"{site.url}/help/returns.html")
    read(crawl)
    make_ready()
    assert counts(read(one)) == {"unchanged": 1}
    site.pages["/help/"] = html("Help", "Nothing here.")
    site.pages["/help/returns.html"] = html(
        "Returns", "Hidden.", head="<meta name=robots content=noindex>"
    )
    assert counts(read(crawl)) == {"changed": 1, "unchanged": 1, "left_out": 1}
    assert document(site, "/help/returns.html").status == DocumentStatus.INDEXED


def test_the_sources_readers_are_those_of_its_documents(site: Site) -> None:
    wanted = source("page", f"{site.url}/about.html")
    wanted.audiences.add(Audience.objects.get(slug="internal"))
    read(wanted)
    page = document(site, "/about.html")
    assert [audience.slug for audience in page.audiences.all()] == ["internal"]


def test_a_site_that_nobody_trusted_is_not_read(site: Site, settings: Any) -> None:
    settings.PROVIDERS["web"]["OPTIONS"]["trusted_hosts"] = []
    run = read(source("page", f"{site.url}/help/"))
    assert "WEB_TRUSTED_HOSTS" in run.error
    assert site.asked == []


def test_the_day_of_the_last_change_comes_with_the_page(site: Site) -> None:
    returns = site.pages["/help/returns.html"]
    returns.headers["Last-Modified"] = "Tue, 07 May 2024 08:00:00 GMT"
    read(source("crawl", f"{site.url}/help/"))
    assert document(site, "/help/returns.html").versions.get().updated_on == date(2024, 5, 7)
    assert document(site, "/help/shipping.html").versions.get().updated_on is None


def test_an_operators_title_stays_when_the_page_changes(site: Site) -> None:
    wanted = source("crawl", f"{site.url}/help/")
    read(wanted)
    make_ready()
    rename(document(site, "/help/returns.html"), "Sending lanterns back")
    make_ready()
    site.pages["/help/returns.html"] = html("Returns 2.0", "Within 60 days.", "./")
    site.pages["/help/shipping.html"] = html("Parcels", "Every weekday.", "./")
    assert counts(read(wanted)) == {"changed": 2, "unchanged": 1}
    changed = document(site, "/help/returns.html")
    newest = changed.versions.order_by("-number").first()
    assert newest is not None
    assert (newest.number, newest.given_title) == (2, "Sending lanterns back")
    # Without an operator's title the page's own counts.
    other = document(site, "/help/shipping.html").versions.order_by("-number").first()
    assert other is not None
    assert other.given_title == ""
