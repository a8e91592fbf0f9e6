"""The operator's tools in a real browser: index, golden questions, search box, try the bot."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.chat import DELETE, ask
from tests.browser.conftest import MANY_TESTS, Visits, serving
from tests.browser.desk_people import sign_in
from tests.browser.test_admin import go, violations
from tests.server_process import ServerProcess

pytestmark = pytest.mark.browser
HOSTILE = '"><img src=x onerror="window.hit=1"> <b x-data x-init="window.hit=2">account</b>'
BUILD_MS = 60_000
SCREENS = [(1280, "light"), (1280, "dark"), (320, "light")]


@pytest.fixture(scope="module")
def tools_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A server of its own, since these tests change its index."""
    yield from serving(tmp_path_factory.mktemp("tools"), MANY_TESTS)


@pytest.fixture
def visits(browser: Browser, tools_server: ServerProcess) -> Iterator[Visits]:
    made = Visits(browser, tools_server.url)
    yield made
    made.close()
    assert made.errors == []


@pytest.fixture
def admin(visits: Visits, tools_server: ServerProcess) -> Page:
    found = re.search(r"password (\S+)", tools_server.read_output())
    assert found
    page = visits.open(f"{visits.url}/admin/")
    sign_in(page, "admin", found[1])
    return page


def generation(page: Page, number: int) -> Locator:
    return page.locator(f"[data-generation='{number}']")


def status(page: Page) -> Locator:
    """What the page says happened."""
    return page.locator("main > [role=status]")


def test_another_index_is_built_compared_swapped_in_and_rolled_back_while_customers_ask(
    visits: Visits, admin: Page
) -> None:
    go(admin, visits, "knowledge/goldenquestion/add/")
    admin.get_by_label("Question").fill("How can I get rid of my account?")
    field = admin.get_by_label("Right document")
    field.press_sequentially("deleting")
    expect(admin.locator("datalist option")).to_have_count(1)
    field.fill(str(admin.locator("datalist option").get_attribute("value")))
    admin.get_by_role("button", name="Save", exact=True).click()
    expect(status(admin)).to_contain_text("added successfully")

    admin.get_by_role("link", name="Index", exact=True).click()
    admin.get_by_role("link", name="Build another").click()
    admin.get_by_label("Most tokens in a chunk").fill("128")
    admin.get_by_label("Put into use").select_option(label="When somebody says so")
    admin.get_by_role("button", name="Build", exact=True).click()
    second = generation(admin, 2)
    expect(second).to_contain_text("at most 128 tokens")
    # Nobody touches the page until the server has brought it to completion.
    expect(second).to_contain_text("Complete. It answers when", timeout=BUILD_MS)
    expect(second.get_by_role("table")).to_contain_text("Of 1 golden question")

    chat = visits.open()
    expect(ask(chat, DELETE)).to_contain_text("Delete your account")
    second.get_by_role("button", name="Put generation 2 into use").click()
    expect(status(admin)).to_contain_text("Generation 2 answers from now on.")
    expect(generation(admin, 2)).to_contain_text("In use")
    expect(ask(chat, DELETE)).to_contain_text("Delete your account")

    admin.get_by_role("button", name="Roll back to generation 1").click()
    expect(status(admin)).to_contain_text("Generation 1 answers from now on.")
    expect(generation(admin, 1)).to_contain_text("In use")
    expect(ask(chat, DELETE)).to_contain_text("Delete your account")

    admin.get_by_role("link", name="Check the index").click()
    expect(admin.get_by_text("No differences")).to_be_visible()


def test_the_search_box_marks_words_and_says_where_a_document_is(
    visits: Visits, admin: Page
) -> None:
    go(admin, visits, "knowledge/search/")
    admin.get_by_label("Question").fill(f"delete my account {HOSTILE}")
    admin.get_by_label("Document that should be found").fill("Returning goods")
    admin.get_by_role("button", name="Search", exact=True).click()
    expect(admin.locator("#found mark", has_text="Delete").first).to_be_visible()
    expect(admin.get_by_text(re.compile(r"Place \d of \d documents found"))).to_be_visible()
    assert admin.evaluate("window.hit") is None


def test_the_bot_is_tried_over_two_turns_with_the_keyboard_alone(
    visits: Visits, admin: Page
) -> None:
    go(admin, visits, "conversations/try/")
    box = admin.get_by_label("Question", exact=True)
    box.fill(DELETE)
    box.press("Tab")
    admin.keyboard.press("Enter")
    expect(admin.locator("#reply")).to_contain_text("Delete your account")
    expect(admin.locator("#reply")).to_contain_text("Citations")
    box = admin.get_by_label("Question", exact=True)
    box.fill(f"and {HOSTILE}?")
    admin.get_by_role("button", name="Ask next").press("Enter")
    expect(admin.get_by_role("heading", name="Earlier in this trial")).to_be_visible()
    assert admin.evaluate("window.hit") is None
    go(admin, visits, "conversations/conversation/")
    expect(admin.locator("#result_list tbody tr", has_text="Delete your account")).to_have_count(0)


@pytest.mark.parametrize(("width", "scheme"), SCREENS, ids=str)
@pytest.mark.timeout(240)
def test_no_tool_breaks_an_accessibility_rule_or_scrolls_sideways(
    visits: Visits, admin: Page, axe: str, width: int, scheme: str
) -> None:
    state = admin.context.storage_state()
    page = visits.blank(width=width, storage_state=state, color_scheme=scheme)
    problems: dict[str, list[str]] = {}

    def look(name: str) -> None:
        page.wait_for_load_state("load")
        found = violations(page, axe)
        wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        if page.evaluate(wide) > 0:
            found.append("scrolls sideways")
        if found:
            problems[name] = found

    for path in (
        "knowledge/indexgeneration/",
        "knowledge/indexgeneration/1/change/",
        "knowledge/indexgeneration/add/",
        "knowledge/indexgeneration/check/",
        "knowledge/goldenquestion/",
        "knowledge/goldenquestion/add/",
        "knowledge/goldenquestion/import/",
        "knowledge/collection/1/change/",
        "knowledge/search/",
        f"knowledge/search/?question={DELETE}&previews=on&document=returning",
        "conversations/try/",
    ):
        go(page, visits, path)
        look(path)
    page.get_by_label("Question", exact=True).fill(DELETE)
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.locator("#reply")).to_be_visible()
    look("a reply")
    go(page, visits, "knowledge/goldenquestion/measure/")
    page.get_by_role("button", name="Measure now").click()
    # The first test left a golden question.
    expect(page.get_by_role("heading", name="Questions, the worst first")).to_be_visible()
    look("what was measured")
    assert problems == {}
