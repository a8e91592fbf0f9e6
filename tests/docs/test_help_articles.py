"""The help articles are the sample knowledge: they must be there, and their commands must work."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fresh_data_folder import new_data_folder

ROOT = Path(__file__).resolve().parents[2]
ARTICLES = sorted((ROOT / "docs" / "help").rglob("*.md"))
SHELL_BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
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


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("article", WITH_COMMANDS, ids=lambda article: article.stem)
def test_the_commands_of_an_article_work(
    article: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    environment = {**os.environ, "DATA_DIR": str(_ingested_data_dir(tmp_path_factory))}
    for command in commands_of(article):
        words = shlex.split(command)
        assert words[0] == ".venv/bin/python", f"{article.name} runs {words[0]}"
        done = subprocess.run(
            [sys.executable, *words[1:]],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            timeout=200,
            check=False,
        )
        # The doctor rightly says that no worker runs here; everything else has to succeed.
        expected = (0, 1) if "doctor" in words else (0,)
        assert done.returncode in expected, f"{command}\n{done.stdout}\n{done.stderr}"


_data_dir: list[Path] = []


def _ingested_data_dir(factory: pytest.TempPathFactory) -> Path:
    """Return one data folder for all articles, with the customers' articles in it."""
    if not _data_dir:
        folder = new_data_folder(factory.mktemp("articles"))
        subprocess.run(
            [sys.executable, "manage.py", "ingest", "docs/help/customers"],
            cwd=ROOT,
            env={**os.environ, "DATA_DIR": str(folder)},
            check=True,
            timeout=200,
            capture_output=True,
        )
        _data_dir.append(folder)
    return _data_dir[0]
