"""Hostile texts on every surface in Chromium: scripts run and outside requests (the bar: none).

Each payload stands as a customer's message, an answer, an agent's reply and name, a source's title,
heading, quotation and address, a file's name and content, a site's words, and in every list of the
admin; letters are shown as a mail program would. Everything is then touched as a pointer would.
`elements_made`: markup that a text became, whether or not it could do harm. `stopped_by_policy`:
what only the content security policy held back.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from benchmarks import ROOT, Options, evaluation_data
from benchmarks._xss_looked import Look
from tests.browser.conftest import ARGUMENTS, CHROMIUM, HELP, MANY_TESTS
from tests.browser.host_pages import host_server, page
from tests.server_process import ServerProcess

# Without the evaluation data, and for the quick form: one of each kind.
FEW = [
    "<script>alert(1)</script>",
    '"><svg onload=alert(1)>',
    "<img src=x onerror=alert(1)>",
    "[x](javascript:alert(1)) ![y](https://outside.example/p.png)",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe><style>*{display:none}</style>",
    "<a href='data:text/html,<script>alert(1)</script>' style='position:fixed;inset:0'>x</a>",
    "{{constructor.constructor('alert(1)')()}} <div x-data x-init='alert(1)'></div>",
    "</title></textarea></template><script>alert(1)</script>",
    "javascript:alert(1)",
]
MOST_CHARACTERS = 4000
# The lists of the quick form: where customers and documents speak.
SPOKEN = frozenset(
    {
        "conversation", "answer", "feedback", "escalation", "problemreport", "chatrating",
        "deskact", "notice", "document", "faqentry", "site", "user",
    }
)  # fmt: skip
FILL_SECONDS = 900.0
# No name but our own is looked up: a request is counted and goes nowhere.
NOWHERE = "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost"


def payloads(options: Options) -> list[str]:
    """Return the texts. Raises DataMissing."""
    if options.quick:
        return FEW
    file = evaluation_data() / "security" / "xss" / "dev.jsonl"
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    texts = [row["payload"].strip()[:MOST_CHARACTERS] for row in rows]
    # A database takes no zero byte, and a message with one is refused at the door.
    return [*FEW, *(text for text in texts if text and "\0" not in text)]


def run(options: Options) -> dict[str, Any]:
    """Fill a server, look at everything, and count."""
    texts = payloads(options)
    with tempfile.TemporaryDirectory() as folder, host_server() as hosts:
        server = ServerProcess(Path(folder) / "data", (HELP,), MANY_TESTS)
        server.start()
        try:
            server.wait_for_output("Documents:")
            found = _filled(server, Path(folder) / "texts.json", texts, hosts.same_site_url)
            tag = (
                f'<script src="{server.url}/widget.js" data-site="{found["site"]}" async></script>'
            )
            hosts.put("/host", page(tag))
            surfaces = _looked(
                server.url, found, f"{hosts.same_site_url}/host", quick=options.quick
            )
        finally:
            server.kill()
    return {
        "payloads": len(texts),
        "rows": found["rows"],
        "files": found["files"],
        "letter_parts": len(found["letters"]),
        "surfaces": surfaces,
        "scripts_run": sum(one["scripts_run"] for one in surfaces.values()),
        "outside_requests": sum(one["outside_requests"] for one in surfaces.values()),
        "ok": all(one["clean"] for one in surfaces.values()),
    }


def _filled(server: ServerProcess, file: Path, texts: list[str], origin: str) -> dict[str, Any]:
    file.write_text(json.dumps(texts), encoding="utf-8")
    done = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "benchmarks._xss_rows", str(file)],
        cwd=ROOT,
        env={
            **os.environ,
            "DATA_DIR": str(server.data_dir),
            "HOST_ORIGIN": origin,
            # One visitor has all the chats.
            "VISITOR_RINGS_PER_HOUR": "100",
        },
        capture_output=True,
        text=True,
        timeout=FILL_SECONDS,
    )
    if done.returncode:
        raise AssertionError(done.stderr[-3000:])
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def _looked(
    url: str, found: dict[str, Any], host_page: str, *, quick: bool
) -> dict[str, dict[str, Any]]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*ARGUMENTS, NOWHERE])
        look = Look(browser, url, found, quick=quick)
        look.chat()
        look.widget(host_page)
        look.sites(found["sites"][: 3 if quick else None])
        look.admin([one for one in found["lists"] if not quick or one.split("/")[-2] in SPOKEN])
        if not quick:
            # tests/browser/test_desk_hostile.py looks at the desk.
            look.desk()
        look.letters()
        browser.close()
    return {name: {**one.row(), "clean": one.clean} for name, one in look.surfaces.items()}
