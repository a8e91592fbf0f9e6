"""The operator's pause and banner as customers see them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, WebSocketRoute, expect

from tests.browser.chat import DELETE, RETURN, announced, ask, replies, say, texts
from tests.browser.conftest import Visits, keep_picture
from tests.browser.test_chat_access import violations
from tests.browser.test_chat_connection import BLOCK_SOCKETS
from tests.browser.test_chat_person import signed_in
from tests.server_process import ServerProcess

pytestmark = pytest.mark.browser
DOWN = "Payments are down, we are working on it."


class Switches:
    """The operator's page, in a browser of their own."""

    def __init__(self, desk: Page, url: str) -> None:
        self.desk = desk
        self.address = f"{url}/admin/conversations/servicestate/"

    def set(self, *, paused: bool = False, banner: str = "", phrases: str = "") -> None:
        self.desk.goto(self.address)
        self.desk.locator("#id_paused").set_checked(paused, force=True)
        self.desk.locator("#id_banner").fill(banner)
        self.desk.locator("#id_banner_phrases").fill(phrases)
        self.desk.locator("[name=_save]").first.click()
        expect(self.desk.get_by_text("was changed successfully")).to_be_visible()


@pytest.fixture
def switches(visits: Visits, server: ServerProcess) -> Iterator[Switches]:
    made = Switches(signed_in(visits, server), visits.url)
    yield made
    made.set()


def banner(page: Page) -> Locator:
    return page.locator("#incident-banner")


def test_a_banner_comes_into_open_chats_answers_first_and_goes(
    visits: Visits, switches: Switches, axe: str
) -> None:
    page, fresh = visits.open(), visits.open()
    ask(page, DELETE)
    expect(banner(page)).to_be_hidden()

    switches.set(banner=DOWN)
    expect(banner(page)).to_have_text(DOWN)
    reply = ask(page, RETURN)
    assert texts(page)[-2] == DOWN, "the banner stands before the answer"
    expect(reply.locator("button.marker").first).to_be_visible()
    assert DOWN not in reply.inner_text()
    keep_picture(page, "banner")
    assert violations(page, axe) == []
    ask(page, DELETE)
    assert texts(page).count(DOWN) == 1

    fresh.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(banner(fresh)).to_have_text(DOWN)
    fresh.reload()
    expect(banner(fresh)).to_have_text(DOWN)
    switches.set()
    expect(banner(page)).to_be_hidden()
    fresh.reload()
    expect(banner(fresh)).to_be_hidden()
    page.reload()
    expect(page.locator(".notice.incident")).to_have_count(1)


def test_where_sockets_are_blocked_the_banner_comes_all_the_same(
    visits: Visits, switches: Switches
) -> None:
    page = visits.blank()
    page.add_init_script(BLOCK_SOCKETS)
    page.goto(visits.url)
    ask(page, DELETE)
    switches.set(banner=DOWN)
    expect(banner(page)).to_have_text(DOWN)
    switches.set()
    expect(banner(page)).to_be_hidden()


def test_a_banner_with_an_end_goes_by_itself(visits: Visits) -> None:
    page = visits.blank()

    def shorten(socket: WebSocketRoute) -> None:
        onward = socket.connect_to_server()

        def pass_on(data: str | bytes) -> None:
            frame = json.loads(data)
            if frame["type"] == "banner":
                frame |= {"text": DOWN, "seconds_left": 1}
            socket.send(json.dumps(frame))

        onward.on_message(pass_on)

    page.route_web_socket("**/ws/chat/", shorten)
    page.goto(visits.url)
    say(page, DELETE)
    expect(banner(page)).to_have_text(DOWN)
    expect(banner(page)).to_be_hidden(timeout=3_000)


def test_a_paused_bot_says_so_offers_a_person_and_answers_again_afterwards(
    visits: Visits, switches: Switches
) -> None:
    switches.set(paused=True)
    page = visits.open()
    reply = ask(page, DELETE)
    expect(reply).to_contain_text("I am not answering questions at the moment.")
    assert "not answering questions" in announced(page)
    expect(page.locator(".draft")).to_have_count(0)
    switches.desk.goto(f"{visits.url}/admin/")
    expect(switches.desk.get_by_text(re.compile("The bot is paused since"))).to_be_visible()

    switches.set()
    answer = ask(page, DELETE)
    expect(answer.locator("button.marker").first).to_be_visible()

    switches.set(paused=True)
    ask(page, RETURN).get_by_role("button", name="Ask a person").click()
    expect(page.locator("#waiting")).to_be_visible()
    expect(replies(page)).to_have_count(3)
