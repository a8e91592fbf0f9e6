"""The help articles are the sample knowledge: they must be there, and their commands must work."""

import json
import os
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.fresh_data_folder import new_data_folder

ROOT = Path(__file__).resolve().parents[2]
ARTICLES = sorted((ROOT / "docs" / "help").rglob("*.md"))
SHELL_BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
RUN_SECONDS = 400
LINK = re.compile(r"\]\(([^)#\s]+)")


def commands_of(article: Path) -> list[str]:
    blocks = SHELL_BLOCK.findall(article.read_text(encoding="utf-8"))
    return [line for block in blocks for line in block.splitlines() if line.strip()]


WITH_COMMANDS = [article for article in ARTICLES if commands_of(article)]


def test_there_are_articles_for_everybody() -> None:
    assert len(ARTICLES) >= 25
    readers = {"customers", "agents", "operators", "builders"}
    assert {article.parent.name for article in ARTICLES} == readers


@pytest.mark.parametrize("article", ARTICLES, ids=lambda article: article.stem)
def test_an_article_has_one_title_and_links_that_lead_somewhere(article: Path) -> None:
    text = article.read_text(encoding="utf-8")
    outside_blocks = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    assert len(re.findall(r"^# ", outside_blocks, flags=re.MULTILINE)) == 1
    for target in LINK.findall(outside_blocks):
        if "://" not in target:
            assert (article.parent / target).exists(), f"{article.name} links to {target}"


@dataclass(frozen=True)
class Ran:
    """A command that was run, its exit status and what it printed."""

    command: str
    status: int
    output: str


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Ran]]:
    """Run every article's commands in one data folder, which holds the customers' articles."""
    folder = new_data_folder(tmp_path_factory.mktemp("articles"))
    commands = [(article.stem, line) for article in WITH_COMMANDS for line in commands_of(article)]
    given = [["manage.py", "ingest", "docs/help/customers"]]
    given += [shlex.split(line)[1:] for _, line in commands]
    # One process for all of them: to start one costs more than most commands do.
    done = subprocess.run(
        [sys.executable, "-m", "tests.docs.run_commands"],
        cwd=ROOT,
        env={**os.environ, "DATA_DIR": str(folder)},
        input=json.dumps(given),
        stdout=subprocess.PIPE,
        text=True,
        timeout=RUN_SECONDS,
        check=True,
    )
    first, *results = [json.loads(line) for line in done.stdout.splitlines()]
    assert first["status"] == 0, first["output"]
    found: dict[str, list[Ran]] = {}
    for (article, line), result in zip(commands, results, strict=True):
        found.setdefault(article, []).append(Ran(line, result["status"], result["output"]))
    return found


@pytest.mark.slow
@pytest.mark.timeout(RUN_SECONDS)
@pytest.mark.parametrize("article", WITH_COMMANDS, ids=lambda article: article.stem)
def test_the_commands_of_an_article_work(article: Path, ran: dict[str, list[Ran]]) -> None:
    for done in ran[article.stem]:
        words = shlex.split(done.command)
        assert words[0] == ".venv/bin/python", f"{article.name} runs {words[0]}"
        assert words[1] in ("manage.py", "-m"), f"{article.name} runs {words[1]}"
        # The doctor rightly says that no worker runs here; everything else has to succeed.
        expected = (0, 1) if "doctor" in words else (0,)
        assert done.status in expected, f"{done.command}\n{done.output}"
