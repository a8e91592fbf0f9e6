"""The menu of the chat page: earlier chats, keep, delete, report, languages; and right to left."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from conversations.sites.languages import LANGUAGES
from tests.browser.chat import DELETE, RETURN, ask, replies
from tests.browser.conftest import Visits, keep_picture

pytestmark = pytest.mark.browser


def choose(page: Page, name: str) -> None:
    page.locator("#menu-button").click()
    page.get_by_role("button", name=name, exact=True).click()


def test_earlier_chats_are_listed_and_gone_on_with(page: Page) -> None:
    page.locator("#menu-button").click()
    expect(page.locator("#menu-erase")).to_be_hidden()
    page.keyboard.press("Escape")
    ask(page, DELETE)
    page.get_by_role("button", name="New chat").click()
    ask(page, RETURN)
    choose(page, "My chats")
    sheet = page.locator("#sheet")
    expect(sheet.locator(".chat-row")).to_have_count(2)
    expect(sheet.locator(".chat-row").first).to_have_attribute("aria-current", "true")
    keep_picture(page, "menu-chats")
    sheet.get_by_role("button", name=DELETE).click()
    expect(sheet).to_be_hidden()
    expect(replies(page)).to_have_count(1)
    expect(page.locator(".bubble")).to_have_text(DELETE)


def test_a_chat_is_deleted_for_good_and_in_every_tab(visits: Visits, page: Page) -> None:
    ask(page, DELETE)
    other = page.context.new_page()
    visits.watch(other)
    other.goto(visits.url)
    expect(replies(other)).to_have_count(1)
    choose(page, "Delete this chat")
    page.locator("#sheet").get_by_role("button", name="Cancel").click()
    expect(replies(page)).to_have_count(1)
    choose(page, "Delete this chat")
    keep_picture(page, "menu-delete")
    page.locator("#sheet").get_by_role("button", name="Delete", exact=True).click()
    expect(page.locator("#welcome")).to_be_visible()
    expect(other.locator("#welcome")).to_be_visible()
    page.reload()
    expect(page.locator("#welcome")).to_be_visible()
    # The token went with the last chat; the next message begins anew.
    ask(page, RETURN)
    assert len(page.locator(".message.own").all()) == 1


def test_a_chat_is_kept_as_a_file(page: Page, tmp_path: Path) -> None:
    ask(page, DELETE)
    with page.expect_download() as download:
        choose(page, "Download this chat")
    path = tmp_path / "chat.txt"
    download.value.save_as(path)
    text = path.read_text(encoding="utf-8")
    assert DELETE in text
    assert "AI assistant" in text
    assert download.value.suggested_filename.endswith(".txt")


def test_a_problem_is_reported_and_the_chat_is_rated(page: Page) -> None:
    ask(page, DELETE)
    choose(page, "Report a problem")
    sheet = page.locator("#sheet")
    sheet.get_by_label("Wrong or misleading").check()
    sheet.get_by_label("What happened? (optional)").fill("It is not so.")
    sheet.get_by_role("button", name="Send").click()
    expect(sheet).to_contain_text("A person will look at it.")
    page.keyboard.press("Escape")
    choose(page, "Was this solved?")
    sheet.get_by_label("Yes").check()
    sheet.get_by_label("4 of 5").check()
    keep_picture(page, "menu-rating")
    sheet.get_by_role("button", name="Send").click()
    expect(sheet).to_contain_text("Thank you.")


def test_it_asks_whether_it_helped_after_a_while_and_only_once(visits: Visits) -> None:
    page = visits.blank()
    page.clock.install()
    page.goto(visits.url)
    ask(page, DELETE)
    expect(page.locator("#solved")).to_be_hidden()
    page.clock.fast_forward(31_000)
    expect(page.locator("#solved")).to_be_visible()
    keep_picture(page, "solved")
    page.locator("#solved").get_by_role("button", name="Yes").click()
    expect(page.locator("#solved")).to_be_hidden()
    page.keyboard.press("Escape")
    ask(page, RETURN)
    page.clock.fast_forward(31_000)
    page.wait_for_timeout(300)
    expect(page.locator("#solved")).to_be_hidden()


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_page_speaks_the_browsers_language(visits: Visits, code: str) -> None:
    page = visits.open(locale=code, width=320, height=640)
    assert page.evaluate("document.documentElement.lang") == code
    keep_picture(page, f"language-{code}")
    page.locator("#box").fill(DELETE)
    page.locator("#box").press("Enter")
    expect(replies(page)).to_have_count(1)
    page.locator("#menu-button").click()
    keep_picture(page, f"language-{code}-menu")
    too_wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(too_wide) == 0


def test_the_customer_changes_the_language_and_it_stays(page: Page, visits: Visits) -> None:
    ask(page, DELETE)
    page.locator("#menu-button").click()
    page.locator("#menu-language").select_option("de")
    expect(page.locator("#box")).to_have_attribute("placeholder", "Ihre Frage")
    expect(replies(page)).to_have_count(1)
    page.goto(visits.url)
    expect(page.locator("#box")).to_have_attribute("placeholder", "Ihre Frage")


def test_right_to_left_the_page_is_a_mirror(visits: Visits) -> None:
    page = visits.blank(width=800)
    page.add_init_script(
        "new MutationObserver(() => document.documentElement.dir = 'rtl')"
        ".observe(document, {childList: true})"
    )
    page.goto(visits.url)
    page.evaluate("document.documentElement.dir = 'rtl'")
    ask(page, DELETE)
    bubble = page.locator(".bubble").bounding_box()
    reply = page.locator(".message.assistant .mark").bounding_box()
    assert bubble
    assert reply
    assert bubble["x"] < 100, "one's own words stand at the end of the line, which is left"
    assert reply["x"] > 700
    assert page.evaluate("document.documentElement.scrollWidth") <= 800
    page.locator("#menu-button").click()
    menu = page.locator("#menu").bounding_box()
    assert menu
    assert menu["x"] < 100
    keep_picture(page, "right-to-left")
    page.keyboard.press("Escape")
    page.locator("button.marker").first.click()
    ways = page.locator("#source-previous .icon, #source-next .icon")
    turned = ways.evaluate_all(
        "all => all.map(one => new DOMMatrix(getComputedStyle(one).transform).a)"
    )
    assert turned == [1, -1], "back points to the right, on to the left"
    # A passage runs in its own direction.
    expect(page.locator("#source-quote")).to_have_css("direction", "ltr")
    keep_picture(page, "right-to-left-source")
