"""The lock file: which prompt files were released, and whether all of them are as they must be.

A line is: sha256, tokens, file name. `python -m conversations.prompts` says what is wrong;
with `--lock` it adds new files. A released file never changes: a change is a new version.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from conversations.prompts import FOLDER, PromptTemplate, WrongPrompt, parse

LOCK_NAME = "prompts.lock"
# Growth beyond this share over the version before needs a note: it is paid for with every call.
MOST_GROWTH = 0.10
# What the code gives each prompt: always, and to those that have a place for it.
GIVEN: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    "answer": (
        frozenset({"canary", "boundary", "passages", "question"}),
        frozenset({"instructions"}),
    ),
    "rewrite": (frozenset({"boundary", "conversation", "question"}), frozenset()),
    "summary": (frozenset({"boundary", "earlier", "conversation"}), frozenset()),
    "earlier": (frozenset({"boundary", "summary"}), frozenset()),
}


class WrongPromptFiles(SystemExit):
    """The prompt files are not those that were released. Ends the process with the reason."""

    def __init__(self, problems: Iterable[str]) -> None:
        super().__init__("Wrong prompt file. " + " ".join(problems))


@dataclass(frozen=True, slots=True)
class Released:
    """A line of the lock file."""

    digest: str
    tokens: int


def locked(folder: Path = FOLDER) -> dict[str, Released]:
    """Return the lock file: file name to line. Raises WrongPrompt."""
    found: dict[str, Released] = {}
    for line in (folder / LOCK_NAME).read_text(encoding="utf-8").splitlines():
        parts = line.split()
        if len(parts) != 3 or not parts[1].isdecimal():
            raise WrongPrompt(f"{LOCK_NAME}: {line!r} is not a hash, a number and a file name")
        found[parts[2]] = Released(parts[0], int(parts[1]))
    return found


def files(folder: Path = FOLDER) -> dict[str, Path]:
    """Return the prompt files by name, as they lie there now."""
    return {path.name: path for path in sorted(folder.glob("*.md"))}


def digest_of(path: Path) -> str:
    """Return a file's sha256."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def problems(folder: Path = FOLDER) -> list[str]:
    """Return what is wrong with the files, each by name; nothing when all is well."""
    try:
        lines = locked(folder)
    except (OSError, WrongPrompt) as error:
        return [f"{LOCK_NAME} cannot be read: {error}."]
    there = files(folder)
    found = [f"{name} is in {LOCK_NAME} and is missing." for name in lines if name not in there]
    templates: dict[str, PromptTemplate] = {}
    for name, path in there.items():
        if name not in lines:
            found.append(f"{name} is not in {LOCK_NAME}: it was not released.")
        elif digest_of(path) != lines[name].digest:
            found.append(f"{name} was changed after its release: make a new version of it.")
        try:
            templates[name] = parse(path.read_text(encoding="utf-8"))
        except (UnicodeDecodeError, WrongPrompt) as error:
            found.append(f"{name}: {error}.")
    for name, template in templates.items():
        found += [f"{name}: {problem}." for problem in _unfit(name, template)]
    return found + _unexplained_growth(templates, {n: line.tokens for n, line in lines.items()})


def require_sound() -> None:
    """End the process, naming the file, when a prompt file is not as it was released."""
    wrong = problems()
    if wrong:
        raise WrongPromptFiles(wrong)


def growth(template: PromptTemplate, tokens: Mapping[str, int]) -> float | None:
    """Return by which share it is longer than the version before; None for a first version."""
    earlier = [int(v) for v in _versions(template.name, tokens) if int(v) < int(template.version)]
    if not earlier:
        return None
    before = tokens[f"{template.name}_v{max(earlier)}.md"]
    return tokens[f"{template.name}_v{template.version}.md"] / before - 1


def _versions(name: str, tokens: Mapping[str, int]) -> list[str]:
    beginning = f"{name}_v"
    stems = [file.removesuffix(".md") for file in tokens if file.startswith(beginning)]
    return [
        stem.removeprefix(beginning) for stem in stems if stem.removeprefix(beginning).isdecimal()
    ]


def _unfit(name: str, template: PromptTemplate) -> list[str]:
    found = []
    if name != f"{template.name}_v{template.version}.md":
        found.append(f"its head names it {template.label}")
    if template.name not in GIVEN:
        return [*found, f"no code gives variables to a prompt called {template.name!r}"]
    always, perhaps = GIVEN[template.name]
    missing, unknown = always - template.variables, template.variables - always - perhaps
    if missing:
        found.append(f"the variable {', '.join(sorted(missing))} is missing")
    if unknown:
        found.append(f"nothing gives the variable {', '.join(sorted(unknown))}")
    return found


def _unexplained_growth(
    templates: Mapping[str, PromptTemplate], tokens: Mapping[str, int]
) -> list[str]:
    found = []
    for name, template in templates.items():
        by = growth(template, tokens) if name in tokens and template.version.isdecimal() else None
        if by is not None and by > MOST_GROWTH and not template.note:
            found.append(
                f"{name} has {by:.0%} more tokens than the version before: say why in its head "
                "(note)."
            )
    return found
