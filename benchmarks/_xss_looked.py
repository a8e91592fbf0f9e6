"""Looks at hostile texts in Chromium: what ran, what was asked for outside, what became markup."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, Page, Request, Route, expect

# Set before any script of the page: what payloads call, and what the policy had to stop.
WATCH = """
for (const name of ["alert", "confirm", "prompt", "print"])
  window[name] = () => { window.ran = (window.ran ?? 0) + 1; };
window.stopped = 0;
document.addEventListener("securitypolicyviolation", () => { window.stopped += 1; });
"""
# Touches everything as a pointer and a keyboard would, but presses nothing of the page's own.
TOUCH = """() => {
    for (const one of document.querySelectorAll("body *")) {
        for (const type of ["pointerover", "mouseover", "mouseenter", "mousemove"])
            one.dispatchEvent(new MouseEvent(type, {bubbles: true}));
        if (one.tabIndex >= 0 && one.focus) one.focus({preventScroll: true});
    }
    document.activeElement?.blur?.();
}"""
# Elements and attributes that no page of ours has where people's words stand.
MADE = """(policy) => {
    const bad = policy === "strict"
        ? "iframe, object, embed, base, meta, math, marquee, audio, video, form[action^='http'], "
            + "script:not([src])"
        : "iframe, object, embed, base, math, marquee, audio, video, "
            + "script:not([src]):not([type='application/json'])";
    const found = [...document.body.querySelectorAll("*")].filter((one) =>
        one.matches(bad) ||
        [...one.attributes].some(({name, value}) => /^on/i.test(name) ||
            /^\\s*(javascript|vbscript|data:text)/i.test(value) &&
                /^(href|src|action|formaction|xlink:href|data)$/i.test(name)));
    return found.map((one) => one.outerHTML.slice(0, 160));
}"""


@dataclass
class Surface:
    """What was found on one kind of page."""

    pages: int = 0
    scripts_run: int = 0
    outside_requests: int = 0
    elements_made: int = 0
    stopped_by_policy: int = 0
    usable: bool = True
    examples: list[str] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        """Say whether nothing happened and the page still works."""
        made = self.scripts_run + self.outside_requests + self.elements_made
        return self.pages > 0 and not made and not self.stopped_by_policy and self.usable

    def row(self) -> dict[str, Any]:
        """Return the figures."""
        return {**vars(self), "examples": self.examples[:5]}


class Watched:
    """A page whose requests to other hosts are counted for the surface that is looked at."""

    def __init__(self, page: Page, own: tuple[str, ...], settle_milliseconds: int) -> None:
        self.page = page
        self.settle_milliseconds = settle_milliseconds
        self.own = own
        self.surface = Surface()
        page.add_init_script(WATCH)
        page.context.on("request", self._request)

    def look(self, policy: str = "strict") -> None:
        """Touch what is shown and count what happened."""
        found, page = self.surface, self.page
        for frame in page.frames:
            if not frame.url.startswith(self.own):
                continue
            frame.evaluate(TOUCH)
            page.wait_for_timeout(self.settle_milliseconds)
            made: list[str] = frame.evaluate(MADE, policy)
            if frame is page.main_frame or not _has_widget(page):
                found.elements_made += len(made)
                found.examples += made
            found.scripts_run += frame.evaluate("window.ran ?? 0")
            found.stopped_by_policy += frame.evaluate("window.stopped ?? 0")
        found.pages += 1

    def _request(self, request: Request) -> None:
        if not request.url.startswith((*self.own, "data:", "blob:", "about:")):
            self.surface.outside_requests += 1
            self.surface.examples.append(request.url[:160])


SETTLE_MILLISECONDS, QUICK_MILLISECONDS = 300, 60


def _has_widget(page: Page) -> bool:
    return page.locator("[data-supportbot]").count() > 0


class Look:
    """Goes through the surfaces with one browser."""

    def __init__(self, browser: Browser, url: str, found: dict[str, Any], *, quick: bool) -> None:
        self.browser = browser
        self.quick = quick
        self.rows_of_a_list = 0 if quick else ROWS_OF_A_LIST
        self.url = url
        self.found = found
        self.surfaces: dict[str, Surface] = {}

    @contextmanager
    def surface(self, name: str, *also: str, **options: Any) -> Iterator[Watched]:
        """Open a page for one surface and keep what is found."""
        context = self.browser.new_context(viewport={"width": 1280, "height": 900}, **options)
        settle = QUICK_MILLISECONDS if self.quick else SETTLE_MILLISECONDS
        watched = Watched(context.new_page(), (self.url, *also), settle)
        self.surfaces[name] = watched.surface
        yield watched
        context.close()
        print(f"{name}: {watched.surface.pages} pages", file=sys.stderr, flush=True)

    def chat(self) -> None:
        """The chat page: messages, files, citations, the list of chats, and that it still works."""
        with self.surface("chat page") as watched:
            page = watched.page
            for chat in self.found["conversations"]:
                self._open_chat(page, f"{self.url}/chat/{self.found['site']}", chat)
                expect(page.locator(".message.agent").last).to_be_visible()
                watched.look()
                self._open_source(page)
                watched.look()
                page.keyboard.press("Escape")
            page.locator("#menu-button").click()
            page.locator("#menu-chats").click()
            expect(page.locator(".chat-row").first).to_be_visible()
            watched.look()
            page.locator(".sheet-close").click()
            watched.surface.usable = self._still_sends(page.locator("#box"), page)

    def widget(self, host_url: str) -> None:
        """The same chats in the widget of another page."""
        with self.surface("widget", host_url) as watched:
            page = watched.page
            for number, chat in enumerate(self.found["conversations"]):
                self._open_chat(page, f"{self.url}/chat/{self.found['site']}", chat)
                page.goto(host_url)
                if number == 0:  # From then on it opens by itself.
                    page.locator("[data-supportbot] button.launcher").click()
                inside = page.frame_locator("[data-supportbot] iframe")
                expect(inside.locator(".message.agent").last).to_be_visible()
                frame = next(one for one in page.frames if "/widget/" in one.url)
                made: list[str] = frame.evaluate(MADE, "strict")
                watched.surface.elements_made += len(made)
                watched.surface.examples += made
                watched.look()
            inside.locator("#box").fill("Still usable")
            inside.locator("#box").press("Enter")
            own = inside.locator(".bubble", has_text="Still usable").last
            expect(own).to_be_visible()

    def sites(self, keys: Sequence[str]) -> None:
        """What operators write for a site: title, greeting, questions."""
        with self.surface("site's own words") as watched:
            for key in keys:
                watched.page.goto(f"{self.url}/chat/{key}")
                watched.look()
            watched.surface.usable = self._still_sends(watched.page.locator("#box"), watched.page)

    def admin(self, lists: Sequence[str]) -> None:
        """Lists of the admin with all their pages, some rows of each, and all transcripts."""
        with self.surface("admin lists") as watched:
            page = watched.page
            self._sign_in(page)
            first_rows = []
            for address in lists:
                first_rows += self._list(watched, address)
            watched.surface.usable = page.locator("#content, main").count() > 0
        with self.surface("admin pages") as watched:
            page = watched.page
            self._sign_in(page)
            chats = [
                f"/admin/conversations/conversation/{chat}/change/"
                for chat in self.found["conversations"]
            ]
            for address in [*chats, *first_rows]:
                answer = page.goto(f"{self.url}{address}")
                _note_failure(watched.surface, address, answer)
                watched.look("admin")

    def desk(self) -> None:
        """The thread, notes, customer and composer of every chat."""
        with self.surface("desk") as watched:
            page = watched.page
            self._sign_in(page)
            for chat in self.found["conversations"]:
                page.goto(f"{self.url}/admin/desk/?c={chat}")
                expect(page.locator("#thread .message").last).to_be_visible()
                watched.look()
            page.locator("#composer-text").fill("Still usable")
            page.locator("#composer-text").press("Control+Enter")
            said = page.locator("desk-thread .message", has_text="Still usable").last
            expect(said).to_be_visible()

    def letters(self) -> None:
        """Every part of every letter, as a mail program in a browser would show it."""
        with self.surface("e-mail", "http://letter.invalid") as watched:
            page = watched.page
            kinds: Counter[str] = Counter()
            for number, (kind, text) in enumerate(self.found["letters"]):
                kinds[kind] += 1
                address = f"http://letter.invalid/{number}"
                page.route(address, _showing(text, kind))
                page.goto(address)
                watched.look("admin")
                shown = page.evaluate("document.body.innerText")
                first = next(line for line in text.splitlines() if line.strip())
                watched.surface.usable &= " ".join(first.split()) in " ".join(shown.split())
            watched.surface.examples.append(f"parts: {dict(kinds)}")

    def _list(self, watched: Watched, address: str) -> list[str]:
        """Look at every page of a list; return the addresses of its first rows."""
        page, rows = watched.page, []
        for number in range(1, MOST_LIST_PAGES + 1):
            answer = page.goto(f"{self.url}{address}?p={number}")
            if number > 1 and "e=1" in page.url:
                break
            _note_failure(watched.surface, address, answer)
            watched.look("admin")
            if number == 1:
                rows = page.locator(f"#result_list tbody a[href^='{address}']").evaluate_all(
                    "all => all.map((one) => one.getAttribute('href'))"
                )
            more = page.locator(f"a[href*='p={number + 1}']").count()
            if not more:
                break
        return list(dict.fromkeys(rows))[: self.rows_of_a_list]

    def _sign_in(self, page: Page) -> None:
        page.goto(f"{self.url}/admin/login/?next=/admin/")
        page.locator("[name=username]").fill("hostile-reader")
        page.locator("[name=password]").fill(self.found["password"])
        page.locator("[type=submit]").first.click()
        page.wait_for_url("**/admin/")

    def _open_chat(self, page: Page, address: str, chat: str) -> None:
        if not page.url.startswith(address):
            page.goto(address)
        keep = json.dumps({"token": self.found["token"], "conversation": chat})
        page.evaluate(
            """([site, values]) => {
                for (const [name, value] of Object.entries(JSON.parse(values)))
                    localStorage.setItem(`supportbot.${site}.${name}`, value);
            }""",
            [self.found["site"], keep],
        )
        page.goto(address)

    def _open_source(self, page: Page) -> None:
        card = page.locator(".source-card").last
        card.scroll_into_view_if_needed()
        card.click()
        expect(page.locator("#source-title")).to_be_visible()

    def _still_sends(self, box: Any, page: Page) -> bool:
        box.fill("Still usable")
        box.press("Enter")
        own = page.locator(".message.own", has_text="Still usable").last
        expect(own.locator(".status")).to_contain_text("Sent")
        return True


MOST_LIST_PAGES = 20
ROWS_OF_A_LIST = 6


def _showing(text: str, kind: str) -> Any:
    def answer(route: Route) -> None:
        route.fulfill(body=text, content_type=f"{kind}; charset=utf-8")

    return answer


def _note_failure(surface: Surface, address: str, answer: Any) -> None:
    if answer is None or answer.status >= 400:
        surface.usable = False
        surface.examples.append(f"{answer.status if answer else 'no answer'} {address}")
