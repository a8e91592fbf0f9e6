"""A generation of 10,000 chunks is embedded again, swapped and taken back under questions.

Five searches a second and two customers who chat run all the while. Counted are searches that fail
or find nothing and chats that get an error; the swap's pause is the slowest search whose time
spans the swap, beside the usual one.
"""

from __future__ import annotations

import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2 as httpx

from benchmarks import Options, evaluation_data
from tests.fresh_data_folder import ROOT
from tests.server_process import ServerProcess, fetch, stub_llm_process

MODEL = "stub-ttft200-rate100"
CHUNKS = 10_000
QUICK_PAGES = 30
SEARCHES_PER_SECOND = 5
CUSTOMERS = 2
LIMITS_OFF = {
    # A chat goes on for the whole build, by requests that bring the token of its beginning.
    "VISITOR_TOKEN_MINUTES": "1440",
    "VISITOR_MESSAGES_PER_MINUTE": "100000",
    "ADDRESS_MESSAGES_PER_MINUTE": "100000",
    # Calls of unknown price count, and after the budget customers would get quotations.
    "LLM_DAILY_BUDGET_USD": "100000",
}
# A customer reads an answer before the next question: without a pause two of them took all
# processors with kept answers and quotations, and building stood still.
READS_SECONDS = 2.0
READING_SECONDS = 3600.0
# Smaller chunks than the model takes, so that the second generation really is another one.
CHUNK_TOKENS = "224"


@dataclass
class Traffic:
    """What searches and chats came to. `searches` holds (began, seconds)."""

    searches: list[tuple[float, float]] = field(default_factory=list)
    failed: int = 0
    empty: int = 0
    chats: int = 0
    chat_errors: int = 0
    stopping: threading.Event = field(default_factory=threading.Event)


def run(options: Options) -> dict[str, Any]:
    """Read the pages in, then build, swap and roll back while questions are asked."""
    data = evaluation_data() / "retrieval"
    with tempfile.TemporaryDirectory() as folder, stub_llm_process() as stub:
        pages, questions = _corpus(data, Path(folder) / "pages", quick=options.quick)
        server = ServerProcess(
            Path(folder) / "data",
            (pages,),
            {"OPENAI_BASE_URL": stub, "LLM_MODELS": MODEL, **LIMITS_OFF},
        )
        server.start()
        try:
            server.wait_for_output("Documents: ", READING_SECONDS)
            return _measured(server, questions)
        finally:
            server.stop()


def _measured(server: ServerProcess, questions: list[str]) -> dict[str, Any]:
    traffic = Traffic()
    threads = [threading.Thread(target=_search, args=(server, questions, traffic))]
    threads += [
        threading.Thread(target=_chat, args=(server.url, questions[n::CUSTOMERS], traffic))
        for n in range(CUSTOMERS)
    ]
    for thread in threads:
        thread.start()
    built = _reindex(server, "--chunk-tokens", CHUNK_TOKENS, "--activate", "by_hand")
    swapped = _reindex(server, "--to", str(built["generation"]))
    time.sleep(3)
    rolled_back = _reindex(server, "--rollback")
    time.sleep(3)
    traffic.stopping.set()
    for thread in threads:
        thread.join()
    usual = [seconds for _, seconds in traffic.searches]
    return {
        "chunks": built["chunks"],
        "build_seconds": built["seconds"],
        "searches": len(traffic.searches),
        "failed": traffic.failed,
        "empty": traffic.empty,
        "chats": traffic.chats,
        "chat_errors": traffic.chat_errors,
        "search_median_ms": round(statistics.median(usual) * 1000, 1),
        "slowest_search_over_swap_ms": _slowest(traffic, swapped),
        "slowest_search_over_rollback_ms": _slowest(traffic, rolled_back),
        "states": [swapped["state"], rolled_back["state"]],
        "ok": not (traffic.failed or traffic.empty or traffic.chat_errors),
    }


def _reindex(server: ServerProcess, *arguments: str) -> dict[str, Any]:
    """Run the command beside the server; its result with when it began and ended."""
    began = time.monotonic()
    done = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "manage.py", "reindex", *arguments, "--json"],
        cwd=ROOT,
        env={**os.environ, "DATA_DIR": str(server.data_dir)},
        capture_output=True,
        text=True,
        timeout=READING_SECONDS,
        check=True,
    )
    ended = time.monotonic()
    result: dict[str, Any] = json.loads(done.stdout)
    return {**result, "began": began, "ended": ended, "seconds": round(ended - began, 1)}


def _slowest(traffic: Traffic, step: dict[str, Any]) -> float:
    """Return the longest search that ran while a swap happened, in ms."""
    over = [s for at, s in traffic.searches if at + s >= step["began"] and at <= step["ended"] + 1]
    return round(max(over, default=0.0) * 1000, 1)


def _search(server: ServerProcess, questions: list[str], traffic: Traffic) -> None:
    with closing(_signed_in(server)) as client:
        number = 0
        while not traffic.stopping.is_set():
            began = time.monotonic()
            question = questions[number % len(questions)]
            try:
                answer = client.post("/api/v1/search/", json={"query": question})
                answer.raise_for_status()
                traffic.empty += not answer.json()["passages"]
            except httpx.HTTPError:
                traffic.failed += 1
            traffic.searches.append((began, time.monotonic() - began))
            number += 1
            time.sleep(max(0.0, 1 / SEARCHES_PER_SECOND - (time.monotonic() - began)))


def _signed_in(server: ServerProcess) -> httpx.Client:
    """Return a client that is signed in as the first administrator."""
    password = re.search(r"password (\S+)", server.read_output())
    assert password is not None
    client = httpx.Client(base_url=server.url, trust_env=False, timeout=30)
    client.get("/admin/login/")
    form = {
        "username": "admin",
        "password": password[1],
        "csrfmiddlewaretoken": client.cookies["csrftoken"],
    }
    client.post("/admin/login/", data=form)
    client.headers["X-CSRFToken"] = client.cookies["csrftoken"]
    client.headers["Referer"] = server.url
    return client


def _chat(url: str, questions: list[str], traffic: Traffic) -> None:
    _, begun = fetch(f"{url}/api/v1/conversations/", method="POST", body={})
    path, token = f"{url}/api/v1/conversations/{begun['id']}/messages/", begun["token"]
    seq = 0
    for question in questions * 1000:
        if traffic.stopping.is_set():
            return
        message = {"client_id": str(uuid.uuid4()), "text": question}
        fetch(path, method="POST", body=message, token=token)
        final = None
        deadline = time.monotonic() + 60
        while final is None and time.monotonic() < deadline:
            status, page = fetch(f"{path}?after={seq}&wait=10", token=token)
            if status != 200:
                break
            rows = page["messages"]
            seq = max([seq, *(row["seq"] for row in rows)])
            final = next((row for row in rows if row["kind"] == "final"), None)
        traffic.chats += 1
        traffic.chat_errors += final is None or bool((final.get("answer") or {}).get("error"))
        traffic.stopping.wait(READS_SECONDS)


def _corpus(data: Path, folder: Path, *, quick: bool) -> tuple[Path, list[str]]:
    """Write corpora as pages until there are enough for 10,000 chunks; return some questions."""
    folder.mkdir(parents=True)
    rows = []
    for name in ("mtrag_cloud", "tau_bank"):
        lines = (data / name / "corpus.jsonl").read_text(encoding="utf-8").splitlines()
        rows += [json.loads(line) for line in lines]
    for number, row in enumerate(rows[: QUICK_PAGES if quick else None]):
        page = f"# {row['title']}\n\n{row['text']}"
        (folder / f"{number:05}.md").write_text(page, encoding="utf-8")
    lines = (data / "mtrag_cloud" / "dev.jsonl").read_text(encoding="utf-8").splitlines()
    return folder, [json.loads(line)["query"] for line in lines[:50]]
