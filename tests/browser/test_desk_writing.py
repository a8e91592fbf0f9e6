"""What an agent writes at the desk: on a slow line, in several conversations, as reply and note."""

import re

import pytest
from playwright.sync_api import FilePayload, Route, expect

from tests.browser.chat import RETURN, ask
from tests.browser.conftest import Visits
from tests.browser.desk_people import Desk, waiting_chat

pytestmark = pytest.mark.browser


class SlowLine:
    """Acts go over HTTP, and each waits until it is let through."""

    def __init__(self, desk: Desk) -> None:
        self.waiting: list[Route] = []
        desk.page.route_web_socket("**/ws/desk/", lambda line: line.close())
        desk.page.route("**/desk/act/", lambda route: self.waiting.append(route))
        self._desk = desk

    def let_through(self) -> None:
        self.wait_for(1)
        self.waiting.pop(0).continue_()

    def lose_the_answer(self) -> None:
        """The server does it, and the line is cut before it says so."""
        self.wait_for(1)
        route = self.waiting.pop(0)
        route.fetch()
        route.abort()

    def wait_for(self, number: int) -> None:
        for _ in range(200):
            if len(self.waiting) >= number:
                return
            self._desk.page.wait_for_timeout(50)
        raise AssertionError(f"{len(self.waiting)} acts wait, not {number}")


@pytest.fixture
def slow(visits: Visits, desk: Desk) -> SlowLine:
    visits.cuts_connection = True
    return SlowLine(desk)


def test_what_is_typed_while_a_reply_is_on_its_way_stays(
    visits: Visits, desk: Desk, slow: SlowLine
) -> None:
    waiting_chat(visits.url, "A slow line, please")
    desk.open_row("A slow line, please")
    desk.press("r")
    desk.page.keyboard.type("One moment.")
    desk.box.press("Control+Enter")
    slow.wait_for(1)
    desk.page.keyboard.type(" I have found it")
    slow.let_through()
    expect(desk.message("One moment.")).to_have_count(1)
    expect(desk.box).to_have_value("I have found it")
    expect(desk.message("I have found it")).to_have_count(0)


def test_a_reply_on_its_way_holds_up_no_other_conversation_and_is_not_offered_again(
    visits: Visits, desk: Desk, slow: SlowLine
) -> None:
    waiting_chat(visits.url, "The first of two")
    waiting_chat(visits.url, "The second of two")
    desk.open_row("The first of two")
    desk.box.fill("To the first")
    desk.box.press("Control+Enter")
    slow.wait_for(1)
    desk.open_row("The second of two")
    desk.box.fill("To the second")
    desk.box.press("Control+Enter")
    slow.wait_for(2)
    slow.let_through()
    slow.let_through()
    expect(desk.message("To the second")).to_have_count(1)
    expect(desk.box).to_have_value("")
    desk.page.locator("[data-queue=mine]").click()
    desk.open_row("The first of two")
    expect(desk.message("To the first")).to_have_count(1)
    expect(desk.box).to_have_value("")


def test_words_that_were_changed_after_a_lost_answer_go_out_as_a_reply_of_their_own(
    visits: Visits, desk: Desk, slow: SlowLine
) -> None:
    waiting_chat(visits.url, "The answer gets lost")
    desk.open_row("The answer gets lost")
    desk.box.fill("It costs 20")
    desk.box.press("Control+Enter")
    slow.lose_the_answer()
    expect(desk.page.locator(".problem")).to_contain_text("If it does not show here soon")
    desk.box.fill("It costs 20 for two")
    desk.box.press("Control+Enter")
    slow.let_through()
    expect(desk.page.locator(".problem")).to_contain_text("An earlier version was sent already")
    desk.box.press("Control+Enter")
    slow.let_through()
    expect(desk.message("It costs 20 for two")).to_have_count(1)
    expect(desk.message("It costs 20")).to_have_count(2)
    expect(desk.page.locator(".problem")).to_be_empty()


def test_the_words_of_a_note_are_never_those_of_a_reply(visits: Visits, desk: Desk) -> None:
    waiting_chat(visits.url, "Keep them apart")
    waiting_chat(visits.url, "Somebody else meanwhile")
    desk.open_row("Keep them apart")
    desk.press("n")
    desk.page.keyboard.type("He shouts a lot")
    desk.page.keyboard.press("Escape")
    desk.press("r")
    expect(desk.box).to_have_value("")
    desk.page.keyboard.type("Good morning")
    desk.open_row("Somebody else meanwhile")
    expect(desk.box).to_have_value("")
    desk.open_row("Keep them apart")
    expect(desk.box).to_have_value("Good morning")
    desk.box.press("Control+Enter")
    expect(desk.message("Good morning")).to_have_count(1)
    desk.page.get_by_role("button", name="Private note", exact=True).click()
    expect(desk.box).to_have_value("He shouts a lot")
    desk.page.get_by_role("button", name="Keep note").click()
    expect(desk.page.locator(".message.note")).to_contain_text("He shouts a lot")


def test_a_note_leaves_the_files_of_the_reply(visits: Visits, desk: Desk) -> None:
    waiting_chat(visits.url, "A file and a note")
    desk.open_row("A file and a note")
    file = FilePayload(name="log.txt", mimeType="text/plain", buffer=b"hello")
    desk.page.locator("desk-attach input").set_input_files([file])
    expect(desk.page.locator("desk-attach .attached")).to_contain_text("log.txt is attached.")
    desk.page.get_by_role("button", name="Private note", exact=True).click()
    desk.box.fill("The log says hello")
    desk.box.press("Control+Enter")
    expect(desk.page.locator(".message.note")).to_be_visible()
    desk.page.get_by_role("button", name="Reply", exact=True).click()
    expect(desk.page.locator("desk-attach .attached")).to_contain_text("log.txt is attached.")
    desk.page.get_by_role("button", name="Send reply").click()
    expect(desk.page.locator(".message.agent")).to_contain_text("log.txt")
    expect(desk.page.locator("desk-attach .attached li")).to_have_count(0)


def test_leaving_the_page_with_words_that_were_not_sent_is_asked_first(
    visits: Visits, desk: Desk
) -> None:
    waiting_chat(visits.url, "Half a reply is lost")
    desk.open_row("Half a reply is lost")
    desk.box.click()
    asked: list[str] = []

    def stay(dialog: object) -> None:
        asked.append(dialog.type)  # type: ignore[attr-defined]
        dialog.accept()  # type: ignore[attr-defined]

    desk.page.on("dialog", stay)
    desk.page.reload()
    expect(desk.message("Half a reply is lost").first).to_be_visible()
    assert asked == []
    desk.box.click()
    desk.page.keyboard.type("Half a")
    desk.page.reload()
    expect(desk.message("Half a reply is lost").first).to_be_visible()
    assert asked == ["beforeunload"]


def test_a_date_that_was_typed_is_the_one_that_a_snooze_ends(visits: Visits, desk: Desk) -> None:
    waiting_chat(visits.url, "Not before next week")
    desk.open_row("Not before next week")
    desk.press("s")
    day = desk.page.evaluate(
        "new Date(Date.now() + 7 * 86400000 - new Date().getTimezoneOffset() * 60000)"
        ".toISOString().slice(0, 10)"
    )
    desk.page.get_by_label("Or until").fill(f"{day}T10:00")
    desk.page.locator("dialog").get_by_role("button", name="Snooze", exact=True).click()
    year, month, at = day.split("-")
    shown = re.compile(f"Snoozed until {int(month)}/{int(at)}/{year}, 10:00:00 AM")
    expect(desk.page.locator(".thread-head")).to_contain_text(shown)


def test_an_edit_that_did_not_get_through_is_asked_for_again_with_its_words(
    visits: Visits, desk: Desk, slow: SlowLine
) -> None:
    waiting_chat(visits.url, "Edit and fail")
    desk.open_row("Edit and fail")
    desk.box.fill("It costs 20")
    desk.box.press("Control+Enter")
    slow.let_through()
    desk.message("It costs 20").get_by_role("button", name="Edit").click()
    words, save = desk.page.get_by_label("Reply", exact=True), desk.page.get_by_text("Save")
    words.fill("It costs 30, and here is a long explanation why")
    save.click()
    slow.wait_for(1)
    slow.waiting.pop(0).abort()
    expect(desk.page.locator("dialog .problem")).to_contain_text("There is no connection")
    expect(words).to_have_value("It costs 30, and here is a long explanation why")
    save.click()
    slow.let_through()
    expect(desk.message("It costs 30")).to_have_count(1)
    expect(desk.page.locator("dialog")).to_have_count(0)


def test_who_may_not_see_why_is_told_so(visits: Visits, desk: Desk) -> None:
    chat = visits.open()
    ask(chat, RETURN)
    desk.load()
    desk.press("4")
    desk.open_row(RETURN)
    visits.cuts_connection = True
    desk.page.route("**/desk/why/*/", lambda route: route.fulfill(status=403))
    desk.press("w")
    expect(desk.page.locator("#line")).to_contain_text("Your account may not see this")
