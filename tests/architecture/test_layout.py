"""The house stays as it was built."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fresh_data_folder import ROOT

PACKAGES = (
    "supportbot", "evaluation", "conversations", "knowledge", "guardrails", "providers",
    "observability", "benchmarks",
)  # fmt: skip
FORBIDDEN_NAMES = {"utils", "helpers", "common", "services", "misc", "signals"}
MODULES = [path for package in PACKAGES for path in (ROOT / package).rglob("*.py")]
DOCUMENTS = sorted([*(ROOT / "docs").rglob("*.md"), *ROOT.glob("*.md")], key=lambda path: str(path))
# A path as we write it: folders and a file with an ending, or a folder with a slash at its end.
NAMED_PATH = re.compile(r"`((?:[\w.-]+/)+[\w.-]*|[\w-]+\.(?:py|md|toml|yml|txt|lock))`")
LINK = re.compile(r"\]\(([^)#\s]+)")
TOP = {path.name for path in ROOT.iterdir()}


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("module", MODULES, ids=relative)
def test_a_module_is_named_after_what_it_does(module: Path) -> None:
    names = {part.removesuffix(".py") for part in module.relative_to(ROOT).parts}
    assert not names & FORBIDDEN_NAMES


@pytest.mark.parametrize("document", DOCUMENTS, ids=relative)
def test_a_document_names_only_files_that_exist(document: Path) -> None:
    text = re.sub(r"^```.*?^```", "", document.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    for target in LINK.findall(text):
        if "://" not in target and not target.startswith("mailto:"):
            assert (document.parent / target).exists(), f"link to {target}"
    for named in NAMED_PATH.findall(text):
        # Only what begins with a file or folder of ours is a path of ours.
        if named.split("/")[0] in TOP - {"data"}:
            assert (ROOT / named).exists(), f"names {named}"


def test_imports_point_only_downwards() -> None:
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT, capture_output=True, text=True, timeout=110, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout


@pytest.mark.django_db
def test_no_migration_is_missing() -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "makemigrations", "--check", "--dry-run"],
        cwd=ROOT, capture_output=True, text=True, timeout=110, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout


def test_the_server_imports_nothing_heavy() -> None:
    heavy = ("torch", "transformers", "scipy", "sklearn", "pandas", "onnxruntime", "pypdfium2")
    script = (
        "import sys, django; django.setup()\n"
        "import supportbot.asgi, supportbot.management.commands.serve\n"
        "from knowledge.management.preparing import prepare_data_dir\n"
        "from knowledge.wiring import embedder, searcher\n"
        "prepare_data_dir()\n"
        "embedder().warm_up(); searcher()\n"
        f"print(*[name for name in {heavy!r} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT, capture_output=True, text=True, timeout=110, check=True,
    )  # fmt: skip
    assert done.stdout.split() == []


def test_both_ends_of_the_packaging_agree_on_versions() -> None:
    pinned = dict(_pins(ROOT / "constraints.txt"))
    for file in ("requirements.txt", "requirements-dev.txt"):
        for name, version in _pins(ROOT / file):
            assert pinned.get(name) == version, f"{file} and constraints.txt differ on {name}"


def _pins(file: Path) -> list[tuple[str, str]]:
    found = re.findall(r"^([\w.-]+)(?:\[[\w,]+\])?==(\S+)$", file.read_text(), re.MULTILINE)
    return [(name.lower().replace("_", "-"), version) for name, version in found]
