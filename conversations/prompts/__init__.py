"""Prompt files: immutable once released, named by version. The lock file: released.py."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

FOLDER = Path(__file__).resolve().parent
_PART = re.compile(r"^=== (system|user) ===\n", re.MULTILINE)
_VARIABLE = re.compile(r"\{\{ ?([a-z_]+) ?\}\}")


class WrongPrompt(Exception):
    """A prompt file is missing, malformed, or rendered with the wrong variables."""


@dataclass(frozen=True, slots=True)
class PromptTemplate:
    """A prompt file: its two parts and the variables each rendering must give.

    `note` says why it is much longer than the version before, where it is.
    """

    name: str
    version: str
    variables: frozenset[str]
    system: str
    user: str
    note: str = ""

    @property
    def label(self) -> str:
        """Return what is stored with an answer, for example "answer@1"."""
        return f"{self.name}@{self.version}"

    def render(self, values: Mapping[str, str]) -> tuple[str, str]:
        """Return (system, user). Raises WrongPrompt when variables are missing or unknown."""
        if set(values) != self.variables:
            wrong = sorted(self.variables ^ set(values))
            raise WrongPrompt(f"{self.label}: missing or unknown variables {', '.join(wrong)}")
        return _fill(self.system, values), _fill(self.user, values)


def _fill(text: str, values: Mapping[str, str]) -> str:
    # One pass, so that braces inside a value are never read as a variable.
    return _VARIABLE.sub(lambda match: values[match[1]], text)


def parse(text: str) -> PromptTemplate:
    """Read a prompt file's text. Raises WrongPrompt with what is wrong."""
    try:
        _, head, body = text.split("---\n", 2)
        meta = yaml.safe_load(head)
        parts = _PART.split(body)
        texts = dict(zip(parts[1::2], (part.strip() for part in parts[2::2]), strict=True))
        template = PromptTemplate(
            name=str(meta["name"]),
            version=str(meta["version"]),
            variables=frozenset(meta["variables"]),
            system=texts["system"],
            user=texts["user"],
            note=str(meta.get("note", "")),
        )
    except (ValueError, KeyError, TypeError, yaml.YAMLError) as error:
        raise WrongPrompt(f"a prompt file is malformed: {error!r}") from error
    used = set(_VARIABLE.findall(template.system + template.user))
    if used != template.variables:
        raise WrongPrompt(f"{template.label}: declared and used variables differ")
    return template


@cache
def load(name: str) -> PromptTemplate:
    """Read the prompt file `name` (for example "answer_v1"). Raises WrongPrompt."""
    path = FOLDER / f"{name}.md"
    if not path.is_file():
        raise WrongPrompt(f"there is no prompt file {path.name}")
    return parse(path.read_text(encoding="utf-8"))
