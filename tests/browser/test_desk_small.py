"""The desk in windows with little room: the messages are in sight above the box, files or not."""

import pytest
from playwright.sync_api import FilePayload, expect

from tests.browser.conftest import Visits, keep_picture
from tests.browser.desk_people import Desk, waiting_chat

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("size", [(320, 568), (320, 640), (700, 520), (900, 650), (1280, 650)])
def test_the_newest_message_is_in_sight_while_a_reply_with_files_is_written(
    visits: Visits, desk: Desk, size: tuple[int, int]
) -> None:
    width, height = size
    words = f"Is there room at {width} by {height}?"
    waiting_chat(visits.url, words)
    page = desk.page
    page.set_viewport_size({"width": width, "height": height})
    desk.load()
    desk.open_row(words)
    page.locator("desk-attach input").set_input_files(
        [
            FilePayload(name=f"file number {number}.txt", mimeType="text/plain", buffer=b"hello")
            for number in range(4)
        ]
    )
    expect(page.locator("desk-attach li", has_text="is attached.")).to_have_count(4)
    keep_picture(page, f"desk-files-{width}-{height}")
    message, thread = desk.message(words).bounding_box(), page.locator("desk-thread").bounding_box()
    composer = page.locator("desk-composer").bounding_box()
    assert message
    assert thread
    assert composer
    assert message["y"] >= thread["y"]
    assert message["y"] + message["height"] <= composer["y"]
    assert composer["y"] + composer["height"] <= height
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_search_of_a_phone_stands_with_the_queues(visits: Visits, desk: Desk) -> None:
    waiting_chat(visits.url, "A needle in the hay")
    desk.page.set_viewport_size({"width": 320, "height": 568})
    desk.load()
    desk.open_row("A needle in the hay")
    expect(desk.page.locator("#search")).to_be_hidden()
    desk.press("/")
    desk.page.keyboard.type("needle")
    desk.page.keyboard.press("Enter")
    expect(desk.page.locator(".queue-head")).to_have_text("Found for “needle”")
    expect(desk.rows).to_have_count(1)
