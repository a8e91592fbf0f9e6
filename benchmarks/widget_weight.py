"""The widget's weight: compressed bytes (bar: 40 kB in all), time to interactive, 500 messages.

In Chromium over its own protocol. Bytes are those that came over the wire, for the closed widget
and for one that is opened. Interactive means that the open chat has the focus, with four times
less CPU and a slow 4G line (150 ms, 1.6 Mbit/s). Memory: the chat's heap and nodes without and
with 500 messages, after the garbage was collected. A page with the closed widget is compared with
itself without it, pixel by pixel and element by element.
"""

from __future__ import annotations

import json
import tempfile
import time
import uuid
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

from benchmarks import Options
from benchmarks.kill_nine import settings_for, write_pages
from tests.browser.conftest import ARGUMENTS, CHROMIUM
from tests.browser.host_pages import HostServer, chat, host_server, launcher, page
from tests.browser.test_widget import make_site
from tests.server_process import ServerProcess, fetch, stub_llm_process

MOST_BYTES = 40_000
MESSAGES, QUICK_MESSAGES = 500, 40
LINE = {
    "offline": False,
    "latency": 150,
    "downloadThroughput": 1_600_000 / 8,
    "uploadThroughput": 750_000 / 8,
}
LAYOUT = """() => [...document.querySelectorAll("html, body, body *:not(script)")].map(one => {
    const {x, y, width, height} = one.getBoundingClientRect();
    return [one.tagName, x, y, width, height, getComputedStyle(one).cssText];
})"""


def run(options: Options) -> dict[str, Any]:
    """Measure on a server, a host page and a browser of its own."""
    with (
        tempfile.TemporaryDirectory(prefix="supportbot-weight-") as folder,
        stub_llm_process() as stub,
        host_server() as hosts,
        sync_playwright() as playwright,
    ):
        pages = write_pages(Path(folder) / "pages")
        given = {**settings_for(stub), "LLM_MODELS": "stub"}
        server = ServerProcess(Path(folder) / "data", (pages,), given)
        server.start()
        server.wait_for_output("Documents:")
        try:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
            key, _ = make_site(server, name="Shop", origins=hosts.url)
            tag = f'<script src="{server.url}/widget.js" data-site="{key}" async></script>'
            found = measured(browser, hosts, server, tag, options)
            browser.close()
        finally:
            server.kill()
    whole = found["opened_bytes"] <= MOST_BYTES and found["host_page_unchanged"]
    return {**found, "bar_bytes": MOST_BYTES, "ok": whole}


def measured(
    browser: Browser, hosts: HostServer, server: ServerProcess, tag: str, options: Options
) -> dict[str, Any]:
    """Return all figures."""
    closed, opened, requests = weights(browser, hosts.put("/weight", page(tag)))
    number = QUICK_MESSAGES if options.quick else MESSAGES
    return {
        "closed_bytes": closed,
        "opened_bytes": opened,
        "opened_requests": requests,
        "throttled_seconds": throttled(browser, hosts.put("/slow", page(tag))),
        "memory": memory(browser, server, number),
        "host_page_unchanged": unchanged(browser, hosts, tag),
    }


def weights(browser: Browser, address: str) -> tuple[int, int, list[list[Any]]]:
    """Return the bytes of the closed widget, of the opened one, and each request's."""
    context = browser.new_context()
    shown = context.new_page()
    requests: list[list[Any]] = []

    def finished(request: Any) -> None:
        if "widget" in request.url or "chat-files" in request.url or "/static/" in request.url:
            sizes = request.sizes()
            requests.append([request.url.partition("?")[0], sizes["responseBodySize"]])

    shown.on("requestfinished", finished)
    shown.goto(address)
    launcher(shown).wait_for()
    shown.wait_for_timeout(500)
    closed = sum(size for _, size in requests)
    launcher(shown).click()
    chat(shown).locator("#box:focus").wait_for()
    shown.wait_for_timeout(1000)
    context.close()
    named = [[url.rsplit("/", 1)[-1] if "site_" not in url else "frame", n] for url, n in requests]
    return closed, sum(size for _, size in requests), named


def throttled(browser: Browser, address: str) -> dict[str, float]:
    """Return seconds until the launcher can be pressed, and from there until one can write."""
    context = browser.new_context()
    shown = context.new_page()
    line = context.new_cdp_session(shown)
    line.send("Network.enable")
    line.send("Network.emulateNetworkConditions", LINE)
    line.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    began = time.perf_counter()
    shown.goto(address, wait_until="commit")
    launcher(shown).wait_for()
    there = time.perf_counter()
    launcher(shown).click()
    chat(shown).locator("#box:focus").wait_for()
    ready = time.perf_counter()
    context.close()
    return {"launcher": round(there - began, 2), "chat": round(ready - there, 2)}


def memory(browser: Browser, server: ServerProcess, number: int) -> dict[str, Any]:
    """Return heap and nodes of a chat with few and with many messages, read from the rows."""
    begun = fetch(f"{server.url}/api/v1/conversations/", method="POST", body={})[1]
    context = browser.new_context()
    kept = {"supportbot.token": begun["token"], "supportbot.conversation": begun["id"]}
    if begun.get("renewal"):
        kept["supportbot.renewal"] = begun["renewal"]
    context.add_init_script(
        f"for (const [k, v] of Object.entries({json.dumps(kept)})) localStorage.setItem(k, v)"
    )
    shown = context.new_page()
    line = context.new_cdp_session(shown)
    shown.goto(server.url)
    shown.locator("#menu-button").wait_for()
    first = heap(shown, line)
    path = f"{server.url}/api/v1/conversations/{begun['id']}/messages/"
    for at in range(number // 2):
        body = {"text": f"When are invoices sent? ({at})", "client_id": str(uuid.UUID(int=at))}
        status, said = fetch(path, method="POST", body=body, token=begun["token"])
        assert status == 201, said
        replies = shown.locator(".message.assistant:not(.draft)")
        replies.nth(at).wait_for(timeout=60_000)
    last = heap(shown, line)
    context.close()
    return {
        "messages": number,
        "empty": first,
        "full": last,
        "kilobytes_a_message": round((last["heap_kb"] - first["heap_kb"]) / number, 1),
        "nodes_a_message": round((last["nodes"] - first["nodes"]) / number, 1),
    }


def heap(shown: Page, line: CDPSession) -> dict[str, int]:
    """Return the page's memory after the garbage was collected."""
    shown.wait_for_timeout(300)
    line.send("HeapProfiler.enable")
    for _ in range(2):
        line.send("HeapProfiler.collectGarbage")
    line.send("Performance.enable")
    found = {one["name"]: one["value"] for one in line.send("Performance.getMetrics")["metrics"]}
    return {
        "heap_kb": round(found["JSHeapUsedSize"] / 1024),
        "nodes": int(found["Nodes"]),
        "listeners": int(found["JSEventListeners"]),
    }


def unchanged(browser: Browser, hosts: HostServer, tag: str) -> bool:
    """Say whether a page with the closed widget is laid out and drawn as without it."""
    seen = []
    for path, its_tag in (("/without", ""), ("/with", tag)):
        context = browser.new_context(viewport={"width": 1280, "height": 800})
        shown = context.new_page()
        shown.goto(hosts.put(path, page(its_tag)))
        if its_tag:
            launcher(shown).wait_for()
            host = shown.locator("[data-supportbot]")
            host.evaluate("one => one.style.setProperty('opacity', '0', 'important')")
        seen.append((shown.evaluate(LAYOUT), shown.screenshot()))
        context.close()
    return bool(seen[0] == seen[1])
