"""The connection drops, is blocked, or comes back; nothing written is lost or doubled."""

import re
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect

from tests.browser.chat import DELETE, EMAIL, RETURN, ask, replies, say, texts
from tests.browser.conftest import Visits
from tests.server_process import ServerProcess

pytestmark = pytest.mark.browser
# A network that lets no socket through: the constructor's object closes without opening.
BLOCK_SOCKETS = """
window.WebSocket = class extends EventTarget {
    static OPEN = 1;
    constructor() {
        super();
        window.socketsTried = (window.socketsTried ?? 0) + 1;
        setTimeout(() => this.onclose?.(new CloseEvent("close")), 20);
    }
    close() {}
};
"""


def test_after_a_crash_the_page_comes_back_by_itself_and_sends_what_was_written(
    visits: Visits, plain_server: ServerProcess
) -> None:
    visits.cuts_connection = True
    page = visits.open(plain_server.url)
    ask(page, DELETE)

    plain_server.kill()
    say(page, RETURN)
    expect(page.locator("#connection-banner")).to_be_visible()
    expect(page.locator(".own").last).to_contain_text("Waiting for the connection")
    plain_server.start()

    expect(replies(page)).to_have_count(2, timeout=30_000)
    expect(page.locator("#connection-banner")).to_be_hidden()
    after = texts(page)
    assert [text for text in after if text in (DELETE, RETURN)] == [DELETE, RETURN]
    page.reload()
    expect(page.locator(".message")).to_have_count(4)
    assert texts(page) == after


def test_where_sockets_are_blocked_the_chat_goes_on_over_requests(visits: Visits) -> None:
    page = visits.blank()
    page.add_init_script(BLOCK_SOCKETS)
    page.goto(visits.url)
    reply = ask(page, DELETE)
    expect(reply.locator("button.marker").first).to_be_visible()
    ask(page, RETURN)

    reply.get_by_role("button", name="Helpful", exact=True).click()
    page.get_by_role("button", name="Talk to a person").click()
    expect(page.locator("#waiting")).to_be_visible()
    page.get_by_role("button", name="Continue with the assistant").click()
    expect(page.locator("#waiting")).to_be_hidden()
    say(page, EMAIL)
    expect(page.locator(".draft .stage")).to_be_visible()
    page.get_by_role("button", name="Stop").click()
    expect(page.locator(".own").last).to_contain_text("Stopped")
    page.get_by_role("button", name="Try again").click()
    expect(replies(page)).to_have_count(3)

    page.reload()
    expect(replies(page)).to_have_count(3)
    assert page.evaluate("window.socketsTried") == 2


def test_a_line_that_hangs_while_it_opens_does_not_hold_the_chat_up(visits: Visits) -> None:
    page = visits.open()
    ask(page, DELETE)
    lines: list[WebSocketRoute] = []
    began: list[float] = []
    closed: list[WebSocketRoute] = []

    def forget_the_first(line: WebSocketRoute) -> None:
        lines.append(line)
        began.append(time.monotonic())
        line.on_close(lambda *_: closed.append(line))
        if len(lines) > 1:
            line.connect_to_server()

    page.route_web_socket("**/ws/chat/", forget_the_first)
    page.reload()
    wait_until(page, lambda: len(lines) == 2)
    # Alone, the first would be given up after 4 s.
    assert began[1] - began[0] < 3.5
    ask(page, RETURN)
    # The second line carries the chat; no third was needed, and the first is let go.
    assert len(lines) == 2
    assert closed == lines[:1]


def test_a_chat_over_requests_goes_back_to_sockets(visits: Visits) -> None:
    page = visits.blank()
    page.clock.install()
    page.add_init_script(f"window.RealSocket = WebSocket; {BLOCK_SOCKETS}")
    page.goto(visits.url)
    ask(page, DELETE)

    page.evaluate("() => { window.WebSocket = window.RealSocket; }")
    frames: list[str] = []
    page.on("websocket", lambda socket: socket.on("framereceived", lambda f: frames.append(str(f))))
    # Almost to the next try: its own deadlines must not be jumped over.
    page.clock.fast_forward("00:55")
    wait_until(page, lambda: any('"welcome"' in frame for frame in frames))
    say(page, RETURN)
    wait_until(page, lambda: any('"ack"' in frame for frame in frames))
    expect(replies(page)).to_have_count(2)
    assert len(texts(page)) == 4


def wait_until(page: Page, holds: Callable[[], bool]) -> None:
    for _ in range(300):
        if holds():
            return
        page.wait_for_timeout(50)
    raise AssertionError("not within 15 s")


def test_what_could_not_be_sent_survives_a_reload(visits: Visits) -> None:
    visits.cuts_connection = True
    page = visits.blank()
    page.route(re.compile("/api/v1/"), lambda route: route.abort())
    page.goto(visits.url)
    say(page, DELETE)
    expect(page.locator("#page-problem")).to_be_visible()
    page.reload()
    expect(page.locator(".own .bubble")).to_have_text(DELETE)
    expect(page.locator(".own .status")).to_contain_text("Waiting")

    page.unroute_all()
    expect(replies(page)).to_have_count(1)
    expect(page.locator(".own")).to_have_count(1)
    expect(page.locator("#page-problem")).to_be_hidden()


def test_a_page_that_the_server_does_not_know_begins_again(visits: Visits) -> None:
    visits.cuts_connection = True  # The refused token is a failed request.
    page = visits.open()
    ask(page, DELETE)
    page.evaluate(
        """text => {
            const conversation = crypto.randomUUID();
            const clientId = crypto.randomUUID();
            localStorage.setItem("supportbot.token", "made-up");
            localStorage.setItem("supportbot.conversation", conversation);
            localStorage.setItem(`supportbot.outbox.${clientId}`, JSON.stringify({
                clientId, text, conversation, afterSeq: 0, createdAt: Date.now(),
                state: "sending", problem: "", sendAt: 0,
            }));
        }""",
        RETURN,
    )
    page.reload()

    # What was not sent yet is sent in the new conversation.
    expect(page.locator(".own .bubble")).to_have_text(RETURN)
    expect(replies(page)).to_have_count(1)
    assert page.evaluate("localStorage.getItem('supportbot.token')") != "made-up"


def test_without_storage_the_chat_works_until_the_page_is_left(visits: Visits) -> None:
    page = visits.blank()
    page.add_init_script(
        "Object.defineProperty(window, 'localStorage', {get() { throw new Error('refused'); }})"
    )
    page.goto(visits.url)

    ask(page, DELETE)
    ask(page, RETURN)


def test_with_a_full_storage_the_chat_works_until_the_page_is_left(visits: Visits) -> None:
    page = visits.open()
    expect(page.locator("#menu-button")).to_be_visible()
    page.evaluate(
        """() => {
            for (let size = 2 ** 22; size >= 1; size /= 2)
                try {
                    for (let at = 0; ; at += 1)
                        localStorage.setItem(`full${size}.${at}`, "x".repeat(size));
                } catch { /* No room for one of this size. */ }
        }"""
    )
    ask(page, DELETE)
    ask(page, RETURN)
    assert page.evaluate("localStorage.getItem('supportbot.token')") is None


def test_two_tabs_show_the_same_chat(page: Page, visits: Visits) -> None:
    ask(page, DELETE)
    other = page.context.new_page()
    visits.watch(other)
    other.goto(visits.url)
    expect(replies(other)).to_have_count(1)
    say(page, RETURN)

    expect(replies(other)).to_have_count(2)
    expect(replies(page)).to_have_count(2)
    assert texts(other) == texts(page)
    assert len(texts(page)) == 4


def test_a_page_that_joins_in_the_middle_shows_the_whole_answer_so_far(page: Page) -> None:
    # On a busy machine an answer may be over before the page is back: then the next one counts.
    for answers in range(1, 5):
        say(page, DELETE)
        expect(page.locator(".draft .prose")).not_to_be_empty()
        shown = page.locator(".draft .prose").inner_text()
        page.reload()

        expect(page.locator(".message.assistant")).to_have_count(answers)
        found = page.evaluate("document.querySelector('.draft .prose')?.innerText")
        expect(replies(page)).to_have_count(answers)
        if found:
            assert shown[:20] in found
            return
    raise AssertionError("no page came back in the middle of an answer")
