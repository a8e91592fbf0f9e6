"""A customer asks, the documents answer, a person takes over: the same on both profiles."""

import json
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import redis
from websockets.sync.client import ClientConnection, connect

from tests.fresh_data_folder import ROOT
from tests.server_process import ServerProcess, fetch

PAGES = {
    "returns.md": "# Returns\n\nSend goods back within 30 days of delivery. Returns are free.",
    "passwords.md": "# Passwords\n\n1. Open Settings.\n2. Press Change password.",
}
WAIT_SECONDS = 60


class Browser:
    """A customer's socket."""

    def __init__(self, url: str) -> None:
        self.url = url
        _, started = fetch(f"{url}/api/v1/conversations/", method="POST", body={})
        self.conversation, self.token = started["id"], started["token"]
        self.socket = self._connected(0)

    def reconnect(self, last_seq: int) -> list[dict[str, Any]]:
        """Come back and return the rows after a sequence number."""
        self.socket.close()
        self.socket = self._connected(last_seq)
        _, page = fetch(
            f"{self.url}/api/v1/conversations/{self.conversation}/messages/?after={last_seq}",
            token=self.token,
        )
        wanted = len(page["messages"])
        return [self.until("message") for _ in range(wanted)]

    def say(self, text: str) -> None:
        frame = {"type": "send", "client_id": str(uuid.uuid4()), "text": text}
        self.socket.send(json.dumps(frame))

    def send(self, **frame: Any) -> None:
        self.socket.send(json.dumps(frame))

    def until(self, frame_type: str, **values: Any) -> dict[str, Any]:
        """Return the next frame of this type with these values."""
        ends = time.monotonic() + WAIT_SECONDS
        while (left := ends - time.monotonic()) > 0:
            frame: dict[str, Any] = json.loads(self.socket.recv(timeout=left))
            if frame["type"] == frame_type and values.items() <= frame.items():
                return frame
        raise AssertionError(f"no {frame_type} frame with {values}")

    def _connected(self, last_seq: int) -> ClientConnection:
        socket = connect(f"{self.url.replace('http', 'ws', 1)}/ws/chat/", proxy=None, legacy=True)
        hello = {"token": self.token, "conversation": self.conversation, "last_seq": last_seq}
        socket.send(json.dumps({"type": "hello", **hello}))
        assert json.loads(socket.recv(timeout=10))["type"] == "welcome"
        return socket


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    folder = tmp_path / "pages"
    folder.mkdir()
    for name, text in PAGES.items():
        (folder / name).write_text(text)
    return folder


@pytest.fixture
def embedded(start_server: Any, stub_llm: str, pages: Path) -> ServerProcess:
    server: ServerProcess = start_server(pages, OPENAI_BASE_URL=stub_llm, LLM_MODELS="stub")
    server.wait_for_output("Documents: 2 ready")
    return server


@pytest.fixture
def several_processes(
    start_server: Any, stub_llm: str, pages: Path, postgres_url: str, redis_url: str, tmp_path: Path
) -> Iterator[ServerProcess]:
    """Web server and worker over PostgreSQL and Redis; the index lives in the one worker."""
    database = f"flow_{uuid.uuid4().hex}"
    redis.Redis.from_url(redis_url).flushdb()
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{database}"')
    env = {
        "DATABASE_URL": postgres_url.rpartition("/")[0] + f"/{database}",
        "REDIS_URL": redis_url,
        "QDRANT_URL": os.environ.get("FLOW_QDRANT_URL", ":memory:"),
        "OPENAI_BASE_URL": stub_llm,
        "LLM_MODELS": "stub",
        "SECRET_KEY": "flow-test-key-of-no-other-use",
    }
    data = tmp_path / "data"
    server: ServerProcess = start_server(pages, data_dir=data, wait=False, **env)
    server.wait_for_output("supportbot is running")
    command = [sys.executable, "-m", "celery", "-A", "supportbot", "worker"]
    command += ["-Q", "answers,ingestion", "-P", "threads", "-c", "8"]
    environment = {**os.environ, **env, "DATA_DIR": str(data)}
    log = tmp_path / "worker.log"
    with log.open("wb") as output:
        worker = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        _wait_until_ready(env["DATABASE_URL"], log)
        yield server
    finally:
        worker.kill()
        worker.wait()


def _wait_until_ready(database: str, log: Path) -> None:
    ends = time.monotonic() + WAIT_SECONDS
    query = "SELECT count(*) FROM knowledge_document WHERE status = 'indexed'"
    while time.monotonic() < ends:
        with psycopg.connect(database) as connection:
            row = connection.execute(query).fetchone()
        if row and row[0] == len(PAGES):
            return
        time.sleep(0.2)
    raise AssertionError(f"documents did not become ready:\n{log.read_text()[-3000:]}")


def main_flow(url: str) -> None:
    browser = Browser(url)
    browser.say("How many days do I have to send goods back?")
    browser.until("ack", state="pending")
    first = browser.until("delta", offset=0)
    assert first["attempt"] == 1
    final = browser.until("message", kind="final")
    assert "30 days" in final["text"]
    assert final["answer"]["source"] == "llm"
    assert final["answer"]["citations"][0]["title"] == "Returns"
    assert 'class="citation"' in final["html"]

    browser.send(type="feedback", message=final["id"], rating=-1, reason="incomplete", comment="")
    assert browser.until("rated")["rating"] == -1

    browser.send(type="escalate", client_id=str(uuid.uuid4()))
    assert browser.until("owner")["owner"] == "waiting"
    browser.say("Is anybody there?")
    assert browser.until("ack")["state"] == "for_agent"

    browser.send(type="withdraw")
    assert browser.until("owner")["owner"] == "bot"
    # What no person has answered is the assistant's now.
    assert browser.until("message", kind="final")["answer"]["source"] != "rule"
    browser.say("hello")
    assert browser.until("message", kind="final")["answer"]["source"] == "rule"

    rows = browser.reconnect(0)
    assert [row["seq"] for row in rows] == list(range(1, len(rows) + 1))
    assert sum(row["kind"] == "final" for row in rows) == 3


def test_the_main_flow_in_one_process(embedded: ServerProcess) -> None:
    main_flow(embedded.url)


@pytest.mark.server_profile
def test_the_main_flow_over_postgresql_and_redis(several_processes: ServerProcess) -> None:
    main_flow(several_processes.url)
