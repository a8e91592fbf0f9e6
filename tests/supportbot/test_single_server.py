"""One server for a data folder, and a file by which commands find it."""

import json
import os
import stat
from pathlib import Path

import pytest

from supportbot.embedded.single_server import AnotherServer, ServerFile, ServerLock


def test_a_second_server_is_refused_with_the_folder_and_the_process(tmp_path: Path) -> None:
    first, second = ServerLock(tmp_path), ServerLock(tmp_path)
    first.take()
    with pytest.raises(AnotherServer, match="DATA_DIR") as refused:
        second.take()
    assert str(tmp_path) in str(refused.value)
    assert str(os.getpid()) in str(refused.value)


def test_the_lock_is_free_again_after_the_end(tmp_path: Path) -> None:
    first, second = ServerLock(tmp_path), ServerLock(tmp_path)
    first.take()
    first.release()
    second.take()
    second.release()


def test_the_token_is_for_the_owner_only(tmp_path: Path) -> None:
    file = ServerFile(tmp_path)
    (tmp_path / "server.json").write_text("{}")
    (tmp_path / "server.json").chmod(0o644)
    file.write("http://127.0.0.1:8000")
    path = tmp_path / "server.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    told = json.loads(path.read_text())
    assert told == {"url": "http://127.0.0.1:8000", "token": file.token, "pid": os.getpid()}
    file.remove()
    assert not path.exists()
