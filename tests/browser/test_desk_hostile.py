"""Nothing that customers, colleagues or documents wrote runs at the desk."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Request, expect

from tests.browser.conftest import MANY_TESTS, Visits, keep_picture, serving
from tests.browser.desk_people import Desk, sign_in
from tests.browser.test_admin import HOSTILE
from tests.fresh_data_folder import ROOT
from tests.server_process import ServerProcess

pytestmark = pytest.mark.browser
DATA = Path(os.environ.get("EVAL_DATA", ROOT.parent / "shared" / "data")) / "security" / "xss"
# Without the evaluation data: one of each kind.
FEW = [
    HOSTILE,
    "<script>alert(1)</script>",
    '"><svg onload=alert(1)>',
    "[x](javascript:alert(1)) ![y](https://outside.example/p.png)",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe><style>*{display:none}</style>",
    "<a href='data:text/html,<script>alert(1)</script>' style='position:fixed;inset:0'>x</a>",
]
MOST_CHARACTERS = 4000


def payloads() -> list[str]:
    file = DATA / "dev.jsonl"
    if not file.is_file():
        return FEW
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    texts = [row["payload"].strip()[:MOST_CHARACTERS] for row in rows]
    # A message with other control characters is refused at the door.
    return FEW + [text for text in texts if text.replace("\n", "").isprintable()]


@pytest.fixture(scope="module")
def hostile_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    texts = tmp_path_factory.mktemp("texts") / "texts.json"
    texts.write_text(json.dumps(payloads()), encoding="utf-8")
    for server in serving(tmp_path_factory.mktemp("hostile"), MANY_TESTS):
        script = (ROOT / "tests" / "browser" / "hostile_rows.py").read_text(encoding="utf-8")
        environment = {
            **os.environ, "DATA_DIR": str(server.data_dir), "HOSTILE_TEXTS": str(texts)
        }  # fmt: skip
        subprocess.run(
            [sys.executable, "manage.py", "shell", "-c", script],
            cwd=ROOT, env=environment, check=True, timeout=240, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        yield server


def test_hostile_texts_are_words_everywhere(
    browser: Browser, hostile_server: ServerProcess
) -> None:
    visits = Visits(browser, hostile_server.url)
    page = visits.blank()
    outside: list[str] = []

    def look(request: Request) -> None:
        if not request.url.startswith((hostile_server.url, "data:", "blob:")):
            outside.append(request.url)

    page.on("request", look)
    page.add_init_script(
        "for (const f of ['alert','confirm','prompt']) window[f] = () => {window.hit = 1}"
    )
    page.goto(f"{visits.url}/admin/")
    found = hostile_server.read_output().split("password ")[1].split()[0]
    sign_in(page, "admin", found)
    desk = Desk(page, visits.url)
    desk.load()
    desk.press("1")
    page.locator(".queue[data-queue=waiting]").click()
    page.locator(".queue[data-queue=mine]").click()
    rows = _conversations(page, visits.url)
    assert len(rows) >= 1
    for number, row in enumerate(rows):
        page.goto(f"{visits.url}/admin/desk/?c={row}")
        expect(page.locator("#thread .message.note").last).to_be_visible()
        _untouched(page)
        if number == 0:
            keep_picture(page, "desk-hostile")
    page.locator("#thread h2").focus()
    desk.press("t")
    page.get_by_role("button", name="Take it", exact=True).click()
    expect(page.locator(".thread-head")).to_contain_text("Yours")
    desk.press("a")
    expect(page.get_by_role("dialog").locator("option").nth(1)).to_be_attached()
    _untouched(page)
    page.keyboard.press("Escape")
    desk.press("r")
    page.keyboard.type("/x")
    expect(page.locator("#canned").get_by_role("option").first).to_be_visible()
    _untouched(page)
    desk.box.fill("Still usable")
    desk.box.press("Control+Enter")
    expect(desk.message("Still usable")).to_be_visible()
    page.goto(f"{visits.url}/admin/conversations/deskact/")
    assert page.evaluate("window.hit") is None
    assert outside == []
    assert visits.errors == []
    visits.close()


def _conversations(page: Page, url: str) -> list[str]:
    rows: list[str] = page.evaluate(
        """async (url) => (await (await fetch(url)).json()).rows.map((row) => row.id)""",
        f"{url}/admin/desk/queue/?q=%3C",
    )
    return rows


def _untouched(page: Page) -> None:
    """Nothing ran, and no text became an element that it named."""
    assert page.evaluate("window.hit") is None
    made = page.evaluate(
        """() => {
            const own = "desk-queue, desk-thread, desk-customer, dialog, #canned";
            const all = [...document.querySelectorAll(own)].flatMap((one) => [
                ...one.querySelectorAll("*")]);
            const bad = all.filter((one) =>
                one.matches("script, img, iframe, object, embed, style, link, base, meta, video, "
                    + "audio, math, svg") ||
                [...one.attributes].some(({ name, value }) => name.startsWith("on") ||
                    (name === "style" && value) ||
                    /^\\s*(javascript|data|vbscript):/i.test(value)));
            return bad.map((one) => one.outerHTML.slice(0, 200));
        }"""
    )
    assert made == []
