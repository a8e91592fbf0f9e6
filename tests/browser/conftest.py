"""Chromium, the servers, and pages that fail a test when the browser reports an error."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Page,
    StorageState,
    expect,
    sync_playwright,
)

from tests.browser.desk_people import Desk, sign_in
from tests.server_process import ServerProcess

HELP = Path(__file__).parent / "help"
# Looked at by people; not kept in the repository.
PICTURES = Path(__file__).parent / "screenshots"
# First token after 0.2 s, then 60 tokens a second: slow enough to be seen, and to be stopped.
MODEL = "stub-ttft200-rate60"
# One address asks for all visitors of these tests.
MANY_TESTS = {"ADDRESS_MESSAGES_PER_MINUTE": "1000"}
CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# What the browser itself reports of a connection that a test has cut.
NETWORK = re.compile(r"WebSocket connection|Failed to load resource|net::ERR_")
expect.set_options(timeout=15_000)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield started
        started.close()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory, stub_llm: str) -> Iterator[ServerProcess]:
    """A server that answers with the stub model, streamed."""
    model = {"OPENAI_BASE_URL": stub_llm, "OPENAI_API_KEY": "unused", "LLM_MODELS": MODEL}
    # Many tests ask the same, and a kept answer is not streamed.
    settings = {**MANY_TESTS, **model, "CACHE_ANSWERS": "false"}
    yield from serving(tmp_path_factory.mktemp("chat"), settings)


@pytest.fixture(scope="session")
def plain_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A server without a language model."""
    yield from serving(tmp_path_factory.mktemp("plain"), MANY_TESTS)


def serving(data_dir: Path, settings: dict[str, str]) -> Iterator[ServerProcess]:
    started = ServerProcess(data_dir, (HELP,), settings)
    started.start()
    started.wait_for_output("Documents:")
    yield started
    started.kill()


def keep_picture(page: Page, name: str) -> None:
    """Save what the whole page looks like, for somebody to look at."""
    PICTURES.mkdir(exist_ok=True)
    page.screenshot(path=PICTURES / f"{name}.png", full_page=True)


class Visits:
    """Opens pages as new visitors, and keeps what the browser complained about."""

    def __init__(self, browser: Browser, url: str) -> None:
        self.browser = browser
        self.url = url
        self.errors: list[str] = []
        self.cuts_connection = False

    def open(self, url: str = "", *, width: int = 1280, height: int = 800, **options: Any) -> Page:
        page = self.blank(width=width, height=height, **options)
        page.goto(url or self.url)
        return page

    def blank(self, *, width: int = 1280, height: int = 800, **options: Any) -> Page:
        context = self.browser.new_context(
            viewport={"width": width, "height": height}, reduced_motion="reduce", **options
        )
        page = context.new_page()
        self.watch(page)
        return page

    def watch(self, page: Page) -> None:
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", self._read)

    def close(self) -> None:
        for context in self.browser.contexts:
            context.close()

    def _read(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not (
            self.cuts_connection and NETWORK.search(message.text)
        ):
            self.errors.append(message.text)


@pytest.fixture
def visits(browser: Browser, server: ServerProcess) -> Iterator[Visits]:
    made = Visits(browser, server.url)
    yield made
    made.close()
    assert made.errors == []


@pytest.fixture
def page(visits: Visits) -> Page:
    return visits.open()


@pytest.fixture(scope="session")
def axe() -> str:
    """The source of axe-core."""
    path = Path(__file__).parent / "node_modules" / "axe-core" / "axe.min.js"
    assert path.is_file(), "axe-core is missing: run `npm ci` in tests/browser"
    return path.read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def admin_password(server: ServerProcess) -> str:
    """The first administrator's password, which the start printed."""
    found = re.search(r"password (\S+)", server.read_output())
    assert found, server.read_output()
    return found[1]


@pytest.fixture(scope="session")
def signed_in(browser: Browser, server: ServerProcess, admin_password: str) -> StorageState:
    """The administrator's cookies, signed in once: a test that signs out signs in by itself."""
    page = browser.new_page()
    page.goto(f"{server.url}/admin/")
    sign_in(page, "admin", admin_password)
    state = page.context.storage_state()
    page.context.close()
    return state


@pytest.fixture
def admin(visits: Visits, signed_in: StorageState) -> Page:
    return visits.blank(storage_state=signed_in)


@pytest.fixture
def desk(visits: Visits, admin: Page) -> Desk:
    return Desk(admin, visits.url)
