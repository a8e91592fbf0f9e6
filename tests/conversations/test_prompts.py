"""Prompt files: as released, well formed, of known length, and refused by name when not."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from conversations.prompts import FOLDER, WrongPrompt, load, parse
from conversations.prompts.__main__ import add_new, tokens_of
from conversations.prompts.released import (
    GIVEN,
    LOCK_NAME,
    WrongPromptFiles,
    files,
    locked,
    problems,
    require_sound,
)
from conversations.wiring import ANSWER_PROMPT, INSTRUCTED_PROMPT, REWRITING_PROMPT

ROOT = Path(__file__).resolve().parents[2]
GOOD = "---\nname: a\nversion: 2\nvariables: [x]\n---\n=== system ===\nS\n=== user ===\nU {{ x }}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the prompt files that may be spoilt."""
    for path in [*files().values(), FOLDER / LOCK_NAME]:
        shutil.copy(path, tmp_path)
    return tmp_path


def rewrite(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def release_anew(folder: Path) -> None:
    (folder / LOCK_NAME).unlink()
    add_new(folder)


def test_released_prompts_are_as_the_lock_file_says() -> None:
    assert problems() == [], (
        "A released prompt file changed. Make a new version instead; a new file is added with: "
        "python -m conversations.prompts --lock"
    )
    require_sound()


def test_the_lock_file_has_each_prompts_tokens() -> None:
    assert {name: line.tokens for name, line in locked().items()} == {
        name: tokens_of(path) for name, path in files().items()
    }


@pytest.mark.parametrize("name", [ANSWER_PROMPT, INSTRUCTED_PROMPT, REWRITING_PROMPT])
def test_what_is_used_is_among_the_files_and_has_its_variables(name: str) -> None:
    always, perhaps = GIVEN[load(name).name]
    assert always <= load(name).variables <= always | perhaps


def test_a_changed_file_is_refused_by_name(folder: Path) -> None:
    rewrite(folder / "answer_v1.md", "short and friendly", "long and friendly")
    assert problems(folder) == [
        "answer_v1.md was changed after its release: make a new version of it."
    ]


def test_a_missing_or_unreleased_file_is_refused_by_name(folder: Path) -> None:
    (folder / "rewrite_v1.md").rename(folder / "rewrite_v2.md")
    said = " ".join(problems(folder))
    assert "rewrite_v1.md is in prompts.lock and is missing" in said
    assert "rewrite_v2.md is not in prompts.lock" in said
    assert "rewrite_v2.md: its head names it rewrite@1" in said


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("{{ question }}", "", "answer_v1.md: answer@1: declared and used variables differ"),
        ("canary, boundary", "boundary", "declared and used variables differ"),
        ("=== user ===\n", "", "answer_v1.md: a prompt file is malformed"),
    ],
)
def test_a_malformed_file_is_refused_by_name(
    folder: Path, old: str, new: str, problem: str
) -> None:
    rewrite(folder / "answer_v1.md", old, new)
    assert any(problem in said for said in problems(folder))


def test_a_file_without_a_variable_that_is_needed_or_with_an_unknown_one_is_refused(
    folder: Path,
) -> None:
    path = folder / "answer_v1.md"
    rewrite(path, "canary, boundary", "boundary, mood")
    rewrite(path, "{{ canary }}", "{{ mood }}")
    said = problems(folder)
    assert "answer_v1.md: the variable canary is missing." in said
    assert "answer_v1.md: nothing gives the variable mood." in said


def test_a_prompt_that_no_code_uses_is_refused(folder: Path) -> None:
    (folder / "a_v2.md").write_text(GOOD, encoding="utf-8")
    add_new(folder)
    assert problems(folder) == ["a_v2.md: no code gives variables to a prompt called 'a'."]


def test_more_than_a_tenth_more_tokens_than_before_needs_a_note(folder: Path) -> None:
    path = folder / "answer_v2.md"
    rewrite(path, "How to answer:\n", "How to answer:\n" + "- Be kind to every customer.\n" * 6)
    release_anew(folder)
    (said,) = problems(folder)
    assert "answer_v2.md has 1" in said
    assert "more tokens than the version before: say why in its head" in said
    rewrite(path, "version: 2\n", "version: 2\nnote: Kindness was asked for.\n")
    release_anew(folder)
    assert problems(folder) == []


def test_releasing_adds_new_files_and_leaves_the_others(folder: Path) -> None:
    lines = locked(folder)
    rewrite(folder / "answer_v1.md", "short and friendly", "long and friendly")
    third = (
        (folder / "answer_v2.md").read_text(encoding="utf-8").replace("version: 2", "version: 3")
    )
    (folder / "answer_v3.md").write_text(third, encoding="utf-8")
    assert add_new(folder) == ["answer_v3.md"]
    assert {name: locked(folder)[name] for name in lines} == lines
    assert len(problems(folder)) == 1, "the changed file is still refused"


@pytest.mark.parametrize("line", ["abc answer_v1.md", "abc many answer_v1.md", "a 1 b c"])
def test_a_lock_file_that_is_none_is_refused(folder: Path, line: str) -> None:
    (folder / LOCK_NAME).write_text(f"{line}\n", encoding="utf-8")
    assert "prompts.lock cannot be read" in problems(folder)[0]
    (folder / LOCK_NAME).unlink()
    assert "prompts.lock cannot be read" in problems(folder)[0]


def test_the_process_ends_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conversations.prompts.released.problems", lambda: ["x_v1.md: no."])
    with pytest.raises(WrongPromptFiles, match=r"Wrong prompt file\. x_v1\.md: no\."):
        require_sound()


def test_a_start_with_a_changed_file_names_it_and_ends(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    tree.mkdir()
    skipped = {"tests", "data", "node_modules", ".git"}
    for entry in ROOT.iterdir():
        if entry.name not in {*skipped, "conversations"}:
            (tree / entry.name).symlink_to(entry)
    shutil.copytree(ROOT / "conversations", tree / "conversations")
    rewrite(tree / "conversations/prompts/answer_v2.md", "Write no links", "Write links")
    done = subprocess.run(
        [sys.executable, "-c", "import manage; manage.main()", "check"],
        cwd=tree,
        env={**os.environ, "DATA_DIR": str(tmp_path / "data"), "PYTHONPATH": str(tree)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.strip() == (
        "Wrong prompt file. answer_v2.md was changed after its release: make a new version of it."
    )


def test_a_prompt_names_its_version_and_its_variables() -> None:
    assert load("answer_v1").label == "answer@1"
    assert parse(GOOD).render({"x": "{{ x }}"}) == ("S", "U {{ x }}")


@pytest.mark.parametrize("values", [{}, {"x": "1", "y": "2"}])
def test_missing_or_unknown_variables_are_named(values: dict[str, str]) -> None:
    with pytest.raises(WrongPrompt, match="a@2: missing or unknown variables"):
        parse(GOOD).render(values)


@pytest.mark.parametrize(
    "text",
    ["", "no front matter", GOOD.replace("[x]", "[x, y]"), GOOD.replace("=== user ===\n", "")],
)
def test_a_malformed_text_is_refused(text: str) -> None:
    with pytest.raises(WrongPrompt):
        parse(text)


def test_a_missing_file_is_named() -> None:
    with pytest.raises(WrongPrompt, match=r"no prompt file nothing\.md"):
        load("nothing")
