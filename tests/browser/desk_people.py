"""The desk in few words, more agents, and customers who wait without a page of their own."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from playwright.sync_api import Locator, Page, expect

from tests.server_process import fetch

if TYPE_CHECKING:
    from tests.browser.conftest import Visits


class Desk:
    """One agent's desk."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url

    def load(self) -> None:
        self.page.goto(f"{self.url}/admin/desk/")
        expect(self.page.locator(".queue").first).to_be_visible()

    @property
    def rows(self) -> Locator:
        return self.page.locator(".row-item")

    def row(self, words: str) -> Locator:
        return self.page.locator(".row-open", has_text=words)

    def open_row(self, words: str) -> None:
        """Open the desk, then the conversation with these last words."""
        if "/desk/" not in self.page.url:
            self.load()
        self.row(words).first.click()
        expect(self.message(words).first).to_be_visible()

    def message(self, words: str) -> Locator:
        return self.page.locator("desk-thread .message", has_text=words)

    @property
    def box(self) -> Locator:
        return self.page.locator("#composer-text")

    def press(self, key: str) -> None:
        """Press a key where nobody types."""
        self.page.keyboard.press(key)


def sign_in(page: Page, name: str, password: str) -> None:
    """Fill the admin's first page in."""
    page.locator("#id_username").fill(name)
    page.locator("#id_password").fill(password)
    page.locator("#id_password").press("Enter")
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()


def new_agent(visits: Visits, admin: Page, name: str) -> Page:
    """Make an agent's account and return a page signed in with it."""
    admin.goto(f"{visits.url}/admin/setup/agent/")
    admin.get_by_label("Username").fill(name)
    admin.get_by_label("First name").fill(name.title())
    admin.get_by_role("button", name="Make the account").click()
    password = admin.locator("dd code").nth(1).inner_text()
    page = visits.open(f"{visits.url}/admin/")
    sign_in(page, name, password)
    return page


def waiting_chat(url: str, text: str, **context: Any) -> tuple[str, str]:
    """Have a customer ask for a person and write, over HTTP; returns the chat and its token."""
    status, chat = fetch(f"{url}/api/v1/conversations/", method="POST", body={})
    assert status == 201, chat
    own = f"{url}/api/v1/conversations/{chat['id']}"
    sent = {"client_id": str(uuid.uuid4()), "text": text}
    steps: list[tuple[str, Any]] = [("escalate", {"note": ""}), ("messages", sent)]
    for name, body in [*([("context", context)] if context else []), *steps]:
        status, said = fetch(f"{own}/{name}/", method="POST", body=body, token=chat["token"])
        assert status < 300, said
    return str(chat["id"]), str(chat["token"])
