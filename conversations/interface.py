"""The chat's own words in each language. One file a language, conversations/interface_words/."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from conversations.sites.languages import DEFAULT, LANGUAGES

FOLDER = Path(__file__).resolve().parent / "interface_words"
# Parts that the page's scripts read; `page` is for the templates, `widget` for the loader.
FOR_SCRIPTS = ("texts", "stages", "confidence", "reasons", "kinds", "notices", "errors")


@cache
def words(language: str) -> Mapping[str, Mapping[str, Any]]:
    """Return all words of a language; what it lacks is English."""
    english = _read(DEFAULT)
    if language == DEFAULT or language not in LANGUAGES:
        return english
    own = _read(language)
    return {part: {**known, **own.get(part, {})} for part, known in english.items()}


@cache
def for_scripts(language: str) -> str:
    """Return what the page's scripts read, as JSON."""
    known = words(language)
    return json.dumps({part: known[part] for part in FOR_SCRIPTS}, ensure_ascii=False)


def _read(language: str) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = json.loads(
        (FOLDER / f"{language}.json").read_text(encoding="utf-8")
    )
    return found
