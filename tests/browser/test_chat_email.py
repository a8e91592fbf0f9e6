"""A customer leaves an address, goes away, and comes back by the link in the mail."""

import re
import socket
import sqlite3
import threading
import time
from collections.abc import Iterator
from email import message_from_string
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.chat import DELETE, ask, say
from tests.browser.conftest import MANY_TESTS, Visits, keep_picture, serving
from tests.browser.test_chat_access import violations
from tests.browser.test_chat_person import desk_address, signed_in
from tests.server_process import ServerProcess

pytestmark = pytest.mark.browser
LINK = re.compile(r"http://\S+/(?:\?lang=\w\w)?#chat=\S+")
WAIT_SECONDS = 30.0
OFFER, FIELD = "Get the reply by e-mail too (optional)", "Your e-mail address"


class Mailbox:
    """A mail server that takes everything; enough of RFC 5321 for one sender."""

    def __init__(self) -> None:
        self.letters: list[str] = []
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def wait_for(self, words: str) -> str:
        """Return the text of the first letter with these words."""
        ends = time.monotonic() + WAIT_SECONDS
        while time.monotonic() < ends:
            for letter in self.letters:
                text = message_from_string(letter).get_payload(decode=True)
                if isinstance(text, bytes) and words in text.decode():
                    return text.decode()
            time.sleep(0.1)
        raise AssertionError(f"no letter with {words!r} among {len(self.letters)}")

    def _serve(self) -> None:
        while True:
            connection, _ = self._listening.accept()
            with connection, connection.makefile("rw", newline="\r\n") as line:
                self._talk(line)

    def _talk(self, line: object) -> None:
        def say_line(text: str) -> None:
            line.write(f"{text}\r\n")  # type: ignore[attr-defined]
            line.flush()  # type: ignore[attr-defined]

        say_line("220 here")
        letter: list[str] | None = None
        for heard in line:  # type: ignore[attr-defined]
            if letter is not None:
                if heard.rstrip("\r\n") == ".":
                    self.letters.append("".join(letter))
                    letter = None
                    say_line("250 taken")
                else:
                    letter.append(heard.rstrip("\r\n") + "\n")
            elif heard.upper().startswith("DATA"):
                letter = []
                say_line("354 go on")
            elif heard.upper().startswith("QUIT"):
                say_line("221 bye")
                return
            else:
                say_line("250 well")


@pytest.fixture(scope="module")
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture(scope="module")
def mailing(tmp_path_factory: pytest.TempPathFactory, mailbox: Mailbox) -> Iterator[ServerProcess]:
    mail = {"EMAIL_URL": f"smtp://127.0.0.1:{mailbox.port}"}
    yield from serving(tmp_path_factory.mktemp("mailing"), {**MANY_TESTS, **mail})


@pytest.fixture
def customer(browser: Browser, mailing: ServerProcess) -> Iterator[Visits]:
    made = Visits(browser, mailing.url)
    yield made
    made.close()
    assert made.errors == []


def waiting_page(customer: Visits, **options: Any) -> Page:
    page = customer.open(**options)
    ask(page, DELETE)
    page.get_by_role("button", name="Talk to a person").click()
    expect(page.locator("#waiting")).to_be_visible()
    return page


def make_due(data_dir: Path) -> None:
    """The minute in which the customer might look has passed."""
    with sqlite3.connect(data_dir / "db.sqlite3", timeout=20) as database:
        database.execute("UPDATE conversations_notice SET next_at = '2020-01-01 00:00:00'")


@pytest.mark.parametrize("width", [320, 1280])
def test_an_address_can_be_left_and_need_not(customer: Visits, axe: str, width: int) -> None:
    page = waiting_page(customer, width=width)
    offer, field = page.get_by_text(OFFER), page.get_by_role("textbox", name=FIELD)
    expect(offer).to_be_visible()
    expect(field).to_be_hidden()
    expect(page.locator("#box")).to_be_focused()
    expect(page.locator(".notice").last).to_have_text("Nobody is at the desk right now.")
    assert violations(page, axe) == [], "closed"
    keep_picture(page, f"email-offered-{width}")
    offer.focus()
    page.keyboard.press("Enter")
    expect(field).to_be_visible()
    assert violations(page, axe) == [], "open"
    keep_picture(page, f"email-{width}")
    say(page, "My name is Lee.")
    expect(page.locator(".own").last.locator(".status")).to_contain_text("Sent")
    field.fill("lee@example.org")
    field.press("Enter")
    expect(page.locator(".notice").last).to_have_text("The reply is also sent to lee@example.org.")
    expect(offer).to_be_hidden()
    page.reload()
    expect(page.locator("#waiting")).to_be_visible()
    expect(offer).to_be_hidden()


def test_the_reply_comes_by_mail_and_its_link_reopens_the_chat(
    customer: Visits, mailing: ServerProcess, mailbox: Mailbox
) -> None:
    page = waiting_page(customer)
    page.get_by_text(OFFER).click()
    page.get_by_role("textbox", name=FIELD).fill("lee@example.org")
    page.get_by_role("button", name="Send it there too").click()
    expect(page.locator(".notice").last).to_contain_text("lee@example.org")
    address = desk_address(page, customer.url)
    desk = signed_in(customer, mailing)
    page.context.close()
    desk.goto(address)
    desk.locator("#reply-text").fill("We deleted it yesterday.")
    desk.get_by_role("button", name="Send reply").click()
    expect(desk.locator("[data-transcript]")).to_contain_text("We deleted it yesterday.")
    make_due(mailing.data_dir)
    link = LINK.search(mailbox.wait_for("We deleted it yesterday."))
    assert link is not None

    back = customer.open(link[0])
    expect(back.locator(".message.agent")).to_contain_text("We deleted it yesterday.")
    assert "#" not in back.url
    say(back, "Thank you.")
    expect(back.locator(".own").last.locator(".status")).to_contain_text("Sent")
    desk.reload()
    expect(desk.locator("[data-transcript]")).to_contain_text("Thank you.")


def test_a_link_that_is_not_ours_opens_an_empty_chat(customer: Visits) -> None:
    customer.cuts_connection = True
    page = customer.open(f"{customer.url}/#chat=00000000-0000-4000-8000-000000000000.made:up:token")
    expect(page.locator("#welcome")).to_be_visible()
    ask(page, DELETE)


def test_the_whole_chat_is_sent_to_an_address(customer: Visits, mailbox: Mailbox) -> None:
    page = customer.open(width=320, height=640, color_scheme="dark", locale="de-DE")
    ask(page, DELETE)
    page.locator("#menu-button").click()
    page.get_by_role("button", name="Diesen Chat per E-Mail senden").click()
    sheet = page.locator("#sheet")
    customer.cuts_connection = True  # A refused address stands in the browser's log.
    sheet.get_by_label("Ihre E-Mail-Adresse").fill("nobody@")
    sheet.locator("form").evaluate("form => { form.noValidate = true; }")
    sheet.get_by_role("button", name="Senden", exact=True).click()
    expect(sheet.locator(".problem")).to_be_visible()
    keep_picture(page, "mail-chat-320-dark")
    sheet.get_by_label("Ihre E-Mail-Adresse").fill("iris@example.org")
    sheet.get_by_role("button", name="Senden", exact=True).click()
    expect(sheet).to_contain_text("iris@example.org")
    letter = mailbox.wait_for("Hier ist der Chat")
    assert DELETE in letter
    assert "KI-Assistent" in letter
