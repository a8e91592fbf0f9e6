"""What a customer does on the chat page, in few words."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

DELETE = "How do I delete my account?"
RETURN = "How long do I have for returning goods?"
EMAIL = "How do I change my e-mail address?"
UNKNOWN = "What is the airspeed velocity of an unladen swallow?"


def say(page: Page, text: str) -> None:
    """Write a message and press Enter."""
    page.locator("#box").fill(text)
    page.locator("#box").press("Enter")


def replies(page: Page) -> Locator:
    """Finished replies of the assistant."""
    return page.locator(".message.assistant:not(.draft)")


def ask(page: Page, text: str) -> Locator:
    """Send a question, wait for its reply and return it."""
    before = replies(page).count()
    say(page, text)
    expect(replies(page)).to_have_count(before + 1)
    return replies(page).last


def texts(page: Page) -> list[str]:
    """The text of all messages, in order."""
    shown: list[str] = page.locator(".message").evaluate_all(
        """all => all.map(one =>
            (one.querySelector(".bubble, .prose") ?? one.querySelector("p")).innerText.trim())"""
    )
    return shown


def announced(page: Page) -> str:
    """What a screen reader was told last."""
    return page.locator("#announcer").inner_text()
