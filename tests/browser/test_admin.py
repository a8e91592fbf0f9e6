"""The admin in a real browser: the desk, the upload page, and what everybody can use."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.chat import say
from tests.browser.conftest import Visits
from tests.browser.desk_people import sign_in

pytestmark = pytest.mark.browser
HOSTILE = (
    '<img src=x onerror="window.hit=1"> <b x-data x-init="window.hit=2">x</b> '
    '<b hx-get="/" hx-trigger="load">y</b> [z](javascript:window.hit=3)'
)
PAGES = (
    "",
    "setup/checklist/",
    "setup/question/",
    "setup/agent/",
    "conversations/escalation/",
    "conversations/conversation/",
    "conversations/answer/",
    "conversations/feedback/",
    "conversations/rule/",
    "conversations/rule/add/",
    "conversations/rule/test/?text=hello",
    "conversations/modelconnection/",
    "conversations/servicestate/",
    "conversations/instructions/",
    "conversations/prompts/?file=answer_v2.md",
    "conversations/instructions/add/",
    "knowledge/document/",
    "knowledge/document/upload/",
    "knowledge/collection/",
    "knowledge/audience/",
    "observability/llmcall/",
    "observability/incident/",
    "auth/user/",
)


def go(page: Page, visits: Visits, path: str) -> None:
    page.goto(f"{visits.url}/admin/{path}")


def waiting_customer(visits: Visits, text: str) -> Page:
    """A customer who has asked for a person and then written something."""
    chat = visits.open()
    chat.get_by_role("button", name="Talk to a person").click()
    expect(chat.locator("#waiting")).to_be_visible()
    say(chat, text)
    expect(chat.locator(".own").last.locator(".status")).to_contain_text("Sent")
    return chat


def open_newest_escalation(page: Page, visits: Visits) -> None:
    go(page, visits, "conversations/escalation/")
    newest = page.locator("#result_list tbody tr", has_text="Waiting for a person").last
    newest.get_by_role("link").first.click()
    expect(page.locator("[data-transcript]")).to_be_visible()


def violations(page: Page, axe: str) -> list[str]:
    page.evaluate(axe)
    found: list[str] = page.evaluate(
        """async () => (await axe.run(document)).violations
            .map(one => `${one.id}: ${one.nodes.map(node => node.target).join(" | ")}`)"""
    )
    return found


def test_an_agent_signs_in_reads_and_answers_while_the_customer_goes_on_writing(
    visits: Visits, admin: Page
) -> None:
    go(admin, visits, "setup/agent/")
    admin.get_by_label("Username").fill("amira")
    admin.get_by_label("First name").fill("Amira")
    admin.get_by_role("button", name="Make the account").click()
    password = admin.locator("dd code").nth(1).inner_text()

    chat = waiting_customer(visits, "My parcel is lost")
    desk = visits.open(f"{visits.url}/admin/")
    sign_in(desk, "amira", password)
    expect(desk.get_by_role("link", name="Rules")).to_have_count(0)
    open_newest_escalation(desk, visits)
    expect(desk.locator("[data-transcript]")).to_contain_text("My parcel is lost")

    box = desk.get_by_label("Reply to the customer")
    box.fill("I look into it")
    say(chat, "The number is 4711")
    expect(desk.locator("[data-transcript]")).to_contain_text("The number is 4711")
    expect(desk.locator("[data-live]")).to_have_text("A new message has arrived.")
    expect(box).to_have_value("I look into it")

    box.press("Control+Enter")
    expect(desk.locator("[data-transcript]")).to_contain_text("I look into it")
    expect(desk.get_by_label("Reply to the customer")).to_have_value("")
    expect(chat.locator(".message.agent")).to_contain_text("I look into it")
    expect(chat.locator(".message.agent .reply-who")).to_have_text("Amira")
    expect(desk.get_by_text("This chat is yours.")).to_be_visible()

    desk.get_by_label("Note for colleagues").fill("Parcel found")
    desk.get_by_role("button", name="Resolve").click()
    expect(desk.locator("[data-status]")).to_contain_text("Closed")
    expect(desk.locator("[data-status]")).to_contain_text("Parcel found")


def test_nothing_that_a_customer_writes_runs_at_the_desk(visits: Visits, admin: Page) -> None:
    chat = waiting_customer(visits, HOSTILE)
    open_newest_escalation(admin, visits)
    transcript = admin.locator("[data-transcript]")
    expect(transcript).to_contain_text('onerror="window.hit=1"')
    say(chat, f"again {HOSTILE}")
    expect(transcript).to_contain_text("again <img")
    go(admin, visits, "conversations/escalation/")
    assert admin.evaluate("window.hit") is None
    assert admin.locator("#result_list img").count() == 0


def test_uploaded_files_get_their_own_results_and_become_ready_without_a_reload(
    visits: Visits, admin: Page, tmp_path: Path
) -> None:
    (tmp_path / "parcels.md").write_text("# Parcels\n\nA parcel takes two days.\n")
    (tmp_path / "broken.pdf").write_bytes(b"\x00\x01\x02\x03 not a document" * 20)
    go(admin, visits, "knowledge/document/upload/")
    admin.locator("input[type=file]").set_input_files(
        [tmp_path / "broken.pdf", tmp_path / "parcels.md"]
    )
    admin.get_by_role("button", name="Upload", exact=True).click()
    expect(admin.locator("[data-summary]")).to_have_text("1 accepted, 0 unchanged, 1 failed.")
    expect(row(admin, "broken.pdf")).to_contain_text("Failed")
    expect(row(admin, "parcels.md")).to_contain_text("Accepted")

    go(admin, visits, "knowledge/document/")
    admin.evaluate("window.sameLoad = true")
    expect(row(admin, "parcels.md")).to_contain_text("Ready")
    assert admin.evaluate("window.sameLoad") is True


def row(page: Page, text: str) -> Locator:
    return page.locator("tbody tr", has_text=text)


def test_the_keyboard_reaches_the_menu_the_filters_and_the_way_out(
    visits: Visits, admin_password: str
) -> None:
    admin = visits.open(f"{visits.url}/admin/")
    sign_in(admin, "admin", admin_password)
    go(admin, visits, "knowledge/document/")
    admin.keyboard.press("Tab")
    expect(admin.locator(".sb-skip")).to_be_focused()
    admin.get_by_role("button", name="Filters").focus()
    admin.keyboard.press("Enter")
    expect(admin.locator("#changelist-filter")).to_be_visible()
    admin.keyboard.press("Escape")
    expect(admin.locator("#changelist-filter")).to_be_hidden()
    menu = admin.locator("#nav-sidebar [role=button]", has_text="admin")
    menu.focus()
    admin.keyboard.press("Enter")
    expect(admin.get_by_role("button", name="Log out")).to_be_visible()
    admin.get_by_role("button", name="Log out").press("Enter")
    admin.wait_for_url(re.compile("logout"))


@pytest.mark.parametrize(
    ("width", "scheme"), [(1280, "light"), (1280, "dark"), (320, "light")], ids=str
)
@pytest.mark.timeout(240)
def test_no_page_breaks_an_accessibility_rule_or_scrolls_sideways(
    visits: Visits, admin: Page, axe: str, width: int, scheme: str
) -> None:
    waiting_customer(visits, "Is anybody there?")
    state = admin.context.storage_state()
    page = visits.blank(width=width, storage_state=state, color_scheme=scheme)
    open_newest_escalation(page, visits)
    desk = page.url.split("/admin/")[1]
    problems = {}
    for path in (desk, *PAGES):
        go(page, visits, path)
        page.wait_for_load_state("load")
        found = violations(page, axe)
        wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        if page.evaluate(wide) > 0:
            found.append("scrolls sideways")
        if found:
            problems[path] = found
    assert problems == {}
