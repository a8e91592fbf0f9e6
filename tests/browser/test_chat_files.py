"""Files in the chat: chosen, pasted, dropped; sent, refused, cancelled, kept while offline."""

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, Dialog, FilePayload, Page, expect

from tests.browser.chat import DELETE, replies, say
from tests.browser.conftest import MANY_TESTS, Visits, keep_picture, serving
from tests.browser.desk_people import Desk, sign_in
from tests.server_process import ServerProcess

pytestmark = pytest.mark.browser
EXE = b"MZ\x90\x00\x03\x00\x00\x00" + b"\x00" * 200


@pytest.fixture(scope="module")
def files_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """Small limits, so that they are met soon; one visitor may send files all the time."""
    settings = {**MANY_TESTS, "ATTACHMENT_MAX_MEGABYTES": "2", "ATTACHMENTS_PER_MESSAGE": "3"}
    yield from serving(tmp_path_factory.mktemp("files"), settings)


@pytest.fixture
def visits(browser: Browser, files_server: ServerProcess) -> Iterator[Visits]:
    made = Visits(browser, files_server.url)
    yield made
    made.close()
    assert made.errors == []


@pytest.fixture
def page(visits: Visits) -> Page:
    return visits.open()


def picture(colour: str = "teal", size: tuple[int, int] = (320, 200)) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, colour).save(file, "PNG")
    return file.getvalue()


def choose(page: Page, *files: tuple[str, str, bytes], place: str = "#file") -> None:
    given: list[FilePayload] = [
        {"name": name, "mimeType": kind, "buffer": data} for name, kind, data in files
    ]
    page.locator(place).set_input_files(given)


PHOTO = ("photo.png", "image/png", picture())
BILL = ("bill.pdf", "application/pdf", b"%PDF-1.4\n%%EOF\n")


def test_a_file_goes_with_a_message_to_the_desk_and_back(
    visits: Visits, page: Page, files_server: ServerProcess
) -> None:
    visits.cuts_connection = True  # What is refused stands in the browser's log.
    expect(page.get_by_role("button", name="Attach a file")).to_be_visible()
    choose(page, PHOTO, BILL)
    expect(page.locator(".file-chip")).to_have_count(2)
    page.get_by_role("button", name="Remove bill.pdf").click()
    expect(page.locator(".file-chip")).to_have_count(1)
    keep_picture(page, "files-tray")
    page.locator("#box").press("Enter")
    own = page.locator(".message.own")
    expect(own.locator("img")).to_have_js_property("naturalWidth", 320)
    expect(replies(page).last).to_contain_text("I cannot open files")
    expect(replies(page).last.get_by_role("button", name="Ask a person")).to_be_visible()
    keep_picture(page, "files-sent")
    with page.expect_download() as saved:
        own.get_by_role("button", name="Save photo.png").click()
    assert saved.value.suggested_filename == "photo.png"
    assert Path(saved.value.path()).read_bytes().startswith(b"\x89PNG")
    choose(page, BILL)
    say(page, DELETE)
    expect(replies(page)).to_have_count(2)
    expect(replies(page).last).to_contain_text("could not open what you attached")
    page.reload()
    own.first.locator("img").scroll_into_view_if_needed()
    expect(own.first.locator("img")).to_have_js_property("naturalWidth", 320)
    page.locator("#person").click()
    _the_desk_sees_it(visits, page, files_server)


def _the_desk_sees_it(visits: Visits, page: Page, server: ServerProcess) -> None:
    admin = visits.open(f"{visits.url}/admin/")
    sign_in(admin, "admin", server.read_output().split("password ")[1].split()[0])
    desk = Desk(admin, visits.url)
    desk.load()
    desk.rows.first.locator(".row-open").click()
    thread = admin.locator("desk-thread")
    expect(thread.locator(".message.customer img")).to_have_js_property("naturalWidth", 320)
    expect(thread.get_by_role("link", name="bill.pdf")).to_be_visible()
    choose(admin, ("virus.png", "image/png", EXE), place="desk-attach input")
    expect(admin.locator("desk-attach")).to_contain_text("This is a program")
    admin.get_by_role("button", name="Remove virus.png").click()
    way = picture("navy", (64, 40))
    choose(admin, ("way.png", "image/png", way), place="desk-attach input")
    expect(admin.locator("desk-attach")).to_contain_text("is attached")
    keep_picture(admin, "desk-files")
    desk.box.fill("Follow the arrow")
    desk.box.press("Control+Enter")
    expect(admin.locator("desk-attach li")).to_have_count(0)
    shown = page.locator(".message.agent")
    expect(shown).to_contain_text("Follow the arrow")
    shown.scroll_into_view_if_needed()
    expect(shown.locator("img")).to_have_js_property("naturalWidth", 64)
    admin.goto(f"{visits.url}/admin/conversations/conversation/")
    admin.locator("#result_list tbody a").first.click()
    expect(admin.locator(".sb-files img").first).to_have_js_property("naturalWidth", 320)


def test_what_is_not_taken_says_why_and_the_words_stay(visits: Visits, page: Page) -> None:
    visits.cuts_connection = True
    choose(page, ("big.png", "image/png", b"x" * (2 * 1024 * 1024 + 1)))
    expect(page.locator("#box-problem")).to_contain_text("big.png is larger than 2 MB")
    choose(page, *[(f"{n}.txt", "text/plain", b"words") for n in range(4)])
    expect(page.locator("#box-problem")).to_contain_text("up to 3 files")
    expect(page.locator(".file-chip")).to_have_count(3)
    for _ in range(3):
        page.locator(".file-chip button").first.click()
    choose(page, ("holiday.png", "image/png", EXE))
    say(page, "Look at my holiday")
    failed = page.locator(".message.own .status.failed")
    expect(failed).to_contain_text("This is a program, whatever it is called")
    keep_picture(page, "files-refused")
    failed.get_by_role("button", name="Change the text").click()
    expect(page.locator("#box")).to_have_value("Look at my holiday")
    expect(page.locator(".file-chip")).to_have_count(1)
    page.locator(".file-chip button").click()
    page.locator("#box").press("Enter")
    expect(page.locator(".message.own")).to_have_count(1)
    expect(replies(page)).to_have_count(1)


PASTE = """([target, kind, bytes]) => {
    const data = new DataTransfer();
    data.items.add(new File([new Uint8Array(bytes)], "pasted.png", {type: "image/png"}));
    const options = {bubbles: true, cancelable: true};
    const event = kind === "paste"
        ? new ClipboardEvent(kind, {...options, clipboardData: data})
        : new DragEvent(kind, {...options, dataTransfer: data});
    document.querySelector(target).dispatchEvent(event);
}"""


def test_pasted_and_dropped(page: Page) -> None:
    page.evaluate(PASTE, ["#box", "paste", list(picture())])
    expect(page.locator(".file-chip")).to_have_count(1)
    page.evaluate(PASTE, ["#thread", "dragover", []])
    expect(page.locator("#chat")).to_have_class(re.compile("dropping"))
    keep_picture(page, "files-dropping")
    page.evaluate(PASTE, ["#thread", "drop", list(picture())])
    expect(page.locator(".file-chip")).to_have_count(2)
    expect(page.locator("#chat")).not_to_have_class(re.compile("dropping"))


def test_sending_is_cancelled(visits: Visits, page: Page) -> None:
    visits.cuts_connection = True
    # Held: nothing comes back.
    page.route(re.compile(r"/attachments/$"), lambda route: None)
    choose(page, PHOTO)
    say(page, "A photo")
    page.get_by_role("button", name="Cancel sending").click()
    expect(page.locator(".message.own")).to_have_count(0)
    page.unroute_all()
    expect(page.locator("#box")).to_be_focused()


def test_without_a_connection_the_files_wait_also_over_a_reload(visits: Visits, page: Page) -> None:
    visits.cuts_connection = True
    say(page, DELETE)
    expect(replies(page)).to_have_count(1)
    cut: Any = re.compile(r"/attachments/$")
    page.route(cut, lambda route: route.abort())
    choose(page, PHOTO)
    say(page, "And this picture?")
    expect(page.locator(".message.own").last.locator(".status")).to_contain_text("Sending")
    page.reload()
    expect(page.locator(".message.own")).to_have_count(2)
    expect(page.locator(".message.own").last).to_contain_text("And this picture?")
    page.unroute(cut)
    expect(page.locator(".message.own").last.locator("img")).to_have_js_property(
        "naturalWidth", 320
    )
    expect(replies(page)).to_have_count(2)


def test_what_was_chosen_and_not_sent_is_there_after_a_reload(visits: Visits, page: Page) -> None:
    choose(page, PHOTO, BILL)
    page.locator("#box").fill("Both of these")
    page.get_by_role("button", name="Remove bill.pdf").click()
    page.reload()
    expect(page.locator(".file-chip")).to_have_count(1)
    expect(page.locator(".file-chip")).to_contain_text("photo.png")
    # Another tab has a tray of its own.
    other = page.context.new_page()
    visits.watch(other)
    other.goto(visits.url)
    expect(other.locator("#menu-button")).to_be_visible()
    expect(other.locator(".file-chip")).to_have_count(0)
    other.close()
    page.locator("#box").press("Enter")
    expect(page.locator(".message.own img")).to_have_js_property("naturalWidth", 320)
    page.reload()
    expect(page.locator(".message.own")).to_have_count(1)
    expect(page.locator(".file-chip")).to_have_count(0)


def test_where_files_cannot_be_kept_the_browser_asks_before_they_are_lost(visits: Visits) -> None:
    page = visits.blank()
    page.add_init_script("Object.defineProperty(window, 'indexedDB', {get() { throw 1; }})")
    page.goto(visits.url)
    asked: list[str] = []

    def let_it_go(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.on("dialog", let_it_go)
    page.locator("#box").click()
    choose(page, PHOTO)
    expect(page.locator(".file-chip")).to_have_count(1)
    page.reload()
    assert asked == ["beforeunload"]
    expect(page.locator("#menu-button")).to_be_visible()
    expect(page.locator(".file-chip")).to_have_count(0)
    page.reload()
    assert asked == ["beforeunload"]


def test_narrow_dark_and_with_a_screen_reader(visits: Visits, axe: str) -> None:
    page = visits.open(width=320, height=640, color_scheme="dark")
    choose(page, PHOTO, ("a-very-long-name-of-a-bill-that-does-not-fit.pdf", BILL[1], BILL[2]))
    keep_picture(page, "files-tray-320-dark")
    say(page, "Both of these")
    expect(replies(page)).to_have_count(1)
    page.locator(".message.own img").scroll_into_view_if_needed()
    expect(page.locator(".message.own img")).to_have_js_property("naturalWidth", 320)
    keep_picture(page, "files-sent-320-dark")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.evaluate(axe)
    found = page.evaluate("axe.run().then(({violations}) => violations.map(({id}) => id))")
    assert found == []
