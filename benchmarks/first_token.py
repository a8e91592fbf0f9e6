"""First visible token over the model's own: one chat and ten at once, idle and while ingesting.

Browsers' sockets and frames, the real server in one process, guards on; the model is the local
stub, whose own first token is measured in the same run. Questions are answered from help pages.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx2 as httpx
from websockets.sync.client import connect

from benchmarks import Options, evaluation_data
from tests.fresh_data_folder import ROOT
from tests.server_process import ServerProcess, fetch, stub_llm_process

MODEL = "stub-ttft200-rate50"
ROUNDS = {1: 20, 10: 6}
QUICK_ROUNDS = {1: 3, 10: 1}
ANSWER_SECONDS = 60.0
OWN_CALLS = 10
# A kept answer is not streamed: here each question goes to the model.
SETTINGS = {
    "VISITOR_MESSAGES_PER_MINUTE": "100000",
    "ADDRESS_MESSAGES_PER_MINUTE": "100000",
    "CACHE_ANSWERS": "false",
}
QUESTIONS = (
    "How do I change my password?",
    "How do I delete my account?",
    "What can I do when I lost my phone?",
    "How do I add a backup method?",
    "Why was my identity not verified?",
    "How do I set up an authentication app?",
    "What is a security key?",
    "How do I change my email address?",
    "Why do I receive codes I did not ask for?",
    "Which documents are accepted for verification?",
)


def run(options: Options) -> dict[str, Any]:
    """Measure; milliseconds over the stub's own median."""
    documents = evaluation_data() / "docs"
    rounds = QUICK_ROUNDS if options.quick else ROUNDS
    with tempfile.TemporaryDirectory() as folder, stub_llm_process() as stub:
        server = ServerProcess(
            Path(folder),
            (documents / "login_gov",),
            {"OPENAI_BASE_URL": stub, "LLM_MODELS": MODEL, **SETTINGS},
        )
        server.start()
        try:
            server.wait_for_output("Documents: ", 600)
            # At the same number of calls at once: ten threads here cost the stub and us time too.
            own = {chats: _own_median(stub, chats) for chats in rounds}
            idle = _overheads(server.url, rounds, own)
            busy = _while_ingesting(server, documents, rounds, own)
        finally:
            server.stop()
    own_ms = {str(chats): round(own_of, 1) for chats, own_of in own.items()}
    return {"model_own_ms": own_ms, "idle": idle, "while_ingesting": busy}


def _overheads(url: str, rounds: dict[int, int], own: dict[int, float]) -> dict[str, Any]:
    return {str(chats): _measured(url, chats, n, own[chats]) for chats, n in rounds.items()}


def _while_ingesting(
    server: ServerProcess, documents: Path, rounds: dict[int, int], own: dict[int, float]
) -> dict[str, Any]:
    command = [sys.executable, "manage.py", "ingest", str(documents), "--collection", "bulk"]
    environment = {**os.environ, "DATA_DIR": str(server.data_dir)}
    ingesting = subprocess.Popen(  # noqa: S603 - our own command
        command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    time.sleep(5)
    try:
        figures = _overheads(server.url, rounds, own)
        figures["still_ingesting_at_the_end"] = ingesting.poll() is None
    finally:
        ingesting.kill()
        ingesting.wait()
    return figures


def _measured(url: str, chats: int, rounds: int, own: float) -> dict[str, float]:
    overheads: list[float] = []
    for number in range(rounds):
        overheads += [value - own for value in _round(url, chats, number)]
    overheads.sort()
    return {
        "n": len(overheads),
        "median_ms": round(statistics.median(overheads), 1),
        "p95_ms": round(overheads[int(0.95 * (len(overheads) - 1))], 1),
    }


def _round(url: str, chats: int, number: int) -> list[float]:
    """Ask in `chats` conversations at once; return each one's time to its first token, in ms."""
    found: list[float] = []
    together = threading.Barrier(chats)
    threads = [
        threading.Thread(target=_chat, args=(url, number + chat, together, found))
        for chat in range(chats)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if len(found) != chats:
        raise AssertionError(f"{chats - len(found)} of {chats} chats got no answer")
    return found


def _chat(url: str, number: int, together: threading.Barrier, found: list[float]) -> None:
    _, body = fetch(f"{url}/api/v1/conversations/", method="POST", body={})
    hello = {"type": "hello", "token": body["token"], "conversation": body["id"], "last_seq": 0}
    with connect(f"{url.replace('http', 'ws', 1)}/ws/chat/", proxy=None) as socket:
        socket.send(json.dumps(hello))
        while json.loads(socket.recv(timeout=10))["type"] != "welcome":
            pass
        together.wait()
        question = QUESTIONS[number % len(QUESTIONS)]
        started = time.perf_counter()
        socket.send(json.dumps({"type": "send", "client_id": str(uuid.uuid4()), "text": question}))
        first = 0.0
        while True:
            frame = json.loads(socket.recv(timeout=ANSWER_SECONDS))
            if frame["type"] == "delta" and not first:
                first = (time.perf_counter() - started) * 1000
            if frame["type"] == "message" and frame["kind"] == "final":
                if first and frame["answer"]["citations"]:
                    found.append(first)
                return


def _own_median(base_url: str, at_once: int) -> float:
    """Return the stub's own first token in ms, asked directly by as many callers at once."""
    found: list[float] = []
    threads = [
        threading.Thread(target=lambda: found.extend(_own_first_tokens(base_url, OWN_CALLS)))
        for _ in range(at_once)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return statistics.median(found)


def _own_first_tokens(base_url: str, times: int) -> Sequence[float]:
    """Return how long the stub itself takes to its first token, asked directly."""
    body = {"model": MODEL, "stream": True, "messages": [{"role": "user", "content": "Hello"}]}
    found = []
    with httpx.Client(trust_env=False, timeout=10) as client:
        for _ in range(times):
            started = time.perf_counter()
            with client.stream("POST", f"{base_url}/chat/completions", json=body) as answer:
                for line in answer.iter_lines():
                    if '"content"' in line and '"content": ""' not in line:
                        found.append((time.perf_counter() - started) * 1000)
                        break
    return found
