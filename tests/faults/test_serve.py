"""Starting and stopping a real server, and what it says when it cannot start."""

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from tests.conftest import StartServer
from tests.fresh_data_folder import ROOT
from tests.server_process import ServerProcess, fetch, free_port

PAGE = "# Returns\n\nYou can send goods back within 30 days of delivery."


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    folder = tmp_path / "pages"
    folder.mkdir()
    (folder / "returns.md").write_text(PAGE)
    return folder


def serve(*arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Run `manage.py serve` that is expected to refuse."""
    return subprocess.run(
        [sys.executable, "manage.py", "serve", *arguments],
        cwd=ROOT,
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def started_conversation(server: ServerProcess) -> tuple[str, str]:
    status, body = fetch(f"{server.url}/api/v1/conversations/", method="POST", body={})
    assert status == 201
    return body["id"], body["token"]


def ask(server: ServerProcess, conversation: str, token: str, text: str) -> Any:
    address = f"{server.url}/api/v1/conversations/{conversation}/messages/"
    body = {"client_id": str(uuid.uuid4()), "text": text}
    status, told = fetch(address, method="POST", body=body, token=token)
    assert status == 201
    return told


def wait_for_final(server: ServerProcess, conversation: str, token: str) -> Any:
    address = f"{server.url}/api/v1/conversations/{conversation}/messages/"
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError):
            status, body = fetch(f"{address}?after=0", token=token)
            finals = [m for m in body["messages"] if m["kind"] == "final"] if status == 200 else []
            if finals:
                assert len(finals) == 1
                return finals[0]
        time.sleep(0.1)
    raise AssertionError("no reply")


@pytest.mark.slow
def test_a_first_start_serves_reads_and_tells_the_password_once(
    start_server: StartServer, pages: Path, tmp_path: Path
) -> None:
    (pages / "scan.xyz").write_bytes(bytes(range(256)))
    missing = tmp_path / "missing.pdf"
    server = start_server(pages, missing)
    printed = server.wait_for_output("failed  ")
    assert f"There is no file or folder {missing}" in printed
    assert f"{server.url}/admin/" in printed
    password = re.search(r"user admin, password (\S+)", printed)
    assert password
    assert "1 ready, 1 failed" in printed
    assert "scan.xyz" in printed
    assert not (server.data_dir / "server.json").stat().st_mode & 0o077
    assert fetch(f"{server.url}/healthz") == (200, {"status": "ok"})
    assert server.stop() == 0
    assert not (server.data_dir / "server.json").exists()
    again = start_server(data_dir=server.data_dir)
    second = again.read_output().removeprefix(printed)
    assert password[1] not in second
    log = (server.data_dir / "logs" / "server.log").read_text()
    assert "server.stopped" in log
    assert password[1] not in log
    for line in log.splitlines():
        json.loads(line)


@pytest.mark.slow
def test_ctrl_c_ends_within_three_seconds_with_answers_in_flight(
    start_server: StartServer, stub_llm: str, pages: Path
) -> None:
    model = {
        "OPENAI_BASE_URL": stub_llm,
        "OPENAI_API_KEY": "unused",
        "LLM_MODELS": "stub-ttft200-rate2",
    }
    server = start_server(pages, **model)
    server.wait_for_output("Documents:")
    asked = [started_conversation(server) for _ in range(5)]
    for conversation, token in asked:
        ask(server, conversation, token, "How do I send goods back?")
    first, token = asked[0]
    with connect(f"{server.url.replace('http', 'ws', 1)}/ws/chat/", proxy=None) as socket:
        hello = {"type": "hello", "token": token, "conversation": first, "last_seq": 0}
        socket.send(json.dumps(hello))
        wait_for_delta(socket)
        long_poll = threading.Thread(target=hold_open, args=(server, *asked[1]), daemon=True)
        long_poll.start()
        started = time.monotonic()
        server.signal(signal.SIGINT)
        assert close_code(socket) == 1012
    assert server.process
    assert server.process.wait(5) == 0
    assert time.monotonic() - started < 3.0
    again = start_server(data_dir=server.data_dir, **{**model, "LLM_MODELS": "stub"})
    for conversation, token in asked:
        assert wait_for_final(again, conversation, token)["answer"]["citations"]


def close_code(socket: Any) -> int | None:
    """Read until the server closes; return its reason."""
    try:
        while True:
            socket.recv(timeout=5)
    except ConnectionClosed as closed:
        return closed.rcvd.code if closed.rcvd else None


def wait_for_delta(socket: Any) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if json.loads(socket.recv(timeout=20))["type"] == "delta":
            return
    raise AssertionError("nothing was streamed")


def hold_open(server: ServerProcess, conversation: str, token: str) -> None:
    address = f"{server.url}/api/v1/conversations/{conversation}/messages/?after=99&wait=25"
    with contextlib.suppress(OSError):
        fetch(address, token=token)


@pytest.mark.slow
def test_beside_a_running_server_commands_work_and_a_second_server_is_refused(
    start_server: StartServer, pages: Path
) -> None:
    server = start_server(pages)
    server.wait_for_output("Documents:")
    assert server.process
    refused = serve(DATA_DIR=str(server.data_dir), PORT=str(free_port()))
    assert refused.returncode == 1
    assert str(server.data_dir) in refused.stderr
    assert str(server.process.pid) in refused.stderr
    found = subprocess.run(
        [sys.executable, "manage.py", "search", "send goods back", "--json"],
        cwd=ROOT,
        env={**os.environ, "DATA_DIR": str(server.data_dir)},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert json.loads(found.stdout)["passages"][0]["title"] == "Returns"
    checked = subprocess.run(
        [sys.executable, "manage.py", "doctor", "--json"],
        cwd=ROOT,
        env={**os.environ, "DATA_DIR": str(server.data_dir)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    checks = {check["name"]: check["ok"] for check in json.loads(checked.stdout)["checks"]}
    assert all(checks.values()), checks
    assert checked.returncode == 0


def test_a_taken_port_is_told_before_anything_is_made(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        refused = serve(DATA_DIR=str(tmp_path), PORT=str(other.getsockname()[1]))
    assert refused.returncode == 1
    assert "Set PORT" in refused.stderr
    assert not (tmp_path / "db.sqlite3").exists()


def test_a_wrong_setting_ends_with_two_and_its_name(tmp_path: Path) -> None:
    refused = serve(DATA_DIR=str(tmp_path), PORT="eighty")
    assert refused.returncode == 2
    assert "PORT is 'eighty'" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_nothing_but_missing_paths_starts_nothing(tmp_path: Path) -> None:
    refused = serve(str(tmp_path / "gone"), DATA_DIR=str(tmp_path / "data"))
    assert refused.returncode == 1
    assert str(tmp_path / "gone") in refused.stderr
    assert not (tmp_path / "data" / "db.sqlite3").exists()


def test_the_web_application_alone_is_refused_in_the_embedded_profile(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "uvicorn", "supportbot.asgi:application", "--port", "0"],
        cwd=ROOT,
        env={**os.environ, "DATA_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode != 0
    assert "manage.py serve" in done.stderr


@pytest.mark.slow
def test_the_log_follows_a_message_by_its_ids_and_holds_no_text(
    start_server: StartServer, pages: Path
) -> None:
    server = start_server(pages)
    server.wait_for_output("Documents:")
    conversation, token = started_conversation(server)
    told = ask(server, conversation, token, "How many days may pass, swordfish?")
    wait_for_final(server, conversation, token)
    server.stop()
    log = (server.data_dir / "logs" / "server.log").read_text()
    lines = [json.loads(line) for line in log.splitlines()]
    of_message = [line for line in lines if line.get("message") == told["id"]]
    accepted, answered = (
        next(line for line in of_message if line["event"] == event)
        for event in ("message.accepted", "message.answered")
    )
    assert accepted["conversation"] == answered["conversation"] == conversation
    assert accepted["trace"] == answered["trace"]
    assert answered["attempt"] == "1"
    assert "swordfish" not in log
    assert "goods" not in log
    assert token not in log
