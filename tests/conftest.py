"""What tests of all areas use. The data folder: tests/fresh_data_folder.py."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.server_process import ServerProcess, stub_llm_process

StartServer = Callable[..., ServerProcess]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests come last: Playwright keeps an event loop running in the main thread, where
    no test that is a coroutine can run from then on. Their long files come first: the last one
    to begin is run by one process while the others have nothing left to do."""
    items.sort(key=_turn)


def _turn(item: pytest.Item) -> int:
    if item.get_closest_marker("browser") is None:
        return 0
    # Nobody knows how long a file takes before it ran; the more is written in it, the longer.
    return 1_000_000_000 - item.path.stat().st_size


@pytest.fixture
def start_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StartServer]:
    """Start real servers: `start_server(Path(...), OPENAI_BASE_URL=...)`; ended after the test.

    `data_dir=` names the folder of an earlier one, `wait=False` returns before it is ready.
    """
    started: list[ServerProcess] = []

    def start(
        *paths: Path, data_dir: Path | None = None, wait: bool = True, **env: str
    ) -> ServerProcess:
        server = ServerProcess(data_dir or tmp_path_factory.mktemp("data"), paths, env)
        started.append(server)
        server.start(wait=wait)
        return server

    yield start
    for server in started:
        server.kill()


@pytest.fixture(scope="session")
def running_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """One server for many tests: our help articles, no model, generous limits."""
    server = ServerProcess(
        tmp_path_factory.mktemp("shared-server"),
        (),
        {"VISITOR_MESSAGES_PER_MINUTE": "1000", "ADDRESS_MESSAGES_PER_MINUTE": "10000"},
    )
    server.start()
    server.wait_for_output("Documents:")
    yield server
    server.kill()


@pytest.fixture(scope="session")
def stub_llm() -> Iterator[str]:
    """Run the OpenAI-compatible stub server; gives its base address."""
    with stub_llm_process() as address:
        yield address


def _given_by_scripts_test(name: str) -> str:
    value = os.environ.get(name, "")
    if not value:
        reason = f"{name} is not set: scripts/test starts that server"
        # scripts/test promises to run everything: there a missing server is a failure.
        if os.environ.get("SUPPORTBOT_COMPLETE_RUN"):
            pytest.fail(reason)
        pytest.skip(reason)
    return value


@pytest.fixture(scope="session")
def postgres_url() -> str:
    """Return the address of the PostgreSQL that scripts/test started, with an empty database."""
    return _given_by_scripts_test("TEST_POSTGRES_URL")


@pytest.fixture(scope="session")
def redis_url() -> str:
    """Return the address of the Redis that scripts/test started."""
    return _given_by_scripts_test("TEST_REDIS_URL")
