"""From the assistant to a person and back."""

import json
import re

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect

from tests.browser.chat import DELETE, ask, replies, say
from tests.browser.conftest import Visits, keep_picture
from tests.browser.desk_people import Desk
from tests.server_process import ServerProcess

pytestmark = pytest.mark.browser
REPLY = "Hello, I have read your chat. I **unlocked** your account."


def test_a_request_for_a_person_can_be_taken_back(page: Page) -> None:
    ask(page, DELETE)
    page.get_by_role("button", name="Talk to a person").click()
    expect(page.locator("#waiting")).to_be_visible()
    expect(page.locator("#who")).to_have_text("A person has been asked")
    expect(page.locator(".notice", has_text="A person has been asked")).to_have_count(1)
    expect(page.locator("#box")).to_be_focused()

    say(page, "My name is Lee.")
    expect(page.locator(".own").last.locator(".status")).to_contain_text("Sent")
    expect(page.locator(".draft")).to_have_count(0)

    page.get_by_role("button", name="Continue with the assistant").click()
    expect(page.get_by_role("button", name="Talk to a person")).to_be_visible()
    # What nobody has answered is the assistant's now.
    expect(replies(page)).to_have_count(2)
    ask(page, DELETE)


def test_a_question_cut_off_by_asking_for_a_person_is_answered_when_the_customer_goes_on(
    page: Page,
) -> None:
    say(page, DELETE)
    expect(page.locator(".draft .stage")).to_be_visible()
    page.get_by_role("button", name="Talk to a person").click()
    expect(page.locator("#waiting")).to_be_visible()
    expect(page.locator(".draft")).to_have_count(0)
    expect(replies(page)).to_have_count(0)
    page.get_by_role("button", name="Continue with the assistant").click()
    expect(replies(page)).to_have_count(1)
    expect(replies(page).first.locator("button.marker").first).to_be_visible()


def test_a_person_can_be_asked_before_anything_was_written(page: Page) -> None:
    page.get_by_role("button", name="Talk to a person").click()

    expect(page.locator("#waiting")).to_be_visible()


def test_the_place_in_the_queue_is_told_again_when_it_changes(visits: Visits, desk: Desk) -> None:
    desk.load()  # Somebody is at the desk: else no place is told.
    ahead = visits.open()
    ahead.get_by_role("button", name="Talk to a person").click()
    expect(ahead.locator("#waiting")).to_contain_text(re.compile("You are (next|number)"))
    behind = visits.open(width=320, height=640)
    behind.get_by_role("button", name="Talk to a person").click()
    line = behind.locator("#waiting")
    expect(line).to_contain_text("You are number")
    before = int(re.findall(r"number (\d+)", line.inner_text())[0])
    keep_picture(behind, "place-320")
    lines = behind.locator(".message").count()
    ahead.get_by_role("button", name="Continue with the assistant").click()
    now = f"You are number {before - 1}" if before > 2 else "You are next in the queue"
    expect(line).to_contain_text(now)
    expect(behind.locator("#announcer")).to_contain_text(now)
    expect(behind.locator(".message")).to_have_count(lines)
    # What stands there comes again with the page.
    behind.reload()
    expect(line).to_contain_text(now)
    assert behind.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_an_agent_replies_from_the_admin_and_the_assistant_is_silent(
    visits: Visits, server: ServerProcess
) -> None:
    page = visits.open()
    ask(page, DELETE)
    page.get_by_role("button", name="Talk to a person").click()
    expect(page.locator("#waiting")).to_be_visible()
    desk = signed_in(visits, server)
    desk.goto(desk_address(page, visits.url))
    desk.locator("#reply-text").fill(REPLY)
    desk.get_by_role("button", name="Send reply").click()

    reply = page.locator(".message.agent")
    expect(reply).to_contain_text("I unlocked your account.")
    expect(reply.locator("strong")).to_have_text("unlocked")
    expect(reply.locator(".reply-who")).to_have_text("admin")
    expect(page.locator("#who")).to_have_text("admin")
    expect(page.locator("#waiting")).to_be_hidden()

    say(page, DELETE)
    expect(page.locator(".own").last.locator(".status")).to_contain_text("Sent")
    expect(page.locator(".draft")).to_have_count(0)
    desk.get_by_role("button", name=re.compile("Hand back")).click()
    expect(page.locator("#who")).to_have_text("AI assistant")
    ask(page, DELETE)
    expect(replies(page)).to_have_count(2)


def test_a_form_of_a_rule_sends_its_details_to_a_person(visits: Visits) -> None:
    page = visits.blank()
    with_answer(page, {"form_fields": ["Order number", "E-mail"]})
    page.goto(visits.url)
    reply = ask(page, DELETE)
    reply.get_by_label("Order number").fill("4711")
    reply.get_by_role("textbox", name="E-mail").fill("lee@example.org")
    reply.get_by_role("button", name="Send to a person").click()

    expect(page.locator("#waiting")).to_be_visible()
    expect(page.locator(".own .bubble").last).to_have_text(
        "Order number: 4711\nE-mail: lee@example.org"
    )


def test_what_may_have_been_meant_can_be_asked_by_pressing_it(visits: Visits) -> None:
    page = visits.blank()
    with_answer(page, {"disposition": "clarify", "alternatives": ["Returning goods"]})
    page.goto(visits.url)
    ask(page, DELETE).get_by_role("button", name="Returning goods", exact=True).click()

    expect(page.locator(".own .bubble").last).to_have_text("Returning goods")
    expect(replies(page)).to_have_count(2)


def with_answer(page: Page, changes: dict[str, object]) -> None:
    """Change the answers that the server sends, as its rules would."""

    def change(socket: WebSocketRoute) -> None:
        onward = socket.connect_to_server()

        def pass_on(data: str | bytes) -> None:
            frame = json.loads(data)
            if frame.get("answer"):
                frame["answer"].update(changes)
            socket.send(json.dumps(frame))

        onward.on_message(pass_on)

    page.route_web_socket("**/ws/chat/", change)


def signed_in(visits: Visits, server: ServerProcess) -> Page:
    found = re.search(r"password (\S+)", server.read_output())
    assert found, server.read_output()
    # The admin's console is the admin's tests' matter, so this page is not watched.
    desk = visits.browser.new_context().new_page()
    desk.goto(f"{visits.url}/admin/login/")
    desk.locator("#id_username").fill("admin")
    desk.locator("#id_password").fill(found[1])
    desk.locator("#id_password").press("Enter")
    desk.wait_for_url(re.compile(r"/admin/(?!login)"))
    return desk


def desk_address(page: Page, url: str) -> str:
    conversation = page.evaluate("localStorage.getItem('supportbot.conversation')")
    return f"{url}/admin/conversations/conversation/{conversation}/change/"
