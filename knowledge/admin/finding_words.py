"""What stood out in a file, in sentences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from guardrails.instruction_reasons import IN_WORDS

MOST_CHARACTERS = 400
SENTENCES = {
    "instruction": "A sentence instructs the assistant instead of informing customers.",
    "comment": "A comment that readers do not see was left out.",
    "hidden_part": "A part that the page hides from its readers was left out.",
    "same_colour": "Text in the colour of its background was left out.",
    "tiny_text": "Text too small to read was left out.",
    "off_screen": "Text placed outside the visible page was left out.",
    "invisible_text": "Text that is set to be invisible was left out.",
    "hidden_sheet": "A hidden sheet was left out.",
    "hidden_cells": "Hidden rows or columns were left out.",
    "hidden_slide": "A hidden slide was left out.",
    "hidden_characters": "Characters that nobody sees were removed.",
    "pages_need_ocr": (
        "Some pages are pictures of text and could not be read. Install Tesseract, then press "
        "Read again."
    ),
    "macros": "The file has macros. They were neither run nor read.",
}

_REASONS: dict[str, str] = {reason.value: words for reason, words in IN_WORDS.items()}


@dataclass(frozen=True, slots=True)
class Said:
    """A finding in words. `detail` is what the file holds or a note on it; untrusted.

    `placed`: it stands in the text that is searched, where it can be marked.
    """

    sentence: str
    detail: str = ""
    holds: bool = False
    placed: bool = False


def in_words(finding: Any) -> Said:
    """Return a stored finding in words; a code without a sentence is shown as it is."""
    if not isinstance(finding, dict):
        return Said(str(finding)[:MOST_CHARACTERS])
    code = str(finding.get("code") or "unnamed")
    detail = str(finding.get("detail") or "")
    if len(detail) > MOST_CHARACTERS:
        detail = f"{detail[:MOST_CHARACTERS]}…"
    placed = isinstance(finding.get("start"), int)
    return Said(_sentence(code, finding), detail, bool(finding.get("holds")), placed)


def _sentence(code: str, finding: dict[str, Any]) -> str:
    reason = _REASONS.get(str(finding.get("reason") or ""))
    if code == "instruction" and reason:
        return f"A sentence {reason}."
    return SENTENCES.get(code, code)
