"""The compose file starts every process of the server profile, by commands that exist."""

import re
from typing import Any

import pytest
import yaml

from supportbot.embedded.workers import QUEUES
from supportbot.env import Environment
from tests.fresh_data_folder import ROOT

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
SERVICES: dict[str, Any] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if service.get("build")}


def test_it_starts_the_web_server_the_workers_beat_and_the_sweeper() -> None:
    assert set(OURS) == {"web", "answers", "ingestion", "sources", "beat", "sweeper"}
    assert set(SERVICES) - set(OURS) == {"postgres", "redis", "qdrant"}


def test_each_queue_has_a_worker() -> None:
    commands = " ".join(service["command"] for service in OURS.values())
    assert set(re.findall(r"-Q (\w+)", commands)) == set(QUEUES)


@pytest.mark.parametrize("name", sorted(OURS))
def test_a_process_gets_settings_that_exist_and_waits_for_its_databases(name: str) -> None:
    service = OURS[name]
    assert set(service["environment"]) <= set(Environment.model_fields)
    needed = {"postgres", "redis", "qdrant"} | ({"web"} if name != "web" else set())
    assert set(service["depends_on"]) == needed


@pytest.mark.parametrize("name", sorted(OURS))
def test_a_command_of_ours_exists(name: str) -> None:
    words = OURS[name]["command"].split()
    if words[0] == "python":
        assert (ROOT / "supportbot" / "management" / "commands" / f"{words[2]}.py").exists()
    else:
        assert words[:3] == ["celery", "-A", "supportbot"]


def test_volumes_that_are_used_are_declared() -> None:
    used = {
        volume.split(":")[0]
        for service in SERVICES.values()
        for volume in service.get("volumes", ())
        if not volume.startswith(("/", "."))
    }
    assert used == set(COMPOSE["volumes"])


def test_the_image_installs_what_is_pinned() -> None:
    text = (ROOT / "Dockerfile").read_text("utf-8")
    assert "--constraint constraints.txt" in text
    assert "https://download.pytorch.org/whl/cpu" in text
    assert "python:3.11" in text
