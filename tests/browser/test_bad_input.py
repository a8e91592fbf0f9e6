"""What goes wrong at the customer's end: many tabs, wrong clocks, huge texts, a closed tab."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chat import DELETE, RETURN, ask, replies, say, texts
from tests.browser.conftest import Visits

pytestmark = pytest.mark.browser
OTHER_TIME = """
    const off = %d * 3600 * 1000, Real = Date;
    window.Date = class extends Real {
        constructor(...given) { given.length ? super(...given) : super(Real.now() + off); }
        static now() { return Real.now() + off; }
    };
"""


def tab(visits: Visits, first: Page) -> Page:
    """Another tab of the same browser."""
    page = first.context.new_page()
    visits.watch(page)
    page.goto(visits.url)
    expect(page.locator("#menu-button")).to_be_visible()
    return page


def test_ten_tabs_show_one_chat(visits: Visits, page: Page) -> None:
    ask(page, DELETE)
    tabs = [page, *(tab(visits, page) for _ in range(9))]
    for one in tabs:
        expect(replies(one)).to_have_count(1)
    say(tabs[4], RETURN)
    for one in tabs:
        expect(replies(one)).to_have_count(2)
        assert texts(one) == texts(page)
        assert one.locator(".message.own").count() == 2


def test_tabs_that_begin_at_once_begin_one_chat(visits: Visits, page: Page) -> None:
    other = tab(visits, page)
    ask(page, DELETE)
    say(other, RETURN)
    expect(replies(other)).to_have_count(2)
    expect(replies(page)).to_have_count(2)
    assert texts(other) == texts(page)


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_clock_that_is_wrong_changes_nothing(visits: Visits, hours: int) -> None:
    page = visits.blank()
    page.add_init_script(OTHER_TIME % hours)
    page.goto(visits.url)
    ask(page, DELETE)
    ask(page, RETURN)
    assert [words.splitlines()[0] for words in texts(page)][::2] == [DELETE, RETURN]
    page.reload()
    expect(replies(page)).to_have_count(2)
    assert page.locator(".message.own .status-text").count() == 0, "nothing waits to be sent"


def test_five_megabytes_are_refused_in_words_and_kept(page: Page) -> None:
    page.evaluate(
        """() => {
            const box = document.getElementById("box");
            box.focus();
            box.value = "word ".repeat(1_000_000);
            box.dispatchEvent(new Event("input", { bubbles: true }));
        }"""
    )
    page.locator("#box").press("Enter")
    expect(page.locator("#box-problem")).to_contain_text("4,000")
    assert page.evaluate("document.getElementById('box').value.length") == 5_000_000
    assert page.locator(".message").count() == 0
    page.evaluate("document.getElementById('box').value = ''")
    ask(page, DELETE)


def test_a_tab_closed_while_it_sends_loses_and_doubles_nothing(visits: Visits, page: Page) -> None:
    ask(page, DELETE)
    # The line is slow: the tab is gone before anything can have come back.
    page.evaluate("WebSocket.prototype.send = () => {}")
    say(page, RETURN)
    other = page.context.new_page()
    page.close()
    visits.watch(other)
    other.goto(visits.url)
    expect(replies(other)).to_have_count(2)
    assert other.locator(".message.own").count() == 2
    other.reload()
    expect(replies(other)).to_have_count(2)
    assert other.locator(".message.own").count() == 2
