"""What comes to an open desk by itself: during a draft, on a dead line, after a deletion."""

import pytest
from playwright.sync_api import Route, WebSocketRoute, expect

from tests.browser.chat import RETURN, ask, say
from tests.browser.conftest import Visits
from tests.browser.desk_people import Desk, waiting_chat
from tests.server_process import fetch

pytestmark = pytest.mark.browser


class Line:
    """The desk's sockets, which can be made to say nothing or be refused."""

    def __init__(self, desk: Desk) -> None:
        self.opened: list[WebSocketRoute] = []
        self.dead: set[int] = set()
        self.refused = False
        desk.page.route_web_socket("**/ws/desk/", self._forward)

    def _forward(self, line: WebSocketRoute) -> None:
        if self.refused:
            line.close()
            return
        number = len(self.opened)
        self.opened.append(line)
        server = line.connect_to_server()
        line.on_message(lambda text: None if number in self.dead else server.send(text))
        server.on_message(lambda text: None if number in self.dead else line.send(text))


def test_messages_come_while_a_draft_is_made(visits: Visits, desk: Desk) -> None:
    chat = visits.open()
    ask(chat, RETURN)
    chat.get_by_role("button", name="Talk to a person").click()
    expect(chat.locator("#waiting")).to_be_visible()
    desk.open_row(RETURN)
    held: list[Route] = []
    desk.page.route("**/desk/act/", lambda route: held.append(route))
    desk.press("d")
    expect(desk.page.locator("desk-customer")).to_contain_text("Searching the documents")
    say(chat, "It is about shoes")
    expect(desk.message("It is about shoes")).to_be_visible()
    draft = desk.page.get_by_role("heading", name="Draft", exact=True)
    expect(draft).to_have_count(0)
    held[0].continue_()
    expect(draft).to_be_visible()


def test_a_deleted_chat_is_shown_to_nobody_any_more(visits: Visits, desk: Desk) -> None:
    chat, token = waiting_chat(visits.url, "Forget what I said")
    desk.open_row("Forget what I said")
    desk.box.fill("Half a reply")
    visits.cuts_connection = True
    own = f"{visits.url}/api/v1/conversations/{chat}/"
    assert fetch(own, method="DELETE", token=token)[0] == 200
    expect(desk.page.locator("#line")).to_contain_text("This conversation was deleted")
    expect(desk.page.locator("body")).not_to_contain_text("Forget what I said")
    expect(desk.box).to_be_hidden()
    expect(desk.page.locator("desk-customer")).to_be_empty()
    for key in ("t", "d", "e"):
        desk.press(key)
    waiting_chat(visits.url, "And now me")
    desk.open_row("And now me")
    expect(desk.box).to_have_value("")


def test_without_a_line_the_desk_looks_every_few_seconds(visits: Visits, desk: Desk) -> None:
    visits.cuts_connection = True
    line = Line(desk)
    desk.page.clock.install()
    desk.load()
    expect(desk.page.locator("#line")).to_have_text("")
    desk.page.clock.fast_forward("00:06")
    expect(desk.page.locator("#line")).to_have_text("")
    line.refused = True
    line.opened[0].close()
    expect(desk.page.locator("#line")).to_have_text("Connecting again …")
    waiting_chat(visits.url, "Is there another way?")
    for _ in range(3):
        desk.page.clock.fast_forward("00:02")
    expect(desk.row("Is there another way?")).to_be_visible()


def test_pressing_again_and_again_does_not_keep_a_dead_line(visits: Visits, desk: Desk) -> None:
    line = Line(desk)
    desk.page.clock.install()
    waiting_chat(visits.url, "Press harder")
    desk.open_row("Press harder")
    expect(desk.page.locator("#line")).to_have_text("")
    line.dead.add(0)
    for _ in range(3):
        desk.press("t")
        desk.page.clock.fast_forward("00:04")
    desk.page.clock.fast_forward("00:02")
    expect(desk.page.locator("#line")).to_have_text("")
    assert len(line.opened) == 2
