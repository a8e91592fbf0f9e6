"""A fresh clone in an empty folder: `scripts/run` over real help pages, five questions in Chromium.

Cold start with installation, then a warm one; right means that the expected article is among the
documents that the answer cites, at most three of them.
"""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from benchmarks import ROOT, Options, evaluation_data
from tests.browser.chat import ask
from tests.browser.conftest import ARGUMENTS, CHROMIUM
from tests.server_process import free_port

INSTALL_SECONDS = 1800.0
READING_SECONDS = 600.0
MOST_CITED = 3
# A question as a customer would put it, and a part of the title of the article that answers it.
QUESTIONS = (
    ("How can I change the password I sign in with?", "change my password"),
    ("I want to delete my account for good", "delete my account"),
    ("I keep getting one-time codes that I never asked for", "didn’t request"),
    ("I lost my phone, how can I sign in now?", "lost my phone"),
    ("Which ID documents can I use to verify my identity?", "Accepted ID types"),
)


def run(options: Options) -> dict[str, Any]:
    """Clone, start cold, ask, stop, start warm, ask once."""
    documents = evaluation_data() / "docs" / "login_gov"
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        clone = Path(folder) / "clone"
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)  # noqa: S603, S607
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        cold = _start(clone, documents, browser, QUESTIONS[: 1 if options.quick else None])
        warm = _start(clone, documents, browser, QUESTIONS[:1])
        browser.close()
    right = sum(answer["right"] for answer in cold["answers"])
    return {
        "questions": len(cold["answers"]),
        "right": right,
        "most_cited": max(answer["cited"] for answer in cold["answers"]),
        "cold": cold,
        "warm": warm,
        "ok": right == len(cold["answers"]),
    }


def _start(
    clone: Path, documents: Path, browser: Browser, questions: tuple[tuple[str, str], ...]
) -> dict[str, Any]:
    """Run `scripts/run` as a person would, with nothing but a HOME and a PATH."""
    port = free_port()
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(clone.parent),
        "PORT": str(port),
        "DATA_DIR": str(clone.parent / "data"),
    }
    began = time.monotonic()
    process = subprocess.Popen(  # noqa: S603 - our own script
        [str(clone / "scripts" / "run"), str(documents)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        text=True,
    )
    try:
        url = f"http://127.0.0.1:{port}/"
        _wait_for_page(url, began + INSTALL_SECONDS)
        serving = time.monotonic() - began
        _wait_for_documents(process, began + INSTALL_SECONDS + READING_SECONDS)
        read = time.monotonic() - began
        page = browser.new_context().new_page()
        page.goto(url)
        answers = []
        for question, expected in questions:
            reply = ask(page, question)
            cited = list(dict.fromkeys(reply.locator(".source-name").all_inner_texts()))
            answers.append(
                {
                    "question": question,
                    "right": any(expected.casefold() in title.casefold() for title in cited),
                    "cited": len(cited),
                    "titles": cited,
                }
            )
            if len(answers) == 1:
                first = time.monotonic() - began
    finally:
        os.killpg(process.pid, signal.SIGINT)
        process.wait(30)
    return {
        "seconds_to_page": round(serving, 1),
        "seconds_to_documents_ready": round(read, 1),
        "seconds_to_first_answer": round(first, 1),
        "answers": answers,
    }


def _wait_for_page(url: str, deadline: float) -> None:
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{url}readyz", timeout=5):  # noqa: S310 - our own server
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise TimeoutError(f"{url} is not ready")


def _wait_for_documents(process: subprocess.Popen[str], deadline: float) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("Documents:"):
            return
        if time.monotonic() > deadline:
            break
    raise TimeoutError("the documents were not read in")
