"""The widget in pages of others: it opens and answers, and neither page can hurt the other."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, FrameLocator, Page, expect

from tests.browser.chat import DELETE
from tests.browser.conftest import PICTURES, Visits
from tests.browser.host_pages import (
    HOSTILE_STYLE,
    OWN_ELEMENTS,
    OWN_PROMISE,
    HostServer,
    chat,
    host_server,
    launcher,
    page,
)
from tests.fresh_data_folder import ROOT
from tests.server_process import ServerProcess

pytestmark = pytest.mark.browser
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
MAKE_SITE = """
import json
from conversations.models import Site
from knowledge.models import Audience
given = json.loads({given!r})
site, _ = Site.objects.update_or_create(name=given.pop("name"), defaults=given)
site.audiences.set(Audience.objects.filter(slug="public"))
print(json.dumps([site.key, site.test_key]))
"""
READ_CONTEXT = """
import json
from conversations.models import PageContext
row = PageContext.objects.latest("updated_at")
print(json.dumps([row.page_url, row.page_title, row.values, row.said_name, row.said_email,
                  row.conversation.site.name, row.conversation.is_test]))
"""


def in_server(server: ServerProcess, code: str) -> Any:
    """Run a piece of code on the server's database and return what it prints as JSON."""
    command = [sys.executable, "manage.py", "shell", "-v", "0", "-c", code]
    env = {**os.environ, "DATA_DIR": str(server.data_dir), "LOG_LEVEL": "ERROR"}
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.strip().splitlines()[-1])


def make_site(server: ServerProcess, **given: Any) -> tuple[str, str]:
    key, test_key = in_server(server, MAKE_SITE.format(given=json.dumps(given)))
    return key, test_key


@pytest.fixture(scope="module")
def hosts() -> Iterator[HostServer]:
    with host_server() as made:
        yield made


@pytest.fixture(scope="module")
def key(server: ServerProcess, hosts: HostServer) -> str:
    origins = f"{hosts.url}\n{hosts.same_site_url}"
    return make_site(server, name="Shop", origins=origins, accent="#b3261e")[0]


@pytest.fixture
def tag(server: ServerProcess, key: str) -> str:
    return f'<script src="{server.url}/widget.js" data-site="{key}" async></script>'


def picture(shown: Page, name: str) -> None:
    """Save what is on the screen; of a whole page the widget would be drawn while it resizes."""
    PICTURES.mkdir(exist_ok=True)
    shown.screenshot(path=PICTURES / f"{name}.png")


def ready_chat(shown: Page) -> FrameLocator:
    """The chat, once its scripts are there."""
    expect(chat(shown).locator("#menu-button")).to_be_visible()
    return chat(shown)


def ask_inside(shown: Page, text: str = DELETE) -> None:
    inside = ready_chat(shown)
    before = inside.locator(".message.assistant:not(.draft)").count()
    inside.locator("#box").fill(text)
    inside.locator("#box").press("Enter")
    expect(inside.locator(".message.assistant:not(.draft)")).to_have_count(before + 1)


def test_it_opens_answers_closes_and_counts(visits: Visits, hosts: HostServer, tag: str) -> None:
    shown = visits.open(hosts.put("/", page(tag)))
    expect(launcher(shown)).to_be_visible()
    assert shown.locator("[data-supportbot] iframe").count() == 0, "nothing loads before"
    picture(shown, "widget-closed")
    launcher(shown).click()
    inside = chat(shown)
    expect(inside.locator("#box")).to_be_focused()
    expect(inside.get_by_text("You are talking to an AI assistant")).to_be_visible()
    picture(shown, "widget-welcome")
    ask_inside(shown)
    picture(shown, "widget-answered")
    shown.emulate_media(media="print")
    expect(launcher(shown)).to_be_hidden()
    expect(shown.locator("[data-supportbot] iframe")).to_be_hidden()
    shown.emulate_media(media="screen")
    inside.locator("#box").press("Escape")
    expect(shown.locator("[data-supportbot] iframe")).to_be_hidden()
    expect(launcher(shown)).to_be_focused()
    expect(launcher(shown)).to_have_attribute("aria-expanded", "false")
    launcher(shown).click()
    expect(inside.locator("#box")).to_be_focused()


def test_a_reply_that_comes_while_it_is_closed_is_counted(
    visits: Visits, hosts: HostServer, tag: str
) -> None:
    shown = visits.open(hosts.put("/unread", page(tag)))
    launcher(shown).click()
    inside = ready_chat(shown)
    inside.locator("#box").fill(DELETE)
    inside.locator("#box").press("Enter")
    inside.locator("#close-chat").click()
    badge = shown.locator("[data-supportbot] .badge")
    expect(badge).to_have_text("1")
    expect(launcher(shown)).to_have_attribute("aria-label", "Open the chat, unread messages: 1")
    picture(shown, "widget-unread")
    # Another page: the badge comes back by itself, and goes when it is read.
    shown.reload()
    expect(badge).to_have_text("1")
    launcher(shown).click()
    expect(badge).to_be_hidden()


@pytest.mark.parametrize("storage", ["refused to the frame", "its own"])
def test_open_and_closed_are_kept_over_pages_and_tabs(
    visits: Visits, hosts: HostServer, tag: str, storage: str
) -> None:
    url = hosts.same_site_url if storage == "its own" else hosts.url
    for path in ("/one", "/two"):
        hosts.put(path, page(tag))
    shown = visits.open(f"{url}/one")
    launcher(shown).click()
    ask_inside(shown)
    left_here = shown.evaluate("Object.keys(localStorage).filter(name => /token/.test(name))")
    assert len(left_here) == (0 if storage == "its own" else 1)
    shown.goto(f"{url}/two")
    expect(chat(shown).locator(".message.assistant")).to_have_count(1)
    other = shown.context.new_page()
    visits.watch(other)
    other.goto(f"{url}/one")
    expect(chat(other).locator(".message.assistant")).to_have_count(1)
    chat(other).locator("#close-chat").click()
    expect(launcher(other)).to_be_focused()
    other.goto(f"{url}/two")
    expect(launcher(other)).to_be_visible()
    expect(other.locator("[data-supportbot] iframe:visible")).to_have_count(0)


HOSTILE: dict[str, tuple[str, dict[str, Any]]] = {
    "own-promise": (OWN_PROMISE, {}),
    "hostile-css": (f"<style>{HOSTILE_STYLE}</style>", {}),
    "all-unset": ("<style>*, *::before { all: unset !important; }</style>", {}),
    "strict-csp": ("", {"csp": True}),
    "isolated": ("", {"Cross_Origin_Embedder_Policy": "require-corp"}),
    "own-elements": (OWN_ELEMENTS, {}),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_pages_do_not_hurt_it(
    visits: Visits, hosts: HostServer, server: ServerProcess, tag: str, name: str
) -> None:
    head, more = HOSTILE[name]
    headers = {key: value for key, value in more.items() if key != "csp"}
    if "csp" in more:
        own = server.url
        headers["Content_Security_Policy"] = (
            f"default-src 'none'; img-src data:; script-src {own}; frame-src {own}; "
            "style-src 'none'; require-trusted-types-for 'script'"
        )
    shown = visits.open(hosts.put(f"/{name}", page(tag, head), **headers))
    expect(launcher(shown)).to_be_visible()
    box = launcher(shown).bounding_box()
    assert box
    assert box["height"] == 56
    assert (round(box["x"] + box["width"]), round(box["y"] + box["height"])) == (1260, 780)
    launcher(shown).click()
    frame_box = shown.locator("[data-supportbot] iframe").bounding_box()
    assert frame_box
    assert frame_box["width"] == 400
    ask_inside(shown)
    picture(shown, f"widget-{name}")


def test_with_the_widget_closed_the_page_is_as_it_was(
    visits: Visits, hosts: HostServer, tag: str
) -> None:
    layout = """() => [document.documentElement.scrollWidth, document.documentElement.scrollHeight,
        ...[...document.querySelectorAll("html, body, body *:not(script)")].map(one => {
            const {x, y, width, height} = one.getBoundingClientRect();
            return [one.tagName, x, y, width, height, getComputedStyle(one).cssText];
        })]"""
    without = visits.open(hosts.put("/plain", page("")))
    with_it = visits.open(hosts.put("/plain-with", page(tag)))
    expect(launcher(with_it)).to_be_visible()

    assert with_it.evaluate(layout) == without.evaluate(layout)
    host = with_it.locator("[data-supportbot]")
    host.evaluate("one => one.style.setProperty('opacity', '0', 'important')")
    assert with_it.screenshot() == without.screenshot()


def test_a_page_that_is_not_allowed_gets_nothing(
    browser: Browser, hosts: HostServer, server: ServerProcess
) -> None:
    key, test_key = make_site(server, name="Elsewhere", origins="https://elsewhere.example")
    visits = Visits(browser, server.url)
    tag = f'<script src="{server.url}/widget.js" data-site="{key}"></script>'
    shown = visits.blank()
    shown.goto(hosts.put("/refused", page(tag)))
    shown.wait_for_timeout(500)
    assert shown.locator("[data-supportbot]").count() == 0
    assert any("allowed origins" in said for said in visits.errors)
    # Somebody who writes the frame by hand, and hides where from: the browser holds to the policy.
    by_hand = f'<iframe src="{server.url}/widget/{key}" referrerpolicy="no-referrer"></iframe>'
    shown.goto(hosts.put("/by-hand", page("", body=by_hand)))
    shown.wait_for_timeout(500)
    assert any("frame-ancestors" in said for said in visits.errors)
    assert "site.refused" in server.read_output()
    # The test key is for trying on this machine.
    tried = f'<script src="{server.url}/widget.js" data-site="{test_key}"></script>'
    shown.goto(hosts.put("/tried", page(tried)))
    expect(launcher(shown)).to_be_visible()
    launcher(shown).click()
    expect(chat(shown).get_by_text("Test", exact=True)).to_be_visible()
    visits.close()


def test_the_page_can_talk_to_it(
    visits: Visits, hosts: HostServer, server: ServerProcess, tag: str
) -> None:
    early = """<script>
      window.supportbot = [["identify", {name: "Eva", email: "eva@example.com"}],
                           ["setContext", {plan: "gold", cart: 3}],
                           ["on", "open", () => { window.opened = (window.opened || 0) + 1; }]];
    </script>"""
    shown = visits.open(hosts.put("/api", page(tag, early)) + "?token=secret#top")
    expect(launcher(shown)).to_be_visible()
    shown.evaluate(
        """() => {
            window.heard = [];
            for (const name of ["ready", "close", "message"])
                supportbot.on(name, detail => heard.push([name, detail && detail.role]));
            supportbot.on("close", () => { throw new Error("a mistake of the page"); });
            supportbot.open();
        }"""
    )
    ask_inside(shown)
    shown.evaluate("supportbot.setContext({plan: 'silver', cart: null, basket: {of: 'things'}})")
    shown.evaluate("supportbot.setContext('words')")
    shown.evaluate("history.pushState(0, '', '/api/two')")
    shown.wait_for_timeout(2500)
    shown.evaluate("supportbot.close()")
    shown.wait_for_timeout(100)
    assert shown.evaluate("heard") == [
        ["ready", None],
        ["message", "assistant"],
        ["close", None],
    ]
    assert shown.evaluate("opened") == 1
    assert in_server(server, READ_CONTEXT) == [
        f"{hosts.url}/api/two",
        "Shop",
        {"plan": "silver"},
        "Eva",
        "eva@example.com",
        "Shop",
        False,
    ]
    assert visits.errors == ["a mistake of the page"]
    visits.errors.clear()


def test_other_frames_and_windows_cannot_command_it(
    visits: Visits, hosts: HostServer, tag: str
) -> None:
    shown = visits.open(hosts.put("/commands", page(tag)))
    launcher(shown).click()
    expect(chat(shown).locator("#box")).to_be_visible()
    shown.evaluate("window.postMessage({supportbot: 'close'}, '*')")
    shown.wait_for_timeout(200)
    expect(shown.locator("[data-supportbot] iframe")).to_be_visible()


def test_what_is_written_is_never_left_with_the_page(
    visits: Visits, hosts: HostServer, tag: str
) -> None:
    shown = visits.open(hosts.put("/blocked", page(tag)))
    launcher(shown).click()
    inside = ready_chat(shown)
    inside.locator("#box").fill("my private words")
    ask_inside(shown, "more private words")
    inside.locator("#box").fill("even more private words")
    assert "private" not in shown.evaluate("JSON.stringify(localStorage)")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("width", "height"), [(320, 640), (1280, 800)])
def test_axe_finds_nothing_on_the_page_and_in_the_chat(
    visits: Visits, hosts: HostServer, tag: str, axe: str, scheme: str, width: int, height: int
) -> None:
    style = "<style>:root { color-scheme: light dark }</style>"
    address = hosts.put("/axe", page(tag, style))
    shown = visits.open(address, width=width, height=height, color_scheme=scheme)
    expect(launcher(shown)).to_be_visible()
    assert violations(shown, axe) == [], "closed"
    launcher(shown).click()
    ask_inside(shown)
    assert violations(shown, axe) == [], "open"
    inside = next(frame for frame in shown.frames if "/widget/" in frame.url)
    assert violations(inside, axe) == [], "inside"
    overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert inside.evaluate(overflow) == 0
    chat(shown).locator("#menu-button").click()
    expect(chat(shown).locator("#menu")).to_be_visible()
    assert violations(inside, axe) == [], "menu"
    picture(shown, f"widget-menu-{scheme}-{width}")
    chat(shown).locator("#menu-report").click()
    assert violations(inside, axe) == [], "report"
    picture(shown, f"widget-report-{scheme}-{width}")


def violations(place: Any, axe: str) -> list[Any]:
    place.evaluate(axe)
    found = place.evaluate("tags => axe.run(document, {runOnly: tags, iframes: false})", STANDARDS)
    return [
        (rule["id"], node["html"], node["failureSummary"])
        for rule in found["violations"]
        for node in rule["nodes"]
    ]


def test_on_a_phone_it_fills_the_screen_and_gives_it_back(
    visits: Visits, hosts: HostServer, tag: str
) -> None:
    shown = visits.open(hosts.put("/phone", page(tag)), width=320, height=640)
    launcher(shown).click()
    assert shown.locator("[data-supportbot] iframe").bounding_box() == {
        "x": 0,
        "y": 0,
        "width": 320,
        "height": 640,
    }
    expect(launcher(shown)).to_be_hidden()
    picture(shown, "widget-phone")
    chat(shown).locator("#close-chat").click()
    expect(launcher(shown)).to_be_focused()


def test_the_hosted_link_is_a_page_of_its_own(visits: Visits, key: str) -> None:
    shown = visits.open(f"{visits.url}/chat/{key}")
    assert shown.locator("#close-chat").is_hidden()
    assert shown.evaluate("getComputedStyle(document.querySelector('.mark')).backgroundColor") == (
        "rgb(179, 38, 30)"
    )
    shown.locator("#box").fill(DELETE)
    shown.locator("#box").press("Enter")
    expect(shown.locator(".message.assistant:not(.draft)")).to_have_count(1)
    picture(shown, "hosted-chat")
