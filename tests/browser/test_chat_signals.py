"""What is told of the use of answers, and the questions that a site offers."""

import json
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chat import DELETE, ask, replies
from tests.browser.conftest import Visits, keep_picture
from tests.browser.host_pages import HostServer, chat, host_server, launcher, page
from tests.browser.test_chat_files import picture
from tests.browser.test_widget import in_server, make_site, ready_chat
from tests.server_process import ServerProcess

pytestmark = pytest.mark.browser
KINDS = """
import json
from conversations.models import Signal
rows = Signal.objects.filter(conversation={chat!r}).order_by("kind", "marker")
print(json.dumps([[row.kind, row.marker] for row in rows]))
"""
FIRST = "How do I delete my account?"
WAIT_SECONDS = 20.0


def told(server: ServerProcess, chat_id: str, wanted: list[list[object]]) -> list[list[object]]:
    """Return what the server has counted, as soon as it is as wanted."""
    ends = time.monotonic() + WAIT_SECONDS
    while True:
        found: list[list[object]] = in_server(server, KINDS.format(chat=chat_id))
        if found == wanted or time.monotonic() > ends:
            return found


def test_sources_copies_leaving_and_coming_back(
    visits: Visits, server: ServerProcess, page: Page
) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    answer = ask(page, DELETE)
    answer.locator("button.marker").first.click()
    page.keyboard.press("Escape")
    answer.get_by_role("button", name="Copy the answer").click()
    chat_id = page.evaluate("localStorage.getItem('supportbot.conversation')")
    other = page.context.new_page()
    page.close()
    opened = ["source_opened", 1]
    assert told(server, chat_id, [["copied", 0], ["left", 0], opened]) == [
        ["copied", 0], ["left", 0], opened,
    ]  # fmt: skip
    visits.watch(other)
    with other.expect_request(lambda one: "/signals/" in one.url) as back:
        other.goto(visits.url)
    assert json.loads(back.value.post_data or "") == {"signals": [{"kind": "back"}]}
    assert told(server, chat_id, [["copied", 0], opened]) == [["copied", 0], opened]
    other.locator("#menu-button").click()
    other.get_by_role("button", name="Was this solved?").click()
    other.locator("#sheet").get_by_label("Yes").check()
    other.locator("#sheet").get_by_role("button", name="Send", exact=True).click()
    solved = [["copied", 0], ["solved", 0], opened]
    assert told(server, chat_id, solved) == solved


def test_who_closes_one_of_two_tabs_has_not_left(
    visits: Visits, server: ServerProcess, page: Page
) -> None:
    ask(page, DELETE)
    chat_id = page.evaluate("localStorage.getItem('supportbot.conversation')")
    other = page.context.new_page()
    visits.watch(other)
    other.goto(visits.url)
    expect(replies(other)).to_have_count(1)
    with other.expect_request(lambda one: "/signals/" in one.url) as told_back:
        page.close()
    assert json.loads(told_back.value.post_data or "") == {"signals": [{"kind": "back"}]}
    assert told(server, chat_id, []) == []
    blank = other.context.new_page()
    other.close()
    assert told(server, chat_id, [["left", 0]]) == [["left", 0]]
    blank.close()


@pytest.fixture(scope="module")
def hosts() -> Iterator[HostServer]:
    with host_server() as made:
        yield made


def test_a_site_offers_questions_that_are_asked_by_pressing(
    visits: Visits, server: ServerProcess, hosts: HostServer
) -> None:
    key, _ = make_site(
        server,
        name="Quick",
        origins=hosts.url,
        quick_replies=f"{FIRST}\nHow long do I have for returning goods?",
    )
    hosted = visits.open(f"{visits.url}/chat/{key}", width=320, height=640)
    offered = hosted.locator("[data-question]")
    expect(offered).to_have_count(2)
    keep_picture(hosted, "quick-replies-320")
    offered.first.click()
    expect(hosted.locator(".bubble")).to_have_text(FIRST)
    expect(replies(hosted)).to_have_count(1)
    tag = f'<script src="{server.url}/widget.js" data-site="{key}" async></script>'
    shown = visits.open(hosts.put("/quick", page(tag)))
    launcher(shown).click()
    ready_chat(shown)
    chat(shown).get_by_role("button", name=FIRST).click()
    expect(chat(shown).locator(".bubble")).to_have_text(FIRST)
    expect(chat(shown).locator(".message.assistant:not(.draft)")).to_have_count(1)
    # A file goes from the widget as it does from the page.
    chat(shown).locator("#file").set_input_files(
        {"name": "photo.png", "mimeType": "image/png", "buffer": picture()}
    )
    chat(shown).locator("#box").press("Enter")
    expect(chat(shown).locator(".message.own img")).to_have_js_property("naturalWidth", 320)
    keep_picture(shown, "widget-file")
