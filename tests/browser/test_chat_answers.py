"""A customer asks and reads: sending, streaming, sources, rating, stopping, history."""

import json
import sqlite3

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect

from tests.browser.chat import DELETE, EMAIL, RETURN, UNKNOWN, ask, replies, say, texts
from tests.browser.conftest import Visits
from tests.server_process import ServerProcess

pytestmark = pytest.mark.browser
SIGN_MILLISECONDS = 300


def test_a_message_stands_there_at_once_with_a_sign_that_it_is_being_answered(page: Page) -> None:
    page.locator("#box").fill(DELETE)

    milliseconds = page.evaluate(
        """() => new Promise((resolve) => {
            const start = performance.now();
            new MutationObserver(() => {
                if (document.querySelector(".own") && document.querySelector(".draft"))
                    resolve(performance.now() - start);
            }).observe(document.body, {childList: true, subtree: true});
            document.getElementById("send").click();
        })"""
    )

    assert milliseconds < SIGN_MILLISECONDS
    expect(page.locator(".own .bubble")).to_have_text(DELETE)
    expect(page.locator("#box")).to_have_value("")


def test_the_answer_is_streamed_and_then_replaced_by_the_checked_one(page: Page) -> None:
    say(page, DELETE)

    draft = page.locator(".draft")
    expect(draft.locator(".prose")).not_to_be_empty()
    expect(draft.locator(".stage")).to_contain_text("Writing")
    expect(replies(page)).to_have_count(1)
    expect(draft).to_have_count(0)
    expect(replies(page).locator("button.marker").first).to_be_visible()
    expect(page.locator(".own .status")).to_contain_text("Sent")


def test_a_number_opens_the_passage_and_escape_goes_back_to_it(page: Page) -> None:
    marker = ask(page, DELETE).locator("button.marker").first
    marker.click()

    panel = page.get_by_role("dialog")
    expect(panel).to_be_visible()
    expect(panel.locator("#source-title")).to_be_focused()
    expect(panel.locator("#source-title")).to_have_text("Deleting your account")
    expect(panel.locator("#source-quote")).to_contain_text("your account")
    link = panel.get_by_role("link")
    expect(link).to_have_attribute("href", "https://help.example.org/deleting-your-account")
    assert page.locator("#thread").bounding_box()["width"] < 900  # type: ignore[index]

    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(marker).to_be_focused()


def test_a_source_without_a_public_address_has_no_link(page: Page) -> None:
    reply = ask(page, RETURN)
    reply.locator(".source-card", has_text="Returning goods").first.click()

    expect(page.locator("#source-title")).to_have_text("Returning goods")
    expect(page.get_by_role("dialog").get_by_role("link")).to_have_count(0)


def test_on_a_phone_the_passage_is_a_sheet_that_holds_the_focus(visits: Visits) -> None:
    page = visits.open(width=375, height=740)
    ask(page, DELETE).locator("button.marker").first.click()

    panel = page.get_by_role("dialog")
    expect(panel).to_be_visible()
    box = panel.bounding_box()
    assert box
    assert box["width"] == 375
    assert box["y"] + box["height"] == pytest.approx(740, abs=1)
    for _ in range(8):
        page.keyboard.press("Tab")
        assert page.evaluate(
            "document.activeElement === document.body"
            " || document.getElementById('sources').contains(document.activeElement)"
        )


def test_confidence_is_told_in_words(page: Page) -> None:
    expect(ask(page, DELETE).locator(".confidence")).to_contain_text("confidence")


def test_history_survives_a_reload_and_is_not_read_out_again(page: Page) -> None:
    ask(page, DELETE)
    ask(page, RETURN)
    before = texts(page)

    page.reload()

    expect(page.locator(".message")).to_have_count(len(before))
    assert texts(page) == before
    expect(page.locator("#announcer")).to_be_empty()


def test_a_thumb_down_takes_a_reason_and_a_comment(page: Page, server: ServerProcess) -> None:
    reply = ask(page, EMAIL)
    reply.get_by_role("button", name="Not helpful").click()
    reply.get_by_label("Something is missing").check()
    reply.get_by_label("Anything else? (optional)").fill("Where is the button?")
    reply.get_by_role("button", name="Send").click()
    expect(reply).to_contain_text("Thank you")

    page.reload()
    down = replies(page).get_by_role("button", name="Not helpful")
    expect(down).to_have_attribute("aria-pressed", "true")
    assert ("incomplete", "Where is the button?") in stored_feedback(server)


def stored_feedback(server: ServerProcess) -> list[tuple[str, str]]:
    with sqlite3.connect(server.data_dir / "db.sqlite3") as database:
        query = "SELECT reason, comment FROM conversations_feedback WHERE rating = -1"
        return database.execute(query).fetchall()


def test_the_same_thumb_again_takes_the_rating_back(page: Page) -> None:
    up = ask(page, DELETE).get_by_role("button", name="Helpful", exact=True)
    up.click()
    expect(up).to_have_attribute("aria-pressed", "true")
    up.click()
    page.reload()

    up = replies(page).get_by_role("button", name="Helpful", exact=True)
    expect(up).to_have_attribute("aria-pressed", "false")


def test_stop_leaves_no_half_answer_and_try_again_answers(page: Page) -> None:
    say(page, DELETE)
    expect(page.locator(".draft .prose")).not_to_be_empty()
    page.get_by_role("button", name="Stop").click()

    expect(page.locator(".own .status")).to_contain_text("Stopped")
    expect(page.locator(".draft")).to_have_count(0)
    expect(replies(page)).to_have_count(0)

    page.get_by_role("button", name="Try again").click()
    expect(replies(page)).to_have_count(1)
    expect(page.locator(".own .status")).not_to_contain_text("Stopped")


def test_the_answer_can_be_copied_with_its_sources(visits: Visits) -> None:
    page = visits.open(permissions=["clipboard-read", "clipboard-write"])
    ask(page, DELETE).get_by_role("button", name="Copy the answer").click()

    expect(page.locator("#announcer")).to_have_text("Copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert "account" in copied
    assert "[1]" not in copied
    assert "https://help.example.org/deleting-your-account" in copied


def test_what_the_documents_do_not_say_offers_a_person(page: Page) -> None:
    reply = ask(page, UNKNOWN)
    reply.get_by_role("button", name="Ask a person").click()

    expect(page.locator("#waiting")).to_be_visible()
    expect(reply.get_by_role("button", name="Ask a person")).to_be_hidden()


def test_enter_sends_but_not_with_shift_nor_while_composing(page: Page) -> None:
    box = page.locator("#box")
    box.fill("one")
    box.press("Shift+Enter")
    box.press_sequentially("two")
    expect(box).to_have_value("one\ntwo")

    prevented = page.evaluate(
        """() => !document.getElementById("box").dispatchEvent(new KeyboardEvent("keydown",
            {key: "Enter", isComposing: true, bubbles: true, cancelable: true}))"""
    )
    assert not prevented
    expect(page.locator(".own")).to_have_count(0)

    box.press("Enter")
    expect(page.locator(".own .bubble")).to_have_text("one\ntwo")


def test_nothing_is_sent_when_there_is_nothing_to_send(page: Page) -> None:
    page.locator("#box").fill("  \n ")
    expect(page.get_by_role("button", name="Send")).to_be_disabled()
    page.locator("#box").press("Enter")

    expect(page.locator(".message")).to_have_count(0)
    assert page.evaluate("localStorage.getItem('supportbot.conversation')") is None


def test_a_message_that_is_too_long_is_refused_and_stays_in_the_box(page: Page) -> None:
    text = "🙂" * 4001  # Counted as characters, as the server does, not as UTF-16 units.
    page.locator("#box").fill(text)
    expect(page.locator("#counter")).to_have_text("1 character too many")
    page.locator("#box").press("Enter")

    expect(page.locator("#box-problem")).to_contain_text("up to 4,000 characters")
    expect(page.locator("#box")).to_have_value(text)
    expect(page.locator(".message")).to_have_count(0)

    page.locator("#box").fill("🙂" * 4000)
    expect(page.locator("#box-problem")).to_be_hidden()
    expect(page.locator("#counter")).to_have_text("0 characters left")


def test_the_rate_limit_is_told_with_seconds_and_the_message_sent_afterwards(
    visits: Visits,
) -> None:
    page = visits.blank()
    refused: list[object] = []

    def refuse_the_first(socket: WebSocketRoute) -> None:
        onward = socket.connect_to_server()

        def pass_on(data: str | bytes) -> None:
            frame = json.loads(data)
            if frame["type"] != "send" or refused:
                onward.send(data)
                return
            refused.append(frame)
            error = {"type": "error", "code": "rate_limited", "text": "Too many."}
            error |= {"client_id": frame["client_id"], "retry_after_seconds": 3}  # type: ignore[dict-item]
            socket.send(json.dumps(error))

        socket.on_message(pass_on)

    page.route_web_socket("**/ws/chat/", refuse_the_first)
    page.goto(visits.url)
    say(page, DELETE)

    expect(page.locator(".own .status")).to_contain_text("This one is sent in")
    expect(page.locator(".own .bubble")).to_have_text(DELETE)
    expect(replies(page)).to_have_count(1)


def test_a_message_that_is_refused_says_why_and_can_be_changed(page: Page) -> None:
    say(page, "Is this text\x07?")

    status = page.locator(".own .status")
    expect(status).to_contain_text("Not sent")
    expect(status).to_contain_text("characters that are not text")
    page.get_by_role("button", name="Change the text").click()
    expect(page.locator(".own")).to_have_count(0)
    expect(page.locator("#box")).to_be_focused()
    assert "Is this text" in page.locator("#box").input_value()


def test_a_new_chat_begins_empty_and_the_old_one_can_be_reached(page: Page) -> None:
    ask(page, DELETE)
    page.get_by_role("button", name="New chat").click()
    expect(page.locator(".message")).to_have_count(0)
    expect(page.get_by_text("How can we help?")).to_be_visible()

    page.get_by_role("button", name="Back to your previous chat").click()
    expect(page.locator(".own .bubble")).to_have_text(DELETE)


def test_the_title_tells_of_a_reply_while_the_page_is_hidden(page: Page) -> None:
    say(page, DELETE)
    page.evaluate("Object.defineProperty(document, 'hidden', {get: () => true})")

    expect(page).to_have_title("(1) New reply - Support")


def test_an_unsent_draft_survives_a_reload(page: Page) -> None:
    page.locator("#box").fill("Half a quest")
    page.reload()

    expect(page.locator("#box")).to_have_value("Half a quest")


def test_a_reader_further_up_is_not_pulled_down(visits: Visits) -> None:
    page = visits.open(width=375, height=500)
    ask(page, DELETE)
    ask(page, RETURN)
    say(page, EMAIL)
    expect(page.locator(".draft")).to_be_visible()
    page.locator("#thread").hover()
    page.mouse.wheel(0, -5000)
    expect(page.get_by_role("button", name="Newest messages")).to_be_visible()

    expect(replies(page)).to_have_count(3)
    assert page.locator("#thread").evaluate("it => it.scrollTop") < 50
    page.get_by_role("button", name="New messages").click()
    expect(replies(page).last.locator(".reply-foot")).to_be_in_viewport()


def test_quick_subjects_come_from_the_documents(page: Page) -> None:
    page.get_by_role("button", name="Deleting your account").click()

    expect(page.locator("#box")).to_have_value("Deleting your account")
    expect(page.locator("#box")).to_be_focused()


def test_a_reply_that_found_nothing_names_other_pages(page: Page) -> None:
    reply = ask(page, UNKNOWN)
    expect(reply.locator(".related-heading")).to_have_text("These pages may help too:")
    expect(reply.locator(".related li").first).to_be_visible()
    expect(reply.get_by_role("button", name="Ask a person")).to_be_visible()
