"""A customer's page and an agent's desk in Chromium: from a key pressed to what is drawn."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from playwright.async_api import Page, Playwright, async_playwright, expect

from tests.browser.conftest import ARGUMENTS, CHROMIUM

PAUSE_SECONDS = 1.5
# When a key was pressed, and when a text first stood in the list: by the clock of the machine.
WATCH = """list => {
    const now = () => performance.timeOrigin + performance.now();
    window.seen = new Map();
    window.pressed = 0;
    document.addEventListener("keydown", (event) => {
        if (event.key === "Enter") window.pressed = now();
    }, true);
    new MutationObserver(() => {
        for (const one of document.querySelectorAll(`${list} .message`)) {
            const text = one.textContent.match(/(Question|Answer) \\d+[?.]/)?.[0];
            // Its own words stand there at once; those of the other side are what is waited for.
            if (text && !window.seen.has(text)) window.seen.set(text, now());
        }
    }).observe(document.querySelector(list), { childList: true, subtree: true });
}"""


class Pages:
    """Both pages; `there` and `back` are seconds."""

    def __init__(self, url: str, cookie: str) -> None:
        self._url, self._cookie = url, cookie
        self._playwright: Playwright
        self.there: list[float] = []
        self.back: list[float] = []
        self.customer: Page
        self.desk: Page

    async def __aenter__(self) -> Pages:
        """Open both, and have the agent take the chat."""
        self._manager = async_playwright()
        self._playwright = await self._manager.start()
        self._browser = await self._playwright.chromium.launch(
            executable_path=CHROMIUM, args=ARGUMENTS
        )
        self.customer = await (await self._browser.new_context()).new_page()
        await self.customer.goto(self._url)
        await self.customer.locator("#box").fill("When are invoices sent?")
        await self.customer.locator("#box").press("Enter")
        await expect(self.customer.locator(".message.assistant:not(.draft)")).to_have_count(
            1, timeout=60_000
        )
        chat = await self.customer.evaluate("localStorage.getItem('supportbot.conversation')")
        context = await self._browser.new_context()
        cookie: Any = {"name": "sessionid", "value": self._cookie, "url": self._url}
        await context.add_cookies([cookie])
        self.desk = await context.new_page()
        await self.desk.goto(f"{self._url}/admin/desk/?c={chat}")
        await self._reply("Hello.")
        await expect(self.customer.locator(".message.agent")).to_have_count(1, timeout=60_000)
        await self.customer.evaluate(WATCH, "#messages")
        await self.desk.evaluate(WATCH, "desk-thread")
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close both."""
        await self._browser.close()
        await self._playwright.stop()

    async def talk(self, goes_on: Callable[[], bool]) -> None:
        """Write and reply by turns."""
        number = 0
        while goes_on():
            number += 1
            question, answer = f"Question {number}?", f"Answer {number}."
            await self.customer.locator("#box").fill(question)
            await self.customer.locator("#box").press("Enter")
            self.there.append(await self._between(self.customer, self.desk, question))
            await self._reply(answer)
            self.back.append(await self._between(self.desk, self.customer, answer))
            await asyncio.sleep(PAUSE_SECONDS)

    async def _reply(self, text: str) -> None:
        await self.desk.locator("#composer-text").fill(text)
        await self.desk.locator("#composer-text").press("Control+Enter")

    async def _between(self, writer: Page, reader: Page, text: str) -> float:
        await reader.wait_for_function("text => window.seen.has(text)", arg=text)
        seen: float = await reader.evaluate("text => window.seen.get(text)", text)
        pressed: float = await writer.evaluate("window.pressed")
        return (seen - pressed) / 1000
