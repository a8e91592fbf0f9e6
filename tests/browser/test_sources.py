"""A web site served by the test becomes knowledge: added, read, listed, answering, and changed.

The server under test reads this machine's addresses because WEB_TRUSTED_HOSTS names the site.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.chat import ask
from tests.browser.conftest import MANY_TESTS, Visits, keep_picture
from tests.browser.desk_people import sign_in
from tests.browser.test_admin import go, violations
from tests.knowledge.sources.site import Site, help_site, html
from tests.server_process import ServerProcess

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
# Reading and embedding wait for their turn on a busy machine.
READ_MS = 60_000


@pytest.fixture
def site() -> Iterator[Site]:
    with Site(help_site()) as served:
        yield served


@pytest.fixture
def server(site: Site, tmp_path: Path) -> Iterator[ServerProcess]:
    """A server that may read the site, with no documents yet."""
    settings = {**MANY_TESTS, "WEB_TRUSTED_HOSTS": site.place, "WEB_DELAY_SECONDS": "0"}
    started = ServerProcess(tmp_path / "data", (), settings)
    started.start()
    yield started
    started.kill()


@pytest.fixture
def visits(browser: Browser, server: ServerProcess) -> Iterator[Visits]:
    made = Visits(browser, server.url)
    yield made
    made.close()
    assert made.errors == []


@pytest.fixture
def admin(visits: Visits, server: ServerProcess) -> Page:
    found = re.search(r"password (\S+)", server.wait_for_output("password "))
    assert found
    page = visits.open(f"{visits.url}/admin/")
    sign_in(page, "admin", found[1])
    return page


def part(page: Page, name: str) -> Locator:
    """A part of the state at the top of the source's page."""
    return page.locator(f"[data-source] [data-part={name}]").first


def add(page: Page, visits: Visits, site: Site) -> None:
    go(page, visits, "knowledge/source/")
    page.get_by_role("link", name="Add a source").click()
    page.get_by_label("Name").fill("Help site")
    page.get_by_label("Kind").select_option(label="Web site, following links")
    page.get_by_label("Address or folder").fill(f"{site.url}/help/")
    page.get_by_label("Collection").select_option(label="Default")
    page.get_by_role("button", name="Save and continue editing").click()


def wait_until_read(page: Page, changes: str) -> None:
    """Wait until the newest run says this, without touching the page."""
    runs = page.get_by_role("region", name="Runs")
    expect(runs.locator("tbody tr").first).to_contain_text(changes, timeout=READ_MS)
    expect(part(page, "label")).to_have_text("Read", timeout=READ_MS)


def test_a_crawled_site_answers_and_follows_what_changes_there(
    visits: Visits, admin: Page, site: Site, axe: str
) -> None:
    add(admin, visits, site)
    wait_until_read(admin, "3 new")
    keep_picture(admin, "source-read")
    assert violations(admin, axe) == []

    admin.get_by_role("link", name="3 documents").click()
    rows = admin.locator("#result_list tbody tr")
    expect(rows).to_have_count(3)
    for page in ("", "returns.html", "shipping.html"):
        address = admin.get_by_text(f"{site.url}/help/{page}", exact=True)
        row = rows.filter(has=address)
        expect(row.locator("[data-part=label]")).to_have_text("Ready", timeout=READ_MS)
    keep_picture(admin, "source-pages")
    assert violations(admin, axe) == []

    chat = visits.open()
    reply = ask(chat, "How many days do I have to send a lantern back?")
    expect(reply).to_contain_text("45 days")
    # The citation leads to the page that was read, not to a copy of ours.
    reply.get_by_role("button", name="Source 1: Returns").first.click()
    expect(chat.locator(f"a[href='{site.url}/help/returns.html']").first).to_be_visible()
    keep_picture(chat, "source-answers")

    site.pages["/help/returns.html"] = html("Returns", "Send a lantern back within 60 days.", "./")
    del site.pages["/help/shipping.html"]
    go(admin, visits, "knowledge/source/")
    keep_picture(admin, "source-list")
    admin.get_by_role("link", name="Help site").first.click()
    admin.get_by_role("button", name="Run now").click()
    wait_until_read(admin, "1 changed, 1 withdrawn")
    admin.get_by_role("region", name="Runs").get_by_role("link").first.click()
    found = admin.get_by_role("region", name="What was found")
    expect(found.get_by_role("row", name="returns.html")).to_contain_text("Changed")
    expect(found.get_by_role("row", name="shipping.html")).to_contain_text("Withdrawn")
    keep_picture(admin, "source-run")
    assert violations(admin, axe) == []


def test_an_address_inside_the_network_is_refused_in_the_form(visits: Visits, admin: Page) -> None:
    go(admin, visits, "knowledge/source/add/")
    admin.get_by_label("Name").fill("Metadata")
    admin.get_by_label("Kind").select_option(label="One web page")
    admin.get_by_label("Address or folder").fill("http://169.254.169.254/latest/")
    admin.get_by_role("button", name="Save", exact=True).click()
    expect(admin.get_by_text("169.254.169.254 is a link-local address")).to_be_visible()
    keep_picture(admin, "source-refused")
